/* SPDX-License-Identifier: MIT */
#include "http_private.h"

#include <string.h>

#include "gateway/http_match.h"

enum { HEADER_MAX = 4096, QUERY_MAX = 2048 };

static const struct {
	const char *name;
	enum lws_token_indexes token;
} known_headers[] = {
	{ "host", WSI_TOKEN_HOST },
	{ "origin", WSI_TOKEN_ORIGIN },
	{ "cookie", WSI_TOKEN_HTTP_COOKIE },
	{ "authorization", WSI_TOKEN_HTTP_AUTHORIZATION },
	{ "content-type", WSI_TOKEN_HTTP_CONTENT_TYPE },
	{ "content-length", WSI_TOKEN_HTTP_CONTENT_LENGTH },
	{ "transfer-encoding", WSI_TOKEN_HTTP_TRANSFER_ENCODING },
	{ "if-none-match", WSI_TOKEN_HTTP_IF_NONE_MATCH },
	{ "accept", WSI_TOKEN_HTTP_ACCEPT },
	{ "accept-encoding", WSI_TOKEN_HTTP_ACCEPT_ENCODING },
	{ "accept-language", WSI_TOKEN_HTTP_ACCEPT_LANGUAGE },
	{ "user-agent", WSI_TOKEN_HTTP_USER_AGENT },
	{ "x-forwarded-for", WSI_TOKEN_X_FORWARDED_FOR },
	{ "x-real-ip", WSI_TOKEN_HTTP_X_REAL_IP },
};

static const char *const custom_headers[] = { "x-csrf-token", "forwarded" };

static const struct {
	const char *name;
	enum lws_token_indexes token;
} methods[] = {
	{ "GET", WSI_TOKEN_GET_URI },	    { "HEAD", WSI_TOKEN_HEAD_URI },
	{ "POST", WSI_TOKEN_POST_URI },	    { "PUT", WSI_TOKEN_PUT_URI },
	{ "DELETE", WSI_TOKEN_DELETE_URI }, { "OPTIONS", WSI_TOKEN_OPTIONS_URI },
	{ "PATCH", WSI_TOKEN_PATCH_URI },
};

static void take_header(struct http_request *r, struct lws *wsi, const char *name, int length)
{
	g_autofree char *custom = g_strconcat(name, ":", NULL);
	g_autofree char *value = NULL;
	const int custom_length = (int) strlen(custom);

	if (length < 0)
		length = lws_hdr_custom_length(wsi, custom, custom_length);
	if (length <= 0 || length > HEADER_MAX)
		return;
	value = g_malloc((gsize) length + 1);
	if (lws_hdr_custom_copy(wsi, value, length + 1, custom, custom_length) >= 0)
		g_hash_table_insert(r->headers, g_strdup(name), g_steal_pointer(&value));
}

/* @return bytes of all headers that the library knows by name */
static unsigned take_headers(struct http_request *r, struct lws *wsi)
{
	unsigned total = 0;

	for (int token = 0; lws_token_to_string((enum lws_token_indexes) token); token++)
		total += (unsigned) lws_hdr_total_length(wsi, (enum lws_token_indexes) token);
	for (size_t i = 0; i < G_N_ELEMENTS(known_headers); i++) {
		const int length = lws_hdr_total_length(wsi, known_headers[i].token);
		g_autofree char *value =
			length > 0 && length <= HEADER_MAX ? g_malloc((gsize) length + 16) : NULL;

		if (value && lws_hdr_copy(wsi, value, length + 16, known_headers[i].token) >= 0)
			g_hash_table_insert(r->headers, g_strdup(known_headers[i].name),
					    g_steal_pointer(&value));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(custom_headers); i++)
		take_header(r, wsi, custom_headers[i], -1);
	return total;
}

/* The library has split the query at "&" and decoded it. */
static bool take_query(struct http_request *r, struct lws *wsi)
{
	char piece[QUERY_MAX];
	int length;

	for (int i = 0; (length = lws_hdr_copy_fragment(wsi, piece, sizeof(piece),
							WSI_TOKEN_HTTP_URI_ARGS, i)) > 0;
	     i++) {
		char *equals = strchr(piece, '=');

		if (strlen(piece) != (size_t) length || !g_utf8_validate(piece, -1, NULL))
			return false;
		if (equals)
			*equals = '\0';
		g_hash_table_insert(r->query, g_strdup(piece), g_strdup(equals ? equals + 1 : ""));
	}
	return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) < QUERY_MAX;
}

