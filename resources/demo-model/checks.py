"""The held-out questions, and whether an answer to one is right."""

from __future__ import annotations

import json
import re
from pathlib import Path

from domains.base import Item


def load_items(path: Path) -> list[Item]:
    return [Item(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def correct(item: Item, answer: str) -> bool:
    """Whether an answer passes the item's check (see Item)."""
    answer, want = answer.strip(), item.want
    if item.check == "exact":
        return answer == want[0].strip()
    if item.check == "contains":
        return want[0] in answer
    if item.check == "number":  # the last number of the answer
        return re.findall(r"-?\d+", answer)[-1:] == want
    if item.check == "story":  # mentions all that was asked for, has a middle, and ends
        return all(word in answer for word in want) and answer.count(".") >= 4 and answer.endswith("The end.")
    raise ValueError(item.check)
