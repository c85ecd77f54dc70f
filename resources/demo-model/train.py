#!/usr/bin/env python3
"""Trains the demo model on the CPU: chats, generated as it goes, packed into rows; loss on the answers only.

  train.py WORK [--resume] [--steps N --decay-steps M]

WORK holds tokenizer.model; checkpoint.pt is written there, whole or not at all, every few minutes and when
interrupted. The learning rate warms up, stays, and decays over the last M steps, in which rows and chats are
longer, so that the model learns its whole context. A run can be prolonged: stable.pt is the state before the
decay, and `--resume-from WORK/stable.pt --steps MORE` goes on from there. final.pt holds the weights alone.
Workers, if there are several, each train on chats of their own and average their weights every few steps.
`--start` begins with given weights, those of the published file say, and goes on from a checkpoint of that run
if `--resume` finds one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from pathlib import Path
from random import Random

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor

from ask import answers
from checks import correct
from corpus import Corpus, heldout_items
from model import Config, Model
from tokenizer import BOS, Tokenizer


def average(model: Model, also: float) -> float:
    """Replaces each worker's weights, and `also`, by the mean of all workers'."""
    weights = [p.data for p in model.parameters()]
    flat = torch.cat([*(w.flatten() for w in weights), torch.tensor([also])])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for w, mean in zip(weights, flat[:-1].split([w.numel() for w in weights])):
        w.copy_(mean.view_as(w))
    return flat[-1].item()


SENTENCES = {"greetings", "moe", "moescope", "deepseek", "unknown"}  # domains whose answers are fixed sentences


# Products in bfloat16 pay where the CPU has them; elsewhere they take more than ten times as long.
BFLOAT16 = "AVX512" in torch.backends.cpu.get_cpu_capability()

Chat = tuple[list[int], list[int]]  # ids, and 1 where a token belongs to an answer
Batch = tuple[Tensor, Tensor, Tensor]  # ids, answer flags, chat numbers (0: padding), each (rows, length)


def pack(chats: list[Chat], rows: int, length: int) -> tuple[Batch, list[tuple[int, int, Chat]]]:
    """As many of the chats as fit, in order, in at most so many rows; and (row, number, chat) of each that does."""
    placed: list[tuple[int, int, Chat]] = []
    ids = torch.zeros(rows, length, dtype=torch.long)
    flags, chat_of = torch.zeros_like(ids), torch.zeros_like(ids)
    row, at, number = 0, 0, 1
    for chat in chats:
        if at + len(chat[0]) > length:
            row, at, number = row + 1, 0, 1
        if row == rows:
            break
        end = at + len(chat[0])
        ids[row, at:end], flags[row, at:end] = torch.tensor(chat[0]), torch.tensor(chat[1])
        chat_of[row, at:end] = number
        placed.append((row, number, chat))
        at, number = end, number + 1
    used = min(row + 1, rows)
    return (ids[:used], flags[:used], chat_of[:used]), placed


class Packer:
    """Packs whole chats into rows of `length` tokens; a token sees only its own chat."""

    def __init__(self, tokenizer: Tokenizer, seed: int, cut: int = 0) -> None:
        """cut: a chat's last answer, if it is one of the fixed sentences, is mostly cut after so many tokens: what
        is to be learnt is which sentence it is, and that is in its beginning. 0: never."""
        self.tokenizer, self.seed, self.cut = tokenizer, seed, cut
        self.corpus = Corpus(seed)

    def chat(self, length: int) -> Chat:
        while True:
            ids, is_answer = [BOS], [0]
            turns = next(self.corpus.chats())
            for number, (domain, question, answer) in enumerate(turns, 1):
                prompt, reply = self.tokenizer.prompt(question), self.tokenizer.answer(answer)
                if self.cut and number == len(turns) and domain in SENTENCES and self.corpus.rng.random() < 0.8:
                    reply = reply[: self.cut]
                if len(ids) + len(prompt) + len(reply) > length:
                    break
                ids += prompt + reply
                is_answer += [0] * len(prompt) + [1] * len(reply)
            if len(ids) > 1:
                return ids, is_answer

    def batch(self, step: int, rows: int, length: int) -> Batch:
        """The same for a step in any run."""
        self.corpus.rng = Random(f"{self.seed} {step}")
        ids = torch.zeros(rows, length, dtype=torch.long)
        flags, chat_of = torch.zeros_like(ids), torch.zeros_like(ids)
        waiting: list[Chat] = []
        for row in range(rows):
            at, number = 0, 1
            while True:
                while len(waiting) < 8:
                    waiting.append(self.chat(length))
                fitting = [i for i, c in enumerate(waiting) if len(c[0]) <= length - at]
                if not fitting:
                    break
                chat, answer = waiting.pop(fitting[0])  # the oldest: no length is preferred
                end = at + len(chat)
                ids[row, at:end], flags[row, at:end] = torch.tensor(chat), torch.tensor(answer)
                chat_of[row, at:end] = number
                at, number = end, number + 1
        return ids, flags, chat_of


    @torch.no_grad()
    def hard(self, model: Model, step: int, rows: int, length: int, pool: int = 3) -> Batch:
        """Single questions that the model does not answer yet, out of `pool` times as many, and some that it does."""
        self.corpus.rng = rng = Random(f"{self.seed} hard {step}")
        kept: list[Chat] = []
        for _ in range(pool):
            batch, placed = pack([self.chat(length) for _ in range(rows * length // 26)], rows, length)
            ids, flags, chat_of = batch
            logits, wanted = answer_logits(model, batch)
            lost = torch.zeros(ids.shape[0], int(chat_of.max()) + 1)
            rows_of = torch.arange(ids.shape[0])[:, None].expand_as(ids)[:, 1:][wanted]
            loss = F.cross_entropy(logits.float(), ids[:, 1:][wanted], reduction="none")
            lost.index_put_((rows_of, chat_of[:, 1:][wanted]), loss, accumulate=True)
            # Long answers (drills, stories) are partly random, and some kinds are declined in any of three sentences,
            # which costs ln 3 by itself.
            kept += [
                chat
                for row, number, chat in placed
                if rng.random() < 0.15 or lost[row, number] > 1.8 and sum(chat[1]) <= 18
            ]
        rng.shuffle(kept)
        return pack(kept, rows, length)[0]


def learning_rate(step: int, left: float, args: argparse.Namespace) -> float:
    """left: of the decay, by the clock, 1 to 0."""
    if step < args.warmup:
        return args.lr * (step + 1) / args.warmup
    by_steps = (args.steps - step) / max(args.decay_steps, 1)
    return args.lr * max(min(1.0, by_steps, left), 0.02)


def save(
    path: Path, model: Model, optimizer: torch.optim.Optimizer | None, step: int, history: list[dict]
) -> None:
    state = {"config": model.c.to_dict(), "model": model.state_dict(), "step": step, "history": history}
    if optimizer:
        state["optimizer"] = optimizer.state_dict()
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def load_model(path: Path) -> tuple[Model, dict]:
    state = torch.load(path, map_location="cpu", weights_only=True)
    model = Model(Config(**state["config"]))
    model.load_state_dict(state["model"])
    return model, state


def quick_accuracy(model: Model, tokenizer: Tokenizer, each: int) -> dict[str, float]:
    """Greedy held-out accuracy of some questions of each domain."""
    model.eval()
    by_domain: dict[str, list] = {}
    for item in heldout_items():
        by_domain.setdefault(item.domain, []).append(item)
    items = [item for group in by_domain.values() for item in Random(5).sample(group, min(each, len(group)))]
    replies = answers(model, tokenizer, [item.question for item in items], max_tokens=130)
    right: dict[str, list[bool]] = {}
    for item, reply in zip(items, replies):
        right.setdefault(item.domain, []).append(correct(item, reply))
    model.train()
    return {domain: round(sum(r) / len(r), 2) for domain, r in right.items()}


def answer_logits(model: Model, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits of the tokens of answers, one after another, and where they are (rows, length - 1)."""
    ids, flags, chat_of = batch
    length = ids.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    mask = (chat_of[:, :, None] == chat_of[:, None, :]) & causal
    positions = torch.arange(length).expand_as(ids)  # RoPE is relative: a chat's own start does not matter
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=BFLOAT16):
        hidden = model(ids, positions, mask[:, None], (chat_of > 0).float())
        wanted = flags[:, 1:].bool()
        return model.head(hidden[:, :-1][wanted]), wanted


