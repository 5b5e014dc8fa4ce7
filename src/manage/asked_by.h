/* SPDX-License-Identifier: MIT */
/*
 * asked_by - for whom a program asks for a change, as it says itself
 *
 * A gateway asks in the name of its users: the process behind the connection is
 * the gateway, "by" in its request is the person. It is written down beside the
 * program, and gives no rights.
 *
 * Pure.
 */
#pragma once

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum { ASKED_BY_MAX = 64 /**< characters */ };

/**
 * Key "by" of @object: a text of at most ASKED_BY_MAX printable characters, or
 * absent. @out: NULL where it is, else lives as long as @object.
 */
bool asked_by_read(const cJSON *object, const char **out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
