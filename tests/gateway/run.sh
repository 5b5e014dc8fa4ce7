#!/usr/bin/env bash
# What the gateway is tested with beside meson's tests: one folder, one run.sh each.
# Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
suite_logs=build/gateway-logs
mkdir -p $suite_logs
# shellcheck source=tests/suites.sh
. tests/suites.sh

# Load waits most of the time; the browser needs the machine.
start load tests/gateway/load/run.sh
for part in api http install mqtt node-red; do
	suite $part tests/gateway/$part/run.sh
done
finish load
suite page tests/gateway/page/run.sh
suites_end
