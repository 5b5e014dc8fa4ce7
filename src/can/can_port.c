/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "can/can_port_private.h"

enum {
	FRAMES_A_TURN = 64, /* a flood leaves the main loop to others in between */
	QUICK_RETRIES = 10, /* one second apart, then farther */
};

/* ---- telling ------------------------------------------------------------------------ */

static gboolean on_telling(void *user)
{
	struct can_port *p = user;

	p->telling = 0;
	p->events->changed(p->user);
	return G_SOURCE_REMOVE;
}

void can_port_turn(struct can_port *p, enum can_port_state state, const char *format, ...)
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

void can_port_start_timer(struct can_port *p, unsigned seconds, GSourceFunc fn)
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

void can_port_restart_in(struct can_port *p, unsigned seconds)
{
	can_port_start_timer(p, seconds, on_restart);
}

static void retry_later(struct can_port *p)
{
	const unsigned late = p->failures > QUICK_RETRIES ? p->failures - QUICK_RETRIES : 0;

	p->failures++;
	can_port_start_timer(p, MIN(1 + late, CAN_PORT_RETRY_MAX_S), on_retry);
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
	can_port_turn(p, CAN_PORT_FAILED, "%s", why);
	retry_later(p);
}

static void fail_errno(struct can_port *p, int saved_errno)
{
	const bool is_gone = saved_errno == ENODEV || saved_errno == ENXIO;
	g_autofree char *why =
		saved_errno == ENETDOWN ? g_strdup_printf("%s was taken down by somebody", p->name)
		: is_gone		? g_strdup_printf("%s was unplugged", p->name)
			  : g_strdup_printf("%s has failed: %s", p->name, g_strerror(saved_errno));

	fail(p, why);
	if (is_gone)
		return;
	/* whoever did it may have set it up for himself: our bit rate would be wrong there */
	stop_timer(p);
	p->is_allowed = false;
}

/* ---- the socket --------------------------------------------------------------------- */

/* One frame; false when there is none, or no socket any more. */
static bool take_frame(struct can_port *p)
{
	struct can_frame frame = { 0 };
	const ssize_t got = read(p->fd, &frame, sizeof(frame));

	if (got == (ssize_t) sizeof(frame)) {
		if (frame.can_id & CAN_ERR_FLAG) {
			can_port_take_error(p, &frame);
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

static void enter(struct can_port *p, int fd, const struct can_link *link)
{
	p->fd = fd;
	p->link = *link;
	p->failures = 0;
	p->counters.openings++;
	p->watch = g_unix_fd_add(p->fd, G_IO_IN | G_IO_ERR | G_IO_HUP, on_readable, p);
	can_port_turn_active(p);
	if (link->is_passive)
		can_port_turn_passive(p);
	if (link->is_bus_off)
		can_port_turn_bus_off(p);
}

static void on_opened(int fd, const struct can_link *link, const char *trouble, void *user)
{
	struct can_port *p = user;

	p->opening = NULL;
	if (fd >= 0)
		enter(p, fd, link);
	else
		fail(p, trouble);
}

static void start_opening(struct can_port *p, bool restart)
{
	struct can_opening_wish wish = {
		.ops = p->ops,
		.wish = p->wish,
		.restart = restart,
		.filter_count = p->filter_count,
	};
	g_autoptr(GError) error = NULL;

	memcpy(wish.filters, p->filters, sizeof(wish.filters));
	g_strlcpy(wish.name, p->name, sizeof(wish.name));
	p->opening = can_opening_start(&wish, on_opened, p, &error);
	if (!p->opening)
		fail(p, error->message);
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
			can_port_turn(p, CAN_PORT_ABSENT,
				      "no CAN adapter with the serial number %s is there",
				      p->wish.usb_serial);
		else
			can_port_turn(p, CAN_PORT_ABSENT, "the CAN interface %s is not there",
				      p->wish.interface);
		retry_later(p);
	}
}

void can_port_allow(struct can_port *p, bool is_allowed)
{
	if (p->is_allowed == is_allowed && (is_allowed || p->state == CAN_PORT_HELD))
		return;
	p->is_allowed = is_allowed;
	stop_timer(p);
	if (is_allowed) {
		p->failures = p->bus_offs = 0;
		look(p, false);
		return;
	}
	close_socket(p);
	can_opening_forget(p->opening);
	p->opening = NULL;
	can_port_turn(p, CAN_PORT_HELD, "%s", "");
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

bool can_port_awaits_leave(const struct can_port *p)
{
	return !p->is_allowed && p->state == CAN_PORT_FAILED;
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
