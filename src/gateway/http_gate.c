/* SPDX-License-Identifier: MIT */
/* http_gate - what happens to a request between its headers and its handler */
#include "http_private.h"

#include <string.h>

#include "gateway/http_match.h"

/* ---- what is refused before anybody is asked ----------------------------------------- */

/* Without a length there is no telling where the request ends. */
static bool refuse_length(struct http_request *r, const char *title, int status)
{
	g_autofree char *detail =
		g_strdup_printf("send a Content-Length, of at most %d bytes", HTTP_BODY_MAX);

	r->connection->is_last = true;
	r->connection->has_body_to_come = true;
	http_reply_problem(r, status, title, detail, NULL, NULL);
	return false;
}

static bool check_length(struct http_request *r)
{
	const char *text = http_request_header(r, "content-length");
	const bool may_have = !strcmp(r->method, "POST") || !strcmp(r->method, "PUT") ||
			      !strcmp(r->method, "PATCH");

	if (http_request_header(r, "transfer-encoding"))
		return refuse_length(r, "Length Required", 411);
	if (!text)
		return !may_have || refuse_length(r, "Length Required", 411);
	if (!http_match_length(text, G_MAXINT64, &r->length))
		return refuse_length(r, "Bad Request", 400);
	if (r->length > HTTP_BODY_MAX || (r->length && !may_have && strcmp(r->method, "DELETE")))
		return refuse_length(r, "Content Too Large", 413);
	r->connection->has_body_to_come = r->length > 0;
	return true;
}

static bool check_form(struct http_request *r, const char *path, unsigned headers, bool has_query)
{
	const char *host = http_request_header(r, "host");

	if (http_request_version(r->connection->wsi) < 0)
		http_reply_problem(r, 400, "Bad Request",
				   "the request line does not end with HTTP/1.1", NULL, NULL);
	else if (headers > HTTP_HEADERS_MAX || r->has_long_header)
		http_reply_problem(r, 431, "Request Header Fields Too Large",
				   "a header has more than 4096 bytes, or all have more than 8192",
				   NULL, NULL);
	else if (strlen(path) > HTTP_PATH_MAX || !has_query)
		http_reply_problem(r, 414, "URI Too Long",
				   "path or query are too long, or no UTF-8", NULL, NULL);
	else if (!http_match_path_is_sound(path))
		http_reply_problem(r, 400, "Bad Request", "this is no path", NULL, NULL);
	else if (!host || !http_match_host(host, r->server->hostname, r->server->hosts))
		http_reply_problem(
			r, 421, "Misdirected Request",
			"this host name is not known here; call the device by its address, or "
			"add the name to \"hosts\" of the gateway's configuration",
			"host", NULL);
	else
		return true;
	return false;
}

/* In HTTP/1.0 the answer would have to say that it does not, which ours never says. */
static bool ends_connection(const struct http_request *r)
{
	const char *connection = http_request_header(r, "connection");

	return http_request_version(r->connection->wsi) == 0 ||
	       (connection && http_match_has_word(connection, "close"));
}

/* Where its headers are not trusted, there is no telling where the request ends either. */
static bool check_form_or_close(struct http_request *r, const char *path, unsigned headers,
				bool has_query)
{
	struct connection *c = r->connection;

	c->is_last = c->has_body_to_come = true;
	if (!check_form(r, path, headers, has_query))
		return false;
	c->has_body_to_come = false;
	c->is_last = ends_connection(r);
	return true;
}

/* A page of another site must not write, whatever cookies the browser sends along. */
static bool check_origin(struct http_request *r)
{
	const char *origin = http_request_header(r, "origin");

	if (!origin || http_match_origin(origin, http_request_header(r, "host")))
		return true;
	http_reply_problem(r, 403, "Forbidden",
			   "requests from pages of other sites are not answered", "origin", NULL);
	return false;
}

/* ---- who asks ------------------------------------------------------------------------ */

static bool is_safe(const struct http_request *r)
{
	return !strcmp(r->method, "GET") || r->is_head;
}

static void refuse_access(struct http_request *r, enum access_verdict verdict)
{
	switch (verdict) {
	case ACCESS_YES:
		g_assert_not_reached();
	case ACCESS_LOGIN:
		http_reply_header(r, "WWW-Authenticate", "Bearer");
		http_reply_problem(r, 401, "Unauthorized", "log in first, or send a token", NULL,
				   NULL);
		break;
	case ACCESS_SCOPE:
		http_reply_problem(r, 403, "Forbidden", "this token may only read", NULL, NULL);
		break;
	case ACCESS_PERSON:
		http_reply_problem(r, 403, "Forbidden",
				   "no token may do this: log in with the password", NULL, NULL);
		break;
	case ACCESS_FORGED:
		http_reply_problem(r, 403, "Forbidden", "send the session's token as X-CSRF-Token",
				   "x-csrf-token", NULL);
		break;
	case ACCESS_CLOSED:
		http_reply_problem(
			r, 403, "Forbidden",
			"no password is set yet; install.sh gateway password sets one, and "
			"until then only this device itself may read",
			NULL, NULL);
		break;
	}
}

