#!/usr/bin/env python3
"""Runs two benchmarks alternately and prints the medians of their figures and of the ratios within pairs.

  bench_pairs.py [--rounds N] COMMAND_A COMMAND_B

A command is one argument, as for a shell, and prints the JSON of `moescope-cli bench --json` or of llama.cpp's
`llama-bench -o json`. Alternating pairs, since a machine's speed drifts by more than what is to be seen.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys


def figures(command):
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command}: exit status {done.returncode}: {done.stderr.strip()[-300:]}")
    result = json.loads(done.stdout)
    if isinstance(result, dict):
        return {
            key: result[key]
            for key in ("prefill_tokens_per_s", "decode_tokens_per_s", "decode_bandwidth_share", "logits_hash")
        }
    rates = {}
    for test in result:  # llama-bench: a list with one test each
        key = "prefill_tokens_per_s" if test["n_prompt"] else "decode_tokens_per_s"
        rates[key] = test["avg_ts"]
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("a")
    parser.add_argument("b")
    args = parser.parse_args()
    pairs = []
    for i in range(args.rounds):
        pairs.append((figures(args.a), figures(args.b)))
        print(f"{i + 1}/{args.rounds} {pairs[-1]}", file=sys.stderr, flush=True)
    for key in pairs[0][0]:
        a, b = [p[0][key] for p in pairs], [p[1].get(key) for p in pairs]
        if key == "logits_hash":
            print(f"{key}: {'equal' if len(set(a) | set(b) - {None}) == 1 else 'DIFFERENT'}")
        elif None in b:
            print(f"{key}: A {statistics.median(a):.4g}")
        else:
            ratio = statistics.median(x / y for x, y in zip(a, b))
            print(f"{key}: A {statistics.median(a):.4g}, B {statistics.median(b):.4g}, A / B {ratio:.4f}")


if __name__ == "__main__":
    main()
