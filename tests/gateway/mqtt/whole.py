# SPDX-License-Identifier: MIT
"""From the BMS to the broker and back: simulator, service, D-Bus, gateway, mosquitto.

    whole.py SERVICE SIMULATOR STANDIN GATEWAY

The clients are mosquitto's own, mosquitto_sub and mosquitto_pub.
"""
import json
import os
import socket
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "service"))

import rig  # noqa: E402

GATEWAY = sys.argv.pop(4)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Whole(rig.Rig):
    def start_broker(self):
        self.port = free_port()
        path = self.path("broker.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\n")
        self.broker = subprocess.Popen(["mosquitto", "-c", path], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        self.addCleanup(self.broker.wait)
        self.addCleanup(self.broker.terminate)
        self.wait_until(lambda: self.publish("test/up", "1").returncode == 0)
        self.seen = {}
        self.sub = subprocess.Popen(
            ["mosquitto_sub", "-p", str(self.port), "-t", "#", "-q", "1", "-F",
             '{"topic":"%t","retain":%r,"payload":"%x"}'], stdout=subprocess.PIPE)
        os.set_blocking(self.sub.stdout.fileno(), False)
        self.rest = b""
        self.addCleanup(self.sub.stdout.close)
        self.addCleanup(self.sub.wait)
        self.addCleanup(self.sub.terminate)

    def publish(self, topic, payload):
        return subprocess.run(["mosquitto_pub", "-p", str(self.port), "-t", topic, "-m", payload,
                               "-q", "1"], stderr=subprocess.DEVNULL, check=False)

    def last(self, topic):
        lines = (self.rest + (self.sub.stdout.read() or b"")).split(b"\n")
        self.rest = lines.pop()
        for line in map(json.loads, lines):
            self.seen[line["topic"]] = bytes.fromhex(line["payload"]).decode()
        return self.seen.get(topic)

    def value(self, leaf):
        text = self.last(f"tinybms/{self.id}/{leaf}")
        return json.loads(text) if text else None

    def start_gateway(self, **keys):
        path = self.path("gateway.json")
        self.page = free_port()
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"port": self.page, "mqtt_enabled": True, "mqtt_host": "127.0.0.1",
                       "mqtt_port": self.port, "interval": 0.5, **keys}, file)
        self.gateway = self.bus.run(GATEWAY, "--config", path)
        self.addCleanup(lambda program=self.gateway: self.end_in_order(program))

    def setUp(self):
        super().setUp()
        self.start_broker()
        self.start_all()
        self.id = os.path.basename(self.sim.link).replace("-", "_")

    def test_values(self):
        self.start_gateway()
        self.wait_until(lambda: self.last(f"tinybms/{self.id}/availability") == "online")
        self.wait_until(lambda: abs((self.value("soc_pct") or 0) - 60) < 1)
        self.wait_until(lambda: self.value("cells/16/voltage_v") is not None)
        self.assertAlmostEqual(self.value("voltage_v"), self.get("/Dc/0/Voltage"), delta=0.2)
        self.assertEqual(self.value("serial").upper(), rig.SERIAL.upper())
        config = f"homeassistant/device/tinybms_{self.value('serial')}/config"
        self.wait_until(lambda: self.last(config))
        components = json.loads(self.last(config))["components"].values()
        topics = [entity["state_topic"] for entity in components if "unique_id" in entity]
        self.assertGreater(len(topics), 50)
        for topic in topics:
            self.wait_until(lambda topic=topic: self.last(topic), 10)
        soc = json.loads(self.last("victron/tinybms/state_of_charge"))
        self.assertAlmostEqual(soc["value"], self.value("soc_pct"), delta=0.1)
        limit = json.loads(self.last("victron/tinybms/overvoltage_cutoff_mv"))
        self.assertTrue(2000 < limit["value"] < 4500, limit)

    def test_commands(self):
        self.start_gateway(mqtt_commands=True)
        self.wait_until(lambda: self.value("charge/force_charging_off") is False)
        self.publish(f"tinybms/{self.id}/set/force_charging_off", "ON")
        self.wait_until(lambda: self.value("result") is not None)
        self.assertEqual(self.value("result"), {"command": "force_charging_off", "ok": True,
                                                "reason": "Done."})
        self.wait_until(lambda: self.value("charge/force_charging_off") is True)
        self.wait_for_value("/Info/MaxChargeCurrent", 0)
        self.wait_until(lambda: self.value("limits/ccl_a") == 0)
        self.publish(f"tinybms/{self.id}/set/full_charge", "PRESS")
        self.wait_until(lambda: self.value("result")["command"] == "full_charge")
        writes = [json.loads(line) for line in self.read(self.path("gateway-writes.jsonl")).splitlines()]
        self.assertEqual([(w["who"], w["path"], w["what"], w.get("after"), w["result"]) for w in writes],
                         [("mqtt", f"tinybms/{self.id}/set/{name}", name, after, "done")
                          for name, after in (("force_charging_off", "true"), ("full_charge", None))])
        journal = f"http://127.0.0.1:{self.page}/api/v1/batteries/{self.id}/journal"
        with urllib.request.urlopen(journal) as answer:
            self.assertEqual(json.load(answer)["gateway"], writes)
        self.publish(f"tinybms/{self.id}/set/reset_events", "PRESS")
        self.wait_until(lambda: self.value("result")["command"] == "reset_events")
        with urllib.request.urlopen(journal) as answer:
            entry = json.load(answer)["journal"][-1]
        self.assertEqual((entry["what"], entry["by"]), ("clear events", "mqtt"))

    def test_service_goes_and_comes(self):
        self.start_gateway()
        self.wait_until(lambda: self.last(f"tinybms/{self.id}/availability") == "online")
        self.stop_service()
        self.program = None
        self.wait_until(lambda: self.last(f"tinybms/{self.id}/availability") == "offline")
        self.assertEqual(self.last("tinybms/availability"), "online")
        self.start_service()
        self.wait_until(lambda: self.last(f"tinybms/{self.id}/availability") == "online")
        self.gateway.kill()
        self.gateway.wait()
        self.wait_until(lambda: self.last("tinybms/availability") == "offline")


if __name__ == "__main__":
    rig.main()
