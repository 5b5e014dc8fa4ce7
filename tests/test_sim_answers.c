/* SPDX-License-Identifier: MIT */
/*
 * What the simulated BMS answers, byte for byte. Frames marked with a source are
 * the document's or a capture's; the others were put together from the captured
 * registers by a script with a CRC of its own.
 */
#include "tests/sim/bench.h"

struct exchange {
	const char *name, *request, *answer;
};

/* clang-format off */
static const struct exchange captured[] = {
	/* Real values of the capture, framed. */
	{ "modbus cells", "AA 03 00 00 00 10 5D DD",
	  "AA 03 20 00 00 00 00 9B 78 9B 82 9B 8C 9B 96 9B 96 9B A0 9B D2 9B DC 9B 96 9B 96 9B 96 9B A0 "
	  "9B C8 9B C8 2F 9C" },
	{ "modbus pack voltage 55.78 V", "AA 03 00 24 00 02 9D DB", "AA 03 04 1E B8 42 5F 16 6C" },
	{ "modbus 46 to 48", "AA 03 00 2E 00 03 7C 19", "AA 03 06 F2 08 04 FA 00 61 BE 78" },
	{ "modbus no sensors", "AA 03 00 2A 00 02 FC 18", "AA 03 04 80 00 80 00 A8 F9" },
	{ "modbus version", "AA 03 01 F4 00 04 1D DC", "AA 03 08 01 02 03 01 00 F2 04 18 CE 37" },

	/* Communication Protocols rev. D, 1.3.1. */
	{ "modbus write 4200, 2500 mV", "AA 10 01 3B 00 02 04 10 68 09 C4 19 61",
	  "AA 10 01 3B 00 02 28 22" },
	/* A capture: a write far outside 300 to 399. */
	{ "modbus write refused", "AA 10 32 01 00 01 02 40 01 CF 75", "AA 00 10 00 2C 3C" },
	{ "modbus write -40 degC", "AA 10 01 40 00 01 02 FF D8 72 CD", "AA 10 01 40 00 01 18 3A" },
	{ "modbus write, byte count wrong", "AA 10 01 3B 00 02 02 10 68 35 46", "AA 00 10 00 2C 3C" },
	{ "modbus write, more bytes than registers", "AA 10 01 3B 00 01 04 10 68 09 C4 19 52", "AA 00 10 00 2C 3C" },
	{ "modbus read 0", "AA 03 00 00 00 00 5C 11", "AA 00 03 00 21 0C" },
	{ "modbus read 128", "AA 03 00 00 00 80 5D B1", "AA 00 03 00 21 0C" },
	{ "modbus function 2", "AA 02 00 05 00 01 B0 10", "AA 00 02 00 20 9C" },
	{ "modbus function 4", "AA 04 00 00 00 01 28 11", "AA 00 04 00 23 3C" },
	{ "modbus function 6", "AA 06 01 3B 10 68 EC 0E", "AA 00 06 00 22 5C" },

	{ "pack voltage", "AA 14 7F 1F", "AA 14 B8 1E 5F 42 D5 75" },
	{ "pack current", "AA 15 BE DF", "AA 15 00 00 00 00 15 D2" },
	{ "highest cell", "AA 16 FE DE", "AA 16 96 0F EF 9C" },
	{ "lowest cell", "AA 17 3F 1E", "AA 17 8C 0F B5 3C" },
	{ "status", "AA 18 7F 1A", "AA 18 97 00 CF CB" },
	{ "lifetime", "AA 19 BE DA", "AA 19 CD 93 FE 00 8B 32" },
	{ "state of charge", "AA 1A FE DB", "AA 1A 08 F2 FA 04 A1 23" },
	{ "temperatures", "AA 1B 3F 1B", "AA 1B 06 61 00 00 80 00 80 A2 D1" },
	{ "cells: 14, the first first", "AA 1C 7E D9",
	  "AA 1C 1C 78 9B 82 9B 8C 9B 96 9B 96 9B A0 9B D2 9B DC 9B 96 9B 96 9B 96 9B A0 9B C8 9B C8 9B "
	  "0F 30" },
	{ "version", "AA 1E FF 18", "AA 1E 05 02 01 01 F2 00 58 C4" },
	{ "extended version", "AA 1F 3E D8", "AA 1F 07 02 01 01 F2 00 18 04 BD D9" },
	{ "speed", "AA 20 7E C8", "AA 20 00 00 00 00 00 00 00 00 04 79 7D 02 0E B3" },
	{ "newest events", "AA 11 BF 1C",
	  "AA 11 14 CD 93 FE 00 26 12 00 65 2B 4E B9 64 2C 4E B9 62 42 4E B9 65 51 9A" },

	/* Requests of clients: jonas99g, thieryfr. */
	{ "read one by one", "AA 09 04 22 00 23 00 F3 1B", "AA 09 08 22 00 04 79 23 00 7D 02 26 4B" },
	{ "read a block of one", "AA 07 01 2C 01 B1 AC", "AA 07 02 36 10 8A C0" },
	/* A real device answered 45 registers as 63 + 27 bytes. */
	{ "read a block of 45", "AA 07 2D 00 00 AD 65",
	  "AA 07 81 00 00 00 00 78 9B 82 9B 8C 9B 96 9B 96 9B A0 9B D2 9B DC 9B 96 9B 96 9B 96 9B A0 9B "
	  "C8 9B C8 9B 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
	  "00 00 00 00 C5 89 AA 07 1B 00 CD 93 FE 00 04 79 7D 02 B8 1E 5F 42 00 00 00 00 8C 0F 96 0F 00 "
	  "80 00 80 00 00 6A FE" },
	{ "read a block of none", "AA 07 00 00 00 3D 6C", "AA 00 07 00 23 CC" },
	{ "read none one by one", "AA 09 00 57 B0", "AA 00 09 00 27 AC" },
	{ "read half an address", "AA 09 03 22 00 23 25 87", "AA 00 09 00 27 AC" },

	{ "write a block", "AA 0B 06 3B 01 68 10 C4 09 1D CC", "AA 01 0B 11 B7" },
	{ "write one by one", "AA 0D 08 3B 01 72 10 40 01 FB FF 0D 02", "AA 01 0D 91 B5" },
	{ "one of two out of range", "AA 0D 08 3B 01 72 10 40 01 0B 00 09 42", "AA 00 0D 00 25 6C" },
	{ "write 17 in packets",
	  "AA 0D 81 2C 01 36 10 2D 01 B8 0B 2E 01 00 00 2F 01 80 0C 30 01 E8 03 31 01 78 00 32 01 C8 19 "
	  "33 01 0E 00 34 01 0F 00 35 01 00 00 36 01 0A 00 37 01 00 00 38 01 01 00 39 01 00 00 3A 01 02 "
	  "00 3B 01 68 DC 1A AA 0D 05 10 3C 01 54 0B F5 CD", "AA 01 0D 91 B5" },
	{ "write 17 in one long frame",
	  "AA 0D 44 2C 01 36 10 2D 01 B8 0B 2E 01 00 00 2F 01 80 0C 30 01 E8 03 31 01 78 00 32 01 C8 19 "
	  "33 01 0E 00 34 01 0F 00 35 01 00 00 36 01 0A 00 37 01 00 00 38 01 01 00 39 01 00 00 3A 01 02 "
	  "00 3B 01 68 10 3C 01 54 0B 57 CE", "AA 01 0D 91 B5" },

	{ "least settings", "AA 1D 01 00 05 AB B7", "AA 1D 0A B0 04 E8 03 00 00 E8 03 64 00 70 ED" },
	{ "greatest settings", "AA 1D 02 00 05 5B B7", "AA 1D 0A 94 11 AC 0D 00 00 94 11 88 13 9C 59" },
	{ "present settings", "AA 1D 04 00 05 BB B6", "AA 1D 0A 36 10 B8 0B 00 00 80 0C E8 03 EC 44" },
	{ "settings option 5", "AA 1D 05 00 05 EA 76", "AA 00 1D 00 28 AC" },
	{ "101 settings", "AA 1D 01 00 65 AB 9F", "AA 00 1D 00 28 AC" },
	{ "no settings", "AA 1D 01 00 00 6B B4", "AA 00 1D 00 28 AC" },

	{ "clear events (rev. D)", "AA 02 01 91 40", "AA 01 02 D1 B1" },
	{ "clear statistics (rev. D)", "AA 02 02 D1 41", "AA 01 02 D1 B1" },
	{ "reset BMS (rev. D)", "AA 02 05 90 83", "AA 01 02 D1 B1" },
	{ "reset, unknown option", "AA 02 03 10 81", "AA 00 02 00 20 9C" },
	{ "unknown command", "AA 13 3E DD", "AA 00 13 00 2C CC" },
	/* Wrong checksums seen in the wild (jonas99g). */
	{ "wrong checksum", "AA 14 7E AF", "AA 00 14 01 EF 3C" },
	{ "wrong checksum, unknown command", "AA 13 3E DE", "" },
	{ "another slave", "01 03 00 00 00 10 44 06", "" },
	{ "noise", "55 00 FF", "" },
	{ "half a request", "AA 03 00 00", "" },
	{ "two requests at once", "AA 18 7F 1A AA 16 FE DE", "AA 18 97 00 CF CB AA 16 96 0F EF 9C" },
};
/* clang-format on */

