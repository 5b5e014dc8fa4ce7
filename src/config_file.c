/* SPDX-License-Identifier: MIT */
/* config_file - the configuration on the disk */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

enum { FILE_MAX = 256 * 1024 }; /* bytes; a configuration is a few hundred */

static bool fail_errno(GError **error, const char *path, const char *verb, int saved_errno)
{
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "%s: cannot %s: %s", path, verb,
		    g_strerror(saved_errno));
	return false;
}

bool config_load(struct config *c, const char *path, GError **error)
{
	g_autofree char *json = g_malloc(FILE_MAX + 1);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;

	if (fd < 0 && errno == ENOENT) {
		config_init(c);
		return true;
	}
	if (fd < 0)
		return fail_errno(error, path, "open", errno);

	while (length < FILE_MAX && (got = read(fd, json + length, FILE_MAX - length)) > 0)
		length += (size_t) got;

	const int saved_errno = errno;

	close(fd);
	if (got < 0)
		return fail_errno(error, path, "read", saved_errno);
	if (length == FILE_MAX)
		return fail_errno(error, path, "read", EFBIG);
	json[length] = '\0';
	if (!config_parse(c, json, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	return true;
}

bool config_save(const struct config *c, const char *path, GError **error)
{
	g_autofree char *json = config_to_json(c);

	return file_replace(path, json, strlen(json), error);
}
