/* SPDX-License-Identifier: MIT */
#include "sim/tty_line.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "sim/tty_node.h"

enum {
	LOT_US = 1000,	     /* real: bytes leave in lots of a millisecond */
	TICK_MIN_MS = 20,    /* real: how often the model is looked after without traffic */
	ABSENT_POLL_MS = 10, /* is there a program that opened the pty? */
	READ_MAX = 512,
};

struct tty_line {
	struct simulator *s;
	const struct clock *clock;
	char *link_path; /* (owned, nullable) of a pty */
	char *device;	 /* (owned) */
	int fd;		 /* -1: unplugged */
	int timer_fd;
	guint input, timer, tick, absent; /* sources */
};

static bool open_pty(struct tty_line *line, GError **error)
{
	g_free(line->device);
	line->fd = tty_node_open_pty(&line->device, error);
	return line->fd >= 0 && tty_node_link(line->device, line->link_path, error);
}

static void unlink_pty(const struct tty_line *line)
{
	if (line->link_path && line->device)
		tty_node_unlink(line->device, line->link_path);
}

/* ---- bytes ----------------------------------------------------------------------- */

static gboolean on_input(int fd, GIOCondition condition, gpointer user);
static gboolean on_absent(gpointer user);

static void stop_source(guint *source)
{
	if (*source)
		g_source_remove(*source);
	*source = 0;
}

static void send_due(struct tty_line *line, gint64 now_us)
{
	uint8_t bytes[READ_MAX];
	size_t count;

	while ((count = simulator_take(line->s, now_us, bytes, sizeof(bytes))) > 0) {
		/* Nobody there, or too slow to take it: lost, as on a wire. */
		if (line->fd >= 0 && !line->absent && write(line->fd, bytes, count) < 0 &&
		    errno != EAGAIN && errno != EIO)
			g_warning("%s: %s", line->device, g_strerror(errno));
	}
}

static void arm(struct tty_line *line, gint64 now_us)
{
	const gint64 lot_us = (gint64) (LOT_US * line->clock->scale);
	const gint64 next_us = simulator_next_us(line->s, now_us, lot_us);
	struct itimerspec when = { { 0, 0 }, { 0, 0 } };

	if (next_us < G_MAXINT64) {
		const gint64 wait_us = MAX(clock_real_us(line->clock, next_us - now_us), 1);

		when.it_value.tv_sec = wait_us / G_USEC_PER_SEC;
		when.it_value.tv_nsec = wait_us % G_USEC_PER_SEC * 1000;
	}
	timerfd_settime(line->timer_fd, 0, &when, NULL);
}

static void close_pty(struct tty_line *line)
{
	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
}

/* The adapter is pulled: whoever has it open is hung up. */
static void unplug(struct tty_line *line)
{
	unlink_pty(line);
	stop_source(&line->input);
	stop_source(&line->absent);
	close_pty(line);
	line->s->is_unplugged = true;
	uart_drop_output(&line->s->uart);
}

static void watch(struct tty_line *line)
{
	line->input = g_unix_fd_add(line->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, line);
}

static void plug(struct tty_line *line, gint64 now_us)
{
	g_autoptr(GError) error = NULL;

	if (open_pty(line, &error)) {
		line->s->is_unplugged = false;
		watch(line);
		return;
	}
	g_warning("%s; tried again in a second", error->message);
	close_pty(line);
	line->s->unplug_us = now_us + G_USEC_PER_SEC;
}

static void follow_unplug(struct tty_line *line, gint64 now_us)
{
	const bool is_wanted = now_us < line->s->unplug_us;

	if (is_wanted == line->s->is_unplugged)
		return;
	if (!line->link_path) { /* not ours to hang up: pulled at the BMS's end */
		line->s->is_unplugged = is_wanted;
		uart_drop_output(&line->s->uart);
	} else if (is_wanted)
		unplug(line);
	else
		plug(line, now_us);
}

