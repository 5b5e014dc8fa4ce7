/* SPDX-License-Identifier: MIT */
/* What the simulated BMS lets a master write, in both dialects, and what it keeps. */
#include "tests/sim/bench.h"

#include "sim/answer.h"
#include "tinybms/frame.h"
#include "tinybms/settings.h"

/*
 * The document's ranges once more, so that an error in the table does not prove
 * itself: address, least, greatest raw value (Communication Protocols rev. D,
 * chapter 3).
 */
static const struct range {
	uint16_t address;
	int32_t min, max;
} ranges[] = {
	{ 300, 1200, 4500 }, { 301, 1000, 3500 }, { 303, 1000, 4500 }, { 304, 100, 5000 },
	{ 306, 10, 65500 },  { 307, 4, 16 },	  { 308, 15, 100 },    { 310, 5, 60 },
	{ 311, 0, 60 },	     { 312, 1, 100000 },  { 314, 1, 5 },       { 315, 1200, 4500 },
	{ 316, 800, 3500 },  { 317, 1, 750 },	  { 318, 1, 750 },     { 319, 20, 90 },
	{ 320, -40, 10 },    { 321, 60, 95 },	  { 322, 10, 65000 },  { 323, 0, 50000 },
	{ 328, 0, 50000 },   { 331, 0, 8 },	  { 332, 1, 30 },      { 333, 1, 9 },
	{ 334, 0, 6 },	     { 335, 1, 7 },	  { 336, 0, 2 },       { 337, 0, 16 },
	{ 338, 0, 7 },	     { 339, 0, 1 },	  { 340, 0, 1 },       { 341, 0, 8 },
	{ 342, 0, 7 },	     { 343, 0, 2 },
};

static int set_up(void **state)
{
	struct bench *b = bench_new();

	bench_tell(b, "relations off");
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	bench_free(*state);
	return 0;
}

static void to_hex(const uint8_t *bytes, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++)
		out += g_snprintf(out, 4, "%s%02X", i ? " " : "", bytes[i]);
}

/* Modbus 16, one or two registers. @return accepted */
static bool write_modbus(struct bench *b, unsigned address, int32_t value, unsigned words)
{
	const uint8_t payload[] = {
		(uint8_t) (address >> 8), (uint8_t) address,	   0,
		(uint8_t) words,	  (uint8_t) (2 * words),   (uint8_t) (value >> 8),
		(uint8_t) value,	  (uint8_t) (value >> 24), (uint8_t) (value >> 16),
	};
	uint8_t frame[FRAME_MAX];
	char hex[FRAME_MAX * 3];

	to_hex(frame, frame_build(frame, sizeof(frame), 0x10, payload, 5 + 2 * words), hex);
	return g_str_has_prefix(bench_ask(b, hex), "AA 10 ");
}

/* Command 0D. */
static bool write_native(struct bench *b, unsigned address, int32_t value)
{
	const uint8_t payload[] = { 4, (uint8_t) address, (uint8_t) (address >> 8), (uint8_t) value,
				    (uint8_t) (value >> 8) };
	uint8_t frame[FRAME_MAX];
	char hex[FRAME_MAX * 3];

	to_hex(frame, frame_build(frame, sizeof(frame), 0x0D, payload, sizeof(payload)), hex);
	return g_str_has_prefix(bench_ask(b, hex), "AA 01 0D ");
}

static bool is_taken_only(unsigned address)
{
	return address == 323 || address == 328;
}

static void test_every_range(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
		const struct range *r = &ranges[i];
		const unsigned words = r->address == 312 ? 2 : 1;
		const int32_t good[] = { r->min, r->max }, bad[] = { r->max + 1, r->min - 1 };

		for (int k = 0; k < 2; k++) {
			if (!write_modbus(b, r->address, good[k], words))
				fail_msg("%u: %d refused", r->address, good[k]);
			const uint16_t want =
				(uint16_t) (is_taken_only(r->address) ? 0xFFFF : good[k]);

			assert_int_equal(bench_word(b, r->address), want);
			if (bad[k] >= 0 || r->address == 320)
				if (write_modbus(b, r->address, bad[k], words))
					fail_msg("%u: %d accepted", r->address, bad[k]);
			assert_int_equal(bench_word(b, r->address), want);
			if (words == 1 && !write_native(b, r->address, good[k]))
				fail_msg("%u: %d refused natively", r->address, good[k]);
		}
	}
}

/* Commands 1D 01, 1D 02 say the same as what is accepted. */
static void test_ranges_are_told(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
		const unsigned k = ranges[i].address - 300;

		assert_int_equal(b->s.device.setting_min[k], (uint16_t) ranges[i].min);
		assert_int_equal(b->s.device.setting_max[k], (uint16_t) ranges[i].max);
	}
	/* 100000 pulses are 0x000186A0, low word first */
	assert_int_equal(b->s.device.setting_max[13], 1);
}

