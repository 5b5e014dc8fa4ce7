/* SPDX-License-Identifier: MIT */
#include "config_watch.h"

#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "log.h"

enum { LOOK_EVERY_S = 2 };

/* What tells one state of the file from another. */
struct stamp {
	bool exists;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct config_watch {
	char *path;
	char *copy; /* of the last good one */
	struct config config;
	struct stamp stamp;
	bool was_there;
	guint timer;
	config_watch_fn fn;
	void *user;
};

static struct stamp stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct stamp){ .exists = false };
	return (struct stamp){
		.exists = true, .inode = st.st_ino, .size = st.st_size, .changed = st.st_mtim
	};
}

static bool stamps_equal(const struct stamp *a, const struct stamp *b)
{
	return a->exists == b->exists && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Kept for a start with a file that has an error: written only when it differs. */
static void keep_copy(const struct config_watch *w)
{
	g_autofree char *text = NULL, *kept = NULL;
	g_autoptr(GError) error = NULL;
	gsize length = 0, kept_length = 0;

	if (!g_file_get_contents(w->path, &text, &length, NULL))
		return;
	if (g_file_get_contents(w->copy, &kept, &kept_length, NULL) && kept_length == length &&
	    memcmp(kept, text, length) == 0)
		return;
	if (!file_replace(w->copy, text, length, &error))
		log_say(LOG_WARNING, "No copy of the configuration could be kept: %s.", error->message);
}

/* Each reading is worth a line: somebody changed the file. @return true if it is valid */
static bool read_file(struct config_watch *w)
{
	g_autoptr(GError) error = NULL;

	w->stamp = stamp_of(w->path);
	w->was_there = w->was_there || w->stamp.exists;
	if (w->was_there && !w->stamp.exists) {
		log_say(LOG_WARNING, "%s is gone; what it said stays in force until a restart.",
			w->path);
		return false;
	}
	if (!config_load(&w->config, w->path, &error)) {
		log_say(LOG_ERROR, "%s. Nothing of the file is used; the previous configuration "
				   "stays.", error->message);
		return false;
	}
	log_say(LOG_INFO,
		w->stamp.exists ? "Configuration read from %s."
				: "There is no %s: everything has its default.",
		w->path);
	keep_copy(w);
	return true;
}

/* The file has an error at the start: its defaults could be more generous than what it said. */
static void read_copy(struct config_watch *w)
{
	g_autoptr(GError) error = NULL;

	if (!g_file_test(w->copy, G_FILE_TEST_EXISTS))
		log_say(LOG_WARNING, "There is no previous configuration: everything has its default.");
	else if (config_load(&w->config, w->copy, &error))
		log_say(LOG_WARNING, "The last good configuration is in force (%s).", w->copy);
	else
		log_say(LOG_ERROR, "%s. Everything has its default.", error->message);
}

static gboolean look(void *user)
{
	struct config_watch *w = user;
	const struct stamp now = stamp_of(w->path);

	if (!stamps_equal(&now, &w->stamp))
		config_watch_check(w);
	return G_SOURCE_CONTINUE;
}

struct config_watch *config_watch_new(const char *path, config_watch_fn fn, void *user)
{
	struct config_watch *w = g_new0(struct config_watch, 1);

	w->path = g_strdup(path);
	w->copy = g_strconcat(path, ".last", NULL);
	w->fn = fn;
	w->user = user;
	config_init(&w->config);
	if (!read_file(w))
		read_copy(w);
	w->timer = g_timeout_add_seconds(LOOK_EVERY_S, look, w);
	return w;
}

void config_watch_free(struct config_watch *w)
{
	if (!w)
		return;
	g_source_remove(w->timer);
	g_free(w->path);
	g_free(w->copy);
	g_free(w);
}

const struct config *config_watch_get(const struct config_watch *w)
{
	return &w->config;
}

void config_watch_check(struct config_watch *w)
{
	if (read_file(w))
		w->fn(&w->config, w->user);
}

bool config_watch_save(struct config_watch *w, const struct config *config, GError **error)
{
	if (!config_save(config, w->path, error))
		return false;
	w->config = *config;
	w->stamp = stamp_of(w->path);
	w->was_there = true;
	keep_copy(w);
	return true;
}
