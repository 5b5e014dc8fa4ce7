/* SPDX-License-Identifier: MIT */
/* certificates_told - what is said of certificates: sentences, log, document */
#include "certificates_private.h"

enum certificate_verdict certificates_verdict_of(const struct entry *e, gint64 now_s)
{
	return e->is_known ? certificate_judge(&e->certificate, now_s) : CERTIFICATE_UNUSABLE;
}

static char *date_of(gint64 s)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(s);

	return date ? g_date_time_format(date, "%Y-%m-%d") : g_strdup("?");
}

static char *soon(const struct entry *e, gint64 now_s)
{
	const gint64 days = certificate_days_left(&e->certificate, now_s);

	return days > 0 ? g_strdup_printf("expires in %" G_GINT64_FORMAT " day%s", days,
					  days == 1 ? "" : "s")
			: g_strdup("expires within a day");
}

/* Of each verdict, also that all is well. */
static char *sentence_of(const struct entry *e, gint64 now_s)
{
	const struct certificate *c = &e->certificate;
	g_autofree char *from = date_of(c->from_s), *until = date_of(c->until_s);
	g_autofree char *now = date_of(now_s), *when = soon(e, now_s);
	g_autofree char *which = g_strdup_printf("%s: %s (%s)", e->use->key, e->path, c->name);

	switch (certificates_verdict_of(e, now_s)) {
	case CERTIFICATE_VALID:
		return g_strdup_printf("%s is valid until %s.", which, until);
	case CERTIFICATE_EXPIRES_SOON:
		return g_strdup_printf("%s %s, on %s: put a new one in its place, which the "
				       "gateway takes by itself.",
				       which, when, until);
	case CERTIFICATE_EXPIRED:
		return g_strdup_printf("%s expired on %s: %s. Put a new one in its place, which "
				       "the gateway takes by itself.",
				       which, until, e->use->without);
	case CERTIFICATE_NOT_YET_VALID:
		return g_strdup_printf("%s is valid from %s on, and the device's clock says %s: "
				       "%s until then. Set the clock if it is wrong.",
				       which, from, now, e->use->without);
	case CERTIFICATE_CLOCK_WRONG:
		return g_strdup_printf("%s is valid from %s to %s, and the device's clock says %s, "
				       "which is wrong: nothing can be said of it before the clock "
				       "is set, by hand or by NTP.",
				       which, from, until, now);
	case CERTIFICATE_UNUSABLE:
		return g_strdup(e->trouble);
	}
	g_assert_not_reached();
}

static enum log_level level_of(enum certificate_verdict verdict)
{
	switch (verdict) {
	case CERTIFICATE_VALID:
		return LOG_INFO;
	case CERTIFICATE_EXPIRES_SOON:
	case CERTIFICATE_CLOCK_WRONG:
		return LOG_WARNING;
	case CERTIFICATE_NOT_YET_VALID:
	case CERTIFICATE_EXPIRED:
	case CERTIFICATE_UNUSABLE:
		return LOG_ERROR;
	}
	g_assert_not_reached();
}

/* Days that are left change it once a day. */
void certificates_say(struct entry *e, gint64 now_s)
{
	const enum log_level level = level_of(certificates_verdict_of(e, now_s));
	g_autofree char *sentence = sentence_of(e, now_s);

	if (e->refused)
		log_transition(&e->topic, MIN(level, LOG_WARNING), "%s", e->refused);
	else
		log_transition(&e->topic, level, "%s", sentence);
}

/* ---- the document ------------------------------------------------------------------------- */

static const char *state_of(enum certificate_verdict verdict)
{
	static const char *const states[] = {
		[CERTIFICATE_VALID] = "valid",
		[CERTIFICATE_EXPIRES_SOON] = "expires_soon",
		[CERTIFICATE_CLOCK_WRONG] = "clock_wrong",
		[CERTIFICATE_NOT_YET_VALID] = "not_yet_valid",
		[CERTIFICATE_EXPIRED] = "expired",
		[CERTIFICATE_UNUSABLE] = "unusable",
	};

	return states[verdict];
}

static void add_text(cJSON *object, const char *key, const char *text)
{
	cJSON_AddItemToObject(object, key, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static void add_number(cJSON *object, const char *key, bool is_known, gint64 number)
{
	cJSON_AddItemToObject(object, key,
			      is_known ? cJSON_CreateNumber((double) number) : cJSON_CreateNull());
}

static cJSON *describe(const struct entry *e, gint64 now_s)
{
	const struct certificate *c = &e->certificate;
	const enum certificate_verdict verdict = certificates_verdict_of(e, now_s);
	g_autofree char *sentence = sentence_of(e, now_s);
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "use", e->use->name);
	cJSON_AddStringToObject(object, "file", e->path);
	add_text(object, "name", e->is_known ? c->name : NULL);
	add_number(object, "valid_from", e->is_known, c->from_s);
	add_number(object, "valid_until", e->is_known, c->until_s);
	add_number(object, "days_left", e->is_known && verdict != CERTIFICATE_CLOCK_WRONG,
		   certificate_days_left(c, now_s));
	cJSON_AddStringToObject(object, "state", state_of(verdict));
	add_text(object, "sentence", verdict == CERTIFICATE_VALID ? NULL : sentence);
	add_text(object, "refused", e->refused);
	return object;
}

cJSON *certificates_document(const struct certificates *c, gint64 now_s)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < c->count; i++)
		cJSON_AddItemToArray(list, describe(&c->entries[i], now_s));
	return list;
}
