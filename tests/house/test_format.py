#!/usr/bin/env python3
"""Fails if a source is not as clang-format makes it with .clang-format: test_format.py ROOT CLANG_FORMAT

Versions differ in details, so that only the one of Debian 12 judges (exit code 77 for others). Mend what it lists with
`clang-format-14 -i FILE`.
"""
import pathlib
import re
import subprocess
import sys

JUDGE = 14
TOPS = ("app", "engine", "kernels", "storage", "tests", "ui")
SOURCES = {".h", ".cpp", ".c", ".cu", ".inl"}


def main():
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(re.search(r"version (\d+)\.", version)[1])
    if major != JUDGE:
        print(f"skipped: this is clang-format {major}, not {JUDGE}")
        return 77
    paths = sorted(str(path) for top in TOPS for path in (root / top).rglob("*") if path.suffix in SOURCES)
    found = set()
    for at in range(0, len(paths), 50):
        r = subprocess.run([program, "--dry-run", "--style=file", *paths[at:at + 50]], capture_output=True, text=True)
        if r.returncode != 0:
            sys.exit(r.stderr)
        found.update(re.findall(r"^(.+?):\d+:\d+: warning: code should be clang-formatted", r.stderr, re.MULTILINE))
    for path in sorted(found):
        print(f"{pathlib.Path(path).relative_to(root)}: not formatted")
    print(f"{len(paths)} files, {len(found)} not formatted")
    # Far fewer would mean that nothing was read.
    return 1 if found or len(paths) < 300 else 0


if __name__ == "__main__":
    sys.exit(main())
