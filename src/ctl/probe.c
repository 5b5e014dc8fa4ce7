/* SPDX-License-Identifier: MIT */
#include "ctl/probe.h"

#include "tinybms/registers.h"
#include "tinybms/settings.h"

/* The version first: the rest is asked only once it is known that a TinyBMS listens. */
bool probe_ask(struct port *line, struct battery *b, GError **error)
{
	uint16_t version[REGISTERS_VERSION_COUNT], settings[SETTINGS_COUNT],
		live[REGISTERS_LIVE_COUNT];
	struct registers_habit habit = { 0 };

	/* A BMS that sleeps loses the request that wakes it (rev. D, 1.3). */
	if (!port_read(line, REGISTERS_VERSION_FIRST, REGISTERS_VERSION_COUNT, version, NULL) &&
	    !port_read(line, REGISTERS_VERSION_FIRST, REGISTERS_VERSION_COUNT, version, error))
		return false;
	registers_decode_identity(version, &b->identity);
	if (port_read(line, SETTINGS_FIRST, SETTINGS_COUNT, settings, NULL))
		registers_decode_settings(settings, &b->settings);
	return port_read(line, REGISTERS_LIVE_FIRST, REGISTERS_LIVE_COUNT, live, error) &&
	       registers_decode_live(live, &habit, b, error);
}

bool probe_port(const char *path, struct battery *b, GError **error)
{
	struct port_counters counters = { 0 };
	g_autoptr(port_handle) line = port_open(path, true, &counters, error);

	battery_clear(b);
	return line && probe_ask(line, b, error);
}
