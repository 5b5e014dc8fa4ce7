#!/usr/bin/env bash
# Load and endurance of the gateway, of its release build: prints figures, fails at a broken bound.
#   tests/gateway/load/run.sh [--long] [--only SCRIPT | --without SCRIPT]
# Short versions take some six minutes; --long: 50 clients for 30, a bad line for 15, a day in 15.
# Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/../../.." || exit 2

clients=30 line=30 part=6 hours=1 attack=4
if [ "${1:-}" = --long ]; then
	clients=1800 line=900 part=60 hours=24 attack=60
	shift
fi
only='' without=''
case ${1:-} in
--only) only=$2 ;;
--without) without=$2 ;;
'') ;;
*) echo "tests/gateway/load/run.sh: unknown argument $1" >&2; exit 2 ;;
esac
[ -e "tests/gateway/load/${only:-${without:-memory}}.py" ] || { echo "there is no $2.py" >&2; exit 2; }
sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev libmodbus-dev \
	libcjson-dev libdbus-1-dev libsocketcan-dev libwebsockets-dev libwebsockets-evlib-glib \
	libmosquitto-dev libsodium-dev libssl-dev python3 python3-websockets python3-dbus python3-gi \
	python3-serial dbus gzip mosquitto mosquitto-clients libfaketime iproute2 || exit 1

build=build/gateway-plain
[ -f $build/build.ninja ] || meson setup $build -Dtests=false --buildtype=release >/dev/null || exit 1
meson compile -C $build tinybms-gateway dbus-tinybms tinybms-sim >/dev/null || exit 1
export TINYBMS_GATEWAY=$build/src/gateway/tinybms-gateway PYTHONDONTWRITEBYTECODE=1
whole=("$build/src/dbus-tinybms" "$build/src/sim/tinybms-sim" tests/standin/settings.py "$TINYBMS_GATEWAY")

passed=0 failed=0 skipped=0
measure() { # SCRIPT ARGUMENT...
	local script=$1 status
	shift
	if [ "${only:-$script}" != "$script" ] || [ "$without" = "$script" ]; then return; fi
	echo "---- $script ${*: -1}"
	/usr/bin/python3 "tests/gateway/load/$script.py" "$@" 2>&1
	status=$?
	case $status in
	0) passed=$((passed + 1)) ;;
	77) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
}

measure memory
measure clients --seconds "$clients"
measure hostile "$attack"
measure battery "${whole[@]}" "$part"
measure broker "$TINYBMS_GATEWAY" 120
measure line netem "$line"
measure line proxy "$line"
measure day "${whole[@]}" "$hours"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
