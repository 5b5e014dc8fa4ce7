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

for file in install.sh service/run service/log/run service/boot service/entry service/lib/*.sh service/usb/*.sh; do
	busybox ash -n "$file"
	count $?
done
rm -f build/shell.files

# A program called by the name that is the same in every version.
says_which() { # NAME: by service/entry, of a made-up device with two versions
	local folder said
	folder=$(mktemp -d)
	mkdir -p "$folder"/data/apps/available/dbus-tinybms/versions/{1-old,2-new}
	cd "$folder/data/apps/available/dbus-tinybms" || return
	printf 'active=2-new\nprevious=1-old\n' >state
	for version in 1-old 2-new; do
		# shellcheck disable=SC2016 # expanded when it runs
		printf '#!/bin/sh\necho "%s ${0##*/} $# $2"\n' $version >"versions/$version/$1"
		chmod +x "versions/$version/$1"
	done
	cp "$2" "$1"
	said=$(GX_ROOT=$folder busybox ash "./$1" set 'a b')
	rm -rf "$folder"
	[ "$said" = "2-new $1 2 a b" ] && return
	echo "$1 by service/entry said: $said" >&2
	return 1
}
for name in tinybmsctl install.sh; do
	(says_which $name "$PWD/service/entry")
	count $?
done

# The service of a made-up device writes while a backup is made, which tar tells by its status.
backs_up() { # TRIES_THAT_FAIL STATUS CONFIGURATIONS_IN_IT
	local folder said status=0 found
	folder=$(mktemp -d)
	mkdir -p "$folder"/{bin,run,data/conf/dbus-tinybms,opt/victronenergy}
	echo v3.60 >"$folder/opt/victronenergy/version"
	echo '{}' >"$folder/data/conf/dbus-tinybms/config.json"
	cat >"$folder/bin/tar" <<-TAR
		#!/bin/sh
		echo >>$folder/tries
		/bin/tar "\$@"
		[ \$(wc -l <$folder/tries) -gt $1 ] || { echo "file changed as we read it" >&2; exit 1; }
	TAR
	chmod +x "$folder/bin/tar"
	said=$(GX_ROOT=$folder PATH=$folder/bin:$PATH sh install.sh backup "$folder/b" 2>&1) || status=$?
	found=$(tar -tzf "$folder/b" 2>/dev/null | grep -c '^./config.json$')
	[ "$status $found $(find "$folder" -name 'b*.new')" = "$2 $3 " ] || status=wrong
	rm -rf "$folder"
	[ "$status" = wrong ] || return 0
	echo "a backup that failed $1 times said: $said" >&2
	return 1
}
backs_up 2 0 1
count $?
backs_up 3 1 0
count $?
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
