/* SPDX-License-Identifier: MIT */
/*
 * secrets - password, tokens and the broker's password, in a file of mode 0600
 *
 * There is no default password: without one nobody can log in. A password is kept as
 * Argon2id (crypto_pwhash). 512 KiB of memory because the whole gateway has to stay below
 * 8 MB on a GX, also while somebody logs in, and in exchange eighty passes, where 1 to 3
 * are usual with more memory (libsodium takes 8 KiB and 1 pass at least; RFC 9106, section
 * 3.1). Against somebody who has the file it is weaker than the usual 64 MiB, but who has
 * the file has the GX; guessing over the network is stopped by
 * login_limit.h long before. Tokens are 32 random bytes, so a plain BLAKE2b hash of them
 * is enough; it is all that is kept.
 *
 * The file is read again when somebody else changed it (--set-password, --new-token).
 *
 * I/O: the file.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum {
	SECRETS_PASSWORD_MIN = 10,  /**< characters */
	SECRETS_PASSWORD_MAX = 256, /**< bytes */
	SECRETS_TOKENS_MAX = 32,
	SECRETS_NAME_MAX = 32, /**< of a token: letters, digits, ". _ -" */
};

/* An error's message is a sentence; the code tells whose fault it is. */
#define SECRETS_ERROR (secrets_error_quark())
GQuark secrets_error_quark(void);
enum secrets_error {
	SECRETS_ERROR_FILE,  /**< cannot be read or written */
	SECRETS_ERROR_VALUE, /**< what was asked for is not possible */
};

/** cJSON_Delete() that leaves none of the texts in memory; NULL is fine. */
void secrets_delete(cJSON *document);

struct secrets;

/** The file beside @config_path (owned). */
char *secrets_path(const char *config_path);

/** A file that is not there: nothing is set. @error: it cannot be read, or is damaged. */
struct secrets *secrets_new(const char *path, GError **error);
void secrets_free(struct secrets *s);

/** Reads the file again if it is another one. While it cannot be read, nothing is allowed. */
void secrets_refresh(struct secrets *s);

bool secrets_has_password(const struct secrets *s);
/** Takes a moment (0.2 s on a GX); false also if there is none. */
bool secrets_check_password(const struct secrets *s, const char *password);
bool secrets_set_password(struct secrets *s, const char *password,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Differs after each change of the password. */
guint64 secrets_password_version(const struct secrets *s);

/** "" if none (borrowed). */
const char *secrets_mqtt_password(const struct secrets *s);
bool secrets_set_mqtt_password(struct secrets *s, const char *password,
			       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The token, shown this once (owned); NULL: see @error. */
char *secrets_add_token(struct secrets *s, const char *name, bool may_write, GError **error);
bool secrets_remove_token(struct secrets *s, const char *name,
			  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The name of @token (borrowed), NULL: nobody's. */
const char *secrets_find_token(const struct secrets *s, const char *token, bool *may_write);
bool secrets_has_token(const struct secrets *s, const char *name);
/** [{"name","scope","created"}] (owned) */
cJSON *secrets_list_tokens(const struct secrets *s);
