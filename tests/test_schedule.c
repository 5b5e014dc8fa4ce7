/* SPDX-License-Identifier: MIT */
/* Which block is read next. */
#include "support.h"

#include "tinybms/schedule.h"

/* All blocks read at @now_us. */
static void read_all(struct schedule *s, gint64 now_us)
{
	struct schedule_request r;

	schedule_init(s, now_us);
	while (schedule_next(s, now_us, &r))
		schedule_skip(s, &r, now_us);
}

/* A cut-off is written below the cells: the settings are to be read again, and there is a fault. */
static void test_the_cause_of_a_fault_waits_for_no_settings(void **state)
{
	struct schedule s;
	struct schedule_request r;

	read_all(&s, 1000);
	schedule_hurry(&s, SCHEDULE_SETTINGS);
	schedule_hurry(&s, SCHEDULE_STATISTICS);
	schedule_hurry(&s, SCHEDULE_EVENTS);
	assert_true(schedule_next(&s, 1000, &r));
	assert_int_equal(r.block, SCHEDULE_EVENTS);
	schedule_skip(&s, &r, 1000);
	assert_true(schedule_next(&s, 1000, &r));
	assert_int_equal(r.block, SCHEDULE_SETTINGS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_cause_of_a_fault_waits_for_no_settings),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
