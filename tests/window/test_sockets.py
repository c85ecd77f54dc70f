#!/usr/bin/env python3
"""Neither program uses a network: strace watches them while the window is up and an answer is made.

test_sockets.py MOESCOPE MOESCOPE_CLI DEMO_MODEL. Exit code 77: strace is missing or may not watch.
Local sockets (AF_UNIX) reach the display, and the window that runs already; they lead to no other machine. What the
window listens on is for its user alone.
"""
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

PROGRAM, CLI, MODEL = sys.argv[1:4]


def watched(command, seconds, **more):
    """The lines of strace about sockets, and what the program wrote. It is ended after `seconds`."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        p = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=network", "-o", log, *command],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        try:
            out, err = p.communicate(b"Hello!\n", timeout=seconds)
        except subprocess.TimeoutExpired:
            with open(f"/proc/{p.pid}/task/{p.pid}/children") as f:
                for child in f.read().split():  # the program; strace ends with it
                    os.kill(int(child), signal.SIGTERM)
            out, err = p.communicate()
        if b"ptrace" in err or b"Operation not permitted" in err:
            print("strace may not watch here:", err.decode(errors="replace").strip())
            sys.exit(77)
        with open(log) as f:
            return f.read().splitlines(), out, err


if not shutil.which("strace"):
    print("strace is missing")
    sys.exit(77)

failed = False
with tempfile.TemporaryDirectory() as data:
    # A program that strace watches cannot be searched for leaks.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "ASAN_OPTIONS": "detect_leaks=0"}
    runs = {
        "the window": watched([PROGRAM, "--data-dir", data], 12, env=environment),
        "the command line": watched([CLI, "chat", MODEL, "--data-dir", data], 60, env=environment),
        "the list of models": watched([CLI, "models", "list"], 60, env={**environment, "HOME": data}),
        "the catalog": watched([CLI, "models", "catalog"], 60, env=environment),
    }
    if not os.path.exists(os.path.join(data, "history.sqlite")):
        print("the window did not start:", runs["the window"][2].decode(errors="replace"))
        failed = True
    listening = os.path.join(data, "window.socket")
    mode = os.lstat(listening).st_mode if os.path.lexists(listening) else 0
    if not stat.S_ISSOCK(mode) or stat.S_IMODE(mode) & 0o077:
        print(f"the window's socket has the mode {mode:o}; expected a socket for its user alone")
        failed = True
    if b"How can I help you?" not in runs["the command line"][1]:
        print("there was no answer:", runs["the command line"][1:])
        failed = True
if b"deepseek-v2-lite" not in runs["the catalog"][1]:
    print("there was no catalog:", runs["the catalog"][1:])
    failed = True
for name, (lines, _, _) in runs.items():
    opened = [l for l in lines if " socket(" in l or l.startswith("socket(")]
    foreign = [l for l in opened if "AF_UNIX" not in l]
    # socketpair() joins a program's own parts and leads nowhere.
    print(f"{name}: {len(opened)} local sockets, {len(foreign)} others")
    if foreign or any("connect(" in l and "AF_INET" in l for l in lines):
        print("\n".join(foreign))
        failed = True
sys.exit(failed)
