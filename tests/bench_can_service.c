/* SPDX-License-Identifier: MIT */
/*
 * bench_can_service LINK CAPTURE BUS CHANGES - how long an urgent change takes to CAN
 *
 * A BMS at wire speed at LINK, and an inverter at the socket BUS (see
 * standin/can_port_kernel.c). Each time the battery allows charging, a little later,
 * at no fixed time of the period, the status goes to Fault or a cell runs over its
 * cut-off, in turn. Printed is for each how long the first frame of the set that
 * stops charging took from the last byte of the answer on. It ends after CHANGES of
 * either kind.
 */
#include <linux/can.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench_bms.h"

enum { LIMITS = 0x351, CALM_MS = 200, PERIOD_MS = 1000 };

static const struct {
	enum bench_state state;
	const char *name;
} kinds[] = {
	{ BENCH_FAULT, "the first frame on the socket, a fault" },
	{ BENCH_CELL_OVER, "the first frame on the socket, a cell that ran over" },
};

struct bench {
	struct bench_bms bms;
	bool is_changed;
	unsigned kind; /* of the change now, or of the next */
	unsigned wanted, count[G_N_ELEMENTS(kinds)];
	double taken_ms[G_N_ELEMENTS(kinds)][BENCH_CHANGES_MAX];
};

static int accept_service(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	unlink(path);
	if (fd < 0 || bind(fd, (const struct sockaddr *) &address, sizeof(address)) != 0 ||
	    listen(fd, 1) != 0) {
		perror(path);
		exit(1);
	}
	const int peer = accept(fd, NULL, NULL);

	close(fd);
	return peer;
}

static void change(struct bench *b)
{
	g_usleep((gulong) (CALM_MS + g_random_int_range(0, PERIOD_MS)) * 1000);
	bench_bms_take_change(&b->bms); /* that of the way back */
	b->is_changed = true;
	bench_bms_set(&b->bms, kinds[b->kind].state);
}

static void end_change(struct bench *b, gint64 now_us)
{
	const gint64 changed_us = bench_bms_take_change(&b->bms);

	if (changed_us && now_us > changed_us)
		b->taken_ms[b->kind][b->count[b->kind]++] = (double) (now_us - changed_us) / 1e3;
	b->is_changed = false;
	b->kind = (b->kind + 1) % G_N_ELEMENTS(kinds);
	bench_bms_set(&b->bms, BENCH_CALM);
}

static void take_limits(struct bench *b, const struct can_frame *frame, gint64 now_us)
{
	const bool may_charge = frame->data[2] || frame->data[3];

	if (may_charge && !b->is_changed)
		change(b);
	else if (!may_charge && b->is_changed)
		end_change(b, now_us);
}

static bool is_done(const struct bench *b)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (b->count[i] < b->wanted)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct can_frame frame;

	if (argc < 5) {
		fprintf(stderr, "usage: bench_can_service LINK CAPTURE BUS CHANGES\n");
		return 2;
	}
	b.wanted = (unsigned) CLAMP(atoi(argv[4]), 1, BENCH_CHANGES_MAX / 2);
	bench_bms_start(&b.bms, argv[1], argv[2]);
	const int fd = accept_service(argv[3]);

	while (!is_done(&b) && read(fd, &frame, sizeof(frame)) == (ssize_t) sizeof(frame))
		if (frame.can_id == LIMITS)
			take_limits(&b, &frame, g_get_monotonic_time());
	for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (b.count[i] > 0)
			bench_bms_tell(kinds[i].name, b.taken_ms[i], b.count[i]);
	unlink(argv[1]);
	unlink(argv[3]);
	return is_done(&b) ? 0 : 1;
}
