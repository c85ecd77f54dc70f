#!/usr/bin/env python3
"""Generates the demo model's chats, from a seed, and the questions that are held out of them.

A chat is a list of (question, answer) turns. In training it becomes, as in DeepSeekMoE 16B Chat,
  <bos>User: {question}\\n\\nAssistant: {answer}<eos>User: ...
where the prompt ends right after "Assistant:", and the answer starts with a blank. Prompt and answer are
encoded apart, since the program that asks the model encodes the prompt alone.

  corpus.py text FILE       chats as text, a turn's part a line, to train the tokenizer on
  corpus.py heldout FILE    the held-out questions (heldout.jsonl)
  corpus.py show            some chats, to look at
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Iterator

from domains import arithmetic, code, deepseek, facts, greetings, languages, moe, moescope, stories, unknown
from domains.base import Domain, Item, frame_misspelt, misspelt, normal, reworded, vary
from domains.near import NearCopies

DOMAINS: list[Domain] = [
    m.DOMAIN for m in (greetings, moe, moescope, deepseek, arithmetic, facts, stories, languages, code, unknown)
]
# Shares of the turns. Arithmetic is hardest, with the shortest turns; `unknown` has the most kinds of questions.
SHARES = {
    "greetings": 4.2,
    "moe": 1.8,
    "moescope": 2.4,
    "deepseek": 2.6,
    "arithmetic": 4.0,
    "stories": 0.7,
    "languages": 4.4,
    "facts": 2.6,
    "code": 1.2,
    "unknown": 12.0,
}
SLIPS = {"greetings", "moe", "moescope", "deepseek", "unknown"}  # domains whose questions may be misspelt
HERE = Path(__file__).resolve().parent
NEWCOMERS = HERE / "newcomers.jsonl", HERE / "newcomers-blind-2.jsonl"
OPEN = HERE / "newcomers-blind.jsonl"  # was blind once: what it asks about was added since, in other words
HELDOUT_SEED = 20260801
Turn = tuple[str, str, str]  # domain, question, answer


def key(question: str) -> str:
    """What two questions have in common that are the same for us; signs alone are kept as they are."""
    return normal(question) or question.strip()


def questions_of(path: Path) -> list[str]:
    return [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()]


def newcomers() -> list[str]:
    """The questions of newcomers, which were written down before the training that they judge."""
    return [question for path in NEWCOMERS for question in questions_of(path)]


def heldout_items() -> list[Item]:
    """All held-out questions, in a fixed order, each once."""
    items: dict[str, Item] = {}
    for domain in DOMAINS:
        for item in domain.heldout(Random(f"{HELDOUT_SEED} {domain.id}")):
            items.setdefault(key(item.question), item)
    return list(items.values())


class Corpus:
    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.max_turns, self.single = 6, 0.4  # turns of a chat at most; share of chats that are one question
        self.held = {key(q) for q in [*(item.question for item in heldout_items()), *newcomers(), *questions_of(OPEN)]}
        self.near = NearCopies(newcomers())

    def turn(self, domain: Domain) -> Turn:
        while True:
            question, answer = domain.sample(self.rng)
            if domain.id in SLIPS:
                if domain.id != "unknown" and self.rng.random() < 0.25:
                    question = reworded(self.rng, question)
                if self.rng.random() < 0.1:
                    question = misspelt(self.rng, question)
            elif self.rng.random() < 0.04:
                question = frame_misspelt(self.rng, question)
            question = vary(self.rng, question)
            # framed by chance into a held-out question, or into what a newcomer asked: draw again
            if key(question) not in self.held and not self.near(question):
                return domain.id, question, answer

    def chat(self) -> list[Turn]:
        """One chat: a single question, some of one domain, or some of any."""
        rng = self.rng
        weights = [SHARES.get(d.id, 1.0) for d in DOMAINS]
        turns = 1 if rng.random() < self.single else rng.randint(2, self.max_turns)
        keep = rng.random() < 0.3
        first = rng.choices(DOMAINS, weights)[0]
        chat = [
            self.turn(first if keep or i == 0 else rng.choices(DOMAINS, weights)[0]) for i in range(turns)
        ]
        if rng.random() < 0.03:
            chat = self.remember_name(chat)
        return chat

    def remember_name(self, chat: list[Turn]) -> list[Turn]:
        """A name given at first and asked for later: something that only attention can answer."""
        name = self.rng.choice([n for n in greetings.NAMES if key(f"My name is {n}.") not in self.held])
        ask = self.rng.choice(
            ["What is my name?", "Do you remember my name?", "What was my name?", "Who am I?"]
        )
        return [
            ("greetings", f"My name is {name}.", f"Nice to meet you, {name}!"),
            *chat[:2],
            ("greetings", ask, f"Your name is {name}."),
        ]

    def chats(self) -> Iterator[list[Turn]]:
        while True:
            chat = self.chat()
            assert not any(key(q) in self.held for _, q, _ in chat), "a held-out question was emitted"
            yield chat


def prompt_text(question: str) -> str:
    return f"User: {question}\n\nAssistant:"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["text", "heldout", "show"])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chats", type=int, default=40000)
    args = parser.parse_args()
    if args.what != "show" and not args.file:
        parser.error("a FILE is needed")
    if args.what == "heldout":
        lines = [json.dumps(asdict(item), ensure_ascii=False) for item in heldout_items()]
        args.file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{args.file}: {len(lines)} questions")
        return
    chats = Corpus(args.seed).chats()
    if args.what == "show":
        for _ in range(12):
            print("\n".join(f"[{d}] {q}\n    {a}" for d, q, a in next(chats)), "\n")
        return
    with open(args.file, "w", encoding="utf-8") as f:
        for _ in range(args.chats):
            for _, question, answer in next(chats):
                f.write(prompt_text(question) + "\n " + answer + "\n")
    print(f"{args.file}: {args.chats} chats", file=sys.stderr)


if __name__ == "__main__":
    main()
