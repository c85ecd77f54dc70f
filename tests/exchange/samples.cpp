#include "tests/exchange/samples.h"

#include <limits>

namespace moescope {
namespace {

constexpr std::int64_t kStart = 1767225600000;  // 2026-01-01 00:00 UTC
constexpr std::int64_t kMinute = 60000;

}  // namespace

ConversationContent emptySample(const std::string& title) {
    ConversationContent content;
    content.conversation.id = 42;
    content.conversation.title = title;
    content.conversation.created_ms = kStart;
    content.conversation.updated_ms = kStart + kMinute;
    return content;
}

std::int64_t addMessage(ConversationContent& content, std::int64_t parent, Author author, const std::string& text) {
    MessageContent message;
    message.message.id = 101 + std::ssize(content.messages);
    message.message.conversation = content.conversation.id;
    if (parent > 0) message.message.parent = parent;
    message.message.author = author;
    message.message.text = text;
    message.message.created_ms = kStart + kMinute * std::ssize(content.messages);
    if (author == Author::kAssistant) message.message.finish = FinishReason::kEndOfText;
    content.messages.push_back(std::move(message));
    return content.messages.back().message.id;
}

ConversationContent textSample() {
    ConversationContent content = emptySample("Vectors, <b>bold</b> & *stars*");
    content.conversation.system_prompt = "Answer in **one** sentence.";
    std::int64_t last = addMessage(content, 0, Author::kUser,
                                   "Why does this not compile?\n\n#include <vector>\nstd::vector<int> v;\n"
                                   "if (a < b && b > c) puts(\"<b>not bold</b>\");");
    last = addMessage(content, last, Author::kAssistant,
                      "Because `std::vector<int>` needs a header; in a sentence std::vector<int> and <b>tags</b> stay "
                      "as they are, &lt; too:\n\n"
                      "```cpp\n#include <vector>\n\nint main() {\n    std::vector<int> v = {1, 2};\n"
                      "    return v[0] < v[1] && v.size() > 1;\n}\n```\n\n"
                      "<div onclick=\"alert(1)\">\n**not a block** of HTML\n</div>\n\n"
                      "<!-- nor an open comment\n\n"
                      "1. first\n2. second\n   - nested\n   - [x] done\n\n> quoted\n");
    last = addMessage(content, last, Author::kUser, "A table, please. 用中文也可以。");
    last = addMessage(content, last, Author::kAssistant,
                      "| Name | 数量 | Share |\n|:-----|:----:|------:|\n| `a|b` | 一 | 1.5 % |\n"
                      "| **x** < y | 二十 | 98.5 % |\n\n混合专家模型是什么？它把每个词元交给少数专家。");
    last = addMessage(content, last, Author::kUser,
                      "مرحبا، كيف حالك؟\nEnglish line.\nשלום עולם 👋🏽");
    last = addMessage(content, last, Author::kAssistant,
                      "أهلاً وسهلاً! `code` في جملة.\n\n- عنصر أول\n- عنصر ثانٍ\n\n"
                      "Emoji: 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 é (e + ́).");
    last = addMessage(content, last, Author::kUser, "Links?");
    addMessage(
        content, last, Author::kAssistant,
        "[good](https://example.org/?a=1&b=\"2\") [mail](mailto:a@example.org) <https://example.org/auto> "
        "https://example.org/bare [script](javascript:alert(1)) [data](data:text/html,x) "
        "[entity](java&#115;cript:alert(1)) [file](file:///etc/passwd) ![a \"picture\"](https://example.org/p.png)\n\n"
        "And an answer that was stopped:\n\n```python\nprint(\"<b>\")\n");
    content.messages.back().message.finish = FinishReason::kStopped;
    return content;
}

RoutingLog routingSample(int tokens) {
    RoutingLog log({1, 3, 8, 2, 2});
    for (int t = 0; t < tokens; ++t) {
        std::vector<LayerRouting> layers(3);
        for (int l = 0; l < 3; ++l) {
            LayerRouting& r = layers[static_cast<std::size_t>(l)];
            r.count = t == 1 && l == 2 ? 3 : 2;  // the router's rules may ask for more
            for (int k = 0; k < r.count; ++k) {
                const auto i = static_cast<std::size_t>(k);
                r.experts[i] = (t * 3 + l * 2 + k * 5) % 8;
                r.gates[i] = 1.0f / static_cast<float>(3 + t + k);
                r.probabilities[i] = 0.1f + static_cast<float>(k) * 1e-7f;
            }
            r.runners_up = {(t + 1) % 8, l == 0 ? -1 : 7};
            r.runner_up_probabilities = {1e-20f, l == 0 ? 0.0f : 0.3333333f};
            r.shared_norm = 16777216.0f;
            r.routed_norm = std::numeric_limits<float>::denorm_min();
        }
        log.onToken({1000 + t, t, t == 0 ? Phase::kPrefill : Phase::kDecode, layers});
    }
    return log;
}

ConversationContent branchSample() {
    ConversationContent content = emptySample("Branches");
    Conversation& c = content.conversation;
    c.automatic_title = false;
    c.pinned = true;
    c.folder = 7;
    content.folder_name = "Routing studies";
    c.system_prompt = "Be brief.";
    c.model_path = "/models/tiny.gguf";
    c.settings = R"({"temperature": 0.7, "top_p": 0.95, "context": {"policy": "drop"}, "stop": ["a", "b"]})";
    c.draft = "half a thou";
    const auto question = addMessage(content, 0, Author::kUser, "Name a fruit.");
    addMessage(content, question, Author::kAssistant, "Apple.");
    const auto second = addMessage(content, question, Author::kAssistant, "Pear \xE2\x80\x94 梨.");
    const auto follow = addMessage(content, second, Author::kUser, "Another?");
    const auto answer = addMessage(content, follow, Author::kAssistant, "Plum.");
    const auto edited = addMessage(content, second, Author::kUser, "A vegetable?");
    addMessage(content, edited, Author::kAssistant, "Leek.");
    const auto other = addMessage(content, 0, Author::kUser, "Name a tree.");
    addMessage(content, other, Author::kAssistant, "");
    content.messages[7].message.deleted_ms = kStart + 20 * kMinute;

    MessageContent& full = content.messages[2];
    Message& m = full.message;
    m.finish = FinishReason::kLength;
    m.model_name = "Tiny MoE";
    m.settings = R"({"rules":{"k":2},"seed":18446744073709551615,"temperature":0.7})";
    m.prompt_tokens = 3;
    m.answer_tokens = 3;
    m.first_token_seconds = 0.21;
    m.tokens_per_second = 84.23456789012345;
    full.tokens = {{1001, 0, 4, 1}, {1002, 4, 8, 2}, {1003, 8, 8, 3}, {1004, 8, 13, 4}};
    full.odds.resize(4);
    full.odds[0] = {5, {1001, 7, 12, 900, 3}, {0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f}, 1.9375f, 0, 0.5f};
    full.odds[2] = {2, {7, 1003}, {0.75f, 0.25f}, 0.8125f, 1, 0.25f};
    full.odds[3] = {5, {7, 12, 900, 3, 4}, {0.5f, 0.25f, 0.0625f, 0.0625f, 0.0625f}, 2.25f, 37, 0.001f};
    m.thinking_tokens_per_second = 90.5;
    full.routing = routingSample(4);
    content.messages[4].message.context_start = second;
    content.messages[6].message.finish = FinishReason::kError;
    content.messages[6].message.error = "The backend failed: *no memory*; load a smaller model.";
    content.messages[8].message.finish = FinishReason::kUnfinished;
    c.leaf = answer;
    return content;
}

}  // namespace moescope
