/* SPDX-License-Identifier: MIT */
#include "http_private.h"

#include <sodium.h>
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
	{ "connection", WSI_TOKEN_CONNECTION },
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
	if (length > HEADER_MAX)
		r->has_long_header = true;
	if (length <= 0 || length > HEADER_MAX)
		return;
	value = g_malloc((gsize) length + 1);
	if (lws_hdr_custom_copy(wsi, value, length + 1, custom, custom_length) >= 0)
		g_hash_table_insert(r->headers, g_strdup(name), g_steal_pointer(&value));
}

unsigned http_request_take_headers(struct http_request *r, struct lws *wsi)
{
	unsigned total = 0;

	for (int token = 0; lws_token_to_string((enum lws_token_indexes) token); token++)
		total += (unsigned) lws_hdr_total_length(wsi, (enum lws_token_indexes) token);
	for (size_t i = 0; i < G_N_ELEMENTS(known_headers); i++) {
		const int length = lws_hdr_total_length(wsi, known_headers[i].token);
		g_autofree char *value =
			length > 0 && length <= HEADER_MAX ? g_malloc((gsize) length + 16) : NULL;

		r->has_long_header |= length > HEADER_MAX;
		if (value && lws_hdr_copy(wsi, value, length + 16, known_headers[i].token) >= 0)
			g_hash_table_insert(r->headers, g_strdup(known_headers[i].name),
					    g_steal_pointer(&value));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(custom_headers); i++)
		take_header(r, wsi, custom_headers[i], -1);
	return total;
}

int http_request_version(struct lws *wsi)
{
	char version[16] = "";

	lws_hdr_copy(wsi, version, sizeof(version), WSI_TOKEN_HTTP);
	return !strcmp(version, "HTTP/1.1") ? 1 : !strcmp(version, "HTTP/1.0") ? 0 : -1;
}

/* The library has split it at "&" and decoded it. */
bool http_request_take_query(struct http_request *r, struct lws *wsi)
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

struct http_request *http_request_new(struct connection *c, const char *path)
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
	sodium_memzero(r->body->str, r->body->len); /* it may be a password's */
	g_string_free(r->body, TRUE);
	g_free(r);
}

/* ---- what handlers ask --------------------------------------------------------------- */

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
	return g_hash_table_lookup(r->headers, name);
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

/* The first name that stands twice in one object, which of the two would count? NULL: none. */
static const char *twice_in(const cJSON *item)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	const cJSON *member;

	cJSON_ArrayForEach (member, item) {
		const char *twice = twice_in(member);

		if (twice)
			return twice;
		if (cJSON_IsObject(item) && !g_hash_table_add(names, member->string))
			return member->string;
	}
	return NULL;
}

static cJSON *refuse_twice(struct http_request *r, cJSON *document, const char *name)
{
	g_autofree char *detail = g_strdup_printf("\"%.60s\" stands twice in one object", name);

	http_reply_problem(r, 400, "Bad Request", detail, name, NULL);
	cJSON_Delete(document);
	return NULL;
}

cJSON *http_request_json(struct http_request *r)
{
	cJSON *document;
	const char *twice;

	if (!http_match_is_json(http_request_header(r, "content-type"))) {
		http_reply_problem(r, 415, "Unsupported Media Type", "send application/json",
				   "content-type", NULL);
		return NULL;
	}
	document = strlen(r->body->str) == r->body->len && g_utf8_validate(r->body->str, -1, NULL)
			   ? cJSON_ParseWithOpts(r->body->str, NULL, true)
			   : NULL;
	twice = twice_in(document);
	if (twice)
		return refuse_twice(r, document, twice);
	if (cJSON_IsObject(document))
		return document;
	cJSON_Delete(document);
	http_reply_problem(r, 400, "Bad Request", "the body is no JSON object in UTF-8", NULL,
			   NULL);
	return NULL;
}
