/* SPDX-License-Identifier: MIT */
/*
 * can_codec - frames as tables: one description encodes, and says itself in words
 *
 * A frame is its constant bytes, then fields (numbers), bits (alarms and
 * conditions), and one text. The tables of the families hold nothing else.
 *
 * Pure.
 */
#pragma once

#include <linux/can.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "can/can_values.h"

enum can_type {
	CAN_U8,
	CAN_S8,
	CAN_U16,
	CAN_S16,
	CAN_U32,
	CAN_S32,
};

/** A number in a frame. */
struct can_field {
	enum can_value value;
	uint8_t at; /**< byte */
	enum can_type type;
	double step;	  /**< unit of the field in units of the value */
	int64_t unknown;  /**< code for NAN; also kept free when CAN_RESERVED is set */
	double bias;	  /**< added before scaling: 273.15 for kelvin */
	uint8_t shift;	  /**< first bit of a part of the type's width ... */
	uint8_t bits;	  /**< ... and its width; 0: all of it */
	uint8_t reserved; /**< codes at the top that are no numbers: 1 SMA, 2 NMEA 2000 */
};

enum can_bit_kind {
	CAN_SINGLE, /**< one bit: 1 when active */
	CAN_PAIR,   /**< two bits: 1 active, 2 supported and fine (Victron, SMA) */
};

enum can_severity {
	CAN_SEVERITY_ALARM,   /**< level 2, and the flags */
	CAN_SEVERITY_WARNING, /**< level 1 */
};

/** Bits that are set while any of @of is. */
struct can_bit {
	uint32_t of; /**< CAN_BIT() of alarms and flags; 0: supported and never active */
	enum can_severity severity;
	uint8_t at, bit; /**< byte, and lowest bit in it */
	enum can_bit_kind kind;
	const char *name;
};

enum can_presence {
	CAN_ALWAYS,
	CAN_IF_TEXT,  /**< only while the text is not empty */
	CAN_IF_CELLS, /**< only with more cells than .presence_cells */
};

struct can_layout {
	uint32_t id; /**< with CAN_EFF_FLAG for 29 bits */
	uint8_t length;
	uint16_t period_ms;
	uint8_t base[CAN_MAX_DLEN]; /**< what no field writes */
	const struct can_field *fields;
	size_t field_count;
	const struct can_bit *bits;
	size_t bit_count;
	enum can_text text;
	uint8_t text_at, text_length; /**< 0: 8 letters */
	char text_pad;		      /**< in place of the zeros at its end */
	enum can_presence presence;
	uint8_t presence_cells;
};

#define CAN_FIELDS(table) .fields = (table), .field_count = G_N_ELEMENTS(table)
#define CAN_BITS(table)	  .bits = (table), .bit_count = G_N_ELEMENTS(table)

/** The integer for @value: rounded, saturated, or the unknown code. */
int64_t can_scale(const struct can_field *field, double value);

/** Write @fields into @data, which holds them all; bytes that they do not touch stay. */
void can_put_fields(uint8_t *data, const struct can_field *fields, size_t count,
		    const struct can_values *values, bool big_endian);

/** The field's value as @data says it; NAN for the unknown code. */
double can_get_field(const uint8_t *data, size_t length, const struct can_field *field,
		     bool big_endian);

static inline bool can_layout_is_present(const struct can_layout *layout,
					 const struct can_values *values)
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

void can_layout_encode(const struct can_layout *layout, const struct can_values *values,
		       bool big_endian, struct can_frame *frame);

/** Append one line "# name value unit" for each field, bit group and text of @frame. */
void can_layout_describe(const struct can_layout *layout, const struct can_frame *frame,
			 bool big_endian, GString *words);
/** Likewise for fields alone (NMEA 2000 messages longer than a frame). */
void can_describe_fields(const uint8_t *data, size_t length, const struct can_field *fields,
			 size_t count, bool big_endian, GString *words);
