#!/usr/bin/env bash
# The pages for gui-v2: compiled, linted, and shown offscreen over a stand-in for Victron's
# components.
#   tests/gui/run.sh [FOLDER]     the pictures go to FOLDER, default build/gui
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../.."
top=$PWD
out=${1:-build/gui}

sh tests/packages.sh qt6-base-dev-tools qt6-declarative-dev-tools qml6-module-qtquick \
	qml6-module-qtquick-window qml6-module-qtquick-templates qml6-module-qtqml-models \
	qml6-module-qtqml-workerscript qml6-module-qttest qml6-module-qtqml fonts-dejavu-core python3
mkdir -p "$out"
out=$(cd "$out" && pwd)
bin=/usr/lib/qt6/bin
passed=0
failed=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $name"
		sed 's/^/    /' "$out/log"
	fi
}

same_twice() {
	ext/gui_plugin.sh "$out/dbus-tinybms.json"
	sleep 1.1 # the times of the sources' copies would differ by then
	ext/gui_plugin.sh "$out/again.json"
	cmp "$out/dbus-tinybms.json" "$out/again.json"
}

refuses_what_is_wrong() { # the linter sees a property that is not there
	sed 's/secondaryText:/secondaryTxet:/' src/gui-v2/NumberSetting.qml >"$out/Wrong.qml"
	! "$bin/qmllint" --import info -I tests/gui "$out/Wrong.qml"
}

# Debian's linter lacks a file about its own built-in types and says so at every import.
lint() { "$bin/qmllint" --import info -I tests/gui src/gui-v2/*.qml; }

pages() {
	cd "$out"
	QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software QT_FORCE_STDERR_LOGGING=1 LC_ALL=C.UTF-8 \
		XDG_RUNTIME_DIR=$out timeout 120 "$bin/qmltestrunner" -import "$top/tests/gui" \
		-input "$top/tests/gui/tst_pages.qml"
}

# What a page complains of would be an error in the log of the display.
no_complaints() { ! grep -E 'QWARN|QCRITICAL' "$out/pages.log"; }

count_pages() {
	local _ good bad
	(pages) >"$out/pages.log" 2>&1 || :
	# "Totals: 10 passed, 0 failed, ..."
	read -r _ good _ bad _ < <(grep '^Totals:' "$out/pages.log" || echo 'Totals: 0 passed, 1 failed')
	passed=$((passed + good)) failed=$((failed + bad))
	grep -A 2 -E '^(FAIL|XPASS)' "$out/pages.log" || :
	check "no page complains" no_complaints
}

check "the same sources give the same bytes" same_twice
check "what the loader expects" python3 tests/gui/check_plugin.py "$out/dbus-tinybms.json" src/gui-v2
check "lint" lint
check "lint refuses what is wrong" refuses_what_is_wrong
count_pages
for name in battery-page several-batteries settings-page; do
	check "a picture of $name" test -s "$out/$name.png"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
