#!/usr/bin/env python3
"""Chats with a vLLM or SGLang that really runs, on the command line. If this fails, somebody who has
such a server sees other experts than those that ran, pays for tokens after a stop, or loses an answer with the server.

test_real.py vllm|sglang MOESCOPE_CLI [TEST...]

Skipped (77) without the server (real_server.py says how it is named) or without MOESCOPE_SERVED_MODELS, a folder with
tiny-moe/ and tiny-mla/, each with model.gguf and, with the same weights in float32, hf/ with a tokenizer and a chat
template.
"""
import array
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import real_server

KIND, CLI = sys.argv[1:3]
MODELS = os.environ.get("MOESCOPE_SERVED_MODELS", "")
if not MODELS or "MOESCOPE_" + KIND.upper() not in os.environ:
    print("skipped: MOESCOPE_%s and MOESCOPE_SERVED_MODELS do not name a server and models" % KIND.upper())
    sys.exit(77)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def safetensors(path):
    """Names to arrays, as int32 or float32."""
    with open(path, "rb") as f:
        size = struct.unpack("<Q", f.read(8))[0]
        head = json.loads(f.read(size))
        data = f.read()
    return {name: array.array({"I32": "i", "F32": "f"}[entry["dtype"]], data[slice(*entry["data_offsets"])])
            for name, entry in head.items() if name != "__metadata__" and entry["dtype"] in ("I32", "F32")}


def read_trace(path):
    """Tokens by their positions: (id, phase, {layer: experts}). What an answer replaced is not there any more."""
    tokens = {}
    with open(path) as f:
        next(f)
        for line in f:
            record = json.loads(line)
            layers = {layer["layer"]: sorted(layer["experts"]) for layer in record["layers"]}
            tokens[record["position"]] = (record["token"], record["phase"], layers)
    return tokens


