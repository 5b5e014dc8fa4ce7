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

passed=0
failed=0
skipped=0

count() { # WORD LOG: of the log's last "N passed, N failed, N skipped" line
	grep -E '^[0-9]+ passed, [0-9]+ failed' "$2" | tail -n 1 |
		sed -n "s/.*\b\([0-9][0-9]*\) $1.*/\1/p" || : # there may be no such line
}

# start NAME COMMAND...: in the background, its output in build/NAME.log
declare -A job began
start() {
	local name=$1
	shift
	began[$name]=$SECONDS
	"$@" >"build/$name.log" 2>&1 </dev/null &
	job[$name]=$!
}

# finish NAME: what the suite counts in its closing line counts here; one that ends
# without counting anything, or badly without a failure, has failed.
finish() {
	local name=$1 log=build/$1.log status=0 good bad left
	wait "${job[$name]}" || status=$?
	good=$(count passed "$log") bad=$(count failed "$log") left=$(count skipped "$log")
	good=${good:-0} bad=${bad:-0} left=${left:-0}
	if [ $((good + bad + left)) = 0 ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
		bad=$((bad + 1))
	fi
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
	echo "$name: $good passed, $bad failed, $left skipped in $((SECONDS - began[$name])) s"
	[ "$bad" = 0 ] || sed "s/^/    /" "$log" | tail -n 200
}

suite() {
	start "$@"
	finish "$1"
}

mkdir -p build
suite unit tests/unit.sh
suite shell tests/shell.sh
suite fuzz tests/fuzz.sh --seconds 30
suite tournament tests/tournament.sh --small --quiet
if [ $is_fast = 0 ]; then
	# One waits for its sun, the other for its guest: together they keep two cores busy.
	start sun tests/sun.sh
	suite can tests/vm/can.sh
	finish sun
	suite package tests/package.sh
	# Those that the suite package has left:
	suite archives tests/archives.sh
	# Two cuts of each kind on each of two devices; by itself it makes four.
	GX_CUTS=2 VM_DIST=build/dist suite gx tests/vm/gx.sh
	suite gateway tests/gateway/run.sh
else
	skipped=$((skipped + 6))
	echo "sun, can, package, archives, gx, gateway: skipped with --fast"
fi
suite gui tests/gui/run.sh

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
