// What a user has said and read stays: conversations, branches, answers, trash, folders, settings. If these fail,
// something of a conversation is lost or shown wrong.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <stop_token>

#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;

namespace {

std::unique_ptr<History> openIn(const TemporaryDir& dir) {
    auto history = History::open(dir.path());
    REQUIRE_MESSAGE(history.ok(), history.status().message());
    return std::move(*history);
}

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}
void must(const Status& status) {
    REQUIRE_MESSAGE(status.ok(), status.message());
}

std::vector<std::string> texts(const std::vector<Message>& messages) {
    std::vector<std::string> out;
    for (const auto& m : messages) out.push_back(m.text);
    return out;
}

}  // namespace

TEST_CASE("a conversation comes back as it was, also in another start") {
    const TemporaryDir dir;
    std::int64_t id = 0;
    {
        const auto history = openIn(dir);
        CHECK(history->report().created);
        Conversation c;
        c.title = "Routers";
        c.system_prompt = "Be brief.";
        c.settings = R"({"temperature":0.5})";
        c.draft = "half a thou";
        id = must(history->createConversation(c));
        const auto asked = must(history->addMessage(question(id, "What is a router?")));
        auto writer = must(history->beginAnswer(answerTo(id, asked), sampleShape()));
        appendSample(*writer, "It ", 0);
        appendSample(*writer, "chooses 😀", 1);
        must(writer->finish(FinishReason::kEndOfText, {12, 0.25, 80.5}));
    }
    const auto history = openIn(dir);
    CHECK_FALSE(history->report().created);
    CHECK(history->report().sentence().empty());
    const Conversation c = must(history->conversation(id));
    CHECK(c.title == "Routers");
    CHECK(c.system_prompt == "Be brief.");
    CHECK(c.settings == R"({"temperature":0.5})");
    CHECK(c.draft == "half a thou");
    CHECK(c.message_count == 2);
    const auto messages = must(history->messages(id));
    REQUIRE(messages.size() == 2);
    CHECK(c.leaf == messages[1].id);
    CHECK(messages[1].parent == messages[0].id);
    CHECK(messages[1].text == "It chooses 😀");
    CHECK(messages[1].finish == FinishReason::kEndOfText);
    CHECK(messages[1].prompt_tokens == 12);
    CHECK(messages[1].answer_tokens == 2);
    CHECK(messages[1].tokens_per_second == 80.5);
    const auto tokens = must(history->tokens(messages[1].id));
    CHECK(tokens == std::vector<MessageToken>{{100, 0, 3, 10}, {101, 3, 15, 11}});
    const auto routing = must(history->routing(messages[1].id));
    REQUIRE(routing);
    REQUIRE(routing->size() == 2);
    CHECK(routing->token(1).position == 11);
    const auto expected = sampleLayers(1);
    for (std::size_t l = 0; l < 3; ++l) {
        const LayerRouting r = routing->at(1, static_cast<int>(l));
        CHECK(r.experts == expected[l].experts);
        CHECK(r.gates == expected[l].gates);
        CHECK(r.probabilities == expected[l].probabilities);
        CHECK(r.runners_up == expected[l].runners_up);
        CHECK(r.routed_norm == expected[l].routed_norm);
    }
}

