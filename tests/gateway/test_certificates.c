/* SPDX-License-Identifier: MIT */
/* Certificates: their dates, their keys, and files that are replaced while the gateway runs. */
#include "support.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/certificates.h"
#include "tests/temp_folder.h"

static const gint64 DAY_S = 24 * 3600;
static const gint64 NOW_S = 1800000000; /* 15 January 2027 */

/* A folder, and what the gateway is configured with there. */
struct rig {
	void *folder; /* char */
	char *log;    /* of the last look */
	struct gateway_config config;
	unsigned restarts;
};

static int begin(void **state)
{
	struct rig *r = g_new0(struct rig, 1);

	gateway_config_init(&r->config);
	*state = r;
	return make_folder(&r->folder);
}

static int end(void **state)
{
	struct rig *r = *state;

	remove_folder(&r->folder);
	g_free(r->log);
	g_free(r);
	return 0;
}

static char *path_of(const struct rig *r, const char *name)
{
	return g_build_filename(r->folder, name, NULL);
}

/* ---- making them ---------------------------------------------------------------------------- */

static void write_key(const struct rig *r, const char *name, EVP_PKEY *key, const char *passphrase)
{
	g_autofree char *path = path_of(r, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, passphrase ? EVP_aes_128_cbc() : NULL,
					      (const unsigned char *) passphrase,
					      passphrase ? (int) strlen(passphrase) : 0, NULL,
					      NULL),
			 1);
	fclose(file);
}

static X509 *make(EVP_PKEY *key, const char *name, gint64 from_s, gint64 until_s)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	ASN1_TIME_set(X509_getm_notBefore(x), from_s);
	ASN1_TIME_set(X509_getm_notAfter(x), until_s);
	if (name)
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					   (const unsigned char *) name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* Adds to the file. */
static void write_certificate(const struct rig *r, const char *file_name, EVP_PKEY *key,
			      const char *name, gint64 from_s, gint64 until_s)
{
	g_autofree char *path = path_of(r, file_name);
	X509 *x = make(key, name, from_s, until_s);
	FILE *file = fopen(path, "a");

	assert_int_equal(PEM_write_X509(file, x), 1);
	fclose(file);
	X509_free(x);
}

