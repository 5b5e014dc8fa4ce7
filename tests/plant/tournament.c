/* SPDX-License-Identifier: MIT */
/*
 * tournament - run the plant over packs, scenarios and laws, and judge
 *
 *	tournament                            the whole table
 *	tournament --packs 10 --compared 2    a smaller one
 *	tournament --laws ours --scenarios cloudy,runner --by-scenario
 *	tournament --trace cloudy 7 ours      one run as CSV, a row a second
 *	tournament --run cloudy 7 ours        one run's figures
 *	tournament --list
 *
 * Exit status: 0 all targets met, 1 a target missed, 2 wrong call.
 */
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plant/jobs.h"
#include "plant/plant.h"
#include "plant/summary.h"

struct options {
	int packs, compared, workers, every, first;
	gboolean by_scenario, is_list, is_trace, is_run, is_quiet;
	char *laws, *scenarios;
};

static bool is_named(const char *list, const char *name)
{
	g_auto(GStrv) names = list ? g_strsplit(list, ",", -1) : NULL;

	return !names || g_strv_contains((const char *const *) names, name);
}

static bool needs_oracle(const struct scenario *s)
{
	return s->judged & (JUDGE_CHARGE | JUDGE_BALANCING);
}

/* How many packs of this scenario this law meets. */
static unsigned packs_for(const struct options *o, const struct law *law, const struct scenario *s)
{
	if (!is_named(o->scenarios, s->name))
		return 0;
	if (law->is_oracle)
		return needs_oracle(s) ? (unsigned) MAX(o->packs, o->compared) : 0;
	if (!is_named(o->laws, law->name))
		return 0;
	return (unsigned) (law == &law_ours ? o->packs : o->compared);
}

/* Fill @jobs, or only count where it is NULL. */
static size_t plan(const struct options *o, struct job *jobs)
{
	size_t law_count, scenario_count, count = 0;
	const struct law *const *laws = law_list(&law_count);
	const struct scenario *scenarios = scenario_list(&scenario_count);

	for (size_t l = 0; l < law_count; l++)
		for (size_t s = 0; s < scenario_count; s++) {
			const unsigned packs = packs_for(o, laws[l], &scenarios[s]);

			for (unsigned i = 0; i < packs; i++, count++)
				if (jobs)
					jobs[count] = (struct job){
						.law = laws[l],
						.scenario = &scenarios[s],
						.seed = (unsigned) o->first + i,
					};
		}
	return count;
}

static void print_scenarios(const struct job *jobs, size_t count, const struct law *law)
{
	size_t scenario_count;
	const struct scenario *scenarios = scenario_list(&scenario_count);

	printf("\n%s by scenario\n", law->name);
	for (size_t i = 0; i < scenario_count; i++) {
		const struct summary s = summary_of(jobs, count, law, &scenarios[i]);

		if (s.runs)
			summary_print_row(scenarios[i].name, &s);
	}
}

