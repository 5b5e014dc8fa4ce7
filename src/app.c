/* SPDX-License-Identifier: MIT */
#include "app.h"

#include <glib-unix.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "battery/alarms.h"
#include "battery/control.h"
#include "can/can_gate.h"
#include "charge_memory.h"
#include "clock.h"
#include "config_watch.h"
#include "history/keeper.h"
#include "log.h"
#include "manage/history_methods.h"
#include "manage/manager.h"
#include "publish/publisher.h"
#include "snapshot.h"
#include "soc_sync.h"
#include "state_file.h"
#include "tinybms/acquisition.h"
#include "trace.h"

static const double FULL_CHARGE_DUE_S = 30.0 * 86400; /* Pylontech LV 1.2, 0x35C bit 3 */
static const gint64 CLOCK_IS_SET_S = 1577836800;      /* 2020: a GX without network starts in 1970 */
static const gint64 SILENCE_WORTH_A_LINE_US = 2 * G_USEC_PER_SEC;
static const gint64 SILENCE_WORTH_A_ROW_US = 5 * G_USEC_PER_SEC; /* of the recording */

struct app {
	const struct app_options *options;
	GMainLoop *loop;
	struct clock clock;
	struct config_watch *config;
	char port[CONFIG_TEXT_BYTES]; /* that acquisition runs on; "" = none */
	int period_ms;
	bool low_latency;

	struct acquisition *acquisition;
	struct acquisition_counters counters;
	struct battery battery; /* newest complete snapshot */
	bool has_battery;
	bool is_fresh;	/* it came after the last decision */
	bool is_asleep; /* the BMS is left alone ... */
	bool is_waking; /* ... but is asked again: until it answers */
	struct soc_sync soc_sync;

	struct control control;
	struct charge_memory *memory;
	struct keeper *keeper;
	struct alarms alarms;
	enum alarm_level levels[ALARM_COUNT];
	struct limits limits;	  /* of the last decision */
	struct decision decision; /* likewise; points into this struct */
	struct bms_settings *bms_settings;
	struct can_outputs *outputs;
	struct can_gate *gate;
	struct publisher *publisher;
	struct manager *manager;
	struct state_file *state;
	guint timer;

	struct log_topic port_topic, bms_topic, fault_topic;
	gint64 heard_us; /* when the BMS last answered, or was last asked for the first time */
};

/* ---- decisions --------------------------------------------------------------------- */

/* "0x02 under-voltage cut-off (Charge the battery; check its weakest cell)" */
static void append_fault(GString *text, unsigned id)
{
	const char *words = events_text((uint8_t) id);
	const char *remedy = events_remedy((uint8_t) id);

	g_string_append_printf(text, "%s0x%02X %s", text->len ? "; " : "", id,
			       words ? words : "unknown event");
	if (!remedy)
		return;
	g_string_append_printf(text, " (%s", remedy);
	if (text->str[text->len - 1] == '.')
		g_string_truncate(text, text->len - 1);
	g_string_append_c(text, ')');
}

static void log_faults(struct app *app)
{
	GString *text = g_string_new(NULL);

	for (unsigned id = 1; id <= EVENTS_WARNING_LAST; id++)
		if (battery_events_contain(&app->battery.active, id))
			append_fault(text, id);
	if (text->len)
		log_transition(&app->fault_topic, LOG_WARNING, "The BMS reports %s.", text->str);
	else if (app->fault_topic.last[0])
		log_transition(&app->fault_topic, LOG_INFO, "The BMS reports no fault any more.");
	g_string_free(text, TRUE);
}

/* Before D-Bus: an inverter that must stop waits for it. */
static void tell_inverters(struct app *app)
{
	const gint64 wall_clock_s = g_get_real_time() / G_USEC_PER_SEC;
	const struct history *past = keeper_history(app->keeper);
	struct can_input input = {
		.battery = &app->battery,
		.limits = &app->limits,
		.energy_in_wh = past ? past->kept.totals.charged_wh : (double) NAN,
		.energy_out_wh = past ? past->kept.totals.discharged_wh : (double) NAN,
		.cycles = past ? past->kept.cycles : (double) NAN,
		.full_charge_due = app->control.states.since_full_s > FULL_CHARGE_DUE_S,
		.name = publisher_battery_name(app->publisher),
		.wall_clock_s = wall_clock_s > CLOCK_IS_SET_S ? wall_clock_s : 0,
	};

	memcpy(input.alarms, app->levels, sizeof(input.alarms));
	can_outputs_update(app->outputs, &input);
}

