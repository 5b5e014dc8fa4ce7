/* SPDX-License-Identifier: MIT */
/* A day of a simulated BMS in virtual time, against its own integral of what went through it. */
#include "tests/temp_folder.h"

#include <math.h>

#include "history/history_file.h"
#include "sim/bench.h"
#include "tinybms/registers.h"

enum { DAY_S = 86400, RESTARTS = 6, AWAY_S = 4 };

/* A sun that comes and goes, a house that never sleeps, a kettle. */
static double current_at(int s)
{
	const double sun = sin((s - 21600) * G_PI / 43200.0);
	const double kettle = (s + 3000) % 7200 < 240 ? -45.0 : 0.0;

	return round((sun > 0.0 ? 24.0 * sun : 0.0) - 9.0 - 4.0 * sin(s / 97.0) + kettle);
}

static bool read_battery(struct bench *bench, struct battery *b)
{
	struct registers_habit habit = { 0 };
	uint16_t words[REGISTERS_LIVE_COUNT];
	uint16_t settings[64];

	for (unsigned i = 0; i < REGISTERS_LIVE_COUNT; i++)
		words[i] = device_word(&bench->s.device, (uint16_t) (REGISTERS_LIVE_FIRST + i));
	for (unsigned i = 0; i < 44; i++)
		settings[i] = device_word(&bench->s.device, (uint16_t) (300 + i));
	battery_clear(b);
	registers_decode_settings(settings, &b->settings);
	return registers_decode_live(words, &habit, b, NULL);
}

/* The service ends: the file is what the next one starts from. */
static void restart(struct history *h, const char *path, double wall_s)
{
	struct history_kept kept;
	g_autofree char *trouble = NULL;
	double saved_s;

	assert_true(history_file_save(path, "x", &h->kept, wall_s, NULL));
	assert_true(history_file_load(path, "x", &kept, &saved_s, &trouble));
	assert_null(trouble);
	history_resume(h, &kept, AWAY_S);
}

static void a_day_with_restarts_is_within_a_thousandth(void **state)
{
	g_autofree char *path = g_build_filename(*state, "history.json", NULL);
	struct bench *bench = bench_new();
	struct history h;

	history_init(&h);
	bench_tell(bench, "set soc 60");
	for (int s = 0; s < DAY_S; s++) {
		struct battery b;

		bench->s.device.idle_s = 0.0; /* somebody is always asking */
		bench->s.device.drive.current_a = current_at(s);
		bench->now_us += G_USEC_PER_SEC;
		device_advance(&bench->s.device, bench->now_us);
		if (s % (DAY_S / RESTARTS) == DAY_S / RESTARTS - 1)
			restart(&h, path, 1.7e9 + s);
		if (s % (DAY_S / RESTARTS) < AWAY_S && s > DAY_S / RESTARTS)
			continue;
		assert_true(read_battery(bench, &b));
		b.taken_us = bench->now_us;
		history_step(&h, &b, 1.7e9 + s);
	}

	const struct device_totals *real = &bench->s.device.totals;
	const struct energy_totals *t = &h.kept.totals;

	assert_true(real->charged_wh > 1000.0 && real->discharged_wh > 1000.0);
	assert_near(t->charged_wh / real->charged_wh, 1.0, 1e-3);
	assert_near(t->discharged_wh / real->discharged_wh, 1.0, 1e-3);
	assert_near(t->charged_ah / real->charged_ah, 1.0, 1e-3);
	assert_near(t->discharged_ah / real->discharged_ah, 1.0, 1e-3);
	assert_near(t->gaps, RESTARTS, 0.0);
	bench_free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = { test_in_folder(a_day_with_restarts_is_within_a_thousandth) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
