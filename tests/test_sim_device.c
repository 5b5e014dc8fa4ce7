/* SPDX-License-Identifier: MIT */
/* The simulated battery and its BMS: charge, status, events, registers. */
#include "tests/sim/bench.h"

static int set_up(void **state)
{
	*state = bench_awake(bench_new());
	return 0;
}

static int set_up_captured(void **state)
{
	*state = bench_awake(bench_new_captured());
	return 0;
}

static int tear_down(void **state)
{
	bench_free(*state);
	return 0;
}

static double soc_pct(const struct bench *b)
{
	return device_u32(&b->s.device, 46) / 1e6;
}

static double total(struct bench *b, const char *name)
{
	const char *at = strstr(bench_tell(b, "get totals"), name);

	assert_non_null(at);
	return g_ascii_strtod(at + strlen(name) + 1, NULL);
}

/* ---- a dump ---------------------------------------------------------------------- */

static void test_an_idle_dump_stays(void **state)
{
	struct bench *b = *state;
	uint16_t before[DEVICE_WORDS];

	memcpy(before, b->s.device.word, sizeof(before));
	bench_wait(b, 3600.0);
	assert_memory_equal(before, b->s.device.word, sizeof(before));
}

/* Once it moves, nothing jumps: cells, pack, charge and temperatures go on from the dump's. */
static void test_a_dump_moves_without_a_jump(void **state)
{
	struct bench *b = *state;
	uint16_t before[DEVICE_WORDS];

	memcpy(before, b->s.device.word, sizeof(before));
	bench_tell(b, "charger on");
	bench_wait(b, 0.2);
	for (unsigned r = 0; r < 56; r++) {
		if (r == 34 || r == 35) /* time left is undefined when idle */
			continue;
		if (bench_word(b, r) != before[r])
			fail_msg("register %u: %u, was %u", r, bench_word(b, r), before[r]);
	}
	assert_int_equal(bench_word(b, 209) >> 8, 0x64); /* charger connected */
	bench_tell(b, "current 6.6");			 /* a tenth of its capacity an hour */
	bench_wait(b, 3600.0);
	assert_near(soc_pct(b), 83.554824 + 10.0, 1e-3);
	assert_true(bench_word(b, 2) > 39800 && bench_word(b, 9) > bench_word(b, 2));
	assert_near(bench_f32(b, 38), 6.6, 1e-6);
	assert_int_equal(device_u32(&b->s.device, 32), 16683981 + 3600);
	assert_int_equal(bench_word(b, 42), 0x8000);
}

static void test_dump_errors_name_the_line(void **state)
{
	static const char *const bad[] = { "0,1\n1;2\n", "0,1\n600,2\n", "0,1\n1,65536\n",
					   "0,1\n1,\n", "0,1\n-1,2\n" };
	struct dump dump;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		assert_false(dump_parse(&dump, bad[i], &error));
		assert_contains(error->message, "line 2");
	}
	assert_true(dump_parse(&dump, "# x\nregister,value\n\n 511,65535 \r\n", NULL));
	assert_int_equal(dump.word[511], 65535);
	assert_false(dump.is_there[510]);
}

/* ---- charge ---------------------------------------------------------------------- */

