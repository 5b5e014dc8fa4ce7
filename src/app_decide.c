/* SPDX-License-Identifier: MIT */
/* app_decide - each second and each urgent snapshot: limits, alarms, and who is told */
#include "app_private.h"

#include <math.h>
#include <string.h>

static const double FULL_CHARGE_DUE_S = 30.0 * 86400; /* Pylontech LV 1.2, 0x35C bit 3 */
static const gint64 CLOCK_IS_SET_S = 1577836800; /* 2020: a GX without network starts in 1970 */
static const gint64 SILENCE_WORTH_A_ROW_US = 5 * G_USEC_PER_SEC; /* of the recording */

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

void app_log_faults(struct app *app)
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

void app_decide(struct app *app, bool is_urgent)
{
	const gint64 now_us = clock_now_us(&app->clock);
	const struct charge_config *config = &config_watch_get(app->config)->charge;
	const struct battery *fresh = app->is_fresh ? &app->battery : NULL;

	trace_write(app->options->trace, fresh, now_us);
	app->limits = control_step(&app->control, config, fresh, now_us);
	alarms_step(&app->alarms, config, fresh, &app->limits, now_us, app->levels);
	if (app->awaits_cause)
		limits_withhold_charge(&app->limits);
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
bool app_state(const struct app *app, const char **sentence)
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
	const bool is_publishing = app_state(app, &sentence);

	state_file_say(app->state, is_publishing, sentence);
}

static void tell_keeper(struct app *app)
{
	const gint64 now_us = clock_now_us(&app->clock);
	const bool is_silent = now_us - app->battery.taken_us > SILENCE_WORTH_A_ROW_US;

	if (app->has_battery)
		keeper_second(app->keeper, is_silent ? NULL : &app->battery,
			      app->control.states.since_full_s, now_us);
}

gboolean app_second(void *user)
{
	struct app *app = user;

	can_gate_check(app->gate);
	app_decide(app, false);
	tell_keeper(app);
	tell_state(app);
	return G_SOURCE_CONTINUE;
}
