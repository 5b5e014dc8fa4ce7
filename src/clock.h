/* SPDX-License-Identifier: MIT */
/*
 * clock - monotonic time that a test can make run faster
 *
 * Ages, delays and ramps are counted in this time. Never the wall clock, which
 * jumps at boot.
 */
#pragma once

#include <glib.h>

struct clock {
	double scale;     /**< 1 in service; 60 lets an hour pass in a minute */
	gint64 origin_us; /**< real monotonic time at which both clocks agree */
};

static inline struct clock clock_at_scale(double scale)
{
	return (struct clock){ .scale = scale, .origin_us = g_get_monotonic_time() };
}

/** Monotonic, us. */
static inline gint64 clock_now_us(const struct clock *c)
{
	const gint64 real_us = g_get_monotonic_time();

	return c->origin_us + (gint64) ((double) (real_us - c->origin_us) * c->scale);
}

/** Real time that passes while @us pass on this clock, us. */
static inline gint64 clock_real_us(const struct clock *c, gint64 us)
{
	return (gint64) ((double) us / c->scale);
}
