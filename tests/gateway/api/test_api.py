# SPDX-License-Identifier: MIT
"""REST of the gateway, with the whole service behind it. Every answer is recorded for validate.js.

SERVICE SIMULATOR STANDIN GATEWAY ANSWERS METRICS CAN_SERVICE

CAN_SERVICE is the service with sockets in place of CAN interfaces, see ../../service/can_wire.py.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../service"))

from rig import Lines, Programs, Rig, SERIAL, Simulator  # noqa: E402

PASSWORD = "correct horse battery"
os.environ.setdefault("G_DEBUG", "fatal-criticals")  # of the gateway too: a critical ends it
ALL = ["", "/cells", "/limits", "/alarms", "/can", "/diagnostics", "/events", "/history", "/curves",
       "/journal", "/settings", "/configuration", "/charge", "/backup"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Gateway(Rig):
    def start_gateway(self, **more):
        self.port = free_port()
        config = self.path("gateway.json")
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"port": self.port, "interval": 0.2, "site": "Hut \"7\"", **more}, file)
        tell = [Programs.gateway, "--config", config]
        subprocess.run([*tell, "--set-password"], input=PASSWORD + "\n", text=True, check=True)
        self.token = {scope: subprocess.run([*tell, "--new-token", scope, scope], check=True,
                                            text=True, capture_output=True).stdout.strip()
                      for scope in ("read", "write")}
        self.gateway = self.bus.run(*tell)
        self.addCleanup(self.end_in_order, self.gateway)
        self.wait_until(lambda: self.try_ping())

    def owner(self, method, path, data=None, **headers):
        """As ask(), by who has logged in."""
        login = self.ask("POST", "/api/v1/login", {"user": "admin", "password": PASSWORD}, scope=None)
        return self.ask(method, path, data, scope=None, Cookie=login[2]["Set-Cookie"].split(";")[0],
                        X_CSRF_Token=login[1]["csrf"], **headers)

    def try_ping(self):
        try:
            return self.ask("GET", "/api/v1/ping")[0] == 200
        except urllib.error.URLError:
            return False

    def ask(self, method, path, data=None, scope="write", raw=None, **headers):
        """Status, body (of JSON: parsed), headers; and it is written down."""
        body = raw if raw is not None else None if data is None else json.dumps(data).encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if scope:
            headers["Authorization"] = "Bearer " + self.token[scope]
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers,
                                         method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode()
            kind = answer.headers.get("Content-Type")
            with open(Programs.answers, "a", encoding="utf-8") as file:
                file.write(json.dumps({"method": method, "path": path, "status": answer.status,
                                       "type": kind, "body": text}) + "\n")
            is_json = bool(text) and "json" in (kind or "")
            return answer.status, json.loads(text) if is_json else text, answer.headers

    def start_with_battery(self):
        self.start_all()
        self.start_gateway()
        self.wait_until(lambda: any(b["is_live"] and b["soc_pct"] is not None and b["serial"]
                                    and b["capacity_ah"] for b in self.batteries()))
        self.base = "/api/v1/batteries/" + self.batteries()[0]["id"]

    def batteries(self):
        status, body, _ = self.ask("GET", "/api/v1/batteries")
        return body["batteries"] if status == 200 else []

    def assert_problem(self, answer, status, field=None):
        self.assertEqual(answer[0], status, answer[1])
        self.assertEqual(answer[2]["Content-Type"], "application/problem+json")
        self.assertEqual(answer[1]["status"], status)
        if field:
            self.assertEqual(answer[1]["field"], field)
        return answer[1]


class Can(Gateway):
    """With two outputs, of which one is on a bus."""

    def setUp(self):
        super().setUp()
        self.scale = 20  # what is told once a minute comes each 3 s
        os.environ["TINYBMS_TEST_CAN"] = self.folder.name
        self.addCleanup(os.environ.pop, "TINYBMS_TEST_CAN")
        usual, Programs.service = Programs.service, Programs.can_service
        self.addCleanup(setattr, Programs, "service", usual)
        self.port = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(self.port.close)
        self.port.bind(self.path("can5"))
        self.port.listen(1)
        threading.Thread(target=self.hear, args=[self.port], daemon=True).start()
        self.write_config({"can": [{"interface": "can5", "protocol": "victron"},
                                   {"interface": "can6", "protocol": "pylontech"}]})

    def hear(self, port):
        while True:
            try:
                peer = port.accept()[0]
            except OSError:  # the end of the test
                return
            while peer.recv(16):
                pass

    def start_with_battery(self):
        super().start_with_battery()
        self.wait_until(lambda: any(c["latency_mean_ms"] is not None for c in self.outputs()))

    def outputs(self):
        return self.ask("GET", self.base + "/diagnostics")[1]["can"]


class Reads(Can):
    def test_everything(self):
        self.start_with_battery()
        for part in ALL:
            with self.subTest(part):
                self.assertEqual(self.ask("GET", self.base + part)[0], 200)
        for path in ["/api/v1/gateway", "/api/v1/openapi.yaml", "/api/v1/battery.schema.json",
                     "/api/v1/session", "/api/can/status", "/api/mqtt/status"]:
            with self.subTest(path):
                self.assertEqual(self.ask("GET", path)[0], 200)
        self.assertEqual(self.owner("GET", "/api/v1/tokens")[0], 200)
        battery = self.ask("GET", self.base)[1]
        self.assertEqual(battery["serial"], SERIAL.upper())
        self.assertAlmostEqual(battery["soc_pct"], 60, delta=1)
        self.assertEqual(len(battery["cells"]), 16)
        for name in (SERIAL.upper(), str(battery["instance"])):
            self.assertEqual(self.ask("GET", "/api/v1/batteries/" + name)[1]["id"], battery["id"])
        self.check_diagnostics()
        self.check_legacy(battery)
        self.check_paging()
        self.check_metrics()
        self.check_conditional()

    def check_diagnostics(self):
        """As the battery's service tells its own diagnostics on D-Bus."""
        self.wait_until(lambda: self.ask("GET", self.base + "/diagnostics")[1]["diagnostics"]["bus_signals"])
        bus = self.ask("GET", self.base + "/diagnostics")[1]["diagnostics"]
        self.assertTrue(bus["bus_bytes"] > bus["bus_paths"] > bus["bus_signals"] > 0, bus)
        self.assertTrue(0 <= bus["bus_latency_mean_ms"] <= bus["bus_latency_max_ms"], bus)
        self.assertEqual(bus["history_gaps"], self.get("/Diagnostics/History/Gaps"))
        self.wait_until(self.is_can_told_as_on_bus)  # both change while they are read
        with_bus, without = self.can()
        self.assertEqual((with_bus["interface"], with_bus["state"], with_bus["openings"]),
                         ("can5", "active", 1))
        self.assertEqual((without["interface"], without["state"], without["openings"],
                          without["latency_max_ms"]), ("can6", "absent", 0, None))

    def can(self):
        told = self.ask("GET", self.base + "/diagnostics")[1]["can"]
        return sorted(told, key=lambda output: output["interface"])

    def is_can_told_as_on_bus(self):
        told, ours = self.can()[0], {
            "errors": "/Can/can5/Errors", "dropped": "/Can/can5/SetsDropped",
            "refused": "/Diagnostics/Can/can5/FramesRefused",
            "latency_last_ms": "/Diagnostics/Can/can5/LatencyLast",
            "latency_mean_ms": "/Diagnostics/Can/can5/LatencyMean",
            "latency_max_ms": "/Diagnostics/Can/can5/LatencyMax"}
        return all(abs(told[key] - self.get(path)) < 0.06 for key, path in ours.items())

    def check_legacy(self, battery):
        document = self.ask("GET", "/api/status")[1]
        can = document["stats"]["can"]
        self.assertGreater(can["tx_success"], 0)
        self.assertEqual((can["rx_success"], can["rx_errors"], can["bus_off_count"]), (0, None, None))
        self.wait_until(lambda: self.ask("GET", "/api/status")[1]["stats"]["can"]["tx_errors"] ==
                        self.get("/Can/can5/SetsDropped"))
        self.assertAlmostEqual(document["live_data"]["voltage"], battery["voltage_v"], delta=0.02)
        self.assertEqual(document["live_data"]["online_status"], 0x97)
        self.assertEqual(document["live_data"]["soc_percent"], round(battery["soc_pct"], 1))
        self.assertEqual(document["battery"]["series_cell_count"], 16)
        self.assertEqual(document["battery"]["overvoltage_cutoff_mv"],
                         round(1000 * battery["settings"]["over_voltage_cutoff"]))
        self.assert_problem(self.ask("GET", "/api/status?battery=none"), 404)

    def check_paging(self):
        page = self.ask("GET", self.base + "/events?limit=1")[1]
        self.assertEqual(len(page["events"]), 1)
        whole = self.ask("GET", self.base + "/events")[1]["events"]
        found = page["events"]
        while page["next"]:
            page = self.ask("GET", page["next"])[1]
            found += page["events"]
        self.assertEqual(found, whole)
        curves = self.ask("GET", self.base + "/curves?range=30d&columns=t,cell_min,status")[1]
        self.assertEqual(curves["columns"], ["t", "cell_min", "status"])
        self.assertTrue(all(len(row) == 3 for row in curves["rows"]))

    def check_metrics(self):
        text, kind = self.ask("GET", "/metrics")[1:]
        self.assertIn("application/openmetrics-text", kind["Content-Type"])
        self.assertTrue(text.endswith("# EOF\n"))
        self.assertIn('site="Hut \\"7\\""', text)
        for name, value in ("can5", 1), ("can6", 0):
            self.assertRegex(text, rf'tinybms_battery_can_active{{[^}}]*interface="{name}"}} {value}\n')
        with open(Programs.metrics + ".open", "w", encoding="utf-8") as file:
            file.write(text)
        text, kind = self.ask("GET", "/metrics", Accept="text/plain")[1:]
        self.assertIn("version=0.0.4", kind["Content-Type"])
        with open(Programs.metrics, "w", encoding="utf-8") as file:
            file.write(text)

    def check_conditional(self):
        path = self.base + "/settings"
        tag = self.ask("GET", path)[2]["ETag"]
        status, body, _ = self.ask("GET", path, If_None_Match=tag)
        self.assertEqual((status, body), (304, ""))
        self.assertEqual(self.ask("GET", path, If_None_Match='"other"')[0], 200)

    def test_what_cannot_be(self):
        self.start_with_battery()
        for path, field in [("/curves?range=1y", "range"), ("/curves?columns=t,nope", "columns"),
                            ("/curves?columns=t,t", "columns"),
                            ("/curves?columns=" + ",".join([f"cell_{i}" for i in range(1, 17)] * 3), "columns"),
                            ("/events?limit=0", "limit"), ("/events?limit=201", "limit"),
                            ("/events?since=x", "since"), ("/events?since=0.5", "since"),
                            ("/events?limit=", "limit"), ("/events?limit=1.5", "limit"),
                            ("/events?limit=0x10", "limit"), ("/events?limit=nan", "limit")]:
            with self.subTest(path):
                self.assert_problem(self.ask("GET", self.base + path), 422, field)
        none = "/api/v1/batteries/none"
        for part in ALL:
            self.assert_problem(self.ask("GET", none + part), 404, "id")
        for method, part in [("PUT", "/settings"), ("PUT", "/charge"), ("POST", "/restore?apply=1"),
                             ("POST", "/full-charge"), ("POST", "/storage"), ("POST", "/reset")]:
            self.assert_problem(self.ask(method, none + part, {}), 404, "id")
        self.assert_problem(self.owner("PUT", none + "/configuration", {}), 404, "id")
        self.assert_problem(self.ask("GET", self.base, scope=None, Authorization="Bearer x"), 401)
        for raw, kind, status in [(b"{", "application/json", 400), (b"[]", "application/json", 400),
                                  (b'{"values":{"a":1},"values":{"a":2}}', "application/json", 400),
                                  (b'{"values":{"a":1,"b":1,"a":2}}', "application/json", 400),
                                  (b"\xff\xfe", "application/json", 400),
                                  (b"{}", "text/plain", 415)]:
            with self.subTest(raw=raw, kind=kind):
                self.assert_problem(self.ask("PUT", self.base + "/settings", raw=raw,
                                             Content_Type=kind), status)


