#!/usr/bin/env bash
# The gateway's server as strangers see it.
#   tests/gateway/http/run.sh
# Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/../../.." || exit 2

sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config libglib2.0-dev libmodbus-dev \
	libcjson-dev libdbus-1-dev libsocketcan-dev libcmocka-dev libwebsockets-dev \
	libwebsockets-evlib-glib libmosquitto-dev libsodium-dev libssl-dev \
	python3 python3-websockets openssl curl gzip || exit 1

build=build/test
[ -f $build/build.ninja ] || meson setup $build -Dwerror=true -Db_sanitize=address,undefined || exit 1
meson compile -C $build tinybms-gateway || exit 1

passed=0 failed=0 skipped=0
log=build/gateway.http.log
TINYBMS_GATEWAY=$build/src/gateway/tinybms-gateway /usr/bin/python3 tests/gateway/http/http_test.py -v 2>&1 | tee "$log"
passed=$(grep -c ' \.\.\. ok$' "$log")
skipped=$(grep -c ' \.\.\. skipped ' "$log")
failed=$(grep -cE ' \.\.\. (FAIL|ERROR)$' "$log")
grep -q '^OK' "$log" || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
