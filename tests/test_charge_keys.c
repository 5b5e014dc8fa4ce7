/* SPDX-License-Identifier: MIT */
/* Each key of docs/charge-control.md: unit, default, range, refusal. */
#include "support.h"

#include "config.h"

#define WORKED_OUT ((double) NAN)

static const struct key_case {
	const char *name, *unit;
	double fallback, other; /* a value that goes with the defaults of the rest */
} numbers[] = {
	{ "absorption_cell_v", "V", WORKED_OUT, 3.44 },
	{ "float_cell_v", "V", WORKED_OUT, 3.36 },
	{ "rebulk_cell_v", "V", WORKED_OUT, 3.29 },
	{ "float_exit_soc", "%", WORKED_OUT, 80 },
	{ "cell_min_float_v", "V", WORKED_OUT, 3.25 },
	{ "cell_safety_threshold_v", "V", WORKED_OUT, 3.53 },
	{ "cell_safety_release_v", "V", WORKED_OUT, 3.46 },
	{ "bulk_soc_threshold", "%", 90, 95 },
	{ "absorption_time_max", "s", 3600, 7200 },
	{ "tail_current", "A", WORKED_OUT, 4 },
	{ "tail_time", "s", 60, 120 },
	{ "float_ramp", "mV/s", 1, 2 },
	{ "imbalance_hold_threshold", "mV", 100, 120 },
	{ "imbalance_release_threshold", "mV", 40, 30 },
	{ "imbalance_ccl", "A", WORKED_OUT, 3 },
	{ "imbalance_time_max", "h", 8, 12 },
	{ "full_charge_interval", "d", 14, 0 },
	{ "sustain_soc_entry", "%", 5, 6 },
	{ "sustain_soc_exit", "%", 8, 10 },
	{ "sustain_dcl", "A", 5, 7 },
	{ "deep_discharge_ccl", "C", 0.05, 0.1 },
	{ "max_charge_current", "A", WORKED_OUT, 80 },
	{ "max_discharge_current", "A", WORKED_OUT, 120 },
	{ "soc_ceiling", "%", 100, 80 },
	{ "recovery_hold", "s", 30, 10 },
	{ "recovery_rate", "A/s", 5, 1 },
	{ "cvl_update_interval", "s", 20, 30 },
	{ "cvl_step_min", "V", 0.01, 0.02 },
	{ "feed_in_headroom", "V", 0.4, 0 },
	{ "cvl_headroom", "V", WORKED_OUT, 1 },
};

static double value(const struct config *c, const struct config_key *key)
{
	return *(const double *) ((const char *) c + key->offset);
}

static void refuse(const struct config_key *key, const char *text, const char *range)
{
	struct config c;
	GError *error = NULL;

	config_init(&c);
	const double before = value(&c, key);

	assert_false(config_set_text(&c, key, text, &error));
	assert_contains(error->message, key->name);
	assert_contains(error->message, text);
	assert_contains(error->message, range);
	assert_near(value(&c, key), before, 0.0);
	g_clear_error(&error);
}

static void test_number(void **state)
{
	const struct key_case *k = *state;
	const struct config_key *key = config_find(k->name);
	struct config c;

	assert_non_null(key);
	config_init(&c);
	assert_string_equal(key->unit, k->unit);
	assert_near(value(&c, key), k->fallback, 0.0);
	g_autofree char *text = g_strdup_printf("%g", k->other);
	g_autofree char *range = g_strdup_printf("%g to %g", key->min, key->max);
	g_autofree char *low = g_strdup_printf("%g", key->min - 0.01);
	g_autofree char *high = g_strdup_printf("%g", key->max + 1.0);

	assert_true(config_set_text(&c, key, text, NULL));
	assert_near(value(&c, key), k->other, 1e-12);
	refuse(key, low, range);
	refuse(key, high, range);
	refuse(key, "nan", range);
	refuse(key, "inf", range);
}

