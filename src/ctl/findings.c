/* SPDX-License-Identifier: MIT */
#include "ctl/findings.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#include "ctl/page.h"

enum { WIDE = 70, WHAT_COLUMN = 8, TEXT_COLUMN = 18, NARROW_INDENT = 2 };

struct finding {
	enum finding_level level;
	const char *what;
	char *text;
};

struct findings {
	GArray *list; /* of struct finding */
};

static const char *const level_names[] = { "OK", "WARNING", "ERROR" };

static void clear_finding(gpointer data)
{
	struct finding *one = data;

	g_free(one->text);
}

struct findings *findings_new(void)
{
	struct findings *f = g_new0(struct findings, 1);

	f->list = g_array_new(FALSE, FALSE, sizeof(struct finding));
	g_array_set_clear_func(f->list, clear_finding);
	return f;
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	g_array_unref(f->list);
	g_free(f);
}

void findings_add(struct findings *f, enum finding_level level, const char *what,
		  const char *format, ...)
{
	struct finding one = { .level = level, .what = what };
	va_list arguments;

	va_start(arguments, format);
	one.text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_array_append_val(f->list, one);
}

enum finding_level findings_worst(const struct findings *f)
{
	enum finding_level worst = FINDING_OK;

	for (guint i = 0; i < f->list->len; i++)
		worst = MAX(worst, g_array_index(f->list, struct finding, i).level);
	return worst;
}

static void print_json(const struct findings *f)
{
	cJSON *root = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(root, "findings");

	cJSON_AddStringToObject(root, "worst", level_names[findings_worst(f)]);
	for (guint i = 0; i < f->list->len; i++) {
		const struct finding *one = &g_array_index(f->list, struct finding, i);
		cJSON *object = cJSON_CreateObject();

		cJSON_AddStringToObject(object, "level", level_names[one->level]);
		cJSON_AddStringToObject(object, "what", one->what);
		cJSON_AddStringToObject(object, "text", one->text);
		cJSON_AddItemToArray(list, object);
	}
	char *text = cJSON_Print(root);

	puts(text);
	cJSON_free(text);
	cJSON_Delete(root);
}

static void print_finding(struct page *page, const struct finding *one)
{
	static const char *const colours[] = { PAGE_GREEN, PAGE_YELLOW, PAGE_RED };
	const bool is_wide = page->width >= WIDE;
	const unsigned indent = is_wide ? TEXT_COLUMN : NARROW_INDENT;

	page_text(page, colours[one->level], 0, level_names[one->level]);
	page_tab(page, WHAT_COLUMN);
	page_text(page, NULL, 0, one->what);
	if (!is_wide)
		page_end(page);
	page_tab(page, indent);
	page_text(page, NULL, indent, one->text);
	page_end(page);
}

void findings_print(const struct findings *f, bool as_json)
{
	struct page page;

	if (as_json) {
		print_json(f);
		return;
	}
	page = page_open(PAGE_UNBROKEN);
	for (guint i = 0; i < f->list->len; i++) {
		const struct finding *one = &g_array_index(f->list, struct finding, i);

		print_finding(&page, one);
	}
	page_close(&page);
}
