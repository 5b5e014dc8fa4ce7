# SPDX-License-Identifier: MIT
"""The gateway before a battery's service, and a bus, that do not do what was agreed.

SERVICE SIMULATOR STANDIN GATEWAY ANSWERS METRICS CAN_SERVICE, as test_api.py has it.
"""
import json
import os
import socket
import subprocess
import sys
import time

from test_api import ALL, Gateway, Programs, main

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICE = "com.victronenergy.battery.odd"
STATUS = {"program": "1", "port": "/dev/odd", "state": SERVICE, "service": SERVICE, "instance": 7,
          "serial": "00AA", "age": 0.1, "battery": {"cells": [3.3, 3.3]}, "pack_voltage": 6.6}

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
 <type>session</type>
 <listen>unix:path=%s</listen>
 <policy context="default">
  <allow send_destination="*" eavesdrop="true"/>
  <allow eavesdrop="true"/>
  <allow own="*"/>
  <deny send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus" send_member="ListNames"/>
 </policy>
</busconfig>
"""


class Strange(Gateway):
    base = "/api/v1/batteries/odd"

    def tell(self, **more):
        with open(self.path("told.new"), "w", encoding="utf-8") as file:
            json.dump({"answers": {"Status": STATUS}, "rows": [], **more}, file)
        os.replace(self.path("told.new"), self.path("told"))

    def start(self, **more):
        self.tell(**more)
        self.bus.run(sys.executable, os.path.join(HERE, "strange_service.py"), self.path("told"), "odd")
        self.start_gateway()
        self.wait_until(lambda: self.batteries() and self.batteries()[0]["serial"] == "00AA")

    def document(self):
        return self.ask("GET", self.base)[1]

    def test_other_shapes_than_agreed(self):
        odd = {**STATUS, "alarms": [2], "limits": "x", "instance": "7", "firmware": 1,
               "battery": {"cells": "x", "temperatures": {}, "faults": [[]], "balancing": 1, "settings": [1],
                           "status": 5}}
        self.start(answers={"Status": odd, "Settings": {"settings": [5, {"value": 1}, {"name": 7, "value": 1}]},
                            "Configuration": {"configuration": [5, {"value": "x"}]}, "Events": [], "History": [],
                            "Journal": {"journal": 1}},
                   items={"/Can/": "x", "/Can/can0": "x", "/ProductName": 5, "/Dc/0/Voltage": "x"})
        self.wait_until(lambda: self.document()["is_on_bus"])
        for path in [self.base + part for part in ALL] + ["/metrics", "/api/status", "/api/can/status"]:
            with self.subTest(path):
                none = path.endswith(("/events", "/history"))
                self.assertEqual(self.ask("GET", path)[0], 503 if none else 200)
        self.assertEqual(self.ask("GET", self.base + "/backup")[1]["settings"], {})
        for part in "/settings", "/charge":
            self.assert_problem(self.ask("PUT", self.base + part, {"values": {"x": 1}}), 422, "x")
        self.assertIsNone(self.gateway.poll())

    def test_next_page_of_a_battery_with_a_name(self):
        """The name may have letters that no path has."""
        event = {"id": 97, "level": "information", "text": "system started"}
        self.start(answers={"Status": STATUS, "Events": {"events": [{**event, "n": n} for n in (1, 2)], "more": False}},
                   items={"/CustomName": "House 1?"})
        path = "/api/v1/batteries/House%201%3F/events?limit=1"
        self.wait_until(lambda: self.ask("GET", path)[0] == 200)
        page = self.ask("GET", path)[1]
        self.assertEqual(page["next"], self.base + "/events?since=1&limit=1")

    def test_what_is_not_said_to_be_done(self):
        self.start(answers={"Status": STATUS, "FullCharge": {}})
        self.assert_problem(self.ask("POST", self.base + "/full-charge", {"on": True}), 503)
        self.assertNotIn("done", [w["result"] for w in self.ask("GET", "/api/v1/writes")[1]["writes"]])

    def test_gateway_that_ends_before_the_answer(self):
        """What was ordered may be done all the same: it is written down."""
        self.start(silent=["FullCharge"])
        body = '{"on": true}'
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall((f"POST {self.base}/full-charge HTTP/1.1\r\nHost: localhost\r\n"
                            f"Authorization: Bearer {self.token['write']}\r\n"
                            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n" + body).encode())
            asked = self.ask("GET", "/api/v1/gateway")[1]["http"]["requests"]
            self.wait_until(lambda: self.ask("GET", "/api/v1/gateway")[1]["http"]["requests"] > asked + 1)
            self.gateway.terminate()
            self.assertEqual(self.gateway.wait(10), 0)
        entry = json.loads(self.read(self.path("gateway-writes.jsonl")))
        self.assertEqual((entry["who"], entry["what"]), ("token write@127.0.0.1", "full charge"))
        self.assertIn("the gateway has ended", entry["result"])

    def test_what_cannot_be_read_is_not_known(self):
        self.start(items={"/InstalledCapacity": 100})
        self.wait_until(lambda: self.document()["capacity_ah"] == 100)
        self.tell(items={}, changes={"/InstalledCapacity": [1, 2]})
        self.wait_until(lambda: self.document()["capacity_ah"] is None)

    def test_values_come_though_the_first_question_failed(self):
        self.start()
        self.tell(items={"/InstalledCapacity": 100})
        self.wait_until(lambda: self.document()["capacity_ah"] == 100)

    def test_gap_between_two_pages_of_records(self):
        """The service tells 500 rows at once; the gap behind the last of them is a gap too."""
        begin = int(time.time()) - 86000
        times = [begin + 120 * i for i in range(500)]
        times += [times[-1] + 3600 + 120 * i for i in range(100)]
        self.start(rows=times)
        rows = self.ask("GET", self.base + "/curves?columns=t,pack_voltage")[1]["rows"]
        self.assertEqual([t for t, volts in rows if volts is not None], times)
        self.assertEqual([t for t, volts in rows if volts is None], [times[499] + 10])

    def test_bus_that_does_not_say_who_is_there(self):
        config = self.path("bus.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(BUS % self.path("bus"))
        daemon = subprocess.Popen(["dbus-daemon", "--nofork", "--print-address=1", "--config-file", config],
                                  stdout=subprocess.PIPE)
        self.addCleanup(daemon.stdout.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        daemon.stdout.readline()
        self.bus.address = "unix:path=" + self.path("bus")
        self.start_gateway()
        self.wait_until(lambda: self.ask("GET", "/api/v1/batteries")[0] == 503)
        self.assertIn("who is on the bus", self.ask("GET", "/api/v1/batteries")[1]["detail"])


if __name__ == "__main__":
    main()
