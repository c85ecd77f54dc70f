// If these fail, a chat model gets its conversation in a form that it was not trained on.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/text/chat_template.h"
#include "tests/support/skip.h"
#include "tests/text/jinja_json.h"
#include "tests/text/vocabularies.h"

using namespace moescope;

namespace {

constexpr std::string_view kJinja =
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ 'User: ' + message['content'] + "
    "'\\n\\n' }}{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + message['content'] + eos_token }}{% elif "
    "message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}{% endif %}{% endfor %}{{ 'Assistant:' }}";

constexpr std::string_view kChatMl =
    "{% for m in messages %}{{ '<|end|>' + m.role + '\\n' + m.content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|end|>assistant\\n' }}{% endif %}";

struct Fixture {
    std::vector<std::byte> bytes = byteLevelBuilder({}, "deepseek-llm", {"<|end|>"}).build();
    std::unique_ptr<Tokenizer> tokenizer = load();

    std::unique_ptr<Tokenizer> load() const {
        auto loaded = tokenizerOf(*GgufFile::parse(bytes));
        REQUIRE(loaded.ok());
        return std::move(*loaded);
    }

    ChatTemplate choose(std::string_view jinja) const { return ChatTemplate::choose(jinja, *tokenizer); }

    /// What the tokens of one message say.
    static std::string text(const RenderedChat& chat, const std::vector<ChatMessage>& messages, int message) {
        std::string out;
        for (const auto& t : chat.tokens) {
            if (t.message == message)
                out += messages[static_cast<std::size_t>(message)].text.substr(t.begin, t.end - t.begin);
        }
        return out;
    }

