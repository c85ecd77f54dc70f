// A safetensors file of any bytes is read or refused with a sentence, and its tensors lie within it.

#include "engine/format/safetensors.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = moescope::SafetensorsFile::parse(std::as_bytes(std::span(data, size)));
    if (!file.ok()) {
        FUZZ_CHECK(!file.status().message().empty());
        return 0;
    }
    for (const auto& [name, tensor] : file->tensors()) {
        if (tensor.data.empty()) continue;
        const auto* first = reinterpret_cast<const std::uint8_t*>(tensor.data.data());
        FUZZ_CHECK(first >= data && first + tensor.data.size() <= data + size);
    }
    return 0;
}
