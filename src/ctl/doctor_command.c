/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/doctor.h"

struct arguments {
	char *config, *state, *bus, *root;
	gboolean json;
};

/* @return whether the service's process is there */
static bool examine_service(const struct doctor *d)
{
	g_autofree char *line = NULL;

	if (!g_file_get_contents(d->state_path, &line, NULL, NULL)) {
		findings_add(d->findings, FINDING_ERROR, "service",
			     "The service does not run: install.sh enable starts it; the end of its log in /var/log/dbus-tinybms says more.");
		return false;
	}
	g_strchomp(line);
	g_auto(GStrv) word = g_strsplit(line, " ", 3);

	if (g_strv_length(word) != 3 || kill((pid_t) atol(word[0]), 0) != 0) {
		findings_add(d->findings, FINDING_ERROR, "service",
			     "The service has ended without notice and should be starting again: the end of its log in /var/log/dbus-tinybms says more.");
		return false;
	}
	if (g_str_equal(word[1], "publishing"))
		findings_add(d->findings, FINDING_OK, "service", "It publishes as %s.", word[2]);
	else
		findings_add(d->findings, FINDING_WARNING, "service", "It waits. %s", word[2]);
	return true;
}

static void examine_config(struct doctor *d)
{
	g_autoptr(GError) error = NULL;

	config_init(&d->config);
	if (config_load(&d->config, d->config_path, &error))
		findings_add(d->findings, FINDING_OK, "config", "%s is understood.", d->config_path);
	else
		findings_add(d->findings, FINDING_ERROR, "config",
			     "%s. What was in force before stays in force until that is corrected.",
			     error->message);
}

static void examine(struct doctor *d, const char *bus_address)
{
	g_autoptr(GError) error = NULL;
	struct bus_reader *bus = bus_reader_open(bus_address, &error);

	doctor_examine_device(d);
	examine_config(d);
	doctor_examine_port(d, examine_service(d));
	if (bus)
		doctor_examine_bus(d, bus);
	else
		findings_add(d->findings, FINDING_ERROR, "bus", "D-Bus does not answer (%s): restart the device.",
			     error->message);
	doctor_examine_can(d, bus);
	doctor_examine_log(d);
	bus_reader_free(bus);
}

static bool parse(struct arguments *a, int *argc, char ***argv, GError **error)
{
	const GOptionEntry options[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &a->config, "Configuration file", "FILE" },
		{ "state", 0, 0, G_OPTION_ARG_FILENAME, &a->state, "What the service says of itself", "FILE" },
		{ "bus", 'b', 0, G_OPTION_ARG_STRING, &a->bus, "D-Bus address", "ADDRESS" },
		{ "root", 0, 0, G_OPTION_ARG_FILENAME, &a->root, "For tests: stands before the paths of a GX", "FOLDER" },
		{ "json", 'j', 0, G_OPTION_ARG_NONE, &a->json, "One JSON document", NULL },
		{ NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- look for what is wrong");

	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_set_summary(context, "Exit status: 0 fine, or warnings only; 1 an error.");
	return g_option_context_parse(context, argc, argv, error);
}

int ctl_doctor(int argc, char **argv)
{
	struct arguments a = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(findings_list) findings = findings_new();
	int status = CTL_USAGE;

	if (!parse(&a, &argc, &argv, &error) || argc > 1) {
		fprintf(stderr, "tinybmsctl: doctor: %s; doctor --help tells more\n",
			error ? error->message : "too many words");
	} else {
		struct doctor d = {
			.root = a.root ? a.root : "",
			.config_path = a.config ? a.config : "/data/conf/dbus-tinybms/config.json",
			.state_path = a.state ? a.state : "/run/dbus-tinybms/dbus-tinybms",
			.findings = findings,
		};

		examine(&d, a.bus);
		findings_print(findings, a.json);
		status = findings_worst(findings) == FINDING_ERROR ? CTL_FAILED : CTL_DONE;
	}
	g_free(a.config);
	g_free(a.state);
	g_free(a.bus);
	g_free(a.root);
	return status;
}
