/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "can/can_schedule.h"

enum { LOG_MAX = 2000 };

/* A battery, the schedule, and a log of what went out. Time in ms. */
struct world {
	struct battery battery;
	struct limits limits;
	struct can_input input;
	struct can_schedule schedule;
	gint64 now_us;
	bool is_blocked; /* the port refuses */
	unsigned refusals;
	unsigned count;
	struct {
		double at_ms;
		struct can_frame frame;
	} log[LOG_MAX];
};

static void update(struct world *w)
{
	can_schedule_update(&w->schedule, &w->input, w->now_us);
}

static void start(struct world *w, const char *protocol)
{
	struct can_options options;

	memset(w, 0, sizeof(*w));
	battery_clear(&w->battery);
	w->battery.cell_count = 4;
	for (unsigned i = 0; i < 4; i++)
		w->battery.cell_v[i] = 3.3;
	battery_derive(&w->battery);
	w->battery.pack_v = 13.2;
	w->battery.current_a = 1;
	w->battery.soc_pct = 50;
	w->battery.temp_internal_c = 20;
	w->limits = (struct limits){
		.on_bus = true, .cvl_v = 14, .ccl_a = 60, .dcl_a = 80, .dvl_v = 11
	};
	w->input = (struct can_input){ .battery = &w->battery, .limits = &w->limits };
	w->now_us = 1000 * G_USEC_PER_SEC;
	can_protocol_defaults(can_protocol_find(protocol), &options);
	can_schedule_init(&w->schedule, can_protocol_find(protocol), &options);
}

static void drain(struct world *w)
{
	struct can_frame frame;

	while (can_schedule_take(&w->schedule, w->now_us, &frame)) {
		if (w->is_blocked) {
			can_schedule_refused(&w->schedule, w->now_us);
			w->refusals++;
			return;
		}
		assert_true(w->count < LOG_MAX);
		w->log[w->count].at_ms = (double) (w->now_us - 1000 * G_USEC_PER_SEC) / 1000;
		w->log[w->count++].frame = frame;
	}
}

/* Let @ms pass: woken when the schedule says so, updated every 100 ms. */
static void pass(struct world *w, gint64 ms)
{
	const gint64 end_us = w->now_us + ms * 1000;

	for (;;) {
		const gint64 update_us = (w->now_us / 100000 + 1) * 100000;
		gint64 wake_us;

		drain(w);
		wake_us = MIN(can_schedule_next_us(&w->schedule), update_us);
		assert_true(wake_us > w->now_us); /* never a busy loop */
		if (wake_us >= end_us)
			break;
		w->now_us = wake_us;
		if (wake_us == update_us)
			update(w);
	}
	w->now_us = end_us;
	drain(w);
}

static unsigned count_of(const struct world *w, canid_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->count; i++)
		n += w->log[i].frame.can_id == id;
	return n;
}

/* When the frame @id went out for the @nth time, ms. */
static double time_of(const struct world *w, canid_t id, unsigned nth)
{
	for (unsigned i = 0; i < w->count; i++)
		if (w->log[i].frame.can_id == id && nth-- == 0)
			return w->log[i].at_ms;
	fail_msg("%03X was not sent so often", id);
	return 0;
}

static void test_nothing_without_a_battery(void **state)
{
	struct world w;

	start(&w, "pylontech");
	assert_int_equal(can_schedule_next_us(&w.schedule), G_MAXINT64);
	w.limits.on_bus = false;
	update(&w);
	pass(&w, 3000);
	assert_int_equal(w.count, 0);
}

static void test_set_is_spaced_in_order(void **state)
{
	static const canid_t order[] = { 0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E };
	struct world w;

	start(&w, "pylontech");
	update(&w);
	pass(&w, 900);
	assert_int_equal(w.count, G_N_ELEMENTS(order));
	for (unsigned i = 0; i < w.count; i++) {
		assert_int_equal(w.log[i].frame.can_id, order[i]);
		assert_near(w.log[i].at_ms, 5.0 * i, 0.001);
	}
}