static void test_current_in_voltages_and_soc_out(void **state)
{
	struct bench *b = *state;
	const double before_v = bench_f32(b, 36);

	bench_tell(b, "current -5"); /* of 10 Ah */
	bench_wait(b, 1800.0);
	assert_near(soc_pct(b), 25.0, 1e-3);
	assert_near(bench_number(b, "get true-soc"), 25.0, 1e-3);
	assert_near(total(b, "discharged_ah"), 2.5, 1e-6);
	assert_near(total(b, "charged_ah"), 0.0, 0.0);
	assert_true(bench_f32(b, 36) < before_v - 1.0);
	assert_near(bench_f32(b, 38), -5.0, 1e-6);
	assert_int_equal(bench_word(b, 50), 0x93);
	/* 2.5 Ah to go, a little more than half an hour. */
	assert_near(device_u32(&b->s.device, 34), 1800, 1);

	bench_tell(b, "current 5");
	bench_wait(b, 1800.0);
	assert_near(soc_pct(b), 50.0, 1e-3);
	assert_near(total(b, "charged_ah"), 2.5, 1e-6);
	/* Both ways between 46 and 58 V; the losses are in the difference. */
	assert_true(total(b, "charged_wh") > total(b, "discharged_wh") + 0.5);
	assert_true(total(b, "discharged_wh") > 2.5 * 46 && total(b, "charged_wh") < 2.5 * 58);
	assert_int_equal(bench_word(b, 102), 50);
	assert_int_equal(bench_word(b, 103), 50);
}

static void test_registers_agree(void **state)
{
	struct bench *b = *state;
	double sum_v = 0.0;

	bench_tell(b, "set cell 3 3.61");
	bench_tell(b, "set cell 14 3.9");
	for (unsigned r = 0; r < 16; r++)
		sum_v += bench_word(b, r) / 1e4;
	assert_int_equal(bench_word(b, 0), 0);
	assert_int_equal(bench_word(b, 1), 0);
	assert_int_equal(bench_word(b, 4), 36100);
	assert_int_equal(bench_word(b, 15), 39000);
	assert_int_equal(bench_word(b, 40), 3610);
	assert_int_equal(bench_word(b, 41), 3900);
	assert_near(bench_f32(b, 36), sum_v, 1e-3);
	assert_int_equal(bench_word(b, 53), 14);
}

static void test_cell_order(void **state)
{
	struct bench *b = *state;

	for (unsigned n = 4; n <= 16; n++) {
		g_autofree char *series = g_strdup_printf("series %u", n);

		bench_tell(b, series);
		bench_tell(b, "set cells 3.7");
		bench_tell(b, "set cell 1 3.5");
		for (unsigned r = 0; r < 16; r++)
			assert_int_equal(bench_word(b, r), r < 16 - n	 ? 0
							   : r == 16 - n ? 35000
									 : 37000);
		assert_int_equal(bench_word(b, 53), n);
		assert_int_equal(bench_word(b, 307), n);
	}
	bench_tell(b, "series 8");
	bench_tell(b, "wiring bottom");
	assert_int_equal(bench_word(b, 0), 35000);
	assert_int_equal(bench_word(b, 7), 37000);
	assert_int_equal(bench_word(b, 8), 0);
}

static void test_set_soc_moves_the_pack(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "set soc 80");
	assert_near(soc_pct(b), 80.0, 1e-6);
	assert_near(bench_number(b, "get true-soc"), 80.0, 1e-6);
	const unsigned at_80 = bench_word(b, 5);

	bench_tell(b, "set cell 3 3.61"); /* what was set by hand stays */
	bench_tell(b, "set soc 20");
	assert_int_equal(bench_word(b, 4), 36100);
	assert_true(bench_word(b, 5) < at_80 - 2000);
	bench_tell(b, "set counted-soc 90");
	assert_near(soc_pct(b), 90.0, 1e-6);
	assert_int_equal(bench_word(b, 4), 36100);
}

static void test_readings_that_no_cell_has(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "protection off");
	bench_tell(b, "set cell 2 6.5");
	bench_tell(b, "set cell 5 0");
	assert_int_equal(bench_word(b, 3), 65000);
	assert_int_equal(bench_word(b, 6), 0);
	assert_int_equal(bench_word(b, 40), 0);
	bench_tell(b, "set cell 5 3.7"); /* the wire is mended */
	assert_int_equal(bench_word(b, 6), 37000);
	bench_tell(b, "register 46 65535");
	bench_tell(b, "register 47 65535");
	bench_tell(b, "current 1");
	bench_wait(b, 1.0);
	assert_int_equal(device_u32(&b->s.device, 46), 0xFFFFFFFF);
	bench_tell(b, "release");
	assert_near(soc_pct(b), 50.0, 0.1);
}

