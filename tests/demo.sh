#!/usr/bin/env bash
# A whole battery on this computer: private bus, settings stand-in, simulated
# BMS, the service, and a live table of what it publishes.
#   ./install.sh demo [--page] [--seconds N]     --page: the gateway and its web page as well
# Runs until Ctrl-C, or for N seconds; exit status 0 only if data flowed. Leaves
# nothing behind but the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=0 with_page=0 page_port=8480
while [ $# -gt 0 ]; do
	case $1 in
	--page)
		with_page=1
		shift
		;;
	--seconds)
		seconds=${2:-}
		case $seconds in '' | *[!0-9]*)
			echo "demo: --seconds needs a whole number, not \"$seconds\"" >&2
			exit 2
			;;
		esac
		shift 2
		;;
	*)
		echo "demo: unknown argument $1; only --page and --seconds N are known" >&2
		exit 2
		;;
	esac
done

echo "Installing what is missing ..."
sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev \
	dbus python3 python3-dbus python3-gi
if [ $with_page = 1 ]; then
	sh tests/packages.sh libwebsockets-dev libwebsockets-evlib-glib libmosquitto-dev libsodium-dev \
		libssl-dev gzip
fi

echo "Building ..."
build=build/demo gateway=disabled
if [ $with_page = 1 ]; then build=build/demo-page gateway=enabled; fi
mkdir -p build
if [ ! -f $build/build.ninja ]; then
	rm -rf $build
	meson setup $build -Dtests=false -Dgateway=$gateway >$build.setup.log 2>&1 ||
		{ cat $build.setup.log; exit 1; }
fi
meson compile -C $build >$build.compile.log 2>&1 || { cat $build.compile.log; exit 1; }
[ $with_page = 0 ] || ext/page.sh build/page >$build.page.log 2>&1 || { cat $build.page.log; exit 1; }

folder=$(mktemp -d)
pids=()
clean_up() {
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait 2>/dev/null || true
	rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start() { # NAME COMMAND ...: in the background, its output in a file
	local name=$1
	shift
	"$@" >"$folder/$name.log" 2>&1 &
	pids+=($!)
}

wait_for() { # WHAT LOG TEST...: at most 10 s
	local what=$1 log=$2
	shift 2
	for _ in $(seq 100); do
		"$@" && return
		sleep 0.1
	done
	echo "demo: $what did not start:" >&2
	cat "$folder/$log.log" >&2
	exit 1
}

socket=$folder/bus
start bus dbus-daemon --session --nofork --nopidfile --address="unix:path=$socket"
wait_for "the bus" bus test -S "$socket"
export DBUS_SESSION_BUS_ADDRESS="unix:path=$socket"

start settings /usr/bin/python3 tests/standin/settings.py --file "$folder/settings.json"
start bms $build/src/sim/tinybms-sim --link "$folder/bms" --control "$folder/control" \
	--registers tests/data/house_battery.csv --chemistry lfp --cells 16 --capacity 280 --soc 60
wait_for "the simulator" bms test -S "$folder/control"
/usr/bin/python3 tests/demo_table.py --control "$folder/control" --prepare
echo '{}' >"$folder/config.json"
start service $build/src/dbus-tinybms --config "$folder/config.json" --port "$folder/bms"

note=
if [ $with_page = 1 ]; then
	password=$(head -c 12 /dev/urandom | sha256sum | cut -c 1-16)
	gateway=$build/src/gateway/tinybms-gateway
	echo "{\"port\": $page_port}" >"$folder/gateway.json"
	echo "$password" | $gateway --config "$folder/gateway.json" --set-password
	start gateway $gateway --config "$folder/gateway.json" --page build/page
	wait_for "the gateway" gateway grep -q "listening at" "$folder/gateway.log"
	note="Page: http://127.0.0.1:$page_port/   password: $password"
fi

status=0
/usr/bin/python3 tests/demo_table.py --seconds "$seconds" --control "$folder/control" --note "$note" ||
	status=$?
if [ $status = 1 ]; then
	echo "The service said:" >&2
	cat "$folder/service.log" >&2
fi
exit $status
