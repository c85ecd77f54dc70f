#!/usr/bin/env python3
"""Every metric of engine/routing/metrics.h against numpy, within 1e-6.

compare_metrics.py PRINT_METRICS SOURCE_DIR

The formulas are written down here a second time, from the papers and on dense arrays: chosen (T, N) of 0 and 1, gates
and probabilities (T, N). Traces are random ones with everything, with tokens that lack a record, and with ids only; and
what the tiny model's reference says.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(77)

PRINT, SOURCE = sys.argv[1], sys.argv[2]
N, K, RUNNERS, LEAST = 24, 4, 2, 5
TYPES = {"<f4": "F32", "<i4": "I32", "|u1": "U8"}


def write_safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, array in tensors.items():
        array = np.ascontiguousarray(array)
        header[name] = {"dtype": TYPES[array.dtype.str], "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + data)


def read_safetensors(path):
    raw = open(path, "rb").read()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + size])
    types = {v: k for k, v in TYPES.items()}
    return {n: np.frombuffer(raw[8 + size:][t["data_offsets"][0]:t["data_offsets"][1]], types[t["dtype"]])
            .reshape(t["shape"]) for n, t in header.items() if n != "__metadata__" and t["dtype"] in types}


def random_trace(rng, tokens, layers, gaps):
    """Records of a router with skewed experts; `gaps`: some tokens choose fewer than K, some none at all."""
    tensors = {"tokens": rng.integers(0, 12, tokens).astype("<i4"),
               "positions": (np.arange(tokens) % 37).astype("<i4"),
               "phases": (np.arange(tokens) > tokens // 2).astype("|u1")}
    for l in range(1, layers + 1):
        logits = rng.normal(size=(tokens, N)) + np.linspace(0, 3, N)[rng.permutation(N)]
        p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        order = np.argsort(-p, 1)
        rows = np.take_along_axis(p, order, 1).astype("<f4")
        experts, gates, probabilities = order[:, :K].astype("<i4"), rows[:, :K] * np.float32(1.5), rows[:, :K].copy()
        runners, runner_p = order[:, K:K + RUNNERS].astype("<i4"), rows[:, K:K + RUNNERS].copy()
        norms = rng.uniform(0.1, 3, (2, tokens)).astype("<f4")
        norms[1, rng.random(tokens) < 0.05] = 0
        if gaps:
            for t in range(tokens):
                count = rng.choice([0, 1, K - 1, K], p=[0.1, 0.1, 0.2, 0.6])
                experts[t, count:], gates[t, count:], probabilities[t, count:] = -1, 0, 0
                if count == 0:
                    runners[t], runner_p[t], norms[:, t] = -1, 0, 0
        tensors |= {f"layers.{l}.experts": experts, f"layers.{l}.gates": gates,
                    f"layers.{l}.probabilities": probabilities, f"layers.{l}.runners_up": runners,
                    f"layers.{l}.runner_up_probabilities": runner_p, f"layers.{l}.shared_norm": norms[0],
                    f"layers.{l}.routed_norm": norms[1]}
    return tensors


def zero_divide(a, b):
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b != 0)


class Layer:
    """One layer of a trace as dense arrays, of some tokens."""

    def __init__(self, tensors, layer, tokens, n):
        get = lambda part: tensors.get(f"layers.{layer}.{part}")
        self.experts = get("experts")[tokens]
        t, rows = len(self.experts), np.arange(len(self.experts))[:, None]
        real = self.experts >= 0
        self.count = real.sum(1)
        self.known = self.count > 0

        def dense(values):
            wide = np.zeros((t, n + 1))  # the last column takes what is no expert
            if values is not None:
                wide[rows, np.where(real, self.experts, n)] = np.where(real, values[tokens], 0)
            return wide[:, :n]

        self.chosen = dense(np.ones_like(get("experts"), float))
        self.gates = dense(get("gates"))
        self.has_gates = get("gates") is not None
        self.p = dense(get("probabilities"))
        self.has_p = get("probabilities") is not None
        self.has_runners = get("runners_up") is not None
        self.runners = get("runners_up")[tokens] if self.has_runners else np.full((t, RUNNERS), -1)
        self.runner_p = get("runner_up_probabilities")[tokens].astype(float) if self.has_runners else np.zeros((t, RUNNERS))
        norm = lambda part: get(part)[tokens].astype(float) if get(part) is not None else np.zeros(t)
        self.shared, self.routed = norm("shared_norm"), norm("routed_norm")


def entropy(p):
    p = p[p > 0]
    return -(p * np.log(p)).sum()


def expected(tensors, other, layer, next_layer, begin, end, n):
    s = slice(begin, end)
    a, b, after = (Layer(x, l, s, n) for x, l in ((tensors, layer), (other, layer), (tensors, next_layer)))
    c, total_tokens = a.chosen.sum(0), a.known.sum()
    share = zero_divide(c, c.sum())
    every = a.p.copy()
    for i in range(RUNNERS):
        rows = np.nonzero(a.runners[:, i] >= 0)[0]
        np.add.at(every, (rows, a.runners[rows, i]), a.runner_p[rows, i])
    mean_p = zero_divide(every[a.known].sum(0), total_tokens)
    mean = c.mean()
    pairs = a.chosen.T @ a.chosen
    flow = (zero_divide(a.chosen, a.count[:, None])).T @ zero_divide(after.chosen, after.count[:, None])
    positions = tensors.get("positions", np.arange(end))[s]
    both = a.known[:-1] & a.known[1:] & (positions[:-1] + 1 == positions[1:])
    first = both & (a.experts[:-1, 0] == a.experts[1:, 0])
    any_ = both & ((a.chosen[:-1] * a.chosen[1:]).sum(1) > 0)
    common, both_runs = (a.chosen * b.chosen).sum(1), a.known & b.known
    margins = np.zeros(len(a.experts))
    has_margin = (a.runners[:, 0] >= 0) & a.known
    if a.has_p:
        last_p = np.where(a.known, a.p[np.arange(len(a.p)), a.experts[np.arange(len(a.p)), np.maximum(a.count - 1, 0)]], 0)
        margins = np.where(has_margin, last_p - a.runner_p[:, 0], 0)
    gate_entropies = []
    for g, k in zip(a.gates, a.count):
        gate_entropies.append(0 if g.sum() <= 0 else 1 if k == 1 else entropy(g / g.sum()) / math.log(k))
    ids = tensors.get("tokens")
    vocabulary = {"input": [], "next": []}
    for name, ahead in (("input", 0), ("next", 1)):
        if ids is None:
            continue
        for x in sorted(set(ids.tolist())):
            rows = [t for t in range(begin, end) if t + ahead < len(ids) and ids[t + ahead] == x and a.known[t - begin]]
            if len(rows) >= LEAST:
                shares = a.chosen[[t - begin for t in rows]].mean(0)
                vocabulary[name].append({"token": x, "count": len(rows), "shares": shares.tolist()})
    q = zero_divide(b.chosen.sum(0), b.chosen.sum())
    m = (share + q) / 2
    js = sum((np.where(d > 0, d * np.log2(np.where(d > 0, d, 1) / np.where(m > 0, m, 1)), 0)).sum() / 2 for d in (share, q))
    return {
        "counts": c, "load": share, "gate_mass": zero_divide(a.gates.sum(0), total_tokens),
        "relative_load": share * n, "mean_probabilities": mean_p, "balance_loss": (share * n * mean_p).sum(),
        "jain": c.sum() ** 2 / (n * (c ** 2).sum()), "max_violation": c.max() / mean - 1, "variation": c.std() / mean,
        "entropy": entropy(share) / math.log(n), "never_chosen": np.nonzero(c == 0)[0],
        "top_experts": [e for e in np.lexsort((np.arange(n), -c)) if c[e] > 0][:5],
        "co_activation": zero_divide(pairs, np.diag(pairs)[:, None]).ravel(), "flow": flow.ravel(),
        "repetition": [zero_divide(first.sum(), both.sum()), zero_divide(any_.sum(), both.sum())],
        "agreement": (common / np.maximum(np.maximum(a.count, b.count), 1))[both_runs].mean(),
        "domain": zero_divide(c, total_tokens), "vocabulary": vocabulary, "margins": margins,
        "gate_entropies": gate_entropies, "shared_ratios": zero_divide(a.shared, a.routed),
        "top1": np.where(a.known, a.experts[:, 0], -1),
        "mean_margin": zero_divide(margins[has_margin].sum(), has_margin.sum()) if a.has_p else 0,
        "norms": [zero_divide(a.shared.sum(), total_tokens), zero_divide(a.routed.sum(), total_tokens),
                  zero_divide(zero_divide(a.shared, a.routed).sum(), (a.routed != 0).sum())],
        "divergence": js,
    }


def numbers(value):
    if isinstance(value, dict):
        return [x for k in sorted(value) for x in numbers(value[k])]
    if isinstance(value, (list, tuple)) or np.ndim(value) > 0:
        return [x for v in value for x in numbers(v)]
    return [float(value)]


def compare(name, got, want):
    worst = 0.0
    assert got.keys() == want.keys(), (name, got.keys() ^ want.keys())
    for key in want:
        x, y = np.array(numbers(got[key])), np.array(numbers(want[key]))
        assert x.shape == y.shape, (name, key, x.shape, y.shape)
        error = np.abs(x - y) / np.maximum(1, np.abs(y))
        assert np.isfinite(x).all() and (error < 1e-6).all(), (name, key, got[key], want[key])
        worst = max([worst, *error.tolist()])
    return worst


def check(name, tensors, other, n):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{x}.safetensors") for x in "ab"]
        for path, content in zip(paths, (tensors, other)):
            write_safetensors(path, content, {"experts": str(n)})
        out = subprocess.run([PRINT, *paths], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    got = json.loads(out.stdout)
    layers = sorted(int(x.split(".")[1]) for x in tensors if x.endswith(".experts"))
    tokens, worst = len(tensors[f"layers.{layers[0]}.experts"]), 0.0
    for i, layer in enumerate(layers):
        next_layer = layers[(i + 1) % len(layers)]
        for part, begin, end in (("layers", 0, tokens), ("part", tokens // 3, tokens - 1)):
            want = expected(tensors, other, layer, next_layer, begin, end, n)
            worst = max(worst, compare(f"{name}, layer {layer}, {part}", got[part][i], want))
    k = tensors[f"layers.{layers[0]}.experts"].shape[1]
    disjoint = math.comb(n - k, k) / math.comb(n, k)
    worst = max(worst, compare(name, {"r": got["random_repetition"]}, {"r": [1 / n, 1 - disjoint]}))
    print(f"{name}: {len(layers)} layers, {tokens} tokens: largest error {worst:.1e}")


def only(tensors, parts):
    return {n: t for n, t in tensors.items() if n.split(".")[-1] in parts}


def main():
    rng = np.random.default_rng(20)
    full = random_trace(rng, 300, 3, gaps=False), random_trace(rng, 300, 3, gaps=False)
    check("everything known", *full, N)
    check("tokens without a record", random_trace(rng, 400, 2, gaps=True), random_trace(rng, 400, 2, gaps=True), N)
    check("ids only", *(only(x, {"experts"}) for x in full), N)
    check("ids and gates", *(only(x, {"experts", "gates", "tokens"}) for x in full), N)
    golden = read_safetensors(os.path.join(SOURCE, "tests/data/tiny-moe/expected.safetensors"))
    golden = {n: t for n, t in golden.items() if n.startswith("layers.") or n == "tokens"}
    experts = json.load(open(os.path.join(SOURCE, "tests/data/tiny-moe/config.json")))["n_routed_experts"]
    check("the tiny model's reference", golden, golden, experts)


main()
