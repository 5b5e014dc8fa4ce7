# shellcheck shell=bash
# What a guest boots from: kernel, root image, initramfs. Everything is kept in $VM_CACHE and
# made again when the scripts that make it change.

VM_PACKAGES=(libc6 busybox kmod udev dbus daemontools iproute2 can-utils
	libglib2.0-0 e2fsprogs strace)
VM_MODULES=(virtio_pci virtio_blk virtio_console virtio-rng 9p 9pnet_virtio overlay squashfs ext4
	can can-raw can-dev vcan slcan kvaser_pci sja1000 xhci-pci usbserial ftdi_sio cp210x cdc-acm
	virtio_net veth sch_netem)
VM_APPLETS='ash awk basename blockdev cat chmod chown cmp cp cut date dd df diff dirname dmesg du
	echo env expr false find free grep gunzip gzip head hexdump hostname id kill killall ln ls md5sum
	mkdir mkfifo mknod mount mv od pidof poweroff printf ps readlink realpath rm rmdir sed seq setsid
	sha256sum sleep sort stat stty sync tail tar tee test timeout top touch tr true tty umount uname
	uniq usleep vi wc which xargs yes zcat'

# vm_build ARCH [SUITE] - all that a guest needs.
vm_build() {
	vm_prepare "$@"
	(
		flock 9
		vm_build_root
	) 9>"$VM_CACHE/lock-$VM_ARCH"
}

# vm_prepare ARCH [SUITE] - all but a root image.
vm_prepare() {
	VM_ARCH=$1 VM_SUITE=${2:-bookworm}
	VM_KERNEL=$VM_CACHE/kernel-$VM_SUITE
	VM_TAR=$VM_CACHE/packages-$VM_ARCH-$VM_SUITE.tar
	VM_ROOT=$VM_CACHE/root-$VM_ARCH-$VM_SUITE.sqfs
	VM_INITRD=$VM_CACHE/initramfs-$VM_ARCH-$VM_SUITE.gz
	sh "$VM_TOP/tests/packages.sh" qemu-system-arm mmdebstrap squashfs-tools kmod cpio dpkg-dev
	mkdir -p "$VM_CACHE"
	(
		flock 9
		vm_build_kernel
	) 9>"$VM_CACHE/lock"
	(
		flock 9
		vm_build_tar
		vm_build_initramfs
	) 9>"$VM_CACHE/lock-$VM_ARCH"
}

