/* SPDX-License-Identifier: MIT */
/* Outputs on an interface of the test's own, whose far end it watches. */
#include "support.h"

#include <glib/gstdio.h>
#include <linux/can/error.h>
#include <unistd.h>

#include "can/can_outputs.h"
#include "can/can_schedule.h"
#include "fake_can.h"

enum { SEEN_MAX = 400 };

struct world {
	struct can_outputs *outputs;
	char *folder;
	struct battery battery;
	struct limits limits;
	struct can_input input;
	struct can_frame seen[SEEN_MAX];
	unsigned count;
	unsigned wanted_count;
	canid_t wanted_id;
};

#define PYLONTECH "[{\"interface\": \"can7\", \"protocol\": \"pylontech\"}]"
#define NMEA2000  "[{\"interface\": \"can7\", \"protocol\": \"nmea2000\"}]"
#define GROWATT	  "[{\"interface\": \"can7\", \"protocol\": \"growatt\"}]"

static void allow_all(struct world *w)
{
	for (size_t i = 0; i < can_outputs_count(w->outputs); i++)
		can_output_allow(can_outputs_at(w->outputs, i), true, NULL);
}

static void fill(struct world *w)
{
	battery_clear(&w->battery);
	w->battery.cell_count = 4;
	for (unsigned i = 0; i < 4; i++)
		w->battery.cell_v[i] = 3.3;
	battery_derive(&w->battery);
	w->battery.pack_v = 13.2;
	w->battery.current_a = 1;
	w->battery.soc_pct = 50;
	w->battery.temp_internal_c = 20;
	g_strlcpy(w->battery.identity.serial, "0123456789", sizeof(w->battery.identity.serial));
	w->limits = (struct limits){
		.on_bus = true, .cvl_v = 14, .ccl_a = 60, .dcl_a = 80, .dvl_v = 11
	};
	w->input = (struct can_input){
		.battery = &w->battery,
		.limits = &w->limits,
		.energy_in_wh = (double) NAN,
		.energy_out_wh = (double) NAN,
		.cycles = (double) NAN,
	};
}

static int begin(void **state)
{
	struct world *w = g_new0(struct world, 1);

	fake_can = (struct fake_can){ .bus = -1, .is_there = true };
	w->folder = g_dir_make_tmp("can-XXXXXX", NULL);
	w->outputs = can_outputs_new(fake_can_ops(), w->folder);
	fill(w);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;
	g_autofree char *kept = g_build_filename(w->folder, "nmea2000_can7.address", NULL);

	can_outputs_free(w->outputs);
	fake_can_unplug();
	g_unlink(kept);
	g_rmdir(w->folder);
	g_free(w->folder);
	g_free(w);
	return 0;
}

static void look(struct world *w)
{
	while (w->count < SEEN_MAX && fake_can_next(&w->seen[w->count]))
		w->count++;
}

static bool is_active(void *user)
{
	struct can_output_status status;

	can_output_status(can_outputs_at(((struct world *) user)->outputs, 0), &status);
	return status.state == CAN_PORT_ACTIVE;
}

static bool has_count(void *user)
{
	struct world *w = user;

	look(w);
	return w->count >= w->wanted_count;
}

static bool has_id(void *user)
{
	struct world *w = user;

	look(w);
	for (unsigned i = 0; i < w->count; i++)
		if (w->seen[i].can_id == w->wanted_id)
			return true;
	return false;
}

static void start(struct world *w, const char *json)
{
	can_outputs_configure(w->outputs, json);
	allow_all(w);
	assert_true(fake_can_wait(is_active, w));
}

static void want(struct world *w, unsigned count)
{
	w->wanted_count = count;
	if (!fake_can_wait(has_count, w))
		fail_msg("%u frames, want %u", w->count, count);
}

static struct can_output_status status_of(struct world *w, size_t index)
{
	struct can_output_status status;

	can_output_status(can_outputs_at(w->outputs, index), &status);
	return status;
}

