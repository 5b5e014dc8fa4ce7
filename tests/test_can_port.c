/* SPDX-License-Identifier: MIT */
/*
 * The port's life on an interface that the test plugs, pulls and breaks. Error
 * frames are as linux/can/error.h has them.
 */
#include "support.h"

#include <glib/gstdio.h>
#include <linux/can/error.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_can.h"

static const struct can_wish wish = { .interface = "can7", .bit_rate = 500000, .restart_ms = 100 };
static const struct can_filter filters[] = { { 0x305, CAN_SFF_MASK } };

struct seen {
	struct can_port *port;
	enum can_port_state wanted;
	unsigned heard, changes;
	struct can_frame last;
};

static void heard(const struct can_frame *frame, void *user)
{
	struct seen *s = user;

	s->heard++;
	s->last = *frame;
}

static void changed(void *user)
{
	((struct seen *) user)->changes++;
}

static const struct can_port_events events = { heard, changed };

static bool is_wanted(void *user)
{
	const struct seen *s = user;

	return can_port_state(s->port) == s->wanted;
}

static void wait_for(struct seen *s, enum can_port_state state)
{
	s->wanted = state;
	if (!fake_can_wait(is_wanted, s))
		fail_msg("the port is %s, want %s", can_port_state_text(can_port_state(s->port)),
			 can_port_state_text(state));
}

static int begin(void **state)
{
	struct seen *s = g_new0(struct seen, 1);

	fake_can = (struct fake_can){ .bus = -1 };
	s->port = can_port_new(&wish, filters, G_N_ELEMENTS(filters), fake_can_ops(), &events, s);
	*state = s;
	return 0;
}

static int begin_open(void **state)
{
	begin(state);
	fake_can_plug();
	can_port_allow(((struct seen *) *state)->port, true);
	wait_for(*state, CAN_PORT_ACTIVE);
	return 0;
}

static int end(void **state)
{
	struct seen *s = *state;

	can_port_free(s->port);
	fake_can_unplug();
	g_free(s);
	return 0;
}

static void test_nothing_before_allowed(void **state)
{
	struct seen *s = *state;
	const struct can_frame frame = { .can_id = 0x351 };

	fake_can_plug();
	fake_can_pass(3);
	assert_int_equal(can_port_state(s->port), CAN_PORT_HELD);
	assert_int_equal(fake_can.openings, 0);
	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_NOT_READY);
}

static void test_waits_sends_and_hears(void **state)
{
	struct seen *s = *state;
	const struct can_frame frame = { .can_id = 0x351, .can_dlc = 2, .data = { 1, 2 } };
	struct can_frame got;

	can_port_allow(s->port, true);
	wait_for(s, CAN_PORT_ABSENT);
	assert_string_equal(can_port_sentence(s->port), "the CAN interface can7 is not there");
	fake_can_plug();
	wait_for(s, CAN_PORT_ACTIVE);
	assert_string_equal(can_port_sentence(s->port), "");
	assert_int_equal(fake_can.wish.bit_rate, 500000);

	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_SENT);
	assert_true(fake_can_next(&got));
	assert_memory_equal(&got, &frame, sizeof(got));

	fake_can_inject(0x305, "0000000000000000");
	fake_can_pass(1);
	assert_int_equal(s->heard, 1);
	assert_int_equal(s->last.can_id, 0x305);
	assert_int_equal(can_port_counters(s->port)->sent, 1);
	assert_int_equal(can_port_counters(s->port)->received, 1);
	assert_true(s->changes > 0);
}

static void test_serial_number(void **state)
{
	struct seen s = { 0 };
	const struct can_wish by_serial = { .usb_serial = "A1B2", .bit_rate = 250000 };

	s.port = can_port_new(&by_serial, filters, 1, fake_can_ops(), &events, &s);
	can_port_allow(s.port, true);
	assert_string_equal(can_port_name(s.port), "");
	assert_contains(can_port_sentence(s.port), "serial number A1B2");
	fake_can_plug();
	wait_for(&s, CAN_PORT_ACTIVE);
	assert_string_equal(can_port_name(s.port), "can7");
	can_port_free(s.port);
}

static void test_unplug_and_return(void **state)
{
	struct seen *s = *state;

	fake_can_unplug();
	wait_for(s, CAN_PORT_FAILED);
	assert_string_equal(can_port_sentence(s->port), "can7 was unplugged");
	wait_for(s, CAN_PORT_ABSENT);
	fake_can_plug();
	wait_for(s, CAN_PORT_ACTIVE);
	assert_int_equal(can_port_counters(s->port)->openings, 2);
	assert_int_equal(fake_can.restart_openings, 0);
}