static void test_exchange(void **state)
{
	const struct exchange *e = *state;
	struct bench *b = bench_new_captured();
	const char *got = bench_ask(b, e->request);

	if (strcmp(got, e->answer))
		fail_msg("answered %s", got);
	bench_free(b);
}

/* Communication Protocols rev. D, 1.3.2 and 1.1. */
static void test_documented_values(void **state)
{
	struct bench *b = bench_new();
	static const unsigned cells[] = { 0x9740, 0x9740, 0x972C, 0x972C, 0x972C };

	for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++)
		device_pin(&b->s.device, (uint16_t) (5 + i), (uint16_t) cells[i]);
	assert_string_equal(bench_ask(b, "AA 03 00 05 00 05 8C 13"),
			    "AA 03 0A 97 40 97 40 97 2C 97 2C 97 2C 3E C7");
	device_pin(&b->s.device, 48, 278);
	device_pin(&b->s.device, 42, 276);
	device_pin(&b->s.device, 43, 278);
	assert_string_equal(bench_ask(b, "AA 1B 3F 1B"), "AA 1B 06 16 01 14 01 16 01 0E 4E");
	bench_free(b);
}

/* The capture of a client: 57 registers in one frame of 119 bytes. */
static void test_read_57(void **state)
{
	struct bench *b = bench_new_captured();
	const char *got = bench_ask(b, "AA 03 00 00 00 39 9C 03");

	assert_true(g_str_has_prefix(got, "AA 03 72 "));
	assert_int_equal(strlen(got), 119 * 3 - 1);
	assert_true(g_str_has_prefix(bench_ask(b, "AA 03 00 00 00 7F 1D F1"), "AA 03 FE "));
	assert_int_equal(strlen(b->got), (127 * 2 + 5) * 3 - 1);
	bench_free(b);
}

int main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(captured) + 2] = {
		cmocka_unit_test(test_documented_values),
		cmocka_unit_test(test_read_57),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(captured); i++)
		tests[i + 2] = (struct CMUnitTest){ captured[i].name, test_exchange, NULL, NULL,
						    (void *) (uintptr_t) &captured[i] };
	return cmocka_run_group_tests_name("sim_answers", tests, NULL, NULL);
}
