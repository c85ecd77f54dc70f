#!/usr/bin/env python3
"""A damaged history on a disk with little room: whatever room there is, nothing that could be read is lost.

recovery_room.py MOESCOPE_CLI [--messages N] [--from PERCENT] [--to PERCENT] [--step PERCENT]

Puts a damaged history onto a small disk (tmpfs: needs the right to mount, else exit code 77) of so many per cent of its
size, starts the program there, makes room, and starts it again. All that a disk with room gives must be there in the end,
and the damaged file as it was.
"""
import argparse
import glob
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

PAGE = 4096


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def make(cli, folder, messages):
    """A damaged history; three pages of texts are gone."""
    rng = random.Random(1)
    words = [f"word{i}" for i in range(3000)]
    chats = []
    for c in range(60):
        chats.append({"title": f"Chat {c}", "automatic_title": True, "pinned": False, "created_ms": c + 1,
                      "updated_ms": c + 1, "leaf": messages // 60, "messages": [
                          {"id": i + 1, "parent": i or None, "role": ("user", "assistant")[i % 2], "created_ms": i + 1,
                           "text": " ".join(rng.choices(words, k=60))} for i in range(messages // 60)]})
    source = os.path.join(folder, "in.json")
    with open(source, "w") as f:
        json.dump({"format": "moescope-conversations", "version": 1, "conversations": chats}, f)
    data = os.path.join(folder, "made")
    subprocess.run([cli, "history", "import", "--data-dir", data, source], check=True, capture_output=True)
    path = os.path.join(data, "history.sqlite")
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with open(path, "r+b") as f:
        content = f.read()
        leaves = [at for at in range(PAGE, len(content), PAGE)
                  if content[at] == 0x0D and content[at:at + PAGE].count(b"word") > 100]
        for at in rng.sample(leaves, 3):
            f.seek(at)
            f.write(bytes(PAGE))
    return path


def count(folder):
    db = sqlite3.connect(os.path.join(folder, "history.sqlite"))
    try:
        ok = db.execute("PRAGMA quick_check").fetchone()[0]
        return (db.execute("SELECT count(*) FROM messages").fetchone()[0] if ok == "ok" else -1)
    except sqlite3.DatabaseError:
        return -1
    finally:
        db.close()


def start(cli, folder):
    """As the window would: it writes, so that it recovers."""
    return subprocess.run([cli, "history", "import", "--data-dir", folder, EMPTY], capture_output=True, text=True)


def main():
    global EMPTY
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("--messages", type=int, default=12000)
    parser.add_argument("--from", dest="first", type=int, default=100)
    parser.add_argument("--to", type=int, default=450)
    parser.add_argument("--step", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        disk = os.path.join(top, "disk")
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
            print("skipped: mounting a small disk needs root")
            return 77
        subprocess.run(["umount", disk], check=True)
        EMPTY = os.path.join(top, "one.json")
        with open(EMPTY, "w") as f:
            json.dump({"format": "moescope-conversations", "version": 1, "conversations": [
                {"title": "Started", "automatic_title": True, "pinned": False, "created_ms": 1, "updated_ms": 1,
                 "messages": []}]}, f)
        damaged = make(args.cli, top, args.messages)
        size, before = os.path.getsize(damaged), digest(damaged)
        room = os.path.join(top, "room")
        os.mkdir(room)
        shutil.copy(damaged, os.path.join(room, "history.sqlite"))
        start(args.cli, room)
        wanted = count(room)
        assert args.messages * 0.99 < wanted < args.messages, wanted
        failures = refused = recovered = 0
        for percent in range(args.first, args.to + 1, args.step):
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size * percent // 100 // 1024 + 64}k", "tmpfs", disk],
                           check=True)
            try:
                shutil.copy(damaged, os.path.join(disk, "history.sqlite"))
                first = start(args.cli, disk)
                now = "recovered" if glob.glob(os.path.join(disk, "history.damaged-*")) else "refused"
                refused, recovered = refused + (now == "refused"), recovered + (now == "recovered")
                subprocess.run(["mount", "-o", f"remount,size={size * 20 // 1024}k", disk], check=True)
                second = start(args.cli, disk)
                kept = [p for p in glob.glob(os.path.join(disk, "history.damaged-*.sqlite"))]
                left = [os.path.basename(p) for p in glob.glob(os.path.join(disk, "history.sqlite.*"))]
                got = count(disk)
                good = (got == wanted and len(kept) == 1 and digest(kept[0]) == before and not left and
                        second.returncode == 0 and (first.returncode == 0 or "full" in first.stderr))
                failures += not good
                if not good:
                    print(f"{percent} %: {now}, {got} of {wanted} messages, kept {kept}, left {left}: {first.stderr!r} "
                          f"{second.stderr!r}")
            finally:
                subprocess.run(["umount", "-l", disk], check=True)
    print(f"{size} bytes, {wanted} messages: {refused} sizes refused at first, {recovered} recovered at once, "
          f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
