#!/bin/sh
# Run by a GX after it has unpacked venus-data.tar.gz from a USB stick or SD card into /data.
# Installs what was unpacked and leaves nothing of the stick behind.
[ "${1:-}" = success ] || exit 0
setup=${GX_ROOT:-}/data/dbus-tinybms-setup
log=${GX_ROOT:-}/data/log/dbus-tinybms-setup.log

sh "$setup/install.sh" install "$setup" >"$log" 2>&1
rm -rf "$setup"
rm -f "${GX_ROOT:-}/data/rc/post-hook.sh"
rmdir "${GX_ROOT:-}/data/rc" 2>/dev/null
exit 0
