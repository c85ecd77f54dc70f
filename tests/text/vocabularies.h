#pragma once
// Small vocabularies for tests.

#include <fmt/format.h>

#include "engine/format/gguf.h"
#include "tests/support/gguf_builder.h"
#include "tests/support/gguf_tokenizer.h"

namespace moescope {

/// A byte-level vocabulary of the 256 bytes, a few merges, a user-defined token (258, "ö"), BOS 259 and EOS 260. The
/// key `without` is left out; `controls` are further control tokens, from 261 on; `bos` and `eos` are written so.
inline GgufBuilder byteLevelBuilder(std::string_view without = {}, std::string_view pre = "deepseek-llm",
                                    const std::vector<std::string>& controls = {}, const std::string& bos = "<bos>",
                                    const std::string& eos = "<eos>") {
    std::vector<std::string> tokens;
    unsigned extra = 256;
    for (unsigned b = 0; b < 256; ++b) {
        const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        const unsigned letter = printable ? b : extra++;
        tokens.push_back(letter < 0x80 ? std::string(1, static_cast<char>(letter))
                                       : std::string{static_cast<char>(0xc0 | (letter >> 6)),
                                                     static_cast<char>(0x80 | (letter & 0x3f))});
    }
    std::vector<std::int32_t> kinds(256, 1);
    tokens.insert(tokens.end(), {"he", "hel", "ö", bos, eos});
    kinds.insert(kinds.end(), {1, 1, 4, 3, 3});
    tokens.insert(tokens.end(), controls.begin(), controls.end());
    kinds.insert(kinds.end(), controls.size(), 3);
    GgufBuilder b;
    b.text("tokenizer.ggml.model", "gpt2");
    b.text("tokenizer.ggml.pre", pre);
    b.texts("tokenizer.ggml.tokens", tokens);
    b.integers("tokenizer.ggml.token_type", kinds);
    b.texts("tokenizer.ggml.merges", {"h e", "he l"});
    for (const auto& [key, id] :
         {std::pair{"tokenizer.ggml.bos_token_id", 259u}, {"tokenizer.ggml.eos_token_id", 260u}}) {
        if (key != without) b.integer(key, id);
    }
    return b;
}
inline std::vector<std::byte> byteLevelVocabulary() {
    return byteLevelBuilder().build();
}

/// A SentencePiece vocabulary: unknown, BOS, EOS, 256 bytes, letters and two words.
inline std::vector<std::byte> sentencePieceVocabulary() {
    std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
    std::vector<std::int32_t> kinds = {2, 3, 3};
    for (int i = 0; i < 256; ++i) {
        tokens.push_back(fmt::format("<0x{:02X}>", i));
        kinds.push_back(6);
    }
    for (const char* piece : {"\xe2\x96\x81", "a", "b", "c", "ab",
                              "\xe2\x96\x81"
                              "ab",
                              "ö", "s", "<", ">"}) {
        tokens.push_back(piece);
        kinds.push_back(1);
    }
    GgufBuilder b;
    b.text("tokenizer.ggml.model", "llama");
    b.texts("tokenizer.ggml.tokens", tokens);
    b.integers("tokenizer.ggml.token_type", kinds);
    b.integer("tokenizer.ggml.bos_token_id", 1);
    b.integer("tokenizer.ggml.eos_token_id", 2);
    return b.build();
}

}  // namespace moescope
