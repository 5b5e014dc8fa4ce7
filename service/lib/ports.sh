# shellcheck shell=sh
# Serial adapters: which there are, who uses them, and giving them back to serial-starter.

# The terminals of USB adapters, one name a line.
adapters() {
	for device in "$root"/sys/class/tty/ttyUSB* "$root"/sys/class/tty/ttyACM*; do
		[ ! -e "$device/device" ] || echo "${device##*/}"
	done
}

# usb_text TTY FILE - what the adapter says of itself in FILE (product, manufacturer, serial).
usb_text() {
	folder=$(readlink -f "$root/sys/class/tty/$1/device") || return 0
	while [ -n "$folder" ] && [ ! -e "$folder/idVendor" ]; do
		folder=${folder%/*}
	done
	[ -z "$folder" ] || cat "$folder/$2" 2>/dev/null || :
}

# stable_name TTY - the name that stays when adapters change places.
stable_name() {
	for link in "$root"/dev/serial/by-id/* "$root"/dev/serial/by-path/*; do
		[ "$(readlink -f "$link")" = "$root/dev/$1" ] || continue
		echo "${link#"$root"}"
		return
	done
	echo "/dev/$1"
}

# user_of TTY - who has it open or locked: "program (process N)", or nothing.
user_of() {
	holder=$(readlink "$locks/$1" 2>/dev/null) || holder=
	if [ -z "$holder" ] || [ ! -d "/proc/$holder" ]; then
		# "/proc/NUMBER/fd:" stands above the links of each process. All of them in one list:
		# starting programs is what costs time on a GX.
		# shellcheck disable=SC2012 # links of /proc, one a line
		holder=$(ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v open="$root/dev/$1" -F / '
			/^\/proc\/[0-9]*\/fd:$/ { process = $3 }
			/ -> / && substr($0, index($0, " -> ") + 4) == open { print process; exit }')
	fi
	[ -z "$holder" ] || [ ! -d "/proc/$holder" ] ||
		echo "$(tr '\0' ' ' <"/proc/$holder/cmdline" | cut -c 1-60)(process $holder)"
}

# find_port TEXT - a device node, a name under /dev/serial/by-id or a USB serial number.
find_port() {
	for candidate in "$1" "/dev/$1" "/dev/serial/by-id/$1"; do
		if [ -c "$root$candidate" ]; then
			stable_name "$(basename "$(readlink -f "$root$candidate")")"
			return
		fi
	done
	for tty in $(adapters); do
		if [ "$(usb_text "$tty" serial)" = "$1" ]; then
			stable_name "$tty"
			return
		fi
	done
	fail "there is no port $1; install.sh config lists the adapters that are plugged in"
}

list_adapters() {
	number=0
	for tty in $(adapters); do
		number=$((number + 1))
		user=$(user_of "$tty")
		say "$number. $(stable_name "$tty")"
		say "   $(usb_text "$tty" manufacturer) $(usb_text "$tty" product)," \
			"serial number $(usb_text "$tty" serial), ${user:+used by }${user:-used by nobody}"
	done
	[ $number -gt 0 ] || say "No USB serial adapter is plugged in."
}

# release_port PORT - give back to serial-starter what a stopped service of ours has held.
release_port() {
	[ -n "$1" ] && [ -e "$root$1" ] && [ -x "$starter/start-tty.sh" ] || return 0
	tty=$(basename "$(readlink -f "$root$1")")
	holder=$(readlink "$locks/$tty" 2>/dev/null) || holder=
	[ -n "$holder" ] && [ -d "/proc/$holder" ] || rm -f "$locks/$tty"
	"$starter/start-tty.sh" "$tty" >/dev/null 2>&1 || :
}

release_ports() {
	for service in $(service_names); do
		release_port "$(configured_port "$(conf_of "$service")")"
	done
}

configured_port() {
	"$versions/$(state_get active)/tinybmsctl" config --file "$1" get port 2>/dev/null || :
}
