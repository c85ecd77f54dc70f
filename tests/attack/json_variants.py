#!/usr/bin/env python3
"""Imports broken conversations: each variant is refused with a sentence, or comes in, passes the check of the history, is
exported in every format, and its JSON comes in again.

json_variants.py MOESCOPE_CLI [--count N]
"""
import pathlib

import variants

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = [*(HERE.parent / "exchange/data").glob("*.json"), HERE.parent / "exchange/golden/branches.json",
         HERE.parent / "exchange/golden/several.json"]

SCRIPT = """
"$0" history import --data-dir "$1/first" "$2" > "$1/out" || exit $?
"$0" history check --data-dir "$1/first" > "$1/out" || exit 3
for format in md html txt jsonl json; do
    "$0" history export --all --format $format --data-dir "$1/first" > "$1/all.$format" || exit 5
done
"$0" history import --data-dir "$1/second" "$1/all.json" > "$1/out" || exit 6
"$0" history export --all --format json --data-dir "$1/second" | cmp - "$1/all.json" || exit 7
"""

if __name__ == "__main__":
    options = variants.arguments(__doc__, 500).parse_args()
    variants.finish(variants.attack(SEEDS, [["sh", "-c", SCRIPT, options.program, "{dir}", "{}"]], options.count,
                                    seed=options.seed, kind="text", keep=options.keep))
