#!/usr/bin/env bash
# What the gateway is tested with beside meson's tests: one folder, one run.sh each.
# Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
suite_logs=build/gateway-logs
mkdir -p $suite_logs
# shellcheck source=tests/suites.sh
. tests/suites.sh

# Alone: it counts tenths of a second, and the kernel carries a pty's bytes at ordinary priority.
suite battery tests/gateway/load/run.sh --only battery
# Other load waits most of the time, and the browser takes what the others leave.
start load tests/gateway/load/run.sh --without battery
start page nice -n 19 tests/gateway/page/run.sh
for script in tests/gateway/*/run.sh; do
	part=$(basename "$(dirname "$script")")
	case $part in load | page) ;; *) suite "$part" "$script" ;; esac
done
finish load
finish page
suites_end