static void decide(struct app *app, bool is_urgent)
{
	const gint64 now_us = clock_now_us(&app->clock);
	const struct charge_config *config = &config_watch_get(app->config)->charge;
	const struct battery *fresh = app->is_fresh ? &app->battery : NULL;

	trace_write(app->options->trace, fresh, now_us);
	app->limits = control_step(&app->control, config, fresh, now_us);
	alarms_step(&app->alarms, config, fresh, &app->limits, now_us, app->levels);
	app->is_fresh = false;
	if (!app->has_battery)
		return;
	app->limits.on_bus = app->limits.on_bus && !app->is_asleep;
	tell_inverters(app);
	charge_memory_watch(app->memory, &app->control, now_us);
	soc_sync_step(&app->soc_sync, &app->control, &app->battery,
		      config_watch_get(app->config)->sync_soc_at_full, app->bms_settings);

	app->decision = (struct decision){
		.battery = &app->battery,
		.limits = &app->limits,
		.alarms = app->levels,
		.counters = &app->counters,
		.age_s = (double) (now_us - app->battery.taken_us) / 1e6,
		.wants_full = control_wants_full(&app->control),
		.history = keeper_history(app->keeper),
		.is_asleep = app->is_asleep,
	};
	publisher_update(app->publisher, &app->decision, is_urgent);
}

/* The first thing that is missing on the way from the port to the bus. */
static bool state_of(const struct app *app, const char **sentence)
{
	const bool is_publishing = publisher_is_published(app->publisher, sentence);

	if (!app->port[0])
		*sentence = app->port_topic.last;
	else if (app->is_asleep && !app->is_waking)
		*sentence =
			"The BMS is left alone, so that it may sleep; tinybmsctl wake ends that.";
	else if (!app->has_battery)
		*sentence = app->bms_topic.last[0] ? app->bms_topic.last : "The BMS is being read.";
	return is_publishing;
}

static void tell_state(struct app *app)
{
	const char *sentence;
	const bool is_publishing = state_of(app, &sentence);

	state_file_say(app->state, is_publishing, sentence);
}

static void on_status(struct status *out, void *user)
{
	struct app *app = user;

	app->decision.age_s = (double) (clock_now_us(&app->clock) - app->battery.taken_us) / 1e6;
	*out = (struct status){
		.port = app->port,
		.instance = publisher_instance(app->publisher),
		.decision = app->decision.battery && app->has_battery ? &app->decision : NULL,
	};
	out->is_published = state_of(app, &out->sentence);
}

static void on_diagnostics(struct diagnostics *out, void *user)
{
	const struct app *app = user;

	*out = (struct diagnostics){
		.line = &app->counters,
		.outputs = app->outputs,
		.history = keeper_history(app->keeper),
		.statistics = app->has_battery ? &app->battery.statistics : NULL,
	};
	out->is_on_bus = publisher_counters(app->publisher, &out->bus);
}

static void on_full(bool is_wanted, void *user)
{
	struct app *app = user;

	control_want_full(&app->control, is_wanted);
}

static void on_clear_history(void *user)
{
	struct app *app = user;

	keeper_clear(app->keeper);
}

static void tell_keeper(struct app *app)
{
	const gint64 now_us = clock_now_us(&app->clock);
	const bool is_silent = now_us - app->battery.taken_us > SILENCE_WORTH_A_ROW_US;

	if (app->has_battery)
		keeper_second(app->keeper, is_silent ? NULL : &app->battery,
			      app->control.states.since_full_s, now_us);
}

static void on_sleep(bool is_asleep, void *user)
{
	struct app *app = user;

	if (!app->acquisition || (!is_asleep && !app->is_asleep))
		return;
	app->is_asleep = true;
	app->is_waking = !is_asleep;
	app->heard_us = clock_now_us(&app->clock);
	acquisition_sleep(app->acquisition, is_asleep);
	decide(app, false);
}

static gboolean on_second(void *user)
{
	struct app *app = user;

	can_gate_check(app->gate);
	decide(app, false);
	tell_keeper(app);
	tell_state(app);
	return G_SOURCE_CONTINUE;
}

/* ---- from the BMS ------------------------------------------------------------------ */

/* A port that is gone is worth a line at once; a lost answer only when more are lost. */
static void log_report(struct app *app, const struct acquisition_report *r)
{
	const gint64 now_us = clock_now_us(&app->clock);

	switch (r->state) {
	case ACQUISITION_NO_PORT:
		log_transition(&app->port_topic, LOG_ERROR, "%s",
			       r->error ? r->error : "The serial port is not there.");
		return;
	case ACQUISITION_SILENT:
		if (now_us - app->heard_us >= SILENCE_WORTH_A_LINE_US)
			log_transition(&app->bms_topic, LOG_WARNING, "%s",
				       r->error ? r->error : "The BMS does not answer.");
		return;
	case ACQUISITION_ASLEEP:
		log_transition(
			&app->bms_topic, LOG_INFO,
			"The BMS is left alone, so that it may sleep; tinybmsctl wake ends that.");
		return;
	case ACQUISITION_STARTING:
		break;
	case ACQUISITION_RUNNING:
		if (app->port_topic.last[0])
			log_transition(&app->port_topic, LOG_INFO, "The serial port is there.");
		log_transition(&app->bms_topic, LOG_INFO,
			       "The BMS on %s answers: %u cells, serial number %s.", app->port,
			       r->battery->cell_count,
			       r->battery->identity.serial[0] ? r->battery->identity.serial
							      : "unknown");
		break;
	}
	app->heard_us = now_us;
}

