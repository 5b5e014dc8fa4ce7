// SPDX-License-Identifier: MIT
import QtQuick

Text {
	color: Theme.color_font_primary
	font.pixelSize: 18
}
