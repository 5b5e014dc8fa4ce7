// The gateway's MQTT side at a real broker (mosquitto), seen by npm's mqtt.
//   node check.cjs RIG MODULES FOLDER      FOLDER is for what the brokers need; RIG-eager is the
//                                          rig with a library that always wants to write
'use strict';
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const net = require('node:net');

const [rigPath, modules, folder] = process.argv.slice(2);
const mqtt = require(path.resolve(modules, 'node_modules/mqtt'));
const document = JSON.parse(fs.readFileSync(path.join(__dirname, '../document.json')));
const BASE = 'tinybms/usb_FTDI_1';
const WAIT_MS = 30000;	// a machine that is busy with other tests is slow

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, test) {
	const end = Date.now() + WAIT_MS;
	for (;;) {
		const got = await test();
		if (got) return got;
		if (Date.now() > end) throw new Error(`not in time: ${what}`);
		await sleep(25);
	}
}

function same(what, got, want) {
	if (JSON.stringify(got) !== JSON.stringify(want))
		throw new Error(`${what} is ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

const running = new Set();
function start(file, args, stdio) {
	const child = spawn(file, args, { stdio });
	running.add(child);
	child.ended = new Promise((resolve) => child.once('exit', (code, signal) => {
		running.delete(child);
		resolve({ code, signal });
	}));
	return child;
}

let brokers = 0;
async function broker(port, lines = ['allow_anonymous true']) {
	const file = path.join(folder, `broker-${++brokers}.conf`);
	fs.writeFileSync(file, [`listener ${port} 127.0.0.1`, ...lines, 'user root', ''].join('\n'));
	const child = start('mosquitto', ['-c', file], ['ignore', 'ignore', 'ignore']);
	await until('the broker listens', () => new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1');
		socket.once('connect', () => { socket.destroy(); resolve(true); });
		socket.once('error', () => resolve(false));
	}));
	child.stop = () => { child.kill(); return child.ended; };
	return child;
}

function rig(options, program = rigPath) {
	const args = Object.entries(options).map(([key, value]) => `${key}=${value}`);
	const child = start(program, args, ['pipe', 'pipe', 'inherit']);
	child.lines = [];
	child.stdin.on('error', () => {}); // it is killed on purpose
	let rest = '';
	child.stdout.on('data', (data) => {
		const parts = (rest + data).split('\n');
		rest = parts.pop();
		// the rest is what the program says to its log
		child.lines.push(...parts.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)));
	});
	child.tell = (object) => child.stdin.write(JSON.stringify(object) + '\n');
	child.show = (change = {}) =>
		child.tell({ battery: { ...document, ...change }, charge: { storage: 0 } });
	child.status = async () => {
		const seen = child.lines.length;
		child.tell({ status: true });
		return until('a status', () => child.lines.slice(seen).find((l) => 'enabled' in l));
	};
	child.connected = () => until('a connection', async () => (await child.status()).connected);
	child.stop = () => { child.kill('SIGTERM'); return child.ended; };
	return child;
}

// Everything that a client sees: topic -> messages, each {payload, retain, qos}.
async function watch(port, options = {}) {
	const client = mqtt.connect({ host: '127.0.0.1', port, reconnectPeriod: 100, ...options });
	client.seen = new Map();
	client.on('message', (topic, payload, packet) => {
		const list = client.seen.get(topic) ?? [];
		list.push({ payload: payload.toString(), retain: packet.retain, qos: packet.qos });
		client.seen.set(topic, list);
	});
	client.on('error', () => {});
	await new Promise((resolve) => client.once('connect', resolve));
	await client.subscribeAsync('#', { qos: 1 });
	client.all = (topic) => client.seen.get(topic) ?? [];
	client.last = (topic) => client.all(topic).at(-1);
	client.wait = (topic, payload) => until(`${topic} ${payload ?? ''}`, () =>
		client.last(topic) && (payload === undefined || client.last(topic).payload === payload));
	return client;
}

// ---- the tests -----------------------------------------------------------------------------

const tests = {};

tests['a client that comes later finds everything'] = async (port) => {
	const b = await broker(port);
	const r = rig({ port });
	await r.connected();
	r.show();
	await until('all is sent', async () => {
		const s = await r.status();
		return s.topics > 80 && s.waiting === 0 && s;
	});
	const client = await watch(port);
	await client.wait(`${BASE}/alarms/HighTemperature`, '2');
	await client.wait('tinybms/availability', 'online');
	same('retained', client.last(`${BASE}/soc_pct`), { payload: '74.2', retain: true, qos: 0 });
	const config = JSON.parse(
		client.last('homeassistant/device/tinybms_0123456789ABCDEF01234567/config').payload);
	same('device', config.device.name, 'House');
	const present = Object.values(config.components).filter((c) => c.unique_id);
	same('present', present.length > 50, true);
	for (const c of present)
		if (!client.last(c.state_topic)) throw new Error(`nothing on ${c.state_topic}`);
	same('the predecessor\'s topics are not retained',
		[...client.seen.keys()].filter((t) => t.startsWith('victron/')), []);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['the predecessor\'s twelve topics'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	const r = rig({ port });
	await r.connected();
	r.show();
	await client.wait('victron/tinybms/overheat_cutoff_c');
	same('topics', [...client.seen.keys()].filter((t) => t.startsWith('victron/')).sort(), [
		'battery_pack_current', 'battery_pack_voltage', 'charge_overcurrent_a',
		'discharge_overcurrent_a', 'internal_temperature', 'max_charge_current',
		'max_discharge_current', 'overheat_cutoff_c', 'overvoltage_cutoff_mv', 'state_of_charge',
		'state_of_health', 'undervoltage_cutoff_mv'].map((t) => `victron/tinybms/${t}`));
	const soc = JSON.parse(client.last('victron/tinybms/state_of_charge').payload);
	same('value', [soc.value, soc.unit, soc.address, soc.raw * soc.scale], [74.2, '%', 46, 74.2]);
	r.tell({ battery: { ...document, id: 'usb_other', soc_pct: 20 } });
	r.show({ soc_pct: 75 });
	await client.wait('victron/tinybms/usb_other/state_of_charge');
	await client.wait('victron/tinybms/usb_FTDI_1/state_of_charge');
	same('no mixture', client.all('victron/tinybms/state_of_charge').length, 1);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['only what changed'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	const r = rig({ port });
	await r.connected();
	for (let i = 0; i < 20; i++) r.show({ time: 1700000000 + i, soc_pct: i < 10 ? 74.2 : 74.3 });
	await client.wait(`${BASE}/soc_pct`, '74.3');
	r.show({ time: 1700000099, soc_pct: 74.4 });
	await client.wait(`${BASE}/soc_pct`, '74.4');
	same('soc', client.all(`${BASE}/soc_pct`).map((m) => m.payload), ['74.2', '74.3', '74.4']);
	same('voltage', client.all(`${BASE}/voltage_v`).length, 1);
	same('legacy', client.all('victron/tinybms/battery_pack_voltage').length, 1);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['the last will when it is killed, and a goodbye when it ends'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	let r = rig({ port });
	await client.wait('tinybms/availability', 'online');
	r.kill('SIGKILL');
	await client.wait('tinybms/availability', 'offline');
	r = rig({ port });
	await client.wait('tinybms/availability', 'online');
	same('a clean end', await r.stop(), { code: 0, signal: null });
	await client.wait('tinybms/availability', 'offline');
	const late = await watch(port);
	await late.wait('tinybms/availability', 'offline');
	same('retained', late.last('tinybms/availability').retain, true);
	await late.endAsync();
	await client.endAsync();
	await b.stop();
};

tests['a battery that stops answering, and one that leaves'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	const r = rig({ port });
	r.show();
	await client.wait(`${BASE}/availability`, 'online');
	r.show({ is_live: false, soc_pct: null });
	await client.wait(`${BASE}/availability`, 'offline');
	await client.wait(`${BASE}/soc_pct`, 'null');
	r.show();
	await client.wait(`${BASE}/availability`, 'online');
	r.tell({ gone: 'usb_FTDI_1' });
	await client.wait(`${BASE}/availability`, 'offline');
	await until('it is forgotten', async () => (await r.status()).topics === 2); // and its discovery
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['a broker that is away keeps one message a topic'] = async (port) => {
	const r = rig({ port });
	await until('an error', async () => (await r.status()).last_error);
	for (let i = 0; i <= 600; i++) r.show({ soc_pct: i / 100 });
	const away = await r.status();
	same('bounded', [away.connected, away.waiting <= away.topics, away.topics < 130],
		[false, true, true]);
	let b = await broker(port);
	let client = await watch(port);
	await client.wait(`${BASE}/soc_pct`, '6');
	same('the latest only', client.all(`${BASE}/soc_pct`).length, 1);
	await b.stop();
	await until('it is lost', async () => !(await r.status()).connected);
	r.show({ soc_pct: 12 });
	await client.endAsync(true);
	b = await broker(port);
	client = await watch(port);
	await client.wait(`${BASE}/soc_pct`, '12');
	await client.wait(`${BASE}/voltage_v`, '53.12');
	await client.wait('tinybms/availability', 'online');
	same('reconnects', (await r.status()).reconnects, 1);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['Home Assistant starts: all is said again'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	const r = rig({ port });
	r.show();
	await client.wait('victron/tinybms/overheat_cutoff_c');
	await client.publishAsync('homeassistant/status', 'online', { qos: 1 });
	await until('again', () => client.all(`${BASE}/voltage_v`).length === 2);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['discovery switched off takes the device out'] = async (port) => {
	const topic = 'homeassistant/device/tinybms_0123456789ABCDEF01234567/config';
	const b = await broker(port);
	let r = rig({ port });
	r.show();
	let client = await watch(port);
	await client.wait(topic);
	await r.stop();
	r = rig({ port, discovery: 0 });
	r.show();
	await client.wait(topic, '');
	await client.endAsync();
	client = await watch(port);
	await client.wait(`${BASE}/availability`, 'online');
	same('no device', client.last(topic), undefined);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['commands: obeyed, refused, never retained, one after the other'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	const r = rig({ port, commands: 1 });
	r.show();
	await client.wait(`${BASE}/charge/storage`, 'false');
	const ask = async (name, payload, options = {}) => {
		const count = client.all(`${BASE}/result`).length;
		await client.publishAsync(`${BASE}/set/${name}`, payload, { qos: 1, ...options });
		return () => until(`an answer to ${name}`, () =>
			client.all(`${BASE}/result`).length > count &&
			JSON.parse(client.last(`${BASE}/result`).payload));
	};
	let answer = await ask('storage', 'ON');
	await until('a call', () => r.lines.find((l) => l.call));
	same('call', r.lines.find((l) => l.call),
		{ arguments: ['{"storage":true,"by":"mqtt"}'], call: 'SetConfiguration', id: 'usb_FTDI_1' });
	for (const [name, payload] of [['storage', 'OFF'], ['full_charge', 'PRESS']]) {
		answer = await ask(name, payload);
		same('busy', await answer(), { command: name, ok: false,
			reason: 'The battery still answers the command before.' });
	}
	same('one call', r.lines.filter((l) => l.call).length, 1);
	let count = client.all(`${BASE}/result`).length;
	r.tell({ answer: null });
	await until('done', () => client.all(`${BASE}/result`).length > count);
	same('done', JSON.parse(client.last(`${BASE}/result`).payload),
		{ command: 'storage', ok: true, reason: 'Done.' });
	answer = await ask('max_charge_current', '9999');
	same('range', await answer(), { command: 'max_charge_current', ok: false,
		reason: 'max_charge_current is 0 to 750 A, not 9999.' });
	answer = await ask('over_voltage_cutoff', '4.5');
	same('protection', (await answer()).ok, false);
	await ask('full_charge', 'PRESS');
	await until('a call', () => r.lines.filter((l) => l.call).length === 2);
	count = client.all(`${BASE}/result`).length;
	r.tell({ answer: 'The battery is asleep.' });
	await until('refused', () => client.all(`${BASE}/result`).length > count);
	same('reason', JSON.parse(client.last(`${BASE}/result`).payload).reason,
		'The battery is asleep.');
	same('answers are not retained', client.all(`${BASE}/result`).some((m) => m.retain), false);
	await r.stop();
	await client.publishAsync(`${BASE}/set/storage`, 'ON', { qos: 1, retain: true });
	const again = rig({ port, commands: 1 });
	again.show();
	await client.wait('tinybms/availability', 'online');
	await again.connected();
	await sleep(300);
	again.show({ soc_pct: 1 });
	await client.wait(`${BASE}/soc_pct`, '1');
	same('a retained command', again.lines.filter((l) => l.call).length, 0);
	await client.endAsync();
	await again.stop();
	await b.stop();
};

tests['no commands unless they are switched on'] = async (port) => {
	const b = await broker(port);
	const client = await watch(port);
	const r = rig({ port });
	r.show();
	await client.wait(`${BASE}/soc_pct`);
	await client.publishAsync(`${BASE}/set/storage`, 'ON', { qos: 1 });
	r.show({ soc_pct: 2 });
	await client.wait(`${BASE}/soc_pct`, '2');
	same('calls', r.lines.filter((l) => l.call).length, 0);
	same('results', client.all(`${BASE}/result`).length, 0);
	await client.endAsync();
	await r.stop();
	await b.stop();
};

tests['user and password'] = async (port) => {
	const file = path.join(folder, 'passwords');
	fs.writeFileSync(file, '');
	execFileSync('mosquitto_passwd', ['-b', file, 'gx', 'right']);
	const b = await broker(port, ['allow_anonymous false', `password_file ${file}`]);
	const wrong = rig({ port, user: 'gx', password: 'wrong' });
	const refused = await until('a refusal', async () => {
		const s = await wrong.status();
		return s.last_error && s;
	});
	same('sentence', refused.last_error,
		`MQTT broker 127.0.0.1 port ${port}: it refuses user and password.`);
	same('connected', refused.connected, false);
	same('no secret', JSON.stringify(refused).includes('wrong'), false);
	await wrong.stop();
	const right = rig({ port, user: 'gx', password: 'right' });
	await right.connected();
	await right.stop();
	await b.stop();
};

function certificates() {
	const at = (name) => path.join(folder, name);
	const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
	for (const ca of ['ca', 'other'])
		openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${ca}.key`, '-out',
			`${ca}.crt`, '-days', '2', '-subj', `/CN=${ca}`);
	for (const [name, subject, days] of [['server', '127.0.0.1', '2'], ['client', 'gx', '2'],
		['elsewhere', 'elsewhere.example', '2'], ['expired', '127.0.0.1', '-1']]) {
		fs.writeFileSync(at(`${name}.ext`), subject === '127.0.0.1'
			? 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' : `subjectAltName=DNS:${subject}\n`);
		openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out',
			`${name}.csr`, '-subj', `/CN=${subject}`);
		openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key',
			'-CAcreateserial', '-out', `${name}.crt`, '-days', days, '-extfile', `${name}.ext`);
	}
	return at;
}

