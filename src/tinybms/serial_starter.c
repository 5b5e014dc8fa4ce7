/* SPDX-License-Identifier: MIT */
#include "tinybms/serial_starter.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tinybms/port.h"

enum {
	TOOL_US = 15 * G_USEC_PER_SEC, /* stop-tty.sh waits for services to end */
	LOCK_US = 5 * G_USEC_PER_SEC,  /* a stopped program removes its lock when it ends */
	STEP_US = 50 * 1000,
};

void serial_starter_init(struct serial_starter *s)
{
	*s = (struct serial_starter){
		.lock_dir = "/var/lock/serial-starter",
		.tool_dir = "/opt/victronenergy/serial-starter",
	};
}

/* ---- its tools ------------------------------------------------------------------- */

static void wait_for(GPid child)
{
	for (gint64 waited_us = 0; waited_us < TOOL_US; waited_us += STEP_US) {
		if (waitpid(child, NULL, WNOHANG) != 0)
			return;
		g_usleep(STEP_US);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void stop_tty(const struct serial_starter *s, const char *tty)
{
	g_autofree char *tool = g_build_filename(s->tool_dir, "stop-tty.sh", NULL);
	char *argv[] = { tool, (char *) tty, NULL };
	GPid child;

	if (g_spawn_async(NULL, argv, NULL,
			  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
				  G_SPAWN_STDERR_TO_DEV_NULL,
			  NULL, NULL, &child, NULL))
		wait_for(child);
}

/* ---- the lock -------------------------------------------------------------------- */

static char *lock_path(const struct serial_starter *s, const char *tty)
{
	return g_build_filename(s->lock_dir, tty, NULL);
}

/* 0: there is no lock; -1: what is there names no process. */
static pid_t holder_of(const char *path)
{
	g_autofree char *target = g_file_read_link(path, NULL);
	char *end;

	if (!target)
		return g_file_test(path, G_FILE_TEST_EXISTS) ? -1 : 0;
	const long pid = strtol(target, &end, 10);

	return *end || pid <= 0 ? -1 : (pid_t) pid;
}

static bool is_alive(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

static bool try_lock(const char *path)
{
	g_autofree char *self = g_strdup_printf("%ld", (long) getpid());
	const pid_t holder = holder_of(path);

	if (holder == getpid())
		return true;
	if (holder != 0 && (holder < 0 || !is_alive(holder)))
		unlink(path);
	return symlink(self, path) == 0;
}

static char *program_of(pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%ld/comm", (long) pid);
	char *name = NULL;

	if (!g_file_get_contents(path, &name, NULL, NULL))
		return g_strdup("a program");
	return g_strchomp(name);
}

static bool refuse(const char *path, const char *lock, GError **error)
{
	const pid_t holder = holder_of(lock);
	g_autofree char *program = program_of(holder);

	g_set_error(error, PORT_ERROR, PORT_ERROR_ABSENT,
		    "%s: %s (process %ld) keeps the port; stop it, or name another port", path,
		    program, (long) holder);
	return false;
}

bool serial_starter_take(struct serial_starter *s, const char *path, GError **error)
{
	g_autofree char *device = realpath(path, NULL);

	if (!device || access(s->lock_dir, W_OK) != 0)
		return true;

	g_autofree char *tty = g_path_get_basename(device);
	g_autofree char *lock = lock_path(s, tty);

	if (strcmp(tty, s->tty) != 0)
		serial_starter_give(s);
	stop_tty(s, tty);
	for (gint64 waited_us = 0; !try_lock(lock); waited_us += STEP_US) {
		if (waited_us >= LOCK_US)
			return refuse(path, lock, error);
		g_usleep(STEP_US);
	}
	g_strlcpy(s->tty, tty, sizeof(s->tty));
	return true;
}

void serial_starter_renew(struct serial_starter *s)
{
	g_autofree char *lock = lock_path(s, s->tty);

	if (s->tty[0])
		try_lock(lock);
}

void serial_starter_give(struct serial_starter *s)
{
	g_autofree char *lock = lock_path(s, s->tty);

	if (s->tty[0] && holder_of(lock) == getpid())
		unlink(lock);
	s->tty[0] = '\0';
}
