/* SPDX-License-Identifier: MIT */
/*
 * app - the service: from the port to the bus
 *
 * Data flows one way: acquisition -> newest snapshot -> limits and alarms ->
 * publisher. Decided once a second, and at once when a snapshot cannot wait.
 *
 * I/O: main loop.
 */
#pragma once

#include <glib.h>

struct trace;

struct app_options {
	const char *config_path;
	const char *port;	 /**< (nullable) in place of the configuration's */
	const char *bus_address; /**< (nullable) */
	const char *state_path;	 /**< (nullable) see state_file.h */
	struct trace *trace;	 /**< (nullable) each decision's input goes there */
	const char *root;  /**< (nullable) for tests: in place of "/", what is asked about CAN */
	double time_scale; /**< 1; more for tests: ages, ramps and seconds run faster */
};

/** Run until SIGTERM or SIGINT. @return the exit status */
int app_run(const struct app_options *options);
