/* SPDX-License-Identifier: MIT */
#include "gateway/secrets.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

enum {
	PASSES = 80,
	MEMORY_BYTES = 512 * 1024,
	TOKEN_BYTES = 32,
	HASH_BYTES = 32,
	FILE_MAX = 64 * 1024,
	PRINT_BYTES = 8 * 1024, /* all tokens are 5 kB */
};

static const char TOKEN_PREFIX[] = "tbms_";

struct secrets {
	char *path;
	cJSON *document; /* {"password","mqtt_password","tokens":[{"name","scope","hash","created"}]}
			  */
	struct stat seen;
	guint64 password_version;
	bool is_locked; /* the file cannot be read */
	struct log_topic topic;
};

G_DEFINE_QUARK(secrets_error, secrets_error)

static bool refuse(GError **error, const char *sentence)
{
	g_set_error_literal(error, SECRETS_ERROR, SECRETS_ERROR_VALUE, sentence);
	return false;
}

char *secrets_path(const char *config_path)
{
	g_autofree char *folder = g_path_get_dirname(config_path);

	return g_build_filename(folder, "gateway-secrets.json", NULL);
}

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

static void wipe(cJSON *item)
{
	cJSON *child;

	if (cJSON_IsString(item))
		sodium_memzero(item->valuestring, strlen(item->valuestring));
	cJSON_ArrayForEach (child, item)
		wipe(child);
}

void secrets_delete(cJSON *document)
{
	wipe(document);
	cJSON_Delete(document);
}

static void take(struct secrets *s, cJSON *document)
{
	if (s->document && strcmp(text_of(s->document, "password"), text_of(document, "password")))
		s->password_version++;
	secrets_delete(s->document);
	s->document = document;
}

static bool load(struct secrets *s, GError **error)
{
	g_autofree char *text = NULL;
	gsize size;
	GError *trouble = NULL;

	if (stat(s->path, &s->seen) && errno == ENOENT) {
		memset(&s->seen, 0, sizeof(s->seen));
		take(s, cJSON_CreateObject());
		return true;
	}
	if (!g_file_get_contents(s->path, &text, &size, &trouble)) {
		g_set_error(error, SECRETS_ERROR, SECRETS_ERROR_FILE, "%s", trouble->message);
		g_error_free(trouble);
		return false;
	}

	cJSON *document = size <= FILE_MAX ? cJSON_ParseWithOpts(text, NULL, true) : NULL;

	sodium_memzero(text, size);
	if (!cJSON_IsObject(document)) {
		cJSON_Delete(document);
		g_set_error(error, SECRETS_ERROR, SECRETS_ERROR_FILE,
			    "%s is damaged; remove it and set the password again", s->path);
		return false;
	}
	if (s->seen.st_mode & 077 && chmod(s->path, 0600))
		log_say(LOG_WARNING, "%s can be read by others; chmod 600 it", s->path);
	take(s, document);
	return true;
}

struct secrets *secrets_new(const char *path, GError **error)
{
	struct secrets *s = g_new0(struct secrets, 1);

	g_assert(sodium_init() >= 0);
	s->path = g_strdup(path);
	if (load(s, error))
		return s;
	secrets_free(s);
	return NULL;
}

void secrets_free(struct secrets *s)
{
	if (!s)
		return;
	secrets_delete(s->document);
	g_free(s->path);
	g_free(s);
}

void secrets_refresh(struct secrets *s)
{
	g_autoptr(GError) error = NULL;
	struct stat now = { 0 };

	if (stat(s->path, &now) && errno == ENOENT)
		memset(&now, 0, sizeof(now));
	/* Not when it was written: also who may read it counts. */
	if (now.st_ino == s->seen.st_ino && now.st_ctim.tv_sec == s->seen.st_ctim.tv_sec &&
	    now.st_ctim.tv_nsec == s->seen.st_ctim.tv_nsec)
		return;
	if (load(s, &error)) {
		if (s->is_locked)
			log_transition(&s->topic, LOG_INFO, "%s can be read again", s->path);
		s->is_locked = false;
		return;
	}
	/* A password stays demanded, but none is the right one. */
	log_transition(&s->topic, LOG_ERROR, "nobody can log in: %s", error->message);
	s->is_locked = true;
	cJSON *locked = cJSON_CreateObject();

	cJSON_AddStringToObject(locked, "password", "!");
	take(s, locked);
}

/* Takes @changed, which replaces the document if it can be saved. */
static bool save(struct secrets *s, cJSON *changed, GError **error)
{
	GError *trouble = NULL;
	/* Room enough: each time that it grows would leave a copy behind. */
	char *text = cJSON_PrintBuffered(changed, PRINT_BYTES, true);
	const bool is_saved = file_replace(s->path, text, strlen(text), &trouble) &&
			      file_give_to_folder(s->path, &trouble);

	sodium_memzero(text, strlen(text));
	cJSON_free(text);
	if (!is_saved) {
		g_set_error(error, SECRETS_ERROR, SECRETS_ERROR_FILE, "%s", trouble->message);
		g_error_free(trouble);
		secrets_delete(changed);
		return false;
	}
	take(s, changed);
	if (stat(s->path, &s->seen))
		memset(&s->seen, 0, sizeof(s->seen));
	return true;
}

static void put(cJSON *object, const char *name, const char *text)
{
	secrets_delete(cJSON_DetachItemFromObjectCaseSensitive(object, name));
	cJSON_AddStringToObject(object, name, text);
}

/* ---- the password ---------------------------------------------------------------------- */

bool secrets_has_password(const struct secrets *s)
{
	return *text_of(s->document, "password") != '\0';
}

