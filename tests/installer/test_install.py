#!/usr/bin/env python3
"""If this fails, an installed program lacks something of its own, or works only in the folder where it was built.

test_install.py CMAKE BUILD SOURCE
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

CMAKE, BUILD, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def output(*command, **others):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300, **others)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def needs(tool):
    return unittest.skipUnless(shutil.which(tool), f"{tool} is not installed")


class Installation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="install ")
        first = pathlib.Path(cls.folder.name) / "as it was installed"
        output(CMAKE, "--install", BUILD, "--prefix", first, "--component", "program")
        cls.prefix = first.rename(first.with_name("as it was moved"))
        cls.share = cls.prefix / "share"
        cls.cli = cls.prefix / "bin/moescope-cli"
        cls.environment = dict(os.environ, XDG_DATA_HOME=cls.folder.name + "/data", QT_QPA_PLATFORM="offscreen")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def help(self, *command):
        return output(self.cli, *command, "--help")

    def commands(self, *command):
        """The names of the commands below one, as its help lists them."""
        _, _, listed = self.help(*command).partition("Subcommands:\n")
        return re.findall(r"^  ([a-z]\S*)", listed, re.MULTILINE)

    def complete(self, *words):
        return [line.split("\t")[0] for line in output(self.cli, "complete", "--", *words).splitlines()]

    def test_both_programs_tell_the_same_version(self):
        version = output(self.cli, "--version").split()
        self.assertEqual(version[0], "moescope-cli")
        self.assertRegex(version[1], r"^\d+\.\d+\.\d+(\+\d+\.g[0-9a-f]+)?$")
        self.assertEqual(output(self.prefix / "bin/moescope", "--version").split()[1], version[1])

    def test_the_demo_model_answers(self):
        said = output(self.cli, "run", self.share / "moescope/moescope-demo.gguf", "--prompt", "What is 7 plus 8?",
                      env=self.environment)
        self.assertIn("15", said)

    def test_nothing_points_to_where_it_was_built(self):
        for program in (self.cli, self.prefix / "bin/moescope"):
            data = program.read_bytes()
            if b"__ubsan_handle" in data:
                self.skipTest("a sanitizer's reports name the files that were compiled")
            for folder in (bytes(SOURCE / "resources"), bytes(BUILD) + b"/"):
                # Not assertNotIn, whose message has the whole program.
                self.assertFalse(folder in data, f"{program} names {folder}")

    def test_the_window_finds_its_model(self):
        with tempfile.TemporaryDirectory() as data_dir:
            window = subprocess.Popen([self.prefix / "bin/moescope", "--data-dir", data_dir], env=self.environment)
            try:
                # The model that is open is kept among the settings.
                wanted, found = bytes(self.share / "moescope/moescope-demo.gguf"), False
                for _ in range(600):
                    with self.subTest("running"):
                        self.assertIsNone(window.poll())
                    files = [path.read_bytes() for path in pathlib.Path(data_dir).glob("history.sqlite*")]
                    if found := any(wanted in content for content in files):
                        break
                    try:
                        window.wait(0.1)
                    except subprocess.TimeoutExpired:
                        pass
                self.assertTrue(found)
            finally:
                window.kill()
                window.wait()

    def test_completion_offers_every_command(self):
        commands = self.commands()
        self.assertIn("chat", commands)
        self.assertEqual(self.complete(""), commands)
        self.assertEqual(self.complete("history", ""), self.commands("history"))
        self.assertEqual(self.complete("tr"), ["trace"])

    def test_completion_offers_options_and_their_values(self):
        self.assertEqual(self.complete("chat", "--back"), ["--backend"])
        self.assertEqual(sorted(self.complete("chat", "--backend", "")), ["auto", "cpu", "cuda"])
        self.assertEqual(self.complete("chat", "--backend", "cu"), ["cuda"])
        # A value is none of the commands; files are for the shell to find.
        self.assertEqual(self.complete("chat", "--data-dir", "his"), [])
        self.assertEqual(self.complete("chat", ""), [])

    @needs("bash")
    def test_bash_completes(self):
        script = self.share / "bash-completion/completions/moescope-cli"
        said = output("bash", "-c", 'source "$1"; COMP_WORDS=("$2" history ex); COMP_CWORD=2; _moescope_cli "$2"; '
                      'printf "%s\\n" "${COMPREPLY[@]}"', "-", script, self.cli)
        self.assertEqual(said.split(), [name for name in self.commands("history") if name.startswith("ex")])

    @needs("zsh")
    def test_zsh_reads_its_script(self):
        output("zsh", "-n", self.share / "zsh/site-functions/_moescope-cli")

    @needs("fish")
    def test_fish_completes(self):
        path = f"{self.prefix}/bin:{os.environ['PATH']}"
        said = output("fish", "-c", f'source "{self.share}/fish/vendor_completions.d/moescope-cli.fish"; '
                      'complete -C "moescope-cli history ex"', env=dict(self.environment, PATH=path, HOME=self.folder.name))
        offered = {line.split("\t")[0] for line in said.splitlines()}
        self.assertLessEqual({"export", "experts"}, offered)

    def options_of(self, text):
        return set(re.findall(r"(?<![\w-])--[a-z][\w-]*", re.sub(r"\\f[BIR]", " ", text)))

    def test_the_manual_has_every_option(self):
        page = (self.share / "man/man1/moescope-cli.1").read_text().replace("\\-", "-")
        for command in self.commands():
            for path in [(command, below) for below in self.commands(command)] or [(command,)]:
                self.assertIn("\\fB" + " ".join(path) + "\\fR", page)
                listed = re.findall(r"^  (-.*?)(?:  |$)", self.help(*path), re.MULTILINE)
                self.assertLessEqual(self.options_of("\n".join(listed)), self.options_of(page))
        page = (self.share / "man/man1/moescope.1").read_text().replace("\\-", "-")
        self.assertEqual(self.options_of(page), self.options_of(output(self.prefix / "bin/moescope", "--help")))

    @needs("man")
    def test_man_reads_the_manuals(self):
        for page in (self.share / "man/man1").iterdir():
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True,
                                  text=True, env=dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8"))
            self.assertEqual(done.stderr, "")

    @needs("desktop-file-validate")
    def test_the_desktop_entry_is_valid(self):
        output("desktop-file-validate", self.share / "applications/moescope.desktop")

    @needs("appstreamcli")
    def test_the_metainfo_is_valid(self):
        page = self.share / "metainfo/org.moescope.moescope.metainfo.xml"
        output("appstreamcli", "validate", "--no-net", page)
        self.assertIn(f'version="{(SOURCE / "VERSION").read_text().strip()}"', page.read_text())

    @needs("update-mime-database")
    def test_a_model_opens_with_the_program(self):
        shutil.copytree(self.share / "mime", pathlib.Path(self.folder.name) / "mime")
        output("update-mime-database", pathlib.Path(self.folder.name) / "mime")
        globs = (pathlib.Path(self.folder.name) / "mime/globs2").read_text()
        kind = re.search(r"^\d+:(.*):\*\.gguf$", globs, re.MULTILINE).group(1)
        entry = (self.share / "applications/moescope.desktop").read_text()
        self.assertIn(f"MimeType={kind};", entry)
        self.assertRegex(entry, r"(?m)^Exec=moescope %f$")

    def test_the_icon_has_all_sizes(self):
        icons = self.share / "icons/hicolor"
        self.assertTrue((icons / "scalable/apps/moescope.svg").exists())
        if shutil.which("rsvg-convert"):
            for size in (16, 22, 24, 32, 48, 64, 128, 256, 512):
                png = (icons / f"{size}x{size}/apps/moescope.png").read_bytes()
                self.assertEqual(int.from_bytes(png[16:20], "big"), size)

    def test_licenses_come_along(self):
        found = {path.name for path in (self.share / "doc").rglob("*")}
        self.assertLessEqual({"LICENSE", "NOTICES.md"}, found)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