class Real:
    """A server with one model."""
    model = ""

    @classmethod
    def setUpClass(cls):
        cls.gguf = os.path.join(MODELS, cls.model, "model.gguf")
        cls.home = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.home, True)
        cls.port = free_port()
        cls.url = "http://127.0.0.1:%d" % cls.port
        cls.environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        cls.environment.update(HOME=cls.home, XDG_DATA_HOME=cls.home + "/data", LC_ALL="C.UTF-8")
        cls.start()
        cls.addClassCleanup(lambda: real_server.kill(cls.pid))

    @classmethod
    def start(cls):
        cls.pid = real_server.start(KIND, os.path.join(MODELS, cls.model, "hf"), cls.port, cls.home + "/log")

    def cli(self, *arguments, code=0, text=""):
        r = subprocess.run([CLI, *arguments], input=text, capture_output=True, text=True, env=self.environment,
                           timeout=600)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return r

    def path(self, name):
        return os.path.join(self.home, name)

    def check_experts(self, tokens):
        """Every (token, layer) has the experts that our own engine computes from the same ids, and the answer is what
        it would have said. Gives how many were compared."""
        self.assertEqual(sorted(tokens), list(range(len(tokens))))
        ids = [tokens[i][0] for i in range(len(tokens))]
        self.assertGreaterEqual(min(ids), 0)
        # In float32 throughout: half as many bits in the cache turn near ties round.
        self.cli("eval", self.gguf, "--backend", "cpu", "--kv", "f32", "--tokens", " ".join(map(str, ids)), "--out",
                 self.path("own.safetensors"))
        own = safetensors(self.path("own.safetensors"))
        layers = {int(name.split(".")[1]): values for name, values in own.items() if name.endswith(".experts")}
        compared = 0
        for i, (_, _, experts) in tokens.items():
            self.assertEqual(set(experts), set(layers))
            for layer, values in layers.items():
                used = len(values) // len(ids)
                self.assertEqual(experts[layer], sorted(values[i * used:(i + 1) * used]),
                                 "token %d, layer %d" % (i, layer))
                compared += 1
        vocabulary = len(own["logits"]) // len(ids)
        for i in range(1, len(ids)):
            if tokens[i][1] == "decode":
                logits = own["logits"][(i - 1) * vocabulary:i * vocabulary]
                self.assertGreaterEqual(logits[ids[i]], max(logits) - 1e-4, "token %d" % i)
        return compared

    def test_every_expert_of_an_answer_is_our_own_engine_s(self):
        compared = 0
        for question in ("the red hat", "Does the cat sleep on the table? Der Hund schläft. 专家路由", "1 + 1"):
            self.cli("run", "--server", self.url, "--prompt", question, "-n", "32", "--temperature", "0", "--trace",
                     self.path("run.jsonl"))
            compared += self.check_experts(read_trace(self.path("run.jsonl")))
        print("%s, %s, run: %d of %d (token, layer) equal" % (KIND, self.model, compared, compared))

    def test_a_chat_of_several_questions(self):
        said = self.cli("chat", "--server", self.url, "-n", "20", "--temperature", "0",
                        text="the red hat\nand the blue one?\nand the green one?\n").stdout
        chat = said.rsplit("[saved as chat ", 1)[1].split("]")[0]
        self.cli("trace", "export", "--conversation", chat, "--out", self.path("chat.jsonl"))
        compared = self.check_experts(read_trace(self.path("chat.jsonl")))
        print("%s, %s, chat: %d of %d (token, layer) equal" % (KIND, self.model, compared, compared))

    def begin(self, *arguments, text=None):
        """Starts a long answer, and returns once its first words are there."""
        process = subprocess.Popen([CLI, *arguments, "--server", self.url, "-n", "400", "--temperature", "0"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment)
        self.addCleanup(process.kill)
        if text is not None:
            process.stdin.write(text.encode())
            process.stdin.close()
            process.stdin = None
        return process

    def wait_for_tokens(self, least):
        end = time.monotonic() + 120
        while real_server.generated(KIND, self.port) < least:
            self.assertLess(time.monotonic(), end, "no tokens come")
            time.sleep(0.2)

    def test_a_stop_is_seen_in_the_server_s_counters(self):
        before = real_server.generated(KIND, self.port)
        process = self.begin("run", "--prompt", "the red hat")
        self.wait_for_tokens(before + 8)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, said)
        time.sleep(2)
        stopped = real_server.generated(KIND, self.port)
        time.sleep(3)
        self.assertEqual(real_server.generated(KIND, self.port), stopped)
        self.assertLess(stopped - before, 300)
        print("%s, %s: stopped after %d of 400 tokens" % (KIND, self.model, stopped - before))


class Lost:
    """The same server is killed while it answers."""

    def test_the_partial_answer_stays(self):
        self.addCleanup(self.start)
        process = self.begin("chat", text="the red hat\n")
        # In the counters of this server: others have written to them before.
        before = real_server.generated(KIND, self.port)
        self.wait_for_tokens(before + 8)
        real_server.kill(self.pid)
        out, said = process.communicate(timeout=120)
        self.assertIn(b"connection", said)
        chat = out.decode(errors="replace").rsplit("[saved as chat ", 1)[1].split("]")[0]
        shown = json.loads(self.cli("history", "show", chat, "--json").stdout)
        text = json.dumps(shown, ensure_ascii=False)
        self.assertIn("connection lost", text)
        r = self.cli("run", "--server", self.url, "--prompt", "?", code=1)
        self.assertRegex(r.stderr, r"^moescope-cli: The connection to 127\.0\.0\.1:\d+ failed: [^\n]*\.\n$")


class TinyMoe(Real, Lost, unittest.TestCase):
    model = "tiny-moe"


if KIND == "vllm":  # SGLang has MLA on GPUs only
    class TinyMla(Real, Lost, unittest.TestCase):
        model = "tiny-mla"


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
