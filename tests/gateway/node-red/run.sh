#!/usr/bin/env bash
# The example flow of docs/examples, run in Node-RED itself.
#   tests/gateway/node-red/run.sh [BUILD]     BUILD: a meson build folder, default build/test
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=${1:-build/test}
modules=$PWD/build/node-red-modules

sh tests/packages.sh mosquitto
tests/npm.sh tests/gateway/node-red "$modules"
[ -f "$build/build.ninja" ] ||
	meson setup "$build" -Dwerror=true -Db_sanitize=address,undefined >/dev/null
meson compile -C "$build" mqtt_rig >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node tests/gateway/node-red/check.cjs "$build/tests/gateway/mqtt_rig" "$modules" "$folder" \
	docs/examples/node-red-flow.json
