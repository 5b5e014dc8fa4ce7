/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ctl/probe.h"

static int probe(const char *path)
{
	struct battery battery;
	g_autoptr(GError) error = NULL;

	if (!probe_port(path, &battery, &error)) {
		fprintf(stderr, "tinybmsctl: %s: %s\n", path, error->message);
		return CTL_FAILED;
	}

	const struct battery_identity *identity = &battery.identity;

	printf("%s: TinyBMS, serial number %s, firmware %u.%u, %u cells, %.2f V, %.1f A\n", path,
	       identity->serial[0] ? identity->serial : "unknown", identity->firmware_public,
	       identity->firmware_internal, battery.cell_count, battery.pack_v, battery.current_a);
	return CTL_DONE;
}

int ctl_probe(int argc, char **argv)
{
	if (argc == 2 && argv[1][0] != '-')
		return probe(argv[1]);

	FILE *out = argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr;

	fputs("tinybmsctl probe PORT\n"
	      "Sends requests that change nothing. Refuses a port that a program has open.\n",
	      out);
	return out == stdout ? CTL_DONE : CTL_USAGE;
}
