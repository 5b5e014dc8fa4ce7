/* SPDX-License-Identifier: MIT */
/*
 * line_faults - what goes wrong on the way of an answer, as a test asks
 *
 * Pure; chance comes from a generator of its own, so that a run can be repeated.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/answer.h"

enum {
	LINE_EXTRA_MAX = 128, /**< foreign bytes before or inside an answer */
	LINE_BYTES_MAX = ANSWER_MAX + 2 * LINE_EXTRA_MAX,
};

struct line_extra {
	uint8_t bytes[LINE_EXTRA_MAX];
	size_t count;
};

struct line_faults {
	double noise;			     /**< probability that a byte is spoiled, 0 to 1 */
	unsigned corrupt, truncate, foreign; /**< how many answers still */
	double stall_s;	      /**< the next answer stops in the middle, then silence for so long */
	double delay_s;	      /**< longer turnaround */
	double split_s;	      /**< a pause in the middle of each answer */
	double write_pause_s; /**< silence after each accepted write */
	gint64 silent_until_us;
	unsigned refuse[256]; /**< how many requests of this command still */
	uint8_t refuse_error;
	struct line_extra before, inside; /**< of the next answer only */
	guint32 random;			  /**< never 0 */
};

/** What is left of an answer: two parts with a pause between them. */
struct line_output {
	uint8_t bytes[LINE_BYTES_MAX];
	size_t count, pause_at;
	gint64 pause_us;
};

void line_faults_init(struct line_faults *f);
/** Some bytes for a test that wants to repeat a run; 0 is taken as 1. */
void line_faults_seed(struct line_faults *f, guint32 seed);

/** Let the answer meet its fate; counts down what was asked for. */
void line_faults_apply(struct line_faults *f, const struct answer *answer, gint64 now_us,
		       struct line_output *out);
/** Spoil bytes at random. */
void line_faults_spoil(struct line_faults *f, uint8_t *bytes, size_t count);
bool line_faults_is_silent(const struct line_faults *f, gint64 now_us);
/** Is this request to be refused? Counts down. */
bool line_faults_refuse(struct line_faults *f, uint8_t command);
