/* SPDX-License-Identifier: MIT */
/*
 * What each brand is known to do differently from its document, one test and more a
 * brand. (A cable or a terminator that is missing, the quirk of all: test_can_port.c.)
 */
#include "support.h"

#include "can/can_peer.h"
#include "can/can_schedule.h"
#include "can_world.h"
#include "control_rig.h"

/* ---- Deye, Sunsynk ---------------------------------------------------------------- */

/* It wants a name that it knows, PYLON unless the owner knows better. */
static void test_deye_knows_pylontech_by_name(void **state)
{
	struct can_world w;

	can_world_start(&w, "deye");
	can_world_expect(&w, "deye", 0x35E, "50594C4F4E202020");
	g_strlcpy(w.options.manufacturer, "SHEnergy", sizeof(w.options.manufacturer));
	can_world_expect(&w, "deye", 0x35E, "5348456E65726779");
}

/* It obeys 0x35C: forced charge is the owner's wish, and off by default. */
static void test_deye_obeys_requests(void **state)
{
	struct can_world w;

	can_world_start(&w, "deye");
	w.limits.charge_request = true;
	can_world_expect(&w, "deye", 0x35C, "C000000000000000");
	w.options.force_charge_1 = true;
	can_world_expect(&w, "deye", 0x35C, "E000000000000000");
	w.options.force_charge_2 = true;
	can_world_expect(&w, "deye", 0x35C, "F000000000000000");
	w.limits.charge_blocked = true;
	w.limits.charge_request = false;
	can_world_expect(&w, "deye", 0x35C, "4000000000000000");
}

/* Some firmware goes on at a limit of 0 A and stops at 100 or 0 %: an option. */
static void test_deye_soc_clamp(void **state)
{
	struct can_world w;

	can_world_start(&w, "deye");
	w.limits.dcl_a = 0;
	can_world_expect(&w, "deye", 0x355, "5300640000000000");
	w.options.soc_clamp = true;
	can_world_expect(&w, "deye", 0x355, "0000640000000000");
	w.limits.dcl_a = 80;
	w.limits.ccl_a = 0;
	can_world_expect(&w, "deye", 0x355, "6400640000000000");
	w.limits.dcl_a = 0; /* both: neither full nor empty */
	can_world_expect(&w, "deye", 0x355, "5300640000000000");
}

/* A charge voltage that makes no sense is its W31: it stays one also when charge is forbidden. */
static void test_deye_cvl_stays_a_voltage(void **state)
{
	struct can_world w;

	can_world_start(&w, "deye");
	w.limits.ccl_a = w.limits.dcl_a = 0;
	w.limits.charge_blocked = w.limits.discharge_blocked = true;
	can_world_expect(&w, "deye", 0x351, "280200000000CC01");
}

static void hear(struct can_peer *p, canid_t id, const uint8_t *data, uint8_t length, double at_s)
{
	struct can_frame frame = { .can_id = id, .can_dlc = length };

	memcpy(frame.data, data, length);
	can_peer_hear(p, &frame, (gint64) (at_s * G_USEC_PER_SEC));
}

static const char *complaint_at(struct can_peer *p, const struct can_options *o, double at_s)
{
	return can_peer_complaint(p, o, (gint64) (at_s * G_USEC_PER_SEC));
}

/* 0x305 pauses each two hours and around midnight: information, nobody is warned. */
static void test_deye_keep_alive_pauses(void **state)
{
	static const uint8_t nothing[8];
	struct can_world w;
	struct can_peer p;

	can_world_start(&w, "deye");
	can_peer_init(&p, can_protocol_find("deye"), 0);
	hear(&p, 0x305, nothing, 8, 1);
	assert_string_equal(complaint_at(&p, &w.options, 3), "");
	assert_string_equal(complaint_at(&p, &w.options, 7200), "");
	assert_int_equal(can_peer_state(&p, INT64_C(7200000000)), CAN_PEER_SILENT);
	hear(&p, 0x305, nothing, 8, 7201);
	assert_int_equal(can_peer_state(&p, INT64_C(7202000000)), CAN_PEER_ALIVE);
}

/* ---- Sofar ------------------------------------------------------------------------- */

