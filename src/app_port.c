/* SPDX-License-Identifier: MIT */
/* app_port - the acquisition, and what it reports */
#include "app_private.h"

#include "snapshot.h"

static const gint64 SILENCE_WORTH_A_LINE_US = 2 * G_USEC_PER_SEC;

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
	app->has_battery = app->awaits_cause = false;
}

/*
 * What charges stops at once. The controller knows nothing of it: if the cause
 * allows charge, there is nothing to recover from.
 */
static void await_cause(struct app *app)
{
	app->awaits_cause = app->has_battery;
	app_decide(app, true);
}

static void on_report(const struct acquisition_report *r, void *user)
{
	struct app *app = user;

	app->counters = r->counters;
	if (r->awaits_cause) {
		await_cause(app);
		return;
	}
	log_report(app, r);
	if (r->battery) /* before the settings, which may be another one's */
		bms_settings_set_device(app->bms_settings, r->battery);
	if (r->settings)
		bms_settings_take(app->bms_settings, r->settings);
	if (r->events)
		keeper_events(app->keeper, r->events);
	if (!r->battery)
		return;
	keeper_sample(app->keeper, r->battery);
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
	app->awaits_cause = false;
	if (is_urgent) {
		app_log_faults(app);
		app_decide(app, true);
	}
}

void app_start_acquisition(struct app *app)
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
void app_stop_acquisition(struct app *app)
{
	struct acquisition *acquisition = app->acquisition;

	app->acquisition = NULL;
	acquisition_stop(acquisition);
}

bool app_submit(const struct job *job, acquisition_job_func fn, void *fn_user, void *user)
{
	struct app *app = user;

	if (app->acquisition)
		acquisition_submit(app->acquisition, job, fn, fn_user);
	return app->acquisition != NULL;
}
