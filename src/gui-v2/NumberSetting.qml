// SPDX-License-Identifier: MIT
// One charge parameter with the range that the service gives it. Without a value it is
// worked out from the battery; choosing a number puts that in its place.
import QtQuick
import Victron.VenusOS

ListSpinBox {
	id: root

	required property string uid

	dataItem.uid: uid
	interactive: true
	secondaryText: dataItem.valid ? Units.formatNumber(dataItem.value, decimals) + suffix : "automatic"
	stepSize: Math.pow(10, -decimals)
}
