#!/usr/bin/env python3
"""`moescope-cli serve` as other programs meet it: how it starts and ends, and that what it says is what the other commands
say.

test_serve.py MOESCOPE_CLI SOURCE_DIR
"""
import base64
import json
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

CLI, SOURCE = sys.argv[1], sys.argv[2]
TINY = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")


def cli(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=120)


def read_safetensors(path):
    with open(path, "rb") as f:
        data = f.read()
    size = struct.unpack_from("<Q", data)[0]
    tensors = {}
    for name, t in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + o for o in t["data_offsets"])
        letter = {"I32": "i", "F32": "f"}[t["dtype"]]
        tensors[name] = (t["shape"], struct.unpack(f"<{(end - begin) // 4}{letter}", data[begin:end]))
    return tensors


class Server:
    """Runs while it is in use; `says` is its first line, without which it ended."""

    def __init__(self, model, *arguments):
        self.process = subprocess.Popen([CLI, "serve", model, "--port", "0", "--backend", "cpu", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        self.says = self.process.stdout.readline()
        self.url = self.says.split(" at ")[1].split("/v1")[0] if " at " in self.says else None
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ask(self, path, body=None, headers={}):
        request = urllib.request.Request(self.url + path, headers={"Content-Type": "application/json", **headers},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


class Serve(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return self.path(name)

    def test_says_where_it_listens_and_ends_with_ctrl_c(self):
        with Server(DEMO) as server:
            self.assertIn("http://127.0.0.1:", server.says)
            self.assertEqual(server.ask("/health"), (200, {"status": "ok"}))
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(10), 0)

    def test_beyond_this_machine_wants_a_key(self):
        r = cli("serve", TINY, "--port", "0", "--host", "0.0.0.0")
        self.assertEqual(r.returncode, 1)
        self.assertIn("--api-key-file", r.stderr)
        empty = self.write("empty", " \nsecret\n")
        r = cli("serve", TINY, "--port", "0", "--host", "0.0.0.0", "--api-key-file", empty)
        self.assertEqual(r.returncode, 1)
        self.assertIn("no key", r.stderr)
        key = self.write("key", "  secret \nnot this\n")
        with Server(TINY, "--host", "0.0.0.0", "--api-key-file", key) as server:
            server.url = server.url.replace("0.0.0.0", "127.0.0.1")
            self.assertEqual(server.ask("/v1/models")[0], 401)
            status, models = server.ask("/v1/models", headers={"Authorization": "Bearer secret"})
            self.assertEqual(status, 200)
            self.assertNotIn("/", models["data"][0]["id"])

    def test_a_port_that_is_taken_is_said(self):
        with Server(TINY) as server:
            r = cli("serve", TINY, "--port", server.url.rsplit(":", 1)[1])
            self.assertEqual(r.returncode, 1)
            self.assertIn("--port", r.stderr)
            self.assertEqual(r.stderr.count("\n"), 1, r.stderr)

    def test_log_probabilities_and_experts_are_those_of_eval(self):
        text = "User: What is 7 plus 8?\n\nAssistant: 15."
        with Server(DEMO) as server:
            status, body = server.ask("/v1/completions", {
                "prompt": text, "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0,
                "return_token_ids": True, "return_routed_experts": True})
            self.assertEqual(status, 200, body)
            model = server.ask("/v1/models")[1]["data"][0]["moescope"]
        choice = body["choices"][0]
        ids = choice["prompt_token_ids"]
        r = cli("eval", DEMO, "--backend", "cpu", "--tokens", " ".join(map(str, ids)), "--out", self.path("out"))
        self.assertEqual(r.returncode, 0, r.stderr)
        tensors = read_safetensors(self.path("out"))
        (rows, vocabulary), logits = tensors["logits"]
        said = choice["logprobs"]["token_logprobs"]
        self.assertIsNone(said[0])
        for i in range(1, rows):
            row = logits[(i - 1) * vocabulary : i * vocabulary]
            largest = max(row)
            expected = row[ids[i]] - largest - math.log(sum(math.exp(l - largest) for l in row))
            self.assertAlmostEqual(said[i], expected, delta=1e-4)
        experts = struct.unpack(f"<{len(base64.b64decode(body['sglext']['routed_experts'])) // 4}i",
                                base64.b64decode(body["sglext"]["routed_experts"]))
        used, layers = model["experts_used"], model["layers"]
        self.assertEqual(len(experts), rows * layers * used)
        for layer in range(model["dense_layers"], layers):
            expected = tensors[f"layers.{layer}.experts"][1]
            for i in range(rows):
                at = (i * layers + layer) * used
                self.assertEqual(experts[at : at + used], expected[i * used : (i + 1) * used])

    def test_routing_is_that_of_a_trace_and_is_read_as_one(self):
        with Server(DEMO) as server:
            status, body = server.ask("/v1/chat/completions", {
                "messages": [{"role": "user", "content": "What is 7 plus 8?"}], "temperature": 0,
                "return_token_ids": True, "return_routed_experts": True})
            self.assertEqual(status, 200, body)
        r = cli("run", DEMO, "--backend", "cpu", "--prompt", "What is 7 plus 8?", "--trace", self.path("own.jsonl"))
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(r.stdout.rstrip("\n"), body["choices"][0]["message"]["content"].rstrip("\n"))
        with open(self.path("own.jsonl")) as f:
            header, *tokens = [json.loads(line) for line in f]
        npy = base64.b64decode(body["choices"][0]["routed_experts"])
        experts = npy[10 + struct.unpack_from("<H", npy, 8)[0] :]
        used, layers = header["experts_used"], header["first_moe_layer"] + header["moe_layers"]
        self.assertEqual(len(experts), len(tokens) * layers * used)
        for i, token in enumerate(tokens):
            for layer in token["layers"]:
                at = (i * layers + layer["layer"]) * used
                self.assertEqual(list(experts[at : at + used]), layer["experts"])
        # And the program reads it as it reads vLLM's.
        self.write("vllm.json", json.dumps(body))
        scores = []
        for name in ("own.jsonl", "vllm.json"):
            r = cli("trace", "stats", self.path(name), "--json", "--phase", "both",
                    *(["--from", "vllm", "--experts", str(header["experts"])] if name == "vllm.json" else []))
            self.assertEqual(r.returncode, 0, r.stderr)
            scores.append(json.loads(r.stdout)["token_scores"])
        self.assertEqual(scores[0], scores[1])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
