"""Whether a question is a near copy of one that is held back: the same words, but for order, fillers and slips."""

from __future__ import annotations

import re

from .base import normal

SHORT = {
    "whats": "what is", "what s": "what is", "hows": "how is", "how s": "how is", "whos": "who is", "who s": "who is", "im": "i am", "i m": "i am",
    "you re": "you are", "youre": "you are", "ur": "you are", "don t": "do not", "dont": "do not", "can t": "cannot", "pls": "please",
    "thanx": "thx", "color": "colour", "favorite": "favourite",
}
FILLERS = set("a an the please so hey hi hello just now then ok okay well um and actually really exactly say thanks like".split())


def words_of(question: str) -> tuple[str, ...]:
    text = f" {normal(question)} "
    for short, long in SHORT.items():
        text = text.replace(f" {short} ", f" {long} ")
    text = re.sub(r"([+*/x-])", r" \1 ", text) if re.search(r"\d", text) else text
    return tuple(sorted(w for w in text.split() if w not in FILLERS))


def one_slip(a: str, b: str) -> bool:
    """Equal, or one letter more, less or other, or two changed over, in words of at least five letters."""
    if a == b:
        return True
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1 or not (a.isalpha() and b.isalpha()):
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    return a[i + 1 :] == b[i + 1 :] or a[i + 1 :] == b[i:] or a[i:] == b[i + 1 :] or a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :]


class NearCopies:
    def __init__(self, questions: list[str]) -> None:
        bags = [words_of(q) for q in questions]
        self.exact = {bag for bag in bags if bag}
        self.by_length: dict[int, list[tuple[str, ...]]] = {}
        for bag in self.exact:
            self.by_length.setdefault(len(bag), []).append(bag)

    def __call__(self, question: str) -> bool:
        bag = words_of(question)
        if bag in self.exact:
            return True
        long = {w for w in bag if len(w) >= 5}
        if not long:
            return False
        for other in self.by_length.get(len(bag), []):
            mine, theirs = set(bag) - set(other), set(other) - set(bag)  # what they do not share
            if len(mine) == len(theirs) == 1 and one_slip(mine.pop(), theirs.pop()):
                return True
        return False
