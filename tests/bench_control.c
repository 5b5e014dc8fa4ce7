/* SPDX-License-Identifier: MIT */
/*
 * bench_control - a day in the plant with 16 cells, for callgrind
 *
 *	bench_control    prints the steps of the day; count bench_control_step()
 */
#include <stdio.h>
#include <stdlib.h>

#include "battery/alarms.h"
#include "battery/charge_config.h"
#include "battery/control.h"
#include "plant/plant.h"

/* This seed draws 16 cells for that day. */
static const char scenario_name[] = "sunny-day";
enum { SEED = 2, CELLS = 16 };

struct bench {
	struct control control;
	struct alarms alarms;
	struct charge_config config;
	enum alarm_level levels[ALARM_COUNT];
};

static unsigned steps;

/* What the service does each second with a snapshot, and nothing else. */
__attribute__((noinline)) static struct limits
bench_control_step(struct bench *x, const struct battery *battery, gint64 now_us)
{
	const struct limits limits = control_step(&x->control, &x->config, battery, now_us);

	alarms_step(&x->alarms, &x->config, battery, &limits, now_us, x->levels);
	return limits;
}

static void init(void *state, const struct law_setup *setup)
{
	struct bench *x = state;

	if (setup->cell_count != CELLS) {
		fprintf(stderr,
			"bench_control: %s %d draws %u cells, not %d; choose another seed\n",
			scenario_name, SEED, setup->cell_count, CELLS);
		exit(EXIT_FAILURE);
	}
	control_init(&x->control);
	charge_config_init(&x->config);
}

static struct limits step(void *state, const struct law_setup *setup, const struct battery *battery,
			  gint64 now_us)
{
	steps++;
	return bench_control_step(state, battery, now_us);
}

int main(void)
{
	static const struct law law = {
		.name = "ours with alarms",
		.sentence = "the controller and its alarms",
		.state_bytes = sizeof(struct bench),
		.init = init,
		.step = step,
	};

	plant_run(scenario_find(scenario_name), SEED, &law, NULL, 1);
	printf("%u\n", steps);
	return EXIT_SUCCESS;
}
