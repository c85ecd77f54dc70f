#!/usr/bin/env python3
"""Compares how formulas are set with LaTeX's own output, in the same font: a tool for whoever changes ui/math.

    compare_with_latex.py BUILD/tests/math/measure_formulas [--worst N] [--file FORMULAS]

Needs LuaLaTeX with unicode-math, which no test does: apt-get install texlive-luatex texlive-latex-recommended
texlive-latex-extra lmodern fonts-lmodern. For each formula of tests/data/math/formulas.txt LuaTeX tells the box and
where each letter stands; measure_formulas tells the same of ours. Reported are the share of formulas whose widths are
within 4 %, and of those whose baselines (of all their letters: scripts, numerators, limits, rows) are within 0.05 em.

Left out, and counted: formulas with words in the window's font, which is not TeX's; what TeX does not know or means
otherwise (our verbatim commands, rows in \\[ \\] without an environment).
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

POINTS_OF_EM = 10.0  # of the font that the document is set in

PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage{amsmath}
\usepackage{xcolor}
\usepackage{unicode-math}
\setmathfont{latinmodern-math.otf}
\providecommand\bra[1]{\langle #1|}
\providecommand\ket[1]{|#1\rangle}
\providecommand\cancel[1]{#1}
\begin{document}
\setbox0\hbox{$x$}
\directlua{dofile("walk.lua")}
"""

# Goes through a box as TeX ships it and notes the origin of each glyph. Lengths are scaled points. Words are in the
# roman font that belongs to that of formulas; they are told by the latter's glyphs of the same letters.
WALK = r"""
local out = io.open("measured.txt", "w")
local HLIST, VLIST, RULE, GLUE, KERN, GLYPH, MATH =
  node.id("hlist"), node.id("vlist"), node.id("rule"), node.id("glue"), node.id("kern"), node.id("glyph"),
  node.id("math")
local letters
local formulas = font.getfont(node.family_font(0)).characters

local function glyph(n)
  local f = font.getfont(n.font)
  local character = (f.MathConstants and f.characters or formulas)[n.char]
  return character and character.index or 0
end

local function walk(box, x, y)  -- (x, y): where its baseline begins; y grows downwards
  local inner = box.id == VLIST
  if inner then y = y - box.height end
  for n in node.traverse(box.head) do
    if n.id == GLYPH then
      letters[#letters + 1] = string.format('[%d,%.4f,%.4f]', glyph(n),
        (x + n.xoffset) / 65536, (y - n.yoffset) / 65536)
      x = x + n.width
    elseif n.id == HLIST or n.id == VLIST then
      if inner then
        y = y + n.height
        walk(n, x + n.shift, y)
        y = y + n.depth
      else
        walk(n, x, y + n.shift)
        x = x + n.width
      end
    elseif n.id == KERN or n.id == GLUE or n.id == MATH or n.id == RULE then
      local by
      if n.id == KERN then by = n.kern
      elseif n.id == GLUE then by = node.effective_glue(n, box)
      elseif n.id == MATH then by = n.surround or 0
      else by = inner and n.height + n.depth or n.width end
      if inner then y = y + by else x = x + by end
    end
  end
end

function measure(number)
  local box = tex.box[0]
  letters = {}
  walk(box, 0, 0)
  out:write(string.format('{"number":%d,"width":%.4f,"height":%.4f,"depth":%.4f,"letters":[%s]}\n', number,
    box.width / 65536, box.height / 65536, box.depth / 65536, table.concat(letters, ",")))
  out:flush()
end
"""


def body(source):
    """The formula as TeX gets it between $ and $, and why not, if it cannot be compared."""
    if "\\unknowncommand" in source:
        return None, "a command that is shown as it is written"
    for begin, end, display in ((r"\(", r"\)", False), (r"\[", r"\]", True), ("$$", "$$", True), ("$", "$", False)):
        if source.startswith(begin) and source.endswith(end):
            inner = source[len(begin) : -len(end)].strip()
            inner = re.sub(r"\\tag\{[^}]*\}", "", inner)
            if display and r"\\" in inner and r"\begin" not in inner and "substack" not in inner:
                return None, "rows without an environment"
            return (r"\displaystyle " if display else "") + inner, ""
    match = re.fullmatch(r"\\begin\{(align|gather|equation)(\*?)\}(.*)\\end\{\1\2\}", source)
    if not match:
        return None, "an environment that stands by itself"
    inner = re.sub(r"\\tag\{[^}]*\}", "", match[3])
    kind = {"align": "aligned", "gather": "gathered"}.get(match[1])
    return r"\displaystyle " + (rf"\begin{{{kind}}}{inner}\end{{{kind}}}" if kind else inner), ""


