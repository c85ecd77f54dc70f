// Streams of servers: the same events wherever they are cut, bounded memory, and rows that are either those of experts
// or an error.

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "app/remote/bounded_json.h"
#include "app/remote/chat_event.h"
#include "app/remote/event_reader.h"
#include "app/remote/served_rows.h"
#include "engine/routing/routing_log.h"
#include "tests/fuzz/check.h"

using namespace moescope;

namespace {

constexpr std::size_t kMostEvent = 1 << 16;

struct Read {
    std::vector<std::string> events;
    EventReader::State state = EventReader::State::kReading;
};

/// In two pieces.
Read read(std::string_view stream, std::size_t cut) {
    Read all;
    EventReader reader(kMostEvent, [&](std::string_view data) {
        FUZZ_CHECK(data.size() <= kMostEvent);
        all.events.emplace_back(data);
        return data != "[DONE]";
    });
    reader.push(stream.substr(0, cut));
    reader.push(stream.substr(cut));
    all.state = reader.finish();
    return all;
}

void checkEvent(const std::string& data) {
    const auto json = boundedJson(data);
    if (!json) return;
    const ChatEvent event = readChatEvent(*json);
    FUZZ_CHECK(event.error.size() < 4000);
    for (const std::int32_t id : event.tokens) FUZZ_CHECK(id >= 0);
    if (event.routed.is_null()) return;
    RowLayout layout;
    layout.layers = 4;
    layout.width = 3;
    layout.shape.first_moe_layer = 1;
    layout.shape.moe_layers = 3;
    layout.shape.experts = 8;
    layout.shape.experts_used = 3;
    RoutingLog log(layout.shape);
    const std::vector<std::int32_t> ids(32, 1);
    int next = 2;
    const Status status = giveRows(event.routed, layout, {ids, 26, 32, 2}, next, log);
    FUZZ_CHECK(status.ok() ? next == 32 : status.message().ends_with('.'));
    for (std::size_t t = 0; t < log.size(); ++t) {
        for (int l = 0; l < 3; ++l) {
            for (const std::int32_t e : log.experts(t, l)) FUZZ_CHECK(e < 8);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view stream(reinterpret_cast<const char*>(data), size);
    const Read whole = read(stream, size);
    for (const std::size_t cut : {std::size_t{0}, size / 3, size / 2, size - std::min<std::size_t>(size, 1)}) {
        const Read cut_off = read(stream, cut);
        FUZZ_CHECK(cut_off.state == whole.state);
        FUZZ_CHECK(cut_off.events == whole.events);
    }
    for (const std::string& event : whole.events) checkEvent(event);
    (void)layoutOf(std::string(stream), 0);
    return 0;
}
