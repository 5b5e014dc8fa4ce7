#!/usr/bin/env bash
# Decode every NMEA 2000 message with canboatjs.
#   tests/canboat/run.sh BUILD_DIR DBUS_TINYBMS MESSAGES     (meson gives the three)
# The decoder is installed once, in the build folder, in the versions of the lock file.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
modules=$1/canboat

command -v node >/dev/null && command -v npm >/dev/null || sh "$here/../packages.sh" nodejs npm

(
	mkdir -p "$modules"
	flock 9
	cmp -s "$here/package-lock.json" "$modules/installed.json" && exit
	cp "$here/package.json" "$here/package-lock.json" "$modules/"
	npm --prefix "$modules" ci --omit=optional --ignore-scripts --no-audit --no-fund >"$modules.log" 2>&1 ||
		{ cat "$modules.log"; exit 1; }
	cp "$here/package-lock.json" "$modules/installed.json"
) 9>"$1/canboat.lock"

node "$here/check.js" "$modules" "$2" "$3"
