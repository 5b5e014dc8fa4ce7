/* SPDX-License-Identifier: MIT */
/* Frames in words: the tables of can_codec.h read the other way. */
#include "can/can_codec.h"

#include <math.h>

/* Decimals that the field's step needs, within those that the value has. */
static int decimals(const struct can_field *f, const struct can_value_info *info)
{
	int n = 0;

	for (double step = f->step; n < info->decimals && step < 0.999; n++)
		step *= 10;
	return f->bias > 0.0 ? info->decimals : n;
}

static void describe_field(const struct can_field *f, double value, GString *words)
{
	const struct can_value_info *info = can_value_info(f->value);

	g_string_append_printf(words, "# %s", info->name);
	if (f->value >= CAN_CELL_V)
		g_string_append_printf(words, " %u", f->value - CAN_CELL_V + 1);
	if (isnan(value)) {
		g_string_append(words, " unknown\n");
		return;
	}
	for (unsigned i = 0; info->words && info->words[i]; i++) {
		if (value != (double) i)
			continue;
		g_string_append_printf(words, " %s\n", info->words[i]);
		return;
	}
	g_string_append_printf(words, " %.*f%s%s\n", decimals(f, info), value,
			       *info->unit ? " " : "", info->unit);
}

void can_describe_fields(const uint8_t *data, size_t length, const struct can_field *fields,
			 size_t count, bool big_endian, GString *words)
{
	for (size_t i = 0; i < count; i++)
		describe_field(&fields[i], can_get_field(data, length, &fields[i], big_endian),
			       words);
}

static bool reads_active(const struct can_bit *b, const struct can_frame *frame)
{
	const unsigned bits = frame->data[b->at] >> b->bit;

	return b->kind == CAN_PAIR ? (bits & 3) == 1 : bits & 1;
}

static const char *group_name(const struct can_bit *b)
{
	if (b->severity == CAN_SEVERITY_WARNING)
		return "warnings";
	return b->of < CAN_BIT(ALARM_COUNT) ? "alarms" : "conditions";
}

/* One line a group: "# alarms: voltage high, internal failure". */
static void describe_bits(const struct can_layout *layout, const struct can_frame *frame,
			  const char *group, GString *words)
{
	const char *separator = " ";
	bool has_group = false;

	for (size_t i = 0; i < layout->bit_count; i++) {
		const struct can_bit *b = &layout->bits[i];

		if (g_strcmp0(group_name(b), group))
			continue;
		if (!has_group)
			g_string_append_printf(words, "# %s:", group);
		has_group = true;
		if (!reads_active(b, frame))
			continue;
		g_string_append_printf(words, "%s%s", separator, b->name);
		separator = ", ";
	}
	if (has_group)
		g_string_append(words, *separator == ',' ? "\n" : " none\n");
}

static void describe_text(const struct can_layout *layout, const struct can_frame *frame,
			  GString *words)
{
	const unsigned length = layout->text_length ? layout->text_length : CAN_TEXT_BYTES;

	g_string_append_printf(words, "# %s \"", can_text_name(layout->text));
	for (unsigned i = layout->text_at; i < layout->text_at + length && i < frame->can_dlc; i++)
		if (g_ascii_isprint((char) frame->data[i]))
			g_string_append_c(words, (char) frame->data[i]);
	g_string_append(words, "\"\n");
}

void can_layout_describe(const struct can_layout *layout, const struct can_frame *frame,
			 bool big_endian, GString *words)
{
	const gsize before = words->len;

	can_describe_fields(frame->data, frame->can_dlc, layout->fields, layout->field_count,
			    big_endian, words);
	describe_bits(layout, frame, "alarms", words);
	describe_bits(layout, frame, "warnings", words);
	describe_bits(layout, frame, "conditions", words);
	if (layout->text != CAN_TEXT_NONE)
		describe_text(layout, frame, words);
	if (words->len == before)
		g_string_append(words, "# constant\n");
}
