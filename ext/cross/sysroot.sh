#!/usr/bin/env bash
# sysroot.sh ARCH FOLDER: headers and libraries of Debian 11 (glibc 2.31, GLib 2.66) for
# ARCH, armhf or arm64, with static libmodbus, libsocketcan and cJSON. Versions and sums
# are those of packages.lock; "sysroot.sh --lock" writes that file anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lock=$here/packages.lock
APT_CACHE=${APT_CACHE:-$here/../../build/cross}
mkdir -p "$APT_CACHE"
APT_CACHE=$(cd "$APT_CACHE" && pwd)
# shellcheck source=ext/cross/apt.sh
. "$here/apt.sh"
# shellcheck source=ext/cross/locked.sh
. "$here/locked.sh"

packages=(libc6 libc6-dev linux-libc-dev libcrypt1 libcrypt-dev libdbus-1-3 libdbus-1-dev libsystemd0
	liblzma5 libzstd1 liblz4-1 libgcrypt20 libgpg-error0 libglib2.0-0 libglib2.0-dev libpcre3 libpcre3-dev
	libgcc-s1 zlib1g libsocketcan-dev)
sources=(libmodbus cjson)

unpack_base() {
	unpack_packages "$arch" bullseye "$tree"
	# The archive alone is left, so that it is linked in.
	rm -f "$tree/usr/lib/$triplet"/libsocketcan.so*
	install -D -m 644 "$tree/usr/share/doc/libsocketcan-dev/copyright" "$tree/licenses/libsocketcan.txt"
	# Absolute links would lead to the host's own files.
	find "$tree" -type l -lname '/*' | while read -r link; do
		ln -snf "$(realpath -m --relative-to="$(dirname "$link")" "$tree$(readlink "$link")")" "$link"
	done
}

# compile OUTPUT FILE... - a static library of the files.
compile() {
	local output=$1 file objects=()
	shift
	for file in "$@"; do
		"$triplet-gcc" "${flags[@]}" -D_GNU_SOURCE -I. -Iinclude -ffile-prefix-map="$PWD=${output%.a}" \
			-c "$file" -o "${file%.c}.o"
		objects+=("${file%.c}.o")
	done
	"$triplet-ar" rcsD "$tree/usr/lib/$triplet/$output" "${objects[@]}"
}

# describe NAME VERSION LIBRARY [FLAG] - what pkg-config and meson ask for.
describe() {
	printf '%s\n' "Name: $1" 'Description: static' "Version: $2" "Libs: -L/usr/lib/$triplet -l$3" \
		"Cflags: ${4:--I/usr/include}" >"$tree/usr/lib/$triplet/pkgconfig/$1.pc"
}

build_libraries() {
	local version
	(
		cd source-cjson
		version=$(dpkg-parsechangelog -S Version)
		compile libcjson.a cJSON.c
		install -D -m 644 -t "$tree/usr/include/cjson" cJSON.h
		describe libcjson "${version%%-*}" cjson
	)
	(
		cd source-libmodbus/src
		version=$(cd .. && dpkg-parsechangelog -S Version)
		version=${version%%-*}
		local IFS=.
		# shellcheck disable=SC2086 # split at the dots
		set -- $version
		sed "s/@LIBMODBUS_VERSION@/$version/; s/@LIBMODBUS_VERSION_MAJOR@/$1/
			s/@LIBMODBUS_VERSION_MINOR@/$2/; s/@LIBMODBUS_VERSION_MICRO@/$3/" \
			modbus-version.h.in >modbus-version.h
		# What its configure script finds out on Linux with glibc.
		printf '#define %s\n' 'HAVE_BYTESWAP_H 1' 'HAVE_ACCEPT4 1' 'HAVE_DECL_TIOCSRS485 1' \
			'HAVE_DECL_TIOCM_RTS 1' 'HAVE_DECL___CYGWIN__ 0' >config.h
		compile libmodbus.a modbus.c modbus-data.c modbus-rtu.c modbus-tcp.c
		install -D -m 644 -t "$tree/usr/include/modbus" modbus.h modbus-rtu.h modbus-tcp.h modbus-version.h
		describe libmodbus "$version" modbus -I/usr/include/modbus
	)
}

if [ "${1:-}" = --lock ]; then
	write_lock bullseye "${packages[*]}" "${sources[*]}" >"$lock.new"
	mv "$lock.new" "$lock"
	exit
fi

arch=$1 final=$2
# Made anew when anything that decides its content changes.
made_of=$(cat "$lock" "$here/sysroot.sh" "$here/locked.sh" "$here/flags.sh" | sha256sum | cut -c 1-64)
[ "$(cat "$final/made-of" 2>/dev/null)" != "$made_of" ] || exit 0
tree=$final.new
rm -rf "$tree"
mkdir -p "$tree" "$APT_CACHE/files-$arch"
# shellcheck source=ext/cross/flags.sh
. "$here/flags.sh"
cross_flags "$arch" "$tree"
cd "$APT_CACHE/files-$arch"
unpack_base
unpack_sources "$tree"
build_libraries
echo "$made_of" >"$tree/made-of"
rm -rf "$final"
mv "$tree" "$final"
