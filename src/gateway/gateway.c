/* SPDX-License-Identifier: MIT */
#include "gateway/gateway.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/access.h"
#include "gateway/api.h"
#include "gateway/certificates.h"
#include "gateway/fleet.h"
#include "gateway/gateway_config.h"
#include "gateway/http_server.h"
#include "gateway/mqtt_fleet.h"
#include "gateway/page_files.h"
#include "gateway/privileges.h"
#include "gateway/session_routes.h"
#include "gateway/writes.h"
#include "gateway/ws_hub.h"
#include "log.h"

enum {
	FAIL_WAIT_S = 30, /* before an end that supervise answers with a new start */
	PORT_PRIVILEGED = 1023,
	EXIT_CERTIFICATE = 3, /* of gateway_check() */
	HEARTBEAT_MS = 1000,
	NICENESS = 10,
	RESTART_MS = 500, /* for the answer to leave */
};

struct gateway {
	struct gateway_config config;
	GMainLoop *loop;
	struct secrets *secrets;
	struct access *access;
	struct page_files *page;
	struct ws_hub *hub;
	struct certificates *certificates;
	struct http_server *http;
	struct session_routes *session_routes;
	struct writes *writes;
	struct fleet *fleet;
	struct api *api;
	struct mqtt_fleet *mqtt; /* NULL: the configuration has none */
	guint heartbeat, look, restart;
};

static gboolean on_signal(void *user)
{
	g_main_loop_quit(((struct gateway *) user)->loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_restart(void *user)
{
	struct gateway *g = user;

	g->restart = 0;
	g_main_loop_quit(g->loop);
	return G_SOURCE_REMOVE;
}

static void restart(void *user)
{
	struct gateway *g = user;

	if (!g->restart)
		g->restart = g_timeout_add(RESTART_MS, on_restart, g);
}

static gint64 now_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static gboolean on_look(void *user)
{
	certificates_look(((struct gateway *) user)->certificates, now_s(), false);
	return G_SOURCE_CONTINUE;
}

/* Whoever has replaced a certificate need not wait. */
static gboolean on_hangup(void *user)
{
	certificates_look(((struct gateway *) user)->certificates, now_s(), true);
	return G_SOURCE_CONTINUE;
}

static void on_took(void *user)
{
	certificates_took(((struct gateway *) user)->certificates);
}

/* Also tells a page that the line is alive when no battery is there. */
static gboolean on_heartbeat(void *user)
{
	struct gateway *g = user;
	cJSON *status;

	if (!g->api || !ws_hub_clients(g->hub))
		return G_SOURCE_CONTINUE;
	status = api_state(g->api);
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

/* ---- live documents ------------------------------------------------------------------------- */

static void on_changed(struct fleet_battery *b, void *user)
{
	const struct gateway *g = user;

	ws_hub_publish(g->hub, "battery", fleet_battery_id(b), fleet_battery_document(b));
}

static void on_gone(struct fleet_battery *b, void *user)
{
	const struct gateway *g = user;

	ws_hub_publish(g->hub, "battery", fleet_battery_id(b), NULL);
}

static void on_event(struct fleet_battery *b, const cJSON *event, void *user)
{
	const struct gateway *g = user;

	ws_hub_publish(g->hub, "event", fleet_battery_id(b), event);
}

/* ---- life ------------------------------------------------------------------------------------ */

static cJSON *state_of_mqtt(void *user)
{
	return mqtt_fleet_status(((const struct gateway *) user)->mqtt);
}

static void make_fleet(struct gateway *g, const struct gateway_options *options)
{
	const struct fleet_watch watch = {
		.changed = on_changed,
		.gone = on_gone,
		.event = on_event,
		.user = g,
	};
	struct api_options api = {
		.http = g->http,
		.hub = g->hub,
		.secrets = g->secrets,
		.writes = g->writes,
		.config = &g->config,
		.config_path = options->config_path,
		.certificates = g->certificates,
		.mqtt = state_of_mqtt,
		.mqtt_user = g,
		.restart = restart,
		.restart_user = g,
	};

	g->fleet = api.fleet = fleet_new(options->bus_address, g->config.interval_s);
	fleet_add_watch(g->fleet, &watch);
	g->mqtt =
		mqtt_fleet_new(&g->config, secrets_mqtt_password(g->secrets), g->fleet, g->writes);
	g->api = api_new(&api);
}

static void make(struct gateway *g, const struct gateway_options *options)
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
		.took = on_took,
		.took_user = g,
	};

	g->certificates = certificates_new(&g->config, restart, g);
	g->http = http_server_new(&http);
	g->writes = writes_new(options->config_path);
	g->session_routes = session_routes_new(g->http, g->access, g->writes);
	g->heartbeat = g_timeout_add(HEARTBEAT_MS, on_heartbeat, g);
	g->look = g_timeout_add_seconds(CERTIFICATES_LOOK_S, on_look, g);
}

static void free_all(struct gateway *g)
{
	const guint sources[] = { g->heartbeat, g->look, g->restart };

	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i])
			g_source_remove(sources[i]);
	g_clear_pointer(&g->http, http_server_free);
	g_clear_pointer(&g->session_routes, session_routes_free);
	g_clear_pointer(&g->api, api_free);
	g_clear_pointer(&g->fleet, fleet_free);
	g_clear_pointer(&g->mqtt, mqtt_fleet_free);
	g_clear_pointer(&g->writes, writes_free);
	g_clear_pointer(&g->hub, ws_hub_free);
	g_clear_pointer(&g->certificates, certificates_free);
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

	signal(SIGHUP, SIG_IGN); /* until there is somebody to look */
	/* However many ask, the battery's service is served first. */
	setpriority(PRIO_PROCESS, 0, NICENESS);
	if (is_fine) {
		make(&g, options);
		is_fine = start(&g, options, &error);
	}
	if (is_fine && geteuid() == 0)
		log_say(LOG_WARNING, "this runs as root, which it need not; --user nobody");
	if (is_fine) {
		/* As the user that it stays: the bus asks who we are. */
		make_fleet(&g, options);
		g_unix_signal_add(SIGTERM, on_signal, &g);
		g_unix_signal_add(SIGINT, on_signal, &g);
		g_unix_signal_add(SIGHUP, on_hangup, &g);
		on_look(&g);
		g_main_loop_run(g.loop);
	} else {
		/* Whoever supervises starts us again at once: not faster than somebody reads. */
		log_say(LOG_ERROR, "%s", error->message);
		sleep(FAIL_WAIT_S);
	}
	free_all(&g);
	return is_fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Dates keep nobody from starting, and the clock may be wrong. */
static int check_dates(struct gateway *g)
{
	g->certificates = certificates_new(&g->config, NULL, NULL);
	certificates_look(g->certificates, now_s(), false);

	const enum certificate_verdict verdict = certificates_verdict(g->certificates, now_s());

	return verdict == CERTIFICATE_NOT_YET_VALID || verdict == CERTIFICATE_EXPIRED
		       ? EXIT_CERTIFICATE
		       : EXIT_SUCCESS;
}

int gateway_check(const struct gateway_options *options)
{
	struct gateway g = { 0 };
	g_autoptr(GError) error = NULL;
	int status = EXIT_FAILURE;

	if (load(&g, options, &error) && gateway_config_check_files(&g.config, NULL, &error) &&
	    certificates_check(&g.config, NULL, &error))
		status = check_dates(&g);
	else
		log_say(LOG_ERROR, "%s", error->message);
	free_all(&g);
	return status;
}
