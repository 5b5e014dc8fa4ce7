#!/usr/bin/env bash
# Every test that meson knows, built with warnings as errors and with the address
# and undefined-behaviour sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."

sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev \
	libwebsockets-dev libwebsockets-evlib-glib libmosquitto-dev libsodium-dev libssl-dev \
	dbus python3 python3-dbus python3-gi python3-pymodbus python3-serial python3-serial-asyncio python3-serial

build=build/test
mkdir -p build
if [ ! -f $build/build.ninja ]; then
	rm -rf $build
	meson setup $build -Dwerror=true -Db_sanitize=address,undefined
fi
meson compile -C $build

status=0
# Those of the service wait most of the time.
meson test -t 4 -C $build --no-rebuild --num-processes 4 | tee $build/tests.log || status=1
[ $status = 0 ] || cat $build/meson-logs/testlog.txt

count() { sed -n "s/^$1: *\([0-9]*\).*/\1/p" $build/tests.log; }
passed=$(count Ok) failed=$(count Fail) late=$(count Timeout) skipped=$(count Skipped)
echo "${passed:-0} passed, $((${failed:-0} + ${late:-0})) failed, ${skipped:-0} skipped"
exit $status