/* A supply holds its voltage; its current falls as the pack fills. */
static void test_supply(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "supply 57 5");
	bench_wait(b, 60.0);
	assert_near(bench_f32(b, 38), 5.0, 1e-6);
	bench_wait(b, 7200.0);
	assert_near(bench_f32(b, 36), 57.0, 0.01);
	assert_true(bench_f32(b, 38) < 2.0 && bench_f32(b, 38) >= 0.0);
	bench_tell(b, "load 3"); /* the supply carries it, the voltage stays */
	bench_wait(b, 1.0);
	assert_near(bench_f32(b, 36), 57.0, 0.01);
	bench_tell(b, "load 30");
	bench_wait(b, 1.0);
	assert_near(bench_f32(b, 38), -25.0, 1e-3);
}

static void test_sun(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "set soc 10");
	bench_tell(b, "sun 60 4 2");
	bench_wait(b, 600.0);
	assert_near(bench_f32(b, 38), 4.0 * sin(G_PI / 12.0), 0.01);
	bench_wait(b, 3000.0);
	assert_near(bench_f32(b, 38), 4.0, 0.01);
	bench_wait(b, 3700.0);
	assert_near(bench_f32(b, 38), 0.0, 1e-6);
	assert_near(total(b, "charged_ah"), 4.0 * 2.0 * 2.0 / G_PI, 0.01);
}

/* ---- status ---------------------------------------------------------------------- */

static void test_status(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_word(b, 50), 0x97);
	bench_tell(b, "current 30"); /* without a charger */
	bench_wait(b, 0.2);
	assert_int_equal(bench_word(b, 50), 0x96);
	assert_int_equal(bench_word(b, 111), 0);
	bench_tell(b, "charger on");
	bench_wait(b, 0.2);
	assert_int_equal(bench_word(b, 50), 0x91);
	assert_int_equal(bench_word(b, 111), 1);
	bench_tell(b, "current -40");
	bench_wait(b, 0.2);
	assert_int_equal(bench_word(b, 50), 0x93);
	bench_tell(b, "current 0.05");
	bench_wait(b, 0.2);
	assert_int_equal(bench_word(b, 50), 0x97);
	assert_string_equal(bench_tell(b, "get events"), "0x61@1000000 0x64@1000000 0x62@1000000");
}

static void test_full(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "charger on");
	bench_tell(b, "set cells 4.16"); /* above register 300, current below 304 */
	bench_tell(b, "current 0.3");
	bench_wait(b, 9.0);
	assert_int_equal(bench_word(b, 50), 0x91);
	bench_wait(b, 2.0);
	assert_int_equal(bench_word(b, 50), 0x92);
	assert_near(soc_pct(b), 100.0, 1e-6);
	assert_int_equal(bench_word(b, 112), 1);
	assert_contains(bench_tell(b, "get events"), " 0x63@");
	bench_tell(b, "current -5");
	bench_wait(b, 2.0);
	bench_tell(b, "set cells 4.0");
	bench_wait(b, 0.2);
	assert_int_equal(bench_word(b, 50), 0x93);
}

/* ---- balancing, temperatures, events, statistics ---------------------------------- */

static void test_balancing(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "set cells 3.9");
	bench_tell(b, "set cell 3 3.95"); /* above 3.8 V, more than 15 mV over the lowest */
	bench_tell(b, "set cell 5 3.91");
	bench_wait(b, 0.5);
	assert_int_equal(bench_word(b, 51), 0); /* not at rest */
	bench_tell(b, "current 1");
	bench_wait(b, 0.5);
	assert_int_equal(bench_word(b, 51), 1 << 4); /* bit k = register k, cell 3 of 14 */
	assert_int_equal(bench_word(b, 52), 1 << 4);
	assert_string_equal(bench_tell(b, "get balancing"), "3");
	bench_wait(b, 360.0);
	assert_near(total(b, "bled_ah"), 3.95 / 3.4 * 0.14 * 0.1, 1e-4);
	bench_tell(b, "current 0");
	bench_wait(b, 0.5);
	assert_int_equal(bench_word(b, 52), 0);
}

