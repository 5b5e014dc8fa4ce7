// SPDX-License-Identifier: MIT
// The pages of the plugin over a stand-in for Victron's components: what they show, what
// they write, and how they look (pictures into the current folder).
import QtQuick
import QtTest
import Victron.VenusOS

TestCase {
	id: test

	readonly property string uid: "dbus/com.victronenergy.battery.ttyUSB0"
	readonly property string pages: "../../src/gui-v2/"

	name: "pages"
	width: 800
	height: 480
	visible: true
	when: windowShown

	function publish(path, value, min, max) {
		Bus.publish(uid + path, value, min, max)
	}

	function init() {
		Bus.items = {}
		Bus.written = {}
		publish("/System/NrOfCellsPerBattery", 16)
		for (let i = 1; i <= 16; ++i) {
			publish("/Voltages/Cell" + i, 3.400 + 0.002 * ((i * 7) % 11))
			publish("/Balances/Cell" + i, i % 5 === 0 ? 1 : 0)
		}
		publish("/System/MinCellVoltage", 3.400)
		publish("/System/MaxCellVoltage", 3.420)
		publish("/Voltages/Diff", 0.020)
		publish("/Info/ChargeMode", "Transition (the highest cell)")
		publish("/Info/MaxChargeVoltage", 55.2)
		publish("/Info/MaxChargeCurrent", 40.0)
		publish("/Info/MaxDischargeCurrent", 180.0)
		publish("/Info/ChargeLimitation", "cell voltage")
		publish("/Info/DischargeLimitation", "configured")
		publish("/ConnectionInformation", "Connected")
		publish("/Diagnostics/Batteries/Warning", "")
		publish("/Settings/Charge/LastError", "")
		publish("/Settings/Charge/FullChargeNow", 0, 0, 1)
		publish("/Settings/Charge/ForceChargingOff", 0, 0, 1)
		publish("/Settings/Charge/ForceDischargingOff", 0, 0, 1)
		publish("/Settings/Charge/managed", "auto")
		publish("/Settings/Charge/chemistry", "auto")
		publish("/Settings/Charge/absorption_cell_v", 3.45, 1.5, 4.5)
		publish("/Settings/Charge/soc_ceiling", 100, 50, 100)
		publish("/Settings/Charge/full_charge_interval", 14, 0, 365)
		publish("/Settings/Charge/sustain_soc_entry", 5, 0, 50)
		publish("/Settings/Charge/max_charge_current", undefined, 0, 750)
	}

	function open(name) {
		const component = Qt.createComponent(pages + name)
		compare(component.status, Component.Ready, component.errorString())
		const page = createTemporaryObject(component, test,
			{ device: { serviceUid: uid, productId: 0xb0bb }, width: 800, height: 480 })
		verify(page)
		waitForRendering(page)
		return page
	}

	function picture(page, name) {
		grabImage(page).save(name + ".png")
	}

	// All below `item` that have the name.
	function all(item, name) {
		let found = item.objectName === name ? [item] : []
		for (let i = 0; i < item.children.length; ++i) {
			found = found.concat(all(item.children[i], name))
		}
		return found
	}

	function one(item, name) {
		const found = all(item, name)
		compare(found.length, 1, name)
		return found[0]
	}

	function test_cells_are_bars() {
		const page = open("BatteryPage.qml")
		const bars = all(page, "bar"), marks = all(page, "balancingMark")
		compare(bars.length, 16)
		compare(marks.filter(mark => mark.text !== "").length, 3)
		compare(marks[4].text, "▼")

		// cell 11 is the lowest, cell 3 the highest: (11 * 7) % 11 is 0, (3 * 7) % 11 is 10
		const heights = bars.map(bar => bar.height)
		compare(heights.indexOf(Math.min(...heights)), 10)
		compare(heights.indexOf(Math.max(...heights)), 2)
		verify(Math.abs(heights[2] - heights[10]) > 20) // 20 mV are to be seen
		compare(bars[10].color, Theme.color_critical)
		compare(bars[2].color, Theme.color_warning)
		picture(page, "battery-page")
	}

	function test_state_and_binding_limit() {
		const page = open("BatteryPage.qml")
		compare(one(page, "state").secondaryText, "Transition (the highest cell)")
		compare(one(page, "chargeLimit").secondaryText, "40.0 A, cell voltage")
		publish("/Info/MaxChargeCurrent", 0)
		publish("/Info/ChargeLimitation", "BMS too cold to charge")
		compare(one(page, "chargeLimit").secondaryText, "0.0 A, BMS too cold to charge")
		publish("/Info/MaxDischargeCurrent", undefined)
		publish("/Info/DischargeLimitation", undefined)
		compare(one(page, "dischargeLimit").secondaryText, "--")
	}

	function test_few_cells_and_none() {
		publish("/System/NrOfCellsPerBattery", 4)
		compare(all(open("BatteryPage.qml"), "bar").length, 4)
		Bus.items = {}
		const page = open("BatteryPage.qml")
		compare(all(page, "bar").length, 0)
		compare(one(page, "state").secondaryText, "--")
	}

	function test_an_unknown_cell_has_no_bar() {
		publish("/Voltages/Cell2", undefined)
		compare(all(open("BatteryPage.qml"), "bar")[1].height, 0)
	}

	function test_several_batteries_are_told() {
		const page = open("BatteryPage.qml")
		verify(!one(page, "severalWarning").visible)
		publish("/Diagnostics/Batteries/Warning", "Several batteries share this system and DVCC "
			+ "obeys one only: set \"managed\" to \"yes\" on that one and to \"no\" on the others.")
		verify(one(page, "severalWarning").visible)
		waitForRendering(page)
		picture(page, "several-batteries")
	}

	function test_settings_have_the_ranges_of_the_service() {
		const page = open("SettingsPage.qml")
		const absorption = one(page, "absorption")
		compare(absorption.from, 1.5)
		compare(absorption.to, 4.5)
		compare(absorption.secondaryText, "3.450 V")
		fuzzyCompare(absorption.stepSize, 0.001, 1e-9)
		const current = one(page, "maxCharge")
		compare(current.secondaryText, "automatic")
		verify(current.interactive)
		compare(current.to, 750)
		picture(page, "settings-page")
	}

	function test_full_charge_is_asked_for_and_called_off() {
		const page = open("SettingsPage.qml")
		one(page, "fullCharge").click()
		compare(Bus.written[uid + "/Settings/Charge/FullChargeNow"], 1)
		one(page, "fullCharge").click()
		compare(Bus.written[uid + "/Settings/Charge/FullChargeNow"], 0)
	}

	function test_a_refusal_is_shown() {
		const page = open("SettingsPage.qml")
		verify(!one(page, "refusal").visible)
		publish("/Settings/Charge/LastError", "absorption_cell_v: 4.6 is out of range, 1.5 to 4.5 V is possible")
		verify(one(page, "refusal").visible)
	}
}
