// SPDX-License-Identifier: MIT
// What a battery does just now: its cells, the state of the charge and what limits it.
import QtQuick
import Victron.VenusOS

DeviceListPluginPage {
	id: root

	readonly property string uid: root.device ? root.device.serviceUid : ""

	// "40.0 A, cell voltage"; one of the two may be unknown
	function limit(item, reason) {
		const words = []
		if (item.valid) {
			words.push(item.value.toFixed(1) + " A")
		}
		if (reason.valid && reason.value !== "") {
			words.push(reason.value)
		}
		return words.length ? words.join(", ") : "--"
	}

	title: "TinyBMS"

	VeQuickItem { id: warning; uid: root.uid + "/Diagnostics/Batteries/Warning" }
	VeQuickItem { id: mode; uid: root.uid + "/Info/ChargeMode" }
	VeQuickItem { id: cvl; uid: root.uid + "/Info/MaxChargeVoltage" }
	VeQuickItem { id: ccl; uid: root.uid + "/Info/MaxChargeCurrent" }
	VeQuickItem { id: dcl; uid: root.uid + "/Info/MaxDischargeCurrent" }
	VeQuickItem { id: chargeReason; uid: root.uid + "/Info/ChargeLimitation" }
	VeQuickItem { id: dischargeReason; uid: root.uid + "/Info/DischargeLimitation" }
	VeQuickItem { id: spread; uid: root.uid + "/Voltages/Diff" }
	VeQuickItem { id: connection; uid: root.uid + "/ConnectionInformation" }

	GradientListView {
		model: VisibleItemModel {
			PrimaryListLabel {
				objectName: "severalWarning"
				text: warning.value ?? ""
				color: Theme.color_warning
				preferredVisible: text !== ""
			}

			ListItem {
				contentItem: Cells {
					serviceUid: root.uid
				}
			}

			ListText {
				text: "Difference between the cells"
				secondaryText: spread.valid ? (spread.value * 1000).toFixed(0) + " mV" : "--"
			}

			ListText {
				objectName: "state"
				text: "State"
				secondaryText: mode.value ?? "--"
			}

			ListText {
				text: "Charge voltage limit"
				secondaryText: cvl.valid ? cvl.value.toFixed(2) + " V" : "--"
			}

			ListText {
				objectName: "chargeLimit"
				text: "Charge current limit"
				secondaryText: root.limit(ccl, chargeReason)
			}

			ListText {
				objectName: "dischargeLimit"
				text: "Discharge current limit"
				secondaryText: root.limit(dcl, dischargeReason)
			}

			ListText {
				text: "Connection"
				secondaryText: connection.value ?? "--"
			}
		}
	}
}
