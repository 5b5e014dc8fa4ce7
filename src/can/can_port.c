/* SPDX-License-Identifier: MIT */
#include "can/can_port.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/can/error.h>
#include <string.h>
#include <unistd.h>

enum {
	FRAMES_A_TURN = 64,  /* a flood leaves the main loop to others in between */
	QUICK_RETRIES = 10,  /* one second apart, then farther */
	RESTART_LIMIT_S = 5, /* for a driver that restarts by itself */
	PASSIVE_BITS = CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE,
};

/* The opening of one interface: belongs to the thread, then to the main loop. */
struct opening {
	struct can_port *port; /* NULL: not wanted any more; touched by the main loop only */
	const struct can_port_ops *ops;
	GMainContext *context;
	struct can_wish wish;
	char name[IFNAMSIZ];
	bool restart;
	struct can_filter filters[CAN_PORT_FILTERS_MAX];
	size_t filter_count;

	int fd;
	struct can_link link;
	GError *error;
};

struct can_port {
	struct can_wish wish;
	struct can_filter filters[CAN_PORT_FILTERS_MAX];
	size_t filter_count;
	const struct can_port_ops *ops;
	const struct can_port_events *events;
	void *user;

	enum can_port_state state;
	bool is_allowed;
	char name[IFNAMSIZ];
	char sentence[CAN_PORT_SENTENCE_BYTES];
	struct can_port_counters counters;

	int fd;
	guint watch;
	struct opening *opening;
	struct can_link link;
	guint timer;	   /* the next look, restart or end of a rest; 0 = none */
	unsigned failures; /* in a row */
	unsigned bus_offs; /* in a row */
	gint64 bus_off_us; /* the last one */
	guint telling;	   /* idle source that calls changed() */
};

const char *can_port_state_text(enum can_port_state state)
{
	static const char *const texts[] = {
		[CAN_PORT_HELD] = "held",	[CAN_PORT_ABSENT] = "absent",
		[CAN_PORT_OPENING] = "opening", [CAN_PORT_FAILED] = "failed",
		[CAN_PORT_ACTIVE] = "active",	[CAN_PORT_PASSIVE] = "error-passive",
		[CAN_PORT_BUS_OFF] = "bus-off",
	};

	return texts[state];
}

/* ---- telling ------------------------------------------------------------------------ */

static gboolean on_telling(void *user)
{
	struct can_port *p = user;

	p->telling = 0;
	p->events->changed(p->user);
	return G_SOURCE_REMOVE;
}

static G_GNUC_PRINTF(3, 4) void turn(struct can_port *p, enum can_port_state state,
				     const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_vsnprintf(p->sentence, sizeof(p->sentence), format, arguments);
	va_end(arguments);
	p->state = state;
	if (!p->telling)
		p->telling = g_idle_add_full(G_PRIORITY_DEFAULT, on_telling, p, NULL);
}

/* ---- timers ------------------------------------------------------------------------- */

static void look(struct can_port *p, bool restart);

static void stop_timer(struct can_port *p)
{
	if (p->timer)
		g_source_remove(p->timer);
	p->timer = 0;
}

static void start_timer(struct can_port *p, unsigned seconds, GSourceFunc fn)
{
	const gint64 ms = seconds * p->ops->second_us / 1000;

	stop_timer(p);
	p->timer = g_timeout_add((guint) MAX(ms, 1), fn, p);
}

static gboolean on_retry(void *user)
{
	struct can_port *p = user;

	p->timer = 0;
	look(p, false);
	return G_SOURCE_REMOVE;
}

static gboolean on_restart(void *user)
{
	struct can_port *p = user;

	p->timer = 0;
	look(p, true);
	return G_SOURCE_REMOVE;
}

static void retry_later(struct can_port *p)
{
	const unsigned late = p->failures > QUICK_RETRIES ? p->failures - QUICK_RETRIES : 0;

	p->failures++;
	start_timer(p, MIN(1 + late, CAN_PORT_RETRY_MAX_S), on_retry);
}