TEST_CASE("a question, the chat that it begins and its draft change in one step") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    must(history->settings().set("draft", "What is a router?"));
    Conversation begun;
    begun.title = "Routers";
    begun.system_prompt = "Be brief.";
    begun.draft = "What is a router?";
    const Asked first = must(history->ask(begun, question(0, "What is a router?"), {false, "draft"}));
    CHECK(must(history->settings().get("draft", "none")) == "none");
    Conversation stored = must(history->conversation(first.conversation));
    CHECK(stored.title == "Routers");
    CHECK(stored.system_prompt == "Be brief.");
    CHECK(stored.draft.empty());
    CHECK(stored.leaf == first.message);
    CHECK(stored.message_count == 1);

    must(history->setDraft(stored.id, "And an expert?"));
    const Asked second = must(history->ask(stored, question(0, "And an expert?", first.message)));
    CHECK(second.conversation == stored.id);
    stored = must(history->conversation(stored.id));
    CHECK(stored.draft.empty());
    CHECK(stored.leaf == second.message);
    CHECK(must(history->message(second.message)).parent == first.message);
    must(history->setDraft(stored.id, "not sent"));
    must(history->ask(stored, question(0, "And an expert, in short?", first.message), {true, {}}));
    CHECK(must(history->conversation(stored.id)).draft == "not sent");

    // Of answers beside each other the chat shows one, however they begin.
    auto shown = must(history->beginAnswer(answerTo(stored.id, second.message), sampleShape()));
    auto beside = must(history->beginAnswer(answerTo(stored.id, second.message), sampleShape(), false));
    CHECK(must(history->conversation(stored.id)).leaf == shown->message());
    CHECK(must(history->message(beside->message())).parent == second.message);
    must(shown->finish(FinishReason::kEndOfText, {}));
    must(beside->finish(FinishReason::kEndOfText, {}));
    CHECK(must(history->conversation(stored.id)).leaf == shown->message());

    // What cannot be stored takes nothing away: not the draft, and no empty chat stays.
    must(history->settings().set("draft", "kept"));
    CHECK_FALSE(history->ask(begun, question(0, "x", 999), {false, "draft"}).ok());
    CHECK(must(history->settings().get("draft", "none")) == "kept");
    CHECK(must(history->conversations({})).size() == 1);
    must(history->purge(stored.id));
    CHECK(history->ask(stored, question(0, "too late")).status().code() == StatusCode::kNotFound);
    CHECK(must(history->conversations({})).empty());

    Conversation untitled;
    untitled.id = must(history->createConversation({}));
    untitled.title = "Late title";
    must(history->ask(untitled, question(0, "x")));
    CHECK(must(history->conversation(untitled.id)).title == "Late title");
}

TEST_CASE("an answer is readable while it is written, and is indexed when it ends") {
    const TemporaryDir dir;
    const auto history = openIn(dir), reader = openIn(dir);
    const auto id = must(history->createConversation({}));
    const auto asked = must(history->addMessage(question(id, "Question")));
    auto writer = must(history->beginAnswer(answerTo(id, asked), sampleShape()));
    const auto start = AnswerWriter::Clock::now();
    for (int i = 0; i < 400; ++i) appendSample(*writer, "piece ", i);  // several chunks of routing
    must(writer->commitIfDue(start));
    CHECK(texts(must(reader->messages(id)))[1].empty());  // not due yet
    must(writer->commitIfDue(start + std::chrono::seconds(1)));
    CHECK(must(reader->messages(id))[1].text.size() == 2400);
    CHECK(must(reader->tokens(writer->message())).size() == 400);
    CHECK(must(reader->routing(writer->message()))->size() == 400);
    appendSample(*writer, "zebra", 400);
    must(writer->commit());
    CHECK(must(reader->search("zebra", 10)).hits.empty());
    must(writer->finish(FinishReason::kStopped, {}));
    CHECK(must(reader->search("zebra", 10)).hits.size() == 1);
    CHECK(must(reader->routing(writer->message()))->size() == 401);
    CHECK(must(reader->message(writer->message())).text.size() == 2405);
}

TEST_CASE("an answer of a program that ended is kept and marked; one that is being written is left alone") {
    const TemporaryDir dir;
    auto history = openIn(dir);
    const auto id = must(history->createConversation({}));
    const auto asked = must(history->addMessage(question(id, "Question")));
    auto writer = must(history->beginAnswer(answerTo(id, asked), sampleShape()));
    appendSample(*writer, "so far", 0);
    must(writer->commit());
    CHECK(openIn(dir)->report().interrupted_answers == 0);  // ours lives
    writer.reset();
    history.reset();
    const auto later = openIn(dir);
    CHECK(later->report().interrupted_answers == 1);
    CHECK_FALSE(later->report().sentence().empty());
    const Message m = must(later->messages(id))[1];
    CHECK(m.text == "so far");
    CHECK(m.finish == FinishReason::kInterrupted);
    CHECK(must(later->tokens(m.id)).size() == 1);
    CHECK(must(later->search("so far", 5)).hits.size() == 1);

    auto again = must(later->continueAnswer(m.id, sampleShape()));
    appendSample(*again, " and on", 1);
    must(again->finish(FinishReason::kEndOfText, {}));
    CHECK(must(later->message(m.id)).text == "so far and on");
    CHECK(must(later->tokens(m.id)).size() == 2);
    CHECK(must(later->routing(m.id))->size() == 2);
}

