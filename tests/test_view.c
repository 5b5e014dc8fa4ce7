/* SPDX-License-Identifier: MIT */
/* Made-up batteries, as D-Bus would show them. */
#include "tests/support.h"

#include <dbus/dbus.h>
#include <math.h>
#include <string.h>

#include "publish/paths.h"
#include "publish/view.h"

struct given {
	struct battery battery;
	struct limits limits;
	enum alarm_level alarms[ALARM_COUNT];
	struct acquisition_counters counters;
	double age_s;
};

static struct given given_battery(void)
{
	struct given g = { .limits = { .cvl_v = 55.2, .ccl_a = 40.0, .dcl_a = 60.0, .on_bus = true } };

	battery_clear(&g.battery);
	g.battery.cell_count = 4;
	for (unsigned i = 0; i < 4; i++)
		g.battery.cell_v[i] = 3.30 + 0.01 * i;
	battery_derive(&g.battery);
	g.battery.pack_v = 13.3;
	g.battery.current_a = -10.0;
	g.battery.soc_pct = 75.0;
	g.battery.settings.capacity_ah = 200.0;
	g.battery.temp_internal_c = 30.0;
	g.battery.status = BATTERY_STATUS_DISCHARGING;
	g.battery.time_left_s = 3600.0;
	g.limits.charge_limitation = "configured";
	g.limits.discharge_limitation = "configured";
	return g;
}

static void show(struct view *v, const struct given *g)
{
	const struct decision d = { .battery = &g->battery,
				    .limits = &g->limits,
				    .alarms = g->alarms,
				    .counters = &g->counters,
				    .age_s = g->age_s };

	view_fill(v, &d);
}

static void derives_power_and_ampere_hours(void **state)
{
	const struct given g = given_battery();
	struct view v;

	show(&v, &g);
	assert_near(v.power_w, -133.0, 1e-9);
	assert_near(v.capacity_left_ah, 150.0, 1e-9);
	assert_near(v.consumed_ah, -50.0, 1e-9);
	assert_near(v.time_to_go_s, 3600.0, 0.0);
	assert_near(v.cell_difference_v, 0.03, 1e-9);
	assert_string_equal(v.cell_min_id, "C1");
	assert_string_equal(v.cell_max_id, "C4");
}

static void has_no_time_to_go_unless_discharging(void **state)
{
	struct given g = given_battery();
	struct view v;

	g.battery.status = BATTERY_STATUS_CHARGING;
	show(&v, &g);
	assert_true(isnan(v.time_to_go_s));
}

static void uses_the_internal_sensor_only_where_no_other_is(void **state)
{
	struct given g = given_battery();
	struct view v;

	show(&v, &g);
	assert_near(v.temperature_c, 30.0, 0.0);
	assert_string_equal(v.temperature_max_id, "Internal");

	g.battery.temp_external_c[1] = 12.0;
	show(&v, &g);
	assert_near(v.temperature_c, 12.0, 0.0);
	assert_string_equal(v.temperature_max_id, "External 2");
	assert_near(v.cell_temperature_min_c, 12.0, 0.0);
}

static void shows_nothing_of_what_is_unknown(void **state)
{
	struct given g = given_battery();
	struct view v;

	battery_clear(&g.battery);
	show(&v, &g);
	assert_true(isnan(v.pack_v));
	assert_true(isnan(v.soc_pct));
	assert_true(isnan(v.temperature_c));
	assert_true(isnan(v.cell_max_v));
	assert_null(v.cell_max_id);
	assert_null(v.temperature_max_id);
	assert_near(v.balancer_status, 0.0, 0.0);
}

static void says_the_state_with_what_it_waits_for(void **state)
{
	struct given g = given_battery();
	struct view v;

	g.limits.state = CHARGE_BULK;
	show(&v, &g);
	assert_string_equal(v.charge_mode, "Bulk");
	g.limits.waits_for = "all cells full";
	show(&v, &g);
	assert_string_equal(v.charge_mode, "Bulk (all cells full)");
}

static void tells_a_fault_and_a_lost_cable(void **state)
{
	struct given g = given_battery();
	struct view v;

	show(&v, &g);
	assert_near(v.state, 9.0, 0.0);
	assert_near(v.error_code, 0.0, 0.0);

	battery_events_add(&g.battery.active, 0x03);
	show(&v, &g);
	assert_near(v.state, 10.0, 0.0);
	assert_near(v.error_code, 13.0, 0.0);

	g = given_battery();
	g.limits.bms_cable_warning = true;
	g.age_s = 12.0;
	show(&v, &g);
	assert_near(v.state, 10.0, 0.0);
	assert_near(v.error_code, 0.0, 0.0);
	assert_contains(v.connection_information, "12 s");
}