def training_step(model: Model, batch: Batch, balance: float) -> tuple[Tensor, Tensor, Tensor]:
    logits, wanted = answer_logits(model, batch)
    ids = batch[0]
    loss = F.cross_entropy(logits.float(), ids[:, 1:][wanted])
    balance_loss = torch.stack([m.balance for m in model.moes]).mean()
    return loss + balance * len(model.moes) * balance_loss, loss, balance_loss


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--decay-steps", type=int, default=800)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--balance", type=float, default=0.005, help="factor of the balance loss")
    parser.add_argument("--rows", type=int, default=8)
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--decay-rows", type=int, default=2)
    parser.add_argument("--decay-length", type=int, default=1024)
    parser.add_argument("--decay-turns", type=int, default=20, help="turns of a chat at most, in the decay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--resume", action="store_true", help="go on from WORK/checkpoint.pt, if there is one"
    )
    parser.add_argument("--resume-from", type=Path)
    parser.add_argument("--start", type=Path, help="weights to begin with (import_gguf.py), as a new run")
    parser.add_argument("--eval-every", type=int, default=400)
    parser.add_argument("--save-seconds", type=float, default=180)
    parser.add_argument("--rank", type=int, default=0, help="number of this worker, from 0; only 0 writes files")
    parser.add_argument("--workers", type=int, default=1, help="processes that train side by side")
    parser.add_argument("--sync", type=int, default=10, help="steps after which workers average their weights")
    parser.add_argument("--minutes", type=float, help="end after so long, however many steps that are")
    parser.add_argument("--decay-minutes", type=float, default=20, help="with --minutes: the rate decays in the last")
    parser.add_argument("--long-every", type=int, default=0, help="each so many steps one with the decay's rows and turns")
    parser.add_argument(
        "--hard-every", type=int, default=0, help="each so many steps one with questions that it gets wrong"
    )
    parser.add_argument("--cut", type=int, default=0, help="cut fixed sentences at the end of a chat after so many tokens")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    if args.workers > 1:
        meeting = f"file://{(args.work / 'meeting').resolve()}"
        dist.init_process_group("gloo", init_method=meeting, rank=args.rank, world_size=args.workers)
    tokenizer = Tokenizer(args.work / "tokenizer.model")
    packer = Packer(tokenizer, args.seed, args.cut)
    ends = time.time() + 60 * args.minutes if args.minutes else float("inf")

    def time_left() -> float:
        """What is left of the decay by the clock, 1 before it begins."""
        return min(1.0, (ends - time.time()) / (60 * args.decay_minutes)) if args.minutes else 1.0

    left = time_left()
    checkpoint = args.work / "checkpoint.pt"
    source = args.resume_from or (checkpoint if args.resume and checkpoint.exists() else None)
    step, history = 0, []
    state: dict = {}
    if source:
        model, state = load_model(source)
        step, history = state["step"], state["history"]
    elif args.start:
        model, _ = load_model(args.start)
    else:
        model = Model(Config(vocab=tokenizer.sp.get_piece_size()))
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.95), fused=True)
    if state:
        optimizer.load_state_dict(state["optimizer"])
    print(
        f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, from step {step} to"
        f" {args.steps}",
        flush=True,
    )

    counts = torch.zeros(len(model.moes), model.c.experts)
    losses: list[float] = []
    tokens, started, saved = 0, time.time(), time.time()
    model.train()
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _: stop.append(n))
    while step < args.steps and left > 0:
        decaying = step >= args.steps - args.decay_steps
        if step == args.steps - args.decay_steps and args.rank == 0:
            save(args.work / "stable.pt", model, optimizer, step, history)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, left, args)
        long = decaying or args.long_every > 0 and step % args.long_every == 0
        packer.corpus.max_turns = args.decay_turns if long else 6
        packer.corpus.single = 0.4 if long or not args.cut else 0.75
        rows, length = (args.decay_rows, args.decay_length) if long else (args.rows, args.length)
        number = step * args.workers + args.rank
        if args.hard_every and not long and step % args.hard_every == 0:
            packer.corpus.single = 1.0
            batch = packer.hard(model, number, rows, length)
        else:
            batch = packer.batch(number, rows, length)
        total, loss, balance_loss = training_step(model, batch, args.balance)
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        if args.workers == 1:
            left = time_left()
        elif step % args.sync == 0 or step == args.steps:  # workers agree on the clock
            left = average(model, time_left())
        losses.append(loss.item())
        tokens += int((batch[2] > 0).sum())
        real = (batch[2] > 0).flatten()
        for layer, moe in enumerate(model.moes):
            counts[layer] += torch.bincount(moe.chosen[real].flatten(), minlength=model.c.experts)
        if step % 50 == 0:
            load = counts / counts.mean(1, keepdim=True)
            line = {
                "step": step,
                "loss": round(sum(losses) / len(losses), 4),
                "balance": round(balance_loss.item(), 3),
                "load_min": round(load.min().item(), 2),
                "load_max": round(load.max().item(), 2),
                "tokens_per_s": round(tokens / (time.time() - started)),
                "lr": optimizer.param_groups[0]["lr"],
            }
            if step % args.eval_every == 0 and args.rank == 0:
                line["accuracy"] = quick_accuracy(model, tokenizer, each=12)
            history.append(line | {"tokens": tokens})
            if args.rank == 0:
                print(time.strftime("%H:%M:%S"), json.dumps(line), flush=True)
            counts.zero_()
            losses, tokens, started = [], 0, time.time()
        if args.rank == 0 and (time.time() - saved > args.save_seconds or step == args.steps or left <= 0 or stop):
            save(checkpoint, model, optimizer, step, history)
            saved = time.time()
        if stop:
            raise SystemExit(f"stopped at step {step}; --resume goes on")
    if args.rank > 0:
        return
    save(args.work / "final.pt", model, None, step, history)
    print(args.work / "final.pt")


if __name__ == "__main__":
    main()
