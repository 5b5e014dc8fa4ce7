/* SPDX-License-Identifier: MIT */
/* The physics of the cell model: what goes in is stored, lost as heat, or bled off. */
#include "support.h"

#include "sim/cells.h"

static const enum cells_chemistry chemistries[] = { CELLS_LFP, CELLS_LI_ION, CELLS_LTO };

/* The published points, so that a slip in the sum of hinges shows. */
static void test_curve_passes_through_the_published_points(void **state)
{
	static const struct {
		enum cells_chemistry chemistry;
		double soc, v;
	} points[] = {
		{ CELLS_LFP, 0.0000, 2.0102 },	  { CELLS_LFP, 0.0534, 3.0872 },
		{ CELLS_LFP, 0.2972, 3.2772 },	  { CELLS_LFP, 0.9833, 3.3511 },
		{ CELLS_LFP, 1.0000, 3.5981 },	  { CELLS_LI_ION, 0.0352, 3.1179 },
		{ CELLS_LI_ION, 0.4523, 3.6941 }, { CELLS_LI_ION, 0.9548, 4.1121 },
		{ CELLS_LI_ION, 1.0000, 4.2000 }, { CELLS_LTO, 0.5000, 2.2170 },
		{ CELLS_LTO, 1.0000, 2.5250 },	  { CELLS_LTO, -0.02, 1.5 },
	};
	struct cells c;

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		cells_init(&c, points[i].chemistry, 4, 100.0, 0.5);
		assert_near(cells_curve_v(&c.curve, points[i].soc), points[i].v, 1e-9);
	}
}

static void test_curve_rises_and_its_inverse_returns(void **state)
{
	struct cells c;

	for (size_t i = 0; i < 3; i++) {
		cells_init(&c, chemistries[i], 4, 100.0, 0.5);
		for (double soc = -0.01; soc < 1.04; soc += 0.001) {
			const double v = cells_curve_v(&c.curve, soc);

			assert_true(cells_curve_v(&c.curve, soc + 0.001) > v);
			assert_near(cells_curve_soc(&c.curve, v), soc, 1e-9);
		}
	}
}

static void test_charge_balance_closes_and_sums_add_up(void **state)
{
	struct cells c;
	double in_ah = 0.0, before_ah, sum_v = 0.0, rest_v = 0.0;

	cells_init(&c, CELLS_LFP, 16, 100.0, 0.3);
	for (unsigned i = 0; i < 16; i++)
		c.soc[i] += 0.005 * i;
	cells_set_step(&c, 0.2);
	before_ah = cells_charge_ah(&c);
	for (int i = 0; i < 18000; i++) {
		const double current_a = i % 700 < 400 ? 50.0 : -30.0;

		cells_step(&c, current_a);
		in_ah += current_a * 0.2 / 3600.0;
	}
	assert_true(in_ah > 10.0);
	assert_near(cells_charge_ah(&c) - before_ah, in_ah, 1e-9);

	for (unsigned i = 0; i < 16; i++) {
		sum_v += c.v[i];
		rest_v += c.rest_v[i];
	}
	assert_near(c.sum_v, sum_v, 1e-9);
	assert_near(c.sum_rest_v, rest_v, 1e-9);
}

/* J stored below the curve from 0 to soc: the curve is linear between its knees. */
static double stored_j(const struct cells *c, unsigned cell)
{
	const double soc = c->soc[cell], step = soc / 20000.0;
	double v_s = 0.0;

	for (int i = 0; i < 20000; i++)
		v_s += cells_curve_v(&c->curve, (i + 0.5) * step) * step;
	return v_s * c->capacity_ah[cell] * 3600.0;
}

