#!/usr/bin/env python3
"""Makes the fonts of the golden pictures, next to this file: letters of 5 x 7 squares.

Pictures must be the same whatever fonts a machine has. Every measure is a multiple of EM / 64, so at any size in whole
pixels FreeType has nothing to round, and its versions agree. The families are called as the theme asks for them; widths
and heights are about those of the real ones, so that what would overlap there does so here.

Usage: make_font.py (Python's standard library suffices)
"""

import struct
from pathlib import Path

# Rows from the top, five bits each; the baseline is below the seventh.
GLYPHS = {
    "A": "0E 11 11 1F 11 11 11", "B": "1E 11 11 1E 11 11 1E", "C": "0E 11 10 10 10 11 0E",
    "D": "1E 11 11 11 11 11 1E", "E": "1F 10 10 1E 10 10 1F", "F": "1F 10 10 1E 10 10 10",
    "G": "0E 11 10 17 11 11 0F", "H": "11 11 11 1F 11 11 11", "I": "0E 04 04 04 04 04 0E",
    "J": "07 02 02 02 02 12 0C", "K": "11 12 14 18 14 12 11", "L": "10 10 10 10 10 10 1F",
    "M": "11 1B 15 15 11 11 11", "N": "11 19 19 15 13 13 11", "O": "0E 11 11 11 11 11 0E",
    "P": "1E 11 11 1E 10 10 10", "Q": "0E 11 11 11 15 12 0D", "R": "1E 11 11 1E 14 12 11",
    "S": "0F 10 10 0E 01 01 1E", "T": "1F 04 04 04 04 04 04", "U": "11 11 11 11 11 11 0E",
    "V": "11 11 11 11 11 0A 04", "W": "11 11 11 15 15 1B 11", "X": "11 11 0A 04 0A 11 11",
    "Y": "11 11 0A 04 04 04 04", "Z": "1F 01 02 04 08 10 1F",
    "a": "00 00 0E 01 0F 11 0F", "b": "10 10 1E 11 11 11 1E", "c": "00 00 0E 11 10 11 0E",
    "d": "01 01 0F 11 11 11 0F", "e": "00 00 0E 11 1F 10 0E", "f": "06 08 1E 08 08 08 08",
    "g": "00 00 0F 11 11 11 0F 01 0E", "h": "10 10 1E 11 11 11 11", "i": "04 00 0C 04 04 04 0E",
    "j": "02 00 06 02 02 02 02 12 0C", "k": "10 10 12 14 18 14 12", "l": "0C 04 04 04 04 04 0E",
    "m": "00 00 1A 15 15 15 15", "n": "00 00 1E 11 11 11 11", "o": "00 00 0E 11 11 11 0E",
    "p": "00 00 1E 11 11 11 1E 10 10", "q": "00 00 0F 11 11 11 0F 01 01", "r": "00 00 16 19 10 10 10",
    "s": "00 00 0F 10 0E 01 1E", "t": "08 08 1E 08 08 08 06", "u": "00 00 11 11 11 11 0F",
    "v": "00 00 11 11 11 0A 04", "w": "00 00 11 15 15 15 0A", "x": "00 00 11 0A 04 0A 11",
    "y": "00 00 11 11 11 11 0F 01 0E", "z": "00 00 1F 02 04 08 1F",
    "0": "0E 11 13 15 19 11 0E", "1": "04 0C 04 04 04 04 0E", "2": "0E 11 01 06 08 10 1F",
    "3": "1F 02 04 02 01 11 0E", "4": "02 06 0A 12 1F 02 02", "5": "1F 10 1E 01 01 11 0E",
    "6": "06 08 10 1E 11 11 0E", "7": "1F 01 02 04 08 08 08", "8": "0E 11 11 0E 11 11 0E",
    "9": "0E 11 11 0F 01 02 0C",
    " ": "", "\u00a0": "", "!": "04 04 04 04 04 00 04", '"': "0A 0A", "#": "0A 0A 1F 0A 1F 0A 0A",
    "$": "04 0F 14 0E 05 1E 04", "%": "19 19 02 04 08 13 13", "&": "0C 12 14 08 15 12 0D", "'": "04 04",
    "(": "02 04 08 08 08 04 02", ")": "08 04 02 02 02 04 08", "*": "00 04 15 0E 15 04", "+": "00 04 04 1F 04 04",
    ",": "00 00 00 00 00 04 04 08", "-": "00 00 00 0E", ".": "00 00 00 00 00 00 04", "/": "01 01 02 04 08 10 10",
    ":": "00 00 04 00 00 04", ";": "00 00 04 00 00 04 04 08", "<": "02 04 08 10 08 04 02", "=": "00 00 1F 00 1F",
    ">": "08 04 02 01 02 04 08", "?": "0E 11 01 02 04 00 04", "@": "0E 11 17 15 17 10 0E",
    "[": "0E 08 08 08 08 08 0E", "\\": "10 10 08 04 02 01 01", "]": "0E 02 02 02 02 02 0E", "^": "04 0A 11",
    "_": "00 00 00 00 00 00 00 1F", "`": "08 04", "{": "02 04 04 08 04 04 02", "|": "04 04 04 04 04 04 04",
    "}": "08 04 04 02 04 04 08", "~": "00 00 00 08 15 02",
    "×": "00 00 11 0A 04 0A 11", "·": "00 00 00 04", "–": "00 00 00 1F", "—": "00 00 00 1F", "−": "00 00 00 1F",
    "…": "00 00 00 00 00 00 15", "“": "05 0A 0A", "”": "0A 0A 14", "≥": "08 04 02 04 08 00 1F", "≤": "02 04 08 04 02 00 1F",
    "→": "00 04 02 1F 02 04", "↓": "04 04 04 15 0E 04", "↑": "04 0E 15 04 04 04", "↵": "01 01 05 09 1F 08 04",
    "⇥": "00 05 03 1F 03 05",
}
NOT_DEFINED = "1F 11 11 11 11 11 1F"

