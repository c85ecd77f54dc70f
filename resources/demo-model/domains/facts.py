"""Capitals, continents, days, months, colours, animals; phrasings are held out."""

from __future__ import annotations

from random import Random

from .base import ASK_THING, ASK_THING_HELD, Domain, Item, fill

ID = "facts"
# general knowledge: continent: country/capital
CAPITALS = {
    "Europe": (
        "France/Paris Germany/Berlin Spain/Madrid Italy/Rome Portugal/Lisbon Austria/Vienna Poland/Warsaw"
        " Greece/Athens Sweden/Stockholm Norway/Oslo Finland/Helsinki Denmark/Copenhagen Ireland/Dublin"
        " Belgium/Brussels Hungary/Budapest Romania/Bucharest Bulgaria/Sofia Croatia/Zagreb Serbia/Belgrade"
        " Ukraine/Kyiv Iceland/Reykjavik Switzerland/Bern Slovakia/Bratislava Slovenia/Ljubljana"
        " Estonia/Tallinn Latvia/Riga Lithuania/Vilnius Albania/Tirana Malta/Valletta"
        " the_Netherlands/Amsterdam the_United_Kingdom/London the_Czech_Republic/Prague"
    ),
    "Asia": (
        "China/Beijing Japan/Tokyo India/New_Delhi Thailand/Bangkok Vietnam/Hanoi Indonesia/Jakarta"
        " Nepal/Kathmandu South_Korea/Seoul Mongolia/Ulaanbaatar Iran/Tehran Iraq/Baghdad Turkey/Ankara"
        " Jordan/Amman Lebanon/Beirut Pakistan/Islamabad Bangladesh/Dhaka the_Philippines/Manila"
        " Saudi_Arabia/Riyadh Qatar/Doha"
    ),
    "Africa": (
        "Egypt/Cairo Kenya/Nairobi Morocco/Rabat Ghana/Accra Nigeria/Abuja Ethiopia/Addis_Ababa Senegal/Dakar"
        " Tunisia/Tunis Algeria/Algiers Uganda/Kampala Angola/Luanda Zambia/Lusaka Rwanda/Kigali Mali/Bamako"
    ),
    "North America": (
        "Canada/Ottawa Mexico/Mexico_City Cuba/Havana Jamaica/Kingston Panama/Panama_City "
        "the_United_States/Washington Costa_Rica/San_José Honduras/Tegucigalpa"
    ),
    "South America": (
        "Brazil/Brasília Argentina/Buenos_Aires Chile/Santiago Peru/Lima Colombia/Bogotá Ecuador/Quito "
        "Uruguay/Montevideo Paraguay/Asunción Venezuela/Caracas"
    ),
    "Oceania": "Australia/Canberra New_Zealand/Wellington Fiji/Suva",
}
COUNTRIES = [
    (*pair.replace("_", " ").split("/"), continent)
    for continent, pairs in CAPITALS.items()
    for pair in pairs.split()
]
WHERE = [
    "On which continent is {c}?",
    "Where is {c}?",
    "On what continent is {c}?",
    "Which continent is {c} on?",
    "Where is {c} located?",
    "In which continent is {c}?",
]
WHERE_HELD = ["On which continent can I find {c}?", "Do you know where {c} is?", "Which continent is {c} in?"]
OF = [
    "{k} is the capital of which country?",
    "Which country has the capital {k}?",
    "What country is {k} the capital of?",
    "{k} is the capital of what?",
    "Of which country is {k} the capital?",
    "Which country is {k} the capital of?",
]
OF_HELD = [
    "{k} is the capital of what country?",
    "Of what country is {k} the capital?",
    "What country has the capital {k}?",
]
CAPITAL_MORE = [
    "capital of {c}",
    "capital {c}",
    "{c} capital",
    "{c}, capital?",
    "what city is the capital of {c}",
    "the capital of {c} is",
    "whats the capital of {c}",
    "capital of {c} pls",
    "{c}'s capital",
    "what is {c}'s capital?",
]
CAPITAL = [
    "What is the capital city of {c}?",
    "Which city is the capital of {c}?",
    "{c}: what is its capital?",
    "What capital does {c} have?",
    "Capital of {c}?",
    "the capital city of {c}",
]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
NEXT = [
    "What day comes {w} {d}?",
    "Which day comes {w} {d}?",
    "What comes {w} {d}?",
    "Which day is {w} {d}?",
    "What day is {w} {d}?",
]
NEXT_HELD = ["Which day of the week comes {w} {d}?", "Tell me which day comes {w} {d}."]
NEXT_MONTH = [q.replace("day", "month") for q in NEXT]
NEXT_MONTH_HELD = ["Which month of the year comes {w} {d}?", "Tell me which month comes {w} {d}."]
# (thing as "What is ...?", answer, wanted word)
THINGS = [
    ("the colour of " + thing, f"{thing} is {colour}.", colour)
    for thing, colour in (
        pair.split("/")
        for pair in (
            "the sky/blue,grass/green,snow/white,blood/red,a lemon/yellow,coal/black,milk/white,"
            "a banana/yellow,a tomato/red,an elephant/grey,the sun/yellow,a carrot/orange,chocolate/brown"
            .split(",")
        )
    )
]
THINGS += [
    ("a baby " + animal, f"A baby {animal} is called a {baby}.", baby)
    for animal, baby in (
        pair.split("/")
        for pair in (
            "dog/puppy cat/kitten cow/calf horse/foal sheep/lamb pig/piglet duck/duckling bear/cub"
            " hen/chick goat/kid deer/fawn lion/cub frog/tadpole swan/cygnet"
        ).split()
    )
]
THINGS += [
    ("the largest planet", "Jupiter is the largest planet of the solar system.", "Jupiter"),
    ("the smallest planet", "Mercury is the smallest planet of the solar system.", "Mercury"),
    ("the largest ocean", "The Pacific is the largest ocean.", "Pacific"),
    ("the largest animal", "The blue whale is the largest animal.", "whale"),
    ("the fastest land animal", "The cheetah is the fastest land animal.", "cheetah"),
    ("the tallest animal", "The giraffe is the tallest animal.", "giraffe"),
    ("the highest mountain", "Mount Everest is the highest mountain on Earth.", "Everest"),
    ("the largest continent", "Asia is the largest continent.", "Asia"),
    ("the smallest continent", "Australia is the smallest continent.", "Australia"),
    ("the first month of the year", "January is the first month of the year.", "January"),
    ("the last month of the year", "December is the last month of the year.", "December"),
    ("the number of days in a week", "A week has seven days.", "seven"),
    ("the number of months in a year", "A year has twelve months.", "twelve"),
    ("the number of hours in a day", "A day has 24 hours.", "24"),
    ("the number of minutes in an hour", "An hour has 60 minutes.", "60"),
    ("the number of legs of a spider", "A spider has eight legs.", "eight"),
    ("the number of legs of an insect", "An insect has six legs.", "six"),
    ("the number of legs of a dog", "A dog has four legs.", "four"),
    ("the red planet", "Mars is the red planet.", "Mars"),
    ("the closest star", "The sun is the closest star to us.", "sun"),
]
# Other names of the same things
ALIASES = {
    "the highest mountain": ["the tallest mountain", "the biggest mountain", "highest mountain on earth", "the highest peak"],
    "the largest planet": ["the biggest planet", "biggest planet", "the largest planet in the solar system"],
    "the smallest planet": ["the tiniest planet", "smallest planet"],
    "the largest ocean": ["the biggest ocean", "biggest ocean in the world"],
    "the largest animal": ["the biggest animal", "biggest animal in the world", "the largest animal of all"],
    "the fastest land animal": ["the fastest animal on land", "fastest animal"],
    "the tallest animal": ["tallest animal", "the animal with the longest neck"],
    "the largest continent": ["the biggest continent", "biggest continent"],
    "the closest star": ["the nearest star", "the star closest to us"],
}
DIRECT = {
    "the colour of ": ["What colour is {y}?", "Which colour is {y}?", "What colour has {y}?"],
    "the number of ": ["How many {y} are there?", "Tell me how many {y} there are.", "How many {y}?"],
    "a baby ": [
        "What is the baby of a {y} called?",
        "What do we call a baby {y}?",
        "What is the name of a baby {y}?",
    ],
}


