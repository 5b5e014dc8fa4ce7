/* SPDX-License-Identifier: MIT */
#include "sim/tty_node.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

G_DEFINE_QUARK(tty_node_error, tty_node_error)

static bool fail(GError **error, const char *path, const char *what)
{
	g_set_error(error, TTY_NODE_ERROR, TTY_NODE_ERROR_FAILED, "%s: %s: %s", path, what,
		    g_strerror(errno));
	return false;
}

static bool make_raw(int fd, const char *path, GError **error)
{
	struct termios settings;

	if (tcgetattr(fd, &settings) < 0)
		return fail(error, path, "no serial port");
	cfmakeraw(&settings);
	settings.c_cflag |= CLOCAL | CREAD;
	settings.c_cflag &= (tcflag_t) ~(CSTOPB | CRTSCTS);
	cfsetspeed(&settings, B115200);
	if (tcsetattr(fd, TCSANOW, &settings) < 0)
		return fail(error, path, "cannot be set to 115200 8N1");
	return true;
}

int tty_node_open_tty(const char *path, GError **error)
{
	const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		fail(error, path, "cannot be opened");
	if (fd < 0 || make_raw(fd, path, error))
		return fd;
	close(fd);
	return -1;
}

int tty_node_open_pty(char **device, GError **error)
{
	const int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	char name[64] = "pty";

	*device = NULL;
	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 ||
	    ptsname_r(fd, name, sizeof(name)) != 0) {
		fail(error, name, "cannot be opened");
		if (fd >= 0)
			close(fd);
		return -1;
	}

	const int slave = tty_node_open_tty(name, error); /* its settings outlive this */

	if (slave < 0) {
		close(fd);
		return -1;
	}
	close(slave);
	*device = g_strdup(name);
	return fd;
}

bool tty_node_link(const char *device, const char *path, GError **error)
{
	g_autofree char *fresh = g_strdup_printf("%s.%d", path, (int) getpid());
	struct stat there;

	if (lstat(path, &there) == 0 && !S_ISLNK(there.st_mode)) {
		errno = EEXIST;
		return fail(error, path, "is no symbolic link; name another --link");
	}
	g_unlink(fresh);
	if (symlink(device, fresh) < 0)
		return fail(error, path, "cannot be made");
	if (g_rename(fresh, path) < 0) {
		fail(error, path, "cannot be made");
		g_unlink(fresh);
		return false;
	}
	return true;
}

void tty_node_unlink(const char *device, const char *path)
{
	g_autofree char *target = g_file_read_link(path, NULL);

	if (target && !strcmp(target, device))
		g_unlink(path);
}

void tty_node_forget_user(const char *device)
{
	const int slave = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (slave < 0)
		return;
	tcflush(slave, TCIFLUSH);
	ioctl(slave, TIOCNXCL);
	close(slave);
}
