#!/usr/bin/env bash
# Instructions to fill and encode one set of each family, counted by callgrind.
#   tests/bench_can.sh [BUILD]     BUILD: a release build, made when absent
# The difference of two runs leaves out what starting costs. Fails above 5,000.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${1:-build/bench}
limit=5000
sh tests/packages.sh valgrind
[ -f "$build/build.ninja" ] || meson setup "$build" --buildtype=release >/dev/null
meson compile -C "$build" bench_can >/dev/null

count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/tests/bench_can" "$1" "$2" 2>&1 |
		sed -n 's/.*Collected : //p'
}

slow=0
for family in victron pylontech pylontech-ext deye sol-ark luxpower sma mg byd goodwe growatt \
	schneider sofar; do
	few=$(count "$family" 100)
	many=$(count "$family" 600)
	each=$(((many - few) / 500))
	echo "$family: $each instructions a set"
	[ "$each" -le "$limit" ] || slow=$((slow + 1))
done
echo "$slow families above $limit instructions"
[ "$slow" = 0 ]
