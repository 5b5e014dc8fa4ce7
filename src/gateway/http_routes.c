/* SPDX-License-Identifier: MIT */
#include "gateway/http_routes.h"

#include <string.h>

#include "gateway/http_match.h"

struct http_routes {
	GPtrArray *rows;
};

static void free_route(void *data)
{
	struct http_route *route = data;

	g_free(route->method);
	g_free(route->pattern);
	g_free(route);
}

struct http_routes *http_routes_new(void)
{
	struct http_routes *t = g_new0(struct http_routes, 1);

	t->rows = g_ptr_array_new_with_free_func(free_route);
	return t;
}

void http_routes_free(struct http_routes *t)
{
	g_ptr_array_unref(t->rows);
	g_free(t);
}

void http_routes_add(struct http_routes *t, const struct http_route *route)
{
	struct http_route *own = g_new(struct http_route, 1);

	*own = *route;
	own->method = g_strdup(route->method);
	own->pattern = g_strdup(route->pattern);
	g_ptr_array_add(t->rows, own);
}

const struct http_route *http_routes_find(const struct http_routes *t, const char *method,
					  const char *path, GHashTable *parameters)
{
	if (!strcmp(method, "HEAD"))
		method = "GET";
	for (guint i = 0; i < t->rows->len; i++) {
		const struct http_route *route = t->rows->pdata[i];

		if (!strcmp(route->method, method) && http_match_path(route->pattern, path, NULL)) {
			http_match_path(route->pattern, path, parameters);
			return route;
		}
	}
	return NULL;
}

char *http_routes_allowed(const struct http_routes *t, const char *path)
{
	GString *list = NULL;

	for (guint i = 0; i < t->rows->len; i++) {
		const struct http_route *route = t->rows->pdata[i];

		if (!http_match_path(route->pattern, path, NULL))
			continue;
		if (!list)
			list = g_string_new("OPTIONS");
		g_string_append_printf(list, ", %s%s", route->method,
				       strcmp(route->method, "GET") ? "" : ", HEAD");
	}
	return list ? g_string_free(list, FALSE) : NULL;
}
