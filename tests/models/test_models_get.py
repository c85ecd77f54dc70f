#!/usr/bin/env python3
"""Models fetched from a hub that fails in every way. If this fails, somebody waits for gigabytes that then are wrong, or a
token goes where it should not.

test_models_get.py MOESCOPE_CLI SOURCE_DIR. MOESCOPE_LONG=1: 200 interruptions instead of 20, and a file of 10 GB.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(SOURCE, "tests/models"))
from hub_server import Hub  # noqa: E402

LONG = os.environ.get("MOESCOPE_LONG") == "1"


def read(path):
    with open(path, "rb") as f:
        return f.read()


MHA = read(os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf"))
MLA = read(os.path.join(SOURCE, "tests/data/family/tiny-v2-groups/model.gguf"))
PARTS = [read(os.path.join(SOURCE, "tests/data/gguf", "mini-0000%d-of-00002.gguf" % n)) for n in (1, 2)]


class Fetching(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.folder = os.path.join(self.home, "models")
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("XDG_", "HF_", "SSL_", "CURL_")) and not k.lower().endswith("_proxy")}
        self.environment.update(HOME=self.home, XDG_DATA_HOME=self.home + "/data")

    def hub(self, files=None, **more):
        repositories = {"org/Tiny-GGUF": files if files is not None else {"Tiny.Q4_K_M.gguf": MHA}}
        hub = Hub(repositories, **more)
        self.addCleanup(hub.close)
        self.environment["HF_ENDPOINT"] = hub.address()
        return hub

    def command(self, *arguments):
        return [CLI, "models", *arguments]

    def get(self, *arguments, name="org/Tiny-GGUF", **more):
        return subprocess.run(self.command("get", name, "--folder", self.folder, *arguments), capture_output=True, text=True,
                              timeout=300, env=dict(self.environment, **more))

    def path(self, name="Tiny.Q4_K_M.gguf"):
        return os.path.join(self.folder, "org/Tiny-GGUF", name)

    def all_files(self):
        return sorted(os.path.relpath(os.path.join(base, name), self.folder)
                      for base, _, names in os.walk(self.folder) for name in names)

    def put_part(self, data, etag=""):
        """What a fetch that ended leaves."""
        os.makedirs(os.path.dirname(self.path()), exist_ok=True)
        with open(self.path() + ".part", "wb") as f:
            f.write(data)
        with open(self.path() + ".fetch.json", "w") as f:
            json.dump({"repository": "org/Tiny-GGUF", "revision": "a" * 40, "files": [
                {"path": "Tiny.Q4_K_M.gguf", "bytes": len(MHA), "sha256": hashlib.sha256(MHA).hexdigest(), "etag": etag}]}, f)

    def fetched(self, r, data=MHA, name="Tiny.Q4_K_M.gguf"):
        self.assertEqual(r.returncode, 0, r)
        self.assertEqual(r.stdout, self.path(name) + "\n")
        self.assertEqual(read(self.path(name)), data)
        self.assertEqual([f for f in self.all_files() if not f.endswith(".gguf")], [])

    def refused(self, r, says):
        self.assertEqual((r.returncode, r.stdout), (1, ""), r)
        self.assertIn(says, r.stderr)
        self.assertEqual([f for f in self.all_files() if f.endswith(".gguf")], [])

    # What goes well

    def test_get(self):
        hub = self.hub({"Tiny.Q4_K_M.gguf": MHA, "Tiny.Q2_K.gguf": MLA, "notes.txt": b"x"})
        r = self.get(HF_TOKEN="secret")
        self.fetched(r)
        first = r.stderr.splitlines()[0]
        self.assertEqual(first, "Asking 127.0.0.1:%s for the files of org/Tiny-GGUF." % hub.address().split(":")[-1])
        self.assertIn("Q4_K_M is recommended, the largest that fits", r.stderr)
        self.assertIn("license: mit", r.stderr)
        # The token goes to the hub and nowhere else.
        self.assertTrue(all(h.get("Authorization") == "Bearer secret" for _, h in hub.asked("hub")))
        self.assertEqual([h.get("Authorization") for _, h in hub.asked("store")], [None])
        # It is checked once more, and not fetched.
        self.fetched(self.get())
        self.assertEqual(len(hub.asked("store")), 1)
        listed = subprocess.run(self.command("list", "--json", self.folder), capture_output=True, text=True,
                                env=self.environment)
        self.assertEqual([m["path"] for m in json.loads(listed.stdout)], [self.path()])

    def test_types(self):
        self.hub({"Tiny.Q4_K_M.gguf": MHA, "a b/Tiny#1.q8_0.gguf": MLA, "odd.gguf": MLA})
        self.fetched(self.get("--type", "Q8_0"), MLA, "a b/Tiny#1.q8_0.gguf")
        self.fetched(self.get("--type", "odd.gguf"), MLA, "odd.gguf")
        r = self.get("--type", "Q9")
        self.assertEqual(r.returncode, 1)
        self.assertIn('"org/Tiny-GGUF" has no "Q9"; it has', r.stderr)
        r = self.get("--list")
        self.assertEqual(r.returncode, 0)
        self.assertRegex(r.stdout, r"Q4_K_M +\d+\.\d MB  needs about \d\.\d\d GB, ")
        self.assertEqual(r.stdout.count("recommended"), 1)
        self.assertIn("its name does not tell the type", r.stdout)

    def test_many_pages(self):
        hub = self.hub({"Tiny.Q%d_K.gguf" % n: MHA for n in range(2, 7)})
        hub.page = 2
        self.fetched(self.get("--type", "Q6_K"), name="Tiny.Q6_K.gguf")

    def test_parts_are_one(self):
        names = ["BF16/mini-0000%d-of-00002.gguf" % n for n in (1, 2)]
        hub = self.hub(dict(zip(names, PARTS), **{"lone-00001-of-00002.gguf": MHA}))
        hub.store_faults = [None, "html"]
        r = self.get("--type", names[0])
        self.assertEqual(r.returncode, 1, r)
        # The first is there under its name, and no model yet.
        self.assertTrue(os.path.exists(self.path(names[0])))
        listed = subprocess.run(self.command("list", "--json", self.folder), capture_output=True, text=True,
                                env=self.environment)
        self.assertEqual(json.loads(listed.stdout), [])
        self.fetched(self.get("--type", names[0]), PARTS[0], names[0])
        self.assertEqual(read(self.path(names[1])), PARTS[1])
        self.assertEqual(len(hub.asked("store")), 3)

    def test_a_proxy(self):
        hub = self.hub()
        proxy = hub.address()
        r = self.get(HF_ENDPOINT="http://hub.invalid", http_proxy=proxy, no_proxy="127.0.0.1")
        self.fetched(r)
        self.assertTrue(hub.proxied and hub.proxied[0].startswith("http://hub.invalid/api/"))

    def test_by_its_name_in_the_catalog(self):
        r = subprocess.run(self.command("catalog"), capture_output=True, text=True, env=self.environment)
        names = [line for line in r.stdout.splitlines() if not line.startswith(" ")]
        self.assertEqual(len(names), 6)
        hub = self.hub()
        repository = r.stdout.splitlines()[2].strip()
        hub.repositories[repository] = {"x.Q4_K_M.gguf": MHA}
        r = self.get(name=names[0].upper())
        self.assertEqual(r.returncode, 0, r)
        self.assertTrue(r.stdout.startswith(os.path.join(self.folder, repository)))

    # Going on

    def test_going_on(self):
        hub = self.hub()
        self.put_part(MHA[:100_000])
        self.fetched(self.get())
        (_, headers), = hub.asked("store")
        self.assertEqual((headers["Range"], headers.get("If-Range")), ("bytes=100000-", None))

    def test_going_on_where_the_connection_ended(self):
        hub = self.hub()
        hub.random = random.Random(3)
        hub.store_faults = ["cut"]
        self.fetched(self.get())
        (_, first), (_, second) = hub.asked("store")
        self.assertNotIn("Range", first)
        self.assertTrue(second["Range"].startswith("bytes="))
        self.assertTrue(second["If-Range"].startswith('"'))

    def test_another_etag_begins_again(self):
        hub = self.hub()
        self.put_part(b"other bytes" * 100, '"of the old file"')
        self.fetched(self.get())
        self.assertEqual(len(hub.asked("store")), 1)  # answered with the whole file

    def test_what_came_was_wrong(self):
        hub = self.hub()
        self.put_part(b"other bytes" * 100)  # and no ETag tells
        self.fetched(self.get())
        self.assertEqual([h.get("Range") for _, h in hub.asked("store")], ["bytes=1100-", None])

    def test_more_came_than_there_is(self):
        self.hub()
        self.put_part(MHA + b"x")
        self.fetched(self.get())
        os.remove(self.path())
        self.put_part(MHA)  # all came, and the program ended before it was given its name
        self.fetched(self.get())

    def test_a_wrong_file_of_the_right_name(self):
        self.hub()
        os.makedirs(os.path.dirname(self.path()))
        with open(self.path(), "wb") as f:
            f.write(bytes(len(MHA)))
        self.fetched(self.get())

    def test_what_passes(self):
        for fault in ("503", "429", "403", "416", "close", "cut", "no ranges", "other etag", "wrong bytes", "too short"):
            with self.subTest(fault):
                hub = self.hub()
                hub.store_faults = [fault]
                self.put_part(MHA[:50_000])
                self.fetched(self.get())
                os.remove(self.path())
        for fault in ("429", "503", "500", "close"):
            with self.subTest("hub: " + fault):
                hub = self.hub()
                hub.hub_faults = [fault, None, None, fault]
                r = self.get()
                self.fetched(r)
                self.assertIn("Trying again", r.stderr)
                os.remove(self.path())

    # What does not pass

    def test_what_stays(self):
        for faults, says in ((["wrong bytes"] * 3, "its SHA-256 differs"), (["too long"], "sends something other"),
                             (["html"], "sends something other"), (["other range"], "sends something other")):
            with self.subTest(faults[0]):
                hub = self.hub()
                hub.store_faults = list(faults)
                self.put_part(MHA[:50_000])
                self.refused(self.get(), says)
                if faults[0] == "html":  # a page of some network costs nothing that was there
                    self.assertEqual(read(self.path() + ".part"), MHA[:50_000])
                shutil.rmtree(self.folder)
        for fault, says in (("429 long", "asks you to wait 120 minutes"), ("401", "HF_TOKEN"), ("404", "does not have"),
                            ("418", "status 418"), ("html", "check HF_ENDPOINT"),
                            ("circle", "does not follow")):
            with self.subTest("hub: " + fault):
                hub = self.hub()
                hub.hub_faults = [fault] * 30
                self.refused(self.get(), says)

    def test_a_server_that_always_fails_is_given_up(self):
        hub = self.hub()
        hub.store_faults = ["503"] * 30
        self.refused(self.get(), "6 attempts failed")

    def test_nobody_there(self):
        hub = self.hub()
        hub.close()
        r = self.get()
        self.refused(r, "The connection to 127.0.0.1")

    def test_certificates(self):
        key, cert = self.home + "/key", self.home + "/cert"
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
                               "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                              capture_output=True)
        if made.returncode != 0:
            self.skipTest("openssl makes no certificate")
        self.hub(tls=(cert, key))
        self.refused(self.get(), "cannot prove who it is")
        self.fetched(self.get(SSL_CERT_FILE=cert))

    def test_hostile_listings(self):
        evil = {"../../../out.gguf": MHA, "/tmp/out.gguf": MHA, ".hidden/x.gguf": MHA, "a//b.gguf": MHA,
                "a\\b.gguf": MHA, "a\nb.gguf": MHA, "n" * 300 + ".gguf": MHA, "mmproj-F16.gguf": MHA,
                "x.imatrix.gguf": MHA}
        self.hub(evil)
        self.refused(self.get(), "has no GGUF files")
        hub = self.hub({"Tiny.Q4_K_M.gguf": MHA, "bad.Q8_0.gguf": MLA})
        for other in ({"oid": "x"}, {"size": 0}, {"size": -1}, {"size": 2 ** 63}, {"size": "1"}, {"oid": None}):
            hub.listed = {"bad.Q8_0.gguf": other}
            self.assertEqual(self.get("--list").stdout.count("\n"), 1, other)
        hub.license = "\x1b]52;c;x"
        r = self.get()
        self.fetched(r)
        self.assertNotIn("\x1b", r.stderr)

    def test_no_room(self):
        hub = self.hub()
        hub.listed = {"Tiny.Q4_K_M.gguf": {"size": 2 ** 49}}
        self.refused(self.get("--type", "Q4_K_M"), "more is needed on the disk")
        self.assertEqual((hub.asked("store"), self.all_files()), ([], []))

    def test_too_large_for_the_machine(self):
        hub = self.hub()
        hub.listed = {"Tiny.Q4_K_M.gguf": {"size": 2 ** 49}}
        self.refused(self.get(), "None fits")

    def test_names(self):
        hub = self.hub()
        for name in ("nothing", "../x", "a/b/c", "https://x/y", ".a/b", "", "-a/b"):
            r = self.get(name=name) if not name.startswith("-") else self.get("--", name=name)
            self.assertNotEqual(r.returncode, 0, name)
        for endpoint in ("nonsense", "file:///etc", "ftp://x"):
            self.refused(self.get(HF_ENDPOINT=endpoint), "HF_ENDPOINT")
        self.refused(self.get(HF_TOKEN="a\r\nX: y"), "HF_TOKEN")
        self.assertEqual(hub.requests, [])

    # Interruptions

    def start(self, *arguments):
        return subprocess.Popen(self.command("get", "org/Tiny-GGUF", "--folder", self.folder, *arguments),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)

    def test_two_at_once(self):
        hub = self.hub()
        hub.pace, hub.piece = 0.05, 10_000
        first = self.start()
        while not os.path.exists(self.path() + ".fetch.json"):
            time.sleep(0.01)
        second = self.get()
        self.assertEqual(second.returncode, 1)
        self.assertIn("is already downloading", second.stderr)
        self.assertEqual(first.wait(60), 0)
        first.communicate()
        self.assertEqual(read(self.path()), MHA)

    def test_ctrl_c(self):
        hub = self.hub()
        hub.pace, hub.piece = 0.1, 10_000
        p = self.start()
        while not os.path.exists(self.path() + ".fetch.json"):
            time.sleep(0.01)
        time.sleep(0.3)
        p.send_signal(signal.SIGINT)
        _, err = p.communicate(timeout=10)
        self.assertEqual(p.returncode, 130)
        self.assertIn("run the same command to resume it", err)
        hub.pace = 0
        self.assertGreater(os.path.getsize(self.path() + ".part"), 0)
        self.fetched(self.get())

    def check_what_is_listed(self, files):
        """Whatever has a model's name is whole, and what is listed is whole in all its parts."""
        for name in self.all_files():
            if name.endswith(".gguf"):
                self.assertEqual(read(os.path.join(self.folder, name)), files[name[len("org/Tiny-GGUF/"):]])
        os.makedirs(self.folder, exist_ok=True)
        r = subprocess.run(self.command("list", "--json", self.folder), capture_output=True, text=True, env=self.environment)
        for model in json.loads(r.stdout):
            self.assertTrue(model["runs"] or "mini" in model["path"], model)
            if "-of-" in model["path"]:
                self.assertTrue(all(os.path.exists(self.path("mini-0000%d-of-00002.gguf" % n)) for n in (1, 2)))

    def test_random_interruptions_and_kills(self):
        wanted = 200 if LONG else 20
        seed = int(os.environ.get("MOESCOPE_SEED", "1"))
        chance = random.Random(seed)
        files = {"Tiny.Q4_K_M.gguf": MHA, "Tiny.Q8_0.gguf": MLA + bytes(300_000),
                 "mini-00001-of-00002.gguf": PARTS[0], "mini-00002-of-00002.gguf": PARTS[1]}
        hub = self.hub(files)
        hub.random, hub.chance = chance, 0.3
        kills = whole = 0
        while kills < wanted:
            kind = chance.choice(("Q4_K_M", "Q8_0", "mini-00001-of-00002.gguf"))
            hub.pace = chance.choice((0, 0, 0.002, 0.01))
            hub.piece = chance.choice((3000, 20_000, 100_000))
            p = self.start("--type", kind)
            try:
                p.wait(chance.choice((0.05, 0.3, 1, 5, 20)) * chance.random())
            except subprocess.TimeoutExpired:
                p.send_signal(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM)))
                kills += 1
            p.communicate(timeout=60)
            if p.returncode == 0:
                whole += 1
            if kills % 5 == 0 or p.returncode == 0:
                self.check_what_is_listed(files)
            if p.returncode == 0 and chance.random() < 0.7:  # once more from nothing
                shutil.rmtree(self.folder)
        hub.random, hub.pace = None, 0
        for kind in ("Q4_K_M", "Q8_0", "mini-00001-of-00002.gguf"):
            r = self.get("--type", kind)
            self.assertEqual(r.returncode, 0, r)
        self.check_what_is_listed(files)
        self.assertEqual(self.all_files(), sorted("org/Tiny-GGUF/" + name for name in files))
        print("%d kills, %d requests, %d whole" % (kills, len(hub.requests), whole))

    def test_memory_is_flat(self):
        def peak(size):
            class Zeros:
                """A file of zeros that is nowhere."""
                def __len__(self):
                    return size

                def __getitem__(self, s):
                    return bytes(s.stop - s.start)
            hub = self.hub({"Tiny.Q4_K_M.gguf": b""})
            digest, left = hashlib.sha256(), size
            while left:
                digest.update(bytes(min(left, 1 << 22)))
                left -= min(left, 1 << 22)
            hub.listed = {"Tiny.Q4_K_M.gguf": {"size": size, "oid": digest.hexdigest()}}
            hub.repositories["org/Tiny-GGUF"]["Tiny.Q4_K_M.gguf"] = Zeros()
            hub.piece = 1 << 20
            hub.hash_of = lambda _: digest.hexdigest()
            p = self.start("--type", "Q4_K_M")
            kilobytes = 0
            while p.poll() is None:
                with open("/proc/%d/status" % p.pid) as f:
                    most = [line.split()[1] for line in f if line.startswith("VmHWM:")]
                kilobytes = int(most[0]) if most else kilobytes
                time.sleep(0.01)
            p.communicate()
            self.assertEqual(p.returncode, 0)
            self.assertEqual(os.path.getsize(self.path()), size)
            shutil.rmtree(self.folder)
            return kilobytes
        small, large = peak(30_000_000), peak(10_000_000_000 if LONG else 300_000_000)
        print("memory: %d kB for 30 MB, %d kB for the large file" % (small, large))
        self.assertLess(large - small, 16_000)


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0]] + sys.argv[3:], verbosity=1))
