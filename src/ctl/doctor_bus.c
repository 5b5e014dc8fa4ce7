/* SPDX-License-Identifier: MIT */
#include "ctl/doctor.h"

#include <math.h>
#include <string.h>

static const char SETTINGS[] = "com.victronenergy.settings";
static const char BATTERY[] = "com.victronenergy.battery.";

enum {
	MANY_ERRORS_PERMILLE = 10, /* of the requests on the line */
	BATTERIES_MAX = 16,        /* a GX has fewer USB ports */
};

static const double SAME_V = 0.5;       /* cables and voltmeters */
static const double CURRENT_MIN_A = 5.0; /* below it a sign means nothing */

static bool is_ours(struct bus_reader *bus, const char *name)
{
	g_autofree char *process = bus_reader_text(bus, name, "/Mgmt/ProcessName");

	return process && strstr(process, "dbus-tinybms");
}

static void examine_line(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	const double polls = bus_reader_number(bus, name, "/Diagnostics/Bms/Polls");
	const double answers = bus_reader_number(bus, name, "/Diagnostics/Bms/Successes");
	const double broken = bus_reader_number(bus, name, "/Diagnostics/Bms/CrcErrors");

	if (!(polls > 0))
		return;
	const bool is_bad = (polls - answers + broken) * 1000 > polls * MANY_ERRORS_PERMILLE;

	findings_add(d->findings, is_bad ? FINDING_WARNING : FINDING_OK, "line",
		     "%.0f requests, %.0f answered, %.0f broken.%s", polls, answers, broken,
		     is_bad ? " Shorten the cable, keep it away from power cables, use an isolated adapter."
			    : "");
}

/* A current sensor turned round shows up as an inverter that charges a battery that discharges. */
static void examine_measurements(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	g_auto(GStrv) inverters = bus_reader_names(bus, "com.victronenergy.vebus.");

	if (!inverters[0])
		return;
	const double ours_v = bus_reader_number(bus, name, "/Dc/0/Voltage");
	const double theirs_v = bus_reader_number(bus, inverters[0], "/Dc/0/Voltage");
	const double ours_a = bus_reader_number(bus, name, "/Dc/0/Current");
	const double theirs_a = bus_reader_number(bus, inverters[0], "/Dc/0/Current");

	if (fabs(ours_v - theirs_v) > SAME_V)
		findings_add(d->findings, FINDING_WARNING, "voltage",
			     "The BMS measures %.2f V, the inverter %.2f V: check cables, fuse and the BMS's calibration.",
			     ours_v, theirs_v);
	if (fabs(ours_a) > CURRENT_MIN_A && fabs(theirs_a) > CURRENT_MIN_A &&
	    (ours_a > 0) != (theirs_a > 0))
		findings_add(d->findings, FINDING_WARNING, "current",
			     "The BMS measures %.1f A, the inverter %.1f A: unless solar chargers explain it, the current sensor is turned round.",
			     ours_a, theirs_a);
}

static void examine_battery(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	const double instance = bus_reader_number(bus, name, "/DeviceInstance");
	const double cells = bus_reader_number(bus, name, "/System/NrOfCellsPerBattery");
	const double lowest_v = bus_reader_number(bus, name, "/System/MinCellVoltage");
	const double highest_v = bus_reader_number(bus, name, "/System/MaxCellVoltage");
	g_autofree char *firmware = bus_reader_text(bus, name, "/FirmwareVersion");

	findings_add(d->findings, FINDING_OK, "name", "%s, device instance %.0f.", name, instance);
	findings_add(d->findings, FINDING_OK, "bms", "Firmware %s, %.0f cells from %.3f to %.3f V.",
		     firmware ? firmware : "unknown", cells, lowest_v, highest_v);
	doctor_examine_full(d, bus_reader_number(bus, name, "/Settings/Bms/fully_charged_voltage"),
			    bus_reader_number(bus, name, "/Settings/Bms/over_voltage_cutoff"));
	examine_line(d, bus, name);
	doctor_examine_control(d, bus, name);
	examine_measurements(d, bus, name);
	doctor_examine_outputs(d, bus, name);
}

static enum managed managed_of(struct bus_reader *bus, const char *name)
{
	g_autofree char *word = bus_reader_text(bus, name, "/Settings/Charge/managed");

	return managed_parse(word);
}

static void examine_batteries(const struct doctor *d, struct bus_reader *bus)
{
	g_auto(GStrv) names = bus_reader_names(bus, BATTERY);
	enum managed managed[BATTERIES_MAX];
	unsigned ours = 0;

	for (int i = 0; names[i]; i++) {
		if (!is_ours(bus, names[i]))
			continue;
		examine_battery(d, bus, names[i]);
		if (ours < BATTERIES_MAX)
			managed[ours++] = managed_of(bus, names[i]);
	}
	if (!ours)
		findings_add(d->findings, FINDING_ERROR, "name",
			     "No battery of ours is on the bus: what is said above, or the service's log, tells why.");

	const char *complaint = managed_complaint(managed, ours);

	if (complaint)
		findings_add(d->findings, FINDING_WARNING, "several", "%s", complaint);
	else if (ours > 1)
		findings_add(d->findings, FINDING_OK, "several",
			     "%u batteries of ours, and it is clear which one is managed.", ours);
}

void doctor_examine_bus(const struct doctor *d, struct bus_reader *bus)
{
	if (!bus_reader_has_name(bus, SETTINGS))
		findings_add(d->findings, FINDING_ERROR, "settings",
			     "The settings service is not there: restart the device.");
	else
		doctor_examine_dvcc(d, bus);
	examine_batteries(d, bus);
}
