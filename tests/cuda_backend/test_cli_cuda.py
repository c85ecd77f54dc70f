#!/usr/bin/env python3
"""The command line with a plug-in whose GPU is pretended.

test_cli_cuda.py MOESCOPE_CLI SOURCE_DIR PLUGIN_DIR
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

CLI, SOURCE, PLUGINS = sys.argv[1:4]
TINY = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
ENVIRONMENT = dict(os.environ, MOESCOPE_PLUGINS=PLUGINS, XDG_DATA_HOME=tempfile.mkdtemp())
QUESTION = ("run", TINY, "--raw", "--prompt", "the answer", "--max-tokens", "6", "--temperature", "0", "--kv", "f32")


def cli(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=300, env=ENVIRONMENT)


class WithACard(unittest.TestCase):
    def test_info_lists_the_card(self):
        cuda = json.loads(cli("info", "--json").stdout)["machine"]["cuda"]
        self.assertTrue(cuda["usable"])
        self.assertEqual([c["device"] for c in cuda["cards"]], [0])
        self.assertEqual(cuda["cards"][0]["name"], "Emulated GPU")
        self.assertIn("GPU 0", cli("info").stdout)

    def test_answers_are_those_of_the_processor(self):
        on_cpu = cli(*QUESTION, "--backend", "cpu")
        on_card = cli(*QUESTION, "--backend", "cuda")
        self.assertEqual((on_card.returncode, on_card.stderr), (0, ""))
        self.assertEqual(on_card.stdout, on_cpu.stdout)
        self.assertEqual(cli(*QUESTION).stdout, on_cpu.stdout)

    def test_little_of_the_card_may_be_used(self):
        r = cli(*QUESTION, "--backend", "cuda", "--gpu-memory", "1MB")
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertIn("the model needs", r.stderr)
        r = cli(*QUESTION, "--gpu-memory", "0.9 MB")
        self.assertEqual(r.returncode, 0)
        self.assertIn("Computing on the CPU.", r.stderr)

    def test_a_card_that_is_not_there(self):
        r = cli(*QUESTION, "--backend", "cuda", "--device", "3")
        self.assertEqual(r.returncode, 1)
        self.assertIn("There is no GPU 3", r.stderr)

    def test_bench_says_where(self):
        r = cli("bench", TINY, "--backend", "cuda", "-p", "8", "-n", "2", "--json")
        self.assertEqual(r.returncode, 0, r.stderr)
        result = json.loads(r.stdout)
        self.assertEqual(result["backend"], "CUDA (Emulated GPU)")
        self.assertIn("whole model", result["placement"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