/* A limit of 0 is no limit to it: 0.1 A. To nobody else unless the owner asks. */
static void test_sofar_zero_is_100_ma(void **state)
{
	for (unsigned family = 0; family < CAN_NMEA2000; family++) {
		struct can_options options;

		can_protocol_defaults(can_protocol_get(family), &options);
		assert_int_equal(options.zero_as_100ma, family == CAN_SOFAR);
	}

	struct can_world w;

	can_world_start(&w, "sofar");
	w.limits.ccl_a = w.limits.dcl_a = 0;
	can_world_expect(&w, "sofar", 0x351, "280201000100CC01");
	w.limits.ccl_a = 0.15;
	w.limits.dcl_a = 80;
	can_world_expect(&w, "sofar", 0x351, "280201002003CC01");
	can_world_start(&w, "pylontech");
	w.limits.ccl_a = w.limits.dcl_a = 0;
	can_world_expect(&w, "pylontech", 0x351, "280200000000CC01");
	w.options.zero_as_100ma = true;
	can_world_expect(&w, "pylontech", 0x351, "280201000100CC01");
}

static void test_sofar_soc_cap(void **state)
{
	struct can_world w;

	can_world_start(&w, "sofar");
	w.battery.soc_pct = 100;
	can_world_expect(&w, "sofar", 0x355, "6300640000000000");
	w.battery.soc_pct = 98.9;
	can_world_expect(&w, "sofar", 0x355, "6200640000000000");
	can_world_start(&w, "pylontech");
	w.battery.soc_pct = 100;
	can_world_expect(&w, "pylontech", 0x355, "6400640000000000");
}

/* ---- Solis, GoodWe, Sol-Ark, LuxPower ------------------------------------------------ */

/* Detected by name and by the extended frames; another name where PYLON is not taken. */
static void test_solis_is_found_by_name(void **state)
{
	struct can_world w;

	can_world_start(&w, "pylontech-ext");
	can_world_expect(&w, "pylontech-ext", 0x35E, "50594C4F4E202020");
	can_world_expect(&w, "pylontech-ext", 0x35A, "AAAAAA02AAAAAA0A");
	can_world_expect(&w, "pylontech-ext", 0x372, "0100000000000000");
	can_world_expect(&w, "pylontech-ext", 0x379, "4100000000000000");
	/* Seplos has numbers where Victron has the name's parts: never sent here */
	can_world_expect(&w, "pylontech-ext", 0x370, "");
	can_world_expect(&w, "pylontech-ext", 0x371, "");
	g_strlcpy(w.options.manufacturer, "BYD", sizeof(w.options.manufacturer));
	can_world_expect(&w, "pylontech-ext", 0x35E, "4259442020202020");
}

static void test_goodwe_sma_set(void **state)
{
	struct can_world w;

	can_world_start(&w, "goodwe");
	can_world_expect(&w, "goodwe", 0x35E, "474F4F4457452020");
	w.options.sma_set = true;
	w.battery.identity.hardware = 2;
	can_world_expect(&w, "goodwe", 0x355, "53006400A320FFFF");
	can_world_expect(&w, "goodwe", 0x35E, "474F4F4457450000");
	can_world_expect(&w, "goodwe", 0x35F, "FFFF020041000117");
	can_world_expect(&w, "goodwe", 0x359, "");
}

/* 0x356 in 0.1 V by its document, in 0.01 V in the field; signs differ by maker. */
static void test_sol_ark_voltage_and_sign(void **state)
{
	struct can_world w;

	can_world_start(&w, "sol-ark");
	can_world_expect(&w, "sol-ark", 0x356, "2E02E2FF61000000");
	w.options.fine_voltage = true;
	w.options.invert_current = true;
	can_world_expect(&w, "sol-ark", 0x356, "CA151E0061000000");
	can_world_start(&w, "schneider");
	w.options.invert_current = true;
	can_world_expect(&w, "schneider", EFF(0x323), "000015CA0000012C");
}

/* It reads 0x359 byte 3 bit 3 as critical; Pylontech's own means a warning. */
static void test_sol_ark_critical(void **state)
{
	struct can_world w;

	can_world_start(&w, "sol-ark");
	w.input.alarms[ALARM_INTERNAL_FAILURE] = ALARM_ALARM;
	can_world_expect(&w, "sol-ark", 0x359, "0008000801504E00");
	can_world_expect(&w, "pylontech", 0x359, "0008000001504E00");
	w.input.alarms[ALARM_INTERNAL_FAILURE] = ALARM_WARNING;
	can_world_expect(&w, "sol-ark", 0x359, "0000000801504E00");
}

