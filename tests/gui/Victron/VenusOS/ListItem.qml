// SPDX-License-Identifier: MIT
import QtQuick
import QtQuick.Templates as T

T.Control {
	property bool preferredVisible: true
	property bool interactive

	width: parent ? parent.width : 800
	visible: preferredVisible
	implicitHeight: preferredVisible ? Math.max(52, implicitContentHeight + topPadding + bottomPadding) : 0
	leftPadding: 32
	rightPadding: 32
	topPadding: 8
	bottomPadding: 12
	background: Item {
		Rectangle {
			anchors { fill: parent; leftMargin: 20; rightMargin: 20; bottomMargin: 4 }
			radius: 6
			color: "#272622"
		}
	}
}
