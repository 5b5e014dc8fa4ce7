/* SPDX-License-Identifier: MIT */
/* Any text as configuration file: refused with a sentence, or taken and the same after saving. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "config.h"

static void check_again(const struct config *taken)
{
	g_autofree char *saved = config_to_json(taken);
	g_autoptr(GError) error = NULL;
	struct config again;

	config_init(&again);
	promise(config_parse(&again, saved, &error));
	g_autofree char *resaved = config_to_json(&again);

	promise(strcmp(saved, resaved) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	char *text = g_strndup((const char *) bytes, count);
	g_autoptr(GError) error = NULL;
	struct config config, before;

	memset(&config, 0, sizeof(config)); /* padding too: compared as bytes */
	config_init(&config);
	memcpy(&before, &config, sizeof(before));
	if (config_parse(&config, text, &error)) {
		promise(!error);
		check_again(&config);
	} else {
		promise(error && error->message[0]);
		promise(memcmp(&config, &before, sizeof(config)) == 0);
	}
	g_free(text);
	return 0;
}
