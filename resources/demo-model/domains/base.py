"""What every domain shares: the shape of a question, phrasings, and the rule of what is held out."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from random import Random
from typing import Callable

from .everyday import AROUND


@dataclass(frozen=True)
class Item:
    """A held-out question. `check` names a checker of evaluate.py, `want` holds what it looks for."""

    domain: str
    question: str
    check: str
    want: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Domain:
    id: str
    sample: Callable[[Random], tuple[str, str]]  # one (question, answer) to train on
    heldout: Callable[[Random], list[Item]]


def held_out(*slots: object, one_in: int = 10) -> bool:
    """Whether a combination of slots is kept for evaluation: a hash, so that all modules agree forever."""
    return zlib.crc32("|".join(map(str, slots)).encode()) % one_in == 0


def normal(text: str) -> str:
    """A question without case, punctuation and blanks, to compare questions with."""
    return re.sub(r"[^\w+*/-]+", " ", text.lower()).strip()


# A polite frame around a whole question; the held-out questions are plain or use frames of their own.
FRAMES = [
    "Please: {q}",
    "Hi! {q}",
    "Hello, {q}",
    "{q} Please.",
    "I have a question: {q}",
    "One more question: {q}",
    "Now tell me: {q}",
    "Okay. {q}",
    "{q} Thanks!",
    "Another one: {q}",
    "Say, {q}",
    "So, {q}",
    "And {q}",
]


def lower_first(text: str) -> str:
    second_is_lower = len(text) > 1 and not text[1].isupper() and text[:2] != "I "
    return text[0].lower() + text[1:] if second_is_lower else text


# Frames of people in a hurry
LOOSE = [
    "hey {q}", "hi {q}", "pls {q}", "{q} pls", "{q} please", "please {q}", "um {q}", "ok {q}", "ok so {q}", "so {q}",
    "tell me {q}", "i want to know {q}", "quick question: {q}", "{q} thanks", "and {q}", "well {q}", "hello. {q}",
    "can you help me: {q}", "Hi! {q}", "Hello! {q}", "{q} ?", "{q}??", "{q}!!", "{q} :)",
]
SPELLINGS = {
    "What is ": ["What's ", "Whats ", "what's ", "whats "],
    "colour": ["color"],
    "favourite": ["favorite"],
    "do not": ["don't", "dont"],
    "cannot": ["can't"],
    "I am ": ["I'm ", "im "],
    "you are": ["you're", "ur"],
    "You are": ["You're"],
    "please": ["pls"],
}


# Words that say the same, for people do not all choose the same one; only whole small words are changed.
SAME = [
    group.split("/")
    for group in """
