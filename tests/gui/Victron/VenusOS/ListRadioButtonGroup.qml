// SPDX-License-Identifier: MIT
ListText {
	property var optionModel: []
	readonly property int currentIndex: optionModel.findIndex(option => option.value === dataItem.value)

	secondaryText: (currentIndex >= 0 ? optionModel[currentIndex].display : "Unknown") + "  ›"
	interactive: dataItem.valid
}
