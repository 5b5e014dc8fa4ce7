/* SPDX-License-Identifier: MIT */
/* A job against a BMS of one array, which misbehaves as each case says. */
#include "support.h"

#include "tinybms/job.h"

enum { STEPS_MAX = 1000, TURN_US = 100 * 1000 };

struct device {
	uint16_t word[400];
	unsigned refuses_natively, refuses; /* address of a setting: sent so, or either way */
	unsigned forgets;		    /* acknowledged, not taken */
	unsigned absent;		    /* refused when read */
	unsigned loses_ack;		    /* taken, but the acknowledgement is lost */
	int silent_from, silent_for;	    /* requests */
	unsigned dead_after_write;	    /* nothing answers once this was written */
	unsigned takes_late;		    /* a second after the acknowledgement */
	bool is_half_deaf;		    /* hears seven of ten requests */
	bool refuses_ranges, has_short_ranges;

	int requests, writes;
	gint64 now_us, late_us;
	uint16_t late;
};

static bool is_silent(struct device *d)
{
	const int n = d->requests++;

	return (d->is_half_deaf && n % 10 < 9 && (n % 10) % 3 == 0) ||
	       (d->silent_for && n >= d->silent_from && n < d->silent_from + d->silent_for);
}

static void store(struct device *d, unsigned address, uint16_t word)
{
	d->word[address] = word;
	if (address == 328) {
		const uint32_t soc = word * 2000u;

		d->word[46] = (uint16_t) soc;
		d->word[47] = (uint16_t) (soc >> 16);
		d->word[328] = SETTING_TAKEN;
	}
	if (address == 323) {
		d->word[45] = d->word[45] ? word : 0;
		d->word[323] = SETTING_TAKEN;
	}
}

static void take(struct device *d, struct job *job, unsigned address, const uint16_t *words,
		 unsigned count)
{
	d->writes++;
	if (address == d->dead_after_write) {
		d->silent_from = d->requests;
		d->silent_for = STEPS_MAX;
	}
	if (address == d->takes_late) {
		d->late = words[0];
		d->late_us = d->now_us + G_USEC_PER_SEC;
	} else if (address != d->forgets)
		for (unsigned i = 0; i < count; i++)
			store(d, address + i, words[i]);
	if (address == d->loses_ack)
		job_unanswered(job, d->now_us);
	else
		job_answered(job, NULL, 0, d->now_us);
}

/* AA 0D LEN (ADDR DATA)..., low byte first: chapter 1 of the document. */
static void receive_list(struct device *d, struct job *job, const struct job_step *s)
{
	uint16_t words[2] = { 0 };
	unsigned address = 0, count = 0;

	assert_int_equal(s->payload[0], s->payload_count - 1);
	for (size_t i = 1; i + 3 < s->payload_count; i += 4) {
		if (!count)
			address = frame_u16(s->payload + i);
		assert_int_equal(frame_u16(s->payload + i), address + count);
		words[count++] = frame_u16(s->payload + i + 2);
	}
	if (address == d->refuses_natively || address == d->refuses)
		job_refused(job, d->now_us);
	else
		take(d, job, address, words, count);
}

static void receive_command(struct device *d, struct job *job, const struct job_step *s)
{
	uint16_t words[SETTINGS_COUNT];

	if (s->command == FRAME_WRITE_LIST) {
		receive_list(d, job, s);
	} else if (s->command == FRAME_RESET) {
		d->writes++;
		job_answered(job, NULL, 0, d->now_us);
	} else if (d->refuses_ranges) {
		job_refused(job, d->now_us);
	} else {
		/* AA 1D 01 00 2C: option, 00, count */
		assert_int_equal(s->command, FRAME_SETTINGS);
		assert_int_equal(s->payload_count, 3);
		assert_int_equal(s->payload[1], 0);
		assert_int_equal(s->payload[2], 44);
		for (unsigned i = 0; i < SETTINGS_COUNT; i++)
			words[i] = (uint16_t) (1000 * s->payload[0] + i);
		job_answered(job, words, d->has_short_ranges ? 20 : SETTINGS_COUNT, d->now_us);
	}
}

