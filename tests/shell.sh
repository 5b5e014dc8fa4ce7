#!/usr/bin/env bash
# Every script is free of shellcheck's findings, and busybox's shell can read what runs on a
# device. Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
sh tests/packages.sh shellcheck busybox git
mkdir -p build

passed=0
failed=0
count() {
	if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# SC2015: "A && B || fail" is meant where fail ends the script.
# SC2034, SC2154: variables of sourced files; install.sh is checked with all that it sources.
# SC2317: what a trap calls is reached.
git ls-files | while read -r file; do
	read -r first <"$file" 2>/dev/null || continue
	case $first in '#!'*sh | '# shellcheck shell='*) echo "$file" ;; esac
done >build/shell.files
while read -r file; do
	case $file in
	install.sh) shellcheck -x -a -e SC2015 "$file" ;;
	*) shellcheck -x -e SC2015,SC2034,SC2154,SC1091,SC2317 "$file" ;;
	esac
	count $?
done <build/shell.files

for file in install.sh service/run service/log/run service/boot service/lib/*.sh service/usb/*.sh; do
	busybox ash -n "$file"
	count $?
done
rm -f build/shell.files
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