def latex(bodies):
    """What LuaLaTeX makes of them, by number; those that it cannot read are missing."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "walk.lua").write_text(WALK)
        lines = PREAMBLE.splitlines()
        of_line = {}
        for number, text in bodies.items():
            of_line[len(lines) + 1] = number
            # Colors belong to the formula only.
            lines.append(rf"\setbox0\hbox{{\color{{black}}$\relax {text}$}}\directlua{{measure({number})}}")
        lines.append(r"\end{document}")
        (folder / "formulas.tex").write_text("\n".join(lines))
        run = subprocess.run(["lualatex", "-interaction=batchmode", "-file-line-error", "formulas.tex"], cwd=folder,
                             capture_output=True, text=True, check=False)
        measured = folder / "measured.txt"
        if not measured.exists():
            sys.exit("LuaLaTeX did not run: " + (run.stdout + run.stderr)[-2000:])
        found = [json.loads(line) for line in measured.read_text().splitlines()]
        log = (folder / "formulas.log").read_text(errors="replace")
        errors = re.findall(r"^\S*formulas\.tex:(\d+): (.*)", log, re.M)
    # It goes on behind an error, with what is not what was meant.
    wrong = {of_line.get(int(line), -1) for line, _ in errors}
    for line, error in errors:
        print(f"LaTeX: {error}: {bodies.get(of_line.get(int(line), -1), line)}", file=sys.stderr)
    return {entry["number"]: entry for entry in found if entry["number"] not in wrong}


def baselines(letters):
    """By glyph, the heights at which it stands."""
    found = {}
    for glyph, _, y in letters:
        found.setdefault(glyph, []).append(y)
    return {glyph: sorted(ys) for glyph, ys in found.items()}


def difference(ours, theirs):
    """The largest distance of two baselines of the same glyph, em, and how many of theirs could not be compared,
    because we have more or fewer of that glyph."""
    worst, missing = 0.0, 0
    mine = baselines(ours)
    for glyph, ys in baselines(theirs).items():
        if len(mine.get(glyph, [])) == len(ys):
            worst = max([worst] + [abs(a - b) for a, b in zip(mine[glyph], ys)])
        else:
            missing += len(ys)
    return worst, missing


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measure", help="the program measure_formulas")
    parser.add_argument("--file", default=str(here.parent / "data/math/formulas.txt"))
    parser.add_argument("--worst", type=int, default=15, help="how many of the worst are listed")
    options = parser.parse_args()

    ours = [json.loads(line) for line in
            subprocess.run([options.measure, options.file], capture_output=True, text=True, check=True,
                           env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}).stdout.splitlines()]
    left_out = {}
    bodies = {}
    for number, formula in enumerate(ours):
        text, why = body(formula["source"])
        why = "words in the window's font" if formula["words"] else why
        if why:
            left_out[why] = left_out.get(why, 0) + 1
        else:
            bodies[number] = text
    theirs = latex(bodies)
    rows = []
    for number in bodies:
        if number not in theirs:
            left_out["not read by LaTeX"] = left_out.get("not read by LaTeX", 0) + 1
            continue
        mine, tex = ours[number], theirs[number]
        width = tex["width"] / POINTS_OF_EM
        letters = [(glyph, x / POINTS_OF_EM, y / POINTS_OF_EM) for glyph, x, y in tex["letters"]]
        base, missing = difference(mine["letters"], letters)
        rows.append({
            "source": mine["source"],
            "wide": abs(mine["width"] - width) / max(width, 0.1),
            "signed": (mine["width"] - width) / max(width, 0.1),
            "base": base,
            "letters": len(letters),
            "missing": missing,
            "high": max(abs(mine["height"] - tex["height"] / POINTS_OF_EM),
                        abs(mine["depth"] - tex["depth"] / POINTS_OF_EM)),
        })
    if not rows:
        sys.exit("nothing to compare")
    share = lambda good: 100.0 * sum(map(good, rows)) / len(rows)
    print(f"{len(ours)} formulas, {len(rows)} compared; left out: {left_out}")
    print(f"widths within 4 %: {share(lambda r: r['wide'] <= 0.04):.1f} %")
    print(f"baselines within 0.05 em: {share(lambda r: r['base'] <= 0.05):.1f} %")
    print(f"heights and depths within 0.05 em: {share(lambda r: r['high'] <= 0.05):.1f} %")
    letters = sum(r["letters"] for r in rows)
    compared = letters - sum(r["missing"] for r in rows)
    print(f"glyphs whose baselines were compared: {compared} of {letters}, "
          f"in {sum(r['letters'] > r['missing'] for r in rows)} formulas all or some")
    keys = (("wide", "width"), ("base", "baseline"), ("high", "height"), ("missing", "glyphs not compared"))
    for key, name in keys:
        print(f"\nworst by {name}:")
        for row in sorted(rows, key=lambda r: -r[key])[: options.worst]:
            print(f"  {row['signed']:+.1%}  base {row['base']:.3f}  high {row['high']:.3f}  "
                  f"not compared {row['missing']}  {row['source']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
