/* SPDX-License-Identifier: MIT */
#include "sim/device.h"

#include <math.h>
#include <string.h>

#include "sim/device_private.h"
#include "sim/protection.h"
#include "tinybms/settings.h"

#define FULL_AFTER_S 10.0
#define FULL_UNTIL_V 0.05 /* below register 300: no longer full */

uint16_t device_word(const struct device *d, uint16_t address)
{
	return address < DEVICE_WORDS ? d->word[address] : 0;
}

uint32_t device_u32(const struct device *d, unsigned address)
{
	return d->word[address] | (uint32_t) d->word[address + 1] << 16;
}

void device_put_u32(struct device *d, unsigned address, uint32_t value)
{
	d->word[address] = (uint16_t) value;
	d->word[address + 1] = (uint16_t) (value >> 16);
}

double device_setting(const struct device *d, enum device_register address)
{
	const struct setting *s = settings_by_address((uint16_t) address);
	const uint16_t raw = d->word[address];

	return (s->is_signed ? (int16_t) raw : (int32_t) raw) * s->scale;
}

void device_count(struct device *d, enum device_register counter)
{
	if (d->word[counter] < UINT16_MAX)
		d->word[counter]++;
}

unsigned device_cell_register(const struct device *d, unsigned index)
{
	return d->is_wired_from_bottom ? index : DEVICE_INPUTS - d->cells.count + index;
}

/* ---- the model ------------------------------------------------------------------- */

static double supply_a(const struct device *d, double other_a)
{
	const struct device_drive *drive = &d->drive;
	const double since_s = (double) d->now_us / 1e6 - drive->sun_began_s;
	double available_a = drive->supply_a;

	if (drive->sun_s > 0.0)
		available_a *= since_s < drive->sun_s ? sin(G_PI * since_s / drive->sun_s) : 0.0;
	if (available_a <= 0.0)
		return 0.0;

	const double room_a =
		(drive->supply_v - d->cells.sum_rest_v) / d->cells.sum_r0_ohm - other_a;

	return fmin(fmax(room_a, 0.0), available_a);
}

static double flowing_a(const struct device *d)
{
	const double other_a = d->drive.current_a - d->drive.load_a;
	const double wanted_a = other_a + supply_a(d, other_a);

	if (wanted_a > 0.0)
		return protection_stops_charge(d) ? 0.0 : wanted_a;
	return protection_stops_discharge(d) ? 0.0 : wanted_a;
}

static void flow(struct device *d)
{
	const double hours = DEVICE_TICK_S / 3600.0;
	const double a = flowing_a(d);

	cells_step(&d->cells, a);
	d->current_a = a;
	if (a > 0.0) {
		d->totals.charged_ah += a * hours;
		d->totals.charged_wh += a * hours * d->cells.sum_v;
	} else {
		d->totals.discharged_ah -= a * hours;
		d->totals.discharged_wh -= a * hours * d->cells.sum_v;
	}
	for (unsigned i = 0; i < d->cells.count; i++)
		d->totals.bled_ah += d->cells.v[i] * d->cells.bleed_siemens[i] * hours;
	if (fabs(a) >= DEVICE_CURRENT_NONE_A)
		memset(d->is_by_hand, 0, sizeof(d->is_by_hand));

	const double capacity_ah = device_setting(d, DEVICE_CAPACITY);

	d->soc_pct += 100.0 * a * hours / capacity_ah;
	d->soc_pct = fmin(fmax(d->soc_pct, 0.0), 100.0);
	d->distance_km += d->drive.speed_kmh * hours;
}

static void judge_full(struct device *d)
{
	const double full_v = device_setting(d, DEVICE_FULLY_CHARGED);
	const bool is_tail = d->max_v >= full_v && d->current_a > -DEVICE_CURRENT_NONE_A &&
			     d->current_a <= device_setting(d, DEVICE_CHARGE_FINISHED) &&
			     !protection_is_fault(d);

	d->full_s = is_tail ? d->full_s + DEVICE_TICK_S : 0.0;
	if (d->full_s >= FULL_AFTER_S)
		d->soc_pct = 100.0;
	if (!d->drive.has_charger || d->max_v < full_v - FULL_UNTIL_V)
		d->is_full = false;
	if (d->full_s < FULL_AFTER_S || d->is_full || !d->drive.has_charger)
		return;
	d->is_full = true;
	d->was_charging = false;
	device_add_event(d, DEVICE_EVENT_CHARGING_DONE);
	device_count(d, DEVICE_FULL_COUNT);
}

static void judge_charging(struct device *d)
{
	if (!d->drive.has_charger)
		d->was_charging = false;
	else if (d->current_a > DEVICE_CURRENT_NONE_A && !d->was_charging && !d->is_full) {
		d->was_charging = true;
		device_add_event(d, DEVICE_EVENT_CHARGING_STARTED);
		device_count(d, DEVICE_CHARGING_COUNT);
	}
}

/* Only while charging, regenerating or in over-voltage (user manual rev. D). */
static void balance(struct device *d)
{
	const bool may = d->current_a > DEVICE_CURRENT_NONE_A ||
			 d->max_v >= device_setting(d, DEVICE_OVER_VOLTAGE);
	const double from_v = device_setting(d, DEVICE_EARLY_BALANCING);
	const double allowed_v = device_setting(d, DEVICE_DISBALANCE);
	uint16_t wanted = 0;

	for (unsigned i = 0; may && i < d->cells.count; i++)
		if (d->cell_v[i] > from_v && d->cell_v[i] > d->min_v + allowed_v)
			wanted |= (uint16_t) (1u << i);
	if (wanted != d->bleeding)
		cells_set_bleeding(&d->cells, wanted);
	d->bleeding = wanted;
}

static void live(struct device *d)
{
	flow(d);
	d->lifetime_s += DEVICE_TICK_S;
	device_measure(d);
	protection_step(d, DEVICE_TICK_S);
	judge_charging(d);
	judge_full(d);
	balance(d);
	device_keep_extremes(d);
	if (!d->is_asleep && d->deaf_s <= 0.0)
		device_render(d);
}

static void tick(struct device *d)
{
	d->now_us += DEVICE_TICK_US;
	device_judge_sleep(d);
	if (!d->is_frozen)
		live(d);
	device_judge_reset(d);
}

void device_advance(struct device *d, gint64 now_us)
{
	while (d->now_us + DEVICE_TICK_US <= now_us)
		tick(d);
}

void device_refresh(struct device *d)
{
	if (d->is_frozen)
		return;
	device_measure(d);
	protection_step(d, 0.0);
	device_render(d);
}

void device_thaw(struct device *d)
{
	d->is_frozen = false;
}
