/* SPDX-License-Identifier: MIT */
#include "gateway/session_routes.h"

#include <string.h>

#include "gateway/http_match.h"

struct session_routes {
	struct access *access;
	struct writes *writes;
};

static void ping(struct http_request *r, void *user)
{
	cJSON *answer = cJSON_CreateObject();

	cJSON_AddStringToObject(answer, "version", VERSION);
	http_reply_json(r, 200, answer);
}

static guint64 session_of(struct http_request *r, struct access *a)
{
	const char *cookie = http_request_header(r, "cookie");
	g_autofree char *key = cookie ? http_match_cookie(cookie, ACCESS_COOKIE) : NULL;

	return key ? sessions_find(access_sessions(a), key, g_get_monotonic_time()) : 0;
}

static void show_session(struct http_request *r, void *user)
{
	struct access *a = ((const struct session_routes *) user)->access;
	const guint64 session = session_of(r, a);
	cJSON *answer = cJSON_CreateObject();

	cJSON_AddStringToObject(answer, "user", http_request_who(r));
	cJSON_AddItemToObject(
		answer, "csrf",
		session ? cJSON_CreateString(sessions_csrf(access_sessions(a), session))
			: cJSON_CreateNull());
	cJSON_AddBoolToObject(answer, "has_password", secrets_has_password(access_secrets(a)));
	http_reply_json(r, 200, answer);
}

static const char *text_of(const cJSON *body, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, name));
}

static void set_cookie(struct http_request *r, const char *key)
{
	g_autofree char *cookie = g_strdup_printf(
		"%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", ACCESS_COOKIE, key,
		http_request_is_tls(r) ? "; Secure" : "", *key ? "" : "; Max-Age=0");

	http_reply_header(r, "Set-Cookie", cookie);
}

static void wait_longer(struct http_request *r, unsigned wait_s)
{
	g_autofree char *seconds = g_strdup_printf("%u", wait_s);
	g_autofree char *detail =
		g_strdup_printf("too many log-ins failed; try again in %u s", wait_s);

	http_reply_header(r, "Retry-After", seconds);
	http_reply_problem(r, 429, "Too Many Requests", detail, NULL, NULL);
}

static void try_login(struct http_request *r, struct access *a, const char *name,
		      const char *password)
{
	char key[SESSION_KEY_BYTES];
	guint64 session = 0;
	unsigned wait_s = 0;

	switch (access_login(a, http_request_address(r), name, password, key, &session, &wait_s)) {
	case ACCESS_NO_PASSWORD:
		http_reply_problem(
			r, 403, "Forbidden",
			"no password is set yet; install.sh gateway password sets one", NULL,
			NULL);
		return;
	case ACCESS_WAIT:
		wait_longer(r, wait_s);
		return;
	case ACCESS_WRONG:
		http_reply_problem(r, 401, "Unauthorized", "user or password is wrong", NULL, NULL);
		return;
	case ACCESS_LOGGED_IN:
		break;
	}

	cJSON *answer = cJSON_CreateObject();

	/* A session of before does not live on beside the new one. */
	sessions_close(access_sessions(a), session_of(r, a));
	set_cookie(r, key);
	cJSON_AddStringToObject(answer, "user", name);
	cJSON_AddStringToObject(answer, "csrf", sessions_csrf(access_sessions(a), session));
	http_reply_json(r, 200, answer);
}

static void log_in(struct http_request *r, void *user)
{
	cJSON *body = http_request_json(r);

	if (!body)
		return;

	const char *name = text_of(body, "user"), *password = text_of(body, "password");

	if (!name || !password || strlen(password) > SECRETS_PASSWORD_MAX)
		http_reply_problem(r, 422, "Unprocessable Content",
				   "user and password are texts, the password of at most 256 bytes",
				   name ? "password" : "user", NULL);
	else
		try_login(r, ((const struct session_routes *) user)->access, name, password);
	secrets_delete(body);
}

static void log_out(struct http_request *r, void *user)
{
	struct access *a = ((const struct session_routes *) user)->access;

	sessions_close(access_sessions(a), session_of(r, a));
	set_cookie(r, "");
	http_reply_json(r, 200, cJSON_CreateObject());
}

/* Before the answer, after which the request is gone. @error (nullable) is why not. */
static void note(const struct session_routes *routes, const struct http_request *r,
		 const char *what, const char *after, const GError *error)
{
	cJSON *shown = after ? cJSON_CreateString(after) : NULL;

	writes_note(routes->writes, http_request_who(r), http_request_path(r), what, NULL, shown,
		    error ? error->message : NULL);
	cJSON_Delete(shown);
}

/* @error of secrets.h: what was asked, or the device's disk. */
static void reply_error(struct http_request *r, const GError *error, const char *field)
{
	if (g_error_matches(error, SECRETS_ERROR, SECRETS_ERROR_VALUE))
		http_reply_problem(r, 422, "Unprocessable Content", error->message, field, NULL);
	else
		http_reply_problem(r, 507, "Insufficient Storage", error->message, NULL, NULL);
}