static void test_temperatures(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "temperature 1 25");
	bench_tell(b, "temperature 2 none");
	bench_tell(b, "temperature 0 -12.36");
	assert_int_equal(bench_word(b, 42), 250);
	assert_int_equal(bench_word(b, 43), 0x8000);
	assert_int_equal((int16_t) bench_word(b, 48), -124);
	bench_wait(b, 0.2);
	assert_int_equal((int8_t) (bench_word(b, 113) & 0xFF), -13);
	assert_int_equal(bench_word(b, 113) >> 8, 25);
	bench_tell(b, "temperature 0 auto");
	assert_int_equal(bench_word(b, 48), 230);
}

/* 49 places; the oldest goes. Newest: ten (command 11). All: 200 bytes, LEN C8 (command 12). */
static void test_event_list(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 60; i++)
		bench_tell(b, i % 2 ? "event 0x65" : "event 0x64");
	assert_int_equal(bench_word(b, 201) >> 8, 0x65);
	assert_int_equal(bench_word(b, 297) >> 8, 0x65);
	assert_true(
		g_str_has_prefix(bench_ask(b, "AA 11 BF 1C"), "AA 11 2C 40 42 0F 00 40 42 0F 64"));
	assert_int_equal(strlen(b->got), (44 + 5) * 3 - 1);
	assert_true(
		g_str_has_prefix(bench_ask(b, "AA 12 FF 1D"), "AA 12 C8 40 42 0F 00 40 42 0F 65"));
	assert_int_equal(strlen(b->got), (200 + 5) * 3 - 1);
	assert_string_equal(bench_ask(b, "AA 02 01 91 40"), "AA 01 02 D1 B1");
	for (unsigned r = 200; r < 298; r++)
		assert_int_equal(bench_word(b, r), 0);
	assert_true(g_str_has_prefix(bench_ask(b, "AA 12 FF 1D"), "AA 12 04 40 42 0F 00 "));
}

/* An event's time has 24 bits. */
static void test_event_time_wraps(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "set lifetime 16777300"); /* 0x1000054 */
	bench_tell(b, "event 0x64");
	assert_int_equal(bench_word(b, 202), 0x54);
	assert_int_equal(bench_word(b, 203), 0x6400);
}

static void test_clear_statistics(void **state)
{
	struct bench *b = *state;

	bench_ask(b, "AA 02 02 D1 41");
	for (unsigned r = 100; r < 113; r++)
		assert_int_equal(bench_word(b, r), 0);
	assert_int_equal(bench_word(b, 114), 768);
	assert_int_equal(device_u32(&b->s.device, 116), 16683981);
}

#define FRESH(f)    cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define CAPTURED(f) cmocka_unit_test_setup_teardown(f, set_up_captured, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CAPTURED(test_an_idle_dump_stays),
		CAPTURED(test_a_dump_moves_without_a_jump),
		cmocka_unit_test(test_dump_errors_name_the_line),
		FRESH(test_current_in_voltages_and_soc_out),
		FRESH(test_registers_agree),
		FRESH(test_cell_order),
		FRESH(test_set_soc_moves_the_pack),
		FRESH(test_readings_that_no_cell_has),
		FRESH(test_supply),
		FRESH(test_sun),
		FRESH(test_status),
		FRESH(test_full),
		FRESH(test_balancing),
		FRESH(test_temperatures),
		FRESH(test_event_list),
		FRESH(test_event_time_wraps),
		CAPTURED(test_clear_statistics),
	};

	return cmocka_run_group_tests_name("sim_device", tests, NULL, NULL);
}
