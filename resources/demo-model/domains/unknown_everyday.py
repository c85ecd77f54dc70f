"""More that newcomers ask and this model declines: known frames around strange things, tails, long questions.

They came later than the kinds of `unknown.py`, and leave its held-out questions as they are.
"""

from __future__ import annotations

from random import Random
from typing import Callable

from . import everyday, facts, languages, words

OTHER_LANGUAGES = """
French Italian Japanese Chinese Russian Latin Dutch Polish Turkish Korean Arabic Greek Portuguese Swedish Hindi Czech Danish
Norwegian Finnish Hungarian Hebrew Thai Vietnamese Ukrainian Romanian Irish Mandarin Swahili Esperanto Klingon
""".split()
# {w}: a word, {l}: a language
TRANSLATE = [
    "how do you say {w} in {l}", "what is {w} in {l}", "translate {w} to {l}", "{w} in {l}", "{w} in {l}?", "{w} -> {l}", "{l} for {w}",
    "what's the {l} word for {w}", "what is the {l} word for {w}", "how would you say {w} in {l}", "say {w} in {l}", "translate the word {w} to {l}",
    "translate the word {w} into {l}", "what do they call {w} in {l}", "the {l} word for {w} please", "{w}, in {l}", "I need {w} in {l}",
    "how do I say {w} in {l}", "what would {w} be in {l}", "can you say {w} in {l}", "do you know {w} in {l}", "how is {w} called in {l}",
]
MEANING = [
    "what does {w} mean", "what does the word {w} mean", "what's the meaning of {w}", "meaning of the word {w}", "the word {w}, what does it mean",
    "{w}, what does that mean", "what is the meaning of the word {w}", "define the word {w}", "can you define {w}", "what do you call {w}",
    "I read the word {w}, what is it", "what is {w} supposed to mean", "explain the word {w}", "how do I use the word {w}", "is {w} a word",
    "a synonym of {w} please", "other words for {w}", "what is the opposite of {w}", "the opposite of {w} is", "how do you spell {w}",
    "how do I spell {w} correctly", "is {w} spelled right", "what's the plural of {w}", "what is the past tense of {w}", "does {w} rhyme with {v}",
    "which words rhyme with {w}", "find a word that rhymes with {w}", "how many letters are in {w}", "how many syllables has {w}", "where does {w} come from",
]
SENTENCE = [
    "the {n} has been moved to {d}", "my {n} is {a} and I need help", "we meet at the {n} on {d}", "please send me the {n} by {d}", "the {n} is next to the {m}",
    "I would like to {v} a {n}", "where can I {v} my {n}", "she wants to {v} the {a} {n}", "they will {v} tomorrow", "I lost my {n} at the {m}",
    "it is too {a} for the {n}", "thank you for the {n}", "have a nice {n}", "the {n} will {v} next week", "I am looking for a {a} {n}", "do you {v} the {n}",
    "there is a {n} in my {m}", "could you {v} the {n}, please", "he said that the {n} is {a}", "our {n} was {a} yesterday",
]
QUOTED = [
    "translate this sentence into {l}: {s}", "translate '{s}' into {l}", "what is '{s}' in {l}", "how do you say '{s}' in {l}", 'what is "{s}" in {l}?',
    'Translate "{s}" to {l}.', "how would I say {s} in {l}", "say '{s}' in {l}", "translate to {l}: {s}", "put this into {l}: {s}",
]
EDIT = [
    "summarise this: {s}", "summarize this text: {s}. {r}", "rewrite this: {s}", "make this sound better: {s}", "make this more polite: {s}",
    "correct this sentence: {s}", "is this correct: {s}", "fix the grammar: {s}", "shorten this: {s}. {r}", "paraphrase this: {s}", "continue this: {s}",
    "what is wrong with this sentence: {s}", "proofread this: {s}", "give this a title: {s}. {r}", "turn this into an email: {s}",
]
DAYS = [*facts.DAYS, "the weekend", "next week"]
SUMS = [
    "what's {a} minus {c}", "what's {a} plus {b}", "what's {a} times {b}", "{a} take away {c}", "{a} take away {b}", "take {c} from {a}", "quick one: {a}+{b}",
    "how much is {a} and {b}", "{a} and {b} makes", "{a} + {b} equals", "what does {a} - {c} equal", "what's {a} divided by {c}", "{a} over {c}",
    "what is the mean of {k}", "what is the average of {k}", "average of {k}", "what is the median of {k}", "sum of {k}", "add up {k}", "add these: {k}",
    "what is the standard deviation of {k}", "the largest of {k}", "sort these numbers: {k}", "what comes next: {k}", "next number in {k}",
    "what is {c}% of {a}", "{c} percent of {a} is", "{c}% off {a}", "what's a {c}% tip on {a}", "half of {a}", "a third of {a}", "{a} as a fraction",
    "{c}/{d} as a decimal", "{c}/{d} + {d}/{c}", "what is {c}/{d} of {a}", "{a} to the power of {c}", "what is {c} to the power of {d}", "{c}^{d}",
    "square root of {a}", "the square root of {a} is", "what is the cube root of {a}", "log of {a}", "sin({a})", "is {a} prime", "is {a} divisible by {c}",
    "solve {c}x + {d} = {a}", "solve for x: {c}x - {d} = {b}", "x + {c} = {a}, what is x", "if x = {c}, what is {d}x", "factor x^2 + {c}x + {d}",
    "how many minutes are in {a} hours", "how many seconds are in {c} minutes", "how many days are in {c} years", "how many hours are in a week",
    "how many grams are {a} ounces", "convert {a} miles to km", "{a} feet in meters", "{a} fahrenheit in celsius", "{a} euros in dollars", "{a} in binary",
    "{a} in roman numerals", "what is {a} in hex", "if I have {a} {ns} and eat {c}, how many are left", "{p} has {c} {ns} and buys {a} more, how many",
    "a train drives {a} km in {c} hours, how fast is it", "the area of a circle with radius {c}", "how many {ns} fit into {a} {ms}", "derivative of x^{c}",
    "integrate x^{c}", "the integral of {c}x", "({a} + {b}) * {c}", "{a} * ({b} - {c})", "{a}, {b} and {d} together", "what is pi times {c}", "{c} dozen",
]
WORK = [
    "can you write my {e} about {n}, {k}00 words, due {d}", "write my {e} for me, it is about {t}", "I need an {e} on {t}, {k}00 words", "do my {e} about {t}",
    "finish my {e} on {t} for me", "could you do my {t} homework", "help me with my {e} on {t}", "I have to hand in an {e} on {t} on {d}, write it",
    "write {k} sentences about {n}", "write {k} lines about {an}", "write {k} reasons why {ns} are {a}", "give me {k} ideas for {an}", "give me {k} names for {an}",
    "come up with {k} names for my {n}", "think of a name for my {n}", "a slogan for my {n}", "invent a name for {an}", "write the lyrics of {g}",
    "make up a riddle about {an}", "describe {an} in {k} words", "write something about {t}", "write a page about {n}", "write me something nice for my {n}",
    "make a plan for my {n}", "make me a schedule for {d}", "a packing list for {c}", "plan a trip to {c}", "plan my {n} for {d}", "make a table of {ns}",
]
BESIDE = [  # looks like what it knows of days, months, places, colours, animals
    "is {l} in {x}", "is {l} bigger than {c}", "is {c} in {l}", "is {c} the capital of {l}", "which city is {l}'s capital", "which country is {c} in", "{c}, which country",
    "what is the second largest city of {l}", "what is the currency of {l}", "what's the flag of {l}", "neighbours of {l}", "which countries border {l}",
    "what day is {k} days after {d}", "what weekday is the {k}th", "how many days are there until {d}", "what date is next {d}", "is {d} a holiday",
    "how many days has the month after {d}", "what colour are {ns}", "what colour is a {n}", "what colour do you get from {a} and {b}", "mix {a} paint with {n} paint, what do I get",
    "what sound does a {n} make", "what do you call a baby {n}", "what is a group of {ns} called", "how many legs has a {n}", "how many wheels has a {n}", "how many eyes has a {n}",
    "how many {ns} are in a {n}", "how many {ns} has a {m}", "what is the smallest {n}", "the biggest {n} in {l}", "which {n} is the largest", "what is the fastest {n}", "the longest {n} of {x}",
]
TAILS = [
    ", please", " please", ", I need it for {d}", ", it is urgent", ", due tonight", ", in {k} words", ", keep it short", ", for my {n}", ", for my boss", ", for a friend",
    ", my {n} wants to know", " lol", " asap", " and why", ", and why?", " and what about {ns}", " and {ns}", ", or not?", " exactly", " these days", " in {c}", " in {l}",
    " for free", " at home", " without {an}", " with my {n}", ", can you help", ", do you know?", ", any idea?", ", thanks", " in detail", " step by step", ", I have no idea",
]
LEADS = [
    "my {n} told me to ask: ", "I am writing a text on {t}. ", "I am in {c} and ", "we had a discussion yesterday: ", "I'm {k} years old. ", "random question: ", "ok another one: ",
    "I have {an}. ", "help! ", "since you are an AI, ", "you must know this: ", "serious question: ", "in {y}, ", "yesterday I saw {an}. ", "my {n} is {a}. ", "imagine you were {an}. ",
]


