/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_gateway.h"

#include <string.h>

#include "gateway/ha_discovery.h"
#include "gateway/mqtt_battery.h"
#include "gateway/mqtt_legacy.h"
#include "gateway/mqtt_store.h"
#include "log.h"

enum {
	NAMELESS_MAX = 30, /* documents: a BMS that tells no serial number is known by its port */
};

/* A battery that has been seen. */
struct known {
	char *id;
	char *signature;   /* of the discovery that was published; NULL: none */
	unsigned nameless; /* documents of a live battery without its serial number */
	bool is_asked;	   /* a command is under way */
};

/* A command whose answer is awaited. */
struct asked {
	struct mqtt_gateway *gateway; /* NULL: it has gone */
	char *level;
	char *name;
	bool is_sent; /* the battery has it; others wait for it to answer */
};

struct mqtt_gateway {
	struct mqtt_gateway_options options; /* its texts are owned; the link's are not used */
	char *availability;
	char *ha_status; /* PREFIX/status */
	char *filter;	 /* of commands */
	mqtt_call_fn call;
	void *user;

	struct mqtt_link *link;
	struct mqtt_store *store;
	GHashTable *batteries; /* level of the topic -> struct known, owned */
	GList *asked;
	guint full; /* source */
	guint64 published, failed;
	gint64 published_us; /* time of day; 0: never */
};

/* ---- sending ------------------------------------------------------------------------------- */

static void flush(struct mqtt_gateway *g)
{
	const struct mqtt_message *m;

	if (!mqtt_link_is_connected(g->link))
		return;
	while ((m = mqtt_store_next(g->store))) {
		if (!mqtt_link_publish(g->link, m->topic, m->payload, m->qos, m->retain))
			return; /* it stays the next one: when there is room, or a connection */
		mqtt_store_sent(g->store, g_get_monotonic_time());
		g->published++;
		g->published_us = g_get_real_time();
	}
}

static void publish_all(struct mqtt_gateway *g)
{
	mqtt_store_mark_all(g->store);
	flush(g);
}

/* Takes @list. */
static void keep(struct mqtt_gateway *g, GPtrArray *list)
{
	mqtt_store_put(g->store, list, g_get_monotonic_time());
	g_ptr_array_unref(list);
	flush(g);
}

/* What is not kept: it is said now or never. */
static void say(struct mqtt_gateway *g, const char *level, const char *leaf, const char *payload)
{
	g_autofree char *topic = g_strdup_printf("%s/%s/%s", g->options.root, level, leaf);

	if (mqtt_link_publish(g->link, topic, payload, 1, false))
		g->published++;
	else
		g->failed++;
}

static gboolean on_full(void *user)
{
	publish_all(user);
	return G_SOURCE_CONTINUE;
}

/* ---- the link's events ---------------------------------------------------------------------- */

static void on_connected(void *user)
{
	struct mqtt_gateway *g = user;

	mqtt_link_publish(g->link, g->availability, MQTT_ONLINE, 1, true);
	if (g->options.may_command)
		mqtt_link_subscribe(g->link, g->filter, 1);
	if (g->options.has_discovery)
		mqtt_link_subscribe(g->link, g->ha_status, 0);
	publish_all(g);
}

static void on_lost(void *user)
{
	/* The store keeps the latest state; mqtt_link has said why. */
}

static void on_room(void *user)
{
	flush(user);
}

static void on_done(const char *reason, void *user)
{
	struct asked *a = user;
	struct mqtt_gateway *g = a->gateway;

	if (g) {
		g_autofree char *result = mqtt_commands_result(a->name, reason);
		struct known *k = g_hash_table_lookup(g->batteries, a->level);

		if (k && a->is_sent)
			k->is_asked = false;
		log_say(reason ? LOG_WARNING : LOG_INFO, "MQTT command %s for %s: %s", a->name,
			a->level, reason ? reason : "done.");
		say(g, a->level, "result", result);
		g->asked = g_list_remove(g->asked, a);
	}
	g_free(a->level);
	g_free(a->name);
	g_free(a);
}

static void ask(struct mqtt_gateway *g, struct known *k, struct asked *a, const char *payload,
		gsize size, bool is_retained)
{
	struct mqtt_call call;
	g_autoptr(GError) error = NULL;

	if (!k)
		on_done("There is no such battery.", a);
	else if (k->is_asked)
		on_done("The battery still answers the command before.", a);
	else if (!mqtt_commands_read(a->name, payload, size, is_retained, &call, &error))
		on_done(error->message, a);
	else {
		k->is_asked = a->is_sent = true;
		g->call(k->id, &call, on_done, a, g->user);
		g_free(call.text);
	}
}

