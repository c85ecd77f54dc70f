#!/usr/bin/env python3
"""Trains the demo model's SentencePiece tokenizer on the corpus, and encodes chats with it.

  tokenizer.py TEXT OUT_PREFIX [--vocab N]

Text survives it unchanged: no normalisation, no dummy prefix, bytes as a fall-back (line feeds are bytes),
runs of blanks (Python's indentation) as pieces, digits one by one so that numbers can be calculated with.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import sentencepiece as spm

UNK, BOS, EOS = 0, 1, 2


def train(text: Path, prefix: Path, vocab: int) -> None:
    text, prefix = text.resolve(), prefix.resolve()
    # The model keeps the names that it was trained with: no folders of a machine.
    os.chdir(text.parent)
    spm.SentencePieceTrainer.train(
        input=text.name,
        model_prefix=os.path.relpath(prefix),
        model_type="bpe",
        vocab_size=vocab,
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        byte_fallback=True,
        split_digits=True,
        unk_id=UNK,
        bos_id=BOS,
        eos_id=EOS,
        pad_id=-1,
        max_sentence_length=8192,
        input_sentence_size=0,
        num_threads=2,
        minloglevel=1,
    )


class Tokenizer:
    def __init__(self, path: Path) -> None:
        self.sp = spm.SentencePieceProcessor(model_file=str(path))

    def prompt(self, question: str) -> list[int]:
        """The ids of a turn's prompt, without bos: up to and with "Assistant:"."""
        return self.sp.encode(f"User: {question}\n\nAssistant:")

    def answer(self, answer: str) -> list[int]:
        return [*self.sp.encode(" " + answer), EOS]

    def decode(self, ids: list[int]) -> str:
        return self.sp.decode(ids)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path)
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--vocab", type=int, default=2048)
    args = parser.parse_args()
    model = args.prefix.resolve().with_suffix(".model")
    train(args.text, args.prefix, args.vocab)
    tokenizer = Tokenizer(model)
    for text in ("  two  blanks\n\nüber ñ 日本 1234\n    return x", " leading", "trailing "):
        assert tokenizer.decode(tokenizer.sp.encode(text)) == text, text
    print(f"{args.prefix}.model: {tokenizer.sp.get_piece_size()} pieces")


if __name__ == "__main__":
    main()
