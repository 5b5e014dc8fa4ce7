/* SPDX-License-Identifier: MIT */
/* main - the simulator's command line */
#include <glib-unix.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/commands.h"
#include "sim/control_socket.h"
#include "sim/tty_line.h"

enum {
	EXIT_USAGE = 2,
	GAP_US = 5000, /* real: a longer pause ends a frame */
	SERIAL_DIGITS = 24,
};

struct arguments {
	char *link, *tty, *registers, *control, *serial, *chemistry;
	double time_scale, capacity_ah, soc_pct;
	int cells;
	gboolean fast, version;
};

struct program {
	struct simulator simulator;
	struct dump dump;
	struct clock clock;
	tty_line *line;
};

static bool parse(struct arguments *a, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "link", 'l', 0, G_OPTION_ARG_FILENAME, &a->link,
		  "Make a pty, and this link to it", "PATH" },
		{ "tty", 't', 0, G_OPTION_ARG_FILENAME, &a->tty,
		  "Use this serial port in place of a pty", "PATH" },
		{ "control", 'c', 0, G_OPTION_ARG_FILENAME, &a->control,
		  "Take commands by this UNIX socket; \"help\" names them", "PATH" },
		{ "registers", 'r', 0, G_OPTION_ARG_FILENAME, &a->registers,
		  "Start from these registers (lines register,value)", "FILE" },
		{ "serial", 's', 0, G_OPTION_ARG_STRING, &a->serial,
		  "Serial number, 24 hexadecimal digits", "DIGITS" },
		{ "chemistry", 0, 0, G_OPTION_ARG_STRING, &a->chemistry,
		  "lfp, li-ion or lto; without it register 300 tells", "NAME" },
		{ "cells", 'n', 0, G_OPTION_ARG_INT, &a->cells, "4 to 16 in series", "N" },
		{ "capacity", 0, 0, G_OPTION_ARG_DOUBLE, &a->capacity_ah, "Of the cells", "AH" },
		{ "soc", 0, 0, G_OPTION_ARG_DOUBLE, &a->soc_pct, "State of charge", "PERCENT" },
		{ "time-scale", 0, 0, G_OPTION_ARG_DOUBLE, &a->time_scale,
		  "For tests: seconds that pass in one", "N" },
		{ "fast", 'f', 0, G_OPTION_ARG_NONE, &a->fast,
		  "Answer at once, not at the pace of the line", NULL },
		{ "version", 'V', 0, G_OPTION_ARG_NONE, &a->version, "Show the version", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	GOptionContext *context = g_option_context_new("- a TinyBMS on a serial line");

	g_option_context_add_main_entries(context, entries, NULL);
	const bool is_fine = g_option_context_parse(context, argc, argv, error);

	g_option_context_free(context);
	return is_fine;
}

/* NULL: all is well. */
static const char *what_is_wrong(const struct arguments *a)
{
	if (!a->link == !a->tty)
		return "one of --link PATH and --tty PATH is needed";
	if (!(a->time_scale > 0.0 && a->time_scale <= 100000.0))
		return "--time-scale: above 0, up to 100000";
	if (a->cells && (a->cells < 4 || a->cells > DEVICE_INPUTS))
		return "--cells: 4 to 16";
	if (!isnan(a->capacity_ah) && !(a->capacity_ah >= 0.1 && a->capacity_ah <= 655.0))
		return "--capacity: 0.1 to 655 Ah";
	if (!isnan(a->soc_pct) && !(a->soc_pct >= 0.0 && a->soc_pct <= 100.0))
		return "--soc: 0 to 100 %";
	if (a->serial && (strlen(a->serial) != SERIAL_DIGITS ||
			  strspn(a->serial, "0123456789abcdefABCDEF") != SERIAL_DIGITS))
		return "--serial: 24 hexadecimal digits";
	return NULL;
}

static bool find_chemistry(const char *name, struct device_setup *setup)
{
	static const struct {
		const char *name;
		enum cells_chemistry chemistry;
	} choices[] = {
		{ "lfp", CELLS_LFP },
		{ "li-ion", CELLS_LI_ION },
		{ "lto", CELLS_LTO },
	};

	setup->has_chemistry = false;
	for (size_t i = 0; name && i < G_N_ELEMENTS(choices); i++)
		if (!strcmp(name, choices[i].name)) {
			setup->has_chemistry = true;
			setup->chemistry = choices[i].chemistry;
		}
	return !name || setup->has_chemistry;
}

static void on_command(const char *text, GString *answer, void *user)
{
	struct program *p = user;

	tty_line_update(p->line);
	commands_run(&p->simulator, text, answer);
	tty_line_update(p->line);
}

static void arguments_clear(struct arguments *a)
{
	g_free(a->link);
	g_free(a->tty);
	g_free(a->registers);
	g_free(a->control);
	g_free(a->serial);
	g_free(a->chemistry);
}

static gboolean on_signal(gpointer user)
{
	g_main_loop_quit(user);
	return G_SOURCE_CONTINUE;
}

static bool run(struct program *p, const struct arguments *a, GError **error)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(control_socket) control = NULL;

	p->line = a->link ? tty_line_new_pty(a->link, &p->simulator, &p->clock, error)
			  : tty_line_new_tty(a->tty, &p->simulator, &p->clock, error);
	if (!p->line)
		return false;
	if (a->control)
		control = control_socket_new(a->control, on_command, p, error);
	if (!a->control || control) {
		g_unix_signal_add(SIGTERM, on_signal, loop);
		g_unix_signal_add(SIGINT, on_signal, loop);
		printf("a TinyBMS at %s\n", a->link ? a->link : a->tty);
		fflush(stdout);
		g_main_loop_run(loop);
	}
	tty_line_free(p->line);
	return !a->control || control;
}

static bool start(struct program *p, const struct arguments *a, GError **error)
{
	struct simulator_options options = {
		.device = { .cells = (unsigned) a->cells,
			    .capacity_ah = a->capacity_ah,
			    .soc_pct = a->soc_pct,
			    .serial = a->serial },
		.dump = a->registers ? &p->dump : NULL,
		.is_paced = !a->fast,
		.is_paced_in = a->link != NULL,
		.gap_us = (gint64) (GAP_US * a->time_scale),
	};

	if (!find_chemistry(a->chemistry, &options.device)) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "--chemistry: %s is none of lfp, li-ion, lto", a->chemistry);
		return false;
	}
	if (a->registers && !dump_load(&p->dump, a->registers, error))
		return false;
	p->clock = clock_at_scale(a->time_scale);
	simulator_init(&p->simulator, &options, clock_now_us(&p->clock));
	return run(p, a, error);
}

int main(int argc, char **argv)
{
	struct arguments a = { .time_scale = 1.0,
			       .capacity_ah = (double) NAN,
			       .soc_pct = (double) NAN };
	g_autoptr(GError) error = NULL;
	struct program *p = g_new0(struct program, 1);
	int status = EXIT_SUCCESS;

	if (!parse(&a, &argc, &argv, &error)) {
		fprintf(stderr, "tinybms-sim: %s\n", error->message);
		status = EXIT_USAGE;
	} else if (a.version) {
		printf("tinybms-sim %s\n", VERSION);
	} else if (what_is_wrong(&a)) {
		fprintf(stderr, "tinybms-sim: %s\n", what_is_wrong(&a));
		status = EXIT_USAGE;
	} else if (!start(p, &a, &error)) {
		fprintf(stderr, "tinybms-sim: %s\n", error->message);
		status = EXIT_FAILURE;
	}
	g_free(p);
	arguments_clear(&a);
	return status;
}
