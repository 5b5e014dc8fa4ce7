/* SPDX-License-Identifier: MIT */
/* Defaults of each chemistry and what they become by the BMS's settings:
 * docs/charge-control.md, "Every key". */
#include "support.h"

#include "battery/control_plan.h"

static const struct battery_settings lfp = {
	.fully_charged_v = 3.65,
	.fully_discharged_v = 2.75,
	.early_balancing_v = 3.40,
	.charge_finished_a = 5.0,
	.capacity_ah = 280.0,
	.series_cells = 16,
	.allowed_disbalance_v = 0.015,
	.over_voltage_v = 3.75,
	.under_voltage_v = 2.50,
	.discharge_over_current_a = 200.0,
	.charge_over_current_a = 100.0,
	.over_heat_c = 60.0,
	.low_temperature_charge_c = -5.0,
};

static struct battery_settings with(double full_v, double over_v, double discharged_v,
				    double under_v)
{
	struct battery_settings s = lfp;

	s.fully_charged_v = full_v;
	s.over_voltage_v = over_v;
	s.fully_discharged_v = discharged_v;
	s.under_voltage_v = under_v;
	return s;
}

static struct charge_plan plan(const struct charge_config *config, struct battery_settings s,
			       unsigned cells)
{
	struct charge_config defaults;
	struct charge_plan p;

	charge_config_init(&defaults);
	assert_true(charge_plan_make(&p, config ? config : &defaults, &s, cells));
	assert_null(p.contradiction);
	return p;
}

/* "x:ratio x:ratio ..." */
static void assert_curve(struct curve got, const char *want)
{
	struct curve c;

	assert_true(curve_parse(&c, want));
	curve_sort_rising(&c);
	assert_int_equal(got.count, c.count);
	for (unsigned i = 0; i < c.count; i++) {
		assert_near(got.point[i].x, c.point[i].x, 1e-9);
		assert_near(got.point[i].ratio, c.point[i].ratio, 1e-9);
	}
}

