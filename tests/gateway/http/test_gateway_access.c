/* SPDX-License-Identifier: MIT */
/* Who may try to log in when, how long a session lives, what a client lacks. */
#include "support.h"

#include "gateway/gateway_config.h"
#include "gateway/http_match.h"
#include "gateway/login_limit.h"
#include "gateway/sessions.h"
#include "gateway/ws_hub.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

static void an_address_waits_longer_and_longer(void **state)
{
	struct login_limit l = { 0 };
	gint64 now_us = 1000 * SECOND;
	unsigned last = 0;

	for (int i = 0; i < LOGIN_FREE; i++) {
		assert_int_equal(login_limit_take(&l, "10.0.0.1", now_us), 0);
		login_limit_failed(&l, "10.0.0.1", now_us);
	}
	for (int i = 0; i < 12; i++) {
		const unsigned wait_s = login_limit_take(&l, "10.0.0.1", now_us);

		assert_true(wait_s >= last && wait_s >= 2 && wait_s <= LOGIN_WAIT_MAX_S);
		assert_int_equal(login_limit_take(&l, "10.0.0.2", now_us), 0);
		now_us += wait_s * SECOND;
		assert_int_equal(login_limit_take(&l, "10.0.0.1", now_us), 0);
		login_limit_failed(&l, "10.0.0.1", now_us);
		last = wait_s;
	}
	assert_int_equal(last, LOGIN_WAIT_MAX_S);
	login_limit_succeeded(&l, "10.0.0.1");
	assert_int_equal(login_limit_take(&l, "10.0.0.1", now_us + 60 * SECOND), 0);
}

static void all_addresses_together_are_bounded(void **state)
{
	struct login_limit l = { 0 };
	const gint64 now_us = 1000 * SECOND;
	unsigned allowed = 0;

	for (int i = 0; i < 1000; i++) {
		g_autofree char *address = g_strdup_printf("10.0.%d.%d", i / 250, i % 250);

		if (login_limit_take(&l, address, now_us) == 0) {
			allowed++;
			login_limit_failed(&l, address, now_us);
		}
	}
	assert_int_equal(allowed, LOGIN_BURST);
	assert_int_equal(login_limit_take(&l, "10.1.0.1", now_us + LOGIN_REFILL_S * SECOND), 0);
}

static void who_has_logged_in_does_not_wait_for_strangers(void **state)
{
	struct login_limit l = { 0 };
	const gint64 now_us = 1000 * SECOND;

	assert_int_equal(login_limit_take(&l, "10.9.0.1", now_us), 0);
	login_limit_succeeded(&l, "10.9.0.1");
	for (int i = 0; i < 1000; i++) {
		g_autofree char *address = g_strdup_printf("10.0.%d.%d", i / 250, i % 250);

		if (login_limit_take(&l, address, now_us) == 0)
			login_limit_failed(&l, address, now_us);
	}
	assert_int_not_equal(login_limit_take(&l, "10.9.0.2", now_us), 0);
	for (int i = 0; i < LOGIN_FREE; i++) {
		assert_int_equal(login_limit_take(&l, "10.9.0.1", now_us), 0);
		login_limit_failed(&l, "10.9.0.1", now_us);
	}
	assert_int_equal(login_limit_take(&l, "10.9.0.1", now_us), 2);

	/* the latest are known */
	for (int i = 0; i < LOGIN_KNOWN_MAX; i++) {
		g_autofree char *address = g_strdup_printf("10.8.0.%d", i);

		login_limit_succeeded(&l, address);
		login_limit_succeeded(&l, "10.8.0.0");
	}
	assert_int_equal(login_limit_take(&l, "10.8.0.0", now_us), 0);
	assert_int_equal(login_limit_take(&l, "10.8.0.15", now_us), 0);
	assert_int_equal(login_limit_take(&l, "10.9.0.2", now_us + LOGIN_REFILL_S * SECOND), 0);
	assert_int_not_equal(login_limit_take(&l, "10.9.0.1", now_us + LOGIN_REFILL_S * SECOND), 0);
}

