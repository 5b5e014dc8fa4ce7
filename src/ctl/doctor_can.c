/* SPDX-License-Identifier: MIT */
#include "ctl/doctor.h"

#include <math.h>
#include <stdlib.h>

#include "can/can_port.h"

enum { ARPHRD_CAN = 280 }; /* linux/if_arp.h */

/* Profiles of a GX's CAN ports (veutil, canbus_interfaces.cpp). */
static const char *const profiles[] = {
	"disabled", "VE.Can", "VE.Can and CAN-bus BMS", "CAN-bus BMS (500 kbit/s)", "Oceanvolt",
	"up, no services (250 kbit/s)", "RV-C", "CAN-bus BMS (HV)", "up, no services (500 kbit/s)",
	"VE.Can and CANopen motor drive", "CANopen motor drive",
};

static bool is_can(const struct doctor *d, const char *name)
{
	g_autofree char *path = g_strconcat(d->root, "/sys/class/net/", name, "/type", NULL);
	g_autofree char *type = NULL;

	return g_file_get_contents(path, &type, NULL, NULL) && atoi(type) == ARPHRD_CAN;
}

static void examine_port(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	g_autofree char *path = g_strconcat("/Settings/Canbus/", name, "/Profile", NULL);
	const double profile =
		bus ? bus_reader_number(bus, "com.victronenergy.settings", path) : (double) NAN;
	const bool is_known = profile >= 0 && profile < G_N_ELEMENTS(profiles);

	findings_add(d->findings, FINDING_OK, "can", "%s: profile %s.", name,
		     is_known ? profiles[(int) profile] : "unknown");
}

void doctor_examine_can(const struct doctor *d, struct bus_reader *bus)
{
	g_autofree char *path = g_strconcat(d->root, "/sys/class/net", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (is_can(d, name))
			examine_port(d, bus, name);
}

static char *text_below(struct bus_reader *bus, const char *service, const char *interface,
			const char *name)
{
	g_autofree char *path = g_strdup_printf("/Can/%s/%s", interface, name);

	return bus_reader_text(bus, service, path);
}

static void examine_output(const struct doctor *d, struct bus_reader *bus, const char *service,
			   const char *interface)
{
	g_autofree char *path = g_strdup_printf("/Can/%s/State", interface);
	g_autofree char *protocol = text_below(bus, service, interface, "Protocol");
	g_autofree char *error = text_below(bus, service, interface, "Error");
	const double state = bus_reader_number(bus, service, path);
	const bool is_active = state > CAN_PORT_ACTIVE - 0.5 && state < CAN_PORT_ACTIVE + 0.5;

	if (is_active && !(error && *error))
		findings_add(d->findings, FINDING_OK, "output", "%s speaks %s.", interface,
			     protocol ? protocol : "?");
	else
		findings_add(d->findings, is_active ? FINDING_WARNING : FINDING_ERROR, "output", "%s: %s",
			     interface, error && *error ? error : "it does not send yet; ask again in a minute.");
}

void doctor_examine_outputs(const struct doctor *d, struct bus_reader *bus, const char *service)
{
	g_auto(GStrv) paths = bus_reader_paths(bus, service, "/Can/");

	for (int i = 0; paths && paths[i]; i++) {
		g_auto(GStrv) part = g_strsplit(paths[i], "/", -1); /* "", Can, interface, name */

		if (g_strv_length(part) == 4 && g_str_equal(part[3], "State"))
			examine_output(d, bus, service, part[2]);
	}
}
