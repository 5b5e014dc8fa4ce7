/* SPDX-License-Identifier: MIT */
#include "gateway/mqtt_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "gateway/mqtt_battery.h"

/* Where Venus OS and Debian keep the authorities that the system trusts. */
static const char SYSTEM_CA[] = "/etc/ssl/certs/ca-certificates.crt";

static bool is_set(const char *text)
{
	return text && text[0] != '\0';
}

/* May be called in the starting thread, which owns the client then. */
static void on_log(struct mosquitto *mosquitto, void *user, int level, const char *text)
{
	struct mqtt_client *c = user;

	if (level == MOSQ_LOG_ERR)
		g_strlcpy(c->said, text, sizeof(c->said));
}

static int set_options(struct mqtt_client *c, const struct mqtt_link_options *o)
{
	int result = MOSQ_ERR_SUCCESS;

	if (is_set(o->will_topic))
		result = mosquitto_will_set(c->mosquitto, o->will_topic, strlen(MQTT_OFFLINE),
					    MQTT_OFFLINE, 1, true);
	if (result == MOSQ_ERR_SUCCESS && is_set(o->user))
		result = mosquitto_username_pw_set(c->mosquitto, o->user,
						   is_set(o->password) ? o->password : NULL);
	if (result == MOSQ_ERR_SUCCESS && o->is_tls)
		result = mosquitto_tls_set(c->mosquitto, is_set(o->ca) ? o->ca : SYSTEM_CA, NULL,
					   is_set(o->certificate) ? o->certificate : NULL,
					   is_set(o->key) ? o->key : NULL, NULL);
	return result;
}

struct mqtt_client *mqtt_client_new(const struct mqtt_link_options *options, void *owner,
				    GError **error)
{
	struct mqtt_client *c = g_new0(struct mqtt_client, 1);

	c->owner = owner;
	c->host = g_strdup(options->host);
	c->port = options->port;
	c->keepalive_s = options->keepalive_s;
	c->mosquitto = mosquitto_new(options->client_id, true, c);
	g_assert(c->mosquitto);
	mosquitto_log_callback_set(c->mosquitto, on_log);

	const int result = set_options(c, options);

	if (result == MOSQ_ERR_SUCCESS)
		return c;
	g_autofree char *why = mqtt_client_trouble(c, result, errno);

	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
		    options->is_tls ? "%s: look at the files of the MQTT certificates" : "%s", why);
	mqtt_client_free(c);
	return NULL;
}

void mqtt_client_free(struct mqtt_client *c)
{
	if (!c)
		return;
	mosquitto_destroy(c->mosquitto);
	g_free(c->host);
	g_free(c);
}

void mqtt_client_abandon(struct mqtt_client *c)
{
	c->owner = NULL;
}

static void connect_to(struct mqtt_client *c)
{
	errno = 0;
	c->result = mosquitto_connect_async(c->mosquitto, c->host, c->port, c->keepalive_s);
	c->error = errno;
}

static gboolean on_started(void *user)
{
	struct mqtt_client *c = user;

	if (c->owner)
		c->started(c, c->owner);
	else
		mqtt_client_free(c);
	return G_SOURCE_REMOVE;
}

static void *run(void *user)
{
	struct mqtt_client *c = user;

	connect_to(c);
	g_idle_add_full(G_PRIORITY_DEFAULT, on_started, c, NULL);
	return NULL;
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

void mqtt_client_start(struct mqtt_client *c, void (*started)(struct mqtt_client *c, void *owner))
{
	c->started = started;
	if (is_address(c->host)) {
		connect_to(c);
		started(c, c->owner);
	} else {
		g_thread_unref(g_thread_new("mqtt-name", run, c));
	}
}

static const char *refusal_text(int code)
{
	static const char *const texts[] = {
		[1] = "it refuses this version of MQTT",
		[2] = "it refuses the client's name",
		[3] = "it is not ready",
		[4] = "it refuses user and password",
		[5] = "it refuses user and password",
	};

	return code > 0 && code < (int) G_N_ELEMENTS(texts) ? texts[code]
							    : "it refuses the connection";
}

static const char *result_text(int result)
{
	switch (result) {
	case MOSQ_ERR_CONN_LOST:
	case MOSQ_ERR_SUCCESS:
		return "the connection was lost";
	case MOSQ_ERR_KEEPALIVE:
		return "it does not answer any more";
	case MOSQ_ERR_TLS:
		return "TLS failed";
	default:
		return mosquitto_strerror(result);
	}
}

char *mqtt_client_trouble(const struct mqtt_client *c, int result, int error)
{
	char *text;

	if (c->refusal != 0)
		return g_strdup(refusal_text(c->refusal));
	if (result == MOSQ_ERR_EAI)
		return g_strdup_printf("the name is not known (%s)", gai_strerror(error));
	if (c->said[0] != '\0' && (result == MOSQ_ERR_TLS || error == EPROTO))
		text = g_strdup_printf("TLS failed, %s", c->said);
	else if (result == MOSQ_ERR_ERRNO && error != 0)
		text = g_strdup(g_strerror(error));
	else
		text = g_strdup(result_text(result));
	g_strdelimit(text, "\n", ' ');
	if (g_str_has_suffix(text, "."))
		text[strlen(text) - 1] = '\0';
	return text;
}