static void set_password(struct http_request *r, const struct session_routes *routes,
			 const char *password)
{
	g_autoptr(GError) error = NULL;
	const bool is_set = secrets_set_password(access_secrets(routes->access), password, &error);

	note(routes, r, "password", NULL, error);
	if (is_set)
		http_reply_json(r, 200, cJSON_CreateObject());
	else
		reply_error(r, error, "new");
}

static void change_password(struct http_request *r, void *user)
{
	struct access *a = ((const struct session_routes *) user)->access;
	cJSON *body = http_request_json(r);
	char key[SESSION_KEY_BYTES];
	guint64 session = 0;
	unsigned wait_s = 0;
	enum access_login verdict = ACCESS_WRONG;

	if (!body)
		return;

	const char *old = text_of(body, "old"), *new = text_of(body, "new");

	if (old && new &&strlen(old) <= SECRETS_PASSWORD_MAX)
		verdict = access_login(a, http_request_address(r), ACCESS_USER, old, key, &session,
				       &wait_s);
	if (!new)
		http_reply_problem(r, 422, "Unprocessable Content", "old and new are texts", "new",
				   NULL);
	else if (verdict == ACCESS_WAIT)
		wait_longer(r, wait_s);
	else if (verdict != ACCESS_LOGGED_IN)
		http_reply_problem(r, 403, "Forbidden", "the old password is wrong", "old", NULL);
	else
		set_password(r, user, new);
	sessions_close(access_sessions(a), session);
	secrets_delete(body);
}

static void list_tokens(struct http_request *r, void *user)
{
	cJSON *answer = cJSON_CreateObject();

	cJSON_AddItemToObject(answer, "tokens",
			      secrets_list_tokens(access_secrets(
				      ((const struct session_routes *) user)->access)));
	http_reply_json(r, 200, answer);
}

static void make_token(struct http_request *r, const struct session_routes *routes,
		       const char *name, const char *scope)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *token = secrets_add_token(access_secrets(routes->access), name,
						   !strcmp(scope, "write"), &error);
	g_autofree char *what = g_strdup_printf("token %.*s", SECRETS_NAME_MAX, name);
	cJSON *answer;

	note(routes, r, what, scope, error);
	if (!token) {
		reply_error(r, error, "name");
		return;
	}
	answer = cJSON_CreateObject();
	cJSON_AddStringToObject(answer, "name", name);
	cJSON_AddStringToObject(answer, "scope", scope);
	cJSON_AddStringToObject(answer, "token", token);
	http_reply_json(r, 201, answer);
}

static void add_token(struct http_request *r, void *user)
{
	cJSON *body = http_request_json(r);

	if (!body)
		return;

	const char *name = text_of(body, "name"), *scope = text_of(body, "scope");

	if (!scope || (strcmp(scope, "read") && strcmp(scope, "write")))
		http_reply_problem(r, 422, "Unprocessable Content", "scope is read or write",
				   "scope", NULL);
	else
		make_token(r, user, name ? name : "", scope);
	cJSON_Delete(body);
}

static void remove_token(struct http_request *r, void *user)
{
	const struct session_routes *routes = user;
	const char *name = http_request_parameter(r, "name");
	g_autofree char *what = g_strdup_printf("token %.*s", SECRETS_NAME_MAX, name);
	g_autoptr(GError) error = NULL;
	const bool is_removed = secrets_remove_token(access_secrets(routes->access), name, &error);

	note(routes, r, what, is_removed ? "removed" : NULL, error);
	if (is_removed)
		http_reply(r, 204, NULL, "", 0);
	else if (g_error_matches(error, SECRETS_ERROR, SECRETS_ERROR_VALUE))
		http_reply_problem(r, 404, "Not Found", error->message, "name", NULL);
	else
		reply_error(r, error, NULL);
}

struct session_routes *session_routes_new(struct http_server *s, struct access *access,
					  struct writes *writes)
{
	struct session_routes *routes = g_new0(struct session_routes, 1);

	*routes = (struct session_routes){ .access = access, .writes = writes };
	http_server_route(s, "GET", "/api/v1/ping", HTTP_PUBLIC, ping, NULL);
	http_server_route(s, "GET", "/api/v1/session", HTTP_READ, show_session, routes);
	http_server_route(s, "POST", "/api/v1/login", HTTP_PUBLIC, log_in, routes);
	http_server_route(s, "POST", "/api/v1/logout", HTTP_READ, log_out, routes);
	http_server_route(s, "POST", "/api/v1/password", HTTP_OWN, change_password, routes);
	http_server_route(s, "GET", "/api/v1/tokens", HTTP_OWN, list_tokens, routes);
	http_server_route(s, "POST", "/api/v1/tokens", HTTP_OWN, add_token, routes);
	http_server_route(s, "DELETE", "/api/v1/tokens/{name}", HTTP_OWN, remove_token, routes);
	return routes;
}

void session_routes_free(struct session_routes *routes)
{
	g_free(routes);
}
