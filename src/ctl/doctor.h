/* SPDX-License-Identifier: MIT */
/*
 * doctor - the parts of the examination
 *
 * Each adds its findings and never gives up on what is missing: that is a
 * finding too. Facts on Venus OS: venus.md sections 1.5, 3, 5.1, 6, 7.2, 8.
 *
 * I/O.
 */
#pragma once

#include "config.h"
#include "ctl/bus_reader.h"
#include "ctl/findings.h"

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

/** Settings service, names, DVCC, who is the active BMS, limits and measurements. */
void doctor_examine_bus(const struct doctor *d, struct bus_reader *bus);

/** CAN interfaces and their profiles. */
void doctor_examine_can(const struct doctor *d, struct bus_reader *bus);
