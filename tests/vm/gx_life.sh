# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# The life of an installation, from an empty device to an empty device.

gx_life() {
	gx_new_data
	sim_start 1 && sim_start 2 || return
	GX_PLUGGED=1
	gx_boot "$GX_FIRMWARE_1" || return
	life_refusals
	life_install
	life_computer
	life_port
	life_two_batteries
	life_updates
	life_firmware
	life_settings
	life_bad_times
	gx_hard
	life_leave
	vm_stop
	sim_stop
}

life_refusals() {
	# Something of the owner's own is there already.
	vm_run 30 "$(gx 'echo of another >/data/other; printf "#!/bin/sh\ntouch /run/other-ran\nexit 0" >/data/rc.local
		chmod 755 /data/rc.local; unpack release')"
	before=$(vm_run 20 "$(gx listing)")
	check_fails "status without an installation" 20 "not installed" "$(gx 'sh $package status')"
	check_fails "wrong architecture" 30 "this device needs the one for" "$(gx 'sh $package install /host/other-arch.tar.gz')"
	check_fails "archive cut short" 30 "damaged or cut short" "$(gx 'sh $package install /host/cut-short.tar.gz')"
	check_fails "wrong sum" 30 "damaged (dbus-tinybms)" "$(gx 'sh $package install /host/wrong-sum.tar.gz')"
	check_fails "a program that does not run here" 30 "does not run on this device" "$(gx 'sh $package install /host/foreign.tar.gz')"
	check_fails "an interrupted copy" 30 "is damaged (tinybmsctl)" "$(gx 'cp -R /run/package /run/half; head -c 50000 $(dirname $package)/tinybmsctl >/run/half/tinybmsctl
		sh /run/half/install.sh install; status=$?; rm -r /run/half; exit $status')"
	check_fails "no space" 60 "kB free" "$(gx 'dd if=/dev/zero of=/data/full bs=64k 2>/dev/null
		sh $package install; status=$?; rm /data/full; exit $status')"
	vm_run 30 "$(gx 'sh $package uninstall --purge')" >/dev/null
	check_equal "refusals leave nothing" "$before" "$(vm_run 20 "$(gx listing)")"
}

life_install() {
	check_says "too old a firmware: it warns and goes on" 60 "older than 3.60" "$(gx 'echo v3.10 >/run/version; mount -o bind /run/version /opt/victronenergy/version
		sh $package install; status=$?; umount /opt/victronenergy/version; rm /run/version; exit $status')"
	check "the service runs" 30 "$(gx 'wait_for 20 waits dbus-tinybms')"
	check_says "it says that no port is chosen" 20 "No serial port is configured" "$(gx 'sh $package status')"
	vm_run 20 "$(gx 'find /data/apps /data/conf /data/rc.local -exec ls -ld --full-time {} + >/run/first')"
	check_says "a second install of the same" 60 "installed already" "$(gx 'sh $package install')"
	check "changes nothing" 20 "$(gx 'find /data/apps /data/conf /data/rc.local -exec ls -ld --full-time {} + | diff /run/first - && rm /run/first')"
	check_fails "two at once" 60 "another install.sh is at work" "$(gx 'ln -s $$ /run/dbus-tinybms.lock; sh $package install; status=$?; rm /run/dbus-tinybms.lock; exit $status')"
}

# From a computer, from the package and from the sources with what was built of them.
life_computer() {
	local package tree=$work/tree
	mkdir -p "$tree/dist"
	tar -C "$work" -xzf "$VM_SHARE/release.tar.gz"
	package=$(echo "$work"/dbus-tinybms-*)
	cp -R "$package/install.sh" "$package/service" "$tree/"
	cp "$VM_SHARE/release.tar.gz" "$tree/dist/${package##*/}.tar.gz"
	export VM_PID VM_SHARE VM_AGENT_IN VM_AGENT_OUT
	local PATH=$VM_TOP/tests/vm/gx:$PATH
	check_here "install HOST, from the package" 0 "installed already" "$package/install.sh" install gx
	check_here "install HOST, from the sources" 0 "installed already" "$tree/install.sh" install root@gx
	check_here "a host that is not there" 1 "cannot be reached" "$package/install.sh" install nowhere
	SSH_BYTES=100000 check_here "a copy that the net cuts off" 1 "the copy was interrupted" "$package/install.sh" install gx
	check "it leaves nothing" 20 "$(gx '[ ! -e /run/dbus-tinybms-setup ] && [ ! -e /run/dbus-tinybms.lock ]')"
}

