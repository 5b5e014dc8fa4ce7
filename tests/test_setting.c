/* SPDX-License-Identifier: MIT */
/* Values, texts and contradictions of the BMS's settings. */
#include "support.h"

#include "tinybms/setting_check.h"

static const struct setting *by(const char *name)
{
	const struct setting *s = settings_by_name(name);

	assert_non_null(s);
	return s;
}

static const struct {
	const char *name, *text;
	int64_t raw; /* -1: refused */
	const char *shown, *plain;
} values[] = {
	{ "fully_charged_voltage", "4.15", 4150, "4.15 V", "4.15" },
	{ "fully_charged_voltage", " 4.15 V ", 4150, "4.15 V", "4.15" },
	{ "fully_charged_voltage", "3.6", 3600, "3.6 V", "3.6" },
	{ "fully_charged_voltage", "3.1415", -1, NULL, NULL },
	{ "fully_charged_voltage", "-1", -1, NULL, NULL },
	{ "fully_charged_voltage", "65.536", -1, NULL, NULL },
	{ "fully_charged_voltage", "", -1, NULL, NULL },
	{ "fully_charged_voltage", "V", -1, NULL, NULL },
	{ "fully_charged_voltage", "nan", -1, NULL, NULL },
	{ "fully_charged_voltage", "inf", -1, NULL, NULL },
	{ "fully_charged_voltage", "1e999", -1, NULL, NULL },
	{ "fully_charged_voltage", "4.15 A", -1, NULL, NULL },
	{ "low_temperature_charge_cutoff", "-40", 0xFFD8, "-40 degC", "-40" },
	{ "low_temperature_charge_cutoff", "-32769", -1, NULL, NULL },
	{ "pulses_per_unit", "100000", 100000, "100000", "100000" },
	{ "battery_capacity", "655", 65500, "655 Ah", "655" },
	{ "load_switch_type", "aidO1", 1, "AIDO1", "1" },
	{ "load_switch_type", "8", 8, "AIHO2 high", "8" },
	{ "load_switch_type", "relay", -1, NULL, NULL },
	{ "set_state_of_charge", "55.5", 27750, "55.5 %", "55.5" },
};

static void test_values(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		const struct setting *s = by(values[i].name);
		g_autoptr(GError) error = NULL;
		uint32_t raw = 0;

		print_message("%s %s\n", values[i].name, values[i].text);
		assert_int_equal(setting_parse(s, values[i].text, &raw, &error), values[i].raw >= 0);
		if (values[i].raw < 0) {
			assert_contains(error->message, values[i].name);
			continue;
		}
		g_autofree char *shown = setting_text(s, raw), *plain = setting_plain(s, raw);

		assert_int_equal(raw, values[i].raw);
		assert_string_equal(shown, values[i].shown);
		assert_string_equal(plain, values[i].plain);
	}
}

/* What is shown is read as the same, for every raw value of every setting. */
static void test_every_value_is_read_back(void **state)
{
	size_t count = 0;
	const struct setting *table = settings_table(&count);

	for (size_t i = 0; i < count; i++)
		for (uint32_t raw = 0; raw <= UINT16_MAX; raw += 7) {
			g_autofree char *plain = setting_plain(&table[i], raw);
			g_autofree char *text = setting_text(&table[i], raw);
			uint32_t again;

			assert_true(setting_parse(&table[i], plain, &again, NULL));
			assert_int_equal(again, raw);
			assert_true(setting_parse(&table[i], text, &again, NULL));
			assert_int_equal(again, raw);
		}
}

static void test_ranges(void **state)
{
	struct job_ranges r = { .has_min = true, .has_max = true, .has_default = true };
	const struct setting *cold = by("low_temperature_charge_cutoff");
	const struct setting *full = by("fully_charged_voltage");

	assert_near(setting_range(cold, NULL).min, -40, 0);
	assert_near(setting_range(full, NULL).max, 4.5, 0);
	assert_false(setting_range(full, NULL).is_device);
	assert_near(setting_range(full, &r).max, 4.5, 0); /* zeros: does not have it */
	r.min[0] = 1300;
	r.max[0] = 3700;
	r.fallback[0] = 3600;
	r.min[20] = 0xFFEC;
	r.max[20] = 5;
	assert_true(setting_range(full, &r).is_device);
	assert_near(setting_range(full, &r).min, 1.3, 0);
	assert_near(setting_range(full, &r).max, 3.7, 0);
	assert_near(setting_range(full, &r).fallback, 3.6, 0);
	assert_near(setting_range(cold, &r).min, -20, 0);
	r.has_max = false;
	assert_near(setting_range(full, &r).max, 4.5, 0);
}

