/* SPDX-License-Identifier: MIT */
/* Native commands: words low byte first. */
#include <string.h>

#include "sim/answer.h"
#include "tinybms/frame.h"
#include "tinybms/settings.h"

enum {
	PAYLOAD_MAX = 1024,
	SETTINGS_MAX = 100, /* registers of one 1D */
	EVENTS_NEWEST_MAX = 10,
	EVENT_BYTES = 4, /* time (u24), id */
	WRITES_MAX = REQUEST_JOIN_MAX / 2,
};

/* Options of 1D. */
enum settings_option {
	SETTINGS_MIN = 1,
	SETTINGS_MAX_VALUES = 2,
	SETTINGS_DEFAULT = 3,
	SETTINGS_CURRENT = 4,
};

/* A payload that is being built; it always fits, the callers' counts are bounded. */
struct build {
	uint8_t bytes[PAYLOAD_MAX];
	size_t count;
};

static void add_u8(struct build *b, unsigned value)
{
	b->bytes[b->count++] = (uint8_t) value;
}

static void add_u16(struct build *b, unsigned value)
{
	add_u8(b, value & 0xFF);
	add_u8(b, value >> 8);
}

/* Two registers with the low word first are four bytes with the low byte first. */
static void add_pair(struct build *b, const struct device *d, unsigned address)
{
	add_u16(b, d->word[address]);
	add_u16(b, d->word[address + 1]);
}

static void finish(struct answer *out, uint8_t command, const struct build *b)
{
	answer_frame(out, command, b->bytes, b->count);
}

/* LEN, a plain length, goes before the payload. */
static void finish_plain(struct answer *out, uint8_t command, const struct build *b)
{
	uint8_t counted[1 + UINT8_MAX];

	counted[0] = (uint8_t) b->count;
	memcpy(counted + 1, b->bytes, b->count);
	answer_frame(out, command, counted, 1 + b->count);
}

static void finish_packets(struct answer *out, uint8_t command, const struct build *b)
{
	out->count =
		frame_build_packets(out->bytes, sizeof(out->bytes), command, b->bytes, b->count);
}

/* ---- registers ------------------------------------------------------------------- */

static bool read_block(const struct device *d, const struct request_join *r, struct answer *out)
{
	const unsigned count = r->payload[0];
	const uint16_t first = frame_u16(r->payload + 1);
	struct build b = { .count = 0 };

	if (!count)
		return false;
	for (unsigned i = 0; i < count; i++)
		add_u16(&b, device_word(d, (uint16_t) (first + i)));
	finish_packets(out, FRAME_READ_BLOCK, &b);
	return true;
}

static bool read_list(const struct device *d, const struct request_join *r, struct answer *out)
{
	struct build b = { .count = 0 };

	if (!r->count || r->count % 2 || r->count > PAYLOAD_MAX / 2)
		return false;
	for (size_t i = 0; i < r->count; i += 2) {
		const uint16_t address = frame_u16(r->payload + i);

		add_u16(&b, address);
		add_u16(&b, device_word(d, address));
	}
	finish_packets(out, FRAME_READ_LIST, &b);
	return true;
}

static bool write_all(struct device *d, uint8_t command, const struct device_write *writes,
		      size_t count, struct answer *out)
{
	if (!count || !device_write(d, writes, count))
		return false;
	out->has_written = true;
	answer_acknowledge(out, command);
	return true;
}

static bool write_block(struct device *d, const struct request_join *r, struct answer *out)
{
	struct device_write writes[WRITES_MAX];
	size_t count = 0;

	if (r->count < 4 || r->count % 2)
		return false;
	for (size_t i = 2; i < r->count; i += 2, count++)
		writes[count] = (struct device_write){ (uint16_t) (frame_u16(r->payload) + count),
						       frame_u16(r->payload + i) };
	return write_all(d, FRAME_WRITE_BLOCK, writes, count, out);
}

static bool write_list(struct device *d, const struct request_join *r, struct answer *out)
{
	struct device_write writes[WRITES_MAX];
	size_t count = 0;

	if (r->count % 4)
		return false;
	for (size_t i = 0; i < r->count; i += 4, count++)
		writes[count] = (struct device_write){ frame_u16(r->payload + i),
						       frame_u16(r->payload + i + 2) };
	return write_all(d, FRAME_WRITE_LIST, writes, count, out);
}

