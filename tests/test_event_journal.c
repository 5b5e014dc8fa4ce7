/* SPDX-License-Identifier: MIT */
#include "tests/temp_folder.h"

#include "history/event_journal.h"

static const char SERIAL[] = "0123456789ABCDEF01234567";
static const struct journal_clock clock_a = { .wall_s = 1.76e9, .offset_s = 1.76e9 - 100, .boot = "a" };

/* ---- helpers ---------------------------------------------------------------------- */

static char *path_in(void **state)
{
	return g_build_filename(*state, "journal", NULL);
}

static struct event_journal *open_journal(const char *path, const char *trouble_part)
{
	g_autofree char *trouble = NULL;
	struct event_journal *j = event_journal_open(path, &trouble);

	if (trouble_part)
		assert_contains(trouble, trouble_part);
	else
		assert_null(trouble);
	return j;
}

static void add(struct event_list *list, uint8_t id, int64_t time_s)
{
	list->event[list->count++] = (struct event){ .id = id, .time_s = time_s };
}

static int take(struct event_journal *j, const struct event_list *list, double life_s)
{
	return event_journal_take_events(j, SERIAL, list, life_s, &clock_a, NULL);
}

struct seen {
	size_t count;
	char text[4096]; /* "id@t id@t? ", ? is a guess */
};

static void note(const cJSON *entry, void *user)
{
	struct seen *s = user;
	char word[64];

	snprintf(word, sizeof(word), "%g@%.0f%s ", journal_number(entry, "id"), journal_number(entry, "t"),
		 cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "guess")) ? "?" : "");
	if (strlen(s->text) + strlen(word) < sizeof(s->text))
		strcat(s->text, word);
	s->count++;
}

static struct seen read_all(const char *path)
{
	struct seen s = { 0 };
	g_autofree char *text = NULL;
	gsize count = 0;

	if (g_file_get_contents(path, &text, &count, NULL))
		journal_each(text, count, note, &s);
	return s;
}

/* ---- events ----------------------------------------------------------------------- */

static void events_have_wall_clock_time_and_are_never_taken_twice(void **state)
{
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };

	add(&list, 0x61, 1000);
	add(&list, 0x62, 1500);
	assert_int_equal(take(j, &list, 2000.0), 2);
	assert_int_equal(take(j, &list, 2060.0), 0);
	add(&list, 0x02, 2050);
	add(&list, 0x02, 2050); /* twice in the same second are two */
	assert_int_equal(take(j, &list, 2060.0), 2);
	assert_int_equal(take(j, &list, 2070.0), 0);
	event_journal_close(j);

	j = open_journal(path, NULL); /* the service restarts */
	assert_int_equal(take(j, &list, 2080.0), 0);
	add(&list, 0x7B, 2085);
	assert_int_equal(take(j, &list, 2090.0), 1);
	assert_near(event_journal_next_number(j), 6.0, 0.0);
	event_journal_close(j);

	const struct seen s = read_all(path);

	assert_string_equal(s.text, "97@1759999000? 98@1759999500? 2@1759999990 2@1759999990 "
				    "123@1759999995 ");
}

/* The BMS keeps 49: the oldest fall out, and its owner may clear the list. */
static void a_list_that_rolls_or_is_cleared_loses_and_repeats_nothing(void **state)
{
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };
	int taken = 0;

	for (int64_t t = 1; t <= 300; t++) {
		if (list.count == EVENTS_MAX)
			memmove(&list.event[0], &list.event[1], --list.count * sizeof(list.event[0]));
		add(&list, (uint8_t) (0x62 + t % 2), t * 10);
		if (t % 7 == 0)
			taken += take(j, &list, (double) t * 10.0);
		if (t == 150) {
			taken += take(j, &list, (double) t * 10.0);
			list.count = 0;
			taken += take(j, &list, (double) t * 10.0);
		}
	}
	taken += take(j, &list, 3000.0);
	assert_int_equal(taken, 300);
	event_journal_close(j);
	assert_int_equal(read_all(path).count, 300);
}

/* Times of 24 bits: the wrap is the same event, whatever the service takes its time for. */
static void a_wrap_of_the_time_makes_no_new_event(void **state)
{
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };

	add(&list, 0x61, 0x1000005);
	assert_int_equal(take(j, &list, 0x1000010), 1);
	list.event[0].time_s = 5;
	assert_int_equal(take(j, &list, 0x10), 0);
	event_journal_close(j);
}

static void another_bms_has_events_of_its_own(void **state)
{
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };

	add(&list, 0x61, 1000);
	assert_int_equal(take(j, &list, 2000.0), 1);
	assert_int_equal(event_journal_take_events(j, "other", &list, 2000.0, &clock_a, NULL), 1);
	assert_int_equal(event_journal_take_events(j, SERIAL, &list, 2000.0, &clock_a, NULL), 0);
	event_journal_close(j);
}

/* ---- bounds and damage ---------------------------------------------------------------- */

static void the_file_is_bounded_and_the_newest_stay(void **state)
{
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	GStatBuf st;
	int64_t t = 0;

	for (int i = 0; i < 80; i++) {
		struct event_list list = { 0 };

		while (list.count < EVENTS_MAX)
			add(&list, 0x62, ++t);
		assert_int_equal(take(j, &list, (double) t), EVENTS_MAX);
	}
	event_journal_close(j);
	assert_int_equal(g_stat(path, &st), 0);
	assert_in_range(st.st_size, JOURNAL_BYTES_MAX / 2, JOURNAL_BYTES_MAX);
	j = open_journal(path, NULL);
	assert_near(event_journal_next_number(j), 80.0 * EVENTS_MAX + 1.0, 0.0);
	event_journal_close(j);
}