class Writes(Gateway):
    def put(self, part, values, **more):
        return self.ask("PUT", self.base + part, {"values": values, **more})

    def test_settings(self):
        self.start_with_battery()
        problem = self.assert_problem(self.put("/settings", {"over_voltage_cutoff": 9}), 422,
                                      "over_voltage_cutoff")
        self.assertEqual((problem["min"], problem["max"], problem["unit"]), (1.2, 4.5, "V"))
        for values, field in [({"nothing": 1}, "nothing"), ({"battery_capacity": "x"},
                              "battery_capacity"), ({}, "values"), ([], "values"), (None, "values")]:
            with self.subTest(values=values):
                self.assert_problem(self.put("/settings", values), 422, field)
        self.assert_problem(self.put("/settings", {"battery_capacity": 1}, confirm=1), 422, "confirm")
        self.assert_problem(self.ask("PUT", self.base + "/settings", {"values": {}}, scope="read"),
                            403)

        before = self.setting_of("over_voltage_cutoff")
        problem = self.assert_problem(self.put("/settings", {"over_voltage_cutoff": 3.75}), 409)
        self.assertEqual(self.setting_of("over_voltage_cutoff"), before)
        done = self.put("/settings", {"over_voltage_cutoff": 3.75}, confirm=problem["confirm"])
        self.assertEqual(done[0], 200, done[1])
        self.assertEqual(self.setting_of("over_voltage_cutoff"), 3.75)

        journal = self.ask("GET", self.base + "/journal")[1]
        self.assertIn("token write@127.0.0.1", [e["who"] for e in journal["gateway"]])
        self.assertEqual([e["result"] for e in journal["gateway"]][-1], "done")
        self.assertEqual(journal["journal"][-1]["by"], "token write@127.0.0.1")

    def test_journal_by_whatever_name(self):
        """It is the battery's, however that was called."""
        self.start_with_battery()
        battery = self.ask("GET", self.base)[1]
        names = [battery["id"], battery["serial"], str(battery["instance"]), battery["name"]]
        for capacity, name in enumerate(names, 90):
            path = f"/api/v1/batteries/{name}/settings"
            self.assertEqual(self.ask("PUT", path, {"values": {"battery_capacity": capacity}})[0], 200)
        for name in names:
            path = f"/api/v1/batteries/{name}/journal"
            self.assertEqual([(e["path"], e["after"]) for e in self.ask("GET", path)[1]["gateway"]],
                             [(self.base + "/settings", str(capacity)) for capacity in range(90, 94)])

    def test_journal_has_no_value_of_what_is_unknown(self):
        """It may be a password at the wrong place; what is known is told, also behind it."""
        self.start_with_battery()
        for part, known in ("/settings", "battery_capacity"), ("/charge", "tail_current"):
            self.assert_problem(self.put(part, {"nothing": "hidden", known: 7}), 422, "nothing")
        self.assert_problem(self.owner("PUT", self.base + "/configuration",
                                       {"values": {"nothing": "hidden", "battery_name": "x"}}), 422, "nothing")
        writes = self.ask("GET", "/api/v1/writes")[1]["writes"]
        self.assertNotIn("hidden", json.dumps(writes))
        self.assertEqual({w["what"]: (w.get("before"), w.get("after")) for w in writes},
                         {"nothing": (None, None), "battery_capacity": ("100", "7"),
                          "tail_current": ("", "7"), "battery_name": ("", "x")})

    def test_one_request_does_not_fill_the_journal(self):
        self.start_with_battery()
        self.assertEqual(self.put("/settings", {"over_voltage_cutoff": 3.7})[0], 200)
        many = {f"n{i}": i for i in range(3000)}
        for path in self.base + "/settings", "/api/v1/gateway/configuration":
            self.assert_problem(self.owner("PUT", path, {"values": many}), 422, "n0")
        answer = self.ask("GET", "/api/v1/writes?limit=200&skip=100")[1]
        self.assertEqual(answer["total"], 1 + 2 * 100)
        self.assertEqual(answer["writes"][-1]["what"], "over_voltage_cutoff")

    def setting_of(self, name):
        answer = self.ask("GET", self.base + "/settings")[1]
        return next(s["value"] for s in answer["settings"] if s["name"] == name)

    def test_backup_and_restore(self):
        self.start_with_battery()
        backup = self.ask("GET", self.base + "/backup")[1]
        restore = self.base + "/restore"
        self.assertEqual(self.ask("POST", restore, backup)[1]["changes"], [])
        self.assertEqual(self.put("/settings", {"battery_capacity": 120})[0], 200)
        self.assertEqual(self.ask("POST", restore, backup)[1]["changes"],
                         [{"name": "battery_capacity", "from": 120, "to": 100}])
        self.assertEqual(self.setting_of("battery_capacity"), 120)
        self.assertEqual(self.ask("POST", restore + "?apply=1", backup)[0], 200)
        self.assertEqual(self.setting_of("battery_capacity"), 100)
        other = {**backup, "settings": {**backup["settings"], "battery_capacity": 9999}}
        self.assert_problem(self.ask("POST", restore + "?apply=1", other), 422, "battery_capacity")
        self.assert_problem(self.ask("POST", restore, {"version": 7, "settings": {}}), 422)
        for rows in [1, {"name": "battery_capacity"}], "battery_capacity", 5, None:
            self.assert_problem(self.ask("POST", restore + "?apply=1", {**backup, "settings": rows}), 422)
        for word in "2", "-1", "0.5", "yes", "nan", "":
            self.assert_problem(self.ask("POST", restore + "?apply=" + word, backup), 422, "apply")
        self.assertEqual(self.setting_of("battery_capacity"), 100)

    def test_configuration_and_orders(self):
        self.start_with_battery()
        problem = self.assert_problem(self.put("/charge", {"tail_current": 99999}), 422,
                                      "tail_current")
        self.assertEqual((problem["min"], problem["max"]), (0, 750))
        self.assert_problem(self.owner("PUT", self.base + "/configuration", {"values": {"tail_current": 7}}),
                            422, "tail_current")
        self.assert_problem(self.put("/configuration", {"battery_name": "House"}), 403)
        self.assert_problem(self.put("/charge", {"chemistry": "wood"}), 422, "chemistry")
        self.assertEqual(self.put("/charge", {"tail_current": 7})[0], 200)
        value = {c["name"]: c["value"] for c in
                 self.ask("GET", self.base + "/charge")[1]["configuration"]}
        self.assertEqual(float(value["tail_current"]), 7)
        self.assertEqual(self.owner("PUT", self.base + "/configuration",
                                    {"values": {"battery_name": "House"}})[0], 200)

        self.assertEqual(self.ask("POST", self.base + "/full-charge", {"on": True})[0], 200)
        self.assertEqual(self.ask("POST", self.base + "/storage", {"on": True})[0], 200)
        self.assert_problem(self.ask("POST", self.base + "/storage", {"on": 1}), 422, "on")
        problem = self.assert_problem(self.ask("POST", self.base + "/reset", {"what": "bms"}), 409)
        self.assertEqual(problem["confirm"], "restart")
        self.assertEqual(self.ask("POST", self.base + "/reset", {"what": "statistics"})[0], 200)
        entry = self.ask("GET", self.base + "/journal")[1]["journal"][-1]
        self.assertEqual((entry["what"], entry["by"]), ("clear statistics", "token write@127.0.0.1"))
        self.assert_problem(self.ask("POST", self.base + "/reset", {"what": "all"}), 422, "what")

    def test_gateway(self):
        self.start_with_battery()
        path = "/api/v1/gateway/configuration"
        problem = self.assert_problem(self.owner("PUT", path, {"values": {"port": 70000}}), 422, "port")
        self.assertEqual((problem["min"], problem["max"]), (1, 65535))
        for values, field in [({"nothing": "hidden"}, "nothing"), ({}, "values"), ([], "values"),
                              ({"interval": "x"}, "interval"), ({"mqtt_ca": "/nowhere"}, "mqtt_ca"),
                              ({"tls_key": "/x", "tls_certificate": "/y"}, "tls_certificate")]:
            with self.subTest(values=values):
                self.assert_problem(self.owner("PUT", path, {"values": values}), 422, field)
        self.assert_problem(self.ask("PUT", path, {"values": {"site": "x"}}), 403)
        self.assertFalse(self.ask("GET", path)[1]["needs_restart"])
        self.assertEqual(self.owner("PUT", path, {"values": {"site": "Lake", "hosts": ["a.b"]}})[0], 200)
        answer = self.ask("GET", path, scope="read")[1]
        self.assertTrue(answer["needs_restart"])
        rows = {row["name"]: row for row in answer["configuration"]}
        self.assertEqual((rows["site"]["value"], rows["site"]["in_force"], rows["site"]["default"]),
                         ("Lake", 'Hut "7"', ""))
        self.assertEqual((rows["hosts"]["value"], rows["hosts"]["type"]), (["a.b"], "list"))
        self.assertEqual((rows["port"]["value"], rows["port"]["is_default"]), (self.port, False))
        self.assertTrue(rows["mqtt_enabled"]["is_default"])
        self.assertEqual(self.ask("GET", "/api/v1/gateway")[1]["configuration"]["site"], 'Hut "7"')
        self.check_hand_edit(path)
        self.check_mqtt_password(path)
        self.check_writes()

    def check_hand_edit(self, path):
        """A change by hand is kept, and a file that is damaged is told and left alone."""
        file = self.path("gateway.json")
        saved = json.loads(self.read(file))
        self.assertEqual(saved["interval"], 0.2)
        with open(file, "w", encoding="utf-8") as f:
            json.dump({**saved, "mqtt_topic": "hand"}, f)
        self.assertEqual(self.owner("PUT", path, {"values": {"hosts": None}})[0], 200)
        self.assertEqual(json.loads(self.read(file))["mqtt_topic"], "hand")
        self.assertNotIn("hosts", json.loads(self.read(file)))
        good = self.read(file)
        with open(file, "w", encoding="utf-8") as f:
            f.write(good + "}")
        for method, where, body in [("GET", path, None), ("POST", "/api/v1/gateway/restart", {}),
                                    ("PUT", path, {"values": {"site": "x"}})]:
            problem = self.assert_problem(self.owner(method, where, body), 500)
            self.assertIn("gateway.json", problem["detail"])
        self.assertEqual(self.read(file), good + "}")
        with open(file, "w", encoding="utf-8") as f:
            f.write(good)

    def check_mqtt_password(self, path):
        self.assertFalse(self.ask("GET", path)[1]["has_mqtt_password"])
        secret = "/api/v1/gateway/mqtt-password"
        self.assertEqual(self.owner("PUT", secret, {"password": "broker's own"})[0], 200)
        self.assertTrue(self.ask("GET", path)[1]["has_mqtt_password"])
        self.assert_problem(self.owner("PUT", secret, {"password": 7}), 422, "password")
        self.assert_problem(self.owner("PUT", secret, {"password": "x" * 257}), 422, "password")
        self.assert_problem(self.ask("PUT", secret, {"password": ""}), 403)

    def test_password_that_is_not_in_force(self):
        self.start_gateway(mqtt_enabled=True, mqtt_port=free_port())
        self.check_needs_restart("one", True)
        self.check_needs_restart("", False)

    def test_password_that_nobody_uses(self):
        self.start_gateway()
        self.check_needs_restart("one", False)

    def check_needs_restart(self, password, wanted):
        self.assertEqual(self.owner("PUT", "/api/v1/gateway/mqtt-password", {"password": password})[0], 200)
        self.assertEqual(self.ask("GET", "/api/v1/gateway/configuration")[1]["needs_restart"], wanted)

    def check_writes(self):
        answer = self.ask("GET", "/api/v1/writes?limit=200", scope="read")[1]
        writes = answer["writes"]
        self.assertEqual(answer["total"], len(writes))
        self.assertEqual([w["time"] for w in writes], sorted((w["time"] for w in writes), reverse=True))
        site = next(w for w in writes if w["what"] == "site" and w["result"] == "done")
        self.assertEqual((site["who"], site["path"], site["before"], site["after"]),
                         ("admin@127.0.0.1", "/api/v1/gateway/configuration", 'Hut "7"', "Lake"))
        self.assertIn("mqtt password", [w["what"] for w in writes])
        self.assertIn("1 to 65535", next(w for w in writes if w["what"] == "port")["result"])
        for secret in ("broker's own", "hidden", self.token["write"]):
            self.assertNotIn(secret, json.dumps(writes))
        page = self.ask("GET", "/api/v1/writes?limit=2")[1]
        found = page["writes"]
        while page["next"]:
            page = self.ask("GET", page["next"])[1]
            found += page["writes"]
        self.assertEqual(found, writes)
        for wrong, field in ("limit=0", "limit"), ("limit=201", "limit"), ("skip=-1", "skip"):
            self.assert_problem(self.ask("GET", "/api/v1/writes?" + wrong), 422, field)

    def test_restart(self):
        self.start_with_battery()
        self.assert_problem(self.ask("POST", "/api/v1/gateway/restart", {}), 403)
        done = self.owner("POST", "/api/v1/gateway/restart", {})
        self.assertEqual(done[0], 200)
        self.assertEqual(self.gateway.wait(10), 0)
        self.assertEqual(json.loads(self.read(self.path("gateway-writes.jsonl")))["what"], "restart")

    def test_access(self):
        self.start_with_battery()
        made = self.owner("POST", "/api/v1/tokens", {"name": "grafana", "scope": "read"})
        self.assertEqual(made[0], 201)
        self.assertNotIn(made[1]["token"], json.dumps(self.owner("GET", "/api/v1/tokens")[1]))
        self.assert_problem(self.owner("POST", "/api/v1/tokens", {"name": "grafana", "scope": "read"}), 422)
        self.assertEqual(self.owner("DELETE", "/api/v1/tokens/grafana")[0], 204)
        self.assert_problem(self.ask("POST", "/api/v1/login", {"user": "admin", "password": "x"},
                                     scope=None), 401)
        login = self.ask("POST", "/api/v1/login", {"user": "admin", "password": PASSWORD}, scope=None)
        self.assertEqual(login[0], 200)
        cookie = login[2]["Set-Cookie"].split(";")[0]
        self.assertEqual(self.ask("POST", "/api/v1/password", {"old": PASSWORD, "new": "another one"},
                                  scope=None, Cookie=cookie, X_CSRF_Token=login[1]["csrf"])[0], 200)
        login = self.ask("POST", "/api/v1/login", {"user": "admin", "password": "another one"},
                         scope=None)
        cookie = login[2]["Set-Cookie"].split(";")[0]
        self.assertEqual(self.ask("POST", "/api/v1/logout", {}, scope=None, Cookie=cookie,
                                  X_CSRF_Token=login[1]["csrf"])[0], 200)
        writes = self.ask("GET", "/api/v1/writes")[1]["writes"]
        self.assertEqual([(w["who"], w["what"], w.get("after"), w["result"]) for w in writes[::-1]],
                         [("admin@127.0.0.1", "token grafana", "read", "done"),
                          ("admin@127.0.0.1", "token grafana", "read",
                           "there is a token of this name already"),
                          ("admin@127.0.0.1", "token grafana", "removed", "done"),
                          ("admin@127.0.0.1", "password", None, "done")])
        for secret in (PASSWORD, "another one", made[1]["token"], "argon2"):
            self.assertNotIn(secret, json.dumps(writes))


