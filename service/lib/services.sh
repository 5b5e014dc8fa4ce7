# shellcheck shell=sh
# The services, one for each battery, in memory; and what starts them at boot.

rc_line='[ ! -x /data/apps/enabled/dbus-tinybms/boot ] || /data/apps/enabled/dbus-tinybms/boot &'

# The services that there should be: one for each configuration.
service_names() {
	echo dbus-tinybms
	for file in "$conf"/*/config.json; do
		[ -e "$file" ] || continue
		file=${file%/config.json}
		echo "dbus-tinybms.${file##*/}"
	done
}

# conf_of SERVICE - its configuration file.
conf_of() {
	case $1 in
	dbus-tinybms) echo "$conf/config.json" ;;
	*) echo "$conf/${1#dbus-tinybms.}/config.json" ;;
	esac
}

service_pid() {
	svstat "$running/$1" 2>/dev/null | sed -n 's/.*: up (pid \([0-9]*\)).*/\1/p'
}

# A service writes "PID WORD SENTENCE" to a file in memory whenever it changes: WORD is
# publishing or waiting, SENTENCE says what it waits for.

# service_word SERVICE - of the process that runs now; nothing if it has said nothing.
service_word() {
	[ "$(cut -d ' ' -f 1 "$state_dir/$1" 2>/dev/null)" != "$(service_pid "$1")" ] ||
		cut -d ' ' -f 2 "$state_dir/$1" 2>/dev/null || :
}

service_sentence() {
	cut -d ' ' -f 3- "$state_dir/$1" 2>/dev/null || :
}

# place SERVICE FOLDER - the scripts of a service, whole files only.
place() {
	mkdir -p "$running/$1/log"
	for script in run log/run; do
		cmp -s "$2/$script" "$running/$1/$script" && continue
		cp "$2/$script" "$running/$1/$script.new"
		chmod 755 "$running/$1/$script.new"
		mv -f "$running/$1/$script.new" "$running/$1/$script"
	done
}

# services_start FOLDER - those that do not run yet; svscan finds them within 5 s.
services_start() {
	mkdir -p "$state_dir"
	for service in $(service_names); do
		place "$service" "$1"
		[ -L "$services/$service" ] || ln -s "/run/service/$service" "$services/$service"
	done
}

# services_refresh FOLDER - start what does not run, restart what does.
services_refresh() {
	[ -L "$enabled" ] || return 0
	services_start "$1"
	for service in $(service_names); do
		svc -t "$running/$service" 2>/dev/null || :
	done
}

# service_stop SERVICE
service_stop() {
	rm -f "$services/$1"
	[ -d "$running/$1" ] || return 0
	svc -dx "$running/$1" 2>/dev/null || :
	tries=0
	while svok "$running/$1" 2>/dev/null && [ $tries -lt 15 ]; do
		sleep 1
		tries=$((tries + 1))
	done
	! svok "$running/$1" 2>/dev/null || svc -k "$running/$1"
	svc -dx "$running/$1/log" 2>/dev/null || :
	sleep 1
	rm -rf "${running:?}/$1"
	rm -f "$state_dir/$1"
}

services_stop() {
	for service in "$running"/dbus-tinybms "$running"/dbus-tinybms.*; do
		[ ! -d "$service" ] || service_stop "${service##*/}"
	done
	release_ports
}

# ---- at boot -------------------------------------------------------------------------

# Our line stands right after the first, as many an rc.local ends with "exit 0". A last line
# without an end is left so, hence sed. One that was not executable is made so again at the end.
add_rc_line() {
	rc_was=changed
	[ -x "$rc_local" ] || rc_was=off
	if [ ! -s "$rc_local" ]; then
		note_rc_local created
		printf '#!/bin/sh\n%s\n' "$rc_line" | write_file "$rc_local"
	elif ! grep -qxF "$rc_line" "$rc_local"; then
		note_rc_local $rc_was
		where=1i
		! head -n 1 "$rc_local" | grep -q '^#!' || where=1a
		change_rc_local "$where\\
$rc_line"
	fi
	[ -x "$rc_local" ] && return
	[ $rc_was = changed ] || [ "$(state_get rc_local)" = created ] ||
		warn "$rc_local was not executable, so nothing in it ran; from now on it does"
	chmod 755 "$rc_local"
}

# For uninstall: was the file ours, or somebody else's?
note_rc_local() {
	rc_local_was=$1
	state_put "$(state_get active)" "$(state_get previous)" "$(state_get trial)"
}

# change_rc_local SCRIPT - by sed, keeping the mode of the file.
change_rc_local() {
	cp -p "$rc_local" "$rc_local.new" && sed "$1" "$rc_local" >"$rc_local.new" && sync &&
		mv -f "$rc_local.new" "$rc_local" ||
		fail "$rc_local cannot be changed; is /data full or read-only?"
}

# remove_rc_line WAS - what note_rc_local said.
remove_rc_line() {
	line=$(grep -nxF "$rc_line" "$rc_local" 2>/dev/null | cut -d : -f 1) || :
	[ -n "$line" ] || return 0
	change_rc_local "${line}d"
	case $1 in
	created) [ "$(cat "$rc_local")" != '#!/bin/sh' ] || rm -f "$rc_local" ;;
	off) chmod a-x "$rc_local" ;;
	esac
}

# place_script FROM TO
place_script() {
	cmp -s "$1" "$2" || write_file "$2" <"$1"
	chmod 755 "$2"
}

# place_hooks FOLDER - what has a fixed place but belongs to a version: the script that
# rc.local starts, what an owner calls by name, and the display's plugin.
place_hooks() {
	place_script "$1/service/boot" "$app/boot"
	for name in install.sh tinybmsctl dbus-tinybms; do
		if [ -e "$1/service/entry" ]; then
			place_script "$1/service/entry" "$app/$name"
		else
			rm -f "$app/$name" # a version before these
		fi
	done
	if [ -e "$1/gui-v2/dbus-tinybms.json" ]; then
		mkdir -p "$app/gui-v2"
		cmp -s "$1/gui-v2/dbus-tinybms.json" "$app/gui-v2/dbus-tinybms.json" ||
			write_file "$app/gui-v2/dbus-tinybms.json" <"$1/gui-v2/dbus-tinybms.json"
	else
		rm -rf "$app/gui-v2"
	fi
}

turn_on() {
	mkdir -p "${enabled%/*}"
	[ -L "$enabled" ] || ln -s ../available/dbus-tinybms "$enabled"
	add_rc_line
	sync
}

turn_off() {
	services_stop
	remove_rc_line "$(state_get rc_local)"
	rm -f "$enabled"
	rmdir "${enabled%/*}" 2>/dev/null || :
	sync
}
