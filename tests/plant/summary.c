/* SPDX-License-Identifier: MIT */
#include "plant/summary.h"

#include <math.h>
#include <stdio.h>

/* Targets of the the plant's README. */
/* clang-format off */
static const struct target {
	const char *head, *sentence;
	double value;
	bool is_floor;  /* more is better */
	double scale;   /* shown = value * scale */
	int decimals;
} targets[FIGURE_COUNT] = {
	[FIGURE_TRIPS] =          { "trips",    "trips of the BMS", 0, false, 1, 0 },
	[FIGURE_OVERSHOOT] =      { "way",      "highest cell's share of the way to the cut-off", 0.7, false, 1, 3 },
	[FIGURE_FAST_CHANGES] =   { "fast",     "CVL changes less than 20 s apart", 0, false, 1, 0 },
	[FIGURE_RIPPLE] =         { "ripple V", "ripple of CVL in steady sun", 0.1, false, 1, 3 },
	[FIGURE_REVERSALS] =      { "revers/h", "reversals of CVL an hour in steady sun", 6, false, 1, 0 },
	[FIGURE_GRID] =           { "grid %",   "per cent of capacity to the grid", 0.005, false, 100, 2 },
	[FIGURE_CHARGE_LFP] =     { "LFP %",    "charge stored, LFP", 0.995, true, 100, 2 },
	[FIGURE_CHARGE_LI_ION] =  { "Li-ion %", "charge stored, Li-ion", 0.98, true, 100, 2 },
	[FIGURE_BALANCING] =      { "balance",  "balancing time over the oracle's", 1.05, false, 1, 3 },
	[FIGURE_REACTION] =       { "react s",  "reaction to cell, fault, wire", 3, false, 1, 0 },
	[FIGURE_NO_TEMPERATURE] = { "no temp s", "reaction to no temperature", 60, false, 1, 0 },
	[FIGURE_STALE] =          { "stale s",  "seconds off the stale ladder", 0, false, 1, 0 },
};
/* clang-format on */

/* Shorter balancing times than this say nothing: the pack was as good as balanced. */
static const double balancing_min_s = 600.0;

/* A hair, so that 0.7 as computed is not above 0.7 as written. */
static const double hair = 1e-9;

static void note(struct summary *s, enum figure figure, double value, const struct job *job)
{
	const bool is_floor = targets[figure].is_floor;

	if (isnan(value))
		return;
	if (isnan(s->value[figure]) ||
	    (is_floor ? value < s->value[figure] : value > s->value[figure])) {
		s->value[figure] = value;
		s->worst[figure] = job;
	}
}

/* Jobs of oracle and law lie in the same order of scenarios, not of seeds: look it up. */
static const struct job *oracle_of(const struct job *jobs, size_t count, const struct job *job)
{
	for (size_t i = 0; i < count; i++)
		if (jobs[i].law->is_oracle && jobs[i].scenario == job->scenario &&
		    jobs[i].seed == job->seed)
			return &jobs[i];
	return NULL;
}

static unsigned most_fast(const struct summary *s)
{
	const struct job *worst = s->worst[FIGURE_FAST_CHANGES];

	return worst ? worst->figures.fast_changes : 0;
}

static void count_run(struct summary *s, const struct job *job)
{
	const struct figures *f = &job->figures;
	const unsigned trips = f->over_voltage_trips + f->under_voltage_trips + f->other_trips;
	const bool is_steady = job->scenario->judged & JUDGE_STEADY;

	s->runs++;
	s->tripped[0] += f->over_voltage_trips;
	s->tripped[1] += f->under_voltage_trips;
	s->tripped[2] += f->other_trips;
	if (trips)
		s->worst[FIGURE_TRIPS] = job;
	if (f->fast_changes > most_fast(s))
		s->worst[FIGURE_FAST_CHANGES] = job;
	s->value[FIGURE_TRIPS] = fmax(s->value[FIGURE_TRIPS], 0.0) + trips;
	s->value[FIGURE_FAST_CHANGES] = fmax(s->value[FIGURE_FAST_CHANGES], 0.0) + f->fast_changes;
	note(s, FIGURE_OVERSHOOT, f->overshoot, job);
	note(s, FIGURE_GRID, f->grid_share, job);
	note(s, FIGURE_REACTION, f->reaction_s, job);
	note(s, FIGURE_NO_TEMPERATURE, f->no_temperature_s, job);
	note(s, FIGURE_STALE, f->stale_bad_s, job);
	if (is_steady) {
		note(s, FIGURE_RIPPLE, f->ripple_v, job);
		note(s, FIGURE_REVERSALS, f->reversals, job);
	}
}

