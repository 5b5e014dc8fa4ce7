/* SPDX-License-Identifier: MIT */
/*
 * NMEA 2000: messages against bytes worked out by hand, and the node's manners.
 * The real samples are those of canboat's ac42-commissioning.raw.
 */
#include "support.h"

#include "can/can_schedule.h"
#include "can/n2k_node.h"

enum { LOG_MAX = 4000, US = 1000000 };

struct world {
	struct battery battery;
	struct limits limits;
	struct can_input input;
	struct can_options options;
	struct n2k_node node;
	gint64 now_us;
	bool is_blocked;
	unsigned count;
	struct {
		double at_s;
		struct can_frame frame;
	} log[LOG_MAX];
};

static void update(struct world *w)
{
	n2k_node_update(&w->node, &w->input, w->now_us);
}

static void start_at(struct world *w, uint8_t address)
{
	memset(w, 0, sizeof(*w));
	battery_clear(&w->battery);
	w->battery.cell_count = 14;
	for (unsigned i = 0; i < 14; i++)
		w->battery.cell_v[i] = 3.985;
	battery_derive(&w->battery);
	w->battery.pack_v = 55.78;
	w->battery.current_a = -3;
	w->battery.soc_pct = 83.55;
	w->battery.soh_pct = 100;
	w->battery.time_left_s = 1092 * 60;
	w->battery.temp_external_c[0] = 9.7;
	w->battery.settings.capacity_ah = 65.83;
	w->battery.settings.over_voltage_v = 4.2;
	w->battery.identity.firmware_public = 1;
	w->battery.identity.firmware_internal = 23;
	g_strlcpy(w->battery.identity.serial, "0123456789ABCDEF01234567",
		  sizeof(w->battery.identity.serial));
	w->limits = (struct limits){ .on_bus = true, .cvl_v = 55, .ccl_a = 60, .dcl_a = 80 };
	w->input = (struct can_input){ .battery = &w->battery, .limits = &w->limits };
	can_protocol_defaults(can_protocol_find("nmea2000"), &w->options);
	n2k_node_init(&w->node, &w->options, w->battery.identity.serial, address);
}

static void start(struct world *w)
{
	start_at(w, 0x50);
}

static void drain(struct world *w)
{
	struct can_frame frame;

	while (n2k_node_take(&w->node, w->now_us, &frame)) {
		if (w->is_blocked) {
			n2k_node_refused(&w->node, w->now_us);
			return;
		}
		assert_true(w->count < LOG_MAX);
		w->log[w->count].at_s = (double) w->now_us / US;
		w->log[w->count++].frame = frame;
	}
}

/* Let time pass: woken when the node says so, updated each second. */
static void pass(struct world *w, double s)
{
	const gint64 end_us = w->now_us + (gint64) (s * US);

	for (;;) {
		const gint64 update_us = (w->now_us / US + 1) * US;
		gint64 wake_us;

		drain(w);
		wake_us = MIN(n2k_node_next_us(&w->node), update_us);
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

static void hear(struct world *w, canid_t id, uint64_t data, uint8_t length)
{
	struct can_frame frame = { .can_id = CAN_EFF_FLAG | id, .can_dlc = length };

	for (unsigned i = 0; i < length; i++)
		frame.data[i] = (uint8_t) (data >> 8 * i);
	n2k_node_hear(&w->node, &frame, w->now_us);
}

static void request(struct world *w, uint8_t destination, uint32_t pgn)
{
	hear(w, 0x18EA0000 | (canid_t) destination << 8 | 0x21, pgn, 3);
}

static unsigned count_of(const struct world *w, canid_t id)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->count; i++)
		n += w->log[i].frame.can_id == (CAN_EFF_FLAG | id);
	return n;
}

