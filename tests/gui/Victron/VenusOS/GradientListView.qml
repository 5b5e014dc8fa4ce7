// SPDX-License-Identifier: MIT
import QtQuick

ListView {
	anchors.fill: parent
	anchors.topMargin: 50
	cacheBuffer: 4000
	clip: true
}
