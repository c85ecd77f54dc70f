#!/usr/bin/env python3
"""What is said of models before they are loaded. If these fail, `info` or the README tells people that a model is what it
is not, or that it needs other memory than it takes, or a long context ends the program on a small machine.

test_model_facts.py MOESCOPE_CLI SOURCE_DIR SHARED
"""
import glob
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

CLI, SOURCE, SHARED = sys.argv[1:4]
DATA = os.path.join(SOURCE, "tests/data")

# name: architecture, attention, latent, layers, dense, experts, used, shared, groups, groups used, scores, bias, context
GOLDEN = {
    "tiny-moe": ("deepseek", "MHA", 0, 4, 1, 8, 3, 2, 1, 1, "softmax", False, 512),
    "tiny-gqa": ("deepseek", "GQA", 0, 4, 1, 8, 3, 2, 1, 1, "softmax", False, 2048),
    "tiny-mla": ("deepseek2", "MLA", 32, 27, 1, 8, 3, 2, 1, 1, "softmax", False, 2048),
    "tiny-mla-qlora": ("deepseek2", "MLA", 32, 5, 1, 8, 3, 2, 1, 1, "softmax", False, 2048),
    "tiny-v2-groups": ("deepseek2", "MLA", 32, 4, 1, 16, 4, 2, 4, 2, "softmax", False, 2048),
    "tiny-v3": ("deepseek2", "MLA", 32, 6, 3, 16, 4, 1, 4, 2, "sigmoid", True, 4096),
    "tiny-moonlight": ("deepseek2", "MLA", 32, 5, 1, 12, 3, 2, 1, 1, "sigmoid", True, 1024),
    "tiny-moonlight-tied": ("deepseek2", "MLA", 32, 5, 1, 12, 3, 2, 1, 1, "sigmoid", True, 1024),
    "tiny-glm-flash": ("deepseek2", "MLA", 32, 5, 1, 16, 4, 1, 1, 1, "sigmoid", True, 2048),
}


def cli(*arguments, stdin=""):
    return subprocess.run([CLI, *arguments], input=stdin, capture_output=True, text=True, timeout=120)


def golden_models():
    patterns = (DATA + "/tiny-moe", DATA + "/family/*", SHARED + "/golden/tiny-*")
    for folder in sorted({path for pattern in patterns for path in glob.glob(pattern)}):
        if os.path.exists(folder + "/model.gguf"):
            yield os.path.basename(folder), folder + "/model.gguf"


def string(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def wide_model(path):
    """A model of zeros, some megabytes large, whose own context would take more than a terabyte."""
    hidden, heads, dim, layers, context = 32, 16, 1024, 4, 1 << 22
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]  # bytes that byte-level BPE writes as themselves
    letters = [chr(c) for c in plain] + [chr(256 + i) for i in range(256 - len(plain))] + ["ab", "<bos>", "<eos>"]
    keys = [("general.architecture", "deepseek"), ("tokenizer.ggml.model", "gpt2"),
            ("tokenizer.ggml.pre", "deepseek-llm"), ("tokenizer.ggml.tokens", letters),
            ("tokenizer.ggml.token_type", [1] * (len(letters) - 2) + [3, 3]), ("tokenizer.ggml.merges", ["a b"]),
            ("tokenizer.ggml.bos_token_id", len(letters) - 2), ("tokenizer.ggml.eos_token_id", len(letters) - 1)]
    keys += [("deepseek." + key, value) for key, value in {
        "block_count": layers, "leading_dense_block_count": 0, "embedding_length": hidden,
        "attention.head_count": heads, "attention.key_length": dim, "attention.value_length": dim,
        "rope.dimension_count": 64, "attention.layer_norm_rms_epsilon": 1e-6, "feed_forward_length": hidden,
        "expert_feed_forward_length": hidden, "expert_count": 2, "expert_used_count": 1, "expert_shared_count": 0,
        "context_length": context}.items()]
    tensors = [("token_embd.weight", [hidden, len(letters)], 0), ("output_norm.weight", [hidden], 0)]
    for i in range(layers):
        b = "blk.%d." % i
        tensors += [(b + "attn_norm.weight", [hidden], 0), (b + "ffn_norm.weight", [hidden], 0),
                    (b + "ffn_gate_inp.weight", [hidden, 2], 0), (b + "attn_output.weight", [heads * dim, hidden], 1)]
        tensors += [(b + "attn_%s.weight" % x, [hidden, heads * dim], 1) for x in "qkv"]
        tensors += [(b + "ffn_%s_exps.weight" % x, [hidden, hidden, 2], 0) for x in ("gate", "up", "down")]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys))
    for key, value in keys:
        head += string(key)
        if isinstance(value, str):
            head += struct.pack("<I", 8) + string(value)
        elif isinstance(value, float):
            head += struct.pack("<If", 6, value)
        elif isinstance(value, int):
            head += struct.pack("<II", 4, value)
        elif isinstance(value[0], str):
            head += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(string, value))
        else:
            head += struct.pack("<IIQ", 9, 5, len(value)) + struct.pack("<%di" % len(value), *value)
    size = 0
    for name, dims, kind in tensors:
        head += string(name) + struct.pack("<I%dQ" % len(dims), len(dims), *dims) + struct.pack("<IQ", kind, size)
        count = 1
        for n in dims:
            count *= n
        size += (count * (2 if kind == 1 else 4) + 31) // 32 * 32
    with open(path, "wb") as f:
        f.write(head + b"\0" * (-len(head) % 32))
        f.truncate(f.tell() + size)


