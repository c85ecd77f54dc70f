"""Small Python and C++ snippets; (task, name) pairs and phrasings are held out."""

from __future__ import annotations

from random import Random

from .base import Domain, Item, held_out

ID = "code"
NAMES = [
    "compute",
    "helper",
    "solve",
    "run",
    "process",
    "my_func",
    "calc",
    "work",
    "apply",
    "demo",
    "task",
    "main",
    "test",
    "get",
    "make",
    "convert",
    "foo",
    "bar",
    "check",
    "update",
    "build",
    "handle",
]
VARIABLES = ["x", "y", "n", "count", "total", "value", "number", "age", "size", "score"]
# Functions: what it does / default name / arguments / body
FUNCTIONS = [line.split(" / ") for line in """
adds two numbers / add / a, b / return a + b
subtracts two numbers / subtract / a, b / return a - b
multiplies two numbers / multiply / a, b / return a * b
divides two numbers / divide / a, b / return a ÷ b
reverses a string / reverse / text / return text[::-1]
squares a number / square / x / return x * x
doubles a number / double / x / return 2 * x
returns the length of a list / length / items / return len(items)
returns the sum of a list / total / items / return sum(items)
returns the largest item of a list / largest / items / return max(items)
returns the smallest item of a list / smallest / items / return min(items)
sorts a list / sort_list / items / return sorted(items)
checks if a number is even / is_even / n / return n % 2 == 0
checks if a number is odd / is_odd / n / return n % 2 == 1
checks if a list is empty / is_empty / items / return len(items) == 0
makes a string upper case / upper / text / return text.upper()
makes a string lower case / lower / text / return text.lower()
counts the words of a text / count_words / text / return len(text.split())
returns the first item of a list / first / items / return items[0]
returns the last item of a list / last / items / return items[-1]
returns the average of a list / average / items / return sum(items) ÷ len(items)
checks if a word is a palindrome / is_palindrome / word / return word == word[::-1]
joins a list of words / join_words / words / return " ".join(words)
removes duplicates from a list / unique / items / return list(set(items))
returns the absolute value of a number / absolute / x / return abs(x)
greets a person / greet / name / print("Hello, " + name)
""".strip().split("\n")]
# Whole snippets: what / code, with {v} a variable and {n} a number
SNIPPETS = [line.split(" | ") for line in """
prints hello world | print("Hello, world!")
prints the numbers from 1 to {n} | for i in range(1, {n} + 1):\\n    print(i)
counts down from {n} | for i in range({n}, 0, -1):\\n    print(i)
repeats something {n} times | for i in range({n}):\\n    print("again")
sets {v} to {n} | {v} = {n}
prints {v} | print({v})
adds {n} to {v} | {v} = {v} + {n}
checks if {v} is greater than {n} | if {v} > {n}:\\n    print("yes")
checks if {v} is less than {n} | if {v} < {n}:\\n    print("yes")
makes an empty list | items = []
makes a list of {n} zeros | items = [0] * {n}
makes an empty dictionary | table = {{}}
reads a text file | with open("file.txt") as f:\\n    text = f.read()
prints a random number up to {n} | import random\\nprint(random.randint(1, {n}))
prints the square root of {n} | import math\\nprint(math.sqrt({n}))
prints the date of today | import datetime\\nprint(datetime.date.today())
swaps a and b | a, b = b, a
makes a list of the squares up to {n} | squares = [i * i for i in range({n} + 1)]
asks the user for a name | name = input("Your name: ")
waits {n} seconds | import time\\ntime.sleep({n})
""".strip().split("\n")]
CPP = [line.split(" | ") for line in """
prints hello world | #include <iostream>\\n\\nint main() {{\\n    std::cout << "Hello, world!\\\\n";\\n}}
prints the numbers from 1 to {n} | for (int i = 1; i <= {n}; ++i) {{\\n    std::cout << i << '\\\\n';\\n}}
adds two numbers | int add(int a, int b) {{\\n    return a + b;\\n}}
multiplies two numbers | int multiply(int a, int b) {{\\n    return a * b;\\n}}
sets {v} to {n} | int {v} = {n};
makes a vector of {n} zeros | std::vector<int> items({n});
checks if {v} is greater than {n} | if ({v} > {n}) {{\\n    std::cout << "yes\\\\n";\\n}}
""".strip().split("\n")]
ASK_FUNCTION = [
    "Write a Python function that {t}.",
    "Write a function that {t}.",
    "Give me a Python function that {t}.",
    "I need a Python function that {t}.",
    "Show me a Python function that {t}.",
    "Python function that {t}",
    "Can you write a Python function that {t}?",
    "Please write a Python function that {t}.",
    "Make a Python function that {t}.",
    "How do I write a Python function that {t}?",
]
# Phrasings that came later, so that the held-out questions stay; {i}: the task as an order ("print x")
ASK_FUNCTION_MORE = [
    "how do I {i} in python", "{i} in python", "python {i}", "how to {i} in python", "python code to {i}", "write a python function to {i}", "python function to {i}",
    "write a function to {i}", "a function that {t}", "show me how to {i} in Python", "code that {t}", "function that {t}", "I want to {i} in python", "python: {i}",
]
ASK_SNIPPET_MORE = [
    "how do I {i} in {l}", "{i} in {l}", "{i} with {l}", "{l} {i}", "{l}: {i}", "how to {i} in {l}", "{l} code to {i}", "show me how to {i} in {l}",
    "{l} program that {t}", "I want to {i} in {l}", "write {l} code to {i}", "a {l} program to {i}",
]
HELLO = ["hello world {l}", "{l} hello world", "a hello world program in {l}", "hello world with {l}", "hello world program {l}", "give me hello world in {l}", "hello, world in {l} please", "write a hello world program in {l}", "say hello world in {l}"]


