/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <stdlib.h>

#include "tinybms/frame.h"

enum {
	BYTES_MAX = 512,
};

/* "AA 1B 3F 1B" to bytes. */
static size_t bytes_of(const char *hex, uint8_t out[BYTES_MAX])
{
	size_t count = 0;
	char *end;

	for (const char *p = hex; *p && count < BYTES_MAX; p = end) {
		out[count++] = (uint8_t) strtoul(p, &end, 16);
		while (*end == ' ')
			end++;
	}
	return count;
}

/*
 * Requests seen or documented; each is 0xAA, command, payload, CRC, so that
 * building it again from its payload must give the same bytes. The CRCs are
 * those of the sources: revision D chapter 1, captures of clients.
 */
static const char *const requests[] = {
	"AA 10 01 3B 00 02 04 10 68 09 C4 19 61",
	"AA 10 32 01 00 01 02 40 01 CF 75",
	"AA 03 00 05 00 05 8C 13",
	"AA 03 00 00 00 39 9C 03",
	"AA 03 00 00 00 0E DD D5",
	"AA 03 00 00 00 38 5D C3",
	"AA 03 00 00 00 10 5D DD",
	"AA 03 00 20 00 18 5D D1",
	"AA 03 00 64 00 12 9D C3",
	"AA 03 00 C8 00 62 5C 06",
	"AA 03 01 2C 00 2C 9D F9",
	"AA 03 01 F4 00 0A 9C 18",
	"AA 09 04 22 00 23 00 F3 1B",
	"AA 09 04 24 00 25 00 F0 33",
	"AA 09 04 26 00 27 00 F0 EB",
	"AA 09 02 28 00 80 44",
	"AA 09 02 29 00 81 D4",
	"AA 09 04 2E 00 2F 00 F5 4B",
	"AA 09 02 30 00 8A 44",
	"AA 09 02 32 00 8B 24",
	"AA 09 1A 24 00 25 00 26 00 27 00 28 00 29 00 2E 00 2F 00 30 00 32 00 33 00 34 00 04 01 "
	"A8 3F",
	"AA 07 01 2C 01 B1 AC",
	"AA 11 BF 1C",
	"AA 12 FF 1D",
	"AA 14 7F 1F",
	"AA 15 BE DF",
	"AA 16 FE DE",
	"AA 17 3F 1E",
	"AA 18 7F 1A",
	"AA 19 BE DA",
	"AA 1A FE DB",
	"AA 1B 3F 1B",
	"AA 1C 7E D9",
	"AA 1E FF 18",
	"AA 1F 3E D8",
	"AA 20 7E C8",
	"AA 02 01 91 40",
	"AA 02 02 D1 41",
	"AA 02 05 90 83",
	"AA 1D 03 00 2C CB A9",
	"AA 1D 01 00 2C 6A 69",
	"AA 1D 02 00 2C 9A 69",
	"AA 10 01 3B 00 02 28 22",
	"AA 00 10 00 2C 3C",
};

static void test_build_gives_the_documented_bytes(void **state)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		uint8_t want[BYTES_MAX] = { 0 }, got[BYTES_MAX];
		const size_t count = bytes_of(requests[i], want);

		assert_int_equal(frame_build(got, sizeof(got), want[1], want + 2, count - 4),
				 count);
		if (memcmp(got, want, count))
			fail_msg("built otherwise: %s", requests[i]);
	}
}

static void test_build_refuses_what_does_not_fit(void **state)
{
	uint8_t out[8] = { 0 };
	const uint8_t payload[4] = { 1, 2, 3, 4 };

	assert_int_equal(frame_build(out, 7, FRAME_READ_BLOCK, payload, 4), 0);
	assert_int_equal(out[0], 0);
	assert_int_equal(frame_build(out, 8, FRAME_READ_BLOCK, payload, 4), 8);
	assert_int_equal(frame_build(out, 3, FRAME_PACK_VOLTAGE, NULL, 0), 0);
}

