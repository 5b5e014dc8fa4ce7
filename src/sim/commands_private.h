/* SPDX-License-Identifier: MIT */
/* commands_private - between the files of the commands only */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "sim/simulator.h"

struct command_call {
	struct simulator *s;
	char **word; /**< arguments, after the command's own words */
	unsigned words;
	GString *answer; /**< nothing yet; "ok" is added where a command leaves it so */
};

struct command {
	const char *name;			/**< may be two words: "set cell" */
	unsigned min, max;			/**< arguments */
	const char *usage;			/**< arguments in words */
	bool (*run)(struct command_call *call); /**< false: the answer says why not */
};

/** Tables end with a NULL name. */
extern const struct command commands_battery[], commands_bms[], commands_line[], commands_get[];

/** Answer "error: ..."; always false. */
bool command_fail(struct command_call *call, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Read argument @i as a number in a range; false: the answer names what is wrong. */
bool command_number(struct command_call *call, unsigned i, double min, double max, double *out);
/** The same, whole, @fallback where there is no such argument. */
bool command_count(struct command_call *call, unsigned i, unsigned min, unsigned max,
		   unsigned fallback, unsigned *out);
/** "on" or "off". */
bool command_switch(struct command_call *call, unsigned i, bool *out);
