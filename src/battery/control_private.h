/* SPDX-License-Identifier: MIT */
/*
 * control_private - what the parts of the controller share
 *
 * Only src/battery/control*.c include this. One step runs them in the order
 * temperature, states, CVL, currents; the stale ladder comes last and changes
 * nothing but the answer.
 *
 * Pure.
 */
#pragma once

#include "battery/control.h"

/** The smallest limit so far and who set it. */
struct limiter {
	double a;
	const char *name;
	bool is_block; /**< 0 by a fault, a cell, a temperature or the owner */
};

static inline void limiter_take(struct limiter *l, double a, const char *name)
{
	if (a < l->a) {
		l->a = a;
		l->name = name;
	}
}

/** True when @now has been true for @needed_s; false starts anew. */
static inline bool lasts(struct lasting *l, bool now, double needed_s, double dt_s)
{
	l->s = now && l->is_true ? l->s + dt_s : 0.0;
	l->is_true = now;
	return now && l->s >= needed_s - 1e-6;
}

/** What one step works on. */
struct control_view {
	const struct charge_config *config;
	const struct battery *b;
	double dt_s; /**< s since the snapshot before, or the last stale step; at most 3 */
	const char *implausible; /**< a cell that cannot be, in words; NULL = all are sound */
	const char *missing; /**< what the law of CVL cannot do without, in words; NULL = nothing */
	const char *charge_fault, *discharge_fault; /**< the BMS forbids, in words; NULL = it permits */
	double charge_temp_ratio, discharge_temp_ratio; /**< by control_sensors(); NAN: no sensor */
};

/** The pack as one sees it who knows the resistances. */
struct control_pack {
	double sum_v;
	double ohm;    /**< of all cells */
	double rest_v; /**< at which no current would flow */
	double wall_v; /**< at which the first cell would be at its target */
	double room_v; /**< of the highest cell to its target */
	double top_ohm; /**< of the highest cell */
	double slope_v; /**< V/s of the highest cell without its current */
	double a;      /**< current */
	double high_v; /**< highest CVL that chargers may still act on */
};

/** Take the temperatures of the snapshot; what they allow, into the view. */
void control_sensors(struct control *c, struct control_view *v);
/** Time passes, with or without snapshots. */
void control_sensors_age(struct control *c, double dt_s);
/** The plan is another one: its temperature curves count for what was read before. */
void control_sensors_replan(struct control *c);

/** What they allow; with no sensor left no charge, and little discharge. */
void control_charge_temperature(const struct control *c, const struct control_view *v,
				struct limiter *l);
void control_discharge_temperature(struct control *c, const struct control_view *v,
				   struct limiter *l);

/** Learn from the snapshot, which has a current; what the pack looks like now. */
struct control_pack control_watch(struct control *c, const struct control_view *view);

/** What the ammeter may be off, A. */
static inline double control_leak_a(const struct control *c)
{
	return 0.1 + 0.001 * c->plan.capacity_ah;
}
/** More than that goes out of the battery, and not by noise. */
bool control_is_drained(const struct control *c);

/** What was measured @s seconds ago, or as long ago as is known; NULL: nothing yet. */
const struct control_past *control_past(const struct control_watch *w, unsigned s);

/** Learn offset and cable from how the pack answers CVL. */
void control_bus(struct control *c, const struct control_view *view, const struct control_pack *p);
/** CVL is about to move: remember what is before. */
void control_bus_moves(struct control *c, const struct control_pack *p);
void control_bus_reset(struct control *c);
/** CVL by the lower offset made the battery charge: doubted once, forgotten twice. */
void control_bus_refutes_low(struct control *c);
/** No cable has more, ohm. */
double control_bus_most_cable(const struct control *c);
/** The least offset that meters can make. */
extern const double control_bus_least_v;

/** Set implausible, missing and the two faults. */
void control_look_at_faults(struct control_view *view);

/** Full, or at the ceiling of SOC. */
static inline bool control_is_floating(const struct control *c)
{
	return c->states.chain == CHARGE_FLOAT_APPROACH || c->states.chain == CHARGE_FLOAT;
}

/** State and what it waits for, into c->last. */
void control_states(struct control *c, const struct control_view *view);

/** CCL and DCL with their limiters, into c->last. */
void control_currents(struct control *c, const struct control_view *view);

/** The least current that may be wanted: 0, or a little discharge with a cell over its target. */
double control_least_a(const struct control *c, const struct control_pack *p);
/** V by which the highest cell will be over its target if nothing changes; negative: below. */
double control_over_ahead_v(const struct control_pack *p);
/** CVL down at once as far as the highest cell needs; false: it does not. */
bool control_cut(struct control *c, const struct control_view *v, const struct control_pack *p);
/** Move CVL within what the plan allows. */
void control_move(struct control *c, const struct control_pack *p, double cvl_v);

/** CVL, into c->last; the snapshot has a current. */
void control_cvl(struct control *c, const struct control_view *view);

/** docs/charge-control.md, "When the BMS falls silent": what an age of @age_s leaves of c->last. */
struct limits control_stale(struct control *c, double age_s);
