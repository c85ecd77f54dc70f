// If these fail, a chat model gets its conversation in a form that it was not trained on.

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/text/chat_template.h"
#include "tests/text/vocabularies.h"

using namespace moescope;

namespace {

constexpr std::string_view kJinja =
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ 'User: ' + message['content'] + "
    "'\\n\\n' }}{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + eos_token }}{% elif "
    "message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}{% endif %}{% endfor %}{{ 'Assistant:' }}";

struct Fixture {
    std::vector<std::byte> bytes = byteLevelVocabulary();
    std::unique_ptr<Tokenizer> tokenizer = load();

    std::unique_ptr<Tokenizer> load() const {
        auto loaded = tokenizerOf(*GgufFile::parse(bytes));
        REQUIRE(loaded.ok());
        return std::move(*loaded);
    }

    std::string shown(const RenderedChat& chat) const {
        std::string text;
        for (const auto& t : chat.tokens) text += tokenizer->name(t.id);
        return text;
    }
};

}  // namespace

TEST_CASE("forms are told from the file's own template") {
    CHECK(ChatTemplate::choose(kJinja).form() == ChatTemplate::Form::kDeepSeekV2);
    std::string without_system(kJinja);
    without_system.replace(without_system.find("'system'"), 8, "'nobody'");
    CHECK(ChatTemplate::choose(without_system).form() == ChatTemplate::Form::kDeepSeekMoe);
    CHECK(ChatTemplate::choose("").form() == ChatTemplate::Form::kPlain);
    CHECK(ChatTemplate::choose("<|im_start|>").form() == ChatTemplate::Form::kPlain);
}

TEST_CASE("a form that the model was not trained on is said") {
    CHECK(ChatTemplate::choose(kJinja).note() == "");
    const std::string foreign(ChatTemplate::choose("<|im_start|>").note());
    const std::string none(ChatTemplate::choose("").note());
    CHECK(foreign.find("does not know") != std::string::npos);
    CHECK(none.find("no chat template") != std::string::npos);
    CHECK(ChatTemplate::choose("<|im_start|>").describe() != ChatTemplate::choose("").describe());
}

TEST_CASE_FIXTURE(Fixture, "a conversation of several turns") {
    const std::vector<ChatMessage> messages = {
        {Role::kUser, "hello"}, {Role::kAssistant, "hi ö"}, {Role::kUser, "bye"}};
    const RenderedChat chat = ChatTemplate::choose(kJinja).render(*tokenizer, messages, true);
    CHECK(shown(chat) == "<bos>User: hello\n\nAssistant: hi ö<eos>User: bye\n\nAssistant:");
    const RenderedChat with_system =
        ChatTemplate::choose(kJinja).render(*tokenizer, {{Role::kSystem, "s"}, {Role::kUser, "u"}}, true);
    CHECK(shown(with_system) == "<bos>s\n\nUser: u\n\nAssistant:");
}

TEST_CASE_FIXTURE(Fixture, "tokens know their place in a message") {
    const std::vector<ChatMessage> messages = {{Role::kUser, "hello ö"}, {Role::kAssistant, "<eos>"}};
    const RenderedChat chat = ChatTemplate::choose(kJinja).render(*tokenizer, messages, false);
    std::vector<std::string> found(messages.size());
    for (const auto& t : chat.tokens) {
        if (t.message < 0) continue;
        const auto m = static_cast<std::size_t>(t.message);
        REQUIRE(t.begin == found[m].size());
        found[m] += messages[m].text.substr(t.begin, t.end - t.begin);
    }
    CHECK(found[0] == messages[0].text);
    CHECK(found[1] == messages[1].text);
    // The message's own "<eos>" is text; only the template's is the control token.
    CHECK(std::count_if(chat.tokens.begin(), chat.tokens.end(), [](const auto& t) { return t.id == 260; }) == 1);
}

TEST_CASE_FIXTURE(Fixture, "an answer's tokens stay the same when the conversation goes on") {
    const ChatTemplate form = ChatTemplate::choose(kJinja);
    const auto first = form.render(*tokenizer, {{Role::kUser, "q"}}, true).ids();
    auto with_answer = first;
    for (const TokenSpan& s : tokenizer->encode(" hello")) with_answer.push_back(s.id);
    with_answer.push_back(260);
    const auto second =
        form.render(*tokenizer, {{Role::kUser, "q"}, {Role::kAssistant, "hello"}, {Role::kUser, "r"}}, true).ids();
    REQUIRE(second.size() > with_answer.size());
    CHECK(std::equal(with_answer.begin(), with_answer.end(), second.begin()));
}