TEST_CASE("edits and regenerations are siblings; deleting shows the next branch, and undo brings all back") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    const auto id = must(history->createConversation({}));
    const auto q = must(history->addMessage(question(id, "q")));
    const auto a1 = must(history->addMessage(answerTo(id, q, "a1")));
    const auto follow = must(history->addMessage(question(id, "follow", a1)));
    const auto a2 = must(history->addMessage(answerTo(id, q, "a2")));
    CHECK(must(history->conversation(id)).leaf == a2);
    must(history->setLeaf(id, follow));
    must(history->deleteMessage(a1));
    CHECK(must(history->conversation(id)).leaf == a2);
    CHECK(must(history->conversation(id)).message_count == 2);
    CHECK(texts(must(history->messages(id))) == std::vector<std::string>{"q", "a2"});
    CHECK(must(history->search("follow", 5)).hits.empty());
    must(history->undeleteMessage(a1));
    CHECK(must(history->conversation(id)).leaf == follow);
    CHECK(must(history->messages(id)).size() == 4);
    must(history->deleteMessage(q));
    CHECK_FALSE(must(history->conversation(id)).leaf);
    CHECK(must(history->messages(id)).empty());
    must(history->undeleteMessage(q));
    CHECK(must(history->messages(id)).size() == 4);
    CHECK_FALSE(history->deleteMessage(9999).ok());
}

TEST_CASE("lists: pinned first, newest change first, folders, trash") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 5; ++i) {
        Conversation c;
        c.title = "chat " + std::to_string(i);
        c.updated_ms = 1000 + i;
        ids.push_back(must(history->createConversation(c)));
    }
    must(history->setPinned(ids[1], true));
    const auto work = must(history->createFolder("Work"));
    must(history->setFolder(ids[2], work));
    must(history->moveToTrash(ids[3]));
    std::vector<std::int64_t> listed;
    for (const auto& c : must(history->conversations({}))) listed.push_back(c.id);
    CHECK(listed == std::vector<std::int64_t>{ids[1], ids[4], ids[2], ids[0]});
    ConversationFilter in_work;
    in_work.folder = work;
    CHECK(must(history->conversations(in_work)).size() == 1);
    ConversationFilter trash;
    trash.trash = true;
    REQUIRE(must(history->conversations(trash)).size() == 1);
    CHECK(must(history->search("chat 3", 10)).hits.empty());
    must(history->restore(ids[3]));
    CHECK(must(history->conversations(trash)).empty());
    must(history->deleteFolder(work));
    CHECK_FALSE(must(history->conversation(ids[2])).folder);
    must(history->moveToTrash(ids[0]));
    must(history->purgeTrash(nowMs() + 1000));
    CHECK_FALSE(history->conversation(ids[0]).ok());
    must(history->checkIntegrity());
}