static void on_message(const char *topic, const char *payload, gsize size, bool is_retained,
		       void *user)
{
	struct mqtt_gateway *g = user;
	char *level = NULL, *name = NULL;

	if (strcmp(topic, g->ha_status) == 0) {
		if (strcmp(payload, MQTT_ONLINE) == 0 && !is_retained)
			publish_all(g);
		return;
	}
	if (!g->options.may_command || !mqtt_commands_split(g->options.root, topic, &level, &name))
		return;
	struct asked *a = g_new0(struct asked, 1);

	a->gateway = g;
	a->level = level;
	a->name = name;
	g->asked = g_list_prepend(g->asked, a);
	ask(g, g_hash_table_lookup(g->batteries, level), a, payload, size, is_retained);
}

static const struct mqtt_link_events link_events = {
	.connected = on_connected,
	.lost = on_lost,
	.room = on_room,
	.message = on_message,
};

/* ---- batteries ------------------------------------------------------------------------------ */

static void known_free(void *pointer)
{
	struct known *k = pointer;

	g_free(k->id);
	g_free(k->signature);
	g_free(k);
}

/* Takes @level. */
static struct known *learn(struct mqtt_gateway *g, char *level, const char *id)
{
	struct known *k = g_new0(struct known, 1);

	k->id = g_strdup(id);
	g_hash_table_insert(g->batteries, level, k);
	if (g->options.legacy_root && g_hash_table_size(g->batteries) == 2) {
		g_autofree char *prefix = g_strdup_printf("%s/", g->options.legacy_root);

		log_say(LOG_INFO,
			"A second battery: the topics of the predecessor are now %s<battery>/...",
			prefix);
		mqtt_store_forget(g->store, prefix, NULL);
	}
	return k;
}

static void add_legacy(struct mqtt_gateway *g, GPtrArray *list, const char *level,
		       const cJSON *document)
{
	g_autofree char *own = g_strdup_printf("%s/%s", g->options.legacy_root, level);

	mqtt_legacy_add(list, g_hash_table_size(g->batteries) == 1 ? g->options.legacy_root : own,
			document);
}

/* A battery that was never live has no cells yet, and its serial number comes a little later. */
static bool is_complete(struct known *k, const cJSON *document)
{
	const char *serial =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, "serial"));

	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(document, "is_live")))
		return false;
	return (serial && serial[0] != '\0') || ++k->nameless > NAMELESS_MAX;
}

static void add_discovery(struct mqtt_gateway *g, GPtrArray *list, struct known *k,
			  const cJSON *document)
{
	const struct ha_discovery d = {
		.prefix = g->options.discovery_prefix,
		.root = g->options.root,
		.may_command = g->options.may_command,
		.page_url = g->options.page_url,
	};
	g_autofree char *signature = ha_discovery_signature(document);

	if (!is_complete(k, document) || g_strcmp0(signature, k->signature) == 0)
		return;
	g_free(k->signature);
	k->signature = g_steal_pointer(&signature);
	if (g->options.has_discovery)
		ha_discovery_add(list, &d, document);
	else
		ha_discovery_add_removal(list, d.prefix, document);
}

void mqtt_gateway_battery(struct mqtt_gateway *g, const cJSON *document, const cJSON *charge)
{
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(document, "id"));

	if (!id)
		return;
	g_autofree char *level = mqtt_battery_topic_id(id);
	GPtrArray *list = mqtt_messages_new();
	struct known *k = g_hash_table_lookup(g->batteries, level);

	if (!k)
		k = learn(g, g_strdup(level), id);
	add_discovery(g, list, k, document);
	mqtt_battery_add(list, g->options.root, document);
	if (g->options.may_command)
		mqtt_commands_add_states(list, g->options.root, id, charge);
	if (g->options.legacy_root)
		add_legacy(g, list, level, document);
	keep(g, list);
}

void mqtt_gateway_gone(struct mqtt_gateway *g, const char *id)
{
	GPtrArray *list = mqtt_messages_new();
	g_autofree char *level = mqtt_battery_topic_id(id);
	g_autofree char *prefix = g_strdup_printf("%s/%s/", g->options.root, level);
	g_autofree char *availability = g_strdup_printf("%savailability", prefix);

	mqtt_battery_add_availability(list, g->options.root, id, false);
	mqtt_store_forget(g->store, prefix, availability);
	if (g->options.legacy_root) {
		g_autofree char *legacy =
			g_hash_table_size(g->batteries) == 1
				? g_strdup_printf("%s/", g->options.legacy_root)
				: g_strdup_printf("%s/%s/", g->options.legacy_root, level);

		mqtt_store_forget(g->store, legacy, NULL);
	}
	keep(g, list);
}

