/* SPDX-License-Identifier: MIT */
/*
 * item_service - a service made of every kind of item, for clients that test it
 *
 * item_service NAME publishes, requests NAME, and prints "ready" or the error.
 * A text written to /Test/Command drives it: "set PATH TEXT", "clear PATH",
 * "flush", "stats" (into /Test/Stats), "quit".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbus/item.h"

struct service {
	GMainLoop *loop;
	struct bus *bus;
	struct items *items;
	struct item_request *slow;
	int status;
};

static void set_from_text(struct item *item, const char *text)
{
	const struct value value = value_string(text);
	int64_t integer = 0;
	double number = 0.0;

	if (g_str_has_prefix(item_path(item), "/Text") || strstr(item_path(item), "Name") ||
	    g_str_has_prefix(item_path(item), "/Mgmt"))
		item_set_string(item, text);
	else if (strchr(text, '.') || !value_to_int(&value, &integer))
		item_set_double(item, value_to_double(&value, &number) ? number : g_ascii_strtod(text, NULL));
	else
		item_set_int(item, (int) integer);
}

static void show_stats(struct service *service)
{
	struct items_stats stats = items_stats(service->items);
	g_autofree char *text = g_strdup_printf("%u %u %u dirty=%d urgent=%d",
						(unsigned int) stats.signals,
						(unsigned int) stats.paths,
						(unsigned int) stats.bytes,
						items_has_dirty(service->items),
						items_has_urgent(service->items));

	item_set_string(items_find(service->items, "/Test/Stats"), text);
}

static void on_command(struct item_request *request, const struct value *value, void *user)
{
	struct service *service = user;
	g_auto(GStrv) words = g_strsplit(value->string, " ", 3);
	struct item *item = words[0] && words[1] ? items_find(service->items, words[1]) : NULL;
	enum item_answer answer = ITEM_OK;

	if (g_strcmp0(words[0], "set") == 0 && item && words[2])
		set_from_text(item, words[2]);
	else if (g_strcmp0(words[0], "clear") == 0 && item)
		item_set_invalid(item);
	else if (g_strcmp0(words[0], "bytes") == 0 && item)
		item_set_string(item, "caf\xe9 \xff");
	else if (g_strcmp0(words[0], "flush") == 0)
		items_flush(service->items);
	else if (g_strcmp0(words[0], "stats") == 0)
		show_stats(service);
	else if (g_strcmp0(words[0], "quit") == 0)
		g_main_loop_quit(service->loop);
	else
		answer = ITEM_REFUSED;
	item_request_answer(request, answer);
}

static void on_name(struct item_request *request, const struct value *value, void *user)
{
	struct service *service = user;

	item_set_string(items_find(service->items, "/CustomName"), value->string);
	item_request_answer(request, ITEM_OK);
}

static void on_number(struct item_request *request, const struct value *value, void *user)
{
	struct item *item = items_find(((struct service *) user)->items, "/Number");

	if (value->type == VALUE_INT)
		item_set_int(item, (int) value->integer);
	else
		item_set_invalid(item);
	item_request_answer(request, ITEM_OK);
}

static void on_limit(struct item_request *request, const struct value *value, void *user)
{
	item_set_double(items_find(((struct service *) user)->items, "/Limit"), value->number);
	item_request_answer(request, ITEM_OK);
}

static void on_refuse(struct item_request *request, const struct value *value, void *user)
{
	item_request_answer(request, ITEM_REFUSED);
}

static gboolean answer_slow(void *user)
{
	struct service *service = user;
	struct item_request *request = service->slow;

	service->slow = NULL;
	item_set_string(items_find(service->items, "/Text/Sender"), item_request_sender(request));
	item_request_answer(request, ITEM_OK);
	return G_SOURCE_REMOVE;
}

static void on_slow(struct item_request *request, const struct value *value, void *user)
{
	struct service *service = user;

	if (service->slow) {
		item_request_answer(request, ITEM_REFUSED);
		return;
	}
	service->slow = request;
	item_set_int(items_find(service->items, "/Slow"), (int) value->integer);
	g_timeout_add(200, answer_slow, service);
}

static void text_hexadecimal(GString *text, const struct value *value)
{
	g_string_append_printf(text, "0x%X", (unsigned int) value->integer);
}

static void add_items(struct service *service)
{
	const struct item_spec specs[] = {
		{ .path = "/Mgmt/Connection", .type = VALUE_STRING },
		{ .path = "/DeviceInstance", .type = VALUE_INT },
		{ .path = "/ProductId", .type = VALUE_INT, .text = text_hexadecimal },
		{ .path = "/Dc/0/Voltage",
		  .type = VALUE_DOUBLE, .unit = "V", .decimals = 2, .dead_band = 0.01 },
		{ .path = "/Dc/0/Current",
		  .type = VALUE_DOUBLE, .unit = "A", .decimals = 1, .dead_band = 0.1 },
		{ .path = "/Soc", .type = VALUE_DOUBLE, .unit = "%", .decimals = 1 },
		{ .path = "/Alarms/HighVoltage", .type = VALUE_INT, .is_urgent = true },
		{ .path = "/CustomName", .type = VALUE_STRING, .setter = on_name },
		{ .path = "/Number", .type = VALUE_INT, .setter = on_number,
		  .may_be_cleared = true, .has_range = true, .min = -5, .max = 5, .fallback = 1 },
		{ .path = "/Limit", .type = VALUE_DOUBLE, .unit = "A", .setter = on_limit,
		  .has_range = true, .min = 0, .max = 10, .fallback = 2.5 },
		{ .path = "/Refuse", .type = VALUE_INT, .setter = on_refuse },
		{ .path = "/Slow", .type = VALUE_INT, .setter = on_slow },
		{ .path = "/Text/Sender", .type = VALUE_STRING },
		{ .path = "/Test/Stats", .type = VALUE_STRING },
		{ .path = "/Test/Command", .type = VALUE_STRING, .setter = on_command },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
		struct item_spec spec = specs[i];

		spec.user = service;
		items_add(service->items, &spec);
	}
	item_set_string(items_find(service->items, "/Mgmt/Connection"), "ttyUSB0");
	item_set_int(items_find(service->items, "/DeviceInstance"), 1);
	item_set_int(items_find(service->items, "/ProductId"), 0xb0bb);
	item_set_double(items_find(service->items, "/Dc/0/Voltage"), 52.1);
	item_set_double(items_find(service->items, "/Soc"), 85.0);
	item_set_int(items_find(service->items, "/Alarms/HighVoltage"), 0);
	item_set_string(items_find(service->items, "/CustomName"), "");
	items_flush(service->items);
}

static void on_bus_state(const char *trouble, void *user)
{
	struct service *service = user;

	if (!trouble)
		return;
	puts(trouble);
	service->status = 3;
	g_main_loop_quit(service->loop);
}

static void on_owned(const GError *error, void *user)
{
	struct service *service = user;

	if (service->status)
		return; /* the bus is lost, which was said */
	puts(error ? error->message : "ready");
	if (error) {
		service->status = 2;
		g_main_loop_quit(service->loop);
	}
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct service service = { .loop = g_main_loop_new(NULL, FALSE) };

	if (argc != 2) {
		fputs("usage: item_service NAME\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	service.bus = bus_connect(NULL, on_bus_state, &service, &error);
	if (!service.bus) {
		puts(error->message);
		g_main_loop_unref(service.loop);
		return 1;
	}
	service.items = items_new(service.bus);
	add_items(&service);
	bus_request_name(service.bus, argv[1], on_owned, &service);
	g_main_loop_run(service.loop);
	items_free(service.items);
	bus_free(service.bus);
	g_main_loop_unref(service.loop);
	return service.status;
}
