// SPDX-License-Identifier: MIT
// Compare what our battery says on D-Bus with what a virtual battery of dbus-victron-virtual
// says: signatures, keys, types. Both are read by dbus-native-victron.
//   node check.js MODULES
'use strict';
const { createRequire } = require('module');

const load = createRequire(process.argv[2] + '/');
const dbus = load('dbus-native-victron');
const virtual = load('dbus-victron-virtual');

const ITEM = 'com.victronenergy.BusItem';
const VIRTUAL = 'com.victronenergy.battery.virtual_check';

let passed = 0;
let failed = 0;

function check(what, got, want) {
  if (JSON.stringify(got) === JSON.stringify(want)) {
    passed++;
  } else {
    failed++;
    console.log(`${what}: got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
  }
}

const address = process.env.DBUS_SESSION_BUS_ADDRESS.replace('unix:path=', 'unix:socket=');
const connect = () => dbus.createClient({ busAddress: address, authMethods: ['EXTERNAL'] });
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function getItems(bus, destination) {
  return new Promise((resolve, reject) =>
    bus.invoke({ destination, path: '/', interface: ITEM, member: 'GetItems' },
      (error, items) => (error ? reject(new Error(`${destination}: ${error}`)) : resolve(items))));
}

// A signature as text, from the library's tree.
function text(tree) {
  return tree.map(({ type, child }) =>
    type === '{' ? `{${text(child)}}` : type === 'a' ? `a${text(child)}` : type).join('');
}

// [[path, [["Value", variant], ["Text", variant]]], ...] as { path: { Value: type, Text: type } }
function shape(items) {
  const types = {};
  for (const [path, properties] of items) {
    types[path] = {};
    for (const [key, [tree]] of properties) types[path][key] = text(tree);
  }
  return types;
}

function nextSignal(bus, name) {
  return new Promise((resolve) => {
    const onMessage = (message) => {
      if (message.member === 'ItemsChanged' && message.sender === name) {
        bus.connection.removeListener('message', onMessage);
        resolve(message);
      }
    };
    bus.connection.on('message', onMessage);
  });
}

async function makeVirtual() {
  const bus = connect();
  const declaration = {
    name: VIRTUAL,
    properties: {
      'DeviceInstance': 'i', 'Connected': 'i', 'CustomName': 's', 'Serial': 's',
      'Dc/0/Voltage': 'd', 'Dc/0/Current': 'd', 'Dc/0/Power': 'd', 'Dc/0/Temperature': 'd', 'Soc': 'd',
      'Info/MaxChargeVoltage': 'd', 'Info/MaxChargeCurrent': 'd', 'Info/MaxDischargeCurrent': 'd',
      'System/NrOfCellsPerBattery': 'i', 'Alarms/HighVoltage': 'i', 'State': 'i', 'ErrorCode': 'i', 'Soh': 'd',
    },
  };
  const definition = {
    'DeviceInstance': 7, 'Connected': 1, 'CustomName': 'Virtual', 'Serial': '1',
    'Dc/0/Voltage': 52.5, 'Dc/0/Current': 1.5, 'Dc/0/Power': 78.75, 'Dc/0/Temperature': 20.5, 'Soc': 50.5,
    'Info/MaxChargeVoltage': 55.5, 'Info/MaxChargeCurrent': 20.5, 'Info/MaxDischargeCurrent': 30.5,
    'System/NrOfCellsPerBattery': 16, 'Alarms/HighVoltage': 0, 'State': 9, 'ErrorCode': 0, 'Soh': 99.5,
  };
  await new Promise((resolve, reject) =>
    bus.requestName(VIRTUAL, 0x4, (error) => (error ? reject(error) : resolve())));
  return { battery: virtual.addVictronInterfaces(bus, declaration, definition), paths: Object.keys(declaration.properties) };
}

async function findOurs(bus) {
  for (;;) {
    const names = await new Promise((resolve, reject) =>
      bus.listNames((error, list) => (error ? reject(error) : resolve(list))));
    const ours = names.find((n) => n.startsWith('com.victronenergy.battery.') && n !== VIRTUAL);
    if (ours) return ours;
    await wait(200);
  }
}

function checkItems(ours, theirs, shared) {
  const types = shape(ours);
  const theirTypes = shape(theirs);
  for (const path of shared) check(`types of /${path}`, types[`/${path}`], theirTypes[`/${path}`]);
  for (const [path, { Value, Text }] of Object.entries(types)) {
    check(`${path} begins with a slash`, path[0], '/');
    check(`${path} has a value of a known type`, ['i', 'd', 's', 'ai'].includes(Value), true);
    check(`${path} has a text`, Text, 's');
  }
}

function checkSignals(ours, theirs) {
  for (const field of ['path', 'interface', 'signature']) check(`ItemsChanged ${field}`, ours[field], theirs[field]);
  for (const [path, types] of Object.entries(shape(ours.body[0]))) {
    check(`${path} in a signal begins with a slash`, path[0], '/');
    check(`${path} in a signal has value and text`, Object.keys(types).sort(), ['Text', 'Value']);
  }
}

// The functions that users of the library call on a service of the GX.
async function checkFunctions(bus, destination) {
  const at = (path) => ({ path, interface_: ITEM, destination });
  const [[tree], [volts]] = await virtual.getValue(bus, at('/Dc/0/Voltage'));
  check('getValue type', text([tree]), 'd');
  check('getValue is plausible', volts > 40 && volts < 60, true);
  check('setValue', await virtual.setValue(bus, { ...at('/CustomName'), value: 'House' }), 0);
  const [, [name]] = await virtual.getValue(bus, at('/CustomName'));
  check('setValue has an effect', name, 'House');
  check('setValue on a read-only path', await virtual.setValue(bus, { ...at('/Soc'), value: 3 }), 1);
  const [, [low]] = await virtual.getMin(bus, at('/Settings/Charge/soc_ceiling'));
  const [, [high]] = await virtual.getMax(bus, at('/Settings/Charge/soc_ceiling'));
  check('getMin and getMax', low < high && high === 100, true);
}

async function main() {
  const { battery, paths } = await makeVirtual();
  const bus = connect();
  bus.addMatch(`type='signal',interface='${ITEM}'`, () => {});
  const ours = await findOurs(bus);
  const owner = (name) => new Promise((resolve) => bus.getNameOwner(name, (error, unique) => resolve(unique)));

  checkItems(await getItems(bus, ours), await getItems(bus, VIRTUAL), paths);
  await checkFunctions(bus, ours);

  const ourSignal = nextSignal(bus, await owner(ours));
  const theirSignal = nextSignal(bus, await owner(VIRTUAL));
  battery.emitItemsChanged();
  await virtual.setValue(bus, { path: '/CustomName', interface_: ITEM, destination: ours, value: 'Boat' });
  checkSignals(await ourSignal, await theirSignal);

  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 100 ? 0 : 1);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
