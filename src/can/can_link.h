/* SPDX-License-Identifier: MIT */
/*
 * can_link - a network interface of the kind CAN: found, set up, opened
 *
 * An interface is known by its name, or by the serial number of its USB adapter,
 * whose name depends on the order of plugging. Drivers that have no bit rate
 * (vcan, slcan of old kernels) are used as they are.
 *
 * I/O; everything but finding may block for some seconds while an adapter is
 * being pulled: not for the main loop.
 */
#pragma once

#include <glib.h>
#include <linux/can.h>
#include <net/if.h>
#include <stdbool.h>

enum { CAN_SERIAL_MAX = 64, CAN_SERIAL_BYTES = CAN_SERIAL_MAX + 1 };

#define CAN_LINK_ERROR (can_link_error_quark())
GQuark can_link_error_quark(void);
enum can_link_error {
	CAN_LINK_ERROR_SETUP, /**< bit rate refused, cannot be brought up, no permission */
	CAN_LINK_ERROR_OPEN,  /**< no socket */
};

/** What a port should be. */
struct can_wish {
	char interface[IFNAMSIZ];	   /**< "" = whatever has the serial number below */
	char usb_serial[CAN_SERIAL_BYTES]; /**< "" = known by its name */
	unsigned bit_rate;		   /**< bit/s */
	unsigned restart_ms;		   /**< after bus-off, where the driver can; 0 = never */
};

/** What it has become. */
struct can_link {
	bool has_controller; /**< bit rate and state are known */
	bool restarts;	     /**< the driver restarts after bus-off by itself */
	bool is_passive, is_bus_off;
};

/** Name of the interface that @wish means, if it is there. @sysfs is "/sys" but for tests. */
bool can_link_find(const char *sysfs, const struct can_wish *wish, char name[IFNAMSIZ]);

/** It is an adapter that somebody plugged in, no port of the GX itself. */
bool can_link_is_usb(const char *sysfs, const char *name);

/**
 * Bring @name up with the bit rate. An interface that is up with it is left
 * alone, unless @restart asks for a stop and a start (after bus-off).
 */
bool can_link_set_up(const char *name, const struct can_wish *wish, bool restart,
		     struct can_link *link, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * A socket that hears frames that pass one of @filters, and the controller's
 * error frames. It never blocks, and holds back a handful of frames at most:
 * those are old when a jam ends. -1: @error says why.
 */
int can_link_open(const char *name, const struct can_filter *filters, size_t count, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;
