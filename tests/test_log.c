/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include "log.h"

static const gint64 MINUTE_US = 60 * G_USEC_PER_SEC;

static void says_what_is_new_once(void **state)
{
	struct log_topic topic = { 0 };
	unsigned hidden = 0;

	assert_true(log_topic_take(&topic, "the port is gone", 0, &hidden));
	assert_false(log_topic_take(&topic, "the port is gone", MINUTE_US, &hidden));
	assert_true(log_topic_take(&topic, "the port is back", 2 * MINUTE_US, &hidden));
	assert_int_equal(hidden, 0);
}

static void repeats_what_comes_back_after_something_else(void **state)
{
	struct log_topic topic = { 0 };
	unsigned hidden = 0;

	assert_true(log_topic_take(&topic, "a", 0, &hidden));
	assert_true(log_topic_take(&topic, "b", 1, &hidden));
	assert_true(log_topic_take(&topic, "a", 2, &hidden));
}

/* A loose plug: two sentences in turn each second for two hours. */
static void keeps_a_flapping_topic_to_a_handful_an_hour(void **state)
{
	struct log_topic topic = { 0 };
	unsigned said = 0, kept_back = 0, hidden = 0;

	for (int second = 0; second < 7200; second++)
		if (log_topic_take(&topic, second % 2 ? "gone" : "back",
				   (gint64) second * G_USEC_PER_SEC,
				   &hidden)) {
			said++;
			kept_back += hidden;
		}
	assert_int_equal(said, 2 * LOG_TOPIC_LINES_AN_HOUR);
	assert_int_equal(kept_back, 3600 - LOG_TOPIC_LINES_AN_HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_new_once),
		cmocka_unit_test(repeats_what_comes_back_after_something_else),
		cmocka_unit_test(keeps_a_flapping_topic_to_a_handful_an_hour),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
