/* SPDX-License-Identifier: MIT */
/* Kept apart, so that a program with a bus of its own can be linked in its place. */
#include "can/can_port.h"

static bool kernel_find(const struct can_wish *wish, char name[IFNAMSIZ])
{
	return can_link_find("/sys", wish, name);
}

static int kernel_open(const char *name, const struct can_wish *wish, bool restart,
		       const struct can_filter *filters, size_t count, struct can_link *link,
		       GError **error)
{
	if (!can_link_set_up(name, wish, restart, link, error))
		return -1;
	return can_link_open(name, filters, count, error);
}

const struct can_port_ops can_port_kernel = {
	.find = kernel_find,
	.open = kernel_open,
	.second_us = G_USEC_PER_SEC,
};