class Certificates(Gateway):
    """Those of MQTT, so that this stays plain HTTP; the broker need not be there."""

    def make(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-days", "90",
                        "-keyout", self.path(name + ".key"), "-out", self.path(name + ".pem")],
                       check=True, capture_output=True)

    def test_told_and_judged(self):
        for name in ("hut", "other"):
            self.make(name)
        self.start_gateway(mqtt_enabled=True, mqtt_tls=True, mqtt_port=free_port(),
                           mqtt_ca=self.path("hut.pem"), mqtt_certificate=self.path("hut.pem"),
                           mqtt_key=self.path("hut.key"))
        own, authority = self.ask("GET", "/api/v1/gateway")[1]["certificates"]
        self.assertEqual((own["use"], own["name"], own["state"], own["sentence"]),
                         ("mqtt", "hut", "valid", None))
        self.assertEqual((authority["use"], authority["file"]), ("mqtt_authority", self.path("hut.pem")))
        self.assertAlmostEqual(own["valid_until"], time.time() + 90 * 86400, delta=60)
        text = self.ask("GET", "/metrics")[1]
        self.assertIn("tinybms_gateway_certificate_expiry_timestamp_seconds{"
                      f'site="Hut \\"7\\"",use="mqtt"}} {own["valid_until"]}\n', text)

        path = "/api/v1/gateway/configuration"
        problem = self.assert_problem(self.owner("PUT", path, {"values": {"mqtt_key": self.path("other.key")}}),
                                      422, "mqtt_key")
        self.assertIn("other.key is not the key of the certificate in", problem["detail"])
        self.assert_problem(self.owner("PUT", path, {"values": {"mqtt_ca": self.path("hut.key")}}), 422,
                            "mqtt_ca")
        self.assertEqual(self.owner("PUT", path, {"values": {
            "mqtt_certificate": self.path("other.pem"), "mqtt_key": self.path("other.key")}})[0], 200)

        # what is replaced is told without a new start
        os.replace(self.path("other.pem"), self.path("hut.pem"))
        os.replace(self.path("other.key"), self.path("hut.key"))
        self.gateway.send_signal(signal.SIGHUP)
        self.wait_until(lambda: [c["name"] for c in self.ask("GET", "/api/v1/gateway")[1]["certificates"]]
                        == ["other", "other"])


