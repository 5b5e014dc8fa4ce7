/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_commands.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "gateway/mqtt_battery.h"

static const char SET[] = "SetConfiguration";

#define NUMBER_ARGUMENT(n)                                                                         \
	{                                                                                          \
		.type = VALUE_DOUBLE, .number = (n)                                                \
	}
#define AT(name) .path = "/Settings/Charge/" name
#define TEXT_ARGUMENT(t)                                                                           \
	{                                                                                          \
		.type = VALUE_STRING, .string = (t)                                                \
	}

/* clang-format off */
static const struct mqtt_command_row rows[] = {
	{ "full_charge", "Full charge", MQTT_COMMAND_BUTTON, "FullCharge",
	  { NUMBER_ARGUMENT(1.0) }, 1 },
	{ "cancel_full_charge", "Cancel full charge", MQTT_COMMAND_BUTTON, "FullCharge",
	  { NUMBER_ARGUMENT(0.0) }, 1 },
	{ "reset_events", "Clear the BMS's events", MQTT_COMMAND_BUTTON, "Reset",
	  { TEXT_ARGUMENT("{\"what\":\"events\",\"by\":\"mqtt\"}"), TEXT_ARGUMENT("") }, 2 },
	{ "reset_statistics", "Clear the BMS's statistics", MQTT_COMMAND_BUTTON, "Reset",
	  { TEXT_ARGUMENT("{\"what\":\"statistics\",\"by\":\"mqtt\"}"), TEXT_ARGUMENT("") }, 2 },
	{ "storage", "Storage", MQTT_COMMAND_SWITCH, SET,
	  AT("Storage") },
	{ "force_charging_off", "Charging off", MQTT_COMMAND_SWITCH, SET,
	  AT("ForceChargingOff") },
	{ "force_discharging_off", "Discharging off", MQTT_COMMAND_SWITCH, SET,
	  AT("ForceDischargingOff") },
	{ "max_charge_current", "Highest charge current", MQTT_COMMAND_NUMBER, SET,
	  AT("max_charge_current") },
	{ "max_discharge_current", "Highest discharge current", MQTT_COMMAND_NUMBER, SET,
	  AT("max_discharge_current") },
	{ "soc_ceiling", "Charge up to", MQTT_COMMAND_NUMBER, SET,
	  AT("soc_ceiling") },
	{ "full_charge_interval", "Full charge each", MQTT_COMMAND_NUMBER, SET,
	  AT("full_charge_interval") },
};
/* clang-format on */

const struct mqtt_command_row *mqtt_commands_at(size_t index)
{
	return index < G_N_ELEMENTS(rows) ? &rows[index] : NULL;
}

void mqtt_commands_range(const struct mqtt_command_row *row, double *min, double *max,
			 const char **unit)
{
	const struct config_key *key = config_find(row->name);

	*min = key->min;
	*max = key->max;
	*unit = key->unit;
}

static const struct mqtt_command_row *find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

char *mqtt_commands_filter(const char *root)
{
	return g_strdup_printf("%s/+/set/+", root);
}

bool mqtt_commands_split(const char *root, const char *topic, char **level, char **name)
{
	const size_t length = strlen(root);

	if (strncmp(topic, root, length) != 0 || topic[length] != '/')
		return false;
	g_auto(GStrv) levels = g_strsplit(topic + length + 1, "/", -1);

	if (g_strv_length(levels) != 3 || strcmp(levels[1], "set") != 0 || !levels[0][0] ||
	    !levels[2][0])
		return false;
	*level = g_strdup(levels[0]);
	*name = g_strdup(levels[2]);
	return true;
}

static bool refuse(GError **error, const char *sentence)
{
	g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_TYPE, sentence);
	return false;
}

static bool read_switch(const char *payload, const char **text, GError **error)
{
	if (g_ascii_strcasecmp(payload, "ON") == 0 || strcmp(payload, "true") == 0 ||
	    strcmp(payload, "1") == 0)
		*text = "true";
	else if (g_ascii_strcasecmp(payload, "OFF") == 0 || strcmp(payload, "false") == 0 ||
		 strcmp(payload, "0") == 0)
		*text = "false";
	else
		return refuse(error, "ON or OFF is expected.");
	return true;
}

