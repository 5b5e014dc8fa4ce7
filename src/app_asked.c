/* SPDX-License-Identifier: MIT */
/* app_asked - what an owner asks of the service, and orders */
#include "app_private.h"

void app_tell_status(struct status *out, void *user)
{
	struct app *app = user;

	app->decision.age_s = (double) (clock_now_us(&app->clock) - app->battery.taken_us) / 1e6;
	*out = (struct status){
		.port = app->port,
		.instance = publisher_instance(app->publisher),
		.decision = app->decision.battery && app->has_battery ? &app->decision : NULL,
	};
	out->is_published = app_state(app, &out->sentence);
}

void app_tell_diagnostics(struct diagnostics *out, void *user)
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

void app_want_full(bool is_wanted, void *user)
{
	struct app *app = user;

	control_want_full(&app->control, is_wanted);
}

void app_clear_history(void *user)
{
	struct app *app = user;

	keeper_clear(app->keeper);
}

void app_show(void *user)
{
	app_decide(user, true);
}

void app_sleep(bool is_asleep, void *user)
{
	struct app *app = user;

	if (!app->acquisition || (!is_asleep && !app->is_asleep))
		return;
	app->is_asleep = true;
	app->is_waking = !is_asleep;
	app->heard_us = clock_now_us(&app->clock);
	acquisition_sleep(app->acquisition, is_asleep);
	app_decide(app, false);
}
