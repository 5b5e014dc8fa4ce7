/* SPDX-License-Identifier: MIT */
/* What DVCC makes of a battery: dbus-systemcalc-py, delegates/dvcc.py and batteryservice.py. */
#include "ctl/doctor.h"

#include <math.h>

static const char SYSTEM[] = "com.victronenergy.system";
static const char SETTINGS[] = "com.victronenergy.settings";

enum { BMS_INSTANCE_NONE = -255 }; /* of /Settings/SystemSetup/BmsInstance; -1 is automatic */

static const double FORWARD_V = 0.5; /* how much above CVL a charger may be told to go */
static const double FORWARD_A = 1.0; /* DCL is copied as it is */

static double setting(struct bus_reader *bus, const char *path)
{
	return bus_reader_number(bus, SETTINGS, path);
}

void doctor_examine_dvcc(const struct doctor *d, struct bus_reader *bus)
{
	const double wanted = setting(bus, "/Settings/Services/Bol");
	const double running = bus_reader_number(bus, SYSTEM, "/Control/Dvcc");

	/* 1 on, 3 forced on */
	if ((!isnan(wanted) && !((int) wanted & 1)) || (isnan(wanted) && running < 0.5))
		findings_add(d->findings, FINDING_ERROR, "dvcc",
			     "DVCC is off, so no charger follows the battery: switch it on under Settings, DVCC.");
	else if (isnan(wanted) && isnan(running))
		findings_add(d->findings, FINDING_WARNING, "dvcc",
			     "Whether DVCC is on is not to be learnt: look under Settings, DVCC.");
	else
		findings_add(d->findings, FINDING_OK, "dvcc", "DVCC is on.");
}

/* Why systemcalc chose another BMS, or none. */
static char *why_not(struct bus_reader *bus, const char *name, const char *active)
{
	const double instance = bus_reader_number(bus, name, "/DeviceInstance");
	const double chosen = setting(bus, "/Settings/SystemSetup/BmsInstance");

	if (isnan(bus_reader_number(bus, name, "/Info/MaxChargeVoltage")))
		return g_strdup("it gives no charge voltage now, so it counts as no BMS, and its log says why");
	if (chosen > BMS_INSTANCE_NONE - 0.5 && chosen < BMS_INSTANCE_NONE + 0.5)
		return g_strdup("Controlling BMS is set to none");
	if (chosen >= 0 && fabs(chosen - instance) > 0.5)
		return g_strdup_printf("Controlling BMS is set to instance %.0f, this battery is %.0f",
				       chosen, instance);
	if (!*active)
		return g_strdup("the system has not chosen a BMS");
	return g_strdup_printf("by itself it takes the battery monitor if that is a BMS, else the lowest instance, and this battery is %.0f, that one %.0f",
			       instance, bus_reader_number(bus, active, "/DeviceInstance"));
}

static void examine_apart(const struct doctor *d, bool is_active)
{
	if (is_active)
		findings_add(d->findings, FINDING_ERROR, "active",
			     "DVCC obeys this battery, but \"managed\" says that it stands apart: choose the managed one under Settings, DVCC, Controlling BMS.");
	else
		findings_add(d->findings, FINDING_OK, "active",
			     "DVCC does not obey it, as \"managed\" says.");
}

static void examine_monitor(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	g_autofree char *monitor = bus_reader_text(bus, SYSTEM, "/Dc/Battery/BatteryService");

	if (monitor && *monitor && !g_str_equal(monitor, name))
		findings_add(d->findings, FINDING_WARNING, "monitor",
			     "The battery monitor is %s: choose this battery under Settings, System setup, Battery monitor, unless that is meant.",
			     monitor);
}

static bool examine_active(const struct doctor *d, struct bus_reader *bus, const char *name,
			   enum managed managed)
{
	g_autofree char *answer = bus_reader_text(bus, SYSTEM, "/ActiveBmsService");
	const char *active = answer ? answer : "";
	const bool is_active = g_str_equal(active, name);

