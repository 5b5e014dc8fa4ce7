/* SPDX-License-Identifier: MIT */
#include "fake_can.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fake_can fake_can = { .bus = -1 };

static bool find(const struct can_wish *wish, char name[IFNAMSIZ])
{
	g_strlcpy(name, wish->interface[0] ? wish->interface : "can7", IFNAMSIZ);
	g_mutex_lock(&fake_can.lock);
	const bool is_there = fake_can.is_there;
	g_mutex_unlock(&fake_can.lock);
	return is_there;
}

static int open_locked(const char *name, bool restart, struct can_link *link, GError **error)
{
	int pair[2];

	fake_can.openings++;
	fake_can.restart_openings += restart;
	if (fake_can.refuses) {
		g_set_error(error, CAN_LINK_ERROR, CAN_LINK_ERROR_SETUP, "%s is in a bad mood", name);
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) < 0)
		g_error("no socket pair");
	if (fake_can.bus >= 0)
		close(fake_can.bus);
	fake_can.bus = pair[1];
	*link = (struct can_link){ .has_controller = true, .restarts = fake_can.restarts };
	return pair[0];
}

static int open_pair(const char *name, const struct can_wish *wish, bool restart,
		     const struct can_filter *filters, size_t count, struct can_link *link,
		     GError **error)
{
	g_mutex_lock(&fake_can.lock);
	fake_can.wish = *wish;

	const int fd = open_locked(name, restart, link, error);

	g_mutex_unlock(&fake_can.lock);
	return fd;
}

const struct can_port_ops *fake_can_ops(void)
{
	static const struct can_port_ops ops = {
		.find = find,
		.open = open_pair,
		.second_us = FAKE_SECOND_US,
	};

	return &ops;
}

void fake_can_plug(void)
{
	g_mutex_lock(&fake_can.lock);
	fake_can.is_there = true;
	g_mutex_unlock(&fake_can.lock);
}

void fake_can_unplug(void)
{
	g_mutex_lock(&fake_can.lock);
	fake_can.is_there = false;
	if (fake_can.bus >= 0)
		close(fake_can.bus);
	fake_can.bus = -1;
	g_mutex_unlock(&fake_can.lock);
}

void fake_can_inject(canid_t id, const char *hex)
{
	struct can_frame frame = { .can_id = id, .can_dlc = (__u8) (strlen(hex) / 2) };

	for (unsigned i = 0; i < frame.can_dlc; i++) {
		unsigned byte = 0;

		if (sscanf(hex + 2 * (size_t) i, "%2x", &byte) != 1)
			g_error("no byte in %s", hex);
		frame.data[i] = (__u8) byte;
	}
	if (write(fake_can.bus, &frame, sizeof(frame)) != (ssize_t) sizeof(frame))
		g_error("the bus takes nothing");
}

bool fake_can_next(struct can_frame *frame)
{
	return read(fake_can.bus, frame, sizeof(*frame)) == (ssize_t) sizeof(*frame);
}

static gboolean on_tick(void *user)
{
	return G_SOURCE_CONTINUE;
}

bool fake_can_wait(bool (*done)(void *), void *user)
{
	const gint64 end_us = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
	const guint tick = g_timeout_add(2, on_tick, NULL);
	bool is_done;

	while (!(is_done = done(user)) && g_get_monotonic_time() < end_us)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(tick);
	return is_done;
}

void fake_can_pass(double seconds)
{
	const gint64 end_us = g_get_monotonic_time() + (gint64) (seconds * FAKE_SECOND_US);
	const guint tick = g_timeout_add(1, on_tick, NULL);

	while (g_get_monotonic_time() < end_us)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(tick);
}
