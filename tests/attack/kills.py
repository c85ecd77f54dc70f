#!/usr/bin/env python3
"""A chat is killed at random moments, again and again in one history; every text is followed.

kills.py MOESCOPE_CLI MODEL [--kills N] [--seed N]

Right: a question is stored before the first letter of its answer is shown, and an answer before the next question is; no
empty chat is left; the history is sound after each kill; at the end every text of every round is still there.
"""
import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("model")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    failures, answers, asked = [], {}, set()

    with tempfile.TemporaryDirectory() as data:
        def stored():
            db = sqlite3.connect(os.path.join(data, "history.sqlite"))
            rows = db.execute("SELECT q.text, a.text, a.finish FROM messages q LEFT JOIN messages a ON a.parent = q.id "
                              "WHERE q.author = 0").fetchall()
            empty = db.execute("SELECT count(*) FROM conversations WHERE message_count = 0").fetchone()[0]
            db.close()
            return {q: (a, f) for q, a, f in rows}, empty

        def compare(when):
            rows, empty = stored()
            if empty:
                failures.append(f"{when}: {empty} empty chats")
            for q in asked - rows.keys():
                failures.append(f"{when}: lost {q!r}")
            for q, shown in answers.items():
                if q in rows and (rows[q][0] or "").strip() != shown:
                    failures.append(f"{when}: {q!r}: {rows[q]} is not {shown!r}")

        for round in range(args.kills):
            questions = [f"Round {round}, question {k}: what is {rng.randint(1, 99)} plus {rng.randint(1, 99)}?"
                         for k in range(40)]
            p = subprocess.Popen([args.cli, "chat", args.model, "--data-dir", data, "--temperature", "0",
                                  "--max-tokens", "12"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
            p.stdin.write(("\n".join(questions) + "\n").encode())
            p.stdin.flush()
            time.sleep(rng.uniform(0.02, 1.5))
            p.kill()
            shown = p.communicate()[0].decode(errors="replace")
            before = len(asked)
            for k, q in enumerate(questions):
                rest = shown.partition(f"> {q}\n")[2]
                if not rest.strip():
                    break
                asked.add(q)
                answer, following, _ = rest.partition(f"> {questions[k + 1]}\n" if k + 1 < len(questions) else "\0")
                if following:
                    answers[q] = answer.strip()
            if not os.path.exists(os.path.join(data, "history.sqlite")):
                continue  # before there was one
            check = subprocess.run([args.cli, "history", "check", "--data-dir", data], capture_output=True, text=True)
            if check.returncode or check.stderr:
                failures.append(f"round {round}: {check}")
            if len(asked) > before:
                compare(f"round {round}")
        compare("at the end")
        left = os.listdir(os.path.join(data, "writers"))
        if left:
            failures.append(f"{len(left)} locks are left")
    for failure in failures[:20]:
        print(failure)
    print(f"{args.kills} kills, {len(asked)} questions and {len(answers)} whole answers followed, {len(failures)} failures")
    return 1 if failures or not asked else 0


if __name__ == "__main__":
    sys.exit(main())
