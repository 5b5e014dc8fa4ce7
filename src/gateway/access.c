/* SPDX-License-Identifier: MIT */
#include "gateway/access.h"

#include <sodium.h>
#include <string.h>

#include "gateway/http_match.h"
#include "gateway/login_limit.h"
#include "log.h"

struct access {
	struct secrets *secrets; /* borrowed */
	struct sessions *sessions;
	struct login_limit limit;
	struct log_topic topic;
	guint64 password_version;
	guint64 failures;
};

struct access *access_new(struct secrets *secrets)
{
	struct access *a = g_new0(struct access, 1);

	a->secrets = secrets;
	a->sessions = sessions_new();
	a->password_version = secrets_password_version(secrets);
	return a;
}

void access_free(struct access *a)
{
	sessions_free(a->sessions);
	g_free(a);
}

struct secrets *access_secrets(struct access *a)
{
	return a->secrets;
}

struct sessions *access_sessions(struct access *a)
{
	return a->sessions;
}

/* A new password, also one from the command line, ends every session. */
static void refresh(struct access *a)
{
	secrets_refresh(a->secrets);
	if (a->password_version == secrets_password_version(a->secrets))
		return;
	a->password_version = secrets_password_version(a->secrets);
	sessions_close_all(a->sessions);
}

static enum access_verdict check_token(struct access *a, const struct access_request *request,
				       const char *token, enum access_scope scope,
				       struct access_grant *grant)
{
	bool may_write = false;
	const char *name = secrets_find_token(a->secrets, token, &may_write);

	if (!name)
		return ACCESS_LOGIN;
	grant->token = g_strdup(name);
	grant->who = g_strdup_printf("token %s@%s", name, request->address);
	if (scope == ACCESS_OWNS)
		return ACCESS_PERSON;
	return scope == ACCESS_WRITES && !may_write ? ACCESS_SCOPE : ACCESS_YES;
}

static enum access_verdict check_session(struct access *a, const struct access_request *request,
					 bool is_write, struct access_grant *grant)
{
	g_autofree char *key =
		request->cookie ? http_match_cookie(request->cookie, ACCESS_COOKIE) : NULL;
	const guint64 session = key ? sessions_find(a->sessions, key, g_get_monotonic_time()) : 0;

	if (!session)
		return ACCESS_LOGIN;
	grant->session = session;
	grant->who =
		g_strdup_printf("%s@%s", sessions_user(a->sessions, session), request->address);

	const char *csrf = sessions_csrf(a->sessions, session);
	const bool has_token = request->csrf && strlen(request->csrf) == strlen(csrf) &&
			       !sodium_memcmp(request->csrf, csrf, strlen(csrf));

	return (is_write || !request->is_safe) && !has_token ? ACCESS_FORGED : ACCESS_YES;
}

struct access_grant access_check(struct access *a, const struct access_request *request,
				 enum access_scope scope)
{
	const bool is_write = scope != ACCESS_READS;
	struct access_grant grant = { 0 };
	const char *token = http_match_bearer(request->authorization);

	refresh(a);
	if (token)
		grant.verdict = check_token(a, request, token, scope, &grant);
	else
		grant.verdict = check_session(a, request, is_write, &grant);
	if (grant.verdict != ACCESS_LOGIN || token || secrets_has_password(a->secrets))
		return grant;

	grant.verdict =
		request->is_local && request->is_safe && !is_write ? ACCESS_YES : ACCESS_CLOSED;
	grant.who = g_strdup_printf("local@%s", request->address);
	return grant;
}

bool access_still(struct access *a, const struct access_grant *grant)
{
	refresh(a);
	if (grant->session)
		return sessions_is_open(a->sessions, grant->session, g_get_monotonic_time());
	if (grant->token)
		return secrets_has_token(a->secrets, grant->token);
	return !secrets_has_password(a->secrets);
}

void access_grant_clear(struct access_grant *grant)
{
	g_clear_pointer(&grant->who, g_free);
	g_clear_pointer(&grant->token, g_free);
}

enum access_login access_login(struct access *a, const char *address, const char *user,
			       const char *password, char key[SESSION_KEY_BYTES], guint64 *session,
			       unsigned *wait_s)
{
	const gint64 now_us = g_get_monotonic_time();

	refresh(a);
	if (!secrets_has_password(a->secrets))
		return ACCESS_NO_PASSWORD;
	*wait_s = login_limit_take(&a->limit, address, now_us);
	if (*wait_s)
		return ACCESS_WAIT;

	/* The password is tried whoever it is said to be: a wrong name takes as long. */
	const bool is_right = secrets_check_password(a->secrets, password);

	if (!is_right || strcmp(user, ACCESS_USER)) {
		login_limit_failed(&a->limit, address, now_us);
		log_transition(&a->topic, LOG_WARNING,
			       "a log-in from %s failed (%" G_GUINT64_FORMAT " since the start)",
			       address, ++a->failures);
		return ACCESS_WRONG;
	}
	login_limit_succeeded(&a->limit, address);
	*session = sessions_open(a->sessions, user, now_us, key);
	return ACCESS_LOGGED_IN;
}
