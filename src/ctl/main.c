/* SPDX-License-Identifier: MIT */
/* tinybmsctl - the command line of an owner */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ctl/command.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *sentence;
} commands[] = {
	{ "config", ctl_config, "read, change and check a configuration file" },
	{ "diagnostics", ctl_diagnostics, "counters and latencies of line, bus and CAN" },
	{ "doctor", ctl_doctor, "look for what is wrong and say what to do" },
	{ "events", ctl_events, "what the BMS reported, and what to do" },
	{ "forget", ctl_forget, "remove our batteries from the settings of the device" },
	{ "full-charge", ctl_full_charge, "ask for a full charge, or call it off" },
	{ "get", ctl_get, "show one path of the battery on D-Bus" },
	{ "history", ctl_history, "energy, cycles, extremes" },
	{ "log", ctl_log, "recorded snapshots, as a table" },
	{ "probe", ctl_probe, "ask what answers on a serial port" },
	{ "reset", ctl_reset, "clear events or statistics, or restart the BMS" },
	{ "set", ctl_set, "write one path of the battery on D-Bus" },
	{ "settings", ctl_settings, "show, change, save and restore the BMS's settings" },
	{ "sleep", ctl_sleep, "leave the BMS alone, so that it may sleep" },
	{ "status", ctl_status, "what the battery is doing" },
	{ "storage", ctl_storage, "hold the battery at 60 %, or end that" },
	{ "wake", ctl_wake, "ask a BMS again that was left alone" },
	{ "watch", ctl_watch, "what the battery is doing, each second" },
};

static void show_usage(FILE *out)
{
	fputs("tinybmsctl COMMAND [ARGUMENTS]; each command knows --help\n\n", out);
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].sentence);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		show_usage(stderr);
		return CTL_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("tinybmsctl %s\n", VERSION);
		return CTL_DONE;
	}
	if (!strcmp(argv[1], "--help")) {
		show_usage(stdout);
		return CTL_DONE;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);

	fprintf(stderr, "tinybmsctl: there is no command \"%s\"; --help shows them\n", argv[1]);
	return CTL_USAGE;
}
