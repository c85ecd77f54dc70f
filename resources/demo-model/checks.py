"""The held-out questions, and whether an answer to one is right."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from domains.base import Item
from domains.refusals import is_refusal


def load_items(path: Path) -> list[Item]:
    return [Item(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True)
class Newcomer:
    """A question of newcomers.jsonl. `right` is a pattern that a right answer holds; "": only a refusal fits. What is
    not `taught` may be refused as well."""

    kind: str
    question: str
    right: str
    taught: bool


def load_newcomers(path: Path) -> list[Newcomer]:
    return [Newcomer(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def grade(asked: Newcomer, answer: str) -> str:
    """"right", "declined" (a refusal where the model was meant to know) or "wrong"."""
    if is_refusal(answer):
        return "declined" if asked.taught else "right"
    found = asked.right and re.search(asked.right, answer, re.IGNORECASE | re.DOTALL)
    return "right" if found else "wrong"


def correct(item: Item, answer: str) -> bool:
    """Whether an answer passes the item's check (see Item)."""
    answer, want = answer.strip(), item.want
    if item.check == "exact":
        return answer == want[0].strip()
    if item.check == "contains":
        return want[0] in answer
    if item.check == "number":  # the last number of the answer
        return re.findall(r"-?\d+", answer)[-1:] == want
    if item.check == "refusal":  # one of the sentences, to the letter
        return is_refusal(answer)
    if item.check == "story":  # mentions all that was asked for, has a middle, and ends
        return all(word in answer for word in want) and answer.count(".") >= 4 and answer.endswith("The end.")
    raise ValueError(item.check)
