#!/usr/bin/env bash
# Put the gateway's web page together: what src/web has, and uPlot for its curves.
#   ext/page.sh FOLDER
# Each file lies beside a copy that is compressed already. The same sources give the same bytes.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
modules=$top/build/page-npm
if [ -n "$(ls -A "$out")" ] && [ ! -e "$out/uPlot.iife.min.js" ]; then
	echo "ext/page.sh: $1 has other files: give an empty folder, or one of this script's" >&2
	exit 2
fi

"$top/tests/npm.sh" "$top/src/web" "$modules"
uplot=$modules/node_modules/uplot
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$top/src/web" && find . -name '*.js' -o -name '*.css' -o -name '*.svg' -o -name '*.html') |
	sort >"$work/files"
mkdir "$work/page"
(cd "$top/src/web" && tar cf - -T "$work/files") | tar xf - -C "$work/page"
cp "$uplot/dist/uPlot.iife.min.js" "$uplot/dist/uPlot.min.css" "$work/page/"
cp "$uplot/LICENSE" "$work/page/uPlot-LICENSE.txt"
find "$work/page" -type f -exec chmod 644 {} + # whatever the umask was
find "$work/page" -type d -exec chmod 755 {} +
find "$work/page" -type f -exec gzip -9nk {} +
find "$work/page" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +

rm -rf "${out:?}"/*
cp -Rp "$work/page/." "$out/"