void tty_line_update(struct tty_line *line)
{
	const gint64 now_us = clock_now_us(line->clock);

	simulator_advance(line->s, now_us);
	follow_unplug(line, now_us);
	send_due(line, now_us);
	arm(line, now_us);
}

/* All have closed the pty: its end is always "ready" now, so look from time to time. */
static void go_absent(struct tty_line *line)
{
	line->input = 0;
	uart_drop_output(&line->s->uart);
	tty_node_forget_user(line->device);
	line->absent = g_timeout_add(ABSENT_POLL_MS, on_absent, line);
}

static gboolean on_absent(gpointer user)
{
	struct tty_line *line = user;
	struct pollfd pty = { .fd = line->fd, .events = POLLIN };

	if (poll(&pty, 1, 0) > 0 && pty.revents & POLLHUP && !(pty.revents & POLLIN))
		return G_SOURCE_CONTINUE;
	line->absent = 0;
	watch(line);
	return G_SOURCE_REMOVE;
}

static gboolean on_input(int fd, GIOCondition condition, gpointer user)
{
	struct tty_line *line = user;
	uint8_t bytes[READ_MAX];
	const ssize_t count = read(fd, bytes, sizeof(bytes));

	if (count > 0) {
		simulator_receive(line->s, bytes, (size_t) count, clock_now_us(line->clock));
		tty_line_update(line);
		return G_SOURCE_CONTINUE;
	}
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (line->link_path) {
		go_absent(line);
	} else {
		g_warning("%s: the port has vanished", line->device);
		line->input = 0;
	}
	return G_SOURCE_REMOVE;
}

static gboolean on_timer(int fd, GIOCondition condition, gpointer user)
{
	uint64_t expirations;

	if (read(fd, &expirations, sizeof(expirations)) > 0)
		tty_line_update(user);
	return G_SOURCE_CONTINUE;
}

static gboolean on_tick(gpointer user)
{
	tty_line_update(user);
	return G_SOURCE_CONTINUE;
}

/* ---- life ------------------------------------------------------------------------ */

static struct tty_line *line_new(struct simulator *s, const struct clock *clock)
{
	struct tty_line *line = g_new0(struct tty_line, 1);

	line->s = s;
	line->clock = clock;
	line->fd = -1;
	line->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	g_assert(line->timer_fd >= 0);
	line->timer = g_unix_fd_add(line->timer_fd, G_IO_IN, on_timer, line);

	const gint64 tick_ms = clock_real_us(clock, DEVICE_TICK_US) / 1000;

	line->tick = g_timeout_add((guint) MAX(tick_ms, TICK_MIN_MS), on_tick, line);
	return line;
}

struct tty_line *tty_line_new_pty(const char *link_path, struct simulator *s,
				  const struct clock *clock, GError **error)
{
	g_autoptr(tty_line) line = line_new(s, clock);

	line->link_path = g_strdup(link_path);
	if (!open_pty(line, error))
		return NULL;
	watch(line);
	return g_steal_pointer(&line);
}

struct tty_line *tty_line_new_tty(const char *path, struct simulator *s, const struct clock *clock,
				  GError **error)
{
	g_autoptr(tty_line) line = line_new(s, clock);

	line->device = g_strdup(path);
	line->fd = tty_node_open_tty(path, error);
	if (line->fd < 0)
		return NULL;
	watch(line);
	return g_steal_pointer(&line);
}

void tty_line_free(struct tty_line *line)
{
	if (!line)
		return;
	unlink_pty(line);
	stop_source(&line->input);
	stop_source(&line->absent);
	stop_source(&line->tick);
	stop_source(&line->timer);
	close(line->timer_fd);
	close_pty(line);
	g_free(line->device);
	g_free(line->link_path);
	g_free(line);
}

const char *tty_line_device(const struct tty_line *line)
{
	return line->device;
}