static struct http_request *new_request(struct connection *c, const char *path)
{
	struct http_request *r = g_new0(struct http_request, 1);

	r->connection = c;
	r->server = c->server;
	r->path = g_strdup(path);
	r->method = g_strdup("?");
	g_strlcpy(r->address, c->address, sizeof(r->address));
	r->parameters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	r->query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	r->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	r->extra = g_string_new(NULL);
	r->body = g_string_new(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
		if (lws_hdr_total_length(c->wsi, methods[i].token) > 0) {
			g_free(r->method);
			r->method = g_strdup(methods[i].name);
		}
	r->is_head = !strcmp(r->method, "HEAD");
	return r;
}

void http_request_free(struct http_request *r)
{
	g_free(r->method);
	g_free(r->path);
	g_free(r->who);
	g_hash_table_unref(r->parameters);
	g_hash_table_unref(r->query);
	g_hash_table_unref(r->headers);
	g_string_free(r->extra, TRUE);
	g_string_free(r->body, TRUE);
	g_free(r);
}

/* ---- what is refused before anybody is asked --------------------------------------------------
 */

static const char *header(const struct http_request *r, const char *name)
{
	return g_hash_table_lookup(r->headers, name);
}

/* Without a length there is no telling where the request ends. */
static bool refuse_length(struct http_request *r, const char *title, int status)
{
	r->connection->is_last = true;
	r->connection->has_body_to_come = true;
	http_reply_problem(r, status, title,
			   "send a Content-Length, and no more than this path takes", NULL, NULL);
	return false;
}

static bool check_length(struct http_request *r)
{
	const char *text = header(r, "content-length");
	const bool may_have = !strcmp(r->method, "POST") || !strcmp(r->method, "PUT") ||
			      !strcmp(r->method, "PATCH");
	const gsize max = r->route ? r->route->body_max : HTTP_BODY_MAX;

	if (header(r, "transfer-encoding"))
		return refuse_length(r, "Length Required", 411);
	if (!text)
		return !may_have || refuse_length(r, "Length Required", 411);
	if (!http_match_length(text, G_MAXINT64, &r->length))
		return refuse_length(r, "Bad Request", 400);
	if (r->length > max || (r->length && !may_have && strcmp(r->method, "DELETE")))
		return refuse_length(r, "Content Too Large", 413);
	r->connection->has_body_to_come = r->length > 0;
	return true;
}

static bool check_form(struct http_request *r, const char *path, unsigned headers, bool has_query)
{
	const char *host = header(r, "host");

	if (headers > HTTP_HEADERS_MAX)
		http_reply_problem(r, 431, "Request Header Fields Too Large",
				   "the headers have more than 8192 bytes", NULL, NULL);
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

/* A page of another site must not write, whatever cookies the browser sends along. */
static bool check_origin(struct http_request *r)
{
	const char *origin = header(r, "origin");

	if (!origin || http_match_origin(origin, header(r, "host")))
		return true;
	http_reply_problem(r, 403, "Forbidden",
			   "requests from pages of other sites are not answered", "origin", NULL);
	return false;
}

/* ---- who asks
 * ------------------------------------------------------------------------------------ */

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
	case ACCESS_FORGED:
		http_reply_problem(r, 403, "Forbidden", "send the session's token as X-CSRF-Token",
				   "x-csrf-token", NULL);
		break;
	case ACCESS_CLOSED:
		http_reply_problem(
			r, 403, "Forbidden",
			"no password is set yet; tinybms-gateway --set-password sets one, and "
			"until then only this device itself may read",
			NULL, NULL);
		break;
	}
}

