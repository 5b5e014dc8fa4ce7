#!/usr/bin/python3
# The gateway's server as a stranger sees it: every promise about safety, one test each.
import asyncio
import json
import os
import shutil
import socket
import stat
import subprocess
import time
import unittest

import websockets

from lone_gateway import PASSWORD, Gateway, free_port


class Shared(unittest.TestCase):
    password = PASSWORD

    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(cls.password, hosts=["solar.example.org"])

    @classmethod
    def tearDownClass(cls):
        cls.gateway.stop()

    def ask(self, *a, **k):
        return self.gateway.ask(*a, **k)

    def problem(self, answer, status, words=""):
        self.assertEqual(answer[0], status, answer)
        self.assertEqual(answer[1]["content-type"], "application/problem+json")
        self.assertEqual(answer[2]["status"], status)
        self.assertIn(words, answer[2]["detail"])
        return answer


class Strangers(Shared):
    def test_without_login_nothing_but_the_page(self):
        for path in "/api/v1/session", "/api/v1/tokens":
            self.problem(self.ask("GET", path), 401, "log in")
        self.problem(self.ask("POST", "/api/v1/logout", {}), 401)
        self.problem(self.ask("POST", "/api/v1/password", {"old": PASSWORD, "new": "x" * 12}), 401)
        self.problem(self.ask("DELETE", "/api/v1/tokens/x"), 401)
        self.assertEqual(self.ask("GET", "/")[0], 200)
        self.assertEqual(self.ask("GET", "/app.js")[0], 200)
        self.assertEqual(self.ask("GET", "/api/v1/ping")[0], 200)

    def test_headers_of_every_answer(self):
        for path in "/", "/api/v1/ping", "/api/v1/session", "/nothing":
            headers = self.ask("GET", path)[1]
            policy = headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            self.assertNotIn("server", headers)
        # the library's own answers, which no handler sees
        for line in b"GET /% HTTP/1.1", b"GET /?a=%zz HTTP/1.1", b"BREW / HTTP/1.1", b"OPTIONS * HTTP/1.1":
            got = self.gateway.say(line + b"\r\nHost: localhost\r\n\r\n", 5).lower()
            self.assertIn(b" 403 ", got[:20])
            for header in (b"content-security-policy: default-src 'none'", b"x-content-type-options: nosniff",
                           b"x-frame-options: deny", b"referrer-policy: no-referrer", b"cache-control: no-store",
                           b"cross-origin-resource-policy: same-origin", b"cross-origin-opener-policy: same-origin"):
                self.assertIn(header, got, line)

    def test_host_names(self):
        name = socket.gethostname()
        for host in ("localhost", "127.0.0.1:80", "[::1]:8480", "192.168.1.5", "solar.example.org",
                     name, name.upper() + ".local:1"):
            self.assertEqual(self.ask("GET", "/", headers={"Host": host})[0], 200, host)
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                     "solar.example.org.evil", "x" + name, "localhost:80:80", "[::1", "a@localhost"):
            self.problem(self.ask("GET", "/", headers={"Host": host}), 421)
        ask = b"POST /api/v1/login HTTP/1.1\r\nContent-Length: 99\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as s:
            s.sendall(ask)
            time.sleep(0.3)
            s.sendall(b" " * 99)
            got = s.recv(4096)
            self.assertEqual(got[:12], b"HTTP/1.1 421")
            self.assertIn(b"Connection: close", got)

    def test_paths_that_climb(self):
        for path in ("/../outside.txt", "/..%2foutside.txt", "/%2e%2e/outside.txt", "/./../outside.txt",
                     "//../outside.txt", "/..\\outside.txt", "/app.js/../../outside.txt",
                     "/%00/../outside.txt", "/../gateway-secrets.json", "/../gateway.json"):
            got = self.gateway.say(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                                   "Connection: close\r\n\r\n".encode())
            self.assertNotIn(b"nobody may read this", got, path)
            self.assertNotIn(b"argon2", got, path)
            self.assertFalse(got.startswith(b"HTTP/1.1 200") and b"<title>page" not in got, (path, got))

    def test_methods(self):
        status, headers, _ = self.problem(self.ask("DELETE", "/api/v1/ping"), 405)
        self.assertEqual(set(headers["allow"].split(", ")), {"GET", "HEAD", "OPTIONS"})
        status, headers, body = self.ask("OPTIONS", "/api/v1/login")
        self.assertEqual((status, body), (204, b""))
        self.assertEqual(set(headers["allow"].split(", ")), {"POST", "OPTIONS"})
        self.problem(self.ask("POST", "/index.html", {}), 405)
        self.problem(self.ask("GET", "/api/v1/unknown"), 404)
        status, headers, body = self.ask("HEAD", "/app.js")
        self.assertEqual((status, body, headers["content-length"]), (200, b"", "20003"))
        for method in b"TRACE", b"CONNECT", b"FOO":
            got = self.gateway.say(method + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertNotIn(b" 200 ", got)

    def test_cache(self):
        for path in "/app.js", "/api/v1/ping":
            etag = self.ask("GET", path)[1]["etag"]
            for known in etag, "W/" + etag, '"x", ' + etag, "*":
                status, _, body = self.ask("GET", path, headers={"If-None-Match": known})
                self.assertEqual((status, body), (304, b""), known)
            self.assertEqual(self.ask("GET", path, headers={"If-None-Match": '"x"'})[0], 200)

    def test_compressed(self):
        _, headers, body = self.ask("GET", "/app.js", headers={"Accept-Encoding": "br, gzip"})
        self.assertEqual(headers["content-encoding"], "gzip")
        self.assertLess(len(body), 1000)
        _, headers, body = self.ask("GET", "/app.js", headers={"Accept-Encoding": "gzip;q=0"})
        self.assertNotIn("content-encoding", headers)
        self.assertEqual(len(body), 20003)

    def test_bodies(self):
        login = "/api/v1/login"
        for raw in ("{", "[]", '"x"', "{}x", '{"a":1,}', b"\xff\xfe", b'{"a":"\xff"}', b"\x00{}"):
            self.problem(self.ask("POST", login, raw=raw,
                                  headers={"Content-Type": "application/json"}), 400, "JSON")
        for kind in "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json":
            self.problem(self.ask("POST", login, raw="{}", headers={"Content-Type": kind}), 415)
        for body in {}, {"user": 1, "password": "x"}, {"user": "admin", "password": "x" * 300}:
            answer = self.problem(self.ask("POST", login, body), 422)
            self.assertIn(answer[2]["field"], ("user", "password"))

    def test_sizes(self):
        json_type = {"Content-Type": "application/json"}
        self.problem(self.ask("POST", "/api/v1/login", raw="x" * (64 * 1024), headers=json_type), 400)
        self.problem(self.ask("POST", "/api/v1/login", raw="x" * (64 * 1024 + 1), headers=json_type), 413)
        self.problem(self.ask("GET", "/" + "a" * 1500), 414)
        self.problem(self.ask("GET", "/", headers={"Cookie": "a" * 4000, "User-Agent": "b" * 4000,
                                                   "Accept": "c" * 1000}), 431)
        self.problem(self.ask("GET", "/", headers={"X-Forwarded-For": "a" * 5000}), 431)
        got = self.gateway.say(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                               b"Transfer-Encoding: " + b"x" * 5000 + b", chunked\r\n\r\n{}")
        self.assertIn(b" 431 ", got)
        self.assertEqual(got.count(b"HTTP/1.1 "), 1)
        for line in b"Transfer-Encoding: chunked", b"X-None: 1":
            got = self.gateway.say(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\n"
                                   b"Content-Type: application/json\r\n" + line + b"\r\n\r\n")
            self.assertIn(b" 411 ", got)
        for length in b"-1", b"x", b"1 1", b"99999999999999999999", b"2,2", b"0" * 40 + b"2":
            got = self.gateway.say(b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\n"
                                   b"Content-Length: " + length + b"\r\n\r\n")
            self.assertIn(b" 400 ", got, length)

    def test_malformed(self):
        for data in (b"\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"a" * 40000,
                     b"\x00" * 100, b"GET http://x/ HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                     b"GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.gateway.port)) as s:
                s.sendall(data)
                s.settimeout(1)
                try:
                    got = s.recv(65536)
                except (socket.timeout, ConnectionResetError):
                    got = b""
                self.assertNotIn(b"HTTP/1.1 200", got, data)
                self.assertNotIn(b"HTTP/1.1 101", got, data)
        self.assertEqual(self.ask("GET", "/")[0], 200)

    def test_the_request_line(self):
        for path in ("/%0aX-Header:1", "/%0d%0aX-Header:1", "/?a=%0aHost:localhost", "/app.js%0a",
                     "/ and"):
            got = self.gateway.say(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                                   "Connection: close\r\n\r\n".encode(), 3)
            self.assertNotIn(b"HTTP/1.1 200", got, path)
        for version in b"HTTP/2.0", b"HTTP/0.9", b"HTTP/11", b"http/1.1", b"X", b"":
            got = self.gateway.say(b"GET / " + version + b"\r\nHost: localhost\r\n\r\n")
            self.assertIn(b" 400 ", got, version)
        for version in b"HTTP/1.0", b"HTTP/1.1":
            got = self.gateway.say(b"GET / " + version + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertIn(b" 200 ", got, version)


class Logins(Shared):
    def setUp(self):
        self.session = self.gateway.login()

    def test_cookie(self):
        cookie = self.ask("POST", "/api/v1/login", {"user": "admin", "password": PASSWORD})[1]["set-cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        self.assertIn("Path=/", cookie)
        self.assertGreaterEqual(len(cookie.split(";")[0]), 43)

    def test_session_reads_and_ends(self):
        cookie = {"Cookie": self.session["Cookie"]}
        status, _, body = self.ask("GET", "/api/v1/session", headers=cookie)
        self.assertEqual((status, body["csrf"]), (200, self.session["X-CSRF-Token"]))
        self.assertEqual(body["user"], "admin@127.0.0.1")
        self.assertEqual(self.ask("POST", "/api/v1/logout", {}, headers=self.session)[0], 200)
        self.problem(self.ask("GET", "/api/v1/session", headers=cookie), 401)

    def test_forged_requests(self):
        cookie = {"Cookie": self.session["Cookie"]}
        new = {"name": "forged", "scope": "read"}
        self.problem(self.ask("POST", "/api/v1/tokens", new, headers=cookie), 403, "X-CSRF-Token")
        for wrong in "", "x" * 43, self.session["X-CSRF-Token"][:-1]:
            self.problem(self.ask("POST", "/api/v1/tokens", new,
                                  headers={**cookie, "X-CSRF-Token": wrong}), 403)
        self.problem(self.ask("POST", "/api/v1/logout", {}, headers=cookie), 403)
        for origin in "http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example":
            self.problem(self.ask("POST", "/api/v1/tokens", new,
                                  headers={**self.session, "Origin": origin}), 403, "other sites")
            self.problem(self.ask("POST", "/api/v1/login", {"user": "admin", "password": PASSWORD},
                                  headers={"Origin": origin}), 403)
        own = f"http://127.0.0.1:{self.gateway.port}"
        self.assertEqual(self.ask("POST", "/api/v1/tokens", new,
                                  headers={**self.session, "Origin": own})[0], 201)

    def test_forged_sessions(self):
        for key in "", "x", "x" * 43, "x" * 4000, self.session["Cookie"][8:-1], "%00", "é":
            self.problem(self.ask("GET", "/api/v1/session",
                                  headers={"Cookie": ("tinybms=" + key).encode("utf-8")}), 401)

    def test_tokens(self):
        answers = {}
        for scope in "read", "write":
            status, _, body = self.ask("POST", "/api/v1/tokens", {"name": "t." + scope, "scope": scope},
                                       headers=self.session)
            self.assertEqual(status, 201)
            answers[scope] = {"Authorization": "Bearer " + body["token"]}
            with open(os.path.join(self.gateway.folder, "gateway-secrets.json")) as f:
                self.assertNotIn(body["token"], f.read())
        read, write = answers["read"], answers["write"]
        self.assertEqual(self.ask("GET", "/api/v1/session", headers=read)[2]["user"],
                         "token t.read@127.0.0.1")
        listed = self.ask("GET", "/api/v1/tokens", headers=self.session)[2]["tokens"]
        self.assertIn("t.read", [t["name"] for t in listed])
        self.assertNotIn("hash", listed[0])
        self.problem(self.ask("POST", "/api/v1/tokens", {"name": "t.read", "scope": "read"},
                              headers=self.session), 422)
        for name in "", "a b", "x" * 33, "../x", "ä", 5:
            self.problem(self.ask("POST", "/api/v1/tokens", {"name": name, "scope": "read"},
                                  headers=self.session), 422)
        self.assertEqual(self.ask("DELETE", "/api/v1/tokens/t.read", headers=self.session)[0], 204)
        self.problem(self.ask("GET", "/api/v1/session", headers=read), 401)
        self.problem(self.ask("DELETE", "/api/v1/tokens/t.read", headers=self.session), 404)
        for wrong in "Bearer", "Bearer ", "Bearer tbms_", "Basic YWRtaW46YWRtaW4=", write["Authorization"] + "x":
            self.problem(self.ask("GET", "/api/v1/session", headers={"Authorization": wrong}), 401)

    def test_no_token_says_where_data_go_or_who_comes_in(self):
        token = self.ask("POST", "/api/v1/tokens", {"name": "program", "scope": "write"},
                         headers=self.session)[2]["token"]
        before = self.gateway.document(), os.stat(os.path.join(self.gateway.folder, "gateway-secrets.json")).st_mtime_ns
        for method, path, body in (
                ("PUT", "gateway/configuration", {"values": {"mqtt_enabled": True, "mqtt_host": "evil.example"}}),
                ("PUT", "gateway/mqtt-password", {"password": "x"}), ("POST", "gateway/restart", {}),
                ("PUT", "batteries/1/configuration", {"values": {"port": "/dev/x"}}),
                ("POST", "password", {"old": PASSWORD, "new": "n" * 12}), ("GET", "tokens", None),
                ("POST", "tokens", {"name": "more", "scope": "write"}), ("DELETE", "tokens/program", None)):
            self.problem(self.ask(method, "/api/v1/" + path, body, headers={"Authorization": "Bearer " + token}),
                         403, "log in with the password")
            # nor beside a cookie without its CSRF token
            self.problem(self.ask(method, "/api/v1/" + path, body, headers={
                "Authorization": "Bearer " + token, "Cookie": self.session["Cookie"]}), 403)
        self.assertEqual(before, (self.gateway.document(), os.stat(
            os.path.join(self.gateway.folder, "gateway-secrets.json")).st_mtime_ns))
        # a log-in does, and the program still comes in
        self.assertEqual(self.ask("PUT", "/api/v1/gateway/configuration", {"values": {"site": ""}},
                                  headers=self.session)[0], 200)
        self.assertEqual(self.ask("GET", "/api/v1/session", headers={"Authorization": "Bearer " + token})[0], 200)
        self.ask("DELETE", "/api/v1/tokens/program", headers=self.session)

    def test_a_password_is_forgotten(self):
        """The sanitized build keeps what is freed, for a while."""
        password = "forget me as soon as you can"
        new = {"old": PASSWORD, "new": "short"}
        self.ask("POST", "/api/v1/password", {**new, "old": password}, headers=self.session)
        self.ask("POST", "/api/v1/password", {**new, "new": password * 10}, headers=self.session)
        self.ask("POST", "/api/v1/login", {"user": "nobody", "password": password})
        self.ask("PUT", "/api/v1/gateway/mqtt-password", {"password": password}, headers=self.session)
        self.ask("PUT", "/api/v1/gateway/mqtt-password", {"password": ""}, headers=self.session)
        self.ask("GET", "/api/v1/ping", headers={"Accept": "x" * 3000})  # over what the library read
        with open(f"/proc/{self.gateway.process.pid}/maps") as maps, \
                open(f"/proc/{self.gateway.process.pid}/mem", "rb", 0) as memory:
            for line in maps:
                begin, end = (int(word, 16) for word in line.split()[0].split("-"))
                if " rw" not in line or end - begin > 1 << 28:
                    continue
                try:
                    memory.seek(begin)
                    held = memory.read(end - begin)
                except OSError:
                    continue
                at = held.find(password[8:].encode())
                self.assertEqual(at, -1, held[max(0, at - 60):at + 60])

    def test_secrets_stay(self):
        self.ask("GET", "/api/v1/session", headers=self.session)
        said = self.gateway.said()
        for secret in PASSWORD, self.session["Cookie"][8:], self.session["X-CSRF-Token"], "argon2":
            self.assertNotIn(secret, said)
        mode = os.stat(os.path.join(self.gateway.folder, "gateway-secrets.json")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        with open(os.path.join(self.gateway.folder, "gateway-secrets.json")) as f:
            kept = f.read()
        self.assertIn("$argon2id$", kept)
        self.assertNotIn(PASSWORD, kept)


class Password(unittest.TestCase):
    def test_none_set(self):
        gateway = Gateway(None)
        try:
            self.assertEqual(gateway.ask("GET", "/api/v1/session")[2]["user"], "local@127.0.0.1")
            self.assertEqual(gateway.ask("POST", "/api/v1/tokens", {"name": "a", "scope": "write"})[0], 403)
            self.assertEqual(gateway.ask("GET", "/api/v1/tokens")[0], 403)
            for header in "X-Forwarded-For", "Forwarded", "X-Real-IP":
                self.assertEqual(gateway.ask("GET", "/api/v1/session", headers={header: "1.2.3.4"})[0], 403)
            for password in "", "admin", "password":
                self.assertEqual(gateway.ask("POST", "/api/v1/login",
                                             {"user": "admin", "password": password})[0], 403)
            # set while it runs: at once a log-in is needed
            self.assertNotEqual(gateway.command("--set-password", input="short\n", check=False).returncode, 0)
            gateway.command("--set-password", input=PASSWORD + "\n")
            self.assertEqual(gateway.ask("GET", "/api/v1/session")[0], 401)
            session = gateway.login()
            token = gateway.command("--new-token", "cli", "read").stdout.strip()
            self.assertEqual(gateway.ask("GET", "/api/v1/session",
                                         headers={"Authorization": "Bearer " + token})[0], 200)
            # a new password ends every session
            self.assertEqual(gateway.ask("POST", "/api/v1/password", {"old": "wrong", "new": "n" * 12},
                                         headers=session)[0], 403)
            self.assertEqual(gateway.ask("POST", "/api/v1/password", {"old": PASSWORD, "new": "n"},
                                         headers=session)[0], 422)
            self.assertEqual(gateway.ask("POST", "/api/v1/password", {"old": PASSWORD, "new": "n" * 12},
                                         headers=session)[0], 200)
            self.assertEqual(gateway.ask("GET", "/api/v1/session", headers=session)[0], 401)
        finally:
            gateway.stop()

    def test_keys_are_set_by_name(self):
        gateway = Gateway()
        try:
            before = gateway.document()
            for wrong, words in (("port=99999", "1 to 65535"), ("nix=1", "no such key"),
                                 ("mqtt_enabled=yes", "neither true nor false"), ("site", "NAME=VALUE"),
                                 ("tls_certificate=/none", "both needed"), ("mqtt_ca=/none", "cannot be read")):
                said = gateway.command("--set", "site=new", "--set", wrong, check=False)
                self.assertEqual(said.returncode, 1)
                self.assertIn(words, said.stderr)
                self.assertEqual(gateway.document(), before) # nothing of it
            said = gateway.command("--set", "site=12", "--set", "hosts=a.b, c", "--set", "mqtt_enabled=true")
            self.assertIn('site: "" -> "12"', said.stdout)
            self.assertEqual(gateway.document(),
                             {**before, "site": "12", "hosts": ["a.b", "c"], "mqtt_enabled": True})
            gateway.command("--set", "site=", "--set", "hosts=", "--set", "mqtt_enabled=")
            self.assertEqual(gateway.document(), before)
        finally:
            gateway.stop()

    def test_guessing_is_slowed_down(self):
        gateway = Gateway()
        try:
            got = [gateway.ask("POST", "/api/v1/login", {"user": "admin", "password": f"guess {i}"})
                   for i in range(8)]
            self.assertEqual([g[0] for g in got[:5]], [401] * 5)
            self.assertIn(429, [g[0] for g in got[5:]])
            late = next(g for g in got if g[0] == 429)
            self.assertGreaterEqual(int(late[1]["retry-after"]), 1)
            # the right one has to wait as well
            self.assertEqual(gateway.ask("POST", "/api/v1/login",
                                         {"user": "admin", "password": PASSWORD})[0], 429)
            self.assertIn("a log-in from 127.0.0.1 failed", gateway.said())
            self.assertLessEqual(gateway.said().count("failed"), 6)
            self.assertNotIn("guess", gateway.said())
            time.sleep(int(late[1]["retry-after"]) + 1)
            gateway.login()
        finally:
            gateway.stop()


class Sockets(Shared):
    def live(self, coroutine):
        return asyncio.run(coroutine)

    def refused(self, status, headers=None, path="/ws", origin=None):
        async def go():
            with self.assertRaises(websockets.InvalidStatusCode) as caught:
                await websockets.connect(f"ws://127.0.0.1:{self.gateway.port}{path}",
                                         extra_headers=headers or {}, origin=origin)
            self.assertEqual(caught.exception.status_code, status)
        self.live(go())

    def test_who_may_not(self):
        cookie = {"Cookie": self.gateway.login()["Cookie"]}
        self.refused(401)
        self.refused(401, {"Cookie": "tinybms=x"})
        self.refused(404, cookie, "/other")
        self.refused(403, cookie, origin="http://evil.example")

    def test_a_peer_that_is_gone_is_asked_by_tcp(self):
        cookie = {"Cookie": self.gateway.login()["Cookie"]}
        local = "%04X" % self.gateway.port

        async def go():
            async with websockets.connect(f"ws://127.0.0.1:{self.gateway.port}/ws",
                                          extra_headers=cookie):
                await asyncio.sleep(1)  # nothing sent waits for its acknowledgement any more
                with open("/proc/net/tcp") as f:  # proc(5): 01 = established, 02: = keepalive timer
                    rows = [line.split() for line in f]
                timers = [row[5] for row in rows if row[1].endswith(":" + local) and row[3] == "01"]
                self.assertTrue(timers)
                for timer in timers:
                    self.assertTrue(timer.startswith("02:"), timers)
                    self.assertLessEqual(int(timer[3:], 16), 20 * os.sysconf("SC_CLK_TCK"))
        self.live(go())

    def test_session_opens_and_logout_closes(self):
        session = self.gateway.login()

        async def go():
            async with websockets.connect(f"ws://127.0.0.1:{self.gateway.port}/ws",
                                          origin=f"http://127.0.0.1:{self.gateway.port}",
                                          extra_headers={"Cookie": session["Cookie"]}) as ws:
                for text in ("{", "[]", '{"subscribe":["x"]}', '{"interval":0.1}', '{"interval":61}',
                             '{"battery":5}', '{"subscribe":"battery"}', "\x00"):
                    await ws.send(text)
                    answer = {"topic": "gateway"}  # its document may come between
                    while answer["topic"] == "gateway":
                        answer = json.loads(await asyncio.wait_for(ws.recv(), 5))
                    self.assertEqual(answer["topic"], "error", text)
                await ws.send('{"subscribe":["event"],"battery":null,"interval":0.2}')
                await asyncio.get_running_loop().run_in_executor(
                    None, lambda: self.ask("POST", "/api/v1/logout", {}, headers=session))
                answer = json.loads(await asyncio.wait_for(ws.recv(), 5))
                self.assertEqual((answer["topic"], answer["reason"]), ("closing", "logged out"))
                await asyncio.wait_for(ws.wait_closed(), 5)
                self.assertEqual(ws.close_code, 1013)
        self.live(go())

    def test_who_stops_reading_gets_little_that_is_old(self):
        """What is behind must wait where the newer replaces the older: not in the kernel."""
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
            s.settimeout(10)
            s.connect(("127.0.0.1", self.gateway.port))
            s.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                      b"Cookie: " + self.gateway.login()["Cookie"].encode() + b"\r\n\r\n")
            said = s.makefile("rb")
            while said.readline() != b"\r\n":
                pass
            for text in [b'{"battery":5}'] * 200 + [b'{"interval":61}']:  # each has an answer
                s.sendall(b"\x81" + bytes([0x80 | len(text)]) + bytes(4) + text)
                time.sleep(0.005)
            time.sleep(4)  # four documents of the gateway
            begin, frames = time.time(), []
            while not frames or frames[-1].get("time", 0) < begin:
                size = said.read(2)[1]
                frames.append(json.loads(said.read(size if size < 126 else int.from_bytes(said.read(2), "big"))))
        reasons = [f["reason"] for f in frames if f["topic"] == "error"]
        self.assertTrue(reasons[-1].startswith("interval"), reasons)  # the latest is among them
        self.assertLess(len(reasons), 50)
        late = [begin - f["time"] for f in frames if f["topic"] == "gateway" and f["time"] < begin]
        self.assertLessEqual(len([s for s in late if s < 3.5]), 1, late)  # that of the last second

    def test_what_is_too_big(self):
        cookie = {"Cookie": self.gateway.login()["Cookie"]}

        async def go():
            for message in "x" * 1100, "x" * 100000, b"\x00\x01":
                async with websockets.connect(f"ws://127.0.0.1:{self.gateway.port}/ws",
                                              extra_headers=cookie) as ws:
                    await ws.send(message)
                    await asyncio.wait_for(ws.wait_closed(), 5)
                    self.assertIn(ws.close_code, (1003, 1009, 1006))
        self.live(go())


class Impatient(unittest.TestCase):
    """who does not wait for the answer before the next request"""
    HEAD = b"Host: localhost\r\nContent-Type: application/json\r\n"
    GET = b"GET /api/v1/ping HTTP/1.1\r\n" + HEAD + b"\r\n"
    POST = b"POST /api/v1/login HTTP/1.1\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}"

    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.end)

    def end(self):
        if self.gateway.process.poll() is None:
            try:
                self.gateway.stop()
            except subprocess.TimeoutExpired:
                self.gateway.process.kill()
                raise

    def processor_s(self):
        with open(f"/proc/{self.gateway.process.pid}/stat") as f:
            return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def test_the_first_is_answered_and_the_rest_is_let_go(self):
        refused = b"POST /api/v1/x HTTP/1.1\r\n" + self.HEAD + b"Content-Length: 2\r\n\r\n{}"
        odd = b"GET /api/v1/ping HTTP/1.1\r\n" + self.HEAD + b"Content-Length: 2\r\n\r\n{}"
        for rest in (self.GET, self.POST, self.POST + self.GET, refused, odd + self.POST, b"G", b"\r\n"):
            for first, status in ((self.GET, b"200"), (self.POST, b"422")):
                got = self.gateway.say(first + rest, 5)
                self.assertEqual(got[:12], b"HTTP/1.1 " + status, (first, rest))
                self.assertEqual(got.count(b"HTTP/1.1 "), 1, (first, rest))
                self.assertEqual(self.gateway.ask("GET", "/api/v1/ping")[0], 200, (first, rest))

    def test_who_waits_may_ask_again_and_again(self):
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as s:
            for request, status in [(self.GET, b"200"), (self.POST, b"422")] * 5:
                for piece in request[:30], request[30:-1], request[-1:]:
                    s.sendall(piece)
                    time.sleep(0.01)
                got = b""
                while b"}" not in got:
                    got += s.recv(4096)
                self.assertEqual(got[:12], b"HTTP/1.1 " + status)

    def test_a_later_request_for_an_unknown_protocol(self):
        ask = self.GET.replace(b"Host:", b"Upgrade: x\r\nConnection: Upgrade\r\nHost:")
        with socket.create_connection(("127.0.0.1", self.gateway.port), timeout=10) as s:
            s.sendall(self.GET)
            got = b""
            while b"}" not in got:
                got += s.recv(4096)
            s.sendall(ask)
            got = s.recv(4096)
            self.assertIn(b" 403 ", got)
        self.assertEqual(self.gateway.ask("GET", "/api/v1/ping")[0], 200)

    def test_who_offers_http_2_is_told(self):
        offer = self.HEAD + (b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                             b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n")
        for line, rest in (b"GET /api/v1/ping", b"\r\n"), (b"GET /", b"\r\n"), \
                (b"POST /api/v1/login", b"Content-Length: 2\r\n\r\n{}"):
            got = self.gateway.say(line + b" HTTP/1.1\r\n" + offer + rest, 5)
            self.assertEqual((got[:12], got.count(b"HTTP/1.1 4")), (b"HTTP/1.1 400", 1), line)
            self.assertIn(b"this server speaks HTTP/1.1", got)
            self.assertIn(b"nosniff", got)
        self.assertEqual(self.gateway.ask("GET", "/api/v1/ping")[0], 200)

    def test_the_end_is_told_and_kept(self):
        for version, header in (b"1.0", b"X-None: y"), (b"1.0", b"Connection: Keep-Alive"), (b"1.1", b"Connection: close"), \
                (b"1.1", b"Connection: TE, Close"), (b"1.1", b"Connection: keep-alive, close, a-word-or-two"):
            begin = time.monotonic()
            got = self.gateway.say(b"GET /api/v1/ping HTTP/" + version + b"\r\nHost: localhost\r\n" + header +
                                   b"\r\n\r\n")
            self.assertLess(time.monotonic() - begin, 5, header)
            self.assertEqual((got[:12], b"\r\nConnection: close\r\n" in got), (b"HTTP/1.1 200", True), header)

    def test_an_answer_that_nobody_fetches_costs_nothing(self):
        ask = b"GET /app.js HTTP/1.1\r\n" + self.HEAD + b"\r\n"
        with open(os.path.join(self.gateway.page, "app.js"), "wb") as f:
            f.write(b"x" * 2000000)
        self.gateway.process.terminate()
        self.gateway.process.wait()
        os.remove(os.path.join(self.gateway.page, "app.js.gz"))
        os.remove(os.path.join(self.gateway.folder, "log"))
        self.gateway.start()
        for is_ended in False, True:
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                s.connect(("127.0.0.1", self.gateway.port))
                for _ in range(5):  # more than the kernel takes
                    s.sendall(ask)
                    time.sleep(0.2)
                if is_ended:
                    s.shutdown(socket.SHUT_WR)
                before_s = self.processor_s()
                time.sleep(2)
                self.assertLess(self.processor_s() - before_s, 0.1)
        self.assertEqual(len(self.gateway.ask("GET", "/app.js")[2]), 2000000)


class Trouble(unittest.TestCase):
    def test_port_in_use_is_told_and_tried_again(self):
        port = free_port()
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            gateway = Gateway.__new__(Gateway)
            Gateway.start, start = lambda self: None, Gateway.start
            gateway.__init__(port=port)
            Gateway.start = start
            gateway.log = open(os.path.join(gateway.folder, "log"), "a")
            import lone_gateway
            gateway.process = subprocess.Popen([lone_gateway.PROGRAM, "--config", gateway.config], stdout=gateway.log)
            for _ in range(100):
                if "cannot listen" in gateway.said():
                    break
                time.sleep(0.1)
            self.assertIn(f"127.0.0.1 port {port}: cannot listen: Address already in use", gateway.said())
        for _ in range(150):
            if "listening at" in gateway.said():
                break
            time.sleep(0.1)
        self.assertEqual(gateway.ask("GET", "/api/v1/ping")[0], 200)
        self.assertEqual(gateway.said().count("cannot listen"), 1)
        gateway.stop()

    def test_slow_and_half_open(self):
        gateway = Gateway()
        try:
            many = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(60)]
            for one in many:
                one.sendall(b"GET / HTTP/1.1\r\nHost: local")
            begin = time.time()
            self.assertEqual(gateway.ask("GET", "/")[0], 200)
            self.assertLess(time.time() - begin, 5)
            deadline = time.time() + 25
            for one in many:
                one.settimeout(max(0.1, deadline - time.time()))
                self.assertEqual(one.recv(100), b"", "still open after 25 s")
                one.close()
            # more than one address may have are closed at once, and others are still served
            many = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(90)]
            time.sleep(1)
            closed = 0
            for one in many:
                one.setblocking(False)
                try:
                    closed += one.recv(1) == b""
                except BlockingIOError:
                    pass
                except ConnectionResetError:
                    closed += 1
                one.close()
            self.assertGreaterEqual(closed, 18)
            time.sleep(1)
            self.assertEqual(gateway.ask("GET", "/")[0], 200)
        finally:
            gateway.stop()

    def knock(self, gateway, address, count):
        """connections of that address that are let in"""
        many = [socket.create_connection(("127.0.0.1", gateway.port), 10, (address, 0)) for _ in range(count)]
        time.sleep(1)
        kept = []
        for one in many:
            one.setblocking(False)
            try:
                one.recv(1)
            except BlockingIOError:
                kept.append(one)
                continue
            except ConnectionResetError:
                pass
            one.close()
        self.addCleanup(lambda: [one.close() for one in kept])
        return kept

    def test_few_addresses_do_not_lock_out_the_others(self):
        gateway = Gateway()
        try:
            first = self.knock(gateway, "127.0.0.11", 80)
            second = self.knock(gateway, "127.0.0.12", 80)
            self.assertEqual(len(first), 72)
            self.assertLess(len(second), 128 - 72 - 10)
            self.assertGreater(len(second), 20)
            self.assertEqual(gateway.ask("GET", "/")[0], 200)
            # who came first does not keep by requests what is too much now
            for one, is_last in (first[0], True), (self.knock(gateway, "127.0.0.13", 1)[0], False):
                one.setblocking(True)
                one.settimeout(10)
                one.sendall(b"GET /api/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
                got = one.recv(4096)
                self.assertEqual((got[:12], b"Connection: close" in got), (b"HTTP/1.1 200", is_last))
        finally:
            gateway.stop()

    def test_bad_configuration(self):
        gateway = Gateway()
        gateway.stop_ok = True
        try:
            for text, words in (("{", "no JSON"), ('{"port":0}', "1 to 65535"), ('{"prot":1}', "no such key"),
                                ('{"listen":"all"}', "no address"), ('{"tls_key":"/x"}', "both needed"),
                                ('{"port":"8480"}', "no number"), ('{"hosts":"a"}', "no list"),
                                ('{"port":1,"port":2}', "twice"), ('{"mqtt_topic":"a/#"}', "mqtt_topic: a topic has"),
                                ('{"mqtt_legacy_topic":"+"}', "mqtt_legacy_topic: a topic has"),
                                ('{"mqtt_discovery_prefix":"#"}', "mqtt_discovery_prefix: a topic has")):
                with open(gateway.config, "w") as f:
                    f.write(text)
                done = gateway.command("--check", check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(words, done.stdout)
        finally:
            gateway.stop()

    @unittest.skipUnless(os.geteuid() == 0, "only root can mount a disk that is full")
    def test_disk_full(self):
        gateway = Gateway(None)
        place = os.path.join(gateway.folder, "disk")
        os.mkdir(place)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", place], check=True)
        try:
            self.fill(gateway, place)
        finally:
            gateway.process.terminate()
            code = gateway.process.wait()
            subprocess.run(["umount", place], check=True)
            gateway.log.close()
            said = gateway.said()
            shutil.rmtree(gateway.folder)
        self.assertEqual(code, 0, said)
        self.assertIn("admin@127.0.0.1: /api/v1/tokens: token a: ", said)

    @unittest.skipUnless(os.geteuid() == 0, "only root can run as root")
    def test_root_by_mistake_is_told(self):
        gateway = Gateway()
        self.assertEqual(gateway.ask("GET", "/api/v1/ping")[0], 200)
        self.assertIn("this runs as root", gateway.said())
        for user, is_told in ("root", True), ("nobody", False):
            gateway.process.terminate()
            gateway.process.wait()
            os.remove(os.path.join(gateway.folder, "log"))
            os.chmod(gateway.folder, 0o755)
            gateway.start("--user", user)
            self.assertEqual(gateway.ask("GET", "/api/v1/ping")[0], 200)
            self.assertEqual("this runs as root" in gateway.said(), is_told, user)
            with open(f"/proc/{gateway.process.pid}/status") as f:
                mine = {line.split()[0]: line.split()[1:] for line in f}
            self.assertEqual(set(mine["Uid:"]) == {"0"}, is_told)
            if not is_told:
                self.assertEqual((mine.get("Groups:"), mine["NoNewPrivs:"]), ([], ["1"]))
                self.assertEqual(int(mine["CapEff:"][0], 16), 0)
        gateway.stop()

    def text_of(self, path):
        with open(path) as f:
            return f.read()

    def fill(self, gateway, place):
        secrets, writes = (os.path.join(place, name) for name in
                           ("gateway-secrets.json", "gateway-writes.jsonl"))
        gateway.process.terminate()
        gateway.process.wait()
        shutil.copy(gateway.config, place)
        gateway.config = os.path.join(place, "gateway.json")
        gateway.command("--set-password", input=PASSWORD + "\n")
        os.remove(os.path.join(gateway.folder, "log"))
        gateway.start()
        session = gateway.login()
        before = self.text_of(secrets)
        with open(os.path.join(place, "rest"), "wb", buffering=0) as rest:
            try:
                while rest.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        for method, path, body in (("POST", "/api/v1/tokens", {"name": "a", "scope": "read"}),
                                   ("POST", "/api/v1/password", {"old": PASSWORD, "new": "n" * 12})):
            status, _, problem = gateway.ask(method, path, body, headers=session)
            self.assertEqual(status, 507, problem)
            self.assertIn("No space left on device; the previous file stays in force", problem["detail"])
        # nothing is lost: not the secrets, not the session, and the log has what the journal has not
        self.assertEqual(self.text_of(secrets), before)
        self.assertEqual(gateway.ask("GET", "/api/v1/session", headers=session)[0], 200)
        gateway.login()
        self.assertFalse(os.path.exists(secrets + ".new"))
        self.assertIn("gateway-writes.jsonl cannot be written", gateway.said())
        self.assertFalse(os.path.exists(writes) and os.path.getsize(writes))
        os.remove(os.path.join(place, "rest"))
        self.assertEqual(gateway.ask("POST", "/api/v1/tokens", {"name": "a", "scope": "read"},
                                     headers=session)[0], 201)
        self.assertIn('"token a"', self.text_of(writes))

    def test_tls(self):
        gateway = Gateway()
        key, certificate = (os.path.join(gateway.folder, n) for n in ("key.pem", "certificate.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-keyout", key, "-out", certificate, "-days", "365", "-subj", "/CN=localhost"],
                       check=True, capture_output=True)
        gateway.process.terminate()
        gateway.process.wait()
        config = {"port": gateway.port, "tls_certificate": certificate, "tls_key": key}
        with open(gateway.config, "w") as f:
            json.dump(config, f)
        os.remove(os.path.join(gateway.folder, "log"))
        gateway.start()
        url = f"https://localhost:{gateway.port}/"
        done = subprocess.run(["curl", "-sk", "-i", "--max-time", "10", url + "api/v1/login", "-H",
                               "Content-Type: application/json", "-d",
                               json.dumps({"user": "admin", "password": PASSWORD})],
                              capture_output=True, text=True)
        self.assertIn("200 OK", done.stdout)
        self.assertIn("; Secure", done.stdout)
        done = subprocess.run(["curl", "-sk", "--tls-max", "1.1", "--max-time", "10", url], capture_output=True)
        self.assertNotEqual(done.returncode, 0)
        for cipher, is_taken in ("ECDHE-ECDSA-AES128-GCM-SHA256", True), ("ECDHE-ECDSA-AES128-SHA", False):
            done = subprocess.run(["curl", "-sk", "--tls-max", "1.2", "--ciphers", cipher, "--max-time", "10", url],
                                  capture_output=True)
            self.assertEqual(b"<title>" in done.stdout, is_taken, cipher)
        self.assertNotIn(b"<title>", gateway.say(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"))
        # without its certificate it stays off, rather than go on without TLS
        gateway.process.terminate()
        gateway.process.wait()
        os.remove(certificate)
        os.remove(os.path.join(gateway.folder, "log"))
        log = open(os.path.join(gateway.folder, "log"), "w")
        import lone_gateway
        gateway.process = subprocess.Popen([lone_gateway.PROGRAM, "--config", gateway.config], stdout=log)
        time.sleep(2)
        self.assertIn("cannot be read", gateway.said())
        with self.assertRaises(OSError):
            gateway.ask("GET", "/")
        gateway.stop()


if __name__ == "__main__":
    unittest.main()
