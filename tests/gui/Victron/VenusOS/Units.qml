// SPDX-License-Identifier: MIT
pragma Singleton
import QtQuick

QtObject {
	function formatNumber(number, decimals) {
		return number.toFixed(decimals)
	}
}
