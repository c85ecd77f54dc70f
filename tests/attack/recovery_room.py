#!/usr/bin/env python3
"""A damaged history on a disk with little room: whatever room there is, nothing that could be read is lost.

recovery_room.py KILL_WRITER [--messages N] [--from PERCENT] [--to PERCENT] [--step PERCENT]

Puts a damaged history onto a small disk (tmpfs: needs the right to mount, else exit code 77) of so many per cent of its
size, starts a program there, makes room, and starts it again. All that a disk with room gives must be there in the end,
and the damaged file as it was.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import history_writer as hw


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("writer")
    parser.add_argument("--messages", type=int, default=12000)
    parser.add_argument("--from", dest="first", type=int, default=100)
    parser.add_argument("--to", type=int, default=450)
    parser.add_argument("--step", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        disk, made, room = (os.path.join(top, name) for name in ("disk", "made", "room"))
        os.mkdir(disk)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
            print("skipped: mounting a small disk needs root")
            return 77
        subprocess.run(["umount", disk], check=True)
        content, last = hw.damaged_history(args.writer, made, args.messages // 2, 3)
        hw.put(content, room)
        hw.write(args.writer, room, 1)
        wanted = hw.recovered(room, last)
        assert last * 0.8 < wanted < last, (wanted, last)
        failures = refused = recovered = 0
        for percent in range(args.first, args.to + 1, args.step):
            kb = len(content) * percent // 100 // 1024 + 64
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kb}k", "tmpfs", disk], check=True)
            try:
                hw.put(content, disk)
                code, told = hw.write(args.writer, disk, 1)
                at_once = bool(hw.damaged_files(disk))
                recovered, refused = recovered + at_once, refused + (not at_once)
                subprocess.run(["mount", "-o", f"remount,size={len(content) * 20 // 1024}k", disk], check=True)
                again, more = hw.write(args.writer, disk, 1)
                got, left = hw.recovered(disk, last), hw.leftovers(disk)
                said = code == 0 or "full" in told
                if got != wanted or left or again != 0 or not said or not hw.kept_as_it_was(disk, content):
                    failures += 1
                    print(f"{percent} %: {got} of {wanted} messages, put aside {hw.damaged_files(disk)}, left {left}: "
                          f"{told!r} {more!r}")
            finally:
                subprocess.run(["umount", "-l", disk], check=True)
    print(f"{len(content)} bytes, {wanted} of {last} messages could be read: {refused} sizes refused at first, {recovered} "
          f"recovered at once, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
