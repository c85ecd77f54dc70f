// A model file of any bytes is understood or refused with a sentence: parser, configuration, tensors, tokenizer and
// chat template.

#include "engine/engine.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto model = moescope::ModelFile::parse(std::as_bytes(std::span(data, size)));
    if (!model.ok()) {
        FUZZ_CHECK(!model.status().message().empty());
        return 0;
    }
    for (const auto& tensor : model->file->tensors()) {
        if (tensor.data.empty()) continue;
        const auto* first = reinterpret_cast<const std::uint8_t*>(tensor.data.data());
        FUZZ_CHECK(first >= data && first + tensor.data.size() <= data + size);
    }
    model->chat_template.render(*model->tokenizer, {{moescope::Role::kUser, "Hello"}}, true);
    return 0;
}
