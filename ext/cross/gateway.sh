#!/usr/bin/env bash
# gateway.sh ARCH SYSROOT FOLDER: a copy of SYSROOT, which sysroot.sh made, with static
# libwebsockets, libmosquitto, libsodium and OpenSSL for tinybms-gateway. Versions and sums are
# those of gateway.lock; "gateway.sh --lock" writes that file anew.
#
# They are Debian 12's: its OpenSSL is still looked after, that of Debian 11 is not. Of the
# C library they may use what Debian 11 has, which the package's own check makes sure of.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
lock=$here/gateway.lock
APT_CACHE=${APT_CACHE:-$here/../../build/cross}
mkdir -p "$APT_CACHE"
APT_CACHE=$(cd "$APT_CACHE" && pwd)
# shellcheck source=ext/cross/apt.sh
. "$here/apt.sh"
# shellcheck source=ext/cross/locked.sh
. "$here/locked.sh"

packages=(libssl-dev libsodium-dev)
sources=(libwebsockets mosquitto)

unpack_archives() {
	local package
	unpack_packages "$arch" bookworm "$tree"
	# The archives alone are left, so that they are linked in.
	rm -f "$tree/usr/lib/$triplet"/lib{ssl,crypto,sodium}.so*
	for package in "${packages[@]}"; do
		install -D -m 644 "$tree/usr/share/doc/$package/copyright" "$tree/licenses/${package%-dev}.txt"
	done
}

# toolchain FILE - the compiler, as CMake wants to know it.
toolchain() {
	cat >"$1" <<-CMAKE
		set(CMAKE_SYSTEM_NAME Linux)
		set(CMAKE_SYSTEM_PROCESSOR $arch)
		set(CMAKE_C_COMPILER $triplet-gcc)
		# Mosquitto asks for a C++ compiler, and compiles nothing with it.
		set(CMAKE_CXX_COMPILER $triplet-gcc)
		set(CMAKE_CXX_COMPILER_WORKS TRUE)
		set(CMAKE_AR $triplet-ar CACHE FILEPATH "")
		set(CMAKE_FIND_ROOT_PATH $tree)
		set(CMAKE_LIBRARY_ARCHITECTURE $triplet)
		set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
		set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
		set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
		set(CMAKE_C_FLAGS_INIT "${flags[*]} -w -ffile-prefix-map=$PWD=.")
		set(CMAKE_EXE_LINKER_FLAGS_INIT "${link_flags[*]}")
	CMAKE
}

# cmake_build SOURCE TARGET OPTION... - of a source package, as a static library. Without
# GIT_DIR libwebsockets would take our own commit for its version.
cmake_build() {
	local source=$1 target=$2
	shift 2
	(
		export GIT_DIR=/nowhere PKG_CONFIG_SYSROOT_DIR=$tree PKG_CONFIG_LIBDIR=$tree/usr/lib/$triplet/pkgconfig
		cmake -S "source-$source" -B "build-$source" -DCMAKE_TOOLCHAIN_FILE="$PWD/toolchain.cmake" \
			-DCMAKE_BUILD_TYPE=None -Wno-dev "$@" &&
			cmake --build "build-$source" --target "$target" -j "$(nproc)"
	) >"$source.log" 2>&1 || { tail -n 40 "$source.log" >&2; exit 1; }
}

# describe NAME VERSION LIBRARIES - what pkg-config and meson ask for.
describe() {
	printf '%s\n' "Name: $1" 'Description: static' "Version: $2" \
		"Libs: -L/usr/lib/$triplet $3" 'Cflags: -I/usr/include' >"$tree/usr/lib/$triplet/pkgconfig/$1.pc"
}

# version_of SOURCE - of the library, without Debian's part.
version_of() {
	local version
	version=$(cd "source-$1" && dpkg-parsechangelog -S Version)
	echo "${version%%-*}"
}

