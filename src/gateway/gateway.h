/* SPDX-License-Identifier: MIT */
/*
 * gateway - owns every part of tinybms-gateway and wires them
 */
#pragma once

struct gateway_options {
	const char *config_path;
	const char *page;	 /**< folder, NULL: no page */
	const char *bus_address; /**< NULL: the session's or the system's */
	const char *user;	 /**< name or number to become, NULL: stay */
};

/** Runs until SIGTERM or SIGINT; SIGHUP: look for new certificates. @return the exit code */
int gateway_run(const struct gateway_options *options);

/**
 * Is the configuration sound, can the files that it names be read and used? Says what not.
 * @return 0; 1: it cannot run so; 3: it can, and a certificate has expired or is not valid yet
 */
int gateway_check(const struct gateway_options *options);
