#!/usr/bin/env python3
"""Variants of traces in every format, measured and converted: refused with a sentence, or read; and what is written can
be read again.

trace_variants.py MOESCOPE_CLI [--count N] [--seed N] [--keep FOLDER]
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import variants

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEMO = SOURCE / "resources/demo-model/moescope-demo.gguf"
DATA = SOURCE / "tests/data/traces"
BINARY = (".npy", ".npz", ".safetensors")

# What was written must be read: another code than that of a refusal says that it was not.
AGAIN = '"$0" trace import "$1" --out "$2/t.{0}" || exit 1; "$0" trace stats "$2/t.{0}" --json >&2 || exit 9'
OTHERS = ('"$0" trace import "$1" --out "$2/t.jsonl" || exit 1; '
          'for f in csv npy npz; do "$0" trace export "$2/t.jsonl" --out "$2/o.$f" || continue; '
          '"$0" trace stats "$2/o.$f" >/dev/null || exit 9; done')


def main():
    options = variants.arguments(__doc__.splitlines()[0], 1000)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        own = os.path.join(folder, "own.safetensors")
        subprocess.run([options.program, "run", str(DEMO), "--prompt", "What is a router?", "--max-tokens", "4", "--trace",
                        own], check=True, stdout=subprocess.DEVNULL)
        for name in ("own.jsonl", "own.csv", "own.npz", "own.npy"):
            subprocess.run([options.program, "trace", "export", own, "--out", os.path.join(folder, name)], check=True,
                           stdout=subprocess.DEVNULL)
        seeds = [p for p in pathlib.Path(folder).iterdir() if p.is_file()]
        seeds += [p for p in DATA.rglob("*") if p.is_file()]
        esft = os.path.join(folder, "esft")
        subprocess.run([options.program, "trace", "export", own, "--to", "esft", "--out", esft], check=True,
                       stdout=subprocess.DEVNULL)
        seeds += [shutil.copy(os.path.join(esft, "expert_weights_1.txt"), os.path.join(folder, "esft.txt"))]
        seeds = [pathlib.Path(p) for p in seeds]
        commands = [[options.program, "trace", "stats", "{}"],
                    ["sh", "-c", AGAIN.format("safetensors"), options.program, "{}", "{dir}"],
                    ["sh", "-c", OTHERS, options.program, "{}", "{dir}"]]
        failures = []
        for kind, share in (("binary", 2), ("text", 3)):
            of_kind = [p for p in seeds if (p.suffix in BINARY) == (kind == "binary")]
            failures += variants.attack(of_kind, commands, options.count * share // 5, options.seed, kind, options.keep)
    variants.finish(failures)


if __name__ == "__main__":
    sys.exit(main())
