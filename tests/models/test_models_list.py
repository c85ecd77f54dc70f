#!/usr/bin/env python3
"""Models in the folders of other programs, laid out as these do it. If this fails, a model that is there is not found, a
half-fetched one is, or something is written into another program's folders.

test_models_list.py MOESCOPE_CLI SOURCE_DIR
"""
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

CLI, SOURCE = sys.argv[1], sys.argv[2]
MHA = os.path.join(SOURCE, "tests/data/tiny-moe/model.gguf")
MLA = os.path.join(SOURCE, "tests/data/family/tiny-v2-groups/model.gguf")
PARTS = [os.path.join(SOURCE, "tests/data/gguf", "mini-0000%d-of-00002.gguf" % n) for n in (1, 2)]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def gguf_text(text):
    return struct.pack("<Q", len(text)) + text.encode()


def with_license(data, name):
    """The file with a license, and a key that keeps what follows aligned."""
    key = gguf_text("general.license") + struct.pack("<I", 8) + gguf_text(name)
    filler = gguf_text("x.filler") + struct.pack("<I", 8)
    key += filler + gguf_text("." * (-(len(key) + len(filler) + 8) % 32))
    keys = struct.unpack_from("<Q", data, 16)[0]
    return data[:16] + struct.pack("<Q", keys + 2) + key + data[24:]


def tree(folder):
    """All that can be seen of a folder: names, links, contents, times, permissions."""
    seen = {}
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(base, name)
            about = os.lstat(path)
            content = None
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path):
                content = hashlib.sha256(read(path)).hexdigest()
            seen[path] = (about.st_mode, about.st_size, about.st_mtime_ns, about.st_ctime_ns, content)
    return seen


