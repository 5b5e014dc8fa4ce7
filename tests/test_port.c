/* SPDX-License-Identifier: MIT */
/* What a serial line can do to a request, on a real tty. */
#include "tests/support.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fake_line.h"
#include "tinybms/port.h"

enum { COUNT = 56, NO_ERROR = -1 };

struct row {
	const char *name;
	unsigned script[4];
	int want; /* enum port_error, or NO_ERROR */
	const char *sentence;
	struct port_counters counters; /* but for the bytes */
};

/* clang-format off */
static const struct row rows[] = {
	{ "a good answer", { FAKE_GOOD }, NO_ERROR, NULL, { 0 } },
	{ "an answer in two pieces", { FAKE_SPLIT }, NO_ERROR, NULL, { 0 } },
	{ "silence", { FAKE_SILENT }, PORT_ERROR_SILENT, "no answer", { .timeouts = 1 } },
	{ "noise before the answer costs nothing more than a repetition",
	  { FAKE_NOISE | FAKE_GOOD, FAKE_GOOD }, NO_ERROR, NULL, { .crc_errors = 1, .retries = 1 } },
	{ "noise before both answers is skipped",
	  { FAKE_NOISE | FAKE_GOOD }, NO_ERROR, NULL, { .crc_errors = 1, .retries = 1 } },
	{ "broadcast text before the answer is skipped",
	  { FAKE_TEXT | FAKE_GOOD }, NO_ERROR, NULL, { .crc_errors = 1, .retries = 1 } },
	{ "a wrong checksum once", { FAKE_BAD_CRC, FAKE_GOOD }, NO_ERROR, NULL, { .crc_errors = 1, .retries = 1 } },
	{ "wrong checksums only", { FAKE_BAD_CRC }, PORT_ERROR_GARBLED, "noise instead of an answer",
	  { .crc_errors = 2, .retries = 1 } },
	{ "a BMS that stops in mid-frame once", { FAKE_TRUNCATED, FAKE_GOOD }, NO_ERROR, NULL,
	  { .crc_errors = 1, .retries = 1 } },
	{ "a BMS that always stops in mid-frame", { FAKE_TRUNCATED }, PORT_ERROR_GARBLED,
	  "noise instead of an answer", { .crc_errors = 2, .retries = 1 } },
	{ "another slave's frame", { FAKE_FOREIGN }, PORT_ERROR_GARBLED, "noise instead of an answer",
	  { .crc_errors = 2, .retries = 1 } },
	{ "a refusal is a refusal, not a time-out", { FAKE_REFUSAL }, PORT_ERROR_REFUSED,
	  "refused by the BMS", { .crc_errors = 1, .retries = 1, .refusals = 1 } },
	{ "a request that comes spoiled to the BMS is noise", { FAKE_BAD_REQUEST }, PORT_ERROR_GARBLED,
	  "the BMS saw a wrong checksum", { .crc_errors = 2, .retries = 1 } },
	{ "one that comes spoiled once", { FAKE_BAD_REQUEST, FAKE_GOOD }, NO_ERROR, NULL,
	  { .crc_errors = 1, .retries = 1 } },
	{ "an adapter that is pulled", { FAKE_HANG_UP }, PORT_ERROR_GONE, "the port has vanished", { 0 } },
};
/* clang-format on */

static void check_words(const uint16_t *words)
{
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(words[i], i);
}

static void test_row(const struct row *row)
{
	struct fake_line *line = fake_line_new(row->script);
	struct port_counters counters = { 0 };
	g_autoptr(GError) error = NULL;
	uint16_t words[COUNT] = { 0 };
	struct port *p = port_open(fake_line_path(line), false, &counters, &error);

	print_message("# %s\n", row->name);
	assert_null(error);
	const bool is_fine = port_read(p, 0, COUNT, words, &error);

	if (row->want == NO_ERROR) {
		assert_null(error);
		assert_true(is_fine);
		check_words(words);
	} else {
		assert_false(is_fine);
		assert_true(g_error_matches(error, PORT_ERROR, row->want));
		assert_contains(error->message, row->sentence);
	}
	assert_int_equal(counters.timeouts, row->counters.timeouts);
	assert_int_equal(counters.crc_errors, row->counters.crc_errors);
	assert_int_equal(counters.refusals, row->counters.refusals);
	assert_int_equal(counters.retries, row->counters.retries);
	port_close(p);
	fake_line_free(line);
}

static void reads_through_all_that_a_line_does(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		test_row(&rows[i]);
}

static void the_read_after_noise_is_clean(void **state)
{
	static const unsigned script[] = { FAKE_TRUNCATED, FAKE_GOOD, FAKE_GOOD, 0 };
	struct fake_line *line = fake_line_new(script);
	struct port_counters counters = { 0 };
	uint16_t words[COUNT];
	struct port *p = port_open(fake_line_path(line), false, &counters, NULL);

	assert_true(port_read(p, 0, COUNT, words, NULL));
	assert_true(port_read(p, 0, COUNT, words, NULL));
	check_words(words);
	assert_int_equal(counters.retries, 1);
	assert_int_equal(fake_line_requests(line), 3);
	port_close(p);
	fake_line_free(line);
}

static void assert_cannot_open(const char *path, const char *sentence)
{
	struct port_counters counters = { 0 };
	g_autoptr(GError) error = NULL;

	assert_null(port_open(path, false, &counters, &error));
	assert_true(g_error_matches(error, PORT_ERROR, PORT_ERROR_ABSENT));
	assert_contains(error->message, path);
	assert_contains(error->message, sentence);
}

static void says_why_a_port_cannot_be_opened(void **state)
{
	assert_cannot_open("/dev/serial/by-id/nothing-of-that-name", "there is no such device");
	assert_cannot_open("/dev/null", "that is no serial port");
	assert_cannot_open("/dev", "that is no serial port");
}

static void a_port_that_another_program_has_is_named(void **state)
{
	static const unsigned script[] = { FAKE_GOOD, 0 };
	struct fake_line *line = fake_line_new(script);
	const int other = open(fake_line_path(line), O_RDWR | O_NOCTTY);

	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	assert_cannot_open(fake_line_path(line), "another program has it open");
	close(other);
	fake_line_free(line);
}

/* Root may open everything: as another user. */
static void permission_denied_is_said(void **state)
{
	static const unsigned script[] = { FAKE_GOOD, 0 };
	struct fake_line *line = fake_line_new(script);

	assert_int_equal(chmod(fake_line_path(line), 0), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_cannot_open(fake_line_path(line), "permission denied");
	assert_int_equal(seteuid(getuid()), 0);
	fake_line_free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_through_all_that_a_line_does),
		cmocka_unit_test(the_read_after_noise_is_clean),
		cmocka_unit_test(says_why_a_port_cannot_be_opened),
		cmocka_unit_test(a_port_that_another_program_has_is_named),
		cmocka_unit_test(permission_denied_is_said),
	};

	return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
