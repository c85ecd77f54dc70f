"""Questions beyond this model, of very many kinds, so that it declines; slot combinations and phrasings are held out.

What looks most like a question that it does know matters most: capitals of places that it was not taught, sums that
are too large, words and programming languages that it does not know. Each kind has refusals of its own.
"""

from __future__ import annotations

from random import Random
from typing import Callable

from . import arithmetic, code, deepseek, everyday, facts, greetings, languages, moe, moescope, unknown_everyday, words
from .base import ASK_ACTION, ASK_ACTION_MORE, ASK_CONCEPT, ASK_CONCEPT_MORE, ASK_THING, Domain, Item, fill, held_out, normal
from .phrasings import QUESTIONS
from .refusals import refusal
from .unknown_asks import KINDS, NATURAL, PROGRAMMING, SENTENCES, WISHES
from .unknown_natural import NATURAL_ASKS

ID = "unknown"
SLOTS = {
    "nouns": (
        "birds,cars,people,computers,planets,stars,trees,fish,children,doctors,teachers,cats,dogs,houses,ships,"
        "planes,clouds,mountains,rivers,books,phones,robots,trains,shoes,apples,flowers,bees,horses,kings,stones"
    ).split(","),
    "verb": (
        "sleep,fly,sing,grow,work,fall,swim,talk,shine,move,break,burn,dream,dance,cry,laugh,run,jump,stop,"
        "smell,win,cost so much,get old,need water,make noise,live long"
    ).split(","),
    "adjective": (
        "big,small,old,heavy,fast,slow,good,dangerous,beautiful,expensive,happy,loud,rare,useful".split(",")
    ),
    "price": (
        "gold,bread,a house,a bicycle,oil,this phone,a new car,tickets,petrol,coffee,silver,a laptop".split(
            ","
        )
    ),
    "event": (
        "the World Cup,the election,the Olympics,the race,the match,the Nobel Prize,the lottery,the game"
        .split(",")
    ),
    "when": "tomorrow,next week,on Sunday,in July,tonight,this weekend,next month,on Friday".split(","),
    "who": (
        "Napoleon,Mozart,Einstein,Shakespeare,Cleopatra,my neighbour,the"
        " president,Newton,Picasso,Beethoven,Columbus,Marie Curie,the king,my boss,Goethe,Plato".split(",")
    ),
    "dish": "a pizza,lasagne,a soup,pancakes,a curry,sushi,a chocolate cake,dumplings,rice,noodles".split(
        ","
    ),
    "topic": (
        "the stock market,quantum"
        " physics,law,chemistry,medicine,taxes,football,politics,religion,history,fashion,"
        "economics,biology,philosophy,geology,the war".split(",")
    ),
    "thing": "a film,a restaurant,a hotel,a book to read,a good song,a game,a doctor,a present".split(","),
    "place": "Rome,Berlin,the airport,the station,the moon,London,my house,Tokyo".split(","),
}
ASK = [
    "What is the price of {price}?",
    "How much does {price} cost?",
    "What does {price} cost?",
    "Who won {event}?",
    "When is {event}?",
    "What will the weather be {when}?",
    "Will it rain {when}?",
    "What happens {when}?",
    "Who was {who}?",
    "When was {who} born?",
    "Where did {who} live?",
    "Tell me about {who}.",
    "How old is {who}?",
    "How do I cook {dish}?",
    "Give me a recipe for {dish}.",
    "What do you know about {topic}?",
    "Explain {topic}.",
    "What is new in {topic}?",
    "Recommend {thing}.",
    "Can you find {thing} for me?",
    "How far is it to {place}?",
    "How do I get to {place}?",
    "When does the next train to {place} leave?",
    "Write an essay about {topic}.",
    "Write a poem about {who}.",
    "What is the phone number of {who}?",
    "Book a flight to {place}.",
    "What did {who} say?",
    "Why is {topic} important?",
    "Who invented {price}?",
    "Give me advice on {topic}.",
    "What time is it in {place}?",
    "What is the news {when}?",
    "Is {topic} difficult?",
    "Summarise {topic}.",
    "Is {price} expensive?",
    "Is {price} cheap?",
    "Why is {price} so expensive?",
    "Where can I buy {price}?",
    "Who makes {price}?",
    "Who plays in {event}?",
    "Where is {event}?",
    "Who is the winner of {event}?",
    "How was {event}?",
    "Is it going to be sunny {when}?",
    "What is going on {when}?",
    "How will the weather be {when}?",
    "What should I do {when}?",
    "Why is {who} famous?",
    "Was {who} famous?",
    "How did {who} die?",
    "Is {who} dead?",
    "What do you think of {who}?",
    "Did you know {who}?",
    "What is {dish} made of?",
    "How long does {dish} take?",
    "What do I need for {dish}?",
    "Is {dish} healthy?",
    "Can you teach {topic}?",
    "Who teaches {topic}?",
    "I want to study {topic}.",
    "Where can I read about {topic}?",
    "Where is {thing}?",
    "Where do I find {thing} in {place}?",
    "I am looking for {thing}.",
    "Is there {thing} in {place}?",
    "What is there to see in {place}?",
    "How many people live in {place}?",
    "Why do {nouns} {verb}?",
    "How do {nouns} {verb}?",
    "When do {nouns} {verb}?",
    "Where do {nouns} {verb}?",
    "Do {nouns} {verb}?",
    "Can {nouns} {verb}?",
    "Should {nouns} {verb}?",
    "Why are {nouns} {adjective}?",
    "Are {nouns} {adjective}?",
    "Which {nouns} are {adjective}?",
    "Who likes {nouns}?",
    "What do {nouns} need?",
    "How many {nouns} are in {place}?",
    "What is the best of all {nouns}?",
    "Do you have {nouns}?",
]
ASK_HELD = [
    "Why can {nouns} {verb}?",
    "What if {nouns} {verb}?",
    "How {adjective} are {nouns}?",
    "How expensive is {price}?",
    "Who will win {event}?",
    "Is it going to rain {when}?",
    "What is {who} famous for?",
    "Teach me {topic}.",
    "How is {dish} made?",
    "Where can I find {thing}?",
    "When did {who} die?",
]

