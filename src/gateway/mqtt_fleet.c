/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_fleet.h"

#include "gateway/mqtt_gateway.h"

enum { KEEPALIVE_S = 60 };

/* Between two attempts; each a random half to whole of it, see mqtt_link.h. */
static const double RETRY_MIN_S = 1.0;
static const double RETRY_MAX_S = 120.0;
/* For a broker that keeps nothing, and for who comes late to one that lost it. */
static const double FULL_INTERVAL_S = 60.0;

/* A command that a battery has not answered yet. */
struct call {
	struct mqtt_fleet *owner;
	const struct mqtt_command_row *row;
	char *topic;
	cJSON *after; /* NULL: a button */
	mqtt_done_fn done;
	void *user;
};

struct mqtt_fleet {
	struct fleet *fleet;
	struct writes *writes;
	char *root;
	struct mqtt_gateway *gateway;
	GList *calls;
};

/* Who it was, the broker does not tell. */
static void finish(struct call *c, const char *reason)
{
	c->owner->calls = g_list_remove(c->owner->calls, c);
	writes_note(c->owner->writes, "mqtt", c->topic, c->row->name, NULL, c->after, reason);
	c->done(reason, c->user);
	cJSON_Delete(c->after);
	g_free(c->topic);
	g_free(c);
}

/* What a key shall become. */
static cJSON *after_of(const struct mqtt_call *call)
{
	cJSON *object = cJSON_Parse(call->text);
	cJSON *after = cJSON_DetachItemFromObjectCaseSensitive(object, call->row->name);

	cJSON_Delete(object);
	return after;
}

/* A method that asks to confirm answers {"done":false,"sentence":...}. */
static void on_reply(const cJSON *answer, const GError *error, void *user)
{
	const cJSON *done = cJSON_GetObjectItemCaseSensitive(answer, "done");
	const char *sentence =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "sentence"));

	if (error)
		finish(user, error->message);
	else if (!cJSON_IsTrue(done))
		finish(user, sentence ? sentence : "It was not done.");
	else
		finish(user, NULL);
}

static void on_call(const char *id, const struct mqtt_call *call, mqtt_done_fn done,
		    void *done_user, void *user)
{
	struct mqtt_fleet *m = user;
	struct fleet_battery *b = fleet_find(m->fleet, id);
	struct call *c = g_new0(struct call, 1);

	*c = (struct call){
		.owner = m,
		.row = call->row,
		.topic = g_strdup_printf("%s/%s/set/%s", m->root, id, call->row->name),
		.after = call->text ? after_of(call) : NULL,
		.done = done,
		.user = done_user,
	};
	m->calls = g_list_prepend(m->calls, c);
	if (b)
		fleet_battery_ask(b, call->row->method, call->arguments, call->count, on_reply, c);
	else
		finish(c, "The battery is not on the bus.");
}

static cJSON *charge_of(const struct fleet_battery *b)
{
	cJSON *values = cJSON_CreateObject();

	for (size_t i = 0; mqtt_commands_at(i); i++) {
		const struct mqtt_command_row *row = mqtt_commands_at(i);
		const struct value value =
			row->path ? fleet_battery_value(b, row->path) : value_invalid();

		if (value.type == VALUE_DOUBLE)
			cJSON_AddNumberToObject(values, row->name, value.number);
		else if (value.type == VALUE_INT)
			cJSON_AddNumberToObject(values, row->name, (double) value.integer);
	}
	return values;
}

static void on_changed(struct fleet_battery *b, void *user)
{
	struct mqtt_fleet *m = user;
	cJSON *charge = charge_of(b);

	mqtt_gateway_battery(m->gateway, fleet_battery_document(b), charge);
	cJSON_Delete(charge);
}

static void on_gone(struct fleet_battery *b, void *user)
{
	mqtt_gateway_gone(((struct mqtt_fleet *) user)->gateway, fleet_battery_id(b));
}

static void on_event(struct fleet_battery *b, const cJSON *event, void *user)
{
	mqtt_gateway_event(((struct mqtt_fleet *) user)->gateway, fleet_battery_id(b), event);
}

struct mqtt_fleet *mqtt_fleet_new(const struct gateway_config *c, const char *password,
				  struct fleet *fleet, struct writes *writes)
{
	const struct mqtt_gateway_options options = {
		.link = {
			.host = c->mqtt_host,
			.port = c->mqtt_port,
			.keepalive_s = KEEPALIVE_S,
			.user = c->mqtt_user,
			.password = password,
			.is_tls = c->mqtt_tls,
			.ca = c->mqtt_ca,
			.certificate = c->mqtt_certificate,
			.key = c->mqtt_key,
			.retry_min_s = RETRY_MIN_S,
			.retry_max_s = RETRY_MAX_S,
		},
		.root = c->mqtt_topic,
		.legacy_root = c->mqtt_legacy ? c->mqtt_legacy_topic : NULL,
		.discovery_prefix = c->mqtt_discovery_prefix,
		.has_discovery = c->mqtt_discovery,
		.may_command = c->mqtt_commands,
		.full_interval_s = FULL_INTERVAL_S,
	};

	if (!c->mqtt_enabled)
		return NULL;
	struct mqtt_fleet *m = g_new0(struct mqtt_fleet, 1);
	const struct fleet_watch watch = {
		.changed = on_changed, .gone = on_gone, .event = on_event, .user = m
	};

	m->fleet = fleet;
	m->writes = writes;
	m->root = g_strdup(c->mqtt_topic);
	m->gateway = mqtt_gateway_new(&options, on_call, m);
	fleet_add_watch(fleet, &watch);
	return m;
}

void mqtt_fleet_free(struct mqtt_fleet *m)
{
	if (!m)
		return;
	while (m->calls)
		finish(m->calls->data, "The gateway ends.");
	mqtt_gateway_free(m->gateway);
	g_free(m->root);
	g_free(m);
}

cJSON *mqtt_fleet_status(const struct mqtt_fleet *m)
{
	if (m)
		return mqtt_gateway_status(m->gateway);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddFalseToObject(object, "enabled");
	return object;
}
