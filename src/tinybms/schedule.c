/* SPDX-License-Identifier: MIT */
#include "tinybms/schedule.h"

#include <string.h>

#include "tinybms/registers.h"
#include "tinybms/settings.h"

enum { RETRY_US = 1000 * 1000 };

/*
 * Events tell faults apart, and warnings that the status does not show: no older
 * than 2 s, which leaves one of the 3 s in which a fault must be acted upon.
 */
/* clang-format off */
static const struct {
	unsigned first, count;
	unsigned piece;   /* registers that belong together */
	gint64 period_us;
} blocks[SCHEDULE_COUNT] = {
	[SCHEDULE_SETTINGS]   = { SETTINGS_FIRST, SETTINGS_COUNT, 1, 60 * G_USEC_PER_SEC },
	[SCHEDULE_EVENTS]     = { REGISTERS_EVENTS_FIRST, REGISTERS_EVENTS_COUNT, 2, 2 * G_USEC_PER_SEC },
	[SCHEDULE_VERSION]    = { REGISTERS_VERSION_FIRST, REGISTERS_VERSION_COUNT, 1, 600 * G_USEC_PER_SEC },
	[SCHEDULE_STATISTICS] = { REGISTERS_STATISTICS_FIRST, REGISTERS_STATISTICS_COUNT, 1, 30 * G_USEC_PER_SEC },
};
/* clang-format on */

void schedule_init(struct schedule *s, gint64 now_us)
{
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < SCHEDULE_COUNT; i++)
		s->slot[i].due_us = now_us;
}

/* The one that has been due for the longest time; the order of the enum where equal. */
bool schedule_next(const struct schedule *s, gint64 now_us, struct schedule_request *out)
{
	int chosen = -1;

	for (int i = 0; i < SCHEDULE_COUNT; i++)
		if (s->slot[i].due_us <= now_us &&
		    (chosen < 0 || s->slot[i].due_us < s->slot[chosen].due_us))
			chosen = i;
	if (chosen < 0)
		return false;

	const struct schedule_slot *slot = &s->slot[chosen];

	*out = (struct schedule_request){
		.block = (enum schedule_block) chosen,
		.first = blocks[chosen].first + slot->next_word,
		.count = slot->is_piecewise ? blocks[chosen].piece : blocks[chosen].count,
	};
	return true;
}

static void finish(struct schedule_slot *slot, enum schedule_block block, gint64 now_us)
{
	slot->next_word = 0;
	slot->was_read = slot->was_tried = true;
	slot->due_us = now_us + blocks[block].period_us;
}

/* @words may be NULL: the registers are absent. */
static bool store(struct schedule *s, const struct schedule_request *r, const uint16_t *words,
		  gint64 now_us)
{
	struct schedule_slot *slot = &s->slot[r->block];
	const unsigned offset = r->first - blocks[r->block].first;

	if (words)
		memcpy(slot->words + offset, words, r->count * sizeof(*words));
	else
		memset(slot->words + offset, 0, r->count * sizeof(*words));
	for (unsigned i = 0; i < r->count; i++)
		slot->is_absent[offset + i] = !words;

	slot->next_word = offset + r->count;
	if (slot->next_word < blocks[r->block].count)
		return false;
	finish(slot, r->block, now_us);
	return true;
}

bool schedule_done(struct schedule *s, const struct schedule_request *r, const uint16_t *words,
		   gint64 now_us)
{
	return store(s, r, words, now_us);
}

void schedule_skip(struct schedule *s, const struct schedule_request *r, gint64 now_us)
{
	finish(&s->slot[r->block], r->block, now_us);
}

bool schedule_is_due(const struct schedule *s, enum schedule_block block, gint64 now_us)
{
	return s->slot[block].due_us <= now_us;
}

bool schedule_refused(struct schedule *s, const struct schedule_request *r, gint64 now_us)
{
	struct schedule_slot *slot = &s->slot[r->block];

	if (slot->is_piecewise)
		return store(s, r, NULL, now_us);
	slot->is_piecewise = slot->was_tried = true;
	slot->next_word = 0;
	return false;
}

void schedule_failed(struct schedule *s, const struct schedule_request *r, gint64 now_us)
{
	s->slot[r->block].due_us = now_us + RETRY_US;
	s->slot[r->block].was_tried = true;
}

void schedule_hurry(struct schedule *s, enum schedule_block block)
{
	s->slot[block].due_us = G_MININT64;
}