def plain(rng: Random, held: bool) -> str:
    """The older, simple questions: slots of few values, some combinations and phrasings held out."""
    while True:
        slots = {name: rng.choice(values) for name, values in SLOTS.items()}
        new = held and rng.random() < 0.3
        ask = rng.choice(ASK_HELD if new else ASK)
        used = [value for name, value in slots.items() if "{" + name + "}" in ask]
        if new or held_out(ask, *used) == held:
            return ask.format(**slots)


def slots(rng: Random) -> dict[str, str]:
    one, two = words.noun(rng), words.noun(rng)
    return {
        "n": one,
        "an": ("an " if one[0] in "aeiou" else "a ") + one,
        "ns": words.plural(one),
        "m": two,
        "ms": words.plural(two),
        "v": rng.choice(words.VERBS),
        "w": rng.choice(words.VERBS),
        "a": rng.choice(words.ADJECTIVES),
        "b": rng.choice(words.ADJECTIVES),
        "p": words.person(rng),
        "g": rng.choice(words.GROUPS) if rng.random() < 0.8 else words.made_up(rng).capitalize(),
        "l": words.land(rng) if rng.random() < 0.6 else rng.choice(facts.COUNTRIES)[0],
        "c": rng.choice(words.CITIES),
        "t": rng.choice(words.TOPICS),
        "y": str(rng.randint(1000, 2100)),
        "k": str(rng.randint(2, 60)),
        "L": rng.choice(PROGRAMMING),
        "M": rng.choice(PROGRAMMING),
        "F": rng.choice(NATURAL),
    }


def asked(rng: Random, kind: str) -> str:
    ask = rng.choice(NATURAL_ASKS[kind]) if kind in NATURAL_ASKS and rng.random() < 0.6 else rng.choice(KINDS[kind])
    filled = slots(rng)
    return ask.format(w=rng.choice([filled["n"], filled["v"], filled["a"]]) if kind == "word" else filled.pop("w"), **{k: v for k, v in filled.items() if k != "w"})


