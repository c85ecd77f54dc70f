// A model file of any bytes is understood or refused with a sentence: parser, configuration, tensors, tokenizer and
// chat template.

#include "engine/engine.h"
#include "tests/fuzz/check.h"
#include "tests/support/gguf_tokenizer.h"

namespace {

using namespace moescope;

/// A tokenizer keeps its promises whatever its vocabulary is.
void checkTokenizer(const Tokenizer& tokenizer) {
    std::string text = "Hello <s> \xc3\xb6 \xe4\xbd\xa0 \xff\xe2\x96\x81 42\n";
    for (std::int32_t id = 0; id < std::min(tokenizer.size(), 64); ++id) text += tokenizer.name(id);
    text.resize(std::min<std::size_t>(text.size(), 4096));
    std::uint32_t at = 0;
    for (const TokenSpan& span : tokenizer.encode(text)) {
        FUZZ_CHECK(span.id >= 0 && span.id < tokenizer.size());
        FUZZ_CHECK(!tokenizer.isControl(span.id));
        FUZZ_CHECK(span.begin == at && span.end >= span.begin);
        at = span.end;
    }
    FUZZ_CHECK(at == text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto model = ModelFile::parse(bytes);
    if (!model.ok()) {
        FUZZ_CHECK(!model.status().message().empty());
        // A tokenizer is worth trying also in a file without a model.
        const auto file = GgufFile::parse(bytes);
        if (!file.ok()) return 0;
        const auto tokenizer = tokenizerOf(*file);
        if (tokenizer.ok()) checkTokenizer(**tokenizer);
        return 0;
    }
    forEachMatrix(model->matrices, [&](const MatrixSource& matrix, MatrixRole, std::size_t) {
        for (std::size_t i = 0; i < matrix.count; ++i) {
            const auto part = matrix.matrix(i);
            const auto* first = reinterpret_cast<const std::uint8_t*>(part.data());
            FUZZ_CHECK(first >= data && first + part.size() <= data + size);
        }
    });
    FUZZ_CHECK(statistics(model->config, model->matrices).bytes <= size);
    checkTokenizer(*model->tokenizer);
    model->chat_template.render(*model->tokenizer, {{Role::kUser, "Hello"}, {Role::kAssistant, "Hi"}}, true);
    return 0;
}
