/* SPDX-License-Identifier: MIT */
/*
 * latency - how long something takes: last, mean and longest
 *
 * Pure.
 */
#pragma once

#include <math.h>
#include <stdint.h>

struct latency {
	uint64_t count;
	double sum_ms;
	double last_ms, max_ms; /**< without a meaning while count is 0 */
};

/** @ms below 0, of a clock that stepped back, is 0. */
static inline void latency_add(struct latency *l, double ms)
{
	l->last_ms = fmax(ms, 0.0);
	l->max_ms = l->count ? fmax(l->max_ms, l->last_ms) : l->last_ms;
	l->sum_ms += l->last_ms;
	l->count++;
}

/** NAN before the first one, as with the other two. */
static inline double latency_mean_ms(const struct latency *l)
{
	return l->count ? l->sum_ms / (double) l->count : (double) NAN;
}

static inline double latency_last_ms(const struct latency *l)
{
	return l->count ? l->last_ms : (double) NAN;
}

static inline double latency_max_ms(const struct latency *l)
{
	return l->count ? l->max_ms : (double) NAN;
}
