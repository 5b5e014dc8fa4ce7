/* SPDX-License-Identifier: MIT */
/*
 * http_private - what the files of http_server share
 */
#pragma once

#include <libwebsockets.h>

#include "gateway/access.h"
#include "gateway/http_routes.h"
#include "gateway/http_server.h"
#include "gateway/ws_hub.h"

enum {
	HTTP_CHUNK = 4096, /**< bytes that are handed to the socket at once */
	HTTP_LINGER_S = 3, /**< after an answer that came before the body's end */
	HTTP_DISCARD_MAX = 1024 * 1024,
};

enum connection_phase {
	PHASE_WAIT, /**< for a request, or for the rest of its headers */
	PHASE_BODY,
	PHASE_HANDLER,
	PHASE_SEND,
	PHASE_LINGER,
	PHASE_SOCKET, /**< it is a WebSocket */
	PHASE_COUNT,
};

struct connection {
	struct http_server *server;
	struct lws *wsi;
	char address[46];
	bool is_local;
	enum connection_phase phase;
	gint64 since_us;
	struct http_request *request; /* until it is answered */
	GString *head;		      /* of the answer, with status line */
	GBytes *body;		      /* nullable */
	gsize at;		      /* bytes of head and body that are written */
	bool is_last;		      /* the connection ends with this answer */
	bool has_body_to_come;
	bool is_held;	 /* the library does not look at what the client sends */
	guint watch;	 /* source of the socket, while it is held */
	gsize discarded; /* bytes, after the last answer */

	struct ws_client *client;
	struct access_grant grant; /* of the WebSocket */
	const char *shed;	   /* why it has to go; NULL: it stays */
	bool is_told;
	GString *message; /* of the client, so far */
};

struct http_request {
	struct connection *connection; /* NULL: the client has gone */
	struct http_server *server;
	char *method, *path, *host, *who;
	char address[46];
	GHashTable *parameters, *query, *headers;
	GString *body;
	GString *extra; /* headers of the answer */
	guint64 length; /* of the body, as announced */
	const struct http_route *route;
	bool is_head;
	bool has_long_header; /* of which nothing was taken */
};

struct http_server {
	struct http_server_options options;
	char *listen, *hosts, *certificate, *key;
	char hostname[65];
	struct http_routes *routes;
	struct lws_context *context;
	struct lws_vhost *vhost;
	GHashTable *connections; /* struct connection, a set */
	struct connection *adopting;
	int fd;
	guint watch, retry, sweep, resume;
	unsigned retry_s;
	char *trouble; /* why it does not listen; NULL: it does */
	guint64 requests, refused, websockets;
	void *loops[1];
};

/** The one callback of libwebsockets. */
int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		  size_t size);

/** A GUnixFDSourceFunc: takes those who knock at the port, @user is the struct http_server. */
gboolean http_connections_accept(int fd, GIOCondition condition, void *user);
/** A GSourceFunc, each second: what takes too long ends, whatever phase it is in. */
gboolean http_connections_sweep(void *user);
void connection_phase_set(struct connection *c, enum connection_phase phase);
void connection_free(struct connection *c);
/**
 * Of a WebSocket: from now on the kernel holds one message at most that has not been sent, as the
 * library does; what is behind them waits in ws_hub, where the newer replaces the older.
 */
void connection_keep_fresh(const struct connection *c);
/** Has its address more connections than it may have now? Then it does not live on. */
bool connection_is_over_share(const struct connection *c);
/** Writes what fits; @return what libwebsockets wants to hear. */
int connection_write(struct connection *c);

/*
 * http_flow.c. While an answer is made or sent, the library (4.1.6) is woken by every byte that
 * waits for it, and leaves it there: the main loop would spin.
 */
/** Until connection_release(): what the client sends stays in the socket. */
void connection_hold(struct connection *c);
void connection_release(struct connection *c);
/** connection_write() comes when the socket takes more. */
void connection_wait_for_room(struct connection *c);
/** After the last answer: takes what still comes and drops it, until the client closes. */
void connection_linger(struct connection *c);
/** Has the client sent more than the request that was just completed? */
bool connection_is_ahead(struct connection *c);

/** The page's files, for paths that no route has. */
void http_page_reply(struct http_request *r);

/** Of a request whose line the library has read; its headers are still to be taken. (owned) */
struct http_request *http_request_new(struct connection *c, const char *path);
/** @return bytes of all headers that the library knows by name */
unsigned http_request_take_headers(struct http_request *r, struct lws *wsi);
/**
 * 0 and 1 for HTTP/1.0 and 1.1, -1 where the request line ends otherwise. The library takes %0a
 * in a path for the line's end, and what follows for a header (4.1.6): then it does.
 */
int http_request_version(struct lws *wsi);
/** False: it is too long, or no UTF-8. */
bool http_request_take_query(struct http_request *r, struct lws *wsi);

/** Reads request line and headers, decides, and answers or hands over (now or after the body). */
void http_request_begin(struct connection *c, const char *path);
/**
 * May the request become a WebSocket? Else it has been answered, in c->head and c->body.
 * @is_socket: it asks for one, not for HTTP/2
 */
bool http_request_may_upgrade(struct connection *c, bool is_socket);
/** The body is complete. */
void http_request_dispatch(struct connection *c);
void http_request_free(struct http_request *r);

/** Answers with shared bytes. */
void http_reply_bytes(struct http_request *r, int status, const char *content_type, GBytes *body);
