/* SPDX-License-Identifier: MIT */
#include "tests/support.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "history/history_file.h"
#include "history/history_text.h"
#include "sealed.h"

static const char SERIAL[] = "0123456789ABCDEF01234567";

struct place {
	char folder[64], path[96], previous[112], damaged[112];
};

static struct history_kept lived(double charged_wh)
{
	struct history h;

	history_init(&h);
	h.kept.totals.charged_wh = charged_wh;
	h.kept.cycles = 12.5;
	h.kept.deepest_ah = -80.25;
	h.kept.cell_min_v = (struct history_extreme){ 2.987654321, 1.7e9 };
	return h.kept;
}

static int make_folder(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/tinybms-history-XXXXXX");
	assert_non_null(g_mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/history.json", p->folder);
	snprintf(p->previous, sizeof(p->previous), "%s.previous", p->path);
	snprintf(p->damaged, sizeof(p->damaged), "%s.damaged", p->path);
	*state = p;
	return 0;
}

static int remove_folder(void **state)
{
	struct place *p = *state;
	GDir *dir = g_dir_open(p->folder, 0, NULL);

	for (const char *name; (name = g_dir_read_name(dir));) {
		g_autofree char *path = g_build_filename(p->folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(dir);
	rmdir(p->folder);
	free(p);
	return 0;
}

static void save(const struct place *p, double charged_wh)
{
	const struct history_kept kept = lived(charged_wh);
	g_autoptr(GError) error = NULL;

	assert_true(history_file_save(p->path, SERIAL, &kept, 1.7e9, &error));
}

/* @return charged_wh, NAN if there is nothing */
static double load(const struct place *p, bool is_troubled)
{
	struct history_kept kept = { .totals.charged_wh = (double) NAN };
	g_autofree char *trouble = NULL;
	double saved_s = 0.0;
	const bool is_there = history_file_load(p->path, SERIAL, &kept, &saved_s, &trouble);

	assert_true(is_troubled == (trouble != NULL));
	if (trouble)
		assert_contains(trouble, p->path);
	return is_there ? kept.totals.charged_wh : (double) NAN;
}

static void all_numbers_come_back(void **state)
{
	const struct history_kept kept = lived(1234.56789);
	g_autofree char *text = history_format(&kept, SERIAL, 1.75e9);
	g_autoptr(GError) error = NULL;
	struct history_kept again;
	double saved_s;

	assert_true(history_parse(text, SERIAL, &again, &saved_s, &error));
	assert_near(saved_s, 1.75e9, 0.0);

	const double *a = (const double *) &kept, *b = (const double *) &again;

	for (size_t i = 0; i < sizeof(kept) / sizeof(double); i++)
		assert_near(b[i], a[i], 0.0);
}

/* A power cut or a broken disk: nothing that was altered is ever taken for the history. */
static void every_truncation_and_every_flipped_byte_is_noticed(void **state)
{
	const struct history_kept kept = lived(1.0);
	g_autofree char *text = history_format(&kept, SERIAL, 1.75e9);
	const size_t length = strlen(text);
	struct history_kept again;
	double saved_s;

	/* without its last newline it is still whole */
	for (size_t n = 0; n < length - 1; n++) {
		g_autofree char *cut = g_strndup(text, n);
		g_autoptr(GError) error = NULL;

		assert_false(history_parse(cut, SERIAL, &again, &saved_s, &error));
		assert_int_equal(error->code, HISTORY_ERROR_DAMAGED);
	}
	for (size_t n = 0; n < length - 1; n++) {
		g_autofree char *spoilt = g_strdup(text);
		g_autoptr(GError) error = NULL;

		spoilt[n] ^= 1;
		assert_false(history_parse(spoilt, SERIAL, &again, &saved_s, &error));
	}
}

static void what_cannot_be_is_refused(void **state)
{
	static const char *const bad[] = { "{}", "{\"version\":1}", "[]", "",
					   "{\"version\":2,\"serial\":\"0123456789ABCDEF01234567\"}" };
	const struct history_kept negative = lived(-1.0), good = lived(1.0);
	g_autofree char *text = history_format(&negative, SERIAL, 1.0);
	g_autofree char *other = history_format(&good, "other", 1.0);
	struct history_kept kept;
	double saved_s;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *sealed = sealed_close(bad[i]);
		g_autoptr(GError) error = NULL;

		assert_false(history_parse(sealed, SERIAL, &kept, &saved_s, &error));
	}
	assert_false(history_parse(text, SERIAL, &kept, &saved_s, NULL));
	assert_false(history_parse(other, SERIAL, &kept, &saved_s, NULL));
}

static void the_newest_counts_and_the_previous_stays(void **state)
{
	const struct place *p = *state;

	assert_near(load(p, false), (double) NAN, 0.0);
	save(p, 1.0);
	assert_near(load(p, false), 1.0, 0.0);
	save(p, 2.0);
	assert_near(load(p, false), 2.0, 0.0);
	assert_true(g_file_test(p->previous, G_FILE_TEST_EXISTS));
}

static void a_damaged_one_is_set_aside_and_the_previous_counts(void **state)
{
	const struct place *p = *state;

	save(p, 1.0);
	save(p, 2.0);
	assert_int_equal(truncate(p->path, 100), 0);
	assert_near(load(p, true), 1.0, 0.0);
	assert_true(g_file_test(p->damaged, G_FILE_TEST_EXISTS));
	assert_near(load(p, false), 1.0, 0.0); /* said once */
	save(p, 3.0);
	assert_near(load(p, false), 3.0, 0.0);
}

static void when_both_are_damaged_it_starts_anew(void **state)
{
	const struct place *p = *state;

	save(p, 1.0);
	save(p, 2.0);
	assert_int_equal(truncate(p->path, 0), 0);
	assert_int_equal(truncate(p->previous, 10), 0);
	assert_near(load(p, true), (double) NAN, 0.0);
	save(p, 3.0);
	assert_near(load(p, false), 3.0, 0.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_numbers_come_back),
		cmocka_unit_test(every_truncation_and_every_flipped_byte_is_noticed),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test_setup_teardown(the_newest_counts_and_the_previous_stays, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_damaged_one_is_set_aside_and_the_previous_counts,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(when_both_are_damaged_it_starts_anew, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
