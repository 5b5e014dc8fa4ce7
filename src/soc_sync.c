/* SPDX-License-Identifier: MIT */
#include "soc_sync.h"

#include <math.h>

#include "log.h"

enum {
	SET_SOC = 328, /* rev. D chapter 3; steps of 0.002 % */
	SOC_FULL = 50000,
};

static const double known_full_pct = 99.0;

bool soc_sync_is_due(struct soc_sync *s, double since_full_s, double soc_pct)
{
	const bool is_full_now = s->has_last && since_full_s < s->since_full_s;

	s->has_last = true;
	s->since_full_s = since_full_s;
	return is_full_now && soc_pct < known_full_pct;
}

/* What is unknown counts as small, so that charging ends; how much is stored is another question. */
static bool is_tail_known(const struct control *control, const struct battery *b)
{
	return isfinite(control->plan.tail_a) && isfinite(b->current_a);
}

static void on_done(bool is_done, const char *sentence, void *user)
{
	if (!is_done)
		log_say(LOG_WARNING, "The BMS was not told that the battery is full: %s", sentence);
}

void soc_sync_step(struct soc_sync *s, const struct control *control, const struct battery *b,
		   bool is_wanted, struct bms_settings *settings)
{
	const struct bms_origin origin = { .who = "dbus-tinybms", .path = "sync_soc_at_full" };
	struct setting_set set = { 0 };

	if (!soc_sync_is_due(s, control->states.since_full_s, b->soc_pct) || !is_wanted ||
	    !is_tail_known(control, b))
		return;
	setting_set_add(&set, settings_by_address(SET_SOC), SOC_FULL);
	bms_settings_write(settings, &set, &origin, on_done, NULL);
}
