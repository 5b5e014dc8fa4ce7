/* SPDX-License-Identifier: MIT */
/*
 * service_command - what the commands that ask a service have in common
 *
 * I/O: D-Bus, standard output and error.
 */
#pragma once

#include "ctl/service_reader.h"

enum { SERVICE_TIME_BYTES = 32 };

/** Local time of @t_s, s since 1970; "unknown" without a clock. */
void service_format_time(char out[SERVICE_TIME_BYTES], double t_s);

/**
 * Open, @run, close, and say on standard error why it failed. @return the exit
 * status of @command
 */
int service_run(const char *command, const struct service_options *options,
		bool (*run)(struct service_reader *s, void *user, GError **error), void *user);

/** {"done":true}, where there is nothing else to say. */
void service_print_done(void);

/** Print @answer as one line of JSON. */
void service_print_json(const cJSON *answer);

/**
 * Parse the words of a command that asks a service. @extra (nullable): options of
 * its own, ended by an empty one. @return CTL_DONE, or what the command returns
 */
int service_parse(struct service_options *options, const GOptionEntry *extra, const char *summary,
		  int argc, char **argv);
/** Likewise; what is no option stays in @argv, which is moved on. */
int service_parse_words(struct service_options *options, const GOptionEntry *extra,
			const char *summary, int *argc, char ***argv);
void service_options_clear(struct service_options *options);
