/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "managed.h"

static const struct complaint_case {
	const char *name;
	const char *want; /* part of the complaint; NULL: none */
	unsigned count;
	enum managed batteries[4];
} cases[] = {
	{ "alone", NULL, 1, { MANAGED_AUTO } },
	{ "alone and apart", NULL, 1, { MANAGED_NO } },
	{ "nobody has chosen", "DVCC obeys one only", 2, { MANAGED_AUTO, MANAGED_AUTO } },
	{ "one apart, none managed", "\"managed\" to \"yes\"", 2, { MANAGED_AUTO, MANAGED_NO } },
	{ "one managed, one unsaid", "\"managed\" to \"no\"", 2, { MANAGED_YES, MANAGED_AUTO } },
	{ "two managed", "More than one", 2, { MANAGED_YES, MANAGED_YES } },
	{ "two managed, one apart", "More than one", 3, { MANAGED_YES, MANAGED_NO, MANAGED_YES } },
	{ "chosen", NULL, 2, { MANAGED_NO, MANAGED_YES } },
	{ "chosen among four", NULL, 4, { MANAGED_NO, MANAGED_YES, MANAGED_NO, MANAGED_NO } },
	{ "all guarded elsewhere", NULL, 2, { MANAGED_NO, MANAGED_NO } },
};

static void complains_until_one_is_chosen(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct complaint_case *c = &cases[i];
		const char *got = managed_complaint(c->batteries, c->count);

		if (!c->want && got)
			fail_msg("%s: complains: %s", c->name, got);
		if (c->want && (!got || !strstr(got, c->want)))
			fail_msg("%s: %s", c->name, got ? got : "does not complain");
	}
}

static void reads_only_its_own_words(void **state)
{
	assert_int_equal(managed_parse("yes"), MANAGED_YES);
	assert_int_equal(managed_parse("no"), MANAGED_NO);
	assert_int_equal(managed_parse("auto"), MANAGED_AUTO);
	assert_int_equal(managed_parse("maybe"), MANAGED_AUTO);
	assert_int_equal(managed_parse(NULL), MANAGED_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complains_until_one_is_chosen),
		cmocka_unit_test(reads_only_its_own_words),
	};

	return cmocka_run_group_tests_name("managed", tests, NULL, NULL);
}