static const uint16_t *settings_words(const struct device *d, unsigned option,
				      uint16_t defaults[DEVICE_SETTINGS_WORDS])
{
	switch (option) {
	case SETTINGS_MIN:
		return d->setting_min;
	case SETTINGS_MAX_VALUES:
		return d->setting_max;
	case SETTINGS_DEFAULT:
		device_default_settings(defaults);
		return defaults;
	case SETTINGS_CURRENT:
		return d->word + DEVICE_SETTINGS;
	default:
		return NULL;
	}
}

static bool settings(const struct device *d, const struct request_join *r, struct answer *out)
{
	const unsigned count = r->payload[2];
	uint16_t defaults[DEVICE_SETTINGS_WORDS];
	const uint16_t *words = settings_words(d, r->payload[0], defaults);
	struct build b = { .count = 0 };

	if (!words || r->payload[1] || !count || count > SETTINGS_MAX)
		return false;
	for (unsigned i = 0; i < count; i++)
		add_u16(&b, words[i]);
	finish_plain(out, FRAME_SETTINGS, &b);
	return true;
}

/* ---- events ---------------------------------------------------------------------- */

static bool events(const struct device *d, uint8_t command, unsigned most, struct answer *out)
{
	const uint16_t *list = d->word + DEVICE_EVENTS;
	struct build b = { .count = 0 };
	unsigned skip = 0;

	for (unsigned i = 0; i < DEVICE_EVENTS_MAX; i++)
		skip += list[2 * i + 1] >> 8 != 0;
	skip = skip > most ? skip - most : 0;

	add_pair(&b, d, DEVICE_LIFETIME);
	for (unsigned i = 0; i < DEVICE_EVENTS_MAX; i++) {
		if (!(list[2 * i + 1] >> 8))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		add_u16(&b, list[2 * i]);
		add_u16(&b, list[2 * i + 1]);
	}
	finish_plain(out, command, &b);
	return true;
}

/* ---- live values ----------------------------------------------------------------- */

static bool words(const struct device *d, uint8_t command, unsigned address, unsigned count,
		  struct answer *out)
{
	struct build b = { .count = 0 };

	for (unsigned i = 0; i < count; i++)
		add_u16(&b, d->word[address + i]);
	finish(out, command, &b);
	return true;
}

static bool temperatures(const struct device *d, struct answer *out)
{
	struct build b = { .count = 0 };

	add_u16(&b, d->word[DEVICE_INTERNAL_TEMP]);
	add_u16(&b, d->word[DEVICE_EXTERNAL_TEMP_1]);
	add_u16(&b, d->word[DEVICE_EXTERNAL_TEMP_2]);
	finish_plain(out, FRAME_TEMPERATURES, &b);
	return true;
}

/* As many values as there are cells, the first cell first. */
static bool cells(const struct device *d, struct answer *out)
{
	struct build b = { .count = 0 };

	for (unsigned i = 0; i < d->cells.count; i++)
		add_u16(&b, d->word[device_cell_register(d, i)]);
	finish_plain(out, FRAME_CELLS, &b);
	return true;
}

static bool version(const struct device *d, uint8_t command, struct answer *out)
{
	const uint16_t *w = d->word + DEVICE_VERSION;
	struct build b = { .count = 0 };

	add_u16(&b, w[0]); /* hardware version, hardware changes */
	add_u8(&b, w[1] & 0xFF);
	add_u16(&b, w[2]);
	if (command == FRAME_VERSION_EXTENDED)
		add_u16(&b, w[3]); /* bootloader, register map */
	finish_plain(out, command, &b);
	return true;
}

static bool speed(const struct device *d, struct answer *out)
{
	struct build b = { .count = 0 };

	add_pair(&b, d, DEVICE_SPEED);
	add_pair(&b, d, DEVICE_DISTANCE);
	add_pair(&b, d, DEVICE_TIME_LEFT);
	finish(out, FRAME_SPEED, &b);
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
		return read_block(d, r, out);
	case FRAME_READ_LIST:
		return read_list(d, r, out);
	case FRAME_WRITE_BLOCK:
		return write_block(d, r, out);
	case FRAME_WRITE_LIST:
		return write_list(d, r, out);
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
		return settings(d, r, out);
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