struct parse_case {
	const char *name;
	uint8_t command;
	const char *hex;
	enum frame_result want;
	size_t payload_at, payload_count;
};

/* clang-format off */
static const struct parse_case parse_cases[] = {
	/* 3.8720, 3.8720, 3.8700, 3.8700, 3.8700 V */
	{ "modbus read", 0x03, "AA 03 0A 97 40 97 40 97 2C 97 2C 97 2C 3E C7",
	  FRAME_COMPLETE, 3, 10 },
	/* cells 1-14 of the captured device in registers 2-15 */
	{ "modbus cells", 0x03, "AA 03 20 00 00 00 00 9B 78 9B 82 9B 8C 9B 96 9B 96 9B A0 9B D2 9B DC "
	  "9B 96 9B 96 9B 96 9B A0 9B C8 9B C8 2F 9C", FRAME_COMPLETE, 3, 32 },
	{ "modbus pack voltage 55.78 V", 0x03, "AA 03 04 1E B8 42 5F 16 6C", FRAME_COMPLETE, 3, 4 },
	{ "modbus 46-48", 0x03, "AA 03 06 F2 08 04 FA 00 61 BE 78", FRAME_COMPLETE, 3, 6 },
	{ "modbus no sensors", 0x03, "AA 03 04 80 00 80 00 A8 F9", FRAME_COMPLETE, 3, 4 },
	{ "modbus version", 0x03, "AA 03 08 01 02 03 01 00 F2 04 18 CE 37", FRAME_COMPLETE, 3, 8 },
	{ "modbus write", 0x10, "AA 10 01 3B 00 02 28 22", FRAME_COMPLETE, 2, 4 },
	{ "odd modbus count", 0x03, "AA 03 03 1E B8 42", FRAME_FOREIGN, 0, 0 },
	/* 27.8, 27.6, 27.8 degC */
	{ "temperatures", 0x1B, "AA 1B 06 16 01 14 01 16 01 0E 4E", FRAME_COMPLETE, 3, 6 },
	{ "something after it", 0x1B, "AA 1B 06 16 01 14 01 16 01 0E 4E 42 50 56",
	  FRAME_COMPLETE, 3, 6 },
	{ "one bit wrong", 0x1B, "AA 1B 06 16 01 15 01 16 01 0E 4E", FRAME_BAD_CRC, 0, 0 },
	{ "cut", 0x1B, "AA 1B 06 16 01 14 01 16 01 0E", FRAME_INCOMPLETE, 0, 0 },
	{ "no length yet", 0x1B, "AA 1B", FRAME_INCOMPLETE, 0, 0 },
	{ "start only", 0x1B, "AA", FRAME_INCOMPLETE, 0, 0 },
	{ "nothing", 0x1B, "", FRAME_INCOMPLETE, 0, 0 },
	{ "answer to another", 0x1C, "AA 1B 06 16 01 14 01 16 01 0E 4E", FRAME_FOREIGN, 0, 0 },
	{ "broadcast text", 0x1B, "42 50 56 3A", FRAME_FOREIGN, 0, 0 },
	{ "refused with another's number", 0x03, "AA 00 10 00 2C 3C", FRAME_FOREIGN, 0, 0 },
	{ "refusal cut", 0x10, "AA 00 10 00 2C", FRAME_INCOMPLETE, 0, 0 },
	{ "refusal spoiled", 0x10, "AA 00 10 01 2C 3C", FRAME_BAD_CRC, 0, 0 },
	{ "write block answered with data", 0x0B, "AA 0B 02 00 00", FRAME_FOREIGN, 0, 0 },
	/* wrong CRCs seen in the wild (their right ones are among the requests) */
	{ "bad capture 14", 0x14, "AA 14 00 00 7A 43 7E AF", FRAME_BAD_CRC, 0, 0 },
	{ "bad capture 09", 0x09, "AA 09 02 28 00 60 45", FRAME_BAD_CRC, 0, 0 },
};
/* clang-format on */

