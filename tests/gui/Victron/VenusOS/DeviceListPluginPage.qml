// SPDX-License-Identifier: MIT
import QtQuick

FocusScope {
	id: page

	required property var device
	property string title

	implicitWidth: 800
	implicitHeight: 480

	Rectangle {
		anchors.fill: parent
		color: "#000000"
	}

	Label {
		y: 14
		width: parent.width
		horizontalAlignment: Text.AlignHCenter
		text: page.title
	}
}
