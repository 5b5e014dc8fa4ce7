/* SPDX-License-Identifier: MIT */
#include "publish/history_paths.h"

struct history_paths {
	history_clear_fn fn;
	void *user;
};

static void on_clear(struct item_request *request, const struct value *value, void *user)
{
	const struct history_paths *h = user;

	if (value->integer == 1)
		h->fn(h->user);
	item_request_answer(request, ITEM_OK);
}

struct history_paths *history_paths_new(struct items *items, history_clear_fn fn, void *user)
{
	struct history_paths *h = g_new0(struct history_paths, 1);
	const struct item_spec can = { .path = "/History/CanBeCleared", .type = VALUE_INT };
	const struct item_spec clear = { .path = "/History/Clear",
					 .type = VALUE_INT,
					 .setter = on_clear,
					 .user = h,
					 .has_range = true,
					 .max = 1 };

	h->fn = fn;
	h->user = user;
	item_set_int(items_add(items, &can), 1);
	item_set_int(items_add(items, &clear), 0);
	return h;
}

void history_paths_free(struct history_paths *h)
{
	g_free(h);
}
