/* SPDX-License-Identifier: MIT */
/*
 * schedule - which block besides the live one is read when
 *
 * The live block is read in every cycle; of the others at most one transaction
 * goes into a cycle, so that none delays the live read by more than that; before
 * the first complete snapshot, which needs them, all that are due. A
 * device that refuses a whole block is asked for its registers one by one: some
 * of them may be absent in its firmware, and those read 0.
 *
 * Pure: time comes in as an argument.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are read where they are due alike: a fault's cause is first. */
enum schedule_block {
	SCHEDULE_EVENTS,
	SCHEDULE_SETTINGS,
	SCHEDULE_VERSION,
	SCHEDULE_STATISTICS,
	SCHEDULE_COUNT,
};

enum { SCHEDULE_WORDS_MAX = 98 };

struct schedule_slot {
	gint64 due_us;      /**< when it is to be read next */
	bool is_piecewise;  /**< the whole block was refused */
	unsigned next_word; /**< piecewise: how far it has come */
	bool was_read;      /**< completely, at least once */
	bool was_tried;	    /**< whether it was read, refused or failed */
	uint16_t words[SCHEDULE_WORDS_MAX];
	bool is_absent[SCHEDULE_WORDS_MAX]; /**< refused one by one; reads 0 */
};

struct schedule {
	struct schedule_slot slot[SCHEDULE_COUNT];
};

/** One transaction. */
struct schedule_request {
	enum schedule_block block;
	unsigned first, count; /**< registers */
};

/** All are due at @now_us. */
void schedule_init(struct schedule *s, gint64 now_us);

/** What to read now; false: nothing is due. */
bool schedule_next(const struct schedule *s, gint64 now_us, struct schedule_request *out);

/** The transaction succeeded. @return true if its block is now complete and fresh. */
bool schedule_done(struct schedule *s, const struct schedule_request *r, const uint16_t *words,
		   gint64 now_us);

/** Its block was read in another way. */
void schedule_skip(struct schedule *s, const struct schedule_request *r, gint64 now_us);

/** Is there something of @block to be read now? */
bool schedule_is_due(const struct schedule *s, enum schedule_block block, gint64 now_us);

/** The BMS refused it. @return true if its block is complete all the same. */
bool schedule_refused(struct schedule *s, const struct schedule_request *r, gint64 now_us);

/** It failed for another reason: tried again in a second. */
void schedule_failed(struct schedule *s, const struct schedule_request *r, gint64 now_us);

/** Something happened that makes this block interesting: it is the next to be read. */
void schedule_hurry(struct schedule *s, enum schedule_block block);
