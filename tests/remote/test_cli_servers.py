#!/usr/bin/env python3
"""Chats with servers on the command line. If this fails, scripts that answer by a server get no answer, no experts, or no
word of what is wrong.

test_cli_servers.py MOESCOPE_CLI SOURCE_DIR
"""
import base64
import csv
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
DATA = os.path.join(SOURCE, "tests/data/servers/vllm")


def recorded(name):
    with open(os.path.join(DATA, name), "rb") as f:
        return f.read()


WHOLE = json.loads(recorded("second-request.response.json"))["choices"][0]
IDS, ARRAY = WHOLE["prompt_token_ids"], base64.b64decode(WHOLE["routed_experts"])
ROWS = ARRAY[128:]  # 12 bytes a token: 4 layers, 3 experts


def routed(start, end):
    head = ARRAY[:128].replace(b"(32, 4, 3)", b"(%d, 4, 3)" % (end - start))
    head = head[:-1].rstrip()
    return base64.b64encode(head + b" " * (127 - len(head)) + b"\n" + ROWS[12 * start:12 * end]).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def allowed(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        if self.server.key and self.headers.get("Authorization") != "Bearer " + self.server.key:
            self.reply(401, b'{"error":"Unauthorized"}')
            return False
        return True

    def do_GET(self):
        if self.allowed():
            self.reply(200, recorded("models.response.json"))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.allowed():
            return
        if self.path == "/v1/chat/completions":
            return self.reply(200, recorded("chat-stream-ids.sse")[:self.server.cut], "text/event-stream")
        if self.path != "/v1/completions":
            return self.reply(404, b'{"detail":"Not Found"}')
        ids = body["prompt"] if isinstance(body["prompt"], list) else IDS
        start = body.get("routed_experts_prompt_start", 0)
        answer = dict(WHOLE, prompt_token_ids=ids, routed_experts=routed(start, len(ids)))
        self.reply(200, json.dumps({"choices": [answer], "usage": {"prompt_tokens": len(ids), "completion_tokens": 1}}).encode())


class Servers(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.key, self.server.cut, self.server.asked = None, None, []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]

    def cli(self, *arguments, code=0, text=""):
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        environment.update(HOME=self.home, XDG_DATA_HOME=self.home + "/data")
        r = subprocess.run([CLI, *arguments], input=text, capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r

    def key_file(self, key="secret"):
        path = os.path.join(self.home, "key")
        with open(path, "w") as f:
            f.write(key + "\n")
        return path

    def test_models(self):
        self.assertIn("tiny  context 512  vllm", self.cli("models", "--server", self.url).stdout)
        listed = json.loads(self.cli("models", "--server", self.url + "/v1/", "--json").stdout)
        self.assertEqual(listed, [{"id": "tiny", "context": 512, "owned_by": "vllm"}])
        self.cli("models", code=2)
        self.cli("models", "--server", self.url, "catalog", code=2)

    def test_an_answer_with_its_routing(self):
        trace = os.path.join(self.home, "t.csv")
        r = self.cli("run", "--server", self.url, "--prompt", "the red hat", "-n", "6", "--temperature", "0", "--trace", trace)
        self.assertIn("Ҡ", r.stdout)
        self.assertIn("(vLLM)", r.stderr)
        with open(trace) as f:
            rows = list(csv.DictReader(line for line in f if not line.startswith("#")))
        self.assertEqual(len(rows), 32 * 3 * 3)  # tokens, MoE layers, experts of each
        self.assertEqual({path for path, _ in self.server.asked},
                         {"/v1/models", "/v1/completions", "/v1/chat/completions"})

    def test_a_chat_is_kept(self):
        r = self.cli("chat", "--server", self.url, "--model", "tiny", text="the red hat\n")
        self.assertIn("Ҡ", r.stdout)
        self.assertIn("saved as chat 1", r.stdout)
        shown = self.cli("history", "show", "1").stdout
        self.assertIn("Ҡ", shown)
        found = self.cli("history", "experts", "--layer", "1", "--expert", "3").stdout
        self.assertTrue(found.strip())

    def test_a_lost_connection(self):
        self.server.cut = recorded("chat-stream-ids.sse").index("Ҡ".encode()) + 150
        r = self.cli("run", "--server", self.url, "--prompt", "the red hat", code=1)
        self.assertIn("Ҡ", r.stdout)
        self.assertIn("closed the connection before the end of the answer", r.stderr)

    def test_keys(self):
        self.server.key = "secret"
        r = self.cli("run", "--server", self.url, "--prompt", "?", code=1)
        self.assertRegex(r.stderr, r"^moescope-cli: 127\.0\.0\.1:\d+ asks for an API key \(401: Unauthorized\)\.\n$")
        self.cli("run", "--server", self.url, "--prompt", "?", "--api-key-file", self.key_file())
        r = self.cli("run", "--server", self.url, "--prompt", "?", "--api-key-file", self.key_file("other"), code=1)
        self.assertIn("does not accept this API key", r.stderr)
        self.server.asked.clear()
        self.cli("run", "--server", self.url, "--prompt", "?", "--api-key-file", self.key_file(""), code=1)
        # Nowhere without encryption but to this machine, unless somebody says so.
        r = self.cli("run", "--server", "http://192.0.2.1:8000", "--prompt", "?", "--api-key-file", self.key_file(), code=1)
        self.assertIn("without encryption", r.stderr)
        self.assertEqual(self.server.asked, [])

    def test_usage(self):
        model = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
        self.cli("run", "--prompt", "?", code=2)
        self.cli("run", model, "--server", self.url, "--prompt", "?", code=2)
        self.cli("chat", "--model", "x", model, code=2)
        self.assertIn("not a server address", self.cli("run", "--server", "nowhere", "--prompt", "?", code=1).stderr)
        r = self.cli("run", "--server", self.url, "--model", "other", "--prompt", "?", code=1)
        self.assertIn('has no model "other"', r.stderr)
        r = self.cli("run", "--server", self.url, "--prompt", "?", "--rules", "k 2", code=1)
        self.assertIn("cannot be changed", r.stderr)
        self.server.server_close()
        r = self.cli("run", "--server", "http://127.0.0.1:9", "--prompt", "?", code=1)
        self.assertRegex(r.stderr, r"^moescope-cli: The connection to 127\.0\.0\.1:9 failed: .*\.\n$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
