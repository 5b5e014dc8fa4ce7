/* SPDX-License-Identifier: MIT */
#include "can/can_hold.h"

static const uint32_t all_alarms = CAN_BIT(ALARM_COUNT) - 1;

static void hold(uint32_t *held, gint64 since_us[ALARM_COUNT], uint32_t *bits, gint64 now_us)
{
	for (unsigned id = 0; id < ALARM_COUNT; id++) {
		const bool was_shown = *held & CAN_BIT(id);
		const gint64 age_us = now_us - since_us[id];

		if (!was_shown)
			since_us[id] = now_us;
		else if (age_us >= 0 && age_us < CAN_HOLD_S * G_USEC_PER_SEC)
			*bits |= CAN_BIT(id);
	}
	*held = *bits & all_alarms;
}

void can_hold_apply(struct can_hold *h, struct can_values *values, gint64 now_us)
{
	hold(&h->held[0], h->since_us[0], &values->alarms, now_us);
	hold(&h->held[1], h->since_us[1], &values->warnings, now_us);
}
