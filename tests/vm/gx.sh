#!/usr/bin/env bash
# gx.sh [--life|--cuts|--budget|--gateway] [armhf|arm64]... - install, use, update, break and remove the release
# package on an emulated GX device, 32 bit and 64 bit; power cuts at random moments, $GX_CUTS (4) of
# each kind. --life, --cuts: only that part; --budget: only instructions, memory and writes;
# --gateway: only the gateway's package.
# Ends with "N passed, N failed".
# VM_DIST names a folder with archives, otherwise they are built. GX_SUITE=bullseye: with glibc 2.31.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=tests/vm/lib_gx.sh
. tests/vm/lib_gx.sh
# shellcheck source=tests/vm/lib_check.sh
. tests/vm/lib_check.sh
# shellcheck source=tests/vm/lib_packages.sh
. tests/vm/lib_packages.sh
# shellcheck source=tests/vm/gx_life.sh
. tests/vm/gx_life.sh
# shellcheck source=tests/vm/gx_hard.sh
. tests/vm/gx_hard.sh
# shellcheck source=tests/vm/gx_cuts.sh
. tests/vm/gx_cuts.sh
# shellcheck source=tests/vm/gx_budget.sh
. tests/vm/gx_budget.sh
# shellcheck source=tests/vm/gx_gateway.sh
. tests/vm/gx_gateway.sh
# shellcheck source=tests/vm/gx_line.sh
. tests/vm/gx_line.sh

work=$(mktemp -d)
gx_off() {
	[ -z "${VM_PID:-}" ] || vm_cut
	sim_stop
	broker_stop
}
# shellcheck disable=SC2086 # one word a process
trap 'kill $pids 2>/dev/null; wait; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
pids=

# gx TEXT - what runs in the guest knows the helpers.
gx() { printf '. /usr/lib/vm/helpers\n%s' "$1"; }

parts="life cuts"
case ${1:-} in --life | --cuts | --budget | --gateway)
	parts=${1#--}
	shift
	;;
esac
[ $# -gt 0 ] || set -- armhf arm64

# build ARCH... - fetching what the guests are made of goes along with compiling.
build() {
	sh tests/packages.sh gcc-arm-linux-gnueabihf gcc-aarch64-linux-gnu qemu-user-static dpkg-dev meson \
		ninja-build pkg-config qemu-system-arm mmdebstrap squashfs-tools kmod cpio e2fsprogs || return
	(for arch in "$@"; do vm_prepare "$arch" "${GX_SUITE:-bookworm}" || exit; done) &
	local fetching=$!
	pids=$fetching
	packages_build "$work/dist" && gateway_build "$work/dist" "$@" && sim_build && wait "$fetching"
}

# one ARCH PART - a device of its own, in a process of its own.
one() {
	pids=
	trap gx_off EXIT
	work=$work/$1-$2
	VM_SHARE=$work/share
	GX_DATA=$work/data.img
	CHECK_SINCE=$SECONDS
	"gx_$2"
	echo "$1, $2, took $((SECONDS - began)) s"
	check_end
}

build "$@" || { echo "0 passed, 1 failed"; exit 1; }
pids=
# Side by side, each with a log; then what they counted.
jobs=0
for arch in "$@"; do
	gx_build "$arch" || { echo "0 passed, 1 failed"; exit 1; }
	packages_make "$work/dist" "$arch" "$work/$arch/share"
	for part in $parts; do
		mkdir "$work/$arch-$part"
		cp -R "$work/$arch/share" "$work/$arch-$part/"
		began=$SECONDS
		one "$arch" "$part" >"$work/$arch-$part.log" 2>&1 &
		pids="$pids $!"
		jobs=$((jobs + 1))
	done
done
status=0
for pid in $pids; do wait "$pid" || status=1; done
for log in "$work"/*.log; do
	echo "--- $(basename "$log" .log)"
	grep -v ' passed, ' "$log"
done
echo "all of it took $SECONDS s"
awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; ended++ }
	END { failed += wanted - ended; print passed + 0 " passed, " failed " failed" }' wanted=$jobs "$work"/*.log
exit $status
