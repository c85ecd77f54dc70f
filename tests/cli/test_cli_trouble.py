#!/usr/bin/env python3
"""moescope-cli in trouble: streams that are full or closed, limits of the system, files that change or are hostile. If
these fail, it ends with a signal and no word, or a model file commands the terminal.

test_cli_trouble.py MOESCOPE_CLI SOURCE_DIR
"""
import atexit
import json
import os
import pty
import re
import resource
import select
import shutil
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
TINY = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")
DATA_HOME = tempfile.mkdtemp()
atexit.register(shutil.rmtree, DATA_HOME)
os.environ["XDG_DATA_HOME"] = DATA_HOME
os.environ.pop("MOESCOPE_PLUGINS", None)
SANITIZED = b"__asan_init" in open(CLI, "rb").read()


def cli(*arguments, stdin="", before=None, **streams):
    streams.setdefault("stdout", subprocess.PIPE)
    streams.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([CLI, *arguments], input=stdin, text=True, timeout=120, preexec_fn=before, **streams)


def asks(sql, folder):
    db = sqlite3.connect("file:%s/history.sqlite?mode=ro" % folder, uri=True)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def overwrite(path):
    with open(path, "r+b") as f:
        f.write(b"z" * os.path.getsize(path))


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, *arguments, **environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "LANG": "C.UTF-8"}, **environment)
            os.execv(CLI, [CLI, *arguments])
        self.seen = b""
        self.status = None

    def until(self, text, seconds=60):
        """Reads until the text came, after what was waited for before."""
        end = time.monotonic() + seconds
        text = text.encode() if isinstance(text, str) else text
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            try:
                part = os.read(self.fd, 65536) if ready else b""
            except OSError:
                part = b""
            if not part:
                raise AssertionError("%r did not come; there was %r" % (text, self.seen[-2000:]))
            self.seen += part
        before, _, self.seen = self.seen.partition(text)
        return before

    def send(self, text):
        # Ctrl+D means nothing to the program before it reads keys one by one, a moment after its prompt.
        end = time.monotonic() + 60
        while termios.tcgetattr(self.fd)[3] & termios.ICANON and time.monotonic() < end:
            time.sleep(0.002)
        os.write(self.fd, text.encode())

    def end(self, seconds=60):
        end = time.monotonic() + seconds
        try:
            while True:
                if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                    os.kill(self.pid, signal.SIGKILL)
                    os.waitpid(self.pid, 0)
                    raise AssertionError("It did not end; there was %r" % self.seen[-2000:])
                part = os.read(self.fd, 65536)
                if not part:
                    break
                self.seen += part
        except OSError:
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


