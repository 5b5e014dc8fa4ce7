/* SPDX-License-Identifier: MIT */
/*
 * config - the one JSON file, every key in one table
 *
 * The file is a flat JSON object. A key that is absent, or null, has its
 * default. Where the default is worked out from the battery (chemistry or the
 * BMS's own settings), the field is NAN (numbers) or has no points (curves).
 *
 * Pure apart from config_load() and config_save().
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "battery/charge_config.h"

enum {
	CONFIG_TEXT_MAX = 128,
	CONFIG_TEXT_BYTES = CONFIG_TEXT_MAX + 1,
	CONFIG_JSON_MAX = 4095,
	CONFIG_JSON_BYTES = CONFIG_JSON_MAX + 1,
};

enum config_type {
	CONFIG_BOOL,   /**< bool; JSON true, false, 0 or 1 */
	CONFIG_INT,    /**< int */
	CONFIG_NUMBER, /**< double */
	CONFIG_TEXT,   /**< char[CONFIG_TEXT_BYTES] */
	CONFIG_CHOICE, /**< int, index into choices; JSON string */
	CONFIG_CURVE,  /**< struct curve; JSON [[x, ratio], ...] or "x:ratio x:ratio ..." */
	CONFIG_JSON,   /**< char[CONFIG_JSON_BYTES], any JSON; its reader judges it */
};

/** Everything that the owner can set. Plain data: copied by assignment. */
struct config {
	char port[CONFIG_TEXT_BYTES];        /**< device node, "" = none */
	char battery_name[CONFIG_TEXT_BYTES]; /**< name before the settings service has one */
	int product_id;       /**< 1 to 65535 */
	int device_instance;  /**< first wish, 0 to 9999 */
	int poll_interval_ms; /**< 100 to 1000 */
	bool low_latency;     /**< ask the serial driver for it */
	bool remote_writes;   /**< the MQTT bridge may change the BMS's settings */
	bool sync_soc_at_full; /**< tell the BMS that it is full when it is */
	int managed;          /**< enum managed: the battery that DVCC is to obey, or not */
	struct charge_config charge;
	char can[CONFIG_JSON_BYTES]; /**< CAN outputs, see can/can_config.h; "" = none */
};

struct config_key {
	const char *name;
	enum config_type type;
	size_t offset;              /**< into struct config */
	const char *unit;           /**< "V", "A", "%", "" ... */
	double min, max;            /**< numbers, and the ratios' x of curves; length of texts */
	double fallback;            /**< default of numbers, bools and choices; NAN: worked out */
	const char *text_fallback;  /**< default of texts; of curves as "x:ratio ...", or NULL */
	const char *const *choices; /**< NULL-terminated */
	const char *sentence;       /**< what it means, for the owner */
	bool is_charge;             /**< writable as /Settings/Charge/<name> */
	bool is_secret;             /**< never logged, never answered */
};

/* An error names key, value and range in one sentence. */
#define CONFIG_ERROR (config_error_quark())
GQuark config_error_quark(void);
enum config_error {
	CONFIG_ERROR_FILE,    /**< cannot be read or written */
	CONFIG_ERROR_SYNTAX,  /**< no JSON object */
	CONFIG_ERROR_UNKNOWN, /**< no such key */
	CONFIG_ERROR_TYPE,
	CONFIG_ERROR_RANGE,   /**< out of range, or contradicts another key */
};

/** All keys, in the order in which they are shown; NULL after the last. */
const struct config_key *config_at(size_t index);
size_t config_count(void);
const struct config_key *config_find(const char *name);

/** All defaults. */
void config_init(struct config *c);

/** Parse a whole file's text over the defaults; on error @c is left as it was. */
bool config_parse(struct config *c, const char *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Set one key from text as D-Bus and the command line bring it ("" = default); checks all. */
bool config_set_text(struct config *c, const struct config_key *key, const char *text,
		     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The key's value as text; "" where it is worked out. Secrets read "(set)". */
char *config_get_text(const struct config *c, const struct config_key *key);

/** Only what differs from the defaults, as JSON (owned by the caller). */
char *config_to_json(const struct config *c);

/** A file that does not exist is all defaults. On error @c is left as it was. */
bool config_load(struct config *c, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Atomic: a new file, fsync, rename. On error the old file stays. */
bool config_save(const struct config *c, const char *path, GError **error)
	G_GNUC_WARN_UNUSED_RESULT;
