#!/usr/bin/env bash
# instructions.sh - instructions that the release's programs execute in a second, with 10 polls and one
# publication a second, on both kinds of device: QEMU's user mode counts each one of the program and its
# libraries (a plugin, count_plugin.c). What the kernel does for it is in gx.sh --budget. The count of a
# short life is taken from that of a long one, so start and end do not count. Takes build/dist, makes it
# when absent. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/lib_check.sh
. tests/vm/lib_check.sh
# shellcheck source=tests/vm/lib_packages.sh
. tests/vm/lib_packages.sh

limit=2500000 # half a percent of 500 million
# A minute apart: the count of polls is published once a minute.
short_s=65 long_s=125

work=$(mktemp -d)
pids=
finish() {
	# shellcheck disable=SC2086 # one word a process
	[ -z "$pids" ] || kill $pids 2>/dev/null
	sim_stop
	wait
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

start() { # COMMAND...
	"$@" >>"$work/log" 2>&1 &
	pids="$pids $!"
}

# polls - how many the service has made.
polls() {
	local tty
	tty=$(readlink -f "$GX_LINE_1")
	tty=${tty#/dev/}
	dbus-send --session --print-reply=literal --dest="com.victronenergy.battery.${tty//\//_}" \
		/Diagnostics/Bms/Polls com.victronenergy.BusItem.GetValue 2>/dev/null | awk '{ print $NF }'
}

# life SECONDS ARCH EMULATOR FOLDER - sets count and polled.
life() {
	COUNT_FILE=$work/count "$3" -plugin "$work/count.so" -L "$VM_TOP/build/cross/sysroot-$2" \
		"$4/dbus-tinybms" --config "$work/config.json" --port "$GX_LINE_1" >>"$work/log" 2>&1 &
	local pid=$!
	sleep "$1"
	polled=$(polls)
	kill $pid
	wait $pid
	count=$(cat "$work/count")
	rm -f "$work/count"
}

one() { # ARCH NAME EMULATOR
	local folder count polled short_count short_polled per_second bad=1
	tar -C "$work" -xzf build/dist/dbus-tinybms-*-"$2".tar.gz || return
	folder=$(echo "$work"/dbus-tinybms-*-"$2")
	life $short_s "$1" "$3" "$folder"
	short_count=$count short_polled=$polled
	life $long_s "$1" "$3" "$folder"
	per_second=$(((count - short_count) / (long_s - short_s)))
	echo "$2: $((polled - short_polled)) polls in $((long_s - short_s)) s"
	[ "$per_second" -gt 0 ] && [ "$per_second" -lt $limit ] && bad=0
	check_count $bad "$2: $per_second instructions a second, under $limit allowed" "$(tail -n 5 "$work/log")"
}

sh tests/packages.sh qemu-user gcc libc6-dev dbus dbus-bin python3 python3-dbus python3-gi
compgen -G 'build/dist/*.tar.gz' >/dev/null || ./install.sh package build/dist || exit 1
gcc -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden tests/count_plugin.c -o "$work/count.so" || exit 1
export DBUS_SESSION_BUS_ADDRESS=unix:path=$work/bus
start dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS"
sim_build && sim_start 1 || { echo "0 passed, 1 failed"; exit 1; }
until [ -S "$work/bus" ]; do sleep 0.1; done
start /usr/bin/python3 tests/standin/settings.py
echo '{"poll_interval_ms": 100}' >"$work/config.json"
one armhf armhf qemu-arm
one arm64 aarch64 qemu-aarch64
check_end
