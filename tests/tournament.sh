#!/usr/bin/env bash
# The charge controller against its plant: builds for release, runs on all cores,
# prints every figure with its target, for ours and for each compared law.
#   tests/tournament.sh                    200 packs a scenario, 20 for each other law
#   tests/tournament.sh --small            10 packs a scenario, 2 for each other law
#   tests/tournament.sh --plot SCENARIO OUT.svg [--seed N] [--laws ours,pylontech]
#   tests/tournament.sh OPTIONS            those of build/release/tests/plant/tournament --help
# Exit status: 0 every target met, 1 a target missed, 2 wrong call.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD

build() {
	sh tests/packages.sh gcc libc6-dev meson ninja-build pkg-config \
		libglib2.0-dev libmodbus-dev libcjson-dev libdbus-1-dev libcmocka-dev
	mkdir -p build
	if [ ! -f build/release/build.ninja ]; then
		rm -rf build/release
		meson setup build/release --buildtype=release >build/release.setup.log 2>&1 ||
			{ cat build/release.setup.log; exit 1; }
	fi
	ninja -C build/release tests/plant/tournament >build/release.compile.log 2>&1 ||
		{ cat build/release.compile.log; exit 1; }
}

# plot SCENARIO OUT.svg [--seed N] [--laws A,B]
plot() {
	[ $# -ge 2 ] || { echo "tests/tournament.sh: --plot SCENARIO OUT.svg" >&2; exit 2; }
	local scenario=$1 out seed=0 laws=ours law
	local -a names
	out=$(realpath "$2")
	shift 2
	while [ $# -gt 0 ]; do
		case $1 in
		--seed) seed=$2 ;;
		--laws) laws=$2 ;;
		*) echo "tests/tournament.sh: --plot does not know $1" >&2; exit 2 ;;
		esac
		shift 2
	done
	sh tests/packages.sh gnuplot-nox
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	IFS=, read -r -a names <<<"$laws"
	for law in "${names[@]}"; do
		build/release/tests/plant/tournament --trace "$scenario" "$seed" "$law" --every 5 \
			>"$scratch/$law.csv"
	done
	(cd "$scratch" && gnuplot -c "$here/tests/plant/plot.gp" "$out" \
		"$scenario, seed $seed" "${names[@]}")
	echo "$out"
}

build
case ${1:-} in
--plot)
	shift
	plot "$@"
	;;
--small)
	shift
	exec build/release/tests/plant/tournament --packs 10 --compared 2 "$@"
	;;
*)
	exec build/release/tests/plant/tournament "$@"
	;;
esac