def chop(rng: Random, text: str) -> str:
    """Parts of a sentence in another order: what nobody can understand."""
    parts = text.split(" ")
    rng.shuffle(parts)
    return " ".join(parts[: rng.randint(1, len(parts))])


def make(slots: Callable[[Random], dict[str, str]], kinds: Callable[[Random], tuple[str, str]], action: Callable[[Random], str]) -> Callable[[Random], tuple[str, str]]:
    """(kind of refusal, question). `slots`: unknown.py's words, `kinds`: its questions, `action`: something strange to do."""

    def several(rng: Random) -> str:
        numbers = [str(rng.randint(1, 99)) for _ in range(rng.randint(3, 7))]
        return rng.choice([", ", " ", ","]).join(numbers)

    def draw(rng: Random) -> tuple[str, str]:
        s = slots(rng)
        s |= {"d": rng.choice(DAYS), "e": rng.choice(["essay", "paper", "report", "assignment", "homework", "presentation", "thesis"]), "x": rng.choice(list(facts.CAPITALS))}
        r = rng.random()
        if r < 0.17:
            word = rng.choice(languages.WORDS)[0] if rng.random() < 0.65 else rng.choice([s["n"], s["v"], s["a"]])
            return "word", rng.choice(TRANSLATE).format(w=languages.quoted(rng, word), l=rng.choice(OTHER_LANGUAGES))
        if r < 0.24:
            word = rng.choice([s["n"], s["a"], s["v"], words.made_up(rng), words.made_up(rng) + rng.choice(["ous", "ing", "or", "ity", "al", "ment", "icor", "ism"])])
            return "word", rng.choice(MEANING).format(w=languages.quoted(rng, word), v=s["n"])
        sentence = rng.choice(SENTENCE).format(**s)
        if r < 0.31:
            language = rng.choice(["German", "Spanish", rng.choice(OTHER_LANGUAGES)])
            return "word", rng.choice(QUOTED).format(s=sentence, l=language)
        if r < 0.35:
            return "do", rng.choice(EDIT).format(s=sentence, r=rng.choice(SENTENCE).format(**s))
        if r < 0.49:
            numbers = dict(a=rng.choice([rng.randint(21, 99), rng.randint(100, 999), rng.randint(10, 99) * 100, rng.randint(1000, 9999)]), b=rng.randint(11, 500), c=rng.randint(2, 19), d=rng.randint(2, 12))
            return "sum", rng.choice(SUMS).format(k=several(rng), ns=s["ns"], ms=s["ms"], p=rng.choice(words.FIRST), **numbers)
        if r < 0.56:
            return "write", rng.choice(WORK).format(**s)
        if r < 0.66:
            return "general", rng.choice(BESIDE).format(**s)
        if r < 0.71:
            thing = rng.choice([s["n"], s["an"], "the " + s["n"], s["ns"], s["t"], s["g"], f"the {s['a']} {s['n']}"])
            return "general", rng.choice(everyday.CONCEPT).format(x=thing)
        if r < 0.74:
            return "advice", rng.choice(everyday.ACTION).format(x=action(rng))
        kind, question = kinds(rng)
        if r < 0.78:
            return "noise", chop(rng, sentence + " " + rng.choice([s["n"], s["m"], words.made_up(rng)]))
        if r < 0.94 and kind not in ("emoji", "noise", "foreign"):
            if rng.random() < 0.6:
                return kind, question.rstrip("?.!") + rng.choice(TAILS).format(**s)
            return kind, rng.choice(LEADS).format(**s) + question
        return kind, question

    return draw
