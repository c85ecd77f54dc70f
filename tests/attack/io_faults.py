#!/usr/bin/env python3
"""Calls that touch the history fail while somebody chats: all is saved, or the program says that it is not.

io_faults.py MOESCOPE_CLI MODEL DISK_SHIM [--chats N] [--recoveries N] [--seed N]

The N-th pwrite, fsync, ftruncate, open or rename fails with EIO, ENOSPC, EROFS or EDQUOT, once or from then on
(disk_shim.cpp). Right: exit code 0 and every question and answer is in the history; or exit code 1 and a sentence, and the
history is sound and holds what was said before. The same while a damaged history is recovered: after a start without
faults all that could be read is there, and the damaged file as it was.
"""
import argparse
import errno
import glob
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

QUESTIONS = ["What is a router?", "And what is an expert?", "How many are there?"]


def stored(folder):
    path = os.path.join(folder, "history.sqlite")
    if not os.path.exists(path):
        return []
    db = sqlite3.connect(path)
    rows = db.execute("SELECT author, text, finish FROM messages ORDER BY id").fetchall()
    assert db.execute("SELECT count(*) FROM conversations WHERE message_count = 0").fetchone()[0] == 0
    db.close()
    return rows


def damaged_history(cli, top):
    """A history of 600 messages, of which the page with the newest is gone."""
    source, data = os.path.join(top, "in.json"), os.path.join(top, "made")
    chat = {"title": "Chat", "automatic_title": True, "pinned": False, "created_ms": 1, "updated_ms": 1, "leaf": 600,
            "messages": [{"id": i + 1, "parent": i or None, "role": ("user", "assistant")[i % 2], "created_ms": i + 1,
                          "text": f"message {i} " + "with words " * 30} for i in range(600)]}
    with open(source, "w") as f:
        json.dump({"format": "moescope-conversations", "version": 1, "conversations": [chat]}, f)
    subprocess.run([cli, "history", "import", "--data-dir", data, source], check=True, capture_output=True)
    path = os.path.join(data, "history.sqlite")
    with open(path, "r+b") as f:
        content = f.read()
        at = max(a for a in range(0, len(content), 4096) if b"message 300 " in content[a:a + 4096] and content[a] == 13)
        f.seek(at)
        f.write(bytes(4096))
    return path


def recoveries(args, rng):
    failures = at_once = 0
    with tempfile.TemporaryDirectory() as top:
        damaged = damaged_history(args.cli, top)
        with open(damaged, "rb") as f:
            before = f.read()
        start = lambda data, env=None: subprocess.run([args.cli, "chat", args.model, "--data-dir", data], env=env,
                                                      input="/exit\n", text=True, capture_output=True)

        def fresh(name):
            data = os.path.join(top, name)
            os.makedirs(data)
            with open(os.path.join(data, "history.sqlite"), "wb") as f:
                f.write(before)
            return data

        room = fresh("room")
        start(room)
        wanted = len(stored(room))
        assert 550 < wanted < 600, wanted
        for i in range(args.recoveries):
            call = rng.choice(["pwrite", "pwrite", "fsync", "ftruncate", "open", "rename"])
            most = {"pwrite": 400, "fsync": 12, "ftruncate": 4, "open": 30, "rename": 3}[call]
            error = rng.choice([errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT])
            fault = f"{call}:{rng.randint(1, most)}:{error}:{rng.choice(['once', 'ever'])}"
            data = fresh(f"r{i}")
            first = start(data, {**os.environ, "LD_PRELOAD": args.shim, "MOESCOPE_SHIM_DIR": data,
                                 "MOESCOPE_SHIM_FAULT": fault})
            at_once += bool(glob.glob(os.path.join(data, "history.damaged-*.sqlite")))
            start(data)
            rows, kept = stored(data), glob.glob(os.path.join(data, "history.damaged-*.sqlite"))
            left = glob.glob(os.path.join(data, "history.sqlite.*"))
            same = len(kept) == 1 and open(kept[0], "rb").read() == before
            if len(rows) != wanted or not same or left:
                failures += 1
                print(f"{fault}: {len(rows)} of {wanted} messages, kept {kept}, the same {same}, left {left}: "
                      f"{first.stderr!r}")
            shutil.rmtree(data)
    print(f"{args.recoveries} recoveries: {at_once} went through at once, {failures} failures")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("model")
    parser.add_argument("shim")
    parser.add_argument("--chats", type=int, default=120)
    parser.add_argument("--recoveries", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    failures = saved = said = 0
    for i in range(args.chats):
        call = rng.choice(["pwrite", "pwrite", "fsync", "fsync", "ftruncate", "open", "rename"])
        most = {"pwrite": 60, "fsync": 20, "ftruncate": 4, "open": 30, "rename": 2}[call]
        error = rng.choice([errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT])
        fault = f"{call}:{rng.randint(1, most)}:{error}:{rng.choice(['once', 'ever'])}"
        with tempfile.TemporaryDirectory() as top:
            data = os.path.join(top, "data")
            before = 0
            if rng.random() < 0.5:  # a history that is there, with what must not be lost
                subprocess.run([args.cli, "chat", args.model, "--data-dir", data, "--max-tokens", "4"], input="Before\n",
                               text=True, capture_output=True, check=True)
                before = len(stored(data))
            env = {**os.environ, "LD_PRELOAD": args.shim, "MOESCOPE_SHIM_DIR": data, "MOESCOPE_SHIM_FAULT": fault}
            r = subprocess.run([args.cli, "chat", args.model, "--data-dir", data, "--max-tokens", "8"],
                               input="\n".join(QUESTIONS) + "\n", text=True, capture_output=True, env=env, timeout=120)
            lines = r.stderr.splitlines()
            check = subprocess.run([args.cli, "history", "check", "--data-dir", data], text=True, capture_output=True)
            sound = check.returncode == 0 or "no history yet" in check.stderr
            rows = stored(data)
            new = rows[before:]
            whole = [t for a, t, _ in new if a == 0] == QUESTIONS and all(f for a, _, f in new if a == 1) and len(new) == 6
            if r.returncode == 0 and whole:
                saved += 1
                good = True
            else:
                said += 1
                good = r.returncode == 1 and lines and all(l.startswith("moescope-cli: ") and len(l) < 600 for l in lines)
            if not (good and sound and len(rows) >= before):
                failures += 1
                print(f"{fault}: rc {r.returncode}, {len(new)} messages, whole {whole}, check {check.returncode} "
                      f"{check.stderr!r} {check.stdout!r}: {r.stderr!r}")
    print(f"{args.chats} chats: {saved} saved wholly, {said} said why not, {failures} failures")
    failures += recoveries(args, rng)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