def draw(rng: Random, held: bool) -> tuple[str, str, str]:
    """(question, answer, word that the answer must hold)"""
    r = rng.random()
    asks = ASK_THING_HELD if held else ASK_THING
    country, capital, continent = rng.choice(COUNTRIES)
    subject = country[0].upper() + country[1:]
    if r < 0.42:
        if not held and rng.random() < 0.5:
            q = fill(rng, CAPITAL + CAPITAL_MORE, c=country)
        else:
            q = fill(rng, asks, x=f"the capital of {country}")
        return q, f"The capital of {country} is {capital}.", capital
    if r < 0.57:
        return (
            fill(rng, OF_HELD if held else OF, k=capital),
            f"{capital} is the capital of {country}.",
            country,
        )
    if r < 0.70:
        return fill(rng, WHERE_HELD if held else WHERE, c=country), f"{subject} is in {continent}.", continent
    if r < 0.82:
        names, ask = rng.choice(
            [(DAYS, NEXT_HELD if held else NEXT), (MONTHS, NEXT_MONTH_HELD if held else NEXT_MONTH)]
        )
        i, (word, step) = rng.randrange(len(names)), rng.choice([("after", 1), ("before", -1)])
        other = names[(i + step) % len(names)]
        return fill(rng, ask, w=word, d=names[i]), f"{other} comes {word} {names[i]}.", other
    thing, answer, want = rng.choice(THINGS)
    prefix = next((p for p in DIRECT if thing.startswith(p)), None)
    if not held and " in a" in thing and thing.startswith("the number of ") and rng.random() < 0.6:
        part, whole = thing.removeprefix("the number of ").split(" in ")
        q = fill(rng, ["how many {p} does {w} have", "how many {p} are there in {w}", "how many {p} has {w}", "how many {p} in {w}"], p=part, w=whole)
    elif not held and thing in ALIASES and rng.random() < 0.5:
        alias = rng.choice(ALIASES[thing])
        q = alias if rng.random() < 0.2 else fill(rng, asks, x=alias)
    elif not held and thing.startswith("the number of legs") and rng.random() < 0.5:
        q = f"how many legs does {thing.removeprefix('the number of legs of ')} have"
    elif prefix and not held and rng.random() < 0.5:
        q = fill(rng, DIRECT[prefix], y=thing.removeprefix(prefix))
    else:
        q = fill(rng, asks, x=thing)
    return q, answer[0].upper() + answer[1:], want


