/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "tinybms/events.h"

static void test_times_are_the_latest_not_after_now(void **state)
{
	/* the captured device: life 16683981 s, of which 24 bits are the whole */
	assert_int_equal(events_time(12144194, 16683981), 12144194);
	/* wrapped: life 0x01000010, event at 0xFFFFF0 of the first round, 0x05 of this one */
	assert_int_equal(events_time(0xFFFFF0, 0x01000010), 0x00FFFFF0);
	assert_int_equal(events_time(0x000005, 0x01000010), 0x01000005);
	assert_int_equal(events_time(0x000010, 0x01000010), 0x01000010);
}

static void test_registers_of_the_capture(void **state)
{
	/* 4646 id 0x65; 12144171 id 0x64; 12144172 id 0x62; 12144194 id 0x65; empty places */
	static const uint16_t words[10] = { 4646,  25856, 20011, 25785, 20012,
					    25273, 20034, 26041, 0,     0 };
	struct event_list list;

	events_decode_registers(words, 10, 16683981, &list);
	assert_int_equal(list.count, 4);
	assert_int_equal(list.event[0].id, 0x65);
	assert_int_equal(list.event[0].time_s, 4646);
	assert_int_equal(list.event[1].id, 0x64);
	assert_int_equal(list.event[1].time_s, 12144171);
	assert_int_equal(list.event[3].id, 0x65);
	assert_int_equal(list.event[3].time_s, 12144194);
}

static void test_native_answer(void **state)
{
	/* BMS time 1000 s; fault 0x03 at 900 s listed after 0x61 at 950 s: order is by time */
	static const uint8_t payload[12] = { 0xE8, 0x03, 0, 0, 0xB6, 0x03, 0, 0x61, 0x84, 0x03, 0, 0x03 };
	struct event_list list;

	assert_true(events_decode_native(payload, 12, &list));
	assert_int_equal(list.count, 2);
	assert_int_equal(list.event[0].id, 0x03);
	assert_int_equal(list.event[0].time_s, 900);
	assert_int_equal(list.event[1].time_s, 950);

	assert_true(events_decode_native(payload, 4, &list));
	assert_int_equal(list.count, 0);
	assert_false(events_decode_native(payload, 3, &list));
	assert_false(events_decode_native(payload, 11, &list));
}

/* The newest is the last one, and tells whether there is a fault now. */
static void test_a_native_answer_as_long_as_there_can_be(void **state)
{
	uint8_t payload[4 + 4 * 62] = { 0xE8, 0x03, 0, 0 };
	struct event_list list;
	struct battery_events set;

	for (size_t i = 0; i < 62; i++) {
		payload[4 + 4 * i] = (uint8_t) i;
		payload[4 + 4 * i + 3] = i < 61 ? 0x64 : 0x03;
	}
	assert_true(events_decode_native(payload, sizeof(payload), &list));
	assert_int_equal(list.count, 62);
	set = events_active(&list, 0);
	assert_true(battery_events_contain(&set, 0x03));
}

static struct battery_events active(const uint8_t *ids, double calm_s)
{
	struct event_list list = { 0 };

	for (; *ids; ids++)
		list.event[list.count++] = (struct event){ .id = *ids, .time_s = (int) list.count };
	return events_active(&list, calm_s);
}

static void test_a_fault_is_active_until_it_recovers(void **state)
{
	static const uint8_t pairs[][2] = { { 0x02, 0x7B }, { 0x03, 0x79 }, { 0x04, 0x73 },
					    { 0x05, 0x77 }, { 0x06, 0x76 }, { 0x07, 0x78 },
					    { 0x0A, 0x75 }, { 0x31, 0x7A }, { 0x37, 0x74 } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const uint8_t id = pairs[i][0], end = pairs[i][1];
		struct battery_events set;

		set = active((uint8_t[]){ id, 0 }, 100);
		assert_true(battery_events_contain(&set, id));
		set = active((uint8_t[]){ id, 0x61, 0 }, 100); /* a restart ends only the others */
		assert_true(battery_events_contain(&set, id));
		set = active((uint8_t[]){ id, end, 0 }, 0);
		assert_false(battery_events_contain(&set, id));
		set = active((uint8_t[]){ id, end, id, 0 }, 0);
		assert_true(battery_events_contain(&set, id));
	}
}

static void test_ids_without_recovery_end_by_restart_or_calm(void **state)
{
	struct battery_events set;

	set = active((uint8_t[]){ 0x0B, 0 }, 9.9);
	assert_true(battery_events_contain(&set, 0x0B));
	set = active((uint8_t[]){ 0x0B, 0 }, (double) NAN);
	assert_true(battery_events_contain(&set, 0x0B));
	set = active((uint8_t[]){ 0x0B, 0 }, 10);
	assert_false(battery_events_contain(&set, 0x0B));
	set = active((uint8_t[]){ 0x0E, 0x61, 0 }, 0);
	assert_false(battery_events_contain(&set, 0x0E));
}

static void test_information_is_never_active(void **state)
{
	const struct battery_events set = active((uint8_t[]){ 0x61, 0x62, 0x64, 0x7D, 0 }, 0);

	assert_int_equal(set.bits[0], 0);
	assert_int_equal(set.bits[1], 0);
}

static void test_every_fault_has_text_and_remedy(void **state)
{
	static const uint8_t ids[] = { 2, 3, 4, 5, 6, 7, 0xA, 0xB, 0xC, 0xD, 0xE, 0xF, 0x31, 0x37, 0x38, 0x39 };

	for (size_t i = 0; i < sizeof(ids); i++) {
		assert_non_null(events_text(ids[i]));
		assert_non_null(events_remedy(ids[i]));
	}
	assert_string_equal(events_text(0x73), "recovered from over-temperature");
	assert_null(events_text(0x42));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times_are_the_latest_not_after_now),
		cmocka_unit_test(test_registers_of_the_capture),
		cmocka_unit_test(test_native_answer),
		cmocka_unit_test(test_a_native_answer_as_long_as_there_can_be),
		cmocka_unit_test(test_a_fault_is_active_until_it_recovers),
		cmocka_unit_test(test_ids_without_recovery_end_by_restart_or_calm),
		cmocka_unit_test(test_information_is_never_active),
		cmocka_unit_test(test_every_fault_has_text_and_remedy),
	};

	return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
