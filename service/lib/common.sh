# shellcheck shell=sh
# Where everything is, how to speak, how to write files. For busybox's shell.
# GX_ROOT stands before every path, for tests.

root=${GX_ROOT:-}
app=$root/data/apps/available/dbus-tinybms
enabled=$root/data/apps/enabled/dbus-tinybms
versions=$app/versions
conf=$root/data/conf/dbus-tinybms
rc_local=$root/data/rc.local
services=$root/service
running=$root/run/service # in memory: supervise writes there
logs=$root/var/log
state_dir=$root/run/dbus-tinybms
starter=$root/opt/victronenergy/serial-starter
locks=$root/var/lock/serial-starter

# Output may be lost (the connection that it goes to), the work goes on.
say() { echo "$*" 2>/dev/null || :; }
warn() { echo "warning: $*" >&2 2>/dev/null || :; }
fail() {
	echo "error: $*" >&2 2>/dev/null || :
	exit 1
}

need_device() {
	[ -d "$root/data" ] && [ -e "$root/opt/victronenergy/version" ] ||
		fail "this is no GX device (no /data, no /opt/victronenergy/version); from a computer use: install.sh install HOST"
}

need_installed() {
	[ -n "$(state_get active)" ] || fail "dbus-tinybms is not installed here; install.sh install does it"
}

# One install.sh at a time. The lock is a link to the number of the process that holds it.
take_lock() {
	tries=0
	while ! ln -s $$ "$root/run/dbus-tinybms.lock" 2>/dev/null; do
		holder=$(readlink "$root/run/dbus-tinybms.lock") || continue
		[ ! -d "/proc/$holder" ] || fail "another install.sh is at work (process $holder); wait for it and try again"
		rm -f "$root/run/dbus-tinybms.lock"
		tries=$((tries + 1))
		[ $tries -lt 5 ] || fail "the lock $root/run/dbus-tinybms.lock cannot be taken; is /run full?"
	done
	trap 'rm -f "$root/run/dbus-tinybms.lock"' EXIT
	trap 'exit 130' INT TERM
	trap '' HUP PIPE # a lost connection must not end an update half-way
	finish_restore
}

# write_file FILE - standard input becomes FILE, as a whole or not at all.
write_file() {
	cat >"$1.new" && sync && mv -f "$1.new" "$1" && sync ||
		fail "$1 cannot be written; is /data full or read-only?"
}

# The state of the installation is one small file, replaced by one rename:
#   active=ID, previous=ID
#   trial=ID    while a new version is watched: what was previous before it, or "none"
#   rc_local=created, changed, or off: it was not executable, so nothing in it ran
state_get() { sed -n "s/^$1=//p" "$app/state" 2>/dev/null || :; }

# state_put ACTIVE PREVIOUS TRIAL
state_put() {
	printf 'active=%s\nprevious=%s\ntrial=%s\nrc_local=%s\n' "$1" "$2" "$3" \
		"${rc_local_was:-$(state_get rc_local)}" | write_file "$app/state"
}

venus_version() { sed -n '1s/^v//p' "$root/opt/victronenergy/version"; }

# is_older A B - version A is older than B; "3.60~12" counts as 3.60.
is_older() {
	echo "${1%%[!0-9.]*} $2" | awk '{
		split($1, a, "."); split($2, b, ".")
		exit !(a[1] + 0 < b[1] + 0 || (a[1] + 0 == b[1] + 0 && a[2] + 0 < b[2] + 0))
	}'
}
