/* SPDX-License-Identifier: MIT */
/* A folder stands for Venus OS: locks, a port, and a stop-tty.sh that notes how it was called. */
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tinybms/port.h"
#include "tinybms/serial_starter.h"

struct place {
	char *dir, *locks, *port, *link;
	struct serial_starter s;
};

static char *in(const struct place *p, const char *name)
{
	return g_build_filename(p->dir, name, NULL);
}

static void write_tool(const struct place *p, const char *body)
{
	char *tool = in(p, "stop-tty.sh"), *text = g_strdup_printf("#!/bin/sh\n%s\n", body);

	assert_true(g_file_set_contents(tool, text, -1, NULL));
	assert_int_equal(chmod(tool, 0755), 0);
	g_free(tool);
	g_free(text);
}

static int setup(void **state)
{
	struct place *p = g_new0(struct place, 1);

	p->dir = g_dir_make_tmp("starter.XXXXXX", NULL);
	p->locks = in(p, "locks");
	p->port = in(p, "ttyUSB7");
	p->link = in(p, "usb-adapter");
	assert_int_equal(mkdir(p->locks, 0755), 0);
	assert_true(g_file_set_contents(p->port, "", 0, NULL));
	assert_int_equal(symlink("ttyUSB7", p->link), 0);
	write_tool(p, "echo \"$1\" >>\"${0%/*}/called\"");
	serial_starter_init(&p->s);
	p->s.lock_dir = p->locks;
	p->s.tool_dir = p->dir;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char *argv[] = { (char *) "rm", (char *) "-r", p->dir, NULL };

	g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(p->dir);
	g_free(p->locks);
	g_free(p->port);
	g_free(p->link);
	g_free(p);
	return 0;
}

static char *lock_target(const struct place *p)
{
	char *path = g_build_filename(p->locks, "ttyUSB7", NULL);
	char *target = g_file_read_link(path, NULL);

	g_free(path);
	return target;
}

static void assert_lock(const struct place *p, pid_t pid)
{
	char *target = lock_target(p), *want = g_strdup_printf("%ld", (long) pid);

	if (pid)
		assert_string_equal(target, want);
	else
		assert_null(target);
	g_free(target);
	g_free(want);
}

static void put_lock(const struct place *p, const char *target)
{
	char *path = g_build_filename(p->locks, "ttyUSB7", NULL);

	assert_int_equal(symlink(target, path), 0);
	g_free(path);
}

static void test_takes_by_the_stable_name_and_gives_back(void **state)
{
	struct place *p = *state;
	char *called = in(p, "called"), *text;

	assert_true(serial_starter_take(&p->s, p->link, NULL));
	assert_lock(p, getpid());
	assert_true(g_file_get_contents(called, &text, NULL, NULL));
	assert_string_equal(text, "ttyUSB7\n");
	serial_starter_give(&p->s);
	assert_lock(p, 0);
	g_free(text);
	g_free(called);
}

static void test_renews_a_lock_that_a_dying_probe_removed(void **state)
{
	struct place *p = *state;
	char *path = g_build_filename(p->locks, "ttyUSB7", NULL);

	assert_true(serial_starter_take(&p->s, p->port, NULL));
	unlink(path);
	serial_starter_renew(&p->s);
	assert_lock(p, getpid());
	g_free(path);
}

/* Killed without notice, a program leaves its lock: the kernel knows that it has ended. */
static void test_a_lock_of_the_dead_is_taken_over(void **state)
{
	struct place *p = *state;
	const pid_t child = fork();

	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	char *number = g_strdup_printf("%ld", (long) child);

	put_lock(p, number);
	assert_true(serial_starter_take(&p->s, p->port, NULL));
	assert_lock(p, getpid());
	g_free(number);
}

static void test_a_lock_of_the_living_is_respected(void **state)
{
	struct place *p = *state;
	GError *error = NULL;
	char *number = g_strdup_printf("%ld", (long) getppid());

	put_lock(p, number);
	assert_false(serial_starter_take(&p->s, p->port, &error));
	assert_true(g_error_matches(error, PORT_ERROR, PORT_ERROR_ABSENT));
	assert_contains(error->message, number);
	serial_starter_renew(&p->s);
	serial_starter_give(&p->s);
	assert_lock(p, getppid());
	g_clear_error(&error);
	g_free(number);
}

/* stop-tty.sh returns at once, the program that it stops removes its lock a little later. */
static void test_waits_for_a_probe_to_end(void **state)
{
	struct place *p = *state;
	char *number = g_strdup_printf("%ld", (long) getppid());

	write_tool(p, "(sleep 0.3; rm \"${0%/*}/locks/ttyUSB7\") & :");
	put_lock(p, number);
	assert_true(serial_starter_take(&p->s, p->port, NULL));
	assert_lock(p, getpid());
	g_free(number);
}

static void test_another_port_gives_the_first_back(void **state)
{
	struct place *p = *state;
	char *other = in(p, "ttyUSB8");

	assert_true(g_file_set_contents(other, "", 0, NULL));
	assert_true(serial_starter_take(&p->s, p->port, NULL));
	assert_true(serial_starter_take(&p->s, other, NULL));
	assert_lock(p, 0);
	assert_string_equal(p->s.tty, "ttyUSB8");
	g_free(other);
}

static void test_nothing_happens_without_port_or_serial_starter(void **state)
{
	struct place *p = *state;

	assert_true(serial_starter_take(&p->s, "/dev/no-such-port", NULL));
	p->s.lock_dir = "/no/such/folder";
	assert_true(serial_starter_take(&p->s, p->port, NULL));
	serial_starter_renew(&p->s);
	serial_starter_give(&p->s);
	assert_lock(p, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_takes_by_the_stable_name_and_gives_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_renews_a_lock_that_a_dying_probe_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_lock_of_the_dead_is_taken_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_lock_of_the_living_is_respected, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_a_probe_to_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_port_gives_the_first_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_happens_without_port_or_serial_starter, setup, teardown),
	};

	return cmocka_run_group_tests_name("serial_starter", tests, NULL, NULL);
}
