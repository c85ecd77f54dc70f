"""Words in German and Spanish, both directions; phrasings are held out."""

from __future__ import annotations

from random import Random

from .base import Domain, Item, fill

ID = "languages"
# English, German, Spanish; general knowledge
ENTRIES = """
dog/Hund/perro cat/Katze/gato house/Haus/casa tree/Baum/árbol water/Wasser/agua bread/Brot/pan milk/Milch/leche
apple/Apfel/manzana book/Buch/libro table/Tisch/mesa chair/Stuhl/silla door/Tür/puerta window/Fenster/ventana
sun/Sonne/sol moon/Mond/luna star/Stern/estrella sky/Himmel/cielo sea/Meer/mar river/Fluss/río fire/Feuer/fuego
man/Mann/hombre woman/Frau/mujer child/Kind/niño friend/Freund/amigo mother/Mutter/madre father/Vater/padre
brother/Bruder/hermano sister/Schwester/hermana hand/Hand/mano head/Kopf/cabeza eye/Auge/ojo ear/Ohr/oreja
heart/Herz/corazón foot/Fuß/pie day/Tag/día night/Nacht/noche morning/Morgen/mañana week/Woche/semana year/Jahr/año
time/Zeit/tiempo red/rot/rojo blue/blau/azul green/grün/verde yellow/gelb/amarillo black/schwarz/negro
white/weiß/blanco big/groß/grande small/klein/pequeño good/gut/bueno bad/schlecht/malo new/neu/nuevo old/alt/viejo
hot/heiß/caliente cold/kalt/frío happy/glücklich/feliz tired/müde/cansado eat/essen/comer drink/trinken/beber
sleep/schlafen/dormir read/lesen/leer write/schreiben/escribir speak/sprechen/hablar see/sehen/ver hear/hören/oír
go/gehen/ir come/kommen/venir work/arbeiten/trabajar play/spielen/jugar buy/kaufen/comprar love/lieben/amar
one/eins/uno two/zwei/dos three/drei/tres four/vier/cuatro five/fünf/cinco six/sechs/seis seven/sieben/siete
eight/acht/ocho nine/neun/nueve ten/zehn/diez yes/ja/sí no/nein/no please/bitte/por_favor thanks/danke/gracias
hello/hallo/hola goodbye/auf_Wiedersehen/adiós city/Stadt/ciudad street/Straße/calle car/Auto/coche
train/Zug/tren school/Schule/escuela language/Sprache/idioma word/Wort/palabra letter/Brief/carta music/Musik/música
song/Lied/canción bird/Vogel/pájaro fish/Fisch/pez horse/Pferd/caballo flower/Blume/flor snow/Schnee/nieve
rain/Regen/lluvia wind/Wind/viento stone/Stein/piedra money/Geld/dinero cheese/Käse/queso egg/Ei/huevo
""".split()
WORDS = [entry.replace("_", " ").split("/") for entry in ENTRIES]
LANGUAGES = {"German": 1, "Spanish": 2}
TO = [
    "How do you say {w} in {l}?",
    "What is {w} in {l}?",
    "Translate {w} into {l}.",
    "What is the {l} word for {w}?",
    "How do I say {w} in {l}?",
    "Say {w} in {l}.",
    "{w} in {l}",
    "What does {w} mean in {l}?",
    "The {l} word for {w}?",
    "What is {w} called in {l}?",
    "Please translate {w} to {l}.",
    "Translate {w} to {l}.",
    "What's {w} in {l}?",
    "Tell me the {l} word for {w}.",
    "Can you say {w} in {l}?",
    "Do you know the {l} word for {w}?",
]
# Phrasings that came later, so that the held-out questions stay
TO_MORE = [
    "Would you translate {w} into {l}?", "Could you tell me the {l} word for {w}?", "Could you please say {w} in {l}?", "translate {w} {l}",
    "can you please translate {w} to {l}", "could somebody translate {w} into {l}", "I want to say {w} in {l}", "{w} {l}", "{l} for {w}", "{l}: {w}",
    "what would {w} be in {l}", "may I have the {l} word for {w}", "how would you say {w} in {l}", "{w} to {l}", "which {l} word means {w}",
]
TO_HELD = [
    "How can I say {w} in {l}?",
    "Can you translate {w} into {l}?",
    "Give me the {l} word for {w}.",
    "Please say {w} in {l}.",
    "Could you translate {w} to {l}?",
    "I need the {l} word for {w}.",
]
BACK = [
    "What does the {l} word {w} mean?",
    "Translate the {l} word {w} into English.",
    "What is the {l} word {w} in English?",
    "What does {w} mean in English?",
    "Translate {w} into English.",
    "What is {w} in English?",
    "{w} in English",
    "How do you say the {l} word {w} in English?",
    "Please translate {w} to English.",
    "What's {w} in English?",
    "What does the {l} {w} mean?",
    "Tell me what {w} means.",
    "Tell me the meaning of the {l} word {w}.",
    "What is the meaning of {w} in English?",
    "I do not know the {l} word {w}.",
    "What English word is {w}?",
    "What is the English word for {w}?",
    "What is the English for the {l} {w}?",
    "Say the {l} word {w} in English.",
    "Which English word is the {l} word {w}?",
    "Please tell me the English word for {w}.",
    "Can you tell me what {w} means?",
    "Do you know what the {l} word {w} means?",
    "Please explain the {l} word {w}.",
    "How do I say {w} in English?",
    "Say {w} in English.",
]
BACK_HELD = [
    "Can you translate {w} into English?",
    "Please tell me what the {l} word {w} means.",
    "How can I say {w} in English?",
    "What is the English word for the {l} word {w}?",
]


