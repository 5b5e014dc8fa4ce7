#!/usr/bin/env bash
# Build the gateway's release archives, dist/tinybms-gateway-VERSION-{armhf,aarch64}.tar.gz.
# The same sources give the same bytes.
#   install.sh gateway package [FOLDER] [ARCH...]     ARCH: armhf, arm64; both by default
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$top/dist}
[ $# = 0 ] || shift
mkdir -p "$out" "$top/build/cross"
out=$(cd "$out" && pwd)
cd "$top"

# shellcheck source=ext/cross/flags.sh
. ext/cross/flags.sh
# shellcheck source=ext/cross/build.sh
. ext/cross/build.sh
# shellcheck source=ext/cross/check.sh
. ext/cross/check.sh
# shellcheck source=ext/archive.sh
. ext/archive.sh

sh tests/packages.sh gcc-arm-linux-gnueabihf gcc-aarch64-linux-gnu qemu-user-static dpkg-dev \
	meson ninja-build pkg-config cmake

# fill ARCH NAME FOLDER - what the archive for ARCH holds.
fill() {
	local arch=$1 name=$2 folder=$3
	"$triplet-strip" -o "$folder/tinybms-gateway" "build/cross/gateway-$arch/src/gateway/tinybms-gateway"
	# OpenSSL and libsodium ask the processor whether it has NEON before they use it.
	neon=asked check_program "$folder/tinybms-gateway" "$triplet" "$top"
	ext/page.sh "$folder/page"
	mkdir -p "$folder/service" "$folder/licenses"
	cp -R service/gateway/. "$folder/service/"
	cp LICENSE "$folder/"
	cp "build/cross/gateway-sysroot-$arch/licenses"/* "$folder/licenses/"
	echo "$version" >"$folder/VERSION"
	echo "$name" >"$folder/ARCH"
	write_manifest "$folder"
}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
for arch in "${@:-armhf}" $([ $# -gt 0 ] || echo arm64); do
	name=${arch/arm64/aarch64}
	folder=tinybms-gateway-$version-$name
	mkdir "$stage/$folder"
	cross_build_gateway "$arch"
	fill "$arch" "$name" "$stage/$folder"
	archive "$out/$folder.tar.gz" "$stage" "$folder"
	check_size "$out/$folder.tar.gz" 2500000
	echo "$out/$folder.tar.gz: $(stat -c %s "$out/$folder.tar.gz") bytes," \
		"$(highest_glibc "$stage/$folder/tinybms-gateway" "$triplet") at most"
done