static void test_parse(void **state)
{
	const struct parse_case *c = *state;
	uint8_t bytes[BYTES_MAX];
	const size_t count = bytes_of(c->hex, bytes);
	struct frame frame = { 0 };

	assert_int_equal(frame_parse(bytes, count, c->command, &frame), c->want);
	if (c->want != FRAME_COMPLETE)
		return;
	assert_int_equal(frame.command, c->command);
	assert_ptr_equal(frame.payload, bytes + c->payload_at);
	assert_int_equal(frame.payload_count, c->payload_count);
	assert_int_equal(frame.frame_count, c->payload_at + c->payload_count + 2);
	assert_false(frame.is_refusal || frame.is_acknowledge || frame.more_follow);
}

static void test_refusal_is_told_from_an_answer(void **state)
{
	uint8_t bytes[BYTES_MAX];
	struct frame frame;
	const size_t count = bytes_of("AA 00 10 00 2C 3C", bytes);

	assert_int_equal(frame_parse(bytes, count, FRAME_MODBUS_WRITE, &frame), FRAME_COMPLETE);
	assert_true(frame.is_refusal);
	assert_false(frame.is_acknowledge);
	assert_int_equal(frame.error, 0);
	assert_int_equal(frame.command, FRAME_MODBUS_WRITE);
	assert_int_equal(frame.frame_count, 6);
}

static void test_acknowledge(void **state)
{
	const uint8_t command = FRAME_WRITE_BLOCK;
	uint8_t bytes[BYTES_MAX];
	struct frame frame;
	const size_t count = frame_build(bytes, sizeof(bytes), FRAME_ACK, &command, 1);

	assert_int_equal(frame_parse(bytes, count, FRAME_WRITE_BLOCK, &frame), FRAME_COMPLETE);
	assert_true(frame.is_acknowledge);
	assert_false(frame.is_refusal);
	assert_int_equal(frame_parse(bytes, count, FRAME_WRITE_LIST, &frame), FRAME_FOREIGN);
}

static void fill(uint8_t *payload, size_t count)
{
	for (size_t i = 0; i < count; i++)
		payload[i] = (uint8_t) (i * 7 + 3);
}

/* 45 registers of 07 are 90 bytes: a real device sent 63 + 27. */
static void test_packets_are_cut_and_joined(void **state)
{
	static const size_t sizes[] = { 0, 1, 62, 63, 64, 90, 126, 127, 254, 1020 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t payload[1020], wire[1200];
		struct frame_join join = { 0 };
		struct frame frame;
		size_t at = 0, packets = 0;

		fill(payload, sizes[i]);
		const size_t count = frame_build_packets(wire, sizeof(wire), FRAME_READ_BLOCK,
							 payload, sizes[i]);
		while (!join.is_whole) {
			assert_int_equal(frame_parse(wire + at, count - at, FRAME_READ_BLOCK,
						     &frame),
					 FRAME_COMPLETE);
			assert_true(frame_join_add(&join, &frame));
			at += frame.frame_count;
			packets++;
		}
		assert_int_equal(at, count);
		assert_int_equal(packets, sizes[i] ? (sizes[i] + 62) / 63 : 1);
		assert_int_equal(join.count, sizes[i]);
		assert_memory_equal(join.payload, payload, sizes[i]);
		assert_false(frame_join_add(&join, &frame));
	}
}

static void test_packet_lengths_on_the_wire(void **state)
{
	uint8_t payload[90], wire[200];

	fill(payload, sizeof(payload));
	assert_int_equal(frame_build_packets(wire, sizeof(wire), FRAME_READ_BLOCK, payload, 90),
			 68 + 32);
	assert_int_equal(wire[2], 0x81); /* packet 1, more follow */
	assert_int_equal(wire[68], FRAME_START);
	assert_int_equal(wire[68 + 1], FRAME_READ_BLOCK);
	assert_int_equal(wire[68 + 2], 27);
	assert_int_equal(frame_build_packets(wire, 99, FRAME_READ_BLOCK, payload, 90), 0);
}

