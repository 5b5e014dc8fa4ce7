/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK(file_error, file_error)

static bool write_all(int fd, const uint8_t *bytes, size_t count)
{
	while (count > 0) {
		const ssize_t n = write(fd, bytes, count);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			count -= (size_t) n;
		}
	}
	return true;
}

/* Mode and owner of what is replaced, before anybody can open it: root's would lock them out. */
static bool take_over(int fd, const char *replaced)
{
	struct stat was, is;

	if (stat(replaced, &was) != 0)
		return fchmod(fd, 0600) == 0;
	if (fstat(fd, &is) != 0)
		return false;
	if (geteuid() == 0 && (is.st_uid != was.st_uid || is.st_gid != was.st_gid) &&
	    fchown(fd, was.st_uid, was.st_gid) != 0)
		return false;
	return fchmod(fd, was.st_mode & 0777) == 0;
}

/* A rename is on the disk only when its folder is. A folder that cannot be synced is no loss. */
static void sync_folder(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static bool write_new(const char *path, const char *replaced, const void *bytes, size_t count)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool is_written;
	int saved_errno;

	if (fd < 0)
		return false;
	is_written = take_over(fd, replaced) && write_all(fd, bytes, count) && fsync(fd) == 0;
	saved_errno = errno;
	is_written = close(fd) == 0 && is_written;
	if (!is_written)
		errno = saved_errno;
	return is_written;
}

bool file_replace(const char *path, const void *bytes, size_t count, GError **error)
{
	g_autofree char *beside = g_strconcat(path, ".new", NULL);

	unlink(beside); /* of a power cut, or a link that leads elsewhere */
	if (write_new(beside, path, bytes, count) && rename(beside, path) == 0) {
		sync_folder(path);
		return true;
	}

	const int saved_errno = errno;

	unlink(beside);
	g_set_error(error, FILE_ERROR, FILE_ERROR_FAILED,
		    "%s: cannot be written: %s; the previous file stays in force", path,
		    g_strerror(saved_errno));
	return false;
}

char *file_set_aside(const char *path)
{
	char *aside = g_strconcat(path, ".damaged", NULL);

	if (rename(path, aside) == 0) {
		sync_folder(path);
		return aside;
	}
	g_free(aside);
	return NULL;
}

bool file_give_to_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	struct stat owner;

	if (geteuid() != 0 || (stat(folder, &owner) == 0 &&
			       lchown(path, owner.st_uid, owner.st_gid) == 0))
		return true;
	g_set_error(error, FILE_ERROR, FILE_ERROR_FAILED,
		    "%s: cannot be given to its folder's owner, who has to read it: %s", path,
		    g_strerror(errno));
	return false;
}
