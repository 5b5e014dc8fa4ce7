#!/usr/bin/env bash
# ctl.sh TINYBMSCTL - its commands as an owner types them: output, exit status, files left.
set -uo pipefail
ctl=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
file=$dir/config.json
bad=0

# expect STATUS PATTERN ARGUMENT... - the pattern is a whole line or a part of what is printed.
expect() {
	local want=$1 pattern=$2 output status
	shift 2
	output=$("$ctl" "$@" 2>&1)
	status=$?
	if [ "$status" != "$want" ] || ! grep -qF -- "$pattern" <<<"$output"; then
		bad=$((bad + 1))
		echo "tinybmsctl $*: status $status, wanted $want and \"$pattern\" in: $output" >&2
	fi
}

expect 2 COMMAND
expect 0 probe --help
expect 0 'tinybmsctl 0.' --version
expect 2 'no command "fly"' fly
expect 2 'a verb is missing' config
expect 2 'not understood' config get
expect 2 'not understood' config fly

expect 0 '' config -f "$file" check
expect 0 100 config -f "$file" get poll_interval_ms
expect 1 'no key "speed"' config -f "$file" get speed
expect 0 '' config -f "$file" set poll_interval_ms=250 'battery_name=Garden shed'
expect 0 250 config -f "$file" get poll_interval_ms
expect 0 'battery_name = Garden shed' config -f "$file" list
[ "$(stat -c %a "$file")" = 600 ] || { bad=$((bad + 1)); echo "mode of the file" >&2; }

expect 0 '{"name":"poll_interval_ms","value":"250","unit":"","meaning":' config -f "$file" get poll_interval_ms --json
expect 0 '{"configuration":[{"name":"port",' config -f "$file" list --json
expect 0 '{"done":true}' config -f "$file" check --json
expect 0 '{"done":true}' config -f "$file" set --json poll_interval_ms=250

# A wrong value changes nothing, not even the right one before it.
cp "$file" "$dir/before"
expect 1 '100 to 1000' config -f "$file" set battery_name=House poll_interval_ms=5
expect 1 'KEY=VALUE' config -f "$file" set poll_interval_ms
cmp "$file" "$dir/before" || bad=$((bad + 1))

echo '{"victron": {"battery_name": "Barn"}, "wifi": {"sta_password": "x"}}' >"$dir/bridge.json"
expect 0 'left out: wifi.sta_password' config -f "$file" import "$dir/bridge.json"
expect 0 Barn config -f "$file" get battery_name
expect 1 'no-such-file' config -f "$file" import "$dir/no-such-file"

printf '{\n"port": 7\n}\n' >"$file"
expect 1 "$file: line 2: port" config -f "$file" check
expect 1 'port' config -f "$file" set battery_name=House
expect 1 /dev/no-such-port probe /dev/no-such-port
expect 2 'probe PORT' probe

# The man page and the completion know every command.
docs=$(dirname "$0")/../docs
# shellcheck source=/dev/null
. "$docs/tinybmsctl.bash"
complete_words() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_tinybmsctl
	echo "${COMPREPLY[*]}"
}
for command in $("$ctl" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
	if [ "$(complete_words tinybmsctl "$command" | tr ' ' '\n' | head -1)" != "$command" ] ||
		! sed 's/\\//g' "$docs/tinybmsctl.1" | grep -qw -- "$command"; then
		bad=$((bad + 1))
		echo "$command is not in the man page, or not completed" >&2
	fi
done
# Each option that is completed is known to the command.
for command in $("$ctl" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
	help=$("$ctl" "$command" --help)
	for option in $(complete_words tinybmsctl "$command" -- | tr ' ' '\n' | grep -v -x -e --help); do
		grep -q -e "$option\b" <<<"$help" || {
			bad=$((bad + 1))
			echo "$command is completed with $option, which it does not know" >&2
		}
	done
done
[ "$(complete_words tinybmsctl settings re)" = restore ] || bad=$((bad + 1))
exit $((bad > 0))
