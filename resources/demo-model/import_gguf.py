#!/usr/bin/env python3
"""Reads the demo model's GGUF file back as a checkpoint, so that training can go on from the published weights.

  import_gguf.py moescope-demo.gguf CHECKPOINT

The inverse of export_gguf.py for the files that it writes: Q8_0 matrices become F32 again (each weight is
its scale times its int8), norms and routers are taken as they are. Exporting the result gives the same bytes
of tensor data. The checkpoint holds no optimizer state and counts no steps.
"""

from __future__ import annotations

import argparse
import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch

from export_gguf import ALIGNMENT, F32, Q8_0
from model import Config, Model

SCALARS = {4: "I", 5: "i", 6: "f", 7: "?"}  # GGUF's numbers of the types that export_gguf.py writes


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> Any:
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def string(self) -> str:
        size = self.take("Q")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def value(self, kind: int) -> Any:
        if kind == 8:
            return self.string()
        if kind == 9:
            inner, count = self.take("I"), self.take("Q")
            return [self.value(inner) for _ in range(count)]
        return self.take(SCALARS[kind])


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The file's keys, and its tensors as F32, rows first."""
    reader = Reader(path.read_bytes())
    if reader.data[:4] != b"GGUF":
        raise SystemExit(f"{path}: not a GGUF file")
    reader.at = 8
    tensors, pairs = reader.take("Q"), reader.take("Q")
    keys = {}
    for _ in range(pairs):
        name = reader.string()
        keys[name] = reader.value(reader.take("I"))
    infos = []
    for _ in range(tensors):
        name = reader.string()
        shape = [reader.take("Q") for _ in range(reader.take("I"))][::-1]
        infos.append((name, shape, reader.take("I"), reader.take("Q")))
    start = -(-reader.at // ALIGNMENT) * ALIGNMENT
    found = {}
    for name, shape, kind, offset in infos:
        count, at = int(np.prod(shape)), start + offset
        if kind == F32:
            found[name] = np.frombuffer(reader.data, "<f4", count, at).reshape(shape).copy()
        elif kind == Q8_0:
            blocks = np.frombuffer(reader.data, np.uint8, count // 32 * 34, at).reshape(-1, 34)
            scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
            found[name] = (blocks[:, 2:].view(np.int8) * scale).reshape(shape)
        else:
            raise SystemExit(f"{path}: {name} has the type {kind}, which export_gguf.py does not write")
    return keys, found


def state(c: Config, found: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The parameters of model.py, from GGUF's names."""

    def ffn(source: str, block: str, suffix: str) -> dict[str, np.ndarray]:
        weight = ".weight" if suffix != "_exps" else ""
        gate, up, down = (found[f"{block}ffn_{part}{suffix}.weight"] for part in ("gate", "up", "down"))
        return {
            f"{source}gate_up{weight}": np.concatenate((gate, up), -2),
            f"{source}down{weight}": down,
        }

    out = {
        "embed.weight": found["token_embd.weight"],
        "norm.weight": found["output_norm.weight"],
        "head.weight": found["output.weight"],
    }
    for i in range(c.layers):
        source, block = f"blocks.{i}.", f"blk.{i}."
        for name in ("attn_norm", "ffn_norm"):
            out[f"{source}{name}.weight"] = found[f"{block}{name}.weight"]
        for name in ("q", "k", "v", "output"):
            out[f"{source}attn.{name}.weight"] = found[f"{block}attn_{name}.weight"]
        if i < c.dense_lead:
            out |= ffn(source + "ffn.", block, "")
        else:
            out[f"{source}ffn.router.weight"] = found[block + "ffn_gate_inp.weight"]
            out |= ffn(source + "ffn.", block, "_exps") | ffn(source + "ffn.shared.", block, "_shexp")
    return {name: torch.from_numpy(np.ascontiguousarray(x)) for name, x in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gguf", type=Path)
    parser.add_argument("checkpoint", type=Path)
    args = parser.parse_args()
    keys, found = read(args.gguf)
    config = Config(vocab=keys["deepseek.vocab_size"])
    model = Model(config)
    model.load_state_dict(state(config, found))  # complains of what is missing, too much or misshapen
    torch.save(
        {"config": config.to_dict(), "model": model.state_dict(), "step": 0, "history": []}, args.checkpoint
    )
    print(f"{args.checkpoint}: {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters")


if __name__ == "__main__":
    main()
