/* SPDX-License-Identifier: MIT */
#include "http_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

enum {
	RETRY_MAX_S = 60,
	BACKLOG = 64,
	/* The sweep is stricter in every phase; the library's own is 5 s for all of them. */
	LIBRARY_TIMEOUT_S = HTTP_HANDLER_S + HTTP_SEND_S,
};

static const struct lws_protocols protocols[] = {
	{ .name = "http",
	  .callback = http_callback,
	  .rx_buffer_size = WS_MESSAGE_MAX,
	  .tx_packet_size = HTTP_CHUNK }, /* else it is that of rx: a packet for each kB */
	{ 0 },
};

/*
 * Where the library answers by itself, to a broken %-sequence for example: what http_reply.c
 * says for ours.
 */
static const struct lws_protocol_vhost_options own_headers[] = {
	{ .next = &own_headers[1],
	  .name = "content-security-policy:",
	  .value = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'" },
	{ .next = &own_headers[2], .name = "x-content-type-options:", .value = "nosniff" },
	{ .next = &own_headers[3], .name = "x-frame-options:", .value = "DENY" },
	{ .next = &own_headers[4], .name = "referrer-policy:", .value = "no-referrer" },
	{ .next = &own_headers[5],
	  .name = "cross-origin-resource-policy:",
	  .value = "same-origin" },
	{ .next = &own_headers[6], .name = "cross-origin-opener-policy:", .value = "same-origin" },
	{ .name = "cache-control:", .value = "no-store" },
};

/* The library asks no silent WebSocket, TCP does: see http_connections.c. */
static const lws_retry_bo_t never_ask = { 0 };

/* ---- the port ------------------------------------------------------------------------ */

static int open_port(const char *address, int port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons((guint16) port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((guint16) port) };
	const bool is_6 = inet_pton(AF_INET6, address, &in6.sin6_addr) == 1;
	const int fd =
		socket(is_6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return -1;
	if (!is_6 && inet_pton(AF_INET, address, &in.sin_addr) != 1)
		errno = EINVAL;
	else if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
		 !bind(fd, is_6 ? (void *) &in6 : (void *) &in, is_6 ? sizeof(in6) : sizeof(in)) &&
		 !listen(fd, BACKLOG))
		return fd;

	const int saved_errno = errno;

	close(fd);
	errno = saved_errno;
	return -1;
}

static void fail(struct http_server *s, char *sentence)
{
	if (g_strcmp0(s->trouble, sentence))
		log_say(LOG_ERROR, "%s", sentence);
	g_free(s->trouble);
	s->trouble = sentence;
}

/* libwebsockets goes on without TLS when a file is missing; that must never happen. */
static bool is_readable(struct http_server *s, const char *path)
{
	if (!access(path, R_OK))
		return true;
	fail(s, g_strdup_printf(
			"%s: cannot be read: %s; the page stays off, for it would be without TLS",
			path, g_strerror(errno)));
	return false;
}

static bool make_vhost(struct http_server *s)
{
	const bool is_tls = *s->certificate != '\0';
	const struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.vhost_name = "gateway",
		.options = is_tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
		.headers = own_headers,
		.ssl_cert_filepath = is_tls ? s->certificate : NULL,
		.ssl_private_key_filepath = is_tls ? s->key : NULL,
		/* Of TLS 1.2 only what has forward secrecy and AEAD (RFC 9325, section 4.2). */
		.ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20",
		.ssl_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
				   SSL_OP_NO_RENEGOTIATION,
		.alpn = "http/1.1",
		.keepalive_timeout = HTTP_WAIT_S,
		.timeout_secs = LIBRARY_TIMEOUT_S,
		.timeout_secs_ah_idle = HTTP_WAIT_S,
		.retry_and_idle_policy = &never_ask,
	};
	union lws_tls_cert_info_results result;

	if (s->vhost)
		return true;
	if (is_tls && (!is_readable(s, s->certificate) || !is_readable(s, s->key)))
		return false;
	s->vhost = lws_create_vhost(s->context, &info);
	if (s->vhost && (!is_tls || !lws_tls_vhost_cert_info(
					    s->vhost, LWS_TLS_CERT_INFO_VALIDITY_TO, &result, 0))) {
		if (is_tls && s->options.took)
			s->options.took(s->options.took_user);
		return true;
	}
	if (s->vhost)
		lws_vhost_destroy(s->vhost);
	s->vhost = NULL;
	fail(s, g_strdup_printf("%s and %s: no certificate and its key, as PEM; the page stays off",
				s->certificate, s->key));
	return false;
}