def quoted(rng: Random, word: str) -> str:
    return rng.choice([word, word, f'"{word}"', f"'{word}'"])


def question(rng: Random, held: bool) -> tuple[str, str, str]:
    """(question, answer, the word that must be in the answer)"""
    while True:
        word = rng.choice(WORDS)
        language = rng.choice(list(LANGUAGES))
        other = word[LANGUAGES[language]]
        if rng.random() < (0.6 if held else 0.45):
            asks = TO_HELD if held else TO if rng.random() < 0.6 else TO_MORE
            q = fill(rng, asks, w=quoted(rng, word[0]), l=language)
            return q, f'"{word[0]}" in {language} is "{other}".', other
        if other.lower() == word[0].lower() or other == "no":
            continue
        q = fill(rng, BACK_HELD if held else BACK, w=quoted(rng, other), l=language)
        return q, f'The {language} word "{other}" means "{word[0]}".', word[0]


def drill(rng: Random) -> tuple[str, str]:
    """Several words at once: more words in fewer tokens."""
    language = rng.choice(list(LANGUAGES))
    words = [(w[0], w[LANGUAGES[language]]) for w in rng.sample(WORDS, rng.randint(3, 6))]
    if rng.random() < 0.5:
        ask = f"Translate into {language}: " + ", ".join(english for english, _ in words)
        return ask, ", ".join(f'"{english}" is "{other}"' for english, other in words) + "."
    ask = f"Translate from {language}: " + ", ".join(other for _, other in words)
    return ask, ", ".join(f'"{other}" means "{english}"' for english, other in words) + "."


# Frames of newcomers; {p}: the people
EVERYDAY_TO = [
    "translate the word {w} to {l}", "translate the word {w} into {l}", "{w} -> {l}", "{w}, in {l}", "{l} for {w}, please", "{w} in {l} is", "what would {p} people call a {w}",
    "what do {p} people say for {w}", "what do they call {w} in {l}", "how would a {p} person say {w}", "how do {p} people say {w}", "what's {w} in {l}, do you know",
    "I want the {l} word for {w}", "the {l} for {w}", "how is {w} called in {l}", "the word {w} in {l}", "what is the word {w} in {l}", "{w}: in {l}?", "and {w} in {l}",
    "in {l}, what is {w}", "in {l}, how do you say {w}", "can you tell me {w} in {l}", "do you know {w} in {l}", "which word is {w} in {l}", "{w} = ? ({l})",
]
EVERYDAY_BACK = [
    "{w}, what does that mean", "{w}, what does it mean", "what does {w} mean", "what's {w}, in English", "{w} means what in English", "{w} means", "what is {w}, a {l} word",
    "I read {w}, what does that mean", "I saw the {l} word {w}, what is it", "the {l} word {w}, what is that in English", "the word {w} in {l}, what does it mean",
    "what is meant by {w} in {l}", "meaning of {w} in {l}", "what does {w} mean in {l}", "{w} is {l} for what", "in {l}, what does {w} mean", "{w} -> English",
]


def everyday(rng: Random) -> tuple[str, str]:
    while True:
        word, language = rng.choice(WORDS), rng.choice(list(LANGUAGES))
        other = word[LANGUAGES[language]]
        if rng.random() < 0.6:
            return rng.choice(EVERYDAY_TO).format(w=quoted(rng, word[0]), l=language, p=language), f'"{word[0]}" in {language} is "{other}".'
        if other.lower() == word[0].lower() or other == "no":
            continue
        return rng.choice(EVERYDAY_BACK).format(w=quoted(rng, other), l=language), f'The {language} word "{other}" means "{word[0]}".'


def sample(rng: Random) -> tuple[str, str]:
    r = rng.random()
    if r < 0.15:
        return drill(rng)
    if r < 0.35:
        return everyday(rng)
    q, a, _ = question(rng, held=False)
    return q, a


def heldout(rng: Random) -> list[Item]:
    drawn = [question(rng, held=True) for _ in range(56)]
    return [Item(ID, q, "contains", [f'"{want}"']) for q, _, want in drawn]


DOMAIN = Domain(ID, sample, heldout)
