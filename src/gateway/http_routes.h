/* SPDX-License-Identifier: MIT */
/*
 * http_routes - which handler has which method and path
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "gateway/http_server.h"

struct http_route {
	char *method, *pattern;
	enum http_scope scope;
	http_handler_fn fn;
	void *user;
};

struct http_routes;

struct http_routes *http_routes_new(void);
void http_routes_free(struct http_routes *t);

void http_routes_add(struct http_routes *t, const struct http_route *route);

/** A GET route answers HEAD too. @parameters gets what the pattern names. NULL: no such. */
const struct http_route *http_routes_find(const struct http_routes *t, const char *method,
					  const char *path, GHashTable *parameters);

/** "GET, HEAD, OPTIONS, PUT" for the Allow header (owned); NULL: no such path. */
char *http_routes_allowed(const struct http_routes *t, const char *path);