static gboolean on_retry(void *user)
{
	struct http_server *s = user;

	s->retry = 0;
	http_server_listen(s);
	return G_SOURCE_REMOVE;
}

bool http_server_listen(struct http_server *s)
{
	const bool is_ready = make_vhost(s);

	if (is_ready)
		s->fd = open_port(s->listen, s->options.port);
	if (is_ready && s->fd < 0)
		fail(s,
		     g_strdup_printf("%s port %d: cannot listen: %s%s", s->listen, s->options.port,
				     g_strerror(errno),
				     errno == EADDRINUSE
					     ? "; choose another \"port\" or end the other program"
					     : ""));
	if (!is_ready || s->fd < 0) {
		s->retry_s = CLAMP(s->retry_s * 2, 2, RETRY_MAX_S);
		s->retry = g_timeout_add_seconds(s->retry_s, on_retry, s);
		return false;
	}
	g_clear_pointer(&s->trouble, g_free);
	s->watch = g_unix_fd_add(s->fd, G_IO_IN, http_connections_accept, s);
	log_say(LOG_INFO, "listening at %s port %d%s", s->listen, s->options.port,
		*s->certificate ? " with TLS" : "");
	return true;
}

/* ---- the server ---------------------------------------------------------------------- */

static void on_library_log(int level, const char *line)
{
	log_say(LOG_DEBUG, "%.*s", (int) strcspn(line, "\n"), line);
}

struct http_server *http_server_new(const struct http_server_options *options)
{
	struct http_server *s = g_new0(struct http_server, 1);
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_GLIB |
			   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
			   (*options->certificate ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.foreign_loops = s->loops,
		.fd_limit_per_thread = HTTP_CONNECTIONS_MAX + 32,
		.max_http_header_data = 2 * HTTP_HEADERS_MAX,
		.max_http_header_pool = HTTP_CONNECTIONS_MAX,
		.pt_serv_buf_size = HTTP_CHUNK + LWS_PRE,
		.timeout_secs = LIBRARY_TIMEOUT_S, /* 4.1 reads it here, whatever its header says */
		.user = s,
		.gid = -1,
		.uid = -1,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, on_library_log);
	s->options = *options;
	s->listen = g_strdup(options->listen);
	s->hosts = g_strdup(options->hosts);
	s->certificate = g_strdup(options->certificate);
	s->key = g_strdup(options->key);
	s->loops[0] = options->loop;
	s->fd = -1;
	if (gethostname(s->hostname, sizeof(s->hostname) - 1))
		s->hostname[0] = '\0';
	s->routes = http_routes_new();
	s->connections = g_hash_table_new(NULL, NULL);
	s->context = lws_create_context(&info);
	g_assert(s->context);
	s->sweep = g_timeout_add_seconds(1, http_connections_sweep, s);
	return s;
}

void http_server_free(struct http_server *s)
{
	const guint sources[] = { s->watch, s->retry, s->sweep, s->resume };

	for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i])
			g_source_remove(sources[i]);
	if (s->fd >= 0)
		close(s->fd);
	lws_context_destroy(s->context);
	g_hash_table_unref(s->connections);
	http_routes_free(s->routes);
	g_free(s->listen);
	g_free(s->hosts);
	g_free(s->certificate);
	g_free(s->key);
	g_free(s->trouble);
	g_free(s);
}

void http_server_route(struct http_server *s, const char *method, const char *pattern,
		       enum http_scope scope, http_handler_fn fn, void *user)
{
	const struct http_route route = { .method = (char *) method,
					  .pattern = (char *) pattern,
					  .scope = scope,
					  .fn = fn,
					  .user = user };

	http_routes_add(s->routes, &route);
}

cJSON *http_server_status(const struct http_server *s)
{
	cJSON *status = cJSON_CreateObject();

	cJSON_AddStringToObject(status, "listen", s->listen);
	cJSON_AddNumberToObject(status, "port", s->options.port);
	cJSON_AddBoolToObject(status, "tls", *s->certificate != '\0');
	cJSON_AddBoolToObject(status, "is_listening", !s->trouble);
	cJSON_AddNumberToObject(status, "connections", g_hash_table_size(s->connections));
	cJSON_AddNumberToObject(status, "websockets", ws_hub_clients(s->options.hub));
	cJSON_AddNumberToObject(status, "websockets_shed", (double) ws_hub_shed(s->options.hub));
	cJSON_AddNumberToObject(status, "requests", (double) s->requests);
	cJSON_AddNumberToObject(status, "refused", (double) s->refused);
	cJSON_AddItemToObject(status, "trouble",
			      s->trouble ? cJSON_CreateString(s->trouble) : cJSON_CreateNull());
	return status;
}
