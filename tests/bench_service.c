/* SPDX-License-Identifier: MIT */
/*
 * bench_service LINK CAPTURE [FAULTS] - how long a change takes to D-Bus
 *
 * A BMS at wire speed at LINK. With FAULTS it lets the status go to Fault and
 * back so many times, prints how long the D-Bus signal that tells of it took from
 * the last byte of the answer on, and ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench_bms.h"
#include "dbus/bus.h"

enum { FAULT_EVERY_MS = 700 };

struct bench {
	struct bench_bms bms;
	bool is_fault;
	GMainLoop *loop;
	unsigned wanted, count;
	double taken_ms[BENCH_CHANGES_MAX];
};

static gboolean on_toggle(void *user)
{
	struct bench *b = user;

	b->is_fault = !b->is_fault;
	bench_bms_set(&b->bms, b->is_fault ? BENCH_FAULT : BENCH_CALM);
	return G_SOURCE_CONTINUE;
}

static void on_signal(DBusMessage *signal, void *user)
{
	const gint64 now_us = g_get_monotonic_time();
	struct bench *b = user;
	const gint64 changed_us = bench_bms_take_change(&b->bms);

	if (changed_us == 0)
		return;
	b->taken_ms[b->count++] = (double) (now_us - changed_us) / 1e3;
	if (b->count == b->wanted)
		g_main_loop_quit(b->loop);
}

static void measure(struct bench *b)
{
	const struct bus_match match = { .member = "ItemsChanged", .path = "/" };
	struct bus *bus = bus_connect(NULL, NULL, NULL, NULL);

	if (!bus)
		exit(1);
	bus_subscribe(bus, &match, on_signal, b);
	g_timeout_add(FAULT_EVERY_MS, on_toggle, b);
	g_main_loop_run(b->loop);
	bench_bms_tell("the D-Bus signal", b->taken_ms, b->count);
	bus_free(bus);
}

int main(int argc, char **argv)
{
	static struct bench b;

	if (argc < 3) {
		fprintf(stderr, "usage: bench_service LINK CAPTURE [FAULTS]\n");
		return 2;
	}
	b.loop = g_main_loop_new(NULL, FALSE);
	b.wanted = argc > 3 ? (unsigned) CLAMP(atoi(argv[3]), 0, BENCH_CHANGES_MAX) : 0;
	bench_bms_start(&b.bms, argv[1], argv[2]);
	if (b.wanted)
		measure(&b);
	else
		g_main_loop_run(b.loop);
	unlink(argv[1]);
	return 0;
}
