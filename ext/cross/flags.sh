# shellcheck shell=bash
# shellcheck disable=SC2034,SC2054 # what is set here is for the caller; commas are meant

# cross_flags ARCH SYSROOT - sets triplet, flags (to compile) and link_flags.
#
# Debian's cross compilers look into their own glibc before the sysroot, hence -isystem for the
# headers, -B for the start files and -L for the libraries.
# 32 bit: any ARMv7 with the small floating point unit, which every GX has (Cortex-A7, A8, A9).
cross_flags() {
	local cpu
	case $1 in
	armhf)
		triplet=arm-linux-gnueabihf
		cpu=(-march=armv7-a -mfpu=vfpv3-d16 -mfloat-abi=hard)
		;;
	arm64)
		triplet=aarch64-linux-gnu
		cpu=(-march=armv8-a)
		;;
	*)
		echo "no cross build for $1; armhf and arm64 are known" >&2
		return 1
		;;
	esac
	flags=("--sysroot=$2" -isystem "$2/usr/include/$triplet" -isystem "$2/usr/include"
		"${cpu[@]}" -O2 -fPIE -ffunction-sections -fdata-sections -fstack-protector-strong)
	link_flags=("--sysroot=$2" "-B$2/usr/lib/$triplet/" "-L$2/usr/lib/$triplet" "-L$2/lib/$triplet"
		"-Wl,-rpath-link=$2/lib/$triplet:$2/usr/lib/$triplet" "${cpu[@]}" -pie
		-Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -Wl,--build-id=none)
}