def order(task: str) -> str:
    """"prints x" as "print x"."""
    verb, _, rest = task.partition(" ")
    verb = verb[:-3] + "y" if verb.endswith("ies") else verb[:-1]
    return f"{verb} {rest}"


ASK_FUNCTION_HELD = [
    "Could you write a Python function that {t}?",
    "I want a Python function that {t}.",
    "Please show me a Python function that {t}.",
    "Code a Python function that {t}.",
]
ASK_SNIPPET = [
    "Write {l} code that {t}.",
    "Show me {l} code that {t}.",
    "Give me {l} code that {t}.",
    "I need {l} code that {t}.",
    "{l} code that {t}",
    "Write a {l} program that {t}.",
    "Can you write {l} code that {t}?",
    "Please write {l} code that {t}.",
    "Write {l} that {t}.",
]
ASK_SNIPPET_HELD = [
    "Could you write {l} code that {t}?",
    "I want {l} code that {t}.",
    "Please give me {l} code that {t}.",
    "Make {l} code that {t}.",
]


def fenced(language: str, code: str) -> str:
    return f"```{language}\n{code}\n```"


def function(rng: Random, held: bool) -> tuple[str, str]:
    while True:
        task, name, arguments, body = rng.choice(FUNCTIONS)
        body = body.replace("÷", "/")
        named = rng.random() < 0.5
        if named:
            name = rng.choice(NAMES)
            if held_out(task, name) != held:
                continue
        ask = rng.choice(
            ASK_FUNCTION + ASK_FUNCTION_HELD
            if held and named
            else ASK_FUNCTION_HELD if held else ASK_FUNCTION
        )
        if not held and not named and rng.random() < 0.5:
            q = rng.choice(ASK_FUNCTION_MORE).format(t=task, i=order(task))
            return q, fenced("python", f"def {name}({arguments}):\n    {body}")
        q = ask.format(t=task)
        if named:
            frame = rng.choice([" called {n}", " named {n}"]).format(n=name)
            q = q.replace(" function that", f" function{frame} that")
        return q, fenced("python", f"def {name}({arguments}):\n    {body}")