life_port() {
	check_says "config, as the manual calls it, lists the adapter" 30 "serial number BMS-1" "$(gx '/data/apps/enabled/dbus-tinybms/install.sh config </dev/null 2>&1; true')"
	check_fails "a port that is not there" 30 "there is no port BMS-7" "$(gx 'sh $package config --port BMS-7')"
	check_says "config takes a USB serial number" 60 "usb-QEMU_QEMU_USB_SERIAL_BMS-1-if00-port0" "$(gx 'sh $package config --port BMS-1')"
	check "the battery is on the bus" 60 "$(gx 'publishes ttyUSB0')"
	check "serial-starter's lock is ours" 30 "$(gx 'wait_for 15 locked ttyUSB0 dbus-tinybms')"
	vm_run 20 "$(gx 'grep -c . /run/probes >/run/probes.before')"
	check_says "tinybmsctl, as the manual calls it" 20 "SOC " "$(gx '/data/apps/enabled/dbus-tinybms/tinybmsctl status')"
	check_says "status" 20 "publishing as com.victronenergy.battery.ttyUSB0" "$(gx 'sh $package status')"
	check_says "doctor finds nothing wrong" 60 '"worst":' "$(gx 'sh $package doctor && sh $package doctor --json')"
	check_fails "and speaks when its program cannot" 60 "are damaged (tinybmsctl)" "$(gx 'ctl=$app/versions/$(active)/tinybmsctl; mv $ctl $ctl.away; echo >$ctl; sh $package doctor; status=$?; mv $ctl.away $ctl; exit $status')"
	budget_writes 60 "$(vm_run 80 "$(gx 'count_writes 60; echo $writes')")"
	check "nobody else has probed the port meanwhile" 40 "$(gx 'before=$(cat /run/probes.before); rm /run/probes.before; [ "$(grep -c . /run/probes)" = "$before" ]')"
	gx_unplug 1
	check "unplugged: the service goes on" 30 "$(gx 'wait_for 10 [ ! -e /dev/ttyUSB0 ]; first=$(pid dbus-tinybms); sleep 3; [ "$(pid dbus-tinybms)" = "$first" ]')"
	check_says "no adapter" 20 "No USB serial adapter is plugged in" "$(gx 'sh $package config </dev/null 2>&1; true')"
	check_fails "doctor says what is missing" 60 "plug the adapter in" "$(gx 'sh $package doctor')"
	gx_plug 1
	check "plugged again: the BMS answers" 60 "$(gx 'wait_for 30 [ -e /dev/ttyUSB0 ]; wait_for 30 opened ttyUSB0 dbus-tinybms; publishes ttyUSB0')"
	check "and the lock is ours again" 30 "$(gx 'wait_for 15 locked ttyUSB0 dbus-tinybms')"
}

