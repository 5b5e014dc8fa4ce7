// The example flow in Node-RED itself, between a broker and the gateway's MQTT side.
//   node check.cjs RIG MODULES FOLDER FLOW
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');

const [rigPath, modules, folder, flowPath] = process.argv.slice(2);
const document = JSON.parse(fs.readFileSync(path.join(__dirname, '../document.json')));
const WAIT_MS = 120000;	// Node-RED takes its time on a busy machine
const children = [];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, test) {
	const end = Date.now() + WAIT_MS;
	for (;;) {
		const got = await test();
		if (got) return got;
		if (Date.now() > end) throw new Error(`not in time: ${what}`);
		await sleep(50);
	}
}

async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

function start(file, args, stdin = 'ignore') {
	const child = spawn(file, args, { stdio: [stdin, 'pipe', 'pipe'] });
	child.text = '';
	child.stdout.on('data', (data) => { child.text += data; });
	child.stderr.on('data', (data) => { child.text += data; });
	children.push(child);
	return child;
}

function press(port, node) {	// what the button of an inject node in the editor does
	return new Promise((resolve, reject) => {
		const request = http.request({ host: '127.0.0.1', port, path: `/inject/${node}`, method: 'POST' },
			(answer) => { answer.resume(); resolve(answer.statusCode); });
		request.on('error', reject);
		request.end();
	});
}

const checks = [];
async function check(name, run) {
	try {
		await run();
		checks.push(true);
		console.log(`ok      ${name}`);
	} catch (error) {
		checks.push(false);
		console.log(`FAILED  ${name}: ${error.message}`);
	}
}

(async () => {
	const mqttPort = await freePort(), redPort = await freePort();
	const conf = path.join(folder, 'broker.conf'), flows = path.join(folder, 'flows.json');
	const flow = JSON.parse(fs.readFileSync(flowPath));

	Object.assign(flow.find((node) => node.type === 'mqtt-broker'),
		{ broker: '127.0.0.1', port: String(mqttPort) });
	fs.writeFileSync(flows, JSON.stringify(flow));
	fs.writeFileSync(conf, `listener ${mqttPort} 127.0.0.1\nallow_anonymous true\nuser root\n`);
	start('mosquitto', ['-c', conf]);
	const rig = start(rigPath, [`port=${mqttPort}`, 'commands=1'], 'pipe');
	const tell = (object) => rig.stdin.write(JSON.stringify(object) + '\n');
	const show = (change) => tell({ battery: { ...document, ...change } });
	const red = start(process.execPath, [path.join(modules, 'node_modules/node-red/red.js'),
		'--userDir', folder, '-p', String(redPort), flows]);

	await check('the flow starts and reaches the broker', async () => {
		await until('flows', () => red.text.includes('Started flows'));
		await until('the broker', () => /Connected to broker/.test(red.text));
		if (/missing types|Error loading/i.test(red.text)) throw new Error(red.text);
	});
	await check('state of charge', async () => {
		show({});
		await until('74.2', () => red.text.includes('soc_pct: 74.2'));
		show({ soc_pct: null });
		show({ soc_pct: 11 });
		await until('11', () => red.text.includes('soc_pct: 11'));
		if (red.text.includes('soc_pct: null')) throw new Error('an unknown value was shown');
	});
	await check('an alarm in words, at its change only', async () => {
		await until('2', () => red.text.includes('usb_FTDI_1: HighTemperature ALARM'));
		show({ alarms: { ...document.alarms, HighTemperature: 0 } });
		await until('0', () => red.text.includes('usb_FTDI_1: HighTemperature is over'));
	});
	await check('a button switches charging off, and the answer is shown', async () => {
		const code = await press(redPort, 'tb-off');
		if (code !== 200) throw new Error(`the button answers ${code}`);
		await until('a call', () => rig.text.includes('{\\"force_charging_off\\":true,\\"by\\":\\"mqtt\\"}'));
		tell({ answer: null });
		await until('an answer', () => /command: 'force_charging_off'/.test(red.text));
	});

	for (const child of children) child.kill();
	await sleep(500);
	for (const child of children) child.kill('SIGKILL');
	const failed = checks.filter((good) => !good).length;
	if (failed) console.log(red.text);
	console.log(`${checks.length - failed} passed, ${failed} failed`);
	process.exit(failed ? 1 : 0);
})();