def snippet(rng: Random, held: bool) -> tuple[str, str]:
    language = "C++" if rng.random() < 0.3 else "Python"
    task, code = rng.choice(CPP if language == "C++" else SNIPPETS)
    slots = dict(v=rng.choice(VARIABLES), n=rng.randint(2, 20))
    code = code.replace("\\n", "\n").replace("\\\n", "\\n").format(**slots)
    wanted = task.format(**slots)
    q = rng.choice(ASK_SNIPPET_HELD if held else ASK_SNIPPET).format(l=language, t=wanted)
    if not held and rng.random() < 0.45:
        asks = HELLO if "hello world" in task and rng.random() < 0.7 else ASK_SNIPPET_MORE
        q = rng.choice(asks).format(l=language, t=wanted, i=order(wanted))
    return q, fenced("cpp" if language == "C++" else "python", code)


def draw(rng: Random, held: bool) -> tuple[str, str]:
    return function(rng, held) if rng.random() < 0.6 else snippet(rng, held)


# By the name of the thing rather than by what it does
EXAMPLES = [
    ("a for loop|a loop|for loop|for-loop", "Python", 'for i in range(1, 11):\n    print(i)'),
    ("a for loop|a loop|for loop|for-loop", "C++", "for (int i = 1; i <= 10; ++i) {\n    std::cout << i << '\\n';\n}"),
    ("an if|an if statement|if|if else|an if-else", "Python", 'if x > 10:\n    print("yes")'),
    ("an if|an if statement|if|if else|an if-else", "C++", 'if (x > 10) {\n    std::cout << "yes\\n";\n}'),
    ("hello world|a hello world|the hello world program", "Python", 'print("Hello, world!")'),
    ("hello world|a hello world|the hello world program", "C++", '#include <iostream>\n\nint main() {\n    std::cout << "Hello, world!\\n";\n}'),
    ("an empty list|a list", "Python", "items = []"),
    ("a dictionary|an empty dictionary", "Python", "table = {}"),
]
ASK_EXAMPLE = [
    "{x} in {l}", "{x} example in {l}", "{x} in {l}, an example", "example of {x} in {l}", "an example of {x} in {l} please", "show me an example of {x} in {l}", "what does {x} look like in {l}",
    "how does {x} look in {l}", "show me what {x} looks like in {l}", "how do I write {x} in {l}", "how to write {x} in {l}", "{l} {x}", "{l} {x} example", "{x} {l}", "I need {x} in {l}", "give me {x} in {l}",
    "write {x} in {l}", "can you show me {x} in {l}", "{l}: {x}", "I'm learning {l}, how do I write {x}", "just {x} in {l}, nothing else", "syntax of {x} in {l}",
]
ASK_EVERYDAY = [
    "{l} code that just {t}", "{l} code that {t}, nothing fancy", "I'm learning {l}, how would I {i}", "I am new to {l}, how do I {i}", "how would I {i} in {l}", "how would you {i} in {l}", "what is the {l} code to {i}",
    "in {l}, how do I {i}", "in {l}, {i}", "please {i} in {l}", "some {l} that {t}", "simple {l} code that {t}", "a short {l} program that {t}", "how can I {i} with {l}", "could you {i} in {l}", "{i}, in {l}",
    "need {l} code that {t}", "{l} snippet that {t}", "a {l} snippet to {i}", "I'd like {l} code that {t}",
]


def everyday(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.45:
        names, language, code = rng.choice(EXAMPLES)
        q = rng.choice(ASK_EXAMPLE).format(x=rng.choice(names.split("|")), l=rng.choice([language, language.lower()]))
        return q, fenced("cpp" if language == "C++" else "python", code)
    task, name, arguments, body = rng.choice(FUNCTIONS)
    q = rng.choice(ASK_EVERYDAY).format(l=rng.choice(["Python", "python"]), t=task, i=order(task))
    if rng.random() < 0.5:
        q = rng.choice(["need a python function that {t}", "a python function which {t}", "define a python function that {t}", "a simple function that {t} in python", "function in python that {t}",
                        "I need a function that {t}", "can you make a python function that {t}", "python, a function that {t}", "write me a function that {t}"]).format(t=task)
    return q, fenced("python", f"def {name}({arguments}):\n    {body.replace('÷', '/')}")


def sample(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.3:
        return everyday(rng)
    return draw(rng, held=False)


def heldout(rng: Random) -> list[Item]:
    return [Item(ID, q, "exact", [a]) for q, a in (draw(rng, held=True) for _ in range(50))]


DOMAIN = Domain(ID, sample, heldout)
