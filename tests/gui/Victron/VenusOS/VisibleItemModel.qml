// SPDX-License-Identifier: MIT
import QtQml.Models

ObjectModel {
}
