/* SPDX-License-Identifier: MIT */
/* Commands for the BMS: faults, events, sleep, registers. */
#include <string.h>

#include "sim/commands_private.h"
#include "sim/protection.h"
#include "tinybms/settings.h"

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

static bool absent(struct command_call *call)
{
	struct device *d = &call->s->device;
	unsigned address;

	return command_count(call, 0, SETTINGS_FIRST, SETTINGS_LAST, 0, &address) &&
	       command_switch(call, 1, &d->is_setting_absent[address - SETTINGS_FIRST]);
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
const struct command commands_bms[] = {
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
	{ "absent", 2, 2, "ADDRESS on|off (a setting that this firmware does not know)", absent },
	{ "relations", 1, 1, "on|off (check settings against each other)", relations },
	{ "wiring", 1, 1, "top|bottom (where free inputs are not)", wiring },
	{ NULL, 0, 0, NULL, NULL },
};
/* clang-format on */
