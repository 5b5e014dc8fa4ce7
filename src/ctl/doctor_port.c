/* SPDX-License-Identifier: MIT */
#include "ctl/doctor.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "battery/chemistry.h"
#include "ctl/probe.h"

/* The holder of serial-starter's lock: a link to the number of a process. 0: none. */
static long lock_holder(const struct doctor *d, const char *tty)
{
	g_autofree char *path = g_strconcat(d->root, "/var/lock/serial-starter/", tty, NULL);
	g_autofree char *target = g_file_read_link(path, NULL);

	return target ? strtol(target, NULL, 10) : 0;
}

static void examine_lock(const struct doctor *d, const char *device, bool is_service_up)
{
	g_autofree char *tty = g_path_get_basename(device);
	const long holder = lock_holder(d, tty);
	g_autofree char *path = g_strdup_printf("/proc/%ld/comm", holder);
	g_autofree char *locks = g_strconcat(d->root, "/var/lock/serial-starter", NULL);
	g_autofree char *program = NULL;

	if (!holder || !g_file_get_contents(path, &program, NULL, NULL)) {
		if (is_service_up && g_file_test(locks, G_FILE_TEST_IS_DIR))
			findings_add(d->findings, FINDING_WARNING, "lock",
				     "Nobody holds serial-starter's lock on %s: its programs may send to the BMS. Restart the service.",
				     tty);
		return;
	}
	g_strchomp(program);
	if (g_str_equal(program, "dbus-tinybms"))
		findings_add(d->findings, FINDING_OK, "lock", "%s is ours.", tty);
	else
		findings_add(d->findings, is_service_up ? FINDING_ERROR : FINDING_WARNING, "lock",
			     "%s (process %ld) holds %s: choose another adapter, or stop that program.",
			     program, holder, tty);
}

/* A BMS that never sees its cells at register 300 never corrects its state of charge. */
void doctor_examine_full(const struct doctor *d, double full_v, double over_voltage_v)
{
	const struct chemistry *chemistry =
		chemistry_find(d->config.charge.chemistry, over_voltage_v);
	const double target_v = isnan(d->config.charge.absorption_cell_v) && chemistry
					? chemistry->absorption_v
					: d->config.charge.absorption_cell_v;

	if (isnan(target_v) || isnan(full_v))
		return;
	if (full_v > target_v)
		findings_add(d->findings, FINDING_WARNING, "full",
			     "The BMS calls a cell full at %.2f V (register 300), but it is charged to %.2f V only, so by itself it never corrects its state of charge: set register 300 to %.2f V.",
			     full_v, target_v, target_v);
	else
		findings_add(d->findings, FINDING_OK, "full",
			     "The BMS calls a cell full at %.2f V, it is charged to %.2f V.",
			     full_v, target_v);
}

static void examine_bms(const struct doctor *d)
{
	struct battery battery;
	g_autoptr(GError) error = NULL;

	if (!probe_port(d->config.port, &battery, &error)) {
		findings_add(d->findings, FINDING_ERROR, "bms",
			     "%s. Is it the right adapter, are TX and RX crossed, is the BMS awake?",
			     error->message);
		return;
	}
	findings_add(d->findings, FINDING_OK, "bms",
		     "A TinyBMS answers: firmware %u.%u, %u cells, %.2f V, %.1f A.",
		     battery.identity.firmware_public, battery.identity.firmware_internal,
		     battery.cell_count, battery.pack_v, battery.current_a);
	doctor_examine_full(d, battery.settings.fully_charged_v, battery.settings.over_voltage_v);
}

void doctor_examine_port(const struct doctor *d, bool is_service_up)
{
	const char *port = d->config.port;
	g_autofree char *device = *port ? realpath(port, NULL) : NULL;

	if (!*port) {
		findings_add(d->findings, FINDING_ERROR, "port",
			     "No serial port is chosen: install.sh config lists the adapters and asks.");
		return;
	}
	if (!device) {
		findings_add(d->findings, FINDING_ERROR, "port",
			     "%s is not there: plug the adapter in, or choose another by install.sh config.",
			     port);
		return;
	}
	if (access(device, R_OK | W_OK) != 0) {
		findings_add(d->findings, FINDING_ERROR, "port", "No permission for %s: run as root.",
			     device);
		return;
	}
	findings_add(d->findings, FINDING_OK, "port", "%s is %s.", port, device);
	if (!g_str_has_prefix(port, "/dev/serial/by-"))
		findings_add(d->findings, FINDING_WARNING, "port",
			     "%s changes when adapters change places: choose the name under /dev/serial/by-id.",
			     port);
	examine_lock(d, device, is_service_up);
	if (!is_service_up)
		examine_bms(d);
}
