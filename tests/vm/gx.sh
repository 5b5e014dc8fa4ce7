#!/usr/bin/env bash
# gx.sh [--cuts|--budget] [armhf|arm64]... - install, use, update, break and remove the release package on an
# emulated GX device, 32 bit and 64 bit; power cuts at random moments, $GX_CUTS (4) of each kind.
# --cuts: only those; --budget: only instructions, memory and writes.
# Without a named device the 64 bit one does a shorter list, to end before the other does: install,
# port, doctor, updates, broken ones, removal, and half of the power cuts; all of it when named.
# Ends with "N passed, N failed".
# VM_DIST names a folder with archives, otherwise they are built.
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

work=$(mktemp -d)
gx_off() {
	[ -z "${VM_PID:-}" ] || vm_cut
	sim_stop
}
trap 'kill $pids 2>/dev/null; wait; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
pids=

# gx TEXT - what runs in the guest knows the helpers.
gx() { printf '. /usr/lib/vm/helpers\n%s' "$1"; }

parts="life cuts"
case ${1:-} in --cuts | --budget)
	parts=${1#--}
	shift
	;;
esac
short=
[ $# -gt 0 ] || {
	set -- armhf arm64
	short=arm64
}

# build ARCH... - fetching what the guests are made of goes along with compiling.
build() {
	sh tests/packages.sh gcc-arm-linux-gnueabihf gcc-aarch64-linux-gnu qemu-user-static dpkg-dev meson \
		ninja-build pkg-config qemu-system-arm mmdebstrap squashfs-tools kmod cpio e2fsprogs || return
	(for arch in "$@"; do vm_prepare "$arch" || exit; done) &
	local fetching=$!
	pids=$fetching
	packages_build "$work/dist" && sim_build && wait "$fetching"
}

# one ARCH - a device of that kind, in a process of its own.
one() {
	pids=
	trap gx_off EXIT
	local dist=$work/dist
	work=$work/$1
	VM_SHARE=$work/share
	packages_make "$dist" "$1" "$VM_SHARE"
	gx_build "$1" || exit 1
	echo "$1 starts after $SECONDS s"
	CHECK_SINCE=$SECONDS
	is_short=false cuts=${GX_CUTS:-4}
	if [ "$1" = "$short" ]; then
		is_short=true
		cuts=$(((cuts + 1) / 2))
	fi
	for part in $parts; do "gx_$part"; done
	echo "$1 took $SECONDS s"
	check_end
}

build "$@" || { echo "0 passed, 1 failed"; exit 1; }
pids=
# Side by side, each with a log; then what they counted.
for arch in "$@"; do
	one "$arch" >"$work/$arch.log" 2>&1 &
	pids="$pids $!"
done
status=0
for pid in $pids; do wait "$pid" || status=1; done
for arch in "$@"; do
	echo "--- $arch"
	grep -v ' passed, ' "$work/$arch.log"
done
awk '/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; devices++ }
	END { failed += wanted - devices; print passed + 0 " passed, " failed " failed" }' wanted=$# "$work"/*.log
exit $status
