#!/usr/bin/env python3
"""Damaged and hostile model files: `info`, `tokenize` and `run` say one sentence or work.

gguf_variants.py MOESCOPE_CLI [--count N] [--seed N] [--keep FOLDER]
"""
import pathlib

import variants

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"

if __name__ == "__main__":
    options = variants.arguments(__doc__, 3000).parse_args()
    variants.finish(variants.attack(
        [DATA / "tiny-moe/model.gguf", *(DATA / "gguf").glob("*.gguf")],
        [[options.program, "info", "{}"],
         [options.program, "tokenize", "{}", "--text", "Hello, 世界"],
         [options.program, "run", "{}", "--raw", "--prompt", "a", "-n", "2", "-c", "64", "-t", "2"]],
        options.count, options.seed, "binary", options.keep))
