/* SPDX-License-Identifier: MIT */
/* The latest message of each topic, and which of them are to be sent. */
#include "gateway_support.h"

#include "gateway/mqtt_store.h"

static void put(struct mqtt_store *s, const char *topic, const char *payload, const char *sense,
		unsigned every_s, double now_s)
{
	GPtrArray *list = mqtt_messages_new();
	struct mqtt_message *m = mqtt_messages_add(list, g_strdup(topic), g_strdup(payload));

	m->sense = g_strdup(sense);
	m->every_s = every_s;
	mqtt_store_put(s, list, (gint64) (now_s * 1e6));
	g_ptr_array_unref(list);
}

/* All that waits, as "topic=payload ..." */
static char *send_all(struct mqtt_store *s, double now_s)
{
	GString *text = g_string_new(NULL);
	const struct mqtt_message *m;

	while ((m = mqtt_store_next(s))) {
		g_string_append_printf(text, "%s%s=%s", text->len ? " " : "", m->topic, m->payload);
		mqtt_store_sent(s, (gint64) (now_s * 1e6));
	}
	return g_string_free(text, FALSE);
}

static void assert_sent(struct mqtt_store *s, double now_s, const char *want)
{
	g_autofree char *got = send_all(s, now_s);

	assert_string_equal(got, want);
}

static void test_change(void **state)
{
	struct mqtt_store *s = mqtt_store_new();

	put(s, "a", "1", NULL, 0, 0);
	put(s, "b", "1", NULL, 0, 0);
	assert_sent(s, 0, "a=1 b=1");
	put(s, "a", "1", NULL, 0, 1);
	assert_sent(s, 1, "");
	put(s, "b", "2", NULL, 0, 2);
	put(s, "a", "2", NULL, 0, 2);
	assert_sent(s, 2, "b=2 a=2");
	mqtt_store_free(s);
}

/* A broker that is away for a day costs one message a topic, the newest. */
static void test_latest(void **state)
{
	struct mqtt_store *s = mqtt_store_new();

	for (int i = 0; i <= 86400; i++) {
		g_autofree char *text = g_strdup_printf("%d", i);

		put(s, "a", text, NULL, 0, i);
	}
	assert_int_equal(mqtt_store_waiting(s), 1);
	assert_int_equal(mqtt_store_count(s), 1);
	assert_sent(s, 86400, "a=86400");
	mqtt_store_free(s);
}

static void test_pace(void **state)
{
	struct mqtt_store *s = mqtt_store_new();

	put(s, "a", "1", NULL, 10, 0);
	assert_sent(s, 0, "a=1");
	put(s, "a", "2", NULL, 10, 1);
	assert_sent(s, 1, "");
	put(s, "a", "3", NULL, 10, 9.9);
	assert_sent(s, 9.9, "");
	put(s, "a", "3", NULL, 10, 10); /* no change now, but since it was sent */
	assert_sent(s, 10, "a=3");
	put(s, "a", "3", NULL, 10, 30);
	assert_sent(s, 30, "");
	mqtt_store_free(s);
}

static void test_sense(void **state)
{
	struct mqtt_store *s = mqtt_store_new();

	put(s, "a", "t1 v1", "v1", 0, 0);
	assert_sent(s, 0, "a=t1 v1");
	put(s, "a", "t2 v1", "v1", 0, 1);
	assert_sent(s, 1, "");
	mqtt_store_mark_all(s);
	assert_sent(s, 1, "a=t2 v1");
	mqtt_store_free(s);
}

static void test_all_again(void **state)
{
	struct mqtt_store *s = mqtt_store_new();

	put(s, "a", "1", NULL, 0, 0);
	mqtt_store_mark_all(s);
	mqtt_store_mark_all(s);
	assert_sent(s, 0, "a=1");
	mqtt_store_mark_all(s);
	assert_sent(s, 0, "a=1");
	mqtt_store_free(s);
}

static void test_forget(void **state)
{
	struct mqtt_store *s = mqtt_store_new();

	put(s, "r/x/soc", "1", NULL, 0, 0);
	put(s, "r/x/availability", "online", NULL, 0, 0);
	put(s, "r/xy/soc", "1", NULL, 0, 0);
	mqtt_store_forget(s, "r/x/", "r/x/availability");
	assert_int_equal(mqtt_store_count(s), 2);
	assert_sent(s, 0, "r/x/availability=online r/xy/soc=1");
	mqtt_store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_change),	  cmocka_unit_test(test_latest),
		cmocka_unit_test(test_pace),	  cmocka_unit_test(test_sense),
		cmocka_unit_test(test_all_again), cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
