// A whole installation for the page: bus, settings, simulated BMS, battery services, the gateway.
// Programs come from a meson build folder; everything else lives in one temporary folder.
"use strict";

const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const net = require("net");
const os = require("os");
const path = require("path");

const top = path.join(__dirname, "../../..");
const PASSWORD = "correct horse battery";
const PATIENCE_MS = 60000; // programs with sanitizers on a busy machine

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, fn) {
	const end = performance.now() + PATIENCE_MS;

	while (!await fn()) {
		if (performance.now() > end)
			throw new Error(`waited in vain: ${what}`);
		await sleep(100);
	}
}

const freePort = () => new Promise((done) => {
	const server = net.createServer().listen(0, "127.0.0.1", () => {
		const { port } = server.address();

		server.close(() => done(port));
	});
});

class Rig {
	constructor(build, page) {
		this.build = build;
		this.page = page;
		this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "page-rig-"));
		this.running = new Map(); // name -> process
		this.env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${this.at("bus")}` };
	}

	at(name) {
		return path.join(this.folder, name);
	}

	run(name, program, ...words) {
		const log = fs.openSync(this.at(`${name}.log`), "a");
		const child = spawn(program, words, { env: this.env, stdio: ["ignore", log, log] });

		fs.closeSync(log);
		child.ended = new Promise((done) => child.on("exit", (code, signal) => done(code ?? signal)));
		this.running.set(name, child);
	}

	// By itself, or when it was told to.
	ended(name) {
		const child = this.running.get(name);

		this.running.delete(name);
		return child.ended;
	}

	// A program that does not end well has failed: sanitizers speak by the status.
	async stop(name) {
		this.running.get(name).kill("SIGTERM");
		const code = await this.ended(name);

		if (code !== 0 && !["bus", "settings"].includes(name))
			throw new Error(`${name} ended with ${code}:\n${fs.readFileSync(this.at(`${name}.log`), "utf8")}`);
	}

	async start() {
		this.run("bus", "dbus-daemon", "--session", "--nofork", "--nopidfile", `--address=unix:path=${this.at("bus")}`);
		await until("the bus", () => fs.existsSync(this.at("bus")));
		this.run("settings", "/usr/bin/python3", path.join(top, "tests/standin/settings.py"), "--file", this.at("settings.json"));
	}

	// One of several batteries: @name is part of its port's name.
	async startBms(name, ...words) {
		this.run(`bms-${name}`, path.join(this.build, "src/sim/tinybms-sim"), "--link", this.at(`ttyBMS${name}`),
			"--control", this.at(`${name}.control`), ...words);
		await until(`the simulator ${name}`, () => fs.existsSync(this.at(`${name}.control`)));
	}

	// Each with a folder of its own, as on a GX.
	startService(name, config) {
		const file = this.at(`${name}/config.json`);

		fs.mkdirSync(this.at(name), { recursive: true });
		if (config || !fs.existsSync(file))
			fs.writeFileSync(file, JSON.stringify(config ?? {}));
		this.run(`service-${name}`, path.join(this.build, "src/dbus-tinybms"), "--config", file,
			"--port", this.at(`ttyBMS${name}`), "--state", this.at(`${name}.state`));
	}

	// One order to the simulator; what it answers.
	tell(name, order) {
		return new Promise((done, fail) => {
			const socket = net.connect(this.at(`${name}.control`), () => socket.write(`${order}\n`));
			let text = "";

			socket.setEncoding("utf8").on("error", fail).on("data", (part) => {
				text += part;
				if (!text.includes("\n"))
					return;
				socket.end();
				if (text.startsWith("ok"))
					done(text.slice(3).trim());
				else
					fail(new Error(`${order}: ${text.trim()}`));
			});
		});
	}

	// A token for a program.
	token(name, scope) {
		return execFileSync(path.join(this.build, "src/gateway/tinybms-gateway"),
			["--config", this.at("gateway.json"), "--new-token", name, scope], { encoding: "utf8" }).trim();
	}

	async startGateway(config = {}) {
		const program = path.join(this.build, "src/gateway/tinybms-gateway"), file = this.at("gateway.json");

		if (!this.port) {
			this.port = await freePort();
			fs.writeFileSync(file, JSON.stringify({ port: this.port, ...config }));
			execFileSync(program, ["--config", file, "--set-password"], { input: `${PASSWORD}\n` });
		}
		this.url = `http://127.0.0.1:${this.port}/`;
		this.run("gateway", program, "--config", file, "--page", this.page);
		await until("the gateway", () => fetch(this.url).then(() => true, () => false));
	}

	async close() {
		const names = [...this.running.keys()].reverse(), troubles = [];

		for (const name of names)
			await this.stop(name).catch((e) => troubles.push(e.message));
		fs.rmSync(this.folder, { recursive: true, force: true });
		if (troubles.length)
			throw new Error(troubles.join("\n"));
	}
}

module.exports = { Rig, PASSWORD, until, sleep };
