// SPDX-License-Identifier: MIT
import QtQuick

ListItem {
	id: root

	property string text
	readonly property alias dataItem: dataItem
	property string secondaryText: dataItem.valid ? dataItem.value : ""

	contentItem: Item {
		implicitHeight: 30

		Label {
			id: primary
			anchors.verticalCenter: parent.verticalCenter
			text: root.text
		}

		Label {
			anchors { right: parent.right; left: primary.right; leftMargin: 12; verticalCenter: parent.verticalCenter }
			horizontalAlignment: Text.AlignRight
			elide: Text.ElideRight
			color: Theme.color_font_secondary
			text: root.secondaryText
		}
	}

	VeQuickItem { id: dataItem }
}
