/* SPDX-License-Identifier: MIT */
#include "gateway/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool find(const char *user, uid_t *uid, gid_t *gid)
{
	const struct passwd *entry = getpwnam(user);
	guint64 number;

	if (entry) {
		*uid = entry->pw_uid;
		*gid = entry->pw_gid;
		return true;
	}
	if (!g_ascii_string_to_unsigned(user, 10, 1, 65535, &number, NULL))
		return false;
	*uid = (uid_t) number;
	entry = getpwuid(*uid);
	*gid = entry ? entry->pw_gid : (gid_t) number;
	return true;
}

bool privileges_drop(const char *user, GError **error)
{
	uid_t uid;
	gid_t gid;

	if (!find(user, &uid, &gid)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    "--user %s: there is no such user; nobody exists everywhere", user);
		return false;
	}
	if (geteuid() == uid)
		return true;
	if (setgroups(0, NULL) || setgid(gid) || setuid(uid) || setuid(0) == 0) {
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
			    "--user %s: cannot become this user: %s; start as root", user,
			    g_strerror(errno));
		return false;
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return true;
}