static void test_nothing_before_the_first_snapshot(void **state)
{
	struct world *w = *state;
	static const canid_t set[] = { 0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E };

	start(w, PYLONTECH);
	can_outputs_update(w->outputs, NULL);
	fake_can_pass(2);
	look(w);
	assert_int_equal(w->count, 0);

	can_outputs_update(w->outputs, &w->input);
	want(w, G_N_ELEMENTS(set));
	for (unsigned i = 0; i < G_N_ELEMENTS(set); i++) {
		unsigned k = 0;

		while (k < w->count && w->seen[k].can_id != set[i])
			k++;
		assert_true(k < w->count);
	}
	assert_int_equal(w->seen[0].can_id, 0x351);
	/* 14.0 V, 60 A, 80 A, 11.0 V */
	assert_memory_equal(w->seen[0].data, "\x8C\x00\x58\x02\x20\x03\x6E\x00", 8);
	assert_int_equal(status_of(w, 0).sent, G_N_ELEMENTS(set));
}

/* In the same turn: the far end has it when the call returns. */
static void test_urgent_change_at_once(void **state)
{
	struct world *w = *state;

	start(w, PYLONTECH);
	can_outputs_update(w->outputs, &w->input);
	want(w, 6);
	fake_can_pass(1); /* the spacing after the last frame */
	w->limits.ccl_a = 0;
	can_outputs_update(w->outputs, &w->input);
	look(w);
	assert_int_equal(w->count, 7);
	assert_int_equal(w->seen[6].can_id, 0x351);
	assert_memory_equal(w->seen[6].data, "\x8C\x00\x00\x00\x20\x03\x6E\x00", 8);
}

static void test_silence_off_the_bus(void **state)
{
	struct world *w = *state;

	start(w, PYLONTECH);
	can_outputs_update(w->outputs, &w->input);
	want(w, 6);
	w->limits.on_bus = false;
	w->limits.ccl_a = w->limits.dcl_a = 0;
	can_outputs_update(w->outputs, &w->input);
	fake_can_pass(2);
	look(w);
	assert_int_equal(w->count, 6);
}

static bool has_heard(void *user)
{
	return status_of(user, 0).received > 0;
}

static void test_sign_of_life(void **state)
{
	struct world *w = *state;

	start(w, PYLONTECH);
	assert_near(status_of(w, 0).age_s, (double) NAN, 0);
	fake_can_inject(0x305, "0000000000000000");
	assert_true(fake_can_wait(has_heard, w));
	assert_true(status_of(w, 0).age_s >= 0 && status_of(w, 0).age_s < 10);
	assert_string_equal(status_of(w, 0).sentence, "");
	assert_string_equal(status_of(w, 0).interface, "can7");
	assert_string_equal(status_of(w, 0).protocol, "pylontech");
}

static void test_rival_is_told(void **state)
{
	struct world *w = *state;

	start(w, PYLONTECH);
	fake_can_inject(0x351, "8C0058022003CC01");
	assert_true(fake_can_wait(has_heard, w));
	assert_contains(status_of(w, 0).sentence, "another battery");
	can_outputs_update(w->outputs, &w->input);
	want(w, 6); /* and nothing stops for it */
}

/* What the inverter complains of is told; its words about voltage change nothing. */
static void test_failure_is_told(void **state)
{
	struct world *w = *state;

	start(w, "[{\"interface\": \"can7\", \"protocol\": \"mg\"}]");
	fake_can_inject(0x306, "64000A04B803FFFF"); /* failure 952, its CVL 6553.5 V */
	assert_true(fake_can_wait(has_heard, w));
	can_outputs_update(w->outputs, &w->input);
	assert_contains(status_of(w, 0).sentence, "failure, number 952");
	want(w, 1);
	assert_int_equal(w->seen[0].can_id, 0x351);
	assert_memory_equal(w->seen[0].data, "\x8C\x00\x58\x02\x20\x03\x6E\x00", 8);
}

