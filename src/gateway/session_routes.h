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
 */
#pragma once

#include "gateway/access.h"
#include "gateway/http_server.h"

/** @access: (borrowed) for the server's life. */
void session_routes_add(struct http_server *s, struct access *access);
