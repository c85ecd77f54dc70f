// If these fail, a model is asked something else than what is shown, or a chat that would fit is refused.

#include "app/chat/opening_blank.h"
#include "app/chat/prompt.h"
#include "tests/chat/answering.h"

using namespace moescope;

namespace {

Prompt made(const Model& model, const AnswerRequest& request, int context = 512, std::size_t previous = 0) {
    auto result = makePrompt(model, request, context, previous);
    REQUIRE(std::holds_alternative<Prompt>(result));
    return std::get<Prompt>(result);
}

ContextOverflow tooLong(const Model& model, const AnswerRequest& request, int context) {
    auto result = makePrompt(model, request, context);
    REQUIRE(std::holds_alternative<ContextOverflow>(result));
    return std::get<ContextOverflow>(result);
}

std::vector<std::int32_t> rendered(const Model& model, const std::vector<ChatMessage>& messages) {
    return model.chatTemplate().render(model.tokenizer(), messages, true).ids();
}

}  // namespace

TEST_CASE("the blank that opens an answer is taken off once and put back") {
    CHECK(withoutOpeningBlank(" Hello") == "Hello");
    CHECK(withoutOpeningBlank("Hello") == "Hello");
    CHECK(withoutOpeningBlank("  two") == " two");
    CHECK(withoutOpeningBlank("") == "");
    CHECK(withOpeningBlank("Hello") == " Hello");
}

TEST_CASE("a prompt is the system prompt and the turns in the model's form") {
    const Model& model = *demoModel();
    AnswerRequest request =
        question("And 9?", {turn(1, Author::kUser, "What is 7 plus 8?"), turn(2, Author::kAssistant, "7 + 8 = 15")});
    request.system_prompt = "Be short.";
    const Prompt prompt = made(model, request);
    CHECK(prompt.ids == rendered(model, {{Role::kSystem, "Be short."},
                                         {Role::kUser, "What is 7 plus 8?"},
                                         {Role::kAssistant, "7 + 8 = 15"},
                                         {Role::kUser, "And 9?"}}));
    CHECK(prompt.begin.prompt_tokens == static_cast<int>(prompt.ids.size()));
    CHECK(prompt.begin.first_turn == 0);
    CHECK(prompt.begin.continued == 0);
    // Known is up to the last token of the last answer.
    const auto chat = model.chatTemplate().render(
        model.tokenizer(),
        {{Role::kSystem, "Be short."}, {Role::kUser, "What is 7 plus 8?"}, {Role::kAssistant, "7 + 8 = 15"}}, false);
    int last = 0;
    for (std::size_t i = 0; i < chat.tokens.size(); ++i) {
        if (chat.tokens[i].message == 2) last = static_cast<int>(i) + 1;
    }
    CHECK(prompt.begin.known == last);
}

TEST_CASE("a raw prompt has no form") {
    const Model& model = *demoModel();
    AnswerRequest request = question("7 + 8 =");
    request.raw = true;
    std::vector<std::int32_t> expected;
    if (model.tokenizer().addBos()) expected.push_back(*model.tokenizer().bos());
    for (const TokenSpan& span : model.tokenizer().encode("7 + 8 =")) expected.push_back(span.id);
    CHECK(made(model, request).ids == expected);
}

TEST_CASE("an answer that goes on is given back as it was generated") {
    const Model& model = *demoModel();
    AnswerRequest request = question("Hi", {});
    const auto opening = made(model, request).ids;
    request.turns.push_back(turn(2, Author::kAssistant, "Hello there"));
    request.continued = 2;
    // From its text, with the blank that the model wrote before it.
    Prompt prompt = made(model, request);
    std::vector<std::int32_t> expected = opening;
    for (const TokenSpan& span : model.tokenizer().encode(" Hello there")) expected.push_back(span.id);
    CHECK(prompt.ids == expected);
    CHECK(prompt.begin.continued == static_cast<int>(expected.size() - opening.size()));
    // From its tokens, whatever others the text would have.
    request.continued_tokens = {{5, 0, 3, 9}, {6, 3, 11, 10}};
    expected = opening;
    expected.insert(expected.end(), {5, 6});
    prompt = made(model, request);
    CHECK(prompt.ids == expected);
    CHECK(prompt.begin.continued == 2);
}

TEST_CASE("where the template has no blank before answers, none is put back") {
    const Model& model = *blanklessModel();
    REQUIRE(model.chatTemplate().ownTemplate());
    REQUIRE_FALSE(model.chatTemplate().blankBeforeAnswer());
    AnswerRequest request = question("Hi");
    std::vector<std::int32_t> expected = made(model, request).ids;
    CHECK(made(model, request).begin.note.empty());
    request.turns.push_back(turn(2, Author::kAssistant, "Hello there"));
    request.continued = 2;
    for (const TokenSpan& span : model.tokenizer().encode("Hello there")) expected.push_back(span.id);
    CHECK(made(model, request).ids == expected);
}

