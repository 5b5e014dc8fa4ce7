/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "config_keys.h"
#include "config_private.h"

G_DEFINE_QUARK(config_error, config_error)

/* The tables in the order in which they are shown. */
static const struct config_key *table(unsigned which, size_t *count)
{
	switch (which) {
	case 0:
		return config_service_keys(count);
	case 1:
		return config_charge_keys(count);
	default:
		*count = 0;
		return NULL;
	}
}

size_t config_count(void)
{
	size_t total = 0, count;

	for (unsigned t = 0; table(t, &count); t++)
		total += count;
	return total;
}

const struct config_key *config_at(size_t index)
{
	const struct config_key *rows;
	size_t count;

	for (unsigned t = 0; (rows = table(t, &count)); t++) {
		if (index < count)
			return &rows[index];
		index -= count;
	}
	return NULL;
}

const struct config_key *config_find(const char *name)
{
	const struct config_key *key;

	for (size_t i = 0; (key = config_at(i)); i++)
		if (!strcmp(key->name, name))
			return key;
	return NULL;
}

void config_init(struct config *c)
{
	const struct config_key *key;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; (key = config_at(i)); i++)
		config_set_default(c, key);
}
