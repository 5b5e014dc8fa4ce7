/* SPDX-License-Identifier: MIT */
/* temp_folder - a folder of its own for one test, as setup and teardown; *state is its path */
#pragma once

#include "tests/support.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline int make_folder(void **state)
{
	*state = g_dir_make_tmp("tinybms-test-XXXXXX", NULL);
	return *state ? 0 : -1;
}

static inline int remove_folder(void **state)
{
	GDir *dir = g_dir_open(*state, 0, NULL);

	for (const char *name; (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(*state, name, NULL);

		g_remove(path);
	}
	g_dir_close(dir);
	g_rmdir(*state);
	g_free(*state);
	return 0;
}

#define test_in_folder(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
