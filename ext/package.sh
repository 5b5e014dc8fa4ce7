#!/usr/bin/env bash
# Build the release archives dist/dbus-tinybms-VERSION-{armhf,aarch64}.tar.gz and
# dist/venus-data.tar.gz, which holds both. The same sources give the same bytes.
#   install.sh package [FOLDER]
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$top/dist}
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
	meson ninja-build pkg-config

# fill ARCH NAME FOLDER - what the archive for ARCH holds.
fill() {
	local arch=$1 name=$2 folder=$3 program
	DESTDIR=$folder.install meson install -C "build/cross/$arch" --no-rebuild >/dev/null
	for program in "$folder.install"/bin/*; do
		"$triplet-strip" -o "$folder/${program##*/}" "$program"
		check_program "$folder/${program##*/}" "$triplet" "$top"
	done
	rm -rf "$folder.install"
	cp -R install.sh service LICENSE "$folder/"
	mkdir "$folder/gui-v2" "$folder/licenses"
	ext/gui_plugin.sh "$folder/gui-v2/dbus-tinybms.json"
	cp "build/cross/sysroot-$arch/licenses"/* "$folder/licenses/"
	echo "$version" >"$folder/VERSION"
	echo "$name" >"$folder/ARCH"
	write_manifest "$folder"
}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
setup=$stage/usb/dbus-tinybms-setup
mkdir -p "$setup" "$stage/usb/rc"
for arch in armhf arm64; do
	name=${arch/arm64/aarch64}
	folder=dbus-tinybms-$version-$name
	mkdir "$stage/$folder"
	cross_build $arch
	fill $arch "$name" "$stage/$folder"
	archive "$out/$folder.tar.gz" "$stage" "$folder"
	check_size "$out/$folder.tar.gz" 1000000
	cp "$out/$folder.tar.gz" "$setup/"
	echo "$out/$folder.tar.gz: $(stat -c %s "$out/$folder.tar.gz") bytes," \
		"$(for program in "$stage/$folder"/{dbus-tinybms,tinybmsctl}; do
			[ ! -e "$program" ] || highest_glibc "$program" "$triplet"
		done | sort -uV | tail -n 1) at most"
done
# A GX unpacks this from a USB stick or SD card into /data at boot and then runs rc/post-hook.sh.
cp -R install.sh service "$setup/"
install -m 755 service/usb/post-hook.sh "$stage/usb/rc/"
chmod -R u=rwX,go=rX "$stage/usb"
archive "$out/venus-data.tar.gz" "$stage/usb" dbus-tinybms-setup rc
echo "$out/venus-data.tar.gz: $(stat -c %s "$out/venus-data.tar.gz") bytes"
