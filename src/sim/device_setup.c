/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device_private.h"
#include "tinybms/settings.h"

enum {
	NO_SENSOR = 0x8000,
	SERIAL_WORDS = 6,
	CHARGER_TYPE_MAX = 30 << 8 | 2, /* register 330: delay 0-30 s, type 0-2 */
	CONFIGURATION_BITS_MAX = 7,	/* register 329: bits 0 to 2 */
};

/* What the captured device says of itself, and a serial number of our own. */
static const uint16_t version[] = {
	0x0102, 0x0301, 0x00F2, 0x0418, 0x0041, 0x0029, 0x5301, 0x3031, 0x3537, 0x2033,
};

/* Reset by power, woken by the serial line (register 114). */
static const uint16_t causes = 3 << 8 | 5;
static const double lifetime_s = 1e6, settled_soc_pct = 50.0;

struct override {
	uint16_t address, value;
};

/* What owners of such cells set; the defaults of the document's device are for Li-ion. */
static const struct override lfp[] = {
	{ DEVICE_FULLY_CHARGED, 3600 },	  { DEVICE_FULLY_DISCHARGED, 2900 },
	{ DEVICE_EARLY_BALANCING, 3400 }, { DEVICE_OVER_VOLTAGE, 3700 },
	{ DEVICE_UNDER_VOLTAGE, 2700 },
};

static const struct override lto[] = {
	{ DEVICE_FULLY_CHARGED, 2650 },	  { DEVICE_FULLY_DISCHARGED, 2000 },
	{ DEVICE_EARLY_BALANCING, 2400 }, { DEVICE_OVER_VOLTAGE, 2800 },
	{ DEVICE_UNDER_VOLTAGE, 1800 },
};

static void apply(struct device *d, const struct override *overrides, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d->word[overrides[i].address] = overrides[i].value;
}

static void put_setting(uint16_t *words, const struct setting *s, double raw)
{
	const uint32_t value = (uint32_t) (int64_t) raw;

	words[s->address - DEVICE_SETTINGS] = (uint16_t) value;
	if (s->words == 2)
		words[s->address - DEVICE_SETTINGS + 1] = (uint16_t) (value >> 16);
}

void device_default_settings(uint16_t words[DEVICE_SETTINGS_WORDS])
{
	size_t count;
	const struct setting *table = settings_table(&count);

	memset(words, 0, DEVICE_SETTINGS_WORDS * sizeof(*words));
	for (size_t i = 0; i < count; i++)
		put_setting(words, &table[i], table[i].raw_default);
}

static void init_settings(struct device *d)
{
	size_t count;
	const struct setting *table = settings_table(&count);

	device_default_settings(d->word + DEVICE_SETTINGS);
	for (size_t i = 0; i < count; i++) {
		put_setting(d->setting_min, &table[i], table[i].raw_min);
		put_setting(d->setting_max, &table[i], table[i].raw_max);
	}
	d->setting_max[DEVICE_CHARGER_TYPE - DEVICE_SETTINGS] = CHARGER_TYPE_MAX;
	d->setting_max[DEVICE_CONFIGURATION_BITS - DEVICE_SETTINGS] = CONFIGURATION_BITS_MAX;
}

static void init_words(struct device *d, const struct device_setup *setup)
{
	init_settings(d);
	if (setup->has_chemistry && setup->chemistry == CELLS_LFP)
		apply(d, lfp, G_N_ELEMENTS(lfp));
	if (setup->has_chemistry && setup->chemistry == CELLS_LTO)
		apply(d, lto, G_N_ELEMENTS(lto));
	memcpy(d->word + DEVICE_VERSION, version, sizeof(version));
	d->word[DEVICE_CAUSES] = causes;
}

static void put_serial(struct device *d, const char *serial)
{
	for (unsigned i = 0; i < SERIAL_WORDS; i++) {
		char digits[5] = { 0 };

		strncpy(digits, serial + 4 * i, 4);
		d->word[DEVICE_SERIAL + i] = (uint16_t) strtoul(digits, NULL, 16);
	}
}

/* The dump's words over the defaults; a live register that it lacks is 0. */
static void lay_over(struct device *d, const struct dump *dump)
{
	for (unsigned i = 0; i < DEVICE_WORDS; i++)
		if (dump->is_there[i])
			d->word[i] = dump->word[i];
}

static bool has_live(const struct dump *dump)
{
	for (unsigned i = 0; i < DEVICE_LIVE_WORDS; i++)
		if (dump->is_there[i])
			return true;
	return false;
}

static enum cells_chemistry deduce(const struct device *d)
{
	const double full_v = device_setting(d, DEVICE_FULLY_CHARGED);

