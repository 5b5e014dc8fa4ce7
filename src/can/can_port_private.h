/* SPDX-License-Identifier: MIT */
/* can_port_private - what the parts of a port share */
#pragma once

#include "can/can_opening.h"
#include "can/can_port.h"

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
	struct can_opening *opening;
	struct can_link link;
	guint timer;	   /* the next look, restart or end of a rest; 0 = none */
	unsigned failures; /* in a row */
	unsigned bus_offs; /* in a row */
	gint64 bus_off_us; /* the last one */
	guint telling;	   /* idle source that calls changed() */
};

/* ---- can_port.c ---- */

/** Another state, and what is wrong in it. */
void can_port_turn(struct can_port *p, enum can_port_state state, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
/** Look for the interface again in so many seconds, and restart it. */
void can_port_restart_in(struct can_port *p, unsigned seconds);
/** Or call @fn then; it clears p->timer. */
void can_port_start_timer(struct can_port *p, unsigned seconds, GSourceFunc fn);

/* ---- can_port_errors.c ---- */

void can_port_turn_active(struct can_port *p);
void can_port_turn_passive(struct can_port *p);
void can_port_turn_bus_off(struct can_port *p);
/** What the controller says of itself (linux/can/error.h). */
void can_port_take_error(struct can_port *p, const struct can_frame *frame);
