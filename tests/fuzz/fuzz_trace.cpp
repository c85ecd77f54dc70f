// Bytes of any kind, read as each trace format, are a log that holds together or are refused with a sentence; and what
// was read can be measured and written.

#include <algorithm>

#include "engine/routing/metrics.h"
#include "engine/routing/trace/formats.h"
#include "tests/fuzz/check.h"

namespace {

using namespace moescope;

void check(const Trace& trace) {
    const RoutingLog& log = trace.log;
    const RoutingShape& shape = log.shape();
    FUZZ_CHECK(shape.moe_layers >= 0 && shape.moe_layers <= kMaxTraceLayers);
    FUZZ_CHECK(shape.experts >= 0 && shape.experts <= kMaxTraceExperts);
    std::vector<bool> seen(static_cast<std::size_t>(shape.experts));
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < shape.moe_layers; ++l) {
            const LayerRouting r = log.at(t, l);
            FUZZ_CHECK(r.count >= 0 && r.count <= kMaxActiveExperts);
            std::fill(seen.begin(), seen.end(), false);
            for (const std::int32_t e : log.experts(t, l)) {
                FUZZ_CHECK(e >= 0 && e < shape.experts && !seen[static_cast<std::size_t>(e)]);
                seen[static_cast<std::size_t>(e)] = true;
            }
            for (const std::int32_t e : r.runners_up) FUZZ_CHECK(e >= -1 && e < shape.experts);
        }
    }
    if (shape.moe_layers == 0) return;
    for (const double share : load(expertCounts(log, 0, allTokens(log)))) FUZZ_CHECK(share >= 0 && share <= 1);
    repetition(log, 0, allTokens(log));
    std::size_t written = 0;
    const TraceSink out = [&](std::string_view bytes) { written += bytes.size(); };
    writeRouteTrace(log, {}, out);
    writeJsonlTrace(log, {}, out);
    writeNpyTrace(log, out);
    FUZZ_CHECK(written > 0);
    (void)writeEsftLayer(log, 0, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace moescope;
    // The first byte chooses a format and options; beyond the formats, the content does.
    if (size == 0) return 0;
    TraceReadOptions options;
    const std::size_t which = data[0] % 16;
    if (which < traceFormats().size()) options.format = traceFormats()[which].format;
    if (data[0] & 16) options.experts_used = 2;
    if (data[0] & 32) options.layers = 3;
    if (data[0] & 64) options.first_layer = 1;
    if (data[0] & 128) options.experts = 8;
    const auto trace = parseTrace(std::as_bytes(std::span(data + 1, size - 1)), options);
    if (trace.ok()) {
        check(*trace);
    } else {
        FUZZ_CHECK(!trace.status().message().empty() && trace.status().message().find('\n') == std::string::npos);
    }
    return 0;
}
