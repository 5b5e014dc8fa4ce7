/* SPDX-License-Identifier: MIT */
/* The plant's physics, and that its devices do what they are described to do. */
#include "support.h"

#include <stdlib.h>

#include "plant/plant.h"

/* A plant of chosen values, without a law: limits are set by hand. */
struct rig {
	struct cells cells;
	struct victron victron;
	struct scenario scenario;
	double battery_a;
};

static const double cable_ohm = 0.004;

static void rig_init(struct rig *r, enum topology topology, double export_a)
{
	struct pack p = { 0 };

	memset(r, 0, sizeof(*r));
	cells_init(&p.cells, CELLS_LFP, 16, 100.0, 0.6);
	r->scenario = (struct scenario){ .name = "rig", .topology = topology };
	p.cable_ohm = cable_ohm;
	p.mppt_offset_v = 0.2;
	p.multi_offset_v = -0.1;
	p.mppt_lag_s = p.multi_lag_s = 1.0;
	p.sun_peak_w = 5000.0;
	p.export_max_a = export_a;
	p.grid_charge_a = 60.0;
	r->cells = p.cells;
	victron_init(&r->victron, &p, &r->scenario);
}

static void rig_limits(struct rig *r, double cvl_v, double ccl_a, double dcl_a)
{
	const struct limits l = { .on_bus = true, .cvl_v = cvl_v, .ccl_a = ccl_a, .dcl_a = dcl_a };

	victron_read_limits(&r->victron, &l);
}

static void rig_run(struct rig *r, double seconds)
{
	for (int i = 0; i < (int) (seconds / r->cells.step_s + 0.5); i++) {
		r->battery_a = victron_step(&r->victron, r->cells.sum_rest_v, r->cells.sum_r0_ohm,
					    false, false);
		cells_step(&r->cells, r->battery_a);
	}
}

static void test_busbar_balances_current_and_energy(void **state)
{
	struct rig r;
	double sun_j = 0.0, multi_j = 0.0, battery_j = 0.0, cable_j = 0.0;

	rig_init(&r, TOPOLOGY_FEED_IN, 120.0);
	rig_limits(&r, 54.0, 100.0, 100.0);
	for (int i = 0; i < 3600 * 5; i++) {
		const struct victron *v = &r.victron;

		r.victron.sun_w = i % 1500 < 900 ? 5000.0 : 800.0;
		r.victron.load_w = i % 700 < 300 ? 3000.0 : 100.0;
		rig_run(&r, 0.2);
		assert_near(v->mppt_a - v->multi_a, r.battery_a, 1e-9);
		sun_j += v->mppt_a * v->bus_v * 0.2;
		multi_j += v->multi_a * v->bus_v * 0.2;
		battery_j += r.battery_a * r.cells.sum_v * 0.2;
		cable_j += r.battery_a * r.battery_a * cable_ohm * 0.2;
	}
	assert_true(sun_j > 5e6 && multi_j > 1e6 && cable_j > 1e4);
	/* What remains is that the busbar is taken at the start of a step, the cells at its end. */
	assert_near((sun_j - multi_j - battery_j - cable_j) / sun_j, 0.0, 1e-3);
}

static void test_mppt_holds_cvl_at_its_own_voltmeter(void **state)
{
	struct rig r;

	rig_init(&r, TOPOLOGY_ESS, 0.0);
	r.victron.sun_w = 4000.0;
	rig_limits(&r, 53.5, 100.0, 100.0);
	rig_run(&r, 300.0);
	assert_near(r.victron.bus_v + 0.2, 53.5, 0.02);
	assert_true(r.battery_a > 1.0 && r.victron.mppt_a < 70.0);
}

static void test_mppt_obeys_ccl_without_feed_in_only(void **state)
{
	struct rig r;

	rig_init(&r, TOPOLOGY_ESS, 0.0);
	r.victron.sun_w = 4000.0;
	rig_limits(&r, 56.0, 20.0, 100.0);
	rig_run(&r, 60.0);
	assert_near(r.battery_a, 20.0, 0.1);

	rig_init(&r, TOPOLOGY_FEED_IN, 0.0);
	r.victron.sun_w = 4000.0;
	rig_limits(&r, 56.0, 20.0, 100.0);
	rig_run(&r, 60.0);
	assert_true(r.battery_a > 60.0);
}

static void test_multi_holds_cvl_by_exporting(void **state)
{
	struct rig r;

	rig_init(&r, TOPOLOGY_FEED_IN, 120.0);
	r.victron.sun_w = 4000.0;
	rig_limits(&r, 53.5, 100.0, 100.0);
	rig_run(&r, 300.0);
	assert_near(r.victron.bus_v - 0.1, 53.5, 0.02);
	assert_true(r.victron.export_a > 20.0);
}

static void test_surplus_that_the_inverter_cannot_take_lifts_the_pack_by_400_mv(void **state)
{
	struct rig r;

	rig_init(&r, TOPOLOGY_FEED_IN, 5.0);
	r.victron.sun_w = 4000.0;
	rig_limits(&r, 53.5, 100.0, 100.0);
	rig_run(&r, 600.0);
	assert_near(r.victron.bus_v + 0.2, 53.5 + 0.4, 0.02);
}

