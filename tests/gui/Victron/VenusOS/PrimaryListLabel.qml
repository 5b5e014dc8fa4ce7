// SPDX-License-Identifier: MIT
import QtQuick

Label {
	property bool preferredVisible: true

	width: parent ? parent.width : 0
	height: preferredVisible ? contentHeight + 16 : 0
	visible: preferredVisible
	leftPadding: 32
	rightPadding: 32
	topPadding: 8
	bottomPadding: 8
	wrapMode: Text.Wrap
}
