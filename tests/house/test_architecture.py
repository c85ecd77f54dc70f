#!/usr/bin/env python3
"""Fails if a source includes what docs/architecture.md does not allow: test_architecture.py ROOT

If this fails, either the include is wrong, or the house has changed and the table must say so.
"""
import fnmatch
import pathlib
import re
import sys

SOURCES = {".h", ".cpp", ".c", ".cu", ".inl"}
TOPS = ("kernels", "engine", "storage", "ui", "app")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^">]+)[">]', re.MULTILINE)


def tables(text):
    """The rows of every table of a Markdown text, by the words of its header; cells are texts."""
    found, header = {}, None
    for line in text.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if header is None:
            header = tuple(cells)
            found[header] = []
        elif not all(set(cell) <= set("-: ") for cell in cells):
            found[header].append(cells)
    return found


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


class House:
    """Which folder may include which, as the table says."""

    def __init__(self, rows):
        self.rooms = [names(folder)[0] for folder, _, _ in rows]
        self.allowed = {}
        for folder, _, may in rows:
            room = names(folder)[0]
            self.allowed[room] = set(names(may))
            if may.startswith("all"):
                self.allowed[room] |= {other for other in self.rooms if not other.startswith("app/")}
            elif may != "nothing" and not self.allowed[room]:
                raise ValueError(f"{room} may include \"{may}\": neither folders, nor \"all\", nor \"nothing\"")

    def room_of(self, folder):
        """The row that a folder belongs to: its own, else the nearest one above that ends in a slash."""
        if folder in self.rooms:
            return folder
        parts = folder.split("/")
        for count in range(len(parts), 0, -1):
            above = "/".join(parts[:count]) + "/"
            if above in self.rooms:
                return above
        return None

    def circle(self):
        """Rooms that lead back to the first of them, or nothing."""
        done, path = set(), []

        def visit(room):
            if room in path:
                return path[path.index(room):] + [room]
            if room in done:
                return None
            path.append(room)
            for other in sorted(self.allowed.get(room, ())):
                if found := visit(other):
                    return found
            path.pop()
            done.add(room)
            return None

        for room in self.rooms:
            if found := visit(room):
                return found
        return None


def breaches(root):
    page = root / "docs/architecture.md"
    found = tables(page.read_text(encoding="utf-8"))
    house = House(found[("folder", "contents", "may include")])
    libraries = found[("library", "its headers", "only in")]
    wrong = []
    for room, others in house.allowed.items():
        if not (root / room).is_dir():
            wrong.append(f"docs/architecture.md: there is no folder {room}")
        for other in others - set(house.rooms):
            wrong.append(f"docs/architecture.md: {room} may include {other}, which has no row")
    if circle := house.circle():
        wrong.append("docs/architecture.md: rows lead in a circle: " + " -> ".join(circle))

    count = 0
    for top in TOPS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in SOURCES:
                continue
            folder = path.parent.relative_to(root).as_posix()
            mine = house.room_of(folder)
            if mine is None:
                wrong.append(f"{folder}: the table has no row for this folder")
                continue
            text = path.read_text(encoding="utf-8")
            for match in INCLUDE.finditer(text):
                count += 1
                header = match[1]
                where = f"{path.relative_to(root).as_posix()}:{text.count(chr(10), 0, match.start()) + 1}"
                for library, patterns, only in libraries:
                    if any(fnmatch.fnmatchcase(header, pattern) for pattern in names(patterns)):
                        if not any((folder + "/").startswith(place.rstrip("/") + "/") for place in names(only)):
                            wrong.append(f"{where}: includes <{header}>; {library} is used in {only} only")
                if ".." in header.split("/"):
                    wrong.append(f'{where}: includes "{header}"; name headers from the root of the sources')
                elif "/" in header and header.split("/")[0] in TOPS:
                    theirs = house.room_of(header.rpartition("/")[0])
                    if theirs != mine and theirs not in house.allowed[mine]:
                        wrong.append(f'{where}: includes "{header}", and {mine} may not include {theirs}')
    return wrong, count


def main():
    wrong, count = breaches(pathlib.Path(sys.argv[1]))
    for sentence in wrong:
        print(sentence)
    print(f"{count} includes, {len(wrong)} breaches")
    # Far fewer would mean that nothing was read.
    return 1 if wrong or count < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
