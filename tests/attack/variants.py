"""Damaged and hostile variants of input files, and what a program may do with them.

A program that is given a broken file says one sentence and ends with 1; it does not crash, hang or fill the memory. This
module makes variants of good files by a seeded generator, runs commands on each, and reports what broke that promise:

    failures = attack(seeds, commands, count=1000, seed=1, kind="binary")

where a command is a list of arguments with "{}" for the variant and "{dir}" for an empty folder of its own. The same
seeds and seed make the same variants. See the scripts beside this file for the kinds of files.
"""

import argparse
import concurrent.futures
import functools
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

LONGEST_SENTENCE = 400      # characters of a refusal
CPU_SECONDS = 2.0           # of one command; more is a hang
WALL_SECONDS = 60.0         # then it is killed: it waits for something
MEMORY_FACTOR = 10          # times the input ...
MEMORY_ROOM = 100 << 20     # ... and this much above what the good file takes

NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff,
           0x8000000000000000, 0xffffffffffffffff, 1 << 20, 1 << 31, 1 << 40]
TEXTS = [b"", b"\x00", b"\x1b]52;c;AAAA\x07", b"\xff\xfe", b"\xed\xa0\xbd", b"A" * 70000, "‮".encode(), b"<img src=x>",
         b"../../../../tmp/x", b"%s%n", b"NaN", b"-1", b"1e999", b"null", b"[]", b"{}", b"[" * 3000, b"\"", b"\\", b"\r\n"]