/* The bytes of the frame @id that went out for the @nth time. */
static void expect(const struct world *w, canid_t id, unsigned nth, const char *want)
{
	char got[2 * CAN_MAX_DLEN + 1] = "";

	for (unsigned i = 0; i < w->count; i++) {
		const struct can_frame *f = &w->log[i].frame;

		if (f->can_id != (CAN_EFF_FLAG | id) || nth-- > 0)
			continue;
		for (unsigned b = 0; b < f->can_dlc; b++)
			sprintf(got + 2 * b, "%02X", f->data[b]);
		break;
	}
	if (strcmp(got, want))
		fail_msg("%08X is \"%s\", want %s", id, got, want);
}

/* ---- frames ----------------------------------------------------------------------- */

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

/* ---- messages --------------------------------------------------------------------- */

/* After the claim: status, details with sequence id 1, fast packet sequence 1. */
static void test_measured(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	expect(&w, 0x19F21450, 0, "00CA15E2FF7D6E01");
	expect(&w, 0x19F21250, 0, "200B010000546444");
	expect(&w, 0x19F21250, 1, "2104FFFF3700FFFF");
	expect(&w, 0x1DF01150, 0, "701701CCFFFFFFFF");
}

/* Unknown and out of range: the field's own codes. */
static void test_unavailable(void **state)
{
	struct world w;

	start(&w);
	w.battery.soh_pct = w.battery.time_left_s = w.battery.settings.capacity_ah = (double) NAN;
	w.battery.temp_external_c[0] = w.battery.current_a = (double) NAN;
	w.battery.pack_v = 1e9;
	w.options.instance = 7;
	n2k_node_init(&w.node, &w.options, "x", 0x50);
	update(&w);
	pass(&w, 1);
	expect(&w, 0x19F21450, 0, "07FD7FFF7FFFFF01");
	expect(&w, 0x19F21250, 0, "200B01070054FFFF");
	expect(&w, 0x19F21250, 1, "21FFFFFFFFFFFFFF");
}

/* 10 s without the BMS: nothing is measured any more, the equipment is at fault. */
static void test_stale(void **state)
{
	struct world w;

	start(&w);
	w.limits.bms_cable_warning = true;
	update(&w);
	pass(&w, 1);
	expect(&w, 0x19F21450, 0, "00FF7FFF7FFFFF01");
	expect(&w, 0x19F21250, 0, "200B010000FF64FF");
	expect(&w, 0x1DF01150, 0, "701701DCFFFFFFFF");
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

/* ---- the node --------------------------------------------------------------------- */

/* Claim first, nothing else for 250 ms; then each 1.5 s, and each minute. */
static void test_claims_then_sends(void **state)
{
	struct world w;

	start(&w);
	w.now_us = 5 * US;
	drain(&w);
	assert_int_equal(n2k_node_next_us(&w.node), G_MAXINT64);
	assert_int_equal(w.count, 0); /* nothing before the battery is known */
	update(&w);
	pass(&w, 0.249);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.log[0].frame.can_id, CAN_EFF_FLAG | 0x18EEFF50);
	assert_near(w.log[0].at_s, 5, 1e-9);
	pass(&w, 150);
	assert_int_equal(count_of(&w, 0x18EEFF50), 1);
	assert_int_equal(count_of(&w, 0x19F21450), 100);
	assert_int_equal(count_of(&w, 0x19F21250), 200);
	assert_int_equal(count_of(&w, 0x1DF01150), 3);
	expect(&w, 0x1DF01150, 2, "701703CCFFFFFFFF");
	expect(&w, 0x19F21450, 99, "00CA15E2FF7D6E64");
	expect(&w, 0x19F21250, 198, "800B640000546444"); /* sequence 100 mod 8 */
}

