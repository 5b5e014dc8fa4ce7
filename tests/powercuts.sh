#!/usr/bin/env bash
# powercuts.sh [COUNT] - the power fails COUNT times, 20 without it, in the middle of each kind of
# write: those of the running service on this machine, where each operation on a file is hit, and
# install, update and settings at random moments on the emulated GX device.
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."
cuts=${1:-20}

# The service's own files; each test is one kind.
sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev \
	dbus python3 python3-dbus python3-gi python3-serial
build=build/powercuts
mkdir -p build
[ -f $build/build.ninja ] ||
	meson setup $build >$build.setup.log 2>&1 || { cat $build.setup.log; exit 1; }
meson compile -C $build src/dbus-tinybms src/sim/tinybms-sim tests/service/power_cut
python3=/usr/bin/python3
PYTHONDONTWRITEBYTECODE=1 $python3 tests/service/test_powercuts.py $build/src/dbus-tinybms \
	$build/src/sim/tinybms-sim tests/standin/settings.py $build/tests/service/libpower_cut.so \
	"$cuts" 2>&1 | tee build/powercuts.log || true
passed=0 failed=0
ran=$(sed -n 's/^Ran \([0-9]*\) tests.*/\1/p' build/powercuts.log)
failed=$(grep -cE '^(FAIL|ERROR): ' build/powercuts.log || true)
[ -n "$ran" ] || { ran=1 failed=1; }
passed=$((ran - failed))

GX_CUTS=$cuts tests/vm/gx.sh --cuts armhf 2>&1 | tee build/powercuts.gx.log || true
counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' build/powercuts.gx.log | tail -n 1)
[ -n "$counts" ] || counts='0 passed, 1 failed'
passed=$((passed + ${counts%% passed*}))
counts=${counts#*, }
failed=$((failed + ${counts%% failed*}))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