/* Its temperatures must differ; where Pylontech has "PN" it reads the capacity. */
static void test_luxpower_fields(void **state)
{
	struct can_world w;

	can_world_start(&w, "luxpower");
	can_world_expect(&w, "luxpower", 0x356, "CA15E2FF62006100");
	can_world_expect(&w, "luxpower", 0x359, "0000000001410000");
	w.battery.temp_external_c[1] = 4.7;
	can_world_expect(&w, "luxpower", 0x356, "CA15E2FF61002F00");
}

/* The battery may be asked to switch off: told, and its limits stay as they are. */
static void test_luxpower_shutdown_is_told(void **state)
{
	static const uint8_t shutdown[8] = { 1 }, nothing[8];
	struct can_world w;
	struct can_peer p;

	can_world_start(&w, "luxpower");
	can_peer_init(&p, can_protocol_find("luxpower"), 0);
	hear(&p, 0x300, shutdown, 8, 1);
	assert_contains(complaint_at(&p, &w.options, 2), "switched off");
	hear(&p, 0x300, nothing, 8, 3);
	assert_string_equal(complaint_at(&p, &w.options, 4), "");
}

/* ---- Solax, ECG and others without a sign of life ---------------------------------------- */

/* A family that must speak is complained of after 10 s, unless the owner knows that it cannot. */
static void test_solax_never_sends_a_sign_of_life(void **state)
{
	static const char *const must[] = { "victron", "sol-ark", "luxpower",
					    "sma",     "growatt", "schneider" };
	static const char *const may[] = { "pylontech", "pylontech-ext", "deye", "mg",
					   "byd",	"goodwe",	 "sofar" };
	struct can_world w;
	struct can_peer p;

	for (size_t i = 0; i < G_N_ELEMENTS(must); i++) {
		can_world_start(&w, must[i]);
		can_peer_init(&p, can_protocol_find(must[i]), 0);
		assert_string_equal(complaint_at(&p, &w.options, 9.9), "");
		assert_contains(complaint_at(&p, &w.options, 10), "no sign of life");
		w.options.no_keep_alive = true;
		assert_string_equal(complaint_at(&p, &w.options, 10), "");
	}
	for (size_t i = 0; i < G_N_ELEMENTS(may); i++) {
		can_world_start(&w, may[i]);
		can_peer_init(&p, can_protocol_find(may[i]), 0);
		assert_string_equal(complaint_at(&p, &w.options, 1000), "");
	}
}

/* ---- SMA -------------------------------------------------------------------------------- */

struct sma {
	struct can_world w;
	struct can_schedule schedule;
	gint64 now_us;
	unsigned count[2]; /* of 0x351 and 0x355 */
	char pairs[17];	   /* 0x35A as sent last */
};

static void sma_start(struct sma *s)
{
	memset(s, 0, sizeof(*s));
	can_world_start(&s->w, "sma");
	can_schedule_init(&s->schedule, can_protocol_find("sma"), &s->w.options);
}

static void sma_pass(struct sma *s, double seconds)
{
	const gint64 end_us = s->now_us + (gint64) (seconds * G_USEC_PER_SEC);
	struct can_frame frame;

	for (; s->now_us < end_us; s->now_us += 5000) {
		if (s->now_us % 100000 == 0)
			can_schedule_update(&s->schedule, &s->w.input, s->now_us);
		while (can_schedule_take(&s->schedule, s->now_us, &frame)) {
			s->count[0] += frame.can_id == 0x351;
			s->count[1] += frame.can_id == 0x355;
			for (unsigned i = 0; frame.can_id == 0x35A && i < 8; i++)
				sprintf(s->pairs + 2 * i, "%02X", frame.data[i]);
		}
	}
}

