/* SPDX-License-Identifier: MIT */
#include "ctl/consent.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool consent_ask(const char *question)
{
	char answer[16] = "";

	if (!isatty(STDIN_FILENO)) {
		fprintf(stderr,
			"tinybmsctl: %s Nobody can be asked here: add --yes if you mean it.\n",
			question);
		return false;
	}
	fprintf(stderr, "%s\nWrite yes to go on: ", question);
	if (fgets(answer, sizeof(answer), stdin) && strcmp(answer, "yes\n") == 0)
		return true;
	fputs("Nothing was changed.\n", stderr);
	return false;
}