# A server on GLib's main loop: no client, no HTTP/2, no compression of its own.
build_websockets() {
	rm -rf build-libwebsockets
	cmake_build libwebsockets websockets -DLWS_WITH_SHARED=OFF -DLWS_WITH_STATIC=ON -DLWS_STATIC_PIC=ON \
		-DLWS_WITH_GLIB=ON -DLWS_WITH_EVLIB_PLUGINS=OFF -DLWS_WITH_SSL=ON -DLWS_WITHOUT_CLIENT=ON \
		-DLWS_WITH_HTTP2=OFF -DLWS_WITHOUT_EXTENSIONS=ON -DLWS_IPV6=ON -DLWS_WITHOUT_TESTAPPS=ON \
		-DLWS_WITH_MINIMAL_EXAMPLES=OFF -DLWS_WITH_LEJP=OFF -DLWS_WITH_LEJP_CONF=OFF \
		-DLWS_WITH_UPNG=OFF -DLWS_WITH_DIR=OFF -DLWS_WITH_ZLIB=OFF -DLWS_WITH_SYS_SMD=OFF \
		-DDISABLE_WERROR=ON \
		-DLWS_OPENSSL_INCLUDE_DIRS="$tree/usr/include;$tree/usr/include/$triplet" \
		-DLWS_OPENSSL_LIBRARIES="$tree/usr/lib/$triplet/libssl.a;$tree/usr/lib/$triplet/libcrypto.a"
	cp build-libwebsockets/lib/libwebsockets.a "$tree/usr/lib/$triplet/"
	cp -R source-libwebsockets/include/libwebsockets* build-libwebsockets/include/lws_config.h "$tree/usr/include/"
	describe libwebsockets "$(version_of libwebsockets)" '-lwebsockets -lssl -lcrypto -lglib-2.0 -lpthread -ldl'
}

build_mosquitto() {
	rm -rf build-mosquitto
	cmake_build mosquitto libmosquitto_static -DWITH_STATIC_LIBRARIES=ON -DWITH_PIC=ON -DWITH_THREADING=OFF \
		-DWITH_TLS=ON -DWITH_TLS_PSK=OFF -DWITH_LIB_CPP=OFF -DWITH_BROKER=OFF -DWITH_APPS=OFF \
		-DWITH_PLUGINS=OFF -DDOCUMENTATION=OFF -DWITH_CJSON=OFF -DWITH_SOCKS=OFF -DWITH_SRV=OFF \
		-DOPENSSL_INCLUDE_DIR="$tree/usr/include" \
		-DOPENSSL_SSL_LIBRARY="$tree/usr/lib/$triplet/libssl.a" \
		-DOPENSSL_CRYPTO_LIBRARY="$tree/usr/lib/$triplet/libcrypto.a"
	cp build-mosquitto/lib/libmosquitto_static.a "$tree/usr/lib/$triplet/libmosquitto.a"
	cp source-mosquitto/include/mosquitto.h source-mosquitto/include/mqtt_protocol.h "$tree/usr/include/"
	describe libmosquitto "$(version_of mosquitto)" '-lmosquitto -lssl -lcrypto -lpthread -ldl'
}

if [ "${1:-}" = --lock ]; then
	write_lock bookworm "${packages[*]}" "${sources[*]}" >"$lock.new"
	mv "$lock.new" "$lock"
	exit
fi

arch=$1 sysroot=$2 final=$3
# Made anew when anything that decides its content changes.
made_of=$(cat "$sysroot/made-of" "$lock" "$here/gateway.sh" | sha256sum | cut -c 1-64)
[ "$(cat "$final/made-of" 2>/dev/null)" != "$made_of" ] || exit 0
tree=$final.new
rm -rf "$tree"
mkdir -p "$APT_CACHE/gateway-files-$arch"
cp -a "$sysroot" "$tree"
rm -rf "$tree/licenses/libsocketcan.txt" "$tree/licenses/libmodbus.txt"
# shellcheck source=ext/cross/flags.sh
. "$here/flags.sh"
cross_flags "$arch" "$tree"
cd "$APT_CACHE/gateway-files-$arch"
unpack_archives
unpack_sources "$tree"
toolchain toolchain.cmake
build_websockets
build_mosquitto
echo "$made_of" >"$tree/made-of"
rm -rf "$final"
mv "$tree" "$final"
