/* SPDX-License-Identifier: MIT */
/* gateway_config_check - what one key alone cannot tell: keys together, and the files they name */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "gateway/gateway_config.h"

static bool refuse(GError **error, const char *key, const char *why)
{
	g_set_error(error, GATEWAY_CONFIG_ERROR, GATEWAY_CONFIG_ERROR_VALUE, "%s: %s", key, why);
	return false;
}

static bool check_listen(const struct gateway_config *c, GError **error)
{
	unsigned char binary[16];

	if (inet_pton(AF_INET, c->listen, binary) == 1 ||
	    inet_pton(AF_INET6, c->listen, binary) == 1)
		return true;

	g_autofree char *why = g_strdup_printf(
		"\"%s\" is no address; 127.0.0.1, 0.0.0.0, ::1 and :: are", c->listen);

	return refuse(error, "listen", why);
}

static bool check_topics(const struct gateway_config *c, const char **field, GError **error)
{
	const struct {
		const char *key, *topic;
	} topics[] = {
		{ "mqtt_topic", c->mqtt_topic },
		{ "mqtt_legacy_topic", c->mqtt_legacy_topic },
		{ "mqtt_discovery_prefix", c->mqtt_discovery_prefix },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(topics); i++) {
		*field = topics[i].key;
		if (strpbrk(topics[i].topic, "+#"))
			return refuse(error, *field, "a topic has no + and no #");
	}
	*field = NULL;
	return true;
}

bool gateway_config_check(const struct gateway_config *c, const char **field, GError **error)
{
	*field = "listen";
	if (!check_listen(c, error))
		return false;
	*field = *c->tls_key ? "tls_certificate" : "tls_key";
	if (!*c->tls_certificate != !*c->tls_key)
		return refuse(error, *field,
			      "tls_certificate and tls_key are both needed, or neither");
	*field = *c->mqtt_key ? "mqtt_certificate" : "mqtt_key";
	if (!*c->mqtt_certificate != !*c->mqtt_key)
		return refuse(error, *field,
			      "mqtt_certificate and mqtt_key are both needed, or neither");
	return check_topics(c, field, error);
}

bool gateway_config_check_files(const struct gateway_config *c, const char **field, GError **error)
{
	const struct {
		const char *key, *path;
		bool is_early;
	} files[] = {
		{ "tls_certificate", c->tls_certificate, true },
		{ "tls_key", c->tls_key, true },
		{ "mqtt_ca", c->mqtt_ca, false },
		{ "mqtt_certificate", c->mqtt_certificate, false },
		{ "mqtt_key", c->mqtt_key, false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		if (!*files[i].path || !access(files[i].path, R_OK) ||
		    (files[i].is_early && errno == EACCES))
			continue;

		g_autofree char *why =
			g_strdup_printf("%s cannot be read: %s", files[i].path, g_strerror(errno));

		if (field)
			*field = files[i].key;
		return refuse(error, files[i].key, why);
	}
	return true;
}