static void test_chemistry_is_deduced_from_register_315(void **state)
{
	static const struct {
		double over_v;
		const char *name;
	} rows[] = {
		{ 4.25, "Li-ion" }, { 3.91, "Li-ion" }, { 3.90, "LFP" },
		{ 2.96, "LFP" },    { 2.95, "LTO" },	{ 2.80, "LTO" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(chemistry_find(CHEMISTRY_AUTO, rows[i].over_v)->name,
				    rows[i].name);
	assert_string_equal(chemistry_find(CHEMISTRY_LFP, 4.25)->name, "LFP");
	assert_null(chemistry_find(CHEMISTRY_AUTO, (double) NAN));
}

static void test_defaults_of_lfp(void **state)
{
	const struct charge_plan p = plan(NULL, lfp, 16);

	assert_near(p.absorption_v, 3.45, 1e-9);
	assert_near(p.float_v, 3.35, 1e-9);
	assert_near(p.rebulk_v, 3.30, 1e-9);
	assert_near(p.float_exit_pct, 85, 1e-9);
	assert_near(p.min_float_v, 3.20, 1e-9);
	assert_near(p.safety_threshold_v, 3.52, 1e-9);
	assert_near(p.safety_release_v, 3.47, 1e-9);
	assert_curve(p.charge_v, "3.40:1 3.45:0.25 3.50:0.05 3.55:0");
	assert_curve(p.discharge_v, "3.10:1 3.00:0.25 2.90:0.05 2.80:0");
}

static void test_defaults_of_li_ion(void **state)
{
	const struct charge_plan p = plan(NULL, with(4.20, 4.25, 2.90, 2.80), 14);

	assert_near(p.absorption_v, 4.10, 1e-9);
	assert_near(p.float_v, 4.00, 1e-9);
	assert_near(p.rebulk_v, 3.90, 1e-9);
	assert_near(p.float_exit_pct, 70, 1e-9);
	assert_near(p.min_float_v, 3.60, 1e-9);
	assert_near(p.safety_threshold_v, 4.15, 1e-9);
	assert_near(p.safety_release_v, 4.12, 1e-9);
	assert_curve(p.charge_v, "4.05:1 4.10:0.25 4.15:0.05 4.18:0");
	assert_curve(p.discharge_v, "3.40:1 3.30:0.25 3.10:0.05 3.00:0");
}

static void test_defaults_of_lto(void **state)
{
	const struct charge_plan p = plan(NULL, with(2.80, 2.90, 1.70, 1.60), 12);

	assert_near(p.absorption_v, 2.70, 1e-9);
	assert_near(p.float_v, 2.55, 1e-9);
	assert_near(p.rebulk_v, 2.40, 1e-9);
	assert_near(p.float_exit_pct, 85, 1e-9);
	assert_near(p.min_float_v, 2.30, 1e-9);
	assert_near(p.safety_threshold_v, 2.75, 1e-9);
	assert_near(p.safety_release_v, 2.72, 1e-9);
	assert_curve(p.charge_v, "2.65:1 2.70:0.25 2.75:0.05 2.78:0");
	assert_curve(p.discharge_v, "2.1:1 2.0:0.25 1.9:0.05 1.8:0");
}

static void test_defaults_of_currents(void **state)
{
	const struct charge_plan p = plan(NULL, lfp, 16);
	struct battery_settings small = lfp;

	assert_near(p.max_charge_a, 90, 1e-9);
	assert_near(p.max_discharge_a, 180, 1e-9);
	assert_near(p.tail_a, 5, 1e-9);
	assert_near(p.imbalance_ccl_a, 5.6, 1e-9); /* 0.02 C */
	assert_near(p.deep_ccl_a, 14, 1e-9);
	small.capacity_ah = 50;
	assert_near(plan(NULL, small, 16).imbalance_ccl_a, 2, 1e-9);
}

static void test_absorption_at_most_register_300(void **state)
{
	assert_near(plan(NULL, with(3.42, 3.75, 2.75, 2.50), 16).absorption_v, 3.42, 1e-9);
}

static void test_absorption_below_315_by_the_feed_in_share_and_30_mv(void **state)
{
	struct charge_config c;

	charge_config_init(&c);
	/* 4 cells: 0.1 V each; nothing else binds: the threshold would allow 3.45 */
	assert_near(plan(&c, with(3.65, 3.55, 2.75, 2.50), 4).absorption_v, 3.42, 1e-9);
	c.feed_in_headroom = 0.0;
	assert_near(plan(&c, with(3.65, 3.55, 2.75, 2.50), 4).absorption_v, 3.45, 1e-9);
}

static void test_absorption_below_the_capped_threshold_by_20_mv(void **state)
{
	const struct charge_plan p = plan(NULL, with(3.65, 3.52, 2.75, 2.50), 16);

	assert_near(p.safety_threshold_v, 3.44, 1e-9);
	assert_near(p.absorption_v, 3.42, 1e-9);
}

static void test_threshold_below_315_by_80_mv_moves_release_and_taper(void **state)
{
	const struct charge_plan p = plan(NULL, with(4.20, 4.20, 2.90, 2.80), 14);

	assert_near(p.safety_threshold_v, 4.12, 1e-9);
	assert_near(p.safety_release_v, 4.09, 1e-9);
	assert_curve(p.charge_v, "4.02:1 4.07:0.25 4.12:0.05 4.15:0");
}

static void test_discharge_taper_clears_register_316_by_50_mv(void **state)
{
	const struct charge_plan p = plan(NULL, with(3.65, 3.75, 2.50, 2.86), 16);

	assert_near(p.discharge_zero_v, 2.91, 1e-9);
	assert_near(p.discharge_v.point[3].x, 3.10, 1e-9); /* full stays: 0.19 V of span */
	assert_near(p.discharge_v.point[2].x, 2.91 + 0.20 * 0.19 / 0.30, 1e-9);
	assert_near(p.dvl_v, 16 * 2.91, 1e-9);
}

static void test_discharge_taper_clears_register_301_by_20_mv(void **state)
{
	assert_near(plan(NULL, with(3.65, 3.75, 2.90, 2.50), 16).discharge_zero_v, 2.92, 1e-9);
}

static void test_discharge_taper_keeps_150_mv_of_span(void **state)
{
	const struct charge_plan p = plan(NULL, with(3.65, 3.75, 2.50, 2.95), 16);

	assert_near(p.discharge_zero_v, 3.00, 1e-9);
	assert_near(p.discharge_v.point[3].x, 3.15, 1e-9);
	assert_near(p.discharge_v.point[1].x, 3.05, 1e-9);
}

static void test_discharge_taper_stays_where_it_is_clear(void **state)
{
	const struct charge_plan p = plan(NULL, with(3.65, 3.75, 2.00, 2.00), 16);

	assert_near(p.discharge_zero_v, 2.80, 1e-9);
	assert_near(p.discharge_deep_v, 2.90, 1e-9);
	assert_near(p.dvl_v, 44.8, 1e-9);
}

static void test_charge_temperature_clears_register_320_by_2_degrees(void **state)
{
	struct battery_settings s = lfp;

	assert_curve(plan(NULL, s, 16).charge_temp,
		     "0:0 2:0.25 5:0.5 10:1 40:1 45:0.5 50:0.25 55:0");
	s.low_temperature_charge_c = 1.0;
	assert_curve(plan(NULL, s, 16).charge_temp,
		     "3:0 5:0.25 8:0.5 13:1 40:1 45:0.5 50:0.25 55:0");
}

static void test_temperature_clears_register_319_by_2_degrees(void **state)
{
	struct battery_settings s = lfp;

	s.over_heat_c = 50.0;
	assert_curve(plan(NULL, s, 16).charge_temp,
		     "0:0 2:0.25 5:0.5 10:1 33:1 38:0.5 43:0.25 48:0");
	assert_curve(plan(NULL, s, 16).discharge_temp,
		     "-20:0 -10:0.25 0:0.5 10:1 33:1 38:0.5 43:0.25 48:0");
}

/* A cold battery may be discharged, or a house goes dark. */
static void test_register_320_does_not_move_the_discharge_taper(void **state)
{
	struct battery_settings s = lfp;

	s.low_temperature_charge_c = 5.0;
	s.over_heat_c = 70.0;
	assert_curve(plan(NULL, s, 16).discharge_temp,
		     "-20:0 -10:0.25 0:0.5 10:1 45:1 50:0.5 55:0.25 60:0");
}

static void test_caps_of_cvl(void **state)
{
	struct charge_config c;

	charge_config_init(&c);
	assert_near(plan(&c, lfp, 16).cvl_start_v, 55.2, 1e-9);
	assert_near(plan(&c, lfp, 16).cvl_max_v, 56.7, 1e-9); /* 1.5 V of headroom */
	assert_near(plan(&c, lfp, 11).cvl_max_v, 11 * 3.45 + 0.9, 1e-9);
	assert_near(plan(&c, lfp, 12).cvl_max_v, 12 * 3.45 + 1.5, 1e-9);
	assert_near(plan(&c, lfp, 4).cvl_max_v, 4 * 3.75 - 0.4, 1e-9); /* the cut-off binds */
	c.cvl_headroom = 0.0;
	assert_near(plan(&c, lfp, 16).cvl_max_v, 55.2, 1e-9);
	assert_near(plan(&c, lfp, 16).cvl_min_v, 51.2, 1e-9);
	assert_near(plan(&c, lfp, 16).cvl_float_v, 53.6, 1e-9);
}

static void test_own_wishes_count_instead_of_defaults(void **state)
{
	struct charge_config c;

	charge_config_init(&c);
	c.absorption_cell_v = 3.43;
	c.max_charge_current = 60;
	c.max_discharge_current = 70;
	c.tail_current = 3;
	c.imbalance_ccl = 1;
	const struct charge_plan p = plan(&c, lfp, 16);

	assert_near(p.absorption_v, 3.43, 1e-9);
	assert_near(p.max_charge_a, 60, 1e-9);
	assert_near(p.max_discharge_a, 70, 1e-9);
	assert_near(p.tail_a, 3, 1e-9);
	assert_near(p.imbalance_ccl_a, 1, 1e-9);
}

static void test_settings_that_contradict_each_other_are_said(void **state)
{
	struct charge_config c;
	struct charge_plan p;
	struct battery_settings s = with(3.65, 2.40, 2.75, 2.50);

	charge_config_init(&c);
	assert_true(charge_plan_make(&p, &c, &s, 16));
	assert_non_null(p.contradiction);
	s = with(2.70, 3.75, 2.75, 2.50);
	assert_true(charge_plan_make(&p, &c, &s, 16));
	assert_non_null(p.contradiction);
}

static void test_a_curve_is_linear_between_its_points_and_constant_beyond(void **state)
{
	static const struct {
		const char *points;
		double x, ratio;
	} rows[] = {
		{ "", 7.0, 1.0 },
		{ "", (double) NAN, 1.0 },
		{ "3:0.4", 2.0, 0.4 },
		{ "3:0.4", 4.0, 0.4 },
		{ "0:0 10:1 20:0.5", -1.0, 0.0 },
		{ "0:0 10:1 20:0.5", 0.0, 0.0 },
		{ "0:0 10:1 20:0.5", 4.0, 0.4 },
		{ "0:0 10:1 20:0.5", 10.0, 1.0 },
		{ "0:0 10:1 20:0.5", 15.0, 0.75 },
		{ "0:0 10:1 20:0.5", 20.0, 0.5 },
		{ "0:0 10:1 20:0.5", (double) INFINITY, 0.5 },
		{ "0:0.3 10:1 20:0.5", (double) NAN, 0.3 },
		{ "20:0.5 10:1 0:0", 21.0, 0.5 },
		{ "20:0.5 10:1 0:0", 20.0, 0.5 },
		{ "20:0.5 10:1 0:0", 15.0, 0.75 },
		{ "20:0.5 10:1 0:0", 4.0, 0.4 },
		{ "20:0.5 10:1 0:0", 0.0, 0.0 },
		{ "20:0.5 10:1 0:0", -(double) INFINITY, 0.0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct curve c = { 0 };

		assert_true(curve_parse(&c, rows[i].points));
		assert_near(curve_at(&c, rows[i].x), rows[i].ratio, 1e-12);
	}
}

/* One changed byte of what counts is another configuration. */
static void test_every_change_of_a_key_is_seen(void **state)
{
	struct charge_config a, b;

	charge_config_init(&a);
	b = a;
	assert_true(charge_config_equal(&a, &b));
	for (size_t i = 0; i < offsetof(struct charge_config, charge_taper_v); i++) {
		((char *) &b)[i] ^= 1;
		assert_false(charge_config_equal(&a, &b));
		((char *) &b)[i] ^= 1;
	}
	for (struct curve *c = &b.charge_taper_v; c <= &b.discharge_taper_soc; c++) {
		const struct curve was = *c;

		assert_true(curve_parse(c, c->count ? "" : "3:1 4:0"));
		assert_false(charge_config_equal(&a, &b));
		*c = was;
		if (c->count)
			c->point[c->count - 1].ratio += 0.01;
		assert_int_equal(charge_config_equal(&a, &b), was.count == 0);
		*c = was;
	}
	assert_true(charge_config_equal(&a, &b));
}

static void test_no_plan_without_a_setting_that_it_needs(void **state)
{
	static const size_t needed[] = {
		offsetof(struct battery_settings, fully_charged_v),
		offsetof(struct battery_settings, fully_discharged_v),
		offsetof(struct battery_settings, over_voltage_v),
		offsetof(struct battery_settings, under_voltage_v),
		offsetof(struct battery_settings, capacity_ah),
		offsetof(struct battery_settings, discharge_over_current_a),
		offsetof(struct battery_settings, charge_over_current_a),
		offsetof(struct battery_settings, over_heat_c),
		offsetof(struct battery_settings, low_temperature_charge_c),
	};
	static const double wrong[] = { (double) NAN, (double) INFINITY, -1e3, 1e6 };
	struct charge_config c;
	struct charge_plan p;

	charge_config_init(&c);
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		for (size_t k = 0; k < sizeof(wrong) / sizeof(*wrong); k++) {
			struct battery_settings s = lfp;

			*(double *) ((char *) &s + needed[i]) = wrong[k];
			assert_false(charge_plan_make(&p, &c, &s, 16));
		}
	assert_false(charge_plan_make(&p, &c, &lfp, 3));
	assert_false(charge_plan_make(&p, &c, &lfp, 17));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chemistry_is_deduced_from_register_315),
		cmocka_unit_test(test_defaults_of_lfp),
		cmocka_unit_test(test_defaults_of_li_ion),
		cmocka_unit_test(test_defaults_of_lto),
		cmocka_unit_test(test_defaults_of_currents),
		cmocka_unit_test(test_absorption_at_most_register_300),
		cmocka_unit_test(test_absorption_below_315_by_the_feed_in_share_and_30_mv),
		cmocka_unit_test(test_absorption_below_the_capped_threshold_by_20_mv),
		cmocka_unit_test(test_threshold_below_315_by_80_mv_moves_release_and_taper),
		cmocka_unit_test(test_discharge_taper_clears_register_316_by_50_mv),
		cmocka_unit_test(test_discharge_taper_clears_register_301_by_20_mv),
		cmocka_unit_test(test_discharge_taper_keeps_150_mv_of_span),
		cmocka_unit_test(test_discharge_taper_stays_where_it_is_clear),
		cmocka_unit_test(test_charge_temperature_clears_register_320_by_2_degrees),
		cmocka_unit_test(test_temperature_clears_register_319_by_2_degrees),
		cmocka_unit_test(test_register_320_does_not_move_the_discharge_taper),
		cmocka_unit_test(test_caps_of_cvl),
		cmocka_unit_test(test_own_wishes_count_instead_of_defaults),
		cmocka_unit_test(test_settings_that_contradict_each_other_are_said),
		cmocka_unit_test(test_a_curve_is_linear_between_its_points_and_constant_beyond),
		cmocka_unit_test(test_every_change_of_a_key_is_seen),
		cmocka_unit_test(test_no_plan_without_a_setting_that_it_needs),
	};

	return cmocka_run_group_tests_name("charge_plan", tests, NULL, NULL);
}