tests['TLS with an authority and a certificate of our own'] = async (port) => {
	const at = certificates();
	const listener = (name) => ['allow_anonymous true', `cafile ${at('ca.crt')}`,
		`certfile ${at(`${name}.crt`)}`, `keyfile ${at(`${name}.key`)}`, 'require_certificate true'];
	const own = { certificate: at('client.crt'), key: at('client.key') };
	const fails = async (options) => {
		const r = rig({ port, tls: 1, ...options });
		const s = await until('a failure', async () => {
			const now = await r.status();
			return now.last_error && now;
		});
		same('connected', s.connected, false);
		await r.stop();
		return s.last_error;
	};
	let b = await broker(port, listener('server'));
	for (const host of ['127.0.0.1', 'localhost']) {
		const r = rig({ port, host, tls: 1, ca: at('ca.crt'), ...own });
		await r.connected();
		r.show();
		await until('published', async () => (await r.status()).published > 80);
		await r.stop();
	}
	same('another authority', /TLS|certificate/i.test(await fails({ ca: at('other.crt'), ...own })),
		true);
	await fails({ ca: at('ca.crt') }); // without a certificate of our own
	same('no such file', /files of the MQTT certificates/.test(
		await fails({ ca: at('missing.crt'), ...own })), true);
	await b.stop();
	b = await broker(port, listener('elsewhere'));
	same('another name', /TLS|certificate/i.test(await fails({ ca: at('ca.crt'), ...own })), true);
	await b.stop();
	b = await broker(port, listener('expired'));
	same('expired', /certificate verify failed/i.test(await fails({ ca: at('ca.crt'), ...own })), true);
	await b.stop();
};