/* Two keys that contradict each other: the sentence names both. */
static const struct contradiction {
	const char *name, *json, *says[2];
} contradictions[] = {
	{ "float above absorption is refused",
	  "{\"absorption_cell_v\":3.4,\"float_cell_v\":3.42}",
	  { "float_cell_v", "absorption_cell_v" } },
	{ "rebulk above float is refused",
	  "{\"float_cell_v\":3.3,\"rebulk_cell_v\":3.3}",
	  { "rebulk_cell_v", "float_cell_v" } },
	{ "cell_min_float above float is refused",
	  "{\"float_cell_v\":3.3,\"cell_min_float_v\":3.31}",
	  { "cell_min_float_v", "float_cell_v" } },
	{ "absorption above safety less 0.02 is refused",
	  "{\"absorption_cell_v\":3.5,\"cell_safety_threshold_v\":3.51}",
	  { "absorption_cell_v", "cell_safety_threshold_v" } },
	{ "safety release above its threshold is refused",
	  "{\"cell_safety_threshold_v\":3.5,\"cell_safety_release_v\":3.5}",
	  { "cell_safety_release_v", "cell_safety_threshold_v" } },
	{ "imbalance release above hold is refused",
	  "{\"imbalance_release_threshold\":100}",
	  { "imbalance_release_threshold", "imbalance_hold_threshold" } },
	{ "sustain entry above exit is refused",
	  "{\"sustain_soc_entry\":8}",
	  { "sustain_soc_entry", "sustain_soc_exit" } },
	{ "charge_taper_v that rises is refused",
	  "{\"charge_taper_v\":\"3.4:0 3.5:1\"}",
	  { "charge_taper_v", "fall" } },
	{ "charge_taper_v without 0 is refused",
	  "{\"charge_taper_v\":\"3.4:1 3.5:0.1\"}",
	  { "charge_taper_v", "0" } },
	{ "discharge_taper_v that falls is refused",
	  "{\"discharge_taper_v\":\"2.8:1 3.1:0\"}",
	  { "discharge_taper_v", "rise" } },
	{ "discharge_taper_v without 0 is refused",
	  "{\"discharge_taper_v\":\"2.8:0.1 3.1:1\"}",
	  { "discharge_taper_v", "0" } },
	{ "charge_taper_temp without a cold 0 is refused",
	  "{\"charge_taper_temp\":\"0:1 55:0\"}",
	  { "charge_taper_temp", "coldest" } },
	{ "charge_taper_temp without a hot 0 is refused",
	  "{\"charge_taper_temp\":\"0:0 55:1\"}",
	  { "charge_taper_temp", "hottest" } },
	{ "discharge_taper_temp without a hot 0 is refused",
	  "{\"discharge_taper_temp\":\"-20:0 60:1\"}",
	  { "discharge_taper_temp", "hottest" } },
	{ "a curve beyond its range is refused",
	  "{\"charge_taper_soc\":\"90:1 101:0\"}",
	  { "charge_taper_soc", "0 to 100 %" } },
	{ "a curve with a ratio above 1 is refused",
	  "{\"charge_taper_soc\":\"90:1.1 99:0\"}",
	  { "charge_taper_soc", "ratios from 0 to 1" } },
	{ "an unknown chemistry is refused",
	  "{\"chemistry\":\"lead\"}",
	  { "chemistry", "auto, LFP, Li-ion, LTO" } },
	{ "an unknown temperature_source is refused",
	  "{\"temperature_source\":\"air\"}",
	  { "temperature_source", "auto, internal" } },
};

static void test_contradiction(void **state)
{
	const struct contradiction *k = *state;
	struct config c, before;
	GError *error = NULL;

	memset(&c, 0, sizeof(c)); /* padding too: compared as bytes */
	config_init(&c);
	memcpy(&before, &c, sizeof(c));
	assert_false(config_parse(&c, k->json, &error));
	assert_contains(error->message, k->says[0]);
	assert_contains(error->message, k->says[1]);
	assert_memory_equal(&c, &before, sizeof(c));
	g_clear_error(&error);
}

/* What protects a battery cannot be switched off by an empty curve. */
static void test_an_empty_curve_is_its_default(void **state)
{
	struct config c, defaults;

	config_init(&defaults);
	assert_int_equal(defaults.charge.charge_taper_temp.count, 8);
	assert_int_equal(defaults.charge.charge_taper_soc.count, 0);
	config_init(&c);
	assert_true(config_parse(&c,
				 "{\"charge_taper_temp\":[],\"discharge_taper_temp\":\"\","
				 "\"charge_taper_v\":[]}",
				 NULL));
	assert_memory_equal(&c.charge.charge_taper_temp, &defaults.charge.charge_taper_temp,
			    sizeof(struct curve));
	assert_memory_equal(&c.charge.discharge_taper_temp, &defaults.charge.discharge_taper_temp,
			    sizeof(struct curve));
	assert_int_equal(c.charge.charge_taper_v.count, 0);
}

int main(void)
{
	enum { NUMBERS = G_N_ELEMENTS(numbers), CONTRADICTIONS = G_N_ELEMENTS(contradictions) };
	struct CMUnitTest tests[NUMBERS + CONTRADICTIONS + 1];

	for (size_t i = 0; i < NUMBERS; i++)
		tests[i] = (struct CMUnitTest){ .name = numbers[i].name,
						.test_func = test_number,
						.initial_state = (void *) &numbers[i] };
	for (size_t i = 0; i < CONTRADICTIONS; i++)
		tests[NUMBERS + i] =
			(struct CMUnitTest){ .name = contradictions[i].name,
					     .test_func = test_contradiction,
					     .initial_state = (void *) &contradictions[i] };
	tests[NUMBERS + CONTRADICTIONS] =
		(struct CMUnitTest) cmocka_unit_test(test_an_empty_curve_is_its_default);
	return cmocka_run_group_tests_name("charge_keys", tests, NULL, NULL);
}