void mqtt_gateway_event(struct mqtt_gateway *g, const char *id, const cJSON *event)
{
	g_autofree char *level = mqtt_battery_topic_id(id);
	char *text = cJSON_PrintUnformatted(event);

	say(g, level, "event", text);
	cJSON_free(text);
}

/* ---- life ----------------------------------------------------------------------------------- */

static char *text_or_null(const char *text)
{
	return text && text[0] != '\0' ? g_strdup(text) : NULL;
}

static struct mqtt_link *open_link(struct mqtt_gateway *g, const struct mqtt_link_options *options)
{
	struct mqtt_link_options link = *options;
	g_autofree char *client = g_strdup_printf("tinybms-%08x", g_random_int());

	link.client_id = client;
	link.will_topic = g->availability;
	return mqtt_link_new(&link, &link_events, g);
}

struct mqtt_gateway *mqtt_gateway_new(const struct mqtt_gateway_options *options, mqtt_call_fn call,
				      void *user)
{
	struct mqtt_gateway *g = g_new0(struct mqtt_gateway, 1);

	g->options = *options;
	g->options.root = g_strdup(options->root);
	g->options.legacy_root = text_or_null(options->legacy_root);
	g->options.discovery_prefix = g_strdup(options->discovery_prefix);
	g->options.page_url = text_or_null(options->page_url);
	g->options.link = (struct mqtt_link_options){
		.host = g_strdup(options->link.host),
		.port = options->link.port,
		.is_tls = options->link.is_tls,
	};
	g->availability = g_strdup_printf("%s/availability", options->root);
	g->ha_status = g_strdup_printf("%s/status", options->discovery_prefix);
	g->filter = mqtt_commands_filter(options->root);
	g->call = call;
	g->user = user;
	g->store = mqtt_store_new();
	g->batteries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
	g->link = open_link(g, &options->link);
	if (options->full_interval_s > 0.0)
		g->full = g_timeout_add((guint) (options->full_interval_s * 1000), on_full, g);
	return g;
}

void mqtt_gateway_free(struct mqtt_gateway *g)
{
	if (!g)
		return;
	if (g->full)
		g_source_remove(g->full);
	for (const GList *item = g->asked; item; item = item->next)
		((struct asked *) item->data)->gateway = NULL;
	g_list_free(g->asked);
	mqtt_link_free(g->link);
	mqtt_store_free(g->store);
	g_hash_table_destroy(g->batteries);
	g_free((char *) g->options.root);
	g_free((char *) g->options.legacy_root);
	g_free((char *) g->options.discovery_prefix);
	g_free((char *) g->options.page_url);
	g_free((char *) g->options.link.host);
	g_free(g->availability);
	g_free(g->ha_status);
	g_free(g->filter);
	g_free(g);
}

cJSON *mqtt_gateway_status(const struct mqtt_gateway *g)
{
	const bool is_connected = mqtt_link_is_connected(g->link);
	const char *error = mqtt_link_error(g->link);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddTrueToObject(object, "enabled");
	cJSON_AddBoolToObject(object, "connected", is_connected);
	cJSON_AddStringToObject(object, "host", g->options.link.host);
	cJSON_AddNumberToObject(object, "port", g->options.link.port);
	cJSON_AddBoolToObject(object, "tls", g->options.link.is_tls);
	cJSON_AddStringToObject(object, "root", g->options.root);
	cJSON_AddItemToObject(object, "last_error",
			      error[0] ? cJSON_CreateString(error) : cJSON_CreateNull());
	cJSON_AddNumberToObject(object, "published", (double) g->published);
	cJSON_AddNumberToObject(object, "failed", (double) g->failed);
	cJSON_AddNumberToObject(object, "reconnects", (double) mqtt_link_reconnects(g->link));
	cJSON_AddNumberToObject(object, "topics", mqtt_store_count(g->store));
	cJSON_AddNumberToObject(object, "waiting", mqtt_store_waiting(g->store));
	cJSON_AddItemToObject(object, "last_publish_time",
			      g->published_us
				      ? cJSON_CreateNumber((double) (g->published_us / 1000000))
				      : cJSON_CreateNull());
	return object;
}
