/* SPDX-License-Identifier: MIT */
/* The controller that ships, with its defaults. */
#include "plant/law.h"

#include "battery/charge_config.h"
#include "battery/control.h"

struct ours {
	struct control control;
	struct charge_config config;
};

static void init(void *state, const struct law_setup *setup)
{
	struct ours *o = state;

	control_init(&o->control);
	charge_config_init(&o->config);
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *battery,
			  gint64 now_us)
{
	struct ours *o = state;

	return control_step(&o->control, &o->config, battery, now_us);
}

const struct law law_ours = {
	.name = "ours",
	.sentence = "the controller of this service",
	.state_bytes = sizeof(struct ours),
	.init = init,
	.step = step,
};
