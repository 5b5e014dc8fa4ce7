/* SPDX-License-Identifier: MIT */
/*
 * writes - what was asked to be changed by way of the gateway: when, who, what, how it went
 *
 * gateway-writes.jsonl beside the configuration, as change_journal.h describes: the
 * newest CHANGE_JOURNAL_MAX bytes. Orders that were refused stand there too, with the
 * reason; those of strangers do not, they never come this far. A secret is never in it.
 * The log has them too, without the values: also when the disk is full.
 *
 * I/O: the file, the log.
 */
#pragma once

#include <cjson/cJSON.h>

/** Names of one request that are noted; there are fewer that can be changed. */
enum { WRITES_AT_ONCE_MAX = 100 };

struct writes;

struct writes *writes_new(const char *config_path);
void writes_free(struct writes *w);

/**
 * @who as http_request_who(), @where a path or topic, @what a name. @before and @after
 * (nullable) are shown as JSON, texts as they are, of each the first 200 characters. @reason NULL: it was done.
 */
void writes_note(struct writes *w, const char *who, const char *where, const char *what,
		 const cJSON *before, const cJSON *after, const char *reason);

/** {"time","who","path","what","before","after","result"}, the oldest first (owned). */
cJSON *writes_read(const struct writes *w);
