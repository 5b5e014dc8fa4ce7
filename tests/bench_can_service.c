/* SPDX-License-Identifier: MIT */
/*
 * bench_can_service LINK CAPTURE BUS FAULTS - how long an urgent change takes to CAN
 *
 * A BMS at wire speed at LINK, and an inverter at the socket BUS (see
 * standin/can_port_kernel.c). Each time the battery allows charging, the status
 * goes to Fault a little later, at no fixed time of the period. Printed is how
 * long the first frame of the set that stops it took from the last byte of the
 * answer on. It ends after FAULTS of them.
 */
#include <linux/can.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench_bms.h"

enum { LIMITS = 0x351, CALM_MS = 200, PERIOD_MS = 1000 };

struct bench {
	struct bench_bms bms;
	bool is_fault;
	unsigned wanted, count;
	double taken_ms[BENCH_CHANGES_MAX];
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

static void take_limits(struct bench *b, const struct can_frame *frame, gint64 now_us)
{
	const bool may_charge = frame->data[2] || frame->data[3];

	if (may_charge && !b->is_fault) {
		g_usleep((gulong) (CALM_MS + g_random_int_range(0, PERIOD_MS)) * 1000);
		bench_bms_take_change(&b->bms); /* that of the way back */
		b->is_fault = true;
		bench_bms_set_fault(&b->bms, true);
	} else if (!may_charge && b->is_fault) {
		const gint64 changed_us = bench_bms_take_change(&b->bms);

		if (changed_us && now_us > changed_us)
			b->taken_ms[b->count++] = (double) (now_us - changed_us) / 1e3;
		b->is_fault = false;
		bench_bms_set_fault(&b->bms, false);
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct can_frame frame;

	if (argc < 5) {
		fprintf(stderr, "usage: bench_can_service LINK CAPTURE BUS FAULTS\n");
		return 2;
	}
	b.wanted = (unsigned) CLAMP(atoi(argv[4]), 1, BENCH_CHANGES_MAX);
	bench_bms_start(&b.bms, argv[1], argv[2]);
	const int fd = accept_service(argv[3]);

	while (b.count < b.wanted && read(fd, &frame, sizeof(frame)) == (ssize_t) sizeof(frame))
		if (frame.can_id == LIMITS)
			take_limits(&b, &frame, g_get_monotonic_time());
	if (b.count > 0)
		bench_bms_tell("the first frame on the socket", b.taken_ms, b.count);
	unlink(argv[1]);
	unlink(argv[3]);
	return b.count == b.wanted ? 0 : 1;
}