bool secrets_check_password(const struct secrets *s, const char *password)
{
	const char *hash = text_of(s->document, "password");

	return *hash && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool secrets_set_password(struct secrets *s, const char *password, GError **error)
{
	char hash[crypto_pwhash_STRBYTES];

	if (!g_utf8_validate(password, -1, NULL) ||
	    g_utf8_strlen(password, -1) < SECRETS_PASSWORD_MIN ||
	    strlen(password) > SECRETS_PASSWORD_MAX)
		return refuse(error, "the password needs 10 to 256 characters");
	if (crypto_pwhash_str_alg(hash, password, strlen(password), PASSES, MEMORY_BYTES,
				  crypto_pwhash_ALG_ARGON2ID13))
		return refuse(error, "there is not enough memory to take the password; try again");

	cJSON *changed = cJSON_Duplicate(s->document, true);

	put(changed, "password", hash);
	return save(s, changed, error);
}

guint64 secrets_password_version(const struct secrets *s)
{
	return s->password_version;
}

const char *secrets_mqtt_password(const struct secrets *s)
{
	return text_of(s->document, "mqtt_password");
}

bool secrets_set_mqtt_password(struct secrets *s, const char *password, GError **error)
{
	if (!g_utf8_validate(password, -1, NULL) || strlen(password) > SECRETS_PASSWORD_MAX)
		return refuse(error, "the broker's password has at most 256 bytes, as UTF-8");

	cJSON *changed = cJSON_Duplicate(s->document, true);

	put(changed, "mqtt_password", password);
	return save(s, changed, error);
}

/* ---- tokens ---------------------------------------------------------------------------- */

static void hash_token(const char *token, char hex[2 * HASH_BYTES + 1])
{
	unsigned char hash[HASH_BYTES];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *) token, strlen(token), NULL,
			   0);
	sodium_bin2hex(hex, 2 * HASH_BYTES + 1, hash, sizeof(hash));
}

static const cJSON *tokens_of(const struct secrets *s)
{
	return cJSON_GetObjectItemCaseSensitive(s->document, "tokens");
}

static int index_of(const struct secrets *s, const char *name)
{
	const cJSON *row;
	int index = 0;

	cJSON_ArrayForEach (row, tokens_of(s)) {
		if (!strcmp(text_of(row, "name"), name))
			return index;
		index++;
	}
	return -1;
}

static bool is_name(const char *name)
{
	const size_t length = strlen(name);

	return length && length <= SECRETS_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       length;
}

static bool may_add(const struct secrets *s, const char *name, GError **error)
{
	if (!is_name(name))
		return refuse(error, "a token's name has 1 to 32 letters, digits, points, _ or -");
	if (index_of(s, name) >= 0)
		return refuse(error, "there is a token of this name already");
	if (cJSON_GetArraySize(tokens_of(s)) >= SECRETS_TOKENS_MAX)
		return refuse(error, "there are 32 tokens already; remove one first");
	return true;
}

char *secrets_add_token(struct secrets *s, const char *name, bool may_write, GError **error)
{
	unsigned char random[TOKEN_BYTES];
	char text[sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	char hash[2 * HASH_BYTES + 1];

	if (!may_add(s, name, error))
		return NULL;
	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(text, sizeof(text), random, sizeof(random),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	g_autofree char *token = g_strconcat(TOKEN_PREFIX, text, NULL);
	cJSON *changed = cJSON_Duplicate(s->document, true);
	cJSON *list = cJSON_GetObjectItemCaseSensitive(changed, "tokens");
	cJSON *row = cJSON_CreateObject();

	hash_token(token, hash);
	cJSON_AddStringToObject(row, "name", name);
	cJSON_AddStringToObject(row, "scope", may_write ? "write" : "read");
	cJSON_AddStringToObject(row, "hash", hash);
	cJSON_AddNumberToObject(row, "created", (double) (g_get_real_time() / G_USEC_PER_SEC));
	if (!list)
		list = cJSON_AddArrayToObject(changed, "tokens");
	cJSON_AddItemToArray(list, row);
	return save(s, changed, error) ? g_steal_pointer(&token) : NULL;
}

bool secrets_remove_token(struct secrets *s, const char *name, GError **error)
{
	const int index = index_of(s, name);

	if (index < 0)
		return refuse(error, "there is no token of this name");

	cJSON *changed = cJSON_Duplicate(s->document, true);

	cJSON_DeleteItemFromArray(cJSON_GetObjectItemCaseSensitive(changed, "tokens"), index);
	return save(s, changed, error);
}

const char *secrets_find_token(const struct secrets *s, const char *token, bool *may_write)
{
	char hash[2 * HASH_BYTES + 1];
	const char *found = NULL;
	const cJSON *row;

	hash_token(token, hash);
	cJSON_ArrayForEach (row, tokens_of(s)) {
		const char *known = text_of(row, "hash");

		if (strlen(known) != sizeof(hash) - 1 || sodium_memcmp(known, hash, sizeof(hash)))
			continue;
		found = text_of(row, "name");
		*may_write = !strcmp(text_of(row, "scope"), "write");
	}
	return found;
}

bool secrets_has_token(const struct secrets *s, const char *name)
{
	return index_of(s, name) >= 0;
}

cJSON *secrets_list_tokens(const struct secrets *s)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *row;

	cJSON_ArrayForEach (row, tokens_of(s)) {
		cJSON *shown = cJSON_Duplicate(row, true);

		cJSON_DeleteItemFromObjectCaseSensitive(shown, "hash");
		cJSON_AddItemToArray(list, shown);
	}
	return list;
}
