# shellcheck shell=sh
# Unpack and check a version beside the others, switch by one rename, watch, go back.
# A version's name is its number and the start of its manifest's sum: builds differ by it.

device_arch() {
	# The kernel may be 64 bit under 32 bit programs, so ask for the programs' loader.
	if [ -e "$root/lib/ld-linux-armhf.so.3" ]; then
		echo armhf
	elif [ -e "$root/lib/ld-linux-aarch64.so.1" ]; then
		echo aarch64
	else
		echo unknown
	fi
}

# id_of FOLDER
id_of() {
	echo "$(cat "$1/VERSION")-$(sha256sum <"$1/MANIFEST" | cut -c 1-8)"
}

# manifest_of SOURCE - what its files should be.
manifest_of() {
	if [ -d "$1" ]; then
		cat "$1/MANIFEST"
	else
		name=$(gzip -dc "$1" 2>/dev/null | tar -tf - 2>/dev/null | grep -m 1 '/MANIFEST$') || return 0
		gzip -dc "$1" 2>/dev/null | tar -xOf - "$name" 2>/dev/null || :
	fi
}

# is_installed SOURCE - the active version is that one, and whole.
is_installed() {
	active=$(state_get active)
	[ -n "$active" ] && manifest_of "$1" | cmp -s - "$versions/$active/MANIFEST" &&
		(cd "$versions/$active" && sha256sum -c MANIFEST >/dev/null 2>&1)
}

# find_source ARGUMENT [PACKAGE] - the archive or unpacked folder to install from; of a folder of
# archives, as the USB stick brings it, the newest one for this device.
find_source() {
	package=${2:-dbus-tinybms}
	[ -e "$1" ] || fail "there is no $1"
	if [ -d "$1" ] && [ ! -e "$1/MANIFEST" ]; then
		found=$(find "$1" -name "$package-*-$(device_arch).tar.gz" | sort | tail -n 1)
		[ -n "$found" ] || fail "$1 holds no archive of $package for this device ($(device_arch))"
		echo "$found"
	else
		echo "$1"
	fi
}

check_space() {
	free_kb=$(df -P -k "$root/data" | awk 'NR == 2 { print $4 }')
	[ "${free_kb:-0}" -ge 5000 ] ||
		fail "/data has $free_kb kB free, 5000 are needed; old logs in /data/log are often what fills it"
}

# unpack SOURCE FOLDER
unpack() {
	mkdir -p "$2" || fail "$2 cannot be made; is /data read-only?"
	if [ -d "$1" ]; then
		(cd "$1" && tar -cf - .) | tar -xf - -C "$2" || fail "$1 cannot be copied to /data"
		return
	fi
	gzip -t "$1" 2>/dev/null || fail "the archive $1 is damaged or cut short; copy it again"
	gzip -dc "$1" | tar -xf - -C "$2" || fail "the archive $1 cannot be unpacked; is /data full?"
	inner=$(find "$2" -mindepth 1 -maxdepth 1 -type d)
	[ -e "$inner/MANIFEST" ] || fail "$1 is no archive of dbus-tinybms"
	mv "$inner" "$2.inner" && rmdir "$2" && mv "$2.inner" "$2"
}

# check_configurations FOLDER NAME - the version in FOLDER takes them as they are.
check_configurations() {
	for file in "$conf/config.json" "$conf"/*/config.json; do
		[ -e "$file" ] || continue
		answer=$("$1/tinybmsctl" config --file "$file" check 2>&1) ||
			fail "$2 does not accept the configuration: $answer"
	done
}

# check_package FOLDER PROGRAM FILE... - whole, for this device, and PROGRAM runs here.
check_package() {
	folder=$1
	program=$2
	shift 2
	for file in MANIFEST VERSION ARCH "$program" "$@"; do
		[ -e "$folder/$file" ] || fail "the package is not complete: $file is missing; copy it again"
	done
	[ "$(cat "$folder/ARCH")" = "$(device_arch)" ] ||
		fail "this package is for $(cat "$folder/ARCH"), this device needs the one for $(device_arch)"
	damaged=$(cd "$folder" && sha256sum -c MANIFEST 2>/dev/null | grep -v ': OK$') || :
	[ -z "$damaged" ] || fail "the package is damaged (${damaged%%:*}); copy it again"
	answer=$("$folder/$program" --version 2>&1) || :
	[ "$answer" = "$program $(cat "$folder/VERSION")" ] ||
		fail "the program does not run on this device: $answer"
}

# check_version FOLDER - all that must hold before it may run.
check_version() {
	check_package "$1" dbus-tinybms
	check_configurations "$1" "the new version"
	venus=$(venus_version)
	! is_older "${venus:-0}" 3.60 ||
		warn "Venus OS ${venus:-unknown} is older than 3.60, the first that is supported; it may work"
}

# stage SOURCE - unpack and check; sets new_id.
stage() {
	rm -rf "$versions"/.new.*
	staged=$versions/.new.$$
	# Nothing stays of what a check refuses.
	trap 'rm -rf "$staged" "$staged.inner"; remove_empty; rm -f "$root/run/dbus-tinybms.lock"' EXIT
	unpack "$1" "$staged"
	check_version "$staged"
	new_id=$(id_of "$staged")
	# One of that name that is there is damaged, or was never used.
	[ ! -d "$versions/$new_id" ] || mv "$versions/$new_id" "$versions/.new.damaged"
	sync
	mv "$staged" "$versions/$new_id" || fail "$versions cannot be written"
	sync
}

# The folders that an installation makes, where nothing is in them.
remove_empty() {
	for folder in "$versions" "$app" "${app%/*}" "${enabled%/*}" "$root/data/apps" "$conf"; do
		rmdir "$folder" 2>/dev/null || :
	done
}

# Everything but the active and the previous version goes.
prune() {
	for folder in "$versions"/* "$versions"/.new.*; do
		case ${folder##*/} in
		"$(state_get active)" | "$(state_get previous)") ;;
		*) rm -rf "$folder" ;;
		esac
	done
}

# switch_to ID PREVIOUS TRIAL - one rename decides which version runs from now on.
switch_to() {
	state_put "$1" "$2" "$3"
	place_hooks "$versions/$1"
	services_refresh "$versions/$1/service"
}