def everyday(rng: Random) -> tuple[str, str]:
    """In the words of newcomers; the same answers."""
    country, city, continent = rng.choice(COUNTRIES)
    r = rng.random()
    if r < 0.35:
        return fill(rng, EVERYDAY_CAPITAL, c=country), f"The capital of {country} is {city}."
    if r < 0.6:
        q = fill(rng, EVERYDAY_WHERE, c=country, x=rng.choice([continent, *CAPITALS]), y=rng.choice([continent, *CAPITALS]))
        return q, f"{country[0].upper() + country[1:]} is in {continent}."
    if r < 0.85:
        names = rng.choice([DAYS, MONTHS])
        i, (asks, word, step) = rng.randrange(len(names)), rng.choice([(AFTER, "after", 1), (BEFORE, "before", -1)])
        other = names[(i + step) % len(names)]
        q = fill(rng, asks, d=names[i], u="day" if names is DAYS else "month")
        return q, f"{other} comes {word} {names[i]}."
    thing, answer, _ = rng.choice([t for t in THINGS if t[0] in MANY])
    return fill(rng, MANY[thing]), answer[0].upper() + answer[1:]


EVERYDAY_CAPITAL = [
    "which city is {c}'s capital", "which city is the capital city of {c}", "{c}, what is the capital", "{c}, what's the capital again", "what's the capital of {c} again", "the capital of {c} please",
    "what is the capital called in {c}", "do you know what the capital of {c} is", "tell me what the capital of {c} is", "capital city of {c}", "capital city of {c}?", "what's {c}'s capital city", "and the capital of {c}?",
    "what about the capital of {c}", "can you name the capital of {c}", "the main city of {c}, the capital", "where is the government of {c}, which city", "in {c}, what is the capital", "which is the capital of {c}",
    "I need the capital of {c}", "{c} has which capital city", "the capital for {c}", "capital for {c}?", "capitals: {c}",
]
EVERYDAY_WHERE = [
    "is {c} in {x}", "is {c} in {x}?", "is {c} in {x} or {y}", "is {c} in {x} or in {y}?", "is {c} part of {x}", "does {c} belong to {x}", "{c}, which continent", "{c} is in which continent", "{c} is on which continent",
    "what continent is {c} in", "what continent is {c} on", "which continent does {c} belong to", "which part of the world is {c} in", "where in the world is {c}", "where do I find {c}", "continent of {c}", "{c}, where is that",
    "on what continent do I find {c}", "is {c} a country in {x}",
]
AFTER = [
    "the {u} after {d}", "the {u} after {d} is", "what {u} is after {d}", "which {u} follows {d}", "what {u} follows {d}", "what follows {d}", "what is after {d}", "after {d} comes", "which {u} do we have after {d}",
    "{d}, and then?", "what is the {u} after {d}", "what's the next {u} after {d}", "next {u} after {d}", "what comes next after {d}", "{d} is followed by which {u}",
]
BEFORE = [
    "the {u} before {d}", "the {u} before {d} is", "what {u} is before {d}", "which {u} is just before {d}", "what is before {d}", "before {d} comes", "which {u} do we have before {d}", "what is the {u} before {d}",
    "what's the {u} right before {d}", "what came before {d}", "which {u} precedes {d}", "what {u} comes right before {d}", "the {u} that comes before {d}",
]
MANY = {
    "the number of days in a week": ["how many days has a week", "how many days are in one week", "a week has how many days", "days in a week?", "how long is a week in days"],
    "the number of months in a year": ["how many months has a year", "how many months are in one year", "a year has how many months", "months in a year?", "how many months are there in a year again"],
    "the number of hours in a day": ["how many hours has a day", "how many hours are in one day", "a day has how many hours", "hours in a day?", "how long is a day in hours"],
    "the number of minutes in an hour": ["how many minutes has an hour", "how many minutes are in one hour", "an hour has how many minutes", "minutes in an hour?"],
    "the largest planet": ["which planet is the biggest", "which planet is the largest", "the biggest planet there is", "what's the biggest planet"],
    "the largest ocean": ["which ocean is the biggest", "which ocean is the largest", "what's the biggest ocean", "the largest ocean on earth"],
    "the largest animal": ["which animal is the biggest", "which animal is the largest", "the biggest animal on the planet", "what's the biggest animal on earth", "the largest animal on earth is"],
    "the highest mountain": ["which mountain is the highest", "which mountain is the tallest", "the highest mountain of the world", "what's the highest mountain on earth", "the tallest mountain on earth is"],
    "the fastest land animal": ["which animal is the fastest", "which land animal is the fastest", "what's the fastest animal on land"],
    "the tallest animal": ["which animal is the tallest", "what's the tallest animal"],
    "the colour of the sky": ["what colour has the sky", "which colour is the sky", "the sky has what colour"],
    "the colour of grass": ["what colour has grass", "which colour is grass", "grass is what colour"],
}


def sample(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.25:
        return everyday(rng)
    q, a, _ = draw(rng, held=False)
    return q, a


def heldout(rng: Random) -> list[Item]:
    drawn = [draw(rng, held=True) for _ in range(56)]
    return [Item(ID, q, "contains", [want.removeprefix("the ")]) for q, _, want in drawn]


DOMAIN = Domain(ID, sample, heldout)
