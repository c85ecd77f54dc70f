#!/usr/bin/env python3
"""Fails if a comment or a page names a file of ours that does not exist: test_citations.py ROOT

Looked at are all texts under version control (or, without Git, all that are in our folders). What counts as a name is a
path from the root: one into tests/, and in the other folders one that ends like a source or a page. NAME in it stands for
any.
"""
import pathlib
import re
import subprocess
import sys

TOPS = "app|docs|engine|installer|kernels|resources|storage|tests|ui"
TEXTS = {".h", ".cpp", ".c", ".cu", ".inl", ".comp", ".glsl", ".py", ".md", ".txt", ".cmake", ".sh", ""}
SOURCE = re.compile(r"\.(h|cpp|c|cu|inl|comp|glsl|py|md|txt|cmake|ts|png|svg)$")
NAME = re.compile(rf"(?<![\w/.$}}{{-])(?:{TOPS})/[\w./*-]*[\w*]")
# Is made by a test that runs, or by a tool.
MADE = {"tests/gpu/carried"}


def texts(root):
    try:
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"],
                                capture_output=True, check=True)
        paths = [root / name for name in listed.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path for top in TOPS.split("|") for path in (root / top).rglob("*")] + list(root.glob("*"))
    for path in paths:
        name = path.relative_to(root).as_posix()
        if path.suffix in TEXTS and path.is_file() and not name.startswith(("tests/data/", "tests/fuzz/corpus/")):
            yield name, path


def exists(root, name):
    if "*" in name:
        return any(True for _ in root.glob(name))
    return (root / name).exists()


def main():
    root = pathlib.Path(sys.argv[1])
    count, missing = 0, []
    for name, path in texts(root):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            for cited in NAME.findall(line):
                if "NAME" in cited or not cited.startswith("tests/") and not SOURCE.search(cited):
                    continue
                count += 1
                if cited not in MADE and not exists(root, cited):
                    missing.append(f"{name}:{number}: names {cited}, which does not exist")
    for sentence in missing:
        print(sentence)
    print(f"{count} names, {len(missing)} of files that do not exist")
    # Far fewer would mean that nothing was read.
    return 1 if missing or count < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
