/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "can/can_peer.h"

#define EFF(id) (CAN_EFF_FLAG | (id))

static struct can_frame frame_of(canid_t id, const char *hex)
{
	struct can_frame frame = { .can_id = id, .can_dlc = (uint8_t) (strlen(hex) / 2) };

	for (unsigned i = 0; i < frame.can_dlc; i++)
		sscanf(hex + 2 * i, "%2hhx", &frame.data[i]);
	return frame;
}

static enum can_heard hear(struct can_peer *p, canid_t id, const char *hex, double at_s)
{
	const struct can_frame frame = frame_of(id, hex);

	return can_peer_hear(p, &frame, (gint64) (at_s * G_USEC_PER_SEC));
}

static void start(struct can_peer *p, const char *protocol)
{
	can_peer_init(p, can_protocol_find(protocol), 0);
}

/* clang-format off */
static const struct sign_case {
	const char *protocol;
	canid_t id;
	const char *bytes;
	enum can_heard heard;
	const char *name;
} sign_cases[] = {
	{ "victron",       0x305, "0000000000000000",   CAN_HEARD_LIFE, "" },
	{ "victron",       0x307, "1234567856494300",   CAN_HEARD_LIFE, "Victron GX" },
	{ "victron",       0x307, "123456785649",       CAN_HEARD_LIFE, "" }, /* cut short */
	{ "victron",       0x307, "1234567856494400",   CAN_HEARD_LIFE, "" },
	{ "pylontech",     0x305, "",                   CAN_HEARD_LIFE, "" },
	{ "pylontech",     0x305, "01",                 CAN_HEARD_LIFE, "" },
	{ "pylontech-ext", EFF(0x305), "0000000000000000", CAN_HEARD_LIFE, "" },
	{ "deye",          0x305, "1E0C170E0B1A0000",   CAN_HEARD_LIFE, "" }, /* with a date */
	{ "luxpower",      0x300, "0000000000000000",   CAN_HEARD_LIFE, "LuxPower" },
	{ "luxpower",      0x305, "0000000000000000",   CAN_HEARD_LIFE, "" },
	{ "sma",           0x305, "1A02E2FF61004303",   CAN_HEARD_LIFE, "" },
	{ "sma",           0x306, "64000A010000F401",   CAN_HEARD_LIFE, "SMA Sunny Island" },
	{ "sma",           0x307, "0000000000000000",   CAN_HEARD_LIFE, "" },
	{ "growatt",       0x301, "1122334455667788",   CAN_HEARD_QUESTION, "Growatt" },
	{ "schneider",     EFF(0x310), "0000",          CAN_HEARD_LIFE, "Schneider" },
	{ "schneider",     EFF(0x305), "0000000000000000", CAN_HEARD_LIFE, "" },
	{ "sofar",         0x305, "0000000000000000",   CAN_HEARD_LIFE, "" },
	/* of another family or kind */
	{ "pylontech",     0x301, "1122334455667788",   CAN_HEARD_NOTHING, "" },
	{ "growatt",       0x305, "0000000000000000",   CAN_HEARD_NOTHING, "" },
	{ "schneider",     0x305, "0000000000000000",   CAN_HEARD_NOTHING, "" },
	{ "schneider",     0x310, "0000",               CAN_HEARD_NOTHING, "" },
	{ "victron",       EFF(0x305), "00",            CAN_HEARD_NOTHING, "" },
	{ "victron",       0x305 | CAN_RTR_FLAG, "",    CAN_HEARD_NOTHING, "" },
	{ "victron",       0x305 | CAN_ERR_FLAG, "00",  CAN_HEARD_NOTHING, "" },
	{ "victron",       0x123, "00",                 CAN_HEARD_NOTHING, "" },
};
/* clang-format on */

static void test_signs_of_life(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sign_cases); i++) {
		const struct sign_case *c = &sign_cases[i];
		const bool is_sign = c->heard != CAN_HEARD_NOTHING;
		struct can_peer p;

		start(&p, c->protocol);
		if (hear(&p, c->id, c->bytes, 1) != c->heard)
			fail_msg("%s %03X %s is not heard as it should", c->protocol, c->id,
				 c->bytes);
		assert_string_equal(p.name, c->name);
		assert_int_equal(can_peer_state(&p, 2 * G_USEC_PER_SEC),
				 is_sign ? CAN_PEER_ALIVE : CAN_PEER_WAITED_FOR);
	}
}

/* 53.8 V, -3.0 A in its sign (charging), 9.7 degrees C, 83.5 %; SOH 100, external BMS, warning,
 * error 952, 55.2 V */
