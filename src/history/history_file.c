/* SPDX-License-Identifier: MIT */
#include "history/history_file.h"

#include <string.h>
#include <unistd.h>

#include "file.h"
#include "history/history_text.h"

static bool load_one(const char *path, const char *serial, struct history_kept *kept,
		     double *saved_s, GString *trouble)
{
	g_autofree char *text = NULL;
	g_autofree char *aside = NULL;
	g_autoptr(GError) error = NULL;

	if (!g_file_get_contents(path, &text, NULL, &error)) {
		if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			g_string_append_printf(trouble, "%s. ", error->message);
		return false;
	}
	if (history_parse(text, serial, kept, saved_s, &error))
		return true;
	aside = file_set_aside(path);
	g_string_append_printf(trouble, "The history %s is damaged (%s)%s%s. ", path,
			       error->message, aside ? " and was set aside as " : "",
			       aside ? aside : "");
	return false;
}

bool history_file_load(const char *path, const char *serial, struct history_kept *kept,
		       double *saved_s, char **trouble)
{
	g_autofree char *previous = g_strconcat(path, ".previous", NULL);
	GString *text = g_string_new(NULL);
	bool is_there = load_one(path, serial, kept, saved_s, text);

	if (!is_there) {
		is_there = load_one(previous, serial, kept, saved_s, text);
		if (is_there && text->len)
			g_string_append(text, "The previous one is used.");
	}
	g_strchomp(text->str);
	*trouble = g_string_free(text, text->str[0] == '\0');
	return is_there;
}

bool history_file_save(const char *path, const char *serial, const struct history_kept *kept,
		       double saved_s, GError **error)
{
	g_autofree char *previous = g_strconcat(path, ".previous", NULL);
	g_autofree char *text = history_format(kept, serial, saved_s);

	/* The file is whole under its own name at any moment; where there are no links, only there. */
	unlink(previous);
	G_GNUC_UNUSED const int no_links = link(path, previous);

	return file_replace(path, text, strlen(text), error);
}
