/* SPDX-License-Identifier: MIT */
/* can_port_state - a port's state in words, also for programs that have no port */
#include "can/can_port.h"

const char *can_port_state_text(enum can_port_state state)
{
	static const char *const texts[] = {
		[CAN_PORT_HELD] = "held",	[CAN_PORT_ABSENT] = "absent",
		[CAN_PORT_OPENING] = "opening", [CAN_PORT_FAILED] = "failed",
		[CAN_PORT_ACTIVE] = "active",	[CAN_PORT_PASSIVE] = "error-passive",
		[CAN_PORT_BUS_OFF] = "bus-off",
	};

	return texts[state];
}
