#!/usr/bin/env python3
"""The command line as a user meets it: exit codes, sentences, files that are whole or absent.

test_cli.py MOESCOPE_CLI SOURCE_DIR
"""
import atexit
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
TINY = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")

# The history of whoever runs the tests is not touched.
DATA_HOME = tempfile.mkdtemp()
atexit.register(shutil.rmtree, DATA_HOME)
os.environ["XDG_DATA_HOME"] = DATA_HOME


def cli(*arguments, stdin="", timeout=120):
    return subprocess.run([CLI, *arguments], input=stdin, capture_output=True, text=True, timeout=timeout)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def read_safetensors(path):
    data = read(path)
    size = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8 : 8 + size])
    return {n: t for n, t in header.items() if n != "__metadata__"}


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def fails(self, *arguments, says, code=1):
        """Fails with one sentence on stderr and nothing on stdout."""
        r = cli(*arguments)
        self.assertEqual(r.returncode, code, r)
        self.assertIn(says, r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        return r

    def damaged(self, change):
        """A copy of the tiny model with bytes changed."""
        data = bytearray(read(TINY))
        change(data)
        with open(self.path("damaged.gguf"), "wb") as f:
            f.write(data)
        return self.path("damaged.gguf")

    def test_help_and_version(self):
        self.assertEqual(cli("--help").returncode, 0)
        self.assertIn("moescope-cli", cli("--version").stdout)
        for command in ("info", "tokenize", "chat", "history", "run", "eval", "perplexity", "bench"):
            self.assertEqual(cli(command, "--help").returncode, 0)

    def test_wrong_use(self):
        self.fails(says="subcommand", code=2)
        self.fails("dance", says="", code=2)
        self.fails("run", TINY, says="--prompt", code=2)
        self.fails("run", TINY, "--prompt", "a", "--kv", "f8", says="--kv", code=2)

    def test_info(self):
        r = cli("info", TINY, "--json")
        self.assertEqual(r.returncode, 0, r)
        info = json.loads(r.stdout)
        self.assertEqual((info["experts"], info["experts_used"], info["layers"]), (8, 3, 4))
        self.assertIn("plain form", cli("info", TINY).stdout)

    def test_the_demo_is_exact(self):
        """Wherever the demo model lies, its likeliest tokens are its answer, unless the user wants it otherwise."""
        shutil.copy(DEMO, self.path("other.gguf"))
        hot = ("--temperature", "20", "--top-k", "0", "--top-p", "1", "--min-p", "0")
        for question in ("What is a router?", "Write a short story about a fox."):
            exact = cli("run", DEMO, "--prompt", question, "-n", "60", "--temperature", "0").stdout
            for model in (DEMO, self.path("other.gguf")):
                for seed in ("1", "2"):
                    ask = ("run", model, "--prompt", question, "-n", "60", "--seed", seed)
                    self.assertEqual(cli(*ask).stdout, exact)
                    self.assertNotEqual(cli(*ask, *hot).stdout, exact)
                r = subprocess.run([CLI, "chat", model, "--no-history", "-n", "60"], input=question + "\n",
                                   capture_output=True, text=True, timeout=120)
                self.assertIn(exact.strip(), r.stdout)
        # Others are asked as before.
        ask = ("run", TINY, "--raw", "--prompt", "a", "-n", "20", "--seed", "5")
        self.assertEqual(cli(*ask).stdout, cli(*ask, "--temperature", "0.7").stdout)
        self.assertNotEqual(cli(*ask).stdout, cli(*ask, "--temperature", "0").stdout)
        for command in ("run", "chat"):
            self.assertRegex(cli(command, "--help").stdout.replace("\n", " "), "0 for the\\s+demo\\s+model")

    def test_machines_without_a_card(self):
        """What every machine without a GPU sees; the folder without plug-ins makes this one of them."""
        environment = dict(os.environ, MOESCOPE_PLUGINS=self.folder)

        def run(*arguments):
            return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=120, env=environment)

        machine = json.loads(run("info", "--json").stdout)["machine"]
        self.assertFalse(machine["cuda"]["usable"])
        self.assertEqual(machine["cuda"]["cards"], [])
        self.assertIn("plug-in is not installed", machine["cuda"]["problem"])
        self.assertIn("plug-in is not installed", run("info").stdout)
        question = ("run", TINY, "--raw", "--prompt", "a", "--max-tokens", "2", "--temperature", "0")
        plain = run(*question)
        self.assertEqual((plain.returncode, plain.stderr), (0, ""), plain)
        self.assertEqual(run(*question, "--backend", "cpu").stdout, plain.stdout)
        wanted = run(*question, "--backend", "cuda")
        self.assertEqual((wanted.returncode, wanted.stdout), (1, ""))
        self.assertIn("plug-in is not installed", wanted.stderr)
        with open(self.path("moescope-cuda.so"), "w") as f:
            f.write("no library")
        broken = run(*question)
        self.assertEqual((broken.returncode, broken.stdout), (0, plain.stdout))
        self.assertIn("cannot be loaded", broken.stderr)
        self.assertIn("Computing on the CPU.", broken.stderr)

    def test_files_that_are_no_models(self):
        self.fails("info", self.path("absent.gguf"), says="absent.gguf")
        self.fails("info", self.folder, says="regular file")
        with open(self.path("text.gguf"), "w") as f:
            f.write("not a model")
        self.fails("info", self.path("text.gguf"), says="not a GGUF file")
        open(self.path("empty.gguf"), "w").close()
        self.fails("run", self.path("empty.gguf"), "--prompt", "a", says="not a GGUF file")

    def test_truncated_files(self):
        size = os.path.getsize(TINY)
        for keep in (3, 10, 100, 5000, size // 2, size - 1000):
            path = self.damaged(lambda d, n=keep: d.__delitem__(slice(n, None)))
            self.fails("info", path, says="damaged.gguf")

    def test_other_architectures_and_shapes(self):
        def rename(data):
            at = data.index(b"general.architecture") + len(b"general.architecture") + 12
            data[at : at + 8] = b"qwen3moe"

        self.fails("info", self.damaged(rename), says='"qwen3moe"')

        def key(name, value):
            def change(data):
                at = data.index(name) + len(name) + 4
                data[at : at + 4] = struct.pack("<I", value)

            return change

        self.fails("info", self.damaged(key(b"deepseek.expert_count", 0)), says="expert_count")
        self.fails("info", self.damaged(key(b"deepseek.expert_used_count", 9)), says="9 of 8 experts")
        self.fails("info", self.damaged(key(b"deepseek.expert_count", 16)), says="ffn_gate_inp")
        self.fails("info", self.damaged(key(b"deepseek.attention.head_count", 0)), says="head_count")

    def test_weights_that_are_no_numbers(self):
        def poison(data):
            at = len(data) // 2 // 4 * 4
            data[at:] = struct.pack("<f", float("nan")) * ((len(data) - at) // 4)

        r = self.fails("run", self.damaged(poison), "--prompt", "hello", "--raw", says="weights may be damaged")
        self.assertEqual(r.stdout.strip(), "")

    def test_tokenize(self):
        r = cli("tokenize", TINY, "--text", "the", "--no-bos")
        self.assertEqual(r.returncode, 0, r)
        self.assertTrue(all(x.isdigit() for x in r.stdout.split()))
        with_bos = cli("tokenize", TINY, "--text", "the").stdout.split()
        self.assertEqual(with_bos[1:], r.stdout.split())
        self.assertEqual(cli("tokenize", TINY, "--text", "", "--no-bos").stdout, "\n")
        with open(self.path("t.txt"), "w") as f:
            f.write("the")
        self.assertEqual(cli("tokenize", TINY, "--file", self.path("t.txt")).stdout.split(), with_bos)
        self.fails("tokenize", TINY, "--file", self.path("absent.txt"), says="absent.txt")

    def test_run_is_repeatable(self):
        arguments = ("run", TINY, "--prompt", "hello", "--raw", "--max-tokens", "12", "--seed", "5")
        first = cli(*arguments)
        self.assertEqual(first.returncode, 0, first)
        self.assertEqual(first.stdout, cli(*arguments).stdout)
        self.assertEqual(first.stdout, cli(*arguments, "--threads", "1").stdout)

    def test_stop_texts(self):
        arguments = ("run", DEMO, "--prompt", "What is 7 plus 8?")
        whole = cli(*arguments).stdout
        self.assertGreater(len(whole), 8, whole)
        for stops in ([whole[3:6]], ["never written", whole[3:6]]):
            r = cli(*arguments, *(a for stop in stops for a in ("--stop", stop)))
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertEqual(r.stdout, whole[: whole.index(whole[3:6])] + "\n")
        self.fails(*arguments, "--stop", "", says="--stop", code=2)
        self.fails(*arguments, *["--stop", "x"] * 17, says="at most 16")

    def test_prompts_that_do_not_fit(self):
        self.fails("run", TINY, "--prompt", "", "--raw", says="empty")
        self.fails("run", TINY, "--prompt", "x" * 600, "--raw", says="the context holds 512")
        r = cli("run", TINY, "--prompt", "x" * 500, "--raw", "--max-tokens", "100", "--temperature", "0")
        self.assertEqual(r.returncode, 0, r)  # ends where the context ends

    def test_traces(self):
        for name in ("t.csv", "t.jsonl", "t.safetensors"):
            r = cli("run", TINY, "--prompt", "hello", "--raw", "--max-tokens", "4", "--trace", self.path(name))
            self.assertEqual(r.returncode, 0, r)
            self.assertGreater(os.path.getsize(self.path(name)), 100)
        rows = [x.split(",") for x in read(self.path("t.csv")).decode().split("\n")[3:-1]]
        self.assertEqual({x[1] for x in rows}, {"0", "1"})
        self.assertEqual({x[3] for x in rows}, {"1", "2", "3"})
        self.fails("run", TINY, "--prompt", "a", "--trace", self.path("t.xml"), says=".safetensors")

    def test_eval(self):
        out = self.path("e.safetensors")
        self.assertEqual(cli("eval", TINY, "--tokens", "1 2 3", "--out", out).returncode, 0)
        tensors = read_safetensors(out)
        self.assertEqual(tensors["logits"]["shape"], [3, 300])
        self.assertEqual(tensors["layers.1.experts"]["shape"], [3, 3])
        self.fails("eval", TINY, "--tokens", "1 x", "--out", out, says="not a number")
        self.fails("eval", TINY, "--tokens", "1 300", "--out", out, says="vocabulary")
        self.fails("eval", TINY, "--tokens", "", "--out", out, says="")
        self.fails("eval", TINY, "--tokens", "1", "--out", "/no/such/e.safetensors", says="/no/such/e.safetensors")
        self.assertEqual(os.listdir(self.folder), ["e.safetensors"])

    def test_perplexity(self):
        with open(self.path("t.txt"), "w") as f:
            f.write("the hen in the tree and a hare " * 40)
        r = cli("perplexity", TINY, "--file", self.path("t.txt"))
        self.assertEqual(r.returncode, 0, r)
        self.assertIn("perplexity", r.stdout)
        open(self.path("empty.txt"), "w").close()
        self.fails("perplexity", TINY, "--file", self.path("empty.txt"), says="nothing to predict")

    def test_bench(self):
        keys = "load_s prefill_tokens_per_s decode_tokens_per_s decode_bytes_per_token read_bandwidth_bytes_per_s " \
               "decode_bandwidth_share int8_macs_per_s prefill_int8_share peak_memory_bytes logits_hash threads backend " \
               "placement decode_phases prefill_phases"
        results = [json.loads(cli("bench", TINY, "-p", "32", "-n", "8", "--json", *more).stdout)
                   for more in ((), ("--no-trace",), ("--chunk", "5"))]
        for result in results:
            self.assertEqual(sorted(result), sorted(keys.split()))
            for table in ("decode_phases", "prefill_phases"):
                phases = dict(result[table])
                self.assertLessEqual(phases.pop("waiting")["share"], 1)
                self.assertEqual(list(phases), ["projections", "attention", "router", "experts", "head", "rest"])
                self.assertAlmostEqual(sum(p["share"] for p in phases.values()), 1, places=6)
                self.assertGreater(phases["experts"]["of_limit"], 0)
        self.assertEqual(len({r["logits_hash"] for r in results}), 1)

    def test_bench_compared_with_an_earlier_run(self):
        first = cli("bench", TINY, "-p", "32", "-n", "8", "--json")
        with open(self.path("before.json"), "w") as f:
            f.write(first.stdout)
        again = cli("bench", TINY, "-p", "32", "-n", "8", "--compare", self.path("before.json"))
        self.assertEqual(again.returncode, 0, again)
        self.assertRegex(again.stdout, r"decode_tokens_per_s +[\d.]+\n")
        self.assertRegex(again.stdout, r"logits +the same\n")
        other = json.loads(cli("bench", TINY, "-p", "16", "-n", "8", "--json", "--compare",
                               self.path("before.json")).stdout)
        self.assertFalse(other["compared"]["same_logits"])
        self.fails("bench", TINY, "--compare", TINY, says="is not what `bench --json` writes")
        self.fails("bench", TINY, "--compare", self.path("none.json"), says="none.json")

    def test_chat(self):
        r = cli("chat", TINY, "--max-tokens", "5", stdin="hello\n/new\nhello\n/exit\n")
        self.assertEqual(r.returncode, 0, r)
        self.assertEqual(r.stdout.count("tokens/s"), 2, r.stdout)
        self.assertIn("top experts by gate", r.stdout)

    def test_packed_copies_are_kept_used_and_removed(self):
        environment = dict(os.environ, XDG_CACHE_HOME=self.path("cache"))

        def run(*arguments):
            return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=120, env=environment)

        def answer(*more):
            return run("run", DEMO, "--prompt", "What is 7 + 8?", "--temperature", "0", *more).stdout

        expected = answer()
        self.assertIn("15", expected)
        self.assertEqual(run("models", "packed", "--json").stdout, "[]\n")
        self.assertIn("Kept", run("models", "pack", DEMO).stdout)
        self.assertIn("There are", run("models", "pack", DEMO).stdout)
        (kept,) = json.loads(run("models", "packed", "--json").stdout)
        self.assertEqual(kept["model"], os.path.abspath(DEMO))
        self.assertEqual(kept["bytes"], os.path.getsize(kept["file"]))
        self.assertEqual(answer(), expected)
        self.assertEqual(answer("--no-packed"), expected)
        # A byte of the weights is another one, so that it shows whether they are used.
        size = os.path.getsize(kept["file"])
        with open(kept["file"], "r+b") as f:
            f.seek(4096)
            f.write(b"\x55" * (size - 4096))
        self.assertNotEqual(answer(), expected)
        self.assertEqual(answer("--no-packed"), expected)
        self.assertIn("removed", run("models", "packed", "--clear").stdout)
        self.assertEqual(answer(), expected)
        self.assertEqual(run("models", "pack", "/nowhere.gguf").returncode, 1)

    def test_interrupt_stops_the_answer_and_not_the_program(self):
        p = subprocess.Popen([CLI, "chat", TINY, "--temperature", "1", "--max-tokens", "100000", "-c", "200000"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        p.stdin.write("hello\n")
        p.stdin.flush()
        time.sleep(1.0)
        p.send_signal(signal.SIGINT)
        p.stdin.write("/exit\n")
        p.stdin.flush()
        out, _ = p.communicate(timeout=60)
        self.assertEqual(p.returncode, 0)
        self.assertIn("tokens/s", out)


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0]], verbosity=1))
