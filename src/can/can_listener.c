/* SPDX-License-Identifier: MIT */
#include "can/can_listener.h"

#include <linux/can.h>
#include <sys/socket.h>
#include <unistd.h>

#include "can/can_link.h"

enum {
	LISTEN_CHECKS = 4,
	RELISTEN_CHECKS = 60, /* then a port with neighbours is looked at again */
	HEARD_MAX = 200,      /* frames read in one check */
};

void can_listener_init(struct can_listener *l)
{
	*l = (struct can_listener){ .fd = -1 };
}

void can_listener_stop(struct can_listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* Not from programs of this GX: MSG_DONTROUTE marks what was sent from here. */
static bool hears_neighbour(int fd)
{
	for (unsigned i = 0; i < HEARD_MAX; i++) {
		struct can_frame frame;
		struct iovec part = { &frame, sizeof(frame) };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

		if (recvmsg(fd, &message, MSG_DONTWAIT) != (ssize_t) sizeof(frame))
			return false;
		if (!(message.msg_flags & MSG_DONTROUTE) && !(frame.can_id & CAN_ERR_FLAG))
			return true;
	}
	return false;
}

bool can_listener_check(struct can_listener *l, const char *interface)
{
	static const struct can_filter long_ids = { CAN_EFF_FLAG, CAN_EFF_FLAG };

	if (l->met && ++l->met > RELISTEN_CHECKS)
		l->met = l->silent = 0;
	if (l->met || l->silent >= LISTEN_CHECKS)
		return false;
	if (l->fd < 0)
		l->fd = can_link_open(interface, &long_ids, 1, NULL);
	if (l->fd >= 0 && hears_neighbour(l->fd))
		l->met = 1;
	else
		l->silent++;
	if (!l->met && l->silent < LISTEN_CHECKS)
		return true;
	can_listener_stop(l);
	return false;
}