/* The bits of register 52 in the order of the cells. */
static void shows_which_cells_bleed(void **state)
{
	struct given g = given_battery();
	struct view v;

	g.battery.balancing = 0x5;
	show(&v, &g);
	assert_near(v.cell_balances[0], 1.0, 0.0);
	assert_near(v.cell_balances[1], 0.0, 0.0);
	assert_near(v.cell_balances[2], 1.0, 0.0);
	assert_true(isnan(v.cell_balances[4]));
	assert_near(v.is_balancing, 1.0, 0.0);
	assert_near(v.balancer_status, 2.0, 0.0);
}

/* --- paths ---------------------------------------------------------------------------- */

static void every_path_is_valid_and_named_once(void **state)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	size_t count = 0;
	const struct path *table = paths_table(&count);

	for (size_t i = 0; i < count; i++)
		for (unsigned n = 1; n <= MAX(table[i].elements, 1u); n++) {
			char *path = g_strdup_printf(table[i].path, n);

			assert_true(dbus_validate_path(path, NULL));
			assert_true(g_hash_table_add(seen, path));
		}
	assert_true(g_hash_table_contains(seen, "/Battery/1/Cell/16/Voltage"));
	assert_true(g_hash_table_contains(seen, "/Info/MaxChargeVoltage"));
}

static unsigned due_in(unsigned second, unsigned cells)
{
	size_t count = 0;
	unsigned due = 0;
	const struct path *table = paths_table(&count);

	for (size_t i = 0; i < count; i++)
		if (path_is_due(table[i].pace, second))
			due += table[i].elements == BATTERY_CELLS_MAX ? cells : MAX(table[i].elements, 1u);
	return due;
}

static void limits_are_due_each_second_and_the_slow_ones_are_not(void **state)
{
	assert_true(path_is_due(PACE_URGENT, 1));
	assert_false(path_is_due(PACE_FIVE, 1));
	assert_true(path_is_due(PACE_FIVE, 5));
	assert_false(path_is_due(PACE_FIVE_LATER, 5));
	assert_true(path_is_due(PACE_FIVE_LATER, 7));
	assert_true(path_is_due(PACE_MINUTE, 120));
	assert_false(path_is_due(PACE_MINUTE, 121));
	assert_true(due_in(1, 16) < due_in(5, 16));
}

static void a_history_replaces_what_soc_says_of_the_past(void **state)
{
	const struct given g = given_battery();
	struct decision d = { .battery = &g.battery,
			      .limits = &g.limits,
			      .alarms = g.alarms,
			      .counters = &g.counters };
	struct history h;
	struct view v;

	view_fill(&v, &d);
	assert_near(v.discharged_kwh, (double) NAN, 0.0);
	assert_near(v.past.pack_min_v.value, (double) NAN, 0.0);

	history_init(&h);
	h.kept.totals.discharged_wh = 1500.0;
	h.kept.totals.discharged_ah = 30.0;
	h.kept.consumed_ah = -48.5;
	h.kept.pack_min_v = (struct history_extreme){ 12.5, 0.0 }; /* before the clock was set */
	h.remaining_s = 7200.0;
	d.history = &h;
	view_fill(&v, &d);
	assert_near(v.discharged_kwh, 1.5, 1e-12);
	assert_near(v.drawn_ah, -30.0, 1e-12);
	assert_near(v.consumed_ah, -48.5, 1e-12);
	assert_near(v.time_to_go_s, 7200.0, 0.0);
	assert_near(v.past.pack_min_v.value, 12.5, 0.0);
	assert_near(v.past.pack_min_v.when_s, (double) NAN, 0.0);
	assert_near(v.average_depth_ah, (double) NAN, 0.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(derives_power_and_ampere_hours),
		cmocka_unit_test(has_no_time_to_go_unless_discharging),
		cmocka_unit_test(a_history_replaces_what_soc_says_of_the_past),
		cmocka_unit_test(uses_the_internal_sensor_only_where_no_other_is),
		cmocka_unit_test(shows_nothing_of_what_is_unknown),
		cmocka_unit_test(says_the_state_with_what_it_waits_for),
		cmocka_unit_test(tells_a_fault_and_a_lost_cable),
		cmocka_unit_test(shows_which_cells_bleed),
		cmocka_unit_test(every_path_is_valid_and_named_once),
		cmocka_unit_test(limits_are_due_each_second_and_the_slow_ones_are_not),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
