/* SPDX-License-Identifier: MIT */
/*
 * page_files - the page's files, in memory
 *
 * Read once, at start: afterwards a request can only name what is in the table, so
 * no path can climb out of the folder. Beside NAME, NAME.gz is the same compressed.
 *
 * I/O in page_files_new() only.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum {
	PAGE_FILES_MAX = 200,			/**< files */
	PAGE_FILES_BYTES_MAX = 2 * 1024 * 1024, /**< of all together */
};

struct page_file {
	GBytes *plain;
	GBytes *gzip;	  /**< NULL: there is none */
	const char *type; /**< content type */
	char *etag;	  /**< with its quotes */
};

struct page_files;

/** @error: a sentence with the file's name. Needs an index.html. */
struct page_files *page_files_new(const char *folder, GError **error);
void page_files_free(struct page_files *p);

/** "/" is "/index.html"; NULL: no such file. (borrowed) */
const struct page_file *page_files_find(const struct page_files *p, const char *path);
