/* SPDX-License-Identifier: MIT */
/* can_port_errors - a controller that is error-passive or bus-off, and its way back */
#include <linux/can/error.h>

#include "can/can_port_private.h"

enum {
	RESTART_LIMIT_S = 5, /* for a driver that restarts by itself */
	PASSIVE_BITS = CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE,
};

/* Seconds to leave the bus in peace: 1, 2, 4 ... after each bus-off in a row. */
static unsigned rest_s(const struct can_port *p)
{
	const unsigned doublings = MIN(p->bus_offs > 0 ? p->bus_offs - 1 : 0, 6);

	return MIN(1U << doublings, CAN_PORT_REST_MAX_S);
}

void can_port_turn_bus_off(struct can_port *p)
{
	const gint64 now_us = g_get_monotonic_time();

	if (p->state == CAN_PORT_BUS_OFF) { /* again, before its rest was over */
		can_port_restart_in(p, rest_s(p));
		return;
	}
	if (now_us - p->bus_off_us > CAN_PORT_CALM_S * p->ops->second_us)
		p->bus_offs = 0;
	p->bus_offs++;
	p->bus_off_us = now_us;
	p->counters.errors++;
	can_port_turn(p, CAN_PORT_BUS_OFF,
		      "%s is bus-off: look at bit rate (%u kbit/s), CAN-H and CAN-L, and both "
		      "terminators",
		      p->name, p->wish.bit_rate / 1000);
	/* the driver's own restart may come before; without one it is ours */
	can_port_restart_in(p, p->link.restarts ? MAX(rest_s(p), RESTART_LIMIT_S) : rest_s(p));
}

void can_port_turn_passive(struct can_port *p)
{
	if (p->state != CAN_PORT_ACTIVE)
		return;
	p->counters.errors++;
	can_port_turn(p, CAN_PORT_PASSIVE,
		      "%s is error-passive: nobody acknowledges; look at the cable, the bit rate "
		      "(%u kbit/s) and whether the other side is on",
		      p->name, p->wish.bit_rate / 1000);
}

void can_port_turn_active(struct can_port *p)
{
	can_port_turn(p, CAN_PORT_ACTIVE, "%s", "");
}

static gboolean on_rested(void *user)
{
	struct can_port *p = user;

	p->timer = 0;
	can_port_turn_active(p);
	return G_SOURCE_REMOVE;
}

void can_port_take_error(struct can_port *p, const struct can_frame *frame)
{
	if (frame->can_id & CAN_ERR_BUSOFF)
		can_port_turn_bus_off(p);
	else if (frame->can_id & CAN_ERR_RESTARTED)
		can_port_start_timer(p, rest_s(p), on_rested);
	else if (!(frame->can_id & CAN_ERR_CRTL) || p->state == CAN_PORT_BUS_OFF)
		return;
	else if (frame->data[1] & PASSIVE_BITS)
		can_port_turn_passive(p);
	else if (p->state == CAN_PORT_PASSIVE && frame->data[1] != 0 &&
		 !(frame->data[1] & (CAN_ERR_CRTL_RX_OVERFLOW | CAN_ERR_CRTL_TX_OVERFLOW)))
		can_port_turn_active(p);
}
