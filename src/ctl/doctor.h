/* SPDX-License-Identifier: MIT */
/*
 * doctor - the parts of the examination
 *
 * Each adds its findings and never gives up on what is missing: that is a
 * finding too. Facts on Venus OS: Victron's dbus-systemcalc-py,
 * localsettings, veutil, venus-platform and meta-victronenergy.
 *
 * I/O.
 */
#pragma once

#include "config.h"
#include "ctl/bus_reader.h"
#include "ctl/findings.h"
#include "managed.h"

/** Where things are. Paths of a GX stand behind @root, "" but in tests. */
struct doctor {
	const char *root;
	const char *config_path;
	const char *state_path; /**< what the service says of itself, see state_file.h */
	struct config config;
	struct findings *findings; /* (borrowed) */
};

/** Firmware, room and writing on /data, start at boot. */
void doctor_examine_device(const struct doctor *d);

/** The port, who holds it, and the BMS where no service talks to it. */
void doctor_examine_port(const struct doctor *d, bool is_service_up);

/**
 * Does the BMS see its cells full before the charge ends? @full_v is register 300,
 * @over_voltage_v register 315, from which the chemistry follows; NAN: unknown.
 */
void doctor_examine_full(const struct doctor *d, double full_v, double over_voltage_v);

/** Settings service, DVCC, and each battery of ours: name, line, control, measurements. */
void doctor_examine_bus(const struct doctor *d, struct bus_reader *bus);

/** Is DVCC on? */
void doctor_examine_dvcc(const struct doctor *d, struct bus_reader *bus);

/** Does DVCC obey the battery @name, why not, and what do chargers and inverters make of it? */
void doctor_examine_control(const struct doctor *d, struct bus_reader *bus, const char *name);

/** The logs of the service, and what multilog says when it cannot write one. */
void doctor_examine_log(const struct doctor *d);

/** What the battery @service sends to inverters, and what keeps it from doing so. */
void doctor_examine_outputs(const struct doctor *d, struct bus_reader *bus, const char *service);

/** CAN interfaces and their profiles. */
void doctor_examine_can(const struct doctor *d, struct bus_reader *bus);