	if (full_v < 3.0)
		return CELLS_LTO;
	return full_v < 3.9 ? CELLS_LFP : CELLS_LI_ION;
}

static bool is_from_bottom(const struct device *d, unsigned count)
{
	for (unsigned i = 0; i < DEVICE_INPUTS; i++)
		if ((d->word[i] != 0) != (i < count))
			return false;
	return count < DEVICE_INPUTS;
}

static double f32(const struct device *d, unsigned address)
{
	const uint32_t bits = device_u32(d, address);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return (double) value;
}

static void adopt_temperature(struct device *d, const struct dump *dump, unsigned address,
			      unsigned sensor)
{
	if (!dump->is_there[address])
		return;
	d->is_sensor_absent[sensor] = d->word[address] == NO_SENSOR;
	d->held_temp_c[sensor] = (int16_t) d->word[address] / 10.0;
}

static void adopt_cells(struct device *d)
{
	const unsigned count = d->cells.count;
	double sum_v = 0.0;

	d->is_wired_from_bottom = is_from_bottom(d, count);
	for (unsigned i = 0; i < count; i++) {
		const double v = d->word[device_cell_register(d, i)] / 1e4;

		device_place_cell(d, i, v);
		sum_v += v;
	}
	const double offset_v = f32(d, DEVICE_PACK_V) - sum_v;

	d->pack_offset_v = fabs(offset_v) < 1.0 ? offset_v : 0.0;
}

void device_adopt(struct device *d, const struct dump *dump)
{
	if (!has_live(dump))
		return;
	adopt_cells(d);
	adopt_temperature(d, dump, DEVICE_INTERNAL_TEMP, 0);
	adopt_temperature(d, dump, DEVICE_EXTERNAL_TEMP_1, 1);
	adopt_temperature(d, dump, DEVICE_EXTERNAL_TEMP_2, 2);
	if (dump->is_there[DEVICE_SOC])
		d->soc_pct = fmin(device_u32(d, DEVICE_SOC) / 1e6, 100.0);
	if (dump->is_there[DEVICE_LIFETIME])
		d->lifetime_s = device_u32(d, DEVICE_LIFETIME);
	if (isfinite(f32(d, DEVICE_CURRENT)))
		d->drive.current_a = f32(d, DEVICE_CURRENT);
	d->is_frozen = fabs(d->drive.current_a) < DEVICE_CURRENT_NONE_A;
}

static void init_cells(struct device *d, const struct device_setup *setup)
{
	const unsigned count = setup->cells ? setup->cells : d->word[DEVICE_SERIES_CELLS];
	const double soc_pct = isnan(setup->soc_pct) ? settled_soc_pct : setup->soc_pct;

	d->word[DEVICE_SERIES_CELLS] = (uint16_t) CLAMP(count, 4, DEVICE_INPUTS);
	if (!isnan(setup->capacity_ah))
		d->word[DEVICE_CAPACITY] = (uint16_t) round(setup->capacity_ah * 100.0);
	d->soc_pct = soc_pct;
	cells_init(&d->cells, setup->has_chemistry ? setup->chemistry : deduce(d),
		   d->word[DEVICE_SERIES_CELLS], device_setting(d, DEVICE_CAPACITY),
		   soc_pct / 100.0);
	cells_set_step(&d->cells, DEVICE_TICK_S);
	for (unsigned i = 0; i < CELLS_MAX; i++)
		d->held_v[i] = (double) NAN;
	for (unsigned i = 0; i < DEVICE_SENSORS; i++)
		d->held_temp_c[i] = (double) NAN;
}

void device_init(struct device *d, const struct device_setup *setup, const struct dump *dump,
		 gint64 now_us)
{
	memset(d, 0, sizeof(*d));
	d->now_us = now_us;
	d->may_sleep = d->is_relational = true;
	d->lifetime_s = lifetime_s;
	init_words(d, setup);
	if (dump)
		lay_over(d, dump);
	if (setup->serial)
		put_serial(d, setup->serial);
	init_cells(d, setup);

	if (!dump) {
		d->word[DEVICE_SOH] = 50000; /* 100 % */
		device_add_event(d, DEVICE_EVENT_STARTED);
	} else {
		device_adopt(d, dump);
	}
	device_measure(d);
	if (!dump || !dump->is_there[DEVICE_TEMPERATURES_SEEN])
		device_clear_extremes(d);
	if (dump && !isnan(setup->soc_pct))
		device_set_soc(d, setup->soc_pct);
	if (!d->is_frozen)
		device_render(d);
}