static void write_text(const struct rig *r, const char *name, const char *text)
{
	g_autofree char *path = path_of(r, name);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void take_away(const struct rig *r, const char *name)
{
	g_autofree char *path = path_of(r, name);

	assert_int_equal(unlink(path), 0);
}

/* A certificate from a day ago on, and its key, in the place of what was there. */
static void write_pair(const struct rig *r, const char *prefix, gint64 days)
{
	g_autofree char *file = g_strdup_printf("%s.pem", prefix);
	g_autofree char *key_file = g_strdup_printf("%s.key", prefix);
	g_autofree char *path = path_of(r, file);
	EVP_PKEY *key = EVP_EC_gen("P-256");

	unlink(path);
	write_certificate(r, file, key, "hut.local", NOW_S - DAY_S, NOW_S + days * DAY_S);
	write_key(r, key_file, key, NULL);
	EVP_PKEY_free(key);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void test_dates_and_name(void **state)
{
	static const struct {
		const char *name, *told;
		gint64 from_s, until_s;
	} cases[] = {
		{ "hut.local", "hut.local", 1790000000, 1820000000 },
		{ "H\xc3\xbctte", "H\xc3\xbctte", 1, 2 },
		{ NULL, "without a name", 0, 1820000000 },
		{ "2060", "2060", 1790000000, 2840140800 }, /* beyond 32 bits, UTCTime ends 2049 */
		{ "9999", "9999", 1790000000, 253402300799 }, /* RFC 5280: it never expires */
	};
	const struct rig *r = *state;
	EVP_PKEY *key = EVP_EC_gen("P-256");

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *file = g_strdup_printf("%zu.pem", i);
		g_autofree char *path = path_of(r, file);
		struct certificate c;

		write_certificate(r, file, key, cases[i].name, cases[i].from_s, cases[i].until_s);
		assert_true(certificate_read(&c, path, CERTIFICATE_CHAIN, NULL));
		assert_string_equal(c.name, cases[i].told);
		assert_true(c.from_s == cases[i].from_s);
		assert_true(c.until_s == cases[i].until_s);
	}
	EVP_PKEY_free(key);
}

static void test_several_in_a_file(void **state)
{
	const struct rig *r = *state;
	g_autofree char *path = path_of(r, "all.pem");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct certificate c;

	write_text(r, "all.pem", "Bag Attributes: what some tools write\n");
	write_certificate(r, "all.pem", key, "leaf", 300, 5000);
	write_certificate(r, "all.pem", key, "between", 200, 4000);
	write_certificate(r, "all.pem", key, "root", 100, 6000);
	EVP_PKEY_free(key);

	assert_true(certificate_read(&c, path, CERTIFICATE_CHAIN, NULL));
	assert_string_equal(c.name, "between");
	assert_int_equal(c.from_s, 300);
	assert_int_equal(c.until_s, 4000);

	assert_true(certificate_read(&c, path, CERTIFICATE_AUTHORITIES, NULL));
	assert_string_equal(c.name, "root");
	assert_int_equal(c.from_s, 100);
	assert_int_equal(c.until_s, 6000);
}

static void assert_unusable(const char *path, const char *words)
{
	struct certificate c = { .until_s = 7 };
	g_autoptr(GError) error = NULL;

	assert_false(certificate_read(&c, path, CERTIFICATE_CHAIN, &error));
	assert_true(g_error_matches(error, CERTIFICATE_ERROR, CERTIFICATE_ERROR_UNUSABLE));
	assert_true(g_str_has_prefix(error->message, path));
	if (!strstr(error->message, words))
		fail_msg("%s: no \"%s\"", error->message, words);
	assert_int_equal(c.until_s, 7);
}

static void test_what_is_none(void **state)
{
	struct rig *r = *state;
	g_autofree char *path = path_of(r, "x.pem"), *pipe = path_of(r, "pipe");
	g_autofree char *text = NULL, *half = NULL;

	assert_unusable(path, "No such file");
	write_text(r, "x.pem", "");
	assert_unusable(path, "no certificate as PEM");
	write_text(r, "x.pem",
		   "-----BEGIN CERTIFICATE-----\nMIIBszCCAVm\n-----END CERTIFICATE-----\n");
	assert_unusable(path, "no certificate as PEM");
	write_pair(r, "a", 90);

	g_autofree char *good = path_of(r, "a.pem");

	assert_true(g_file_get_contents(good, &text, NULL, NULL));
	half = g_strndup(text, strlen(text) / 2);
	write_text(r, "x.pem", half);
	assert_unusable(path, "damaged");
	/* one that is whole and one that is cut off */
	g_autofree char *and_half = g_strconcat(text, half, NULL);

	write_text(r, "x.pem", and_half);
	assert_unusable(path, "damaged");

	assert_unusable(r->folder, "is no file");
	assert_unusable("/dev/zero", "is no file"); /* that would never end */
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_unusable(pipe, "is no file"); /* nor that */
}

static void test_keys(void **state)
{
	const struct rig *r = *state;
	EVP_PKEY *ec = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256"), *rsa = EVP_RSA_gen(2048);
	const struct {
		const char *certificate, *key, *words;
	} cases[] = {
		{ "ec.pem", "ec.key", NULL },
		{ "rsa.pem", "rsa.key", NULL },
		{ "ec.pem", "other.key", "is not the key of the certificate in" },
		{ "ec.pem", "rsa.key", "is not the key of the certificate in" },
		{ "ec.pem", "locked.key", "passphrase" },
		{ "ec.pem", "ec.pem", "no private key as PEM" },
		{ "ec.key", "ec.key", "no certificate as PEM" },
		{ "ec.pem", "none.key", "No such file" },
	};

	write_key(r, "ec.key", ec, NULL);
	write_key(r, "other.key", other, NULL);
	write_key(r, "rsa.key", rsa, NULL);
	write_key(r, "locked.key", ec, "secret");
	write_certificate(r, "ec.pem", ec, "ec", 0, 1);
	write_certificate(r, "ec.pem", other, "its chain", 0, 1);
	write_certificate(r, "rsa.pem", rsa, "rsa", 0, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path = path_of(r, cases[i].certificate);
		g_autofree char *key = path_of(r, cases[i].key);
		g_autoptr(GError) error = NULL;

		assert_int_equal(certificate_check_key(path, key, &error), !cases[i].words);
		if (cases[i].words && !strstr(error->message, cases[i].words))
			fail_msg("%s: no \"%s\"", error->message, cases[i].words);
	}
	EVP_PKEY_free(ec);
	EVP_PKEY_free(other);
	EVP_PKEY_free(rsa);
}

/* ---- judgement ------------------------------------------------------------------------------ */

static void test_verdicts(void **state)
{
	const struct certificate c = { "x", 1790000000, 1800000000 };
	static const struct {
		gint64 now_s;
		enum certificate_verdict want;
		gint64 days;
	} cases[] = {
		{ 0, CERTIFICATE_CLOCK_WRONG, 20833 },
		{ CERTIFICATE_CLOCK_IS_SET_S - 1, CERTIFICATE_CLOCK_WRONG, 379 },
		{ CERTIFICATE_CLOCK_IS_SET_S, CERTIFICATE_NOT_YET_VALID, 379 },
		{ 1789999999, CERTIFICATE_NOT_YET_VALID, 115 },
		{ 1790000000, CERTIFICATE_VALID, 115 },
		{ 1800000000 - 30 * 86400, CERTIFICATE_VALID, 30 },
		{ 1800000001 - 30 * 86400, CERTIFICATE_EXPIRES_SOON, 29 },
		{ 1800000000, CERTIFICATE_EXPIRES_SOON, 0 }, /* both ends belong to it */
		{ 1800000001, CERTIFICATE_EXPIRED, -1 },
		{ 1800000000 + 86400, CERTIFICATE_EXPIRED, -1 },
		{ 1800000001 + 86400, CERTIFICATE_EXPIRED, -2 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(certificate_judge(&c, cases[i].now_s), cases[i].want);
		assert_int_equal(certificate_days_left(&c, cases[i].now_s), cases[i].days);
	}
}

/* ---- the gateway's own ---------------------------------------------------------------------- */

static void use_page(struct rig *r)
{
	g_autofree char *file = path_of(r, "page.pem"), *key = path_of(r, "page.key");

	g_strlcpy(r->config.tls_certificate, file, GATEWAY_TEXT_BYTES);
	g_strlcpy(r->config.tls_key, key, GATEWAY_TEXT_BYTES);
}

static void use_mqtt(struct rig *r)
{
	g_autofree char *file = path_of(r, "mqtt.pem"), *key = path_of(r, "mqtt.key");
	g_autofree char *ca = path_of(r, "ca.pem");

	r->config.mqtt_enabled = r->config.mqtt_tls = true;
	g_strlcpy(r->config.mqtt_certificate, file, GATEWAY_TEXT_BYTES);
	g_strlcpy(r->config.mqtt_key, key, GATEWAY_TEXT_BYTES);
	g_strlcpy(r->config.mqtt_ca, ca, GATEWAY_TEXT_BYTES);
}

static void on_restart(void *user)
{
	((struct rig *) user)->restarts++;
}

/* What is said goes to r->log. */
static void look(struct rig *r, struct certificates *c, gint64 now_s, bool is_urgent)
{
	char text[4096];
	int pipe_fds[2];
	ssize_t size;

	assert_int_equal(pipe(pipe_fds), 0);
	fflush(stdout);

	const int usual = dup(STDOUT_FILENO);

	dup2(pipe_fds[1], STDOUT_FILENO);
	certificates_look(c, now_s, is_urgent);
	fflush(stdout);
	dup2(usual, STDOUT_FILENO);
	close(usual);
	close(pipe_fds[1]);
	size = read(pipe_fds[0], text, sizeof(text));
	close(pipe_fds[0]);
	assert_true(size >= 0 && (size_t) size < sizeof(text));
	g_free(r->log);
	r->log = g_strndup(text, (gsize) size);
}

static void assert_logged(const struct rig *r, const char *words)
{
	if (!strstr(r->log, words))
		fail_msg("\"%s\" has no \"%s\"", r->log, words);
}

static struct certificates *watch(struct rig *r)
{
	return certificates_new(&r->config, on_restart, r);
}

/* Of the document's use @index: text or number, "null" where it is. Static until the next call. */
static const char *told(const struct certificates *c, gint64 now_s, int index, const char *key)
{
	static char text[400];
	cJSON *list = certificates_document(c, now_s);
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(list, index), key);
	const char *string = cJSON_GetStringValue(item);

	assert_non_null(item);
	if (cJSON_IsNumber(item))
		g_snprintf(text, sizeof(text), "%.0f", item->valuedouble);
	else
		g_strlcpy(text, string ? string : "null", sizeof(text));
	cJSON_Delete(list);
	return text;
}

static void assert_words(const struct certificates *c, gint64 now_s, const char *key,
			 const char *words)
{
	const char *sentence = told(c, now_s, 0, key);

	if (!strstr(sentence, words))
		fail_msg("%s \"%s\" has no \"%s\"", key, sentence, words);
}

static void assert_says(const struct certificates *c, gint64 now_s, const char *words)
{
	assert_words(c, now_s, "sentence", words);
}

static void assert_refused(const struct certificates *c, const char *words)
{
	assert_words(c, NOW_S, "refused", words);
	assert_words(c, NOW_S, "refused", "the certificate before stays in force");
}

static void test_document(void **state)
{
	struct rig *r = *state;
	struct certificates *c;

	use_page(r);
	use_mqtt(r);
	write_pair(r, "page", 90);
	write_pair(r, "mqtt", 10);
	write_pair(r, "ca", -1);
	c = watch(r);
	assert_string_equal(told(c, NOW_S, 0, "use"), "https");
	assert_string_equal(told(c, NOW_S, 0, "file"), r->config.tls_certificate);
	assert_string_equal(told(c, NOW_S, 0, "name"), "hut.local");
	assert_string_equal(told(c, NOW_S, 0, "state"), "valid");
	assert_string_equal(told(c, NOW_S, 0, "days_left"), "90");
	assert_string_equal(told(c, NOW_S, 0, "valid_from"), "1799913600");
	assert_string_equal(told(c, NOW_S, 0, "valid_until"), "1807776000");
	assert_string_equal(told(c, NOW_S, 0, "sentence"), "null");
	assert_string_equal(told(c, NOW_S, 1, "use"), "mqtt");
	assert_string_equal(told(c, NOW_S, 1, "state"), "expires_soon");
	assert_string_equal(told(c, NOW_S, 2, "use"), "mqtt_authority");
	assert_string_equal(told(c, NOW_S, 2, "state"), "expired");
	assert_string_equal(told(c, NOW_S, 2, "days_left"), "-1");
	assert_int_equal(certificates_verdict(c, NOW_S), CERTIFICATE_EXPIRED);
	certificates_free(c);

	r->config.mqtt_tls = false; /* then nobody asks for them */
	c = watch(r);
	assert_int_equal(certificates_verdict(c, NOW_S), CERTIFICATE_VALID);
	certificates_free(c);
}

/* What is wrong, and what to do. */
static void test_sentences(void **state)
{
	struct rig *r = *state;
	struct certificates *c;

	use_page(r);
	write_pair(r, "page", 90);
	c = watch(r);
	assert_says(c, NOW_S + 78 * DAY_S, "expires in 12 days, on 2027-04-15: put a new one");
	assert_says(c, NOW_S + 89 * DAY_S, "expires in 1 day, on 2027-04-15");
	assert_says(c, NOW_S + 90 * DAY_S, "expires within a day, on 2027-04-15");
	assert_says(c, NOW_S + 91 * DAY_S, "expired on 2027-04-15: browsers and programs refuse");
	assert_says(c, NOW_S - 9 * DAY_S,
		    "valid from 2027-01-14 on, and the device's clock says "
		    "2027-01-06");
	assert_says(c, 60, "the device's clock says 1970-01-01, which is wrong");
	assert_string_equal(told(c, 60, 0, "state"), "clock_wrong");
	assert_string_equal(told(c, 60, 0, "days_left"), "null");
	look(r, c, 60, false);
	assert_logged(r, "WARNING tls_certificate: ");
	look(r, c, NOW_S + 91 * DAY_S, false); /* the clock was set, too late */
	assert_logged(r, "ERROR tls_certificate: ");
	certificates_free(c);
}

/* Only when it is left alone, and only what belongs together. */
static void test_replaced(void **state)
{
	struct rig *r = *state;
	g_autofree char *new_file = NULL, *new_key = NULL;
	struct certificates *c;

	use_page(r);
	write_pair(r, "page", 5);
	c = watch(r);
	look(r, c, NOW_S, false);
	assert_logged(r, "WARNING tls_certificate: ");
	assert_logged(r, "expires in 5 days");
	look(r, c, NOW_S, false);
	assert_string_equal(r->log, ""); /* it is said once */
	look(r, c, NOW_S + DAY_S, false);
	assert_logged(r, "expires in 4 days"); /* a day */
	assert_int_equal(r->restarts, 0);

	/* the certificate comes first, and its key a while later */
	write_pair(r, "new", 90);
	new_file = path_of(r, "new.pem");
	new_key = path_of(r, "new.key");
	assert_int_equal(rename(new_file, r->config.tls_certificate), 0);
	for (int i = 0; i < 3; i++)
		look(r, c, NOW_S, false);
	assert_int_equal(r->restarts, 0);
	assert_string_equal(r->log, "");
	assert_refused(c, "page.key is not the key of the certificate in");
	assert_string_equal(told(c, NOW_S, 0, "days_left"), "5");

	assert_int_equal(rename(new_key, r->config.tls_key), 0);
	look(r, c, NOW_S, false);
	assert_int_equal(r->restarts, 0); /* it might still be written */
	look(r, c, NOW_S, false);
	assert_logged(r, "was replaced; the gateway starts again to take it");
	assert_int_equal(r->restarts, 1);
	write_pair(r, "page", 91); /* once is enough */
	look(r, c, NOW_S, true);
	assert_int_equal(r->restarts, 1);
	certificates_free(c);

	c = watch(r); /* the new start */
	look(r, c, NOW_S, true);
	assert_int_equal(r->restarts, 1);
	assert_string_equal(told(c, NOW_S, 0, "days_left"), "91");
	certificates_free(c);
}

static void test_asked_to_look(void **state)
{
	struct rig *r = *state;
	struct certificates *c;

	use_page(r);
	write_pair(r, "page", 5);
	c = watch(r);
	write_pair(r, "page", 90);
	look(r, c, NOW_S, true);
	assert_int_equal(r->restarts, 1);
	certificates_free(c);
}

static void test_taken_back(void **state)
{
	struct rig *r = *state;
	g_autofree char *aside = path_of(r, "aside");
	struct certificates *c;

	use_page(r);
	write_pair(r, "page", 50);
	c = watch(r);
	assert_int_equal(rename(r->config.tls_certificate, aside), 0);
	look(r, c, NOW_S, true);
	assert_logged(r, "WARNING tls_certificate: ");
	assert_refused(c, "page.pem cannot be read: No such file or directory");
	assert_int_equal(rename(aside, r->config.tls_certificate), 0);
	look(r, c, NOW_S, true);
	assert_logged(r, "is valid until 2027-03-06");
	assert_string_equal(told(c, NOW_S, 0, "refused"), "null");
	assert_int_equal(r->restarts, 0);
	certificates_free(c);

	c = watch(r);
	take_away(r, "page.pem");
	take_away(r, "page.key");
	look(r, c, NOW_S, true);
	assert_refused(c, "page.pem cannot be read: No such file or directory");
	assert_int_equal(r->restarts, 0);
	certificates_free(c);
}

/* The page is off; what makes it right is taken as well. */
static void test_wrong_at_the_start(void **state)
{
	struct rig *r = *state;
	struct certificates *c;

	use_page(r);
	write_text(r, "page.pem", "nothing");
	write_text(r, "page.key", "nothing");
	c = watch(r);
	assert_string_equal(told(c, NOW_S, 0, "state"), "unusable");
	assert_string_equal(told(c, NOW_S, 0, "valid_until"), "null");
	assert_says(c, NOW_S, "tls_certificate: ");
	write_pair(r, "page", 90);
	look(r, c, NOW_S, true);
	assert_int_equal(r->restarts, 1);
	certificates_free(c);

	/* or the server has taken it by itself */
	write_text(r, "page.key", "nothing");
	c = watch(r);
	assert_says(c, NOW_S, "tls_key: ");
	write_pair(r, "page", 90);
	certificates_took(c);
	look(r, c, NOW_S, true);
	assert_string_equal(told(c, NOW_S, 0, "state"), "valid");
	assert_int_equal(r->restarts, 1);
	certificates_free(c);
}

/* The key is for root only, and the gateway is nobody by now: a new start has to judge it. */
static void test_forbidden_key(void **state)
{
	enum { NOBODY = 65534 };
	struct rig *r = *state;
	g_autoptr(GError) error = NULL;
	struct certificates *c;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(r->folder, 0755), 0);
	use_page(r);
	write_pair(r, "page", 5);
	c = watch(r);
	write_pair(r, "page", 90);
	assert_int_equal(chmod(r->config.tls_key, 0600), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	look(r, c, NOW_S, false);
	look(r, c, NOW_S, false);
	assert_int_equal(r->restarts, 1);
	assert_true(certificates_check(&r->config, NULL, &error)); /* nothing is known against it */
	certificates_free(c);

	/* a folder that it may not enter: nothing is known, and nothing is done */
	assert_int_equal(seteuid(0), 0);
	c = watch(r);
	assert_int_equal(chmod(r->folder, 0700), 0);
	write_pair(r, "page", 60);
	assert_int_equal(seteuid(NOBODY), 0);
	look(r, c, NOW_S, true);
	assert_int_equal(r->restarts, 1);
	assert_string_equal(told(c, NOW_S, 0, "state"), "valid");
	assert_int_equal(seteuid(0), 0);
	certificates_free(c);
}

/* MQTT reads its files at each connection: no new start for them. */
static void test_mqtt_replaced(void **state)
{
	struct rig *r = *state;
	struct certificates *c;

	use_mqtt(r);
	write_pair(r, "mqtt", 5);
	write_pair(r, "ca", 500);
	c = watch(r);
	assert_string_equal(told(c, NOW_S, 0, "days_left"), "5");
	write_pair(r, "mqtt", 90);
	look(r, c, NOW_S, false);
	assert_string_equal(told(c, NOW_S, 0, "days_left"), "5");
	look(r, c, NOW_S, false);
	assert_string_equal(told(c, NOW_S, 0, "days_left"), "90");
	take_away(r, "ca.pem");
	look(r, c, NOW_S, true);
	assert_string_equal(told(c, NOW_S, 1, "state"), "unusable");
	assert_int_equal(r->restarts, 0);
	certificates_free(c);
}

/* It need not be written again: who may read it is no matter of what is in it. */
static void test_mqtt_made_readable(void **state)
{
	enum { NOBODY = 65534 };
	struct rig *r = *state;
	struct certificates *c;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(r->folder, 0755), 0);
	use_mqtt(r);
	write_pair(r, "mqtt", 90);
	write_pair(r, "ca", 500);
	assert_int_equal(chmod(r->config.mqtt_certificate, 0600), 0);
	assert_int_equal(chmod(r->config.mqtt_key, 0644), 0);
	assert_int_equal(chmod(r->config.mqtt_ca, 0644), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	c = watch(r);
	look(r, c, NOW_S, false);
	assert_says(c, NOW_S, "Permission denied");
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(r->config.mqtt_certificate, 0644), 0);
	assert_int_equal(seteuid(NOBODY), 0);
	look(r, c, NOW_S, false);
	assert_string_equal(told(c, NOW_S, 0, "state"), "valid");
	assert_int_equal(seteuid(0), 0);
	certificates_free(c);
}

