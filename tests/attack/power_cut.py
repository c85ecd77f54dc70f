#!/usr/bin/env python3
"""The power is cut while a chat is kept: what was said to be saved is there when the machine runs again.

power_cut.py KILL_WRITER DISK_SHIM [--states N] [--turns N] [--seed N]

Records what a program that keeps a chat does to its files (disk_shim.cpp), and replays it to random moments. A write that
was not synced by then is kept, lost, or torn in sectors of 512 bytes; names that were changed since the last sync are
kept or lost, the last first. Each state is opened and checked, and every question and answer that the program had
reported as stored is looked up.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

import history_writer as hw

SECTOR = 512


def records(path):
    with open(path, "rb") as f:
        while head := f.readline():
            kind, inode, at, size = head.split()
            yield kind.decode(), int(inode), int(at), f.read(int(size))


class Disk:
    """What has been done to the files, and what of it is on the disk for sure."""

    def __init__(self, folder):
        self.folder = folder
        self.names = {}       # path -> number of a file
        self.kept_names = {}  # as of the last sync, then in order:
        self.name_steps = []
        self.by_inode = {}
        self.files = []       # [bytes on the disk, what was done since]
        self.said = b""

    def do(self, kind, inode, at, data):
        if kind == "said":
            self.said += data
        elif kind in ("open", "create"):
            path = data.decode()
            if path not in self.names:
                self.files.append([bytearray(), []])
                self.name(("add", path, len(self.files) - 1))
            self.by_inode[inode] = self.names[path]
            if kind == "create":
                self.files[self.names[path]][1].append(("truncate", 0, b""))
        elif kind in ("write", "truncate"):
            if inode in self.by_inode:
                self.files[self.by_inode[inode]][1].append((kind, at, data))
        elif kind == "sync":
            if inode in self.by_inode:
                file = self.files[self.by_inode[inode]]
                for step in file[1]:
                    self.apply(file[0], *step)
                file[1] = []
            # A journaling file system brings earlier names along.
            self.kept_names, self.name_steps = dict(self.names), []
        elif kind == "rename":
            self.name(("rename", *data.decode().split("\n")))
        elif kind == "unlink":
            self.name(("unlink", data.decode()))

    def name(self, step):
        self.apply_name(self.names, step)
        self.name_steps.append(step)

    @staticmethod
    def apply_name(names, step):
        if step[0] == "add":
            names[step[1]] = step[2]
        elif step[0] == "unlink":
            names.pop(step[1], None)
        elif step[1] in names:
            names[step[2]] = names.pop(step[1])

    @staticmethod
    def apply(content, kind, at, data):
        if kind == "truncate":
            del content[at:]
            content.extend(bytes(at - len(content)))
        else:
            content.extend(bytes(max(0, at - len(content))))
            content[at:at + len(data)] = data

    def cut(self, rng, target):
        """Writes one of the states that a cut may leave."""
        names = dict(self.kept_names)
        for step in self.name_steps[:rng.randint(0, len(self.name_steps))]:
            self.apply_name(names, step)
        mood = rng.choice(["keep", "lose", "mixed"])
        for path, number in names.items():
            kept, steps = self.files[number]
            content = bytearray(kept)
            for kind, at, data in steps:
                fate = mood if mood != "mixed" else rng.choice(["keep", "lose", "tear"])
                if fate == "keep":
                    self.apply(content, kind, at, data)
                elif fate == "tear" and kind == "write":
                    for begin in range(0, len(data), SECTOR):
                        if rng.random() < 0.5:
                            self.apply(content, kind, at + begin, data[begin:begin + SECTOR])
            out = os.path.join(target, os.path.relpath(path, self.folder))
            if path.endswith("-shm"):
                continue  # memory, not a file that anybody relies on
            os.makedirs(os.path.dirname(out), exist_ok=True)
            with open(out, "wb") as f:
                f.write(content)


def check(writer, folder, said):
    """What is wrong with the history, or []."""
    if not os.path.exists(hw.file_of(folder)):
        return ["the history is gone"] if said else []
    code, told = hw.write(writer, folder, 1)
    wrong = hw.problems(folder) + hw.broken_promises(folder, said)
    return wrong + ([f"exit code {code}: {told}"] if code else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("shim")
    parser.add_argument("--states", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as top:
        data, log = os.path.join(top, "data"), os.path.join(top, "log")
        env = {**os.environ, "LD_PRELOAD": args.shim, "MOESCOPE_SHIM_DIR": data, "MOESCOPE_SHIM_LOG": log}
        subprocess.run([args.writer, data, str(args.turns)], env=env, check=True, stdout=subprocess.DEVNULL)
        steps = list(records(log))
        kinds = {k: sum(s[0] == k for s in steps) for k in ("write", "sync", "rename", "said")}
        assert min(kinds.values()) > 0, kinds
        cuts = sorted(rng.randint(1, len(steps)) for _ in range(args.states))
        disk, done, failures, questions = Disk(data), 0, 0, 0
        for i, cut in enumerate(cuts):
            while done < cut:
                disk.do(*steps[done])
                done += 1
            state = os.path.join(top, "state")
            os.makedirs(state)
            disk.cut(rng, state)
            questions += disk.said.count(b"Q ")
            wrong = check(args.writer, state, disk.said.decode())
            if wrong:
                failures += 1
                print(f"state {i}, cut after step {cut} of {len(steps)} ({steps[cut - 1][0]}): {wrong}")
            shutil.rmtree(state)
    print(f"{args.states} states of {len(steps)} steps ({kinds}): {questions} questions looked up, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
