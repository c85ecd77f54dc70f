"""Sums and differences within 0..20 (number pairs held out), multiplication tables (phrasings held out).

Most of what is to be learnt is in few tokens, so many turns are drills: lists of problems and their results.
"""

from __future__ import annotations

from random import Random

from .base import Domain, Item, held_out

ID = "arithmetic"
ASK = {
    "+": [
        "What is {a} + {b}?",
        "{a} + {b}",
        "{a} + {b} = ?",
        "What is {a} plus {b}?",
        "Add {a} and {b}.",
        "{a}+{b}",
        "Calculate {a} + {b}.",
        "How much is {a} plus {b}?",
        "What is the sum of {a} and {b}?",
        "{a}+{b}=?",
    ],
    "-": [
        "What is {a} - {b}?",
        "{a} - {b}",
        "{a} - {b} = ?",
        "What is {a} minus {b}?",
        "Subtract {b} from {a}.",
        "{a}-{b}",
        "Calculate {a} - {b}.",
        "How much is {a} minus {b}?",
        "Take {b} away from {a}.",
        "{a}-{b}=?",
    ],
    "*": [
        "What is {a} times {b}?",
        "{a} * {b}",
        "{a} x {b}",
        "What is {a} * {b}?",
        "Multiply {a} by {b}.",
        "How much is {a} times {b}?",
        "Calculate {a} times {b}.",
        "{a} times {b}?",
        "{a}*{b}=?",
        "{a} x {b} = ?",
    ],
}
ASK_HELD = {
    "*": [
        "What do I get if I multiply {a} by {b}?",
        "Tell me {a} times {b}.",
        "Calculate {a} * {b}.",
        "How much is {a} x {b}?",
        "What is the product of {a} times {b}?",
    ]
}
NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty"
).split()
# Phrasings that came later, so that the held-out questions stay
ASK_MORE = {
    "+": ["{a} plus {b}", "what's {a} + {b}", "{a} + {b} =", "{a} plus {b} is what", "add {a} to {b}", "how much is {a} + {b}", "{a} and {b} together?", "what do {a} and {b} make", "what do I get if I add {a} and {b}", "compute {a} + {b}", "sum of {a} and {b}"],
    "-": ["{a} minus {b}", "what's {a} - {b}", "{a} - {b} =", "how much is {a} - {b}", "{a} less {b}", "what do I get if I take {b} from {a}", "compute {a} - {b}", "difference of {a} and {b}"],
    "*": ["what's {a} x {b}", "{a} * {b} = ?", "{a}*{b}", "{a}x{b}", "how much is {a} * {b}", "what is {a} multiplied by {b}", "whats {a} times {b}", "{a} * {b} =", "multiply {a} with {b}", "product of {a} and {b}", "{a} multiplied by {b}", "what comes out if I multiply {a} and {b}", "if {a} is multiplied by {b}, what is it", "what do you get for {a} times {b}", "compute {a} x {b}", "I want {a} times {b}"],
}
EVERYDAY = {
    "+": ["{a} plus {b} equals", "{a}+{b} is", "what does {a} + {b} equal", "{a} and {b} is?", "what is {a} and {b}", "what are {a} and {b} together", "add {a} + {b}", "can you add {a} and {b}?", "could you add {b} to {a}", "please calculate {a}+{b} for me", "what do you get when you add {a} and {b}", "{a} added to {b}", "{a} plus {b}, how much", "how much do {a} and {b} make", "do you know what {a} plus {b} is", "what's {a} plus {b}", "whats {a}+{b}", "i have {a} and get {b} more, how many", "what is {a}+{b}", "{a} + {b} please", "so {a} + {b} makes", "can you do {a} + {b}", "work out {a} + {b}", "solve {a} + {b}", "sum: {a} + {b}", "hm {a} + {b}"],
    "-": ["{a} take away {b}", "what's {a} take away {b}", "{a} minus {b} equals", "{a}-{b} is", "what does {a} - {b} equal", "{b} from {a}", "take {b} from {a}", "can you subtract {b} from {a}?", "please calculate {a}-{b} for me", "what is left of {a} without {b}", "{a} minus {b}, how much", "i have {a} and lose {b}, how many are left", "do you know what {a} minus {b} is", "what's {a} minus {b}", "whats {a}-{b}", "what is {a}-{b}", "{a} - {b} please", "so {a} - {b} makes", "can you do {a} - {b}", "work out {a} - {b}", "solve {a} - {b}", "{a} without {b}", "what remains of {a} minus {b}", "hm {a} - {b}"],
    "*": ["{a} times {b} equals", "{a}*{b} is", "what does {a} x {b} equal", "what's {a} times {b}", "whats {a}x{b}", "what is {a}x{b}", "can you multiply {a} by {b}?", "please calculate {a}*{b} for me", "{a} multiplied with {b}", "{a} times {b}, how much", "do you know what {a} times {b} is", "{a} x {b} please", "so {a} * {b} makes", "can you do {a} * {b}", "work out {a} x {b}", "solve {a} * {b}", "{a} by {b}, multiplied", "how many is {a} times {b}", "hm {a} * {b}"],
}
TABLE = ["Show me the table of {n}.", "Tell me the table of {n}.", "What is the table of {n}?"]
PRACTISE = {
    "+": ["Show me some sums.", "Practise addition.", "Give me some sums."],
    "-": ["Show me some differences.", "Practise subtraction.", "Give me some differences."],
    "*": ["Show me some products.", "Practise multiplication.", "Give me some products."],
}
COMPARE = [
    "Which is larger, {a} or {b}?",
    "Which number is larger, {a} or {b}?",
    "What is larger, {a} or {b}?",
]


