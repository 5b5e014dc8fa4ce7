/* SPDX-License-Identifier: MIT */
/*
 * session_routes - log in and out, password, tokens
 *
 *   GET    /api/v1/ping       {"version"}; public
 *   GET    /api/v1/session    {"user","csrf","has_password"}; 401 where a log-in is needed
 *   POST   /api/v1/login      {"user","password"} -> {"user","csrf"} and the cookie
 *   POST   /api/v1/logout     {}
 *   POST   /api/v1/password   {"old","new"}; ends every session
 *   GET    /api/v1/tokens     {"tokens":[{"name","scope","created"}]}
 *   POST   /api/v1/tokens     {"name","scope":"read"|"write"} -> 201 {"name","scope","token"}
 *   DELETE /api/v1/tokens/{name}
 *
 * Changes of password and tokens are written down, without the secrets.
 */
#pragma once

#include "gateway/access.h"
#include "gateway/http_server.h"
#include "gateway/writes.h"

struct session_routes;

/** Both (borrowed) for the server's life. To be freed after the server. */
struct session_routes *session_routes_new(struct http_server *s, struct access *access,
					  struct writes *writes);
void session_routes_free(struct session_routes *routes);