static void test_refusal_is_told_and_tried_again(void **state)
{
	struct seen *s = *state;

	fake_can_plug();
	fake_can.refuses = true;
	can_port_allow(s->port, true);
	wait_for(s, CAN_PORT_FAILED);
	assert_string_equal(can_port_sentence(s->port), "can7 is in a bad mood");
	wait_for(s, CAN_PORT_OPENING);
	assert_string_equal(can_port_sentence(s->port), "can7 is in a bad mood");
	wait_for(s, CAN_PORT_FAILED);
	g_mutex_lock(&fake_can.lock);
	fake_can.refuses = false;
	g_mutex_unlock(&fake_can.lock);
	wait_for(s, CAN_PORT_ACTIVE);
	assert_string_equal(can_port_sentence(s->port), "");
}

static void test_error_passive(void **state)
{
	struct seen *s = *state;
	const struct can_frame frame = { .can_id = 0x351 };

	fake_can_inject(CAN_ERR_FLAG | CAN_ERR_CRTL, "0020000000000000");
	wait_for(s, CAN_PORT_PASSIVE);
	assert_contains(can_port_sentence(s->port), "500 kbit/s");
	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_SENT);
	/* an overflow says nothing about the bus */
	fake_can_inject(CAN_ERR_FLAG | CAN_ERR_CRTL, "0001000000000000");
	fake_can_pass(1);
	assert_int_equal(can_port_state(s->port), CAN_PORT_PASSIVE);
	fake_can_inject(CAN_ERR_FLAG | CAN_ERR_CRTL, "0040000000000000");
	wait_for(s, CAN_PORT_ACTIVE);
	assert_int_equal(can_port_counters(s->port)->errors, 1);
	assert_int_equal(s->heard, 0);
}

static void test_bus_off_restarted_by_the_driver(void **state)
{
	struct seen *s = *state;
	const struct can_frame frame = { .can_id = 0x351 };

	can_port_allow(s->port, false);
	fake_can.restarts = true;
	can_port_allow(s->port, true);
	wait_for(s, CAN_PORT_ACTIVE);
	const unsigned openings = fake_can.openings;
	const gint64 off_us = g_get_monotonic_time();

	fake_can_inject(CAN_ERR_FLAG | CAN_ERR_BUSOFF, "0000000000000000");
	wait_for(s, CAN_PORT_BUS_OFF);
	assert_contains(can_port_sentence(s->port), "terminators");
	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_NOT_READY);
	fake_can_inject(CAN_ERR_FLAG | CAN_ERR_RESTARTED, "0000000000000000");
	wait_for(s, CAN_PORT_ACTIVE);
	/* it rests first; a timer never fires early */
	assert_true(g_get_monotonic_time() - off_us >= FAKE_SECOND_US - 2000);
	assert_int_equal(fake_can.openings, openings);
}

/* slcan: nobody restarts it but us, each time in a row after twice as long. */
static void test_bus_off_restarted_by_us(void **state)
{
	struct seen *s = *state;
	gint64 rest_us[3];

	for (unsigned i = 0; i < G_N_ELEMENTS(rest_us); i++) {
		fake_can_inject(CAN_ERR_FLAG | CAN_ERR_BUSOFF, "0000000000000000");
		wait_for(s, CAN_PORT_BUS_OFF);
		rest_us[i] = g_get_monotonic_time();
		wait_for(s, CAN_PORT_ACTIVE);
		rest_us[i] = g_get_monotonic_time() - rest_us[i];
		assert_int_equal(fake_can.restart_openings, i + 1);
		/* a timer never fires early */
		assert_true(rest_us[i] >= (FAKE_SECOND_US << i) - 1000 * (2 + (gint64) i));
	}
	assert_int_equal(can_port_counters(s->port)->errors, 3);
}

static void test_full_queue_never_blocks(void **state)
{
	struct seen *s = *state;
	const struct can_frame frame = { .can_id = 0x355 };
	struct can_frame got;
	unsigned taken = 0;

	while (can_port_send(s->port, &frame) == CAN_PORT_SENT && taken < 100000)
		taken++;
	assert_true(taken > 0 && taken < 100000);
	assert_int_equal(can_port_state(s->port), CAN_PORT_ACTIVE);
	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_FULL);
	while (fake_can_next(&got))
		;
	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_SENT);
	assert_int_equal(can_port_counters(s->port)->refused, 2);
}

static bool has_heard_200(void *user)
{
	return ((const struct seen *) user)->heard == 200;
}

static void test_flood(void **state)
{
	for (unsigned i = 0; i < 200; i++)
		fake_can_inject(0x305, "01");
	assert_true(fake_can_wait(has_heard_200, *state));
	assert_int_equal(can_port_state(((struct seen *) *state)->port), CAN_PORT_ACTIVE);
}

/* Somebody else has it now, perhaps at another bit rate: it is left to who decides that. */
static void test_taken_down_it_waits_for_leave(void **state)
{
	struct seen *s = *state;
	const struct can_frame frame = { .can_id = 0x351 };

	shutdown(fake_can.bus, SHUT_RD); /* the next frame cannot be sent */
	assert_int_equal(can_port_send(s->port, &frame), CAN_PORT_NOT_READY);
	assert_contains(can_port_sentence(s->port), "can7 has failed");
	assert_true(can_port_awaits_leave(s->port));
	fake_can_pass(5);
	assert_int_equal(fake_can.openings, 1);
	can_port_allow(s->port, false);
	assert_int_equal(can_port_state(s->port), CAN_PORT_HELD);
	assert_false(can_port_awaits_leave(s->port));
	can_port_allow(s->port, true);
	wait_for(s, CAN_PORT_ACTIVE);
	assert_int_equal(fake_can.openings, 2);
}

