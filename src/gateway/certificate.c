/* SPDX-License-Identifier: MIT */
#include "gateway/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 1024 * 1024 }; /* all authorities of a system are 200 kB */

static const gint64 DAY_S = 24 * 3600;

G_DEFINE_QUARK(certificate_error, certificate_error)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)

/* ---- files ------------------------------------------------------------------------------ */

static bool refuse(GError **error, const char *path, const char *why)
{
	ERR_clear_error();
	g_set_error(error, CERTIFICATE_ERROR, CERTIFICATE_ERROR_UNUSABLE, "%s %s", path, why);
	return false;
}

/* What never ends, or waits for somebody, is no file. */
static BIO *open_file(const char *path, GError **error)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		g_set_error(error, CERTIFICATE_ERROR,
			    errno == EACCES ? CERTIFICATE_ERROR_FORBIDDEN
					    : CERTIFICATE_ERROR_UNUSABLE,
			    "%s cannot be read: %s", path, g_strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES) {
		close(fd);
		refuse(error, path, "is no file of at most 1 MB");
		return NULL;
	}
	return BIO_new_fp(fdopen(fd, "r"), BIO_CLOSE);
}

/* Nobody is there to type a passphrase. */
static int no_passphrase(char *buffer, int size, int is_writing, void *user)
{
	return -1;
}

/* ---- one certificate ---------------------------------------------------------------------- */

/* Not by time_t, which ends in 2038 where it has 32 bits. */
static bool time_of(const ASN1_TIME *time, gint64 *s)
{
	struct tm tm;
	g_autoptr(GDateTime) date = NULL;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	date = g_date_time_new_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
				   tm.tm_min, tm.tm_sec);
	if (date)
		*s = g_date_time_to_unix(date);
	return date != NULL;
}

/* The last common name, which is the most specific one; a certificate need not have any. */
static void name_of(const X509 *x, char name[CERTIFICATE_NAME_BYTES])
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int last = -1;
	unsigned char *text = NULL;

	for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0;)
		last = i;
	if (last >= 0 && ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(
							    subject, last))) >= 0) {
		g_autofree char *valid = g_utf8_make_valid((const char *) text, -1);

		g_strlcpy(name, valid, CERTIFICATE_NAME_BYTES);
	} else {
		g_strlcpy(name, "without a name", CERTIFICATE_NAME_BYTES);
	}
	OPENSSL_free(text);
}

static bool describe(const X509 *x, struct certificate *c)
{
	name_of(x, c->name);
	return time_of(X509_get0_notBefore(x), &c->from_s) &&
	       time_of(X509_get0_notAfter(x), &c->until_s);
}

/* ---- a file of them ----------------------------------------------------------------------- */

static void add(struct certificate *sum, const struct certificate *c, enum certificate_kind kind)
{
	const bool counts =
		kind == CERTIFICATE_CHAIN ? c->until_s < sum->until_s : c->until_s > sum->until_s;
	const gint64 from_s = kind == CERTIFICATE_CHAIN ? MAX(sum->from_s, c->from_s)
							: MIN(sum->from_s, c->from_s);

	if (counts)
		*sum = *c;
	sum->from_s = from_s;
}

bool certificate_read(struct certificate *c, const char *path, enum certificate_kind kind,
		      GError **error)
{
	g_autoptr(BIO) file = open_file(path, error);
	struct certificate sum = { 0 };
	unsigned count = 0;

	if (!file)
		return false;
	for (;;) {
		struct certificate next;
		g_autoptr(X509) x = PEM_read_bio_X509(file, NULL, no_passphrase, NULL);

		if (!x)
			break;
		if (!describe(x, &next))
			return refuse(error, path, "has a certificate whose dates are no dates");
		if (count++ == 0)
			sum = next;
		else
			add(&sum, &next, kind);
	}
	/* The end of the file is "no start line"; anything else is damage after the last one. */
	if (!count || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return refuse(error, path, "has no certificate as PEM, or a damaged one");
	ERR_clear_error();
	*c = sum;
	return true;
}

bool certificate_check_key(const char *path, const char *key_path, GError **error)
{
	g_autoptr(BIO) file = open_file(path, error);
	g_autoptr(BIO) key_file = file ? open_file(key_path, error) : NULL;

	if (!key_file)
		return false;

	g_autoptr(X509) x = PEM_read_bio_X509(file, NULL, no_passphrase, NULL);
	g_autoptr(EVP_PKEY) key = PEM_read_bio_PrivateKey(key_file, NULL, no_passphrase, NULL);

	if (!x)
		return refuse(error, path, "has no certificate as PEM");
	if (!key)
		return refuse(error, key_path, "has no private key as PEM, or a passphrase");
	if (X509_check_private_key(x, key) == 1)
		return true;

	g_autofree char *why = g_strdup_printf("is not the key of the certificate in %s", path);

	return refuse(error, key_path, why);
}

/* ---- judgement ---------------------------------------------------------------------------- */

enum certificate_verdict certificate_judge(const struct certificate *c, gint64 now_s)
{
	if (now_s < CERTIFICATE_CLOCK_IS_SET_S)
		return CERTIFICATE_CLOCK_WRONG;
	if (now_s < c->from_s)
		return CERTIFICATE_NOT_YET_VALID;
	if (now_s > c->until_s)
		return CERTIFICATE_EXPIRED;
	return c->until_s - now_s < CERTIFICATE_SOON_DAYS * DAY_S ? CERTIFICATE_EXPIRES_SOON
								  : CERTIFICATE_VALID;
}

gint64 certificate_days_left(const struct certificate *c, gint64 now_s)
{
	const gint64 left_s = c->until_s - now_s;

	return left_s >= 0 ? left_s / DAY_S : -((-left_s + DAY_S - 1) / DAY_S);
}
