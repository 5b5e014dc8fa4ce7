#!/bin/sh
# cleanup.sh TTY - by udev, when the adapter is pulled.
rm -f "/dev/serial-starter/$1" "/tmp/$1.prog"
for service in /service/*."$1"; do
	[ -e "$service" ] || continue
	svc -dx "$service"
	rm -f "$service"
	rm -rf "/var/volatile/services/${service##*/}"
done
