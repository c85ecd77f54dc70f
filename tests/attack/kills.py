#!/usr/bin/env python3
"""A program that keeps chats is killed at random moments, again and again in one history; every text is followed.

kills.py KILL_WRITER [--kills N] [--seed N]

Right after each kill, and for the texts of all earlier rounds too: what was told to be stored is there, of an answer at
most the last second (and a half, on busy machines) is missing, no empty chat and no open answer is left, and the history
is sound.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

import history_writer as hw


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    told, failures, mid_answer = "", 0, 0
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "data")
        for round in range(args.kills):
            lines = []
            p = subprocess.Popen([args.writer, folder], stdout=subprocess.PIPE, text=True)
            reader = threading.Thread(target=lambda: lines.extend((time.monotonic(), line) for line in p.stdout))
            reader.start()
            time.sleep(rng.uniform(0.02, 3))
            killed = time.monotonic()
            p.kill()
            p.wait()
            reader.join()
            p.stdout.close()
            whole = [(at, line) for at, line in lines if line.endswith("\n")]
            told += "".join(line for _, line in whole if line[0] in "QF")
            mid_answer += bool(whole) and whole[-1][1][0] == "T"
            if not os.path.exists(hw.file_of(folder)):
                continue  # killed before there was one
            hw.write(args.writer, folder, 1)
            lengths = dict(hw.query(folder, "SELECT id, length(text) FROM messages"))
            wrong = hw.problems(folder) + hw.broken_promises(folder, told)
            for at, line in whole:
                if line[0] == "T" and at < killed - 1.5 and lengths.get(int(line.split()[1]), 0) < int(line.split()[2]):
                    wrong.append(line.strip())
            if wrong:
                failures += 1
                print(f"round {round}: {wrong[:5]}")
        left = len(os.listdir(os.path.join(folder, "writers")))
    print(f"{args.kills} kills: {told.count('Q ')} questions and {told.count('F ')} whole answers followed, {mid_answer} "
          f"killed mid-answer, {left} locks left, {failures} failures")
    return 1 if failures or left or not told else 0


if __name__ == "__main__":
    sys.exit(main())
