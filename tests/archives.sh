#!/usr/bin/env bash
# archives.sh - the programs of the release archives at work with the oldest C library that they are
# made for, 2.31, and with 2.36: QEMU's user mode runs them with the libraries of Debian 11 and 12, on
# a bus of their own with a simulated BMS. Takes build/dist, makes it when absent.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/lib_check.sh
. tests/vm/lib_check.sh
# shellcheck source=tests/vm/lib_packages.sh
. tests/vm/lib_packages.sh

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

# within SECONDS COMMAND...
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# try NAME COMMAND... - counts it; the log of a failure is shown.
try() {
	local name=$1 status=0
	shift
	"$@" >"$work/said" 2>&1 || status=$?
	check_count $status "$name" "$(cat "$work/said"; tail -n 20 "$work/log")"
}

prepare_bus() {
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$work/bus
	start dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS"
	within 10 [ -S "$work/bus" ] || return
	start /usr/bin/python3 tests/standin/settings.py
}

value() {
	dbus-send --session --print-reply=literal --dest="$1" "$2" com.victronenergy.BusItem.GetValue |
		awk '{ print $NF }'
}

battery_name() {
	local tty
	tty=$(readlink -f "$GX_LINE_1")
	tty=${tty#/dev/}
	echo "com.victronenergy.battery.${tty//\//_}"
}

publishes() {
	local volts
	volts=$(value "$(battery_name)" /Dc/0/Voltage 2>/dev/null)
	[[ $volts =~ ^[0-9.]+$ ]]
}

has_version() { # LIBC WANTED
	local said
	said=$("${run[@]}" "$1" | head -n 1)
	echo "$said"
	[[ $said == *" $2"[-.]* ]]
}

ends_well() { # PID
	kill "$1"
	wait "$1"
}

# at_work NAME FOLDER ROOT GLIBC - run is the emulator.
at_work() {
	local name=$1 folder=$2 root=$3 glibc=$4 pid
	try "$name: the C library is $glibc" has_version "$(find "$root/lib" "$root/usr/lib" -name libc.so.6 | head -n 1)" "$glibc"
	echo '{}' >"$work/config.json"
	"${run[@]}" "$folder/dbus-tinybms" --config "$work/config.json" --port "$GX_LINE_1" >"$work/log" 2>&1 &
	pid=$!
	try "$name: a battery is on the bus" within 60 publishes
	try "$name: tinybmsctl shows it" tells "$folder"
	try "$name: it ends in order" ends_well $pid
	rm -f "$work"/*.json "$work"/*.jsonl "$work"/*.ring
}

tells() { # FOLDER
	"${run[@]}" "$1/tinybmsctl" status | tee "$work/status"
	grep -q 'SOC ' "$work/status"
}

# one ARCH NAME EMULATOR
one() {
	local arch=$1 name=$2 sysroot=$VM_TOP/build/cross/sysroot-$1 newer=$work/newer-$1 file folder
	for file in build/dist/dbus-tinybms-*-"$name".tar.gz; do
		tar -C "$work" -xzf "$file" || return
		folder=$work/$(basename "$file" .tar.gz)
	done
	vm_prepare "$arch" bookworm || return
	mkdir "$newer"
	tar -C "$newer" -xf "$VM_TAR" ./lib ./usr/lib || return
	run=("$3" -L "$sysroot")
	at_work "$name, Debian 11" "$folder" "$sysroot" 2.31
	run=("$3" -L "$newer")
	at_work "$name, Debian 12" "$folder" "$newer" 2.36
}

sh tests/packages.sh qemu-user-static dbus dbus-bin python3 python3-dbus python3-gi binutils
compgen -G 'build/dist/*.tar.gz' >/dev/null || ./install.sh package build/dist || exit 1
sim_build && sim_start 1 && prepare_bus || { echo "0 passed, 1 failed"; exit 1; }
# Every GX can do at least what a Cortex-A8 can, which cannot divide.
QEMU_CPU=cortex-a8 one armhf armhf qemu-arm-static || check_count 1 "armhf can be tried"
one arm64 aarch64 qemu-aarch64-static || check_count 1 "aarch64 can be tried"
check_end