	if (managed == MANAGED_NO) {
		examine_apart(d, is_active);
		return false;
	}
	if (is_active) {
		findings_add(d->findings, FINDING_OK, "active", "It is the BMS that DVCC obeys.");
	} else {
		g_autofree char *reason = why_not(bus, name, active);

		findings_add(d->findings, FINDING_WARNING, "active",
			     "DVCC obeys %s (%s): choose this battery under Settings, DVCC, Controlling BMS.",
			     *active ? active : "no BMS", reason);
	}
	examine_monitor(d, bus, name);
	return is_active;
}

static void examine_voltage(const struct doctor *d, struct bus_reader *bus, double cvl_v)
{
	const double told_v = bus_reader_number(bus, SYSTEM, "/Dc/Battery/ChargeVoltage");
	const double cap_v = setting(bus, "/Settings/SystemSetup/MaxChargeVoltage");

	if (isnan(told_v))
		return;
	if (told_v > cvl_v + FORWARD_V)
		findings_add(d->findings, FINDING_WARNING, "limits",
			     "Chargers are told %.2f V, the battery asks for %.2f V at most: another BMS or a setting overrides it.",
			     told_v, cvl_v);
	else
		findings_add(d->findings, FINDING_OK, "limits", "Chargers are told %.2f V, the battery asks for %.2f V at most%s.",
			     told_v, cvl_v,
			     cap_v > 0 && cap_v < cvl_v ? ", and a limit set under DVCC is lower" : "");
}

/* CCL is not compared: what the house uses is added to it (delegates/dvcc.py). */
static void examine_inverter(const struct doctor *d, struct bus_reader *bus, const char *inverter,
			     double cvl_v, double dcl_a)
{
	const double told_v =
		bus_reader_number(bus, inverter, "/BatteryOperationalLimits/MaxChargeVoltage");
	const double told_a =
		bus_reader_number(bus, inverter, "/BatteryOperationalLimits/MaxDischargeCurrent");

	if (isnan(told_v) || isnan(told_a))
		findings_add(d->findings, FINDING_WARNING, "inverter",
			     "%s was given no limits of a battery: its firmware must know DVCC (4.22 and newer).",
			     inverter);
	else if (told_v > cvl_v + FORWARD_V || told_a > dcl_a + FORWARD_A)
		findings_add(d->findings, FINDING_WARNING, "inverter",
			     "%s is told %.2f V and %.1f A of discharge, the battery asks for %.2f V and %.1f A at most: look for settings under DVCC and for other add-ons that write these.",
			     inverter, told_v, told_a, cvl_v, dcl_a);
	else
		findings_add(d->findings, FINDING_OK, "inverter",
			     "%s is told %.2f V and %.1f A of discharge.", inverter, told_v, told_a);
}

static void examine_limits(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	const double cvl_v = bus_reader_number(bus, name, "/Info/MaxChargeVoltage");
	const double dcl_a = bus_reader_number(bus, name, "/Info/MaxDischargeCurrent");
	g_auto(GStrv) inverters = bus_reader_names(bus, "com.victronenergy.vebus.");

	if (isnan(cvl_v)) {
		findings_add(d->findings, FINDING_WARNING, "limits",
			     "The battery gives no charge voltage now: its log says why.");
		return;
	}
	examine_voltage(d, bus, cvl_v);
	for (int i = 0; inverters[i]; i++)
		examine_inverter(d, bus, inverters[i], cvl_v, dcl_a);
}

void doctor_examine_control(const struct doctor *d, struct bus_reader *bus, const char *name)
{
	g_autofree char *managed = bus_reader_text(bus, name, "/Settings/Charge/managed");

	if (!bus_reader_has_name(bus, SYSTEM))
		findings_add(d->findings, FINDING_ERROR, "active",
			     "The service that runs DVCC (systemcalc) is not there: restart the device.");
	else if (examine_active(d, bus, name, managed_parse(managed)))
		examine_limits(d, bus, name);
}
