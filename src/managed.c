/* SPDX-License-Identifier: MIT */
#include "managed.h"

#include <string.h>

const char *const managed_names[] = { "auto", "yes", "no", NULL };

enum managed managed_parse(const char *word)
{
	for (int i = 0; word && managed_names[i]; i++)
		if (!strcmp(managed_names[i], word))
			return (enum managed) i;
	return MANAGED_AUTO;
}

const char *managed_complaint(const enum managed *batteries, unsigned count)
{
	unsigned of[MANAGED_COUNT] = { 0 };

	for (unsigned i = 0; i < count; i++)
		of[batteries[i]]++;
	if (count < 2)
		return NULL;
	if (of[MANAGED_YES] > 1)
		return "More than one battery is set as managed, and DVCC obeys one only: "
		       "leave \"managed\" at \"yes\" on that one and set it to \"no\" on the others.";
	if (!of[MANAGED_AUTO])
		return NULL;
	if (of[MANAGED_YES] == 0)
		return "Several batteries share this system and DVCC obeys one only: set \"managed\" "
		       "to \"yes\" on that one and to \"no\" on the others, which need chargers and "
		       "loads of their own, or another guard.";
	return "One battery is managed, but of another nobody has said that it stands apart: "
	       "set \"managed\" to \"no\" on it, once it has chargers and loads of its own, "
	       "or another guard.";
}
