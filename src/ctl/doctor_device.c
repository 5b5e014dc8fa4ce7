/* SPDX-License-Identifier: MIT */
#include "ctl/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
	ROOM_MIN_KB = 2000,
	FIRST_MAJOR = 3, /* v3.60, the first with the libraries and tools that are tested */
	FIRST_MINOR = 60,
};

static const char RC_LINE[] = "/data/apps/enabled/dbus-tinybms/boot";

static void examine_firmware(const struct doctor *d)
{
	g_autofree char *path = g_strconcat(d->root, "/opt/victronenergy/version", NULL);
	g_autofree char *text = NULL;
	unsigned major = 0, minor = 0;

	if (!g_file_get_contents(path, &text, NULL, NULL) ||
	    sscanf(text, "v%u.%u", &major, &minor) != 2) {
		findings_add(d->findings, FINDING_WARNING, "firmware",
			     "This is no GX device, or its version is not to be read from %s.", path);
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	if (major < FIRST_MAJOR || (major == FIRST_MAJOR && minor < FIRST_MINOR))
		findings_add(d->findings, FINDING_WARNING, "firmware",
			     "Venus OS %s is older than v%d.%d, the first that is supported: update it.",
			     text, FIRST_MAJOR, FIRST_MINOR);
	else
		findings_add(d->findings, FINDING_OK, "firmware", "Venus OS %s.", text);
}

/* A program for the wrong architecture does not run, so this is for who writes to us. */
static void examine_architecture(const struct doctor *d)
{
	g_autofree char *path = g_strconcat(d->root, "/etc/venus/machine", NULL);
	g_autofree char *machine = NULL;
	struct utsname kernel;

	g_file_get_contents(path, &machine, NULL, NULL);
	if (uname(&kernel) == 0)
		findings_add(d->findings, FINDING_OK, "arch",
			     "Device %s, kernel %s %s, programs of %zu bit.",
			     machine ? g_strchomp(machine) : "unknown", kernel.machine, kernel.release,
			     8 * sizeof(void *));
}

static void examine_data(const struct doctor *d)
{
	g_autofree char *path = g_strconcat(d->root, "/data", NULL);
	struct statvfs room;

	if (statvfs(path, &room) != 0) {
		findings_add(d->findings, FINDING_ERROR, "data", "There is no %s.", path);
		return;
	}
	const guint64 free_kb = (guint64) room.f_bavail * room.f_frsize / 1024;

	if (access(path, W_OK) != 0 || (room.f_flag & ST_RDONLY))
		findings_add(d->findings, FINDING_ERROR, "data",
			     "%s is read-only: restart the device; if that does not help, its memory is worn out.",
			     path);
	else if (free_kb < ROOM_MIN_KB)
		findings_add(d->findings, FINDING_ERROR, "data",
			     "%s has %" G_GUINT64_FORMAT " kB free, %d are needed: remove what fills it, often logs of other add-ons in /data/log.",
			     path, free_kb, ROOM_MIN_KB);
	else
		findings_add(d->findings, FINDING_OK, "data", "%s has %" G_GUINT64_FORMAT " kB free.",
			     path, free_kb);
}

static void examine_boot(const struct doctor *d)
{
	g_autofree char *path = g_strconcat(d->root, "/data/rc.local", NULL);
	g_autofree char *off = g_strconcat(path, ".disabled", NULL);
	g_autofree char *link = g_strconcat(d->root, "/data/apps/enabled/dbus-tinybms", NULL);
	g_autofree char *text = NULL;

	g_file_get_contents(path, &text, NULL, NULL);
	if (!g_file_test(link, G_FILE_TEST_IS_SYMLINK))
		findings_add(d->findings, FINDING_WARNING, "boot",
			     "Not enabled: install.sh enable starts it now and at every boot.");
	else if (text && strstr(text, RC_LINE) && access(path, X_OK) == 0)
		findings_add(d->findings, FINDING_OK, "boot", "It starts at boot.");
	else if (g_file_test(off, G_FILE_TEST_EXISTS))
		findings_add(d->findings, FINDING_ERROR, "boot",
			     "%s was renamed to rc.local.disabled (Settings, General, Support status does that), so nothing starts at boot: rename it back, then install.sh enable.",
			     path);
	else
		findings_add(d->findings, FINDING_ERROR, "boot",
			     "%s does not start it at boot: install.sh enable puts the line back.",
			     path);
}

void doctor_examine_device(const struct doctor *d)
{
	examine_firmware(d);
	examine_architecture(d);
	examine_data(d);
	examine_boot(d);
}
