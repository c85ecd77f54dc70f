"""If this fails, an attack can pass although the program crashed, hung or flooded the terminal."""

import random
import sys

import variants


def check(what, command, expected):
    problem = variants.complaint(variants.Run(command), 200 << 20)
    assert (expected is None) == (problem is None) and (expected is None or expected in problem), (what, problem)


python = sys.executable
check("success", [python, "-c", "pass"], None)
check("a sentence", [python, "-c", "import sys; sys.exit('No such model.')"], None)
check("silence", [python, "-c", "import sys; sys.exit(1)"], "without a sentence")
check("a long sentence", [python, "-c", "import sys; sys.exit('x' * 401)"], "401 characters")
check("an abort", [python, "-c", "import os; os.abort()"], "SIGABRT")
check("another code", [python, "-c", "import sys; sys.exit(3)"], "ended with 3")
check("an escape", [python, "-c", "import sys; sys.exit(chr(27) + '[2J')"], "control characters")
variants.WALL_SECONDS, usual = 2.0, variants.WALL_SECONDS
check("a hang", [python, "-c", "import time; time.sleep(60)"], "killed")
variants.WALL_SECONDS = usual
check("memory", [python, "-c", "x = bytearray(300 << 20)"], "MB")
check("a sanitizer", [python, "-c", "import sys; sys.exit('x.cpp:3: runtime error: overflow')"], "sanitizer")

for kind, mutate in variants.MUTATIONS.items():
    good = b'{"a": [1, 2.5, "text"], "b": null}\n' * 20
    made = [mutate(random.Random(i), good) for i in range(200)]
    assert made == [mutate(random.Random(i), good) for i in range(200)], kind + " is not the same each time"
    assert sum(m != good for m in made) > 150, kind + " changes too little"
print("ok")
