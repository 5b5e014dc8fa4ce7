# shellcheck shell=sh
# What a shell can find out when the program cannot run, or to begin with.

# finding LEVEL SENTENCE - one line; the worst level decides the exit status.
finding() {
	level=$1
	shift
	say "$level: $*"
	case $level in
	ERROR) doctor_status=1 ;;
	esac
}

doctor_hooks() {
	if [ ! -L "$enabled" ]; then
		finding WARNING "it is disabled; install.sh enable starts it now and at boot"
	elif [ -e "$rc_local.disabled" ] && ! grep -qxF "$rc_line" "$rc_local" 2>/dev/null; then
		finding ERROR "/data/rc.local was renamed to rc.local.disabled (Settings, General, Support status does that), so nothing starts at boot; rename it back or run install.sh enable"
	elif ! grep -qxF "$rc_line" "$rc_local" 2>/dev/null; then
		finding ERROR "/data/rc.local does not start it at boot; install.sh enable puts the line back"
	elif [ ! -x "$rc_local" ]; then
		finding ERROR "/data/rc.local is not executable, so nothing starts at boot; install.sh enable mends that"
	else
		finding OK "it starts at boot"
	fi
}

doctor_files() {
	folder=$versions/$(state_get active)
	damaged=$(cd "$folder" && sha256sum -c MANIFEST 2>/dev/null | grep -v ': OK$') || :
	if [ -n "$damaged" ]; then
		finding ERROR "files of $(state_get active) are damaged (${damaged%%:*}); install it again"
	elif ! "$folder/dbus-tinybms" --version >/dev/null 2>&1; then
		finding ERROR "the program does not run: $("$folder/dbus-tinybms" --version 2>&1); install the package for $(device_arch)"
	else
		finding OK "$(state_get active) is complete and runs"
	fi
}

doctor_device() {
	venus=$(venus_version)
	if is_older "${venus:-0}" 3.60; then
		finding WARNING "Venus OS ${venus:-unknown} is older than 3.60, the first that is supported; update the device"
	else
		finding OK "Venus OS $venus"
	fi
	free_kb=$(df -P -k "$root/data" | awk 'NR == 2 { print $4 }')
	if [ "${free_kb:-0}" -lt 2000 ]; then
		finding ERROR "/data has ${free_kb:-0} kB free; remove what fills it, often logs of other add-ons in /data/log"
	else
		finding OK "/data has $free_kb kB free"
	fi
	if ! (: >"$root/data/.dbus-tinybms-writable") 2>/dev/null; then
		finding ERROR "/data cannot be written; restart the device, and if that does not help its memory is worn out"
	fi
	rm -f "$root/data/.dbus-tinybms-writable"
}

doctor_service() {
	if [ -z "$(service_pid "$1")" ]; then
		finding ERROR "$1 does not run; the end of $logs/$1/current says why"
		return
	fi
	case $(service_word "$1") in
	publishing) finding OK "$1 publishes as $(service_sentence "$1")" ;;
	waiting) finding WARNING "$1 waits. $(service_sentence "$1")" ;;
	*) finding WARNING "$1 has just started; ask again in a few seconds" ;;
	esac
}

command_doctor() {
	need_device
	need_installed
	doctor_status=0
	if ctl --version >/dev/null 2>&1; then
		for service in $(service_names); do
			[ $# -gt 0 ] || [ "$service" = dbus-tinybms ] || say "--- $service"
			ctl doctor --config "$(conf_of "$service")" --state "$state_dir/$service" "$@" || doctor_status=1
		done
		return "$doctor_status"
	fi
	doctor_hooks
	doctor_files
	doctor_device
	[ ! -L "$enabled" ] || for service in $(service_names); do doctor_service "$service"; done
	return "$doctor_status"
}