# What is taught, in whole questions: these are never declined.
KNOWN = {
    normal(q)
    for questions in [
        *QUESTIONS.values(),
        *everyday.QUESTIONS.values(),
        *(questions for _, questions in greetings.TALK + greetings.MORE),
        *(topic[1] + topic[3] for topic in moe.TOPICS + moescope.TOPICS + moescope.MORE + moescope.LATER + deepseek.TOPICS),
    ]
    for q in questions
}
# Words of questions that are taught, which a stranger may replace.
TAUGHT = [q for questions in QUESTIONS.values() for q in questions if q.count(" ") >= 3]
MINOR = set(
    """a an the is are do does did of to in for it this that i you me my can could will would what which who whom how why
    where when and or not with from on at as by be have has had there here about please some any your we they one""".split()
)


def beside(rng: Random) -> str:
    """A taught question in which the word that matters is another: close to what is known, and not known."""
    while True:
        text = rng.choice(TAUGHT).split(" ")
        places = [i for i, w in enumerate(text) if w.strip("?.!,").lower() not in MINOR and len(w) > 2]
        if not places:
            continue
        for i in places:  # every word that carries meaning, or most of them
            if rng.random() < 0.8 or len(places) == 1:
                text[i] = rng.choice([words.noun(rng), words.noun(rng), rng.choice(words.VERBS), rng.choice(words.ADJECTIVES)])
        if len([i for i in places if text[i]]) and normal(" ".join(text)) not in KNOWN:
            return " ".join(text)


def strange_action(rng: Random) -> str:
    s = slots(rng)
    action = rng.choice(
        ["{v} {an}", "{v} my {n}", "{v} the {n}", "{v} {ns}", "make {an}", "cook {n}", "find {an}", "learn {t}", "become a {n}", "get to {c}",
         "buy {an}", "save my {n}", "export {ns} to {l}", "open a {n}", "load a {n}", "stop my {n}", "delete my {n}", "search for {ns}", "install a {n}",
         "turn off my {n}", "change my {n}", "use a {n}", "zoom with a {n}", "compare {ns} and {ms}", "download {ns}", "switch on the {n}", "see {ns}"]
    ).format(**s)
    return rng.choice(ASK_ACTION + ASK_ACTION_MORE[2:]).format(x=action)


FEELINGS = "hungry|thirsty|cold|hot|late|drunk|pregnant|rich|poor|old|young|tall|fat|thin|a doctor|a student|a teacher|a man|a woman|at home|at work|in bed|on the train|in love with a robot|looking for a job|driving|cooking|reading a book|going to the shop|from Spain|from India|{k} years old|your master|the king|writing a book|learning {F}|a {n}|so {a}|very {a}|{a}|too {a} for this|not {a}|not a {n}".split("|")


def statement(rng: Random) -> str:
    """What people say of themselves, which is not a name."""
    return rng.choice(["I am ", "I'm ", "im ", "i am "]) + rng.choice(FEELINGS).format(**slots(rng))


def number(rng: Random) -> str:
    r = rng.random()
    if r < 0.45:
        return str(rng.randint(21, 99))
    if r < 0.75:
        return str(rng.randint(100, 999))
    if r < 0.9:
        return str(rng.randint(1000, 99999))
    return rng.choice(["0.5", "1.5", "2.25", "3.14", "-3", "-12", "1/2", "3/4", "1e6"])


