/* SPDX-License-Identifier: MIT */
/* NMEA 2000: identifiers, fast packets and messages against bytes worked out by hand. */
#include "support.h"

#include "n2k_world.h"

static const struct id_case {
	struct n2k_message m;
	canid_t id;
} id_cases[] = {
	{ { .pgn = 127506, .priority = 6, .source = 0x50, .destination = 255 }, 0x19F21250 },
	{ { .pgn = 127508, .priority = 6, .source = 0x50, .destination = 255 }, 0x19F21450 },
	{ { .pgn = 127513, .priority = 6, .source = 0x50, .destination = 255 }, 0x19F21950 },
	{ { .pgn = 126996, .priority = 6, .source = 0x50, .destination = 255 }, 0x19F01450 },
	{ { .pgn = 126998, .priority = 6, .source = 0x50, .destination = 255 }, 0x19F01650 },
	{ { .pgn = 126993, .priority = 7, .source = 0x50, .destination = 255 }, 0x1DF01150 },
	{ { .pgn = 60928, .priority = 6, .source = 0x50, .destination = 255 }, 0x18EEFF50 },
	{ { .pgn = 59904, .priority = 6, .source = 0x21, .destination = 0x50 }, 0x18EA5021 },
	{ { .pgn = 59392, .priority = 6, .source = 0x50, .destination = 0x21 }, 0x18E82150 },
};

static void test_ids(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(id_cases); i++) {
		const struct n2k_message *m = &id_cases[i].m;
		struct n2k_message back;

		assert_int_equal(n2k_id(m), CAN_EFF_FLAG | id_cases[i].id);
		n2k_read_id(n2k_id(m), &back);
		assert_int_equal(back.pgn, m->pgn);
		assert_int_equal(back.priority, m->priority);
		assert_int_equal(back.source, m->source);
		assert_int_equal(back.destination, m->destination);
	}
}

/* Lengths around a full first and a full next frame. */
static void test_fast_packet_lengths(void **state)
{
	static const struct {
		uint8_t length;
		unsigned frames;
	} cases[] = { { 0, 1 },	 { 1, 1 },    { 6, 1 },	   { 7, 2 },	{ 13, 2 },
		      { 14, 3 }, { 134, 20 }, { 216, 31 }, { 217, 32 }, { 223, 32 } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct n2k_message m = { .is_fast = true, .length = cases[i].length };
		struct can_frame frame;
		unsigned k = 0, at = 0;

		for (unsigned b = 0; b < m.length; b++)
			m.data[b] = (uint8_t) b;
		assert_int_equal(n2k_frame_count(&m), cases[i].frames);
		for (; k < cases[i].frames; k++) {
			n2k_frame(&m, 9, k, &frame); /* sequences have three bits */
			assert_int_equal(frame.can_dlc, 8);
			assert_int_equal(frame.data[0], 1 << 5 | k);
			for (unsigned b = k ? 1 : 2; b < 8; b++, at++)
				assert_int_equal(frame.data[b], at < m.length ? at : 0xFF);
		}
		n2k_frame(&m, 0, 0, &frame);
		assert_int_equal(frame.data[1], m.length);
	}
}

static void expect_message(struct n2k_world *w, enum n2k_pgn pgn, uint8_t sequence,
			   const char *want)
{
	struct n2k_message m;
	GString *got = g_string_new(NULL);

	n2k_node_build(&w->node, pgn, sequence, &m);
	for (unsigned i = 0; i < m.length; i++)
		g_string_append_printf(got, "%02X", m.data[i]);
	assert_string_equal(got->str, want);
	g_string_free(got, TRUE);
}

/* After the claim: status, details with sequence id 1, fast packet sequence 1. */
static void test_measured(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	n2k_world_expect(&w, 0x19F21450, 0, "00CA15E2FF7D6E01");
	n2k_world_expect(&w, 0x19F21250, 0, "200B010000546444");
	n2k_world_expect(&w, 0x19F21250, 1, "2104FFFF3700FFFF");
	n2k_world_expect(&w, 0x1DF01150, 0, "701701CCFFFFFFFF");
}

/* Unknown and out of range: the field's own codes. */
static void test_unavailable(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	w.battery.soh_pct = w.battery.time_left_s = w.battery.settings.capacity_ah = (double) NAN;
	w.battery.temp_external_c[0] = w.battery.current_a = (double) NAN;
	w.battery.pack_v = 1e9;
	w.options.instance = 7;
	n2k_node_init(&w.node, &w.options, "x", 0x50);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	n2k_world_expect(&w, 0x19F21450, 0, "07FD7FFF7FFFFF01");
	n2k_world_expect(&w, 0x19F21250, 0, "200B01070054FFFF");
	n2k_world_expect(&w, 0x19F21250, 1, "21FFFFFFFFFFFFFF");
}

/* 10 s without the BMS: nothing is measured any more, the equipment is at fault. */
static void test_stale(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	w.limits.bms_cable_warning = true;
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	n2k_world_expect(&w, 0x19F21450, 0, "00FF7FFF7FFFFF01");
	n2k_world_expect(&w, 0x19F21250, 0, "200B010000FF64FF");
	n2k_world_expect(&w, 0x1DF01150, 0, "701701DCFFFFFFFF");
}

/* Real messages of canboat's samples (ac42-commissioning.raw); its 127506 had a type of 0xFF. */
static void test_real_samples(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	w.battery.pack_v = 26.57;
	w.battery.current_a = 12.1;
	w.battery.temp_external_c[0] = 301.44 - 273.15;
	w.battery.soc_pct = 73;
	w.battery.soh_pct = w.battery.settings.capacity_ah = (double) NAN;
	n2k_world_update(&w);
	expect_message(&w, N2K_BATTERY_STATUS, 0x5C, "00610A7900C0755C");
	expect_message(&w, N2K_DC_STATUS, 0x5D, "5D000049FF4404FFFFFFFF");
	w.battery.pack_v = 13.03;
	w.battery.current_a = 1.7;
	w.battery.temp_external_c[0] = (double) NAN;
	w.options.instance = 3;
	n2k_node_init(&w.node, &w.options, "x", 0x50);
	n2k_world_update(&w);
	expect_message(&w, N2K_BATTERY_STATUS, 0x5B, "0317051100FFFF5B");
}

/* 127513: 48 V, lithium, 66 Ah; what it cannot know is unavailable. */
static void test_battery_configuration(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	expect_message(&w, N2K_BATTERY_CONFIGURATION, 0, "00CF1642007FFF7F");
}

/* Unique number 21 bits, code 2046, instance 0, function 170, class 35, marine, any address. */
static void test_name(void **state)
{
	const uint64_t name = n2k_name(0x12345, 2046, 0xA5);

	assert_true(name == UINT64_C(0xC046AAA5FFC12345));
	assert_int_equal(n2k_unique_number("0123456789ABCDEF01234567"),
			 n2k_unique_number("0123456789ABCDEF01234567"));
	assert_int_not_equal(n2k_unique_number("0123456789ABCDEF01234567"),
			     n2k_unique_number("0123456789ABCDEF01234568"));
	assert_in_range(n2k_unique_number("0123456789ABCDEF01234567"), 0, 0x1FFFFF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_fast_packet_lengths),
		cmocka_unit_test(test_measured),
		cmocka_unit_test(test_unavailable),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_real_samples),
		cmocka_unit_test(test_battery_configuration),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests_name("n2k", tests, NULL, NULL);
}
