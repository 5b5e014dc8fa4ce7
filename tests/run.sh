#!/usr/bin/env bash
# Build with warnings as errors and sanitizers, and run every test.
#   tests/run.sh [--fast]     --fast leaves out what needs an emulated guest
set -euo pipefail
cd "$(dirname "$0")/.."

fast=false
for argument in "$@"; do
	case $argument in
	--fast) fast=true ;;
	*) echo "tests/run.sh: unknown argument $argument; only --fast is known" >&2; exit 2 ;;
	esac
done

sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libcmocka-dev \
	dbus python3 python3-dbus python3-gi python3-pymodbus

mkdir -p build
build=build/test
if [ ! -f $build/build.ninja ]; then
	rm -rf $build
	meson setup $build -Dwerror=true -Db_sanitize=address,undefined >$build.setup.log 2>&1 ||
		{ cat $build.setup.log; exit 1; }
fi
meson compile -C $build >$build.compile.log 2>&1 || { cat $build.compile.log; exit 1; }

failed_run=0
meson test -C $build --no-rebuild --num-processes 2 >$build.test.log 2>&1 || failed_run=1
grep -E '^ *[0-9]+/[0-9]+ ' $build.test.log || true
if [ $failed_run = 1 ]; then
	cat $build/meson-logs/testlog.txt
fi

count() { sed -n "s/^$1: *\([0-9]*\).*/\1/p" $build.test.log; }
passed=$(count Ok)
failed=$(($(count Fail) + $(count Timeout)))
skipped=$(count Skipped)
$fast && echo "left out by --fast: nothing here needs an emulated guest"
echo "${passed:-0} passed, ${failed:-1} failed, ${skipped:-0} skipped"
[ "$failed_run" = 0 ] && [ "${passed:-0}" -gt 0 ]
