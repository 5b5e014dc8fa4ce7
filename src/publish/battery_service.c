/* SPDX-License-Identifier: MIT */
#include "publish/battery_service.h"

#include <math.h>

#include "publish/bus_paths.h"
#include "publish/paths.h"

/* What gui-v2 lets a user type. */
enum { CUSTOM_NAME_MAX = 32 };

static const char *const PRODUCT_NAME = "TinyBMS";

struct place {
	const struct path *row; /* NULL: an alarm */
	unsigned element;	/* from 0; of an alarm its id */
	struct item *item;
};

struct battery_service {
	struct items *items;
	struct item *custom_name;
	GArray *places;
	struct bus_paths *bus_paths;
	unsigned second;
	battery_service_name_fn name_fn;
	void *user;
};

static void add_text(struct battery_service *s, const char *path, const char *text)
{
	const struct item_spec spec = { .path = path, .type = VALUE_STRING };
	struct item *item = items_add(s->items, &spec);

	if (text[0])
		item_set_string(item, text);
}

static void add_number(struct battery_service *s, const char *path, int number, item_text_fn text)
{
	const struct item_spec spec = { .path = path, .type = VALUE_INT, .text = text };

	item_set_int(items_add(s->items, &spec), number);
}

/* As velib_python shows /ProductId. */
static void append_hex(GString *text, const struct value *value)
{
	g_string_append_printf(text, "0x%X", (unsigned) value->integer);
}

static void on_custom_name(struct item_request *request, const struct value *value, void *user)
{
	struct battery_service *s = user;

	if (g_utf8_strlen(value->string, -1) > CUSTOM_NAME_MAX) {
		item_request_answer(request, ITEM_REFUSED);
		return;
	}
	item_set_string(s->custom_name, value->string);
	s->name_fn(value->string, s->user);
	item_request_answer(request, ITEM_OK);
}

static void add_identity(struct battery_service *s, const struct battery_service_info *info)
{
	const struct item_spec name = {
		.path = "/CustomName", .type = VALUE_STRING, .setter = on_custom_name, .user = s
	};

	add_text(s, "/Mgmt/ProcessName", g_get_prgname() ? g_get_prgname() : "dbus-tinybms");
	add_text(s, "/Mgmt/ProcessVersion", VERSION);
	add_text(s, "/Mgmt/Connection", info->connection);
	add_number(s, "/DeviceInstance", info->device_instance, NULL);
	add_number(s, "/ProductId", info->product_id, append_hex);
	add_text(s, "/ProductName", PRODUCT_NAME);
	s->custom_name = items_add(s->items, &name);
	item_set_string(s->custom_name, info->custom_name);
	add_text(s, "/Serial", info->serial);
	add_text(s, "/FirmwareVersion", info->firmware);
	add_text(s, "/HardwareVersion", info->hardware);
	add_text(s, "/Manufacturer", "Energus Power Solutions");
	add_number(s, "/Connected", 1, NULL);
}

/* There is one switch, one balancer, one string of cells. */
static void add_constants(struct battery_service *s, const struct battery_service_info *info)
{
	static const char *const ones[] = { "/System/NrOfBatteries", "/System/BatteriesParallel",
					    "/System/BatteriesSeries", "/System/NrOfModulesOnline",
					    "/Settings/HasTemperature" };

	for (size_t i = 0; i < G_N_ELEMENTS(ones); i++)
		add_number(s, ones[i], 1, NULL);
	add_number(s, "/System/NrOfModulesOffline", 0, NULL);
	add_text(s, "/System/Temperature1Name", "External 1");
	add_text(s, "/System/Temperature2Name", "External 2");
	add_text(s, "/Battery/1/Serial", info->serial);
	add_text(s, "/Battery/1/FwVersion", info->firmware);
}

static void on_battery_request(struct item_request *request, const struct value *value, void *user)
{
	struct battery_service *s = user;

	item_set_int(items_find(s->items, "/Battery/Request/Id"), (int) value->integer);
	item_request_answer(request, ITEM_OK);
}

/* gui-v2 shows its cell page where this is valid, and writes the battery that it wants to see. */
static void add_cell_page(struct battery_service *s)
{
	const struct item_spec spec = { .path = "/Battery/Request/Id",
					.type = VALUE_INT,
					.setter = on_battery_request,
					.user = s,
					.has_range = true,
					.min = 1,
					.max = 1,
					.fallback = 1 };

	item_set_int(items_add(s->items, &spec), 1);
}

