/* SPDX-License-Identifier: MIT */
#include "http_private.h"

#include <stdarg.h>
#include <string.h>

#include "gateway/http_match.h"
#include "gateway/page_files.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 507, "Insufficient Storage" },
};

static const char *reason_of(int status)
{
	for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Status";
}

void http_reply_header(struct http_request *r, const char *name, const char *value)
{
	/* No line can be smuggled in. */
	if (!strpbrk(value, "\r\n"))
		g_string_append_printf(r->extra, "%s: %s\r\n", name, value);
}

/* No code and no style but the files of this page; the live socket by name for old Safari. */
static void add_policy(const struct http_request *r, GString *head)
{
	const char *host = g_hash_table_lookup(r->headers, "host");
	const bool is_host = host && http_match_host(host, r->server->hostname, r->server->hosts);

	g_string_append_printf(
		head,
		"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
		"img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src "
		"'self'%s%s%s; "
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n",
		is_host ? (*r->server->certificate ? " wss://" : " ws://") : "",
		is_host ? host : "", "");
	g_string_append(head, "X-Content-Type-Options: nosniff\r\n"
			      "X-Frame-Options: DENY\r\n"
			      "Referrer-Policy: no-referrer\r\n"
			      "Cross-Origin-Resource-Policy: same-origin\r\n"
			      "Cross-Origin-Opener-Policy: same-origin\r\n");
	if (!strstr(r->extra->str, "Cache-Control:"))
		g_string_append(head, "Cache-Control: no-store\r\n");
}

static GString *make_head(const struct http_request *r, int status, const char *content_type,
			  gsize size)
{
	GString *head = g_string_new(NULL);

	g_string_append_printf(head, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
	if (content_type)
		g_string_append_printf(head, "Content-Type: %s\r\n", content_type);
	if (status != 204 && status != 304)
		g_string_append_printf(head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", size);
	g_string_append(head, r->extra->str);
	add_policy(r, head);
	g_string_append(head, r->connection->is_last ? "Connection: close\r\n\r\n" : "\r\n");
	return head;
}

void http_reply_bytes(struct http_request *r, int status, const char *content_type, GBytes *body)
{
	struct connection *c = r->connection;
	const bool has_body = !r->is_head && status != 204 && status != 304;

	if (c) {
		/* An answer before the body is complete is the last: the rest is not read. */
		c->is_last = c->is_last || c->has_body_to_come || connection_is_over_share(c);
		if (c->has_body_to_come)
			c->server->refused++;
		c->head = make_head(r, status, content_type, g_bytes_get_size(body));
		c->body = has_body ? g_bytes_ref(body) : NULL;
		c->at = 0;
		c->request = NULL;
		connection_phase_set(c, PHASE_SEND);
		connection_release(c);
		lws_callback_on_writable(c->wsi);
	}
	http_request_free(r);
}

void http_reply(struct http_request *r, int status, const char *content_type, const char *body,
		gsize size)
{
	GBytes *bytes = g_bytes_new(body, size);

	http_reply_bytes(r, status, content_type, bytes);
	g_bytes_unref(bytes);
}

static GBytes *take_text(cJSON *document)
{
	char *text = cJSON_PrintUnformatted(document);

	cJSON_Delete(document);
	return g_bytes_new_with_free_func(text, strlen(text), cJSON_free, text);
}

static bool client_has(const struct http_request *r, const char *etag)
{
	const char *known = g_hash_table_lookup(r->headers, "if-none-match");

	return known && http_match_etag(known, etag);
}

void http_reply_json(struct http_request *r, int status, cJSON *document)
{
	GBytes *body = take_text(document);

	if (status == 200 && (!strcmp(r->method, "GET") || r->is_head)) {
		g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, body);
		g_autofree char *etag = g_strdup_printf("\"%.16s\"", sum);

		http_reply_header(r, "ETag", etag);
		if (client_has(r, etag))
			status = 304;
		if (!strstr(r->extra->str, "Cache-Control:"))
			http_reply_header(r, "Cache-Control", "private, no-cache");
	}
	http_reply_bytes(r, status, "application/json", body);
	g_bytes_unref(body);
}

void http_reply_problem_json(struct http_request *r, int status, const char *title,
			     const char *detail, cJSON *document)
{
	GBytes *body;

	if (!document)
		document = cJSON_CreateObject();
	cJSON_AddStringToObject(document, "type", "about:blank");
	cJSON_AddStringToObject(document, "title", title);
	cJSON_AddNumberToObject(document, "status", status);
	cJSON_AddStringToObject(document, "detail", detail);
	body = take_text(document);
	http_reply_bytes(r, status, "application/problem+json", body);
	g_bytes_unref(body);
}

void http_reply_problem(struct http_request *r, int status, const char *title, const char *detail,
			const char *field, ...)
{
	cJSON *document = cJSON_CreateObject();
	va_list more;
	const char *name;

	if (field)
		cJSON_AddStringToObject(document, "field", field);
	va_start(more, field);
	while ((name = va_arg(more, const char *)))
		cJSON_AddStringToObject(document, name, va_arg(more, const char *));
	va_end(more);
	http_reply_problem_json(r, status, title, detail, document);
}

void http_page_reply(struct http_request *r)
{
	const struct page_files *page = r->server->options.page;
	const struct page_file *file = page ? page_files_find(page, r->path) : NULL;

	if (!file) {
		http_reply_problem(r, 404, "Not Found", "there is no such path", NULL, NULL);
		return;
	}

	const bool is_gzip =
		file->gzip &&
		http_match_accepts_gzip(g_hash_table_lookup(r->headers, "accept-encoding"));

	http_reply_header(r, "ETag", file->etag);
	http_reply_header(r, "Cache-Control", "no-cache");
	http_reply_header(r, "Vary", "Accept-Encoding");
	if (is_gzip)
		http_reply_header(r, "Content-Encoding", "gzip");
	http_reply_bytes(r, client_has(r, file->etag) ? 304 : 200, file->type,
			 is_gzip ? file->gzip : file->plain);
}
