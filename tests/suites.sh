# shellcheck shell=bash
# suites.sh - sourced by what runs suites: one line of result a suite, alone or side by side.
# A suite ends with a line "N passed, N failed, N skipped"; its output goes to $suite_logs/NAME.log.

passed=0 failed=0 skipped=0
declare -A suite_job suite_began

suite_count() { # WORD LOG: of the log's last line that counts
	grep -E '^[0-9]+ passed, [0-9]+ failed' "$2" | tail -n 1 |
		sed -n "s/.*\b\([0-9][0-9]*\) $1.*/\1/p" || : # there may be no such line
}

# start NAME COMMAND...: in the background
start() {
	local name=$1
	shift
	suite_began[$name]=$SECONDS
	"$@" >"$suite_logs/$name.log" 2>&1 </dev/null &
	suite_job[$name]=$!
}

# finish NAME: what the suite counts in its closing line counts here; one that ends
# without counting anything, or badly without a failure, has failed.
finish() {
	local name=$1 log=$suite_logs/$1.log status=0 good bad left
	wait "${suite_job[$name]}" || status=$?
	good=$(suite_count passed "$log") bad=$(suite_count failed "$log") left=$(suite_count skipped "$log")
	good=${good:-0} bad=${bad:-0} left=${left:-0}
	if [ $((good + bad + left)) = 0 ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
		bad=$((bad + 1))
	fi
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left))
	echo "$name: $good passed, $bad failed, $left skipped in $((SECONDS - suite_began[$name])) s"
	[ "$bad" = 0 ] || sed "s/^/    /" "$log" | tail -n 200
}

suite() { # NAME COMMAND...
	start "$@"
	finish "$1"
}

suites_end() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
