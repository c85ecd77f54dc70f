"""What the tests of the history from the command line share; their arguments are MOESCOPE_CLI SOURCE_DIR."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
TINY = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")


def cli(*arguments, stdin="", timeout=120, **more):
    return subprocess.run([CLI, *arguments], input=stdin, capture_output=True, text=True, timeout=timeout, **more)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def document(*conversations):
    """Our JSON of conversations, each a dictionary that only says what matters."""
    filled = []
    for c in conversations:
        c = {"title": "", "automatic_title": True, "pinned": False, "created_ms": 1, "updated_ms": 1, "messages": [], **c}
        c["messages"] = [{"id": i + 1, "parent": i or None, "role": ("user", "assistant")[i % 2], "text": text,
                          "created_ms": 1} for i, text in enumerate(c["messages"])]
        filled.append(c)
    return json.dumps({"format": "moescope-conversations", "version": 1, "conversations": filled}).encode()


class HistoryCase(unittest.TestCase):
    """A folder for a history of its own, and what is asked of it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = self.path("data")

    def path(self, name):
        return os.path.join(self.folder, name)

    def chat(self, *arguments, stdin, model=DEMO, temperature="0", code=0, data=None):
        r = cli("chat", model, "--temperature", temperature, "--data-dir", data or self.data, *arguments, stdin=stdin)
        self.assertEqual(r.returncode, code, r)
        return r

    def history(self, command, *arguments, data=None):
        """Succeeds without a word on stderr; gives what is on stdout."""
        r = cli("history", command, "--data-dir", data or self.data, *arguments)
        self.assertEqual((r.returncode, r.stderr), (0, ""), r)
        return r.stdout

    def list(self, *arguments, data=None):
        return json.loads(self.history("list", "--json", *arguments, data=data))

    def show(self, id, data=None):
        return json.loads(self.history("show", str(id), "--json", data=data))["conversations"][0]

    def bring(self, *conversations):
        write(self.path("in.json"), document(*conversations))
        return self.history("import", self.path("in.json"))

    def fails(self, command, *arguments, says, code=1, data=None):
        """Fails with one sentence on stderr and nothing on stdout."""
        r = cli("history", command, "--data-dir", data or self.data, *arguments)
        self.assertEqual((r.returncode, r.stdout), (code, ""), r)
        self.assertIn(says, r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        return r
