#!/usr/bin/env python3
"""Asks the held-out questions, and prints and writes accuracy by domain and the experts' load.

  evaluate.py --torch CHECKPOINT --tokenizer TOKENIZER.model [--out evaluation.json]
  evaluate.py --cli PATH/moescope-cli --model moescope-demo.gguf [--out evaluation.json]

Exit status 1 if a target is missed: 90 % in every domain, the relative load of every expert within 0.1..6,
domains that differ by at least 3 times what random halves of one domain differ by.
With --newcomers it then asks the questions of those files (newcomers.jsonl and its like), whose answers are right, declined
or wrong: an answer is right if it holds the question's pattern, or declines what the model was not taught; declined if it
declines what it was; wrong otherwise. At most 5 % of a file may be wrong. A refusal counts only to the letter
(domains/refusals.py). With --basics it asks those questions (basics.jsonl), all of which must be answered rightly.
Relative load: c_e N / (K T) over the questions and answers, in a layer; 1 is balanced.
Divergence: the Jensen-Shannon divergence (bits; 0 same, 1 disjoint) of two domains' load distributions in a
layer, averaged over pairs of domains and layers; beside it the same for random halves of one domain.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np

from checks import Newcomer, correct, grade, load_items, load_newcomers
from domains.base import Item

HERE = Path(__file__).resolve().parent
MIN_ACCURACY, LOAD_RANGE, MIN_DIVERGENCE_RATIO = 0.9, (0.1, 6.0), 3.0
MAX_WRONG = 0.05


def read_experts(path: Path) -> np.ndarray:
    """The experts of a trace as .safetensors: (layers, tokens, k), -1 where fewer ran."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
    layers = []
    for name in sorted((n for n in header if n.endswith(".experts")), key=lambda n: int(n.split(".")[1])):
        begin, end = header[name]["data_offsets"]
        layers.append(np.frombuffer(body[begin:end], "<i4").reshape(header[name]["shape"]))
    return np.stack(layers)


def ask_cli(cli: Path, model: Path, items: list[Item], max_tokens: int) -> tuple[list[str], np.ndarray]:
    """Replies, and how often each expert ran: (questions, layers, experts)."""
    info = json.loads(subprocess.run([cli, "info", model, "--json"], capture_output=True, check=True).stdout)
    experts = info["experts"]

    def ask(item: Item) -> tuple[str, np.ndarray]:
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder) / "trace.safetensors"
            command = [str(cli), "run", str(model), "--prompt", item.question, "--max-tokens", str(max_tokens)]
            command += ["--temperature", "0", "--threads", "1", "--trace", str(trace)]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
            if done.returncode:
                sys.exit(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr.strip()[-300:]}")
            chosen = read_experts(trace)
        counts = np.stack([np.bincount(c[c >= 0], minlength=experts) for c in chosen])
        return done.stdout.strip(), counts

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        replies, counts = zip(*pool.map(ask, items))
    return list(replies), np.stack(counts).astype(np.float32)


def ask_torch(
    checkpoint: Path, tokenizer_path: Path, items: list[Item], max_tokens: int
) -> tuple[list[str], np.ndarray]:
    """Replies, and how often each expert ran: (questions, layers, experts)."""
    import torch

    from ask import answers
    from tokenizer import Tokenizer
    from train import load_model

    model, _ = load_model(checkpoint)
    model.eval()
    tokenizer = Tokenizer(tokenizer_path)
    counts = torch.zeros(len(items), len(model.moes), model.c.experts + 1)
    replies: list[str] = []
    for start in range(0, len(items), 64):
        part = items[start : start + 64]

        def observe(layer: int, chosen: torch.Tensor) -> None:
            flat = chosen.flatten(1) + 1  # column 0 gathers what is to be left out
            counts[start : start + len(part), layer].scatter_add_(
                1, flat, torch.ones_like(flat, dtype=torch.float32)
            )

        replies += answers(model, tokenizer, [item.question for item in part], max_tokens, observe)
    return replies, counts[..., 1:].numpy()


def divergence(a: np.ndarray, b: np.ndarray) -> float:
    """Mean over layers of the Jensen-Shannon divergence in bits of two loads (layers, experts)."""
    p, q = a / a.sum(1, keepdims=True).clip(1), b / b.sum(1, keepdims=True).clip(1)
    m = (p + q) / 2

    def kl(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x * np.log2(np.where(x > 0, x, 1) / np.where(m > 0, m, 1)), 0).sum(1)

    return float(((kl(p) + kl(q)) / 2).mean())


def routing_figures(items: list[Item], counts: np.ndarray) -> dict:
    domains = list(dict.fromkeys(item.domain for item in items))
    rows = {d: [i for i, item in enumerate(items) if item.domain == d] for d in domains}
    loads = {d: counts[rows[d]].sum(0) for d in domains}
    # every domain weighs the same, however long its answers are
    even = sum(load / load.sum(1, keepdims=True) for load in loads.values()) / len(domains)
    relative = even * counts.shape[2]
    between = [divergence(loads[a], loads[b]) for a, b in itertools.combinations(domains, 2)]
    rng, within = Random(1), []
    for d in domains:
        for _ in range(10):
            order = rng.sample(rows[d], len(rows[d]))
            half = len(order) // 2
            within.append(divergence(counts[order[:half]].sum(0), counts[order[half:]].sum(0)))
    top = {d: [[int(e), round(float(x), 2)] for e, x in top_experts(loads[d])] for d in domains}
    return {
        "relative_load": [[round(float(x), 3) for x in layer] for layer in relative],
        "relative_load_min": round(float(relative.min()), 3),
        "relative_load_max": round(float(relative.max()), 3),
        "divergence_between_domains": round(float(np.mean(between)), 4),
        "divergence_within_domain": round(float(np.mean(within)), 4),
        "top_experts_of_last_layer": top,
    }


