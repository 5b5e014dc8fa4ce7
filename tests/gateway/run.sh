#!/usr/bin/env bash
# What the gateway is tested with beside meson's tests: one folder, one run.sh each.
# Ends with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
mkdir -p build

passed=0 failed=0 skipped=0
count() { # WORD LOG: of the log's last line that counts
	grep -E '^[0-9]+ passed, [0-9]+ failed' "$2" | tail -n 1 | sed -n "s/.*\\b\\([0-9][0-9]*\\) $1.*/\\1/p"
}

for part in tests/gateway/*/run.sh; do
	name=$(basename "$(dirname "$part")") log=build/gateway.part.log began=$SECONDS
	"$part" >"$log" 2>&1 </dev/null
	status=$?
	good=$(count passed "$log") bad=$(count failed "$log") left=$(count skipped "$log")
	good=${good:-0} bad=${bad:-0} left=${left:-0}
	if [ $((good + bad + left)) = 0 ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
		bad=$((bad + 1))
	fi
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
	echo "$name: $good passed, $bad failed, $left skipped in $((SECONDS - began)) s"
	[ "$bad" = 0 ] || sed 's/^/    /' "$log"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
