/* SPDX-License-Identifier: MIT */
/*
 * power_cut - a library that a test preloads: the power fails in the middle of a write
 *
 * The file TINYBMS_TEST_CUT holds "WORD NUMBER FATE": the process is killed at that
 * operation, counted from 1, on files of the same folder whose name contains WORD.
 * A write is two operations: before it, and with its first half done. FATE is that of
 * what was not synced by then: "kept", or "lost", when such files have the length of
 * their last sync. With "WORD 0 full" these writes fail instead, half done, as on a
 * full disk.
 *
 * No thread but the main one writes files.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UNSYNCED_MAX = 16 };

static struct {
	bool is_known;
	char folder[PATH_MAX]; /* with a slash at its end */
	char word[NAME_MAX];
	long left; /* operations before the cut; 0: none is planned */
	bool is_full, is_lost;
} plan;

/* Files that were written since their last sync, by a descriptor of our own. */
static struct {
	dev_t device;
	ino_t inode;
	int fd; /* -1: free */
	off_t synced;
} unsynced[UNSYNCED_MAX];

static void begin(void)
{
	const char *path = getenv("TINYBMS_TEST_CUT");

	if (plan.is_known)
		return;
	plan.is_known = true;
	for (int i = 0; i < UNSYNCED_MAX; i++)
		unsynced[i].fd = -1;
	snprintf(plan.folder, sizeof(plan.folder), "%s", path ? path : "/");
	*(strrchr(plan.folder, '/') + 1) = '\0';
}

/* The test's order is taken and the file goes: it counts from this operation on. */
static void look(void)
{
	const char *path = getenv("TINYBMS_TEST_CUT");
	char text[NAME_MAX + 48] = "", fate[16] = "";
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0 &&
	    sscanf(text, "%254s %ld %15s", plan.word, &plan.left, fate) == 3) {
		plan.is_full = strcmp(fate, "full") == 0;
		plan.is_lost = strcmp(fate, "lost") == 0;
	}
	close(fd);
	syscall(SYS_unlink, path);
}

static bool is_ours(const char *path)
{
	begin();
	return strncmp(path, plan.folder, strlen(plan.folder)) == 0;
}

static bool path_of(int fd, char path[PATH_MAX])
{
	char link[32];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX - 1);
	path[length > 0 ? length : 0] = '\0';
	return length > 0 && is_ours(path);
}

static void cut(void)
{
	for (int i = 0; i < UNSYNCED_MAX; i++)
		if (plan.is_lost && unsynced[i].fd >= 0)
			syscall(SYS_ftruncate, unsynced[i].fd, unsynced[i].synced);
	syscall(SYS_kill, getpid(), SIGKILL);
	for (;;)
		pause();
}

static bool is_meant(const char *path)
{
	return is_ours(path) && plan.word[0] && strstr(path + strlen(plan.folder), plan.word);
}

/* One operation on the file; the power may fail before it. */
static void step(const char *path)
{
	if (!is_ours(path))
		return;
	look();
	if (plan.left > 0 && is_meant(path) && --plan.left == 0)
		cut();
}

static int find(const struct stat *st)
{
	for (int i = 0; i < UNSYNCED_MAX; i++)
		if (unsynced[i].fd >= 0 && unsynced[i].device == st->st_dev &&
		    unsynced[i].inode == st->st_ino)
			return i;
	return -1;
}

/* Before the first write since the last sync. */
static void note_write(int fd)
{
	struct stat st;
	char link[32];
	int i = 0;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || find(&st) >= 0)
		return;
	while (i < UNSYNCED_MAX && unsynced[i].fd >= 0)
		i++;
	if (i == UNSYNCED_MAX)
		abort(); /* somebody never syncs */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	unsynced[i].device = st.st_dev;
	unsynced[i].inode = st.st_ino;
	unsynced[i].synced = st.st_size;
	unsynced[i].fd = open(link, O_WRONLY | O_CLOEXEC);
}

/* Synced, or gone. */
static void forget(const struct stat *st)
{
	const int i = find(st);

	if (i < 0)
		return;
	close(unsynced[i].fd);
	unsynced[i].fd = -1;
}

static ssize_t put(int fd, const void *bytes, size_t count, off_t place)
{
	return place < 0 ? syscall(SYS_write, fd, bytes, count)
			 : syscall(SYS_pwrite64, fd, bytes, count, place);
}

static ssize_t do_write(int fd, const void *bytes, size_t count, off_t place)
{
	char path[PATH_MAX];

	if (!path_of(fd, path))
		return put(fd, bytes, count, place);
	step(path);
	note_write(fd);
	if (plan.is_full && is_meant(path)) {
		errno = ENOSPC;
		return count > 1 ? put(fd, bytes, count / 2, place) : -1;
	}
	if (plan.left == 1 && is_meant(path))
		put(fd, bytes, count / 2, place);
	step(path);
	return put(fd, bytes, count, place);
}

/* ---- in the place of the C library's --------------------------------------------------- */

ssize_t write(int fd, const void *bytes, size_t count)
{
	return do_write(fd, bytes, count, -1);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t place)
{
	return do_write(fd, bytes, count, place);
}

static int do_sync(int fd, long number)
{
	char path[PATH_MAX];

	if (path_of(fd, path))
		step(path);

	const int result = (int) syscall(number, fd);
	struct stat st;

	if (result == 0 && fstat(fd, &st) == 0)
		forget(&st);
	return result;
}

int fsync(int fd)
{
	return do_sync(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return do_sync(fd, SYS_fdatasync);
}

int rename(const char *from, const char *to)
{
	step(to);
	return (int) syscall(SYS_rename, from, to);
}

int link(const char *from, const char *to)
{
	step(to);
	return (int) syscall(SYS_link, from, to);
}

int unlink(const char *path)
{
	struct stat st;

	step(path);
	if (is_ours(path) && stat(path, &st) == 0 && st.st_nlink == 1)
		forget(&st);
	return (int) syscall(SYS_unlink, path);
}

static mode_t mode_of(int flags, va_list more)
{
	return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

int open64(const char *path, int flags, ...)
{
	va_list more;

	va_start(more, flags);
	const mode_t mode = mode_of(flags, more);

	va_end(more);
	if ((flags & O_ACCMODE) != O_RDONLY)
		step(path);
	return (int) syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int truncate64(const char *path, off64_t length)
{
	step(path);
	return (int) syscall(SYS_truncate, path, length);
}
