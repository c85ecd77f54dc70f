#!/usr/bin/env python3
"""If this fails, the programs tell a wrong version: of Git's last tag, of the file VERSION where there is no Git.

test_version.py CMAKE SOURCE
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

CMAKE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])


class Version(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="version ")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "moescope"
        (self.root / "engine/base").mkdir(parents=True)
        shutil.copy(SOURCE / "engine/base/version.cmake", self.root / "engine/base")
        (self.root / "VERSION").write_text("0.9.1\n")

    def git(self, *words, folder=None):
        subprocess.run(["git", "-C", folder or self.root, "-c", "user.name=a", "-c", "user.email=a@example.org",
                        "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false", *words], check=True, capture_output=True)

    def commit(self, folder=None):
        self.git("commit", "--allow-empty", "-m", "x", folder=folder)

    def version(self):
        source = self.root / "version.cpp"
        subprocess.run([CMAKE, f"-DOUT={source}", "-P", self.root / "engine/base/version.cmake"], check=True)
        return re.search(r'return "(.*)";', source.read_text()).group(1)

    def test_sources_without_git(self):
        self.assertEqual(self.version(), "0.9.1")

    def test_sources_without_git_below_a_repository_of_others(self):
        above = self.root.parent
        self.git("init", folder=above)
        self.commit(above)
        self.git("tag", "v7.0.0", folder=above)
        self.assertEqual(self.version(), "0.9.1")

    def test_no_tag_yet(self):
        self.git("init")
        self.commit()
        self.assertEqual(self.version(), "0.9.1")

    def test_a_release(self):
        self.git("init")
        self.commit()
        self.git("tag", "v1.2.3")
        self.git("tag", "good-one")
        self.assertEqual(self.version(), "1.2.3")

    def test_commits_after_a_release(self):
        self.git("init")
        self.commit()
        self.git("tag", "-a", "-m", "x", "v1.2.3")
        self.commit()
        self.commit()
        self.assertRegex(self.version(), r"^1\.2\.3\+2\.g[0-9a-f]{7,}$")

    def test_the_source_is_written_only_when_it_changes(self):
        self.version()
        source = self.root / "version.cpp"
        before = source.stat().st_mtime_ns
        self.version()
        self.assertEqual(source.stat().st_mtime_ns, before)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
