/* SPDX-License-Identifier: MIT */
/* NMEA 2000: a node's manners - address, periods, requests, floods, silence. */
#include "support.h"

#include "n2k_world.h"

/* Claim first, nothing else for 250 ms; then each 1.5 s, and each minute. */
static void test_claims_then_sends(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	w.now_us = 5 * N2K_SECOND_US;
	n2k_world_drain(&w);
	assert_int_equal(n2k_node_next_us(&w.node), G_MAXINT64);
	assert_int_equal(w.count, 0); /* nothing before the battery is known */
	n2k_world_update(&w);
	n2k_world_pass(&w, 0.249);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.log[0].frame.can_id, CAN_EFF_FLAG | 0x18EEFF50);
	assert_near(w.log[0].at_s, 5, 1e-9);
	n2k_world_pass(&w, 150);
	assert_int_equal(n2k_world_count_of(&w, 0x18EEFF50), 1);
	assert_int_equal(n2k_world_count_of(&w, 0x19F21450), 100);
	assert_int_equal(n2k_world_count_of(&w, 0x19F21250), 200);
	assert_int_equal(n2k_world_count_of(&w, 0x1DF01150), 3);
	n2k_world_expect(&w, 0x1DF01150, 2, "701703CCFFFFFFFF");
	n2k_world_expect(&w, 0x19F21450, 99, "00CA15E2FF7D6E64");
	n2k_world_expect(&w, 0x19F21250, 198, "800B640000546444"); /* sequence 100 mod 8 */
}

/* A NAME that is lower takes the address; ours, lower than theirs, is said again. */
static void test_arbitration(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 3);
	n2k_world_hear(&w, 0x18EEFF50, w.node.name + 1, 8);
	n2k_world_pass(&w, 1);
	assert_int_equal(n2k_world_count_of(&w, 0x18EEFF50), 2);
	assert_int_equal(w.node.claim, N2K_CLAIMED);

	w.count = 0;
	n2k_world_hear(&w, 0x18EEFF51, 5, 8); /* the neighbour is taken too */
	n2k_world_hear(&w, 0x18EEFF50, w.node.name - 1, 8);
	assert_int_equal(w.node.address, 0x52);
	n2k_world_pass(&w, 0.2);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.log[0].frame.can_id, CAN_EFF_FLAG | 0x18EEFF52);
	n2k_world_pass(&w, 1);
	assert_int_equal(n2k_world_count_of(&w, 0x19F21452), 1);
	assert_int_equal(n2k_world_count_of(&w, 0x19F21450), 0);
	n2k_world_expect(&w, 0x18EEFF52, 0, "B7FED1FF00AA46C0");
}

/* Losing within a fast packet ends it. */
static void test_loses_within_a_message(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	n2k_world_request(&w, 0x50, 126996);
	n2k_world_pass(&w, 0.02);
	assert_in_range(n2k_world_count_of(&w, 0x19F01450), 2, 6);
	n2k_world_hear(&w, 0x18EEFF50, 1, 8);
	w.count = 0;
	n2k_world_pass(&w, 0.2);
	assert_int_equal(n2k_world_count_of(&w, 0x19F01450), 0);
	assert_int_equal(n2k_world_count_of(&w, 0x18EEFF51), 1);
}

/* Every address is taken by lower NAMEs: said once from 254, silence, a new try after a minute. */
static void test_cannot_claim(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	for (unsigned i = 0; i <= N2K_ADDRESS_MAX; i++)
		n2k_world_hear(&w, 0x18EEFF00 | ((0x50 + i) % 252), 1, 8);
	assert_int_equal(w.node.claim, N2K_HOMELESS);
	w.count = 0;
	n2k_world_pass(&w, 50);
	assert_int_equal(w.count, 1);
	assert_int_equal(w.log[0].frame.can_id, CAN_EFF_FLAG | 0x18EEFFFE);
	n2k_world_request(&w, N2K_BROADCAST, 60928);
	n2k_world_request(&w, N2K_BROADCAST, 126996);
	n2k_world_pass(&w, 1);
	assert_int_equal(n2k_world_count_of(&w, 0x18EEFFFE), 2);
	assert_int_equal(w.count, 2);
	n2k_world_pass(&w, 12);
	assert_int_equal(w.node.claim, N2K_CLAIMED);
}

