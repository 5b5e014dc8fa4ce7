/* SPDX-License-Identifier: MIT */
/*
 * certificates - those that the gateway uses: how long they are good, and new files
 *
 * Each look says what is wrong when that changes, and an end that comes nearer once a
 * day. A file that is replaced is taken once it was the same at two looks, so that half
 * of it or a certificate without its key is not. MQTT reads its files at every
 * connection anyway. The page's are read at the start, by a user who may read the key;
 * so for a pair that fits, and for one that only that user can judge, the gateway is
 * started again. One that does not fit is refused, and the one before stays in force.
 *
 * I/O: files, the log. Time is an argument: s since 1970, as the clock shows it.
 */
#pragma once

#include <cjson/cJSON.h>

#include "gateway/certificate.h"
#include "gateway/gateway_config.h"

enum { CERTIFICATES_LOOK_S = 60 }; /**< between two looks */

struct certificates;

/** @restart (nullable): end soon, to be started again. @config is borrowed. Reads the files. */
struct certificates *certificates_new(const struct gateway_config *config,
				      void (*restart)(void *user), void *user);
/** NULL is fine. */
void certificates_free(struct certificates *c);

/** The page's certificate has just been loaded: what is in the files is in force. */
void certificates_took(struct certificates *c);

/** @is_urgent: a file that has changed need not be the same at two looks. */
void certificates_look(struct certificates *c, gint64 now_s, bool is_urgent);

/** The worst of all. */
enum certificate_verdict certificates_verdict(const struct certificates *c, gint64 now_s);

/**
 * [{"use": "https", "mqtt" or "mqtt_authority", "file", "name", "valid_from", "valid_until",
 *   "days_left", "state", "sentence", "refused"}], those that the configuration uses;
 * unknown is null. "sentence": what is wrong and what to do; "refused": why a new file is
 * not taken; null when all is well. (owned)
 */
cJSON *certificates_document(const struct certificates *c, gint64 now_s);

/**
 * Can those that @config uses be used, whatever their dates? What this user may not read
 * is left out. @field (nullable) gets the key that is wrong: a constant.
 */
bool certificates_check(const struct gateway_config *config, const char **field,
			GError **error) G_GNUC_WARN_UNUSED_RESULT;
