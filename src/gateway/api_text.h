/* SPDX-License-Identifier: MIT */
/*
 * api_text - the files of api/ as they are served, made by embed.sh
 */
#pragma once

#include <stddef.h>

extern const unsigned char api_openapi[];
extern const size_t api_openapi_size;
extern const unsigned char api_battery_schema[];
extern const size_t api_battery_schema_size;
