/* SPDX-License-Identifier: MIT */
#include "can/can_codec.h"

#include <math.h>
#include <string.h>

static const struct {
	uint8_t bytes;
	bool is_signed;
} types[] = {
	[CAN_U8] = { 1, false }, [CAN_S8] = { 1, true },   [CAN_U16] = { 2, false },
	[CAN_S16] = { 2, true }, [CAN_U32] = { 4, false }, [CAN_S32] = { 4, true },
};

/* Binary fractions: 55.2 / 0.1 is 551.9999999999999 and means 552. */
static const double rounding_slack = 1e-6;

static unsigned width_of(const struct can_field *f)
{
	return f->bits ? f->bits : types[f->type].bytes * 8u;
}

static uint64_t mask_of(unsigned bits)
{
	return (UINT64_C(1) << bits) - 1;
}

static double round_as(double steps, enum can_rounding rounding)
{
	switch (rounding) {
	case CAN_DOWN:
		return floor(steps + rounding_slack);
	case CAN_UP:
		return ceil(steps - rounding_slack);
	case CAN_NEAREST:
		break;
	}
	return round(steps);
}

int64_t can_scale(const struct can_field *f, double value)
{
	const unsigned bits = width_of(f);
	const bool is_signed = types[f->type].is_signed;
	const int64_t top = (int64_t) mask_of(is_signed ? bits - 1 : bits);
	/* SMA's "not available" is 0x8000: the lowest number of a signed field is no number */
	const int64_t lowest = is_signed ? (f->reserved ? -top : -top - 1) : 0;
	const int64_t highest = top - (f->unknown == top ? f->reserved : 0);

	if (isnan(value))
		return f->unknown;

	const double code =
		round_as((value + f->bias) / f->step, can_value_info(f->value)->rounding);

	/* Compared as doubles: a cast of 1e300 would be undefined. */
	if (code >= (double) highest)
		return highest;
	return code <= (double) lowest ? lowest : (int64_t) code;
}

static uint64_t load(const uint8_t *data, unsigned bytes, bool big_endian)
{
	uint64_t raw = 0;

	for (unsigned i = 0; i < bytes; i++)
		raw |= (uint64_t) data[big_endian ? bytes - 1 - i : i] << (8 * i);
	return raw;
}

static void store(uint8_t *data, unsigned bytes, bool big_endian, uint64_t raw)
{
	for (unsigned i = 0; i < bytes; i++)
		data[big_endian ? bytes - 1 - i : i] = (uint8_t) (raw >> (8 * i));
}

void can_put_fields(uint8_t *data, size_t length, const struct can_field *fields, size_t count,
		    const struct can_values *values, bool big_endian)
{
	for (size_t i = 0; i < count; i++) {
		const struct can_field *f = &fields[i];
		const unsigned bytes = types[f->type].bytes;
		const uint64_t mask = mask_of(width_of(f)) << f->shift;
		const uint64_t code = (uint64_t) can_scale(f, values->number[f->value]) << f->shift;

		g_assert((size_t) f->at + bytes <= length);

		const uint64_t around = load(data + f->at, bytes, big_endian) & ~mask;

		store(data + f->at, bytes, big_endian, around | (code & mask));
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

bool can_layout_is_present(const struct can_layout *layout, const struct can_values *values)
{
	switch (layout->presence) {
	case CAN_IF_CELLS:
		return values->number[CAN_CELL_COUNT] > layout->presence_cells;
	case CAN_IF_TEXT:
		return values->text[layout->text][0] != '\0';
	case CAN_ALWAYS:
		break;
	}
	return true;
}

static bool is_active(const struct can_bit *b, const struct can_values *values)
{
	return (b->severity == CAN_SEVERITY_ALARM ? values->alarms : values->warnings) & b->of;
}

/* Pairs, read as a number: 1 active, 2 supported and fine; never 0 or 3. */
static unsigned code_of(const struct can_bit *b, bool active)
{
	if (b->kind == CAN_SINGLE)
		return active;
	return active ? 1 : 2;
}

static void put_text(const struct can_layout *layout, const struct can_values *values,
		     uint8_t *data)
{
	const char *text = values->text[layout->text];
	const unsigned length = layout->text_length ? layout->text_length : CAN_TEXT_BYTES;

	for (unsigned i = 0; i < length && layout->text_at + i < CAN_MAX_DLEN; i++)
		data[layout->text_at + i] = (uint8_t) (text[i] ? text[i] : layout->text_pad);
}

void can_layout_encode(const struct can_layout *layout, const struct can_values *values,
		       bool big_endian, struct can_frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	frame->can_id = layout->id;
	frame->can_dlc = layout->length;
	memcpy(frame->data, layout->base, layout->length);
	can_put_fields(frame->data, layout->length, layout->fields, layout->field_count, values,
		       big_endian);
	for (size_t i = 0; i < layout->bit_count; i++) {
		const struct can_bit *b = &layout->bits[i];

		frame->data[b->at] |= (uint8_t) (code_of(b, is_active(b, values)) << b->bit);
	}
	if (layout->text != CAN_TEXT_NONE)
		put_text(layout, values, frame->data);
}
