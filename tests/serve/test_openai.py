#!/usr/bin/env python3
"""`moescope-cli serve` under OpenAI's own library: its types, its streams, its errors. Skipped (77) where it is not
installed: MOESCOPE_OPENAI_PYTHON names a Python that has it.

test_openai.py MOESCOPE_CLI SOURCE_DIR
"""
import base64
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import openai
except ImportError:
    other = os.environ.get("MOESCOPE_OPENAI_PYTHON")
    if other and other != sys.executable:
        os.execv(other, [other, *sys.argv])
    print("skipped: OpenAI's library is not installed (pip install openai)")
    sys.exit(77)

CLI, SOURCE = sys.argv[1], sys.argv[2]
DEMO = os.path.join(SOURCE, "resources/demo-model/moescope-demo.gguf")
QUESTION = [{"role": "user", "content": "What is 7 plus 8?"}]


class OpenAi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.NamedTemporaryFile("w", delete=False) as key:
            key.write("secret\n")
        cls.process = subprocess.Popen(
            [CLI, "serve", DEMO, "--port", "0", "--backend", "cpu", "--api-key-file", key.name, "--parallel", "2"],
            stdout=subprocess.PIPE, text=True)
        cls.url = cls.process.stdout.readline().split(" at ")[1].split(" ")[0]
        os.unlink(key.name)
        cls.client = openai.OpenAI(base_url=cls.url, api_key="secret", max_retries=0)
        cls.model = cls.client.models.list().data[0].id

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.process.kill()
        cls.process.communicate()

    def chat(self, **more):
        return self.client.chat.completions.create(model=self.model, messages=QUESTION, temperature=0, **more)

    def test_a_chat_whole_and_streamed(self):
        whole = self.chat()
        self.assertIsInstance(whole, openai.types.chat.ChatCompletion)
        choice = whole.choices[0]
        self.assertEqual((choice.message.role, choice.finish_reason), ("assistant", "stop"))
        self.assertIsNone(choice.message.tool_calls)
        self.assertEqual(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens)
        text, finishes, usage = "", [], None
        for chunk in self.chat(stream=True, stream_options={"include_usage": True}):
            self.assertIsInstance(chunk, openai.types.chat.ChatCompletionChunk)
            for part in chunk.choices:
                text += part.delta.content or ""
                finishes += [part.finish_reason] if part.finish_reason else []
            usage = chunk.usage or usage
        self.assertEqual(text, choice.message.content)
        self.assertEqual(finishes, ["stop"])
        self.assertEqual(usage.completion_tokens, whole.usage.completion_tokens)

    def test_the_library_s_own_collecting_of_streams(self):
        with self.client.chat.completions.stream(model=self.model, messages=QUESTION, temperature=0) as stream:
            for _ in stream:
                pass
            final = stream.get_final_completion()
        self.assertEqual(final.choices[0].message.content, self.chat().choices[0].message.content)

    def test_log_probabilities(self):
        answer = self.chat(logprobs=True, top_logprobs=5)
        content = answer.choices[0].logprobs.content
        self.assertEqual("".join(t.token for t in content).strip(), answer.choices[0].message.content.strip())
        for token in content:
            self.assertEqual(len(token.top_logprobs), 5)
            self.assertAlmostEqual(token.logprob, token.top_logprobs[0].logprob, delta=1e-9)  # greedy
            self.assertLessEqual(token.logprob, 0)
            self.assertEqual(bytes(token.bytes).decode(errors="replace"), token.token)

    def test_texts_with_echo(self):
        answer = self.client.completions.create(model=self.model, prompt="User: Hi", echo=True, logprobs=2, max_tokens=4,
                                                temperature=0)
        self.assertIsInstance(answer, openai.types.Completion)
        choice = answer.choices[0]
        self.assertTrue(choice.text.startswith("User: Hi"))
        self.assertIsNone(choice.logprobs.token_logprobs[0])
        self.assertEqual(len(choice.logprobs.tokens), len(choice.logprobs.text_offset))
        for token, offset in list(zip(choice.logprobs.tokens, choice.logprobs.text_offset))[1:]:
            self.assertEqual(choice.text[offset : offset + len(token)], token)

    def test_choices_seeds_and_stops(self):
        answers = self.client.chat.completions.create(model=self.model, messages=QUESTION, n=3, seed=4, max_tokens=8)
        self.assertEqual([c.index for c in answers.choices], [0, 1, 2])
        again = self.client.chat.completions.create(model=self.model, messages=QUESTION, n=3, seed=4, max_tokens=8)
        self.assertEqual([c.message.content for c in answers.choices], [c.message.content for c in again.choices])
        whole = self.chat().choices[0].message.content
        self.assertEqual(self.chat(stop=[whole[2:4]]).choices[0].message.content, whole[: whole.index(whole[2:4])])

    def test_routing(self):
        answer = self.chat(extra_body={"return_routed_experts": True, "return_token_ids": True})
        self.assertTrue(base64.b64decode(answer.choices[0].routed_experts).startswith(b"\x93NUMPY"))
        rows = len(answer.prompt_token_ids) + len(answer.choices[0].token_ids) - 1
        self.assertEqual(len(base64.b64decode(answer.sglext["routed_experts"])) % (4 * rows), 0)

    def test_errors_are_the_library_s_classes(self):
        def error(kind, **request):
            with self.assertRaises(kind) as raised:
                self.client.chat.completions.create(**{"model": self.model, "messages": QUESTION, **request})
            return raised.exception

        self.assertEqual(error(openai.NotFoundError, model="other").code, "model_not_found")
        self.assertEqual(error(openai.BadRequestError, top_p=7).param, "top_p")
        refused = error(openai.BadRequestError, response_format={"type": "json_object"})
        self.assertEqual(refused.param, "response_format")
        self.assertIn("response_format", refused.body["message"])
        self.assertEqual(error(openai.BadRequestError, max_tokens=1_000_000).code, "context_length_exceeded")
        error(openai.BadRequestError, stream=True, tools=[{"type": "function", "function": {"name": "f"}}])
        with openai.OpenAI(base_url=self.url, api_key="wrong", max_retries=0) as stranger:
            with self.assertRaises(openai.AuthenticationError) as raised:
                stranger.models.list()
        self.assertEqual(raised.exception.code, "invalid_api_key")
        with self.assertRaises(openai.NotFoundError):
            self.client.embeddings.create(model=self.model, input="a")

    def test_a_stream_that_is_left(self):
        for _ in range(5):
            with self.chat(stream=True) as stream:
                next(iter(stream))
        self.assertTrue(self.chat().choices[0].message.content)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
