#!/usr/bin/env python3
"""Writes a trained checkpoint as a GGUF file (version 3, architecture `deepseek`, matrices in Q8_0).

  export_gguf.py CHECKPOINT TOKENIZER.model OUT.gguf

Layout: header, key-value pairs, tensor infos, padding, tensor data aligned to 32 bytes. Norms and routers
stay F32. The attention rotates neighbour pairs already in training, so that queries and keys need no
permutation.
"""

from __future__ import annotations

import argparse
import math
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO, Iterator

import numpy as np
import sentencepiece as spm
import torch

from model import Config
from tokenizer import BOS, EOS, UNK

ALIGNMENT = 32
F32, Q8_0 = 0, 8  # ggml tensor types
FILE_TYPE_Q8_0 = 7  # llama.cpp's LLAMA_FTYPE_MOSTLY_Q8_0
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6  # token types
# The form of DeepSeekMoE 16B Chat
CHAT_TEMPLATE = (
    "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ 'User: ' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'assistant' %}"
    "{{ 'Assistant: ' + message['content'] + eos_token }}{% elif message['role'] == 'system' %}"
    "{{ message['content'] + '\\n\\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)


def string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, kind: str, value: Any) -> bytes:
    """One key-value pair; kind is a GGUF type's name, in brackets for an array."""
    codes = {"u32": (4, "I"), "i32": (5, "i"), "f32": (6, "f"), "bool": (7, "?"), "str": (8, "")}
    code, form = codes[kind.strip("[]")]

    def one(x: Any) -> bytes:
        return string(x) if code == 8 else struct.pack("<" + form, x)

    if kind.startswith("["):
        return string(key) + struct.pack("<IIQ", 9, code, len(value)) + b"".join(map(one, value))
    return string(key) + struct.pack("<I", code) + one(value)


def metadata(c: Config, name: str) -> Iterator[bytes]:
    a = "deepseek"
    yield pair("general.architecture", "str", a)
    yield pair("general.type", "str", "model")
    yield pair("general.name", "str", name)
    yield pair(
        "general.description",
        "str",
        "A small DeepSeekMoE chat model, trained on generated chats, for demonstration",
    )
    yield pair("general.license", "str", "mit")
    yield pair("general.languages", "[str]", ["en"])
    yield pair("general.file_type", "u32", FILE_TYPE_Q8_0)
    yield pair("general.quantization_version", "u32", 2)
    yield pair("general.alignment", "u32", ALIGNMENT)
    numbers = {
        "block_count": c.layers,
        "context_length": c.context,
        "embedding_length": c.hidden,
        "feed_forward_length": c.dense_ff,
        "attention.head_count": c.heads,
        "attention.head_count_kv": c.heads,
        "rope.dimension_count": c.head_dim,
        "vocab_size": c.vocab,
        "leading_dense_block_count": c.dense_lead,
        "expert_count": c.experts,
        "expert_used_count": c.used,
        "expert_shared_count": c.shared,
        "expert_feed_forward_length": c.expert_ff,
    }
    for key, value in numbers.items():
        yield pair(f"{a}.{key}", "u32", value)
    yield pair(f"{a}.attention.layer_norm_rms_epsilon", "f32", c.rms_eps)
    yield pair(f"{a}.rope.freq_base", "f32", c.rope_theta)
    yield pair(f"{a}.rope.scaling.type", "str", "none")
    yield pair(f"{a}.expert_weights_scale", "f32", 1.0)
    yield pair(f"{a}.expert_weights_norm", "bool", False)  # gates are the softmax's values as they are


def tokenizer_metadata(path: Path, vocab: int) -> Iterator[bytes]:
    sp = spm.SentencePieceProcessor(model_file=str(path))
    ids = range(sp.get_piece_size())
    assert len(ids) == vocab, "the tokenizer is not the one that the model was trained with"
    assert (sp.unk_id(), sp.bos_id(), sp.eos_id()) == (UNK, BOS, EOS)
    kinds = [
        UNKNOWN if sp.is_unknown(i) else CONTROL if sp.is_control(i) else BYTE if sp.is_byte(i) else NORMAL
        for i in ids
    ]
    yield pair("tokenizer.ggml.model", "str", "llama")
    yield pair("tokenizer.ggml.pre", "str", "default")
    yield pair("tokenizer.ggml.tokens", "[str]", [sp.id_to_piece(i) for i in ids])
    yield pair("tokenizer.ggml.scores", "[f32]", [sp.get_score(i) for i in ids])
    yield pair("tokenizer.ggml.token_type", "[i32]", kinds)
    yield pair("tokenizer.ggml.bos_token_id", "u32", BOS)
    yield pair("tokenizer.ggml.eos_token_id", "u32", EOS)
    yield pair("tokenizer.ggml.unknown_token_id", "u32", UNK)
    yield pair("tokenizer.ggml.add_bos_token", "bool", True)
    yield pair("tokenizer.ggml.add_eos_token", "bool", False)
    yield pair("tokenizer.ggml.add_space_prefix", "bool", False)
    yield pair("tokenizer.chat_template", "str", CHAT_TEMPLATE)


