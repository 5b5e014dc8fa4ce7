/* SPDX-License-Identifier: MIT */
#include "gateway/gateway.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/access.h"
#include "gateway/fleet.h"
#include "gateway/gateway_config.h"
#include "gateway/http_server.h"
#include "gateway/mqtt_fleet.h"
#include "gateway/page_files.h"
#include "gateway/privileges.h"
#include "gateway/session_routes.h"
#include "gateway/ws_hub.h"
#include "log.h"

enum {
	FAIL_WAIT_S = 30, /* before an end that supervise answers with a new start */
	PORT_PRIVILEGED = 1023,
	HEARTBEAT_MS = 1000,
};

struct gateway {
	struct gateway_config config;
	GMainLoop *loop;
	struct secrets *secrets;
	struct access *access;
	struct page_files *page;
	struct ws_hub *hub;
	struct http_server *http;
	gint64 started_us;
	guint heartbeat;
	struct fleet *fleet;
	struct mqtt_fleet *mqtt; /* NULL: the configuration has none */
};

static gboolean on_signal(void *user)
{
	g_main_loop_quit(((struct gateway *) user)->loop);
	return G_SOURCE_CONTINUE;
}

/* Also tells a page that the line is alive when no battery is there. */
static gboolean on_heartbeat(void *user)
{
	struct gateway *g = user;
	cJSON *status;

	if (!ws_hub_clients(g->hub))
		return G_SOURCE_CONTINUE;
	status = cJSON_CreateObject();
	cJSON_AddStringToObject(status, "version", VERSION);
	cJSON_AddNumberToObject(
		status, "uptime_s",
		(double) ((g_get_monotonic_time() - g->started_us) / G_USEC_PER_SEC));
	cJSON_AddItemToObject(status, "http", http_server_status(g->http));
	ws_hub_publish(g->hub, "gateway", NULL, status);
	cJSON_Delete(status);
	return G_SOURCE_CONTINUE;
}

static bool load(struct gateway *g, const struct gateway_options *options, GError **error)
{
	g_autofree char *path = secrets_path(options->config_path);

	if (!gateway_config_load(&g->config, options->config_path, error))
		return false;
	if (options->page && !(g->page = page_files_new(options->page, error)))
		return false;
	return (g->secrets = secrets_new(path, error)) != NULL;
}

static void make(struct gateway *g)
{
	const struct http_server_options http = {
		.listen = g->config.listen,
		.port = g->config.port,
		.hosts = g->config.hosts,
		.certificate = g->config.tls_certificate,
		.key = g->config.tls_key,
		.page = g->page,
		.access = g->access = access_new(g->secrets),
		.hub = g->hub = ws_hub_new(),
		.loop = g->loop = g_main_loop_new(NULL, FALSE),
	};

	g->http = http_server_new(&http);
	session_routes_add(g->http, g->access);
	g->started_us = g_get_monotonic_time();
	g->heartbeat = g_timeout_add(HEARTBEAT_MS, on_heartbeat, g);
}

/* As the user that we have become: what is opened now can be opened again later. */
static void connect_all(struct gateway *g, const struct gateway_options *options)
{
	g->fleet = fleet_new(options->bus_address, g->config.interval_s);
	g->mqtt = mqtt_fleet_new(&g->config, secrets_mqtt_password(g->secrets), g->fleet);
}

static void free_all(struct gateway *g)
{
	if (g->heartbeat)
		g_source_remove(g->heartbeat);
	g_clear_pointer(&g->http, http_server_free);
	g_clear_pointer(&g->fleet, fleet_free);
	g_clear_pointer(&g->mqtt, mqtt_fleet_free);
	g_clear_pointer(&g->hub, ws_hub_free);
	g_clear_pointer(&g->access, access_free);
	g_clear_pointer(&g->secrets, secrets_free);
	g_clear_pointer(&g->page, page_files_free);
	g_clear_pointer(&g->loop, g_main_loop_unref);
}

/* The port is opened, and certificate and key are read, while that is still allowed. */
static bool start(struct gateway *g, const struct gateway_options *options, GError **error)
{
	const bool is_listening = http_server_listen(g->http);

	if (!is_listening && options->user && geteuid() == 0 && g->config.port <= PORT_PRIVILEGED) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
			    "port %d can be opened only at the start; trying again in %d s",
			    g->config.port, FAIL_WAIT_S);
		return false;
	}
	return !options->user || privileges_drop(options->user, error);
}

int gateway_run(const struct gateway_options *options)
{
	struct gateway g = { 0 };
	g_autoptr(GError) error = NULL;
	bool is_fine = load(&g, options, &error);

	if (is_fine) {
		make(&g);
		is_fine = start(&g, options, &error);
	}
	if (is_fine) {
		connect_all(&g, options);
		g_unix_signal_add(SIGTERM, on_signal, &g);
		g_unix_signal_add(SIGINT, on_signal, &g);
		g_main_loop_run(g.loop);
	} else {
		/* Whoever supervises starts us again at once: not faster than somebody reads. */
		log_say(LOG_ERROR, "%s", error->message);
		sleep(FAIL_WAIT_S);
	}
	free_all(&g);
	return is_fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool gateway_check(const struct gateway_options *options)
{
	struct gateway g = { 0 };
	g_autoptr(GError) error = NULL;
	const bool is_fine = load(&g, options, &error);

	if (!is_fine)
		log_say(LOG_ERROR, "%s", error->message);
	free_all(&g);
	return is_fine;
}