class Absence(Gateway):
    def test_service_stops_and_comes_back(self):
        self.start_with_battery()
        self.stop_service()
        self.program = None
        self.wait_until(lambda: self.ask("GET", self.base)[0] == 503)
        problem = self.assert_problem(self.ask("GET", self.base + "/settings"), 503)
        self.assertIn("not on the bus", problem["detail"])
        self.assert_problem(self.ask("PUT", self.base + "/settings",
                                     {"values": {"battery_capacity": 90}}), 503)
        self.assert_problem(self.ask("GET", "/api/status"), 503)
        self.assertEqual(self.batteries(), [])
        self.assertNotIn("{site=", self.ask("GET", "/metrics")[1])
        self.start_service()
        self.wait_until(lambda: self.ask("GET", self.base)[0] == 200 and
                        self.ask("GET", self.base)[1]["is_live"], 60)

    def test_service_that_takes_its_time(self):
        """An answer that needs long comes in the end: settings are written one by one."""
        self.start_with_battery()
        self.program.send_signal(signal.SIGSTOP)
        threading.Timer(8, self.program.send_signal, [signal.SIGCONT]).start()
        self.assertEqual(self.ask("GET", self.base + "/settings")[0], 200)

    def test_before_the_bms_has_answered(self):
        """It is the service that cannot, and not the question that is wrong."""
        self.start_settings()
        self.start_sim()
        self.sim.tell("silent 600")
        self.start_service()
        self.start_gateway()
        self.wait_until(lambda: self.batteries())
        base = "/api/v1/batteries/" + self.batteries()[0]["id"]
        for method, path, body in [("GET", "/settings", None), ("GET", "/curves", None),
                                   ("GET", "/backup", None), ("PUT", "/settings",
                                    {"values": {"battery_capacity": 90}})]:
            with self.subTest(path):
                problem = self.assert_problem(self.ask(method, base + path, body), 503)
                self.assertRegex(problem["detail"], r"^[A-Z][^()]*(yet|connected)")
        self.assertFalse(self.ask("GET", base)[1]["is_live"])

    def test_bms_falls_silent(self):
        self.start_with_battery()
        self.sim.process.kill()
        self.wait_until(lambda: not self.ask("GET", self.base)[1]["is_live"], 60)
        text = self.ask("GET", "/metrics")[1]
        self.assertIn("tinybms_battery_live{", text)
        self.assertNotIn("tinybms_battery_voltage_volts{", text)


