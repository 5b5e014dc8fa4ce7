#!/usr/bin/env bash
# What the service costs: bytes and time on the wire, from byte to signal and to
# CAN (a socket in the place of the kernel's), instructions a second, memory,
# signals on the bus, and what management costs the live reads. Figures, not a test.
#   tests/bench.sh [BUILD]     BUILD: a release build, made when absent
set -euo pipefail
cd "$(dirname "$0")/.."

sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config valgrind \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev \
	dbus python3 python3-dbus python3-gi python3-serial

build=${1:-build/bench}
[ -f "$build/build.ninja" ] || meson setup "$build" --buildtype=release >/dev/null
meson compile -C "$build" dbus-tinybms dbus-tinybms-can tinybms-sim bench_service \
	bench_can_service bench_serial >/dev/null

folder=$(mktemp -d)
pids=()
clean_up() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$folder"
}
trap clean_up EXIT
start() {
	"$@" >"$folder/log" 2>&1 &
	pids+=($!)
}
stop() { # PID
	kill "$1"
	wait "$1" 2>/dev/null || true
}
bms() { # [FAULTS]
	"$build/tests/bench_service" "$folder/bms" tests/data/tinybms_14s_capture.csv "$@"
}

start dbus-daemon --session --nofork --nopidfile --address="unix:path=$folder/bus"
while ! [ -S "$folder/bus" ]; do sleep 0.1; done
export DBUS_SESSION_BUS_ADDRESS="unix:path=$folder/bus"
start /usr/bin/python3 tests/standin/settings.py
echo '{}' >"$folder/config.json"
service=("$build/src/dbus-tinybms" --config "$folder/config.json" --port "$folder/bms")

bms &
bms=$!
sleep 0.3
"$build/tests/bench_serial" "$folder/bms"

"${service[@]}" >/dev/null &
pid=$!
sleep 15
dbus-monitor --binary "type='signal',member='ItemsChanged'" >"$folder/signals" &
monitor=$!
signals=$(/usr/bin/python3 tests/bench_signals.py 30)
stop $monitor
bytes=$(stat -c %s "$folder/signals")
echo "$signals, $((bytes / 30)) bytes a second on the bus"

resident() { # PATTERN [FIELDS]: kB of the mappings whose file name matches
	awk -v pattern="$1" -v fields="${2:-Rss}" '
		/^[0-9a-f]+-[0-9a-f]+ / { name = $6 == "" ? "[none]" : $6 }
		name ~ pattern && $1 ~ "^(" fields "):$" { sum += $2 }
		END { print sum + 0 }' "/proc/$pid/smaps"
}
# what libdbus of a systemd distribution brings along, and Venus OS does not
systemd='/lib(systemd|gcrypt|gpg-error|zstd|lzma|lz4|cap)[.]'
echo "resident memory: $(resident .) kB; of it its own $(resident . 'Private_(Clean|Dirty)') kB" \
	"($(resident . Private_Dirty) kB written, the rest program text)," \
	"libraries shared with others $(resident . 'Shared_(Clean|Dirty)') kB;" \
	"libsystemd and what it needs $(resident "$systemd") kB"
stop $pid

instructions() { # SECONDS: of the whole life of the service
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "${service[@]}" >"$folder/callgrind" 2>&1 &
	local valgrind=$!
	sleep "$1"
	stop $valgrind
	sed -n 's/.*Collected : //p' "$folder/callgrind"
}
few=$(instructions 30)
many=$(instructions 70)
echo "instructions a second at 10 polls and 1 publication: $(((many - few) / 40))"
stop $bms

"${service[@]}" >/dev/null &
pid=$!
bms 40
stop $pid

/usr/bin/python3 tests/bench_intervals.py "$build/src/dbus-tinybms" "$build/src/sim/tinybms-sim" \
	tests/standin/settings.py 2>&1 | grep "^live reads"

# where it is allowed ahead of all others: on a busy machine the tail would be theirs
alone=()
! chrt -f 20 true 2>/dev/null || alone=(chrt -f 20)
mkdir "$folder/can"
echo '{"can": [{"interface": "can0", "protocol": "victron"}]}' >"$folder/config.json"
"${alone[@]}" "$build/tests/bench_can_service" "$folder/bms" tests/data/tinybms_14s_capture.csv \
	"$folder/can/can0" 20 &
bms=$!
sleep 0.3
TINYBMS_TEST_CAN=$folder/can "${alone[@]}" "$build/tests/dbus-tinybms-can" --config "$folder/config.json" \
	--time-scale 10 --port "$folder/bms" >/dev/null & # charging is allowed again sooner
pid=$!
wait $bms
stop $pid
