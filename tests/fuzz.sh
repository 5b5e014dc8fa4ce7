#!/usr/bin/env bash
# Build the libFuzzer targets, run each over its corpus, then on for a while.
#   tests/fuzz.sh [--seconds N] [TARGET ...]     30 s each by default
# One line of result a target; exit status 0 only if none found anything. What
# was found is kept in build/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=30
targets=()
while [ $# -gt 0 ]; do
	case $1 in
	--seconds) seconds=$2; shift 2 ;;
	-*) echo "tests/fuzz.sh: unknown argument $1" >&2; exit 2 ;;
	*) targets+=("$1"); shift ;;
	esac
done
if [ ${#targets[@]} = 0 ]; then
	for folder in tests/fuzz/corpus/*/; do
		targets+=("$(basename "$folder")")
	done
fi

sh tests/packages.sh clang libclang-rt-14-dev meson ninja-build pkg-config \
	libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libsocketcan-dev \
	libwebsockets-dev libmosquitto-dev libsodium-dev libssl-dev

build=build/fuzz
mkdir -p build
if [ ! -f $build/build.ninja ]; then
	rm -rf $build
	CC=clang meson setup $build -Dtests=false -Dfuzzing=true -Dwerror=true -Db_lundef=false \
		-Db_sanitize=address,undefined \
		-Dc_args=-fsanitize=fuzzer-no-link >$build.setup.log 2>&1 ||
		{ cat $build.setup.log; exit 1; }
fi
meson compile -C $build >$build.compile.log 2>&1 || { cat $build.compile.log; exit 1; }

found=$PWD/$build/found
mkdir -p "$found"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

fuzz() { # TARGET
	local target=$1 grown=$build/grown/$1 log=$build/$1.log
	mkdir -p "$grown"
	if "$build/tests/fuzz/fuzz_$target" -runs=0 "tests/fuzz/corpus/$target" >"$log" 2>&1 &&
		"$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 \
			-artifact_prefix="$found/$target-" "$grown" "tests/fuzz/corpus/$target" >>"$log" 2>&1
	then
		echo "fuzz $target: OK, $(grep -o '^Done [0-9]* runs' "$log" | tail -n 1 | tr -dc 0-9) runs"
	else
		tail -n 40 "$log"
		echo "fuzz $target: FAIL, see build/fuzz/found"
		return 1
	fi
}

passed=0
failed=0
running=()
settle() {
	for pid in "${running[@]}"; do
		if wait "$pid"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
	done
	running=()
}
for target in "${targets[@]}"; do
	fuzz "$target" &
	running+=($!)
	[ ${#running[@]} -lt "$(nproc)" ] || settle
done
settle
echo "$passed passed, $failed failed"
[ $failed = 0 ]
