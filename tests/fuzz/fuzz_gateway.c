/* SPDX-License-Identifier: MIT */
/* What strangers can say to the gateway: path, headers, configuration, live socket. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "gateway/gateway_config.h"
#include "gateway/http_match.h"
#include "gateway/ws_hub.h"

static void on_wake(void *user)
{
}

static void try_match(const char *text)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *cookie = http_match_cookie(text, "tinybms");
	guint64 length;

	promise(!cookie || !strchr(cookie, ';'));
	if (http_match_path("/api/v1/batteries/{id}/cells", text, found))
		promise(!strchr(g_hash_table_lookup(found, "id"), '/'));
	if (http_match_path_is_sound(text))
		promise(!strstr(text, "/../") && !strstr(text, "//"));
	if (http_match_host(text, "gx", "solar.example"))
		promise(!strpbrk(text, "/@ \r\n;"));
	if (http_match_origin(text, "gx:8480"))
		promise(!g_ascii_strcasecmp(text, "http://gx:8480") ||
			!g_ascii_strcasecmp(text, "https://gx:8480"));
	if (http_match_length(text, 65536, &length))
		promise(length <= 65536);
	http_match_bearer(text);
	http_match_etag(text, "\"x\"");
	http_match_accepts_gzip(text);
	http_match_is_json(text);
	g_hash_table_unref(found);
}

static void try_config(const char *text)
{
	struct gateway_config c, before;
	g_autoptr(GError) error = NULL;

	memset(&c, 0, sizeof(c));
	gateway_config_init(&c);
	memcpy(&before, &c, sizeof(c));
	if (gateway_config_parse(&c, text, &error))
		promise(c.port >= 1 && c.port <= 65535 && c.interval_s >= 0.2 &&
			c.interval_s <= 60);
	else
		promise(error && *error->message && !memcmp(&c, &before, sizeof(c)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = g_strndup((const char *) bytes, count);
	struct ws_hub *h = ws_hub_new();
	struct ws_client *c = ws_hub_join(h, on_wake, NULL);

	try_match(text);
	try_config(text);
	ws_hub_receive(h, c, (const char *) bytes, count);
	ws_hub_leave(h, c);
	ws_hub_free(h);
	g_free(text);
	return 0;
}