static void test_two_numbers_in_one(void **state)
{
	struct bench *b = *state;

	/* 330: delay 0 to 30 s, type 0 to 2; 329: three bits. */
	assert_true(write_modbus(b, 330, 30 << 8 | 1, 1));
	assert_false(write_modbus(b, 330, 31 << 8 | 1, 1));
	assert_false(write_modbus(b, 330, 3, 1));
	assert_true(write_modbus(b, 329, 7, 1));
	assert_false(write_modbus(b, 329, 8, 1));
}

static void test_where_nothing_may_be_written(void **state)
{
	struct bench *b = *state;
	static const unsigned addresses[] = { 0, 36, 53, 100, 200, 299, 400, 500, 504, 0xFFFF };

	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		const unsigned before = bench_word(b, addresses[i]);

		assert_false(write_modbus(b, addresses[i], 1, 1));
		assert_false(write_native(b, addresses[i], 1));
		assert_int_equal(bench_word(b, addresses[i]), before);
	}
	assert_false(write_modbus(b, 399, 0, 2));
	/* Reserved ones in between take a write and stay what they are. */
	assert_true(write_modbus(b, 302, 7, 1));
	assert_true(write_modbus(b, 399, 7, 1));
	assert_int_equal(bench_word(b, 302), 0);
	assert_int_equal(bench_word(b, 399), 0);
}

/* User manual rev. D; 300 is 4150, 301 3000, 315 4200, 316 2900, 317 60, 305 120. */
static void test_relations(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "relations on");
	assert_true(write_modbus(b, 315, 4160, 1));
	assert_false(write_modbus(b, 315, 4159, 1));
	assert_false(write_modbus(b, 300, 4151, 1));
	assert_true(write_modbus(b, 316, 2990, 1));
	assert_false(write_modbus(b, 316, 2991, 1));
	assert_false(write_modbus(b, 301, 2999, 1));
	assert_true(write_modbus(b, 305, 61, 1));
	assert_false(write_modbus(b, 305, 60, 1));
	assert_false(write_modbus(b, 317, 61, 1));
	/* Both together may pass where one alone may not. */
	const struct device_write both[] = { { 300, 4300 }, { 315, 4310 } };

	assert_true(device_write(&b->s.device, both, 2));
}

static void test_charge_and_health_are_taken(void **state)
{
	struct bench *b = *state;

	assert_true(write_modbus(b, 328, 12345, 1));
	assert_int_equal(device_u32(&b->s.device, 46), 24690000);
	assert_int_equal(bench_word(b, 328), 0xFFFF);
	assert_near(bench_number(b, "get true-soc"), 50.0, 1e-9); /* the cells know nothing of it */
	assert_true(write_modbus(b, 323, 45000, 1));
	assert_int_equal(bench_word(b, 45), 45000);
	assert_int_equal(bench_word(b, 323), 0xFFFF);
}

/* A device with a smaller sensor accepts less, and says so. */
static void test_narrowed_range(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "range 317 1 30");
	assert_false(write_modbus(b, 317, 31, 1));
	assert_true(write_modbus(b, 317, 30, 1));
	assert_int_equal(b->s.device.setting_max[17], 30);
}

/* Cut-offs act as soon as they are written. */
static void test_a_written_cutoff_acts(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "set cells 4.0");
	assert_true(write_modbus(b, 315, 3990, 1));
	bench_wait(b, 0.2);
	assert_string_equal(bench_tell(b, "get faults"), "over-voltage");
	assert_true(write_modbus(b, 315, 4200, 1));
	bench_wait(b, 5.5);
	assert_string_equal(bench_tell(b, "get faults"), "none");
	assert_true(write_modbus(b, 307, 16, 1)); /* two cells too few */
	bench_wait(b, 0.2);
	assert_string_equal(bench_tell(b, "get faults"), "under-voltage");
	assert_int_equal(bench_word(b, 53), 14);
}

static void test_absent(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "absent 322 on");
	assert_false(write_modbus(b, 322, 2000, 1));
	assert_true(write_modbus(b, 321, 90, 1));
	assert_string_equal(bench_ask(b, "AA 03 01 40 00 03 1C 38"), "AA 00 03 00 21 0C");
	assert_contains(bench_ask(b, "AA 03 01 40 00 02 DD F8"), "AA 03 04 ");
	bench_tell(b, "absent 322 off");
	assert_true(write_modbus(b, 322, 2000, 1));
}

#define FRESH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_every_range),
		FRESH(test_ranges_are_told),
		FRESH(test_two_numbers_in_one),
		FRESH(test_where_nothing_may_be_written),
		FRESH(test_relations),
		FRESH(test_charge_and_health_are_taken),
		FRESH(test_narrowed_range),
		FRESH(test_a_written_cutoff_acts),
		FRESH(test_absent),
	};

	return cmocka_run_group_tests_name("sim_settings", tests, NULL, NULL);
}
