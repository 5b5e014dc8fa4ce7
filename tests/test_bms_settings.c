/* SPDX-License-Identifier: MIT */
/* Changes that wait for one another, with a BMS that a test answers for. */
#include "support.h"

#include <fcntl.h>
#include <unistd.h>

#include "manage/bms_settings.h"

static const struct bms_origin ORIGIN = { .who = "test", .path = "test" };

/* The line to the BMS: one job is on it, or there is none. */
struct line {
	bool is_there;
	unsigned jobs;
	acquisition_job_func fn;
	void *user;
};

static bool submit(const struct job *job, acquisition_job_func fn, void *fn_user, void *user)
{
	struct line *line = user;

	if (!line->is_there)
		return false;
	line->jobs++;
	line->fn = fn;
	line->user = fn_user;
	return true;
}

static void end(struct line *line, enum job_state how)
{
	struct job job;

	job_init_reset(&job, FRAME_RESET_STATISTICS);
	job.state = how;
	line->fn(&job, line->user);
}

/* What has been answered. */
struct answers {
	unsigned done, refused;
	char last[200];
};

static void on_answer(bool is_done, const char *sentence, void *user)
{
	struct answers *a = user;

	a->done += is_done;
	a->refused += !is_done;
	g_strlcpy(a->last, sentence, sizeof(a->last));
}

static void ask(struct bms_settings *s, unsigned times, struct answers *answers)
{
	for (unsigned i = 0; i < times; i++)
		bms_settings_reset(s, FRAME_RESET_STATISTICS, &ORIGIN, on_answer, answers);
}

static void test_one_after_the_other(void **state)
{
	struct line line = { .is_there = true };
	struct bms_settings *s = bms_settings_new("/no/such/folder/journal", submit, &line);
	struct answers answers = { 0 };

	ask(s, 3, &answers);
	assert_int_equal(line.jobs, 1);
	end(&line, JOB_DONE);
	assert_int_equal(line.jobs, 2);
	end(&line, JOB_REFUSED);
	end(&line, JOB_DONE);
	assert_int_equal(line.jobs, 3);
	assert_int_equal(answers.done, 2);
	assert_int_equal(answers.refused, 1);
	bms_settings_free(s);
}

static void test_a_lost_line_ends_all_that_wait(void **state)
{
	struct line line = { .is_there = true };
	struct bms_settings *s = bms_settings_new("/no/such/folder/journal", submit, &line);
	struct answers answers = { 0 };

	ask(s, 3, &answers);
	end(&line, JOB_ABANDONED);
	assert_int_equal(line.jobs, 1);
	assert_int_equal(answers.refused, 3);
	assert_contains(answers.last, "not reached");
	ask(s, 1, &answers);
	assert_int_equal(line.jobs, 2);
	end(&line, JOB_DONE);
	assert_int_equal(answers.done, 1);
	bms_settings_free(s);
}

/* Each is worth a line in the log, which is the standard output; thousands are not, here. */
static int hush(void)
{
	const int kept_fd = dup(STDOUT_FILENO), null_fd = open("/dev/null", O_WRONLY);

	fflush(stdout);
	assert_int_equal(dup2(null_fd, STDOUT_FILENO), STDOUT_FILENO);
	close(null_fd);
	return kept_fd;
}

static void speak(int kept_fd)
{
	fflush(stdout);
	assert_int_equal(dup2(kept_fd, STDOUT_FILENO), STDOUT_FILENO);
	close(kept_fd);
}

/* However many a client has asked for: each is refused, on a stack that does not grow. */
static void test_many_that_are_refused_at_once(void **state)
{
	enum { MANY = 8000 };
	struct line line = { .is_there = true };
	struct bms_settings *s = bms_settings_new("/no/such/folder/journal", submit, &line);
	struct answers answers = { 0 };

	ask(s, 1 + MANY, &answers);
	line.is_there = false;

	const int kept_fd = hush();

	end(&line, JOB_DONE);
	speak(kept_fd);
	assert_int_equal(answers.done, 1);
	assert_int_equal(answers.refused, MANY);
	bms_settings_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_a_lost_line_ends_all_that_wait),
		cmocka_unit_test(test_many_that_are_refused_at_once),
	};

	return cmocka_run_group_tests_name("bms_settings", tests, NULL, NULL);
}
