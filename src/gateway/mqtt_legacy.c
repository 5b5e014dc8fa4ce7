/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_legacy.h"

#include <math.h>

#include "gateway/rounding.h"

/* The predecessor's codes of a register's type on the wire and of a value's kind. */
enum wire_type { WIRE_U16 = 2, WIRE_U32 = 3, WIRE_I16 = 5, WIRE_FLOAT = 6 };
enum value_class { CLASS_UNKNOWN, CLASS_UINT, CLASS_INT, CLASS_FLOAT };

struct row {
	const char *key;
	int address;
	enum wire_type wire_type;
	enum value_class value_class;
	const char *group; /* of the document; NULL is the document itself */
	const char *source;
	double factor; /* from the document's unit to this topic's */
	double scale;  /* value = raw * scale */
	int decimals;
	const char *unit;
	const char *label;
	const char *comment;
	const char *dbus_path;
};

#define CELL_CUTOFF "Of one cell; the BMS's own setting"

/* Addresses, types and scales: TinyBMS Communication Protocols rev. D, chapter 3. */
/* clang-format off */
static const struct row rows[] = {
	{ "battery_pack_voltage", 36, WIRE_FLOAT, CLASS_FLOAT, NULL, "voltage_v", 1, 1, 2, "V",
	  "Battery Pack Voltage", NULL, "/Dc/0/Voltage" },
	{ "battery_pack_current", 38, WIRE_FLOAT, CLASS_FLOAT, NULL, "current_a", 1, 1, 2, "A",
	  "Battery Pack Current", "Positive is charge", "/Dc/0/Current" },
	{ "internal_temperature", 48, WIRE_I16, CLASS_INT, "temperatures", "internal_c", 1, 0.1, 1,
	  "°C", "Internal Temperature", NULL, "/Dc/0/Temperature" },
	{ "state_of_charge", 46, WIRE_U32, CLASS_UINT, NULL, "soc_pct", 1, 1e-6, 2, "%",
	  "State Of Charge", NULL, "/Soc" },
	{ "state_of_health", 45, WIRE_U16, CLASS_UINT, NULL, "soh_pct", 1, 0.002, 2, "%",
	  "State Of Health", NULL, "/Soh" },
	{ "max_charge_current", 103, WIRE_U16, CLASS_UINT, "limits", "ccl_a", 1, 0.1, 1, "A",
	  "Max Charge Current", "The limit that holds now, not a record of the BMS",
	  "/Info/MaxChargeCurrent" },
	{ "max_discharge_current", 102, WIRE_U16, CLASS_UINT, "limits", "dcl_a", 1, 0.1, 1, "A",
	  "Max Discharge Current", "The limit that holds now, not a record of the BMS",
	  "/Info/MaxDischargeCurrent" },
	{ "overvoltage_cutoff_mv", 315, WIRE_U16, CLASS_UINT, "settings", "over_voltage_cutoff", 1000,
	  1, 0, "mV", "Over-Voltage Cutoff", CELL_CUTOFF, NULL },
	{ "undervoltage_cutoff_mv", 316, WIRE_U16, CLASS_UINT, "settings", "under_voltage_cutoff", 1000,
	  1, 0, "mV", "Under-Voltage Cutoff", CELL_CUTOFF, NULL },
	{ "discharge_overcurrent_a", 317, WIRE_U16, CLASS_UINT, "settings",
	  "discharge_over_current_cutoff", 1, 1, 0, "A", "Discharge Over-Current Cutoff",
	  "The BMS's own setting", NULL },
	{ "charge_overcurrent_a", 318, WIRE_U16, CLASS_UINT, "settings", "charge_over_current_cutoff",
	  1, 1, 0, "A", "Charge Over-Current Cutoff", "The BMS's own setting", NULL },
	{ "overheat_cutoff_c", 319, WIRE_I16, CLASS_INT, "settings", "over_heat_cutoff", 1, 1, 0, "°C",
	  "Overheat Cutoff", "The BMS's own setting", NULL },
};
/* clang-format on */

static double number_of(const cJSON *document, const struct row *row)
{
	const cJSON *from =
		row->group ? cJSON_GetObjectItemCaseSensitive(document, row->group) : document;
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, row->source);

	return cJSON_IsNumber(item) ? item->valuedouble * row->factor : (double) NAN;
}

/* A float's raw form was a float's bits in an int32; what it stands for is the value itself. */
static void add_number(cJSON *object, const struct row *row, double value)
{
	const double power = pow(10, row->decimals);
	const double shown = round_to(value * power, 1.0) / power;
	g_autofree char *formatted = g_strdup_printf("%.*f", row->decimals, shown);

	cJSON_AddNumberToObject(object, "value", shown);
	if (row->decimals > 0)
		cJSON_AddStringToObject(object, "formatted", formatted);
	cJSON_AddNumberToObject(object, "raw",
				row->wire_type == WIRE_FLOAT ? shown
							     : round_to(value / row->scale, 1.0));
	cJSON_AddNumberToObject(object, "scale", row->scale);
}

static void add_text(cJSON *object, const char *key, const char *text)
{
	if (text)
		cJSON_AddStringToObject(object, key, text);
}

static char *payload_of(const struct row *row, double value, double timestamp_ms)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddNumberToObject(object, "address", row->address);
	cJSON_AddNumberToObject(object, "timestamp_ms", timestamp_ms);
	cJSON_AddNumberToObject(object, "wire_type", row->wire_type);
	cJSON_AddNumberToObject(object, "value_class", row->value_class);
	if (isfinite(value))
		add_number(object, row, value);
	add_text(object, "unit", row->unit);
	add_text(object, "label", row->label);
	add_text(object, "key", row->key);
	add_text(object, "comment", row->comment);
	add_text(object, "dbus_path", row->dbus_path);

	char *printed = cJSON_PrintUnformatted(object);
	char *payload = g_strdup(printed);

	cJSON_free(printed);
	cJSON_Delete(object);
	return payload;
}

void mqtt_legacy_add(GPtrArray *list, const char *root, const cJSON *document)
{
	const cJSON *time = cJSON_GetObjectItemCaseSensitive(document, "time");
	const double timestamp_ms = cJSON_IsNumber(time) ? round(time->valuedouble * 1000) : 0.0;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const double value = number_of(document, &rows[i]);
		struct mqtt_message *m =
			mqtt_messages_add(list, g_strdup_printf("%s/%s", root, rows[i].key),
					  payload_of(&rows[i], value, timestamp_ms));

		m->sense = payload_of(&rows[i], value, 0.0);
	}
}
