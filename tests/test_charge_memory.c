/* SPDX-License-Identifier: MIT */
/* What the controller's record is worth after a restart. */
#include "temp_folder.h"

#include "charge_memory.h"
#include "record_file.h"

static const char SERIAL[] = "0123";
static const double Y2000_S = 946684800.0; /* where a clock without a battery begins */

static struct control_record some_record(void)
{
	return (struct control_record){ .chain = CHARGE_FLOAT,
					.full_soc_pct = 99.0,
					.since_full_s = 100.0 };
}

/* s since it was full, as the controller has it of a record that was saved at @saved_s. */
static double recalled_s(const char *folder, double saved_s)
{
	g_autofree char *path = g_strconcat(folder, "/charge_0123.json", NULL);
	const struct control_record record = some_record();
	struct charge_memory *m = charge_memory_new(folder);
	struct control control;

	assert_true(record_save(path, SERIAL, &record, (gint64) saved_s, NULL));
	control_init(&control);
	charge_memory_recall(m, SERIAL, &control);
	charge_memory_free(m);
	return control.states.since_full_s;
}

static void test_time_away_counts_where_the_clock_was_set(void **state)
{
	const double now_s = (double) g_get_real_time() / 1e6;

	assert_near(recalled_s(*state, now_s - 3600.0), 3700.0, 60.0);
	assert_near(recalled_s(*state, now_s + 1e8), 100.0, 0.0);
	assert_near(recalled_s(*state, Y2000_S), 100.0, 0.0);
	assert_near(recalled_s(*state, 0.0), 100.0, 0.0);
}

/* That there is an external sensor must survive the next power cut, not only the end in order. */
static void test_what_could_not_be_written_is_tried_again(void **state)
{
	g_autofree char *folder = g_strconcat(*state, "/full", NULL);
	g_autofree char *path = g_strconcat(folder, "/charge_0123.json", NULL);
	const gint64 minute_us = (gint64) 60 * G_USEC_PER_SEC;
	struct charge_memory *m = charge_memory_new(folder);
	struct control control;

	control_init(&control);
	charge_memory_recall(m, SERIAL, &control);
	control.sensors.has_external = true;
	charge_memory_watch(m, &control, minute_us);
	assert_int_equal(g_mkdir(folder, 0700), 0);
	charge_memory_watch(m, &control, 10 * minute_us);
	assert_int_not_equal(access(path, F_OK), 0);
	charge_memory_watch(m, &control, 11 * minute_us);
	assert_int_equal(access(path, F_OK), 0);
	g_remove(path);
	charge_memory_watch(m, &control, 30 * minute_us);
	assert_int_not_equal(access(path, F_OK), 0);
	charge_memory_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_folder(test_time_away_counts_where_the_clock_was_set),
		test_in_folder(test_what_could_not_be_written_is_tried_again),
	};

	return cmocka_run_group_tests_name("charge_memory", tests, NULL, NULL);
}