/* frames of 10 s: at its beginning, and then each period */
static const struct period_case {
	const char *protocol;
	canid_t id;
	unsigned period_ms;
} periods[] = {
	{ "victron", 0x351, 1000 },
	{ "victron", 0x382, 1000 },
	{ "sma", 0x35F, 1000 },
	{ "mg", 0x351, 500 },
	{ "schneider", CAN_EFF_FLAG | 0x321, 500 },
	{ "schneider", CAN_EFF_FLAG | 0x325, 500 },
	{ "schneider", CAN_EFF_FLAG | 0x320, 2000 },
	{ "schneider", CAN_EFF_FLAG | 0x327, 2000 },
	{ "schneider", CAN_EFF_FLAG | 0x333, 10000 },
};

static void test_periods(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(periods); i++) {
		const struct period_case *c = &periods[i];
		struct world w;

		start(&w, c->protocol);
		update(&w);
		pass(&w, 10999);
		assert_int_equal(count_of(&w, c->id), 10999 / c->period_ms + 1);
		for (unsigned k = 1; k < count_of(&w, c->id); k++)
			assert_near(time_of(&w, c->id, k) - time_of(&w, c->id, k - 1), c->period_ms,
				    70);
		assert_int_equal(w.schedule.dropped, 0);
	}
}

/* DCL falls at 400 ms: out at once, and the next set a period later. */
static void test_urgent(void **state)
{
	struct world w;

	start(&w, "pylontech");
	update(&w);
	pass(&w, 400);
	w.limits.dcl_a = 0;
	update(&w);
	pass(&w, 1300);
	assert_near(time_of(&w, 0x351, 1), 400, 0.001);
	assert_near(time_of(&w, 0x351, 2), 1400, 0.001);
	assert_int_equal(w.log[6].frame.data[4], 0);
	assert_int_equal(count_of(&w, 0x35E), 3);
}

/* A fall between two frames of a set begins it again, with what was not out yet. */
static void test_urgent_within_a_set(void **state)
{
	struct world w;

	start(&w, "pylontech");
	update(&w);
	pass(&w, 12);
	assert_int_equal(w.count, 3);
	w.limits.ccl_a = 0;
	update(&w);
	pass(&w, 100);
	assert_int_equal(w.log[3].frame.can_id, 0x351);
	assert_int_equal(w.log[3].frame.data[2], 0);
	assert_near(w.log[3].at_ms, 15, 0.001);
	assert_int_equal(w.count, 9);
}

/* A set that began with 0 A and said 60 A in the end: a fall to 0 A is urgent again. */
static void test_urgent_after_a_rise_within_a_set(void **state)
{
	struct world w;

	start(&w, "pylontech");
	w.limits.ccl_a = 0;
	update(&w);
	w.is_blocked = true; /* the set begins, and its first frame is refused */
	pass(&w, 5);
	w.is_blocked = false;
	w.limits.ccl_a = 60;
	update(&w);
	pass(&w, 300);
	assert_int_equal(w.log[0].frame.can_id, 0x351);
	assert_int_equal(w.log[0].frame.data[2] | w.log[0].frame.data[3] << 8, 600);
	w.limits.ccl_a = 0;
	update(&w);
	drain(&w);
	assert_near(time_of(&w, 0x351, 1), 305, 0.001);
}

/* Only the frames of the shortest period carry what is urgent. */
static void test_urgent_leaves_slow_frames(void **state)
{
	struct world w;

	start(&w, "schneider");
	update(&w);
	pass(&w, 200);
	w.input.alarms[ALARM_HIGH_TEMPERATURE] = ALARM_ALARM;
	update(&w);
	pass(&w, 200);
	assert_near(time_of(&w, CAN_EFF_FLAG | 0x325, 1), 220, 0.001);
	assert_int_equal(count_of(&w, CAN_EFF_FLAG | 0x326), 1);
}

/* SMA: no set within 200 ms of the last; a slow ramp is never urgent. */
static void test_sma_gap(void **state)
{
	struct world w;

	start(&w, "sma");
	update(&w);
	pass(&w, 100);
	w.limits.ccl_a = 0;
	update(&w);
	pass(&w, 300);
	assert_near(time_of(&w, 0x351, 1), 200, 0.001);
	w.limits.ccl_a = 50;
	update(&w);
	pass(&w, 400);
	assert_int_equal(count_of(&w, 0x351), 2);
}