static bool read_number(const struct mqtt_command_row *row, const char *payload, double *number,
			GError **error)
{
	double min = 0.0, max = 0.0;
	const char *unit = NULL;
	char *end = NULL;

	mqtt_commands_range(row, &min, &max, &unit);
	*number = g_ascii_strtod(payload, &end);
	if (end == payload || *end != '\0' || !isfinite(*number) ||
	    strspn(payload, "+-.0123456789eE") != strlen(payload))
		return refuse(error, "A number is expected.");
	if (*number >= min && *number <= max)
		return true;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_RANGE, "%s is %g to %g %s, not %s.",
		    row->name, min, max, unit, payload);
	return false;
}

static bool read_key(const struct mqtt_command_row *row, const char *payload, struct mqtt_call *out,
		     GError **error)
{
	char digits[G_ASCII_DTOSTR_BUF_SIZE];
	const char *text = digits;
	double number = 0.0;

	if (row->kind == MQTT_COMMAND_SWITCH) {
		if (!read_switch(payload, &text, error))
			return false;
	} else if (!read_number(row, payload, &number, error)) {
		return false;
	} else {
		g_ascii_formatd(digits, sizeof(digits), "%.10g", number);
	}
	out->text = g_strdup_printf("{\"%s\":%s,\"by\":\"mqtt\"}", row->name, text);
	out->arguments[0] = value_string(out->text);
	out->count = 1;
	return true;
}

static bool read_button(const struct mqtt_command_row *row, const char *payload,
			struct mqtt_call *out, GError **error)
{
	if (strcmp(payload, "PRESS") != 0)
		return refuse(error, "PRESS is expected.");
	memcpy(out->arguments, row->arguments, sizeof(out->arguments));
	out->count = row->count;
	return true;
}

bool mqtt_commands_read(const char *name, const char *payload, gsize size, bool is_retained,
			struct mqtt_call *out, GError **error)
{
	const struct mqtt_command_row *row = find(name);

	memset(out, 0, sizeof(*out));
	if (is_retained)
		return refuse(error,
			      "A retained message is no command: publish it without retain.");
	if (!row)
		return refuse(error, "There is no such command, or not by MQTT.");
	if (size == 0 || size > MQTT_COMMAND_PAYLOAD_MAX || strlen(payload) != size)
		return refuse(error, "The payload is empty, too long or no text.");
	out->row = row;
	return row->kind == MQTT_COMMAND_BUTTON ? read_button(row, payload, out, error)
						: read_key(row, payload, out, error);
}

char *mqtt_commands_result(const char *name, const char *reason)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "command", name);
	cJSON_AddBoolToObject(object, "ok", !reason);
	cJSON_AddStringToObject(object, "reason", reason ? reason : "Done.");

	char *printed = cJSON_PrintUnformatted(object);
	char *payload = g_strdup(printed);

	cJSON_free(printed);
	cJSON_Delete(object);
	return payload;
}

static const char *state_text(const struct mqtt_command_row *row, const cJSON *value, char *digits)
{
	if (!cJSON_IsNumber(value))
		return cJSON_IsBool(value) ? (cJSON_IsTrue(value) ? "true" : "false") : "null";
	if (row->kind == MQTT_COMMAND_SWITCH)
		return value->valuedouble > 0.5 ? "true" : "false";
	return g_ascii_formatd(digits, G_ASCII_DTOSTR_BUF_SIZE, "%.10g", value->valuedouble);
}

void mqtt_commands_add_states(GPtrArray *list, const char *root, const char *id,
			      const cJSON *values)
{
	g_autofree char *level = mqtt_battery_topic_id(id);

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char digits[G_ASCII_DTOSTR_BUF_SIZE];

		if (rows[i].kind == MQTT_COMMAND_BUTTON)
			continue;
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(values, rows[i].name);
		struct mqtt_message *m = mqtt_messages_add(
			list, g_strdup_printf("%s/%s/charge/%s", root, level, rows[i].name),
			g_strdup(state_text(&rows[i], value, digits)));

		m->retain = true;
	}
}
