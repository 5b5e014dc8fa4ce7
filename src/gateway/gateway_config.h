/* SPDX-License-Identifier: MIT */
/*
 * gateway_config - gateway.json, every key in one table
 *
 * A flat JSON object; a key that is absent, or null, has its default. No secret stands
 * in it: those are in secrets.h.
 *
 * Pure apart from gateway_config_load(), gateway_config_save() and
 * gateway_config_check_files().
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum {
	GATEWAY_TEXT_BYTES = 257,
};

/** Plain data: copied by assignment. Texts: "" where nothing is set. */
struct gateway_config {
	char listen[GATEWAY_TEXT_BYTES]; /**< address in digits */
	int port;
	char hosts[GATEWAY_TEXT_BYTES]; /**< separated by spaces; a JSON array in the file */
	char tls_certificate[GATEWAY_TEXT_BYTES], tls_key[GATEWAY_TEXT_BYTES];
	double interval_s; /**< at which batteries are read */
	char site[GATEWAY_TEXT_BYTES];

	bool mqtt_enabled;
	char mqtt_host[GATEWAY_TEXT_BYTES];
	int mqtt_port;
	bool mqtt_tls;
	char mqtt_ca[GATEWAY_TEXT_BYTES], mqtt_certificate[GATEWAY_TEXT_BYTES],
		mqtt_key[GATEWAY_TEXT_BYTES];
	char mqtt_user[GATEWAY_TEXT_BYTES];
	char mqtt_topic[GATEWAY_TEXT_BYTES];
	bool mqtt_legacy;
	char mqtt_legacy_topic[GATEWAY_TEXT_BYTES];
	bool mqtt_discovery;
	char mqtt_discovery_prefix[GATEWAY_TEXT_BYTES];
	bool mqtt_commands;
};

enum gateway_key_type {
	GATEWAY_BOOL,	/**< bool */
	GATEWAY_INT,	/**< int */
	GATEWAY_NUMBER, /**< double */
	GATEWAY_TEXT,	/**< char[GATEWAY_TEXT_BYTES] */
	GATEWAY_LIST,	/**< char[GATEWAY_TEXT_BYTES], words; JSON array of texts */
};

struct gateway_key {
	const char *name;
	enum gateway_key_type type;
	gsize offset;	 /**< into struct gateway_config */
	double min, max; /**< of numbers; length of texts */
	double fallback;
	const char *text_fallback;
	const char *sentence;
};

/* An error names key, value and range in one sentence. */
#define GATEWAY_CONFIG_ERROR (gateway_config_error_quark())
GQuark gateway_config_error_quark(void);
enum gateway_config_error {
	GATEWAY_CONFIG_ERROR_FILE,  /**< cannot be read or written */
	GATEWAY_CONFIG_ERROR_VALUE, /**< syntax, unknown key, type, range */
};

/** NULL after the last. */
const struct gateway_key *gateway_config_key(size_t index);
/** NULL: there is no such key. */
const struct gateway_key *gateway_config_find(const char *name);

void gateway_config_init(struct gateway_config *c);

/**
 * Sets what @changes (object) names, null: the default. All or nothing.
 * @field (nullable) gets the key that is wrong: borrowed from @changes.
 */
bool gateway_config_change(struct gateway_config *c, const cJSON *changes, const char **field,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Do its keys go together? @field gets the one to change: a constant. */
bool gateway_config_check(const struct gateway_config *c, const char **field,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * May the files that @c names be read? What the gateway reads before it gives up its rights need
 * only be there. @field (nullable) gets the key that is wrong: a constant.
 */
bool gateway_config_check_files(const struct gateway_config *c, const char **field,
				GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Every key with its value (owned). */
cJSON *gateway_config_document(const struct gateway_config *c);

bool gateway_config_parse(struct gateway_config *c, const char *json,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A file that does not exist is all defaults. On error @c is left as it was. */
bool gateway_config_load(struct gateway_config *c, const char *path,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Atomic; only what differs from the defaults. */
bool gateway_config_save(const struct gateway_config *c, const char *path,
			 GError **error) G_GNUC_WARN_UNUSED_RESULT;
