# shellcheck shell=bash
# A guest that boots as a GX device. Source lib.sh and lib_check.sh first.
#
#   gx_build ARCH     root images of two firmwares, $GX_FIRMWARE_1 and _2, v3.70 and v3.72, of
#                     Debian 12's programs or those of $GX_SUITE, bullseye with glibc 2.31
#   gx_new_data       an empty data disk, $GX_DATA; each guest needs its own
#   gx_boot IMAGE [OPTIONS]   with the adapters that are plugged in, further options for QEMU
#   gx_plug NUMBER    an adapter with the serial number BMS-NUMBER; its line is the pty
#                     that GX_LINE_NUMBER names
#   gx_unplug NUMBER

# shellcheck source=ext/cross/flags.sh
. "$VM_TOP/ext/cross/flags.sh"

gx_build() {
	local arch=$1 sysroot=$VM_TOP/build/cross/sysroot-$1 firmware image program
	vm_prepare "$arch" "${GX_SUITE:-bookworm}"
	"$VM_TOP/ext/cross/sysroot.sh" "$arch" "$sysroot"
	cross_flags "$arch" "$sysroot"
	GX_PROGRAMS=$VM_CACHE/gx-$arch
	mkdir -p "$GX_PROGRAMS"
	for program in settings system live; do
		vm_is_newer "$GX_PROGRAMS/$program" "$VM_HERE/gx/$program.c" ||
			"$triplet-gcc" "${flags[@]}" "-I$sysroot/usr/include/dbus-1.0" \
				"-I$sysroot/usr/lib/$triplet/dbus-1.0/include" "$VM_HERE/gx/$program.c" \
				-o "$GX_PROGRAMS/$program" "${link_flags[@]}" -ldbus-1 || return
	done
	for firmware in 3.70 3.72; do
		image=$VM_CACHE/gx-$arch-$VM_SUITE-$firmware.sqfs
		# shellcheck disable=SC2046 # names of ours, without blanks
		vm_is_newer "$image" "$VM_TAR" "$VM_HERE"/guest/* "$GX_PROGRAMS"/* "$VM_HERE/lib_gx.sh" \
			$(find "$VM_HERE/gx" -type f) || vm_image "$image" gx_fill "v$firmware" || return
	done
	# shellcheck disable=SC2034 # for the caller
	GX_FIRMWARE_1=$VM_CACHE/gx-$arch-$VM_SUITE-3.70.sqfs
	# shellcheck disable=SC2034
	GX_FIRMWARE_2=$VM_CACHE/gx-$arch-$VM_SUITE-3.72.sqfs
}

# gx_fill VERSION ROOT
gx_fill() {
	local root=$2
	cp -R "$VM_HERE/gx/root/." "$root/"
	install -m 755 "$VM_HERE/gx/start" "$root/usr/lib/vm/gx"
	install -m 644 "$VM_HERE/gx/helpers" "$root/usr/lib/vm/helpers"
	install -m 755 "$GX_PROGRAMS/live" "$root/usr/lib/vm/live"
	install -m 755 "$GX_PROGRAMS/settings" "$root/opt/victronenergy/localsettings"
	install -m 755 "$GX_PROGRAMS/system" "$root/opt/victronenergy/systemcalc"
	printf '%s\n20260101000000\n' "$1" >"$root/opt/victronenergy/version"
	echo nobody:x:65534:65534::/nonexistent:/bin/sh >>"$root/etc/passwd"
	echo nogroup:x:65534: >>"$root/etc/group"
	rm -rf "$root/var/log" "$root/var/lock"
	ln -s /data/log "$root/var/log"
	ln -s /run/lock "$root/var/lock"
	ln -s /run/volatile "$root/var/volatile"
	# What busybox of Debian has and that of a GX has not: nothing of ours may need it.
	rm -f "$root/bin/timeout"
	ln -s /bin/busybox "$root/usr/lib/vm/timeout"
}

gx_new_data() {
	rm -f "$GX_DATA"
	truncate -s 64M "$GX_DATA"
	mkfs.ext4 -q -F "$GX_DATA"
}

gx_boot() {
	local image=$1 number adapters=()
	shift
	for number in ${GX_PLUGGED:-}; do
		local line=GX_LINE_$number
		adapters+=(-chardev "serial,id=line$number.0,path=${!line}"
			-device "usb-serial,id=adapter$number,chardev=line$number.0,bus=xhci.0,serial=BMS-$number")
	done
	VM_BOOT=$image VM_CMDLINE="vm.readonly vm.start=gx" vm_start \
		-drive "if=none,id=data,format=raw,file=$GX_DATA" -device virtio-blk-pci,drive=data,romfile= \
		-device qemu-xhci,id=xhci "${adapters[@]}" "$@" || {
		check_count 1 "the guest boots"
		return 1
	}
}

# QEMU keeps the line of a pulled adapter in use, so each plugging opens it under a new name.
gx_plug() {
	local line=GX_LINE_$1
	GX_PLUGS=$((${GX_PLUGS:-0} + 1))
	vm_monitor "chardev-add serial,id=line$1.$GX_PLUGS,path=${!line}"
	vm_monitor "device_add usb-serial,id=adapter$1,chardev=line$1.$GX_PLUGS,bus=xhci.0,serial=BMS-$1"
}

gx_unplug() {
	vm_monitor "device_del adapter$1"
}
