#!/usr/bin/env python3
"""lm-eval's loglikelihood tasks over `moescope-cli serve`, against the same computed from the logits of `moescope-cli
eval`. If this fails, evaluations of a served model have other scores than the model. Skipped (77) where lm-eval is not
installed: MOESCOPE_LM_EVAL_PYTHON names a Python that has it. No data set is downloaded: the task is a file here.

test_lm_eval.py MOESCOPE_CLI SOURCE_DIR
"""
import array
import importlib.util
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.request

if importlib.util.find_spec("lm_eval") is None:
    other = os.environ.get("MOESCOPE_LM_EVAL_PYTHON")
    if other and other != sys.executable:
        os.execv(other, [other, *sys.argv])
    print("skipped: lm-eval is not installed (pip install lm-eval[api])")
    sys.exit(77)

CLI, SOURCE = sys.argv[1], sys.argv[2]
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")
CLOSE = 1e-4
QUESTIONS = [
    {"context": "User: What is 7 plus 8?\n\nAssistant:", "choices": [" 15", " 16", " 7 plus 8 is 15."], "answer": 0},
    {"context": "The cat sleeps on the", "choices": [" table", " tables and chairs", " red hat."], "answer": 0},
    {"context": "Größe und", "choices": [" Gewicht", " 专家", " 🙂"], "answer": 0},
    {"context": "def add(a, b):\n    return", "choices": [" a + b", " a - b\n\n", " \t"], "answer": 0},
    {"context": "", "choices": ["Hello", "the"], "answer": 0},
]
TASK = """task: moescope_local
dataset_path: json
dataset_kwargs:
  data_files:
    test: %s
output_type: multiple_choice
test_split: test
doc_to_text: "{{context}}"
doc_to_choice: choices
doc_to_target: answer
target_delimiter: ""
"""


class LmEval(unittest.TestCase):
    known = {}  # what our logits say, by context and continuation

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        for name in list(os.environ):
            if name.lower().endswith("_proxy"):
                del os.environ[name]
        os.environ.update(HF_HOME=cls.folder, HF_DATASETS_OFFLINE="1", HF_HUB_OFFLINE="1")
        cls.process = subprocess.Popen([CLI, "serve", DEMO, "--port", "0", "--backend", "cpu", "--parallel", "2"],
                                       stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.process.communicate)
        cls.addClassCleanup(cls.process.kill)
        cls.url = cls.process.stdout.readline().split(" at ")[1].split(" ")[0]
        with open(os.path.join(cls.folder, "questions.jsonl"), "w") as f:
            f.writelines(json.dumps(question) + "\n" for question in QUESTIONS)
        with open(os.path.join(cls.folder, "task.yaml"), "w") as f:
            f.write(TASK % os.path.join(cls.folder, "questions.jsonl"))

    def post(self, path, body):
        request = urllib.request.Request(self.url.removesuffix("/v1") + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def tokens(self, text):
        return self.post("/tokenize", {"prompt": text, "add_special_tokens": False})["tokens"]

    def bos(self):
        """What the harness puts before a text that nothing comes before."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/tokenizer_info", timeout=60) as answer:
            ids = self.tokens(json.load(answer)["bos_token"])
        self.assertEqual(len(ids), 1)
        return ids[0]

    def by_our_logits(self, context, continuation):
        """The log-probability of a continuation, and whether each of its tokens is the likeliest."""
        before = self.tokens(context) if context else [self.bos()]
        # As the harness does: blanks at the end of the context belong to what follows.
        stripped = len(context) - len(context.rstrip())
        if stripped:
            context, continuation = context[:-stripped], context[-stripped:] + continuation
            before = self.tokens(context)
        after = self.tokens(context + continuation)[len(before) if context else 0:]
        out = os.path.join(self.folder, "own.safetensors")
        subprocess.run([CLI, "eval", DEMO, "--backend", "cpu", "--tokens", " ".join(map(str, before + after)), "--out",
                        out], check=True)
        with open(out, "rb") as f:
            head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
            logits = array.array("f", f.read()[slice(*head["logits"]["data_offsets"])])
        vocabulary = head["logits"]["shape"][1]
        total, greedy = 0.0, True
        for i, token in enumerate(after):
            row = logits[(len(before) + i - 1) * vocabulary:(len(before) + i) * vocabulary]
            largest = max(row)
            total += row[token] - largest - math.log(math.fsum(math.exp(x - largest) for x in row))
            greedy = greedy and row[token] == largest
        return total, greedy

    def evaluated(self, **options):
        import lm_eval
        from lm_eval.tasks import TaskManager
        arguments = {"model": self.model_name(), "base_url": self.url + "/completions", "max_retries": 1,
                     "max_length": 512}
        result = lm_eval.simple_evaluate(model="local-completions", model_args=arguments | options,
                                         tasks=["moescope_local"], task_manager=TaskManager(include_path=self.folder),
                                         log_samples=True, bootstrap_iters=0)
        return [(sample["doc"], [tuple(response[0]) for response in sample["resps"]])
                for sample in result["samples"]["moescope_local"]]

    def model_name(self):
        with urllib.request.urlopen(self.url + "/models", timeout=60) as answer:
            return json.load(answer)["data"][0]["id"]

    def check(self, samples):
        self.assertEqual(len(samples), len(QUESTIONS))
        compared, largest = 0, 0.0
        for doc, scores in samples:
            self.assertEqual(len(scores), len(doc["choices"]))
            for choice, (score, greedy) in zip(doc["choices"], scores):
                pair = doc["context"], choice
                if pair not in self.known:
                    self.known[pair] = self.by_our_logits(*pair)
                own, likeliest = self.known[pair]
                with self.subTest(context=doc["context"], choice=choice):
                    self.assertAlmostEqual(float(score), own, delta=CLOSE)
                    self.assertEqual(str(greedy), str(likeliest))
                largest = max(largest, abs(float(score) - own))
                compared += 1
        print("%d log-likelihoods compared, largest difference %.1e" % (compared, largest))

    def test_tokens_of_the_server(self):
        self.check(self.evaluated())

    def test_several_at_once(self):
        self.check(self.evaluated(batch_size=3, num_concurrent=2))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
