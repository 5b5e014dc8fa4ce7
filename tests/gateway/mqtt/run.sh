#!/usr/bin/env bash
# The gateway's MQTT side with mosquitto as broker and npm's mqtt as client.
#   tests/gateway/mqtt/run.sh [BUILD]     BUILD: a meson build folder, default build/test
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=${1:-build/test}

sh tests/packages.sh mosquitto openssl gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev \
	libmosquitto-dev libwebsockets-dev libsodium-dev libssl-dev
tests/npm.sh tests/gateway/mqtt build/mqtt-modules
[ -f "$build/build.ninja" ] ||
	meson setup "$build" -Dwerror=true -Db_sanitize=address,undefined >/dev/null
meson compile -C "$build" mqtt_rig >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node tests/gateway/mqtt/check.cjs "$build/tests/gateway/mqtt_rig" build/mqtt-modules "$folder"
