"""A small DeepSeekMoE in PyTorch, with the parameter names and layouts of its GGUF file.

Architecture `deepseek`: RMSNorm, multi-head attention with RoPE over neighbour pairs (2i, 2i+1), one
leading dense layer, then MoE layers: two shared experts merged into one FFN, plus the top-k of a softmax
over all routed experts, whose probabilities are used as gates WITHOUT renormalising them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


ROWS_MULTIPLE = 32  # of the rows that an expert computes in training


@dataclass(frozen=True)
class Config:
    vocab: int = 2048
    hidden: int = 256
    layers: int = 5
    dense_lead: int = 1
    dense_ff: int = 768
    heads: int = 4
    experts: int = 32
    used: int = 4
    shared: int = 2
    expert_ff: int = 96
    context: int = 1024
    rope_theta: float = 10000.0
    rms_eps: float = 1e-6

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads

    def to_dict(self) -> dict:
        return asdict(self)


class RmsNorm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), x.shape[-1:], self.weight, self.eps)


def rope_table(config: Config, positions: Tensor) -> tuple[Tensor, Tensor]:
    """cos and sin of shape (..., 1, head_dim/2) for positions of shape (...)."""
    d = config.head_dim
    inverse = config.rope_theta ** (-torch.arange(0, d, 2, dtype=torch.float32) / d)
    angles = positions[..., None].float() * inverse
    return angles.cos()[..., None, :], angles.sin()[..., None, :]


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE over neighbour pairs; x has shape (batch, tokens, heads, head_dim)."""
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)


class Attention(nn.Module):
    def __init__(self, c: Config) -> None:
        super().__init__()
        self.c = c
        for name in ("q", "k", "v", "output"):
            setattr(self, name, nn.Linear(c.hidden, c.hidden, bias=False))

    def forward(
        self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor | None, cache: list[Tensor] | None = None
    ) -> Tensor:
        split = (*x.shape[:-1], self.c.heads, self.c.head_dim)
        v = self.v(x).view(split)
        q = rotate(self.q(x).view(split), *rope).to(v.dtype)
        k = rotate(self.k(x).view(split), *rope).to(v.dtype)
        if cache is not None:  # generation: append to what earlier calls computed
            if cache:
                k, v = torch.cat((cache[0], k), 1), torch.cat((cache[1], v), 1)
            cache[:] = [k, v]
        y = F.scaled_dot_product_attention(
            q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), attn_mask=mask
        )
        return self.output(y.transpose(1, 2).flatten(-2))


class SwiGlu(nn.Module):
    def __init__(self, hidden: int, columns: int) -> None:
        super().__init__()
        self.gate_up = nn.Linear(hidden, 2 * columns, bias=False)  # gate's rows first, then up's
        self.down = nn.Linear(columns, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, -1)
        return self.down(F.silu(gate) * up)