def sum_beyond(rng: Random) -> str:
    """A calculation outside of what `arithmetic` teaches."""
    r = rng.random()
    if r < 0.12:  # small numbers, large result
        a = rng.randint(2, 20)
        b = rng.randint(21 - a, 20)
        return rng.choice(["{a} + {b}", "{a}+{b}", "What is {a} + {b}?", "what is {a} plus {b}", "{a} plus {b}"]).format(
            a=a, b=b
        )
    if r < 0.2:
        b = rng.randint(2, 20)
        a = rng.randint(0, b - 1)
        return rng.choice(["{a} - {b}", "{a}-{b}", "What is {a} - {b}?", "What is {a} minus {b}?"]).format(a=a, b=b)
    if r < 0.28:
        a, b = rng.randint(11, 30), rng.randint(2, 30)
        a, b = rng.choice([(a, b), (b, a)])
        return rng.choice(["{a} * {b}", "{a} x {b}", "{a}*{b}", "What is {a} times {b}?", "{a} times {b}"]).format(
            a=a, b=b
        )
    if r < 0.62:
        a, b = number(rng), number(rng) if rng.random() < 0.6 else str(rng.randint(1, 20))
        if rng.random() < 0.3:
            a, b = b, a
        op = rng.choice(["+", "-", "*", "/", "x", "^", "%", "plus", "minus", "times", "divided by", "**", ":", "mod"])
        gap = "" if op in "+-*/^%:" and rng.random() < 0.4 else " "
        text = f"{a}{gap}{op}{gap}{b}"
        if rng.random() < 0.2:
            text += f"{gap}{rng.choice('+-*/')}{gap}{number(rng)}"
        return rng.choice(
            ["{x}", "{x} = ?", "{x}=?", "What is {x}?", "what's {x}", "Calculate {x}.", "How much is {x}?", "{x}?", "{x} ="]
        ).format(x=text)
    if r < 0.68:
        a, b, c = rng.randint(0, 12), rng.randint(0, 12), rng.randint(0, 12)
        op = rng.choice(["+", "-", "*"])
        return rng.choice(["{a} {o} {b} {q} {c}", "What is {a} {o} {b} {q} {c}?", "{a}{o}{b}{q}{c}"]).format(
            a=a, b=b, c=c, o=op, q=rng.choice("+-*")
        )
    if r < 0.72:
        a = rng.randint(2, 12)
        b = a * rng.randint(2, 12)
        return rng.choice(
            ["{b} / {a}", "{b}/{a}", "Divide {b} by {a}.", "What is {b} divided by {a}?", "{b} divided by {a}"]
        ).format(a=a, b=b)
    ask = rng.choice(KINDS["sum"])
    return ask.format(a=number(rng), b=number(rng), c=rng.randint(2, 20), **slots_of_sum(rng))


def slots_of_sum(rng: Random) -> dict[str, str]:
    s = slots(rng)
    return {"ns": s["ns"], "p": rng.choice(words.FIRST), "d": str(rng.randint(2, 9)), "e": str(rng.randint(2, 9))}


KNOWN_LANDS = {country.lower() for country, _, _ in facts.COUNTRIES}


def blend(rng: Random) -> str:
    """The name of a land that does not exist, from parts of those that do."""
    names = [c[0].removeprefix("the ") for c in facts.COUNTRIES]
    while True:
        a, b = rng.choice(names), rng.choice(names)
        r = rng.random()
        if r < 0.5:
            name = a[: rng.randint(2, max(2, len(a) - 2))] + b[-rng.randint(2, max(2, len(b) - 2)) :].lower()
        elif r < 0.75:
            name = words.made_up(rng).capitalize() + rng.choice(["ia", "land", "stan", "nia", "onia", "istan", "eria", "ania", "ada", "topia"])
        else:
            name = words.made_up(rng).capitalize()
        if name.lower() not in KNOWN_LANDS and f"the {name.lower()}" not in KNOWN_LANDS:
            return name


def place_without(rng: Random) -> str:
    r = rng.random()
    if r < 0.45:
        return words.land(rng)
    if r < 0.7:
        return blend(rng)
    if r < 0.8:
        return rng.choice(words.CITIES)
    s = slots(rng)
    return rng.choice([s["g"], s["p"], f"the {s['n']}", s["n"], s["ns"], "my " + s["n"], "the " + s["a"] + " " + s["n"], s["t"], *facts.DAYS[:1], *facts.MONTHS[:2]])


def capital(rng: Random) -> str:
    place = place_without(rng)
    if rng.random() < 0.2:
        place = place.lower()
    if rng.random() < 0.55:
        return fill(rng, facts.CAPITAL + facts.CAPITAL_MORE, c=place)
    if rng.random() < 0.12:
        return fill(rng, facts.OF if rng.random() < 0.5 else ["is {k} a capital", "is {k} the capital of {l}", "{k} is in which country"], k=rng.choice([blend(rng), words.made_up(rng).capitalize()]), l=words.land(rng))
    return fill(rng, ASK_THING, x=f"the capital of {place}")


