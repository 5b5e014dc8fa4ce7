#!/usr/bin/env bash
# Compile the pages for gui-v2 into the one JSON file that its plugin loader reads.
#   ext/gui_plugin.sh FILE [PRODUCT_ID]
# The loader finds it as /data/apps/enabled/dbus-tinybms/gui-v2/dbus-tinybms.json.
# The same sources give the same bytes, with SOURCE_DATE_EPOCH as the time of the files.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
file=$1
product_id=${2:-0xb0bb} # as gui-v2 writes it: no leading zeros
sh "$top/tests/packages.sh" qt6-base-dev-tools

version=$(sed -n "s/^project(.* version : '\([^']*\)'.*/\1/p" "$top/meson.build")
rcc=$(command -v rcc6 || echo /usr/lib/qt6/libexec/rcc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$top"/src/gui-v2/*.qml "$work/"
touch -d "@${SOURCE_DATE_EPOCH:-0}" "$work"/*.qml # rcc keeps the times

{
	echo '<RCC><qresource prefix="/dbus-tinybms">'
	(cd "$work" && printf '<file>%s</file>\n' *.qml)
	echo '</qresource></RCC>'
} >"$work/plugin.qrc"
# Not compressed: what a device's Qt can unpack is not known, and the archive is compressed anyway.
"$rcc" --binary --no-compress \
	-o "$work/plugin.rcc" "$work/plugin.qrc"

# Two pages on the page of the device itself (type 2), so that each knows its battery.
cat >"$work/plugin.json" <<-JSON
	{
	  "name": "dbus-tinybms",
	  "version": "$version",
	  "minRequiredVersion": "1.3.6",
	  "maxRequiredVersion": "",
	  "translations": [],
	  "integrations": [
	    {"type": 2, "productId": "$product_id", "title": "Cells and limits", "url": "qrc:/dbus-tinybms/BatteryPage.qml"},
	    {"type": 2, "productId": "$product_id", "title": "Charge settings", "url": "qrc:/dbus-tinybms/SettingsPage.qml"}
	  ],
	  "resource": "$(base64 -w 0 "$work/plugin.rcc")"
	}
JSON
mv "$work/plugin.json" "$file"
