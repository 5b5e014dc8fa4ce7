#!/usr/bin/env bash
# package.sh - the release archives: two builds in two places give the same bytes, and their
# programs ask of a GX only what it has. Leaves the archives in build/dist.
# Ends with "N passed, N failed".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
top=$PWD
passed=0
failed=0

# count STATUS NAME
count() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
		echo "ok: $2"
	else
		failed=$((failed + 1))
		echo "not ok: $2"
	fi
}

check() {
	local name=$1
	shift
	"$@"
	count $? "$name"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build_again - the same sources in another folder, by somebody with other habits. The packages of
# the sysroot are not downloaded again, all the rest is made anew.
build_again() {
	local copy=$work/another-place/sources
	mkdir -p "$copy"
	git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$copy" || return 1
	(
		umask 077
		TZ=Asia/Kathmandu LC_ALL=C.UTF-8 APT_CACHE=$top/build/cross "$copy/install.sh" package "$work/again"
	)
}

is_same() { cmp "build/dist/$1" "$work/again/$1"; }

is_small() {
	local bytes
	bytes=$(stat -c %s "$1")
	echo "$bytes bytes"
	[ "$bytes" -lt 1000000 ]
}

is_complete() {
	(cd "$1" && sha256sum --quiet -c MANIFEST && diff <(find . -type f ! -name MANIFEST -printf '%P\n' | sort) \
		<(sed 's/^[^ ]*  //' MANIFEST | sort))
}

has_licences() {
	local library
	for library in libmodbus libsocketcan cjson; do [ -s "$1/licenses/$library.txt" ] || return 1; done
	[ -s "$1/LICENSE" ]
}

# The libraries of the image, and no other (meta-victronenergy).
needs_only() { # PROGRAM LIBRARY...
	local needed
	needed=$(readelf -W -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
	shift
	echo "needs $needed"
	[ -z "$(comm -23 <(tr ' ' '\n' <<<"$needed" | sed '/^$/d') <(printf '%s\n' "$@" | sort))" ]
}

asks_old_glibc() {
	local newest
	newest=$(readelf -W -V "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1)
	echo "newest symbol version $newest"
	[ -n "$newest" ] && [ "$(printf '%s\n' "$newest" GLIBC_2.31 | sort -V | tail -n 1)" = GLIBC_2.31 ]
}

says_version() { # PROGRAM SYSROOT EMULATOR VERSION
	local said
	said=$("$3" -L "$2" "$1" --version)
	echo "$said"
	[ "$said" = "${1##*/} $4" ]
}

check_archive() { # NAME SYSROOT-ARCH EMULATOR LOADER
	local name=$1 sysroot=build/cross/sysroot-$2 emulator=$3 loader=$4 file folder program
	for file in build/dist/dbus-tinybms-*-"$name".tar.gz; do
		file=${file##*/}
		check "$name: two builds are the same" is_same "$file"
		check "$name: under 1 MB" is_small "build/dist/$file"
		tar -C "$work" -xzf "build/dist/$file" || return
		folder=$work/${file%.tar.gz}
	done
	check "$name: the manifest names every file and its sum" is_complete "$folder"
	check "$name: licences of what is linked in" has_licences "$folder"
	for program in dbus-tinybms tinybmsctl; do
		check "$name: $program asks for glibc 2.31 at most" asks_old_glibc "$folder/$program"
		check "$name: $program needs libraries of the image only" needs_only "$folder/$program" \
			libc.so.6 libdbus-1.so.3 libglib-2.0.so.0 libm.so.6 libpthread.so.0 "$loader"
		check "$name: $program says its version" says_version "$folder/$program" "$sysroot" "$emulator" \
			"$(cat "$folder/VERSION")"
	done
}

# A stick brings the same bytes as the archives.
stick_is_same() {
	local file
	mkdir -p "$work/stick"
	tar -C "$work/stick" -xzf build/dist/venus-data.tar.gz || return 1
	for file in build/dist/dbus-tinybms-*.tar.gz; do
		cmp "$file" "$work/stick/dbus-tinybms-setup/${file##*/}" || return 1
	done
	[ -x "$work/stick/rc/post-hook.sh" ]
}

# The package's own check refuses what asks for a newer C library than is allowed.
refuses_newer_glibc() { # PROGRAM
	local said
	said=$(
		. ext/cross/check.sh
		glibc_allowed=2.3
		check_program "$1" arm-linux-gnueabihf "$top" 2>&1
	) && return 1
	echo "$said"
	[[ $said == *"at most 2.3 is allowed"* ]]
}

sh tests/packages.sh git binutils
rm -rf build/dist
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
check "build" ./install.sh package build/dist
check "build again" build_again
check_archive armhf armhf qemu-arm-static ld-linux-armhf.so.3
check_archive aarch64 arm64 qemu-aarch64-static ld-linux-aarch64.so.1
check "venus-data: two builds are the same" is_same venus-data.tar.gz
check "venus-data holds both archives" stick_is_same
check "a program for a newer C library is refused" refuses_newer_glibc "$(echo "$work"/dbus-tinybms-*-armhf/dbus-tinybms)"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
