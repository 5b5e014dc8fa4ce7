/* SPDX-License-Identifier: MIT */
#include "can/can_link.h"

#include <errno.h>
#include <fcntl.h>
#include <libsocketcan.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ARPHRD_OF_CAN = 280, /* linux/if_arp.h */
	SYSFS_LEVELS = 4,    /* from a network device up to its USB device */
	SEND_BUFFER = 4096,  /* bytes; the kernel takes it for some six frames */
};

G_DEFINE_QUARK(can_link_error, can_link_error)

/* ---- finding --------------------------------------------------------------------- */

static char *read_attribute(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	return g_strstrip(text);
}

static bool is_can(const char *sysfs, const char *name)
{
	g_autofree char *folder = g_build_filename(sysfs, "class/net", name, NULL);
	g_autofree char *type = read_attribute(folder, "type");

	return type && atoi(type) == ARPHRD_OF_CAN;
}

/* An attribute of the USB device that the interface belongs to; NULL: it belongs to none. */
static char *usb_attribute(const char *sysfs, const char *name, const char *attribute)
{
	g_autofree char *link = g_build_filename(sysfs, "class/net", name, "device", NULL);
	g_autofree char *folder = realpath(link, NULL);

	for (unsigned level = 0; folder && level < SYSFS_LEVELS; level++) {
		g_autofree char *vendor = read_attribute(folder, "idVendor");
		char *parent;

		if (vendor)
			return read_attribute(folder, attribute);
		parent = g_path_get_dirname(folder);
		free(folder);
		folder = parent;
	}
	return NULL;
}

static bool has_serial(const char *sysfs, const char *name, const char *wanted)
{
	g_autofree char *serial = usb_attribute(sysfs, name, "serial");

	return serial && strcmp(serial, wanted) == 0;
}

bool can_link_find(const char *sysfs, const struct can_wish *wish, char name[IFNAMSIZ])
{
	g_autofree char *folder = g_build_filename(sysfs, "class/net", NULL);
	GDir *dir;
	const char *entry;
	bool is_found = false;

	if (!wish->usb_serial[0]) {
		g_strlcpy(name, wish->interface, IFNAMSIZ);
		return is_can(sysfs, name);
	}
	dir = g_dir_open(folder, 0, NULL);
	while (dir && !is_found && (entry = g_dir_read_name(dir))) {
		is_found = strlen(entry) < IFNAMSIZ && is_can(sysfs, entry) &&
			   has_serial(sysfs, entry, wish->usb_serial);
		if (is_found)
			g_strlcpy(name, entry, IFNAMSIZ);
	}
	if (dir)
		g_dir_close(dir);
	return is_found;
}

bool can_link_is_usb(const char *sysfs, const char *name)
{
	g_autofree char *vendor = usb_attribute(sysfs, name, "idVendor");
	g_autofree char *product = usb_attribute(sysfs, name, "product");

	/* the built-in BMS-Can port of some GX devices is such an adapter */
	return vendor && !(product && g_str_has_prefix(product, "VE_SLCAN"));
}

/* ---- setting up ------------------------------------------------------------------ */

static bool is_up(const char *name)
{
	struct ifreq request = { 0 };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = false;

	if (fd < 0)
		return false;
	g_strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		up = request.ifr_flags & IFF_UP;
	close(fd);
	return up;
}

static bool fail(GError **error, const char *name, const char *what, int saved_errno)
{
	g_set_error(error, CAN_LINK_ERROR, CAN_LINK_ERROR_SETUP, "%s %s: %s%s", name, what,
		    saved_errno ? g_strerror(saved_errno) : "the driver refuses",
		    saved_errno == EPERM ? "; the service must run as root" : "");
	return false;
}

/* The bit rate now; 0: none was ever set. */
static unsigned bit_rate_of(const char *name)
{
	struct can_bittiming timing = { 0 };

	return can_get_bittiming(name, &timing) == 0 ? timing.bitrate : 0;
}

static bool has_restart(const char *name, unsigned wanted_ms)
{
	uint32_t restart_ms = 0;

	return can_get_restart_ms(name, &restart_ms) == 0 && restart_ms == wanted_ms;
}

static bool configure(const char *name, const struct can_wish *wish, struct can_link *link,
		      GError **error)
{
	g_autofree char *what = g_strdup_printf("cannot be set to %u bit/s", wish->bit_rate);

	errno = 0;
	if (can_do_stop(name) < 0)
		return fail(error, name, "cannot be taken down", errno);
	errno = 0;
	if (can_set_bitrate(name, wish->bit_rate) < 0)
		return fail(error, name, what, errno);
	/* a driver that cannot restart by itself (slcan) is restarted by the port */
	link->restarts = has_restart(name, wish->restart_ms) ||
			 can_set_restart_ms(name, wish->restart_ms) == 0;
	errno = 0;
	if (can_do_start(name) < 0 && !is_up(name))
		return fail(error, name, "cannot be brought up", errno);
	return true;
}

bool can_link_set_up(const char *name, const struct can_wish *wish, bool restart,
		     struct can_link *link, GError **error)
{
	int state = CAN_STATE_ERROR_ACTIVE;

	*link = (struct can_link){ .has_controller = can_get_state(name, &state) == 0 };
	if (!link->has_controller) {
		errno = 0;
		if (is_up(name) || can_do_start(name) == 0)
			return true;
		return fail(error, name, "cannot be brought up", errno);
	}
	if (restart || !is_up(name) || bit_rate_of(name) != wish->bit_rate) {
		if (!configure(name, wish, link, error))
			return false;
		if (can_get_state(name, &state) < 0)
			state = CAN_STATE_ERROR_ACTIVE;
	} else {
		/* somebody set it up for us: its own restart time is as good as ours */
		link->restarts = !has_restart(name, 0);
	}
	link->restarts = link->restarts && wish->restart_ms > 0;
	link->is_bus_off = state == CAN_STATE_BUS_OFF;
	link->is_passive = state == CAN_STATE_ERROR_PASSIVE;
	return true;
}

/* ---- opening --------------------------------------------------------------------- */

static bool set_option(int fd, int level, int option, const void *value, socklen_t size)
{
	return setsockopt(fd, level, option, value, size) == 0;
}

static bool prepare(int fd, const char *name, const struct can_filter *filters, size_t count)
{
	const can_err_mask_t errors = CAN_ERR_CRTL | CAN_ERR_BUSOFF | CAN_ERR_RESTARTED;
	const int send_buffer = SEND_BUFFER;
	struct sockaddr_can address = { .can_family = AF_CAN };

	address.can_ifindex = (int) if_nametoindex(name);
	if (!address.can_ifindex)
		return false;
	return set_option(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters,
			  (socklen_t) (count * sizeof(*filters))) &&
	       set_option(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof(errors)) &&
	       set_option(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer)) &&
	       bind(fd, (const struct sockaddr *) &address, sizeof(address)) == 0;
}

int can_link_open(const char *name, const struct can_filter *filters, size_t count, GError **error)
{
	const int fd = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW);

	if (fd >= 0 && prepare(fd, name, filters, count))
		return fd;
	g_set_error(error, CAN_LINK_ERROR, CAN_LINK_ERROR_OPEN, "%s cannot be opened: %s", name,
		    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
