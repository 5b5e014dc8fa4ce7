// SPDX-License-Identifier: MIT
// The cells as bars, on a scale that makes their differences visible. A cell that the
// BMS discharges to balance it has a mark above its bar.
import QtQuick
import Victron.VenusOS

Item {
	id: root

	required property string serviceUid

	readonly property int cellCount: cells.value ?? 0
	readonly property real lowestV: lowest.value ?? NaN
	readonly property real highestV: highest.value ?? NaN

	// At least 50 mV from bottom to top: noise should not look like an imbalance.
	readonly property real spanV: Math.max(0.05, 1.25 * (highestV - lowestV))
	readonly property real bottomV: (lowestV + highestV - spanV) / 2

	implicitHeight: 190

	VeQuickItem { id: cells; uid: root.serviceUid + "/System/NrOfCellsPerBattery" }
	VeQuickItem { id: lowest; uid: root.serviceUid + "/System/MinCellVoltage" }
	VeQuickItem { id: highest; uid: root.serviceUid + "/System/MaxCellVoltage" }

	Row {
		id: row

		anchors.fill: parent
		spacing: 4

		// The delegate sees the ids of this file: qmllint 6.4 has no word for that yet.
		// qmllint disable unqualified
		Repeater {
			model: root.cellCount

			delegate: Column {
				id: cell

				required property int index

				readonly property real volts: voltage.value ?? NaN
				readonly property bool isBalancing: balance.value === 1
				readonly property bool isLowest: volts === root.lowestV
				readonly property bool isHighest: volts === root.highestV

				width: (row.width - (root.cellCount - 1) * row.spacing) / root.cellCount
				spacing: 2

				VeQuickItem { id: voltage; uid: root.serviceUid + "/Voltages/Cell" + (cell.index + 1) }
				VeQuickItem { id: balance; uid: root.serviceUid + "/Balances/Cell" + (cell.index + 1) }

				Label {
					objectName: "balancingMark"
					width: parent.width
					horizontalAlignment: Text.AlignHCenter
					text: cell.isBalancing ? "▼" : ""
					color: Theme.color_warning
					height: 18
					font.pixelSize: 14
				}

				Item {
					width: parent.width
					height: root.height - 68

					Rectangle {
						objectName: "bar"
						anchors.bottom: parent.bottom
						width: parent.width
						radius: 3
						height: isNaN(cell.volts) ? 0
							: parent.height * Math.min(1, Math.max(0.03,
								(cell.volts - root.bottomV) / root.spanV))
						color: cell.isHighest ? Theme.color_warning
							: cell.isLowest ? Theme.color_critical : Theme.color_ok
					}
				}

				Label {
					width: parent.width
					horizontalAlignment: Text.AlignHCenter
					text: isNaN(cell.volts) ? "--" : cell.volts.toFixed(3)
					font.pixelSize: root.cellCount > 12 ? 12 : 14
				}

				Label {
					width: parent.width
					horizontalAlignment: Text.AlignHCenter
					text: cell.index + 1
					color: Theme.color_font_secondary
					font.pixelSize: 12
				}
			}
		}
		// qmllint enable unqualified
	}
}