static bool check_access(struct http_request *r, bool is_write, struct access_grant *grant)
{
	const struct access_request ask = {
		.address = r->address,
		.is_local = r->connection->is_local && !header(r, "x-forwarded-for") &&
			    !header(r, "forwarded") && !header(r, "x-real-ip"),
		.cookie = header(r, "cookie"),
		.authorization = header(r, "authorization"),
		.csrf = header(r, "x-csrf-token"),
		.is_safe = is_safe(r),
	};

	*grant = access_check(r->server->options.access, &ask, is_write);
	r->who = g_strdup(grant->who);
	if (grant->verdict == ACCESS_YES)
		return true;
	refuse_access(r, grant->verdict);
	return false;
}

/* ---- from the headers to the handler
 * --------------------------------------------------------------- */

static void hand_over(struct http_request *r)
{
	connection_phase_set(r->connection, PHASE_HANDLER);
	if (r->route)
		r->route->fn(r, r->route->user);
	else
		http_page_reply(r);
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
	struct http_request *r = new_request(c, path);
	struct access_grant grant = { 0 };
	const unsigned headers = take_headers(r, c->wsi);
	const bool has_query = take_query(r, c->wsi);

	c->request = r;
	c->at = 0;
	c->is_last = c->has_body_to_come = false;
	c->server->requests++;
	connection_phase_set(c, PHASE_BODY);
	if (!check_form(r, path, headers, has_query))
		return;
	r->route = http_routes_find(c->server->routes, r->method, path, NULL);
	if (!check_length(r) || !find_route(r) || (!is_safe(r) && !check_origin(r)))
		return;
	if (r->route && r->route->scope != HTTP_PUBLIC &&
	    !check_access(r, r->route->scope == HTTP_WRITE, &grant)) {
		access_grant_clear(&grant);
		return;
	}
	access_grant_clear(&grant);
	if (!c->has_body_to_come)
		hand_over(r);
}

bool http_request_may_upgrade(struct connection *c)
{
	char path[64] = "";
	struct http_request *r;

	if (lws_hdr_copy(c->wsi, path, sizeof(path), WSI_TOKEN_GET_URI) < 0)
		path[0] = '\0';
	r = new_request(c, path);
	c->request = r;
	c->at = 0;
	c->server->requests++;
	connection_phase_set(c, PHASE_BODY);

	const unsigned headers = take_headers(r, c->wsi);

	c->is_last = true;
	if (!check_form(r, path, headers, true) || !check_origin(r))
		return false;
	if (strcmp(path, "/ws")) {
		http_reply_problem(r, 404, "Not Found", "the WebSocket is at /ws", NULL, NULL);
		return false;
	}
	access_grant_clear(&c->grant);
	if (!check_access(r, false, &c->grant))
		return false;
	c->is_last = false;
	c->request = NULL;
	http_request_free(r);
	return true;
}

/* ---- what handlers ask
 * ------------------------------------------------------------------------------- */

const char *http_request_method(const struct http_request *r)
{
	return r->method;
}

const char *http_request_path(const struct http_request *r)
{
	return r->path;
}

const char *http_request_parameter(const struct http_request *r, const char *name)
{
	return g_hash_table_lookup(r->parameters, name);
}

const char *http_request_query(const struct http_request *r, const char *name)
{
	return g_hash_table_lookup(r->query, name);
}

const char *http_request_header(const struct http_request *r, const char *name)
{
	return header(r, name);
}

const char *http_request_body(const struct http_request *r, gsize *size)
{
	*size = r->body->len;
	return r->body->str;
}

const char *http_request_who(const struct http_request *r)
{
	return r->who ? r->who : r->address;
}

const char *http_request_address(const struct http_request *r)
{
	return r->address;
}

bool http_request_is_tls(const struct http_request *r)
{
	return *r->server->certificate != '\0';
}

cJSON *http_request_json(struct http_request *r)
{
	cJSON *document;

	if (!http_match_is_json(header(r, "content-type"))) {
		http_reply_problem(r, 415, "Unsupported Media Type", "send application/json",
				   "content-type", NULL);
		return NULL;
	}
	document = strlen(r->body->str) == r->body->len && g_utf8_validate(r->body->str, -1, NULL)
			   ? cJSON_ParseWithOpts(r->body->str, NULL, true)
			   : NULL;
	if (cJSON_IsObject(document))
		return document;
	cJSON_Delete(document);
	http_reply_problem(r, 400, "Bad Request", "the body is no JSON object in UTF-8", NULL,
			   NULL);
	return NULL;
}
