#!/usr/bin/env bash
# shellcheck disable=SC2016 # what is quoted runs in the guest
# can.sh - the service with real CAN controllers on two wires of an emulated guest, inverters at
# the other ends: every protocol on the wire, two at once, bit rates, error states, unplugging,
# full load, frames counted, stale data. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/lib_check.sh
. tests/vm/lib_check.sh
# shellcheck source=tests/vm/lib_packages.sh
. tests/vm/lib_packages.sh
# shellcheck source=ext/cross/flags.sh
. ext/cross/flags.sh
# shellcheck source=ext/cross/build.sh
. ext/cross/build.sh

work=$(mktemp -d)
VM_SHARE=$work/share
mkdir -p "$VM_SHARE"
finish() {
	[ -z "${VM_PID:-}" ] || vm_cut
	[ -z "${SLCAN_PID:-}" ] || kill "$SLCAN_PID"
	sim_stop
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

guest() { printf '. /host/helpers\n%s\n' "$1"; }

build() {
	sh tests/packages.sh gcc-arm-linux-gnueabihf qemu-user-static dpkg-dev meson ninja-build \
		pkg-config python3 python3-can || return
	mkdir -p build/cross
	cross_build armhf && sim_build && vm_build armhf || return
	cp build/cross/armhf/src/dbus-tinybms tests/vm/can/helpers "$VM_SHARE/"
	local sysroot=$top/build/cross/sysroot-armhf
	"$triplet-gcc" "${flags[@]}" "-I$sysroot/usr/include/dbus-1.0" \
		"-I$sysroot/usr/lib/$triplet/dbus-1.0/include" tests/vm/gx/settings.c \
		-o "$VM_SHARE/settings" "${link_flags[@]}" -ldbus-1
}

# boot - the BMS on one USB adapter, a CAN adapter of the kind slcan on another, played from here.
boot() {
	mkfifo "$work"/slcan.{in,out}
	exec {SLCAN_IN}<>"$work/slcan.in"
	stdbuf -o0 tr '\r' '\n' <>"$work/slcan.out" >"$work/slcan.log" &
	SLCAN_PID=$!
	vm_start -object can-bus,id=wire0 -object can-bus,id=wire1 \
		-device kvaser_pci,canbus=wire0 -device kvaser_pci,canbus=wire0 \
		-device kvaser_pci,canbus=wire1 -device kvaser_pci,canbus=wire1 \
		-device qemu-xhci,id=xhci \
		-chardev "serial,id=bms,path=$GX_LINE_1" -device usb-serial,chardev=bms,bus=xhci.0 \
		-chardev "pipe,id=slcan,path=$work/slcan" -device usb-serial,chardev=slcan,bus=xhci.0
}

# on_wire FAMILY - what was heard of it, against its table and what D-Bus showed.
on_wire() {
	local said status=0
	said=$(/usr/bin/python3 tests/vm/can/decode.py "$1" "$VM_SHARE/$1.log" "$VM_SHARE/$1.items" 2>&1) ||
		status=1
	check_count $status "$1 on the wire" "$said"
}

# bit_rate FAMILY WANTED
bit_rate() {
	check_equal "$1 at $2 bit/s" "$2" "$(sed -n 's/.*bitrate \([0-9]*\) .*/\1/p' "$VM_SHARE/$1.link")"
}

families() {
	local first second
	while read -r first second; do
		check "$first and $second at once" 180 "$(guest "both $first $second")"
		on_wire "$first"
		on_wire "$second"
	done <<-PAIRS
		victron pylontech
		pylontech-ext deye
		sol-ark luxpower
		sma mg
		byd goodwe
		growatt schneider
		sofar nmea2000
	PAIRS
	bit_rate victron 500000
	bit_rate nmea2000 250000
	check "the inverter's sign of life is seen" 60 \
		"$(guest 'wait_for 30 GetValue /Can/can0/Inverter/Age double; value GetText /Can/can0/Inverter/Age')"
}

# The peers have all that was sent so far, from the first frame on.
counted() {
	check "more than 1000 frames, none lost" 180 "$(guest '
		configure "$(output can0 mg), $(output can2 mg)"
		until [ $(($(sent can0) + $(sent can2))) -gt 1000 ]; do sleep 1; done
		stop; sleep 0.3
		echo "can0 $(sent can0), can1 $(received can1), can2 $(sent can2), can3 $(received can3)"
		[ "$(sent can0)" = "$(received can1)" ] && [ "$(sent can2)" = "$(received can3)" ]')"
	check "nothing is sent any more after SIGTERM" 60 "$(guest '
		before=$(sent can0); sleep 2; [ "$(sent can0)" = "$before" ]')"
}

troubles() {
	check "starts again" 90 "$(guest 'configure "$(output can0 pylontech)"; start
		wait_for 60 GetText /Can/can0/State active')"
	check "a second sender of limits is told" 60 "$(guest 'cansend can1 351#28025802200300CC
		wait_for 15 GetValue /Can/can0/Error "another battery"')"
	check "an interface taken down comes back" 120 "$(guest 'ip link set can0 down
		wait_for 15 GetValue /Can/can0/Error "taken down"; wait_for 60 GetText /Can/can0/State active
		wait_frame 30 can1')"
	check "unplugged, it is waited for" 60 "$(guest '
		device=$(basename "$(readlink -f /sys/class/net/can0/device)"); echo "$device" >/run/device
		echo "$device" >/sys/bus/pci/drivers/kvaser_pci/unbind
		wait_for 45 GetText /Can/can0/State absent')"
	check "and used when it returns" 120 "$(guest '
		cat /run/device >/sys/bus/pci/drivers/kvaser_pci/bind
		wait_for 60 GetText /Can/can0/State active && wait_frame 30 can1')"
	check "a bus at full load stops neither frames nor D-Bus" 120 "$(guest '
		cangen can1 -g 0 -I 123 -L 8 >/dev/null 2>&1 & flood=$!
		cangen can1 -g 1 -I 305 -L 8 >/dev/null 2>&1 & life=$!
		timeout 6 candump -L can1,351:7FF >/run/load.log
		items >/run/load.items; status=$?; kill $flood $life
		grep -c 351# /run/load.log; [ $status = 0 ] && [ "$(grep -c 351# /run/load.log)" -ge 3 ]')"
	check "nothing that is said widens a limit" 90 "$(guest 'limits_of can1 6 shout
		[ "$(wc -l </run/limits)" = 1 ] || { cat /run/limits; false; }
		wait_for 15 GetText /Can/can0/State active')"
	check "nor what SMA says of itself" 90 "$(guest 'configure "$(output can0 sma)"
		wait_for 15 GetValue /Can/can0/Protocol sma && limits_of can1 6 wish
		[ "$(wc -l </run/limits)" = 1 ] || { cat /run/limits; false; }
		wait_for 15 GetValue /Can/can0/Inverter/Name "Sunny Island"
		configure "$(output can0 pylontech)"; wait_for 15 GetValue /Can/can0/Protocol pylontech')"
	check "two lines at most for each trouble" 15 '
		[ "$(grep -c "was unplugged" /host/service.log)" -le 2 ]'
}

# slcan SENTENCE - as the adapter's firmware says it.
slcan() { printf '%s\r' "$1" >&"$SLCAN_IN"; }

adapter() {
	check "an slcan adapter is used" 90 "$(guest 'slcand -o -s6 -S 115200 ttyUSB1 slcan0; sleep 0.5
		configure "$(output slcan0 victron)"; wait_for 60 GetText /Can/slcan0/State active')"
	slcan sp000128
	check "error-passive is told" 45 "$(guest 'wait_for 24 GetText /Can/slcan0/State error-passive')"
	slcan sa000000
	check "and its end" 45 "$(guest 'wait_for 24 GetText /Can/slcan0/State active &&
		wait_for 15 GetValue /Can/slcan0/Errors "int32 1"')"
	vm_run 10 "$(guest mark)"
	slcan sb000255
	check "bus-off is told and recovered from" 120 "$(guest '
		wait_log 10 "slcan0 is bus-off" && wait_log 20 "slcan0 is open and in order" &&
		wait_for 30 GetText /Can/slcan0/State active')"
	check "a slow set is on its way" 60 "$(guest '
		configure "{\"interface\": \"slcan0\", \"protocol\": \"victron\", \"spacing_ms\": 250}"
		sleep 1; wait_for 30 GetText /Can/slcan0/State active; mark; sleep 2')"
	local before
	before=$(wc -l <"$work/slcan.log")
	slcan sb000255
	check "it is taken up again" 60 "$(guest 'wait_log 10 "slcan0 is bus-off" &&
		wait_for 30 GetText /Can/slcan0/State active; sleep 2')"
	check_equal "bus-off within a set: the limits come first afterwards" t351 \
		"$(tail -n +"$((before + 1))" "$work/slcan.log" |
			sed -n '/^O/,$ s/^\(t...\).*/\1/p' | head -n 1)"
}