/* Another BMS on the same cable is another battery: nothing learnt of the old one counts. */
static void forget_battery(struct app *app)
{
	log_say(LOG_WARNING, "This is another BMS than before: it starts as a new battery.");
	charge_memory_keep(app->memory, &app->control);
	control_init(&app->control);
	app->soc_sync = (struct soc_sync){ 0 };
	app->alarms = (struct alarms){ 0 };
	app->has_battery = false;
}

static void on_report(const struct acquisition_report *r, void *user)
{
	struct app *app = user;

	app->counters = r->counters;
	log_report(app, r);
	if (r->settings)
		bms_settings_take(app->bms_settings, r->settings);
	if (r->events)
		keeper_events(app->keeper, r->events);
	if (!r->battery)
		return;
	keeper_sample(app->keeper, r->battery);
	bms_settings_set_device(app->bms_settings, r->battery);
	app->is_asleep = app->is_asleep && !app->is_waking;
	if (app->has_battery &&
	    g_strcmp0(app->battery.identity.serial, r->battery->identity.serial) != 0)
		forget_battery(app);

	if (!app->has_battery)
		charge_memory_recall(app->memory, r->battery->identity.serial, &app->control);

	const bool is_urgent =
		snapshot_is_urgent(app->has_battery ? &app->battery : NULL, r->battery);

	app->battery = *r->battery;
	app->has_battery = true;
	app->is_fresh = true;
	if (is_urgent) {
		log_faults(app);
		decide(app, true);
	}
}

static void start_acquisition(struct app *app)
{
	const struct config *config = config_watch_get(app->config);

	g_strlcpy(app->port, app->options->port ? app->options->port : config->port,
		  sizeof(app->port));
	app->period_ms = config->poll_interval_ms;
	app->low_latency = config->low_latency;
	if (!app->port[0]) {
		log_transition(&app->port_topic, LOG_ERROR,
			       "No serial port is configured: set \"port\" in %s to the adapter's "
			       "name under /dev/serial/by-id.",
			       app->options->config_path);
		return;
	}
	const struct acquisition_config acquisition = {
		.path = app->port,
		.period_us = (gint64) app->period_ms * 1000,
		.low_latency = app->low_latency,
		.clock = app->clock,
	};

	app->is_asleep = app->is_waking = false;
	app->heard_us = clock_now_us(&app->clock);
	app->acquisition = acquisition_start(&acquisition, NULL, on_report, app);
}

/* What its end sets off finds no acquisition any more. */
static void stop_acquisition(struct app *app)
{
	struct acquisition *acquisition = app->acquisition;

	app->acquisition = NULL;
	acquisition_stop(acquisition);
}

static bool submit(const struct job *job, acquisition_job_func fn, void *fn_user, void *user)
{
	struct app *app = user;

	if (app->acquisition)
		acquisition_submit(app->acquisition, job, fn, fn_user);
	return app->acquisition != NULL;
}

/* ---- configuration and signals ----------------------------------------------------- */

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
		stop_acquisition(app);
		start_acquisition(app);
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

	g_autofree char *folder = g_path_get_dirname(options->config_path);
	g_autofree char *journal = g_build_filename(folder, "bms-changes.jsonl", NULL);

	app.memory = charge_memory_new(folder);
	app.keeper = keeper_new(folder);
	app.bms_settings = bms_settings_new(journal, submit, &app);
	app.publisher =
		publisher_new(options->bus_address, app.config, app.bms_settings, on_full, &app);
	publisher_set_clear(app.publisher, on_clear_history, &app);
	app.outputs = can_outputs_new(&can_port_kernel, folder);
	app.gate = can_gate_new(options->bus_address, app.outputs,
				options->root ? options->root : "/");
	publisher_show_can(app.publisher, app.outputs);
	app.state = state_file_new(options->state_path);
	start_acquisition(&app);
	can_outputs_configure(app.outputs, config_watch_get(app.config)->can);
	can_gate_check(app.gate);
	publisher_set_config(app.publisher, config_watch_get(app.config), app.port);

	const struct manager_parts parts = {
		.watch = app.config,
		.bms_settings = app.bms_settings,
		.status = on_status,
		.diagnostics = on_diagnostics,
		.want_full = on_full,
		.sleep = on_sleep,
		.config_changed = on_config_changed,
		.user = &app,
	};

	app.manager = manager_new(options->bus_address, app.port, &parts);
	history_methods_add(manager_service(app.manager), app.keeper);

	app.timer = g_timeout_add(second_ms, on_second, &app);
	g_main_loop_run(app.loop);

	free_parts(&app);
	g_source_remove(app.timer);
	g_source_remove(hangup);
	g_source_remove(term);
	g_source_remove(interrupt);
	stop_acquisition(&app);
	bms_settings_free(app.bms_settings);
	config_watch_free(app.config);
	g_main_loop_unref(app.loop);
	log_say(LOG_INFO, "dbus-tinybms has stopped.");
	return EXIT_SUCCESS;
}
