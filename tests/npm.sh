#!/usr/bin/env bash
# Install the npm packages of a test, in the versions of its lock file, once.
#   tests/npm.sh FOLDER MODULES      FOLDER has package.json and its lock file
set -euo pipefail
folder=$1
modules=$2

command -v node >/dev/null && command -v npm >/dev/null ||
	sh "$(dirname "$0")/packages.sh" nodejs npm
mkdir -p "$modules"
exec 9>"$modules/lock"
flock 9
cmp -s "$folder/package-lock.json" "$modules/installed.json" && exit
cp "$folder/package.json" "$folder/package-lock.json" "$modules/"
npm --prefix "$modules" ci --omit=optional --ignore-scripts --no-audit --no-fund >"$modules/log" 2>&1 ||
	{ cat "$modules/log"; exit 1; }
cp "$folder/package-lock.json" "$modules/installed.json"
