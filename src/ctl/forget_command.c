/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ctl/bus_reader.h"
#include "ctl/json_option.h"

/* As publish/identity.h makes them. */
static const char ours[] = "/Settings/Devices/tinybms_";

static int remove_ours(struct bus_reader *bus, bool is_json)
{
	if (!bus_reader_has_name(bus, "com.victronenergy.settings")) {
		fputs("tinybmsctl: the settings service does not run, so nothing was removed from "
		      "it\n",
		      stderr);
		return CTL_FAILED;
	}

	g_auto(GStrv) paths = bus_reader_paths(bus, "com.victronenergy.settings", ours);
	const unsigned count = g_strv_length(paths);
	const unsigned removed = count > 0 ? bus_reader_remove_settings(bus, paths) : 0;

	printf(is_json ? "{\"removed\":%u,\"of\":%u}\n"
		       : "%u of %u settings of our batteries removed.\n",
	       removed, count);
	return removed == count ? CTL_DONE : CTL_FAILED;
}

static int forget(bool is_json)
{
	g_autoptr(GError) error = NULL;
	struct bus_reader *bus = bus_reader_open(NULL, &error);

	if (!bus) {
		fprintf(stderr, "tinybmsctl: no bus: %s\n", error->message);
		return CTL_FAILED;
	}

	const int status = remove_ours(bus, is_json);

	bus_reader_free(bus);
	return status;
}

int ctl_forget(int argc, char **argv)
{
	const bool is_json = json_option_take(&argc, argv);

	if (argc == 1)
		return forget(is_json);

	FILE *out = argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr;

	fputs("tinybmsctl forget [--json]\n"
	      "Removes device instances and names of all our batteries from the settings of the "
	      "device.\n"
	      "Stop the service first: it adds its own again.\n",
	      out);
	return out == stdout ? CTL_DONE : CTL_USAGE;
}
