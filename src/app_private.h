/* SPDX-License-Identifier: MIT */
/* app_private - what the parts of the application share: all of it, and one another */
#pragma once

#include "app.h"
#include "battery/alarms.h"
#include "battery/control.h"
#include "can/can_gate.h"
#include "charge_memory.h"
#include "clock.h"
#include "config_watch.h"
#include "history/keeper.h"
#include "log.h"
#include "manage/manager.h"
#include "publish/publisher.h"
#include "soc_sync.h"
#include "state_file.h"
#include "tinybms/acquisition.h"
#include "trace.h"

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
	bool is_fresh;	   /* it came after the last decision */
	bool awaits_cause; /* the BMS is at fault since then; why is being read */
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

/* Of app_decide.c. */

/** Decide, and tell everybody; @is_urgent: not only because a second has passed. */
void app_decide(struct app *app, bool is_urgent);
/** What a second sets off; @user is the application. */
gboolean app_second(void *user);
/** The first thing that is missing on the way from the port to the bus. */
bool app_state(const struct app *app, const char **sentence);
/** Faults that the BMS reports, when they change. */
void app_log_faults(struct app *app);

/* Of app_port.c. */

/** On the port of the configuration. */
void app_start_acquisition(struct app *app);
/** What its end sets off finds no acquisition any more. */
void app_stop_acquisition(struct app *app);
/** As bms_settings_new() wants it; @user is the application. */
bool app_submit(const struct job *job, acquisition_job_func fn, void *fn_user, void *user);

/* Of app_asked.c, as struct manager_parts and the publisher want them. */

void app_tell_status(struct status *out, void *user);
void app_tell_diagnostics(struct diagnostics *out, void *user);
void app_want_full(bool is_wanted, void *user);
void app_clear_history(void *user);
void app_show(void *user);
void app_sleep(bool is_asleep, void *user);