big/large/huge chat/conversation/dialog chats/conversations talk/chat/speak smart/clever/intelligent make/create/build
delete/remove/erase show/display colours/colors coloured/colored colour/color get/obtain find/locate picture/image/chart
program/app/application/software/tool computer/machine/pc/laptop text/writing letters/characters answer/reply/response
answers/replies/responses question/prompt pick/choose/select picks/chooses/selects picked/chosen/selected
begin/start save/store/keep stored/saved/kept switch_off/turn_off/disable fast/quick quickly/fast small/little/tiny
difference/differences many/lots_of model/network/LLM models/networks/LLMs need/require use/employ why/how_come
explain/describe tell/explain good/great/nice bad/poor/terrible stupid/dumb/silly where/where_exactly funny/hilarious
download/fetch really/actually memory/RAM person/human people/humans wrong/incorrect/false right/correct/true
sad/unhappy/down happy/glad boring/dull tired/exhausted hello/hi/hey thanks/thx/thank_you okay/ok/alright film/movie
films/movies favourite/favorite gpu/graphics_card/video_card key/button shortcut/hotkey free/gratis cost/price works/functions
""".split()
]
SYNONYMS = {
    word.replace("_", " "): [w.replace("_", " ") for w in group if w != word] for group in SAME for word in group
}
FILLERS = "actually just so um really maybe please now exactly then again hey well like".split()
SMALL = set("a an the is are do does of to in for it this that i you me my".split())


def reworded(rng: Random, text: str) -> str:
    """The same in other words: a synonym or two, a small word left out, a filler put in."""
    words = text.split(" ")
    for i, word in enumerate(words):
        bare = word.strip("?.!,").lower()
        if bare in SYNONYMS and rng.random() < 0.4:
            words[i] = word.lower().replace(bare, rng.choice(SYNONYMS[bare]))
    r = rng.random()
    if len(words) > 3 and r < 0.2:
        places = [i for i, w in enumerate(words) if i and w in SMALL]
        if places:
            del words[rng.choice(places)]
    elif len(words) > 2 and r < 0.35:
        words.insert(rng.randrange(len(words)), rng.choice(FILLERS))
    return " ".join(words)


def misspelt(rng: Random, text: str) -> str:
    """One letter left out, doubled, hit beside, or changed with its neighbour."""
    places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i - 1].isalpha()]
    if len(text) < 8 or not places:
        return text
    i = rng.choice(places)
    r = rng.random()
    if r < 0.35:
        return text[:i] + text[i + 1 :]
    if r < 0.55:
        return text[:i] + text[i] + text[i:]
    if r < 0.7:
        return text[:i] + rng.choice("etaoinshrdlu") + text[i + 1 :]
    return text[: i - 1] + text[i] + text[i - 1] + text[i + 1 :]


FRAME_WORDS = set(
    """what which where whats capital city country continent translate please write function calculate multiply minus
    story about short python called colour color month number largest biggest highest program german spanish english word
    means mean called tell code""".split()
)


def frame_misspelt(rng: Random, text: str) -> str:
    """A slip in a word of the frame: what it is about must stay readable."""
    words = text.split(" ")
    places = [i for i, w in enumerate(words) if w.strip("?.!,:").lower() in FRAME_WORDS]
    if not places:
        return text
    i = rng.choice(places)
    padded = misspelt(rng, "  " + words[i] + "        ")
    return " ".join([*words[:i], padded.strip(), *words[i + 1 :]])


def vary(rng: Random, question: str) -> str:
    """What people do to a question: frames, small letters, missing marks, short forms, slips."""
    q = question
    for long, short in SPELLINGS.items():
        if long in q and rng.random() < 0.35:
            q = q.replace(long, rng.choice(short))
    r = rng.random()
    if r < 0.1:
        frame = rng.choice(FRAMES)
        inner = lower_first(q) if frame.endswith((", {q}", ": {q}", "And {q}")) and rng.random() < 0.7 else q
        q = frame.format(q=inner)
    elif r < 0.16:
        q = rng.choice(LOOSE).replace("{q}", lower_first(q).rstrip("?.!"))
    elif r < 0.23:
        frame = rng.choice(AROUND)
        q = frame.replace("{q}", lower_first(q) if frame.endswith("{q}") else lower_first(q).rstrip("?.!"))
    if rng.random() < 0.3:
        q = lower_first(q)
    if rng.random() < 0.35 and q[-1] in "?.!":
        q = q[:-1] or q
    elif rng.random() < 0.04 and q[-1].isalnum():
        q += rng.choice("?.!")
    if rng.random() < 0.25:
        q = q.lower()
    elif rng.random() < 0.015:
        q = q.upper()
    return q


def fill(rng: Random, templates: list[str], **slots: object) -> str:
    text = rng.choice(templates).format(**slots)
    return text[0].upper() + text[1:]


# Frames for "the capital of France" and other things with a name.
ASK_THING = [
    "What is {x}?",
    "What's {x}?",
    "Tell me {x}.",
    "Name {x}.",
    "Do you know {x}?",
    "Can you tell me {x}?",
    "Please tell me {x}.",
    "{x}?",
    "I want to know {x}.",
    "Can you name {x}?",
    "What would be {x}?",
    "I forgot {x}.",
]
ASK_THING_HELD = [
    "Could you tell me {x}?",
    "I would like to know {x}.",
    "Please name {x}.",
    "What is {x} called?",
]

# Frames for a concept: "a router", "load balancing".
ASK_CONCEPT = [
    "What is {x}?",
    "What's {x}?",
    "Explain {x}.",
    "Define {x}.",
    "Tell me about {x}.",
    "What does {x} mean?",
    "Can you explain {x}?",
    "What do you know about {x}?",
    "Please explain {x}.",
    "What is meant by {x}?",
    "{x}?",
    "Describe {x}.",
    "Can you tell me what {x} is?",
    "Explain {x} to me.",
    "Tell me what {x} is.",
    "What about {x}?",
    "I want to learn about {x}.",
    "Help me understand {x}.",
    "What exactly is {x}?",
    "Do you know what {x} is?",
]
ASK_CONCEPT_HELD = [
    "Could you explain {x}?",
    "Please tell me about {x}.",
    "Can you describe {x}?",
    "Do you know {x}?",
    "Please describe {x}.",
    "I do not understand {x}.",
    "So what is {x}?",
    "Explain to me what {x} is.",
]

# Frames that came later, so that the held-out questions stay.
ASK_CONCEPT_MORE = [
    "{x}", "what is {x} exactly", "explain {x} in simple words", "explain {x} simply", "{x} explained", "{x} meaning", "what {x} is",
    "whats {x} then", "{x}: what is it", "in short, what is {x}", "what do you mean by {x}", "what is {x} good for", "what is {x} for",
    "why is there {x}", "why do we need {x}", "how does {x} work", "give me a definition of {x}", "definition of {x}", "what do people mean by {x}",
    "I have never heard of {x}", "never heard of {x}", "explain {x} to a beginner", "explain {x} to a child", "explain {x} for dummies",
    "what does {x} do", "what is this {x} thing", "something about {x}", "teach me {x}", "what on earth is {x}", "who or what is {x}",
    "what is so special about {x}", "what is the idea of {x}", "what is the purpose of {x}", "tell me more about {x}", "I want to understand {x}",
    "can you tell me something about {x}", "give me a short explanation of {x}", "{x} in one sentence", "what's the deal with {x}", "what is {x} used for",
    "what is the meaning of {x}", "could somebody explain {x}", "explain {x} again", "what was {x} again", "how would you explain {x}",
]
ASK_ACTION_MORE = [
    "{x}", "how to {x}", "how do you {x}", "how can you {x}", "where do I {x}", "where can I {x}", "is it possible to {x} here", "can you {x}",
    "how does one {x}", "i cant find how to {x}", "I do not know how to {x}", "what should I click to {x}", "which button to {x}", "help me {x}",
    "which key is there to {x}", "i want to {x}", "let me {x}", "how exactly do I {x}", "any way to {x}?", "steps to {x}", "what do I press to {x}",
    "how am I supposed to {x}", "is there a button to {x}", "I would like to {x}, how?", "how would I {x}", "am I able to {x}", "can one {x}",
    "tell me how you {x}", "I am trying to {x}", "I tried to {x}", "what is the easiest way to {x}", "how do people {x}",
]

# Frames for an action of the user: "export a chat".
ASK_ACTION = [
    "How do I {x}?",
    "How can I {x}?",
    "I want to {x}.",
    "What must I do to {x}?",
    "Can I {x}?",
    "How to {x}?",
    "Is there a way to {x}?",
    "Please tell me how to {x}.",
    "Tell me how I can {x}.",
    "Show me how to {x}.",
    "What is the way to {x}?",
    "Is it possible to {x}?",
    "Explain how to {x}.",
    "I would like to {x}.",
    "May I {x}?",
]
ASK_ACTION_HELD = [
    "How could I {x}?",
    "Can you tell me how to {x}?",
    "I need to {x}.",
    "What do I do to {x}?",
    "Do you know how to {x}?",
    "Please explain how I can {x}.",
]
