#!/usr/bin/env python3
"""The history from the command line: what `chat` keeps, `history` and its files.

test_cli_history.py MOESCOPE_CLI SOURCE_DIR
"""
import json
import os
import pty
import random
import re
import sqlite3
import subprocess
import sys
import time
import unittest
import zipfile

from history_case import CLI, DEMO, SOURCE, TINY, HistoryCase, cli, document, read, write


class History(HistoryCase):
    # What chat keeps.

    def test_chat_keeps_its_conversations(self):
        r = self.chat("--system", "Be brief.", "--seed", "7", stdin="What is 7 plus 8?\nWhat is a router?\n/new\nHello!\n")
        self.assertEqual(r.stderr, "")
        self.assertIn("[saved as chat 1]", r.stdout)
        self.assertIn("[saved as chat 2]", r.stdout)
        text = self.history("show", "1")
        for part in ("What is 7 plus 8?", "7 + 8 = 15", "What is a router?", "[System prompt]\nBe brief."):
            self.assertIn(part, text)
        self.assertEqual([(c["id"], c["title"], c["messages"]) for c in self.list()],
                         [(2, "Hello!", 2), (1, "What is 7 plus 8?", 4)])
        chat = self.show(1)
        self.assertEqual((chat["system_prompt"], chat["model"], chat["leaf"]), ("Be brief.", DEMO, 4))
        self.assertTrue(chat["automatic_title"])
        self.assertEqual([(m["role"], m["parent"]) for m in chat["messages"]],
                         [("user", None), ("assistant", 1), ("user", 2), ("assistant", 3)])
        answer = chat["messages"][1]
        self.assertEqual((answer["text"], answer["finish"], answer["model"]), ("7 + 8 = 15", "end of text", "Moescope Demo"))
        self.assertEqual((answer["settings"]["temperature"], answer["settings"]["top_p"], answer["settings"]["seed"]),
                         (0, 0.95, 7))
        self.assertGreater(answer["tokens_per_second"], 0)
        self.assertGreater(answer["first_token_seconds"], 0)

    def test_tokens_have_their_bytes_and_their_routing(self):
        self.chat("--max-tokens", "60", stdin="hello\n", model=TINY)
        answer = self.show(1)["messages"][1]
        self.assertEqual((answer["finish"], len(answer["tokens"])), ("length", 60))
        at = 0
        for i, (_, begin, end, position) in enumerate(answer["tokens"]):
            self.assertEqual((begin, position), (at, answer["prompt_tokens"] + i))
            at = max(at, end)
        self.assertLessEqual(at, len(answer["text"].encode()))
        records = answer["routing"]["tokens"]
        decoded = [(token, position) for token, position, phase, _ in records if phase == "decode"]
        self.assertEqual(decoded, [(token, position) for token, _, _, position in answer["tokens"]])
        self.assertEqual([position for _, position, phase, _ in records if phase == "prefill"],
                         list(range(answer["prompt_tokens"])))

    def test_titles_end_with_a_word(self):
        self.chat("--max-tokens", "1", model=TINY,
                  stdin="  How   many legs has a\thundred and twenty-three spiders and a hen?\n/new\n" + "字" * 60 + "\n")
        self.assertEqual([c["title"] for c in self.list()],
                         ["字" * 48 + "…", "How many legs has a hundred and twenty-three…"])

    def test_continue(self):
        self.chat("--system", "Be brief.", stdin="What is a router?\n")
        r = self.chat("--continue", "1", stdin="What is 7 plus 8?\n")
        self.assertIn("[chat 1: What is a router?, 2 messages]", r.stdout)
        chat = self.show(1)
        self.assertEqual([m["parent"] for m in chat["messages"]], [None, 1, 2, 3])
        self.assertEqual(chat["messages"][3]["text"], "7 + 8 = 15")
        # The prompt held all of it: the same as without a pause.
        self.chat("--system", "Be brief.", stdin="What is a router?\nWhat is 7 plus 8?\n")
        self.assertEqual(chat["messages"][3]["prompt_tokens"], self.show(2)["messages"][3]["prompt_tokens"])
        self.assertEqual(len(self.list()), 2)

    def test_continue_answers_a_question_that_was_left(self):
        self.bring({"title": "Left", "messages": ["What is 7 plus 8?"], "leaf": 1})
        r = self.chat("--continue", "1", stdin="")
        self.assertIn("> What is 7 plus 8?\n7 + 8 = 15", r.stdout)
        self.assertEqual(self.show(1)["messages"][1]["text"], "7 + 8 = 15")

    def test_continue_what_is_not_there(self):
        for prepare in (lambda: None, lambda: self.bring({"title": "Gone", "deleted_ms": 5})):
            prepare()
            r = self.chat("--continue", "1", stdin="Hello\n", code=1)
            self.assertEqual((r.stdout, r.stderr.count("\n")), ("", 1), r)
        self.assertIn("trash", r.stderr)
        r = cli("chat", DEMO, "--continue", "1", "--no-history")
        self.assertEqual(r.returncode, 2)

    def test_no_history(self):
        r = self.chat("--no-history", stdin="Hello\n")
        self.assertNotIn("kept", r.stdout)
        self.assertFalse(os.path.exists(self.data))

    def test_the_standard_folder(self):
        env = {**os.environ, "XDG_DATA_HOME": self.path("home")}
        self.assertEqual(cli("chat", TINY, "--max-tokens", "1", stdin="Hello\n", env=env).returncode, 0)
        self.assertEqual(len(self.list(data=self.path("home/moescope"))), 1)
        self.assertIn("Hello", cli("history", "list", env=env).stdout)

    def test_two_at_once(self):
        chats = [subprocess.Popen([CLI, "chat", TINY, "--data-dir", self.data, "--max-tokens", "20"], text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(3)]
        for i, p in enumerate(chats):
            p.stdin.write(f"question {i} a\nquestion {i} b\n")
            p.stdin.close()
        for p in chats:
            p.stdout.read()
            p.stdout.close()
            self.assertEqual(p.wait(60), 0)
        self.assertEqual([c["messages"] for c in self.list()], [4, 4, 4])
        self.history("check")

    # The commands.

    def test_list(self):
        self.bring({"title": "old", "updated_ms": 1000, "pinned": True, "folder": "Work", "messages": ["a", "b"]},
                   {"title": "new\n\x1b[31m", "updated_ms": 3000}, {"title": "thrown away", "deleted_ms": 7},
                   {"title": "middle", "updated_ms": 2000, "folder": "Work"})
        self.assertEqual([c["title"] for c in self.list()], ["new\n\x1b[31m", "middle", "old"])
        self.assertEqual([c["title"] for c in self.list("--limit", "2")], ["new\n\x1b[31m", "middle"])
        self.assertEqual([(c["title"], c["folder"]) for c in self.list("--folder", "Work")],
                         [("middle", "Work"), ("old", "Work")])
        self.assertEqual([c["title"] for c in self.list("--trash")], ["thrown away"])
        lines = self.history("list").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("2 messages  old", lines[2])
        self.assertNotIn("\x1b", lines[0])
        self.fails("list", "--folder", "Play", says='"Play"')

    def test_search_of_letters(self):
        """Words as they stand in a text, in any script, are found there and shown; phrases; accents."""
        self.history("import", os.path.join(SOURCE, "tests/data/search/letters.json"))
        for query, chats in (
                ("µs", "0"), ("µm", "0"), ("Ở", "1T"), ("Ở Hà", "1"), ("ẮN", "2"), ("ắn", "2"), ("nói ẮN", "2"), ("TIẾNG ói", "2"),
                ("ος", "3"), ("ος λόγος", "3"), ("ΛΌΓΟΣ", "3"), ("ZŸ", "19"), ("ԱԲ", "17"), ("ſo", "20"), ("ａｂ", "15"),
                ("éa", "T"), ("яб", "T"), ("ở h", "1T"), ("istanbul", "14"), ("strasse", "4"), ("ä", "4T"),
                ('"exact phrase"', "10"), ('"phrase here"', "10 11"), ("exact phrase", "10 11"), ("naive", "9"), ("cafe", "7 8"),
                ("caf\u00e9", "7 8"), ("cafe\u0301", "7 8"), ("c++", "12"), ("foo AND", "13"), ("a_b", "12")):
            hits = json.loads(self.history("search", query, "--json"))
            names = {f"chat {n}" for n in re.findall(r"\d+", chats)} | ({"Ä Éa TÎTRE Яб Ở H"} if "T" in chats else set())
            self.assertEqual({h["title"] for h in hits}, names, query)
            for hit in hits:
                self.assertTrue(hit["ranges"], query)
                shown = hit["snippet"].encode()
                for begin, end in hit["ranges"]:
                    self.assertTrue(shown[begin:end].decode(), query)  # whole characters

    def test_search(self):
        self.bring({"title": "On routers", "messages": ["What is a router?", "The Router picks\nexperts."]},
                   {"title": "汉字", "messages": ["路由器是什么?"]}, {"title": "A router", "deleted_ms": 7})
        hits = json.loads(self.history("search", "router", "--json"))
        self.assertEqual([(h["id"], h.get("message")) for h in hits], [(1, None), (1, 2), (1, 1)])
        for h in hits:
            self.assertEqual({h["snippet"].encode()[b:e].decode().lower() for b, e in h["ranges"]}, {"router"})
        self.assertEqual([h["id"] for h in json.loads(self.history("search", "由器", "--json"))], [2])
        self.assertEqual([h["message"] for h in json.loads(self.history("search", "picks", "router", "--json"))], [2])
        lines = self.history("search", "picks").splitlines()
        self.assertEqual([x.strip() for x in lines], ["1  On routers", "The Router picks experts."])
        r = cli("history", "search", "unicorn", "--data-dir", self.data)
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", "Nothing was found.\n"))
        r = cli("history", "search", "router", "--limit", "1", "--data-dir", self.data)
        self.assertEqual((r.stdout.count("\n"), r.returncode), (1, 0))
        self.assertIn("more hits", r.stderr)

    def test_experts(self):
        self.chat(stdin="What is 7 plus 8?\nHello\n")
        self.chat(stdin="What is a router?\n")
        answers = [m for c in (1, 2) for m in self.show(c)["messages"] if m["role"] == "assistant"]
        shape = answers[0]["routing"]
        layer = shape["first_moe_layer"] + 1
        hits = [(e, (token, position, rank + 1, gate))  # newest answer first, in each by token
                for a in reversed(answers) for token, position, phase, layers in a["routing"]["tokens"]
                for rank, (e, gate) in enumerate(zip(*layers[1][:2])) if phase == "decode" and gate > 0.1]
        expert = hits[0][0]
        expected = [hit for e, hit in hits if e == expert]
        found = json.loads(self.history("experts", "--layer", str(layer), "--expert", str(expert), "--min-gate", "0.1",
                                        "--json"))
        self.assertEqual([(h["token"], h["position"], h["rank"]) for h in found["hits"]], [e[:3] for e in expected])
        self.assertEqual(found["total"], len(expected))
        for hit, (*_, gate) in zip(found["hits"], expected):
            self.assertAlmostEqual(hit["gate"], gate, places=5)
        everywhere = [json.loads(cli("history", "experts", "--data-dir", self.data, "--layer", str(layer), "--expert",
                                     str(e), "--json").stdout)["total"] for e in range(shape["experts"])]
        written = sum(len(a["tokens"]) for a in answers)
        self.assertEqual(sum(everywhere), written * shape["experts_used"])
        busiest = str(everywhere.index(max(everywhere)))
        lines = self.history("experts", "--layer", str(layer), "--expert", busiest)
        self.assertRegex(lines, r"gate 0\.\d{3}, rank \d: .*\[.*\]")
        r = cli("history", "experts", "--data-dir", self.data, "--layer", str(layer), "--expert", busiest, "--limit", "1")
        self.assertEqual((r.returncode, r.stdout.count("\n")), (0, 2), r)
        self.assertIn("1 of %d tokens are shown" % max(everywhere), r.stderr)
        r = cli("history", "experts", "--data-dir", self.data, "--layer", "0", "--expert", "3")
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", "Nothing was found.\n"))

    def test_rules(self):
        self.chat("--rules", "K 1; mask 2: 3, 5; shared OFF", stdin="What is a router?\n")
        answer = self.show(1)["messages"][1]
        self.assertEqual(answer["settings"]["rules"], "k 1; mask 2: 3 5; shared off")
        first = answer["routing"]["first_moe_layer"]
        for _, _, _, layers in answer["routing"]["tokens"]:
            self.assertTrue(all(len(layer[0]) == 1 and layer[5] == 0 for layer in layers))
            self.assertNotIn(layers[2 - first][0][0], (3, 5))
        for rules, says in (("k 99", "expected 1 to"), ("mask x", "not a whole number"), ("k 99: 2", "layer 99")):
            r = cli("run", DEMO, "--prompt", "Hello!", "--rules", rules)
            self.assertEqual((r.returncode, r.stdout, r.stderr.count("\n")), (1, "", 1), r)
            self.assertIn(says, r.stderr)
        story = "Write a short story about a fox."
        own, other = (cli("run", DEMO, "--prompt", story, "--temperature", "0", *rules).stdout
                      for rules in ((), ("--rules", "k 1; shared off")))
        self.assertNotEqual(own, other)

    def test_experiments(self):
        self.chat(stdin="What is a router?\nWhat is 7 plus 8?\n")

        def points(*arguments):
            r = cli("experiment", DEMO, *arguments)
            self.assertEqual((r.returncode, r.stderr), (0, ""), r)
            return r.stdout

        conversation = ("--conversation", "1", "--data-dir", self.data)
        masked = json.loads(points(*conversation, "--json"))
        own, *rest = [p["nats_per_token"] for p in masked["points"]]
        self.assertLess(own, 0.1)  # its own answers
        self.assertTrue(all(loss > own for loss in rest), masked)
        rows = points(*conversation, "--figure", "active", "--csv").splitlines()
        self.assertEqual(rows[0], "setting,x,reference,nats_per_token,bits_per_token,tokens")
        self.assertTrue(rows[1].startswith('"k = 1",1,0,'), rows)
        write(self.path("text"), b"The router scores all experts.")
        perplexity = cli("perplexity", DEMO, "--file", self.path("text")).stdout
        of_file = json.loads(points("--file", self.path("text"), "--json"))["points"][0]
        self.assertIn("%.5f nats per token, %d tokens" % (of_file["nats_per_token"], of_file["tokens"]), perplexity)
        for arguments in ((), ("--file", self.path("text"), *conversation)):
            self.assertEqual(cli("experiment", DEMO, *arguments).returncode, 2)
        write(self.path("text"), b"")
        r = cli("experiment", DEMO, "--file", self.path("text"))
        self.assertEqual((r.returncode, r.stdout, r.stderr.count("\n")), (1, "", 1), r)

    def test_terminals_get_marks_and_no_commands(self):
        self.bring({"title": "T", "messages": ["a \x1b[2J\x9b router"]})
        shown = []
        for arguments in (("search", "router"), ("show", "1")):
            try:
                master, slave = pty.openpty()
            except OSError:
                self.skipTest("this system has no pseudo-terminals")
            p = subprocess.Popen([CLI, "history", *arguments, "--data-dir", self.data], stdout=slave)
            self.assertEqual(p.wait(60), 0)
            shown.append(os.read(master, 65536).decode())
            os.close(slave)
            os.close(master)
        self.assertIn("a \ufffd[2J\ufffd \x1b[7mrouter\x1b[27m", shown[0])
        self.assertIn("a \ufffd[2J\ufffd router", shown[1])
        self.assertIn("\x1b[2J", self.history("show", "1"))  # a file gets what was said

    def test_export_and_import_lose_nothing(self):
        self.chat("--system", "Be brief.", stdin="What is a router?\nWhat is 7 plus 8?\n/new\nHello!\n")
        self.chat("--max-tokens", "80", stdin="hello\n", model=TINY, temperature="1")
        out = self.path("all.json")
        self.assertEqual(self.history("export", "--all", "--out", out), "")
        self.assertEqual(os.listdir(self.folder).count("all.json"), 1)
        other = self.path("other")
        self.assertIn("3 chats with 8 messages imported", self.history("import", out, data=other))
        self.assertEqual(json.loads(self.history("export", "--all", "--format", "json", data=other)),
                         json.loads(read(out)))
        # The same bytes, whatever order equal times leave them in.
        for c in self.list():
            twin = [d for d in self.list(data=other) if d["updated_ms"] == c["updated_ms"] and d["title"] == c["title"]]
            self.assertEqual(self.history("show", str(c["id"]), "--json"),
                             self.history("show", str(twin[0]["id"]), "--json", data=other))
        self.history("check", data=other)

    def test_export_formats_and_options(self):
        self.chat("--system", "Be brief.", stdin="What is 7 plus 8?\n")
        for name, format in (("md", "Markdown"), ("html", ""), ("txt", ""), ("jsonl", ""), ("json", "")):
            out = self.path("c." + name)
            self.history("export", "1", "--out", out)
            self.assertIn(b"7 + 8 = 15", read(out))
            self.assertEqual(read(out).decode(), self.history("export", "1", "--format", format or name))
        text = self.history("export", "1")
        self.assertTrue(text.startswith("# What is 7 plus 8?\n"))
        self.assertIn("Be brief.", text)
        self.assertNotIn("Be brief.", self.history("export", "1", "--no-system-prompts"))
        for flag, part in (("--timings", "tokens/s"), ("--settings", "temperature: 0.0"), ("--routing", "| Layer |")):
            self.assertNotIn(part, text)
            self.assertIn(part, self.history("export", "1", flag))
            self.assertEqual(self.history("export", "1", flag.replace("--", "--no-")), text)
        self.assertIn('"routing"', self.history("export", "1", "--format", "jsonl", "--routing"))
        self.assertEqual(self.history("export", "1", "1").count("# What is 7 plus 8?"), 2)

    def test_wrong_use(self):
        self.bring({"title": "Here"})
        self.assertEqual(cli("history").returncode, 2)
        self.fails("dance", says="", code=2)
        self.fails("export", says="--all", code=2)
        self.fails("export", "1", "--all", says="--all", code=2)
        self.fails("export", "1", "--format", "docx", says="docx")
        self.fails("export", "1", "--out", self.path("a.docx"), says="docx")
        for command in ("show", "export"):
            self.fails(command, "9", says="no chat 9")
            self.fails(command, "nine", says="", code=2)
        self.fails("import", self.path("absent.json"), says="absent.json")
        self.fails("import", self.folder, says=self.folder)

    def test_a_history_that_is_not_there_is_not_made(self):
        for command in (("list",), ("show", "1"), ("search", "a"), ("export", "--all"), ("check",)):
            self.fails(*command, says="there is no history yet")
        self.assertEqual(os.listdir(self.folder), [])

    def test_export_that_cannot_be_written_leaves_what_was_there(self):
        self.bring({"title": "Here", "messages": ["x" * 100000]})
        self.fails("export", "1", "--out", self.path("absent/a.md"), says="absent/a.md")
        write(self.path("a.md"), b"before")
        self.fails("export", "9", "--out", self.path("a.md"), says="no chat 9")
        self.assertEqual(read(self.path("a.md")), b"before")
        for arguments in (("export", "1"), ("show", "1")):
            with open("/dev/full", "w") as full:
                r = subprocess.run([CLI, "history", *arguments, "--data-dir", self.data], stdout=full,
                                   stderr=subprocess.PIPE, text=True)
            self.assertEqual((r.returncode, r.stderr.count("\n")), (1, 1), r)

    def test_import_is_whole_or_nothing(self):
        write(self.path("good.json"), document({"title": "Good"}))
        write(self.path("bad.json"), document({"title": "Bad"})[:-20])
        r = self.fails("import", self.path("good.json"), self.path("bad.json"), says="bad.json")
        self.assertFalse(os.path.exists(self.data), r)
        write(self.path("newer.json"), document({}).replace(b'"version": 1', b'"version": 2'))
        self.fails("import", self.path("newer.json"), says="newer")
        chatgpt = [{"title": "Old friend", "create_time": 1700000000.0, "current_node": "a", "mapping": {
            "root": {"id": "root", "parent": None, "children": ["a"], "message": None},
            "a": {"id": "a", "parent": "root", "children": [], "message": {
                "author": {"role": "user"}, "create_time": 1700000000.0,
                "content": {"content_type": "text", "parts": ["Hi"]}}}}}]
        write(self.path("conversations.json"), json.dumps(chatgpt).encode())
        self.assertIn("1 chat with 1 message imported",
                      self.history("import", self.path("conversations.json")))
        self.assertEqual([c["title"] for c in self.list()], ["Old friend"])

    def foreign(self, *titles, messages=2, name="conversations.json"):
        """ChatGPT's export of conversations with so many messages."""
        chats = []
        for title in titles:
            mapping = {"0": {"parent": None, "message": None}}
            for i in range(1, messages + 1):
                mapping[str(i)] = {"parent": str(i - 1), "message": {
                    "author": {"role": ("assistant", "user")[i % 2]}, "create_time": 1700000000 + i,
                    "content": {"content_type": "text", "parts": ["%s says %d" % (title, i)]}}}
            chats.append({"title": title, "id": "id-" + title, "create_time": 1700000000, "update_time": 1700000000,
                          "mapping": mapping, "current_node": str(messages)})
        write(self.path(name), json.dumps(chats).encode())
        return self.path(name)

    def test_import_again_brings_only_what_is_new(self):
        export = self.foreign("One", "Two")
        self.assertIn(": 2 chats with 4 messages imported\n", self.history("import", export))
        self.assertIn(": 0 chats with 0 messages imported, 2 chats were here already\n",
                      self.history("import", export))
        # A later export: one has gone on, one is new.
        export = self.foreign("One", messages=4)
        self.assertIn("0 chats with 0 messages imported, 2 new messages added to 1 chat that was here "
                      "already\n", self.history("import", export))
        self.assertEqual([(c["title"], c["messages"]) for c in self.list()], [("One", 4), ("Two", 2)])
        self.assertEqual(self.show(1)["leaf"], 4)
        # Our own, into the history that it came from and into another one.
        self.bring({"title": "Mine", "messages": ["a", "b"]})
        out = self.path("all.json")
        self.history("export", "--all", "--out", out)
        self.assertIn("0 chats with 0 messages imported, 3 chats were here already", self.history("import", out))
        other = self.path("other")
        self.assertIn("3 chats with 8 messages imported", self.history("import", out, data=other))
        self.assertIn("3 chats were here already", self.history("import", out, data=other))
        # The same bytes, though all have the same times.
        self.assertEqual(self.history("export", "--all", "--format", "json", data=other), read(out).decode())
        # A file of another program without ids, and one that is in the trash.
        write(self.path("old.json"), document({"title": "Old", "messages": ["x"]}))
        self.history("import", self.path("old.json"))
        self.assertIn("1 chat was here already", self.history("import", self.path("old.json")))
        with sqlite3.connect(os.path.join(self.data, "history.sqlite")) as db:
            db.execute("UPDATE conversations SET deleted_ms = 5 WHERE title = 'Old'")
        self.assertIn("1 chat was here already (1 in the trash)", self.history("import", self.path("old.json")))

    def test_import_names_what_it_leaves_out(self):
        chats = json.loads(read(self.foreign("Good", "Bad", "Fine")))
        chats[1]["mapping"] = None
        chats[2]["mapping"]["1"]["message"]["recipient"] = "python"
        write(self.path("mixed.json"), json.dumps(chats).encode())
        r = cli("history", "import", "--data-dir", self.data, self.path("mixed.json"))
        self.assertEqual(r.returncode, 1, r)
        self.assertIn("2 chats with 3 messages imported; 1 message left out (from tools, hidden, or of an unknown form)",
                      r.stdout)
        self.assertIn("1 conversation could not be imported: conversation 2, \"Bad\": it has no messages", r.stderr)
        self.assertEqual(r.stderr.count("\n"), 1)
        self.assertEqual([c["title"] for c in self.list()], ["Good", "Fine"])

    def test_import_reads_archives_and_refuses_what_is_no_file(self):
        with zipfile.ZipFile(self.path("export.zip"), "w", zipfile.ZIP_DEFLATED) as z:
            z.write(self.foreign("One"), "conversations-000.json")
            z.write(self.foreign("Two"), "conversations-001.json")
            z.writestr("user.json", "{}")
        self.assertIn("2 chats with 4 messages imported", self.history("import", self.path("export.zip")))
        os.mkfifo(self.path("pipe"))
        self.fails("import", self.path("pipe"), says="not a regular file")
        self.fails("import", "/dev/zero", says="not a regular file")

    def test_a_killed_import_is_done_again_without_doubles(self):
        export = self.foreign(*("Chat %d" % i for i in range(60)), messages=60)
        for _ in range(4):
            p = subprocess.Popen([CLI, "history", "import", "--data-dir", self.data, export], stdout=subprocess.DEVNULL)
            time.sleep(random.uniform(0.05, 0.5))
            p.kill()
            p.wait()
            if os.path.exists(os.path.join(self.data, "history.sqlite")):
                for c in self.list():
                    self.assertEqual(c["messages"], 60, c)  # whole, or not there
        self.history("import", export)
        self.assertEqual(sorted(c["title"] for c in self.list("--limit", "100")), sorted("Chat %d" % i for i in range(60)))
        self.assertEqual({c["messages"] for c in self.list("--limit", "100")}, {60})
        self.history("check")


if __name__ == "__main__":
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=1))
