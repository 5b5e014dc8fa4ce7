/* SPDX-License-Identifier: MIT */
/* The simulated line: times, sleep, silence, everything that goes wrong on purpose. */
#include "tests/sim/bench.h"

static const char live[] = "AA 03 00 00 00 38 5D C3";
static const char status_request[] = "AA 18 7F 1A", status_answer[] = "AA 18 97 00 CF CB";

static int set_up(void **state)
{
	*state = bench_new_captured();
	return 0;
}

static int tear_down(void **state)
{
	bench_free(*state);
	return 0;
}

static void assert_answered(struct bench *b)
{
	assert_string_equal(bench_ask(b, status_request), status_answer);
}

static void assert_unanswered(struct bench *b)
{
	assert_string_equal(bench_ask(b, status_request), "");
}

/* 8 bytes, 1 ms, 117 bytes: 86.8 us each. */
static void test_pace(void **state)
{
	struct bench *b = *state;

	bench_ask(b, live);
	assert_int_equal(strlen(b->got), 117 * 3 - 1);
	assert_near((double) b->last_us, 8 * 86.8 + 1000.0 + 117 * 86.8, 2.0);
	assert_true(b->first_us >= 8 * 86.8 + 1000.0 + 86.8 - 1.0);
}

static void test_pause_inside_a_request(void **state)
{
	struct bench *b = *state;

	bench_send(b, "AA 18");
	bench_wait(b, 0.0045);
	assert_string_equal(bench_ask(b, "7F 1A"), status_answer);
	bench_send(b, "AA 18");
	bench_wait(b, 0.0060);
	assert_string_equal(bench_ask(b, "7F 1A"), "");
	assert_answered(b);
}

/* A write that stays without its second packet must not spoil the next one. */
static void test_packet_left_alone(void **state)
{
	struct bench *b = *state;

	bench_ask(b,
		  "AA 0D 81 2C 01 36 10 2D 01 B8 0B 2E 01 00 00 2F 01 80 0C 30 01 E8 03 31 01 78 "
		  "00 32 01 C8 19 33 01 0E 00 34 01 0F 00 35 01 00 00 36 01 0A 00 37 01 00 00 38 "
		  "01 01 00 39 01 00 00 3A 01 02 00 3B 01 68 DC 1A");
	assert_string_equal(b->got, "");
	bench_wait(b, 1.5);
	assert_string_equal(bench_ask(b, "AA 0D 08 3B 01 72 10 40 01 FB FF 0D 02"),
			    "AA 01 0D 91 B5");
	assert_int_equal(bench_word(b, 315), 4210);
	assert_string_equal(bench_tell(b, "get last-write"),
			    "AA 0D 08 3B 01 72 10 40 01 FB FF 0D 02");
}

static void test_sleep(void **state)
{
	struct bench *b = *state;

	bench_wait(b, 9.8);
	assert_string_equal(bench_tell(b, "get asleep"), "no");
	bench_wait(b, 0.4);
	assert_string_equal(bench_tell(b, "get asleep"), "yes");
	assert_unanswered(b);
	assert_answered(b);
	assert_int_equal(bench_word(b, 114) >> 8, 3);
	assert_near(bench_number(b, "get requests 0x18"), 1, 0);
}

/* Only one request is lost, even if the second is close behind. */
static void test_wake_up_by_a_request_sent_twice(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "sleep");
	assert_string_equal(bench_ask(b, "AA 18 7F 1A AA 18 7F 1A"), status_answer);
	bench_tell(b, "sleep");
	assert_string_equal(bench_ask(b, "FF"), "");
	assert_answered(b);
}

static void test_what_keeps_it_awake(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "register 501 1"); /* the low power model sleeps below 0.08 A */
	bench_tell(b, "current 0.2");
	bench_wait(b, 30.0);
	assert_string_equal(bench_tell(b, "get asleep"), "no");
	bench_tell(b, "current 0.05");
	bench_wait(b, 10.5);
	assert_string_equal(bench_tell(b, "get asleep"), "yes");
	bench_tell(b, "current -3");
	bench_wait(b, 1.2);
	assert_string_equal(bench_tell(b, "get asleep"), "no");
	assert_int_equal(bench_word(b, 114) >> 8, 2);
	bench_tell(b, "sleep"); /* by command it sleeps whatever flows */
	bench_wait(b, 5.0);
	assert_string_equal(bench_tell(b, "get asleep"), "yes");
	bench_tell(b, "wake");
	assert_string_equal(bench_ask(b, status_request), "AA 18 93 00 CD 0B");
	bench_tell(b, "current 0");
	bench_tell(b, "auto-sleep off");
	bench_wait(b, 60.0);
	assert_string_equal(bench_tell(b, "get asleep"), "no");
}

