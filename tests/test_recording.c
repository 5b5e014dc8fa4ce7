/* SPDX-License-Identifier: MIT */
#include "tests/temp_folder.h"

#include "history/recording.h"
#include "snapshot_csv.h"

static struct ring_row row_at(int64_t s)
{
	struct ring_row row = { .boot = 7, .up_ms = s * 1000, .wall_s = 1760000000 + s };

	battery_clear(&row.battery);
	row.battery.cell_count = 15;
	for (unsigned i = 0; i < 15; i++)
		row.battery.cell_v[i] = 3.2 + 0.0001 * i;
	row.battery.pack_v = 48.25;
	row.battery.current_a = (double) s;
	row.battery.soc_pct = 55.5;
	row.battery.temp_internal_c = 21.5;
	row.battery.status = BATTERY_STATUS_CHARGING;
	row.battery.balancing = 0x4001;
	row.battery.settings.over_voltage_v = 3.65;
	row.battery.settings.series_cells = 15;
	battery_events_add(&row.battery.active, 0x31);
	battery_derive(&row.battery);
	return row;
}

struct rows {
	unsigned count;
	double first_a, last_a, last_s;
};

static void count_row(const struct ring_row *row, double t_s, void *user)
{
	struct rows *r = user;

	if (r->count++ == 0)
		r->first_a = row->battery.current_a;
	else
		assert_true(row->battery.current_a > r->last_a);
	r->last_a = row->battery.current_a;
	r->last_s = t_s;
}

static struct rows rows_of(const char *path)
{
	struct rows r = { 0 };
	unsigned period_s;

	assert_true(ring_each(path, count_row, &r, &period_s, NULL));
	assert_int_equal(period_s, 10);
	return r;
}

static struct ring *open_ring(const char *path, unsigned rows, const char *trouble_part)
{
	g_autofree char *trouble = NULL;
	struct ring *r = ring_open(path, rows, 10, &trouble);

	if (trouble_part)
		assert_contains(trouble, trouble_part);
	else
		assert_null(trouble);
	return r;
}

static void add(struct ring *r, int from, int to)
{
	for (int i = from; i <= to; i++) {
		const struct ring_row row = row_at(i);

		ring_add(r, &row);
	}
	assert_true(ring_flush(r, NULL));
}

static void a_row_comes_back_as_it_was(void **state)
{
	struct ring_row row = row_at(3), again;
	uint8_t bytes[RING_ROW_BYTES];

	row.number = 1;
	ring_row_encode(&row, bytes);
	assert_true(ring_row_decode(bytes, &again));
	assert_int_equal(again.battery.cell_count, 15);
	assert_near(again.battery.cell_v[14], 3.2014, 1e-9);
	assert_near(again.battery.cell_v[15], (double) NAN, 0.0);
	assert_near(again.battery.pack_v, 48.25, 1e-6);
	assert_near(again.battery.temp_external_c[0], (double) NAN, 0.0);
	assert_near(again.battery.settings.over_voltage_v, 3.65, 1e-6);
	assert_int_equal(again.battery.balancing, 0x4001);
	assert_int_equal(again.battery.status, BATTERY_STATUS_CHARGING);
	assert_true(battery_events_equal(&again.battery.active, &row.battery.active));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= 0x10;
		assert_false(ring_row_decode(bytes, &again));
		bytes[i] ^= 0x10;
	}
}

static void the_newest_rows_stay_over_restarts(void **state)
{
	g_autofree char *path = g_build_filename(*state, "r", NULL);
	struct ring *r = open_ring(path, 20, NULL);
	GStatBuf st;

	add(r, 1, 13);
	ring_close(r);
	r = open_ring(path, 20, NULL);
	add(r, 14, 33);
	add(r, 34, 35);
	ring_close(r);

	const struct rows rows = rows_of(path);

	assert_int_equal(rows.count, 20);
	assert_near(rows.first_a, 16.0, 0.0);
	assert_near(rows.last_a, 35.0, 0.0);
	assert_int_equal(g_stat(path, &st), 0);
	assert_int_equal(st.st_size, 32 + 20 * RING_ROW_BYTES);
}

/* A power cut or a broken file system: each row stands for itself. */
static void a_ring_that_ends_at_any_byte_goes_on(void **state)
{
	g_autofree char *path = g_build_filename(*state, "r", NULL);
	g_autofree char *text = NULL;
	struct ring *r = open_ring(path, 4, NULL);
	gsize length;

	add(r, 1, 4);
	ring_close(r);
	assert_true(g_file_get_contents(path, &text, &length, NULL));
	for (gsize n = 0; n <= length; n++) {
		const unsigned whole = n < 32 ? 0 : (unsigned) ((n - 32) / RING_ROW_BYTES);

		assert_true(g_file_set_contents(path, text, (gssize) n, NULL));
		r = open_ring(path, 4, n < 32 ? "set aside" : NULL);
		add(r, 50, 50);
		ring_close(r);

		const struct rows rows = rows_of(path);

		assert_int_equal(rows.count, whole == 4 ? 4 : whole + 1);
		assert_near(rows.last_a, 50.0, 0.0);
	}
}

