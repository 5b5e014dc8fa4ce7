/* SPDX-License-Identifier: MIT */
/* A file that is replaced: whole, with its mode, and never through what others have put there. */
#include "support.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "tests/temp_folder.h"

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void assert_text(const char *path, const char *want)
{
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	assert_string_equal(text, want);
}

static void keeps_the_mode(void **state)
{
	g_autofree char *path = g_build_filename(*state, "f", NULL);

	assert_true(file_replace(path, "one", 3, NULL));
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(chmod(path, 0640), 0);
	assert_true(file_replace(path, "two", 3, NULL));
	assert_text(path, "two");
	assert_int_equal(mode_of(path), 0640);
}

/* Root changes what a process without rights reads: never for a moment must it be root's alone. */
static void keeps_the_owner(void **state)
{
	g_autofree char *path = g_build_filename(*state, "f", NULL);
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_true(file_replace(path, "one", 3, NULL));
	assert_int_equal(chown(path, 65534, 65533), 0);
	assert_true(file_replace(path, "two", 3, NULL));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 65533);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Whoever owns the folder must not lead a writer with more rights to another file. */
static void writes_through_no_link(void **state)
{
	g_autofree char *path = g_build_filename(*state, "f", NULL);
	g_autofree char *beside = g_strconcat(path, ".new", NULL);
	g_autofree char *precious = g_build_filename(*state, "precious", NULL);

	assert_true(g_file_set_contents(precious, "keep me", -1, NULL));
	for (int is_hard = 0; is_hard < 2; is_hard++) {
		assert_int_equal(is_hard ? link(precious, beside) : symlink(precious, beside), 0);
		assert_true(file_replace(path, "new", 3, NULL));
		assert_text(path, "new");
		assert_text(precious, "keep me");
		assert_false(g_file_test(path, G_FILE_TEST_IS_SYMLINK));
	}
}

static void leaves_the_old_one_where_it_cannot_write(void **state)
{
	g_autofree char *path = g_build_filename(*state, "f", NULL);
	g_autofree char *beside = g_strconcat(path, ".new", NULL);
	g_autoptr(GError) error = NULL;

	assert_true(file_replace(path, "old", 3, NULL));
	assert_int_equal(g_mkdir(beside, 0700), 0); /* root may write anywhere else */
	assert_false(file_replace(path, "new", 3, &error));
	assert_contains(error->message, "the previous file stays in force");
	assert_text(path, "old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_folder(keeps_the_mode),
		test_in_folder(keeps_the_owner),
		test_in_folder(writes_through_no_link),
		test_in_folder(leaves_the_old_one_where_it_cannot_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