static void turn(struct device *d, struct job *job, const struct job_step *s)
{
	d->now_us += TURN_US;
	if (d->late_us && d->now_us >= d->late_us)
		d->word[d->takes_late] = d->late;
	if (is_silent(d)) {
		job_unanswered(job, d->now_us);
	} else if (s->action == JOB_COMMAND) {
		receive_command(d, job, s);
	} else if (s->first == d->absent ||
		   (s->action == JOB_WRITE_WORDS && s->first == d->refuses)) {
		job_refused(job, d->now_us);
	} else if (s->action == JOB_WRITE_WORDS) {
		take(d, job, s->first, s->words, s->count);
	} else {
		job_answered(job, d->word + s->first, s->count, d->now_us);
	}
}

static void run(struct device *d, struct job *job)
{
	struct job_step step;
	int steps = 0;

	for (; job_next(job, &step); steps++) {
		assert_in_range(steps, 0, STEPS_MAX - 1);
		turn(d, job, &step);
	}
	assert_int_not_equal(job->state, JOB_RUNNING);
}

static void fill(struct device *d)
{
	d->word[45] = 49000;  /* SOH 98 % */
	store(d, 328, 25000); /* SOC 50 % */
	d->word[300] = 3600;
	d->word[312] = 0x0001;
	d->word[313] = 0x0001;
	d->word[315] = 3700;
	d->word[320] = 0;
	d->now_us = G_USEC_PER_SEC;
}

/* 300, 312 (two words), 315 */
static void add_three(struct job *job)
{
	job_init_write(job);
	assert_true(job_add(job, settings_by_address(300), 3650));
	assert_true(job_add(job, settings_by_address(312), 70000));
	assert_true(job_add(job, settings_by_address(315), 3750));
}

static const struct {
	const char *name;
	struct device device;
	enum job_state state;
	enum job_undoing undoing;
	size_t failed;
	int writes; /* that the BMS took */
} sets[] = {
	{ "all is well", { .absent = 0 }, JOB_DONE, JOB_UNDO_NOTHING, 0, 3 },
	{ "refused natively only", { .refuses_natively = 312 }, JOB_DONE, JOB_UNDO_NOTHING, 0, 3 },
	{ "the first is refused", { .refuses = 300 }, JOB_REFUSED, JOB_UNDO_NOTHING, 0, 0 },
	{ "the last is refused", { .refuses = 315 }, JOB_REFUSED, JOB_UNDONE, 2, 4 },
	{ "one is absent", { .absent = 312 }, JOB_REFUSED, JOB_UNDO_NOTHING, 1, 0 },
	{ "the last is not taken", { .forgets = 315 }, JOB_NOT_TAKEN, JOB_UNDONE, 2, 6 },
	{ "an acknowledgement is lost", { .loses_ack = 312 }, JOB_DONE, JOB_UNDO_NOTHING, 0, 3 },
	{ "asleep at first", { .silent_for = 1 }, JOB_DONE, JOB_UNDO_NOTHING, 0, 3 },
	{ "busy after a write",
	  { .silent_from = 4, .silent_for = 8 },
	  JOB_DONE,
	  JOB_UNDO_NOTHING,
	  0,
	  3 },
	{ "a write is not heard",
	  { .silent_from = 5, .silent_for = 1 },
	  JOB_DONE,
	  JOB_UNDO_NOTHING,
	  0,
	  3 },
	{ "one is taken late", { .takes_late = 300 }, JOB_DONE, JOB_UNDO_NOTHING, 0, 3 },
	{ "silent from the start",
	  { .silent_for = STEPS_MAX },
	  JOB_SILENT,
	  JOB_UNDO_NOTHING,
	  0,
	  0 },
	{ "gone in the middle", { .dead_after_write = 312 }, JOB_SILENT, JOB_UNDO_FAILED, 1, 2 },
	{ "away for 11 s", { .silent_from = 4, .silent_for = 110 }, JOB_SILENT, JOB_UNDONE, 0, 2 },
};

