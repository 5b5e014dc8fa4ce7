/* SPDX-License-Identifier: MIT */
#include "can/can_codec.h"

#include <math.h>
#include <string.h>

static const struct {
	uint8_t bytes;
	bool is_signed;
	double lowest, highest;
} types[] = {
	[CAN_U8] = { 1, false, 0, UINT8_MAX },	 [CAN_S8] = { 1, true, INT8_MIN, INT8_MAX },
	[CAN_U16] = { 2, false, 0, UINT16_MAX }, [CAN_S16] = { 2, true, INT16_MIN, INT16_MAX },
	[CAN_U32] = { 4, false, 0, UINT32_MAX }, [CAN_S32] = { 4, true, INT32_MIN, INT32_MAX },
};

/* Binary fractions: 55.2 / 0.1 is 551.9999999999999 and means 552. */
#define ROUNDING_SLACK 1e-6

static unsigned width_of(const struct can_field *f)
{
	return f->bits ? f->bits : types[f->type].bytes * 8u;
}

static uint64_t mask_of(unsigned bits)
{
	return (UINT64_C(1) << bits) - 1;
}

/* What is added before the fraction is cut. */
static const double rounding_offset[] = {
	[CAN_NEAREST] = 0.5,
	[CAN_DOWN] = ROUNDING_SLACK,
	[CAN_UP] = 1.0 - ROUNDING_SLACK,
};

/* By a cast, because floor() is a call where the processor is not known. @x fits. */
static inline int64_t floor_of(double x)
{
	const int64_t cut = (int64_t) x;

	return cut - (x < (double) cut);
}

static inline int64_t scale(const struct can_field *f, double value)
{
	const bool is_signed = types[f->type].is_signed;
	double lowest = types[f->type].lowest;
	double highest = types[f->type].highest;

	if (isnan(value))
		return f->unknown;
	if (f->bits)
		highest = (double) mask_of(f->bits);
	if (f->reserved) {
		/* SMA's "not available" is 0x8000: the lowest number of a signed field is none */
		lowest += is_signed;
		highest -= f->unknown > 0 ? f->reserved : 0;
	}

	const double steps = (value + f->bias) / f->step;

	/* Compared as doubles: a cast of 1e300 would be undefined. */
	if (steps >= highest)
		return (int64_t) highest;
	if (steps <= lowest)
		return (int64_t) lowest;
	return floor_of(steps + rounding_offset[can_value_info(f->value)->rounding]);
}

int64_t can_scale(const struct can_field *f, double value)
{
	return scale(f, value);
}

static uint64_t load(const uint8_t *data, unsigned bytes, bool big_endian)
{
	uint64_t raw = 0;

	for (unsigned i = 0; i < bytes; i++)
		raw |= (uint64_t) data[big_endian ? bytes - 1 - i : i] << (8 * i);
	return raw;
}

/* One move each: a memcpy of unknown length would be a call. */
static inline void store(uint8_t *data, unsigned bytes, bool big_endian, uint32_t raw)
{
	if (bytes == 2) {
		const uint16_t half = (uint16_t) raw;
		const uint16_t wire = big_endian ? GUINT16_TO_BE(half) : GUINT16_TO_LE(half);

		memcpy(data, &wire, sizeof(wire));
	} else if (bytes == 4) {
		const uint32_t wire = big_endian ? GUINT32_TO_BE(raw) : GUINT32_TO_LE(raw);

		memcpy(data, &wire, sizeof(wire));
	} else {
		data[0] = (uint8_t) raw;
	}
}

void can_put_fields(uint8_t *data, const struct can_field *fields, size_t count,
		    const struct can_values *values, bool big_endian)
{
	for (const struct can_field *f = fields; f < fields + count; f++) {
		const unsigned bytes = types[f->type].bytes;
		uint32_t code = (uint32_t) scale(f, values->number[f->value]);

		if (f->bits) {
			const uint32_t mask = (uint32_t) mask_of(f->bits) << f->shift;
			const uint32_t around = (uint32_t) load(data + f->at, bytes, big_endian);

			code = (code << f->shift & mask) | (around & ~mask);
		}
		store(data + f->at, bytes, big_endian, code);
	}
}

double can_get_field(const uint8_t *data, size_t length, const struct can_field *f, bool big_endian)
{
	const unsigned bytes = types[f->type].bytes;
	const unsigned bits = width_of(f);

	if ((size_t) f->at + bytes > length)
		return (double) NAN;

	int64_t code =
		(int64_t) (load(data + f->at, bytes, big_endian) >> f->shift & mask_of(bits));

	if (types[f->type].is_signed && code >> (bits - 1))
		code -= (int64_t) 1 << bits;
	if (f->reserved && code == f->unknown)
		return (double) NAN;
	return (double) code * f->step - f->bias;
}

/* Pairs, read as a number: 1 active, 2 supported and fine; never 0 or 3. */
static void put_bits(uint8_t *data, const struct can_bit *bits, size_t count,
		     const struct can_values *values)
{
	static const uint8_t codes[][2] = {
		[CAN_SINGLE] = { 0, 1 },
		[CAN_PAIR] = { 2, 1 },
	};
	const uint32_t set[] = {
		[CAN_SEVERITY_ALARM] = values->alarms,
		[CAN_SEVERITY_WARNING] = values->warnings,
	};

	for (const struct can_bit *b = bits; b < bits + count; b++) {
		const bool is_active = set[b->severity] & b->of;

		data[b->at] |= (uint8_t) (codes[b->kind][is_active] << b->bit);
	}
}

static void put_text(const struct can_layout *layout, const struct can_values *values,
		     uint8_t *data)
{
	const unsigned length = layout->text_length ? layout->text_length : CAN_TEXT_BYTES;
	uint8_t *text = data + layout->text_at;

	memcpy(text, values->text[layout->text], length);
	for (unsigned end = length; layout->text_pad && end > 0 && !text[end - 1]; end--)
		text[end - 1] = (uint8_t) layout->text_pad;
}

void can_layout_encode(const struct can_layout *layout, const struct can_values *values,
		       bool big_endian, struct can_frame *frame)
{
	*frame = (struct can_frame){ .can_id = layout->id, .can_dlc = layout->length };
	memcpy(frame->data, layout->base, sizeof(frame->data));
	can_put_fields(frame->data, layout->fields, layout->field_count, values, big_endian);
	put_bits(frame->data, layout->bits, layout->bit_count, values);
	if (layout->text != CAN_TEXT_NONE)
		put_text(layout, values, frame->data);
}