static void a_network_of_ipv6_counts_as_one(void **state)
{
	struct login_limit l = { 0 };
	const gint64 now_us = 1000 * SECOND;

	login_limit_succeeded(&l, "2001:db8::1");
	for (int i = 0; i < LOGIN_FREE; i++) {
		g_autofree char *address = g_strdup_printf("2001:db8::%d:%d", i + 2, i);

		assert_int_equal(login_limit_take(&l, address, now_us), 0);
		login_limit_failed(&l, address, now_us);
	}
	assert_int_equal(login_limit_take(&l, "2001:db8::ffff:ffff:ffff:ffff", now_us), 2);
	assert_int_equal(login_limit_take(&l, "2001:db8:0:1::1", now_us), 0);
	assert_int_equal(login_limit_take(&l, "2001:db8::1", now_us), 0);
}

static void sessions_end_by_rest_and_by_age(void **state)
{
	struct sessions *t = sessions_new();
	char key[SESSION_KEY_BYTES], other[SESSION_KEY_BYTES];
	const guint64 one = sessions_open(t, "admin", 0, key);

	assert_int_equal(sessions_find(t, key, 1), one);
	assert_int_equal(sessions_find(t, "", 1), 0);
	sessions_open(t, "admin", 0, other);
	assert_string_not_equal(key, other);
	assert_int_equal(sessions_find(t, key, SESSION_IDLE_S * SECOND + 1), 0);
	assert_false(sessions_is_open(t, one, SESSION_IDLE_S * SECOND + 1));

	const guint64 busy = sessions_open(t, "admin", 0, key);
	gint64 now_us = 0;

	while (now_us < SESSION_LIFE_S * SECOND) {
		assert_int_equal(sessions_find(t, key, now_us), busy);
		now_us += SESSION_IDLE_S * SECOND / 2;
	}
	assert_int_equal(sessions_find(t, key, now_us), 0);
	sessions_free(t);
}

static void a_table_that_is_full_forgets_whom_it_saw_first(void **state)
{
	struct sessions *t = sessions_new();
	char key[SESSIONS_MAX + 1][SESSION_KEY_BYTES];

	for (int i = 0; i <= SESSIONS_MAX; i++)
		sessions_open(t, "admin", i, key[i]);
	assert_int_equal(sessions_find(t, key[0], 100), 0);
	for (int i = 1; i <= SESSIONS_MAX; i++)
		assert_int_not_equal(sessions_find(t, key[i], 100), 0);
	sessions_close_all(t);
	assert_int_equal(sessions_find(t, key[5], 100), 0);
	sessions_free(t);
}

static void count_wake(void *user)
{
	++*(unsigned *) user;
}

static cJSON *take(struct ws_hub *h, struct ws_client *c)
{
	GBytes *bytes = ws_hub_take(h, c);
	cJSON *message = NULL;

	if (bytes) {
		gsize size;
		const char *text = g_bytes_get_data(bytes, &size);

		message = cJSON_ParseWithLength(text, size);
		g_bytes_unref(bytes);
		assert_non_null(message);
	}
	return message;
}

static double value_of(struct ws_hub *h, struct ws_client *c)
{
	cJSON *message = take(h, c);
	const cJSON *data = cJSON_GetObjectItem(message, "data");
	const double value =
		data ? cJSON_GetNumberValue(cJSON_GetObjectItem(data, "value")) : (double) NAN;

	cJSON_Delete(message);
	return value;
}

static void publish(struct ws_hub *h, const char *topic, const char *battery, double value)
{
	cJSON *document = cJSON_CreateObject();

	cJSON_AddNumberToObject(document, "value", value);
	ws_hub_publish(h, topic, battery, document);
	cJSON_Delete(document);
}