static void test_sets(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
		struct device d = sets[i].device;
		struct job job;

		print_message("%s\n", sets[i].name);
		fill(&d);
		add_three(&job);
		run(&d, &job);
		assert_int_equal(job.state, sets[i].state);
		assert_int_equal(job.undoing, sets[i].undoing);
		assert_int_equal(job.failed, sets[i].failed);
		assert_int_equal(d.writes, sets[i].writes);
		if (job.undoing == JOB_UNDO_FAILED)
			continue;

		const bool is_new = job.state == JOB_DONE;

		assert_int_equal(d.word[300], is_new ? 3650 : 3600);
		assert_int_equal(d.word[312], is_new ? 70000 & 0xFFFF : 1);
		assert_int_equal(d.word[313], 1);
		assert_int_equal(d.word[315], is_new ? 3750 : 3700);
		for (size_t k = 0; k < job.count; k++)
			assert_int_equal(job.write[k].is_changed, is_new);
	}
}

/* 44 settings take more than JOB_PATIENCE_US so; patience is with one silence, not with all. */
static void test_a_poor_line_is_no_silence(void **state)
{
	struct device d = { .is_half_deaf = true };
	struct job job;

	fill(&d);
	job_init_write(&job);
	for (uint16_t i = 0; i < JOB_WRITES_MAX; i++)
		assert_true(job_add(&job, settings_by_address(300), 3650u + i));
	assert_false(job_add(&job, settings_by_address(300), 3600));
	run(&d, &job);
	assert_int_equal(job.state, JOB_DONE);
	assert_true(d.now_us > 2 * JOB_PATIENCE_US);
}

static void test_what_was_there_is_told(void **state)
{
	struct device d = { .refuses = 315 };
	struct job job;

	fill(&d);
	add_three(&job);
	run(&d, &job);
	assert_int_equal(job.write[1].before, 0x10001);
	assert_int_equal(job.write[2].before, 3700);
	assert_int_equal(job.write[0].found, 3600);
}

static void test_what_cannot_be_given_back_is_told(void **state)
{
	struct device d = { .dead_after_write = 312 };
	struct job job;

	fill(&d);
	add_three(&job);
	run(&d, &job);
	assert_true(job.write[0].is_changed);
	assert_true(job.write[1].is_changed);
	assert_false(job.write[2].is_changed);
}

static void test_an_equal_value_is_not_written(void **state)
{
	struct device d = { .absent = 0 };
	struct job job;

	fill(&d);
	job_init_write(&job);
	job_add(&job, settings_by_address(300), 3600);
	job_add(&job, settings_by_address(320), (uint16_t) -5);
	run(&d, &job);
	assert_int_equal(job.state, JOB_DONE);
	assert_int_equal(d.writes, 1);
	assert_int_equal(d.word[320], 0xFFFB);
}

static const struct {
	const char *name;
	struct device device;
	unsigned address;
	uint32_t wanted;
	bool has_no_soh;
	enum job_state state;
} levels[] = {
	{ "SOC", { .absent = 0 }, 328, 50000, false, JOB_DONE },
	{ "SOC that stays", { .forgets = 328 }, 328, 50000, false, JOB_NOT_TAKEN },
	{ "SOC that was right already", { .absent = 0 }, 328, 25000, false, JOB_DONE },
	{ "SOH", { .absent = 0 }, 323, 45000, false, JOB_DONE },
	{ "SOH that stays", { .forgets = 323 }, 323, 45000, false, JOB_NOT_TAKEN },
	{ "SOH of old firmware", { .absent = 0 }, 323, 45000, true, JOB_DONE },
};

static void test_levels_are_seen_in_the_live_values(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
		struct device d = levels[i].device;
		struct job job;

		print_message("%s\n", levels[i].name);
		fill(&d);
		if (levels[i].has_no_soh)
			d.word[45] = 0;
		job_init_write(&job);
		job_add(&job, settings_by_address((uint16_t) levels[i].address), levels[i].wanted);
		run(&d, &job);
		assert_int_equal(job.state, levels[i].state);
		assert_true(d.writes >= 1);
	}
}