class Port(Gateway):
    def start_service(self, *options):
        self.write_config({"port": self.sim.link})
        self.program = self.bus.run(Programs.service, "--config", self.config_path,
                                    "--state", self.state_path, *options)
        self.addCleanup(self.end_in_order, self.program)
        self.log = Lines(self.program.stdout)

    def test_another_one(self):
        """With it the service changes its name; that it is done is told before."""
        self.start_with_battery()
        other = self.path("other")
        os.symlink(os.path.realpath(self.sim.link), other)
        answer = self.owner("PUT", self.base + "/configuration", {"values": {"port": other}})
        self.assertEqual((answer[0], answer[1].get("done")), (200, True), answer[1])
        self.wait_until(lambda: [b["id"] for b in self.batteries() if b["is_live"]] == ["other"])


class Several(Gateway):
    SECOND = "FEDCBA9876543210FEDCBA98"

    def start_second(self):
        config, link = self.path("second.json"), self.path("second")
        with open(config, "w", encoding="utf-8") as file:
            json.dump({"poll_interval_ms": 100, "device_instance": 289}, file)
        if not os.path.lexists(link):
            sim = Simulator(Programs.simulator, "--serial", self.SECOND, "--cells", "8",
                            "--chemistry", "lfp", "--soc", "30")
            self.addCleanup(sim.close)
            os.symlink(os.path.realpath(sim.link), link)
        self.second = self.bus.run(Programs.service, "--config", config, "--port", link, "--state",
                                   self.path("second.state"))
        self.addCleanup(self.end_in_order, self.second)
        self.wait_until(lambda: any(b["serial"] == self.SECOND and b["is_live"]
                                    and b["instance"] == 289 and b["capacity_ah"]
                                    for b in self.batteries()), 60)

    def stop(self, program):
        program.terminate()
        self.assertEqual(program.wait(10), 0)

    def metric(self, name):
        """{battery: value}"""
        lines = self.ask("GET", "/metrics")[1].splitlines()
        return {line.split('battery="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1])
                for line in lines if line.startswith(name + "{")}

    def test_two_come_and_go(self):
        self.start_with_battery()
        self.start_second()
        first, second = self.base.rsplit("/", 1)[1], "second"
        self.assertEqual([b["id"] for b in self.batteries()], sorted([first, second]))
        for wanted in (second, self.SECOND, "289"):
            battery = self.ask("GET", "/api/v1/batteries/" + wanted)[1]
            self.assertEqual((battery["id"], len(battery["cells"])), (second, 8))
        self.assertEqual(len(self.ask("GET", self.base)[1]["cells"]), 16)
        self.assertEqual(set(self.metric("tinybms_battery_live")), {first, second})
        soc = self.metric("tinybms_battery_state_of_charge_ratio")
        self.assertAlmostEqual(soc[first], 0.6, delta=0.02)
        self.assertAlmostEqual(soc[second], 0.3, delta=0.02)
        legacy = self.ask("GET", "/api/status?battery=second")[1]
        self.assertEqual(legacy["battery"]["series_cell_count"], 8)

        # what is written to one is written to that one
        other = "/api/v1/batteries/second"
        before = self.capacity(self.base)
        self.assertEqual(self.ask("PUT", other + "/settings", {"values": {"battery_capacity": 77}})[0],
                         200)
        self.assertEqual((self.capacity(other), self.capacity(self.base)), (77, before))
        self.assertEqual([w["what"] for w in self.ask("GET", other + "/journal")[1]["gateway"]],
                         ["battery_capacity"])
        self.assertEqual(self.ask("GET", self.base + "/journal")[1]["gateway"], [])

        # one leaves: it is not there, the other is as it was, and it comes back
        self.stop(self.second)
        self.wait_until(lambda: len(self.batteries()) == 1)
        self.assert_problem(self.ask("GET", other), 404, "id")
        self.assertEqual(self.ask("GET", self.base)[0], 200)
        self.assertEqual(set(self.metric("tinybms_battery_live")), {first})
        self.start_second()
        self.assertEqual(self.ask("GET", other)[0], 200)

    def capacity(self, base):
        return next(s["value"] for s in self.ask("GET", base + "/settings")[1]["settings"]
                    if s["name"] == "battery_capacity")


def main():
    Programs.gateway, Programs.answers, Programs.metrics, Programs.can_service = sys.argv[4:8]
    del sys.argv[4:8]
    Programs.service, Programs.simulator, Programs.standin = sys.argv[1:4]
    del sys.argv[1:4]
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
