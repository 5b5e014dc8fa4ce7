/* SPDX-License-Identifier: MIT */
/* can_texts - the texts of CAN frames: maker, serial number, who is highest and lowest */
#include <math.h>
#include <string.h>

#include "can/can_texts.h"

static void put_text(struct can_values *v, enum can_text which, const char *text, size_t length)
{
	memcpy(v->text[which], text, MIN(length, (size_t) CAN_TEXT_BYTES));
}

/* A cell's number, 1 to 16; nothing for 0. */
static void put_number(struct can_values *v, enum can_text which, unsigned number)
{
	char *digit = v->text[which];

	if (number >= 10)
		*digit++ = (char) ('0' + number / 10 % 10);
	if (number > 0)
		*digit = (char) ('0' + number % 10);
}

/* The sensor's number as Energus counts them; 0 is the BMS's own. */
static const char *sensor_name(const struct battery *b, double temp_c)
{
	if (temp_c == b->temp_external_c[0])
		return "1";
	return temp_c == b->temp_external_c[1] ? "2" : "0";
}

static void put_serial(struct can_values *v, const char *serial)
{
	const size_t digits = strlen(serial);

	put_text(v, CAN_TEXT_SERIAL_1, serial, digits);
	if (digits < 20)
		return;
	put_text(v, CAN_TEXT_SERIAL_20, serial + digits - 20, 4);
	put_text(v, CAN_TEXT_SERIAL_16, serial + digits - 16, CAN_TEXT_BYTES);
	put_text(v, CAN_TEXT_SERIAL_2, serial + digits - 8, CAN_TEXT_BYTES);
}

void can_values_fill_texts(struct can_values *v, const struct can_input *in,
			   const struct can_options *o)
{
	const struct battery *b = in->battery;
	const size_t letters = strlen(o->manufacturer);

	put_text(v, CAN_TEXT_MANUFACTURER, o->manufacturer, letters);
	/* Victron: both or neither, and the first part as 0x35E says it */
	if (letters > CAN_TEXT_BYTES) {
		put_text(v, CAN_TEXT_NAME_1, o->manufacturer, CAN_TEXT_BYTES);
		put_text(v, CAN_TEXT_NAME_2, o->manufacturer + CAN_TEXT_BYTES,
			 letters - CAN_TEXT_BYTES);
	}
	for (unsigned i = 0; i < 2; i++)
		v->text[CAN_TEXT_CAPITALS][i] = g_ascii_toupper(o->manufacturer[i]);
	put_text(v, CAN_TEXT_FAMILY, "TinyBMS", 7);
	put_serial(v, b->identity.serial);
	put_number(v, CAN_TEXT_CELL_MIN, b->cell_min);
	put_number(v, CAN_TEXT_CELL_MAX, b->cell_max);
	if (!isnan(v->number[CAN_TEMP_C])) {
		put_text(v, CAN_TEXT_SENSOR_MIN, sensor_name(b, v->number[CAN_TEMP_MIN_C]), 1);
		put_text(v, CAN_TEXT_SENSOR_MAX, sensor_name(b, v->number[CAN_TEMP_MAX_C]), 1);
	}
}