static bool is_bus_off(void *user)
{
	return status_of(user, 0).state == CAN_PORT_BUS_OFF;
}

/* Off in the middle of a set: it is not gone on with, the newest limits come first. */
static void test_bus_off_within_a_set(void **state)
{
	struct world *w = *state;
	unsigned half;

	start(w, "[{\"interface\": \"can7\", \"protocol\": \"pylontech\", \"spacing_ms\": 30}]");
	can_outputs_update(w->outputs, &w->input);
	want(w, 2);
	fake_can_inject(CAN_ERR_FLAG | CAN_ERR_BUSOFF, "0000000000000000");
	assert_true(fake_can_wait(is_bus_off, w));
	w->limits.ccl_a = 70; /* nothing urgent */
	can_outputs_update(w->outputs, &w->input);
	look(w);
	half = w->count;
	assert_in_range(half, 2, 5);
	assert_true(fake_can_wait(is_active, w));
	can_outputs_update(w->outputs, &w->input);
	want(w, half + 6);
	assert_int_equal(w->seen[half].can_id, 0x351);
	assert_memory_equal(w->seen[half].data, "\x8C\x00\xBC\x02\x20\x03\x6E\x00", 8);
}

static void test_answers_only(void **state)
{
	struct world *w = *state;

	start(w, GROWATT);
	can_outputs_update(w->outputs, &w->input);
	fake_can_pass(3);
	look(w);
	assert_int_equal(w->count, 0);
	fake_can_inject(0x301, "1122334455667788");
	w->wanted_id = 0x313;
	assert_true(fake_can_wait(has_id, w));
}

static void test_unplug_and_return(void **state)
{
	struct world *w = *state;

	start(w, PYLONTECH);
	can_outputs_update(w->outputs, &w->input);
	want(w, 6);
	fake_can_unplug();
	fake_can_pass(3);
	assert_contains(status_of(w, 0).sentence, "not there");
	can_outputs_update(w->outputs, &w->input);
	fake_can_plug();
	assert_true(fake_can_wait(is_active, w));
	can_outputs_update(w->outputs, &w->input);
	want(w, 12);
}

/* Each of these is urgent, so nothing but the queue holds the sets back. */
static bool has_dropped(void *user)
{
	struct world *w = user;

	w->limits.ccl_a *= 0.8;
	can_outputs_update(w->outputs, &w->input);
	return status_of(w, 0).dropped > 0;
}

static void test_full_queue(void **state)
{
	struct world *w = *state;
	struct can_frame frame;

	start(w, "[{\"interface\": \"can7\", \"protocol\": \"pylontech\", \"spacing_ms\": 0}]");
	assert_true(fake_can_wait(has_dropped, w));
	assert_int_equal(status_of(w, 0).state, CAN_PORT_ACTIVE);

	/* each frame that waits counts from when it was due */
	assert_true(status_of(w, 0).refused > 0);
	assert_int_equal(status_of(w, 0).latency.count, status_of(w, 0).sent);
	const gint64 full_us = g_get_monotonic_time() - CAN_RETRY_MS * 1000; /* at the latest */

	g_usleep(30000);

	/* when there is room again, the newest goes out */
	while (fake_can_next(&frame))
		;
	w->limits.ccl_a = 1;
	w->limits.dcl_a = 2;
	const double waited_ms = (double) (g_get_monotonic_time() - full_us) / 1e3;

	can_outputs_update(w->outputs, &w->input);
	w->wanted_id = 0x351;
	assert_true(fake_can_wait(has_id, w));
	for (unsigned i = 0; i < w->count; i++)
		if (w->seen[i].can_id == 0x351)
			assert_memory_equal(w->seen[i].data, "\x8C\x00\x0A\x00\x14\x00\x6E\x00", 8);
	assert_true(status_of(w, 0).latency.max_ms >= waited_ms);
	assert_true(status_of(w, 0).latency.last_ms < status_of(w, 0).latency.max_ms);
}

