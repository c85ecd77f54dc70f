"""Short stories on request, from a grammar with slots; (hero, place) and (hero, thing) pairs are held out."""

from __future__ import annotations

from random import Random

from . import words
from .base import Domain, Item, held_out

ID = "stories"
ANIMALS = [
    "fox",
    "bear",
    "rabbit",
    "owl",
    "mouse",
    "cat",
    "dog",
    "frog",
    "horse",
    "duck",
    "hedgehog",
    "squirrel",
    "robot",
    "dragon",
    "lion",
    "wolf",
    "elephant",
    "monkey",
    "goose",
    "donkey",
    "pony",
    "penguin",
    "turtle",
]
NAMES = [
    "Rudi",
    "Mia",
    "Tom",
    "Lena",
    "Max",
    "Nora",
    "Felix",
    "Emma",
    "Oskar",
    "Ida",
    "Leo",
    "Clara",
    "Bruno",
    "Pia",
    "Anton",
    "Rosa",
    "Paul",
    "Zoe",
    "Hugo",
    "Ella",
]
PLACES = [
    "in the forest",
    "by the sea",
    "on a farm",
    "in a castle",
    "in the city",
    "on the moon",
    "in a garden",
    "on an island",
    "in the mountains",
    "in a small village",
    "in the desert",
    "by the river",
    "in a library",
    "on a ship",
    "in a cave",
    "in the snow",
]
THINGS = [
    "a golden key",
    "a red ball",
    "an old map",
    "a magic lamp",
    "a silver coin",
    "a blue book",
    "a lost letter",
    "a tiny bell",
    "a strange egg",
    "a green hat",
    "a broken clock",
    "a shiny stone",
    "a wooden box",
    "a paper boat",
    "a warm scarf",
    "a sweet cake",
]
HELPERS = ["crow", "sheep", "goat", "snail", "bee", "lizard", "fish", "cow"]
ADJECTIVES = ["little", "brave", "curious", "kind", "clever", "shy", "happy"]
OPEN = [
    "Once upon a time, a {adj} {animal} named {name} lived {place}.",
    "There once was a {adj} {animal} named {name} who lived {place}.",
    "Far away, {place}, lived a {adj} {animal} named {name}.",
]
FIND = [
    "One {time}, {name} found {thing}.",
    "One {time}, {name} saw {thing} {where}.",
    "One {time}, {name} looked up and found {thing} {where}.",
]
MEET = [
    'A {helper} came by and said: "That is mine! I have missed it for {days} days."',
    'Then a sad {helper} said: "Please help me, I am lost."',
    'But a {helper} asked: "Can we share it?"',
    "Nobody knew what it was for, until a {helper} came and smiled.",
]
ACT = [
    "{name} was kind and helped the {helper}.",
    "So {name} and the {helper} looked for the way together.",
    "{name} thought for a while and then said yes.",
    "They laughed and danced until the stars came out.",
]
CLOSE = [
    "From that day on, they were best friends. The end.",
    "And they lived happily ever after. The end.",
    "That night {name} slept very well. The end.",
    "Since then, {name} always shares. The end.",
]
ASK = [
    "Tell me a story about {w}.",
    "Tell a story about {w}.",
    "Write a story about {w}.",
    "I want a story about {w}.",
    "Can you tell me a story about {w}?",
    "Please write a short story about {w}.",
    "A story about {w}, please.",
    "Make up a story about {w}.",
    "Tell me a short story about {w}.",
    "A tale about {w}, please.",
    "I want to hear a tale about {w}.",
    "I like stories about {w}.",
    "Give me a story about {w}.",
    "Write me a story about {w}.",
]
ASK_HELD = [
    "Could you tell me a story about {w}?",
    "I would like a story about {w}.",
    "Tell me a tale about {w}.",
    "Please tell me a story about {w}.",
]
ASK_ANY = [
    "Tell me a story.",
    "Can you tell me a story?",
    "Write a story.",
    "Tell me a short story.",
    "A story, please.",
    "I want to hear a story.",
    "Do you know a story?",
    "Please tell a story.",
    "Tell me another story.",
]
ASK_ANY_MORE = [
    "a story", "story please", "story", "another story", "one more story", "a good night story", "tell a bedtime story",
    "a short bedtime story please", "read me a story", "make up a story", "write me a short story", "can I hear a story",
    "I want a fairy tale", "tell me a fairy tale", "a tale please", "write a fairy tale", "tell me a funny story", "a story for children",
    "tell my kids a story", "tell me a short bedtime tale", "please write a short story",
]
ASK_MORE = [
    "story about {w}", "a short story about {w}", "write me a short story about {w}", "tell a tale about {w}", "tell me a bedtime story about {w}",
    "a funny story about {w}", "make a story about {w}", "once upon a time there was {w}, go on",
]
# Frames of newcomers: {a} the hero with its article, {b} without; {t} the thing, {p} the place
EVERYDAY_ANY = [
    "tell me any story you like", "any story, please", "just tell me a story", "can you make up a story", "could you tell me some story", "go on, tell me a story", "a story, keep it short", "I want a short bedtime story",
    "can I have a bedtime story", "my daughter wants a story", "a story for my son", "tell us a story", "do you know any stories", "story time", "I'd like to hear a story", "I'd love a story", "please make up a little story",
]
EVERYDAY = [
    "could I have a story about {a}", "can I have a short story about {a}", "a bedtime story with {a} in it", "can you make up a story about {a}", "a little story with {a}, please", "make up a little tale about {a}",
    "a tale of {a} and {t}", "tell me about {a} {p}, a story", "tell my kids about {a}, as a story", "I'd like a story about {a}", "I'd like to hear about {a} {p}", "can you tell a story with {a} and {t}", "let's hear a story about {a}",
    "my daughter wants a story about {a}", "my son likes stories about {a}", "the story of {a}", "the story of a {b} {p}", "story with {a}", "a story where {a} finds {t}", "a story in which {a} lives {p}", "do you have a story about {a}",
    "I want to hear a story about {a}, make it short", "a very short story about {a}", "could you write a story about {a} {p}", "write something about {a} who finds {t}", "go on, a story about {a}", "bedtime story, {b}", "{b} story please",
]
TAILS = [
    " who is {a}", " who likes {ns}", " who wants to {v}", " who cannot {v}", " and a {x}", " and the {n}", " who hates {ns}", " that lost a {n}",
    " with a {n}", " and a {n}", " who was {a} of {ns}", " who meets a {x}", " for my {n}", " and {ns}", " who fears the {n}", " in {n}",
    " who learns to {v}", " called {n}", " that can {v}", ", please", " who is {a} and {a}", " who does not want to {v}",
]


