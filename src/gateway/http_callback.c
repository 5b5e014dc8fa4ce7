/* SPDX-License-Identifier: MIT */
#include "http_private.h"

#include <string.h>

enum { CLOSE_TOO_BIG = 1009, CLOSE_TRY_LATER = 1013 };

static int hand_over(struct connection *c, const char *bytes, gsize size,
		     enum lws_write_protocol how)
{
	unsigned char buffer[LWS_PRE + HTTP_CHUNK];

	memcpy(buffer + LWS_PRE, bytes, size);
	return lws_write(c->wsi, buffer + LWS_PRE, size, how);
}

/* The next piece of head and body. */
static int write_piece(struct connection *c)
{
	const bool is_head = c->at < c->head->len;
	const gsize begin = is_head ? c->at : c->at - c->head->len;
	gsize whole = c->head->len;
	const char *bytes = is_head ? c->head->str : g_bytes_get_data(c->body, &whole);
	const gsize size = MIN(whole - begin, (gsize) HTTP_CHUNK);

	if (hand_over(c, bytes + begin, size, is_head ? LWS_WRITE_HTTP_HEADERS : LWS_WRITE_HTTP) <
	    0)
		return -1;
	c->at += size;
	return 0;
}

/*
 * What came with the request before is kept by the library, which then looks for the body of
 * the next request in there for ever (lws_http_action() of 4.1.6). So whoever does not wait for
 * an answer is let go after it, as RFC 9112 section 9.3.2 allows.
 */
static int end_answer(struct connection *c)
{
	/* The library waits for room before it takes the next request, and may spin meanwhile. */
	if (!c->is_last && lws_send_pipe_choked(c->wsi)) {
		connection_wait_for_room(c);
		return 0;
	}
	g_string_free(c->head, TRUE);
	c->head = NULL;
	g_clear_pointer(&c->body, g_bytes_unref);
	if (c->is_last && c->has_body_to_come) {
		connection_linger(c);
		return 0;
	}
	if (c->is_last)
		return -1;
	connection_phase_set(c, PHASE_WAIT);
	return lws_http_transaction_completed(c->wsi) || connection_is_ahead(c) ? -1 : 0;
}

int connection_write(struct connection *c)
{
	while (c->head && c->at < c->head->len + (c->body ? g_bytes_get_size(c->body) : 0)) {
		if (lws_send_pipe_choked(c->wsi)) {
			connection_wait_for_room(c);
			return 0;
		}
		if (write_piece(c))
			return -1;
	}
	return c->head ? end_answer(c) : 0;
}

static int take_body(struct connection *c, const char *bytes, size_t size)
{
	struct http_request *r = c->request;

	if (c->phase != PHASE_BODY || !r || !size)
		return 0; /* it has been answered already */
	if (r->body->len + size > r->length)
		return -1;
	g_string_append_len(r->body, bytes, (gssize) size);
	return 0;
}

static void on_wake(void *user)
{
	struct connection *c = user;

	lws_callback_on_writable(c->wsi);
}

static int open_socket(struct connection *c)
{
	connection_phase_set(c, PHASE_SOCKET);
	c->message = g_string_new(NULL);
	connection_keep_fresh(c);
	c->client = ws_hub_join(c->server->options.hub, on_wake, c);
	if (!c->client) {
		c->shed = "there are too many clients";
		lws_callback_on_writable(c->wsi);
	}
	return 0;
}

static int send_message(struct connection *c, GBytes *taken)
{
	gsize size;
	const char *text = g_bytes_get_data(taken, &size);
	g_autofree unsigned char *buffer = g_malloc(LWS_PRE + size);

	memcpy(buffer + LWS_PRE, text, size);
	g_bytes_unref(taken);
	return lws_write(c->wsi, buffer + LWS_PRE, size, LWS_WRITE_TEXT) < (int) size ? -1 : 0;
}

