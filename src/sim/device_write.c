/* SPDX-License-Identifier: MIT */
/* What a master may write: registers 300 to 399, in the device's own ranges. */
#include <string.h>

#include "sim/device_private.h"
#include "tinybms/settings.h"

/*
 * User manual rev. D: over-voltage cut-off at least 10 mV above fully charged,
 * under-voltage cut-off at least 10 mV below fully discharged, peak discharge
 * cut-off above the discharge cut-off.
 */
struct relation {
	uint16_t low, high; /* registers: high >= low + margin */
	uint16_t margin;
};

static const struct relation relations[] = {
	{ DEVICE_FULLY_CHARGED, DEVICE_OVER_VOLTAGE, 10 },
	{ DEVICE_UNDER_VOLTAGE, DEVICE_FULLY_DISCHARGED, 10 },
	{ DEVICE_DISCHARGE_OVER_CURRENT, DEVICE_PEAK_DISCHARGE, 1 },
};

struct draft {
	uint16_t word[DEVICE_SETTINGS_WORDS];
	bool is_written[DEVICE_SETTINGS_WORDS];
};

static bool draft_take(const struct device *d, struct draft *draft, const struct device_write *w)
{
	if (w->address < DEVICE_SETTINGS || w->address >= DEVICE_SETTINGS + DEVICE_SETTINGS_WORDS ||
	    !device_has(d, w->address, 1))
		return false;
	draft->word[w->address - DEVICE_SETTINGS] = w->value;
	draft->is_written[w->address - DEVICE_SETTINGS] = true;
	return true;
}

static bool is_written(const struct draft *draft, const struct setting *s)
{
	const unsigned i = s->address - DEVICE_SETTINGS;

	return draft->is_written[i] || (s->words == 2 && draft->is_written[i + 1]);
}

static int64_t value_at(const uint16_t *words, const struct setting *s)
{
	const unsigned i = s->address - DEVICE_SETTINGS;

	if (s->words == 2)
		return words[i] | (int64_t) words[i + 1] << 16;
	return s->is_signed ? (int16_t) words[i] : (int64_t) words[i];
}

/* Two numbers in one register: each byte has its range. */
static bool are_bytes_within(uint16_t value, uint16_t max)
{
	return (value & 0xFF) <= (max & 0xFF) && value >> 8 <= max >> 8;
}

static bool is_within(const struct device *d, const struct draft *draft, const struct setting *s)
{
	const int64_t value = value_at(draft->word, s);

	if (s->address == DEVICE_CHARGER_TYPE)
		return are_bytes_within((uint16_t) value,
					d->setting_max[DEVICE_CHARGER_TYPE - DEVICE_SETTINGS]);
	return value >= value_at(d->setting_min, s) && value <= value_at(d->setting_max, s);
}

static bool do_relations_hold(const struct draft *draft)
{
	for (size_t i = 0; i < G_N_ELEMENTS(relations); i++) {
		const unsigned low = relations[i].low - DEVICE_SETTINGS;
		const unsigned high = relations[i].high - DEVICE_SETTINGS;

		if ((draft->is_written[low] || draft->is_written[high]) &&
		    draft->word[high] < draft->word[low] + relations[i].margin)
			return false;
	}
	return true;
}

static bool may_write(const struct device *d, const struct draft *draft)
{
	size_t count;
	const struct setting *table = settings_table(&count);

	for (size_t i = 0; i < count; i++)
		if (is_written(draft, &table[i]) && !is_within(d, draft, &table[i]))
			return false;
	return !d->is_relational || do_relations_hold(draft);
}

/* Registers 323 and 328 read 0xFFFF once the BMS has taken their value. */
static void take_charge(struct device *d, const struct draft *draft)
{
	const unsigned soc = DEVICE_SET_SOC - DEVICE_SETTINGS,
		       soh = DEVICE_SET_SOH - DEVICE_SETTINGS;

	if (draft->is_written[soc]) {
		device_thaw(d);
		d->soc_pct = draft->word[soc] * 0.002;
		d->word[DEVICE_SET_SOC] = SETTING_TAKEN;
	}
	if (draft->is_written[soh]) {
		d->word[DEVICE_SOH] = draft->word[soh];
		d->word[DEVICE_SET_SOH] = SETTING_TAKEN;
	}
}

/* Reserved registers take a write and keep what they had. */
static void commit(struct device *d, const struct draft *draft)
{
	size_t count;
	const struct setting *table = settings_table(&count);

	for (size_t i = 0; i < count; i++)
		if (is_written(draft, &table[i]))
			memcpy(d->word + table[i].address,
			       draft->word + (table[i].address - DEVICE_SETTINGS),
			       table[i].words * sizeof(uint16_t));
	take_charge(d, draft);
	device_refresh(d);
}

bool device_has(const struct device *d, uint16_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const unsigned place = first + i - DEVICE_SETTINGS; /* wraps below */

		if (place < DEVICE_SETTINGS_WORDS && d->is_setting_absent[place])
			return false;
	}
	return true;
}

bool device_write(struct device *d, const struct device_write *writes, size_t count)
{
	struct draft draft = { 0 };

	memcpy(draft.word, d->word + DEVICE_SETTINGS, sizeof(draft.word));
	for (size_t i = 0; i < count; i++)
		if (!draft_take(d, &draft, &writes[i]))
			return false;
	if (!may_write(d, &draft))
		return false;
	commit(d, &draft);
	return true;
}