class Trouble(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def copy(self, source=TINY):
        shutil.copy(source, self.path("model.gguf"))
        return self.path("model.gguf")

    def renamed(self, old, new):
        """A copy of the tiny model in which bytes were replaced by as many others."""
        with open(TINY, "rb") as f:
            data = f.read()
        self.assertEqual(len(old), len(new))
        self.assertIn(old, data)
        with open(self.path("model.gguf"), "wb") as f:
            f.write(data.replace(old, new))
        return self.path("model.gguf")

    def foreign(self, name, *mappings):
        """ChatGPT's export of conversations with a question each; None: of one that is damaged."""
        chats = []
        for i, mapping in enumerate(mappings):
            if mapping is not None:
                mapping = {"a": {"parent": None, "message": {"author": {"role": "user"}, "create_time": 1700000000 + i,
                                                             "content": {"content_type": "text", "parts": [name]}}}}
            chats.append({"title": "%s %d" % (name, i), "id": "%s %d" % (name, i), "mapping": mapping})
        with open(self.path(name), "w") as f:
            json.dump(chats, f)
        return self.path(name)

    def sentence(self, r, code=1):
        self.assertEqual(r.returncode, code, r)
        self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
        self.assertLess(len(r.stderr), 400)
        return r.stderr

    # Streams

    def test_stderr_that_is_full_or_closed(self):
        with open("/dev/full", "w") as full:
            for where in ({"stderr": full}, {"before": lambda: os.close(2)}):
                self.assertEqual(cli("info", self.path("absent.gguf"), **where).returncode, 1)
                self.assertEqual(cli("dance", **where).returncode, 2)
                # The chat has something to say on stderr: the model has no template.
                r = cli("chat", TINY, "-n", "3", "--no-history", stdin="hello\n/dance\nhello\n", **where)
                self.assertEqual(r.returncode, 1, r)  # for the command
                self.assertEqual(r.stdout.count("tokens/s"), 2, r)

    def test_stderr_that_is_full_ends_no_work(self):
        chats = [self.foreign("mixed.json", None, {}), self.foreign("good.json", {})]
        trace = self.path("t.csv")
        self.assertEqual(cli("run", TINY, "--prompt", "a", "-n", "2", "--raw", "--trace", trace).returncode, 0)
        with open("/dev/full", "w") as full:
            for where in ({"stderr": full}, {"before": lambda: os.close(2)}):
                # A file of which something cannot be said does not keep the next one out.
                data = tempfile.mkdtemp(dir=self.folder)
                r = cli("history", "import", "--data-dir", data, *chats, **where)
                self.assertEqual((r.returncode, r.stdout.count("1 chat with 1 message imported")), (1, 2), r)
                self.assertEqual(asks("SELECT count(*) FROM messages", data), [(2,)])
                # What was written whole is no failure.
                r = cli("trace", "export", trace, "--out", "-", "--format", "jsonl", **where)
                self.assertEqual(r.returncode, 0, r)
                self.assertIn("moescope_trace", r.stdout)

    def test_stdout_that_is_full_or_closed(self):
        with open("/dev/full", "w") as full:
            for where in ({"stdout": full}, {"before": lambda: os.close(1)}):
                for command in (("info", TINY), ("info",), ("tokenize", TINY, "--text", "a"), ("--help",), ("run", "--help"),
                                ("--version",), ("run", TINY, "--prompt", "a", "-n", "3", "--raw")):
                    r = cli(*command, **where)
                    self.assertIn("Writing the output failed", self.sentence(r))
                r = cli("chat", TINY, "-n", "3", "--data-dir", self.path("data"), stdin="hello\nagain\n", **where)
                self.assertEqual(r.returncode, 1, r)
                self.assertIn("Writing the output failed", r.stderr)

    def test_stdout_closed_does_not_write_into_the_files_that_are_opened(self):
        out = self.path("t.csv")
        r = cli("run", TINY, "--prompt", "a", "-n", "3", "--raw", "--trace", out,
                before=lambda: (os.close(0), os.close(1), os.close(2)))
        self.assertEqual(r.returncode, 1)
        self.assertFalse(os.path.exists(out))
        # The history neither.
        cli("chat", TINY, "-n", "3", "--data-dir", self.path("data"), before=lambda: (os.close(1), os.close(2)),
            stdin="hello\n")
        self.assertEqual(asks("PRAGMA integrity_check", self.path("data")), [("ok",)])

    def test_a_reader_that_goes_away(self):
        p = subprocess.Popen([CLI, "chat", DEMO, "-n", "100000", "--data-dir", self.path("data")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        p.stdin.write("Tell me a story.\n")
        p.stdin.flush()
        p.stdout.read(400)
        p.stdout.close()
        p.stdin.write("What is 7 plus 8?\n" * 20)
        try:
            p.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(p.wait(60), 141)
        self.assertEqual(p.stderr.read().replace("\n", ""), "")
        p.stderr.close()
        self.assertIn(("Tell me a story.",), asks("SELECT text FROM messages", self.path("data")))

    def test_files_that_may_not_grow(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        r = cli("run", TINY, "--prompt", "hello", "--raw", "-n", "20", "--trace", self.path("t.csv"), before=limit)
        self.assertIn("t.csv", self.sentence(r))
        self.assertEqual(os.listdir(self.folder), [])
        with open(self.path("out"), "w") as out:
            r = cli("info", TINY, "--json", stdout=out, before=limit)
        self.assertIn("Writing the output failed", self.sentence(r))
        r = cli("chat", TINY, "-n", "3", "--data-dir", self.path("data"), stdin="hello\n", before=limit)
        self.assertEqual(r.returncode, 1, r)
        self.assertIn("not being saved", r.stderr)

    # Limits

    @unittest.skipIf(SANITIZED, "the sanitizer takes more address space than the limits leave")
    def test_little_address_space(self):
        codes = set()
        for megabytes in (30, 45, 60, 80, 100, 130, 160, 200, 300, 400, 600):
            def limit(bytes=megabytes << 20):
                resource.setrlimit(resource.RLIMIT_AS, (bytes, bytes))

            r = cli("run", DEMO, "--prompt", "Hello", "-n", "4", before=limit)
            codes.add(r.returncode)
            self.assertIn(r.returncode, (0, 1, 127), (megabytes, r))  # 127: the system cannot even load the libraries
            if r.returncode == 1:
                self.sentence(r)
                self.assertNotIn("unavailable", r.stderr)
                self.assertNotIn("bad_alloc", r.stderr)
        self.assertIn(1, codes)

    def test_more_threads_than_there_may_be(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NPROC, (30, 30))
            if os.geteuid() == 0:  # whom the limit does not hold; nobody else has processes of this number
                os.setgid(54321)
                os.setuid(54321)

        if os.geteuid() == 0:
            readable = subprocess.run(["test", "-x", CLI, "-a", "-r", TINY], preexec_fn=lambda: os.setuid(54321))
            if readable.returncode != 0:
                self.skipTest("the program cannot be run by anybody but root here")
        arguments = ("run", TINY, "--raw", "--prompt", "a", "-n", "3", "--temperature", "0")
        r = cli(*arguments, "-t", "1000", before=limit)
        self.assertEqual(r.returncode, 0, r)
        self.assertEqual(r.stdout, cli(*arguments).stdout)

    @unittest.skipIf(SANITIZED, "the sanitizer takes more address space than the limits leave")
    def test_more_threads_than_there_is_room_for(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

        r = cli("run", TINY, "--raw", "--prompt", "a", "-n", "3", "-t", "1000", "--temperature", "0", before=limit)
        if r.returncode != 0:  # the threads took what the model needs
            self.sentence(r)

    # Files

    def test_a_model_that_is_cut_while_it_answers(self):
        for change in (lambda p: os.truncate(p, 0), lambda p: overwrite(p), os.remove):
            model = self.copy(DEMO)
            p = subprocess.Popen([CLI, "chat", model, "--no-history", "--temperature", "0"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            p.stdin.write("What is 7 plus 8?\n")
            p.stdin.flush()
            while "tokens/s" not in p.stdout.readline():
                pass
            change(model)
            out, error = p.communicate("What is 7 plus 8?\n", timeout=60)
            self.assertEqual((p.returncode, error), (0, ""))
            self.assertIn("15", out)

    def test_what_is_no_file(self):
        os.mkfifo(self.path("pipe.gguf"))
        self.assertIn("is not a regular file", self.sentence(cli("info", self.path("pipe.gguf"))))
        self.assertIn("is not a regular file", self.sentence(cli("run", "/dev/zero", "--prompt", "a")))

    def test_parts_of_a_split_model(self):
        data = os.path.join(SOURCE, "tests/data/gguf")
        for part, other in ((1, 2), (2, 1)):
            name = "mini-0000%d-of-00002.gguf" % part
            r = cli("info", os.path.join(data, name))
            self.assertEqual(r.returncode, 0, r)
            self.assertIn("mini", r.stdout)
            alone = self.path("alone-%d" % part)
            os.mkdir(alone)
            shutil.copy(os.path.join(data, name), alone)
            for command in (("info",), ("run", "--prompt", "a"), ("chat",)):
                r = cli(command[0], os.path.join(alone, name), *command[1:])
                said = self.sentence(r)
                self.assertIn("part %d of 2" % part, said)
                self.assertIn("mini-0000%d-of-00002.gguf" % other, said.split(": ", 2)[2])

    def test_special_tokens_that_are_not_there(self):
        data = os.path.join(SOURCE, "tests/data/gguf")
        for name in ("eot_token_id", "unknown_token_id"):
            r = cli("info", os.path.join(data, name + ".gguf"))
            self.assertEqual(r.returncode, 0, r)
            self.assertIn("note             tokenizer.ggml.%s is 4294967295" % name, r.stdout)

    def test_hostile_names(self):
        # "clipboard" in OSC 52, and an override of the direction of writing
        evil = self.renamed(b"deepseek", b"\x1b]52;c;A")
        self.assertNotIn("\x1b", self.sentence(cli("info", evil)))
        evil = self.renamed(b"tokenizer.ggml.model", b"\x1b[31m\xe2\x80\xaeizer.model12")
        self.assertNotIn("\x1b", self.sentence(cli("run", evil, "--prompt", "a")))
        # Of a model that runs: its name is shown by info, and by chat before the first question.
        named = self.renamed(b"synthetic-tiny-moe", b"\x1b]52;c;QUJD\x07tiny-1")
        for arguments in (("info", named), ("chat", named, "--no-history")):
            r = cli(*arguments)
            self.assertEqual(r.returncode, 0, r)
            self.assertNotIn("\x1b", r.stdout + r.stderr)
            self.assertIn("\ufffd]52;c;QUJD\ufffdtiny-1", r.stdout)
        for arguments in (("run", "\x1b[31m.gguf", "--prompt", "a"), ("\x1b[31m",), ("run", TINY, "--\x1b[31m")):
            r = cli(*arguments)
            self.assertNotIn("\x1b", r.stderr)
            self.assertNotEqual(r.returncode, 0)

    def test_answers_that_command_the_terminal(self):
        # The tiny model's tokens are bytes: at random there are those that begin escape sequences.
        arguments = ("run", TINY, "--raw", "--prompt", "a", "-n", "400", "--temperature", "20", "--top-k", "0", "--top-p", "1",
                     "--min-p", "0", "--seed", "3")
        piped = subprocess.run([CLI, *arguments], capture_output=True, timeout=120)
        self.assertEqual(piped.returncode, 0, piped)
        control = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
        self.assertRegex(piped.stdout, control)  # in a file it is the model's own text
        t = Terminal(*arguments)
        self.assertEqual(t.end(), 0)
        shown = re.sub(rb"\r\x1b\[K|\r(Loading|Reading)[^\r]*", b"", t.seen)
        self.assertNotRegex(shown, control)
        self.assertIn("\ufffd".encode(), shown)

    # Options

    def test_bounds(self):
        run = ("run", TINY, "--raw", "--prompt", "a", "-n", "1")
        for bound in (("--repetition-penalty", "0.01"), ("--repetition-penalty", "100"), ("--temperature", "100"),
                      ("--temperature", "0"), ("--top-p", "0"), ("--top-p", "1"), ("--min-p", "1"), ("--min-p", "0"),
                      ("--seed", "0"), ("--seed", "18446744073709551615")):
            self.assertEqual(cli(*run, *bound).returncode, 0, bound)
        for beyond in (("--repetition-penalty", "0.0099"), ("--temperature", "100.1"), ("--top-p", "1.001"), ("--top-p", "-0.1")):
            said = self.sentence(cli(*run, *beyond))
            self.assertIn(beyond[1], said)
        for seed in ("-1", "18446744073709551616", "1.5", "x", ""):
            self.assertIn("expected a whole number from 0 to", self.sentence(cli(*run, "--seed", seed), 2))

    def test_numbers_have_a_point_in_every_locale(self):
        for locale in ("de_DE.UTF-8", "fr_FR.UTF-8"):
            environment = dict(os.environ, LC_ALL=locale)
            r = cli("run", TINY, "--raw", "--prompt", "a", "-n", "2", "--temperature", "0.5", "--trace", self.path("t.csv"),
                    env=environment)
            self.assertEqual(r.returncode, 0, r)
            r = cli("run", TINY, "--raw", "--prompt", "a", "--temperature", "0,5", env=environment)
            self.assertEqual(r.returncode, 2, r)

    def test_an_answer_that_fills_the_context(self):
        r = cli("run", TINY, "--prompt", "hello", "--raw", "-c", "16", "--temperature", "0")
        self.assertEqual(r.returncode, 0, r)
        self.assertIn("context of 16 tokens is full", r.stderr)


class Questions(unittest.TestCase):
    """What is typed, pasted and piped into `chat`."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.chat = ("chat", TINY, "-n", "2", "--temperature", "0", "--data-dir", self.folder)

    def questions(self):
        return [text for text, in asks("SELECT text FROM messages WHERE author = 0 ORDER BY id", self.folder)]

    def test_carriage_returns_and_byte_order_mark(self):
        r = subprocess.run([CLI, *self.chat], input="\ufeffWhat is 7 plus 8?\r\nWho are you?\r\n\r\n".encode(),
                           capture_output=True, timeout=120)
        self.assertEqual(r.returncode, 0, r)
        self.assertEqual(self.questions(), ["What is 7 plus 8?", "Who are you?"])
        self.assertNotIn(b"\r", r.stdout)

    def test_commands(self):
        r = cli(*self.chat, stdin="/help\n/dance now\n/etc/hosts?\n /new\n/new\n/quit\nnever\n")
        self.assertEqual(r.returncode, 1, r)
        self.assertIn("/new starts a new chat", r.stdout)
        self.assertIn('There is no command "/dance"', r.stderr)
        self.assertEqual(self.questions(), ["/etc/hosts?", " /new"])
        self.assertEqual(cli(*self.chat, stdin="/help\n/exit \n").returncode, 0)

    def test_a_question_that_does_not_fit(self):
        long = "hello " * 400
        r = cli(*self.chat, stdin="a\n%s\nb\n" % long)
        self.assertEqual(r.returncode, 1, r)
        self.assertRegex(r.stderr, r"The chat has (at least )?\d+ tokens, but the context holds 512")
        self.assertEqual(r.stdout.count("tokens/s"), 2)
        # It is kept, as a branch beside the one that goes on.
        self.assertEqual(self.questions(), ["a", long, "b"])
        parents = asks("SELECT parent FROM messages WHERE author = 0 ORDER BY id", self.folder)
        self.assertEqual(parents[1], parents[2])

    def test_megabytes_are_refused_at_once(self):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime  # what others do meanwhile does not count
        r = cli(*self.chat, stdin="x" * 20_000_000 + "\nb\n")
        self.assertEqual(r.returncode, 1, r)
        self.assertIn("at least", r.stderr)
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 30)

    def test_the_oldest_turns_are_dropped_by_half(self):
        r = cli(*self.chat, "--context-policy", "drop_oldest", stdin="the hen in the tree\n" * 60)
        self.assertEqual(r.returncode, 0, r)
        self.assertEqual(r.stdout.count("tokens/s"), 60)
        drops = r.stderr.count("are left out from now on")
        self.assertTrue(1 <= drops <= 12, r.stderr)
        # All other questions find what came before computed already.
        self.assertGreaterEqual(r.stdout.count("prompt tokens reused"), 60 - 1 - drops)

    def test_editing(self):
        t = Terminal(*self.chat)
        t.until("> ")
        t.send("What is 7 pus 8?\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Dl\r")  # left to the missing letter
        t.until("tokens/s")
        t.until("> ")
        t.send("\x1b[A\x01And: \r")  # the last question, at its beginning
        t.until("tokens/s")
        t.until("> ")
        t.send("rubbish\x03häuser 中文\r")  # Ctrl+C clears
        t.until("tokens/s")
        t.until("> ")
        t.send("\x04")
        self.assertEqual(t.end(), 0)
        self.assertEqual(self.questions(), ["What is 7 plus 8?", "And: What is 7 plus 8?", "häuser 中文"])
        kept = os.path.join(self.folder, "typed-questions")
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o600)
        t = Terminal(*self.chat)
        t.until("> ")
        t.send("\x1b[A\r")  # another start knows them
        t.until("tokens/s")
        t.until("> ")
        t.send("/exit\r")
        self.assertEqual(t.end(), 0)
        self.assertEqual(self.questions()[-1], "häuser 中文")

    def test_several_lines(self):
        t = Terminal(*self.chat)
        t.until("\x1b[?2004h")
        t.send("\x1b[200~first\rsecond ö\rthird\r\x1b[201~ end\r")  # pasted, and something typed behind it
        t.until("tokens/s")
        t.until("\x1b[?2004h")
        t.send("one\x1b\rtwo\r")  # Alt+Enter
        t.until("tokens/s")
        t.until("\x1b[?2004h")
        t.send("three\\\r")
        t.until("… ")
        t.send("four\r")
        t.until("tokens/s")
        t.until("\x1b[?2004h")
        t.send("\x04")
        self.assertEqual(t.end(), 0)
        self.assertEqual(self.questions(), ["first\nsecond ö\nthird end", "one\ntwo", "three\nfour"])

    def test_nothing_typed_is_kept_without_a_history(self):
        t = Terminal("chat", TINY, "-n", "2", "--no-history", XDG_DATA_HOME=self.folder)
        t.until("> ")
        t.send("hello\r")
        t.until("tokens/s")
        t.until("> ")
        t.send("\x04")
        self.assertEqual(t.end(), 0)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0]] + sys.argv[3:], verbosity=1))
