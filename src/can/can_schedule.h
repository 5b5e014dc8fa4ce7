/* SPDX-License-Identifier: MIT */
/*
 * can_schedule - which frame of a family is due, and when
 *
 * Frames are encoded from the newest values at the moment they are taken, so
 * nothing old is ever queued here: what the port cannot take stays marked until
 * its next period, which counts as a dropped set. Frames of a set are spaced. A
 * fall of a limit or a change of an alarm starts a set at once, except where the
 * family forbids it (SMA: 200 ms after the last) or is only asked (Growatt).
 *
 * Pure: time comes in as an argument, the state is the caller's.
 */
#pragma once

#include <glib.h>

#include "can/can_hold.h"
#include "can/can_protocol.h"

enum {
	CAN_RETRY_MS = 20,	  /**< after the port refused a frame */
	CAN_UPDATE_MAX_MS = 5000, /**< values that nobody renewed for so long are not sent */
};

struct can_schedule {
	const struct can_protocol *protocol;
	struct can_options options;
	struct can_hold hold;

	bool has_values;
	struct can_values values; /**< newest */
	gint64 values_us;
	bool has_sent;
	struct can_values sent; /**< as the newest set began, and its frames said since */

	gint64 due_us[CAN_SET_MAX]; /**< of each frame, by its place in the family's list */
	gint64 gap_end_us;	    /**< no set begins before */
	bool is_urgent;
	uint32_t pending;     /**< frames of the set that is going out */
	unsigned place;	      /**< where to look for the next of them */
	unsigned taken_place; /**< of the frame taken last */
	gint64 frame_us;      /**< no frame goes out before */

	guint64 sets;	 /**< begun */
	guint64 dropped; /**< sets that were not out when the next began */
};

/** @protocol as can_protocol_variant() says; it must outlive @s. */
void can_schedule_init(struct can_schedule *s, const struct can_protocol *protocol,
		       const struct can_options *options);

/** A decision of the controller. NULL, or limits that are not on_bus: silence from now on. */
void can_schedule_update(struct can_schedule *s, const struct can_input *input, gint64 now_us);

/** The inverter asked (families that are only asked). */
void can_schedule_ask(struct can_schedule *s, gint64 now_us);

/**
 * The bus is there again (after bus-off, unplugging ...): what was left of a set is
 * dropped, and all of it goes out anew, limits first.
 */
void can_schedule_restart(struct can_schedule *s);

/** When can_schedule_take() is worth calling; G_MAXINT64: not before the next update. */
gint64 can_schedule_next_us(const struct can_schedule *s);

/** The next frame, if one is due. */
bool can_schedule_take(struct can_schedule *s, gint64 now_us, struct can_frame *frame);

/** The port could not take the frame that was taken last: it is due again in a moment. */
void can_schedule_refused(struct can_schedule *s, gint64 now_us);
