/* SPDX-License-Identifier: MIT */
/* Native commands: words low byte first. */
#include "sim/answer_build.h"

enum { EVENTS_NEWEST_MAX = 10 };

/* ---- events ---------------------------------------------------------------------- */

static bool events(const struct device *d, uint8_t command, unsigned most, struct answer *out)
{
	const uint16_t *list = d->word + DEVICE_EVENTS;
	struct answer_build b = { .count = 0 };
	unsigned skip = 0;

	for (unsigned i = 0; i < DEVICE_EVENTS_MAX; i++)
		skip += list[2 * i + 1] >> 8 != 0;
	skip = skip > most ? skip - most : 0;

	answer_add_pair(&b, d, DEVICE_LIFETIME);
	for (unsigned i = 0; i < DEVICE_EVENTS_MAX; i++) {
		if (!(list[2 * i + 1] >> 8))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		answer_add_u16(&b, list[2 * i]);
		answer_add_u16(&b, list[2 * i + 1]);
	}
	answer_finish_plain(out, command, &b);
	return true;
}

/* ---- live values ----------------------------------------------------------------- */

static bool words(const struct device *d, uint8_t command, unsigned address, unsigned count,
		  struct answer *out)
{
	struct answer_build b = { .count = 0 };

	for (unsigned i = 0; i < count; i++)
		answer_add_u16(&b, d->word[address + i]);
	answer_finish(out, command, &b);
	return true;
}

static bool temperatures(const struct device *d, struct answer *out)
{
	struct answer_build b = { .count = 0 };

	answer_add_u16(&b, d->word[DEVICE_INTERNAL_TEMP]);
	answer_add_u16(&b, d->word[DEVICE_EXTERNAL_TEMP_1]);
	answer_add_u16(&b, d->word[DEVICE_EXTERNAL_TEMP_2]);
	answer_finish_plain(out, FRAME_TEMPERATURES, &b);
	return true;
}

/* As many values as there are cells, the first cell first. */
static bool cells(const struct device *d, struct answer *out)
{
	struct answer_build b = { .count = 0 };

	for (unsigned i = 0; i < d->cells.count; i++)
		answer_add_u16(&b, d->word[device_cell_register(d, i)]);
	answer_finish_plain(out, FRAME_CELLS, &b);
	return true;
}

static bool version(const struct device *d, uint8_t command, struct answer *out)
{
	const uint16_t *w = d->word + DEVICE_VERSION;
	struct answer_build b = { .count = 0 };

	answer_add_u16(&b, w[0]); /* hardware version, hardware changes */
	answer_add_u8(&b, w[1] & 0xFF);
	answer_add_u16(&b, w[2]);
	if (command == FRAME_VERSION_EXTENDED)
		answer_add_u16(&b, w[3]); /* bootloader, register map */
	answer_finish_plain(out, command, &b);
	return true;
}

static bool speed(const struct device *d, struct answer *out)
{
	struct answer_build b = { .count = 0 };

	answer_add_pair(&b, d, DEVICE_SPEED);
	answer_add_pair(&b, d, DEVICE_DISTANCE);
	answer_add_pair(&b, d, DEVICE_TIME_LEFT);
	answer_finish(out, FRAME_SPEED, &b);
	return true;
}

static bool reset(struct device *d, const struct request_join *r, struct answer *out)
{
	switch (r->payload[0]) {
	case FRAME_RESET_EVENTS:
		device_clear_events(d);
		break;
	case FRAME_RESET_STATISTICS:
		device_clear_statistics(d);
		break;
	case FRAME_RESET_BMS:
		device_reset(d);
		break;
	default:
		return false;
	}
	answer_acknowledge(out, FRAME_RESET);
	return true;
}

bool answer_native(struct device *d, const struct request_join *r, struct answer *out)
{
	switch ((enum frame_command) r->command) {
	case FRAME_RESET:
		return reset(d, r, out);
	case FRAME_READ_BLOCK:
		return answer_read_block(d, r, out);
	case FRAME_READ_LIST:
		return answer_read_list(d, r, out);
	case FRAME_WRITE_BLOCK:
		return answer_write_block(d, r, out);
	case FRAME_WRITE_LIST:
		return answer_write_list(d, r, out);
	case FRAME_EVENTS_NEWEST:
		return events(d, r->command, EVENTS_NEWEST_MAX, out);
	case FRAME_EVENTS_ALL:
		return events(d, r->command, DEVICE_EVENTS_MAX, out);
	case FRAME_PACK_VOLTAGE:
		return words(d, r->command, DEVICE_PACK_V, 2, out);
	case FRAME_PACK_CURRENT:
		return words(d, r->command, DEVICE_CURRENT, 2, out);
	case FRAME_CELL_MAX:
		return words(d, r->command, DEVICE_MAX_CELL, 1, out);
	case FRAME_CELL_MIN:
		return words(d, r->command, DEVICE_MIN_CELL, 1, out);
	case FRAME_STATUS:
		return words(d, r->command, DEVICE_STATUS, 1, out);
	case FRAME_LIFETIME:
		return words(d, r->command, DEVICE_LIFETIME, 2, out);
	case FRAME_SOC:
		return words(d, r->command, DEVICE_SOC, 2, out);
	case FRAME_TEMPERATURES:
		return temperatures(d, out);
	case FRAME_CELLS:
		return cells(d, out);
	case FRAME_SETTINGS:
		return answer_settings(d, r, out);
	case FRAME_VERSION:
	case FRAME_VERSION_EXTENDED:
		return version(d, r->command, out);
	case FRAME_SPEED:
		return speed(d, out);
	case FRAME_NACK:
	case FRAME_ACK:
	case FRAME_MODBUS_READ:
	case FRAME_MODBUS_WRITE:
		break;
	}
	return false;
}
