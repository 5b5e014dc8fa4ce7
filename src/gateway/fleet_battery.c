/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "gateway/battery_document.h"
#include "gateway/fleet_private.h"
#include "manage/manage_service.h"

enum {
	STATUS_TIMEOUT_MS = 3000,
	/* The BMS has to confirm a change, and a set may be long. */
	CONFIRMED_TIMEOUT_MS = 60000,
	EVENTS_EACH_S = 5,
};

struct call {
	struct fleet_battery *battery;
	fleet_reply_fn fn;
	void *user;
};

/* ---- asking ------------------------------------------------------------------------------- */

static void answer(struct call *call, const cJSON *reply, const GError *error)
{
	g_ptr_array_remove_fast(call->battery->calls, call);
	call->fn(reply, error, call->user);
	g_free(call);
}

/* The service's own sentence, without whom and what was asked; NULL: it has not refused. (owned) */
static char *refusal(const GError *error)
{
	static const char end[] = " (" MANAGE_ERROR_REFUSED ")";
	const char *begin = strstr(error->message, ": ");

	if (!begin || !g_str_has_suffix(error->message, end))
		return NULL;
	begin += strlen(": ");
	return g_strndup(begin, strlen(begin) - strlen(end));
}

static void on_error(struct call *call, const GError *error)
{
	g_autofree char *sentence = refusal(error);
	g_autoptr(GError) told =
		g_error_new_literal(FLEET_ERROR, sentence ? FLEET_ERROR_REFUSED : FLEET_ERROR_GONE,
				    sentence ? sentence : error->message);

	answer(call, NULL, told);
}

static void on_json(DBusMessage *reply, const GError *error, void *user)
{
	struct call *call = user;
	const char *text = NULL;
	cJSON *json;

	if (error) {
		on_error(call, error);
		return;
	}
	json = dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID)
		       ? cJSON_Parse(text)
		       : NULL;
	if (cJSON_IsObject(json)) {
		answer(call, json, NULL);
	} else {
		g_autoptr(GError) told = g_error_new_literal(
			FLEET_ERROR, FLEET_ERROR_GONE, "The service's answer cannot be read.");

		answer(call, NULL, told);
	}
	cJSON_Delete(json);
}

static struct call *new_call(struct fleet_battery *b, fleet_reply_fn fn, void *user)
{
	struct call *call = g_new(struct call, 1);

	*call = (struct call){ .battery = b, .fn = fn, .user = user };
	g_ptr_array_add(b->calls, call);
	return call;
}

static void ask(struct fleet_battery *b, const char *method, const struct value *arguments,
		size_t count, int timeout_ms, struct call *call)
{
	DBusMessage *message = dbus_message_new_method_call(b->name, "/", MANAGE_INTERFACE, method);

	for (size_t i = 0; i < count; i++) {
		if (arguments[i].type == VALUE_STRING)
			dbus_message_append_args(message, DBUS_TYPE_STRING, &arguments[i].string,
						 DBUS_TYPE_INVALID);
		else
			dbus_message_append_args(message, DBUS_TYPE_DOUBLE, &arguments[i].number,
						 DBUS_TYPE_INVALID);
	}
	bus_call(b->fleet->bus, message, timeout_ms, on_json, call);
}

void fleet_battery_ask(struct fleet_battery *b, const char *method, const struct value *arguments,
		       size_t count, fleet_reply_fn fn, void *user)
{
	ask(b, method, arguments, count, CONFIRMED_TIMEOUT_MS, new_call(b, fn, user));
}

/* ---- SetValue ----------------------------------------------------------------------------- */

static void on_set(DBusMessage *reply, const GError *error, void *user)
{
	struct call *call = user;
	dbus_int32_t result = -1;

	if (error) {
		on_error(call, error);
		return;
	}
	dbus_message_get_args(reply, NULL, DBUS_TYPE_INT32, &result, DBUS_TYPE_INVALID);
	if (result == 0) {
		cJSON *done = cJSON_CreateObject();

		cJSON_AddTrueToObject(done, "done");
		answer(call, done, NULL);
		cJSON_Delete(done);
	} else {
		g_autoptr(GError) told =
			g_error_new_literal(FLEET_ERROR, FLEET_ERROR_REFUSED,
					    result == 1 ? "That path cannot be written."
							: "The service has refused the value.");

		answer(call, NULL, told);
	}
}

static gboolean on_not_there(void *user)
{
	g_autoptr(GError) error = g_error_new_literal(FLEET_ERROR, FLEET_ERROR_GONE,
						      "The battery is not on the bus at present.");

	answer(user, NULL, error);
	return G_SOURCE_REMOVE;
}

void fleet_battery_set(struct fleet_battery *b, const char *path, const struct value *value,
		       fleet_reply_fn fn, void *user)
{
	struct call *call = new_call(b, fn, user);
	DBusMessage *message;
	DBusMessageIter iter;

	if (!b->items) {
		g_idle_add(on_not_there, call);
		return;
	}
	message = dbus_message_new_method_call(item_mirror_service(b->items), path,
					       "com.victronenergy.BusItem", "SetValue");
	dbus_message_iter_init_append(message, &iter);
	value_append(&iter, value);
	bus_call(b->fleet->bus, message, CONFIRMED_TIMEOUT_MS, on_set, call);
}

/* ---- Status, each interval ------------------------------------------------------------------ */

