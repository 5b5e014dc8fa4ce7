// SPDX-License-Identifier: MIT
// Decode what the service and its node send with canboatjs, and compare with what went in.
//   node check.js MODULES DBUS_TINYBMS MESSAGES
'use strict';
const { execFileSync } = require('child_process');
const { createRequire } = require('module');

const [modules, service, messages] = process.argv.slice(2);
const { FromPgn } = createRequire(modules + '/')('@canboat/canboatjs');

let passed = 0;
let failed = 0;

function check(what, got, want) {
  const same = typeof want === 'number' ? Math.abs(got - want) < 1e-6 : JSON.stringify(got) === JSON.stringify(want);
  if (same) {
    passed++;
  } else {
    failed++;
    console.log(`${what}: decoded ${JSON.stringify(got)}, sent ${JSON.stringify(want)}`);
  }
}

// Every message of candump lines (format 0: the decoder puts fast packets together).
function decode(lines) {
  const parser = new FromPgn({ format: 0, useCamel: true, returnNulls: true, checkForInvalidFields: false });
  const decoded = [];
  parser.on('error', (pgn, error) => check(`PGN ${pgn.pgn}`, String(error), 'no error'));
  parser.on('warning', (pgn, warning) => check(`PGN ${pgn.pgn}`, String(warning), 'no warning'));
  for (const line of lines.split('\n').filter((l) => l.startsWith('('))) {
    const message = parser.parseString(line);
    if (message) decoded.push(message);
  }
  return decoded;
}

function of(decoded, pgn) {
  return decoded.filter((m) => m.pgn === pgn);
}

function checkFields(name, message, want) {
  for (const [field, value] of Object.entries(want)) check(`${name} ${field}`, message?.fields[field], value);
}

const claim = {
  manufacturerCode: 2046, deviceFunction: 170, deviceClass: 'Electrical Generation', industryGroup: 'Marine Industry',
  arbitraryAddressCapable: 'Yes', systemInstance: 0,
};

function checkNode() {
  const all = decode(execFileSync(messages, { encoding: 'utf8' }));
  const product = {
    nmea2000Version: 2.1, productCode: 516, modelId: 'TinyBMS s516', softwareVersionCode: '1.23', modelVersion: '2.0',
    modelSerialCode: '0123456789ABCDEF01234567', loadEquivalency: 1,
  };
  check('source of all', [...new Set(all.map((m) => m.src))], [0x50]);
  check('claims', of(all, 60928).length, 1);
  checkFields('address claim', of(all, 60928)[0], { ...claim, deviceInstanceLower: 3, deviceInstanceUpper: 0 });
  checkFields('product', of(all, 126996)[0], product);
  check('configurations', of(all, 126998).length, 2);
  ['Haus', 'Boot 2, achtern'].forEach(
	  (name, i) => checkFields('configuration', of(all, 126998)[i], {
		  installationDescription1 : name,
		  installationDescription2 : null,
		  manufacturerInformation :
			  execFileSync(service, [ '--version' ], { encoding : 'utf8' })
				  .trim()
				  .replace(/^/, 'Energus Power Solutions; sent by '),
	  }));
  checkFields('heartbeat', of(all, 126993)[0], {
    dataTransmitOffset: '00:01:00', sequenceCounter: 1, controller1State: 'Error Active', controller2State: null,
    equipmentStatus: 'Operational',
  });
  const lists = of(all, 126464);
  check('lists of PGNs', lists.map((m) => [m.dst, m.fields.functionCode]), [
    [0x21, 'Transmit PGN list'], [0x21, 'Receive PGN list'],
  ]);
  // what fills the last frame is decoded too, as null
  const listed = (message) => message?.fields.list.map((x) => x.pgn).filter((pgn) => pgn !== null);
  check('PGNs sent', listed(lists[0]),
    [59392, 60928, 126464, 126993, 126996, 126998, 127506, 127508, 127513]);
  check('PGNs received', listed(lists[1]), [59904, 60928]);
  const refusal = of(all, 59392)[0];
  check('refused to', refusal?.dst, 0x21);
  checkFields('refusal', refusal, { control: 'NAK', pgn: 129029 });
  check('sequence ids', of(all, 127508).map((m) => m.fields.sid), [1, 2, 3]);
  check('sequence ids', of(all, 127506).map((m) => m.fields.sid), [1, 2, 3]);
}

const battery = {
  cells: [3.98, 3.985, 3.985, 3.99], current: -3, soc: 83.55, soh: 100, temperatures: [30, 9.7, null],
  status: 'discharging', faults: [], limits: { cvl: 16, ccl: 60, dcl: 80, dvl: 12 },
  settings: { battery_capacity: 65, series_cells: 4, over_voltage_cutoff: 4.2 },
};

const AH = 3600; // the decoder says charge in coulombs

// What changes in the battery, and what the decoder must say then.
const cases = [
  [{}, { stateOfCharge: 84, stateOfHealth: 100, remainingCapacity: 54 * AH },
    { voltage: 15.94, current: -3, temperature: 282.85 }, { nominalVoltage: '12V', capacity: 65 * AH }],
  [{ current: 327.6, soc: 100, soh: 91.4 }, { stateOfCharge: 100, stateOfHealth: 91, remainingCapacity: 65 * AH },
    { current: 327.6 }, {}],
  [{ current: -512.26, soc: 0 }, { stateOfCharge: 0, remainingCapacity: 0 }, { current: -512.3 }, {}],
  [{ soc: 99.6 }, { stateOfCharge: 100 }, {}, {}],
  [{ temperatures: [30, -20, null] }, {}, { temperature: 253.15 }, {}],
  [{ temperatures: [null, null, null], soh: null }, { stateOfHealth: null }, { temperature: null }, {}],
  [{ cells: Array(16).fill(3.3), settings: { battery_capacity: 280, series_cells: 16, over_voltage_cutoff: 3.65 } },
    {}, { voltage: 52.8 }, { nominalVoltage: '48V', capacity: 280 * AH }],
  [{ cells: Array(8).fill(3.3), settings: { battery_capacity: 100.4, series_cells: 8, over_voltage_cutoff: 3.65 } },
    {}, { voltage: 26.4 }, { nominalVoltage: '24V', capacity: 100 * AH }],
];

function checkFilter() {
  for (const [change, dc, status, configuration] of cases) {
    const input = JSON.stringify({ ...battery, ...change });
    const all = decode(execFileSync(service, ['--frames', 'nmea2000'], { encoding: 'utf8', input }));
    check('order', all.map((m) => m.pgn), [60928, 126996, 127506, 127508, 127513, 126993]);
    checkFields('claim', all[0], claim);
    checkFields('product', all[1], { modelId: 'TinyBMS s516', productCode: 516 });
    checkFields('127506', all[2], { sid: 1, instance: 0, dcType: 'Battery', rippleVoltage: null, ...dc });
    checkFields('127508', all[3], { sid: 1, instance: 0, ...status });
    checkFields('127513', all[4], {
      instance: 0, batteryType: null, supportsEqualization: 'No', chemistry: 'Li', peukertExponent: null,
      temperatureCoefficient: null, chargeEfficiencyFactor: null, ...configuration,
    });
  }
}

checkNode();
checkFilter();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
