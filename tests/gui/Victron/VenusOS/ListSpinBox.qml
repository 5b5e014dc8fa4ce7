// SPDX-License-Identifier: MIT
ListText {
	id: root

	property string suffix
	property int decimals
	property real from: !isNaN(dataItem.min) ? dataItem.min : 0
	property real to: !isNaN(dataItem.max) ? dataItem.max : 2147483647
	property real stepSize: 1

	secondaryText: dataItem.valid ? dataItem.value.toFixed(decimals) + suffix : "--"
	interactive: dataItem.valid
}
