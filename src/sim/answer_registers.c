/* SPDX-License-Identifier: MIT */
/* Native commands 07, 09, 0B, 0D and 1D: registers in packets, settings in one piece. */
#include "sim/answer_build.h"

enum {
	SETTINGS_MAX = 100, /* registers of one 1D */
	WRITES_MAX = REQUEST_JOIN_MAX / 2,
};

/* Options of 1D. */
enum settings_option {
	SETTINGS_MIN = 1,
	SETTINGS_MAX_VALUES = 2,
	SETTINGS_DEFAULT = 3,
	SETTINGS_CURRENT = 4,
};

bool answer_read_block(const struct device *d, const struct request_join *r, struct answer *out)
{
	const unsigned count = r->payload[0];
	const uint16_t first = frame_u16(r->payload + 1);
	struct answer_build b = { .count = 0 };

	if (!count || !device_has(d, first, count))
		return false;
	for (unsigned i = 0; i < count; i++)
		answer_add_u16(&b, device_word(d, (uint16_t) (first + i)));
	answer_finish_packets(out, FRAME_READ_BLOCK, &b);
	return true;
}

bool answer_read_list(const struct device *d, const struct request_join *r, struct answer *out)
{
	struct answer_build b = { .count = 0 };

	if (!r->count || r->count % 2 || r->count > ANSWER_PAYLOAD_MAX / 2)
		return false;
	for (size_t i = 0; i < r->count; i += 2) {
		const uint16_t address = frame_u16(r->payload + i);

		if (!device_has(d, address, 1))
			return false;
		answer_add_u16(&b, address);
		answer_add_u16(&b, device_word(d, address));
	}
	answer_finish_packets(out, FRAME_READ_LIST, &b);
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

bool answer_write_block(struct device *d, const struct request_join *r, struct answer *out)
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

bool answer_write_list(struct device *d, const struct request_join *r, struct answer *out)
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

bool answer_settings(const struct device *d, const struct request_join *r, struct answer *out)
{
	const unsigned count = r->payload[2];
	uint16_t defaults[DEVICE_SETTINGS_WORDS];
	const uint16_t *words = settings_words(d, r->payload[0], defaults);
	struct answer_build b = { .count = 0 };

	if (!words || r->payload[1] || !count || count > SETTINGS_MAX)
		return false;
	for (unsigned i = 0; i < count; i++)
		answer_add_u16(&b, words[i]);
	answer_finish_plain(out, FRAME_SETTINGS, &b);
	return true;
}
