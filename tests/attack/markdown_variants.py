#!/usr/bin/env python3
"""Exports answers of damaged and hostile Markdown in every format for readers:

    markdown_variants.py MOESCOPE_CLI [--count 500] [--seed 1] [--keep FOLDER]
"""

import json
import pathlib
import subprocess
import sys

import variants

SEEDS = pathlib.Path(__file__).resolve().parent.parent / "data" / "markdown"


def export(program, path, folder):
    """Imports one answer, and writes it as HTML, Markdown and text; gives the exit code of what failed."""
    text = pathlib.Path(path).read_bytes().decode("utf-8", "replace")
    node = {"author": {"role": "assistant"}, "create_time": 1.0, "recipient": "all",
            "content": {"content_type": "text", "parts": [text]}, "metadata": {}}
    question = {"author": {"role": "user"}, "create_time": 1.0, "metadata": {},
                "content": {"content_type": "text", "parts": ["Show me"]}}
    chat = {"title": "t", "create_time": 1.0, "update_time": 1.0, "current_node": "a", "mapping": {
        "r": {"parent": None, "children": ["u"], "message": None},
        "u": {"parent": "r", "children": ["a"], "message": question},
        "a": {"parent": "u", "children": [], "message": node}}}
    folder = pathlib.Path(folder)
    source = folder / "chat.json"
    source.write_text(json.dumps([chat]))
    history = ["--data-dir", str(folder / "data")]
    commands = [["history", "import", *history, str(source)]]
    commands += [["history", "export", "--all", *history, "--out", str(folder / ("x." + f))] for f in ("html", "md", "txt")]
    for command in commands:
        code = subprocess.run([program, *command], stdout=subprocess.DEVNULL).returncode
        if code != 0:
            return code if code > 0 else 128 - code
    size = len(text.encode())
    for name, factor in (("x.html", 64), ("x.md", 8)):
        if (folder / name).stat().st_size > factor * size + (1 << 17):
            print("%s is %d bytes, of %d" % (name, (folder / name).stat().st_size, size), file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "--export":
        sys.exit(export(*sys.argv[2:]))
    options = variants.arguments("Exports answers of hostile Markdown.", 500).parse_args()
    command = [sys.executable, str(pathlib.Path(__file__).resolve()), "--export", options.program, "{}", "{dir}"]
    variants.finish(variants.attack(SEEDS.glob("*.md"), [command], options.count, options.seed, "markdown", options.keep))