static void test_an_invisible_soh_is_not_set_to_nothing(void **state)
{
	struct device d = { .refuses = 300 };
	struct job job;

	fill(&d);
	d.word[45] = 0;
	job_init_write(&job);
	job_add(&job, settings_by_address(323), 45000);
	job_add(&job, settings_by_address(300), 3650);
	run(&d, &job);
	assert_int_equal(job.state, JOB_REFUSED);
	assert_int_equal(job.undoing, JOB_UNDO_FAILED);
	assert_int_equal(d.writes, 1);
}

static void test_ranges(void **state)
{
	struct device d = { .absent = 0 }, refusing = { .refuses_ranges = true },
		      brief = { .has_short_ranges = true };
	struct job job;

	job_init_ranges(&job);
	run(&d, &job);
	assert_int_equal(job.state, JOB_DONE);
	assert_true(job.ranges.has_min && job.ranges.has_max && job.ranges.has_default);
	assert_int_equal(job.ranges.min[0], 1000);
	assert_int_equal(job.ranges.max[43], 2043);
	assert_int_equal(job.ranges.fallback[7], 3007);

	job_init_ranges(&job);
	run(&refusing, &job);
	assert_int_equal(job.state, JOB_DONE);
	assert_false(job.ranges.has_min || job.ranges.has_max || job.ranges.has_default);

	job_init_ranges(&job);
	run(&brief, &job);
	assert_int_equal(job.state, JOB_DONE);
	assert_false(job.ranges.has_min || job.ranges.has_max || job.ranges.has_default);
}

static void test_resets(void **state)
{
	struct device d = { .silent_for = 1 };
	struct job job;

	job_init_reset(&job, FRAME_RESET_EVENTS);
	run(&d, &job);
	assert_int_equal(job.state, JOB_DONE);
	assert_int_equal(d.writes, 1);

	/* it may be restarting already: not twice */
	d = (struct device){ .silent_for = 1 };
	job_init_reset(&job, FRAME_RESET_BMS);
	run(&d, &job);
	assert_int_equal(job.state, JOB_SILENT);
	assert_int_equal(d.writes, 0);
}

/* A line that is lost: nothing can be undone, and what was sent is told. */
static void test_a_lost_line_ends_it(void **state)
{
	for (int steps = 0; steps < 12; steps++) {
		struct device d = { 0 };
		struct job_step step;
		struct job job;
		bool is_sent = false;

		fill(&d);
		add_three(&job);
		for (int i = 0; i < steps && job_next(&job, &step); i++)
			turn(&d, &job, &step);

		const gint64 lost_us = d.now_us;

		while (job.state == JOB_RUNNING) {
			d.now_us += TURN_US;
			job_postponed(&job, d.now_us);
		}
		if (job.state == JOB_DONE)
			continue;
		assert_int_equal(job.state, JOB_ABANDONED);
		assert_int_equal(d.now_us - lost_us, JOB_PATIENCE_US + TURN_US);
		for (size_t i = 0; i < job.count; i++)
			is_sent = is_sent || job.write[i].is_changed;
		assert_int_equal(is_sent, d.writes > 0);
		assert_int_equal(job.undoing, is_sent ? JOB_UNDO_FAILED : JOB_UNDO_NOTHING);
	}
}

static void test_an_interruption_is_borne(void **state)
{
	struct device d = { 0 };
	struct job_step step;
	struct job job;

	fill(&d);
	add_three(&job);
	while (job_next(&job, &step)) {
		job_postponed(&job, d.now_us);
		d.now_us += JOB_PATIENCE_US / 2;
		job_postponed(&job, d.now_us);
		turn(&d, &job, &step);
	}
	assert_int_equal(job.state, JOB_DONE);
	job_abandon(&job);
	assert_int_equal(job.state, JOB_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_a_poor_line_is_no_silence),
		cmocka_unit_test(test_what_was_there_is_told),
		cmocka_unit_test(test_what_cannot_be_given_back_is_told),
		cmocka_unit_test(test_an_equal_value_is_not_written),
		cmocka_unit_test(test_levels_are_seen_in_the_live_values),
		cmocka_unit_test(test_an_invisible_soh_is_not_set_to_nothing),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_a_lost_line_ends_it),
		cmocka_unit_test(test_an_interruption_is_borne),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