def phrase(rng: Random) -> str:
    """Several words, known ones among them, that were not taught together."""
    s = slots(rng) | {"q": rng.choice(languages.WORDS)[0], "r": rng.choice(languages.WORDS)[0]}
    return rng.choice(
        ["the {q} is {a}", "my {q} and my {n}", "good {n}", "good {q}", "I would like a {q}", "I like {q}", "{q} and {r}", "{a} {q}", "where is the {q}",
         "the {q} of my {n}", "I have a {q}", "a {a} {n}", "I {v} the {q}", "do you have {q}", "we need {q} and {n}", "no {q}, thanks", "{q} is {a}", "give me the {q}",
         "I am {a}", "how much is the {q}", "happy {n}", "good {q}, my {n}", "{q} {r} {n}", "a glass of {n}", "one {q} please", "see you next {n}"]
    ).format(**s)


def unknown_word(rng: Random) -> str:
    if rng.random() < 0.4:
        return asked(rng, "word")
    known = {w for entry in languages.WORDS for w in entry}
    while True:
        word = rng.choice([words.noun, lambda r: r.choice(words.VERBS), lambda r: r.choice(words.ADJECTIVES)])(rng)
        if rng.random() < 0.35:
            word = rng.choice(SENTENCES["en"]) if rng.random() < 0.4 else phrase(rng)
        if rng.random() < 0.35:  # known words in languages that are not taught
            language = rng.choice("French Italian Japanese Chinese Russian Latin Dutch Polish Turkish Korean Arabic Greek".split())
            if rng.random() < 0.6:
                word = rng.choice(languages.WORDS)[0]
            return fill(rng, languages.TO + languages.TO_MORE, w=languages.quoted(rng, word), l=language)
        if word in known:
            continue
        if rng.random() < 0.75:
            return fill(rng, languages.TO + languages.TO_MORE, w=languages.quoted(rng, word), l=rng.choice(list(languages.LANGUAGES)))
        return fill(rng, KINDS["word"], **(slots(rng) | {"w": languages.quoted(rng, word)}))


TASKS = """
downloads {an}|downloads a file|sends an email|sends {ns}|scrapes a website|opens a window|shows a button|plays {n}|plays a sound|draws a {n}|draws a circle|plots {ns}|parses json|reads a csv file|reads an image|resizes images|renames files|copies a folder|deletes {ns}|connects to a database|makes a web server|builds a {n}|finds the shortest path|solves a sudoku|solves equations|calculates taxes|computes pi|checks a password|generates passwords|encrypts a message|compresses a file|converts pdf to text|converts {ns} to {ms}|translates text|talks to an api|gets the weather|sorts {ns} by {n}|trains a neural network|recognises faces|simulates a {n}|validates an email|counts {ns}|{v}s {ns}|{v}s a {n}|{v}s the {a} {n}|checks if a {n} is {a}|tells the time|controls a robot|uses threads|uses a decorator|draws the mandelbrot set|finds all {ns}|removes {ns} from a {n}|shuffles {ns}
""".strip().split("|")


def task(rng: Random) -> str:
    """A known frame around a task that is not known."""
    what = rng.choice(TASKS).format(**slots(rng))
    frames = code.ASK_FUNCTION + code.ASK_FUNCTION_MORE + code.ASK_SNIPPET + code.ASK_SNIPPET_MORE
    return rng.choice(frames).format(t=what, i=code.order(what), l=rng.choice(["Python", "Python", "C++", "python", "c++"]))


def programming(rng: Random) -> str:
    return task(rng) if rng.random() < 0.25 else asked(rng, "code")


def foreign(rng: Random) -> str:
    language = rng.choice([key for key in SENTENCES if key != "en"])
    sentences = SENTENCES[language]
    r = rng.random()
    if r < 0.6:
        return rng.choice(sentences)
    if language in ("ja", "zh"):
        a, b = rng.choice(sentences), rng.choice(sentences)
        text = a[: rng.randint(1, len(a))] + b[rng.randint(0, len(b) - 1) :]
        return text
    # words of two sentences together: a sentence of the language's kind, if not of its grammar
    pool = (rng.choice(sentences) + " " + rng.choice(sentences)).split()
    return " ".join(rng.sample(pool, rng.randint(2, min(6, len(pool))))).strip(" ,")


EMOJI = (0x1F300, 0x1F5FF), (0x1F600, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF), (0x2600, 0x26FF), (0x2764, 0x2764)


