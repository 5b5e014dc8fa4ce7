/* SPDX-License-Identifier: MIT */
#include "can/can_schedule.h"

#include <string.h>

enum { US_PER_MS = 1000 };

void can_schedule_init(struct can_schedule *s, const struct can_protocol *protocol,
		       const struct can_options *options)
{
	memset(s, 0, sizeof(*s));
	s->protocol = protocol;
	s->options = *options;
}

static void fall_silent(struct can_schedule *s)
{
	s->has_values = s->has_sent = s->is_urgent = false;
	s->pending = 0;
	memset(s->due_us, 0, sizeof(s->due_us));
}

void can_schedule_restart(struct can_schedule *s)
{
	s->dropped += s->pending != 0;
	s->pending = 0;
	memset(s->due_us, 0, sizeof(s->due_us));
}

void can_schedule_update(struct can_schedule *s, const struct can_input *input, gint64 now_us)
{
	if (!input || !input->battery || !input->limits || !input->limits->on_bus) {
		fall_silent(s);
		return;
	}
	can_values_fill(&s->values, input, &s->options, s->protocol->has_unknown_codes);
	if (s->protocol->holds_alarms)
		can_hold_apply(&s->hold, &s->values, now_us);
	s->has_values = true;
	s->values_us = now_us;
	if (s->has_sent)
		s->is_urgent |= can_values_urgent(&s->sent, &s->values);
}

static gint64 period_us(const struct can_schedule *s, unsigned place)
{
	return (gint64) s->protocol->frames[place]->period_ms * US_PER_MS;
}

static gint64 shortest_period_us(const struct can_schedule *s)
{
	gint64 shortest = G_MAXINT64;

	for (unsigned i = 0; s->protocol->frames[i]; i++)
		shortest = MIN(shortest, period_us(s, i));
	return shortest;
}

/* The frames whose time has come, and from which their next period counts. */
static uint32_t pick_due(struct can_schedule *s, gint64 now_us)
{
	const gint64 urgent_us = s->is_urgent ? shortest_period_us(s) : -1;
	uint32_t mask = 0;

	for (unsigned i = 0; s->protocol->frames[i]; i++) {
		const gint64 step_us = period_us(s, i);
		const bool is_due = now_us >= s->due_us[i];

		if (!is_due && step_us != urgent_us)
			continue;
		mask |= UINT32_C(1) << i;
		/* keep the beat, unless it was lost or an urgent change set a new one */
		s->due_us[i] += step_us;
		if (!is_due || s->due_us[i] <= now_us)
			s->due_us[i] = now_us + step_us;
	}
	return mask;
}

static void begin_set(struct can_schedule *s, uint32_t mask, gint64 now_us)
{
	s->dropped += (s->pending & mask) != 0;
	/* from the first on, unless the spacing is so wide that the last would never go */
	if (!s->pending || s->is_urgent)
		s->place = 0;
	s->pending |= mask;
	s->is_urgent = false;
	s->has_sent = true;
	s->sent = s->values;
	s->gap_end_us = now_us + (gint64) s->protocol->min_gap_ms * US_PER_MS;
	s->sets++;
}

static bool is_alive(const struct can_schedule *s, gint64 now_us)
{
	const gint64 age_us = now_us - s->values_us;

	return s->has_values && age_us < (gint64) CAN_UPDATE_MAX_MS * US_PER_MS;
}

void can_schedule_ask(struct can_schedule *s, gint64 now_us)
{
	uint32_t all = 0;

	if (!s->protocol->is_solicited || !is_alive(s, now_us) || now_us < s->gap_end_us)
		return;
	for (unsigned i = 0; s->protocol->frames[i]; i++)
		all |= UINT32_C(1) << i;
	begin_set(s, all, now_us);
}

static gint64 set_due_us(const struct can_schedule *s)
{
	gint64 due_us = G_MAXINT64;

	if (s->protocol->is_solicited)
		return G_MAXINT64;
	for (unsigned i = 0; s->protocol->frames[i]; i++)
		due_us = MIN(due_us, s->due_us[i]);
	return MAX(s->is_urgent ? 0 : due_us, s->gap_end_us);
}

gint64 can_schedule_next_us(const struct can_schedule *s)
{
	const gint64 due_us = set_due_us(s);

	if (!s->has_values)
		return G_MAXINT64;
	if (s->pending)
		return s->frame_us;
	return due_us < G_MAXINT64 ? MAX(due_us, s->frame_us) : G_MAXINT64;
}

/* What the inverter has been told by this frame, which may be newer than the set. */
static void note_sent(struct can_schedule *s, const struct can_layout *layout)
{
	for (size_t i = 0; i < layout->field_count; i++) {
		const enum can_value value = layout->fields[i].value;

		s->sent.number[value] = s->values.number[value];
	}
}

/* The next frame of the set, in turn; false when what was left is not present now. */
static bool take_pending(struct can_schedule *s, struct can_frame *frame)
{
	while (s->pending) {
		const unsigned place = s->place;
		const uint32_t bit = UINT32_C(1) << place;
		const struct can_layout *layout;

		s->place = (place + 1) % CAN_SET_MAX;
		if (!(s->pending & bit))
			continue;
		s->pending &= ~bit;
		layout = s->protocol->frames[place];
		if (!can_layout_is_present(layout, &s->values))
			continue;
		s->taken_place = place;
		can_layout_encode(layout, &s->values, s->protocol->big_endian, frame);
		note_sent(s, layout);
		return true;
	}
	return false;
}

bool can_schedule_take(struct can_schedule *s, gint64 now_us, struct can_frame *frame)
{
	if (!is_alive(s, now_us))
		fall_silent(s);
	if (!s->has_values || now_us < s->frame_us)
		return false;
	if (now_us >= set_due_us(s)) {
		const uint32_t mask = pick_due(s, now_us);

		if (mask)
			begin_set(s, mask, now_us);
	}
	if (!take_pending(s, frame))
		return false;
	s->frame_us = now_us + (gint64) s->options.spacing_ms * US_PER_MS;
	return true;
}

void can_schedule_refused(struct can_schedule *s, gint64 now_us)
{
	s->pending |= UINT32_C(1) << s->taken_place;
	s->place = s->taken_place;
	s->frame_us = now_us + CAN_RETRY_MS * US_PER_MS;
}
