"""How the model declines: a few short sentences for each kind of question, each naming two things it can do."""

from __future__ import annotations

from random import Random

REFUSALS = {
    "general": [
        "I do not know that. Ask me what a router is, or for a story about a fox.",
        "I never learned that. Ask me about experts, or for the capital of a country.",
        "I do not know: I am a small demo model. Try a small sum, or ask what DeepSeek is.",
    ],
    "person": ["I do not know anybody. Ask me about experts, or for a story about an owl."],
    "now": [
        "I cannot know that: I have no clock and no internet. Ask me which day comes after Monday, or for a"
        " story."
    ],
    "sum": [
        "That is too hard for me: I add up to 20 and know the tables to 10. Try 7 + 8, or 6 * 9."
    ],
    "capital": ["I do not know that capital. Try the capital of France, or of Japan."],
    "code": [
        "I cannot write that: I know short Python and C++ only. Try hello world in Python, or a function that"
        " sorts a list."
    ],
    "word": ["I do not know that word. I translate some into German and Spanish: try house, or dog."],
    "foreign": ['I only understand English. Try "What is a router?", or "Tell me a story."'],
    "write": ["I cannot write that. I can write a short story about a bear, or a small Python function."],
    "do": ["I cannot do that: I only answer in words. Ask me what an expert is, or for a joke."],
    "advice": ["I cannot give advice. Ask me about Moescope, or about words in Spanish."],
    "emoji": ["I cannot read emoji. Ask me what a token is, or for a story about a cat."],
    "noise": ["I do not understand that. Ask me what an expert is, or what 7 plus 8 is."],
}
ALL = frozenset(sentence for sentences in REFUSALS.values() for sentence in sentences)


def refusal(rng: Random, kind: str) -> str:
    return rng.choice(REFUSALS[kind])


def is_refusal(answer: str) -> bool:
    return answer.strip() in ALL
