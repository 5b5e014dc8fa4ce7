/* SPDX-License-Identifier: MIT */
/* What a test changes by hand: cells, charge, charger, single registers. */
#include <math.h>
#include <string.h>

#include "sim/device_private.h"

/* A register shows 0.1 mV. */
#define REACHED_V 2e-5

static const double dead_wire_v = 1e-4;

/* cells_set_step() leaves the cells at rest: put the present current back. */
static void rederive(struct device *d)
{
	struct cells *c = &d->cells;

	cells_set_step(c, DEVICE_TICK_S);
	for (unsigned i = 0; i < c->count; i++)
		c->v[i] = c->rest_v[i] + d->current_a * c->r0_ohm[i];
}

void device_place_cell(struct device *d, unsigned i, double volts)
{
	struct cells *c = &d->cells;
	const double rest_v = volts - d->current_a * c->r0_ohm[i];

	d->is_broken[i] = volts < dead_wire_v;
	d->held_v[i] = (double) NAN;
	if (d->is_broken[i])
		return;
	c->rc_v[i] = 0.0;
	c->soc[i] = cells_curve_soc(&c->curve, rest_v);
	rederive(d);
	if (fabs(c->v[i] - volts) > REACHED_V)
		d->held_v[i] = volts;
}

void device_set_cell(struct device *d, unsigned index, double volts)
{
	device_thaw(d);
	device_place_cell(d, index, volts);
	d->is_by_hand[index] = true;
}

void device_set_soc(struct device *d, double soc_pct)
{
	struct cells *c = &d->cells;
	double mean = 0.0;

	device_thaw(d);
	d->soc_pct = soc_pct;
	for (unsigned i = 0; i < c->count; i++)
		mean += c->soc[i] / c->count;
	for (unsigned i = 0; i < c->count; i++)
		if (!d->is_by_hand[i] && isnan(d->held_v[i]))
			c->soc[i] += soc_pct / 100.0 - mean;
	rederive(d);
}

void device_set_series(struct device *d, unsigned cells)
{
	struct cells *c = &d->cells;

	device_thaw(d);
	for (unsigned i = c->count; i < cells; i++) { /* new ones are as the last */
		c->soc[i] = c->soc[c->count - 1];
		d->held_v[i] = (double) NAN;
		d->is_broken[i] = d->is_by_hand[i] = false;
	}
	c->count = cells;
	rederive(d);
	d->word[DEVICE_SERIES_CELLS] = (uint16_t) cells;
}

void device_set_charger(struct device *d, bool is_connected)
{
	device_thaw(d);
	if (d->drive.has_charger == is_connected)
		return;
	d->drive.has_charger = is_connected;
	device_add_event(d, is_connected ? DEVICE_EVENT_CHARGER_CONNECTED
					 : DEVICE_EVENT_CHARGER_DISCONNECTED);
	if (is_connected && d->is_asleep)
		device_wake(d, DEVICE_WOKEN_BY_CHARGER);
}

void device_pin(struct device *d, uint16_t address, uint16_t value)
{
	if (address >= DEVICE_WORDS)
		return;
	d->word[address] = value;
	if (address < DEVICE_LIVE_WORDS)
		d->is_pinned[address] = true;
}

void device_unpin(struct device *d)
{
	memset(d->is_pinned, 0, sizeof(d->is_pinned));
	device_refresh(d);
}

void device_set_capacity(struct device *d, double capacity_ah)
{
	struct cells *c = &d->cells;

	device_thaw(d);
	d->word[DEVICE_CAPACITY] = (uint16_t) round(capacity_ah * 100.0);
	for (unsigned i = 0; i < CELLS_MAX; i++) { /* resistance goes with size */
		const double ratio = c->capacity_ah[i] / capacity_ah;

		c->capacity_ah[i] = capacity_ah;
		c->r0_ohm[i] *= ratio;
		c->r1_ohm[i] *= ratio;
	}
	rederive(d);
}
