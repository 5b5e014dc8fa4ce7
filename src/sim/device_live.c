/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "battery/battery.h"
#include "sim/device_private.h"
#include "sim/protection.h"

enum {
	NO_SENSOR = 0x8000,  /* registers 42 and 43 without one */
	TIME_LEFT_NONE = -1, /* 0xFFFFFFFF in an idle device */
};

/* The electronics are warmer than the cells. */
#define SELF_HEATING_C 3.0

static double cell_reading_v(const struct device *d, unsigned i)
{
	if (d->is_broken[i])
		return 0.0;
	return isnan(d->held_v[i]) ? d->cells.v[i] : d->held_v[i];
}

static void measure_cells(struct device *d)
{
	const unsigned wanted = d->word[DEVICE_SERIES_CELLS];
	const unsigned count = d->cells.count;

	for (unsigned i = 0; i < count; i++)
		d->cell_v[i] = cell_reading_v(d, i);

	/* The BMS watches as many inputs as register 307 says; the highest are wired. */
	d->min_v = wanted > count ? 0.0 : (double) INFINITY;
	d->max_v = 0.0;
	for (unsigned i = wanted < count ? count - wanted : 0; i < count; i++) {
		d->min_v = fmin(d->min_v, d->cell_v[i]);
		d->max_v = fmax(d->max_v, d->cell_v[i]);
	}
}

static double model_temp_c(const struct device *d, unsigned sensor)
{
	const double *cell_c = d->cells.temp_c;

	switch (sensor) {
	case 0:
		return cell_c[d->cells.count / 2] + SELF_HEATING_C;
	case 1:
		return cell_c[0];
	default:
		return cell_c[d->cells.count - 1];
	}
}

static void measure_temperatures(struct device *d)
{
	d->temp_low_c = d->temp_high_c = (double) NAN;
	for (unsigned i = 0; i < DEVICE_SENSORS; i++) {
		const double held_c = d->held_temp_c[i];

		d->temp_c[i] = isnan(held_c) ? model_temp_c(d, i) : held_c;
		if (d->is_sensor_absent[i])
			d->temp_c[i] = (double) NAN;
		d->temp_low_c = fmin(d->temp_low_c, d->temp_c[i]); /* of NAN and x: x */
		d->temp_high_c = fmax(d->temp_high_c, d->temp_c[i]);
	}
}

void device_measure(struct device *d)
{
	measure_cells(d);
	measure_temperatures(d);
}

/* ---- registers ------------------------------------------------------------------- */

static uint16_t saturated(double value)
{
	return (uint16_t) fmin(fmax(round(value), 0.0), UINT16_MAX);
}

static void put(struct device *d, unsigned address, uint16_t value)
{
	if (!d->is_pinned[address])
		d->word[address] = value;
}

static void put_pair(struct device *d, unsigned address, uint32_t value)
{
	put(d, address, (uint16_t) value);
	put(d, address + 1, (uint16_t) (value >> 16));
}

static void put_f32(struct device *d, unsigned address, double value)
{
	const float narrow = (float) value;
	uint32_t bits;

	memcpy(&bits, &narrow, sizeof(bits));
	put_pair(d, address, bits);
}

static void put_temperature(struct device *d, unsigned address, unsigned sensor)
{
	const double c = d->temp_c[sensor];

	put(d, address,
	    isnan(c) ? NO_SENSOR : (uint16_t) (int16_t) fmin(fmax(round(c * 10.0), -32767), 32767));
}

static void render_cells(struct device *d)
{
	double pack_v = d->pack_offset_v;

	for (unsigned r = 0; r < DEVICE_INPUTS; r++)
		if (r < device_cell_register(d, 0) ||
		    r > device_cell_register(d, d->cells.count - 1))
			put(d, r, 0);
	for (unsigned i = 0; i < d->cells.count; i++) {
		put(d, device_cell_register(d, i), saturated(d->cell_v[i] * 1e4));
		pack_v += d->is_broken[i] ? d->cells.v[i] : d->cell_v[i];
	}
	put(d, DEVICE_MIN_CELL, saturated(d->min_v * 1e3));
	put(d, DEVICE_MAX_CELL, saturated(d->max_v * 1e3));
	put(d, DEVICE_DETECTED_CELLS, (uint16_t) d->cells.count);
	put_f32(d, DEVICE_PACK_V, round(pack_v * 1e3) / 1e3);
}