/* One message a call: libwebsockets keeps at most this one when the client is slow. */
static int write_socket(struct connection *c)
{
	if (c->shed && !c->is_told) {
		c->is_told = true;
		lws_callback_on_writable(c->wsi);
		return send_message(c, ws_hub_farewell(c->server->options.hub, c->shed));
	}
	if (c->shed) {
		char reason[124];

		g_strlcpy(reason, c->shed, sizeof(reason));
		lws_close_reason(c->wsi, (enum lws_close_status) CLOSE_TRY_LATER,
				 (unsigned char *) reason, strlen(reason));
		return -1;
	}

	GBytes *message = ws_hub_take(c->server->options.hub, c->client);

	if (!message)
		return 0;
	lws_callback_on_writable(c->wsi);
	return send_message(c, message);
}

static int read_socket(struct connection *c, const char *bytes, size_t size)
{
	if (c->message->len + size > WS_MESSAGE_MAX) {
		lws_close_reason(c->wsi, (enum lws_close_status) CLOSE_TOO_BIG, NULL, 0);
		return -1;
	}
	g_string_append_len(c->message, bytes, (gssize) size);
	if (!lws_is_final_fragment(c->wsi) || lws_remaining_packet_payload(c->wsi))
		return 0;
	if (lws_frame_is_binary(c->wsi)) {
		lws_close_reason(c->wsi, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, NULL, 0);
		return -1;
	}
	if (c->client)
		ws_hub_receive(c->server->options.hub, c->client, c->message->str, c->message->len);
	g_string_truncate(c->message, 0);
	return 0;
}

/*
 * The library hands over the name of the protocol, but where it is one that it does not know,
 * it has refused the request already and freed the name (4.1.6): it is asked for again. It knows
 * h2c as well, which some clients offer with their first request (that of Java by default): it
 * cannot be made to pass over the offer, so they are told.
 */
static int confirm_upgrade(struct connection *c)
{
	char protocol[16] = "";

	lws_hdr_copy(c->wsi, protocol, sizeof(protocol), WSI_TOKEN_UPGRADE);
	const bool is_socket = !g_ascii_strcasecmp(protocol, "websocket");

	if (!is_socket && g_ascii_strcasecmp(protocol, "h2c"))
		return -1;
	if (http_request_may_upgrade(c, is_socket))
		return 0;
	/* Short, and nothing else is on its way: it fits. */
	while (c->head && c->at < c->head->len + (c->body ? g_bytes_get_size(c->body) : 0))
		if (write_piece(c))
			break;
	return -1;
}

static int on_http(struct connection *c, enum lws_callback_reasons reason, void *in, size_t size)
{
	switch ((int) reason) {
	case LWS_CALLBACK_HTTP:
		http_request_begin(c, in);
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		return take_body(c, in, size);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		c->has_body_to_come = false;
		if (c->phase == PHASE_BODY)
			http_request_dispatch(c);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return connection_write(c);
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return confirm_upgrade(c);
	case LWS_CALLBACK_ESTABLISHED:
		return open_socket(c);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_socket(c);
	case LWS_CALLBACK_RECEIVE:
		return read_socket(c, in, size);
	case LWS_CALLBACK_RAW_ADOPT: /* CONNECT, which nobody needs */
	case LWS_CALLBACK_RAW_RX:
		return -1;
	case LWS_CALLBACK_WSI_DESTROY:
		connection_free(c);
		return 0;
	default:
		return 0;
	}
}

int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		  size_t size)
{
	struct connection *c = wsi ? lws_get_opaque_user_data(wsi) : NULL;
	struct http_server *s = wsi ? lws_context_user(lws_get_context(wsi)) : NULL;

	if (!c && s && s->adopting && reason != LWS_CALLBACK_WSI_CREATE &&
	    (!s->adopting->wsi || s->adopting->wsi == wsi)) {
		c = s->adopting;
		c->wsi = wsi;
		lws_set_opaque_user_data(wsi, c);
	}
	if (c && s->adopting == c && reason == LWS_CALLBACK_WSI_DESTROY)
		s->adopting = NULL;
	return c ? on_http(c, reason, in, size) : 0;
}