/* Register 501 bit 8: the high power model sleeps below 0.8 A. */
static void test_high_power_sleeps_earlier(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "register 501 1");
	bench_tell(b, "current 0.5");
	bench_wait(b, 11.0);
	assert_string_equal(bench_tell(b, "get asleep"), "no");
	bench_tell(b, "register 501 257");
	bench_wait(b, 11.0);
	assert_string_equal(bench_tell(b, "get asleep"), "yes");
	bench_tell(b, "charger on");
	assert_string_equal(bench_tell(b, "get asleep"), "no");
	assert_int_equal(bench_word(b, 114) >> 8, 0);
}

static void test_silence(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "silent 5");
	assert_unanswered(b);
	bench_wait(b, 4.5);
	assert_unanswered(b);
	bench_wait(b, 0.6);
	assert_answered(b);
	bench_tell(b, "silent 100");
	bench_tell(b, "silent 0");
	assert_answered(b);
}

static void test_refusals(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "nack 0x03 2");
	assert_string_equal(bench_ask(b, live), "AA 00 03 00 21 0C");
	assert_answered(b);
	assert_string_equal(bench_ask(b, live), "AA 00 03 00 21 0C");
	assert_true(g_str_has_prefix(bench_ask(b, live), "AA 03 70 "));
	bench_tell(b, "nack 0x18 1 1");
	assert_string_equal(bench_ask(b, status_request), "AA 00 18 01 EA 3C");
	assert_near(bench_number(b, "get requests 3"), 3, 0);
}

struct fault_case {
	const char *command, *answer;
};

static const struct fault_case fault_cases[] = {
	{ "corrupt", "AA 08 97 00 CF CB" },
	{ "truncate", "AA 18 97" },
	{ "foreign", "01 18 97 00 CF CB" },
	{ "before 42 50 56", "42 50 56 AA 18 97 00 CF CB" },
	{ "inside 42 AA", "AA 18 97 42 AA 00 CF CB" },
};

static void test_spoiled_answers(void **state)
{
	struct bench *b = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(fault_cases); i++) {
		bench_tell(b, fault_cases[i].command);
		assert_string_equal(bench_ask(b, status_request), fault_cases[i].answer);
		assert_answered(b);
	}
	bench_tell(b, "corrupt 3");
	for (int i = 0; i < 3; i++)
		assert_string_not_equal(bench_ask(b, status_request), status_answer);
	assert_answered(b);
}

static void test_stall(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "stall 2");
	assert_string_equal(bench_ask(b, status_request), "AA 18 97");
	assert_unanswered(b);
	bench_wait(b, 2.0);
	assert_answered(b);
}

static void test_delay_and_split(void **state)
{
	struct bench *b = *state;
	const double plain_us = 4 * 86.8 + 1000.0 + 6 * 86.8;

	bench_tell(b, "delay 0.02");
	assert_answered(b);
	assert_near((double) b->last_us, plain_us + 20000.0, 2.0);
	bench_tell(b, "delay 0");
	bench_tell(b, "split 0.01");
	assert_answered(b);
	assert_near((double) b->last_us, plain_us + 10000.0, 2.0);
	bench_tell(b, "calm");
	assert_answered(b);
	assert_near((double) b->last_us, plain_us, 2.0);
}

static void test_silence_after_a_write(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "write-pause 1");
	assert_string_equal(bench_ask(b, "AA 0B 06 3B 01 68 10 C4 09 1D CC"), "AA 01 0B 11 B7");
	assert_unanswered(b);
	bench_wait(b, 1.0);
	assert_answered(b);
}

/* With a probability of 0.05, of 20,000 bytes about 1,000 are spoiled; the seed is fixed. */
static void test_noise(void **state)
{
	struct bench *b = *state;
	unsigned good = 0;

	bench_tell(b, "noise 0.05");
	for (int i = 0; i < 3333; i++)
		good += !strcmp(bench_ask(b, status_request), status_answer);
	assert_near(good, 3333 * pow(0.95, 6), 100);
	bench_tell(b, "noise 1");
	bench_ask(b, status_request);
	for (int i = 0; i < 6; i++)
		assert_memory_not_equal(b->got + 3 * i, status_answer + 3 * i, 2);
	bench_tell(b, "noise 0");
	assert_answered(b);
}

static void test_reset(void **state)
{
	struct bench *b = *state;

	assert_string_equal(bench_ask(b, "AA 02 05 90 83"), "AA 01 02 D1 B1");
	assert_unanswered(b);
	bench_wait(b, 1.1);
	assert_string_equal(bench_ask(b, status_request), status_answer);
	assert_int_equal(bench_word(b, 209) >> 8, 0x61);
	assert_int_equal(bench_word(b, 300), 4150);
	assert_int_equal(bench_word(b, 102), 510);
	assert_int_equal(bench_word(b, 114) & 0xFF, 4);
}

/* ---- broadcast ------------------------------------------------------------------- */

static void bytes_to_text(const char *hex, char *out, size_t room)
{
	size_t count = 0;

	for (const char *p = hex; *p && count + 1 < room; p += p[2] ? 3 : 2)
		out[count++] = (char) g_ascii_strtoull((char[]){ p[0], p[1], 0 }, NULL, 16);
	out[count] = '\0';
}

