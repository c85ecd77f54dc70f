// A routing chunk of any bytes is read or refused with a sentence; what is read can be written and read again, and a
// search finds what its records say. The first byte chooses what the others are: 0 a chunk, 1 what version 1 packs,
// else the head of version 2 and then sections before they are packed, each after its length in two bytes.

#include <algorithm>

#include "storage/blob.h"
#include "storage/routing_codec.h"
#include "tests/fuzz/check.h"

using namespace moescope;

namespace {

class Bytes : public ChunkReader::Source {
public:
    explicit Bytes(std::string_view bytes) : m_bytes(bytes) {}
    std::size_t size() const override { return m_bytes.size(); }
    bool read(std::size_t offset, std::size_t size, char* out) override {
        if (offset > m_bytes.size() || size > m_bytes.size() - offset) return false;
        std::copy_n(m_bytes.data() + offset, size, out);
        return true;
    }

private:
    std::string_view m_bytes;
};

std::string chunkOf(std::string_view input) {
    if (input.empty()) return {};
    const auto kind = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    if (kind == 0) return std::string(input);
    if (kind == 1) return compress(input);
    constexpr std::size_t kHead = 17;
    std::string chunk(input.substr(0, kHead)), sections;
    input.remove_prefix(std::min(input.size(), kHead));
    ByteWriter ends;
    while (input.size() >= 2) {
        const auto size =
            static_cast<std::size_t>(static_cast<unsigned char>(input[0]) | static_cast<unsigned char>(input[1]) << 8);
        input.remove_prefix(2);
        sections += compress(input.substr(0, size));
        input.remove_prefix(std::min(input.size(), size));
        ends.number(static_cast<std::uint32_t>(sections.size()));
    }
    return chunk + ends.take() + sections;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string blob = chunkOf({reinterpret_cast<const char*>(data), size});
    Bytes source(blob);
    const auto matches = ChunkReader::find(source, 2, 7, kMaxActiveExperts, -1);
    const auto tokens = ChunkReader::tokens(source);
    std::optional<RoutingLog> log;
    const Status status = decodeRoutingChunk(blob, log);
    if (!status.ok()) {
        FUZZ_CHECK(!status.message().empty());
        return 0;
    }
    FUZZ_CHECK(matches.ok() && tokens.ok() && log && tokens->size() == log->size());
    const RoutingShape& shape = log->shape();
    std::size_t expected = 0;
    RoutingChunk chunk(shape);
    for (std::size_t t = 0; t < log->size(); ++t) {
        const std::vector<LayerRouting> layers = log->layers(t);
        chunk.add({log->token(t).token, log->token(t).position, log->token(t).phase, layers});
        const int index = 2 - shape.first_moe_layer;
        if (index < 0 || index >= shape.moe_layers) continue;
        const LayerRouting& r = layers[static_cast<std::size_t>(index)];
        for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
            expected += r.experts[i] == 7 && r.gates[i] > -1;
        }
    }
    FUZZ_CHECK(matches->size() == expected);
    std::optional<RoutingLog> again;
    FUZZ_CHECK(decodeRoutingChunk(chunk.blob(), again).ok());
    FUZZ_CHECK(again->size() == log->size());
    return 0;
}
