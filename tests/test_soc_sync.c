/* SPDX-License-Identifier: MIT */
/* Whether the BMS is told that its battery is full. */
#include "support.h"

#include "control_rig.h"
#include "soc_sync.h"

static bool submit(const struct job *job, acquisition_job_func fn, void *fn_user, void *user)
{
	unsigned *writes = user;

	*writes += job->kind == JOB_WRITE;
	return true;
}

/* How often it is told, by a battery that just became full with this current and register 304. */
static unsigned writes_of(double current_a, double charge_finished_a)
{
	const struct settings_words words = { 0 };
	struct soc_sync sync = { 0 };
	unsigned writes = 0;
	struct bms_settings *settings = bms_settings_new("/no/such/folder/journal", submit, &writes);
	struct rig r;

	rig_init(&r);
	r.battery.soc_pct = 80.0;
	r.battery.current_a = current_a;
	r.battery.settings.charge_finished_a = charge_finished_a;
	bms_settings_take(settings, &words);
	rig_run(&r, 10);
	soc_sync_step(&sync, &r.control, &r.battery, true, settings);
	r.control.states.since_full_s = 0.0;
	soc_sync_step(&sync, &r.control, &r.battery, true, settings);
	bms_settings_free(settings);
	return writes;
}

static void test_told_where_the_current_is_known(void **state)
{
	assert_int_equal(writes_of(2.0, 5.0), 1);
	assert_int_equal(writes_of((double) NAN, 5.0), 0);
	assert_int_equal(writes_of(2.0, (double) NAN), 0);
}

static void test_due_once_for_each_full_charge(void **state)
{
	struct soc_sync s = { 0 };

	assert_false(soc_sync_is_due(&s, 0.0, 80.0)); /* as it was before the restart */
	assert_false(soc_sync_is_due(&s, 1.0, 80.0));
	assert_true(soc_sync_is_due(&s, 0.0, 80.0));
	assert_false(soc_sync_is_due(&s, 1.0, 80.0));
	assert_false(soc_sync_is_due(&s, 0.0, 99.0));
	assert_false(soc_sync_is_due(&s, 1.0, (double) NAN));
	assert_false(soc_sync_is_due(&s, 0.0, (double) NAN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_where_the_current_is_known),
		cmocka_unit_test(test_due_once_for_each_full_charge),
	};

	return cmocka_run_group_tests_name("soc_sync", tests, NULL, NULL);
}
