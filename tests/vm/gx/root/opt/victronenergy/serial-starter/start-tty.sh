#!/bin/sh
# start-tty.sh TTY - serial-starter tries its programs on the port again.
[ ! -c "/dev/$1" ] || ln -sf "/dev/$1" "/dev/serial-starter/$1"