static void follow_items(struct fleet_battery *b)
{
	const char *service =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(b->status, "service"));

	if (b->items && (item_mirror_has_failed(b->items) ||
			 g_strcmp0(service, item_mirror_service(b->items)) != 0))
		g_clear_pointer(&b->items, item_mirror_free);
	if (!b->items && service && dbus_validate_bus_name(service, NULL))
		b->items = item_mirror_new(b->fleet->bus, service);
}

static void make_document(struct fleet_battery *b)
{
	cJSON_Delete(b->document);
	b->document =
		battery_document_make(b->id, b->status, b->items, (double) g_get_real_time() / 1e6);
}

static void on_status(DBusMessage *reply, const GError *error, void *user)
{
	struct fleet_battery *b = user;
	const GArray *watches = b->fleet->watches;
	const char *text = NULL;

	b->is_asked = false;
	cJSON_Delete(b->status);
	b->status = NULL;
	if (!error &&
	    dbus_message_get_args(reply, NULL, DBUS_TYPE_STRING, &text, DBUS_TYPE_INVALID))
		b->status = cJSON_Parse(text);
	follow_items(b);
	make_document(b);
	for (guint i = 0; i < watches->len; i++) {
		const struct fleet_watch *w = &g_array_index(watches, struct fleet_watch, i);

		if (w->changed)
			w->changed(b, w->user);
	}
}

static void tell_event(struct fleet_battery *b, const cJSON *event)
{
	const GArray *watches = b->fleet->watches;

	for (guint i = 0; i < watches->len; i++) {
		const struct fleet_watch *w = &g_array_index(watches, struct fleet_watch, i);

		if (w->event)
			w->event(b, event, w->user);
	}
}

static void ask_events(struct fleet_battery *b);

/*
 * The first answers only say how far the journal is: what was before is no news.
 * Until its end is reached the number is kept as -n - 1.
 */
static void on_events(const cJSON *reply, const GError *error, void *user)
{
	struct fleet_battery *b = user;
	const bool is_first = b->last_event < 0.0;
	const cJSON *event;

	if (error)
		return;
	if (is_first)
		b->last_event = -b->last_event - 1.0;
	cJSON_ArrayForEach (event, cJSON_GetObjectItemCaseSensitive(reply, "events")) {
		const cJSON *n = cJSON_GetObjectItemCaseSensitive(event, "n");

		if (!cJSON_IsNumber(n) || n->valuedouble <= b->last_event)
			continue;
		b->last_event = n->valuedouble;
		if (!is_first)
			tell_event(b, event);
	}
	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(reply, "more")))
		return;
	if (is_first)
		b->last_event = -b->last_event - 1.0;
	ask_events(b);
}

static void ask_events(struct fleet_battery *b)
{
	const struct value since =
		value_double(b->last_event < 0.0 ? -b->last_event - 1.0 : b->last_event);

	ask(b, "Events", &since, 1, STATUS_TIMEOUT_MS, new_call(b, on_events, b));
}

static gboolean on_tick(void *user)
{
	struct fleet_battery *b = user;
	const unsigned events_each = (unsigned) fmax(1.0, EVENTS_EACH_S / b->fleet->interval_s);

	if (!b->is_asked) {
		b->is_asked = true;
		bus_call(b->fleet->bus,
			 dbus_message_new_method_call(b->name, "/", MANAGE_INTERFACE, "Status"),
			 STATUS_TIMEOUT_MS, on_status, b);
	}
	if (b->ticks++ % events_each == 0)
		ask_events(b);
	return G_SOURCE_CONTINUE;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct fleet_battery *fleet_battery_new(struct fleet *f, const char *name)
{
	struct fleet_battery *b = g_new0(struct fleet_battery, 1);

	b->fleet = f;
	b->name = g_strdup(name);
	b->id = g_strdup(name + strlen(MANAGE_NAME_PREFIX));
	b->calls = g_ptr_array_new();
	b->last_event = -1.0;
	make_document(b);
	on_tick(b);
	b->timer = g_timeout_add((guint) lround(f->interval_s * 1000.0), on_tick, b);
	return b;
}

static void orphan(struct fleet_battery *b, struct call *call, const GError *error)
{
	bus_forget(b->fleet->bus, call);
	g_source_remove_by_user_data(call);
	if (error && call->fn != on_events)
		call->fn(NULL, error, call->user);
	g_free(call);
}

void fleet_battery_free(struct fleet_battery *b, bool tell)
{
	g_autoptr(GError) error =
		g_error_new_literal(FLEET_ERROR, FLEET_ERROR_GONE,
				    "The service has left the bus in the middle of the question.");

	g_source_remove(b->timer);
	for (guint i = 0; i < b->calls->len; i++)
		orphan(b, g_ptr_array_index(b->calls, i), tell ? error : NULL);
	g_ptr_array_unref(b->calls);
	bus_forget(b->fleet->bus, b);
	item_mirror_free(b->items);
	cJSON_Delete(b->status);
	cJSON_Delete(b->document);
	g_free(b->name);
	g_free(b->id);
	g_free(b);
}

const char *fleet_battery_id(const struct fleet_battery *b)
{
	return b->id;
}

const cJSON *fleet_battery_document(const struct fleet_battery *b)
{
	return b->document;
}

struct value fleet_battery_value(const struct fleet_battery *b, const char *path)
{
	return item_mirror_value(b->items, path);
}

GPtrArray *fleet_battery_paths(const struct fleet_battery *b, const char *prefix)
{
	return item_mirror_paths(b->items, prefix);
}
