/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <glib.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state_file.h"

static void assert_line(const char *path, const char *want)
{
	char *text = NULL, *whole = g_strdup_printf("%ld %s\n", (long) getpid(), want);

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, whole);
	g_free(text);
	g_free(whole);
}

static void test_says_what_is_and_then_goes(void **state)
{
	char *dir = g_dir_make_tmp("state.XXXXXX", NULL), *path = g_build_filename(dir, "s", NULL);
	struct state_file *s = state_file_new(path);
	struct stat first, second;

	state_file_say(s, false, "The BMS does not answer.");
	assert_line(path, "waiting The BMS does not answer.");
	state_file_say(s, true, "com.victronenergy.battery.ttyUSB0");
	assert_line(path, "publishing com.victronenergy.battery.ttyUSB0");

	/* Nothing new, nothing written. */
	assert_int_equal(stat(path, &first), 0);
	state_file_say(s, true, "com.victronenergy.battery.ttyUSB0");
	assert_int_equal(stat(path, &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);

	state_file_free(s);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(rmdir(dir), 0);
	g_free(path);
	g_free(dir);
}

static void test_no_path_and_no_folder_do_no_harm(void **state)
{
	struct state_file *none = state_file_new(NULL), *lost = state_file_new("/no/such/folder/s");

	state_file_say(none, true, "x");
	state_file_say(lost, true, "x");
	state_file_free(none);
	state_file_free(lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_what_is_and_then_goes),
		cmocka_unit_test(test_no_path_and_no_folder_do_no_harm),
	};

	return cmocka_run_group_tests_name("state_file", tests, NULL, NULL);
}