static void test_check(void **state)
{
	struct rig *r = *state;
	const char *field = NULL;
	g_autoptr(GError) error = NULL;

	assert_true(certificates_check(&r->config, &field, &error)); /* none at all */
	use_page(r);
	write_pair(r, "page", -1); /* dates are not its matter */
	assert_true(certificates_check(&r->config, &field, &error));
	write_pair(r, "other", 90);
	g_strlcpy(r->config.tls_key + strlen(r->folder), "/other.key", 20);
	assert_false(certificates_check(&r->config, &field, &error));
	assert_string_equal(field, "tls_key");
	assert_true(g_str_has_prefix(error->message, "tls_key: "));
	g_clear_error(&error);
	write_text(r, "page.pem", "x");
	assert_false(certificates_check(&r->config, &field, &error));
	assert_string_equal(field, "tls_certificate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dates_and_name, begin, end),
		cmocka_unit_test_setup_teardown(test_several_in_a_file, begin, end),
		cmocka_unit_test_setup_teardown(test_what_is_none, begin, end),
		cmocka_unit_test_setup_teardown(test_keys, begin, end),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test_setup_teardown(test_document, begin, end),
		cmocka_unit_test_setup_teardown(test_sentences, begin, end),
		cmocka_unit_test_setup_teardown(test_replaced, begin, end),
		cmocka_unit_test_setup_teardown(test_asked_to_look, begin, end),
		cmocka_unit_test_setup_teardown(test_taken_back, begin, end),
		cmocka_unit_test_setup_teardown(test_wrong_at_the_start, begin, end),
		cmocka_unit_test_setup_teardown(test_forbidden_key, begin, end),
		cmocka_unit_test_setup_teardown(test_mqtt_replaced, begin, end),
		cmocka_unit_test_setup_teardown(test_mqtt_made_readable, begin, end),
		cmocka_unit_test_setup_teardown(test_check, begin, end),
	};

	return cmocka_run_group_tests_name("certificates", tests, NULL, NULL);
}
