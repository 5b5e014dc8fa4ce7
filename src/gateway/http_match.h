/* SPDX-License-Identifier: MIT */
/*
 * http_match - what stands in a request's path and headers
 *
 * All input is hostile: any bytes, any length that the server lets through.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** Pattern "/api/v1/batteries/{id}/cells"; a name takes one segment that is not empty. */
bool http_match_path(const char *pattern, const char *path, GHashTable *parameters);

/** Absolute, printable UTF-8, no empty, "." or ".." segment, no backslash. */
bool http_match_path_is_sound(const char *path);

/** Value of cookie @name in a Cookie header (owned), NULL: none. */
char *http_match_cookie(const char *header, const char *name);

/** The token of "Bearer TOKEN" (borrowed from @header), NULL: none. */
const char *http_match_bearer(const char *header);

/**
 * Against DNS rebinding: an address in digits, localhost, @hostname, @hostname.local, or one of
 * @extra (separated by spaces); any port.
 */
bool http_match_host(const char *host, const char *hostname, const char *extra);

/** Scheme http or https and the same host and port as @host. */
bool http_match_origin(const char *origin, const char *host);

/** One of the tags in an If-None-Match header, or "*". @etag with its quotes. */
bool http_match_etag(const char *header, const char *etag);

bool http_match_accepts_gzip(const char *header);

/** Is @word in the list @header, "keep-alive, close"? In any case. */
bool http_match_has_word(const char *header, const char *word);

/** "application/json" with or without parameters. */
bool http_match_is_json(const char *content_type);

/** Digits only, at most @max; false: anything else. */
bool http_match_length(const char *text, guint64 max, guint64 *length);
