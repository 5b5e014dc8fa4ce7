#!/usr/bin/env bash
# REST of the gateway: the description linted, every answer checked against it, metrics and rules
# by Prometheus' own tool, OpenMetrics by the parser of its Python client.
#   tests/gateway/api/run.sh [BUILD]     BUILD: a meson build folder, default build/test
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../../.."
build=${1:-build/test}
modules=build/gateway-api-modules

sh tests/packages.sh prometheus gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev \
	libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev libmosquitto-dev \
	libwebsockets-dev libsodium-dev libssl-dev openssl dbus python3 python3-dbus python3-gi \
	python3-prometheus-client
tests/npm.sh tests/gateway/api $modules
[ -f "$build/build.ninja" ] ||
	meson setup "$build" -Dwerror=true -Db_sanitize=address,undefined >/dev/null
meson compile -C "$build" tinybms-gateway dbus-tinybms dbus-tinybms-can tinybms-sim >/dev/null

passed=0 failed=0
check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$folder/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name failed"
		sed 's/^/    /' "$folder/log" | tail -n 100
	fi
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
answers=$folder/answers

check lint env REDOCLY_TELEMETRY=off $modules/node_modules/.bin/redocly lint \
	src/gateway/api/openapi.yaml
check requests /usr/bin/python3 tests/gateway/api/test_api.py "$build/src/dbus-tinybms" \
	"$build/src/sim/tinybms-sim" tests/standin/settings.py \
	"$build/src/gateway/tinybms-gateway" "$answers" "$folder/metrics" \
	"$build/tests/dbus-tinybms-can"
check strange /usr/bin/python3 tests/gateway/api/test_strange.py "$build/src/dbus-tinybms" \
	"$build/src/sim/tinybms-sim" tests/standin/settings.py \
	"$build/src/gateway/tinybms-gateway" "$folder/strange" "$folder/metrics" \
	"$build/tests/dbus-tinybms-can"
check answers env NODE_PATH=$modules/node_modules node tests/gateway/api/validate.js \
	src/gateway/api/openapi.yaml src/gateway/api/battery.schema.json "$answers"
check metrics sh -c "promtool check metrics <'$folder/metrics'"
check openmetrics /usr/bin/python3 tests/gateway/api/openmetrics.py "$folder/metrics.open"
check rules promtool check rules docs/monitoring/tinybms.rules.yml
check 'rules in action' promtool test rules docs/monitoring/tinybms.test.yml
check dashboard node tests/gateway/api/dashboard.js docs/monitoring/grafana.json "$folder/metrics"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
