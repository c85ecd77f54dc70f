"""Asks a model questions greedily, many at a time."""

from __future__ import annotations

from typing import Callable

import torch
from torch import Tensor

from model import Model
from tokenizer import BOS, EOS, Tokenizer


@torch.inference_mode()
def answers(
    model: Model,
    tokenizer: Tokenizer,
    questions: list[str],
    max_tokens: int = 160,
    observe: Callable[[int, Tensor], None] | None = None,
) -> list[str]:
    """Greedy answers. Prompts are padded on the left to one length; a KV cache serves all of them.

    observe(layer, chosen): the experts (rows, tokens, k) that ran, -1 for padding and for finished rows.
    """
    prompts = [[BOS, *tokenizer.prompt(q)] for q in questions]
    width = max(map(len, prompts))
    pad = torch.tensor([width - len(p) for p in prompts])
    ids = torch.tensor([[BOS] * (width - len(p)) + p for p in prompts])
    columns = torch.arange(width + max_tokens)
    cache: list[list[Tensor]] = [[] for _ in model.blocks]
    done = torch.zeros(len(prompts), dtype=torch.bool)
    out: list[Tensor] = []
    at = 0
    while True:
        keys = at + ids.shape[1]
        rows, seen = columns[at:keys], columns[:keys]
        look = (seen[None, :] <= rows[:, None])[None] & (seen[None, None, :] >= pad[:, None, None])
        look = look | (seen[None, :] == rows[:, None])[None]  # padding looks at itself: no row may be empty
        positions = (rows[None] - pad[:, None]).clamp(min=0)
        hidden = model(ids, positions, look[:, None], cache=cache)
        if observe:
            hide = (rows[None] < pad[:, None]) | done[:, None]
            for layer, moe in enumerate(model.moes):
                chosen = moe.chosen.view(*ids.shape, -1)
                observe(layer, chosen.masked_fill(hide[..., None], -1))
        at = keys
        ids = model.head(hidden[:, -1]).float().argmax(-1, keepdim=True)
        out.append(torch.where(done[:, None], EOS, ids))
        done |= ids[:, 0] == EOS
        if done.all() or len(out) == max_tokens:
            break
    texts = []
    for row in torch.cat(out, 1).tolist():
        texts.append(tokenizer.decode(row[: row.index(EOS)] if EOS in row else row).strip())
    return texts
