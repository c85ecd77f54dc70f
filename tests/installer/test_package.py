#!/usr/bin/env python3
"""If this fails, a package of Moescope lacks something, or needs what it does not name.

test_package.py BUILD SOURCE. tests/installer/packages tries the packages on bare systems, and asks lintian.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def output(*command, **others):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **others)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="packages ")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        output(SOURCE / "installer/package", "--from", BUILD, "--to", cls.folder,
               env=dict(os.environ, XZ_LEVEL="0", DEBFULLNAME="Somebody", DEBEMAIL="somebody@debian.org"))
        cls.version = output(BUILD / "app/cli/moescope-cli", "--version").split()[1]
        cls.deb, = cls.folder.glob("moescope_*.deb")
        output("dpkg-deb", "-R", cls.deb, cls.folder / "deb")
        archive, = cls.folder.glob("moescope-*.tar.xz")
        (cls.folder / "unpacked here").mkdir()
        output("tar", "-C", cls.folder / "unpacked here", "-xf", archive)
        cls.portable, = (cls.folder / "unpacked here").iterdir()

    def test_the_deb_says_what_it_needs(self):
        fields = dict(re.findall(r"^(\S+): (.*)$", (self.folder / "deb/DEBIAN/control").read_text(), re.MULTILINE))
        self.assertTrue(fields["Version"].startswith(self.version + "-1~"))
        self.assertEqual(fields["Maintainer"], "Somebody <somebody@debian.org>")
        needed = {entry.split()[0] for entry in fields["Depends"].split(", ")}
        self.assertTrue({"libc6", "libsentencepiece0"} <= needed, needed)
        self.assertTrue(any(name.startswith("libqt6widgets6") for name in needed), needed)

    def test_the_deb_is_whole(self):
        root = self.folder / "deb"
        output("md5sum", "--check", "--quiet", "DEBIAN/md5sums", cwd=root)
        for path in ("bin/moescope", "bin/moescope-cli", "share/moescope/moescope-demo.gguf", "share/man/man1/moescope.1.gz",
                     "share/man/man1/moescope-cli.1.gz", "share/zsh/vendor-completions/_moescope-cli",
                     "share/applications/moescope.desktop", "share/mime/packages/moescope.xml"):
            self.assertTrue((root / "usr" / path).exists(), path)
        notice = (root / "usr/share/doc/moescope/copyright").read_text()
        self.assertIn("The Moescope developers", notice)
        self.assertIn("Niels Lohmann", notice)
        self.assertIn("GUST Font License", notice)

    def linked(self):
        """All that is code in the archive."""
        return [path for path in self.portable.rglob("*") if path.is_file() and not path.is_symlink()
                and path.read_bytes()[:4] == b"\x7fELF"]

    def test_the_archive_has_every_library_but_those_of_a_display(self):
        of_the_system = re.compile(
            r"^(linux-vdso|ld-linux.*|lib(c|m|dl|rt|pthread|resolv|mvec|stdc\+\+|gcc_s|z|expat|GL|EGL|GLX|GLdispatch"
            r"|drm|gbm|X11|X11-xcb|xcb|xcb-(dri2|dri3|present|glx)|Xau|Xdmcp|bsd|md|ffi|wayland-.*))\.so")
        files = self.linked()
        self.assertGreater(len(files), 40)
        for file in files:
            for line in output("ldd", file).splitlines():
                name, linked, path = line.strip().partition(" => ")
                if linked and not path.startswith(str(self.portable)):
                    self.assertRegex(name.split("/")[-1], of_the_system, f"{file.relative_to(self.portable)}: {line}")

    def test_the_archive_runs_wherever_it_is(self):
        environment = {"HOME": str(self.folder / "home"), "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
        said = output(self.portable / "moescope-cli", "run", self.portable / "share/moescope/moescope-demo.gguf",
                      "--prompt", "What is 7 plus 8?", env=environment)
        self.assertIn("15", said)
        self.assertEqual(output(self.portable / "moescope", "--version", env=environment), f"moescope {self.version}\n")
        window = subprocess.Popen([self.portable / "moescope", "--no-model"], env=environment, stderr=subprocess.PIPE)
        try:
            wanted = {str(path.relative_to(self.portable)) for path in
                      (self.portable / "lib/libQt6Widgets.so.6", self.portable / "lib/plugins/platforms/libqoffscreen.so")}
            for _ in range(300):
                self.assertIsNone(window.poll())
                maps = pathlib.Path(f"/proc/{window.pid}/maps").read_text()
                if all(f"{self.portable}/{one}" in maps for one in wanted):
                    return
                try:
                    window.wait(0.1)
                except subprocess.TimeoutExpired:
                    pass
            self.fail(maps)
        finally:
            window.kill()
            window.communicate()

    def test_the_archive_has_a_notice_of_all_that_comes_along(self):
        notices = self.portable / "share/doc/moescope/libraries"
        packages = {line.split()[0].split(":")[0] for line in (notices / "SOURCES").read_text().splitlines()}
        self.assertTrue({"fonts-inter", "fonts-lmodern", "qt6-wayland"} <= packages, packages)
        for library in ("libfmt", "libqt6widgets", "libsentencepiece", "libicu"):
            self.assertTrue(any(package.startswith(library) for package in packages), packages)
        for package in packages:
            self.assertGreater((notices / package).stat().st_size, 100)
        self.assertTrue((notices / "common-licenses/LGPL-3").exists())


if __name__ == "__main__":
    if not all(shutil.which(tool) for tool in ("dpkg-shlibdeps", "patchelf", "rsvg-convert")):
        print("Packing needs dpkg-shlibdeps, patchelf and rsvg-convert.")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
