// Whatever a file's template and a conversation's texts are: a message's text yields no control token, and its tokens
// point into it; in a known form they cover it. The first byte chooses the vocabulary; parts are separated by the byte
// 0x1e: template, messages.

#include <algorithm>

#include "engine/text/chat_template.h"
#include "tests/fuzz/check.h"
#include "tests/text/vocabularies.h"

namespace {

using namespace moescope;

std::unique_ptr<Tokenizer> load(const std::vector<std::byte>& bytes) {
    const auto file = GgufFile::parse(bytes);
    FUZZ_CHECK(file.ok());
    auto tokenizer = tokenizerOf(*file);
    FUZZ_CHECK(tokenizer.ok());
    return std::move(*tokenizer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::unique_ptr<Tokenizer> tokenizers[] = {load(byteLevelVocabulary()),
                                                            load(sentencePieceVocabulary())};
    if (size == 0) return 0;
    const Tokenizer& tokenizer = *tokenizers[data[0] % 2];
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::vector<std::string> parts;
    while (parts.size() < 16) {
        const std::size_t end = std::min(rest.find('\x1e'), rest.size());
        parts.emplace_back(rest.substr(0, end));
        if (end == rest.size()) break;
        rest.remove_prefix(end + 1);
    }
    const ChatTemplate chat = ChatTemplate::choose(parts[0], tokenizer);
    FUZZ_CHECK(!chat.describe().empty());
    std::vector<ChatMessage> messages;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const Role role = i == 1 && data[0] & 2 ? Role::kSystem : i % 2 == 0 ? Role::kAssistant : Role::kUser;
        messages.push_back({role, parts[i]});
    }
    const RenderedChat rendered = chat.render(tokenizer, messages, (data[0] & 4) != 0);
    const bool known = !chat.ownTemplate() || !rendered.note.empty();
    std::ptrdiff_t controls = 0;
    std::vector<std::uint32_t> covered(messages.size());
    int latest = 0;
    for (const RenderedChat::Token& token : rendered.tokens) {
        FUZZ_CHECK(token.id >= 0 && token.id < tokenizer.size());
        controls += tokenizer.isControl(token.id);
        if (token.message < 0) continue;
        FUZZ_CHECK(!tokenizer.isControl(token.id));
        FUZZ_CHECK(token.message >= 0 && token.message < static_cast<int>(messages.size()));
        const auto m = static_cast<std::size_t>(token.message);
        FUZZ_CHECK(token.begin < token.end && token.end <= messages[m].text.size());
        if (!known) continue;  // a template may leave parts out, and put messages in another order
        FUZZ_CHECK(token.message >= latest && token.begin == covered[m]);
        latest = token.message;
        covered[m] = token.end;
    }
    if (!known) return 0;
    for (std::size_t i = 0; i < messages.size(); ++i) FUZZ_CHECK(covered[i] == messages[i].text.size());
    // Only the template's own: BOS, and EOS after each answer.
    const auto answers = std::ranges::count(messages, Role::kAssistant, &ChatMessage::role);
    FUZZ_CHECK(controls == 1 + answers);
    return 0;
}
