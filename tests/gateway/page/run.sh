#!/usr/bin/env bash
# The gateway's page in a real browser: every view in each size, language and colour scheme.
#   tests/gateway/page/run.sh [FOLDER]     pictures of what failed go to FOLDER, default build/page-shots
# Ends with "N passed, N failed".
set -euo pipefail
cd "$(dirname "$0")/../../.."
out=${1:-build/page-shots}
modules=$PWD/build/page-test-npm

sh tests/packages.sh chromium fonts-dejavu-core
mkdir -p "$out"
tests/npm.sh tests/gateway/page "$modules"
passed=0
failed=0

same_twice() {
	ext/page.sh build/page && sleep 1.1 && ext/page.sh build/page-again &&
		diff -r build/page build/page-again
}
refuses_a_folder_of_others() {
	rm -rf build/page-not && mkdir build/page-not && touch build/page-not/precious &&
		! ext/page.sh build/page-not && [ -e build/page-not/precious ]
}
for check in same_twice refuses_a_folder_of_others; do
	if $check >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $check"
		sed 's/^/    /' "$out/log"
	fi
done

counting() { # COMMAND...: adds what its last line counts
	local good bad
	"$@" >"$out/log" 2>&1 || :
	grep -v -E '^[0-9]+ passed, ' "$out/log" || :
	read -r good _ bad _ < <(tail -n 1 "$out/log" | grep -E '^[0-9]+ passed, ' || echo '0 passed, 1 failed')
	passed=$((passed + good)) failed=$((failed + bad))
}
counting node tests/gateway/page/page.test.js "$PWD/build/page" "$modules" "$out"

# The gateway itself with services and simulators behind it, where the unit tests have built them.
skipped=0
build=build/test
if [ -x $build/src/gateway/tinybms-gateway ] && [ -x $build/src/sim/tinybms-sim ] && [ -x $build/src/dbus-tinybms ]; then
	sh tests/packages.sh dbus python3 python3-dbus python3-gi
	counting node tests/gateway/page/real.js "$PWD/build/page" "$modules" "$out" "$PWD/$build"
else
	skipped=1
	echo "real gateway: skipped, $build has no gateway, service and simulator: run tests/unit.sh"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
