# shellcheck shell=sh
# Choosing ports, several batteries, taking configurations along.

config_usage() {
	cat <<'TEXT'
install.sh config [--battery NAME] [--port PORT] [KEY=VALUE...]
                        PORT is a device, a name under /dev/serial/by-id or a USB serial number.
                        Without PORT and KEY: shows the adapters and asks.
                        --battery NAME: another battery than the first; a new name adds one.
install.sh config [--battery NAME] --import FILE
                        take over config.json of the ESP32 bridge, as far as it has a meaning here
install.sh config [--battery NAME] --list
                        every key with its value and meaning
install.sh config --battery NAME --remove
                        stop that battery and remove its configuration
TEXT
}

# ctl ARGUMENTS - the active version's command line.
ctl() { "$versions/$(state_get active)/tinybmsctl" "$@"; }

service_of() { echo "dbus-tinybms${1:+.$1}"; }

check_battery_name() {
	case $1 in
	'' | *[!A-Za-z0-9-]* | -*) fail "\"$1\" is no name for a battery here; letters, digits and - are possible" ;;
	tty*) fail "a battery cannot have the name of a port: $1" ;;
	gateway) fail "a battery cannot be called gateway, as the gateway's configuration lies in $conf/gateway; choose another name" ;;
	esac
}

# Each port serves one battery.
check_port_is_free() {
	for other in $(service_names); do
		[ "$other" != "$2" ] || continue
		[ "$(configured_port "$(conf_of "$other")")" != "$1" ] ||
			fail "$1 belongs to the battery of $other; each needs an adapter of its own"
	done
}

# try_port PORT - what answers there. Nobody else may send meanwhile, so serial-starter is
# asked to leave the port, and gets it back.
try_port() {
	tty=$(basename "$(readlink -f "$root$1")")
	if [ -x "$starter/stop-tty.sh" ]; then "$starter/stop-tty.sh" "$tty" >/dev/null 2>&1 || :; fi
	ctl probe "$root$1" 2>&1 || :
	if [ -x "$starter/start-tty.sh" ]; then "$starter/start-tty.sh" "$tty" >/dev/null 2>&1 || :; fi
}

ask_port() {
	list_adapters
	[ "$number" -gt 0 ] && [ -t 0 ] ||
		fail "name the adapter of the BMS: install.sh config --port PORT"
	printf 'Number of the adapter that the BMS is on: '
	read -r answer || answer=
	number=0
	for tty in $(adapters); do
		number=$((number + 1))
		[ "$answer" != "$number" ] || port=$(stable_name "$tty")
	done
	[ -n "$port" ] || fail "\"$answer\" is no number of the list; nothing was changed"
}

# write_config VERB ARGUMENT... - change the configuration, or nothing at all.
write_config() {
	mkdir -p "${file%/*}"
	ctl config --file "$file" "$@" || {
		rmdir "${file%/*}" 2>/dev/null || :
		fail "nothing was changed"
	}
}

set_port() {
	port=$(find_port "$1")
	check_port_is_free "$port" "$service"
	if [ "$(configured_port "$file")" = "$port" ] && [ -n "$(service_pid "$service")" ]; then
		say "$port is the port already."
		return
	fi
	say "$(try_port "$port")"
	write_config set "port=$port"
	say "$service uses $port."
}

remove_battery() {
	[ "$service" != dbus-tinybms ] || fail "the first battery goes with install.sh uninstall"
	[ -e "$file" ] || fail "there is no battery of that name"
	[ ! -d "$running/$service" ] || service_stop "$service"
	release_port "$(configured_port "$file")"
	rm -rf "${file%/config.json}" "${logs:?}/$service"
	say "$service is removed."
}

command_config() {
	case ${1:-} in -h | --help) config_usage; return ;; esac
	need_device
	need_installed
	service=$(service_of '') port='' action=set
	while [ $# -gt 0 ]; do
		case $1 in
		--battery) check_battery_name "${2:-}"; service=$(service_of "$2"); shift 2 ;;
		--port) port=${2:-}; [ -n "$port" ] || fail "--port needs a port"; shift 2 ;;
		--import) action=import import=${2:-}; [ -n "$import" ] || fail "--import needs a file"; shift 2 ;;
		--list) action=list; shift ;;
		--remove) action=remove; shift ;;
		*=*) break ;;
		*) fail "config: $1 is not understood; install.sh config --help tells more" ;;
		esac
	done
	file=$(conf_of "$service")
	[ $action != list ] || { ctl config --file "$file" list; return; }
	take_lock
	case $action in
	remove) remove_battery; return ;;
	import) write_config import "$import" ;;
	esac
	[ $# = 0 ] || write_config set "$@"
	if [ -z "$port" ] && [ $# = 0 ] && [ $action = set ]; then ask_port; fi
	[ -z "$port" ] || set_port "$port"
	if [ -L "$enabled" ]; then services_start "$versions/$(state_get active)/service"; fi
}

# ---- to another GX -------------------------------------------------------------------

# pack FILE - all that is in $conf. The service goes on writing: a try that caught it at that is
# made again.
pack() {
	for pause in 1 1 0; do
		why=$( (cd "$conf" && tar -czf - .) 2>&1 >"$1") && gzip -t "$1" && return
		sleep $pause
	done
	return 1
}

command_backup() {
	need_device
	[ -d "$conf" ] || fail "there is nothing to back up"
	[ -n "${1:-}" ] || fail "backup needs a file: install.sh backup FILE"
	take_lock
	umask 077 # passwords are in it
	: 2>/dev/null >"$1.new" || fail "$1 cannot be written"
	pack "$1.new" && mv -f "$1.new" "$1" && sync ||
		{ rm -f "$1.new"; fail "$1 cannot be written${why:+: $why}"; }
	say "$1 holds configuration and history."
}

# finish_restore - what a power cut left of a restore. The old configuration is out of the way only
# when the new one is whole and checked.
finish_restore() {
	for folder in "$conf.new" "$conf.old"; do
		[ ! -d "$conf" ] && [ -d "$conf.old" ] && [ -d "$folder" ] || continue
		mv "$folder" "$conf" || warn "$conf cannot be written; is /data read-only?"
	done
	[ ! -d "$conf" ] || rm -rf "$conf.new" "$conf.old"
}

command_restore() {
	need_device
	need_installed
	gzip -t "${1:-/dev/null}" 2>/dev/null && tar -tzf "$1" ./config.json >/dev/null 2>&1 ||
		fail "${1:-nothing} is no backup, or it is damaged"
	take_lock
	mkdir -p "$conf.new"
	tar -xzf "$1" -C "$conf.new" || {
		rm -rf "$conf.new"
		fail "$1 cannot be unpacked; is /data full?"
	}
	find "$conf.new" -type f -name '*.new' -exec rm -f {} + # half written, when it was made
	for file in "$conf.new"/config.json "$conf.new"/*/config.json; do
		[ ! -e "$file" ] || ctl config --file "$file" check || {
			rm -rf "$conf.new"
			fail "the backup's configuration is not accepted by this version; nothing was changed"
		}
	done
	services_stop
	sync
	mv "$conf" "$conf.old" && mv "$conf.new" "$conf" && sync
	finish_restore
	if [ -L "$enabled" ]; then services_start "$versions/$(state_get active)/service"; fi
	say "Configuration and history are those of $1. Adapters have other names on another device:" \
		"install.sh config shows and chooses them."
}
