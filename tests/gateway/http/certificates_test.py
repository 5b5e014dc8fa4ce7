#!/usr/bin/python3
# Certificates of the gateway: what --check says of them, what a running gateway does.
import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import unittest

from lone_gateway import PASSWORD, Gateway


class Certificates(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.gateway.process.terminate()
        self.gateway.process.wait()
        os.chmod(self.gateway.folder, 0o755)
        self.is_ended = False

    def tearDown(self):
        if not self.is_ended:
            self.gateway.stop()
            return
        said = self.gateway.said()
        self.gateway.log.close()
        shutil.rmtree(self.gateway.folder)
        self.assertNotIn("Sanitizer", said)

    def path(self, name):
        return os.path.join(self.gateway.folder, name)

    def make(self, name, days, kind="ec"):
        """NAME.pem and NAME.key, as they come from an authority: the key for its owner only."""
        how = {"ec": ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["rsa:2048"]}[kind]
        for words in (["req", "-newkey", *how, "-nodes", "-keyout", self.path(name + ".key"),
                       "-out", self.path("ask"), "-subj", "/CN=hut.local"],
                      ["x509", "-req", "-in", self.path("ask"), "-signkey", self.path(name + ".key"),
                       "-days", str(days), "-out", self.path(name + ".pem")]):
            subprocess.run(["openssl", *words], check=True, capture_output=True)

    def configure(self, **more):
        with open(self.gateway.config, "w") as f:
            json.dump({"port": self.gateway.port, **more}, f)

    def use(self, certificate="page.pem", key="page.key", **more):
        self.configure(tls_certificate=self.path(certificate), tls_key=self.path(key), **more)

    def put_in_place(self, name, kind):
        os.replace(self.path(f"{name}.{kind}"), self.path(f"page.{kind}"))

    def start(self, *words):
        self.gateway.log.close()
        os.remove(self.path("log"))
        self.gateway.start(*words)

    def wait_for(self, words):
        for _ in range(100):
            if words in self.gateway.said():
                return
            time.sleep(0.05)
        self.fail(f"no \"{words}\" in {self.gateway.said()}")

    def served(self):
        """As PEM, by who trusts everybody."""
        return ssl.get_server_certificate(("127.0.0.1", self.gateway.port), timeout=10).strip()

    def text_of(self, name):
        with open(self.path(name)) as f:
            return f.read().strip()

    def certificates(self):
        url = f"https://localhost:{self.gateway.port}/api/v1/"
        done = subprocess.run(["curl", "-sk", "-c", self.path("jar"), "-H",
                               "Content-Type: application/json", "-d",
                               json.dumps({"user": "admin", "password": PASSWORD}), url + "login"],
                              capture_output=True, text=True, check=True)
        self.assertIn("csrf", done.stdout)
        done = subprocess.run(["curl", "-sk", "-b", self.path("jar"), url + "gateway"],
                              capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["certificates"]

    def check(self, status, *words):
        done = self.gateway.command("--check", check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for word in words:
            self.assertRegex(done.stdout, word)

    def test_check(self):
        self.make("page", 90)
        self.make("soon", 10)
        self.make("old", -1)
        self.use()
        self.check(0, r"tls_certificate: .*page\.pem \(hut\.local\) is valid until 20\d\d-")
        self.use("soon.pem", "soon.key")
        self.check(0, r"WARNING tls_certificate: .* expires in (9|10) days, on 20\d\d-.*: put a new one")
        self.use("old.pem", "old.key")
        self.check(3, r"ERROR tls_certificate: .*old\.pem \(hut\.local\) expired on 20\d\d-.*"
                      "browsers and programs refuse the page.*Put a new one")
        self.use("page.pem", "old.key")
        self.check(1, r"tls_key: .*old\.key is not the key of the certificate in .*page\.pem")
        self.use()
        before = self.gateway.document()
        done = self.gateway.command("--set", "tls_key=" + self.path("old.key"), check=False)
        self.assertEqual((done.returncode, self.gateway.document()), (1, before))
        self.assertIn("is not the key of the certificate", done.stderr)
        self.use("page.key", "page.key")
        self.check(1, r"tls_certificate: .*page\.key has no certificate as PEM")
        mqtt = {"mqtt_enabled": True, "mqtt_tls": True, "mqtt_ca": self.path("old.pem"),
                "mqtt_certificate": self.path("page.pem"), "mqtt_key": self.path("page.key")}
        self.configure(**mqtt)
        self.check(3, "ERROR mqtt_ca: .* expired on .*the gateway trusts no broker",
                   "mqtt_certificate: .* is valid until")
        self.configure(**{**mqtt, "mqtt_key": self.path("old.key")})
        self.check(1, "mqtt_key: .* is not the key")
        self.configure(**{**mqtt, "mqtt_tls": False})  # then nobody reads them
        self.check(0)
        self.is_ended = True

    def test_an_expired_one_is_told(self):
        self.make("page", -1)
        self.use()
        self.start()
        self.wait_for("ERROR tls_certificate: ")
        self.assertIn("page.pem (hut.local) expired on", self.gateway.said())
        # the owner can still get in, if the browser is told to
        told, = self.certificates()
        self.assertEqual((told["use"], told["state"], told["name"]), ("https", "expired", "hut.local"))
        self.assertLess(told["days_left"], 0)
        self.assertLess(told["valid_until"], time.time())
        self.assertIn("Put a new one in its place", told["sentence"])
        self.assertEqual(subprocess.run(["curl", "-s", "--max-time", "10",
                                         f"https://localhost:{self.gateway.port}/"]).returncode, 60)

    def test_a_new_one_is_taken(self):
        """The key is for root, and the gateway is nobody: it starts again."""
        self.make("page", 5)
        self.make("new", 90, "rsa")
        self.use()
        words = ["--user", "nobody"] if os.geteuid() == 0 else []
        self.start(*words)
        before = self.served()
        self.assertEqual(before, self.text_of("page.pem"))

        self.put_in_place("new", "pem")
        self.put_in_place("new", "key")
        self.gateway.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.gateway.process.wait(10), 0)
        self.assertIn("page.pem was replaced; the gateway starts again to take it", self.gateway.said())
        self.start(*words)  # as its supervisor does
        self.assertNotEqual(self.served(), before)
        self.assertEqual(self.served(), self.text_of("page.pem"))
        told, = self.certificates()
        self.assertEqual((told["state"], told["sentence"], told["refused"]), ("valid", None, None))
        self.assertIn(told["days_left"], (89, 90))

    def test_half_of_a_new_one_is_not_taken(self):
        self.make("page", 90)
        self.make("new", 90)
        self.use()
        self.start()
        before = self.served()
        self.put_in_place("new", "pem")
        self.gateway.process.send_signal(signal.SIGHUP)
        self.wait_for("page.key is not the key of the certificate in")
        self.assertIsNone(self.gateway.process.poll())
        self.assertEqual(self.served(), before)
        told, = self.certificates()
        self.assertEqual((told["state"], told["sentence"]), ("valid", None))
        self.assertIn("the certificate before stays in force", told["refused"])
        self.put_in_place("new", "key")
        self.gateway.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.gateway.process.wait(10), 0)
        self.is_ended = True

    def test_without_any(self):
        self.start()
        self.gateway.process.send_signal(signal.SIGHUP)  # however early
        time.sleep(0.5)
        self.assertEqual(self.gateway.ask("GET", "/api/v1/gateway", headers=self.gateway.login())[2]
                         ["certificates"], [])


if __name__ == "__main__":
    unittest.main()
