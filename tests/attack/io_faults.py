#!/usr/bin/env python3
"""Calls that touch the history fail while chats are kept, or while a damaged history is recovered.

io_faults.py KILL_WRITER DISK_SHIM [--chats N] [--recoveries N] [--seed N]

The N-th pwrite, fsync, ftruncate, open or rename fails with EIO, ENOSPC, EROFS or EDQUOT, once or from then on
(disk_shim.cpp). Right: the program has stored all, or ends with exit code 1 and one sentence; what it had told to be
stored is there, and the history is sound. Of a damaged history all that can be read is there after a start without
faults, and the damaged file is as it was.
"""
import argparse
import errno
import os
import random
import shutil
import sys
import tempfile

import history_writer as hw


def fault(rng, most):
    call = rng.choice(["pwrite", "pwrite", "fsync", "fsync", "ftruncate", "open", "rename"])
    error = rng.choice([errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT])
    return f"{call}:{rng.randint(1, most[call])}:{error}:{rng.choice(['once', 'ever'])}"


def shimmed(shim, folder, what):
    return {"LD_PRELOAD": shim, "MOESCOPE_SHIM_DIR": folder, "MOESCOPE_SHIM_FAULT": what}


def chats(args, rng, top):
    failures = saved = 0
    for i in range(args.chats):
        folder = os.path.join(top, f"chat{i}")
        before = hw.write(args.writer, folder, 1)[1] if rng.random() < 0.5 else ""
        what = fault(rng, {"pwrite": 120, "fsync": 40, "ftruncate": 4, "open": 30, "rename": 2})
        code, told = hw.write(args.writer, folder, 3, **shimmed(args.shim, folder, what))
        saved += code == 0
        said = [line for line in told.splitlines() if line.startswith("E ")]
        good = told.count("F ") == 3 and not said if code == 0 else code == 1 and len(said) == 1 and len(said[0]) < 600
        again, _ = hw.write(args.writer, folder, 1)
        wrong = hw.problems(folder) + hw.broken_promises(folder, before + told)
        if not good or again != 0 or wrong:
            failures += 1
            print(f"{what}: exit code {code}, then {again}; {said}; {wrong}")
        shutil.rmtree(folder)
    print(f"{args.chats} chats: {saved} stored wholly, {args.chats - saved} ended with a sentence, {failures} failures")
    return failures


def recoveries(args, rng, top):
    content, last = hw.damaged_history(args.writer, os.path.join(top, "made"), 150, 1)
    room = os.path.join(top, "room")
    hw.put(content, room)
    hw.write(args.writer, room, 1)
    wanted = hw.recovered(room, last)
    assert last * 0.8 < wanted < last, (wanted, last)
    failures = at_once = 0
    for i in range(args.recoveries):
        folder = os.path.join(top, f"recovery{i}")
        hw.put(content, folder)
        what = fault(rng, {"pwrite": 250, "fsync": 14, "ftruncate": 3, "open": 40, "rename": 3})
        _, told = hw.write(args.writer, folder, 1, **shimmed(args.shim, folder, what))
        at_once += bool(hw.damaged_files(folder))
        hw.write(args.writer, folder, 1)
        got, left = hw.recovered(folder, last), hw.leftovers(folder)
        if got != wanted or left or not hw.kept_as_it_was(folder, content):
            failures += 1
            print(f"{what}: {got} of {wanted} messages, put aside {hw.damaged_files(folder)}, left {left}: {told!r}")
        shutil.rmtree(folder)
    print(f"{args.recoveries} recoveries: {at_once} went through at once, {wanted} of {last} messages could be read, "
          f"{failures} failures")
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("shim")
    parser.add_argument("--chats", type=int, default=120)
    parser.add_argument("--recoveries", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as top:
        return 1 if chats(args, rng, top) + recoveries(args, rng, top) else 0


if __name__ == "__main__":
    sys.exit(main())
