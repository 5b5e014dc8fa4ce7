/* SPDX-License-Identifier: MIT */
/* main - the command line */
#include <glib.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "app.h"
#include "can/can_config.h"
#include "config.h"
#include "frames_filter.h"
#include "limits_filter.h"
#include "log.h"
#include "trace.h"

enum { EXIT_USAGE = 2 };

static const char DEFAULT_CONFIG[] = "/data/conf/dbus-tinybms/config.json";

struct arguments {
	char *config, *port, *bus, *frames, *state, *trace, *root;
	gboolean limits, csv, list_config, list_protocols, verbose, version;
	double time_scale;
};

static bool parse(struct arguments *a, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &a->config,
		  "Configuration file, /data/conf/dbus-tinybms/config.json by default", "FILE" },
		{ "port", 'p', 0, G_OPTION_ARG_FILENAME, &a->port,
		  "Serial port, in place of the configuration's", "DEVICE" },
		{ "bus", 'b', 0, G_OPTION_ARG_STRING, &a->bus,
		  "D-Bus address, in place of the session's or the system's", "ADDRESS" },
		{ "state", 0, 0, G_OPTION_ARG_FILENAME, &a->state,
		  "Keep one line in FILE about what the service is doing", "FILE" },
		{ "trace", 0, 0, G_OPTION_ARG_FILENAME, &a->trace,
		  "Write to FILE what each decision is made of, for --limits", "FILE" },
		{ "limits", 0, 0, G_OPTION_ARG_NONE, &a->limits,
		  "Filter: snapshots on standard input to limits on standard output", NULL },
		{ "csv", 0, 0, G_OPTION_ARG_NONE, &a->csv, "With --limits: the input is a table",
		  NULL },
		{ "frames", 0, 0, G_OPTION_ARG_STRING, &a->frames,
		  "Filter: snapshots on standard input to CAN frames of PROTOCOL", "PROTOCOL" },
		{ "list-protocols", 0, 0, G_OPTION_ARG_NONE, &a->list_protocols,
		  "Show the CAN protocols", NULL },
		{ "list-config", 0, 0, G_OPTION_ARG_NONE, &a->list_config,
		  "Show every configuration key with unit, range and default", NULL },
		{ "time-scale", 0, 0, G_OPTION_ARG_DOUBLE, &a->time_scale,
		  "For tests: seconds that pass in one", "N" },
		{ "root", 0, 0, G_OPTION_ARG_FILENAME, &a->root,
		  "For tests: folder in place of / where the GX and its CAN ports are looked for",
		  "FOLDER" },
		{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &a->verbose, "Say more", NULL },
		{ "version", 'V', 0, G_OPTION_ARG_NONE, &a->version, "Show the version", NULL },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new("- a TinyBMS as a battery of Venus OS");

	g_option_context_add_main_entries(context, entries, NULL);
	const bool is_fine = g_option_context_parse(context, argc, argv, error);

	g_option_context_free(context);
	return is_fine;
}

static const char *nothing(enum config_type type)
{
	return type == CONFIG_TEXT ? "\"\"" : type == CONFIG_JSON ? "[]" : "(worked out)";
}

static void list_config(void)
{
	struct config defaults;

	config_init(&defaults);
	for (size_t i = 0; i < config_count(); i++) {
		const struct config_key *key = config_at(i);
		g_autofree char *value = config_get_text(&defaults, key);

		printf("%s = %s", key->name, value[0] ? value : nothing(key->type));
		if (key->unit[0])
			printf(" %s", key->unit);
		if (key->type == CONFIG_INT || key->type == CONFIG_NUMBER)
			printf(", %g to %g", key->min, key->max);
		printf("\n    %s\n", key->sentence);
	}
	can_config_list(stdout);
}

/* A filter must not run on with another configuration than it was told. */
static bool load_for_filter(struct config *config, const struct arguments *a)
{
	g_autoptr(GError) error = NULL;

	config_init(config);
	if (!a->config || config_load(config, a->config, &error))
		return true;
	fprintf(stderr, "dbus-tinybms: %s\n", error->message);
	return false;
}

static int run_filter(const struct arguments *a)
{
	struct config config;

	if (!load_for_filter(&config, a))
		return EXIT_USAGE;
	if (a->frames)
		return frames_filter_run(a->frames, stdin, stdout, stderr, &config);
	return limits_filter_run(stdin, stdout, stderr, &config.charge, a->csv);
}

static int run_service(const struct arguments *a)
{
	g_autoptr(GError) error = NULL;
	struct trace *trace = a->trace ? trace_open(a->trace, &error) : NULL;
	const struct app_options options = {
		.config_path = a->config ? a->config : DEFAULT_CONFIG,
		.port = a->port,
		.bus_address = a->bus,
		.state_path = a->state,
		.root = a->root,
		.time_scale = a->time_scale,
		.trace = trace,
	};

	if (error) {
		fprintf(stderr, "dbus-tinybms: %s\n", error->message);
		return EXIT_USAGE;
	}
	const int status = app_run(&options);

	trace_close(trace);
	return status;
}

static int run(const struct arguments *a)
{
	if (a->version) {
		printf("dbus-tinybms %s\n", VERSION);
		return EXIT_SUCCESS;
	}
	if (a->list_config) {
		list_config();
		return EXIT_SUCCESS;
	}
	if (a->list_protocols) {
		frames_filter_list(stdout);
		return EXIT_SUCCESS;
	}
	if (a->limits || a->frames)
		return run_filter(a);
	log_set_verbose(a->verbose);
	return run_service(a);
}

int main(int argc, char **argv)
{
	struct arguments a = { .time_scale = 1.0 };
	g_autoptr(GError) error = NULL;
	int status = EXIT_USAGE;

	g_set_prgname("dbus-tinybms");
	mallopt(M_ARENA_MAX, 1); /* the threads are idle together: an arena each is waste */
	if (!parse(&a, &argc, &argv, &error))
		fprintf(stderr, "dbus-tinybms: %s; --help shows the options.\n", error->message);
	else if (argc > 1)
		fprintf(stderr, "dbus-tinybms: \"%s\" is no option; --help shows the options.\n",
			argv[1]);
	else if (!(a.time_scale >= 1.0 && a.time_scale <= 1000.0))
		fprintf(stderr, "dbus-tinybms: --time-scale %g: 1 to 1000 is possible.\n",
			a.time_scale);
	else
		status = run(&a);
	g_free(a.config);
	g_free(a.port);
	g_free(a.bus);
	g_free(a.frames);
	g_free(a.state);
	g_free(a.trace);
	g_free(a.root);
	return status;
}
