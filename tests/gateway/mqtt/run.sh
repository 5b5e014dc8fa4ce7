#!/usr/bin/env bash
# The gateway's MQTT with mosquitto as broker, npm's mqtt and mosquitto's own programs as
# clients: its MQTT side alone, then all from the BMS to the broker and back.
#   tests/gateway/mqtt/run.sh [BUILD]     BUILD: a meson build folder, default build/test
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=${1:-build/test}

sh tests/packages.sh mosquitto mosquitto-clients openssl python3 python3-dbus python3-gi dbus \
	gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev \
	libmosquitto-dev libwebsockets-dev libsodium-dev libssl-dev
tests/npm.sh tests/gateway/mqtt build/mqtt-modules
[ -f "$build/build.ninja" ] ||
	meson setup "$build" -Dwerror=true -Db_sanitize=address,undefined >/dev/null
meson compile -C "$build" mqtt_rig mqtt_rig_eager tinybms-gateway dbus-tinybms tinybms-sim >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0
failed=0

node tests/gateway/mqtt/check.cjs "$build/tests/gateway/mqtt_rig" build/mqtt-modules "$folder" |
	tee "$folder/log" || :
read -r good _ bad _ < <(tail -n 1 "$folder/log" | grep -E '^[0-9]+ passed, ' || echo '0 passed, 1 failed')
passed=$((passed + good)) failed=$((failed + bad))

if PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/gateway/mqtt/whole.py "$build/src/dbus-tinybms" \
	"$build/src/sim/tinybms-sim" tests/standin/settings.py "$build/src/gateway/tinybms-gateway"; then
	passed=$((passed + 3))
else
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
