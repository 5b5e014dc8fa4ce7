/* SPDX-License-Identifier: MIT */
#include "app.h"

#include <glib-unix.h>
#include <signal.h>

#include "app_private.h"
#include "manage/history_methods.h"

static bool needs_other_acquisition(const struct app *app, const struct config *config)
{
	const char *path = app->options->port ? app->options->port : config->port;

	return g_strcmp0(app->port, path) != 0 || app->period_ms != config->poll_interval_ms ||
	       app->low_latency != config->low_latency;
}

static void on_config(const struct config *config, void *user)
{
	struct app *app = user;

	if (needs_other_acquisition(app, config)) {
		app_stop_acquisition(app);
		app_start_acquisition(app);
	}
	can_outputs_configure(app->outputs, config->can);
	can_gate_check(app->gate);
	publisher_set_config(app->publisher, config, app->port);
	manager_set_config(app->manager, config, app->port);
}

static void on_config_changed(void *user)
{
	struct app *app = user;

	on_config(config_watch_get(app->config), app);
}

static gboolean on_hangup(void *user)
{
	struct app *app = user;

	config_watch_check(app->config);
	return G_SOURCE_CONTINUE;
}

static gboolean on_terminate(void *user)
{
	struct app *app = user;

	log_say(LOG_INFO, "Asked to stop.");
	g_main_loop_quit(app->loop);
	return G_SOURCE_CONTINUE;
}

static void make_parts(struct app *app)
{
	const struct app_options *o = app->options;
	g_autofree char *folder = g_path_get_dirname(o->config_path);
	g_autofree char *journal = g_build_filename(folder, "bms-changes.jsonl", NULL);

	app->memory = charge_memory_new(folder);
	app->keeper = keeper_new(folder);
	app->bms_settings = bms_settings_new(journal, app_submit, app);
	app->publisher =
		publisher_new(o->bus_address, app->config, app->bms_settings, app_want_full, app);
	publisher_set_clear(app->publisher, app_clear_history, app);
	publisher_set_ready(app->publisher, app_show, app);
	app->outputs = can_outputs_new(&can_port_kernel, folder);
	app->gate = can_gate_new(o->bus_address, app->outputs, o->root ? o->root : "/");
	publisher_show_can(app->publisher, app->outputs);
	app->state = state_file_new(o->state_path);
	app_start_acquisition(app);
	can_outputs_configure(app->outputs, config_watch_get(app->config)->can);
	can_gate_check(app->gate);
	publisher_set_config(app->publisher, config_watch_get(app->config), app->port);
}

static void make_manager(struct app *app)
{
	const struct manager_parts parts = {
		.watch = app->config,
		.bms_settings = app->bms_settings,
		.status = app_tell_status,
		.diagnostics = app_tell_diagnostics,
		.want_full = app_want_full,
		.sleep = app_sleep,
		.config_changed = on_config_changed,
		.user = app,
	};

	app->manager = manager_new(app->options->bus_address, app->port, &parts);
	history_methods_add(manager_service(app->manager), app->keeper);
}

/* The name leaves the bus first: nobody acts on a battery that is not watched any more. */
static void free_parts(struct app *app)
{
	publisher_free(app->publisher);
	manager_free(app->manager);
	can_gate_free(app->gate);
	can_outputs_free(app->outputs);
	charge_memory_keep(app->memory, &app->control);
	charge_memory_free(app->memory);
	keeper_free(app->keeper);
	state_file_free(app->state);
}

int app_run(const struct app_options *options)
{
	struct app app = { .options = options, .clock = clock_at_scale(options->time_scale) };
	const guint second_ms = (guint) MAX(1000.0 / options->time_scale, 1.0);

	/* both are errors of the write that caused them, and are handled there */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	app.loop = g_main_loop_new(NULL, FALSE);

	/* first of all: a signal at any moment from here on ends in order */
	const guint hangup = g_unix_signal_add(SIGHUP, on_hangup, &app);
	const guint term = g_unix_signal_add(SIGTERM, on_terminate, &app);
	const guint interrupt = g_unix_signal_add(SIGINT, on_terminate, &app);

	log_say(LOG_INFO, "dbus-tinybms %s starts.", VERSION);
	app.config = config_watch_new(options->config_path, on_config, &app);
	control_init(&app.control);

	make_parts(&app);
	make_manager(&app);
	app.timer = g_timeout_add(second_ms, app_second, &app);
	g_main_loop_run(app.loop);

	free_parts(&app);
	g_source_remove(app.timer);
	g_source_remove(hangup);
	g_source_remove(term);
	g_source_remove(interrupt);
	app_stop_acquisition(&app);
	bms_settings_free(app.bms_settings);
	config_watch_free(app.config);
	g_main_loop_unref(app.loop);
	log_say(LOG_INFO, "dbus-tinybms has stopped.");
	return EXIT_SUCCESS;
}