/* Its inverters need 10 s to see a bit: an alarm of a second arrives, stays, and then leaves. */
static void test_sma_arrive_and_leave_bits(void **state)
{
	struct sma s;

	sma_start(&s);
	sma_pass(&s, 3);
	assert_string_equal(s.pairs, "AAAAAA02AAAAAA02");
	s.w.input.alarms[ALARM_HIGH_TEMPERATURE] = ALARM_ALARM; /* at 3.0 s */
	sma_pass(&s, 0.5);
	assert_string_equal(s.pairs, "6AAAAA02AAAAAA02");
	sma_pass(&s, 0.5);
	s.w.input.alarms[ALARM_HIGH_TEMPERATURE] = ALARM_OK;
	sma_pass(&s, 8.8);
	assert_string_equal(s.pairs, "6AAAAA02AAAAAA02");
	sma_pass(&s, 1); /* 10 s after it came: 10b, never 00b */
	assert_string_equal(s.pairs, "AAAAAA02AAAAAA02");
	sma_pass(&s, 60);
	assert_string_equal(s.pairs, "AAAAAA02AAAAAA02");
}

/* It ignores what is outside 41 to 63 V (CVL) and 41 to 48 V (DVL): said, and sent as it is. */
static void test_sma_ranges(void **state)
{
	static const struct {
		double cvl_v, dvl_v;
		const char *says, *bytes;
	} rows[] = {
		{ 55.2, 46.0, "", "280258022003CC01" },
		{ 41.0, 41.0, "", "9A01580220039A01" },
		{ 63.0, 48.0, "", "760258022003E001" },
		{ 40.9, 41.0, "charge voltage", "9901580220039A01" },
		{ 63.2, 46.0, "charge voltage", "780258022003CC01" },
		{ 55.2, 40.9, "discharge voltage", "2802580220039901" },
		{ 55.2, 48.2, "discharge voltage", "280258022003E201" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct can_protocol *p = can_protocol_find("sma");
		struct can_values values;
		struct can_world w;

		can_world_start(&w, "sma");
		w.limits.cvl_v = rows[i].cvl_v;
		w.limits.dvl_v = rows[i].dvl_v;
		can_values_fill(&values, &w.input, &w.options, p->has_unknown_codes);
		assert_contains(can_protocol_objection(p, &values), rows[i].says);
		assert_int_equal(!rows[i].says[0], !can_protocol_objection(p, &values)[0]);
		can_world_expect(&w, "sma", 0x351, rows[i].bytes);
	}
}

/* It trips 60 s after the last 0x351 or 0x355: each goes once a second, whatever else is urgent. */
static void test_sma_hears_limits_and_soc_each_second(void **state)
{
	struct sma s;

	sma_start(&s);
	for (unsigned i = 0; i < 600; i++) {
		s.w.limits.ccl_a = i % 2 ? 60 : 0;
		sma_pass(&s, 0.1);
	}
	assert_in_range(s.count[0], 60, 301);
	assert_in_range(s.count[1], 60, 301);
}

/* Operating state 4 of its 0x306 is a failure, with its number. */
static void test_sma_failure_is_told(void **state)
{
	static const uint8_t fine[8] = { 100, 0, 10, 1 }, failed[8] = { 100, 0, 10, 4, 0xB8, 0x03 };
	struct can_world w;
	struct can_peer p;

	can_world_start(&w, "sma");
	can_peer_init(&p, can_protocol_find("sma"), 0);
	hear(&p, 0x306, failed, 8, 1);
	assert_contains(complaint_at(&p, &w.options, 2), "failure, number 952");
	hear(&p, 0x306, fine, 8, 3);
	assert_string_equal(complaint_at(&p, &w.options, 4), "");
}

/* ---- Growatt, Schneider -------------------------------------------------------------------- */

/* Passive: it asks by 0x301, and is never told anything unasked; big-endian. */
static void test_growatt_asks(void **state)
{
	struct can_world w;
	struct can_schedule schedule;
	struct can_frame frame;

	can_world_start(&w, "growatt");
	can_schedule_init(&schedule, can_protocol_find("growatt"), &w.options);
	can_schedule_update(&schedule, &w.input, 1000000);
	assert_false(can_schedule_take(&schedule, 1000000, &frame));
	assert_false(can_schedule_take(&schedule, 5000000, &frame));
	can_schedule_ask(&schedule, 5000000);
	assert_true(can_schedule_take(&schedule, 5000000, &frame));
	assert_int_equal(frame.can_id, 0x311);
	assert_memory_equal(frame.data, "\x02\x28\x02\x58\x03\x20", 6);
}

/* Its sign of life has 29 bits, also where its owner has chosen a Pylontech set. */
static void test_schneider_long_sign_of_life(void **state)
{
	static const char *const protocols[] = { "schneider", "pylontech-ext", "pylontech" };

	for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++) {
		const struct can_frame frame = { .can_id = EFF(0x305), .can_dlc = 8 };
		struct can_peer p;

		can_peer_init(&p, can_protocol_find(protocols[i]), 0);
		assert_int_equal(can_peer_hear(&p, &frame, 0), CAN_HEARD_LIFE);
	}
}

