/* SPDX-License-Identifier: MIT */
#include "manage/status.h"

#include <math.h>

#include "snapshot_json.h"

static void add_number(cJSON *object, const char *key, double value)
{
	if (isfinite(value))
		cJSON_AddNumberToObject(object, key, round(value * 1000.0) / 1000.0);
	else
		cJSON_AddNullToObject(object, key);
}

static void add_device(cJSON *object, const struct battery_identity *device)
{
	char firmware[VIEW_TEXT_MAX];
	g_autofree char *hardware =
		g_strdup_printf("%u.%u", device->hardware, device->hardware_changes);

	view_firmware(firmware, device);
	cJSON_AddStringToObject(object, "serial", device->serial);
	cJSON_AddStringToObject(object, "firmware", firmware);
	cJSON_AddStringToObject(object, "hardware", device->hardware ? hardware : "");
}

static void add_limits(cJSON *object, const struct limits *l)
{
	cJSON *limits = cJSON_AddObjectToObject(object, "limits");
	const double unknown = (double) NAN;

	add_number(limits, "cvl", l->on_bus ? l->cvl_v : unknown);
	add_number(limits, "ccl", l->on_bus ? l->ccl_a : unknown);
	add_number(limits, "dcl", l->on_bus ? l->dcl_a : unknown);
	add_number(limits, "dvl", l->on_bus ? l->dvl_v : unknown);
	cJSON_AddStringToObject(limits, "state", charge_state_text(l->state));
	cJSON_AddStringToObject(limits, "charge_limitation", l->charge_limitation);
	cJSON_AddStringToObject(limits, "discharge_limitation", l->discharge_limitation);
}

static void add_alarms(cJSON *object, const enum alarm_level *levels)
{
	cJSON *alarms = cJSON_AddObjectToObject(object, "alarms");

	for (unsigned i = 0; i < ALARM_COUNT; i++)
		cJSON_AddNumberToObject(alarms, alarm_name((enum alarm_id) i), levels[i]);
}

cJSON *status_make(const struct status *s)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "program", VERSION);
	cJSON_AddStringToObject(object, "port", s->port);
	cJSON_AddStringToObject(object, "state", s->sentence);
	if (s->is_published)
		cJSON_AddStringToObject(object, "service", s->sentence);
	else
		cJSON_AddNullToObject(object, "service");
	add_number(object, "instance", s->instance >= 0 ? s->instance : (double) NAN);
	if (!s->decision)
		return object;
	add_device(object, &s->decision->battery->identity);
	add_number(object, "age", s->decision->age_s);
	cJSON_AddItemToObject(object, "battery", snapshot_json_make(s->decision->battery));
	add_number(object, "pack_voltage", s->decision->battery->pack_v);
	if (s->decision->limits)
		add_limits(object, s->decision->limits);
	if (s->decision->alarms)
		add_alarms(object, s->decision->alarms);
	return object;
}
