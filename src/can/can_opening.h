/* SPDX-License-Identifier: MIT */
/*
 * can_opening - the opening of one interface, in a thread of its own
 *
 * Setting up may block for seconds while an adapter is being pulled; the main loop
 * hears of the result.
 *
 * I/O: a thread; the callback comes in the context of the one who started it.
 */
#pragma once

#include "can/can_port.h"

struct can_opening;

/** @fd is the receiver's, or -1: @trouble is a sentence then. The opening has ended. */
typedef void (*can_opening_fn)(int fd, const struct can_link *link, const char *trouble,
			       void *user);

/** What to open, and how. Copied, but for the operations. */
struct can_opening_wish {
	const struct can_port_ops *ops;
	struct can_wish wish;
	char name[IFNAMSIZ]; /**< as it was found */
	bool restart;	     /**< stop it first */
	struct can_filter filters[CAN_PORT_FILTERS_MAX];
	size_t filter_count;
};

/** NULL: no thread is to be had, @error says why. */
struct can_opening *can_opening_start(const struct can_opening_wish *wish, can_opening_fn fn,
				      void *user, GError **error);

/** It is not wanted any more: @fn is not called, what was opened is closed. NULL is fine. */
void can_opening_forget(struct can_opening *o);