/* ---- Victron --------------------------------------------------------------------------------- */

/* 10b says fine: a pair is never 00b or 11b, neither in alarm nor out of it. */
static void test_victron_pairs_are_1_or_2(void **state)
{
	for (unsigned id = 0; id <= ALARM_COUNT; id++)
		for (unsigned level = ALARM_OK; level <= ALARM_ALARM; level++) {
			struct can_world w;
			char text[17];

			can_world_start(&w, "victron");
			if (id < ALARM_COUNT)
				w.input.alarms[id] = (enum alarm_level) level;
			can_world_encode(&w, "victron", 0x35A, text);
			for (unsigned pair = 0; pair < 26; pair++) {
				const unsigned at = pair < 13 ? pair : pair + 3;
				unsigned byte;

				sscanf(text + at / 4 * 2, "%2x", &byte);
				assert_in_range(byte >> (at % 4 * 2) & 3, 1, 2);
			}
		}
}

/* The BMS falls silent: no current, the charge voltage never 0, as long as frames are sent. */
static void test_victron_cvl_is_never_0(void **state)
{
	struct can_world w;
	struct rig rig;
	unsigned stopped = 0;

	can_world_start(&w, "victron");
	rig_init(&rig);
	w.input.battery = &rig.battery;
	for (unsigned s = 0; s < 80; s++) {
		const gint64 now_us = (gint64) (1000 + s) * RIG_SECOND_US;
		char text[17];

		if (s < 5)
			rig.battery.taken_us = now_us;
		w.limits = control_step(&rig.control, &rig.config, s < 5 ? &rig.battery : NULL,
					now_us);
		if (!w.limits.on_bus)
			continue;
		can_world_encode(&w, "victron", 0x351, text);
		assert_int_not_equal(memcmp(text, "0000", 4), 0);
		stopped += memcmp(text + 4, "00000000", 8) == 0;
	}
	assert_in_range(stopped, 50, 52); /* from 10 s to 60 s of silence */
	assert_false(w.limits.on_bus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deye_knows_pylontech_by_name),
		cmocka_unit_test(test_deye_obeys_requests),
		cmocka_unit_test(test_deye_soc_clamp),
		cmocka_unit_test(test_deye_cvl_stays_a_voltage),
		cmocka_unit_test(test_deye_keep_alive_pauses),
		cmocka_unit_test(test_sofar_zero_is_100_ma),
		cmocka_unit_test(test_sofar_soc_cap),
		cmocka_unit_test(test_solis_is_found_by_name),
		cmocka_unit_test(test_goodwe_sma_set),
		cmocka_unit_test(test_sol_ark_voltage_and_sign),
		cmocka_unit_test(test_sol_ark_critical),
		cmocka_unit_test(test_luxpower_fields),
		cmocka_unit_test(test_luxpower_shutdown_is_told),
		cmocka_unit_test(test_solax_never_sends_a_sign_of_life),
		cmocka_unit_test(test_sma_arrive_and_leave_bits),
		cmocka_unit_test(test_sma_ranges),
		cmocka_unit_test(test_sma_hears_limits_and_soc_each_second),
		cmocka_unit_test(test_sma_failure_is_told),
		cmocka_unit_test(test_growatt_asks),
		cmocka_unit_test(test_schneider_long_sign_of_life),
		cmocka_unit_test(test_victron_pairs_are_1_or_2),
		cmocka_unit_test(test_victron_cvl_is_never_0),
	};

	return cmocka_run_group_tests_name("can_quirks", tests, NULL, NULL);
}