def mutate_binary(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        if not data:
            return bytes(data)
        # Heads hold what a reader trusts; most of a file may be weights.
        end = len(data) if rng.random() < 0.4 else min(len(data), 8192)
        at = rng.randrange(end)
        what = rng.randrange(8)
        if what == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif what == 1:
            data[at] = rng.randrange(256)
        elif what == 2:
            size = rng.choice((1, 2, 4, 8))
            value = (rng.choice(NUMBERS) + rng.choice((-1, 0, 0, 1))) & ((1 << 8 * size) - 1)
            data[at:at + size] = value.to_bytes(size, rng.choice(("little", "little", "big")))
        elif what == 3:
            del data[at:]
        elif what == 4:
            del data[at:at + rng.choice((1, 4, 8, 100, 4096))]
        elif what == 5:
            data[at:at] = data[at:at + rng.choice((1, 8, 100, 4096))]
        elif what == 6:
            data[at:at] = rng.choice(TEXTS)
        else:
            data[at:at + 8] = struct.pack("<d", rng.choice((float("nan"), float("inf"), -1.0, 1e300)))
    return bytes(data)


TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|[\[\]{},:;\t]|\n')


def mutate_text(rng, data):
    """Of JSON, JSON Lines, CSV and the like: what stands between the marks changes more often than single bytes."""
    if rng.random() < 0.25:
        return mutate_binary(rng, data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        tokens = [m.span() for m in TOKEN.finditer(data)]
        if not tokens:
            return mutate_binary(rng, data)
        begin, end = rng.choice(tokens)
        other = rng.choice(tokens)
        what = rng.randrange(7)
        if what == 0:
            new = str(rng.choice(NUMBERS) * rng.choice((1, 1, -1))).encode()
        elif what == 1:
            new = rng.choice(TEXTS)
        elif what == 2:
            new = json.dumps(rng.choice(TEXTS).decode("latin-1")).encode()
        elif what == 3:
            new = b""
        elif what == 4:
            new = data[other[0]:other[1]]
        elif what == 5:
            new = data[begin:end] * rng.choice((2, 50, 2000))
        else:
            new = rng.choice((b"[1,2]", b"{\"a\":1}", b"0.5", b"\"x\"", b"true", b"null"))
        data = data[:begin] + new + data[end:]
    return data


def mutate_markdown(rng, data):
    marks = [b"*", b"**", b"~", b"~~", b"`", b"```\n", b"|", b"|--|--|\n", b"> ", b"- ", b"1. ", b"[x]: /u\n", b"[x]", b"![",
             b"](", b"<", b"&#x41;", b"$", b"$$", b"\\(", b"\\)", b"\\[", b"\\begin{align}", b"#", b"\n\n", b"    ", b"\t"]
    if rng.random() < 0.2:
        return mutate_binary(rng, data)
    for _ in range(rng.choice((1, 3, 10))):
        at = rng.randrange(len(data) + 1)
        mark = rng.choice(marks) * rng.choice((1, 1, 1, 2, 30, 5000))
        data = data[:at] + mark + data[at + rng.choice((0, 0, 1, 10)):]
    return data


MUTATIONS = {"binary": mutate_binary, "text": mutate_text, "markdown": mutate_markdown}


class Run:
    """One run of a command: how it ended and what it took."""

    def __init__(self, command):
        # Of all arguments: a shell may run it.
        self.sanitized = any(sanitized(word) for word in command if os.path.isfile(word) and os.access(word, os.X_OK))
        limit = (6 << 30, 6 << 30)

        def child():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if not self.sanitized:
                resource.setrlimit(resource.RLIMIT_AS, limit)

        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=child)
            self.killed = False

            def kill():
                self.killed = True
                process.kill()

            timer = threading.Timer(WALL_SECONDS, kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            self.code = process.returncode
            self.cpu = usage.ru_utime + usage.ru_stime
            self.memory = usage.ru_maxrss << 10
            err.seek(0)
            self.error = err.read(1 << 20)


@functools.lru_cache
def sanitized(program):
    """Whether a program has the address sanitizer in it, which wants terabytes of addresses, memory and time."""
    with open(program, "rb") as file:
        return b"__asan_init" in file.read()


def complaint(run, room):
    """What the run did that it may not, or None."""
    error = run.error.decode("utf-8", "replace")
    if "Sanitizer" in error or "runtime error:" in error:
        return "a sanitizer spoke: " + error[:2000]
    if run.killed:
        return "killed after %.0f s" % WALL_SECONDS
    if run.code not in (0, 1):
        return "ended with %d" % run.code + (" (signal %s)" % signal.Signals(-run.code).name if run.code < 0 else "")
    if run.cpu > CPU_SECONDS * (10 if run.sanitized else 1):
        return "took %.1f s of the CPU" % run.cpu
    if not run.sanitized and run.memory > room:
        return "took %d MB, %d allowed" % (run.memory >> 20, room >> 20)
    if run.code == 1:
        lines = error.strip().split("\n")
        if not error.strip():
            return "refused without a sentence"
        # A tool may say what it noticed on the way; the refusal is the last line.
        if len(lines[-1]) > LONGEST_SENTENCE:
            return "the refusal has %d characters: %s…" % (len(lines[-1]), lines[-1][:200])
    if any(ord(c) < 32 and c not in "\n\t" for c in error):
        return "control characters on stderr: %r" % error[:200]
    return None


def attack(seeds, commands, count, seed=1, kind="binary", keep=None, jobs=None):
    """Runs every command on `count` variants of the seeds (paths); gives a list of (variant's number, command, complaint)
    and prints a summary. With `keep`, variants that failed are written to that folder."""
    seeds = sorted(map(pathlib.Path, seeds))
    assert seeds, "no seeds"
    contents = {path: path.read_bytes() for path in seeds}
    failures, refused, slowest, largest = [], 0, 0.0, 0

    def execute(folder, command, variant):
        scratch = folder / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        return Run([a.replace("{}", str(variant)).replace("{dir}", str(scratch)) for a in command])

    with tempfile.TemporaryDirectory() as top:
        usual = {}
        for path in seeds:
            folder = pathlib.Path(tempfile.mkdtemp(dir=top))
            for i, command in enumerate(commands):
                usual[path, i] = execute(folder, command, path.resolve()).memory

        def one(number):
            rng = random.Random("%d/%d" % (seed, number))
            path = rng.choice(seeds)
            data = MUTATIONS[kind](rng, contents[path])
            folder = pathlib.Path(tempfile.mkdtemp(dir=top))
            variant = folder / ("variant" + path.suffix)
            variant.write_bytes(data)
            found = []
            for i, command in enumerate(commands):
                run = execute(folder, command, variant)
                found.append((run, complaint(run, max(usual[path, i], 0) + MEMORY_FACTOR * len(data) + MEMORY_ROOM)))
            if keep and any(c for _, c in found):
                pathlib.Path(keep).mkdir(parents=True, exist_ok=True)
                shutil.copy(variant, pathlib.Path(keep) / ("%d-%s" % (number, path.name)))
            shutil.rmtree(folder)
            return number, path, found

        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            for number, path, found in pool.map(one, range(count)):
                for (run, problem), command in zip(found, commands):
                    refused += run.code == 1
                    slowest, largest = max(slowest, run.cpu), max(largest, run.memory)
                    if problem:
                        failures.append((number, command, problem))
                        print("variant %d of %s, %s: %s" % (number, path.name, " ".join(command), problem), flush=True)
    print("%d variants of %d files, %d runs in %.0f s: %d failures, %d refusals; slowest %.2f s of the CPU, largest %d MB" %
          (count, len(seeds), count * len(commands), time.monotonic() - began, len(failures), refused, slowest, largest >> 20))
    return failures


def arguments(description, count):
    """The command line that the scripts share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("program", help="moescope-cli")
    parser.add_argument("--count", type=int, default=count, help="variants (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the generator (default: %(default)s)")
    parser.add_argument("--keep", help="folder for variants that failed")
    return parser


def finish(failures):
    sys.exit(1 if failures else 0)
