#!/usr/bin/env bash
# Instructions of one step of the charge controller with its alarms: 16 cells,
# the average over a day in the plant, counted by callgrind. Fails above 2,000.
#   tests/bench_control.sh [BUILD]     BUILD: a release build, made when absent
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build/bench}
limit=2000
sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config valgrind \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev
[ -f "$build/build.ninja" ] || meson setup "$build" --buildtype=release >/dev/null
meson compile -C "$build" bench_control >/dev/null

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
steps=$(valgrind --tool=callgrind --callgrind-out-file="$folder/profile" \
	--toggle-collect=bench_control_step "$build/tests/bench_control" 2>"$folder/log")
count() { # FUNCTION: what it and those it calls cost, all steps
	callgrind_annotate --inclusive=yes --threshold=100 "$folder/profile" |
		sed -n "s/^ *\([0-9,]*\) (.*:$1 \[.*/\1/p" | tr -d , | head -n 1
}
total=$(sed -n 's/.*Collected : //p' "$folder/log")
alarms=$(count alarms_step)
echo "control: $(((total - alarms) / steps)) instructions a step"
echo "alarms: $((alarms / steps)) instructions a step"
echo "together: $((total / steps)) of at most $limit, $steps steps"
[ $((total / steps)) -le "$limit" ]