def tensors(c: Config, state: dict[str, torch.Tensor]) -> Iterator[tuple[str, np.ndarray]]:
    """GGUF's names and the float weights, rows first. gate_up holds gate's rows, then up's."""

    def get(name: str) -> np.ndarray:
        return state[name].float().numpy()

    def ffn(source: str, suffix: str, columns: int) -> Iterator[tuple[str, np.ndarray]]:
        weight = ".weight" if suffix != "_exps" else ""
        gate_up = get(f"{source}gate_up{weight}")
        yield f"ffn_gate{suffix}.weight", gate_up[..., :columns, :]
        yield f"ffn_up{suffix}.weight", gate_up[..., columns:, :]
        yield f"ffn_down{suffix}.weight", get(f"{source}down{weight}")

    yield "token_embd.weight", get("embed.weight")
    yield "output_norm.weight", get("norm.weight")
    yield "output.weight", get("head.weight")
    for i in range(c.layers):
        source, block = f"blocks.{i}.", f"blk.{i}."
        yield block + "attn_norm.weight", get(source + "attn_norm.weight")
        for name in ("q", "k", "v", "output"):
            yield f"{block}attn_{name}.weight", get(f"{source}attn.{name}.weight")
        yield block + "ffn_norm.weight", get(source + "ffn_norm.weight")
        if i < c.dense_lead:
            parts = list(ffn(source + "ffn.", "", c.dense_ff))
        else:
            yield block + "ffn_gate_inp.weight", get(source + "ffn.router.weight")
            parts = [
                *ffn(source + "ffn.", "_exps", c.expert_ff),
                *ffn(source + "ffn.shared.", "_shexp", c.shared * c.expert_ff),
            ]
        for name, weights in parts:
            yield block + name, weights


def quantise_q8_0(x: np.ndarray) -> bytes:
    """Blocks of 32 weights: F16 scale d = max|x| / 127, then round(x / d) as int8, halves away from zero."""
    blocks = x.reshape(-1, 32).astype(np.float32)
    d = np.abs(blocks).max(1, keepdims=True) / np.float32(127)
    inverse = np.divide(1, d, out=np.zeros_like(d), where=d > 0)
    scaled = blocks * inverse
    q = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)).clip(-127, 127).astype(np.int8)
    out = np.empty((len(blocks), 34), np.uint8)
    out[:, :2] = d.astype("<f2").view(np.uint8)
    out[:, 2:] = q.view(np.uint8)
    return out.tobytes()


def is_f32(name: str) -> bool:
    return "norm" in name or "ffn_gate_inp" in name


def write(f: BinaryIO, pairs: list[bytes], named: list[tuple[str, np.ndarray]]) -> None:
    infos, offset = [], 0
    for name, x in named:
        assert is_f32(name) or x.shape[-1] % 32 == 0, f"{name}: rows of {x.shape[-1]} are no blocks of 32"
        size = x.size * 4 if is_f32(name) else x.size // 32 * 34
        dims = x.shape[::-1]  # GGUF counts the fastest dimension first
        shape = struct.pack(f"<I{len(dims)}Q", len(dims), *dims)
        infos.append(string(name) + shape + struct.pack("<IQ", F32 if is_f32(name) else Q8_0, offset))
        offset += math.ceil(size / ALIGNMENT) * ALIGNMENT
    f.write(struct.pack("<4sIQQ", b"GGUF", 3, len(infos), len(pairs)) + b"".join(pairs) + b"".join(infos))
    for name, x in named:
        f.write(b"\0" * (-f.tell() % ALIGNMENT))
        f.write(x.astype("<f4").tobytes() if is_f32(name) else quantise_q8_0(x))
    f.write(b"\0" * (-f.tell() % ALIGNMENT))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", default="Moescope Demo")
    args = parser.parse_args()
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
    config = Config(**state["config"])
    pairs = [*metadata(config, args.name), *tokenizer_metadata(args.tokenizer, config.vocab)]
    named = list(tensors(config, state["model"]))
    assert sum(x.size for _, x in named) == sum(
        t.numel() for t in state["model"].values()
    ), "weights left out"
    temporary = args.out.with_name(args.out.name + ".tmp")
    with open(temporary, "wb") as f:
        write(f, pairs, named)
    os.replace(temporary, args.out)
    print(f"{args.out}: {len(named)} tensors, {args.out.stat().st_size / 1e6:.1f} MB, step {state['step']}")


if __name__ == "__main__":
    main()
