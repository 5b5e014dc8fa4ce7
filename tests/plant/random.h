/* SPDX-License-Identifier: MIT */
/*
 * random - numbers that are the same on every machine for the same seed
 *
 * splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, OOPSLA 2014). Pure.
 */
#pragma once

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

/** Evenly between @low (included) and @high. */
static inline double random_between(struct random *r, double low, double high)
{
	return low + (high - low) * (double) (random_next(r) >> 11) * 0x1p-53;
}