static void test_not_allowed_any_more(void **state)
{
	struct seen *s = *state;
	struct can_frame got;

	can_port_allow(s->port, false);
	assert_int_equal(can_port_state(s->port), CAN_PORT_HELD);
	assert_int_equal(read(fake_can.bus, &got, sizeof(got)), 0); /* closed */
	can_port_allow(s->port, true);
	can_port_allow(s->port, false); /* while it is being opened */
	fake_can_pass(3);
	assert_int_equal(can_port_state(s->port), CAN_PORT_HELD);
}

/* ---- finding by sysfs ---------------------------------------------------------------- */

static void put(const char *root, const char *path, const char *text)
{
	g_autofree char *file = g_build_filename(root, path, NULL);
	g_autofree char *folder = g_path_get_dirname(file);

	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	assert_true(g_file_set_contents(file, text, -1, NULL));
}

static void put_usb(const char *root, const char *name, const char *port, const char *serial)
{
	g_autofree char *device = g_strdup_printf("devices/usb/%s", port);
	g_autofree char *serial_path = g_build_filename(device, "serial", NULL);
	g_autofree char *vendor_path = g_build_filename(device, "idVendor", NULL);
	g_autofree char *product_path = g_build_filename(device, "product", NULL);
	g_autofree char *inner = g_strdup_printf("%s/%s:1.0/x", device, port);
	g_autofree char *type_path = g_strdup_printf("class/net/%s/type", name);
	g_autofree char *link = g_build_filename(root, "class/net", name, "device", NULL);
	g_autofree char *target = g_strdup_printf("%s/%s/%s:1.0", root, device, port);

	put(root, serial_path, serial);
	put(root, vendor_path, "1d50\n");
	put(root, product_path, strcmp(name, "can5") ? "candleLight\n" : "VE_SLCAN_Interface\n");
	put(root, inner, "");
	put(root, type_path, "280\n");
	assert_int_equal(symlink(target, link), 0);
}

static void remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && !g_file_test(path, G_FILE_TEST_IS_SYMLINK) && (name = g_dir_read_name(dir))) {
		g_autofree char *entry = g_build_filename(path, name, NULL);

		remove_tree(entry);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

static void test_find(void **state)
{
	static const struct {
		const char *interface, *serial, *name;
		bool is_usb;
	} rows[] = {
		{ "can0", "", "can0", false },	    { "", "0042", "can3", true },
		{ "", "0043", "can4", true },	    { "", "0044", NULL, false },
		{ "eth0", "", NULL, false },	    { "can9", "", NULL, false },
		{ "", "BUILTIN", "can5", false },
	};
	g_autofree char *root = g_dir_make_tmp("can-XXXXXX", NULL);

	put(root, "class/net/can0/type", "280\n");
	put(root, "class/net/eth0/type", "1\n");
	put_usb(root, "can3", "1-1", "0042\n");
	put_usb(root, "can4", "1-2", "0043\n");
	put_usb(root, "can5", "1-3", "BUILTIN\n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct can_wish w = { 0 };
		char name[IFNAMSIZ];

		g_strlcpy(w.interface, rows[i].interface, sizeof(w.interface));
		g_strlcpy(w.usb_serial, rows[i].serial, sizeof(w.usb_serial));
		assert_int_equal(can_link_find(root, &w, name), rows[i].name != NULL);
		if (!rows[i].name)
			continue;
		assert_string_equal(name, rows[i].name);
		assert_int_equal(can_link_is_usb(root, name), rows[i].is_usb);
	}
	remove_tree(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_before_allowed, begin, end),
		cmocka_unit_test_setup_teardown(test_waits_sends_and_hears, begin, end),
		cmocka_unit_test_setup_teardown(test_serial_number, begin, end),
		cmocka_unit_test_setup_teardown(test_unplug_and_return, begin_open, end),
		cmocka_unit_test_setup_teardown(test_refusal_is_told_and_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(test_error_passive, begin_open, end),
		cmocka_unit_test_setup_teardown(test_bus_off_restarted_by_the_driver, begin_open,
						end),
		cmocka_unit_test_setup_teardown(test_bus_off_restarted_by_us, begin_open, end),
		cmocka_unit_test_setup_teardown(test_full_queue_never_blocks, begin_open, end),
		cmocka_unit_test_setup_teardown(test_flood, begin_open, end),
		cmocka_unit_test_setup_teardown(test_taken_down_it_waits_for_leave, begin_open,
						end),
		cmocka_unit_test_setup_teardown(test_not_allowed_any_more, begin_open, end),
		cmocka_unit_test(test_find),
	};

	signal(SIGPIPE, SIG_IGN); /* as the service does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
