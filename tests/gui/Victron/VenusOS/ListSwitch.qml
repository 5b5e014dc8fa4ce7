// SPDX-License-Identifier: MIT
import QtQuick

ListItem {
	id: root

	property string text
	readonly property alias dataItem: dataItem
	readonly property bool checked: dataItem.value === 1

	function click() {
		dataItem.setValue(checked ? 0 : 1)
	}

	interactive: dataItem.valid
	contentItem: Item {
		implicitHeight: 30

		Label {
			anchors.verticalCenter: parent.verticalCenter
			text: root.text
		}

		Rectangle {
			anchors { right: parent.right; verticalCenter: parent.verticalCenter }
			width: 52
			height: 26
			radius: 13
			color: root.checked ? Theme.color_ok : "#504f4b"

			Rectangle {
				x: root.checked ? 28 : 2
				y: 2
				width: 22
				height: 22
				radius: 11
				color: Theme.color_font_primary
			}
		}
	}

	VeQuickItem { id: dataItem }
}
