/* SPDX-License-Identifier: MIT */
/*
 * http_server - HTTP/1.1 and WebSocket on the GLib main loop, for hostile networks
 *
 * Who may do what is asked of access.h before a handler runs. Bounded everywhere:
 * connections (all, and of one address), request line, headers, body, and the time
 * for each of them. Errors are application/problem+json (RFC 9457).
 *
 * I/O. One thread: the main loop's.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum {
	HTTP_CONNECTIONS_MAX = 128,
	HTTP_CONNECTIONS_OF_ADDRESS_MAX = 72, /**< 50 live pages behind one address, and more;
						   fewer while others have many */
	HTTP_PATH_MAX = 1024,		      /**< bytes, decoded */
	HTTP_HEADERS_MAX = 8192,	      /**< bytes of those that the server knows */
	HTTP_BODY_MAX = 64 * 1024,
	HTTP_WAIT_S = 15,     /**< a connection without a request, or with half of one */
	HTTP_BODY_S = 20,     /**< for a whole body */
	HTTP_HANDLER_S = 130, /**< for the handler's answer: twice the battery's service at most */
	HTTP_SEND_S = 30,     /**< for the client to take the answer */
};

struct http_server;
struct http_request;
struct page_files;
struct access;
struct ws_hub;

enum http_scope {
	HTTP_PUBLIC, /**< anybody: the page, the login */
	HTTP_READ,
	HTTP_WRITE, /**< also checked against forgery by other sites */
	HTTP_OWN,   /**< likewise, and a token does not do: see access.h */
};

/** Must answer @r exactly once, now or later; @r is gone after that. */
typedef void (*http_handler_fn)(struct http_request *r, void *user);

struct http_server_options {
	const char *listen; /**< address in digits */
	int port;
	const char *hosts;	       /**< more names that are accepted, separated by spaces */
	const char *certificate, *key; /**< PEM files; "": no TLS */
	struct page_files *page;       /**< (borrowed, nullable) */
	struct access *access;	       /**< (borrowed) */
	struct ws_hub *hub;	       /**< (borrowed) */
	GMainLoop *loop;	       /**< (borrowed) */
	void (*took)(void *user);      /**< (nullable) certificate and key have been loaded */
	void *took_user;
};

/** Does not listen yet. */
struct http_server *http_server_new(const struct http_server_options *options);
void http_server_free(struct http_server *s);

/**
 * Opens the port; when that fails, says so and tries again by itself, later and later.
 * @return false: the first attempt failed
 */
bool http_server_listen(struct http_server *s);

/** {"listen","port","tls","is_listening","connections","websockets","requests","refused",
 *  "trouble"} (owned) */
cJSON *http_server_status(const struct http_server *s);

/** "/api/v1/batteries/{id}/cells". All must be there before http_server_listen(). */
void http_server_route(struct http_server *s, const char *method, const char *pattern,
		       enum http_scope scope, http_handler_fn fn, void *user);

/* ---- the request: all borrowed, NULL where there is none ------------------------------ */

const char *http_request_method(const struct http_request *r);
const char *http_request_path(const struct http_request *r);
/** What the pattern's {name} took. */
const char *http_request_parameter(const struct http_request *r, const char *name);
/** Value of "name=value" in the query, decoded; "" for a name alone. */
const char *http_request_query(const struct http_request *r, const char *name);
/**
 * @name in lower case: if-none-match, content-type, accept, accept-language, authorization,
 * cookie, user-agent, origin, host, x-csrf-token; of others the server keeps nothing.
 */
const char *http_request_header(const struct http_request *r, const char *name);
/** Ends with a 0 that @size does not count. */
const char *http_request_body(const struct http_request *r, gsize *size);
/**
 * The body as a JSON object (owned), in which no name stands twice. NULL: it is none, and @r has
 * been answered (400, 415) and must not be touched any more.
 */
cJSON *http_request_json(struct http_request *r);
/** "admin@192.168.1.7", "token grafana@...", for the journal; "local@127.0.0.1" without login. */
const char *http_request_who(const struct http_request *r);
const char *http_request_address(const struct http_request *r);
bool http_request_is_tls(const struct http_request *r);

/* ---- the answer: exactly once; nothing happens if the client has gone -------------------- */

/** One more header of the answer. */
void http_reply_header(struct http_request *r, const char *name, const char *value);
void http_reply(struct http_request *r, int status, const char *content_type, const char *body,
		gsize size);
/** Takes @document; with ETag, and 304 if the client has it. */
void http_reply_json(struct http_request *r, int status, cJSON *document);
/**
 * application/problem+json. @field (nullable) names what is wrong. Then pairs of a name and a
 * text (const char *), ended by NULL, become further members.
 */
void http_reply_problem(struct http_request *r, int status, const char *title, const char *detail,
			const char *field, ...) G_GNUC_NULL_TERMINATED;
/** Takes @document (nullable), to which type, title, status and detail are added. */
void http_reply_problem_json(struct http_request *r, int status, const char *title,
			     const char *detail, cJSON *document);
