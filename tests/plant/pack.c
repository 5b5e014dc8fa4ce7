/* SPDX-License-Identifier: MIT */
#include "plant/pack.h"

#include <math.h>
#include <string.h>

#include "plant/scenario.h"

/* Targets: the defaults per chemistry; cut-offs and balancing as TinyBMS packs have them. */
static const struct chemistry {
	enum cells_chemistry cells;
	double nominal_v, absorption_v, float_v, min_v;
	double balancing_v, over_voltage_v, under_voltage_v, discharged_v;
} lfp = { CELLS_LFP, 3.30, 3.45, 3.35, 2.80, 3.40, 3.65, 2.50, 2.70 },
  li_ion = { CELLS_LI_ION, 3.75, 4.10, 4.00, 3.00, 4.00, 4.25, 2.80, 2.95 };

static double drawn(struct pack *p, const double range[2])
{
	return random_between(&p->random, range[0], range[1]);
}

/* Capacity 3 % and resistance 15 % either way; one cell of twice the resistance. */
static void draw_cells(struct pack *p, const struct scenario *s, const struct chemistry *ch)
{
	struct random *r = &p->random;
	const unsigned count = 4 + (unsigned) random_between(r, 0.0, 13.0);
	const double capacity_ah =
		s->is_small ? random_between(r, 10.0, 20.0) : random_between(r, 40.0, 300.0);
	const double soc = drawn(p, s->soc);
	const double spread = random_between(r, s->spread / 4.0, s->spread);
	const double r0_ohm = random_between(r, 0.020, 0.035) / capacity_ah;
	const double r1_ohm = random_between(r, 0.015, 0.040) / capacity_ah;
	const unsigned weak = (unsigned) random_between(r, 0.0, count);
	struct cells *c = &p->cells;

	cells_init(c, ch->cells, count, capacity_ah, soc);
	c->tau_s = random_between(r, 20.0, 90.0);
	for (unsigned i = 0; i < count; i++) {
		const double more = random_between(r, 0.85, 1.15) * (i == weak ? 2.0 : 1.0);

		c->capacity_ah[i] = capacity_ah * random_between(r, 0.97, 1.03);
		c->soc[i] = fmin(soc + spread * random_between(r, -0.5, 0.5), 0.97);
		c->r0_ohm[i] = r0_ohm * more;
		c->r1_ohm[i] = r1_ohm * more;
		if (s->start_c != 0.0)
			c->temp_c[i] = s->start_c;
	}
	if (s->is_runner)
		c->soc[weak] = fmin(soc + spread / 2.0, 0.97);
	cells_set_step(c, 0.2);
}

static void set_up(struct pack *p, const struct chemistry *ch, double charge_a, double load_a)
{
	const double capacity_ah = p->cells.capacity_ah[CELLS_MAX - 1]; /* the nominal one */

	p->settings = (struct battery_settings){
		.fully_charged_v = ch->absorption_v,
		.fully_discharged_v = ch->discharged_v,
		.early_balancing_v = ch->balancing_v,
		.charge_finished_a = ceil(capacity_ah * 0.05),
		.capacity_ah = capacity_ah,
		.series_cells = p->cells.count,
		.allowed_disbalance_v = 0.010,
		.over_voltage_v = ch->over_voltage_v,
		.under_voltage_v = ch->under_voltage_v,
		.discharge_over_current_a = ceil(fmax(2.0 * capacity_ah, 1.6 * load_a)),
		.charge_over_current_a = ceil(fmax(capacity_ah, 1.4 * charge_a)),
		.over_heat_c = 60.0,
		.low_temperature_charge_c = 0.0,
	};
	p->setup = (struct law_setup){
		.is_lfp = ch->cells == CELLS_LFP,
		.cell_count = p->cells.count,
		.capacity_ah = capacity_ah,
		.absorption_v = ch->absorption_v,
		.float_v = ch->float_v,
		.min_v = ch->min_v,
		.max_v = ch->over_voltage_v,
		.max_charge_a = p->settings.charge_over_current_a * 0.9,
		.max_discharge_a = p->settings.discharge_over_current_a * 0.9,
	};
}

static void draw_installation(struct pack *p, const struct scenario *s, double charge_a)
{
	struct random *r = &p->random;
	const double capacity_ah = p->setup.capacity_ah;
	const bool is_given = s->meters_v != 0.0;

	p->mppt_offset_v = is_given ? s->meters_v : random_between(r, -0.3, 0.3);
	p->multi_offset_v = is_given ? s->meters_v : random_between(r, -0.3, 0.3);
	p->mppt_lag_s = random_between(r, 0.5, 3.0);
	p->multi_lag_s = random_between(r, 0.5, 3.0);
	p->cable_ohm = fmin(random_between(r, 0.002, 0.010), 0.5 / fmax(charge_a, 1.0));
	p->export_max_a = s->export_c * capacity_ah;
	p->soc_error = random_between(r, -0.03, 0.03);
	p->ammeter_offset_a =
		random_between(r, -0.1, 0.1) + capacity_ah * random_between(r, -5e-4, 5e-4);
}

void pack_draw(struct pack *p, const struct scenario *s, unsigned seed)
{
	const struct chemistry *ch = seed % 2 ? &li_ion : &lfp;
	double capacity_ah, charge_a, load_a;

	memset(p, 0, sizeof(*p));
	p->random.state = seed;
	for (const char *letter = s->name; *letter; letter++)
		p->random.state = p->random.state * 131 + (unsigned char) *letter;
	draw_cells(p, s, ch);

	capacity_ah = p->cells.capacity_ah[CELLS_MAX - 1];
	charge_a = drawn(p, s->sun_c) * capacity_ah;
	load_a = drawn(p, s->load_c) * capacity_ah;
	p->nominal_v = ch->nominal_v * p->cells.count;
	p->sun_peak_w = charge_a * p->nominal_v;
	p->load_peak_w = load_a * p->nominal_v;
	p->grid_charge_a = charge_a;
	set_up(p, ch, charge_a, load_a);
	draw_installation(p, s, charge_a);
}