static void a_row_that_is_torn_is_left_out(void **state)
{
	g_autofree char *path = g_build_filename(*state, "r", NULL);
	g_autofree char *text = NULL;
	struct ring *r = open_ring(path, 4, NULL);
	gsize length;

	add(r, 1, 4);
	ring_close(r);
	assert_true(g_file_get_contents(path, &text, &length, NULL));
	for (gsize n = 32; n < length; n++) {
		text[n] ^= 1;
		assert_true(g_file_set_contents(path, text, (gssize) length, NULL));
		assert_int_equal(rows_of(path).count, 3);
		text[n] ^= 1;
	}
	for (gsize n = 0; n < 32; n++) {
		text[n] ^= 1;
		assert_true(g_file_set_contents(path, text, (gssize) length, NULL));
		ring_close(open_ring(path, 4, "set aside"));
		text[n] ^= 1;
	}
}

static void rows_wait_for_a_disk_that_is_full(void **state)
{
	g_autofree char *folder = g_build_filename(*state, "absent", NULL);
	g_autofree char *path = g_build_filename(folder, "r", NULL);
	struct ring *r = open_ring(path, 100, NULL);
	g_autoptr(GError) error = NULL;

	for (int i = 1; i <= RING_PENDING_MAX + 5; i++) {
		const struct ring_row row = row_at(i);

		ring_add(r, &row);
	}
	assert_false(ring_flush(r, &error));
	assert_contains(error->message, path);
	assert_int_equal(g_mkdir(folder, 0700), 0);
	assert_true(ring_flush(r, NULL));
	ring_close(r);

	const struct rows rows = rows_of(path);

	assert_int_equal(rows.count, RING_PENDING_MAX);
	assert_near(rows.first_a, 6.0, 0.0);
	g_remove(path);
	g_rmdir(folder);
}

static void a_clock_that_is_set_later_dates_its_boot(void **state)
{
	g_autofree char *path = g_build_filename(*state, "r", NULL);
	struct ring *r = open_ring(path, 20, NULL);
	struct ring_row row = row_at(10);

	row.wall_s = 1000;
	ring_add(r, &row);
	row = row_at(20);
	ring_add(r, &row);
	assert_true(ring_flush(r, NULL));
	ring_close(r);
	assert_near(rows_of(path).last_s, 1760000020.0, 0.5);

	struct rows rows = { 0 };
	unsigned period_s;

	assert_true(ring_each(path, count_row, &rows, &period_s, NULL));
	assert_near(rows.first_a, 10.0, 0.0);
	assert_near(rows.last_s - (rows.last_a - rows.first_a), 1760000010.0, 0.5);
}

/* ---- both rings, as a table ------------------------------------------------------------ */

struct table {
	struct snapshot_csv csv;
	unsigned lines, silent;
	double first_s, last_s;
};

static void take_line(const char *line, void *user)
{
	struct table *t = user;
	struct snapshot_csv_row row;
	g_autoptr(GError) error = NULL;

	if (t->lines++ == 0) {
		assert_true(snapshot_csv_read_header(&t->csv, line, &error));
		return;
	}
	assert_true(snapshot_csv_read_row(&t->csv, line, &row, &error));
	assert_true(t->lines == 2 || row.t_s > t->last_s);
	if (t->lines == 2)
		t->first_s = row.t_s;
	t->last_s = row.t_s;
	t->silent += row.is_silent;
}

static void a_day_and_a_month_are_kept_within_4_mb_and_replay(void **state)
{
	const int64_t end_s = (int64_t) 86400 * 2 + 3600;
	g_autofree char *stem = g_build_filename(*state, "rec", NULL);
	g_autofree char *day = recording_path(stem, RECORDING_DAY);
	g_autofree char *month = recording_path(stem, RECORDING_MONTH);
	const struct recording_range all = { .to_s = 1e12 };
	struct table t = { 0 };
	g_autofree char *trouble = NULL;
	struct recording *r = recording_open(stem, &trouble);

	assert_null(trouble);
	for (int64_t s = 0; s <= end_s; s++) {
		struct ring_row row = row_at(s);

		row.is_silent = s >= 100000 && s < 100100;
		if (s < 150000 || s > 150600) /* the service was stopped for ten minutes */
			assert_true(recording_step(r, &row, NULL));
	}
	assert_true(recording_close(r, NULL));
	assert_true(recording_read(day, &all, take_line, &t, NULL));
	/* the last 8640 rows and the header, and one silent row where the stop was */
	assert_int_equal(t.lines, 8640 + 1 + 1);
	assert_near(t.last_s, 1760000000.0 + (double) end_s, 10.0);
	assert_near(t.first_s, t.last_s - 86400 - 590, 20.0);
	assert_int_equal(t.silent, 1 + 10);

	t = (struct table){ 0 };
	assert_true(recording_read(month, &all, take_line, &t, NULL));
	assert_in_range(t.lines, end_s / 300 - 1, end_s / 300 + 2);
	assert_true(8640 * RING_ROW_BYTES * 2 + 64 < 4000000);

	const struct recording_range hour = { .from_s = t.last_s - 3600, .to_s = t.last_s, .step_s = 60 };

	t = (struct table){ 0 };
	assert_true(recording_read(day, &hour, take_line, &t, NULL));
	assert_in_range(t.lines, 61, 62);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_comes_back_as_it_was),
		test_in_folder(the_newest_rows_stay_over_restarts),
		test_in_folder(a_ring_that_ends_at_any_byte_goes_on),
		test_in_folder(a_row_that_is_torn_is_left_out),
		test_in_folder(rows_wait_for_a_disk_that_is_full),
		test_in_folder(a_clock_that_is_set_later_dates_its_boot),
		test_in_folder(a_day_and_a_month_are_kept_within_4_mb_and_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
