#!/usr/bin/env python3
"""Two servers behind nginx, with TLS, keys, redirects and everything that gateways answer instead of a server. If this
fails, somebody behind a gateway cannot chat, or is not told why. Skipped (77) where nginx or openssl is not installed.

test_behind_nginx.py MOESCOPE_CLI SOURCE_DIR [--table]      --table prints what is said in each case
"""
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
if not NGINX or not shutil.which("openssl"):
    print("skipped: nginx and openssl are not both installed")
    sys.exit(77)

PORTS = {}
TABLE = []


def port(name):
    if name not in PORTS:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            PORTS[name] = s.getsockname()[1]
    return PORTS[name]


def server(name, inside, tls=""):
    """A server block of nginx."""
    files = "ssl_certificate %s.pem; ssl_certificate_key key.pem;" % tls if tls else ""
    return "server { listen 127.0.0.1:%d%s; %s %s }\n" % (port(name), " ssl" if tls else "", files, inside)


class Upstream(threading.Thread):
    """Accepts connections, reads a request, and does something with each."""

    def __init__(self, do):
        super().__init__(daemon=True)
        self.do, self.seen = do, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            request = connection.recv(65536)
            self.seen.append(request)
            self.do(connection, request)
        except OSError:
            pass
        finally:
            connection.close()


def half_an_answer(connection, request):
    """A server of chats that is reset while it answers."""
    path = request.split(b" ")[1]
    if path != b"/v1/chat/completions":
        status, body = (b"200 OK", b'{"data":[{"id":"m"}]}') if path == b"/v1/models" else (b"404 Not Found", b"{}")
        return connection.sendall(b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                                  % (status, len(body), body))
    event = b'data: {"choices":[{"index":0,"delta":{"content":"Half an answer"}}]}\n\n'
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
    time.sleep(0.5)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset


