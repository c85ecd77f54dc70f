"""Turns a list of (names, answer, extra questions) into training questions and held-out ones."""

from __future__ import annotations

from random import Random

from .base import (
    ASK_ACTION,
    ASK_ACTION_HELD,
    ASK_ACTION_MORE,
    ASK_CONCEPT,
    ASK_CONCEPT_HELD,
    ASK_CONCEPT_MORE,
    Domain,
    Item,
    fill,
)
from . import everyday
from .phrasings import more_of

# kind: "concept" (names are noun phrases), "action" (names are verb phrases) or "free" (only whole questions)
Topic = tuple[str, list[str], str, list[str]]
ASKS = {"concept": (ASK_CONCEPT, ASK_CONCEPT_HELD), "action": (ASK_ACTION, ASK_ACTION_HELD)}
MORE_ASKS = {"concept": ASK_CONCEPT_MORE + everyday.CONCEPT, "action": ASK_ACTION_MORE + everyday.ACTION}


def make(
    domain: str,
    topics: list[Topic],
    more: list[Topic] | None = None,
    heldout_count: int = 56,
    later: list[Topic] | None = None,
) -> Domain:
    """The check is the answer itself: topics are learnt, and held-out phrasings must lead to the same answer.

    Of a "free" topic's whole questions the last is held out. `more` are topics that came later: they leave the
    held-out questions of the others as they were. `later` are those of which none is held out.
    """
    everything = [*topics, *(more or []), *(later or [])]

    def question(rng: Random, topic: Topic, held: bool) -> str:
        kind, names, _, extra = topic
        train_extra = extra if kind != "free" else extra[:-1]
        if not held:
            train_extra = train_extra + more_of(topic[2])
        if kind == "free":
            return extra[-1] if held else rng.choice(train_extra)
        if not held and train_extra and rng.random() < 0.45:
            return rng.choice(train_extra)
        if not held and rng.random() < 0.35:
            return rng.choice(MORE_ASKS[kind]).format(x=rng.choice(names))
        return fill(rng, ASKS[kind][held], x=rng.choice(names))

    def sample(rng: Random) -> tuple[str, str]:
        topic = rng.choice(everything)
        return question(rng, topic, held=False), topic[2]

    def heldout(rng: Random) -> list[Item]:
        order = rng.sample(topics, len(topics))
        picked = [order[i % len(order)] for i in range(heldout_count)]
        pairs = dict.fromkeys((question(rng, t, held=True), t[2]) for t in [*picked, *(more or [])])
        return [Item(domain, q, "exact", [a]) for q, a in pairs]

    return Domain(domain, sample, heldout)
