#!/usr/bin/env python3
"""`moescope-cli trace` as a user meets it: conversions, figures, pictures, exit codes and sentences.

test_cli_trace.py MOESCOPE_CLI SOURCE_DIR SHARED_DIR [CLASS[.CASE]...]

The class Data reads the ESFT files of DeepSeek-V2-Lite in SHARED_DIR/data/esft; the exit code is 77 if all that was asked
for was skipped.
"""
import atexit
import base64
import json
import os
import pty
import resource
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
import zipfile

try:
    import numpy
except ImportError:
    numpy = None

CLI, SOURCE, SHARED = sys.argv[1], sys.argv[2], sys.argv[3]
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")
ESFT = os.path.join(SHARED, "data/esft")

# The history of whoever runs the tests is not touched.
DATA_HOME = tempfile.mkdtemp()
atexit.register(shutil.rmtree, DATA_HOME)
os.environ["XDG_DATA_HOME"] = DATA_HOME


def cli(*arguments, stdin=""):
    return subprocess.run([CLI, *arguments], input=stdin, capture_output=True, text=True, timeout=300)


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Folder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared_folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.shared_folder)
        cls.trace = os.path.join(cls.shared_folder, "answer.safetensors")
        r = cli("run", DEMO, "--prompt", "What is a router?", "--max-tokens", "12", "--trace", cls.trace)
        assert r.returncode == 0, r

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def works(self, *arguments):
        r = cli("trace", *arguments)
        self.assertEqual(r.returncode, 0, r)
        return r

    def fails(self, *arguments, says, code=1):
        """Fails with one sentence on stderr and nothing on stdout."""
        r = cli("trace", *arguments)
        self.assertEqual(r.returncode, code, r)
        self.assertIn(says, r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        self.assertEqual(r.stdout, "")


class Trace(Folder):
    def test_help(self):
        for command in ((), ("export",), ("import",), ("stats",), ("plot",)):
            self.assertEqual(cli("trace", *command, "--help").returncode, 0)

    def test_export_and_import_give_the_same_bytes(self):
        for name in ("t.jsonl", "t.npz"):
            self.works("export", self.trace, "--out", self.path(name))
            r = self.works("import", self.path(name), "--out", self.path("back.safetensors"))
            self.assertEqual(r.stderr, "", "everything is known")
            self.assertEqual(read(self.path("back.safetensors")), read(self.trace), name)

    def test_stdout(self):
        self.works("export", self.trace, "--out", self.path("t.jsonl"))
        for arguments, name in ((("export", self.trace, "--out", "-", "--format", "jsonl"), "t.jsonl"),
                                (("import", self.path("t.jsonl"), "--out", "-", "--format", "safetensors"), self.trace)):
            r = subprocess.run([CLI, "trace", *arguments], capture_output=True, timeout=300)
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertEqual(r.stdout, read(self.path(name)))
            self.assertIn(b"stdout: ", r.stderr)
        svg = self.works("plot", self.trace, "--out", "-", "--format", "svg").stdout
        self.assertTrue(svg.startswith("<?xml") and svg.rstrip().endswith("</svg>"))
        for arguments in (("export", self.trace, "--out", "-"), ("import", self.path("t.jsonl"), "--out", "-"),
                          ("plot", self.trace, "--out", "-")):
            self.fails(*arguments, says="--format")
        r = cli("run", DEMO, "--prompt", "What is a router?", "--max-tokens", "3", "--trace", "-", "--trace-format", "jsonl")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertTrue(all(json.loads(line) for line in r.stdout.splitlines()))
        self.assertNotEqual(r.stderr, "", "the answer")
        self.assertIn("--trace-format", cli("run", DEMO, "--prompt", "a", "--trace", "-").stderr)
        r = subprocess.run([CLI, "eval", DEMO, "--tokens", "1 2 3", "--out", "-"], capture_output=True, timeout=300)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn(b"layers.1.experts", r.stdout[:4000])

    def test_bytes_are_no_text_for_a_terminal(self):
        for arguments in (("trace", "export", self.trace, "--out", "-", "--format", "npz"),
                          ("trace", "plot", self.trace, "--out", "-", "--format", "png"),
                          ("eval", DEMO, "--tokens", "1", "--out", "-")):
            master, terminal = pty.openpty()
            r = subprocess.run([CLI, *arguments], stdout=terminal, stderr=subprocess.PIPE, text=True, timeout=300)
            os.close(terminal)
            os.close(master)
            self.assertEqual(r.returncode, 1, r)
            self.assertIn("terminal", r.stderr)

    def test_outputs_that_are_no_plain_files(self):
        self.works("export", self.trace, "--out", self.path("real.jsonl"))
        os.chmod(self.path("real.jsonl"), 0o600)
        os.symlink("real.jsonl", self.path("link.jsonl"))
        self.works("export", self.trace, "--out", self.path("link.jsonl"))
        self.assertTrue(os.path.islink(self.path("link.jsonl")))
        self.assertEqual(os.stat(self.path("real.jsonl")).st_mode & 0o777, 0o600)
        os.mkfifo(self.path("pipe.jsonl"))
        got = []
        reader = threading.Thread(target=lambda: got.append(read(self.path("pipe.jsonl"))))
        reader.start()
        self.works("export", self.trace, "--out", self.path("pipe.jsonl"))
        reader.join()
        self.assertEqual(got[0], read(self.path("real.jsonl")))
        os.chmod(self.path("real.jsonl"), 0o400)
        before = read(self.path("real.jsonl"))
        self.works("export", self.trace, "--out", "/dev/null", "--format", "npz")
        os.chmod(self.path("real.jsonl"), 0o444)
        self.fails("export", self.trace, "--out", self.path("real.jsonl"), says="write-protected")
        self.assertEqual(read(self.path("real.jsonl")), before)

    def test_limits_of_size_and_pipes_that_close(self):
        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        r = subprocess.run([CLI, "trace", "export", self.trace, "--out", self.path("t.jsonl")], capture_output=True,
                           text=True, preexec_fn=limited, timeout=300)
        self.assertEqual(r.returncode, 1, r)
        self.assertIn("writing failed", r.stderr)
        self.assertEqual(os.listdir(self.folder), [])
        reading, writing = os.pipe()
        os.close(reading)
        r = subprocess.run([CLI, "trace", "export", self.trace, "--out", "-", "--format", "jsonl"], stdout=writing,
                           stderr=subprocess.PIPE, timeout=300)
        os.close(writing)
        self.assertEqual(r.returncode, 1, r.stderr)
        self.assertIn(b"writing failed: Broken pipe", r.stderr)

    def test_what_is_written_can_be_read(self):
        empty = self.write("e.jsonl", '{"moescope_trace":1,"first_moe_layer":1,"moe_layers":2,"experts":8,"experts_used":2,'
                           '"shared_experts":0,"unknown":[]}\n')
        for name in ("e.csv", "e.npy"):
            self.fails("export", empty, "--out", self.path(name), says="no records")
        self.works("export", empty, "--out", self.path("e.npz"))
        self.works("export", self.path("e.npz"), "--out", self.path("again.jsonl"))
        self.fails("stats", self.trace, "--first-layer", "1023", says="expected at most 1023")

    def test_masked_rows_are_counted(self):
        data = os.path.join(SOURCE, "tests/data/traces")
        for name in ("sglang_minus.json", "zero_rows.npz"):
            r = self.works("stats", os.path.join(data, name))
            self.assertIn("12 tokens, layers 0 to 2", r.stdout)
            self.assertIn("of 12 tokens have no record", r.stdout)
        self.assertIn("4 tokens, layers 1 to 3", self.works("stats", os.path.join(data, "served/sglang-generate-start.json"),
                                                            "--start", "6").stdout)

    def test_small_archives_of_much(self):
        with zipfile.ZipFile(self.path("bomb.npz"), "w", zipfile.ZIP_DEFLATED) as z:
            with z.open("experts.npy", "w", force_zip64=True) as f:
                header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (300000, 1000, 1), }"
                header += b" " * (118 - len(header) - 1) + b"\n"
                f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
                for _ in range(300):
                    f.write(bytes(1000000))
        process = subprocess.Popen([CLI, "trace", "stats", self.path("bomb.npz")], stderr=subprocess.PIPE, text=True)
        error = process.stderr.read()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 1)
        self.assertIn("suspiciously large", error)
        if b"__asan_init" not in open(CLI, "rb").read():  # it keeps what was freed
            limit = 10 * os.path.getsize(self.path("bomb.npz")) // 1024 + 100 * 1024 + 20 * 1024  # and the program
            self.assertLess(usage.ru_maxrss, limit)

    def test_foreign_text_cannot_command_a_terminal(self):
        evil = "\x1b]0;PWNED\x07\x1b[31m"
        head = json.dumps({"layers.1.experts": {"dtype": "XX" + evil, "shape": [1, 1], "data_offsets": [0, 4]}}).encode()
        files = [self.write("t.safetensors", struct.pack("<Q", len(head)) + head + bytes(4)),
                 self.write("t.csv", "# route_trace v1\nturn,phase,step,layer,slot,expert,weight\n0,1,0,1,0,%s,0.5\n" % evil),
                 self.write("e.json", json.dumps({"error": {"message": evil}})),
                 self.write("d.json", json.dumps({"meta_info": {"routed_experts": "AAAA", "routed_experts_dtype": evil}})),
                 self.write(evil.replace("/", "") + ".csv", "layer,expert\n1,x\n")]
        for path in files:
            r = cli("trace", "stats", path)
            self.assertEqual(r.returncode, 1, r)
            self.assertNotIn("\x1b", r.stderr)
            self.assertNotIn("\x07", r.stderr)
            self.assertEqual(r.stderr.count("\n"), 1)

    def test_formats_of_others(self):
        stats = json.loads(self.works("stats", self.trace, "--json").stdout)
        for name, lacks in (("t.csv", "no probabilities"), ("t.npy", "no gates")):
            self.works("export", self.trace, "--out", self.path(name))
            r = self.works("import", self.path(name))  # beside it
            self.assertIn(lacks, r.stderr)
            again = json.loads(self.works("stats", self.path("t.safetensors"), "--json", "--experts", "32").stdout)
            self.assertEqual([r["jain"] for r in again["layers"]], [r["jain"] for r in stats["layers"]])
        self.works("export", self.trace, "--to", "esft", "--out", self.path("folder"))
        again = json.loads(self.works("stats", self.path("folder"), "--json", "--top-k", "4", "--experts", "32").stdout)
        self.assertEqual(again["token_scores"], stats["token_scores"])
        self.assertEqual(again["gate_scores"], stats["gate_scores"])

    @unittest.skipUnless(numpy, "numpy is not installed")
    def test_numpy(self):
        self.works("export", self.trace, "--out", self.path("t.npz"))
        arrays = dict(numpy.load(self.path("t.npz")))
        tokens, layers, k = arrays["experts"].shape
        self.assertEqual((layers, k, int(arrays["num_experts"]), int(arrays["first_moe_layer"])), (4, 4, 32, 1))
        self.assertEqual(arrays["shared_norm"].shape, (tokens, layers))
        load = numpy.bincount(arrays["experts"][:, 0].ravel(), minlength=32) / (tokens * k)
        stats = json.loads(self.works("stats", self.trace, "--json").stdout)
        numpy.testing.assert_allclose(load, list(stats["token_scores"]["1"].values()), atol=6e-5)
        # What numpy writes, stored, deflated, and as one array of another type and order.
        numpy.savez(self.path("stored.npz"), **arrays)
        numpy.savez_compressed(self.path("deflated.npz"), **arrays)
        for name in ("stored", "deflated"):
            self.works("import", self.path(name + ".npz"))
            self.assertEqual(read(self.path(name + ".safetensors")), read(self.trace))
        numpy.save(self.path("ids.npy"), numpy.asfortranarray(arrays["experts"].astype("int16")))
        again = json.loads(self.works("stats", self.path("ids.npy"), "--json", "--experts", "32", "--first-layer", "1").stdout)
        self.assertEqual(again["token_scores"], stats["token_scores"])

    def test_zip_that_unpacks_to_more_than_memory(self):
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (134217728, 1, 1), }".ljust(117) + b"\n"
        array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(1 << 27)
        with zipfile.ZipFile(self.path("bomb.npz"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("experts.npy", array)
        self.assertLess(os.path.getsize(self.path("bomb.npz")), 1 << 20)
        self.fails("stats", self.path("bomb.npz"), says="suspiciously large")

    def test_stats(self):
        text = self.works("stats", self.trace).stdout
        self.assertIn("experts, top 4", text)
        self.assertIn("MaxVio", text)
        self.assertEqual(text.count("\n mean "), 1, text)
        both, prefill, decode = (json.loads(self.works("stats", self.trace, "--json", "--phase", p).stdout)
                                 for p in ("both", "prefill", "decode"))
        self.assertEqual(both["tokens"], prefill["tokens"] + decode["tokens"])
        self.assertEqual(both["missing"], "")
        for layer in both["token_scores"].values():
            self.assertAlmostEqual(sum(layer.values()), 1, delta=0.01)
        for row in both["layers"]:
            self.assertGreater(row["shared_norm"], 0)
            self.assertGreater(row["mean_margin"], 0)
            self.assertTrue(1 / 32 <= row["jain"] <= 1)

    def test_servers_and_ids_only(self):
        ids = [[[1, 2], [3, 0]], [[5, 2], [7, 4]]]
        vllm = self.write("vllm.json", json.dumps({"choices": [{"routed_experts": ids}]}))
        text = self.works("stats", vllm).stdout
        self.assertIn("no gates", text)
        self.assertRegex(text, r"\n    1 .* -  +-  +-\n")
        raw = struct.pack("<8i", *[e for token in ids for layer in token for e in layer])
        sglang = self.write("sglang.json", json.dumps({"meta_info": {"routed_experts": base64.b64encode(raw).decode()}}))
        self.fails("stats", sglang, says="--top-k")
        a = json.loads(self.works("stats", vllm, "--json").stdout)
        b = json.loads(self.works("stats", sglang, "--json", "--layers", "2", "--top-k", "2").stdout)
        self.assertEqual(a["token_scores"], b["token_scores"])
        self.assertNotIn("gate_scores", a)
        self.fails("plot", vllm, "--view", "shared", "--out", self.path("x.png"), says="no norms")
        self.fails("stats", vllm, "--phase", "decode", says="--phase")

    def test_history(self):
        data = self.path("data")
        for question in ("What is a router?", "Tell me a story."):
            r = cli("chat", DEMO, "--data-dir", data, "--max-tokens", "8", *([] if question[0] == "W" else ["--continue", "1"]),
                    stdin=question + "\n")
            self.assertEqual(r.returncode, 0, r)
        both = json.loads(self.works("stats", "--conversation", "1", "--data-dir", data, "--json").stdout)
        first, second = (json.loads(self.works("stats", "--conversation", "1", "--answer", n, "--data-dir", data, "--json").stdout)
                         for n in ("1", "2"))
        self.assertEqual(both["tokens"], first["tokens"] + second["tokens"])
        self.works("export", "--conversation", "1", "--answer", "2", "--data-dir", data, "--out", self.path("a.csv"))
        self.assertTrue(read(self.path("a.csv")).startswith(b"# route_trace v1\n"))
        self.works("export", "--conversation", "1", "--answer", "1", "--data-dir", data, "--out", self.path("a.jsonl"))
        tokens = [json.loads(line) for line in read(self.path("a.jsonl")).decode().split("\n")[1:-1]]
        answer = cli("history", "show", "1", "--data-dir", data).stdout
        told = "".join(t["text"] for t in tokens if t["phase"] == "decode" and "text" in t)
        self.assertGreater(len(told), 5)
        self.assertIn(told.strip(), answer)
        self.fails("stats", "--conversation", "1", "--answer", "3", "--data-dir", data, says="has 2 answers")
        self.fails("stats", "--conversation", "9", "--data-dir", data, says="9")
        self.fails("stats", "--message", "1", "--data-dir", data, says="no routing")

    def test_plots(self):
        first = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}
        for view in ("tokens", "layers", "balance", "shared", "coactivation", "flow"):
            for extension, magic in first.items():
                out = self.path(view + extension)
                self.works("plot", self.trace, "--view", view, "--out", out, "--width", "700", "--height", "420")
                self.assertTrue(read(out).startswith(magic), out)
                self.assertGreater(os.path.getsize(out), 3000)
        png = read(self.path("layers.png"))
        self.assertEqual(struct.unpack(">II", png[16:24]), (700, 420))
        svg = read(self.path("layers.svg")).decode()
        self.assertIn("data:image/png;base64", svg)  # the cells
        self.assertIn("<use", svg)  # letters
        r = self.works("plot", self.trace, "--view", "compare", "--with", self.trace, "--out", self.path("c.png"), "--dark")
        self.assertEqual(r.stdout, self.path("c.png") + "\n")
        self.works("plot", self.trace, "--view", "tokens", "--layer", "2", "--metric", "probability", "--scale", "log",
                   "--map", "magma", "--mean", "--first", "3", "--count", "5", "--out", self.path("z.png"))

    def test_wrong_use(self):
        self.fails(says="subcommand", code=2)
        self.fails("stats", says="FILE", code=2)
        self.fails("plot", self.trace, says="--out", code=2)
        self.fails("plot", self.trace, "--view", "rainbow", "--out", "x.png", says="--view", code=2)
        self.fails("plot", self.trace, "--out", "x.bmp", says=".svg")
        self.fails("plot", self.trace, "--layer", "99", "--view", "coactivation", "--out", self.path("x.png"), says="--layer 99")
        self.fails("plot", self.trace, "--metric", "beauty", "--out", self.path("x.png"), says="relative_load")
        self.fails("plot", self.trace, "--view", "tokens", "--first", "9999", "--out", self.path("x.png"), says="--first 9999")
        self.fails("plot", self.trace, "--view", "compare", "--out", self.path("x.png"), says="--with")
        self.fails("stats", self.path("none"), says="none")
        self.fails("plot", self.trace, "--out", self.path("no/such.svg"), says="no/such.svg")
        self.fails("stats", self.folder, says="expert_weights_N")
        self.fails("stats", self.write("x.txt", "hello"), says="not a trace")
        self.fails("stats", self.trace, "--from", "csv", says="route_trace")
        self.fails("export", self.trace, "--out", self.path("x.txt"), says=".safetensors")
        self.fails("export", self.trace, "--to", "vllm", "--out", self.path("x.json"), says="only be read")
        self.fails("import", self.trace, says="--out")
        self.fails("import", self.trace, "--out", self.path("x.csv"), says="trace export")
        self.assertEqual(os.listdir(self.folder), ["x.txt"])  # nothing half written


class Data(Folder):
    def test_esft_data(self):
        if not os.path.isdir(ESFT):
            self.skipTest(f"there is no {ESFT}")
        for name in ("law", "intent"):
            with tarfile.open(os.path.join(ESFT, name + ".tar.xz")) as archive:
                archive.extractall(self.folder)
            with open(self.path(name + "/summary.json")) as f:
                summary = json.load(f)
            stats = json.loads(self.works("stats", self.path(name), "--json").stdout)
            for scores in ("token_scores", "gate_scores"):
                self.assertEqual(stats[scores], summary[scores], f"{name}: {scores}")
            self.assertEqual(len(stats["layers"]), 26)
            self.assertEqual((stats["experts"], stats["top_k"]), (64, 6))
        out = self.path("compare.png")
        self.works("plot", self.path("law"), "--view", "compare", "--with", self.path("intent"), "--out", out)
        self.assertGreater(os.path.getsize(out), 10000)


result = unittest.main(argv=[sys.argv[0], *sys.argv[4:]], exit=False).result
if result.testsRun > 0 and len(result.skipped) == result.testsRun:
    sys.exit(77)
sys.exit(not result.wasSuccessful())
