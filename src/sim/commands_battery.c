/* SPDX-License-Identifier: MIT */
/* Commands for the battery, what is connected to it, and its BMS. */
#include <math.h>
#include <string.h>

#include "sim/commands_private.h"
#include "sim/protection.h"
#include "tinybms/settings.h"

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

static bool fault(struct command_call *call)
{
	device_thaw(&call->s->device);
	if (protection_force(&call->s->device, call->word[0]))
		return true;

	g_autofree char *names = protection_names();

	return command_fail(call, "no fault \"%s\"; faults: %s", call->word[0], names);
}

static bool clear(struct command_call *call)
{
	const char *name = call->words ? call->word[0] : NULL;

	device_thaw(&call->s->device);
	if (protection_clear(&call->s->device, name))
		return true;

	g_autofree char *names = protection_names();

	return command_fail(call, "no fault \"%s\"; faults: %s", name, names);
}

static bool protection(struct command_call *call)
{
	bool is_on;

	if (!command_switch(call, 0, &is_on))
		return false;
	call->s->device.are_protections_off = !is_on;
	return true;
}

static bool event(struct command_call *call)
{
	unsigned id;

	if (!command_count(call, 0, 1, UINT8_MAX, 0, &id))
		return false;
	device_add_event(&call->s->device, (uint8_t) id);
	return true;
}

static bool sleep_now(struct command_call *call)
{
	device_sleep(&call->s->device);
	call->s->device.is_kept_asleep = true;
	return true;
}

static bool wake(struct command_call *call)
{
	device_wake(&call->s->device, DEVICE_WOKEN_BY_UART);
	return true;
}

static bool auto_sleep(struct command_call *call)
{
	return command_switch(call, 0, &call->s->device.may_sleep);
}

static bool reset(struct command_call *call)
{
	device_reset(&call->s->device);
	return true;
}

static bool pin(struct command_call *call)
{
	unsigned address, value;

	if (!command_count(call, 0, 0, DEVICE_WORDS - 1, 0, &address) ||
	    !command_count(call, 1, 0, UINT16_MAX, 0, &value))
		return false;
	device_pin(&call->s->device, (uint16_t) address, (uint16_t) value);
	return true;
}

static bool unpin(struct command_call *call)
{
	device_unpin(&call->s->device);
	return true;
}

static bool range(struct command_call *call)
{
	struct device *d = &call->s->device;
	unsigned address, min, max;

	if (!command_count(call, 0, SETTINGS_FIRST, SETTINGS_LAST, 0, &address) ||
	    !command_count(call, 1, 0, UINT16_MAX, 0, &min) ||
	    !command_count(call, 2, 0, UINT16_MAX, 0, &max))
		return false;
	d->setting_min[address - SETTINGS_FIRST] = (uint16_t) min;
	d->setting_max[address - SETTINGS_FIRST] = (uint16_t) max;
	return true;
}

static bool relations(struct command_call *call)
{
	return command_switch(call, 0, &call->s->device.is_relational);
}

static bool wiring(struct command_call *call)
{
	const bool is_bottom = !strcmp(call->word[0], "bottom");

	if (!is_bottom && strcmp(call->word[0], "top"))
		return command_fail(call, "\"%s\" is neither top nor bottom", call->word[0]);
	device_thaw(&call->s->device);
	call->s->device.is_wired_from_bottom = is_bottom;
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
	{ "fault", 1, 1, "NAME|ID", fault },
	{ "clear fault", 0, 1, "[NAME|ID]", clear },
	{ "clear", 1, 1, "NAME|ID", clear },
	{ "protection", 1, 1, "on|off", protection },
	{ "event", 1, 1, "ID", event },
	{ "sleep", 0, 0, "", sleep_now },
	{ "wake", 0, 0, "", wake },
	{ "auto-sleep", 1, 1, "on|off", auto_sleep },
	{ "reset", 0, 0, "", reset },
	{ "register", 2, 2, "ADDRESS VALUE (a live one stays so)", pin },
	{ "release", 0, 0, "(live registers follow the model again)", unpin },
	{ "range", 3, 3, "ADDRESS MIN MAX (what this device accepts)", range },
	{ "relations", 1, 1, "on|off (check settings against each other)", relations },
	{ "wiring", 1, 1, "top|bottom (where free inputs are not)", wiring },
	{ NULL, 0, 0, NULL, NULL },
};
/* clang-format on */
