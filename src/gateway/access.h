/* SPDX-License-Identifier: MIT */
/*
 * access - who may read, who may write, and who may say how it is set up
 *
 * With a password: a session's cookie or a bearer token, from wherever. A token belongs to a
 * program: it never says where data go or who may come in. Without a password, nobody can log in;
 * then whoever sits on this machine may read, and nobody may write. What came through a proxy does
 * not count as being on this machine.
 *
 * I/O: the secrets file, the log.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "gateway/secrets.h"
#include "gateway/sessions.h"

struct access;

/** Texts are borrowed and NULL where the request has none. */
struct access_request {
	const char *address;
	bool is_local; /**< from this machine, not through a proxy */
	const char *cookie, *authorization, *csrf;
	bool is_safe; /**< GET, HEAD: changes nothing */
};

/** Each of them holds those before it. */
enum access_scope {
	ACCESS_READS,
	ACCESS_WRITES, /**< the battery */
	ACCESS_OWNS,   /**< passwords, tokens, how gateway and service are set up: a log-in only */
};

enum access_verdict {
	ACCESS_YES,
	ACCESS_LOGIN,  /**< 401 */
	ACCESS_SCOPE,  /**< 403: known, but may only read */
	ACCESS_PERSON, /**< 403: only who has logged in may, no token */
	ACCESS_FORGED, /**< 403: the session's token is missing */
	ACCESS_CLOSED, /**< 403: no password is set yet */
};

struct access_grant {
	enum access_verdict verdict;
	char *who;	 /**< (owned) "admin@192.168.1.7" */
	char *token;	 /**< (owned) its name, NULL: none */
	guint64 session; /**< 0: none */
};

void access_grant_clear(struct access_grant *grant);

struct access *access_new(struct secrets *secrets);
void access_free(struct access *a);
struct secrets *access_secrets(struct access *a);
struct sessions *access_sessions(struct access *a);

struct access_grant access_check(struct access *a, const struct access_request *request,
				 enum access_scope scope);
/** Is what was granted still so? @grant: of an earlier access_check() that said yes. */
bool access_still(struct access *a, const struct access_grant *grant);

enum access_login {
	ACCESS_LOGGED_IN,
	ACCESS_WRONG,
	ACCESS_WAIT, /**< too many trials */
	ACCESS_NO_PASSWORD,
};

/** @key gets the cookie's value, @wait_s how long to wait. Failures are logged. */
enum access_login access_login(struct access *a, const char *address, const char *user,
			       const char *password, char key[SESSION_KEY_BYTES], guint64 *session,
			       unsigned *wait_s);

/** The one user there is. */
#define ACCESS_USER   "admin"
#define ACCESS_COOKIE "tinybms"