def connect(connection, request):
    """What an HTTP proxy does for https."""
    host, number = request.split(b" ")[1].split(b":")
    with socket.create_connection((host.decode(), int(number))) as other:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(other, connection), daemon=True)
        back.start()
        pump(connection, other)
        back.join(5)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class BehindNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.home, True)
        cls.certificates()
        cls.urls = []
        for _ in range(2):
            process = subprocess.Popen([CLI, "serve", DEMO, "--port", "0", "--backend", "cpu"], stdout=subprocess.PIPE,
                                       text=True)
            cls.addClassCleanup(process.communicate)
            cls.addClassCleanup(process.kill)
            cls.urls.append(process.stdout.readline().split(" at ")[1].split("/v1")[0])
        cls.half, cls.silent = Upstream(half_an_answer), Upstream(lambda connection, _: connection.recv(1) or None)
        cls.proxy = Upstream(connect)
        with open(os.path.join(cls.home, "nginx.conf"), "w") as f:
            f.write(cls.configuration())
        nginx = subprocess.Popen([NGINX, "-p", cls.home, "-e", "error.log", "-c", "nginx.conf"])
        cls.addClassCleanup(nginx.wait)
        cls.addClassCleanup(nginx.terminate)
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port("plain"))) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("nginx does not start")

    @classmethod
    def certificates(cls):
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=cls.home, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
                "-subj", "/CN=Our own authority")
        openssl("genrsa", "-out", "key.pem", "2048")
        for name, names in (("good", "DNS:localhost,IP:127.0.0.1"), ("other", "DNS:other.example")):
            with open(os.path.join(cls.home, name + ".ext"), "w") as f:
                f.write("subjectAltName=" + names)
            openssl("req", "-new", "-key", "key.pem", "-subj", "/CN=" + name, "-out", name + ".csr")
            openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                    "2", "-extfile", name + ".ext", "-out", name + ".pem")

    @classmethod
    def configuration(cls):
        both = " ".join("server %s;" % url.split("//")[1] for url in cls.urls)
        pass_on = "location / { proxy_pass http://both; proxy_set_header Host 127.0.0.1; proxy_buffering off; }"
        return "\n".join([
            "daemon off; master_process off; pid nginx.pid; worker_processes 1; error_log error.log;",
            "events { worker_connections 64; }",
            "http { access_log access.log; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;",
            "uwsgi_temp_path uwsgi; scgi_temp_path scgi; upstream both { %s }" % both,
            server("plain", pass_on), server("tls", pass_on, "good"), server("other name", pass_on, "other"),
            server("key", "if ($http_authorization != 'Bearer secret') { return 401 '{\"error\":\"Unauthorized\"}'; }"
                   + pass_on),
            server("redirect", "return 308 https://elsewhere.example$request_uri;"),
            server("429", "return 429 '{\"error\":{\"message\":\"10 requests a minute are allowed\"}}';"),
            server("503", "return 503;"), server("500", "return 500;"), server("404", "return 404;"),
            server("403", "return 403;"), server("closed", "return 444;"),
            server("page", "default_type text/html; return 200 '<html><h1>Welcome to the hotel network</h1></html>';"),
            server("413", "client_max_body_size 100; " + pass_on),
            server("502", "location / { proxy_pass http://127.0.0.1:%d; }" % port("nobody")),
            server("504", "location / { proxy_pass http://127.0.0.1:%d; proxy_read_timeout 1s; }" % cls.silent.port),
            server("slow", "limit_rate 4000; " + pass_on),
            server("half", "location / { proxy_pass http://127.0.0.1:%d; proxy_buffering off; }" % cls.half.port),
            "}"])

    def run_cli(self, url, *arguments, **environment):
        clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        clean.update(HOME=self.home, XDG_DATA_HOME=self.home + "/data", **environment)
        return subprocess.run([CLI, "run", "--server", url, "--prompt", "What is 7 plus 8?", "--temperature", "0", "-n",
                               "12", *arguments], capture_output=True, text=True, env=clean, timeout=120)

    def told(self, case, says, *arguments, scheme="http", host="127.0.0.1", name=None, answer="", **environment):
        """What one is told is one sentence with the server's address. Gives it."""
        url = "%s://%s:%d" % (scheme, host, port(name or case))
        r = self.run_cli(url, *arguments, **environment)
        lines = [line for line in r.stderr.splitlines() if not line.startswith("moescope-cli: Answered by ")]
        self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
        self.assertIn(answer, r.stdout)
        self.assertIn("%s:%d" % (host, port(name or case)), lines[0])
        self.assertRegex(lines[0], says)
        self.assertTrue(lines[0].startswith("moescope-cli: ") and lines[0].endswith("."), lines[0])
        self.assertNotIn("<", lines[0])
        shown = re.sub(r"(127\.0\.0\.1|localhost):\d+", "HOST", lines[0].removeprefix("moescope-cli: "))
        TABLE.append((case, shown))
        return lines

    def answers(self, case, url, *arguments, **environment):
        r = self.run_cli(url, *arguments, **environment)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertTrue(r.stdout.strip())
        TABLE.append((case, "(the answer)"))
        return r.stdout

    def test_what_works(self):
        ca = os.path.join(self.home, "ca.pem")
        whole = self.answers("two servers, plain http", "http://127.0.0.1:%d" % port("plain"))
        tls = "https://localhost:%d" % port("tls")
        self.assertEqual(self.answers("TLS, own authority, --ca-file", tls, "--ca-file", ca), whole)
        key = os.path.join(self.home, "key")
        with open(key, "w") as f:
            f.write("secret\n")
        self.assertEqual(self.answers("key", "http://127.0.0.1:%d" % port("key"), "--api-key-file", key), whole)
        self.assertEqual(self.answers("slow, 4 kB/s", "http://127.0.0.1:%d" % port("slow")), whole)
        before = len(self.proxy.seen)
        self.assertEqual(self.answers("through a proxy, TLS", tls, "--ca-file", ca,
                                      https_proxy="http://127.0.0.1:%d" % self.proxy.port), whole)
        self.assertGreater(len(self.proxy.seen), before)
        self.assertTrue(self.proxy.seen[-1].startswith(b"CONNECT localhost:%d " % port("tls")))

    def test_what_is_said(self):
        ca = os.path.join(self.home, "ca.pem")
        self.told("TLS, unknown authority", "certificate", scheme="https", host="localhost", name="tls")
        self.told("TLS, another's certificate", "certificate|name", "--ca-file", ca, scheme="https", host="localhost",
                  name="other name")
        self.told("https to an http port", "speaks plain http", scheme="https", name="plain")
        self.told("http to an https port", "expects https", name="tls")
        self.told("a proxy that is not there", "proxy|connect", "--ca-file", ca, scheme="https", host="localhost",
                  name="tls", https_proxy="http://127.0.0.1:%d" % port("nobody"))
        self.told("no key", r"asks for an API key \(401: Unauthorized\)", name="key")
        key = os.path.join(self.home, "wrong")
        with open(key, "w") as f:
            f.write("wrong\n")
        self.told("wrong key", r"does not accept this API key \(401: Unauthorized\)", "--api-key-file", key, name="key")
        self.told("403", r"asks for an API key \(403\)")
        self.told("404", r"\(404\); check the address")
        self.told("413", r"\(413\)")
        self.told("429", r"too busy at the moment \(429: 10 requests a minute are allowed\); try again in a while")
        self.told("500", r"has failed \(500\)")
        self.told("502", r"is not ready \(502\)")
        self.told("503", r"is not ready \(503\)")
        self.told("504", r"is not ready \(504\)")
        self.told("redirect", r'redirects to "https://elsewhere\.example/v1/models"')
        self.told("closed without a word", "connection|closed", name="closed")
        self.told("a page for browsers", "does not answer like an OpenAI-compatible server", name="page")
        self.told("nobody there", r"The connection to .* failed", name="nobody")
        lines = self.told("reset in the middle of an answer", "connection", name="half", answer="Half an answer")
        self.assertIn("cut off", lines[-1])


if __name__ == "__main__":
    result = unittest.main(argv=sys.argv[:1], exit=False).result
    if "--table" in sys.argv:
        for row in TABLE:
            print("| %s | %s |" % row)
    sys.exit(not result.wasSuccessful())