/* A device that does not cut: LEN is the plain size, from 64 up to 255. */
static void test_one_long_frame_is_borne(void **state)
{
	for (size_t size = 64; size <= 255; size++) {
		uint8_t payload[256], wire[FRAME_MAX];
		struct frame frame;

		payload[0] = (uint8_t) size;
		fill(payload + 1, size);
		const size_t count =
			frame_build(wire, sizeof(wire), FRAME_READ_BLOCK, payload, size + 1);

		assert_int_equal(frame_parse(wire, count - 1, FRAME_READ_BLOCK, &frame),
				 FRAME_INCOMPLETE);
		assert_int_equal(frame_parse(wire, count, FRAME_READ_BLOCK, &frame),
				 FRAME_COMPLETE);
		assert_int_equal(frame.payload_count, size);
		assert_false(frame.more_follow);
		wire[count / 2] ^= 0x10;
		assert_int_equal(frame_parse(wire, count, FRAME_READ_BLOCK, &frame),
				 FRAME_BAD_CRC);
	}
}

/* 49 events: LEN C8, in which bit 7 is a part of the length. */
static void test_plain_length_has_no_packets(void **state)
{
	static const uint8_t commands[] = { 0x11, 0x12, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F };

	for (size_t i = 0; i < sizeof(commands); i++) {
		uint8_t payload[201], wire[FRAME_MAX];
		struct frame frame;

		payload[0] = 200;
		fill(payload + 1, 200);
		const size_t count =
			frame_build(wire, sizeof(wire), commands[i], payload, sizeof(payload));
		assert_int_equal(frame_parse(wire, count, commands[i], &frame), FRAME_COMPLETE);
		assert_int_equal(frame.payload_count, 200);
		assert_false(frame.more_follow);
	}
}

/* Whatever the bytes, a result never reaches beyond them. */
static void test_no_frame_reaches_beyond_its_bytes(void **state)
{
	uint32_t seed = 1;

	for (int round = 0; round < 200000; round++) {
		uint8_t stack[24];
		struct frame frame;

		for (size_t i = 0; i < sizeof(stack); i++) {
			seed = seed * 1664525u + 1013904223u;
			stack[i] = (uint8_t) (seed >> 24);
		}
		const size_t count = stack[0] % sizeof(stack);
		uint8_t *bytes = malloc(count ? count : 1); /* exact, so that tools see a step over */
		assert_non_null(bytes);
		memcpy(bytes, stack, count);
		if (count > 1) {
			bytes[0] = FRAME_START;
			bytes[1] = (uint8_t) (round % 0x21);
		}
		if (frame_parse(bytes, count, (uint8_t) (round % 0x21), &frame) == FRAME_COMPLETE)
			assert_true(frame.frame_count <= count);
		free(bytes);
	}
}

int main(void)
{
	enum { PARSE_CASES = sizeof(parse_cases) / sizeof(parse_cases[0]) };
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_build_gives_the_documented_bytes),
		cmocka_unit_test(test_build_refuses_what_does_not_fit),
		cmocka_unit_test(test_refusal_is_told_from_an_answer),
		cmocka_unit_test(test_acknowledge),
		cmocka_unit_test(test_packets_are_cut_and_joined),
		cmocka_unit_test(test_packet_lengths_on_the_wire),
		cmocka_unit_test(test_one_long_frame_is_borne),
		cmocka_unit_test(test_plain_length_has_no_packets),
		cmocka_unit_test(test_no_frame_reaches_beyond_its_bytes),
	};
	enum { OTHERS = sizeof(others) / sizeof(others[0]) };
	struct CMUnitTest tests[PARSE_CASES + OTHERS];

	for (size_t i = 0; i < PARSE_CASES; i++)
		tests[i] = (struct CMUnitTest){ .name = parse_cases[i].name,
						.test_func = test_parse,
						.initial_state = (void *) &parse_cases[i] };
	memcpy(tests + PARSE_CASES, others, sizeof(others));
	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
