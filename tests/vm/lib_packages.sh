# shellcheck shell=bash
# shellcheck disable=SC2016 # what is quoted runs elsewhere
# The packages that gx.sh installs: the release, a newer build of it, and broken ones.

# The release archives come from the sources as they are; VM_DIST names a folder that has them.
packages_build() {
	if [ -n "${VM_DIST:-}" ]; then
		mkdir -p "$1"
		cp "$VM_DIST"/*.tar.gz "$1/"
	else
		./install.sh package "$1"
	fi
}

# gateway_build DIST ARCH... - the gateway's, where they are wanted and not there yet.
gateway_build() {
	[ "$parts" != gateway ] || compgen -G "$1/tinybms-gateway-*" >/dev/null || ./install.sh gateway package "$@"
}

# package_variant NAME COMMANDS - the package, changed by COMMANDS in its folder, with a manifest
# that agrees with it.
package_variant() {
	local folder
	folder=$(mktemp -d)
	tar -C "$folder" -xzf "$share/release.tar.gz"
	(
		cd "$folder"/dbus-tinybms-* || exit 1
		eval "$2"
		find . -type f ! -name MANIFEST -printf '%P\n' | LC_ALL=C sort |
			xargs -d '\n' sha256sum >"$folder/manifest"
		mv "$folder/manifest" MANIFEST
	)
	tar -C "$folder" -czf "$share/$1.tar.gz" --exclude=./manifest .
	rm -rf "$folder"
}

# packages_make DIST ARCH SHARE
packages_make() {
	local dist=$1 name=${2/arm64/aarch64} other=aarch64 file
	share=$3
	[ "$name" != aarch64 ] || other=armhf
	mkdir -p "$share"
	cp "$dist"/dbus-tinybms-*-"$name".tar.gz "$share/release.tar.gz"
	cp "$dist"/dbus-tinybms-*-"$other".tar.gz "$share/other-arch.tar.gz"
	cp "$dist/venus-data.tar.gz" "$share/"
	for file in "$dist"/tinybms-gateway-*-"$name".tar.gz; do
		[ ! -e "$file" ] || cp "$file" "$share/gateway.tar.gz"
	done
	head -c 60000 "$share/release.tar.gz" >"$share/cut-short.tar.gz"
	package_variant newer 'echo newer >BUILD'
	package_variant newest 'echo newest >BUILD'
	# Says its version, then ends at once each time it is started.
	package_variant crashing 'mv dbus-tinybms program
		printf "#!/bin/sh\n[ \"\$1\" != --version ] || exec \${0%%/*}/program --version\nexit 1\n" >dbus-tinybms
		chmod 755 dbus-tinybms'
	# Runs, but neither publishes nor says why.
	package_variant mute 'mv dbus-tinybms program
		printf "#!/bin/sh\n[ \"\$1\" != --version ] || exec \${0%%/*}/program --version\nexec sleep 1000\n" >dbus-tinybms
		chmod 755 dbus-tinybms'
	# Whole, but its program is that of the other kind of device.
	package_variant foreign 'tar -xzOf "$share/other-arch.tar.gz" --wildcards "*/dbus-tinybms" >dbus-tinybms'
	package_variant choosy 'mv tinybmsctl ctl
		printf "#!/bin/sh\ncase \"\$*\" in *check) echo the key port is unknown; exit 1;; esac\nexec \${0%%/*}/ctl \"\$@\"\n" >tinybmsctl
		chmod 755 tinybmsctl'
	# One byte of the program differs from what the manifest says.
	local folder
	folder=$(mktemp -d)
	tar -C "$folder" -xzf "$share/release.tar.gz"
	printf x | dd of="$(echo "$folder"/dbus-tinybms-*/dbus-tinybms)" bs=1 seek=5000 conv=notrunc status=none
	tar -C "$folder" -czf "$share/wrong-sum.tar.gz" .
	rm -rf "$folder"
}

# ---- simulated BMSes on the host's side ------------------------------------------------

sim_build() {
	local build=$VM_TOP/build/vm/host
	SIM=$build/src/sim/tinybms-sim
	mkdir -p "$VM_TOP/build/vm"
	[ -e "$build/build.ninja" ] || meson setup "$build" -Dtests=false >"$build.log" 2>&1 ||
		{ cat "$build.log" >&2; return 1; }
	ninja -C "$build" src/sim/tinybms-sim >"$build.log" 2>&1 || { cat "$build.log" >&2; return 1; }
}

# sim_start NUMBER - a BMS whose line is at $GX_LINE_NUMBER.
sim_start() {
	export "GX_LINE_$1=$work/line-$1"
	rm -f "$work/line-$1"
	"$SIM" --link "$work/line-$1" --serial "$(printf '%024d' "$1")" >"$work/sim-$1.log" 2>&1 &
	SIM_PIDS="${SIM_PIDS:-} $!"
	local tries
	for ((tries = 0; tries < 50; tries++)); do
		[ ! -e "$work/line-$1" ] || return 0
		sleep 0.1
	done
	cat "$work/sim-$1.log" >&2
	return 1
}

sim_stop() {
	local pid
	for pid in ${SIM_PIDS:-}; do kill "$pid" 2>/dev/null; done
	SIM_PIDS=
}