life_two_batteries() {
	gx_plug 2
	check "another adapter is left alone" 40 "$(gx 'wait_for 20 [ -e /dev/ttyUSB1 ]; wait_for 20 [ -L /var/lock/serial-starter/ttyUSB1 ]; sleep 3; ! opened ttyUSB1 dbus-tinybms && ! locked ttyUSB1 dbus-tinybms')"
	check_fails "a battery cannot be called as the gateway's folder" 20 "cannot be called gateway" "$(gx 'sh $package config --battery gateway --port BMS-2')"
	check "a second battery" 60 "$(gx 'sh $package config --battery second --port BMS-2 battery_name=Garage; publishes ttyUSB1')"
	check_fails "an adapter serves one battery" 30 "belongs to the battery of dbus-tinybms" "$(gx 'sh $package config --battery third --port BMS-1')"
	check "each has an instance of its own" 30 "$(gx 'a=$(value com.victronenergy.battery.ttyUSB0 /DeviceInstance); b=$(value com.victronenergy.battery.ttyUSB1 /DeviceInstance); echo "$a $b"; [ -n "$a" ] && [ -n "$b" ] && [ "$a" != "$b" ]')"
	check "each has a name of its own" 20 "$(gx 'wait_for 10 eval "[ \"\$(value com.victronenergy.battery.ttyUSB1 /CustomName)\" = Garage ]"; [ "$(value com.victronenergy.battery.ttyUSB0 /CustomName)" != Garage ]')"
	check "each says that DVCC obeys one only" 60 "$(gx 'for battery in dbus-tinybms dbus-tinybms.second; do wait_for 20 grep -q "DVCC obeys one only" /data/log/$battery/current || exit; done
		sh $package doctor | grep "DVCC obeys one only" && [ "$(value com.victronenergy.battery.ttyUSB0 /ErrorCode)" = 0 ]')"
	check "each has a log of its own" 20 "$(gx 'grep -q answers: /data/log/dbus-tinybms.second/current')"
	check "the first is still there" 20 "$(gx 'on_bus ttyUSB0')"
	life_swapped_adapters
	check "the second is removed again" 60 "$(gx 'sh $package config --battery second --remove; wait_for 20 off_bus ttyUSB1; [ ! -e $conf/second ] && [ ! -e /service/dbus-tinybms.second ] && [ ! -L /var/lock/serial-starter/ttyUSB1 ] || ls -l /var/lock/serial-starter /service')"
}

# A hub that resets both may bring them back in the other order.
life_swapped_adapters() {
	local instances='$(value com.victronenergy.battery.ttyUSB0 /DeviceInstance) $(value com.victronenergy.battery.ttyUSB1 /DeviceInstance)'
	local both
	both=$(vm_run 20 "$(gx "echo $instances")")
	life_replug 2 1
	check "adapters come back in the other order: each battery stays with its own" 90 "$(gx "wait_for 60 opened ttyUSB1 dbus-tinybms; wait_for 60 opened ttyUSB0 dbus-tinybms.second
		wait_for 60 is_serial ttyUSB1 1 && wait_for 60 is_serial ttyUSB0 2; echo $instances; [ \"$instances\" = \"${both#* } ${both% *}\" ]")"
	check "restarted so, both return" 90 "$(gx 'first=$(pid dbus-tinybms); svc -t /service/dbus-tinybms; wait_for 20 is_other dbus-tinybms $first; wait_for 60 is_serial ttyUSB1 1 && is_serial ttyUSB0 2')"
	life_replug 1 2
	check "and back again" 90 "$(gx 'wait_for 60 is_serial ttyUSB0 1 && wait_for 60 is_serial ttyUSB1 2')"
}

# life_replug FIRST SECOND - both adapters are pulled and come back in that order.
life_replug() {
	gx_unplug 1
	gx_unplug 2
	vm_run 20 "$(gx 'wait_for 10 [ ! -e /dev/ttyUSB0 ]; wait_for 10 [ ! -e /dev/ttyUSB1 ]; sleep 2')"
	gx_plug "$1"
	vm_run 20 "$(gx 'wait_for 10 [ -e /dev/ttyUSB0 ]')"
	gx_plug "$2"
	vm_run 20 "$(gx 'wait_for 10 [ -e /dev/ttyUSB1 ]')"
}

life_updates() {
	release=$(vm_run 10 "$(gx active)")
	check_says "two updates at once: one is done, one refused" 120 "another install.sh is at work" "$(gx 'sh $package update /host/newer.tar.gz & sleep 1; sh $package update /host/newer.tar.gz 2>&1 && exit 9; wait $!')"
	newer=$(vm_run 10 "$(gx active)")
	check "it runs" 60 "$(gx "[ $newer != $release ] && publishes ttyUSB0")"
	check_fails "an update that refuses the configuration" 60 "does not accept" "$(gx 'sh $package update /host/choosy.tar.gz')"
	check_fails "an update that ends at once" 150 "runs again" "$(gx 'export GX_WATCH_S=10; sh $package update /host/crashing.tar.gz')"
	check "the old version is back" 60 "$(gx "[ \"\$(active)\" = $newer ] && publishes ttyUSB0")"
	check_fails "an update that is mute, and somebody gives up on it" 150 "runs again" "$(gx 'export GX_WATCH_S=10; sh $package update /host/mute.tar.gz >/run/said 2>&1 & update=$!
		wait_for 60 grep -q watching /run/said; sleep 1; kill $update; wait $update; status=$?; cat /run/said; rm /run/said; exit $status')"
	check "the old version is back" 60 "$(gx "[ \"\$(active)\" = $newer ] && publishes ttyUSB0")"
	check "only two versions are kept" 20 "$(gx '[ "$(ls $app/versions | wc -l)" -le 2 ]')"
	check_fails "a configuration of a newer version, rolled back" 60 "does not accept the configuration" "$(gx 'cp -p $conf/config.json /run/good; sed "s/{/{ \"of_tomorrow\": 1,/" /run/good >$conf/config.json
		sh $package rollback; status=$?; grep -q of_tomorrow $conf/config.json || status=9; cp -p /run/good $conf/config.json; rm /run/good; exit $status')"
	check "it was refused" 30 "$(gx "[ \"\$(active)\" = $newer ] && on_bus ttyUSB0")"
	check "rollback" 120 "$(gx "sh \$package rollback && [ \"\$(active)\" = $release ] && publishes ttyUSB0")"
}

life_firmware() {
	# As a power cut leaves it between the two renames of a restore.
	vm_run 20 "$(gx 'mv $conf $conf.old; cp -Rp $conf.old $conf.new')"
	vm_stop
	gx_boot "$GX_FIRMWARE_2" || return
	vm_run 20 "$(gx 'unpack release')"
	check "after a firmware update it starts by itself" 90 "$(gx 'publishes ttyUSB0 && grep -q v3.72 /opt/victronenergy/version')"
	check "a restore that was cut short is finished" 20 "$(gx 'ls -d $conf*; [ ! -e $conf.old ] && [ ! -e $conf.new ] && grep -q BMS-1 $conf/config.json')"
	check "what else was in rc.local ran too" 20 "[ -e /run/other-ran ]"
	check "supervise writes in memory" 20 "! find /data -name supervise | grep ."
}

life_settings() {
	check_fails "a wrong value" 30 "100 to 1000" "$(gx 'sh $package config poll_interval_ms=5')"
	check "a right value" 30 "$(gx 'sh $package config poll_interval_ms=200 && grep -q 200 $conf/config.json')"
	check_says "the bridge's configuration" 30 "taken over: victron.battery_name" "$(gx 'echo "{\"victron\": {\"battery_name\": \"Barn\"}, \"wifi\": {\"sta_password\": \"x\"}}" >/run/bridge.json; sh $package config --import /run/bridge.json; rm /run/bridge.json')"
	check "backup and restore" 120 "$(gx 'sh $package backup /run/backup.tar.gz && sh $package config poll_interval_ms=300 &&
		[ "$(stat -c %a /run/backup.tar.gz)" = 600 ] && sh $package restore /run/backup.tar.gz && grep -q 200 $conf/config.json && publishes ttyUSB0; status=$?; rm /run/backup.tar.gz; exit $status')"
	check_fails "a damaged backup" 30 "is no backup" "$(gx 'head -c 100 /host/release.tar.gz >/run/b; sh $package restore /run/b; status=$?; rm /run/b; exit $status')"
	check "a configuration with an error: the old one stays in force" 60 "$(gx 'cp -p $conf/config.json /run/good; sed "s/200/9/" /run/good >$conf/config.json
		wait_for 20 grep -q "line [0-9]*: poll_interval_ms: 9" /data/log/dbus-tinybms/current && on_bus ttyUSB0 && sh $package doctor | grep "line [0-9]*: poll_interval_ms: 9"; status=$?; cp -p /run/good $conf/config.json; rm /run/good; exit $status')"
}

life_bad_times() {
	check "killed, it returns" 60 "$(gx 'first=$(pid dbus-tinybms); kill -9 $first; wait_for 20 is_other dbus-tinybms $first; publishes ttyUSB0')"
	check "and has the lock again" 30 "$(gx 'wait_for 15 locked ttyUSB0 dbus-tinybms')"
	check_says "a port in use is named" 90 "keeps the port" "$(gx 'svc -d /service/serial-starter /service/dbus-tinybms; wait_for 20 off_bus ttyUSB0; sleep 1000 & ln -sfn $! /var/lock/serial-starter/ttyUSB0
		svc -u /service/dbus-tinybms; wait_for 30 grep -q "sleep.*(process $!)" /run/dbus-tinybms/dbus-tinybms; sh $package status; sh $package doctor; kill $!; svc -u /service/serial-starter; publishes ttyUSB0')"
	check "the settings service and systemcalc restart" 60 "$(gx 'svc -t /service/localsettings /service/systemcalc; sleep 3; on_bus ttyUSB0')"
	check "the bus restarts" 90 "$(gx 'kill $(pidof dbus-daemon); wait_for 10 off_bus ttyUSB0; sleep 2; rm -f /run/dbus/*; dbus-daemon --system --fork --nopidfile; publishes ttyUSB0 && wait_for 10 is_publishing dbus-tinybms')"
	check "the clock jumps by years, and back" 60 "$(gx 'date -s 2031-01-01 >/dev/null; sleep 3; on_bus ttyUSB0 || exit; date -s 2001-01-01 >/dev/null; sleep 3; on_bus ttyUSB0 && [ "$(word dbus-tinybms)" = publishing ]')"
	check "disable and enable" 90 "$(gx 'first=$(pid dbus-tinybms); sh $package disable; off_bus ttyUSB0 && [ ! -e /service/dbus-tinybms ] && [ "$(readlink /var/lock/serial-starter/ttyUSB0)" != "$first" ] && sh $package enable && publishes ttyUSB0')"
	budget_memory
}

life_leave() {
	check "uninstall" 60 "$(gx 'sh $package uninstall')"
	check "configuration and history stay" 20 "$(gx 'grep -q BMS-1 $conf/config.json && rm -rf $conf')"
	check_equal "and nothing else" "$before" "$(vm_run 20 "$(gx listing)")"
	check "serial-starter has its port back" 40 "$(gx 'wait_for 30 sh -c "[ -L /dev/serial-starter/ttyUSB0 ] && ls /service | grep -q ttyUSB0"')"
	check "a stick installs it" 90 "$(gx 'gzip -dc /host/venus-data.tar.gz | tar -xf - -C /data; /data/rc/post-hook.sh success; cat /data/log/dbus-tinybms-setup.log
		wait_for 20 waits dbus-tinybms && [ ! -e /data/dbus-tinybms-setup ] && [ ! -e /data/rc ]')"
	check_says "the device remembers its battery" 20 "ClassAndVrmInstance" "$(gx 'grep /Settings/Devices/tinybms_ /data/conf/settings.xml')"
	check_says "uninstall --purge" 60 "settings of our batteries removed" "$(gx 'sh $package uninstall --purge')"
	check "and forgets it" 20 "$(gx 'sleep 4; ! grep tinybms /data/conf/settings.xml')"
	check_equal "nothing is left" "$before" "$(vm_run 20 "$(gx listing)")"
	check_says "an rc.local that was switched off: it warns" 60 "was not executable" "$(gx 'chmod 644 /data/rc.local; sh $package install 2>&1')"
	check "and leaves it switched off" 60 "$(gx 'sh $package uninstall --purge; ls -l /data/rc.local; [ "$(stat -c %a /data/rc.local)" = 644 ] && ! grep tinybms /data/rc.local')"
}
