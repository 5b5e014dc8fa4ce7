// SPDX-License-Identifier: MIT
// What is on the bus, by uid: { value, min, max }. The test fills it, and sees what is written.
pragma Singleton
import QtQuick

QtObject {
	property var items: ({})
	property var written: ({})

	function publish(uid, value, min, max) {
		const all = Object.assign({}, items)
		all[uid] = { value: value, min: min, max: max }
		items = all
	}
}
