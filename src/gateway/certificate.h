/* SPDX-License-Identifier: MIT */
/*
 * certificate - PEM files of TLS: how long they are good, and whose key is whose
 *
 * Of a certificate with its chain the one that ends first counts: without it clients
 * find no way to an authority that they trust. Of a file of authorities the one that
 * ends last counts: any one of them will do. Times are notBefore and notAfter of
 * RFC 5280, section 4.1.2.5, in s since 1970.
 *
 * Reads files; certificate_judge() and certificate_days_left() are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum {
	CERTIFICATE_NAME_BYTES = 128,
	CERTIFICATE_SOON_DAYS = 30, /**< before its end it is time for a new one */
};

/** No clock that is right shows less: this program is younger (1 January 2026). */
static const gint64 CERTIFICATE_CLOCK_IS_SET_S = 1767225600;

enum certificate_kind {
	CERTIFICATE_CHAIN,
	CERTIFICATE_AUTHORITIES,
};

struct certificate {
	char name[CERTIFICATE_NAME_BYTES]; /**< common name of the one that counts, UTF-8 */
	gint64 from_s, until_s;
};

#define CERTIFICATE_ERROR (certificate_error_quark())
GQuark certificate_error_quark(void);
enum certificate_error {
	CERTIFICATE_ERROR_FORBIDDEN, /**< this user may not read the file */
	CERTIFICATE_ERROR_UNUSABLE,  /**< cannot be read, is none, or the key is another's */
};

/** An error is a sentence that begins with the file. On error @c is left as it was. */
bool certificate_read(struct certificate *c, const char *path, enum certificate_kind kind,
		      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Is @key_path the key of the first certificate in @path? */
bool certificate_check_key(const char *path, const char *key_path,
			   GError **error) G_GNUC_WARN_UNUSED_RESULT;

enum certificate_verdict {
	CERTIFICATE_VALID,
	CERTIFICATE_EXPIRES_SOON,
	CERTIFICATE_CLOCK_WRONG, /**< its dates cannot be judged */
	CERTIFICATE_NOT_YET_VALID,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_UNUSABLE, /**< there is none; not of certificate_judge() */
};

/** @now_s: what the clock shows, s since 1970. */
enum certificate_verdict certificate_judge(const struct certificate *c, gint64 now_s);

/** Whole days until its end, less than 0 from its end on. */
gint64 certificate_days_left(const struct certificate *c, gint64 now_s);