def top_experts(load: np.ndarray) -> list[tuple[int, float]]:
    relative = load[-1] / load[-1].mean()
    return [(e, relative[e]) for e in np.argsort(-relative)[:4]]


def newcomer_figures(asked: list[Newcomer], replies: list[str]) -> dict:
    """Counts of grades, over all and by kind, and every answer that is not right."""
    grades = [grade(a, r) for a, r in zip(asked, replies)]
    names = ("right", "declined", "wrong")
    kinds = dict.fromkeys(a.kind for a in asked)
    return {
        "asked": len(asked),
        **{name: grades.count(name) for name in names},
        "by_kind": {
            k: {n: sum(g == n for a, g in zip(asked, grades) if a.kind == k) for n in names} for k in kinds
        },
        "not_right": [
            {"question": a.question, "grade": g, "answer": r} for a, g, r in zip(asked, grades, replies) if g != "right"
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--torch", type=Path, metavar="CHECKPOINT")
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--cli", type=Path)
    parser.add_argument("--model", type=Path, default=HERE / "moescope-demo.gguf")
    parser.add_argument("--heldout", type=Path, default=HERE / "heldout.jsonl")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--max-tokens", type=int, default=160)
    parser.add_argument("--limit", type=int, help="only so many questions a domain")
    parser.add_argument("--show-wrong", action="store_true")
    parser.add_argument("--newcomers", type=Path, nargs="+", default=[], help="also ask these questions: newcomers.jsonl")
    parser.add_argument("--basics", type=Path, help="also ask these questions, which must all be right: basics.jsonl")
    parser.add_argument("--transcript", type=Path, help="write all questions of newcomers, and the basics, with answers and grades")
    args = parser.parse_args()
    if bool(args.torch) == bool(args.cli) or (args.torch and not args.tokenizer):
        parser.error("give either --torch with --tokenizer, or --cli")

    items = load_items(args.heldout)
    if args.limit:
        seen: dict[str, int] = {}
        items = [
            i
            for i in items
            if seen.setdefault(i.domain, 0) < args.limit and not seen.update({i.domain: seen[i.domain] + 1})
        ]
    result: dict = {"engine": "torch" if args.torch else "cli", "questions": len(items)}
    if args.torch:
        replies, counts = ask_torch(args.torch, args.tokenizer, items, args.max_tokens)
    else:
        replies, counts = ask_cli(args.cli, args.model, items, args.max_tokens)
    routing = routing_figures(items, counts)
    right: dict[str, list[bool]] = {}
    for item, reply in zip(items, replies):
        ok = correct(item, reply)
        right.setdefault(item.domain, []).append(ok)
        if args.show_wrong and not ok:
            print(f"[{item.domain}] {item.question!r}\n   got  {reply!r}\n   want {item.want!r}")
    result["accuracy"] = {
        d: {"right": sum(r), "asked": len(r), "share": round(sum(r) / len(r), 4)} for d, r in right.items()
    }
    for domain, a in result["accuracy"].items():
        print(f"{domain:12} {a['right']:3}/{a['asked']:<3} {100 * a['share']:6.1f} %")
    good = all(a["share"] >= MIN_ACCURACY for a in result["accuracy"].values())
    result["routing"] = routing
    print(
        f"relative load {routing['relative_load_min']} to {routing['relative_load_max']}; divergence"
        f" between domains {routing['divergence_between_domains']}, within a domain"
        f" {routing['divergence_within_domain']}"
    )
    good &= LOAD_RANGE[0] <= routing["relative_load_min"] and routing["relative_load_max"] <= LOAD_RANGE[1]
    good &= routing["divergence_between_domains"] >= MIN_DIVERGENCE_RATIO * routing["divergence_within_domain"]
    transcript: list[str] = []
    for path in [*args.newcomers, *([args.basics] if args.basics else [])]:
        asked = load_newcomers(path)
        questions = [Item(path.stem, a.question, "") for a in asked]
        if args.torch:
            replies, _ = ask_torch(args.torch, args.tokenizer, questions, args.max_tokens)
        else:
            replies, _ = ask_cli(args.cli, args.model, questions, args.max_tokens)
        result[path.stem] = figures = newcomer_figures(asked, replies)
        print(
            f"{path.stem}: {figures['right']} right, {figures['declined']} declined, {figures['wrong']} wrong of {len(asked)}"
        )
        good &= figures["right"] == len(asked) if path == args.basics else figures["wrong"] <= MAX_WRONG * len(asked)
        transcript += [f"{grade(a, r)}\t{path.stem}\t{a.kind}\t{a.question!r}\t{r!r}\n" for a, r in zip(asked, replies)]
    if args.transcript:
        args.transcript.write_text("".join(transcript), encoding="utf-8")
    result["targets_met"] = good
    if args.out:
        args.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("targets met" if good else "targets MISSED")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