/* A NAME that is lower takes the address; ours, lower than theirs, is said again. */
static void test_arbitration(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 3);
	hear(&w, 0x18EEFF50, w.node.name + 1, 8);
	pass(&w, 1);
	assert_int_equal(count_of(&w, 0x18EEFF50), 2);
	assert_int_equal(w.node.claim, N2K_CLAIMED);

	w.count = 0;
	hear(&w, 0x18EEFF51, 5, 8); /* the neighbour is taken too */
	hear(&w, 0x18EEFF50, w.node.name - 1, 8);
	assert_int_equal(w.node.address, 0x52);
	pass(&w, 0.2);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.log[0].frame.can_id, CAN_EFF_FLAG | 0x18EEFF52);
	pass(&w, 1);
	assert_int_equal(count_of(&w, 0x19F21452), 1);
	assert_int_equal(count_of(&w, 0x19F21450), 0);
	expect(&w, 0x18EEFF52, 0, "B7FED1FF00AA46C0");
}

/* Losing within a fast packet ends it. */
static void test_loses_within_a_message(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	request(&w, 0x50, 126996);
	pass(&w, 0.02);
	assert_in_range(count_of(&w, 0x19F01450), 2, 6);
	hear(&w, 0x18EEFF50, 1, 8);
	w.count = 0;
	pass(&w, 0.2);
	assert_int_equal(count_of(&w, 0x19F01450), 0);
	assert_int_equal(count_of(&w, 0x18EEFF51), 1);
}

/* Every address is taken by lower NAMEs: said once from 254, silence, a new try after a minute. */
static void test_cannot_claim(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	for (unsigned i = 0; i <= N2K_ADDRESS_MAX; i++)
		hear(&w, 0x18EEFF00 | ((0x50 + i) % 252), 1, 8);
	assert_int_equal(w.node.claim, N2K_HOMELESS);
	w.count = 0;
	pass(&w, 50);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.log[0].frame.can_id, CAN_EFF_FLAG | 0x18EEFFFE);
	request(&w, N2K_BROADCAST, 60928);
	request(&w, N2K_BROADCAST, 126996);
	pass(&w, 1);
	assert_int_equal(count_of(&w, 0x18EEFFFE), 2);
	assert_int_equal(w.count, 2);
	pass(&w, 12);
	assert_int_equal(w.node.claim, N2K_CLAIMED);
}

static void test_address_is_wished(void **state)
{
	struct world w;

	start_at(&w, 0x33);
	update(&w);
	pass(&w, 1);
	assert_int_equal(count_of(&w, 0x18EEFF33), 1);
	start_at(&w, 255);
	update(&w);
	pass(&w, 1);
	assert_int_equal(count_of(&w, 0x18EEFFFB), 1);
}

/* What is asked for, by whom, and what goes out. */
static const struct request_case {
	uint8_t destination;
	uint32_t pgn;
	canid_t id;
	unsigned frames;
} request_cases[] = {
	{ 0x50, 60928, 0x18EEFF50, 1 },
	{ 255, 60928, 0x18EEFF50, 1 },
	{ 0x50, 126996, 0x19F01450, 20 },
	{ 255, 126996, 0x19F01450, 20 },
	{ 0x50, 126998, 0x19F01650, 9 },
	{ 0x50, 126464, 0x19EE2150, 7 },
	{ 0x50, 127513, 0x19F21950, 2 },
	{ 0x50, 127506, 0x19F21250, 2 },
	{ 0x50, 126993, 0x1DF01150, 1 },
	{ 0x50, 129029, 0x18E82150, 1 }, /* refused, to the one who asked */
	{ 255, 129029, 0x18E82150, 0 },	 /* not to one who asked everybody */
	{ 0x51, 126996, 0x19F01450, 0 }, /* asked of another */
};

static void test_requests(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(request_cases); i++) {
		const struct request_case *c = &request_cases[i];
		struct world w;

		start(&w);
		w.input.name = "House";
		update(&w);
		pass(&w, 1);
		w.count = 0;
		request(&w, c->destination, c->pgn);
		pass(&w, 0.4);
		if (count_of(&w, c->id) != c->frames)
			fail_msg("%u of %u asked: %u frames", c->pgn, c->destination,
				 count_of(&w, c->id));
	}
}