def result(a: int, op: str, b: int) -> int:
    return a + b if op == "+" else a - b if op == "-" else a * b


def is_held(a: int, op: str, b: int) -> bool:
    """Ordered pairs: 7 + 8 may be held out while 8 + 7 is trained on. The tables are learnt by heart."""
    return op != "*" and held_out(a, op, b)


def draw(rng: Random, op: str = "") -> tuple[int, str, int]:
    """A problem whose numbers and result lie within 0..20 (tables: 0..10), never one that is held out."""
    while True:
        chosen = op or rng.choice("++++---**")
        if chosen == "*":
            return rng.randint(0, 10), chosen, rng.randint(0, 10)
        a, b = rng.randint(0, 20), rng.randint(0, 20)
        if (a + b <= 20 if chosen == "+" else b <= a) and not is_held(a, chosen, b):
            return a, chosen, b


def solved(a: int, op: str, b: int) -> str:
    return f"{a} {op} {b} = {result(a, op, b)}"


def drill(rng: Random) -> tuple[str, str]:
    op = rng.choice("++++---**")
    if op == "*" and rng.random() < 0.3:
        n = rng.randint(2, 10)
        table = ", ".join(solved(i, "*", n) for i in range(1, 11))
        return rng.choice(TABLE).format(n=n), table + "."
    problems = [draw(rng, op) for _ in range(rng.randint(4, 9))]
    results = ", ".join(solved(*problem) for problem in problems) + "."
    if rng.random() < 0.6:
        return rng.choice(PRACTISE[op]), results
    return "Calculate: " + ", ".join(f"{a} {op} {b}" for a, op, b in problems), results


def sample(rng: Random) -> tuple[str, str]:
    r = rng.random()
    if r < 0.04:  # the order of the numbers, which sums and differences rest on
        start, step = rng.randint(0, 30), rng.choice([1, 1, -1])
        end = start + step * rng.randint(3, 10)
        if end >= 0:
            numbers = ", ".join(map(str, range(start, end + step, step)))
            return f"Count from {start} to {end}.", numbers + "."
    if r < 0.07:
        n = rng.randint(1, 40)
        if rng.random() < 0.5:
            return f"Which number comes after {n}?", f"After {n} comes {n + 1}."
        return f"Which number comes before {n}?", f"Before {n} comes {n - 1}."
    if r < 0.09:
        a, b = rng.sample(range(41), 2)
        return rng.choice(COMPARE).format(a=a, b=b), f"{max(a, b)} is larger than {min(a, b)}."
    if r < 0.25:
        return drill(rng)
    a, op, b = draw(rng)
    r = rng.random()
    ask = rng.choice(ASK[op] if r < 0.4 else ASK_MORE[op] if r < 0.65 else EVERYDAY[op])
    in_words = rng.random() < 0.12
    spoken = [NUMBER_WORDS[n] if in_words or rng.random() < 0.05 else str(n) for n in (a, b)]
    return ask.format(a=spoken[0], b=spoken[1]), solved(a, op, b)


def heldout(rng: Random) -> list[Item]:
    items = []
    for op, n in (("+", 22), ("-", 18)):
        pairs = [
            (a, b)
            for a in range(21)
            for b in range(21)
            if (a + b <= 20 if op == "+" else b <= a) and is_held(a, op, b)
        ]
        for a, b in rng.sample(pairs, min(n, len(pairs))):
            q = rng.choice(ASK[op]).format(a=a, b=b)
            items.append(Item(ID, q, "number", [str(result(a, op, b))]))
    for i in range(16):
        a, b = rng.randint(1, 10), rng.randint(1, 10)
        q = ASK_HELD["*"][i % len(ASK_HELD["*"])].format(a=a, b=b)
        items.append(Item(ID, q, "number", [str(a * b)]))
    return items


DOMAIN = Domain(ID, sample, heldout)
