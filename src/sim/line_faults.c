/* SPDX-License-Identifier: MIT */
#include "sim/line_faults.h"

#include <string.h>

#define US_PER_S 1e6

void line_faults_init(struct line_faults *f)
{
	memset(f, 0, sizeof(*f));
	line_faults_seed(f, 1);
}

void line_faults_seed(struct line_faults *f, guint32 seed)
{
	f->random = seed ? seed : 1;
}

/* xorshift32 (G. Marsaglia, 2003) */
static guint32 next_random(struct line_faults *f)
{
	guint32 x = f->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return f->random = x;
}

void line_faults_spoil(struct line_faults *f, uint8_t *bytes, size_t count)
{
	if (f->noise <= 0.0)
		return;
	for (size_t i = 0; i < count; i++)
		if (next_random(f) / 4294967296.0 < f->noise)
			bytes[i] ^= (uint8_t) (1 + next_random(f) % 255);
}

bool line_faults_is_silent(const struct line_faults *f, gint64 now_us)
{
	return now_us < f->silent_until_us;
}

bool line_faults_refuse(struct line_faults *f, uint8_t command)
{
	if (!f->refuse[command])
		return false;
	f->refuse[command]--;
	return true;
}

static bool take_one(unsigned *left)
{
	if (!*left)
		return false;
	(*left)--;
	return true;
}

static void append(struct line_output *out, const uint8_t *bytes, size_t count)
{
	memcpy(out->bytes + out->count, bytes, count);
	out->count += count;
}

void line_faults_apply(struct line_faults *f, const struct answer *answer, gint64 now_us,
		       struct line_output *out)
{
	const size_t middle = answer->count / 2;
	const bool stalls = f->stall_s > 0.0;
	const bool is_cut = take_one(&f->truncate) || stalls;

	*out = (struct line_output){ 0 };
	append(out, f->before.bytes, f->before.count);

	const size_t first = out->count;

	append(out, answer->bytes, middle);
	append(out, f->inside.bytes, f->inside.count);
	out->pause_at = out->count;
	out->pause_us = (gint64) (f->split_s * US_PER_S);
	if (!is_cut)
		append(out, answer->bytes + middle, answer->count - middle);
	if (answer->count && take_one(&f->corrupt))
		out->bytes[first + middle / 2] ^= 0x10;
	if (answer->count && take_one(&f->foreign))
		out->bytes[first] = 0x01; /* another slave */

	f->before.count = f->inside.count = 0;
	if (stalls)
		f->silent_until_us = now_us + (gint64) (f->stall_s * US_PER_S);
	else if (answer->has_written && f->write_pause_s > 0.0)
		f->silent_until_us = now_us + (gint64) (f->write_pause_s * US_PER_S);
	f->stall_s = 0.0;
}
