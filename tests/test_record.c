/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <glib.h>
#include <stdlib.h>

#include "record_file.h"

static const char SERIAL[] = "0123456789ABCDEF01234567";
static const struct control_record floating = {
	.chain = CHARGE_FLOAT,
	.absorbed_s = 1800.0,
	.held_s = 12.0,
	.full_soc_pct = 99.5,
	.since_full_s = 7200.0,
};

static void float_comes_back_with_the_time_that_passed(void **state)
{
	struct control c;
	struct control_record again;

	control_init(&c);
	assert_true(control_restore(&c, &floating, 600.0));
	control_save(&c, &again);
	assert_int_equal(again.chain, CHARGE_FLOAT);
	assert_near(again.since_full_s, 7800.0, 1e-9);
	assert_near(again.full_soc_pct, 99.5, 1e-9);
	assert_near(again.absorbed_s, 1800.0, 1e-9);
}

/* The clock of a GX may be years off at boot. */
static void an_absurd_time_away_counts_as_none(void **state)
{
	const double absurd[] = { -1.0, 1e12, (double) NAN, (double) INFINITY };

	for (size_t i = 0; i < G_N_ELEMENTS(absurd); i++) {
		struct control c;

		control_init(&c);
		assert_true(control_restore(&c, &floating, absurd[i]));
		assert_near(c.states.since_full_s, 7200.0, 1e-9);
	}
}

static void an_impossible_record_leaves_bulk(void **state)
{
	struct control_record bad[6] = { floating, floating, floating, floating, floating, floating };
	struct control c;

	bad[0].chain = CHARGE_OFFLINE;
	bad[1].chain = CHARGE_CELL_PROTECTION;
	bad[2].absorbed_s = -1.0;
	bad[3].since_full_s = (double) NAN;
	bad[4].full_soc_pct = 101.0;
	bad[5].held_s = (double) INFINITY;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		control_init(&c);
		assert_false(control_restore(&c, &bad[i], 0.0));
		assert_int_equal(c.states.chain, CHARGE_BULK);
		assert_near(c.states.since_full_s, 0.0, 0.0);
	}
}

static void being_full_is_precious(void **state)
{
	struct control_record now = floating;

	now.since_full_s = 7300.0;
	assert_false(control_record_is_precious(&floating, &now));
	assert_false(control_record_differs(&floating, &now));
	now.since_full_s = 0.0;
	assert_true(control_record_is_precious(&floating, &now));
	now = floating;
	now.chain = CHARGE_BULK;
	assert_true(control_record_differs(&floating, &now));
	assert_false(control_record_is_precious(&floating, &now));
	assert_true(control_record_is_precious(&now, &floating));
}

static void text_and_record_are_the_same(void **state)
{
	g_autofree char *text = record_format(&floating, SERIAL, 1700000000);
	struct control_record again;
	gint64 saved_s = 0;
	GError *error = NULL;

	assert_true(record_parse(text, SERIAL, &again, &saved_s, &error));
	assert_int_equal(saved_s, 1700000000);
	assert_int_equal(again.chain, CHARGE_FLOAT);
	assert_near(again.since_full_s, floating.since_full_s, 0.0);
	assert_near(again.full_soc_pct, floating.full_soc_pct, 0.0);
	assert_near(again.absorbed_s, floating.absorbed_s, 0.0);
}

static void another_battery_has_no_record(void **state)
{
	g_autofree char *text = record_format(&floating, SERIAL, 0);
	struct control_record again;
	gint64 saved_s = 0;
	g_autoptr(GError) error = NULL;

	assert_false(record_parse(text, "FFFF", &again, &saved_s, &error));
	assert_true(g_error_matches(error, RECORD_ERROR, RECORD_ERROR_ABSENT));
}

/* Each byte changed, and the text cut after each byte. */
static void damage_is_always_seen(void **state)
{
	g_autofree char *text = record_format(&floating, SERIAL, 1700000000);
	const size_t length = strlen(text);
	struct control_record again;
	gint64 saved_s = 0;

	for (size_t i = 0; i + 1 < length; i++) { /* the last line end may be missing */
		g_autofree char *bad = g_strdup(text);
		g_autofree char *cut = g_strndup(text, i);

		bad[i] ^= 0x01;
		assert_false(record_parse(bad, SERIAL, &again, &saved_s, NULL));
		assert_false(record_parse(cut, SERIAL, &again, &saved_s, NULL));
	}
}

static void a_file_that_is_not_there_is_no_damage(void **state)
{
	struct control_record again;
	gint64 saved_s = 0;
	g_autoptr(GError) error = NULL;

	assert_false(record_load("/nowhere/charge.json", SERIAL, &again, &saved_s, &error));
	assert_true(g_error_matches(error, RECORD_ERROR, RECORD_ERROR_ABSENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(float_comes_back_with_the_time_that_passed),
		cmocka_unit_test(an_absurd_time_away_counts_as_none),
		cmocka_unit_test(an_impossible_record_leaves_bulk),
		cmocka_unit_test(being_full_is_precious),
		cmocka_unit_test(text_and_record_are_the_same),
		cmocka_unit_test(another_battery_has_no_record),
		cmocka_unit_test(damage_is_always_seen),
		cmocka_unit_test(a_file_that_is_not_there_is_no_damage),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
