/* SPDX-License-Identifier: MIT */
/* Commands for the battery and what is connected to it. */
#include <math.h>
#include <string.h>

#include "sim/commands_private.h"

#define CURRENT_MAX_A 10000.0

static bool set_cell(struct command_call *call)
{
	struct device *d = &call->s->device;
	unsigned number;
	double v;

	if (!command_count(call, 0, 1, d->cells.count, 0, &number) ||
	    !command_number(call, 1, 0.0, 6.5535, &v))
		return false;
	device_set_cell(d, number - 1, v);
	return true;
}

static bool set_cells(struct command_call *call)
{
	struct device *d = &call->s->device;
	double v;

	if (!command_number(call, 0, 0.0, 6.5535, &v))
		return false;
	for (unsigned i = 0; i < d->cells.count; i++)
		device_set_cell(d, i, v);
	return true;
}

static bool set_soc(struct command_call *call)
{
	double soc_pct;

	if (!command_number(call, 0, 0.0, 100.0, &soc_pct))
		return false;
	device_set_soc(&call->s->device, soc_pct);
	return true;
}

static bool set_counted_soc(struct command_call *call)
{
	double soc_pct;

	if (!command_number(call, 0, 0.0, 100.0, &soc_pct))
		return false;
	device_thaw(&call->s->device);
	call->s->device.soc_pct = soc_pct;
	return true;
}

static bool set_soh(struct command_call *call)
{
	double soh_pct;

	if (!command_number(call, 0, 0.0, 100.0, &soh_pct))
		return false;
	call->s->device.word[DEVICE_SOH] = (uint16_t) round(soh_pct / 0.002);
	return true;
}

static bool set_capacity(struct command_call *call)
{
	struct device *d = &call->s->device;
	double capacity_ah;

	if (!command_number(call, 0, 0.1, 655.0, &capacity_ah))
		return false;
	device_set_capacity(d, capacity_ah);
	return true;
}

static bool series(struct command_call *call)
{
	unsigned cells;

	if (!command_count(call, 0, 4, DEVICE_INPUTS, 0, &cells))
		return false;
	device_set_series(&call->s->device, cells);
	return true;
}

static bool lifetime(struct command_call *call)
{
	double s;

	if (!command_number(call, 0, 0.0, 4294967295.0, &s))
		return false;
	device_thaw(&call->s->device);
	call->s->device.lifetime_s = s;
	return true;
}

static bool current(struct command_call *call)
{
	double a;

	if (!command_number(call, 0, -CURRENT_MAX_A, CURRENT_MAX_A, &a))
		return false;
	device_thaw(&call->s->device);
	call->s->device.drive.current_a = a;
	return true;
}

static bool load(struct command_call *call)
{
	double a;

	if (!command_number(call, 0, 0.0, CURRENT_MAX_A, &a))
		return false;
	device_thaw(&call->s->device);
	call->s->device.drive.load_a = a;
	return true;
}

static bool supply(struct command_call *call)
{
	double v, a;

	if (!command_number(call, 0, 0.0, 100.0, &v) ||
	    !command_number(call, 1, 0.0, CURRENT_MAX_A, &a))
		return false;
	device_thaw(&call->s->device);
	call->s->device.drive.supply_v = v;
	call->s->device.drive.supply_a = a;
	call->s->device.drive.sun_s = 0.0;
	return true;
}

static bool sun(struct command_call *call)
{
	struct device *d = &call->s->device;
	double v, a, hours;

	if (!command_number(call, 0, 0.0, 100.0, &v) ||
	    !command_number(call, 1, 0.0, CURRENT_MAX_A, &a) ||
	    !command_number(call, 2, 0.001, 24.0, &hours))
		return false;
	device_thaw(d);
	d->drive.supply_v = v;
	d->drive.supply_a = a;
	d->drive.sun_s = hours * 3600.0;
	d->drive.sun_began_s = (double) d->now_us / 1e6;
	return true;
}

static bool charger(struct command_call *call)
{
	bool is_on;

	if (!command_switch(call, 0, &is_on))
		return false;
	device_set_charger(&call->s->device, is_on);
	return true;
}

static bool speed(struct command_call *call)
{
	double kmh;

	if (!command_number(call, 0, 0.0, 1000.0, &kmh))
		return false;
	device_thaw(&call->s->device);
	call->s->device.drive.speed_kmh = kmh;
	return true;
}

static bool temperature(struct command_call *call)
{
	struct device *d = &call->s->device;
	unsigned sensor;
	double c = (double) NAN;

	if (!command_count(call, 0, 0, DEVICE_SENSORS - 1, 0, &sensor))
		return false;

	const bool is_absent = !strcmp(call->word[1], "none");

	if (!is_absent && strcmp(call->word[1], "auto") &&
	    !command_number(call, 1, -3276.7, 3276.7, &c))
		return false;
	device_thaw(d);
	d->is_sensor_absent[sensor] = is_absent;
	d->held_temp_c[sensor] = c;
	return true;
}

static bool ambient(struct command_call *call)
{
	struct cells *c = &call->s->device.cells;
	double degrees;

	if (!command_number(call, 0, -60.0, 150.0, &degrees))
		return false;
	device_thaw(&call->s->device);
	c->ambient_c = degrees;
	for (unsigned i = 0; i < CELLS_MAX; i++)
		c->temp_c[i] = degrees;
	return true;
}

/* clang-format off */
const struct command commands_battery[] = {
	{ "set cell", 2, 2, "NUMBER V (0: broken wire)", set_cell },
	{ "set cells", 1, 1, "V", set_cells },
	{ "set soc", 1, 1, "PERCENT", set_soc },
	{ "set counted-soc", 1, 1, "PERCENT (what the BMS believes)", set_counted_soc },
	{ "set soh", 1, 1, "PERCENT", set_soh },
	{ "set capacity", 1, 1, "AH", set_capacity },
	{ "set lifetime", 1, 1, "S", lifetime },
	{ "series", 1, 1, "CELLS", series },
	{ "current", 1, 1, "A (+ charges)", current },
	{ "load", 1, 1, "A", load },
	{ "supply", 2, 2, "V A (constant voltage up to a current)", supply },
	{ "sun", 3, 3, "V A HOURS (a supply shaped as half a sine)", sun },
	{ "charger", 1, 1, "on|off", charger },
	{ "speed", 1, 1, "KMH", speed },
	{ "temperature", 2, 2, "0|1|2 DEGC|none|auto (0 is internal)", temperature },
	{ "ambient", 1, 1, "DEGC", ambient },
	{ NULL, 0, 0, NULL, NULL },
};
/* clang-format on */
