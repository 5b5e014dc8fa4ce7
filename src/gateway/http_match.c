/* SPDX-License-Identifier: MIT */
#include "gateway/http_match.h"

#include <arpa/inet.h>
#include <string.h>

bool http_match_path(const char *pattern, const char *path, GHashTable *parameters)
{
	while (*pattern && *path) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}

		const size_t name = strcspn(++pattern, "}"), value = strcspn(path, "/");

		if (!value)
			return false;
		if (parameters)
			g_hash_table_insert(parameters, g_strndup(pattern, name),
					    g_strndup(path, value));
		pattern += name + (pattern[name] == '}');
		path += value;
	}
	return !*pattern && !*path;
}

bool http_match_path_is_sound(const char *path)
{
	if (path[0] != '/' || strchr(path, '\\') || !g_utf8_validate(path, -1, NULL))
		return false;
	for (const char *c = path; *c; c++)
		if (g_ascii_iscntrl(*c))
			return false;
	for (const char *segment = path; segment; segment = strchr(segment, '/')) {
		const size_t length = strcspn(++segment, "/");

		if ((length == 0 && *segment) || (length == 1 && *segment == '.') ||
		    (length == 2 && segment[0] == '.' && segment[1] == '.'))
			return false;
	}
	return true;
}

char *http_match_cookie(const char *header, const char *name)
{
	const size_t length = strlen(name);

	while (header && *header) {
		header += strspn(header, " ;");
		if (!strncmp(header, name, length) && header[length] == '=')
			return g_strndup(header + length + 1, strcspn(header + length + 1, ";"));
		header = strchr(header, ';');
	}
	return NULL;
}

const char *http_match_bearer(const char *header)
{
	if (!header || g_ascii_strncasecmp(header, "Bearer ", 7))
		return NULL;
	header += 7;
	header += strspn(header, " ");
	return *header ? header : NULL;
}

static bool is_port(const char *rest)
{
	return !*rest || (*rest == ':' && strspn(rest + 1, "0123456789") == strlen(rest + 1));
}

/* Host without its port (owned); NULL: none that could be one. */
static char *host_name(const char *host)
{
	const bool is_6 = host[0] == '[';
	const char *name = host + is_6;
	const size_t length = strcspn(name, is_6 ? "]" : ":");

	if (!length || (is_6 && name[length] != ']') || !is_port(name + length + is_6))
		return NULL;
	return g_strndup(name, length);
}

static bool is_address(const char *name)
{
	unsigned char binary[16];

	return inet_pton(AF_INET, name, binary) == 1 || inet_pton(AF_INET6, name, binary) == 1;
}

static bool is_own(const char *name, const char *hostname)
{
	const size_t length = strlen(hostname);

	return length && !g_ascii_strncasecmp(name, hostname, length) &&
	       (!name[length] || !g_ascii_strcasecmp(name + length, ".local"));
}

bool http_match_host(const char *host, const char *hostname, const char *extra)
{
	g_autofree char *name = host_name(host);

	if (!name)
		return false;
	if (is_address(name) || !g_ascii_strcasecmp(name, "localhost") || is_own(name, hostname))
		return true;

	g_auto(GStrv) more = g_strsplit(extra, " ", -1);

	for (char **one = more; *one; one++)
		if (**one && !g_ascii_strcasecmp(name, *one))
			return true;
	return false;
}

bool http_match_origin(const char *origin, const char *host)
{
	static const struct {
		const char *scheme, *port;
	} known[] = { { "http://", ":80" }, { "https://", ":443" } };

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		const size_t length = strlen(known[i].scheme);

		if (g_ascii_strncasecmp(origin, known[i].scheme, length))
			continue;
		if (!g_ascii_strcasecmp(origin + length, host))
			return true;

		/* The standard port may stand in Host, never in Origin. */
		g_autofree char *full = g_strconcat(origin + length, known[i].port, NULL);

		return !g_ascii_strcasecmp(full, host);
	}
	return false;
}

bool http_match_etag(const char *header, const char *etag)
{
	g_auto(GStrv) tags = g_strsplit(header, ",", -1);

	for (char **tag = tags; *tag; tag++) {
		const char *one = g_strstrip(*tag);

		if (g_str_has_prefix(one, "W/"))
			one += 2;
		if (!strcmp(one, "*") || !strcmp(one, etag))
			return true;
	}
	return false;
}

bool http_match_accepts_gzip(const char *header)
{
	g_auto(GStrv) codings = g_strsplit(header ? header : "", ",", -1);

	for (char **coding = codings; *coding; coding++) {
		const char *one = g_strstrip(*coding);
		const size_t length = strcspn(one, "; ");
		const char *q = strstr(one, "q=");

		if (length == 4 && !g_ascii_strncasecmp(one, "gzip", 4))
			return !q || g_ascii_strtod(q + 2, NULL) > 0;
	}
	return false;
}

bool http_match_has_word(const char *header, const char *word)
{
	g_auto(GStrv) words = g_strsplit(header, ",", -1);

	for (char **one = words; *one; one++)
		if (!g_ascii_strcasecmp(g_strstrip(*one), word))
			return true;
	return false;
}

bool http_match_is_json(const char *content_type)
{
	static const char JSON[] = "application/json";
	const size_t length = sizeof(JSON) - 1;

	return content_type && !g_ascii_strncasecmp(content_type, JSON, length) &&
	       (content_type[length] == '\0' || content_type[length] == ';' ||
		content_type[length] == ' ');
}

/* Of more than 30 the library takes nothing (4.1.6), and waits for another body than we do. */
enum { LENGTH_DIGITS_MAX = 20 };

bool http_match_length(const char *text, guint64 max, guint64 *length)
{
	return strlen(text) <= LENGTH_DIGITS_MAX &&
	       g_ascii_string_to_unsigned(text, 10, 0, max, length, NULL);
}