class ModelFacts(unittest.TestCase):
    def test_info_says_what_each_golden_model_is(self):
        seen = set()
        for name, path in golden_models():
            with self.subTest(name):
                r = cli("info", path, "--json")
                self.assertEqual(r.returncode, 0, r.stderr)
                info = json.loads(r.stdout)
                found = tuple(info[key] for key in (
                    "architecture", "attention", "latent", "layers", "dense_layers", "experts", "experts_used",
                    "shared_experts", "expert_groups", "expert_groups_used", "scores", "selection_bias",
                    "context_length"))
                self.assertEqual(found, GOLDEN[name])
                memory = info["memory"]
                self.assertEqual([c["context"] for c in memory["contexts"]], [info["context_length"]])
                self.assertEqual(info["files"], 1)
                self.assertEqual(info["file_bytes"], os.path.getsize(path))
                text = cli("info", path).stdout
                self.assertIn(info["attention"], text)
                self.assertIn("F32", text)
                self.assertEqual("groups " in text, info["expert_groups"] > 1, text)
                self.assertEqual("score plus a bias" in text, info["selection_bias"], text)
                seen.add(name)
        self.assertTrue({"tiny-moe", "tiny-gqa", "tiny-v2-groups", "tiny-v3", "tiny-glm-flash"} <= seen)

    def test_the_readme_has_what_the_planner_computes(self):
        table = cli("models", "needs", "--markdown").stdout
        self.assertGreater(table.count("\n"), 6)
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as f:
            readme = f.read()
        self.assertIn(table, readme, "the README's table of models is to be what `models needs --markdown` prints")

    def test_what_published_models_need(self):
        models = {m["names"].split(",")[0]: m for m in json.loads(cli("models", "needs", "--json").stdout)}
        lite, v3 = models["DeepSeek-V2-Lite"], models["DeepSeek-V3"]
        self.assertEqual(lite["cache_bytes_per_token"], 27 * 576 * 2)
        self.assertEqual((v3["experts"], v3["experts_used"], v3["expert_groups"]), (256, 8, 8))
        # As their makers count.
        for name, parameters, active in (("DeepSeekMoE 16B Base", 16.4e9, 2.8e9), ("DeepSeek-V2-Lite", 15.7e9, 2.4e9),
                                         ("Moonlight-16B-A3B", 16e9, 3e9), ("DeepSeek-V2", 236e9, 21e9),
                                         ("DeepSeek-V3", 671e9, 37e9)):
            with self.subTest(name):
                self.assertAlmostEqual(models[name]["parameters"] / parameters, 1, delta=0.03)
                self.assertAlmostEqual(models[name]["active_parameters"] / active, 1, delta=0.15)
        for model in models.values():
            for need in model["needs"].values():
                self.assertGreater(need["memory_bytes"], need["file_bytes"])
        longer = {m["names"].split(",")[0]: m for m in json.loads(cli("models", "needs", "--json", "-c", "32768").stdout)}
        more = longer["DeepSeek-V2-Lite"]["needs"]["Q8_0"]["memory_bytes"] - lite["needs"]["Q8_0"]["memory_bytes"]
        self.assertGreaterEqual(more, (32768 - 8192) * lite["cache_bytes_per_token"])

    def test_a_context_that_nobody_chose_is_as_long_as_fits(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "wide.gguf")
            wide_model(path)
            info = json.loads(cli("info", path, "--json").stdout)
            fitting = [c["context"] for c in info["memory"]["contexts"] if c["fits"]]
            if not fitting:
                self.skipTest("this machine has no room for the shortest context")
            for command in (("run", path, "--prompt", "a", "--raw", "-n", "1"), ("chat", path, "--no-history")):
                with self.subTest(command[0]):
                    r = cli(*command, "--backend", "cpu")
                    self.assertEqual(r.returncode, 0, r.stderr)
                    said = re.search(r"The context is (\d+) tokens: there is not enough memory for the model's own "
                                     "4194304\\.", r.stderr)
                    self.assertTrue(said, r.stderr)
                    self.assertLessEqual(int(said[1]), max(fitting))
                    self.assertNotIn("not enough memory", cli(*command, "--backend", "cpu", "-c", "256").stderr)


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0]], verbosity=1))
