// SPDX-License-Identifier: MIT
// What the owner may want to change without a shell. Every value is checked by the
// service, which says why it refused one.
import QtQuick
import Victron.VenusOS

DeviceListPluginPage {
	id: root

	readonly property string charge: (root.device ? root.device.serviceUid : "") + "/Settings/Charge/"

	title: "Charge settings"

	VeQuickItem { id: refusal; uid: root.charge + "LastError" }

	GradientListView {
		model: VisibleItemModel {
			PrimaryListLabel {
				objectName: "refusal"
				text: refusal.value ?? ""
				color: Theme.color_warning
				preferredVisible: text !== ""
			}

			ListSwitch {
				objectName: "fullCharge"
				text: "Full charge now"
				dataItem.uid: root.charge + "FullChargeNow"
			}

			ListSwitch {
				text: "Charging off"
				dataItem.uid: root.charge + "ForceChargingOff"
			}

			ListSwitch {
				text: "Discharging off"
				dataItem.uid: root.charge + "ForceDischargingOff"
			}

			ListRadioButtonGroup {
				objectName: "managed"
				text: "Of several batteries, DVCC is to obey this one"
				dataItem.uid: root.charge + "managed"
				optionModel: [
					{ display: "Not said", value: "auto" },
					{ display: "Yes", value: "yes" },
					{ display: "No, it stands apart", value: "no" },
				]
			}

			ListRadioButtonGroup {
				text: "Chemistry"
				dataItem.uid: root.charge + "chemistry"
				optionModel: [
					{ display: "Automatic", value: "auto" },
					{ display: "LFP", value: "LFP" },
					{ display: "Li-ion", value: "Li-ion" },
					{ display: "LTO", value: "LTO" },
				]
			}

			NumberSetting {
				objectName: "absorption"
				text: "Absorption, per cell"
				uid: root.charge + "absorption_cell_v"
				suffix: " V"
				decimals: 3
			}

			NumberSetting {
				text: "Float, per cell"
				uid: root.charge + "float_cell_v"
				suffix: " V"
				decimals: 3
			}

			NumberSetting {
				text: "New charge below, per cell"
				uid: root.charge + "rebulk_cell_v"
				suffix: " V"
				decimals: 3
			}

			NumberSetting {
				objectName: "maxCharge"
				text: "Highest charge current"
				uid: root.charge + "max_charge_current"
				suffix: " A"
			}

			NumberSetting {
				text: "Highest discharge current"
				uid: root.charge + "max_discharge_current"
				suffix: " A"
			}

			NumberSetting {
				text: "Stop charging at"
				uid: root.charge + "soc_ceiling"
				suffix: " %"
			}

			NumberSetting {
				text: "Full charge at least every"
				uid: root.charge + "full_charge_interval"
				suffix: " days"
			}

			NumberSetting {
				text: "Spare the battery below"
				uid: root.charge + "sustain_soc_entry"
				suffix: " %"
			}
		}
	}
}
