#pragma once
// A tokenizer straight from a parsed GGUF file, for tests that need no model.

#include <memory>
#include <utility>

#include "engine/format/gguf.h"
#include "engine/format/vocabulary.h"
#include "engine/text/tokenizer.h"

namespace moescope {

inline Result<std::unique_ptr<Tokenizer>> tokenizerOf(const GgufFile& file) {
    auto source = VocabularySource::fromGguf(file);
    if (!source.ok()) return source.status();
    return Tokenizer::create(std::move(*source));
}

}  // namespace moescope