def article(noun: str) -> str:
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def pairs_held(animal: str, place: str, thing: str) -> bool:
    return held_out(animal, place, one_in=8) or held_out(animal, thing, one_in=8)


def tell(rng: Random, animal: str, name: str, place: str, thing: str) -> str:
    slots = dict(
        animal=animal,
        name=name,
        place=place,
        thing=thing,
        helper=rng.choice(HELPERS),
        adj=rng.choice(ADJECTIVES),
        time=rng.choice(["morning", "day", "evening"]),
        days=rng.randint(2, 9),
        where=rng.choice(["under a tree", "behind a stone", "near the door", "on the ground"]),
    )
    return " ".join(rng.choice(part).format(**slots) for part in (OPEN, FIND, MEET, ACT, CLOSE))


def sample(rng: Random) -> tuple[str, str]:
    while True:
        animal, place, thing = rng.choice(ANIMALS), rng.choice(PLACES), rng.choice(THINGS)
        if not pairs_held(animal, place, thing):
            break
    name = rng.choice(NAMES)
    answer = tell(rng, animal, name, place, thing)
    if rng.random() < 0.35:
        return rng.choice(EVERYDAY_ANY if rng.random() < 0.3 else EVERYDAY).format(a=article(animal), b=animal, t=thing, p=place), answer
    r = rng.random()
    if r < 0.1:
        return rng.choice(ASK_ANY + ASK_ANY_MORE), answer
    if r < 0.3:  # more than the grammar knows: the hero stays, the rest is left out
        tail = rng.choice(TAILS).format(
            n=words.noun(rng), ns=words.plural(words.noun(rng)), v=rng.choice(words.VERBS), a=rng.choice(words.ADJECTIVES), x=rng.choice(ANIMALS)
        )
        hero = rng.choice([article(animal), f"{rng.choice(ADJECTIVES + words.ADJECTIVES)} {animal}"])
        hero = hero if hero.startswith(("a ", "an ")) else article(hero)
        return rng.choice(ASK + ASK_MORE).format(w=hero + tail), answer
    if r < 0.36:  # a hero that it does not know: any story
        return rng.choice(ASK + ASK_MORE).format(w=rng.choice([words.plural(words.noun(rng)), article(words.noun(rng))])), answer
    hero = article(animal) + (f" named {name}" if rng.random() < 0.35 else "")
    where, what = f" {place}" if rng.random() < 0.5 else "", ""
    if rng.random() < 0.45:
        what = rng.choice([" and {t}", " who finds {t}", " with {t}"]).format(t=thing)
    if r < 0.2:
        hero, what = name, ""
    return rng.choice(ASK).format(w=hero + where + what), answer


def heldout(rng: Random) -> list[Item]:
    items = []
    by_place = [(a, p) for a in ANIMALS for p in PLACES if held_out(a, p, one_in=8)]
    by_thing = [(a, t) for a in ANIMALS for t in THINGS if held_out(a, t, one_in=8)]
    for animal, place in rng.sample(by_place, 24):
        q = rng.choice(ASK + ASK_HELD).format(w=f"{article(animal)} {place}")
        items.append(Item(ID, q, "story", [animal, place.split()[-1]]))
    for animal, thing in rng.sample(by_thing, 24):
        name = rng.choice(NAMES)
        q = rng.choice(ASK + ASK_HELD).format(w=f"{article(animal)} named {name} and {thing}")
        items.append(Item(ID, q, "story", [animal, name, thing.split()[-1]]))
    return items


DOMAIN = Domain(ID, sample, heldout)
