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
(cd tests/gateway/http && TINYBMS_GATEWAY=$OLDPWD/$build/src/gateway/tinybms-gateway PYTHONDONTWRITEBYTECODE=1 \
	/usr/bin/python3 -m unittest -v http_test certificates_test) 2>&1 | tee "$log"
# By its closing lines: "Ran 28 tests in 30 s", "FAILED (failures=1, errors=1, skipped=2)".
ran=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} in .*/\1/p' "$log")
of() { tail -n 1 "$log" | sed -n "s/.*$1=\([0-9]*\).*/\1/p"; }
skipped=$(of skipped) failures=$(of failures) errors=$(of errors)
skipped=${skipped:-0} failed=$((${failures:-0} + ${errors:-0}))
passed=$((${ran:-0} - skipped - failed))
grep -q '^OK' "$log" || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
