# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# The plug is pulled at random moments; what boots afterwards must be the old or the new.

# cut_moment MILLISECONDS - sets moment, in seconds, within so many; the same parts of it in each
# run, by a generator of our own.
cut_seed=20261
cut_moment() {
	cut_seed=$(((cut_seed * 1103515245 + 12345) & 0x7fffffff))
	local ms=$((cut_seed / 65536 % 1000 * $1 / 1000))
	printf -v moment '%d.%03d' $((ms / 1000)) $((ms % 1000))
}

# cut_span NAME COMMANDS - does them uncut; sets span, the milliseconds that they take.
cut_span() {
	local began=${EPOCHREALTIME/[.,]/}
	check "$1, uncut" 120 "$(gx "$2")"
	span=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	echo "$1 takes $span ms"
}

# gx_cuts - $GX_CUTS of each kind.
gx_cuts() {
	local number span cuts=${GX_CUTS:-4}
	sim_start 1 || return
	GX_PLUGGED=1
	gx_new_data
	gx_boot "$GX_FIRMWARE_1" || return
	vm_run 20 "$(gx 'unpack release')"
	before=$(vm_run 20 "$(gx listing)")
	cut_span install 'sh $package install'
	vm_run 40 "$(gx 'sh $package uninstall --purge')" >/dev/null
	check_equal "a device without rc.local has none again" "$before" "$(vm_run 20 "$(gx listing)")"
	for ((number = 1; number <= cuts; number++)); do cut_install; done
	check "installed for the cuts to come" 120 "$(gx 'sh $package install; sh $package config --port BMS-1 && publishes ttyUSB0')"
	cut_span update 'sh $package update /host/newest.tar.gz'
	for ((number = 1; number <= cuts; number++)); do cut_update; done
	cut_trial
	for ((number = 1; number <= cuts; number++)); do cut_settings; done
	vm_stop
	sim_stop
}

# cut_after SECONDS COMMANDS - start them, pull the plug, boot again.
cut_after() {
	vm_run 20 "$(gx "{ $2; } >/dev/null 2>&1 &")"
	sleep "$1"
	vm_cut
	gx_boot "$GX_FIRMWARE_1" && vm_run 20 "$(gx 'unpack release')"
}

cut_install() {
	local moment
	cut_moment "$span"
	vm_run 40 "$(gx 'sh $package uninstall --purge')" >/dev/null
	cut_after "$moment" 'sh $package install' || return
	check "install cut after $moment s: nothing, or the new version" 30 "$(gx '[ ! -e /service/dbus-tinybms ] || wait_for 20 waits dbus-tinybms')"
	check "install again" 60 "$(gx 'sh $package install && wait_for 20 waits dbus-tinybms')"
}

cut_update() {
	local moment
	cut_moment "$span"
	cut_after "$moment" 'next=newer; [ "$(cat $app/versions/$(active)/BUILD)" != newer ] || next=newest
		sh $package update /host/$next.tar.gz' || return
	check "update cut after $moment s: the old or the new version" 60 "$(gx 'publishes ttyUSB0; cat $app/state; (cd $app/versions/$(active) && sha256sum -c MANIFEST | grep -v OK$) && exit 1; on_bus ttyUSB0')"
}

# The device restarts while a version is watched that does nothing. One that was cut before is watched
# to its end first.
cut_trial() {
	local release
	vm_run 100 "$(gx 'wait_for 90 grep -q "^trial=$" $app/state')"
	release=$(vm_run 20 "$(gx 'sed -i "1a export GX_WATCH_S=10" /data/rc.local; active')")
	vm_run 90 "$(gx 'sh $package update /host/mute.tar.gz >/dev/null 2>&1 & wait_for 60 grep -q ^trial=. $app/state; sleep 1')"
	vm_cut
	gx_boot "$GX_FIRMWARE_1" && vm_run 20 "$(gx 'unpack release')" || return
	check "a bad update cut while it is watched: the old version returns by itself" 90 "$(gx "wait_for 60 eval '[ \"\$(active)\" = $release ]'; publishes ttyUSB0; sh \$package status; [ \"\$(active)\" = $release ] && on_bus ttyUSB0")"
}

cut_settings() {
	local moment
	cut_moment 3000
	cut_after "$moment" 'i=100; while i=$((i + 1)); do sh $package config poll_interval_ms=$i; done' || return
	check "settings cut after $moment s: the configuration is whole" 60 "$(gx 'publishes ttyUSB0; cat $conf/config.json; $app/versions/$(active)/tinybmsctl config check && [ "$(find $conf -name "*.new" | wc -l)" -le 1 ] && grep -q BMS-1 $conf/config.json')"
}
