#!/usr/bin/env bash
# Build with warnings as errors and sanitizers, and run every test.
#   tests/run.sh [--fast]     --fast leaves out what takes minutes
# One line a suite, logs under build/, and at the end "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/.."

is_fast=0
for argument in "$@"; do
	case $argument in
	--fast) is_fast=1 ;;
	*) echo "tests/run.sh: unknown argument $argument; only --fast is known" >&2; exit 2 ;;
	esac
done

suite_logs=build
# shellcheck source=tests/suites.sh
. tests/suites.sh

# Tests of the service, sun and the guest of CAN wait most of the time: packages and fuzzers
# take what they leave.
mkdir -p build
[ $is_fast = 1 ] || start package nice -n 19 tests/package.sh
suite unit tests/unit.sh
suite shell tests/shell.sh
suite tournament tests/tournament.sh --small --quiet
start fuzz nice -n 19 tests/fuzz.sh --seconds 20
if [ $is_fast = 0 ]; then
	start sun tests/sun.sh
	suite can tests/vm/can.sh
	finish sun
	finish fuzz
	finish package
	# Those that the suite package has left:
	suite archives tests/archives.sh
	# Two cuts of each kind on each of two devices; by itself it makes four.
	GX_CUTS=2 VM_DIST=build/dist suite gx tests/vm/gx.sh
	suite gateway tests/gateway/run.sh
else
	finish fuzz
	skipped=$((skipped + 6))
	echo "sun, can, package, archives, gx, gateway: skipped with --fast"
fi
suite gui tests/gui/run.sh

suites_end