vm_build_kernel() {
	[ ! -e "$VM_KERNEL/version" ] || return 0
	rm -rf "$VM_KERNEL"
	mkdir -p "$VM_KERNEL/deb"
	local package
	package=$(apt_foreign arm64 "$VM_SUITE" apt-cache depends linux-image-arm64 |
		sed -n 's/^ *Depends: *\(linux-image-[0-9][^:]*\).*/\1/p' | head -n 1)
	(cd "$VM_KERNEL/deb" && apt_foreign arm64 "$VM_SUITE" apt-get -qq download "$package")
	dpkg-deb -x "$VM_KERNEL"/deb/*.deb "$VM_KERNEL/tree"
	rm -rf "$VM_KERNEL/deb"
	local version=${package#linux-image-}
	depmod -b "$VM_KERNEL/tree" "$version" # the package has none, its script makes it
	mv "$VM_KERNEL/tree/boot/vmlinuz-$version" "$VM_KERNEL/vmlinuz"
	echo "$version" >"$VM_KERNEL/version"
}

# Paths of a module and of those that it needs, in the order of loading.
vm_modules() {
	local module
	for module in "$@"; do
		modprobe -d "$VM_KERNEL/tree" -S "$(cat "$VM_KERNEL/version")" --show-depends "$module" |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++'
}

# Unpacked only: no maintainer script runs, so no foreign code does.
vm_unpack() {
	local IFS=,
	mmdebstrap --quiet --architectures="$VM_ARCH" --variant=extract --format=tar --include="$*" \
		--aptopt='APT::Install-Recommends "false"' "$VM_SUITE" "$VM_TAR.new" "$(apt_mirror)"
	mv "$VM_TAR.new" "$VM_TAR"
}

vm_build_tar() {
	[ "$VM_TAR" -nt "$VM_HERE/lib_image.sh" ] || vm_unpack "${VM_PACKAGES[@]}"
}

# vm_is_newer FILE SOURCE... - the file is there and newer than every source.
vm_is_newer() {
	local file=$1 source
	shift
	for source in "$@"; do
		[ "$file" -nt "$source" ] || return 1
	done
}

# vm_image FILE HOOK... - make a root image; "HOOK ROOT" adds to the unpacked root.
vm_image() {
	local image=$1 root
	shift
	root=$(mktemp -d "$VM_CACHE/root.XXXXXX")
	tar -C "$root" -xf "$VM_TAR"
	vm_fill_root "$root"
	[ $# = 0 ] || "$@" "$root"
	rm -f "$image.new"
	mksquashfs "$root" "$image.new" -quiet -no-progress -comp zstd -Xcompression-level 3 \
		-all-root -noappend -wildcards -e 'usr/share/doc/*' 'usr/share/man/*' \
		'usr/share/locale/*' 'usr/share/info/*' 'usr/share/perl/*' 'usr/lib/*/perl*' \
		'usr/share/i18n/*' 'usr/lib/*/gconv/*' 'usr/lib/systemd/system/*' 'usr/lib/udev/hwdb.d/*' 'boot/*'
	mv "$image.new" "$image"
	rm -rf "$root"
}

vm_build_root() {
	vm_is_newer "$VM_ROOT" "$VM_TAR" "$VM_HERE"/guest/* || vm_image "$VM_ROOT"
}

# What the packages' scripts would have made, the busybox commands, and our own files.
vm_fill_root() {
	local root=$1 applet file version
	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,host,data,service,etc/dbus-1/system.d,var/lib/dbus,var/log,usr/lib/vm}
	rm -rf "$root/var/run"
	ln -s ../run "$root/var/run"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh \
		messagebus:x:101:101::/nonexistent:/usr/sbin/nologin >"$root/etc/passwd"
	printf '%s\n' root:x:0: tty:x:5: disk:x:6: dialout:x:20: messagebus:x:101: >"$root/etc/group"
	echo 00000000000000000000000000000001 >"$root/etc/machine-id"
	echo '127.0.0.1 localhost' >"$root/etc/hosts"
	# Venus OS lets every user own every name (dbus of meta-victronenergy).
	cat >"$root/etc/dbus-1/system.d/open.conf" <<-'CONF'
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig><policy context="default">
		<allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
		</policy></busconfig>
	CONF
	# As on Venus OS. Not busybox-static: its shell prefers its own commands to those in PATH.
	ln -sf busybox "$root/bin/sh"
	for applet in $VM_APPLETS; do
		[ -e "$root/bin/$applet" ] || [ -e "$root/usr/bin/$applet" ] || [ -e "$root/sbin/$applet" ] ||
			ln -s /bin/busybox "$root/bin/$applet"
	done
	install -m 755 "$VM_HERE"/guest/* "$root/usr/lib/vm/"
	version=$(cat "$VM_KERNEL/version")
	mkdir -p "$root/lib/modules/$version"
	cp "$VM_KERNEL/tree/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$version/"
	vm_modules "${VM_MODULES[@]}" | while read -r file; do
		install -D -m 644 "$file" "$root/${file#"$VM_KERNEL/tree/"}"
	done
	depmod -b "$root" "$version"
}

vm_build_initramfs() {
	vm_is_newer "$VM_INITRD" "$VM_TAR" "$VM_KERNEL/version" "$VM_HERE/guest/initramfs" && return
	local dir applet file number=10
	dir=$(mktemp -d "$VM_CACHE/initramfs.XXXXXX")
	chmod 755 "$dir"
	mkdir -p "$dir"/{bin,dev,proc,sys,modules,ro,rw,new}
	# Names of the C library's files differ from one Debian to the next.
	tar -tf "$VM_TAR" | grep -E '^\./(bin/busybox|lib/(.*/)?(ld-|libc[-.]|libresolv).*)$' |
		tar -C "$dir" -xf "$VM_TAR" -T -
	for applet in sh mount insmod mkdir switch_root cat sleep grep; do
		ln -s busybox "$dir/bin/$applet"
	done
	for file in $(vm_modules virtio_pci virtio_blk squashfs overlay); do
		cp "$file" "$dir/modules/$number-${file##*/}"
		number=$((number + 1))
	done
	install -m 755 "$VM_HERE/guest/initramfs" "$dir/init"
	(cd "$dir" && find . -print0 | LC_ALL=C sort -z | cpio --null -o --quiet -H newc -R 0:0) |
		gzip -9n >"$VM_INITRD.new"
	mv "$VM_INITRD.new" "$VM_INITRD"
	rm -rf "$dir"
}