class Moe(nn.Module):
    """Shared experts plus the top-k routed ones. Keeps the last call's choice and balance loss to look at."""

    def __init__(self, c: Config) -> None:
        super().__init__()
        self.c = c
        self.router = nn.Linear(c.hidden, c.experts, bias=False)
        self.gate_up = nn.Parameter(torch.empty(c.experts, 2 * c.expert_ff, c.hidden))
        self.down = nn.Parameter(torch.empty(c.experts, c.hidden, c.expert_ff))
        self.shared = SwiGlu(c.hidden, c.shared * c.expert_ff)
        self.chosen: Tensor | None = None  # (tokens, k), best first
        self.balance: Tensor | None = None

    def forward(self, x: Tensor, real: Tensor | None = None) -> Tensor:
        c, shape = self.c, x.shape
        x = x.flatten(0, -2)
        with torch.autocast("cpu", enabled=False):  # the router always runs in F32
            p = F.softmax(F.linear(x.float(), self.router.weight), -1)
        gates, chosen = p.topk(c.used, -1)
        self.chosen = chosen
        flat = chosen.flatten()
        if self.training:
            # DeepSeekMoE's expert-level balance loss: sum f_i P_i with f_i = N/(K T) * count_i and
            # P_i = mean p_i; padding is left out
            w = (
                torch.ones_like(flat, dtype=torch.float32)
                if real is None
                else real.flatten().repeat_interleave(c.used)
            )
            tokens = w.sum() / c.used
            f = torch.zeros(c.experts).index_add_(0, flat, w) * (c.experts / c.used) / tokens
            weight = w.view(-1, c.used)[:, :1]
            self.balance = (f * (p * weight).sum(0) / tokens).sum()
        # Sort the (token, slot) pairs by expert, so that each expert does one product over all of its tokens. In
        # training in bfloat16 its rows are filled up with zeros to a multiple: oneDNN compiles a product for each new shape.
        order = flat.argsort(stable=True)
        token = order // c.used
        counts = torch.bincount(flat, minlength=c.experts)
        multiple = ROWS_MULTIPLE if self.training and torch.is_autocast_enabled("cpu") else 1
        padded = (counts + multiple - 1) // multiple * multiple
        shift = (padded.cumsum(0) - padded) - (counts.cumsum(0) - counts)
        place = torch.arange(len(order)) + shift[flat[order]]
        dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else x.dtype
        sizes = padded.tolist()
        rows = x.new_zeros(sum(sizes), c.hidden, dtype=dtype).index_copy(0, place, x.to(dtype)[token])
        parts = []
        for part, gate_up, down in zip(
            rows.split(sizes), self.gate_up.to(dtype).unbind(), self.down.to(dtype).unbind()
        ):
            gate, up = (part @ gate_up.T).chunk(2, -1)
            parts.append((F.silu(gate) * up) @ down.T)
        routed = torch.cat(parts)[place].float() * gates.flatten()[order, None]
        y = torch.zeros_like(x, dtype=torch.float32).index_add(0, token, routed)
        return (y + self.shared(x)).view(shape)


class Block(nn.Module):
    def __init__(self, c: Config, dense: bool) -> None:
        super().__init__()
        self.attn_norm = RmsNorm(c.hidden, c.rms_eps)
        self.attn = Attention(c)
        self.ffn_norm = RmsNorm(c.hidden, c.rms_eps)
        self.ffn: nn.Module = SwiGlu(c.hidden, c.dense_ff) if dense else Moe(c)


class Model(nn.Module):
    def __init__(self, c: Config) -> None:
        super().__init__()
        self.c = c
        self.embed = nn.Embedding(c.vocab, c.hidden)
        self.blocks = nn.ModuleList(Block(c, i < c.dense_lead) for i in range(c.layers))
        self.norm = RmsNorm(c.hidden, c.rms_eps)
        self.head = nn.Linear(c.hidden, c.vocab, bias=False)
        depth = (2 * c.layers) ** -0.5  # outputs into the residual stream start smaller
        for name, p in self.named_parameters():
            if p.dim() > 1:
                into_residual = "down" in name or "output" in name
                nn.init.normal_(
                    p, std=0.5 if "embed" in name else p.shape[-1] ** -0.5 * (depth if into_residual else 1)
                )

    @property
    def moes(self) -> list[Moe]:
        return [b.ffn for b in self.blocks if isinstance(b.ffn, Moe)]

    def forward(
        self,
        ids: Tensor,
        positions: Tensor,
        mask: Tensor | None,
        real: Tensor | None = None,
        cache: list[list[Tensor]] | None = None,
    ) -> Tensor:
        """The last hidden states (batch, tokens, hidden), normalised; `head` turns wanted rows into logits.

        mask: boolean (batch, 1, tokens, keys), true where a token may look.
        real: 1 for tokens, 0 for padding.
        """
        rope = rope_table(self.c, positions)
        x = self.embed(ids)
        for i, block in enumerate(self.blocks):
            x = x + block.attn(block.attn_norm(x), rope, mask, cache[i] if cache is not None else None)
            h = block.ffn_norm(x)
            x = x + (block.ffn(h, real) if isinstance(block.ffn, Moe) else block.ffn(h))
        return self.norm(x)