static void close_socket(struct can_port *p)
{
	if (p->watch)
		g_source_remove(p->watch);
	p->watch = 0;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void fail(struct can_port *p, const char *why)
{
	close_socket(p);
	p->counters.errors++;
	turn(p, CAN_PORT_FAILED, "%s", why);
	retry_later(p);
}

static void fail_errno(struct can_port *p, int saved_errno)
{
	g_autofree char *why =
		saved_errno == ENETDOWN ? g_strdup_printf("%s was taken down by somebody", p->name)
		: saved_errno == ENODEV || saved_errno == ENXIO
			? g_strdup_printf("%s was unplugged", p->name)
			: g_strdup_printf("%s has failed: %s", p->name, g_strerror(saved_errno));

	fail(p, why);
}

/* ---- bus-off and error-passive ------------------------------------------------------ */

/* Seconds to leave the bus in peace: 1, 2, 4 ... after each bus-off in a row. */
static unsigned rest_s(const struct can_port *p)
{
	const unsigned doublings = MIN(p->bus_offs > 0 ? p->bus_offs - 1 : 0, 6);

	return MIN(1U << doublings, CAN_PORT_REST_MAX_S);
}

static void turn_bus_off(struct can_port *p)
{
	const gint64 now_us = g_get_monotonic_time();

	if (p->state == CAN_PORT_BUS_OFF) { /* again, before its rest was over */
		start_timer(p, rest_s(p), on_restart);
		return;
	}
	if (now_us - p->bus_off_us > CAN_PORT_CALM_S * p->ops->second_us)
		p->bus_offs = 0;
	p->bus_offs++;
	p->bus_off_us = now_us;
	p->counters.errors++;
	turn(p, CAN_PORT_BUS_OFF,
	     "%s is bus-off: look at bit rate (%u kbit/s), CAN-H and CAN-L, and both terminators",
	     p->name, p->wish.bit_rate / 1000);
	/* the driver's own restart may come before; without one it is ours */
	start_timer(p, p->link.restarts ? MAX(rest_s(p), RESTART_LIMIT_S) : rest_s(p), on_restart);
}

static void turn_passive(struct can_port *p)
{
	if (p->state != CAN_PORT_ACTIVE)
		return;
	p->counters.errors++;
	turn(p, CAN_PORT_PASSIVE,
	     "%s is error-passive: nobody acknowledges; look at the cable, the bit rate "
	     "(%u kbit/s) and whether the other side is on",
	     p->name, p->wish.bit_rate / 1000);
}

static void turn_active(struct can_port *p)
{
	turn(p, CAN_PORT_ACTIVE, "%s", "");
}

static gboolean on_rested(void *user)
{
	struct can_port *p = user;

	p->timer = 0;
	turn_active(p);
	return G_SOURCE_REMOVE;
}

static void take_error_frame(struct can_port *p, const struct can_frame *frame)
{
	if (frame->can_id & CAN_ERR_BUSOFF)
		turn_bus_off(p);
	else if (frame->can_id & CAN_ERR_RESTARTED)
		start_timer(p, rest_s(p), on_rested);
	else if (!(frame->can_id & CAN_ERR_CRTL) || p->state == CAN_PORT_BUS_OFF)
		return;
	else if (frame->data[1] & PASSIVE_BITS)
		turn_passive(p);
	else if (p->state == CAN_PORT_PASSIVE && frame->data[1] != 0 &&
		 !(frame->data[1] & (CAN_ERR_CRTL_RX_OVERFLOW | CAN_ERR_CRTL_TX_OVERFLOW)))
		turn_active(p);
}

/* ---- the socket --------------------------------------------------------------------- */

/* One frame; false when there is none, or no socket any more. */
static bool take_frame(struct can_port *p)
{
	struct can_frame frame = { 0 };
	const ssize_t got = read(p->fd, &frame, sizeof(frame));

	if (got == (ssize_t) sizeof(frame)) {
		if (frame.can_id & CAN_ERR_FLAG) {
			take_error_frame(p, &frame);
		} else if (frame.can_dlc <= CAN_MAX_DLEN) {
			p->counters.received++;
			p->events->heard(&frame, p->user);
		}
		return true;
	}
	if (got < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		fail_errno(p, errno);
	else if (got == 0)
		fail_errno(p, ENODEV);
	return false;
}

static gboolean on_readable(int fd, GIOCondition condition, void *user)
{
	struct can_port *p = user;

	for (unsigned i = 0; i < FRAMES_A_TURN; i++)
		if (!take_frame(p))
			break;
	return p->fd == fd ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

enum can_port_sent can_port_send(struct can_port *p, const struct can_frame *frame)
{
	if (p->state != CAN_PORT_ACTIVE && p->state != CAN_PORT_PASSIVE)
		return CAN_PORT_NOT_READY;
	if (write(p->fd, frame, sizeof(*frame)) == (ssize_t) sizeof(*frame)) {
		p->counters.sent++;
		return CAN_PORT_SENT;
	}
	if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) {
		p->counters.refused++;
		return CAN_PORT_FULL;
	}
	fail_errno(p, errno);
	return CAN_PORT_NOT_READY;
}

/* ---- opening ------------------------------------------------------------------------ */

static void opening_free(struct opening *o)
{
	if (o->fd >= 0)
		close(o->fd);
	g_main_context_unref(o->context);
	g_clear_error(&o->error);
	g_free(o);
}

static void enter(struct can_port *p, struct opening *o)
{
	p->fd = o->fd;
	o->fd = -1;
	p->link = o->link;
	p->failures = 0;
	p->counters.openings++;
	p->watch = g_unix_fd_add(p->fd, G_IO_IN | G_IO_ERR | G_IO_HUP, on_readable, p);
	turn_active(p);
	if (o->link.is_passive)
		turn_passive(p);
	if (o->link.is_bus_off)
		turn_bus_off(p);
}

static gboolean on_opened(void *user)
{
	struct opening *o = user;
	struct can_port *p = o->port;

	if (p)
		p->opening = NULL;
	if (p && o->fd >= 0)
		enter(p, o);
	else if (p)
		fail(p, o->error ? o->error->message : "the interface cannot be opened");
	opening_free(o);
	return G_SOURCE_REMOVE;
}

static void *opening_run(void *data)
{
	struct opening *o = data;
	GSource *done = g_idle_source_new();

	o->fd = o->ops->open(o->name, &o->wish, o->restart, o->filters, o->filter_count, &o->link,
			     &o->error);
	g_source_set_priority(done, G_PRIORITY_DEFAULT);
	g_source_set_callback(done, on_opened, o, NULL);
	g_source_attach(done, o->context);
	g_source_unref(done);
	return NULL;
}

static void start_opening(struct can_port *p, bool restart)
{
	struct opening *o = g_new0(struct opening, 1);
	GError *error = NULL;
	GThread *thread;

	o->port = p;
	o->ops = p->ops;
	o->context = g_main_context_ref_thread_default();
	o->wish = p->wish;
	o->restart = restart;
	o->fd = -1;
	o->filter_count = p->filter_count;
	memcpy(o->filters, p->filters, sizeof(o->filters));
	g_strlcpy(o->name, p->name, sizeof(o->name));
	thread = g_thread_try_new("can-open", opening_run, o, &error);
	if (!thread) {
		fail(p, error->message);
		g_clear_error(&error);
		opening_free(o);
		return;
	}
	g_thread_unref(thread);
	p->opening = o;
}

/* Is the interface there? Then set it up; @restart stops it first. */
static void look(struct can_port *p, bool restart)
{
	char name[IFNAMSIZ];

	close_socket(p);
	if (!p->is_allowed || p->opening)
		return;
	if (p->ops->find(&p->wish, name)) {
		g_strlcpy(p->name, name, sizeof(p->name));
		/* what was wrong is still wrong until it is open */
		if (!restart)
			p->state = CAN_PORT_OPENING;
		start_opening(p, restart);
	} else {
		if (p->wish.usb_serial[0])
			turn(p, CAN_PORT_ABSENT,
			     "no CAN adapter with the serial number %s is there",
			     p->wish.usb_serial);
		else
			turn(p, CAN_PORT_ABSENT, "the CAN interface %s is not there",
			     p->wish.interface);
		retry_later(p);
	}
}

void can_port_allow(struct can_port *p, bool is_allowed)
{
	if (p->is_allowed == is_allowed)
		return;
	p->is_allowed = is_allowed;
	stop_timer(p);
	if (is_allowed) {
		p->failures = p->bus_offs = 0;
		look(p, false);
		return;
	}
	close_socket(p);
	if (p->opening)
		p->opening->port = NULL;
	p->opening = NULL;
	turn(p, CAN_PORT_HELD, "%s", "");
}

/* ---- life --------------------------------------------------------------------------- */

struct can_port *can_port_new(const struct can_wish *wish, const struct can_filter *filters,
			      size_t count, const struct can_port_ops *ops,
			      const struct can_port_events *events, void *user)
{
	struct can_port *p = g_new0(struct can_port, 1);

	p->wish = *wish;
	p->filter_count = MIN(count, CAN_PORT_FILTERS_MAX);
	memcpy(p->filters, filters, p->filter_count * sizeof(*filters));
	p->ops = ops;
	p->events = events;
	p->user = user;
	p->fd = -1;
	g_strlcpy(p->name, wish->interface, sizeof(p->name));
	return p;
}

void can_port_free(struct can_port *p)
{
	if (!p)
		return;
	can_port_allow(p, false);
	stop_timer(p);
	if (p->telling)
		g_source_remove(p->telling);
	g_free(p);
}

enum can_port_state can_port_state(const struct can_port *p)
{
	return p->state;
}

const char *can_port_name(const struct can_port *p)
{
	return p->name;
}

const char *can_port_sentence(const struct can_port *p)
{
	return p->sentence;
}

const struct can_port_counters *can_port_counters(const struct can_port *p)
{
	return &p->counters;
}
