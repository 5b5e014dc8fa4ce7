// SPDX-License-Identifier: MIT
// Colours near those of the dark theme.
pragma Singleton
import QtQuick

QtObject {
	readonly property color color_font_primary: "#faf9f5"
	readonly property color color_font_secondary: "#969591"
	readonly property color color_ok: "#387dc5"
	readonly property color color_warning: "#f0962e"
	readonly property color color_critical: "#f35c58"
}