static void test_address_is_wished(void **state)
{
	struct n2k_world w;

	n2k_world_start_at(&w, 0x33);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	assert_int_equal(n2k_world_count_of(&w, 0x18EEFF33), 1);
	n2k_world_start_at(&w, 255);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	assert_int_equal(n2k_world_count_of(&w, 0x18EEFFFB), 1);
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
		struct n2k_world w;

		n2k_world_start(&w);
		w.input.name = "House";
		n2k_world_update(&w);
		n2k_world_pass(&w, 1);
		w.count = 0;
		n2k_world_request(&w, c->destination, c->pgn);
		n2k_world_pass(&w, 0.4);
		if (n2k_world_count_of(&w, c->id) != c->frames)
			fail_msg("%u of %u asked: %u frames", c->pgn, c->destination,
				 n2k_world_count_of(&w, c->id));
	}
}

/* Not to be had: negative acknowledge with the PGN; both lists of PGNs. */
static void test_answers(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	w.count = 0;
	n2k_world_request(&w, 0x50, 129029);
	n2k_world_request(&w, 0x50, 126464);
	n2k_world_pass(&w, 0.4);
	n2k_world_expect(&w, 0x18E82150, 0, "01FFFFFFFF05F801");
	/* 28 bytes: sent, 59392, 60928 (0x0EE00) ...; then 7 bytes: received, 59904, 60928 */
	n2k_world_expect(&w, 0x19EE2150, 0, "201C0000E80000EE");
	n2k_world_expect(&w, 0x19EE2150, 5, "20070100EA0000EE");
}

/* Asked ten thousand times: the bus stays usable, everything is still answered once. */
static void test_flood(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	w.count = 0;
	for (unsigned i = 0; i < 10000; i++)
		n2k_world_request(&w, 0x50, i & 1 ? 126996 : 129029 + i);
	n2k_world_pass(&w, 0.4);
	assert_int_equal(n2k_world_count_of(&w, 0x19F01450), 20);
	assert_int_equal(n2k_world_count_of(&w, 0x18E82150), N2K_REFUSALS);
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
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	w.count = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(frames); i++)
		n2k_node_hear(&w.node, &frames[i], w.now_us);
	assert_int_equal(w.node.address, 0x50);
	n2k_world_pass(&w, 0.4);
	assert_int_equal(w.count, 0);
}

/* A port that refuses: no half message afterwards, the newest instead. */
static void test_blocked(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	n2k_world_request(&w, 0x50, 126996);
	n2k_world_pass(&w, 0.03);
	w.is_blocked = true;
	n2k_world_pass(&w, 10);
	assert_true(w.node.dropped >= 6);
	w.is_blocked = false;
	w.count = 0;
	w.battery.current_a = 5;
	n2k_world_update(&w);
	n2k_world_pass(&w, 2);
	assert_in_range(n2k_world_count_of(&w, 0x19F21450), 1, 3);
	assert_int_equal(n2k_world_count_of(&w, 0x19F01450), 0);
	n2k_world_expect(&w, 0x19F21450, n2k_world_count_of(&w, 0x19F21450) - 1,
			 "00CA1532007D6E09");
}

/* The battery leaves the bus: silence, but for its address. */
static void test_silence(void **state)
{
	struct n2k_world w;

	n2k_world_start(&w);
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	w.count = 0;
	w.limits.on_bus = false;
	n2k_world_update(&w);
	n2k_world_request(&w, 0x50, 126996);
	n2k_world_pass(&w, 100);
	assert_int_equal(w.count, 0);
	n2k_world_hear(&w, 0x18EEFF50, w.node.name + 1, 8);
	n2k_world_pass(&w, 1);
	assert_int_equal(w.count, 1);
	w.limits.on_bus = true;
	n2k_world_update(&w);
	n2k_world_pass(&w, 1);
	assert_int_equal(n2k_world_count_of(&w, 0x19F21450), 1);
}

/* Another name of the owner is told at once, and once. */
static void test_another_name_is_told(void **state)
{
	struct n2k_world w;
	unsigned at = 0;

	n2k_world_start(&w);
	w.input.name = "House";
	n2k_world_update(&w);
	n2k_world_pass(&w, 5);
	assert_int_equal(n2k_world_count_of(&w, 0x19F01650), 0);
	w.input.name = "Boat";
	n2k_world_update(&w);
	n2k_world_pass(&w, 5);
	assert_int_equal(n2k_world_count_of(&w, 0x19F01650), 9);
	while (w.log[at].frame.can_id != (CAN_EFF_FLAG | 0x19F01650))
		at++;
	/* six bytes with their head, ASCII */
	assert_memory_equal(w.log[at].frame.data + 2,
			    "\x06\x01"
			    "Boat",
			    6);
	/* no second description: a head alone */
	assert_memory_equal(w.log[at + 1].frame.data + 1, "\x02\x01", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(test_another_name_is_told),
	};

	return cmocka_run_group_tests_name("n2k_node", tests, NULL, NULL);
}