def emoji(rng: Random) -> str:
    kinds = [chr(rng.randint(*rng.choice(EMOJI))) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.4:
        kinds = kinds[:1] * rng.randint(1, 5)
    text = "".join(kinds)
    return text + rng.choice(["", "", "", "?", "!", " what is this?", "\ufe0f"]) if rng.random() < 0.9 else ":" + rng.choice(")(DPo|/*3")


def noise(rng: Random) -> str:
    r = rng.random()
    letters = "qwertyuiopasdfghjklzxcvbnm"
    if r < 0.2:
        at = rng.randint(0, len(letters) - 4)
        return letters[at : at + rng.randint(3, 8)] * rng.randint(1, 2)
    if r < 0.4:
        return "".join(rng.choice(letters) for _ in range(rng.randint(2, 12)))
    if r < 0.5:
        return rng.choice("abcdefghklmnoxz?!.,-_*#/\\0123456789") * rng.randint(1, 15)
    if r < 0.6:
        return str(rng.choice([rng.randint(0, 99), rng.randint(100, 10**6)]))
    if r < 0.7:
        return " ".join([words.made_up(rng)] * rng.randint(1, 4))
    if r < 0.8:
        return " ".join(words.made_up(rng) for _ in range(rng.randint(1, 5)))
    return asked(rng, "noise")


def wish(rng: Random) -> str:
    """Something to write other than a story: any form about anything."""
    return fill(rng, WISHES["ask"], f=rng.choice(WISHES["form"]), x=rng.choice(WISHES["about"]).format(**slots(rng)))


def general(rng: Random) -> str:
    r = rng.random()
    if r < 0.12:  # a known frame around an unknown thing
        s = slots(rng)
        thing = rng.choice([s["n"], s["an"], "the " + s["n"], s["ns"], s["t"], s["g"], s["p"], f"the {s['a']} {s['n']}"])
        return rng.choice(ASK_CONCEPT if rng.random() < 0.5 else ASK_CONCEPT_MORE).format(x=thing)
    if r < 0.2:
        s = slots(rng)
        return fill(rng, ASK_THING, x=f"the {rng.choice(KINDS['property'])} {s[rng.choice(['n', 'an', 'l', 'g', 'ns'])]}")
    return asked(rng, "general")


# kind of refusal: (share, how a question is made)
MAKERS: dict[str, tuple[float, Callable[[Random], str]]] = {
    "general": (5.6, general),
    "beside": (1.6, beside),
    "statement": (0.6, statement),
    "person": (1.3, lambda rng: asked(rng, "person")),
    "now": (1.2, lambda rng: asked(rng, "now")),
    "sum": (3.4, sum_beyond),
    "capital": (2.4, capital),
    "code": (2.0, programming),
    "word": (1.6, unknown_word),
    "foreign": (1.3, foreign),
    "write": (1.2, wish),
    "do": (1.0, lambda rng: asked(rng, "do")),
    "advice": (1.8, lambda rng: strange_action(rng) if rng.random() < 0.2 else asked(rng, "advice")),
    "emoji": (0.5, emoji),
    "noise": (1.0, noise),
}
SAID = {"beside": "general", "statement": "noise"}  # which refusal, where the name of the kind does not say it
PLAIN_SHARE = 0.08


def draw(rng: Random) -> tuple[str, str]:
    kind = rng.choices(list(MAKERS), [share for share, _ in MAKERS.values()])[0]
    while True:
        question = MAKERS[kind][1](rng).strip()
        if question and (not normal(question) or normal(question) not in KNOWN):
            return SAID.get(kind, kind), question[0].upper() + question[1:] if rng.random() < 0.3 else question


LATER_SHARE = 0.4
later = unknown_everyday.make(slots, draw, strange_action)


def sample(rng: Random) -> tuple[str, str]:
    if rng.random() < PLAIN_SHARE:
        return plain(rng, held=False), refusal(rng, "general")
    while True:
        kind, question = later(rng) if rng.random() < LATER_SHARE else draw(rng)
        if not held_out(question, one_in=50) and (not normal(question) or normal(question) not in KNOWN):
            return question, refusal(rng, kind)


def heldout(rng: Random) -> list[Item]:
    items = [Item(ID, plain(rng, held=True), "refusal") for _ in range(46)]
    while len(items) < 106:
        _, question = draw(rng)
        if held_out(question, one_in=50):
            items.append(Item(ID, question, "refusal"))
    return items


DOMAIN = Domain(ID, sample, heldout)