static void add_place(struct battery_service *s, const struct path *row, unsigned element,
		      const struct item_spec *spec)
{
	const struct place place = { .row = row,
				     .element = element,
				     .item = items_add(s->items, spec) };

	g_array_append_val(s->places, place);
}

static void add_row(struct battery_service *s, const struct path *row, unsigned cells)
{
	const unsigned count = row->elements == BATTERY_CELLS_MAX ? cells : MAX(row->elements, 1u);

	for (unsigned i = 0; i < count; i++) {
		g_autofree char *path =
			row->elements ? g_strdup_printf(row->path, i + 1) : g_strdup(row->path);
		const struct item_spec spec = { .path = path,
						.type = row->type,
						.unit = row->unit,
						.decimals = row->decimals,
						.dead_band = row->dead_band,
						.is_urgent = row->pace == PACE_URGENT };

		add_place(s, row, i, &spec);
	}
}

static void add_alarms(struct battery_service *s)
{
	for (unsigned i = 0; i < ALARM_COUNT; i++) {
		g_autofree char *path =
			g_strconcat("/Alarms/", alarm_name((enum alarm_id) i), NULL);
		const struct item_spec spec = { .path = path,
						.type = VALUE_INT,
						.is_urgent = true };

		add_place(s, NULL, i, &spec);
	}
}

struct battery_service *battery_service_new(struct bus *bus,
					    const struct battery_service_info *info,
					    battery_service_name_fn name_fn, void *user)
{
	struct battery_service *s = g_new0(struct battery_service, 1);
	size_t count = 0;
	const struct path *table = paths_table(&count);

	s->items = items_new(bus);
	s->places = g_array_new(FALSE, FALSE, sizeof(struct place));
	s->name_fn = name_fn;
	s->user = user;
	add_identity(s, info);
	add_constants(s, info);
	add_cell_page(s);
	for (size_t i = 0; i < count; i++)
		add_row(s, &table[i], info->cells);
	add_alarms(s);
	s->bus_paths = bus_paths_new(s->items);
	return s;
}

void battery_service_free(struct battery_service *s)
{
	if (!s)
		return;
	bus_paths_free(s->bus_paths);
	items_free(s->items);
	g_array_unref(s->places);
	g_free(s);
}

struct items *battery_service_items(struct battery_service *s)
{
	return s->items;
}

struct bus_counters battery_service_counters(const struct battery_service *s)
{
	return bus_paths_counters(s->bus_paths);
}

void battery_service_set_name(struct battery_service *s, const char *name)
{
	item_set_string(s->custom_name, name);
}

/* Nobody wants to read 9.700000000000001; thousandths are finer than any of our sources. */
static double rounded(double number)
{
	return round(number * 1000.0) / 1000.0;
}

static void set_number(struct item *item, enum value_type type, double number)
{
	if (type == VALUE_DOUBLE)
		item_set_double(item, rounded(number));
	else if (isfinite(number) && fabs(number) <= G_MAXINT)
		item_set_int(item, (int) number);
	else
		item_set_invalid(item);
}

static void show(const struct place *place, const struct view *v)
{
	const struct path *row = place->row;

	if (!row) {
		item_set_int(place->item, (int) v->alarm[place->element]);
		return;
	}
	const void *field = G_STRUCT_MEMBER_P(v, row->offset);

	if (row->type == VALUE_STRING)
		item_set_string(place->item, *(const char *const *) field);
	else
		set_number(place->item, row->type, ((const double *) field)[place->element]);
}

void battery_service_update(struct battery_service *s, const struct view *v)
{
	/* A reader of the first GetItems finds everything, whatever its pace. */
	const bool is_first = s->second == 0;

	for (guint i = 0; i < s->places->len; i++) {
		const struct place *place = &g_array_index(s->places, struct place, i);

		if (is_first || !place->row || path_is_due(place->row->pace, s->second))
			show(place, v);
	}
	if (path_is_due(PACE_MINUTE, s->second))
		bus_paths_show(s->bus_paths);
	s->second++;
	bus_paths_announce(s->bus_paths, v);
}

void battery_service_hurry(struct battery_service *s)
{
	s->second = 0;
}

void battery_service_update_urgent(struct battery_service *s, const struct view *v)
{
	for (guint i = 0; i < s->places->len; i++) {
		const struct place *place = &g_array_index(s->places, struct place, i);

		if (!place->row || place->row->pace <= PACE_URGENT)
			show(place, v);
	}
	bus_paths_announce(s->bus_paths, v);
}