static uint16_t balancing_bits(const struct device *d)
{
	return (uint16_t) (d->bleeding << device_cell_register(d, 0));
}

static enum battery_status status(const struct device *d)
{
	if (protection_is_fault(d))
		return BATTERY_STATUS_FAULT;
	if (d->is_full)
		return BATTERY_STATUS_FULL;
	if (d->current_a > DEVICE_CURRENT_NONE_A)
		return d->drive.has_charger ? BATTERY_STATUS_CHARGING : BATTERY_STATUS_REGENERATION;
	return d->current_a < -DEVICE_CURRENT_NONE_A ? BATTERY_STATUS_DISCHARGING
						     : BATTERY_STATUS_IDLE;
}

static uint32_t time_left_s(const struct device *d)
{
	if (d->current_a > -DEVICE_CURRENT_NONE_A)
		return (uint32_t) TIME_LEFT_NONE;

	const double left_ah = device_setting(d, DEVICE_CAPACITY) * d->soc_pct / 100.0;

	return (uint32_t) (left_ah * 3600.0 / -d->current_a);
}

void device_render(struct device *d)
{
	render_cells(d);
	put_pair(d, DEVICE_LIFETIME, (uint32_t) (uint64_t) d->lifetime_s);
	put_pair(d, DEVICE_TIME_LEFT, time_left_s(d));
	put_f32(d, DEVICE_CURRENT, round(d->current_a * 1e3) / 1e3);
	put_temperature(d, DEVICE_INTERNAL_TEMP, 0);
	put_temperature(d, DEVICE_EXTERNAL_TEMP_1, 1);
	put_temperature(d, DEVICE_EXTERNAL_TEMP_2, 2);
	put_pair(d, DEVICE_SOC, (uint32_t) round(d->soc_pct * 1e6));
	put(d, DEVICE_STATUS, (uint16_t) status(d));
	put(d, DEVICE_BALANCING_WANTED, balancing_bits(d));
	put(d, DEVICE_BALANCING, balancing_bits(d));
	put_f32(d, DEVICE_SPEED, d->drive.speed_kmh);
	device_put_u32(d, DEVICE_DISTANCE, (uint32_t) (uint64_t) (d->distance_km * 100.0));
}

/* ---- statistics ------------------------------------------------------------------ */

static int8_t narrow(double c)
{
	return (int8_t) fmin(fmax(floor(c), INT8_MIN), INT8_MAX);
}

static void put_temperatures_seen(struct device *d, int8_t low, int8_t high)
{
	d->word[DEVICE_TEMPERATURES_SEEN] =
		(uint16_t) ((uint8_t) low | (unsigned) (uint8_t) high << 8);
}

static void raise_to(uint16_t *word, double value)
{
	const uint16_t raw = saturated(value);

	if (raw > *word)
		*word = raw;
}

void device_keep_extremes(struct device *d)
{
	const uint16_t seen = d->word[DEVICE_TEMPERATURES_SEEN];
	const int8_t low = (int8_t) (seen & 0xFF), high = (int8_t) (seen >> 8);

	raise_to(&d->word[DEVICE_MAX_DISCHARGE], -d->current_a * 10.0);
	raise_to(&d->word[DEVICE_MAX_CHARGE], d->current_a * 10.0);
	raise_to(&d->word[DEVICE_MAX_DIFFERENCE], (d->max_v - d->min_v) * 1e4);
	if (!isnan(d->temp_low_c))
		put_temperatures_seen(d, MIN(low, narrow(d->temp_low_c)),
				      MAX(high, narrow(d->temp_high_c)));
}

void device_clear_extremes(struct device *d)
{
	if (!isnan(d->temp_low_c))
		put_temperatures_seen(d, narrow(d->temp_low_c), narrow(d->temp_high_c));
}