EM, WIDTH, HEIGHT, GAP, BOLDER = 1024, 96, 112, 64, 48
MONO = 608  # the width of every letter


def bits(rows, proportional):
    """The rows, and the number of columns; without empty ones at the sides unless all letters are as wide."""
    grid = [int(row, 16) for row in rows.split()]
    used = 0
    for row in grid:
        used |= row
    if not proportional:
        return grid, 5
    if used == 0:
        return grid, 2
    right = (used & -used).bit_length() - 1
    return [row >> right for row in grid], used.bit_length() - right


def outline(grid, columns, bold):
    """Rectangles (left, bottom, right, top): runs of a row, joined with those below that are alike."""
    open_runs, done = {}, []
    for row, y in zip(grid + [0], range(len(grid) + 1)):
        runs, start = set(), None
        for x in range(columns + 1):
            if x < columns and row >> (columns - 1 - x) & 1:
                start = x if start is None else start
            elif start is not None:
                runs.add((start, x))
                start = None
        for run in [r for r in open_runs if r not in runs]:
            left, right = run
            done.append((GAP // 2 + left * WIDTH, (7 - y) * HEIGHT, GAP // 2 + right * WIDTH + bold,
                         (7 - open_runs.pop(run)) * HEIGHT))
        for run in runs:
            open_runs.setdefault(run, y)
    return sorted(done)


def glyph(rectangles):
    if not rectangles:
        return b""
    points = [p for l, b, r, t in rectangles for p in ((l, b), (l, t), (r, t), (r, b))]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    data = struct.pack(">5h", len(rectangles), min(xs), min(ys), max(xs), max(ys))
    data += b"".join(struct.pack(">H", 4 * i + 3) for i in range(len(rectangles))) + struct.pack(">H", 0)

    def deltas(values, short, same):
        flags, out, last = [], b"", 0
        for value in values:
            step, last = value - last, value
            if step == 0:
                flags.append(same)
            elif abs(step) < 256:
                flags.append(short | (same if step > 0 else 0))
                out += bytes([abs(step)])
            else:
                flags.append(0)
                out += struct.pack(">h", step)
        return flags, out

    x_flags, x_data = deltas(xs, 0x02, 0x10)
    y_flags, y_data = deltas(ys, 0x04, 0x20)
    data += bytes(1 | x | y for x, y in zip(x_flags, y_flags)) + x_data + y_data
    return data + b"\0" * (-len(data) % 4)


def cmap(codes):
    """Format 4, a segment for each run of codes with glyphs in a row."""
    segments = []
    for i, code in enumerate(codes):
        if segments and segments[-1][1] == code - 1:
            segments[-1][1] = code
        else:
            segments.append([code, code, i + 1])
    segments.append([0xFFFF, 0xFFFF, 0])
    n = len(segments)
    power = 1 << (n.bit_length() - 1)
    body = struct.pack(">4H", 2 * n, 2 * power, power.bit_length() - 1, 2 * n - 2 * power)
    body += b"".join(struct.pack(">H", s[1]) for s in segments) + b"\0\0"
    body += b"".join(struct.pack(">H", s[0]) for s in segments)
    body += b"".join(struct.pack(">H", (s[2] - s[0]) & 0xFFFF if s[2] else 1) for s in segments)
    body += struct.pack(">%dH" % n, *[0] * n)
    return struct.pack(">4HI", 0, 1, 3, 1, 12) + struct.pack(">3H", 4, len(body) + 6, 0) + body