/* 16 LFP cells */
static struct settings_words present(void)
{
	struct settings_words w = { 0 };
	const struct { const char *name; uint32_t raw; } filled[] = {
		{ "fully_charged_voltage", 3600 },   { "fully_discharged_voltage", 2900 },
		{ "early_balancing_threshold", 3400 }, { "peak_discharge_current_cutoff", 120 },
		{ "series_cells", 16 },		     { "over_voltage_cutoff", 3650 },
		{ "under_voltage_cutoff", 2800 },    { "discharge_over_current_cutoff", 100 },
		{ "configuration_bits", 0x8000 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(filled); i++)
		setting_store(by(filled[i].name), &w, filled[i].raw);
	w.is_absent[321 - 300] = true;
	return w;
}

static const struct {
	const char *name, *text;
	const char *why; /* NULL: may be written */
} changes[] = {
	{ "fully_charged_voltage", "3.64", NULL },
	{ "fully_charged_voltage", "3.641", "over_voltage_cutoff (3.65 V) must be at least 3.651 V" },
	{ "fully_charged_voltage", "3.39", "early_balancing_threshold is 3.4 V" },
	{ "fully_charged_voltage", "4.6", "takes 1.2 to 4.5 V" },
	{ "fully_charged_voltage", "0", "takes 1.2 to 4.5 V" },
	{ "early_balancing_threshold", "3.6", NULL },
	{ "early_balancing_threshold", "3.601", "fully_charged_voltage (3.6 V)" },
	{ "over_voltage_cutoff", "3.61", NULL },
	{ "over_voltage_cutoff", "3.609", "over_voltage_cutoff (3.609 V) must be at least 3.61 V" },
	{ "under_voltage_cutoff", "2.89", NULL },
	{ "under_voltage_cutoff", "2.891", "under_voltage_cutoff is 2.891 V" },
	{ "under_voltage_cutoff", "3.5", "under_voltage_cutoff is 3.5 V" },
	{ "fully_discharged_voltage", "2.809", "under_voltage_cutoff is 2.8 V" },
	{ "peak_discharge_current_cutoff", "100", "discharge_over_current_cutoff is 100 A" },
	{ "discharge_over_current_cutoff", "119", NULL },
	{ "discharge_over_current_cutoff", "120", "must be at least 121 A" },
	{ "series_cells", "16", NULL },
	{ "series_cells", "15", "16 cells that the BMS detects" },
	{ "load_switch_type", "8", NULL },
	{ "load_switch_type", "9", "9 is none of 0 FET, 1 AIDO1" },
	{ "precharge_pin", "10", "10 is none of" },
	{ "configuration_bits", "32772", NULL },
	{ "configuration_bits", "4", "reserved bits" },
	{ "charger_type", "7681", NULL }, /* 30 s, CC/CV */
	{ "charger_type", "7937", "delay of the discharge cut-off" },
	{ "charger_type", "3", "delay of the discharge cut-off" },
	{ "charge_restart_level", "80", "does not have it" },
};

static void test_changes(void **state)
{
	const struct settings_words words = present();

	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		struct setting_set set = { 0 };
		g_autoptr(GError) error = NULL;
		uint32_t raw;

		print_message("%s %s\n", changes[i].name, changes[i].text);
		assert_true(setting_parse(by(changes[i].name), changes[i].text, &raw, NULL));
		setting_set_add(&set, by(changes[i].name), raw);
		assert_int_equal(setting_set_check(&set, &words, NULL, 16, &error),
				 !changes[i].why);
		if (changes[i].why)
			assert_contains(error->message, changes[i].why);
	}
}

/* Narrower than the document, as with a small current sensor. */
static void test_the_device_narrows(void **state)
{
	const struct settings_words words = present();
	struct job_ranges r = { .has_min = true, .has_max = true };
	struct setting_set set = { 0 };
	g_autoptr(GError) error = NULL;

	r.min[17] = 1;
	r.max[17] = 110;
	setting_set_add(&set, by("discharge_over_current_cutoff"), 110);
	assert_true(setting_set_check(&set, &words, &r, 16, NULL));
	setting_set_add(&set, by("discharge_over_current_cutoff"), 111);
	assert_int_equal(set.count, 1);
	assert_false(setting_set_check(&set, &words, &r, 16, &error));
	assert_contains(error->message, "this BMS takes 1 to 110 A");
}

/* A set is judged by what it leaves, and written so that it never contradicts itself. */
static void test_a_set_moves_together(void **state)
{
	static const struct { uint16_t full, over, balancing; } moves[] = {
		{ 4150, 4200, 4000 }, { 3000, 3100, 2950 }, { 3600, 3650, 3600 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(moves); i++)
		for (int order = 0; order < 3; order++) {
			struct settings_words words = present();
			struct setting_set set = { 0 };
			const struct setting_change all[] = {
				{ by("fully_charged_voltage"), moves[i].full },
				{ by("over_voltage_cutoff"), moves[i].over },
				{ by("early_balancing_threshold"), moves[i].balancing },
			};

			for (int k = 0; k < 3; k++)
				setting_set_add(&set, all[(k + order) % 3].setting,
						all[(k + order) % 3].raw);
			assert_true(setting_set_check(&set, &words, NULL, 16, NULL));
			setting_set_order(&set, &words);
			assert_int_equal(set.count, 3);
			for (size_t k = 0; k < set.count; k++) {
				struct setting_set one = { .count = 1, .change = { set.change[k] } };

				assert_true(setting_set_check(&one, &words, NULL, 16, NULL));
				setting_store(one.change[0].setting, &words, one.change[0].raw);
			}
		}
}

/* 300, 301, 304, 305, 307, 310, 311, 315 to 321, 329 to 341 */
static void test_what_is_risky(void **state)
{
	size_t count = 0;
	const struct setting *table = settings_table(&count);
	unsigned risky = 0;

	for (size_t i = 0; i < count; i++)
		risky += setting_is_risky(&table[i]);
	assert_int_equal(risky, 7 + 7 + 13);
	assert_false(setting_is_risky(by("set_state_of_charge")));
	assert_false(setting_is_risky(by("broadcast_time")));
	assert_true(setting_is_risky(by("single_port_switch_type")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_every_value_is_read_back),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_the_device_narrows),
		cmocka_unit_test(test_a_set_moves_together),
		cmocka_unit_test(test_what_is_risky),
	};

	return cmocka_run_group_tests_name("setting", tests, NULL, NULL);
}
