# shellcheck shell=bash
# shellcheck disable=SC2154 # triplet, flags and link_flags come from flags.sh, top from the caller
# The programs for one kind of GX. Source flags.sh first, stand in $top.

cross_quoted() { printf "'%s'," "$@"; }

# cross_file ARCH SYSROOT
cross_file() {
	local family=arm
	[ "$1" = armhf ] || family=aarch64
	cat <<-INI
		[binaries]
		c = '$triplet-gcc'
		ar = '$triplet-ar'
		strip = '$triplet-strip'
		pkgconfig = 'pkg-config'
		exe_wrapper = ['qemu-${family}-static', '-L', '$2']
		[built-in options]
		c_args = [$(cross_quoted "${flags[@]}" "-ffile-prefix-map=$top=.")]
		c_link_args = [$(cross_quoted "${link_flags[@]}")]
		[properties]
		sys_root = '$2'
		pkg_config_libdir = ['$2/usr/lib/$triplet/pkgconfig']
		[host_machine]
		system = 'linux'
		cpu_family = '$family'
		cpu = '$family'
		endian = 'little'
	INI
}

# cross_setup DIR ARCH SYSROOT OPTION... - configure and compile in DIR.
cross_setup() {
	local dir=$1 arch=$2 sysroot=$3
	shift 3
	cross_flags "$arch" "$sysroot"
	cross_file "$arch" "$sysroot" >"$dir.ini.new"
	if ! cmp -s "$dir.ini.new" "$dir.ini" || [ ! -e "$dir/build.ninja" ]; then
		mv "$dir.ini.new" "$dir.ini"
		rm -rf "$dir"
		meson setup "$dir" --cross-file "$dir.ini" -Dtests=false -Dbuildtype=plain -Dwerror=true \
			--prefix=/ "$@" >"$dir.log" 2>&1 || { cat "$dir.log" >&2; return 1; }
	fi
	ninja -C "$dir" >"$dir.log" 2>&1 || { tail -n 40 "$dir.log" >&2; return 1; }
}

# cross_build ARCH - compile for ARCH; the programs are then in build/cross/ARCH.
cross_build() {
	local sysroot=$top/build/cross/sysroot-$1
	ext/cross/sysroot.sh "$1" "$sysroot"
	cross_setup "build/cross/$1" "$1" "$sysroot" -Dgateway=disabled
}

# cross_build_gateway ARCH - likewise tinybms-gateway, in build/cross/gateway-ARCH.
cross_build_gateway() {
	local base=$top/build/cross/sysroot-$1 sysroot=$top/build/cross/gateway-sysroot-$1
	ext/cross/sysroot.sh "$1" "$base"
	ext/cross/gateway.sh "$1" "$base" "$sysroot"
	cross_setup "build/cross/gateway-$1" "$1" "$sysroot" -Dgateway=enabled
}
