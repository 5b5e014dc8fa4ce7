#!/usr/bin/env bash
# Service, simulator and D-Bus together: four hours of sun in four minutes.
#   tests/sun.sh [HOURS]
# At the end "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

hours=${1:-4}
sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev \
	dbus python3 python3-dbus python3-gi python3-serial

build=build/release
mkdir -p build
if [ ! -f $build/build.ninja ]; then
	rm -rf $build
	meson setup $build --buildtype=release >$build.setup.log 2>&1 || { cat $build.setup.log; exit 1; }
fi
meson compile -C $build src/dbus-tinybms src/sim/tinybms-sim

if PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/service/test_sun.py \
	$build/src/dbus-tinybms $build/src/sim/tinybms-sim tests/standin/settings.py --hours "$hours"
then
	echo "1 passed, 0 failed"
else
	echo "0 passed, 1 failed"
	exit 1
fi