static bool judge(const struct options *o, const struct job *jobs, size_t count)
{
	size_t law_count;
	const struct law *const *laws = law_list(&law_count);
	const struct summary ours = summary_of(jobs, count, &law_ours, NULL);
	unsigned passed = 0, failed;

	summary_print_head();
	for (size_t i = 0; i < law_count; i++) {
		const struct summary s = summary_of(jobs, count, laws[i], NULL);

		if (s.runs)
			summary_print_row(laws[i]->name, &s);
	}
	for (size_t i = 0; o->by_scenario && i < law_count; i++)
		if (is_named(o->laws, laws[i]->name))
			print_scenarios(jobs, count, laws[i]);
	if (!ours.runs)
		return true;
	printf("\nours: %zu over-voltage, %zu under-voltage, %zu other trips\n", ours.tripped[0],
	       ours.tripped[1], ours.tripped[2]);
	summary_print_worst(&ours);
	if (o->scenarios || o->laws)
		return true; /* a part cannot be judged */
	failed = summary_print_misses(&ours);
	passed = FIGURE_COUNT - failed;
	for (size_t i = 0; i < law_count; i++) {
		const struct summary other = summary_of(jobs, count, laws[i], NULL);

		if (laws[i] == &law_ours || laws[i]->is_oracle || !other.runs)
			continue;
		if (summary_print_comparison(&ours, &other))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed: targets and comparisons\n", passed, failed);
	return failed == 0;
}

static void print_speed(const struct job *jobs, size_t count, double took_s)
{
	double hours = 0.0;

	for (size_t i = 0; i < count; i++)
		hours += jobs[i].scenario->hours;
	printf("%zu runs, %.0f h of virtual time in %.1f s: %.2f million times real time\n\n",
	       count, hours, took_s, hours * 3600.0 / took_s / 1e6);
}

static int tournament(const struct options *o)
{
	const gint64 began_us = g_get_monotonic_time();
	const size_t count = plan(o, NULL);
	struct job *jobs = jobs_new(count);
	double took_s;
	bool is_good;

	plan(o, jobs);
	if (!jobs_run(jobs, count, (unsigned) o->workers, !o->is_quiet)) {
		fputs("tournament: a run did not finish\n", stderr);
		return EXIT_FAILURE;
	}
	took_s = (double) (g_get_monotonic_time() - began_us) / G_USEC_PER_SEC;
	print_speed(jobs, count, took_s);
	is_good = judge(o, jobs, count);
	jobs_free(jobs, count);
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int list(void)
{
	size_t count;
	const struct scenario *scenarios = scenario_list(&count);

	for (size_t i = 0; i < count; i++)
		printf("%-22s %4.1f h  %s\n", scenarios[i].name, scenarios[i].hours,
		       scenarios[i].sentence);
	const struct law *const *laws = law_list(&count);

	for (size_t i = 0; i < count; i++)
		printf("%-22s %6s  %s\n", laws[i]->name, "law", laws[i]->sentence);
	return EXIT_SUCCESS;
}

static int refuse(const char *what, const char *word)
{
	fprintf(stderr, "tournament: %s%s: give SCENARIO SEED LAW, as --list names them\n", what,
		word);
	return 2;
}

static int one_run(const struct options *o, int argc, char **argv)
{
	if (argc != 4)
		return refuse("not three words", "");

	const struct scenario *scenario = scenario_find(argv[1]);
	const struct law *law = law_find(argv[3]);
	struct figures f;

	if (!scenario)
		return refuse("no scenario ", argv[1]);
	if (!law)
		return refuse("no law ", argv[3]);
	f = plant_run(scenario, (unsigned) strtoul(argv[2], NULL, 10), law,
		      o->is_trace ? stdout : NULL, (unsigned) MAX(o->every, 1));
	if (o->is_trace)
		return EXIT_SUCCESS;
	printf("trips %u over-voltage, %u under-voltage, %u other\n"
	       "way to the cut-off %.3f\nCVL changes %u, fast %u\nripple %.3f V, reversals %u\n"
	       "grid %.3f %%\ncharge %.3f Ah\nbalancing %.0f s\nreaction %.0f s, "
	       "no temperature %.0f s\noff the ladder %.0f s\n",
	       f.over_voltage_trips, f.under_voltage_trips, f.other_trips, f.overshoot,
	       f.cvl_changes, f.fast_changes, f.ripple_v, f.reversals, 100.0 * f.grid_share,
	       f.charge_ah, f.balancing_s, f.reaction_s, f.no_temperature_s, f.stale_bad_s);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options o = { .packs = 200, .compared = 20, .every = 1 };
	/* clang-format off */
	const GOptionEntry entries[] = {
		{ "packs", 0, 0, G_OPTION_ARG_INT, &o.packs, "packs a scenario for ours", "N" },
		{ "compared", 0, 0, G_OPTION_ARG_INT, &o.compared, "packs for each other law", "N" },
		{ "first", 0, 0, G_OPTION_ARG_INT, &o.first, "first seed", "SEED" },
		{ "workers", 0, 0, G_OPTION_ARG_INT, &o.workers, "processes (0: one a core)", "N" },
		{ "laws", 0, 0, G_OPTION_ARG_STRING, &o.laws, "only these", "A,B" },
		{ "scenarios", 0, 0, G_OPTION_ARG_STRING, &o.scenarios, "only these", "A,B" },
		{ "by-scenario", 0, 0, G_OPTION_ARG_NONE, &o.by_scenario, "a row each", NULL },
		{ "quiet", 0, 0, G_OPTION_ARG_NONE, &o.is_quiet, "no progress", NULL },
		{ "trace", 0, 0, G_OPTION_ARG_NONE, &o.is_trace, "SCENARIO SEED LAW as CSV", NULL },
		{ "every", 0, 0, G_OPTION_ARG_INT, &o.every, "a row every N s in the trace", "N" },
		{ "run", 0, 0, G_OPTION_ARG_NONE, &o.is_run, "figures of SCENARIO SEED LAW", NULL },
		{ "list", 0, 0, G_OPTION_ARG_NONE, &o.is_list, "scenarios and laws", NULL },
		{ NULL },
	};
	/* clang-format on */
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "tournament: %s\n", error->message);
		return 2;
	}
	if (o.is_list)
		return list();
	if (o.is_trace || o.is_run)
		return one_run(&o, argc, argv);
	return tournament(&o);
}