tests['a name that does not exist is an error, and blocks nothing'] = async (port) => {
	const r = rig({ port, host: 'no-such-broker.invalid' });
	r.show();
	const began = Date.now();
	const s = await until('an error', async () => {
		const now = await r.status();
		return now.last_error && now;
	});
	same('sentence', s.last_error.startsWith('MQTT broker no-such-broker.invalid'), true);
	same('ended', (await r.stop()).code, 0);
	if (Date.now() - began > WAIT_MS) throw new Error('it took too long');
};

tests['a broker that never answers a TLS greeting costs no CPU'] = async (port) => {
	const sockets = [];
	const server = net.createServer((socket) => sockets.push(socket)).listen(port, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	// libmosquitto from 2.0.12 on wants to write all the time, and the loop would turn
	const r = rig({ port, tls: 1, ca: certificates()('ca.crt') }, `${rigPath}_eager`);
	await until('it knocks', () => sockets.length);
	const ticks = () => {
		const fields = fs.readFileSync(`/proc/${r.pid}/stat`, 'utf8').split(' ');
		return Number(fields[13]) + Number(fields[14]);
	};
	const before = ticks();
	await sleep(3000);
	same('busy', ticks() - before < 60, true); // of 300
	await r.stop();
	sockets.forEach((socket) => socket.destroy());
	server.close();
};

(async () => {
	let passed = 0, failed = 0;
	for (const [name, test] of Object.entries(tests)) {
		if (process.argv[5] && !name.includes(process.argv[5])) continue;
		try {
			await test(await freePort());
			passed++;
			console.log(`ok      ${name}`);
		} catch (error) {
			failed++;
			console.log(`FAILED  ${name}: ${error.message}`);
		}
		for (const child of running) child.kill('SIGKILL');
	}
	console.log(`${passed} passed, ${failed} failed`);
	process.exit(failed ? 1 : 0);
})();
