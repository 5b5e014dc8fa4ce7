/* SPDX-License-Identifier: MIT */
#include "certificates_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const struct use https = {
	.name = "https",
	.key = "tls_certificate",
	.key_of_key = "tls_key",
	.without = "browsers and programs refuse the page",
	.is_taken_at_start = true,
};

static const struct use mqtt = {
	.name = "mqtt",
	.key = "mqtt_certificate",
	.key_of_key = "mqtt_key",
	.without = "the broker refuses the gateway",
};

static const struct use mqtt_authority = {
	.name = "mqtt_authority",
	.kind = CERTIFICATE_AUTHORITIES,
	.key = "mqtt_ca",
	.without = "the gateway trusts no broker",
};

/* ---- files -------------------------------------------------------------------------------- */

/* False: this user may not look. A file that is not there is all zero. */
static bool stamp_of(const char *path, struct stamp *stamp)
{
	struct stat st;

	memset(stamp, 0, sizeof(*stamp));
	if (!*path)
		return true;
	if (stat(path, &st))
		return errno != EACCES;
	stamp->changed_ns = st.st_mtim.tv_sec * (gint64) 1000000000 + st.st_mtim.tv_nsec;
	stamp->size = st.st_size;
	stamp->inode = st.st_ino;
	return true;
}

static bool stamps_of(const struct entry *e, struct stamps *stamps)
{
	return stamp_of(e->path, &stamps->file) && stamp_of(e->key_path, &stamps->key);
}

static bool are_same(const struct stamps *a, const struct stamps *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* @key gets the configuration's key that is wrong. */
static bool read_files(const struct entry *e, struct certificate *certificate, const char **key,
		       GError **error)
{
	*key = e->use->key;
	if (!certificate_read(certificate, e->path, e->use->kind, error))
		return false;
	*key = e->use->key_of_key;
	return !*e->key_path || certificate_check_key(e->path, e->key_path, error);
}

/* What is in the files is in force. */
static void take(struct entry *e)
{
	const char *key;
	g_autoptr(GError) error = NULL;

	(void) !stamps_of(e, &e->in_force);
	e->seen = e->judged = e->in_force;
	g_clear_pointer(&e->trouble, g_free);
	g_clear_pointer(&e->refused, g_free);
	e->is_known = read_files(e, &e->certificate, &key, &error);
	if (!e->is_known && key == e->use->key_of_key &&
	    g_error_matches(error, CERTIFICATE_ERROR, CERTIFICATE_ERROR_FORBIDDEN))
		e->is_known = true;
	else if (!e->is_known)
		e->trouble = g_strdup_printf("%s: %s", key, error->message);
}

/* ---- new files ------------------------------------------------------------------------------ */

static void refuse(struct entry *e, const char *key, const char *why)
{
	char **at = e->is_known ? &e->refused : &e->trouble;

	g_free(*at);
	*at = e->is_known ? g_strdup_printf("%s: %s; the certificate before stays in force until "
					    "the gateway is started again.",
					    key, why)
			  : g_strdup_printf("%s: %s", key, why);
}

/* Of the page. */
static void judge_replacement(struct certificates *c, struct entry *e)
{
	struct certificate certificate;
	const char *key;
	g_autoptr(GError) error = NULL;

	if (!read_files(e, &certificate, &key, &error) &&
	    !g_error_matches(error, CERTIFICATE_ERROR, CERTIFICATE_ERROR_FORBIDDEN)) {
		refuse(e, key, error->message);
		return;
	}
	c->is_ending = true;
	log_say(LOG_INFO, "%s: %s was replaced; the gateway starts again to take it", e->use->key,
		e->path);
	c->restart(c->user);
}

static void look_for_new(struct certificates *c, struct entry *e, bool is_urgent)
{
	struct stamps now;
	bool is_settled;

	if (!c->restart || c->is_ending || !stamps_of(e, &now))
		return;
	is_settled = is_urgent || are_same(&now, &e->seen);
	e->seen = now;
	/* What could not be read may be readable by now, though the file is the same. */
	if (is_settled && !e->use->is_taken_at_start &&
	    !(e->is_known && are_same(&now, &e->in_force)))
		take(e);
	else if (are_same(&now, &e->in_force))
		g_clear_pointer(&e->refused, g_free);
	else if (is_settled && !are_same(&now, &e->judged)) {
		e->judged = now;
		judge_replacement(c, e);
	}
}

void certificates_look(struct certificates *c, gint64 now_s, bool is_urgent)
{
	for (size_t i = 0; i < c->count; i++) {
		struct entry *e = &c->entries[i];

		look_for_new(c, e, is_urgent);
		certificates_say(e, now_s);
	}
}

void certificates_took(struct certificates *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->entries[i].use->is_taken_at_start)
			take(&c->entries[i]);
}

/* ---- all ------------------------------------------------------------------------------------ */

static void add(struct certificates *c, const struct use *use, const char *path,
		const char *key_path)
{
	if (*path)
		c->entries[c->count++] =
			(struct entry){ .use = use, .path = path, .key_path = key_path };
}

/* Only what is in use: files of an MQTT that is off may be what they like. */
static void add_all(struct certificates *c, const struct gateway_config *config)
{
	add(c, &https, config->tls_certificate, config->tls_key);
	if (!config->mqtt_enabled || !config->mqtt_tls)
		return;
	add(c, &mqtt, config->mqtt_certificate, config->mqtt_key);
	add(c, &mqtt_authority, config->mqtt_ca, "");
}

struct certificates *certificates_new(const struct gateway_config *config,
				      void (*restart)(void *user), void *user)
{
	struct certificates *c = g_new0(struct certificates, 1);

	c->restart = restart;
	c->user = user;
	add_all(c, config);
	for (size_t i = 0; i < c->count; i++)
		take(&c->entries[i]);
	return c;
}

void certificates_free(struct certificates *c)
{
	for (size_t i = 0; c && i < c->count; i++) {
		g_free(c->entries[i].trouble);
		g_free(c->entries[i].refused);
	}
	g_free(c);
}

enum certificate_verdict certificates_verdict(const struct certificates *c, gint64 now_s)
{
	enum certificate_verdict worst = CERTIFICATE_VALID;

	for (size_t i = 0; i < c->count; i++)
		worst = MAX(worst, certificates_verdict_of(&c->entries[i], now_s));
	return worst;
}

bool certificates_check(const struct gateway_config *config, const char **field, GError **error)
{
	struct certificates c = { 0 };

	add_all(&c, config);
	for (size_t i = 0; i < c.count; i++) {
		struct certificate certificate;
		const char *key;
		g_autoptr(GError) trouble = NULL;

		if (read_files(&c.entries[i], &certificate, &key, &trouble) ||
		    g_error_matches(trouble, CERTIFICATE_ERROR, CERTIFICATE_ERROR_FORBIDDEN))
			continue;
		if (field)
			*field = key;
		g_propagate_prefixed_error(error, g_steal_pointer(&trouble), "%s: ", key);
		return false;
	}
	return true;
}
