"""Runs kill_writer (tests/storage), which keeps chats in a history and tells what it has stored, and looks it up."""
import glob
import os
import random
import sqlite3
import subprocess

PAGE = 4096


def write(writer, folder, turns, **env):
    """Opens the history and adds so many turns. Gives the exit code and what was told."""
    r = subprocess.run([writer, folder, str(turns)], capture_output=True, text=True, env={**os.environ, **env}, timeout=300)
    return r.returncode, r.stdout


def file_of(folder):
    return os.path.join(folder, "history.sqlite")


def damaged_files(folder):
    return glob.glob(os.path.join(folder, "history.damaged-*.sqlite"))


def leftovers(folder):
    return glob.glob(os.path.join(folder, "history.sqlite.*"))


def query(folder, sql, *values):
    db = sqlite3.connect(file_of(folder))
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def problems(folder):
    """What is wrong with a closed history of which nothing was damaged."""
    found = []
    if query(folder, "PRAGMA integrity_check") != [("ok",)] or query(folder, "PRAGMA foreign_key_check"):
        found.append("it is damaged")
    if damaged_files(folder):
        found.append("it was called damaged")
    if query(folder, "SELECT 1 FROM conversations WHERE message_count = 0"):
        found.append("an empty chat is left")
    if query(folder, "SELECT 1 FROM messages WHERE writer IS NOT NULL"):
        found.append("an answer is still open")
    return found


def broken_promises(folder, told):
    """Lines of what was told that the history does not hold."""
    texts = dict(query(folder, "SELECT id, text FROM messages"))
    broken = []
    for line in told.splitlines():
        part = line.split(" ", 3)
        if part[0] == "Q" and texts.get(int(part[2])) != part[3]:
            broken.append(line)
        if part[0] == "F" and len(texts.get(int(part[1]), "")) != int(part[2]):
            broken.append(line)
    return broken


def damaged_history(writer, folder, turns, pages):
    """A history of so many questions and answers, of which pages with answers are gone. Gives its bytes and the last
    message's id."""
    code, told = write(writer, folder, turns)
    assert code == 0, told
    with open(file_of(folder), "rb") as f:
        content = bytearray(f.read())
    answers = [at for at in range(PAGE, len(content), PAGE)
               if content[at] == 0x0D and content[at:at + PAGE].count(b"word word") > 100]
    for at in random.Random(1).sample(answers, pages):
        content[at:at + PAGE] = bytes(PAGE)
    return bytes(content), query(folder, "SELECT max(id) FROM messages")[0][0]


def put(content, folder):
    os.makedirs(folder, exist_ok=True)
    with open(file_of(folder), "wb") as f:
        f.write(content)


def recovered(folder, last):
    """How many of the messages up to `last` there are; -1: it is damaged."""
    try:
        if query(folder, "PRAGMA quick_check") != [("ok",)]:
            return -1
        return query(folder, "SELECT count(*) FROM messages WHERE id <= ?", last)[0][0]
    except sqlite3.DatabaseError:
        return -1


def kept_as_it_was(folder, content):
    """Whether the damaged file, and no other, was put aside, byte for byte."""
    files = damaged_files(folder)
    if len(files) != 1:
        return False
    with open(files[0], "rb") as f:
        return f.read() == content
