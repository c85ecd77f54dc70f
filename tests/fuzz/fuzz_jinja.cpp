// Whatever a template and the messages are: the interpreter ends, with a text or a sentence, and what the output says
// to come from a message stands there in that message. Parts are separated by the byte 0x1e: template, messages.

#include <algorithm>

#include "engine/text/jinja.h"
#include "tests/fuzz/check.h"

namespace {

using namespace moescope::jinja;

moescope::Result<Text> run(const Template& read, const std::vector<std::string_view>& texts) {
    std::vector<Value> messages;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        messages.push_back(Value::dict(
            {{Value::own("role"), Value::own(i % 2 == 0 ? "user" : "assistant")},
             {Value::own("content"), Value::text(Text::ofMessage(static_cast<std::int32_t>(i), texts[i]))}}));
    }
    Variables variables;
    variables["messages"] = Value::list(std::move(messages));
    variables["add_generation_prompt"] = Value::boolean(true);
    variables["bos_token"] = Value::own("<bos>");
    variables["eos_token"] = Value::own("<eos>");
    RunOptions options;
    options.limits = {100'000, 4 << 20, 400};
    return read.run(std::move(variables), options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::vector<std::string_view> parts;
    while (parts.size() < 8) {
        const std::size_t end = std::min(rest.find('\x1e'), rest.size());
        parts.push_back(rest.substr(0, end));
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    const auto read = Template::parse(parts[0]);
    if (!read.ok()) {
        FUZZ_CHECK(!read.status().message().empty() && read.status().message().size() < 1000);
        return 0;
    }
    const std::vector<std::string_view> texts(parts.begin() + 1, parts.end());
    const auto out = run(*read, texts);
    if (!out.ok()) {
        FUZZ_CHECK(!out.status().message().empty() && out.status().message().size() < 1000);
        return 0;
    }
    std::uint32_t at = 0;
    for (const Text::Piece& piece : out->pieces()) {
        FUZZ_CHECK(piece.begin >= at && piece.begin < piece.end && piece.end <= out->size());
        at = piece.end;
        if (piece.message == Text::kNoPlace) continue;
        FUZZ_CHECK(piece.message >= 0 && piece.message < static_cast<std::int32_t>(texts.size()));
        const std::string_view text = texts[static_cast<std::size_t>(piece.message)];
        const std::uint32_t length = piece.end - piece.begin;
        FUZZ_CHECK(piece.from <= text.size() && length <= text.size() - piece.from);
        const std::string_view theirs = text.substr(piece.from, length), ours = out->view().substr(piece.begin, length);
        // The same bytes, but for the case of ASCII letters.
        FUZZ_CHECK(std::ranges::equal(theirs, ours, [](char a, char b) {
            const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
            return small(a) == small(b);
        }));
    }
    return 0;
}