/* Not to be had: negative acknowledge with the PGN; both lists of PGNs. */
static void test_answers(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	w.count = 0;
	request(&w, 0x50, 129029);
	request(&w, 0x50, 126464);
	pass(&w, 0.4);
	expect(&w, 0x18E82150, 0, "01FFFFFFFF05F801");
	/* 28 bytes: sent, 59392, 60928 (0x0EE00) ...; then 7 bytes: received, 59904, 60928 */
	expect(&w, 0x19EE2150, 0, "201C0000E80000EE");
	expect(&w, 0x19EE2150, 5, "20070100EA0000EE");
}

/* Asked ten thousand times: the bus stays usable, everything is still answered once. */
static void test_flood(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	w.count = 0;
	for (unsigned i = 0; i < 10000; i++)
		request(&w, 0x50, i & 1 ? 126996 : 129029 + i);
	pass(&w, 0.4);
	assert_int_equal(count_of(&w, 0x19F01450), 20);
	assert_int_equal(count_of(&w, 0x18E82150), N2K_REFUSALS);
}

static void test_noise(void **state)
{
	static const struct can_frame frames[] = {
		{ .can_id = 0x351, .can_dlc = 8 },
		{ .can_id = CAN_ERR_FLAG | 4, .can_dlc = 8 },
		{ .can_id = CAN_EFF_FLAG | CAN_RTR_FLAG | 0x18EEFF50, .can_dlc = 8 },
		{ .can_id = CAN_EFF_FLAG | 0x18EEFF50, .can_dlc = 7 },
		{ .can_id = CAN_EFF_FLAG | 0x18EA5021, .can_dlc = 2 },
		{ .can_id = CAN_EFF_FLAG | 0x18EA5021, .can_dlc = 200 },
		{ .can_id = CAN_EFF_FLAG | 0x18EEFFFF, .can_dlc = 8 },
	};
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	w.count = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(frames); i++)
		n2k_node_hear(&w.node, &frames[i], w.now_us);
	assert_int_equal(w.node.address, 0x50);
	pass(&w, 0.4);
	assert_int_equal(w.count, 0);
}

/* A port that refuses: no half message afterwards, the newest instead. */
static void test_blocked(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	request(&w, 0x50, 126996);
	pass(&w, 0.03);
	w.is_blocked = true;
	pass(&w, 10);
	assert_true(w.node.dropped >= 6);
	w.is_blocked = false;
	w.count = 0;
	w.battery.current_a = 5;
	update(&w);
	pass(&w, 2);
	assert_in_range(count_of(&w, 0x19F21450), 1, 3);
	assert_int_equal(count_of(&w, 0x19F01450), 0);
	expect(&w, 0x19F21450, count_of(&w, 0x19F21450) - 1, "00CA1532007D6E09");
}

/* The battery leaves the bus: silence, but for its address. */
static void test_silence(void **state)
{
	struct world w;

	start(&w);
	update(&w);
	pass(&w, 1);
	w.count = 0;
	w.limits.on_bus = false;
	update(&w);
	request(&w, 0x50, 126996);
	pass(&w, 100);
	assert_int_equal(w.count, 0);
	hear(&w, 0x18EEFF50, w.node.name + 1, 8);
	pass(&w, 1);
	assert_int_equal(w.count, 1);
	w.limits.on_bus = true;
	update(&w);
	pass(&w, 1);
	assert_int_equal(count_of(&w, 0x19F21450), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_fast_packet_lengths),
		cmocka_unit_test(test_measured),
		cmocka_unit_test(test_unavailable),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_claims_then_sends),
		cmocka_unit_test(test_arbitration),
		cmocka_unit_test(test_loses_within_a_message),
		cmocka_unit_test(test_cannot_claim),
		cmocka_unit_test(test_address_is_wished),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests_name("n2k", tests, NULL, NULL);
}