stale() {
	check "time runs tenfold" 120 "$(guest 'stop; configure "$(output can0 pylontech)"
		start --time-scale 10; wait_frame 90 can1')"
	check "limits are sent" 60 "$(guest 'candump -L can1 >/run/ladder.log & wait_frame 30 can1')"
	# shellcheck disable=SC2086 # one process
	kill -STOP $SIM_PIDS
	vm_run 30 "$(guest 'sleep 10; cp /run/ladder.log /host/')"
	# shellcheck disable=SC2086
	kill -CONT $SIM_PIDS
	local said status=0
	said=$(/usr/bin/python3 tests/vm/can/decode.py --ladder "$VM_SHARE/ladder.log" 2>&1) || status=1
	check_count $status "stale data: no current, then silence" "$said"
	check "frames again when the BMS answers" 90 "$(guest '
		wait_frame 60 can1')"
}

build || { echo "0 passed, 1 failed"; exit 1; }
echo "built after $SECONDS s"
sim_start 1 && boot || { echo "0 passed, 1 failed"; exit 1; }
check "a battery is on D-Bus, its outputs are open" 270 "$(guest '
	prepare; configure "$(output can0 victron), $(output can2 pylontech)"; start
	wait_for 180 GetValue /Connected 1; wait_for 60 GetText /Can/can2/State active')"
for part in families counted troubles adapter stale; do
	began=$SECONDS
	$part
	echo "$part took $((SECONDS - began)) s"
done
[ $CHECK_FAILED = 0 ] || sed 's/^/    /' "$VM_SHARE/service.log"
echo "took $SECONDS s"
check_end
