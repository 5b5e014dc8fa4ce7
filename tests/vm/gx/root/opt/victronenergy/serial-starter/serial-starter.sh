#!/bin/sh
# Tries one program after the other on every port that udev has announced and nobody has locked.
. /opt/victronenergy/serial-starter/functions.sh
mkdir -p /dev/serial-starter /var/volatile/services
programs="gps-dbus vedirect-interface"

next_program() {
	last=$(cat "/tmp/$1.prog" 2>/dev/null)
	next=${programs%% *}
	[ "$last" != "$next" ] || next=${programs##* }
	echo "$next" | tee "/tmp/$1.prog"
}

try() {
	program=$(next_program "$1")
	service=$program.$1
	if [ ! -e "/service/$service" ]; then
		cp -R "/opt/victronenergy/service-templates/$program" "/var/volatile/services/$service"
		sed -i "s:TTY:$1:" "/var/volatile/services/$service/run"
		ln -s "/var/volatile/services/$service" "/service/$service"
		sleep 6
	fi
	unlock_tty "$1"
	svc -o "/service/$service"
}

while :; do
	for entry in /dev/serial-starter/*; do
		[ -e "$entry" ] || continue
		tty=${entry##*/}
		lock_tty "$tty" && try "$tty"
	done
	sleep 2
done