def names(family, style):
    texts = {1: family, 2: style, 3: f"Moescope test font, {family} {style}", 4: f"{family} {style}",
             6: f"{family}-{style}".replace(" ", "")}
    records, data = b"", b""
    for number, text in texts.items():
        encoded = text.encode("utf-16-be")
        records += struct.pack(">6H", 3, 1, 0x409, number, len(encoded), len(data))
        data += encoded
    return struct.pack(">3H", 0, len(texts), 6 + len(records)) + records + data


def font(family, proportional, bold, ascent, descent):
    weight = 700 if bold else 400
    codes = sorted(GLYPHS)
    shapes, advances = [], []
    for rows in [NOT_DEFINED] + [GLYPHS[c] for c in codes]:
        grid, columns = bits(rows, proportional)
        shapes.append(outline(grid, columns, BOLDER if bold else 0))
        advances.append(columns * WIDTH + GAP if proportional else MONO)
    glyphs = [glyph(shape) for shape in shapes]
    boxes = [(min(r[0] for r in s), min(r[1] for r in s), max(r[2] for r in s), max(r[3] for r in s))
             for s in shapes if s]
    box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    offsets = [0]
    for data in glyphs:
        offsets.append(offsets[-1] + len(data))
    count = len(glyphs)
    tables = {
        "OS/2": struct.pack(">HhHHH10hHB9s4I4s3H3hHH2IhhHHH", 4, sum(advances) // count, weight, 5, 0, 650, 600, 0, 75,
                            650, 600, 0, 350, 50, 250, 0, 2, b"\0" * 9, 1, 0, 0, 0, b"MOES", 0x20 if bold else 0x40,
                            0x20, 0xFFFF, ascent, -descent, 0, ascent, descent, 1, 0, 5 * HEIGHT, 7 * HEIGHT, 0, 0x20,
                            1),
        "cmap": cmap([ord(c) for c in codes]),
        "glyf": b"".join(glyphs),
        "head": struct.pack(">4I2H2q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, EM, 0, 0, *box, 1 if bold else 0, 6, 2,
                            1, 0),
        "hhea": struct.pack(">I3hH11hH", 0x10000, ascent, -descent, 0, max(advances), 0, 0, box[2], 1, 0, 0, 0, 0, 0, 0,
                            0, count),
        "hmtx": b"".join(struct.pack(">Hh", a, min((r[0] for r in s), default=0)) for a, s in zip(advances, shapes)),
        "loca": b"".join(struct.pack(">I", o) for o in offsets),
        "maxp": struct.pack(">I14H", 0x10000, count, max(4 * len(s) for s in shapes), max(len(s) for s in shapes), 0, 0,
                            2, 0, 0, 0, 0, 0, 0, 0, 0),
        "name": names(family, "Bold" if bold else "Regular"),
        "post": struct.pack(">2I2h5I", 0x30000, 0, -100, 50, 0 if proportional else 1, 0, 0, 0, 0),
    }

    def checksum(data):
        data += b"\0" * (-len(data) % 4)
        return sum(struct.unpack(">%dI" % (len(data) // 4), data)) & 0xFFFFFFFF

    def assemble():
        power = 1 << (len(tables).bit_length() - 1)
        head = struct.pack(">I4H", 0x10000, len(tables), 16 * power, power.bit_length() - 1,
                           16 * (len(tables) - power))
        at, directory, body = 12 + 16 * len(tables), b"", b""
        for tag, data in sorted(tables.items()):
            directory += tag.encode() + struct.pack(">3I", checksum(data), at + len(body), len(data))
            body += data + b"\0" * (-len(data) % 4)
        return head + directory + body

    adjustment = (0xB1B0AFBA - checksum(assemble())) & 0xFFFFFFFF
    tables["head"] = tables["head"][:8] + struct.pack(">I", adjustment) + tables["head"][12:]
    return assemble()


here = Path(__file__).parent
for family, name, proportional, ascent, descent in (("Inter", "sans", True, 992, 256),
                                                    ("JetBrains Mono", "mono", False, 1040, 304)):
    for bold in (False, True):
        path = here / f"{name}{'_bold' if bold else ''}.ttf"
        path.write_bytes(font(family, proportional, bold, ascent, descent))