/* A power cut leaves any number of the bytes: what is whole is kept, what comes after is good. */
static void a_file_that_ends_at_any_byte_goes_on(void **state)
{
	g_autofree char *path = path_in(state);
	g_autofree char *text = NULL;
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };
	gsize length;

	add(&list, 0x61, 1000);
	add(&list, 0x62, 1500);
	add(&list, 0x63, 1600);
	assert_int_equal(take(j, &list, 2000.0), 3);
	event_journal_close(j);
	assert_true(g_file_get_contents(path, &text, &length, NULL));

	for (gsize n = 0; n <= length; n++) {
		g_autofree char *trouble = NULL;
		size_t whole = 0;

		for (gsize i = 0; i < n; i++)
			whole += text[i] == '\n';
		assert_true(g_file_set_contents(path, text, (gssize) n, NULL));
		j = event_journal_open(path, &trouble);
		assert_true((trouble != NULL) == (n > 0 && text[n - 1] != '\n'));
		assert_int_equal(take(j, &list, 2000.0), 3 - (int) whole);
		event_journal_close(j);
		assert_int_equal(read_all(path).count, 3);
	}
}

static void altered_lines_are_set_aside_and_the_others_stay(void **state)
{
	g_autofree char *path = path_in(state);
	g_autofree char *damaged = g_strconcat(path, ".damaged", NULL);
	g_autofree char *text = NULL;
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };
	gsize length;

	add(&list, 0x61, 1000);
	add(&list, 0x62, 1500);
	assert_int_equal(take(j, &list, 2000.0), 2);
	event_journal_close(j);
	assert_true(g_file_get_contents(path, &text, &length, NULL));
	text[5] ^= 1;
	assert_true(g_file_set_contents(path, text, (gssize) length, NULL));
	j = open_journal(path, damaged);
	assert_true(g_file_test(damaged, G_FILE_TEST_EXISTS));
	assert_int_equal(read_all(path).count, 1);
	assert_int_equal(take(j, &list, 2000.0), 1); /* what was lost comes again */
	event_journal_close(j);
	event_journal_close(open_journal(path, NULL));
}

static void what_cannot_be_written_is_tried_again(void **state)
{
	g_autofree char *path = g_build_filename(*state, "absent", "journal", NULL);
	struct event_journal *j = open_journal(path, NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_path_get_dirname(path);
	struct event_list list = { 0 };

	add(&list, 0x61, 1000);
	assert_int_equal(event_journal_take_events(j, SERIAL, &list, 2000.0, &clock_a, &error), -1);
	assert_contains(error->message, path);
	assert_int_equal(g_mkdir(folder, 0700), 0);
	assert_int_equal(take(j, &list, 2000.0), 1);
	event_journal_close(j);
	g_remove(path);
	g_rmdir(folder);
}

/* ---- the clock ------------------------------------------------------------------------- */

static void a_clock_that_is_set_later_dates_this_boot_anew(void **state)
{
	const struct journal_clock unset = { .wall_s = 1000.0, .offset_s = 900.0, .boot = "b" };
	const struct journal_clock set = { .wall_s = 1.77e9 + 60, .offset_s = 1.77e9 - 100, .boot = "b" };
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };

	add(&list, 0x61, 1000);
	assert_int_equal(take(j, &list, 1500.0), 1); /* boot a, the clock is right */
	add(&list, 0x62, 2000);
	assert_int_equal(event_journal_take_events(j, SERIAL, &list, 2010.0, &unset, NULL), 1);
	assert_true(event_journal_correct(j, SERIAL, 2010.0, &unset, NULL)); /* changes nothing */
	assert_string_equal(read_all(path).text, "97@1759999500? 98@990 ");
	assert_true(event_journal_correct(j, SERIAL, 2070.0, &set, NULL));
	assert_string_equal(read_all(path).text, "97@1759999500? 98@1769999990 ");
	assert_true(event_journal_correct(j, SERIAL, 2070.0, &set, NULL));
	assert_string_equal(read_all(path).text, "97@1759999500? 98@1769999990 ");
	event_journal_close(j);
}

/* The power went before the clock was set: the BMS's own time still tells. */
static void an_older_boot_without_a_clock_is_dated_by_the_bms(void **state)
{
	const struct journal_clock unset = { .wall_s = 1000.0, .offset_s = 900.0, .boot = "b" };
	const struct journal_clock set = { .wall_s = 1.77e9, .offset_s = 1.77e9 - 50, .boot = "c" };
	g_autofree char *path = path_in(state);
	struct event_journal *j = open_journal(path, NULL);
	struct event_list list = { 0 };

	add(&list, 0x62, 2000);
	assert_int_equal(event_journal_take_events(j, SERIAL, &list, 2010.0, &unset, NULL), 1);
	assert_true(event_journal_correct(j, "other", 5000.0, &set, NULL));
	assert_string_equal(read_all(path).text, "98@990? ");
	assert_true(event_journal_correct(j, SERIAL, 5000.0, &set, NULL));
	assert_string_equal(read_all(path).text, "98@1769997000? ");
	event_journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_folder(events_have_wall_clock_time_and_are_never_taken_twice),
		test_in_folder(a_list_that_rolls_or_is_cleared_loses_and_repeats_nothing),
		test_in_folder(a_wrap_of_the_time_makes_no_new_event),
		test_in_folder(another_bms_has_events_of_its_own),
		test_in_folder(the_file_is_bounded_and_the_newest_stay),
		test_in_folder(a_file_that_ends_at_any_byte_goes_on),
		test_in_folder(altered_lines_are_set_aside_and_the_others_stay),
		test_in_folder(what_cannot_be_written_is_tried_again),
		test_in_folder(a_clock_that_is_set_later_dates_this_boot_anew),
		test_in_folder(an_older_boot_without_a_clock_is_dated_by_the_bms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