static void test_cvl_below_the_pack_discharges_it_into_the_grid(void **state)
{
	struct rig r;
	double before_ah;

	rig_init(&r, TOPOLOGY_FEED_IN, 120.0);
	before_ah = cells_charge_ah(&r.cells);
	rig_limits(&r, r.cells.sum_v - 0.5, 100.0, 100.0);
	rig_run(&r, 600.0);
	assert_true(r.battery_a < -10.0);
	assert_true(r.victron.export_a > 10.0);
	assert_true(r.victron.wanted_discharge_a > 10.0);
	assert_true(cells_charge_ah(&r.cells) < before_ah - 1.0);
}

static void test_inverter_follows_its_load_at_once_and_stops_at_dcl_0(void **state)
{
	struct rig r;

	rig_init(&r, TOPOLOGY_OFF_GRID, 0.0);
	rig_limits(&r, 55.0, 100.0, 100.0);
	r.victron.load_w = 2500.0;
	rig_run(&r, 0.2);
	assert_near(r.battery_a, -2500.0 / 0.94 / r.cells.sum_v, 1.0);
	rig_limits(&r, 55.0, 100.0, 0.0);
	rig_run(&r, 0.2);
	assert_near(r.battery_a, 0.0, 1e-9);
}

static void test_ac_coupled_sun_needs_10_s_to_back_off(void **state)
{
	struct rig r;

	rig_init(&r, TOPOLOGY_AC_COUPLED, 0.0);
	rig_limits(&r, 56.0, 1.0, 100.0);
	r.victron.sun_w = r.victron.load_w = 5000.0;
	rig_run(&r, 120.0);
	assert_near(r.battery_a, 0.0, 3.0);
	r.victron.load_w = 0.0;
	rig_run(&r, 1.0);
	assert_true(r.battery_a > 70.0);
	rig_run(&r, 4.0);
	assert_true(r.battery_a > 40.0);
	rig_run(&r, 7.0);
	assert_near(r.battery_a, 1.0, 1.0);
}

static void test_chargers_stop_a_minute_after_the_battery_left_the_bus(void **state)
{
	const struct limits gone = { .on_bus = false };
	struct rig r;

	rig_init(&r, TOPOLOGY_ESS, 0.0);
	r.victron.sun_w = 2000.0;
	rig_limits(&r, 55.0, 100.0, 100.0);
	rig_run(&r, 30.0);
	for (int i = 0; i < 19; i++)
		victron_read_limits(&r.victron, &gone);
	rig_run(&r, 1.0);
	assert_true(r.battery_a > 20.0);
	victron_read_limits(&r.victron, &gone);
	rig_run(&r, 1.0);
	assert_near(r.battery_a, 0.0, 1e-9);
}

static void make_bms(struct bms *b, struct pack *p)
{
	pack_draw(p, scenario_find("sunny-day"), 0);
	bms_init(b, p);
}

static void test_bms_trips_in_the_very_step_and_recovers(void **state)
{
	struct pack p;
	struct bms b;

	make_bms(&b, &p);
	p.cells.v[2] = b.settings.over_voltage_v - 0.001;
	bms_sample(&b, &p.cells, 10.0);
	assert_false(b.is_open);
	p.cells.v[2] = b.settings.over_voltage_v;
	bms_sample(&b, &p.cells, 10.0);
	assert_true(b.is_open);
	assert_int_equal(b.over_voltage_trips, 1);
	assert_int_equal(b.fault, 0x03);

	p.cells.v[2] = b.settings.over_voltage_v - 0.2;
	bms_sample(&b, &p.cells, 0.0);
	for (int i = 0; i < 9; i++)
		bms_second(&b, &p.cells, 0.0);
	assert_true(b.is_open);
	bms_second(&b, &p.cells, 0.0);
	assert_false(b.is_open);
}

static void test_bms_empty_stops_discharge_only(void **state)
{
	struct pack p;
	struct bms b;

	make_bms(&b, &p);
	p.cells.v[1] = b.settings.under_voltage_v;
	bms_sample(&b, &p.cells, -10.0);
	assert_true(b.is_empty && !b.is_open);
	assert_int_equal(b.under_voltage_trips, 1);
}

static void test_bms_bleeds_what_is_high_and_ahead(void **state)
{
	struct pack p;
	struct bms b;

	make_bms(&b, &p);
	for (unsigned i = 0; i < p.cells.count; i++)
		p.cells.v[i] = 3.37;
	p.cells.v[0] = 3.401;
	p.cells.v[1] = 3.3999;
	bms_sample(&b, &p.cells, 0.0);
	bms_second(&b, &p.cells, 0.0);
	assert_int_equal(b.bleeding, 1u << 0);
	assert_near(p.cells.bleed_siemens[0], CELLS_BLEED_SIEMENS, 0);

	for (unsigned i = 0; i < p.cells.count; i++)
		p.cells.v[i] = 3.392;
	p.cells.v[0] = 3.401; /* high, but not more than 10 mV ahead */
	bms_sample(&b, &p.cells, 0.0);
	bms_second(&b, &p.cells, 0.0);
	assert_int_equal(b.bleeding, 0);
}

