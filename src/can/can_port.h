/* SPDX-License-Identifier: MIT */
/*
 * can_port - a CAN interface that comes, goes, fails and recovers
 *
 * Looks for the interface each second at first, then up to ten seconds apart;
 * sets it up in a thread of its own, since that can block; and sends and hears
 * frames on the main loop without ever waiting. A controller that went bus-off
 * is restarted by its driver or by us, and each time in a row it is left in
 * peace for longer before the next frame.
 *
 * I/O: main loop.
 */
#pragma once

#include <glib.h>

#include "can/can_link.h"

enum {
	CAN_PORT_FILTERS_MAX = 16,
	CAN_PORT_RETRY_MAX_S = 10,    /**< between two looks for the interface */
	CAN_PORT_REST_MAX_S = 60,     /**< after bus-off */
	CAN_PORT_CALM_S = 60,	      /**< without bus-off: the next one counts as the first */
	CAN_PORT_SENTENCE_BYTES = 256,
};

enum can_port_state {
	CAN_PORT_HELD,	  /**< not allowed yet, see can_port_allow() */
	CAN_PORT_ABSENT,  /**< no such interface */
	CAN_PORT_OPENING, /**< being set up */
	CAN_PORT_FAILED,  /**< refused, or taken down; tried again */
	CAN_PORT_ACTIVE,
	CAN_PORT_PASSIVE, /**< error-passive: sends, and probably nobody understands */
	CAN_PORT_BUS_OFF, /**< silent until it is restarted */
};

/** "active", "bus-off" ... */
const char *can_port_state_text(enum can_port_state state);

/** What the port does to the system. */
struct can_port_ops {
	/** As can_link_find(). */
	bool (*find)(const struct can_wish *wish, char name[IFNAMSIZ]);
	/** Set up and open, in a thread; @return the descriptor, or -1 with @error. */
	int (*open)(const char *name, const struct can_wish *wish, bool restart,
		    const struct can_filter *filters, size_t count, struct can_link *link,
		    GError **error);
	gint64 second_us; /**< length of a second; less in tests */
};

/** Those of the kernel. */
extern const struct can_port_ops can_port_kernel;

struct can_port_events {
	void (*heard)(const struct can_frame *frame, void *user);
	void (*changed)(void *user); /**< the state or its sentence; never from within a call */
};

struct can_port_counters {
	guint64 sent, received;
	guint64 errors;	  /**< changes to error-passive or bus-off, and sockets that failed */
	guint64 refused;  /**< frames that the full queue did not take at first */
	guint64 openings;
};

enum can_port_sent {
	CAN_PORT_SENT,
	CAN_PORT_FULL,	    /**< the queue is full: again in a moment */
	CAN_PORT_NOT_READY, /**< not before changed() */
};

struct can_port;

/** @ops lives as long as the port; @wish and @filters are copied. Held until allowed. */
struct can_port *can_port_new(const struct can_wish *wish, const struct can_filter *filters,
			      size_t count, const struct can_port_ops *ops,
			      const struct can_port_events *events, void *user);
void can_port_free(struct can_port *p);

/** May the interface be used? False closes it. */
void can_port_allow(struct can_port *p, bool is_allowed);

/** It was taken down by somebody, and is left alone until it is allowed again. */
bool can_port_awaits_leave(const struct can_port *p);

enum can_port_sent can_port_send(struct can_port *p, const struct can_frame *frame);

enum can_port_state can_port_state(const struct can_port *p);
/** The interface, "" before it was found. */
const char *can_port_name(const struct can_port *p);
/** What is wrong and what to do; "" when all is well. */
const char *can_port_sentence(const struct can_port *p);
const struct can_port_counters *can_port_counters(const struct can_port *p);