/* One scenario's charge by chemistry (even seeds are LFP), and its balancing times. */
static void against_oracle(struct summary *s, const struct job *jobs, size_t count,
			   const struct scenario *scenario, double balancing_s[2])
{
	double share[2] = { 0 }, lowest[2] = { 9.0, 9.0 };
	const struct job *worst[2] = { NULL, NULL };
	unsigned packs[2] = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct job *job = &jobs[i], *best;
		const unsigned kind = job->seed % 2;
		double ratio;

		if (job->law != s->law || job->scenario != scenario)
			continue;
		best = oracle_of(jobs, count, job);
		if (!best)
			continue;
		ratio = job->figures.charge_ah / best->figures.charge_ah;
		share[kind] += ratio;
		packs[kind]++;
		if (ratio < lowest[kind]) {
			lowest[kind] = ratio;
			worst[kind] = job;
		}
		if (best->figures.balancing_s >= balancing_min_s) {
			const double mine_s = job->figures.balancing_s;

			balancing_s[0] += isnan(mine_s) ? scenario->hours * 3600.0 : mine_s;
			balancing_s[1] += best->figures.balancing_s;
		}
	}
	for (unsigned kind = 0; scenario->judged & JUDGE_CHARGE && kind < 2; kind++)
		if (packs[kind])
			note(s, kind ? FIGURE_CHARGE_LI_ION : FIGURE_CHARGE_LFP,
			     share[kind] / packs[kind], worst[kind]);
}

struct summary summary_of(const struct job *jobs, size_t count, const struct law *law,
			  const struct scenario *scenario)
{
	struct summary s = { .law = law };
	double balancing_s[2] = { 0 };
	size_t scenario_count;
	const struct scenario *all = scenario_list(&scenario_count);

	for (int i = 0; i < FIGURE_COUNT; i++)
		s.value[i] = (double) NAN;
	for (size_t i = 0; i < count; i++)
		if (jobs[i].law == law && (!scenario || jobs[i].scenario == scenario))
			count_run(&s, &jobs[i]);
	for (size_t i = 0; i < scenario_count; i++)
		if ((!scenario || scenario == &all[i]) &&
		    all[i].judged & (JUDGE_CHARGE | JUDGE_BALANCING))
			against_oracle(&s, jobs, count, &all[i], balancing_s);
	if (balancing_s[1] > 0.0)
		s.value[FIGURE_BALANCING] = balancing_s[0] / balancing_s[1];
	return s;
}

bool summary_meets(const struct summary *s, enum figure figure)
{
	const struct target *t = &targets[figure];

	return t->is_floor ? s->value[figure] >= t->value - hair
			   : s->value[figure] <= t->value + hair;
}

static void print_value(const struct target *t, double value)
{
	if (isnan(value))
		printf(" %9s", "-");
	else
		printf(" %9.*f", t->decimals, value * t->scale);
}

void summary_print_head(void)
{
	printf("%-22s %6s", "", "runs");
	for (int i = 0; i < FIGURE_COUNT; i++)
		printf(" %9s", targets[i].head);
	printf("\n%-22s %6s", "target", "");
	for (int i = 0; i < FIGURE_COUNT; i++)
		printf(" %s%*.*f", targets[i].is_floor ? ">=" : "<=", 7, targets[i].decimals,
		       targets[i].value * targets[i].scale);
	putchar('\n');
}

void summary_print_row(const char *name, const struct summary *s)
{
	printf("%-22s %6zu", name, s->runs);
	for (int i = 0; i < FIGURE_COUNT; i++)
		print_value(&targets[i], s->value[i]);
	putchar('\n');
}

void summary_print_worst(const struct summary *s)
{
	for (int i = 0; i < FIGURE_COUNT; i++)
		if (s->worst[i] && s->value[i] > 0.0)
			printf("  worst %-9s %s seed %u\n", targets[i].head,
			       s->worst[i]->scenario->name, s->worst[i]->seed);
}

unsigned summary_print_misses(const struct summary *s)
{
	unsigned misses = 0;

	for (int i = 0; i < FIGURE_COUNT; i++) {
		const struct target *t = &targets[i];

		if (summary_meets(s, i))
			continue;
		misses++;
		printf("MISSED: %s: %s: %.*f, target %s %.*f\n", s->law->name, t->sentence,
		       t->decimals, s->value[i] * t->scale, t->is_floor ? ">=" : "<=", t->decimals,
		       t->value * t->scale);
	}
	return misses;
}

/* What is counted over all runs is compared by the run. */
static double comparable(const struct summary *s, enum figure figure)
{
	const bool is_count = figure == FIGURE_TRIPS || figure == FIGURE_FAST_CHANGES;

	return is_count ? s->value[figure] / (double) s->runs : s->value[figure];
}

bool summary_print_comparison(const struct summary *ours, const struct summary *other)
{
	unsigned better = 0, worse = 0, equal = 0;

	printf("against %-16s", other->law->name);
	for (int i = 0; i < FIGURE_COUNT; i++) {
		const double mine = comparable(ours, i), theirs = comparable(other, i);
		const bool is_mine_better = targets[i].is_floor ? mine > theirs : mine < theirs;

		if (isnan(mine) || isnan(theirs))
			continue;
		if (mine == theirs || (summary_meets(ours, i) && summary_meets(other, i))) {
			equal++;
		} else if (is_mine_better || summary_meets(ours, i)) {
			better += is_mine_better;
			equal += !is_mine_better;
		} else {
			worse++;
			printf(" [worse: %s]", targets[i].head);
		}
	}
	printf(" better in %u, equal in %u, worse in %u\n", better, equal, worse);
	return worse == 0 && better > 0;
}
