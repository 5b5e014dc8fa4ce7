/* SPDX-License-Identifier: MIT */
/* The simulated BMS's protections: when they trip, what they switch, how they recover. */
#include "tests/sim/bench.h"

static int set_up(void **state)
{
	*state = bench_awake(bench_new());
	return 0;
}

static int tear_down(void **state)
{
	bench_free(*state);
	return 0;
}

struct trip {
	const char *name;
	const char *cause[4], *cure[4];
	double delay_s;			 /**< how long the cause must last */
	unsigned id, recovered, counter; /**< counter 0: none */
	unsigned status;		 /**< while it lasts, cause included */
	const char *switches;
};

/* clang-format off */
static const struct trip trips[] = {
	{ "over-voltage", { "set cell 3 4.3" }, { "set cell 3 4.0" }, 0.2,
	  0x03, 0x79, 106, 0x9B, "charge=0 discharge=1" },
	{ "under-voltage", { "set cell 3 2.8" }, { "set cell 3 3.2" }, 0.2,
	  0x02, 0x7B, 105, 0x9B, "charge=1 discharge=0" },
	{ "broken wire", { "set cell 3 0" }, { "set cell 3 3.7" }, 0.2,
	  0x02, 0x7B, 105, 0x9B, "charge=1 discharge=0" },
	{ "over-temperature", { "temperature 1 61" }, { "temperature 1 54" }, 0.2,
	  0x04, 0x73, 109, 0x9B, "charge=0 discharge=0" },
	{ "discharge over-current", { "set capacity 400", "current -70" }, { "current 0" }, 1.2,
	  0x05, 0x77, 107, 0x9B, "charge=1 discharge=0" },
	{ "charge over-current", { "set capacity 400", "charger on", "current 31" }, { "current 0" }, 1.2,
	  0x06, 0x76, 108, 0x9B, "charge=0 discharge=1" },
	{ "regeneration over-current", { "set capacity 400", "current 31" }, { "current 0" }, 1.2,
	  0x07, 0x78, 108, 0x9B, "charge=0 discharge=1" },
	{ "charging in the cold", { "ambient -5", "current 2" }, { "current 0", "ambient 10" }, 0.2,
	  0x37, 0x74, 0, 0x97, "charge=0 discharge=1" },
	{ "fully discharged", { "set cell 3 3.0", "current -1" }, { "current 0", "set cell 3 3.2" }, 1.2,
	  0x31, 0x7A, 0, 0x97, "charge=1 discharge=0" },
};
/* clang-format on */

static void tell_all(struct bench *b, const char *const *commands)
{
	for (unsigned i = 0; i < 4 && commands[i]; i++)
		bench_tell(b, commands[i]);
}

static unsigned newest_event(const struct bench *b)
{
	unsigned id = 0;

	for (unsigned i = 0; i < 49; i++)
		if (bench_word(b, 201 + 2 * i) >> 8)
			id = bench_word(b, 201 + 2 * i) >> 8;
	return id;
}

static void test_trip(void **state)
{
	const struct trip *t = *state;
	struct bench *b = bench_awake(bench_new());

	tell_all(b, t->cause);
	bench_wait(b, t->delay_s);
	assert_int_equal(newest_event(b), t->id);
	assert_int_equal(bench_word(b, 50), t->status);
	assert_string_equal(bench_tell(b, "get switches"), t->switches);
	if (t->counter)
		assert_int_equal(bench_word(b, t->counter), 1);
	bench_wait(b, 20.0); /* over-currents recover and trip again, the others last */
	tell_all(b, t->cure);
	bench_wait(b, 4.5); /* register 332: 5 s */
	if (!strstr(t->name, "current"))
		assert_int_equal(newest_event(b), t->id);
	bench_wait(b, 1.0);
	assert_int_equal(newest_event(b), t->recovered);
	assert_int_equal(bench_word(b, 50), 0x97);
	assert_string_equal(bench_tell(b, "get switches"), "charge=1 discharge=1");
	bench_free(b);
}

/* Register 305 cuts at once, 330 sets the delay of 317. */
static void test_discharge_delays(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "set capacity 400");
	bench_tell(b, "register 330 2561"); /* 10 s */
	bench_tell(b, "current -70");
	bench_wait(b, 9.5);
	assert_int_equal(bench_word(b, 107), 0);
	bench_wait(b, 1.0);
	assert_int_equal(bench_word(b, 107), 1);
	bench_tell(b, "current 0");
	bench_wait(b, 10.0);
	bench_tell(b, "current -121");
	bench_wait(b, 0.2);
	assert_int_equal(bench_word(b, 107), 2);
}

/* An open switch stops the current, not the other direction. */
static void test_switches_stop_current(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "fault over-voltage");
	bench_tell(b, "current 20");
	bench_wait(b, 0.2);
	assert_near(bench_f32(b, 38), 0.0, 0.0);
	bench_tell(b, "current -20");
	bench_wait(b, 0.2);
	assert_near(bench_f32(b, 38), -20.0, 1e-5);
	bench_tell(b, "register 340 1"); /* one port */
	bench_wait(b, 0.2);
	assert_near(bench_f32(b, 38), 0.0, 0.0);
	bench_tell(b, "protection off");
	bench_tell(b, "clear fault");
	bench_tell(b, "set cell 1 4.4");
	bench_wait(b, 10.0);
	assert_string_equal(bench_tell(b, "get faults"), "none");
}

static void test_forced_faults(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "fault over-voltage");
	assert_int_equal(bench_word(b, 50), 0x9B);
	assert_int_equal(bench_word(b, 106), 1);
	bench_tell(b, "fault 0x0B");
	bench_tell(b, "fault fully-discharged");
	bench_wait(b, 60.0);
	assert_string_equal(bench_tell(b, "get faults"),
			    "over-voltage charger-switch fully-discharged");
	bench_tell(b, "clear over-voltage");
	assert_int_equal(newest_event(b), 0x79);
	assert_int_equal(bench_word(b, 50), 0x9B);
	bench_tell(b, "clear fault");
	assert_int_equal(bench_word(b, 50), 0x97);
	assert_int_equal(newest_event(b), 0x7A);
	bench_tell(b, "fault fully-discharged"); /* a warning is no fault */
	assert_int_equal(bench_word(b, 50), 0x97);
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest plain[] = {
		FRESH(test_discharge_delays),
		FRESH(test_switches_stop_current),
		FRESH(test_forced_faults),
	};
	struct CMUnitTest tests[G_N_ELEMENTS(plain) + G_N_ELEMENTS(trips)];

	memcpy(tests, plain, sizeof(plain));
	for (size_t i = 0; i < G_N_ELEMENTS(trips); i++)
		tests[G_N_ELEMENTS(plain) + i] =
			(struct CMUnitTest){ trips[i].name, test_trip, NULL, NULL,
					     (void *) (uintptr_t) &trips[i] };
	return cmocka_run_group_tests_name("sim_protection", tests, NULL, NULL);
}
