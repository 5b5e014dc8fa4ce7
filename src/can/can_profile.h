/* SPDX-License-Identifier: MIT */
/*
 * can_profile - the profile of one CAN port of a GX: read, and asked for
 *
 * The settings service keeps it, com.victronenergy.platform obeys it and says which
 * ports are built for one purpose only. (Victron: veutil, canbus_interfaces.cpp and
 * canbus_monitor.cpp.)
 *
 * I/O: D-Bus.
 */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "can/can_manners.h"
#include "dbus/bus.h"

struct can_port_profile {
	char interface[IFNAMSIZ];
	int value;     /**< enum can_profile_number, or one of the GX's own */
	bool is_fixed; /**< the GX offers this port for one purpose only */

	unsigned age; /* checks since the profile was read */
	bool is_reading;
	bool knows_purpose; /* is_fixed was answered */
	int asked;	    /* profile; -1: none */
	unsigned asked_age;
	bool was_refused, was_refused_disabled;
};

/** Nothing is known. @interface "" is none. */
void can_profile_init(struct can_port_profile *p, const char *interface);

/** No answer of @bus (nullable) comes any more. */
void can_profile_forget(struct can_port_profile *p, struct bus *bus);

/** What is known of it may be old. */
void can_profile_expire(struct can_port_profile *p, struct bus *bus);

/** Once a second: read it when it is old. Without a @bus (NULL) what was known counts on. */
void can_profile_check(struct can_port_profile *p, struct bus *bus);

/** Ask for the @profile, once; @why is said then. Repeated each second until it is there. */
void can_profile_ask(struct can_port_profile *p, struct bus *bus, int profile, const char *why);

/** The profile is as it should be: what was refused may be asked for again some day. */
void can_profile_settle(struct can_port_profile *p);
