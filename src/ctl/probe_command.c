/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "ctl/json_option.h"
#include "ctl/probe.h"
#include "ctl/service_command.h"
#include "snapshot_json.h"

static void print_json(const char *path, const struct battery *battery)
{
	const struct battery_identity *identity = &battery->identity;
	g_autofree char *firmware =
		g_strdup_printf("%u.%u", identity->firmware_public, identity->firmware_internal);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "port", path);
	cJSON_AddStringToObject(object, "serial", identity->serial);
	cJSON_AddStringToObject(object, "firmware", firmware);
	cJSON_AddItemToObject(object, "battery", snapshot_json_make(battery));
	cJSON_AddNumberToObject(object, "pack_voltage", battery->pack_v);
	service_print_json(object);
	cJSON_Delete(object);
}

static int probe(const char *path, bool is_json)
{
	struct battery battery;
	g_autoptr(GError) error = NULL;

	if (!probe_port(path, &battery, &error)) {
		fprintf(stderr, "tinybmsctl: %s: %s\n", path, error->message);
		return CTL_FAILED;
	}

	const struct battery_identity *identity = &battery.identity;

	if (is_json) {
		print_json(path, &battery);
		return CTL_DONE;
	}
	printf("%s: TinyBMS, serial number %s, firmware %u.%u, %u cells, %.2f V, %.1f A\n", path,
	       identity->serial[0] ? identity->serial : "unknown", identity->firmware_public,
	       identity->firmware_internal, battery.cell_count, battery.pack_v, battery.current_a);
	return CTL_DONE;
}

int ctl_probe(int argc, char **argv)
{
	const bool is_json = json_option_take(&argc, argv);

	if (argc == 2 && argv[1][0] != '-')
		return probe(argv[1], is_json);

	FILE *out = argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr;

	fputs("tinybmsctl probe PORT [--json]\n"
	      "Sends requests that change nothing. Refuses a port that a program has open.\n",
	      out);
	return out == stdout ? CTL_DONE : CTL_USAGE;
}