static bool has_address_file(void *user)
{
	struct world *w = user;
	g_autofree char *kept = g_build_filename(w->folder, "nmea2000_can7.address", NULL);

	can_outputs_update(w->outputs, &w->input);
	return g_file_test(kept, G_FILE_TEST_EXISTS);
}

static void test_nmea2000_keeps_its_address(void **state)
{
	struct world *w = *state;

	start(w, NMEA2000);
	can_outputs_update(w->outputs, &w->input);
	w->wanted_id = CAN_EFF_FLAG | 0x18EEFF50; /* claims 0x50 */
	assert_true(fake_can_wait(has_id, w));
	fake_can_inject(CAN_EFF_FLAG | 0x18EEFF50, "0000000000000000"); /* a lower NAME wins it */
	w->wanted_id = CAN_EFF_FLAG | 0x18EEFF51;
	assert_true(fake_can_wait(has_id, w));
	assert_true(fake_can_wait(has_address_file, w));
	w->wanted_id = CAN_EFF_FLAG | 0x19F21451; /* battery status */
	assert_true(fake_can_wait(has_id, w));

	/* after a restart it claims what it had */
	can_outputs_configure(w->outputs, "[]");
	w->count = 0;
	start(w, NMEA2000);
	can_outputs_update(w->outputs, &w->input);
	want(w, 1);
	assert_int_equal(w->seen[0].can_id, CAN_EFF_FLAG | 0x18EEFF51);
}

static void test_configuration(void **state)
{
	struct world *w = *state;

	start(w, PYLONTECH);
	can_outputs_update(w->outputs, &w->input);
	want(w, 6);
	struct can_output *first = can_outputs_at(w->outputs, 0);

	/* one more that is wrong: the first goes on */
	can_outputs_configure(w->outputs, "[{\"protocol\": \"pylontech\", \"interface\": \"can7\"},"
					  "{\"protocol\": \"nothing\"}]");
	assert_int_equal(can_outputs_count(w->outputs), 1);
	assert_ptr_equal(can_outputs_at(w->outputs, 0), first);
	assert_int_equal(status_of(w, 0).sent, 6);

	can_outputs_configure(w->outputs, GROWATT);
	assert_int_equal(can_outputs_count(w->outputs), 1);
	assert_string_equal(status_of(w, 0).protocol, "growatt");
	can_outputs_configure(w->outputs, "");
	assert_int_equal(can_outputs_count(w->outputs), 0);
}

static void test_held_with_a_reason(void **state)
{
	struct world *w = *state;

	can_outputs_configure(w->outputs, PYLONTECH);
	can_output_allow(can_outputs_at(w->outputs, 0), false, "the port belongs to somebody");
	can_outputs_update(w->outputs, &w->input);
	fake_can_pass(2);
	assert_int_equal(fake_can.openings, 0);
	assert_string_equal(status_of(w, 0).sentence, "the port belongs to somebody");
	assert_int_equal(status_of(w, 0).state, CAN_PORT_HELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_before_the_first_snapshot, begin, end),
		cmocka_unit_test_setup_teardown(test_urgent_change_at_once, begin, end),
		cmocka_unit_test_setup_teardown(test_silence_off_the_bus, begin, end),
		cmocka_unit_test_setup_teardown(test_sign_of_life, begin, end),
		cmocka_unit_test_setup_teardown(test_rival_is_told, begin, end),
		cmocka_unit_test_setup_teardown(test_failure_is_told, begin, end),
		cmocka_unit_test_setup_teardown(test_bus_off_within_a_set, begin, end),
		cmocka_unit_test_setup_teardown(test_answers_only, begin, end),
		cmocka_unit_test_setup_teardown(test_unplug_and_return, begin, end),
		cmocka_unit_test_setup_teardown(test_full_queue, begin, end),
		cmocka_unit_test_setup_teardown(test_nmea2000_keeps_its_address, begin, end),
		cmocka_unit_test_setup_teardown(test_configuration, begin, end),
		cmocka_unit_test_setup_teardown(test_held_with_a_reason, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
