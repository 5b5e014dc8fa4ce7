/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

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

/* multilog waits while its disk is full: what it does not read must not stop the caller. */
static void loses_a_line_rather_than_wait(void **state)
{
	const int output = dup(STDOUT_FILENO);
	int ends[2];
	char page[4096] = { 0 };
	ssize_t got;

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	while (write(ends[1], page, sizeof(page)) > 0)
		;
	fcntl(ends[1], F_SETFL, 0); /* from here on a write to it would wait */
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	alarm(20);
	log_say(LOG_INFO, "lost");
	alarm(0);
	while ((got = read(ends[0], page, sizeof(page))) > 0)
		assert_null(memmem(page, (size_t) got, "lost", 4));
	log_say(LOG_INFO, "kept");
	got = read(ends[0], page, sizeof(page));
	dup2(output, STDOUT_FILENO);
	assert_int_equal(got, 5);
	assert_memory_equal(page, "kept\n", 5);
	close(ends[0]);
	close(ends[1]);
	close(output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_new_once),
		cmocka_unit_test(repeats_what_comes_back_after_something_else),
		cmocka_unit_test(keeps_a_flapping_topic_to_a_handful_an_hour),
		cmocka_unit_test(loses_a_line_rather_than_wait),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
