/* SPDX-License-Identifier: MIT */
#include "gateway/page_files.h"

#include <string.h>

struct page_files {
	GHashTable *files; /* path -> struct page_file */
	gsize bytes;
	char *folder;
};

static const struct {
	const char *suffix, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".json", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".woff2", "font/woff2" },
	{ ".txt", "text/plain; charset=utf-8" },
};

static const char *type_of(const char *path)
{
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_has_suffix(path, types[i].suffix))
			return types[i].type;
	return NULL;
}

static void free_file(void *data)
{
	struct page_file *file = data;

	g_bytes_unref(file->plain);
	if (file->gzip)
		g_bytes_unref(file->gzip);
	g_free(file->etag);
	g_free(file);
}

static GBytes *load(struct page_files *p, const char *path, GError **error)
{
	g_autofree char *whole = g_build_filename(p->folder, path, NULL);
	char *content;
	gsize size;

	if (!g_file_get_contents(whole, &content, &size, error))
		return NULL;
	p->bytes += size;
	return g_bytes_new_take(content, size);
}

static bool add_file(struct page_files *p, const char *path, GError **error)
{
	const char *type = type_of(path);
	g_autofree char *compressed = g_strconcat(p->folder, path, ".gz", NULL);
	g_autofree char *gz = g_strconcat(path, ".gz", NULL);
	GBytes *plain = type ? load(p, path, error) : NULL;

	if (!type)
		return true;
	if (!plain)
		return false;

	struct page_file *file = g_new0(struct page_file, 1);
	g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, plain);

	file->plain = plain;
	file->type = type;
	file->etag = g_strdup_printf("\"%.16s\"", sum);
	g_hash_table_insert(p->files, g_strdup(path), file);
	if (g_file_test(compressed, G_FILE_TEST_IS_REGULAR) && !(file->gzip = load(p, gz, error)))
		return false;
	if (p->bytes > PAGE_FILES_BYTES_MAX || g_hash_table_size(p->files) > PAGE_FILES_MAX) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
			    "%s has more than %d files or %d bytes; that is no page", p->folder,
			    PAGE_FILES_MAX, PAGE_FILES_BYTES_MAX);
		return false;
	}
	return true;
}

/* @inside: "" or "/views"; links are not followed. */
static bool add_folder(struct page_files *p, const char *inside, int depth, GError **error)
{
	g_autofree char *whole = g_strconcat(p->folder, inside, NULL);
	GDir *dir = g_dir_open(whole, 0, error);
	const char *name;
	bool is_fine = true;

	if (!dir)
		return false;
	while (is_fine && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_strconcat(inside, "/", name, NULL);
		g_autofree char *full = g_strconcat(p->folder, path, NULL);

		if (name[0] == '.' || g_file_test(full, G_FILE_TEST_IS_SYMLINK))
			continue;
		if (!g_file_test(full, G_FILE_TEST_IS_DIR))
			is_fine = add_file(p, path, error);
		else if (depth < 4)
			is_fine = add_folder(p, path, depth + 1, error);
	}
	g_dir_close(dir);
	return is_fine;
}

struct page_files *page_files_new(const char *folder, GError **error)
{
	struct page_files *p = g_new0(struct page_files, 1);

	p->folder = g_strdup(folder);
	p->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_file);
	if (add_folder(p, "", 0, error) && g_hash_table_contains(p->files, "/index.html"))
		return p;
	if (error && !*error)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
			    "%s has no index.html; --page needs the folder with the page", folder);
	page_files_free(p);
	return NULL;
}

void page_files_free(struct page_files *p)
{
	g_hash_table_unref(p->files);
	g_free(p->folder);
	g_free(p);
}

const struct page_file *page_files_find(const struct page_files *p, const char *path)
{
	return g_hash_table_lookup(p->files, strcmp(path, "/") ? path : "/index.html");
}
