/* SPDX-License-Identifier: MIT */
/*
 * can_port_kernel - CAN interfaces of a service under test: sockets in a folder
 *
 * In place of the file of that name in the service. An interface is a socket of
 * the kind SOCK_SEQPACKET in the folder $TINYBMS_TEST_CAN, each packet a struct
 * can_frame: for machines whose kernel has no CAN.
 */
#include "can/can_port.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char *path_of(const char *name)
{
	const char *folder = g_getenv("TINYBMS_TEST_CAN");

	return g_build_filename(folder ? folder : "", name, NULL);
}

static bool find(const struct can_wish *wish, char name[IFNAMSIZ])
{
	g_autofree char *path = path_of(wish->interface);

	g_strlcpy(name, wish->interface, IFNAMSIZ);
	return name[0] && g_file_test(path, G_FILE_TEST_EXISTS);
}

static int open_socket(const char *name, const struct can_wish *wish, bool restart,
		       const struct can_filter *filters, size_t count, struct can_link *link,
		       GError **error)
{
	g_autofree char *path = path_of(name);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*link = (struct can_link){ .has_controller = true };
	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (fd >= 0 && connect(fd, (const struct sockaddr *) &address, sizeof(address)) == 0)
		return fd;
	g_set_error(error, CAN_LINK_ERROR, CAN_LINK_ERROR_OPEN, "%s cannot be opened: %s", name,
		    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

const struct can_port_ops can_port_kernel = {
	.find = find,
	.open = open_socket,
	.second_us = G_USEC_PER_SEC,
};