TEST_CASE("a conversation that the model's template refuses is written, and that is said") {
    const Model& model = *blanklessModel();
    const Prompt prompt = made(model, question("c", {turn(1, Author::kUser, "a"), turn(2, Author::kAssistant, "A"),
                                                     turn(3, Author::kUser, "b"), turn(4, Author::kAssistant, "B")}));
    CHECK(prompt.begin.note.find("\"Too much said\"") != std::string::npos);
    CHECK_FALSE(prompt.ids.empty());
}

TEST_CASE("what does not fit is said with its numbers") {
    const Model& model = *demoModel();
    AnswerRequest request = question("word " + std::string(200, 'a'));
    request.settings.max_tokens = 16;
    const int tokens = made(model, request).begin.prompt_tokens;
    // To the token: the prompt and its reserve.
    CHECK(made(model, request, tokens + 16).begin.prompt_tokens == tokens);
    const ContextOverflow overflow = tooLong(model, request, tokens + 15);
    CHECK(overflow.exact);
    CHECK(overflow.tokens == tokens);
    CHECK(overflow.reserve == 16);
    CHECK(overflow.room() == tokens - 1);
    CHECK(overflow.question_alone);
    request.reserve = 0;
    CHECK(made(model, request, tokens).begin.prompt_tokens == tokens);
    request.settings.context_policy = ContextPolicy::kStop;
    CHECK_FALSE(tooLong(model, request, tokens - 1).question_alone);
    // Megabytes are not encoded only to learn that they do not fit.
    request.turns.back().text = std::string(64 << 20, 'a');
    const ContextOverflow huge = tooLong(model, request, 512);
    CHECK_FALSE(huge.exact);
    CHECK(huge.tokens > 512);
    CHECK(huge.sentence().find("at least") != std::string::npos);
}

TEST_CASE("the end of a question that fits is cut between characters") {
    const Model& model = *demoModel();
    std::string text;
    for (int i = 0; i < 400; ++i) text += "ж日🦊 ";
    CHECK_FALSE(questionOverflow(model, "Hello", "", 512, 64));
    const auto overflow = questionOverflow(model, text, "", 512, 64);
    REQUIRE(overflow);
    CHECK(overflow->tokens == static_cast<int>(model.tokenizer().encode(text).size()));
    CHECK(overflow->room() == roomForQuestion(model, "", 512, 64));
    const std::string part = lastPartThatFits(model, text, "", 512, 64);
    CHECK_FALSE(part.empty());
    CHECK(text.ends_with(part));
    CHECK_FALSE(questionOverflow(model, part, "", 512, 64));
    CHECK((static_cast<unsigned char>(part[0]) & 0xC0) != 0x80);
}

TEST_CASE("a model thinks or not as it was told, and the tag that the prompt writes is the answer's") {
    const Model& model = *thinkingModel();
    REQUIRE(model.chatTemplate().ownTemplate());
    REQUIRE(model.chatTemplate().thinkingChoice());
    CHECK(model.chatTemplate().thinksByItself());
    CHECK_FALSE(demoModel()->chatTemplate().thinkingChoice());
    AnswerRequest request = question("Hi");
    const Prompt by_itself = made(model, request);
    CHECK(by_itself.begin.opening == "<think>");
    request.settings.thinking = true;
    CHECK(made(model, request).ids == by_itself.ids);
    request.settings.thinking = false;
    const Prompt at_once = made(model, request);
    CHECK(at_once.begin.opening.empty());
    CHECK(at_once.ids.size() < by_itself.ids.size());
    // Where it goes on from its text, the tag stands once.
    request.settings.thinking = true;
    request.turns.push_back(turn(2, Author::kAssistant, "<think>So"));
    request.continued = 2;
    const Prompt on = made(model, request);
    std::vector<std::int32_t> expected = by_itself.ids;
    for (const TokenSpan& span : model.tokenizer().encode("So")) expected.push_back(span.id);
    CHECK(on.ids == expected);
    // Of an answer before, only what it said.
    AnswerRequest next =
        question("And?", {turn(1, Author::kUser, "Hi"), turn(2, Author::kAssistant, "<think>Secret</think>Hello")});
    std::string text;
    for (const std::int32_t id : made(model, next).ids) text += model.tokenizer().bytes(id);
    CHECK(text.find("Secret") == std::string::npos);
    CHECK(text.find("Hello") != std::string::npos);
}
