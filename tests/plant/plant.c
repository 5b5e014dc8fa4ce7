/* SPDX-License-Identifier: MIT */
#include "plant/plant.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "plant/bms.h"
#include "plant/pack.h"
#include "plant/victron.h"
#include "plant/world.h"

static const double noise_v = 0.0005, noise_a = 0.1, noise_c = 0.001;

enum { STEPS_PER_SECOND = 5, DVCC_PERIOD_S = 3 };

struct plant {
	const struct scenario *scenario;
	const struct law *law;
	struct pack pack;
	struct bms bms;
	struct victron victron;
	struct world world;
	struct observer observer;
	struct battery battery;
	struct limits limits;
	double battery_a;
	struct random noise;
	alignas(16) unsigned char law_state[LAW_STATE_BYTES];
};

/*
 * The current that brings the first cell exactly to its target, out of what
 * sun or grid offer; loads come first.
 */
static double oracle_a(const struct plant *p)
{
	const struct cells *c = &p->pack.cells;
	const double target_v = p->pack.setup.absorption_v;
	const struct victron *v = &p->victron;
	double most_a = p->scenario->topology == TOPOLOGY_GRID_CHARGE
				? p->pack.grid_charge_a
				: 0.97 * v->sun_w / v->bus_v - v->load_w / (0.94 * v->bus_v);

	if (p->bms.is_open || (p->bms.is_empty && most_a < 0.0))
		return 0.0;
	for (unsigned i = 0; i < c->count; i++) {
		const double cell_a =
			(target_v - c->rest_v[i]) / c->r0_ohm[i] + target_v * c->bleed_siemens[i];

		if (cell_a < most_a)
			most_a = most_a < 0.0 ? most_a : fmax(cell_a, 0.0);
	}
	return fmin(most_a, p->pack.setup.max_charge_a);
}

static void electrical_step(struct plant *p)
{
	struct cells *c = &p->pack.cells;
	const bool is_open = p->bms.is_open || p->world.is_switched_off;

	if (p->law->is_oracle) {
		p->battery_a = oracle_a(p);
		p->victron.bus_v = c->sum_rest_v;
	} else {
		p->battery_a = victron_step(&p->victron, c->sum_rest_v, c->sum_r0_ohm, is_open,
					    p->bms.is_empty);
	}
	cells_step(c, p->battery_a);
	bms_sample(&p->bms, c, p->battery_a);
	observer_step(&p->observer, p->bms.v_max);
}

/* With a standard deviation of 1. */
static double deviation(struct random *r)
{
	double sum = 0.0;

	for (int i = 0; i < 12; i++)
		sum += random_between(r, -0.5, 0.5);
	return sum;
}

static void add_noise(struct plant *p)
{
	struct battery *b = &p->battery;

	for (unsigned i = 0; i < b->cell_count; i++)
		b->cell_v[i] += noise_v * deviation(&p->noise);
	b->current_a += (noise_a + noise_c * b->settings.capacity_ah) * deviation(&p->noise);
	battery_derive(b);
}

/* NULL while the BMS is silent. */
static const struct battery *snapshot(struct plant *p, gint64 now_us)
{
	if (p->world.is_silent)
		return NULL;
	bms_report(&p->bms, &p->pack.cells, p->battery_a, now_us, &p->battery);
	if (p->scenario->is_noisy)
		add_noise(p);
	if (p->world.is_zero) {
		memset(p->battery.cell_v, 0, sizeof(p->battery.cell_v));
		battery_derive(&p->battery);
	}
	return &p->battery;
}

static void trace_header(const struct plant *p, FILE *trace)
{
	fputs("t,sun_w,load_w,battery_a,mppt_a,multi_a,export_a,pack_v,bus_v,cell_min,cell_max,"
	      "soc,cvl,ccl,dcl,state,on_bus,bleeding,fault,charge_limitation",
	      trace);
	for (unsigned i = 0; i < p->pack.cells.count; i++)
		fprintf(trace, ",cell%u", i + 1);
	fputc('\n', trace);
}

static void trace_row(const struct plant *p, unsigned t_s, FILE *trace)
{
	const struct victron *v = &p->victron;
	const struct limits *l = &p->limits;
	const struct cells *c = &p->pack.cells;

	fprintf(trace, "%u,%.0f,%.0f,%.2f,%.2f,%.2f,%.2f,%.3f,%.3f,%.4f,%.4f,%.3f,", t_s, v->sun_w,
		v->load_w, p->battery_a, v->mppt_a, v->multi_a, v->export_a, c->sum_v, v->bus_v,
		p->bms.v_min, p->bms.v_max, 100.0 * p->bms.counted_as / p->bms.capacity_as);
	fprintf(trace, "%.3f,%.2f,%.2f,%d,%d,%d,%u,%s", l->cvl_v, l->ccl_a, l->dcl_a,
		(int) l->state, l->on_bus, p->bms.bleeding, p->bms.fault,
		l->charge_limitation ? l->charge_limitation : "");
	for (unsigned i = 0; i < c->count; i++)
		fprintf(trace, ",%.4f", c->v[i]);
	fputc('\n', trace);
}

static void plant_second(struct plant *p, unsigned t_s)
{
	const gint64 now_us = ((gint64) t_s + 1) * G_USEC_PER_SEC;
	const struct battery *battery;

	world_second(&p->world, p->scenario, t_s, &p->bms);
	p->victron.sun_w = p->world.sun_w;
	p->victron.load_w = p->world.load_w;
	p->victron.has_grid = p->world.has_grid;
	for (int i = 0; i < STEPS_PER_SECOND; i++)
		electrical_step(p);
	bms_second(&p->bms, &p->pack.cells, p->battery_a);

	battery = snapshot(p, now_us);
	p->limits = p->law->step(p->law_state, &p->pack.setup, battery, now_us);
	if (t_s % DVCC_PERIOD_S == 0)
		victron_read_limits(&p->victron, &p->limits);
	p->victron.battery_a = p->battery_a;
	observer_second(&p->observer, t_s, &p->limits, battery, &p->victron);
}

static void plant_init(struct plant *p, const struct scenario *scenario, unsigned seed,
		       const struct law *law)
{
	memset(p, 0, sizeof(*p));
	p->scenario = scenario;
	p->law = law;
	pack_draw(&p->pack, scenario, seed);
	bms_init(&p->bms, &p->pack);
	victron_init(&p->victron, &p->pack, scenario);
	world_init(&p->world, &p->pack);
	observer_init(&p->observer, scenario, &p->pack.setup);
	battery_clear(&p->battery);
	p->noise.state = seed;
	g_assert(law->state_bytes <= LAW_STATE_BYTES);
	law->init(p->law_state, &p->pack.setup);
}

struct figures plant_run(const struct scenario *scenario, unsigned seed, const struct law *law,
			 FILE *trace, unsigned trace_every_s)
{
	const unsigned end_s = (unsigned) (scenario->hours * 3600.0);
	struct plant plant;

	plant_init(&plant, scenario, seed, law);
	if (trace)
		trace_header(&plant, trace);
	for (unsigned t_s = 0; t_s < end_s; t_s++) {
		plant_second(&plant, t_s);
		if (trace && t_s % trace_every_s == 0)
			trace_row(&plant, t_s, trace);
	}
	return observer_finish(&plant.observer, &plant.bms, &plant.pack.cells);
}
