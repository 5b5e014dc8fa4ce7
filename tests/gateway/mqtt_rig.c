/* SPDX-License-Identifier: MIT */
/*
 * mqtt_rig - the gateway's MQTT side alone, for tests with a broker
 *
 *   mqtt_rig OPTION=VALUE...    options: host port user password tls ca certificate key root
 *                               legacy prefix discovery commands full min max
 *
 * Reads objects from stdin, one a line:
 *   {"battery":DOCUMENT,"charge":{...}}  {"gone":ID}  {"event":OBJECT,"id":ID}
 *   {"answer":null|SENTENCE}  answers the oldest call   {"status":true}   prints the status
 * Writes objects to stdout, one a line: calls and statuses. Ends at SIGTERM or the end of stdin.
 */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/mqtt_gateway.h"

struct waiting {
	mqtt_done_fn done;
	void *user;
};

struct rig {
	GMainLoop *loop;
	struct mqtt_gateway *gateway;
	GQueue *calls;
};

static void print(cJSON *taken)
{
	char *text = cJSON_PrintUnformatted(taken);

	puts(text);
	fflush(stdout);
	cJSON_free(text);
	cJSON_Delete(taken);
}

static void on_call(const char *id, const struct mqtt_call *call, mqtt_done_fn done,
		    void *done_user, void *user)
{
	struct rig *rig = user;
	struct waiting *w = g_new0(struct waiting, 1);
	cJSON *object = cJSON_CreateObject();
	cJSON *arguments = cJSON_AddArrayToObject(object, "arguments");

	cJSON_AddStringToObject(object, "call", call->row->method);
	cJSON_AddStringToObject(object, "id", id);
	for (unsigned i = 0; i < call->count; i++)
		cJSON_AddItemToArray(arguments,
				     call->arguments[i].type == VALUE_STRING
					     ? cJSON_CreateString(call->arguments[i].string)
					     : cJSON_CreateNumber(call->arguments[i].number));
	print(object);
	w->done = done;
	w->user = done_user;
	g_queue_push_tail(rig->calls, w);
}

static void answer(struct rig *rig, const char *reason)
{
	struct waiting *w = g_queue_pop_head(rig->calls);

	if (w)
		w->done(reason, w->user);
	g_free(w);
}

static void obey(struct rig *rig, const cJSON *line)
{
	const cJSON *item;

	if ((item = cJSON_GetObjectItem(line, "battery")))
		mqtt_gateway_battery(rig->gateway, item, cJSON_GetObjectItem(line, "charge"));
	else if ((item = cJSON_GetObjectItem(line, "gone")))
		mqtt_gateway_gone(rig->gateway, item->valuestring);
	else if ((item = cJSON_GetObjectItem(line, "event")))
		mqtt_gateway_event(rig->gateway, cJSON_GetObjectItem(line, "id")->valuestring,
				   item);
	else if ((item = cJSON_GetObjectItem(line, "answer")))
		answer(rig, cJSON_GetStringValue(item));
	else if (cJSON_GetObjectItem(line, "status"))
		print(mqtt_gateway_status(rig->gateway));
}

static gboolean on_line(GIOChannel *channel, GIOCondition condition, void *user)
{
	struct rig *rig = user;
	g_autofree char *text = NULL;

	if (g_io_channel_read_line(channel, &text, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) {
		g_main_loop_quit(rig->loop);
		return G_SOURCE_REMOVE;
	}
	cJSON *line = cJSON_Parse(text);

	if (!line)
		fprintf(stderr, "mqtt_rig: no JSON: %s", text);
	obey(rig, line);
	cJSON_Delete(line);
	return G_SOURCE_CONTINUE;
}

static gboolean on_term(void *user)
{
	g_main_loop_quit(((struct rig *) user)->loop);
	return G_SOURCE_CONTINUE;
}

static const char *option(int argc, char **argv, const char *name, const char *fallback)
{
	const size_t length = strlen(name);

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=')
			return argv[i] + length + 1;
	return fallback;
}

int main(int argc, char **argv)
{
	struct rig rig = { .loop = g_main_loop_new(NULL, FALSE), .calls = g_queue_new() };
	const struct mqtt_gateway_options options = {
		.link = {
			.host = option(argc, argv, "host", "127.0.0.1"),
			.port = atoi(option(argc, argv, "port", "1883")),
			.keepalive_s = 5,
			.user = option(argc, argv, "user", NULL),
			.password = option(argc, argv, "password", NULL),
			.is_tls = option(argc, argv, "tls", NULL) != NULL,
			.ca = option(argc, argv, "ca", NULL),
			.certificate = option(argc, argv, "certificate", NULL),
			.key = option(argc, argv, "key", NULL),
			.retry_min_s = atof(option(argc, argv, "min", "0.05")),
			.retry_max_s = atof(option(argc, argv, "max", "0.3")),
		},
		.root = option(argc, argv, "root", "tinybms"),
		.legacy_root = option(argc, argv, "legacy", "victron/tinybms"),
		.discovery_prefix = option(argc, argv, "prefix", "homeassistant"),
		.has_discovery = strcmp(option(argc, argv, "discovery", "1"), "1") == 0,
		.may_command = option(argc, argv, "commands", NULL) != NULL,
		.full_interval_s = atof(option(argc, argv, "full", "0")),
	};
	GIOChannel *channel = g_io_channel_unix_new(STDIN_FILENO);

	rig.gateway = mqtt_gateway_new(&options, on_call, &rig);
	g_io_add_watch(channel, G_IO_IN | G_IO_HUP, on_line, &rig);
	g_unix_signal_add(SIGTERM, on_term, &rig);
	g_main_loop_run(rig.loop);
	mqtt_gateway_free(rig.gateway);
	while (!g_queue_is_empty(rig.calls))
		answer(&rig, "the end");
	g_queue_free(rig.calls);
	g_io_channel_unref(channel);
	g_main_loop_unref(rig.loop);
	return 0;
}
