/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "tinybms/port.h"
#include "tinybms/registers.h"

/* Reads only: the version, and the live values once it is known that a TinyBMS listens. */
static bool ask(struct port *line, struct battery *b, GError **error)
{
	uint16_t version[REGISTERS_VERSION_COUNT], live[REGISTERS_LIVE_COUNT];
	struct registers_habit habit = { 0 };

	/* A BMS that sleeps loses the request that wakes it (rev. D, 1.3). */
	if (!port_read(line, REGISTERS_VERSION_FIRST, REGISTERS_VERSION_COUNT, version, NULL) &&
	    !port_read(line, REGISTERS_VERSION_FIRST, REGISTERS_VERSION_COUNT, version, error))
		return false;
	registers_decode_identity(version, &b->identity);
	return port_read(line, REGISTERS_LIVE_FIRST, REGISTERS_LIVE_COUNT, live, error) &&
	       registers_decode_live(live, &habit, b, error);
}

static int probe(const char *path)
{
	struct port_counters counters = { 0 };
	struct battery battery;
	g_autoptr(GError) error = NULL;
	g_autoptr(port_handle) line = port_open(path, true, &counters, &error);

	battery_clear(&battery);
	if (!line || !ask(line, &battery, &error)) {
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