static void test_energy_balance_closes(void **state)
{
	struct cells c;
	double in_j = 0.0, lost_j = 0.0, before_j, rc_j;

	cells_init(&c, CELLS_LI_ION, 1, 50.0, 0.4);
	cells_set_step(&c, 0.1);
	before_j = stored_j(&c, 0);
	cells_set_bleeding(&c, 1);
	for (int i = 0; i < 36000; i++) {
		const double current_a = i % 900 < 600 ? 40.0 : -25.0;
		const double bled_a = c.v[0] * c.bleed_siemens[0];
		const double through_a = current_a - bled_a;
		const double rc_v = c.rc_v[0];

		cells_step(&c, current_a);
		in_j += c.v[0] * current_a * 0.1;
		lost_j += (through_a * through_a * c.r0_ohm[0] + c.v[0] * bled_a) * 0.1;
		/* In the RC pair: what enters it less what its capacitor gains. */
		lost_j += through_a * (rc_v + c.rc_v[0]) / 2.0 * 0.1;
	}
	rc_j = 0.5 * (c.tau_s / c.r1_ohm[0]) * c.rc_v[0] * c.rc_v[0];
	assert_true(in_j > 1e5 && lost_j > 1e3 && rc_j >= 0.0);
	assert_near((before_j + in_j - lost_j - stored_j(&c, 0)) / in_j, 0.0, 2e-4);
}

static void test_resistance_and_rc_pair_answer_a_step(void **state)
{
	struct cells c;
	double rest_v;

	cells_init(&c, CELLS_LFP, 4, 100.0, 0.6);
	rest_v = c.v[0];
	cells_step(&c, 100.0);
	assert_near(c.v[0] - rest_v, 100.0 * c.r0_ohm[0], 1e-3);
	for (int i = 1; i < (int) (c.tau_s / 0.2); i++)
		cells_step(&c, 100.0);
	assert_near(c.rc_v[0], 100.0 * c.r1_ohm[0] * (1.0 - exp(-1.0)), 1e-6);
	assert_near(c.sum_v, 4.0 * c.v[0], 1e-9);
	assert_near(c.sum_v, c.sum_rest_v + 100.0 * c.sum_r0_ohm, 1e-9);
}

static void test_bleeding_takes_its_current_from_one_cell(void **state)
{
	struct cells c;

	cells_init(&c, CELLS_LFP, 4, 20.0, 0.9);
	for (unsigned i = 0; i < 4; i++)
		c.soc[i] = cells_curve_soc(&c.curve, 3.4);
	cells_set_step(&c, 0.2);
	cells_set_bleeding(&c, 1u << 2);
	assert_near(c.v[2] * c.bleed_siemens[2], 0.14, 1e-6);
	for (int i = 0; i < 5 * 600; i++)
		cells_step(&c, 0.0);
	assert_near(c.soc[1] - c.soc[2], 0.14 * 600.0 / (3600.0 * 20.0), 2e-5);
	assert_near(c.soc[0], c.soc[1], 0);
}

static void test_current_heats_and_ambient_cools(void **state)
{
	struct cells c;

	cells_init(&c, CELLS_LFP, 4, 100.0, 0.2);
	for (int i = 0; i < 5 * 1200; i++)
		cells_step(&c, 100.0);
	/* 100 A through 0.6 mOhm is 6 W into 2.5 kJ/K for 20 minutes, some of it cooled off. */
	assert_true(c.temp_c[0] > 21.5 && c.temp_c[0] < 23.5);
	for (int i = 0; i < 5 * 4 * 3600; i++)
		cells_step(&c, 0.0);
	assert_near(c.temp_c[0], 20.0, 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curve_passes_through_the_published_points),
		cmocka_unit_test(test_curve_rises_and_its_inverse_returns),
		cmocka_unit_test(test_charge_balance_closes_and_sums_add_up),
		cmocka_unit_test(test_energy_balance_closes),
		cmocka_unit_test(test_resistance_and_rc_pair_answer_a_step),
		cmocka_unit_test(test_bleeding_takes_its_current_from_one_cell),
		cmocka_unit_test(test_current_heats_and_ambient_cools),
	};

	return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