static bool check_access(struct http_request *r, enum access_scope scope,
			 struct access_grant *grant)
{
	const struct access_request ask = {
		.address = r->address,
		.is_local = r->connection->is_local && !http_request_header(r, "x-forwarded-for") &&
			    !http_request_header(r, "forwarded") &&
			    !http_request_header(r, "x-real-ip"),
		.cookie = http_request_header(r, "cookie"),
		.authorization = http_request_header(r, "authorization"),
		.csrf = http_request_header(r, "x-csrf-token"),
		.is_safe = is_safe(r),
	};

	*grant = access_check(r->server->options.access, &ask, scope);
	r->who = g_strdup(grant->who);
	if (grant->verdict == ACCESS_YES)
		return true;
	refuse_access(r, grant->verdict);
	return false;
}

static enum access_scope scope_of(const struct http_route *route)
{
	return route->scope == HTTP_OWN	    ? ACCESS_OWNS
	       : route->scope == HTTP_WRITE ? ACCESS_WRITES
					    : ACCESS_READS;
}

/* ---- from the headers to the handler ------------------------------------------------- */

static void hand_over(struct http_request *r)
{
	struct connection *c = r->connection;

	connection_phase_set(c, PHASE_HANDLER);
	if (r->route)
		r->route->fn(r, r->route->user);
	else
		http_page_reply(r);
	if (c->phase == PHASE_HANDLER)
		connection_hold(c);
}

void http_request_dispatch(struct connection *c)
{
	hand_over(c->request);
}

/* Unknown paths, methods of known ones: true if there is something to ask. */
static bool find_route(struct http_request *r)
{
	g_autofree char *allowed = NULL;

	r->route = http_routes_find(r->server->routes, r->method, r->path, r->parameters);
	if (r->route)
		return true;
	allowed = http_routes_allowed(r->server->routes, r->path);
	if (!allowed && is_safe(r) && !g_str_has_prefix(r->path, "/api/"))
		return true;
	if (!allowed && g_str_has_prefix(r->path, "/api/")) {
		http_reply_problem(r, 404, "Not Found", "there is no such path", NULL, NULL);
		return false;
	}
	http_reply_header(r, "Allow", allowed ? allowed : "GET, HEAD, OPTIONS");
	if (!strcmp(r->method, "OPTIONS"))
		http_reply(r, 204, NULL, "", 0);
	else
		http_reply_problem(r, 405, "Method Not Allowed", "this path knows other methods",
				   NULL, NULL);
	return false;
}

void http_request_begin(struct connection *c, const char *path)
{
	struct http_request *r = http_request_new(c, path);
	struct access_grant grant = { 0 };
	const unsigned headers = http_request_take_headers(r, c->wsi);
	const bool has_query = http_request_take_query(r, c->wsi);

	c->request = r;
	c->at = 0;
	c->server->requests++;
	connection_phase_set(c, PHASE_BODY);
	if (!check_form_or_close(r, path, headers, has_query))
		return;
	if (!check_length(r) || !find_route(r) || (!is_safe(r) && !check_origin(r)))
		return;
	if (r->route && r->route->scope != HTTP_PUBLIC &&
	    !check_access(r, scope_of(r->route), &grant)) {
		access_grant_clear(&grant);
		return;
	}
	access_grant_clear(&grant);
	if (!c->has_body_to_come)
		hand_over(r);
}

bool http_request_may_upgrade(struct connection *c, bool is_socket)
{
	char path[64] = "";
	struct http_request *r;

	if (lws_hdr_copy(c->wsi, path, sizeof(path), WSI_TOKEN_GET_URI) < 0)
		path[0] = '\0';
	r = http_request_new(c, path);
	c->request = r;
	c->at = 0;
	c->server->requests++;
	connection_phase_set(c, PHASE_BODY);

	const unsigned headers = http_request_take_headers(r, c->wsi);

	c->is_last = true;
	if (!is_socket) {
		http_reply_problem(r, 400, "Bad Request",
				   "this server speaks HTTP/1.1: ask for that, and for no upgrade",
				   "upgrade", NULL);
		return false;
	}
	if (!check_form(r, path, headers, true) || !check_origin(r))
		return false;
	if (strcmp(path, "/ws")) {
		http_reply_problem(r, 404, "Not Found", "the WebSocket is at /ws", NULL, NULL);
		return false;
	}
	access_grant_clear(&c->grant);
	if (!check_access(r, ACCESS_READS, &c->grant))
		return false;
	c->is_last = false;
	c->request = NULL;
	http_request_free(r);
	return true;
}
