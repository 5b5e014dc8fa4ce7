// SPDX-License-Identifier: MIT
import QtQuick

QtObject {
	property string uid
	readonly property var entry: Bus.items[uid]
	readonly property var value: entry ? entry.value : undefined
	readonly property bool valid: value !== undefined
	readonly property real min: entry && entry.min !== undefined ? entry.min : NaN
	readonly property real max: entry && entry.max !== undefined ? entry.max : NaN

	function setValue(wanted) {
		Bus.written[uid] = wanted
		Bus.publish(uid, wanted, min, max)
	}
}
