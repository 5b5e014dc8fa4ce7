#!/usr/bin/env bash
# The service beside a virtual battery, seen by a client; neither is ours.
#   tests/victron_npm/run.sh BUILD_DIR DBUS_TINYBMS TINYBMS_SIM     (meson gives the three)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

"$here/../npm.sh" "$here" "$1/victron_npm"

folder=$(mktemp -d)
pids=()
clean_up() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$folder"
}
trap clean_up EXIT
start() { # NAME COMMAND ...
	local name=$1
	shift
	"$@" >"$folder/$name.log" 2>&1 &
	pids+=($!)
}

start bus dbus-daemon --session --nofork --nopidfile --address="unix:path=$folder/bus"
while ! [ -S "$folder/bus" ]; do sleep 0.1; done
export DBUS_SESSION_BUS_ADDRESS="unix:path=$folder/bus"
start settings /usr/bin/python3 "$here/../standin/settings.py"
start bms "$3" --link "$folder/bms" --cells 16 --chemistry lfp --soc 60
while ! [ -e "$folder/bms" ]; do sleep 0.1; done
start service "$2" --config "$folder/config.json" --port "$folder/bms" --state "$folder/state"

timeout 60 node "$here/check.js" "$1/victron_npm" || { cat "$folder/service.log"; exit 1; }