    std::string shown(const RenderedChat& chat) const {
        std::string text;
        for (const auto& t : chat.tokens) text += tokenizer->name(t.id);
        return text;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "forms are told from the file's own template") {
    CHECK(choose(kJinja).form() == ChatTemplate::Form::kDeepSeekV2);
    std::string without_system(kJinja);
    without_system.replace(without_system.find("'system'"), 8, "'nobody'");
    CHECK(choose(without_system).form() == ChatTemplate::Form::kDeepSeekMoe);
    CHECK(choose("").form() == ChatTemplate::Form::kPlain);
    CHECK(choose("<|im_start|>").form() == ChatTemplate::Form::kPlain);
    CHECK(choose(kJinja).ownTemplate());
    CHECK(choose(kChatMl).ownTemplate());
    CHECK(!choose("").ownTemplate());
    CHECK(!choose("<|im_start|>").ownTemplate());
}

TEST_CASE_FIXTURE(Fixture, "a template that is not used is said, with the reason") {
    CHECK(choose(kJinja).note() == "");
    CHECK(choose(kChatMl).note() == "");
    CHECK(choose("").note().find("no chat template") != std::string::npos);
    CHECK(choose("<|im_start|>").note() ==
          "This model's chat template cannot be used: it leaves out the messages. Chats are written as "
          "\"User: ... Assistant: ...\" instead, and answers may be worse.");
    CHECK(choose("a\n{% include 'b' %}").note().find("line 2 of the chat template: the tag \"include\"") !=
          std::string::npos);
    const ChatTemplate broken = choose(std::string(kJinja) + "{% nothing %}");
    CHECK(broken.form() == ChatTemplate::Form::kDeepSeekV2);
    CHECK(broken.note().find("DeepSeek-V2 chat") != std::string::npos);
    CHECK(broken.describe().find("the tag \"nothing\" is not supported") != std::string::npos);
    CHECK(shown(broken.render(*tokenizer, {{Role::kUser, "q"}}, true)) == "<bos>User: q\n\nAssistant:");
    for (const ChatTemplate& each : {choose(kJinja), choose(kChatMl), choose(""), broken}) CHECK(each.describe() != "");
}

TEST_CASE_FIXTURE(Fixture, "a foreign template writes the conversation, control tokens too") {
    const ChatTemplate form = choose(kChatMl);
    const RenderedChat chat =
        form.render(*tokenizer, {{Role::kSystem, "s"}, {Role::kUser, "a <|end|>"}, {Role::kAssistant, "b"}}, true);
    CHECK(shown(chat) == "<|end|>system\ns<|end|>user\na <|end|><|end|>assistant\nb<|end|>assistant\n");
    // 261 is <|end|>: four that the template wrote, and none that the message did.
    CHECK(std::ranges::count(chat.tokens, 261, &RenderedChat::Token::id) == 4);
    CHECK(chat.note == "");
    CHECK(!form.blankBeforeAnswer());
    CHECK(choose(kJinja).blankBeforeAnswer());
    CHECK(choose("").blankBeforeAnswer());
}

TEST_CASE_FIXTURE(Fixture, "BOS comes first where the file asks for it, and once") {
    const std::vector<ChatMessage> messages = {{Role::kUser, "q"}};
    const auto begins = [&](std::string_view jinja, bool bos_first) {
        return ChatTemplate::choose(jinja, *tokenizer, bos_first).render(*tokenizer, messages, true).ids();
    };
    CHECK(begins(kChatMl, false)[0] != 259);
    CHECK(begins(kChatMl, true)[0] == 259);
    CHECK(begins(kJinja, true) == begins(kJinja, false));
    CHECK(std::ranges::count(begins(kJinja, true), 259) == 1);
}

TEST_CASE_FIXTURE(Fixture, "a system prompt without a place of its own goes before the first question") {
    std::string without_system(kChatMl), refusing(kChatMl);
    without_system.insert(0, "{% set messages = messages | rejectattr('role', 'equalto', 'system') | list %}");
    refusing.insert(0, "{% if messages[0].role == 'system' %}{{ raise_exception('No system!') }}{% endif %}");
    const std::vector<ChatMessage> messages = {{Role::kSystem, "rules"}, {Role::kUser, "q"}, {Role::kAssistant, "a"}};
    for (const std::string& jinja : {without_system, refusing}) {
        const ChatTemplate form = choose(jinja);
        CHECK(form.describe().find("no place for a system prompt") != std::string::npos);
        const RenderedChat chat = form.render(*tokenizer, messages, false);
        CHECK(shown(chat) == "<|end|>user\nrules\n\nq<|end|>assistant\na");
        CHECK(text(chat, messages, 0) == "rules");
        CHECK(text(chat, messages, 1) == "q");
        CHECK(chat.note == "");
    }
    // DeepSeekMoE's own: as V2's, first of all.
    std::string moe(kJinja);
    moe.replace(moe.find("'system'"), 8, "'nobody'");
    CHECK(shown(choose(moe).render(*tokenizer, {{Role::kSystem, "s"}, {Role::kUser, "u"}}, true)) ==
          "<bos>s\n\nUser: u\n\nAssistant:");
}

TEST_CASE_FIXTURE(Fixture, "a conversation that the template refuses is written in the nearest form, with a note") {
    std::string picky(kChatMl);
    picky.insert(0, "{% if messages | length > 4 %}{{ raise_exception('Too much said') }}{% endif %}");
    const ChatTemplate form = choose(picky);
    CHECK(form.note() == "");
    const std::vector<ChatMessage> messages(5, {Role::kUser, "q"});
    const RenderedChat chat = form.render(*tokenizer, messages, true);
    CHECK(chat.note.find("\"Too much said\"") != std::string::npos);
    CHECK(shown(chat).ends_with("User: q\n\nAssistant:"));
}

TEST_CASE_FIXTURE(Fixture, "thinking is left to the template, or chosen where it can be") {
    const ChatTemplate form = choose(std::string(kChatMl) +
                                     "{% if enable_thinking is defined and not enable_thinking %}"
                                     "</think>{% else %}<think>{% endif %}");
    CHECK(form.thinkingChoice());
    CHECK(!choose(kChatMl).thinkingChoice());
    const std::vector<ChatMessage> messages = {{Role::kUser, "q"}};
    CHECK(shown(form.render(*tokenizer, messages, true)).ends_with("assistant\n<think>"));
    CHECK(shown(form.render(*tokenizer, messages, true, {false})).ends_with("assistant\n</think>"));
    CHECK(shown(form.render(*tokenizer, messages, true, {true})).ends_with("assistant\n<think>"));
}

TEST_CASE("real templates write what they must, and tokens are placed in their messages" *
          doctest::test_suite("data")) {
    const std::filesystem::path folder = MOESCOPE_SHARED "/templates";
    if (!std::filesystem::exists(folder)) return skipCase(folder.string() + " is not there");
    int cases = 0;
    for (const std::string name :
         {"deepseek-v2", "deepseek-v3", "deepseek-v3.1", "gigachat3", "glm-4.7-flash", "kimi-k2"}) {
        std::ifstream source(folder / (name + ".jinja")), in(folder / (name + ".expected.json"));
        const std::string jinja{std::istreambuf_iterator<char>(source), {}};
        REQUIRE(!jinja.empty());
        // A vocabulary of bytes and of the control tokens that the templates write.
        const bool giga = name == "gigachat3";
        const auto bytes =
            byteLevelBuilder({}, "deepseek-llm",
                             {"<｜User｜>", "<｜Assistant｜>", "<|user|>", "<|assistant|>", "<|system|>", "[gMASK]",
                              "<sop>", "<|im_end|>", "<|im_user|>", "<|im_middle|>", "<|im_assistant|>",
                              "<|im_system|>", "<|role_sep|>", "<|message_sep|>"},
                             giga ? "<s>" : "<｜begin▁of▁sentence｜>", giga ? "</s>" : "<｜end▁of▁sentence｜>")
                .build();
        const auto loaded = tokenizerOf(*GgufFile::parse(bytes));
        REQUIRE(loaded.ok());
        const Tokenizer& vocabulary = **loaded;
        const ChatTemplate form = ChatTemplate::choose(jinja, vocabulary);
        INFO(name, ": ", form.describe());
        CHECK(form.ownTemplate());
        CHECK(form.note() == "");
        CHECK(form.thinkingChoice() == (name == "deepseek-v3.1" || name == "glm-4.7-flash"));
        const auto expected = nlohmann::ordered_json::parse(in);
        for (const auto& [key, c] : expected.items()) {
            INFO(key);
            std::vector<ChatMessage> messages;
            for (const auto& m : c["messages"]) {
                const std::string role = m["role"];
                messages.push_back({role == "system" ? Role::kSystem
                                    : role == "user" ? Role::kUser
                                                     : Role::kAssistant,
                                    m["content"].get<std::string>()});
            }
            ChatOptions options;
            for (const char* choice : {"thinking", "enable_thinking"}) {
                if (c.contains(choice)) options.thinking = c[choice].get<bool>();
            }
            const RenderedChat chat =
                form.render(vocabulary, messages, c["add_generation_prompt"].get<bool>(), options);
            CHECK(chat.note == "");
            std::string whole;
            std::vector<std::string> found(messages.size());
            for (const auto& t : chat.tokens) {
                whole += vocabulary.name(t.id);
                if (t.message < 0) continue;
                const auto m = static_cast<std::size_t>(t.message);
                REQUIRE(t.end <= messages[m].text.size());
                const std::string part = messages[m].text.substr(t.begin, t.end - t.begin);
                CHECK(vocabulary.bytes(t.id).find(part) != std::string_view::npos);
                CHECK(!vocabulary.isControl(t.id));
                found[m] += part;
            }
            CHECK(whole == c["text"].get<std::string>());
            for (std::size_t m = 0; m < messages.size(); ++m) {
                // All of it, but for what was thought and, in GLM's, blanks around an answer.
                std::string wanted = messages[m].text;
                const bool cuts = name.starts_with("deepseek-v3") || name == "glm-4.7-flash";
                if (const auto thought = wanted.find("</think>"); cuts && thought != std::string::npos) {
                    wanted.erase(0, thought + 8);
                    if (name == "glm-4.7-flash") wanted.erase(0, wanted.find_first_not_of('\n'));
                }
                CHECK(found[m] == wanted);
            }
            ++cases;
        }
    }
    CHECK(cases == 100);
}

TEST_CASE("the prompt of a longer conversation begins with that of the shorter one and its answer" *
          doctest::test_suite("data")) {
    const std::filesystem::path folder = MOESCOPE_SHARED "/templates";
    if (!std::filesystem::exists(folder)) return skipCase(folder.string() + " is not there");
    const auto bytes = byteLevelBuilder({}, "deepseek-llm", {"<｜User｜>", "<｜Assistant｜>", "<|im_end|>"}).build();
    const auto loaded = tokenizerOf(*GgufFile::parse(bytes));
    REQUIRE(loaded.ok());
    const Tokenizer& vocabulary = **loaded;
    for (const std::string name : {"deepseek-v2", "deepseek-v3", "deepseek-v3.1", "gigachat3", "kimi-k2"}) {
        INFO(name);
        std::ifstream source(folder / (name + ".jinja"));
        const ChatTemplate form =
            ChatTemplate::choose(std::string{std::istreambuf_iterator<char>(source), {}}, vocabulary);
        REQUIRE(form.ownTemplate());
        std::vector<ChatMessage> messages = {{Role::kSystem, "Be brief."}};
        for (int turn = 0; turn < 3; ++turn) {
            messages.push_back({Role::kUser, "hello " + std::to_string(turn)});
            auto with_answer = form.render(vocabulary, messages, true).ids();
            const std::string answer = "help me";
            for (const TokenSpan& s : vocabulary.encode((form.blankBeforeAnswer() ? " " : "") + answer)) {
                with_answer.push_back(s.id);
            }
            messages.push_back({Role::kAssistant, answer});
            messages.push_back({Role::kUser, "next"});
            const auto next = form.render(vocabulary, messages, true).ids();
            REQUIRE(next.size() > with_answer.size());
            CHECK(std::equal(with_answer.begin(), with_answer.end(), next.begin()));
            messages.pop_back();
        }
    }
}

TEST_CASE_FIXTURE(Fixture, "a conversation of several turns") {
    const std::vector<ChatMessage> messages = {
        {Role::kUser, "hello"}, {Role::kAssistant, "hi ö"}, {Role::kUser, "bye"}};
    const RenderedChat chat = choose(kJinja).render(*tokenizer, messages, true);
    CHECK(shown(chat) == "<bos>User: hello\n\nAssistant: hi ö<eos>User: bye\n\nAssistant:");
    CHECK(chat.ids() == choose("").render(*tokenizer, messages, true).ids());  // as the form that is known by heart
    const RenderedChat with_system =
        choose(kJinja).render(*tokenizer, {{Role::kSystem, "s"}, {Role::kUser, "u"}}, true);
    CHECK(shown(with_system) == "<bos>s\n\nUser: u\n\nAssistant:");
}

TEST_CASE_FIXTURE(Fixture, "tokens know their place in a message") {
    const std::vector<ChatMessage> messages = {{Role::kUser, "hello ö"}, {Role::kAssistant, "<eos>"}};
    const RenderedChat chat = choose(kJinja).render(*tokenizer, messages, false);
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
    const ChatTemplate form = choose(kJinja);
    const auto first = form.render(*tokenizer, {{Role::kUser, "q"}}, true).ids();
    auto with_answer = first;
    for (const TokenSpan& s : tokenizer->encode(" hello")) with_answer.push_back(s.id);
    with_answer.push_back(260);
    const auto second =
        form.render(*tokenizer, {{Role::kUser, "q"}, {Role::kAssistant, "hello"}, {Role::kUser, "r"}}, true).ids();
    REQUIRE(second.size() > with_answer.size());
    CHECK(std::equal(with_answer.begin(), with_answer.end(), second.begin()));
}
