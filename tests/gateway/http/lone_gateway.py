# A gateway of its own for a test: configuration, secrets and page in a temporary folder.
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PASSWORD = "correct horse battery staple"
PROGRAM = os.environ.get("TINYBMS_GATEWAY", "")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Gateway:
    def __init__(self, password=PASSWORD, **config):
        self.folder = tempfile.mkdtemp()
        self.port = config.setdefault("port", free_port())
        self.config = os.path.join(self.folder, "gateway.json")
        self.page = os.path.join(self.folder, "page")
        os.mkdir(self.page)
        with open(os.path.join(self.page, "index.html"), "w") as f:
            f.write("<!doctype html><title>page</title>")
        with open(os.path.join(self.page, "app.js"), "w") as f:
            f.write("// " + "x" * 20000)
        subprocess.run(["gzip", "-k", os.path.join(self.page, "app.js")], check=True)
        with open(os.path.join(self.folder, "outside.txt"), "w") as f:
            f.write("nobody may read this")
        with open(self.config, "w") as f:
            json.dump(config, f)
        if password:
            self.command("--set-password", input=password + "\n")
        self.start()

    def command(self, *words, input=None, check=True):
        return subprocess.run([PROGRAM, "--config", self.config, *words], input=input, text=True,
                              capture_output=True, check=check)

    def document(self):
        with open(self.config, encoding="utf-8") as f:
            return json.load(f)

    def start(self, *words):
        self.log = open(os.path.join(self.folder, "log"), "a")
        self.process = subprocess.Popen([PROGRAM, "--config", self.config, "--page", self.page, *words],
                                        stdout=self.log, stderr=self.log)
        for _ in range(300):
            if "listening at" in self.said() or self.process.poll() is not None:
                return
            time.sleep(0.05)

    def said(self):
        with open(os.path.join(self.folder, "log")) as f:
            return f.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        self.log.close()
        said = self.said()
        shutil.rmtree(self.folder)
        assert code == 0, f"ended with {code}: {said}"
        assert "Sanitizer" not in said and "runtime error" not in said, said

    def ask(self, method, path, body=None, headers=None, raw=None):
        """status, headers (lower case), body (parsed where it is JSON)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = dict(headers or {})
        data = raw
        if body is not None:
            data = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        named = {k.lower(): v for k, v in answer.getheaders()}
        if "json" in named.get("content-type", "") and content:
            content = json.loads(content)
        return answer.status, named, content

    def say(self, data, timeout=20):
        """raw bytes to raw bytes, until the gateway closes"""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.sendall(data)
            got = b""
            try:
                while chunk := s.recv(65536):
                    got += chunk
            except (ConnectionResetError, socket.timeout):
                pass
            return got

    def login(self):
        """headers of a session that may write"""
        status, headers, body = self.ask("POST", "/api/v1/login",
                                         {"user": "admin", "password": PASSWORD})
        assert status == 200, body
        return {"Cookie": headers["set-cookie"].split(";")[0], "X-CSRF-Token": body["csrf"]}