static const char *heard(struct bench *b, double s)
{
	static char text[4096];

	bench_wait(b, s);
	bytes_to_text(b->got, text, sizeof(text));
	return text;
}

static void test_broadcast_ascii(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "broadcast ascii");
	assert_string_equal(heard(b, 1.1),
			    "BPV:55.78\tMINCV:3.980\tMAXCV:3.990\tBPC:0.00\tSOC:84\tBMST:9.70\t"
			    "EXT1:----\tEXT2:----\tOS:151\tCB:00000000000000\tLST:0\tLSS:1\tCST:1\t"
			    "CSS:0\r\n");
	bench_tell(b, "register 340 1");
	bench_tell(b, "fault single-port-switch");
	assert_contains(heard(b, 1.0), "OS:155\tCB:00000000000000\tST:0\tSS:0\r\n");
	bench_tell(b, "broadcast off");
	assert_string_equal(heard(b, 3.0), "");
}

static void test_broadcast_ca_v3(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "broadcast ca");
	bench_tell(b, "current -20");
	bench_tell(b, "speed 36");
	assert_contains(heard(b, 1.1), "\t-20.00\t36.0\t0.01\t9.7\t0\t0\t0\t0\t0\t0\t0\r\n");
}

static void test_broadcast_soc_bar(void **state)
{
	struct bench *b = *state;

	bench_tell(b, "broadcast soc");
	assert_string_equal(heard(b, 1.1), "[#################   ] 84%\r\n");
	bench_tell(b, "broadcast fast"); /* excludes 0.1 to 0.5 s */
	assert_string_equal(heard(b, 3.0), "");
}

static void test_broadcast_period(void **state)
{
	struct bench *b = *state;
	unsigned lines = 0;

	bench_tell(b, "broadcast ca");
	bench_tell(b, "broadcast fast");
	for (const char *p = heard(b, 5.0); (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	assert_int_equal(lines, 49);
}

/* The BMS pauses its text to answer, and goes on with it. */
static void test_broadcast_gives_way(void **state)
{
	struct bench *b = *state;
	char text[1024];

	bench_tell(b, "broadcast ascii");
	bench_wait(b, 1.001);
	assert_true(strlen(b->got) > 0 && strlen(b->got) < 100);
	bench_ask(b, status_request);
	const char *answer = strstr(b->got, status_answer);

	assert_non_null(answer);
	bytes_to_text(answer + strlen(status_answer) + 1, text, sizeof(text));
	assert_contains(text, "CSS:0\r\n");
	bench_tell(b, "silent 5");
	assert_string_equal(heard(b, 4.0), "");
	bench_tell(b, "silent 0");
	bench_tell(b, "sleep");
	assert_string_equal(heard(b, 4.0), "");
}

/* ---- counters -------------------------------------------------------------------- */

static void test_counters(void **state)
{
	struct bench *b = *state;

	bench_ask(b, status_request);
	bench_ask(b, "AA 13 3E DD");
	bench_ask(b, "AA 14 7E AF");
	bench_ask(b, "55 55");
	bench_tell(b, "silent 0.1");
	bench_ask(b, status_request);
	bench_wait(b, 0.1);
	bench_ask(b, "AA 0B 06 3B 01 68 10 C4 09 1D CC");
	assert_string_equal(
		bench_tell(b, "get requests"),
		"requests=4 answered=2 refused=2 lost=1 crc_errors=1 ignored=1 writes=1 "
		"bytes_in=29 bytes_out=23");
	assert_string_equal(bench_tell(b, "get last-request"), "AA 0B 06 3B 01 68 10 C4 09 1D CC");
	assert_string_equal(bench_tell(b, "get last-answer"), "AA 01 0B 11 B7");
	bench_tell(b, "reset-counters");
	assert_true(g_str_has_prefix(bench_tell(b, "get requests"), "requests=0 answered=0 "));
}

#define LINE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINE_TEST(test_pace),
		LINE_TEST(test_pause_inside_a_request),
		LINE_TEST(test_packet_left_alone),
		LINE_TEST(test_sleep),
		LINE_TEST(test_wake_up_by_a_request_sent_twice),
		LINE_TEST(test_what_keeps_it_awake),
		LINE_TEST(test_high_power_sleeps_earlier),
		LINE_TEST(test_silence),
		LINE_TEST(test_refusals),
		LINE_TEST(test_spoiled_answers),
		LINE_TEST(test_stall),
		LINE_TEST(test_delay_and_split),
		LINE_TEST(test_silence_after_a_write),
		LINE_TEST(test_noise),
		LINE_TEST(test_reset),
		LINE_TEST(test_broadcast_ascii),
		LINE_TEST(test_broadcast_ca_v3),
		LINE_TEST(test_broadcast_soc_bar),
		LINE_TEST(test_broadcast_period),
		LINE_TEST(test_broadcast_gives_way),
		LINE_TEST(test_counters),
	};

	return cmocka_run_group_tests_name("sim_line", tests, NULL, NULL);
}
