/* SPDX-License-Identifier: MIT */
/*
 * command - the commands of tinybmsctl
 *
 * Each gets its own name in argv[0] and the words after it, prints to standard
 * output, errors to standard error, and returns the exit status.
 */
#pragma once

enum {
	CTL_DONE = 0,
	CTL_FAILED = 1, /**< refused, not possible, or something is wrong */
	CTL_USAGE = 2,  /**< the command line is not understood */
};

/** config [--file FILE] get KEY | set KEY=VALUE... | check | list | import FILE */
int ctl_config(int argc, char **argv);

/** doctor [--json]: what is wrong, and what to do about it. CTL_FAILED: there is an error. */
int ctl_doctor(int argc, char **argv);

/** probe PORT: one harmless request to a serial port. Refuses a port that is in use. */
int ctl_probe(int argc, char **argv);

/**
 * forget: take device instances and names of all our batteries out of the device's settings, for
 * an uninstallation. CTL_FAILED: the settings service is not there, or kept some.
 */
int ctl_forget(int argc, char **argv);

/*
 * These ask the running service, and take --battery NAME, --bus ADDRESS and --json. CTL_FAILED: it
 * does not run, or does not answer.
 */

/** status: what the battery is doing. */
int ctl_status(int argc, char **argv);

/** watch [-n SECONDS]: the same each second, cells as bars. */
int ctl_watch(int argc, char **argv);

/** events [--follow] [--since N]: what the BMS reported; with --json one object a line. */
int ctl_events(int argc, char **argv);

/** history: energy, cycles, depths, extremes. */
int ctl_history(int argc, char **argv);

/** diagnostics: what line, bus, CAN and the BMS itself have counted. */
int ctl_diagnostics(int argc, char **argv);

/** log [--hours N] [--step S] [--csv]: recorded snapshots; with --json the answers of Records. */
int ctl_log(int argc, char **argv);

/** get PATH, set PATH VALUE: one path of the battery on D-Bus. */
int ctl_get(int argc, char **argv);
int ctl_set(int argc, char **argv);

/** settings list | get NAME | set NAME=VALUE... | diff FILE | backup FILE | restore FILE */
int ctl_settings(int argc, char **argv);

/** reset events|statistics|bms; full-charge, storage, each [on|off]; sleep; wake. */
int ctl_reset(int argc, char **argv);
int ctl_full_charge(int argc, char **argv);
int ctl_storage(int argc, char **argv);
int ctl_sleep(int argc, char **argv);
int ctl_wake(int argc, char **argv);