TEST_CASE("search finds words, parts of words, Chinese and quotes, in titles and texts") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    Conversation c;
    c.title = "Sorting in C++";
    const auto id = must(history->createConversation(c));
    const auto q = must(history->addMessage(question(id, "What does std::stable_sort(\"x\") cost? 100% sure")));
    must(history->addMessage(answerTo(id, q, "混合专家模型是什么？It is a mixture of experts.")));
    const auto found = [&](std::string_view query) { return must(history->search(query, 10)).hits; };
    CHECK(found("stable_sort").size() == 1);
    CHECK(found("STABLE").size() == 1);
    CHECK(found("able_so").size() == 1);
    CHECK(found("混合专家").size() == 1);
    CHECK(found("专家").size() == 1);  // two characters: without the index
    CHECK(found("C+").size() == 1);
    CHECK(found("100%").size() == 1);
    CHECK(found("\"x\")").size() == 1);
    CHECK(found("mixture experts").size() == 1);
    CHECK(found("mixture is").size() == 1);
    CHECK(found("mixture zz").empty());
    CHECK(found("AND OR NOT (").empty());
    CHECK(found("   ").empty());
    CHECK(found("_").size() == 1);
    const auto title = found("sorting");
    REQUIRE(title.size() == 1);
    CHECK_FALSE(title[0].message);
    const auto hit = found("mixture");
    REQUIRE(hit.size() == 1);
    REQUIRE(hit[0].ranges.size() == 1);
    CHECK(hit[0].snippet.substr(hit[0].ranges[0].begin, 7) == "mixture");
    const auto brief = found("专家");
    REQUIRE(brief[0].ranges.size() == 1);
    CHECK(brief[0].snippet.substr(brief[0].ranges[0].begin, 6) == "专家");
    CHECK(must(history->search("s", 1)).complete == false);
}

TEST_CASE("settings") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    CHECK(must(history->settings().get("theme", "system")) == "system");
    must(history->settings().set("theme", "dark"));
    CHECK(must(history->settings().get("theme", "system")) == "dark");
}

TEST_CASE("what is exported whole is imported whole") {
    const TemporaryDir dir, other;
    const auto history = openIn(dir);
    Conversation c;
    c.title = "Export";
    c.folder = must(history->createFolder("Work"));
    const auto id = must(history->createConversation(c));
    const auto q = must(history->addMessage(question(id, "quoted \"text\"")));
    for (int i = 0; i < 2; ++i) {
        auto writer = must(history->beginAnswer(answerTo(id, q), sampleShape()));
        for (int t = 0; t < 300; ++t) appendSample(*writer, "word ", t);
        must(writer->finish(FinishReason::kLength, {3, 0.5, 9}));
    }
    const auto content = must(history->content(id));
    const auto target = openIn(other);
    const auto new_id = must(target->import(content));
    const auto copy = must(target->content(new_id));
    CHECK(copy.folder_name == "Work");
    CHECK(copy.conversation.title == "Export");
    REQUIRE(copy.messages.size() == 3);
    CHECK(copy.messages[0].message.text == "quoted \"text\"");
    CHECK(copy.messages[2].tokens == content.messages[2].tokens);
    REQUIRE(copy.messages[2].routing);
    CHECK(copy.messages[2].routing->size() == 300);
    CHECK(copy.messages[2].routing->at(299, 2).gates == content.messages[2].routing->at(299, 2).gates);
    CHECK(copy.conversation.leaf == copy.messages[2].message.id);
}

TEST_CASE("backups: one a day, five kept, each a whole history") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    const auto id = must(history->createConversation({}));
    must(history->addMessage(question(id, "kept")));
    std::filesystem::create_directories(dir.path() + "/backups");
    for (int i = 1; i <= 6; ++i) {
        std::ofstream(dir.path() + "/backups/history-2020-01-0" + std::to_string(i) + ".sqlite") << "old";
    }
    const std::string path = must(history->backUp());
    CHECK_FALSE(path.empty());
    CHECK(must(history->backUp()).empty());
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path() + "/backups")) files += entry.exists();
    CHECK(files == 5);
    const TemporaryDir restored;
    std::filesystem::copy_file(path, restored.path() + "/history.sqlite");
    CHECK(must(openIn(restored)->messages(id)).size() == 1);
}

/// A window that closes while it backs up would keep the process, and the next start would find it taken.
TEST_CASE("a backup that is stopped ends, leaves nothing, and is made the next time") {
    const TemporaryDir dir;
    const auto history = openIn(dir);
    const auto id = must(history->createConversation({}));
    must(history->addMessage(question(id, "kept")));
    std::stop_source stop;
    stop.request_stop();
    CHECK(history->backUp(stop.get_token()).status().code() == StatusCode::kStopped);
    for (const auto& entry : std::filesystem::directory_iterator(dir.path() + "/backups"))
        CHECK_MESSAGE(entry.path().empty(), entry.path().string());
    CHECK_FALSE(must(history->backUp()).empty());
}