class Machine(unittest.TestCase):
    """A user's home folder."""

    def setUp(self):
        self.home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("XDG_", "HF_", "HUGGINGFACE", "OLLAMA", "LLAMA"))}
        # What the program itself keeps is apart from the folders that are compared.
        self.data = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.data, True)
        self.environment.update(HOME=self.home, XDG_DATA_HOME=self.data)

    def put(self, path, data=None):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(read(MHA) if data is None else data)
        return path

    def link(self, path, to):
        path = os.path.join(self.home, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(to, path)
        return path

    def run_cli(self, *arguments, **more):
        environment = dict(self.environment, **more)
        return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=120, env=environment)

    def models(self, *arguments, says="", **more):
        before = tree(self.home)
        r = self.run_cli("models", "list", "--json", *arguments, **more)
        self.assertEqual(r.returncode, 0, r)
        self.assertIn(says, r.stderr)
        self.assertEqual(tree(self.home), before, "something was written into another program's folders")
        return json.loads(r.stdout)

    def opens(self, model):
        """A model that is listed opens where it is, with the name that it is listed by."""
        r = self.run_cli("run", model["path"], "--prompt", "a", "--raw", "-n", "1", "-c", "64")
        self.assertEqual(r.returncode, 0, r)

    # Stores

    def test_lm_studio(self):
        path = self.put(".lmstudio/models/someone/Tiny-GGUF/Tiny.Q4_K_M.gguf", with_license(read(MHA), "mit"))
        (model,) = self.models()
        self.assertEqual((model["path"], model["place"], model["type"], model["license"], model["runs"]),
                         (path, "LM Studio", "Q4_K_M", "mit", True))
        self.assertEqual(model["file_bytes"], os.path.getsize(path))
        self.assertGreater(model["memory_bytes"], 64 << 20)
        self.assertTrue(model["fits"])
        self.opens(model)
        # Where its settings, or its pointer, say.
        elsewhere = self.put("elsewhere/a/b/other.gguf", read(MLA))
        self.put(".lmstudio/settings.json", json.dumps({"downloadsFolder": self.home + "/elsewhere"}).encode())
        moved = self.put("moved/models/c/d/third.gguf", with_license(read(MHA), "apache-2.0"))
        self.put(".lmstudio-home-pointer", (self.home + "/moved\n").encode())
        self.assertEqual({m["path"] for m in self.models()}, {path, elsewhere, moved})

    def test_the_hubs_cache(self):
        def cached(root):
            repository = root + "/models--org--Tiny-GGUF"
            blob = self.put(repository + "/blobs/" + "a" * 64)
            self.put(repository + "/blobs/" + "b" * 64 + ".incomplete", read(MHA)[:1000])
            self.put(repository + "/refs/main", b"1" * 40)
            target = os.path.relpath(blob, os.path.join(self.home, repository, "snapshots", "1" * 40))
            self.link(repository + "/snapshots/" + "2" * 40 + "/Tiny-Q8_0.gguf", target)
            self.link(repository + "/snapshots/" + "2" * 40 + "/gone.gguf", "../../blobs/" + "c" * 64)
            return self.link(repository + "/snapshots/" + "1" * 40 + "/Tiny-Q8_0.gguf", target)

        path = cached(".cache/huggingface/hub")
        (model,) = self.models()  # once, whatever leads to it
        self.assertEqual((model["path"], model["place"], model["type"]), (path, "Hugging Face", "Q8_0"))
        self.opens(model)
        path = cached("hub")
        for variables in ({"HF_HUB_CACHE": self.home + "/hub"}, {"HF_HOME": self.home}):
            self.assertIn(path, [m["path"] for m in self.models(**variables)])

    def test_parts_in_the_hubs_cache(self):
        root = ".cache/huggingface/hub/models--org--Mini/"
        for n, part in enumerate(PARTS):
            self.put(root + "blobs/" + str(n) * 64, read(part))
            self.link(root + "snapshots/main/" + os.path.basename(part), "../../blobs/" + str(n) * 64)
        (model,) = self.models()
        self.assertEqual((model["files"], model["file_bytes"]), (2, sum(map(os.path.getsize, PARTS))))
        self.assertTrue(model["path"].endswith("/mini-00001-of-00002.gguf"))

    def ollama(self, root, name, data, **more):
        digest = hashlib.sha256(data).hexdigest()
        config = json.dumps({"model_format": "gguf", "file_type": "Q4_0"}).encode()
        manifest = {
            "schemaVersion": 2,
            "config": {"digest": "sha256:" + hashlib.sha256(config).hexdigest(), "size": len(config)},
            "layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:" + digest},
                       {"mediaType": "application/vnd.ollama.image.license",
                        "digest": "sha256:" + hashlib.sha256(b"\nMIT License\n\nCopyright").hexdigest()}], **more}
        for blob in (data, config, b"\nMIT License\n\nCopyright"):
            self.put(root + "/blobs/sha256-" + hashlib.sha256(blob).hexdigest(), blob)
        self.put(root + "/manifests/" + name, json.dumps(manifest).encode())
        return os.path.join(self.home, root, "blobs/sha256-" + digest)

    def test_ollama(self):
        own = self.ollama(".ollama/models", "registry.ollama.ai/library/tiny/16b", read(MHA))
        self.ollama(".ollama/models", "hf.co/org/Mla-GGUF/Q4_0", read(MLA))
        self.put(".ollama/models/blobs/sha256-" + "d" * 64 + "-partial", b"GGUF")
        found = {m["name"]: m for m in self.models()}
        self.assertEqual(set(found), {"tiny:16b", "hf.co/org/Mla-GGUF:Q4_0"})
        tiny = found["tiny:16b"]
        self.assertEqual((tiny["path"], tiny["place"], tiny["type"], tiny["license"]),
                         (own, "Ollama", "Q4_0", "MIT License"))
        self.opens(tiny)
        moved = self.ollama("store", "registry.ollama.ai/library/moved/1", with_license(read(MHA), "mit"))
        self.assertEqual([m["path"] for m in self.models(OLLAMA_MODELS=self.home + "/store")], [moved])
        # A folder of that layout may be named as well.
        self.assertEqual([m["path"] for m in self.models(self.home + "/store")], [moved])

    def test_ollama_damaged(self):
        self.put("secret", read(MHA))
        root = ".ollama/models"
        for n, layers in enumerate(([], None, "x", [1], [{"mediaType": 7}],
                                    [{"mediaType": "application/vnd.ollama.image.model",
                                      "digest": "sha256:" + "../" * 20 + "secret"}],
                                    [{"mediaType": "application/vnd.ollama.image.model",
                                      "digest": "sha256:" + "e" * 64}])):
            self.put(root + "/manifests/h/n/m/%d" % n, json.dumps({"layers": layers, "config": 3}).encode())
        self.put(root + "/manifests/h/n/m/json", b"{")
        self.put(root + "/manifests/h/n/m/deep", b"[" * 100000)
        self.assertEqual(self.models(), [])
        self.ollama(root, "h/n/good/1", read(MHA))
        self.assertEqual(len(self.models()), 1)

    def test_llama_cpp_and_downloads(self):
        a = self.put(".cache/llama.cpp/org_tiny_tiny-Q5_0.gguf")
        b = self.put("Downloads/tiny.F32.gguf", read(MLA))
        self.put("Downloads/half.gguf.part", read(MHA)[:5000])
        self.put("Downloads/half.gguf.crdownload", read(MHA)[:5000])
        self.put("Downloads/.hidden/x.gguf")
        found = {m["path"]: m for m in self.models()}
        self.assertEqual({p: m["place"] for p, m in found.items()}, {a: "llama.cpp", b: "Downloads"})
        c = self.put("cache/third.gguf", with_license(read(MHA), "mit"))
        self.assertEqual({m["path"] for m in self.models(LLAMA_CACHE=self.home + "/cache")}, {b, c})
        # As the desktop names it in other languages.
        d = self.put("Téléchargements/m.gguf", with_license(read(MHA), "mit"))
        self.put(".config/user-dirs.dirs", 'XDG_DESKTOP_DIR="$HOME/x"\nXDG_DOWNLOAD_DIR="$HOME/Téléchargements"\n'.encode())
        self.assertEqual({m["path"] for m in self.models()}, {a, d})

    # What cannot run

    def test_what_cannot_run_says_why(self):
        llama = self.put("m/llama.Q4_0.gguf", read(MHA).replace(b"deepseek", b"mamba-42"))
        cut = self.put("m/cut.gguf", read(MHA)[:300_000])
        text = self.put("m/text.gguf", b"<!DOCTYPE html>")
        empty = self.put("m/empty.gguf", b"")
        lone = self.put("m/" + os.path.basename(PARTS[1]), read(PARTS[1]))
        found = {m["path"]: m for m in self.models(self.home + "/m")}
        self.assertEqual(set(found), {llama, cut, text, empty, lone})
        for path, says in ((llama, '"mamba-42"'), (cut, "incomplete"), (text, "GGUF"), (empty, ""),
                           (lone, "mini-00001-of-00002.gguf")):
            self.assertFalse(found[path]["runs"])
            problem = found[path]["problem"]
            self.assertIn(says, problem)
            self.assertRegex(problem, r"^[A-Z].*\.$")
            self.assertNotIn(path, problem)
        r = self.run_cli("models", "list", self.home + "/m")
        self.assertIn("cannot run: ", r.stdout)

    def test_a_model_being_fetched(self):
        first = "models/org/Mini/" + os.path.basename(PARTS[0])
        os.symlink(self.data, self.home + "/data")
        path = self.put("data/moescope/" + first, read(PARTS[0]))
        mark = path[: -len("-00001-of-00002.gguf")] + ".fetch.json"
        with open(mark, "w") as f:
            f.write("{}")
        self.assertEqual(self.models(), [])
        shutil.copy(PARTS[1], os.path.dirname(path))
        os.remove(mark)
        (model,) = self.models()
        self.assertEqual((model["path"], model["place"]), (path.replace(self.home + "/data", self.data), "Moescope"))

    # Folders without end

    def test_links_in_circles(self):
        path = self.put("m/a/b/tiny.gguf")
        self.link("m/a/b/up", "../..")
        self.link("m/a/self", ".")
        self.link("m/loop", "loop")
        self.link("m/same.gguf", path)
        os.link(path, os.path.join(self.home, "m/z.gguf"))
        self.link("m/nothing.gguf", "not/there")
        os.mkfifo(os.path.join(self.home, "m/pipe.gguf"))
        found = self.models(self.home + "/m")
        self.assertEqual(len(found), 1, found)

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root reads everything")
    def test_a_folder_that_cannot_be_read(self):
        self.put("m/closed/tiny.gguf")
        path = self.put("m/open/tiny.gguf")
        os.chmod(self.home, 0o755)
        os.chmod(self.home + "/m/closed", 0)
        self.addCleanup(os.chmod, self.home + "/m/closed", 0o755)
        command = [CLI, "models", "list", "--json", self.home + "/m"]
        if os.geteuid() == 0:
            readable = subprocess.run(["setpriv", "--reuid=54321", "--clear-groups", "test", "-x", CLI])
            if readable.returncode != 0:
                self.skipTest("the program cannot be run by anybody but root here")
            command = ["setpriv", "--reuid=54321", "--clear-groups", *command]
        r = subprocess.run(command, capture_output=True, text=True, timeout=60, env=self.environment)
        self.assertEqual(r.returncode, 0, r)
        self.assertEqual([m["path"] for m in json.loads(r.stdout)], [path])
        self.assertIn("/m/closed\" cannot be read", r.stderr)

    def test_thousands_of_files(self):
        path = self.put("m/y/tiny.gguf")
        for n in range(5000):
            self.put("m/x%d/%d.txt" % (n % 50, n), b"")
        self.assertEqual([m["path"] for m in self.models(self.home + "/m")], [path])
        # Deep ones end somewhere.
        self.put("m/" + "d/" * 60 + "deep.gguf")
        self.assertEqual([m["path"] for m in self.models(self.home + "/m")], [path])

    # The command

    def test_a_folder_that_is_not_there(self):
        r = self.run_cli("models", "list", self.home + "/nowhere")
        self.assertEqual((r.returncode, r.stdout), (1, ""))
        self.assertIn("nowhere", r.stderr)

    def test_nothing_found(self):
        r = self.run_cli("models", "list")
        self.assertEqual((r.returncode, r.stdout), (0, ""))
        self.assertIn("No models found", r.stderr)

    def test_lines_for_people(self):
        self.put("m/tiny.Q4_K_M.gguf", with_license(read(MHA), "m\x1b]52;c;it"))
        r = self.run_cli("models", "list", self.home + "/m", "--context", "64")
        self.assertRegex(r.stdout, r"Q4_K_M  \d+\.\d MB  needs \d+\.\d MB with a context of 64, fits  license: m")
        self.assertNotIn("\x1b", r.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0]], verbosity=1))