static void test_growatt_answers(void **state)
{
	struct world w;

	start(&w, "growatt");
	update(&w);
	pass(&w, 2000);
	w.limits.ccl_a = 0;
	update(&w);
	pass(&w, 500);
	assert_int_equal(w.count, 0);
	can_schedule_ask(&w.schedule, w.now_us);
	pass(&w, 1500);
	assert_int_equal(w.log[0].frame.can_id, 0x311);
	assert_near(w.log[0].at_ms, 2500, 0.001);
	assert_int_equal(w.count, 8); /* one frame of cells holds four */
	assert_int_equal(count_of(&w, 0x315), 1);
}

/* Asked a thousand times a second it answers ten times. */
static void test_growatt_flood(void **state)
{
	struct world w;

	start(&w, "growatt");
	update(&w);
	for (unsigned i = 0; i < 1000; i++) {
		can_schedule_ask(&w.schedule, w.now_us);
		pass(&w, 1);
	}
	assert_in_range(count_of(&w, 0x311), 9, 10);
	assert_in_range(count_of(&w, 0x321), 9, 10);
}

/* A port that refuses for 2.5 s: tried again every 20 ms, then the newest values go. */
static void test_refused(void **state)
{
	struct world w;

	start(&w, "pylontech");
	update(&w);
	w.is_blocked = true;
	pass(&w, 2500);
	assert_int_equal(w.count, 0);
	assert_in_range(w.refusals, 100, 130);
	assert_int_equal(w.schedule.dropped, 2);
	w.limits.ccl_a = 12;
	update(&w);
	w.is_blocked = false;
	pass(&w, 100);
	assert_int_equal(w.count, 6);
	assert_int_equal(w.log[0].frame.can_id, 0x351);
	assert_int_equal(w.log[0].frame.data[2], 120);
}

/* One refusal within a set: the same frame again, and the others after it. */
static void test_refused_once(void **state)
{
	struct world w;

	start(&w, "pylontech");
	update(&w);
	pass(&w, 6);
	w.is_blocked = true;
	pass(&w, 5);
	w.is_blocked = false;
	pass(&w, 100);
	assert_int_equal(w.refusals, 1);
	assert_int_equal(w.log[2].frame.can_id, 0x356);
	assert_near(w.log[2].at_ms, 30, 0.001);
	assert_int_equal(w.log[5].frame.can_id, 0x35E);
	assert_int_equal(w.count, 6);
}

/* Spacing so wide that a set takes longer than its period: every frame gets its turn. */
static void test_wide_spacing(void **state)
{
	struct world w;

	start(&w, "pylontech-ext");
	w.schedule.options.spacing_ms = 210;
	update(&w);
	pass(&w, 20000);
	assert_in_range(count_of(&w, 0x351), 5, 20);
	assert_in_range(count_of(&w, 0x379), 5, 20);
	assert_true(w.schedule.dropped > 0);
}

/* When the battery leaves the bus even a set under way ends; its return is a set at once. */
static void test_silence_and_return(void **state)
{
	struct world w;

	start(&w, "victron");
	update(&w);
	pass(&w, 11);
	w.limits.on_bus = false;
	update(&w);
	pass(&w, 400);
	assert_int_equal(w.count, 3);
	w.limits.on_bus = true;
	update(&w);
	pass(&w, 500);
	assert_near(w.log[3].at_ms, 411, 0.001);
	assert_int_equal(w.log[3].frame.can_id, 0x351);
}

/* Nobody decides any more: 5 s later nothing is said either. */
static void test_values_nobody_renews(void **state)
{
	struct world w;
	struct can_frame frame;

	start(&w, "victron");
	update(&w);
	w.now_us += 4999 * 1000;
	assert_true(can_schedule_take(&w.schedule, w.now_us, &frame));
	w.now_us += 6000;
	assert_false(can_schedule_take(&w.schedule, w.now_us, &frame));
	assert_int_equal(can_schedule_next_us(&w.schedule), G_MAXINT64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_without_a_battery),
		cmocka_unit_test(test_set_is_spaced_in_order),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_urgent_within_a_set),
		cmocka_unit_test(test_urgent_after_a_rise_within_a_set),
		cmocka_unit_test(test_urgent_leaves_slow_frames),
		cmocka_unit_test(test_sma_gap),
		cmocka_unit_test(test_growatt_answers),
		cmocka_unit_test(test_growatt_flood),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_once),
		cmocka_unit_test(test_wide_spacing),
		cmocka_unit_test(test_silence_and_return),
		cmocka_unit_test(test_values_nobody_renews),
	};

	return cmocka_run_group_tests_name("can_schedule", tests, NULL, NULL);
}
