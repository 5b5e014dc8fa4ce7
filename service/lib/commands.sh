# shellcheck shell=sh
# The commands of install.sh on a GX device.

# ---- install, update, rollback -------------------------------------------------------

command_install() {
	if [ $# -gt 0 ] && [ ! -e "$1" ] && [ ! -d "$root/opt/victronenergy" ]; then
		remote_install "$1"
		return
	fi
	need_device
	take_lock
	source=$(find_source "${1:-$here}")
	if is_installed "$source"; then
		install_again
		return
	fi
	check_space
	mkdir -p "$versions" "$conf" || fail "/data cannot be written"
	stage "$source"
	active=$(state_get active)
	if [ "$new_id" = "$active" ]; then
		services_refresh "$versions/$active/service"
		prune
		say "$active was damaged and is whole again."
	elif [ -n "$active" ]; then
		update_to "$new_id" "$active"
	else
		first_install "$new_id"
	fi
}

# What may have been lost is put back, the rest stays as it is.
install_again() {
	active=$(state_get active)
	place_hooks "$versions/$active"
	turn_on
	services_start "$versions/$active/service"
	say "$active is installed already."
}

command_update() {
	need_device
	need_installed
	[ $# -gt 0 ] || fail "update needs an archive: install.sh update FILE"
	command_install "$1"
}

first_install() {
	place_hooks "$versions/$1"
	state_put "$1" '' ''
	prune
	turn_on
	services_start "$versions/$1/service"
	say "$1 is installed and starts now."
	[ -n "$(configured_port "$conf/config.json")" ] ||
		say "No serial port is chosen yet: $app/install.sh config lists the adapters and asks."
}

# update_to NEW OLD
update_to() {
	if [ ! -L "$enabled" ]; then
		switch_to "$1" "$2" ''
		say "$1 is installed; it is disabled as before."
		return
	fi
	say "Changing from $2 to $1 and watching it for up to $watch_s s; that cannot be interrupted."
	trap '' INT TERM # whoever left in the middle would leave a version that nobody watches
	older=$(state_get previous)
	switch_to "$1" "$2" "${older:-none}"
	watch_trial
}

command_rollback() {
	need_device
	need_installed
	take_lock
	previous=$(state_get previous)
	[ -n "$previous" ] && [ -d "$versions/$previous" ] || fail "there is no older version to return to"
	check_configurations "$versions/$previous" "$previous"
	active=$(state_get active)
	switch_to "$previous" "$active" ''
	outcome "$previous runs again instead of $active, as asked."
}

# Started by rc.local, in the background.
command_boot() {
	mkdir -p "$services"
	finish_restore
	active=$(state_get active)
	services_start "$versions/$active/service"
	gateway_boot
	# What cannot be written must not keep the battery from starting.
	(place_hooks "$versions/$active") || :
	if [ -n "$(state_get trial)" ]; then
		take_lock
		watch_trial
	fi
}

# ---- off and on ----------------------------------------------------------------------

command_disable() {
	need_device
	need_installed
	take_lock
	turn_off
	say "dbus-tinybms is stopped and does not start at boot; install.sh enable starts it again."
}

command_enable() {
	need_device
	need_installed
	take_lock
	active=$(state_get active)
	place_hooks "$versions/$active"
	turn_on
	services_start "$versions/$active/service"
	say "dbus-tinybms $active starts, and at every boot."
}

command_uninstall() {
	need_device
	case ${1:-} in
	'' | --purge) ;;
	*) fail "uninstall knows only --purge, which removes configuration and history too" ;;
	esac
	take_lock
	gateway_remove "$@"
	turn_off
	for service in $(service_names); do
		rm -rf "${logs:?}/$service"
	done
	if [ "${1:-}" = --purge ]; then
		[ -z "$(state_get active)" ] || ctl forget 2>&1 ||
			warn "the settings of the device keep entries under /Settings/Devices/tinybms_*; they do no harm"
		rm -rf "$conf"
	fi
	rm -rf "$app" "$state_dir"
	rm -f "$logs/dbus-tinybms-setup.log"
	remove_empty
	sync
	if [ "${1:-}" = --purge ]; then
		say "dbus-tinybms is removed, with configuration and history."
	else
		say "dbus-tinybms is removed; configuration and history stay in $conf (--purge removes them)."
	fi
}

# ---- status --------------------------------------------------------------------------

command_status() {
	need_device
	need_installed
	active=$(state_get active)
	if [ -L "$enabled" ]; then say "installed: $active"; else say "installed: $active, disabled"; fi
	[ -z "$(state_get previous)" ] || say "before: $(state_get previous)"
	[ ! -e "$conf/last-update" ] || say "last update: $(cat "$conf/last-update")"
	bad=0
	for service in $(service_names); do
		word=$(service_word "$service")
		case $word in
		publishing) say "$service: publishing as $(service_sentence "$service")" ;;
		waiting) say "$service: waiting. $(service_sentence "$service")" ;;
		*) say "$service: not running"; bad=1 ;;
		esac
	done
	[ -z "$(gateway_state_get active)" ] || gateway_status || bad=1
	return $bad
}
