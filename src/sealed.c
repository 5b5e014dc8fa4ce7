/* SPDX-License-Identifier: MIT */
#include "sealed.h"

#include <string.h>

G_DEFINE_QUARK(sealed_error, sealed_error)

static char *checksum(const char *text, size_t count)
{
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) text, count);
}

char *sealed_close(const char *json)
{
	g_autofree char *sum = checksum(json, strlen(json));

	return g_strdup_printf("%s\n%s\n", json, sum);
}

bool sealed_open(const char *text, size_t *count, GError **error)
{
	const char *end = strchr(text, '\n');

	if (!end) {
		g_set_error(error, SEALED_ERROR, SEALED_ERROR_DAMAGED, "it is cut off");
		return false;
	}
	*count = (size_t) (end - text);

	g_autofree char *sum = checksum(text, *count);

	if (strncmp(end + 1, sum, strlen(sum)) == 0)
		return true;
	g_set_error(error, SEALED_ERROR, SEALED_ERROR_DAMAGED, "its checksum is wrong");
	return false;
}
