# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# A device that lets its add-ons down: flash full or read-only, hardly any memory.

gx_hard() {
	hard_read_only
	hard_full
	hard_memory
}

hard_read_only() {
	# Files are open for writing, as they are when a worn-out flash turns read-only.
	vm_run 20 "$(gx 'sync; echo u >/proc/sysrq-trigger; writes() { : 2>/dev/null >/data/x; }; wait_for 10 eval "! writes"')"
	check "/data is read-only" 20 '! touch /data/x'
	check "/data read-only: the battery stays" 40 "$(gx 'sleep 5; on_bus ttyUSB0')"
	check_fails "it refuses an update" 60 "read-only" "$(gx 'sh $package update /host/newest.tar.gz')"
	check_fails "it refuses a setting" 30 "nothing was changed" "$(gx 'sh $package config poll_interval_ms=400')"
	check_fails "doctor says so" 60 "read-only" "$(gx 'sh $package doctor')"
	check "restarted on it, the battery returns" 60 "$(gx 'first=$(pid dbus-tinybms); svc -t /service/dbus-tinybms; wait_for 20 is_other dbus-tinybms $first; publishes ttyUSB0')"
	check "writable again: all goes on" 60 "$(gx 'mount -o remount,rw /data; sh $package config poll_interval_ms=400 && grep -q 400 $conf/config.json && sh $package config poll_interval_ms=200 && publishes ttyUSB0')"
}

hard_full() {
	vm_run 60 "$(gx 'sum=$(sha256sum <$conf/config.json); echo "$sum" >/run/config.sum; dd if=/dev/zero of=/data/full bs=64k 2>/dev/null; dd if=/dev/zero of=/data/full2 bs=1 count=70000 2>/dev/null')" >/dev/null
	check "/data full: the battery stays" 40 "$(gx 'sleep 5; on_bus ttyUSB0')"
	check_fails "it refuses an update for want of space" 60 "kB free" "$(gx 'sh $package update /host/newest.tar.gz')"
	check "a setting is written whole or not at all" 40 "$(gx 'sh $package config poll_interval_ms=400; [ "$(sha256sum <$conf/config.json)" = "$(cat /run/config.sum)" ] || grep -q 400 $conf/config.json')"
	check_fails "doctor says that it is full" 60 "kB free" "$(gx 'sh $package doctor')"
	check "restarted on it, the battery returns" 60 "$(gx 'first=$(pid dbus-tinybms); svc -t /service/dbus-tinybms; wait_for 20 is_other dbus-tinybms $first; publishes ttyUSB0')"
	check "with space again: all goes on" 60 "$(gx 'rm -f /data/full /data/full2 /run/config.sum; sh $package config poll_interval_ms=200 && publishes ttyUSB0')"
}

# What is available beyond 64 MB is filled.
hard_memory() {
	check "64 MB of memory left" 60 "$(gx 'mkdir -p /run/ballast; mount -t tmpfs -o size=90% ballast /run/ballast
		free=$(sed -n "s/MemAvailable:[^0-9]*\([0-9]*\).*/\1/p" /proc/meminfo)
		dd if=/dev/zero of=/run/ballast/all bs=1024k count=$((free / 1024 - 64)) 2>/dev/null
		free=$(sed -n "s/MemAvailable:[^0-9]*\([0-9]*\).*/\1/p" /proc/meminfo)
		echo "$free kB"; [ "$free" -lt 70000 ]')"
	check "the service starts in them" 60 "$(gx 'first=$(pid dbus-tinybms); svc -t /service/dbus-tinybms; wait_for 20 is_other dbus-tinybms $first; publishes ttyUSB0')"
	check "install.sh works in them" 60 "$(gx 'sh $package install && sh $package status; status=$?; umount /run/ballast; rmdir /run/ballast; exit $status')"
}
