# shellcheck shell=bash
# What a program must keep to run on every GX: the C library of Debian 11 at most, no library
# beyond those of the image, floating point that every Cortex-A has.

glibc_allowed=2.31 # of Venus OS up to 3.55 (OpenEmbedded dunfell)

# highest_glibc PROGRAM TRIPLET - the newest version of the C library that it asks for.
highest_glibc() {
	"$2-readelf" -W -V "$1" | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1
}

refuse() {
	echo "package: $1: $2" >&2
	exit 1
}

# check_program PROGRAM TRIPLET SOURCE-FOLDER. With neon=asked the program may hold code for
# better processors, as it asks for the kind before it uses it.
check_program() {
	local program=$1 triplet=$2 newest library
	newest=$(highest_glibc "$program" "$triplet")
	newest=${newest#GLIBC_}
	[ "$(printf '%s\n' "$newest" $glibc_allowed | sort -V | tail -n 1)" = $glibc_allowed ] ||
		refuse "$program" "needs glibc $newest, at most $glibc_allowed is allowed"

	"$triplet-readelf" -W -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r library; do
		case $library in
		libdbus-1.so.3 | libglib-2.0.so.0 | libc.so.6 | libm.so.6 | libpthread.so.0 | libdl.so.2 | ld-linux-*.so.*) ;;
		*) refuse "$program" "needs $library, which a GX may not have" ;;
		esac
	done

	if [ "$triplet" = arm-linux-gnueabihf ] && [ "${neon:-}" != asked ]; then
		"$triplet-readelf" -A "$program" | grep -q 'Tag_FP_arch: VFPv3-D16' ||
			refuse "$program" 'is not built for VFPv3-D16'
		! "$triplet-readelf" -A "$program" | grep -q Tag_Advanced_SIMD_arch ||
			refuse "$program" 'uses NEON'
	fi
	! grep -q "$3" "$program" || refuse "$program" "holds the path $3"
}

# check_size FILE BYTES
check_size() {
	[ "$(stat -c %s "$1")" -lt "$2" ] || refuse "$1" "has $(stat -c %s "$1") bytes, $2 are allowed"
}