static void a_slow_client_gets_the_latest_only(void **state)
{
	struct ws_hub *h = ws_hub_new();
	unsigned wakes = 0;

	publish(h, "battery", "a", 1);

	struct ws_client *c = ws_hub_join(h, count_wake, &wakes);

	assert_true(wakes > 0);
	assert_near(value_of(h, c), 1, 0);
	assert_near(value_of(h, c), NAN, 0);
	for (int i = 2; i <= 100; i++)
		publish(h, "battery", "a", i);
	assert_near(value_of(h, c), NAN, 0); /* its interval is 1 s */
	g_usleep(1050000);
	assert_near(value_of(h, c), 100, 0);
	assert_near(value_of(h, c), NAN, 0);
	ws_hub_leave(h, c);
	ws_hub_free(h);
}

static void a_client_chooses(void **state)
{
	static const char wish[] =
		"{\"subscribe\":[\"battery\"],\"battery\":\"b\",\"interval\":0.2}";
	struct ws_hub *h = ws_hub_new();
	unsigned wakes = 0;
	struct ws_client *c = ws_hub_join(h, count_wake, &wakes);

	ws_hub_receive(h, c, wish, strlen(wish));
	publish(h, "battery", "a", 1);
	publish(h, "gateway", NULL, 2);
	publish(h, "event", "b", 3);
	assert_near(value_of(h, c), NAN, 0);
	publish(h, "battery", "b", 4);
	assert_near(value_of(h, c), 4, 0);
	ws_hub_leave(h, c);
	ws_hub_free(h);
}

static void events_come_once_and_in_order(void **state)
{
	struct ws_hub *h = ws_hub_new();
	unsigned wakes = 0;

	publish(h, "event", "a", 0);

	struct ws_client *c = ws_hub_join(h, count_wake, &wakes);

	assert_near(value_of(h, c), NAN, 0);
	for (int i = 1; i <= WS_EVENTS_MAX; i++)
		publish(h, "event", "a", i);
	for (int i = 1; i <= WS_EVENTS_MAX; i++)
		assert_near(value_of(h, c), i, 0);
	assert_null(ws_hub_verdict(c, g_get_monotonic_time()));
	for (int i = 0; i <= WS_EVENTS_MAX; i++)
		publish(h, "event", "a", i);
	assert_near(value_of(h, c), NAN, 0);
	assert_contains(ws_hub_verdict(c, g_get_monotonic_time()), "events were missed");
	ws_hub_leave(h, c);
	ws_hub_free(h);
}

/* What happened while it did not want events is neither told nor missed. */
static void events_begin_when_they_are_wanted(void **state)
{
	static const char without[] = "{\"subscribe\":[\"battery\"]}";
	static const char with[] = "{\"subscribe\":[\"event\"]}";
	struct ws_hub *h = ws_hub_new();
	unsigned wakes = 0;
	struct ws_client *c = ws_hub_join(h, count_wake, &wakes);

	for (int before = 1; before <= WS_EVENTS_MAX + 1; before += WS_EVENTS_MAX) {
		ws_hub_receive(h, c, without, strlen(without));
		for (int i = 0; i < before; i++)
			publish(h, "event", "a", i);
		ws_hub_receive(h, c, with, strlen(with));
		assert_near(value_of(h, c), NAN, 0);
		assert_null(ws_hub_verdict(c, g_get_monotonic_time()));
		publish(h, "event", "a", 1000);
		assert_near(value_of(h, c), 1000, 0);
	}
	ws_hub_leave(h, c);
	ws_hub_free(h);
}

static void a_client_that_takes_nothing_has_to_go(void **state)
{
	struct ws_hub *h = ws_hub_new();
	unsigned wakes = 0;
	struct ws_client *c = ws_hub_join(h, count_wake, &wakes);
	const gint64 now_us = g_get_monotonic_time();

	assert_null(ws_hub_verdict(c, now_us + 3600 * SECOND)); /* nothing was there to take */
	publish(h, "battery", "a", 1);
	assert_null(ws_hub_verdict(c, now_us + 19 * SECOND));
	assert_contains(ws_hub_verdict(c, now_us + 22 * SECOND), "nothing was taken");
	ws_hub_leave(h, c);
	ws_hub_free(h);
}