/* Last row of the trace, by column. */
static void last_row(FILE *trace, double *cell_min_v, double *cell_max_v)
{
	char line[1024];
	double column[11] = { 0 };

	rewind(trace);
	while (fgets(line, sizeof(line), trace)) {
		char *at = line;

		for (int i = 0; i < 11; i++) {
			column[i] = strtod(at, &at);
			at += *at == ',';
		}
	}
	*cell_min_v = column[9];
	*cell_max_v = column[10];
}

static void test_oracle_holds_the_highest_cell_at_its_target(void **state)
{
	for (unsigned seed = 0; seed < 6; seed++) {
		const double target_v = seed % 2 ? 4.10 : 3.45, way_v = seed % 2 ? 0.15 : 0.20;
		FILE *trace = tmpfile();
		struct figures f;
		double cell_min_v, cell_max_v;

		assert_non_null(trace);
		f = plant_run(scenario_find("steady-sun"), seed, &law_oracle, trace, 60);
		last_row(trace, &cell_min_v, &cell_max_v);
		fclose(trace);
		assert_near(cell_max_v, target_v, 0.001);
		assert_true(cell_min_v < target_v);
		assert_true(f.overshoot * way_v < 0.002);
		assert_int_equal(f.over_voltage_trips, 0);
	}
}

/* 0.3 V too much for the inverter's voltmeter, a cell ahead: a fixed CVL must trip. */
static void test_fixed_cvl_trips_where_it_must(void **state)
{
	unsigned tripped = 0;

	for (unsigned seed = 0; seed < 10; seed++) {
		const struct figures f =
			plant_run(scenario_find("meters-low"), seed, &law_fixed, NULL, 1);

		tripped += f.over_voltage_trips > 0;
	}
	assert_true(tripped >= 5);
}

static void test_fixed_limits_empty_a_pack_into_the_cut_off(void **state)
{
	const struct figures f = plant_run(scenario_find("to-empty"), 0, &law_fixed, NULL, 1);

	assert_true(f.under_voltage_trips > 0);
	assert_int_equal(f.over_voltage_trips, 0);
}

static void test_same_seed_gives_the_same_run(void **state)
{
	const struct scenario *s = scenario_find("cloudy-feed-in");
	const struct figures a = plant_run(s, 5, &law_pylontech, NULL, 1);
	const struct figures b = plant_run(s, 5, &law_pylontech, NULL, 1);
	const struct figures other = plant_run(s, 7, &law_pylontech, NULL, 1);

	assert_near(a.charge_ah, b.charge_ah, 0);
	assert_near(a.overshoot, b.overshoot, 0);
	assert_int_equal(a.cvl_changes, b.cvl_changes);
	assert_true(fabs(a.charge_ah - other.charge_ah) > 0.1);
}

static void test_scenarios_are_many_and_short(void **state)
{
	size_t count;
	const struct scenario *s = scenario_list(&count);
	double hours = 0.0;

	for (size_t i = 0; i < count; i++) {
		hours += s[i].hours;
		assert_ptr_equal(scenario_find(s[i].name), &s[i]);
	}
	assert_true(count >= 28);
	assert_true(hours <= 110.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_busbar_balances_current_and_energy),
		cmocka_unit_test(test_mppt_holds_cvl_at_its_own_voltmeter),
		cmocka_unit_test(test_mppt_obeys_ccl_without_feed_in_only),
		cmocka_unit_test(test_multi_holds_cvl_by_exporting),
		cmocka_unit_test(
			test_surplus_that_the_inverter_cannot_take_lifts_the_pack_by_400_mv),
		cmocka_unit_test(test_cvl_below_the_pack_discharges_it_into_the_grid),
		cmocka_unit_test(test_inverter_follows_its_load_at_once_and_stops_at_dcl_0),
		cmocka_unit_test(test_ac_coupled_sun_needs_10_s_to_back_off),
		cmocka_unit_test(test_chargers_stop_a_minute_after_the_battery_left_the_bus),
		cmocka_unit_test(test_bms_trips_in_the_very_step_and_recovers),
		cmocka_unit_test(test_bms_empty_stops_discharge_only),
		cmocka_unit_test(test_bms_bleeds_what_is_high_and_ahead),
		cmocka_unit_test(test_oracle_holds_the_highest_cell_at_its_target),
		cmocka_unit_test(test_fixed_cvl_trips_where_it_must),
		cmocka_unit_test(test_fixed_limits_empty_a_pack_into_the_cut_off),
		cmocka_unit_test(test_same_seed_gives_the_same_run),
		cmocka_unit_test(test_scenarios_are_many_and_short),
	};

	return cmocka_run_group_tests_name("plant", tests, NULL, NULL);
}
