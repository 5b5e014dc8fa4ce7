/* SPDX-License-Identifier: MIT */
/* The secrets file under the hands of others. */
#include "tests/temp_folder.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include "gateway/secrets.h"

enum { NOBODY = 65534 };

/* Root writes a file that the gateway may not read, and then gives it to the gateway. */
static void rights_that_come_later_are_seen(void **state)
{
	g_autofree char *path = g_build_filename(*state, "gateway-secrets.json", NULL);
	struct secrets *s;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(*state, 0755), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	assert_non_null(s = secrets_new(path, NULL));
	assert_false(secrets_has_password(s));

	assert_int_equal(seteuid(0), 0);
	assert_true(g_file_set_contents(path, "{\"mqtt_password\":\"new\"}", -1, NULL));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	secrets_refresh(s);
	assert_true(secrets_has_password(s)); /* which nobody knows */
	assert_false(secrets_check_password(s, "!"));

	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	secrets_refresh(s);
	assert_false(secrets_has_password(s));
	assert_string_equal(secrets_mqtt_password(s), "new");
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0); /* the leak check has to look */
	secrets_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_folder(rights_that_come_later_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
