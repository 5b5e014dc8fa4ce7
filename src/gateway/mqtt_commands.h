/* SPDX-License-Identifier: MIT */
/*
 * mqtt_commands - what may be asked of a battery by MQTT, and whether a message asks it rightly
 *
 * ROOT/ID/set/NAME with a payload; the answer comes on ROOT/ID/result, never
 * retained: {"command":NAME,"ok":true|false,"reason":sentence}. Only if the owner
 * has switched commands on. A retained message is never a command: it would be
 * obeyed again at each reconnection.
 *
 * The table holds what an owner changes from day to day. What weakens the
 * battery's protection or must be confirmed (the BMS's own settings, cell
 * thresholds, sleep, a restart of the BMS) is not in it; the page and tinybmsctl
 * ask for these.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <cjson/cJSON.h>

#include "dbus/value.h"
#include "gateway/mqtt_message.h"

enum mqtt_command_kind {
	MQTT_COMMAND_BUTTON, /**< payload PRESS */
	MQTT_COMMAND_SWITCH, /**< payload ON or OFF; also true, false, 1, 0 */
	MQTT_COMMAND_NUMBER, /**< payload a number in the key's range */
};

/** Constant data. */
struct mqtt_command_row {
	const char *name; /**< of the topic; of switches and numbers also the configuration's key */
	const char *label; /**< for people */
	enum mqtt_command_kind kind;
	const char *method;	   /**< of the second name, manage/manage_service.h */
	struct value arguments[2]; /**< of a button */
	unsigned count;
	const char *path; /**< of a switch or number: where its value is on the bus */
};

enum { MQTT_COMMAND_PAYLOAD_MAX = 32 };

/** NULL after the last. */
const struct mqtt_command_row *mqtt_commands_at(size_t index);

/** Range and unit of a number, from the table of the configuration. */
void mqtt_commands_range(const struct mqtt_command_row *row, double *min, double *max,
			 const char **unit);

/** A call of the second name. */
struct mqtt_call {
	const struct mqtt_command_row *row;
	struct value arguments[2]; /**< texts: of the table, or @text */
	unsigned count;
	char *text; /**< (owned) g_free() */
};

/** The filter to subscribe to. (owned) */
char *mqtt_commands_filter(const char *root);

/** Splits ROOT/ID/set/NAME; false: it is no such topic. Both are (owned). */
bool mqtt_commands_split(const char *root, const char *topic, char **level, char **name);

/** @error is a sentence for the one who asked. */
bool mqtt_commands_read(const char *name, const char *payload, gsize size, bool is_retained,
			struct mqtt_call *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The payload of ROOT/ID/result; @reason NULL: it was done. (owned) */
char *mqtt_commands_result(const char *name, const char *reason);

/**
 * Appends ROOT/ID/charge/KEY of each switch and number: JSON true, false or a
 * number, null where @values (object, borrowed) has none.
 */
void mqtt_commands_add_states(GPtrArray *list, const char *root, const char *id,
			      const cJSON *values);
