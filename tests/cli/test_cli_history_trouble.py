#!/usr/bin/env python3
"""The history from the command line in trouble: kills, full disks, media that can only be read, damage. If this fails,
what was asked or answered is lost.

test_cli_history_trouble.py MOESCOPE_CLI SOURCE_DIR; kills: MOESCOPE_KILLS (default 8)
"""
import glob
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

from history_case import CLI, TINY, HistoryCase, cli, document, read, write


class HistoryInTrouble(HistoryCase):
    # Kills, full disks, damage.

    def answer_without_end(self, **more):
        """A chat that has been asked "hello there", with a model that knows no end of text."""
        endless = self.path("endless.gguf")
        # A token that is named so ends an answer, whatever the file says of it.
        write(endless, read(TINY).replace(b"ggml.eos_token_id", b"ggml.xos_token_id")
              .replace("<｜end▁of▁sentence｜>".encode(), "<｜and▁of▁sentence｜>".encode()))
        p = subprocess.Popen([CLI, "chat", endless, "--data-dir", self.data, "--temperature", "1", "--max-tokens",
                              "1000000", "-c", "1000000"], stdin=subprocess.PIPE, **more)
        p.stdin.write(b"hello there\n")
        p.stdin.flush()
        return p

    def kill_while_answering(self, seconds):
        """The text that had been shown `allowed` seconds before the kill, and all that was shown."""
        allowed = 1.5  # a second, and something for a busy machine
        p = self.answer_without_end(stdout=subprocess.PIPE)
        pieces = []

        def reader():
            while piece := os.read(p.stdout.fileno(), 65536):
                pieces.append((time.monotonic(), piece))

        thread = threading.Thread(target=reader)
        thread.start()
        answer = lambda: b"".join(x for _, x in pieces).partition(b"> hello there\n")[2]
        deadline = time.monotonic() + 60
        while not answer() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(seconds)
        killed = time.monotonic()
        p.kill()
        p.wait()
        thread.join()
        p.stdin.close()
        p.stdout.close()
        shown = answer()
        late = sum(len(x) for t, x in pieces if t > killed - allowed)
        return shown[:max(0, len(shown) - late)], shown

    def test_kill(self):
        times = int(os.environ.get("MOESCOPE_KILLS", 8))
        for i, seconds in enumerate(([0, 0.01, 0.1, 0.7, 2.5] + [random.uniform(0, 1.5) for _ in range(times)])[:times]):
            before, shown = self.kill_while_answering(seconds)
            self.assertTrue(shown)
            r = cli("history", "check", "--data-dir", self.data)
            self.assertEqual((r.returncode, r.stderr), (0, ""), r)
            self.assertIn("sound", r.stdout)
            self.assertIn("interrupted", r.stdout)
            self.assertEqual(len(self.list()), i + 1)
            question, answer = self.show(i + 1)["messages"]
            self.assertEqual(question["text"], "hello there")
            self.assertEqual(answer["finish"], "interrupted")
            stored = answer["text"].encode()
            # The model writes any byte; U+0000 is stored as U+FFFD.
            before, shown = (x.replace(b"\0", "\uFFFD".encode()) for x in (before, shown))
            self.assertTrue(stored.startswith(before), (len(stored), len(before)))
            self.assertTrue(shown.startswith(stored[:len(shown)]))
            if seconds > 2:
                self.assertGreater(len(before), 0)
                self.assertGreater(len(answer["tokens"]), 0)
                self.assertGreater(len(answer["routing"]["tokens"]), 0)

    def goes_on(self, says, *arguments, data=None):
        """Chat that cannot save: it answers, says why once, and fails at the end."""
        r = self.chat(*arguments, stdin="What is 7 plus 8?\nWhat is 7 plus 8?\n", code=1, data=data)
        self.assertEqual(r.stdout.count("7 + 8 = 15"), 2)
        self.assertNotIn("[kept", r.stdout)
        self.assertIn(says, r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)

    def mount_small_disk(self, size):
        """The data folder on a disk of its own, so that filling it fills nothing else."""
        os.mkdir(self.data)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.data]
        if subprocess.run(mount, capture_output=True).returncode:
            self.skipTest("mounting a small disk needs root")
        self.addCleanup(subprocess.run, ["umount", "-l", self.data])

    def test_a_folder_that_cannot_be_written(self):
        write(self.path("file"), b"")
        self.goes_on("file", data=self.path("file/data"))
        self.fails("import", self.path("file"), says="file", data=self.path("file/data"))
        # Without a question nothing is lost.
        self.chat(stdin="/exit\n", data=self.path("file/data"))
        if os.geteuid() != 0:
            os.mkdir(self.data, 0o500)
            self.goes_on("data")

    def test_a_full_disk(self):
        self.mount_small_disk("4m")
        self.chat(stdin="What is a router?\n")
        filler = os.path.join(self.data, "filler")
        with open(filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
        r = self.chat(stdin="What is 7 plus 8?\nWhat is 7 plus 8?\n", code=1)
        self.assertEqual(r.stdout.count("7 + 8 = 15"), 2)
        self.assertIn("full", r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        write(self.path("in.json"), document({"title": "Big", "messages": ["x" * 100000] * 20}))
        self.fails("import", self.path("in.json"), says="full")
        os.remove(filler)
        self.history("check")
        self.assertEqual([(c["id"], c["title"]) for c in self.list()][-1], (1, "What is a router?"))
        self.assertEqual(len(self.show(1)["messages"]), 2)
        self.chat(stdin="Hello\n")

    def test_a_medium_that_can_only_be_read(self):
        self.mount_small_disk("8m")
        self.chat(stdin="What is a router?\n")
        write(self.path("in.json"), document({"title": "More", "messages": ["x"]}))
        # Closed, and then as a killed program leaves it: what was said last is in the journal.
        for messages in (2, 4):
            subprocess.run(["mount", "-o", "remount,ro", self.data], check=True)
            self.assertEqual([c["messages"] for c in self.list()], [messages])
            self.assertIn("router", self.history("show", "1"))
            self.assertIn("router", self.history("search", "router"))
            self.assertIn("router", self.history("export", "1"))
            self.assertIn("sound", self.history("check"))
            self.fails("import", self.path("in.json"), says="opened")
            self.goes_on("Read-only")
            subprocess.run(["mount", "-o", "remount,rw", self.data], check=True)
            reader = sqlite3.connect(os.path.join(self.data, "history.sqlite"))
            reader.execute("SELECT count(*) FROM messages").fetchone()  # keeps the journal
            if messages == 2:
                self.chat("--continue", "1", stdin="What is 7 plus 8?\n")
                copies = {e: read(os.path.join(self.data, "history.sqlite" + e)) for e in ("", "-wal")}
            reader.close()
            for ending, data in copies.items():
                write(os.path.join(self.data, "history.sqlite" + ending), data)
        self.assertEqual([c["messages"] for c in self.list()], [4])

    def test_a_full_disk_can_be_read(self):
        self.mount_small_disk("4m")
        self.chat(stdin="What is a router?\n")
        try:
            with open(os.path.join(self.data, "filler"), "wb", buffering=0) as f:
                while True:
                    f.write(bytes(4096))
        except OSError:
            pass
        r = cli("history", "list", "--data-dir", self.data)
        self.assertEqual(r.returncode, 0, r)
        self.assertIn("What is a router?", r.stdout)

    def test_a_disk_that_is_full_for_a_while(self):
        self.mount_small_disk("1m")
        p = self.answer_without_end(stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertIn(b"chat template", p.stderr.readline())  # of the model
        self.assertIn(b"full", p.stderr.readline())  # while it answers
        subprocess.run(["mount", "-o", "remount,size=400m", self.data], check=True)
        time.sleep(1)
        p.send_signal(2)
        p.stdin.write(b"/exit\n")
        p.stdin.flush()
        _, rest = p.communicate(timeout=60)
        self.assertEqual((p.returncode, rest), (0, b""))  # all was saved in the end
        self.assertEqual(self.show(1)["messages"][1]["finish"], "stopped")
        self.history("check")

    def test_damage_is_said_and_what_can_be_is_recovered(self):
        database = os.path.join(self.data, "history.sqlite")
        self.chat(stdin="What is 7 plus 8?\n")
        whole = read(database)
        for damage in (whole[:len(whole) // 2], bytes(len(whole)), b"not a database " * 1000):
            write(database, damage)
            r = self.fails("check", says="damaged")
            self.assertIn("history.damaged-", r.stderr)
            self.assertIn("sound", self.history("check"))
        kept = glob.glob(os.path.join(self.data, "history.damaged-*.sqlite"))
        self.assertEqual(len(kept), 3)
        write(database, bytes(len(whole)))
        r = cli("history", "list", "--data-dir", self.data)
        self.assertEqual((r.returncode, r.stderr.count("\n")), (0, 1), r)
        self.assertIn("damaged", r.stderr)
        write(database, bytes(len(whole)))
        r = self.chat(stdin="Hello\n")
        self.assertIn("damaged", r.stderr)
        self.assertEqual(len(self.list()), 1)

    def test_a_newer_history_is_left_alone(self):
        database = os.path.join(self.data, "history.sqlite")
        self.chat(stdin="What is 7 plus 8?\n")
        with sqlite3.connect(database) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        before = read(database)
        for command in (("list",), ("show", "1"), ("export", "--all"), ("check",)):
            self.fails(*command, says="newer Moescope")
        self.goes_on("newer Moescope")
        self.assertEqual(read(database), before)
        r = self.chat("--continue", "1", stdin="Hello\n", code=1)
        self.assertEqual((r.stdout, r.stderr.count("\n")), ("", 1), r)


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1))
