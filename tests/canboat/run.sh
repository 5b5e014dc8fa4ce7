#!/usr/bin/env bash
# Decode every NMEA 2000 message with canboatjs.
#   tests/canboat/run.sh BUILD_DIR DBUS_TINYBMS MESSAGES     (meson gives the three)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

"$here/../npm.sh" "$here" "$1/canboat"
node "$here/check.js" "$1/canboat" "$2" "$3"