static void test_sma_words(void **state)
{
	struct can_peer p;

	start(&p, "sma");
	assert_near(p.words.pack_v, (double) NAN, 0);
	hear(&p, 0x305, "1A02E2FF61004303", 0);
	hear(&p, 0x306, "64000A03B8032802", 0);
	assert_near(p.words.pack_v, 53.8, 1e-9);
	assert_near(p.words.current_a, 3.0, 1e-9);
	assert_near(p.words.temp_c, 9.7, 1e-9);
	assert_near(p.words.soc_pct, 83.5, 1e-9);
	assert_near(p.words.soh_pct, 100, 0);
	assert_near(p.words.charge_procedure, 10, 0);
	assert_near(p.words.operating_state, 3, 0);
	assert_near(p.words.error_code, 952, 0);
	assert_near(p.words.cvl_v, 55.2, 1e-9);
	/* cut short after the current */
	hear(&p, 0x305, "1A021E00", 0);
	assert_near(p.words.current_a, -3.0, 1e-9);
	assert_near(p.words.temp_c, (double) NAN, 0);
	/* another family's 0x305 has no numbers */
	start(&p, "pylontech");
	hear(&p, 0x305, "1A02E2FF61004303", 0);
	assert_near(p.words.pack_v, (double) NAN, 0);
}

static void test_luxpower_shutdown(void **state)
{
	struct can_peer p;

	start(&p, "luxpower");
	hear(&p, 0x300, "0100000000000000", 0);
	assert_near(p.words.shutdown, 1, 0);
	hear(&p, 0x300, "FE00000000000000", 0);
	assert_near(p.words.shutdown, 0, 0);
	hear(&p, 0x300, "", 0);
	assert_near(p.words.shutdown, (double) NAN, 0);
}

static void test_bytes_beyond_a_short_frame(void **state)
{
	struct can_frame frame = frame_of(0x307, "1234567856494300");
	struct can_peer p;

	start(&p, "victron");
	frame.can_dlc = 6;
	assert_int_equal(can_peer_hear(&p, &frame, 0), CAN_HEARD_LIFE);
	assert_string_equal(p.name, "");
	frame.can_dlc = 200;
	assert_int_equal(can_peer_hear(&p, &frame, 0), CAN_HEARD_NOTHING);
}

/* Silent after 10 s, alive again with the next frame: nothing latches. */
static void test_state_follows(void **state)
{
	struct can_peer p;

	start(&p, "victron");
	assert_int_equal(can_peer_state(&p, 9 * G_USEC_PER_SEC), CAN_PEER_WAITED_FOR);
	assert_int_equal(can_peer_state(&p, 10 * G_USEC_PER_SEC), CAN_PEER_SILENT);
	assert_near(can_peer_age_s(&p, 10 * G_USEC_PER_SEC), (double) NAN, 0);
	hear(&p, 0x305, "00", 20);
	assert_int_equal(can_peer_state(&p, 20 * G_USEC_PER_SEC), CAN_PEER_ALIVE);
	assert_int_equal(can_peer_state(&p, 30 * G_USEC_PER_SEC - 1), CAN_PEER_ALIVE);
	assert_int_equal(can_peer_state(&p, 30 * G_USEC_PER_SEC), CAN_PEER_SILENT);
	assert_near(can_peer_age_s(&p, 30 * G_USEC_PER_SEC), 10, 1e-9);
	hear(&p, 0x305, "00", 31);
	assert_int_equal(can_peer_state(&p, 31 * G_USEC_PER_SEC), CAN_PEER_ALIVE);
}

static void test_rival(void **state)
{
	struct can_peer p;

	start(&p, "pylontech");
	assert_false(can_peer_has_rival(&p, 0));
	assert_int_equal(hear(&p, 0x35E, "50594C4F4E202020", 1), CAN_HEARD_RIVAL);
	assert_int_equal(hear(&p, 0x351, "280258022003CC01", 1), CAN_HEARD_RIVAL);
	assert_true(can_peer_has_rival(&p, 2 * G_USEC_PER_SEC));
	assert_string_equal(p.rival_name, "PYLON");
	assert_int_equal(can_peer_state(&p, 2 * G_USEC_PER_SEC), CAN_PEER_WAITED_FOR);
	assert_false(can_peer_has_rival(&p, 12 * G_USEC_PER_SEC));
	hear(&p, 0x35E, "41FF42", 13);
	assert_string_equal(p.rival_name, "A");
	/* Growatt has no 0x35E */
	start(&p, "growatt");
	assert_int_equal(hear(&p, 0x311, "00", 1), CAN_HEARD_RIVAL);
	assert_int_equal(hear(&p, 0x35E, "50594C4F4E202020", 1), CAN_HEARD_NOTHING);
}

/* Filters let in all that is understood, and nothing else. */
static void test_ids(void **state)
{
	for (unsigned family = 0; family < CAN_NMEA2000; family++) {
		const struct can_protocol *protocol = can_protocol_get(family);
		canid_t ids[CAN_PEER_IDS_MAX];
		const size_t count = can_peer_ids(protocol, ids);

		assert_in_range(count, 2, CAN_PEER_IDS_MAX);
		for (size_t i = 0; i < count; i++) {
			const struct can_frame frame = { .can_id = ids[i], .can_dlc = 8 };
			struct can_peer p;

			can_peer_init(&p, protocol, 0);
			assert_int_not_equal(can_peer_hear(&p, &frame, 0), CAN_HEARD_NOTHING);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signs_of_life),
		cmocka_unit_test(test_sma_words),
		cmocka_unit_test(test_luxpower_shutdown),
		cmocka_unit_test(test_bytes_beyond_a_short_frame),
		cmocka_unit_test(test_state_follows),
		cmocka_unit_test(test_rival),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests_name("can_peer", tests, NULL, NULL);
}