/* A port that gets another name each time it is plugged in. */
static void batteries_that_left_give_way(void **state)
{
	struct ws_hub *h = ws_hub_new();
	unsigned wakes = 0;
	struct ws_client *c;

	publish(h, "battery", "stays", 7);
	for (int i = 0; i < 3 * WS_DOCUMENTS_MAX; i++) {
		g_autofree char *id = g_strdup_printf("port_%d", i);

		publish(h, "battery", id, i);
		ws_hub_publish(h, "battery", id, NULL);
	}
	publish(h, "battery", "new", 1000);
	c = ws_hub_join(h, count_wake, &wakes);
	ws_hub_receive(h, c, "{\"battery\":\"new\"}", strlen("{\"battery\":\"new\"}"));
	assert_near(value_of(h, c), 1000, 0);
	ws_hub_receive(h, c, "{\"battery\":\"stays\"}", strlen("{\"battery\":\"stays\"}"));
	assert_near(value_of(h, c), 7, 0);
	ws_hub_leave(h, c);
	ws_hub_free(h);
}

static void clients_are_bounded(void **state)
{
	struct ws_hub *h = ws_hub_new();
	struct ws_client *c[WS_CLIENTS_MAX];
	unsigned wakes = 0;

	for (int i = 0; i < WS_CLIENTS_MAX; i++)
		assert_non_null(c[i] = ws_hub_join(h, count_wake, &wakes));
	assert_null(ws_hub_join(h, count_wake, &wakes));
	for (int i = 0; i < WS_CLIENTS_MAX; i++)
		ws_hub_leave(h, c[i]);
	ws_hub_free(h);
}

static void configuration_is_all_or_nothing(void **state)
{
	struct gateway_config c, before;
	const char *field = NULL;
	g_autoptr(GError) error = NULL;
	cJSON *changes = cJSON_Parse("{\"port\":80,\"site\":\"roof\",\"interval\":0.1}");

	gateway_config_init(&c);
	assert_string_equal(c.listen, "127.0.0.1");
	assert_false(c.mqtt_enabled || c.mqtt_commands);
	before = c;
	assert_false(gateway_config_change(&c, changes, &field, &error));
	assert_string_equal(field, "interval");
	assert_contains(error->message, "0.2 to 60");
	assert_int_equal(c.port, before.port);
	cJSON_Delete(changes);
}

static void paths_give_their_names(void **state)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	assert_true(http_match_path("/b/{id}/cells", "/b/x y/cells", found));
	assert_string_equal(g_hash_table_lookup(found, "id"), "x y");
	assert_false(http_match_path("/b/{id}/cells", "/b//cells", NULL));
	assert_false(http_match_path("/b/{id}", "/b/x/y", NULL));
	assert_false(http_match_path("/b", "/b/", NULL));
	assert_true(http_match_path("/{a}/{b}", "/1/2", NULL));
	g_hash_table_unref(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_waits_longer_and_longer),
		cmocka_unit_test(all_addresses_together_are_bounded),
		cmocka_unit_test(who_has_logged_in_does_not_wait_for_strangers),
		cmocka_unit_test(a_network_of_ipv6_counts_as_one),
		cmocka_unit_test(sessions_end_by_rest_and_by_age),
		cmocka_unit_test(a_table_that_is_full_forgets_whom_it_saw_first),
		cmocka_unit_test(a_slow_client_gets_the_latest_only),
		cmocka_unit_test(a_client_chooses),
		cmocka_unit_test(events_come_once_and_in_order),
		cmocka_unit_test(events_begin_when_they_are_wanted),
		cmocka_unit_test(a_client_that_takes_nothing_has_to_go),
		cmocka_unit_test(batteries_that_left_give_way),
		cmocka_unit_test(clients_are_bounded),
		cmocka_unit_test(configuration_is_all_or_nothing),
		cmocka_unit_test(paths_give_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
