# shellcheck shell=bash
# Checks in a guest, counted; check_end prints "N passed, N failed" and returns the status.

CHECK_PASSED=0
CHECK_FAILED=0
CHECK_SINCE=$SECONDS

# check_count STATUS NAME [TEXT] - TEXT tells more of a failure.
check_count() {
	local took=$((SECONDS - CHECK_SINCE))
	CHECK_SINCE=$SECONDS
	if [ "$1" = 0 ]; then
		CHECK_PASSED=$((CHECK_PASSED + 1))
		echo "ok: $2 ($took s)"
	else
		CHECK_FAILED=$((CHECK_FAILED + 1))
		echo "not ok: $2 ($took s)"
		local text=${3:-}
		echo "    ${text//$'\n'/$'\n    '}"
	fi
}

# check NAME SECONDS COMMANDS - they succeed in the guest.
check() {
	local output status=0
	output=$(vm_run "$2" "$3" 2>&1) || status=$?
	check_count $status "$1" "status $status: $output"
}

# check_fails NAME SECONDS TEXT COMMANDS - they do not succeed and say TEXT.
check_fails() {
	local output status=0 bad=1
	output=$(vm_run "$2" "$4" 2>&1) || status=$?
	if [ $status != 0 ] && [ $status -lt 124 ] && grep -qF -- "$3" <<<"$output"; then bad=0; fi
	check_count $bad "$1" "status $status, wanted another than 0 and \"$3\": $output"
}

# check_says NAME SECONDS TEXT COMMANDS - they succeed and say TEXT.
check_says() {
	local output status=0 bad=1
	output=$(vm_run "$2" "$4" 2>&1) || status=$?
	if [ $status = 0 ] && grep -qF -- "$3" <<<"$output"; then bad=0; fi
	check_count $bad "$1" "status $status, wanted 0 and \"$3\": $output"
}

# check_here NAME WANTED TEXT COMMAND... - on this side: it ends with status WANTED and says TEXT.
check_here() {
	local name=$1 wanted=$2 text=$3 output status=0 bad=1
	shift 3
	output=$("$@" 2>&1 </dev/null) || status=$?
	if [ $status = "$wanted" ] && grep -qF -- "$text" <<<"$output"; then bad=0; fi
	check_count $bad "$name" "status $status, wanted $wanted and \"$text\": $output"
}

# check_equal NAME WANTED GOT - on this side.
check_equal() {
	local bad=1
	[ "$2" != "$3" ] || bad=0
	check_count $bad "$1" "$(diff <(echo "$2") <(echo "$3"))"
}

check_end() {
	echo "$CHECK_PASSED passed, $CHECK_FAILED failed"
	[ $CHECK_FAILED = 0 ] && [ $CHECK_PASSED -gt 0 ]
}
