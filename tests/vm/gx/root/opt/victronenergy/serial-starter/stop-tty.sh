#!/bin/sh
# stop-tty.sh TTY - nothing of serial-starter's runs on the port any more.
rm -f "/dev/serial-starter/$1"
for service in /service/*."$1"; do
	[ ! -e "$service" ] || svc -d "$service"
done
