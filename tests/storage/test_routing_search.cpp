// What an expert took is found, in answers of this program and of earlier ones, and damaged bytes harm nothing. If
// these fail, the inspector shows routing that never was, or searches miss tokens.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cmath>
#include <random>

#include "tests/storage/first_version.h"
#include "tests/storage/samples.h"
#include "tests/storage/temporary_dir.h"

using namespace moescope;

namespace {

template <class T>
T must(Result<T> result) {
    REQUIRE_MESSAGE(result.ok(), result.status().message());
    return std::move(*result);
}
void must(const Status& status) {
    REQUIRE_MESSAGE(status.ok(), status.message());
}

/// Records with every number of experts, ids of the whole range, gates that are and are not the probabilities, NaN.
RoutingLog randomLog(const RoutingShape& shape, std::size_t tokens, unsigned seed, bool on_card = false) {
    std::mt19937 random(seed);
    const auto real = [&](float less = 0) {
        return halfToFloat(floatToHalf(static_cast<float>(random() % 1000) / 999.0f - less));
    };
    RoutingLog log(shape);
    std::vector<LayerRouting> layers(static_cast<std::size_t>(shape.moe_layers));
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t l = 0; l < layers.size(); ++l) {
            LayerRouting& r = layers[l];
            r = {};
            r.count = static_cast<int>(random() % (kMaxActiveExperts + 1));
            for (std::size_t i = 0; i < static_cast<std::size_t>(r.count); ++i) {
                r.experts[i] = static_cast<std::int32_t>(random() % static_cast<unsigned>(shape.experts));
                r.gates[i] = real();
                r.probabilities[i] = l % 2 ? r.gates[i] : real();
                r.selections[i] = real(1);
            }
            r.runners_up = {static_cast<std::int32_t>(random() % static_cast<unsigned>(shape.experts)), -1};
            r.runner_up_probabilities = {real(), 0};
            r.runner_up_selections = {real(1), 0};
            r.shared_norm = real();
            r.routed_norm = real();
            if (on_card) r.on_card = static_cast<std::uint16_t>(random() & ((1u << r.count) - 1));
        }
        log.onToken({static_cast<std::int32_t>(random()), static_cast<std::int32_t>(t),
                     random() % 2 ? Phase::kDecode : Phase::kPrefill, layers});
    }
    return log;
}

template <class Chunk>
void addAll(Chunk& chunk, const RoutingLog& log) {
    for (std::size_t t = 0; t < log.size(); ++t) {
        chunk.add({log.token(t).token, log.token(t).position, log.token(t).phase, log.layers(t)});
    }
}

/// Version 2, or 3 where there are selection scores.
std::string thisVersion(const RoutingLog& log) {
    RoutingChunk chunk(log.shape());
    addAll(chunk, log);
    return chunk.blob();
}

std::string firstVersion(const RoutingLog& log) {
    FirstVersionChunk chunk(log.shape());
    addAll(chunk, log);
    return chunk.take();
}

void checkSame(const RoutingLog& a, const RoutingLog& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t t = 0; t < a.size(); ++t) {
        CHECK(a.token(t).token == b.token(t).token);
        CHECK(a.token(t).position == b.token(t).position);
        CHECK(a.token(t).phase == b.token(t).phase);
        for (int l = 0; l < a.shape().moe_layers; ++l) {
            const LayerRouting x = a.at(t, l), y = b.at(t, l);
            CHECK(x.count == y.count);
            CHECK(x.experts == y.experts);
            CHECK(x.gates == y.gates);
            CHECK(x.probabilities == y.probabilities);
            CHECK(x.selections == y.selections);
            CHECK(x.runner_up_selections == y.runner_up_selections);
            CHECK(x.runners_up == y.runners_up);
            CHECK(x.runner_up_probabilities == y.runner_up_probabilities);
            CHECK(x.shared_norm == y.shared_norm);
            CHECK(x.routed_norm == y.routed_norm);
            CHECK(x.on_card == y.on_card);
        }
    }
}

class Bytes : public ChunkReader::Source {
public:
    explicit Bytes(std::string bytes) : m_bytes(std::move(bytes)) {}
    std::size_t size() const override { return m_bytes.size(); }
    bool read(std::size_t offset, std::size_t size, char* out) override {
        if (offset > m_bytes.size() || size > m_bytes.size() - offset) return false;
        std::copy_n(m_bytes.data() + offset, size, out);
        return true;
    }

private:
    std::string m_bytes;
};

const RoutingShape kShapes[] = {{1, 3, 64, 6, 2}, {0, 2, 255, 8, 0}, {2, 1, 256, 4, 1}, {1, 2, 1000, 16, 2}};

std::int64_t ask(History& history, std::string title = "Routers") {
    Conversation c;
    c.title = std::move(title);
    const std::int64_t id = must(history.createConversation(c));
    must(history.addMessage(question(id, "What is a router?")));
    return id;
}

/// An answer of some words whose tokens are those of sampleLayers(0), (1)...; two tokens of the prompt before it.
std::int64_t answer(History& history, std::int64_t conversation, const std::vector<std::string>& words,
                    const std::string& model = "demo") {
    Message m = answerTo(conversation, must(history.messages(conversation)).back().id);
    m.model_name = model;
    auto writer = must(history.beginAnswer(m, sampleShape()));
    for (int i = 0; i < 2; ++i) writer->appendRouting({7, i, Phase::kPrefill, sampleLayers(i)});
    for (std::size_t i = 0; i < words.size(); ++i) appendSample(*writer, words[i], static_cast<int>(i));
    must(writer->finish(FinishReason::kEndOfText, {}));
    return writer->message();
}

void execute(const TemporaryDir& dir, const char* sql, const std::string& blob = {}) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((dir.path() + "/history.sqlite").c_str(), &db) == SQLITE_OK);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK);
    if (!blob.empty()) sqlite3_bind_blob(statement, 1, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
    REQUIRE(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/// sampleLayers(seed) chooses in layer l (from 1) at rank r (from 0) the expert (7 seed + 11 (l - 1) + 10 r) % 64 with
/// the gate 0.5 / 2^r.
RoutingQuery sampleQuery(int expert, float above = -1) {
    RoutingQuery query;
    query.layer = 1;
    query.expert = expert;
    query.gate_above = above;
    return query;
}

}  // namespace

TEST_CASE("chunks of earlier versions and this one give the records back") {
    for (const RoutingShape& shape : kShapes) {
        for (const std::size_t tokens : {0, 1, 2, 37}) {
            const RoutingLog log = randomLog(shape, tokens, 1);
            for (const std::string& blob : {thisVersion(log), firstVersion(log)}) {
                std::optional<RoutingLog> read;
                must(decodeRoutingChunk(blob, read));
                REQUIRE(read);
                checkSame(log, *read);
            }
        }
    }
}

TEST_CASE("which experts ran on a GPU is kept, and takes nothing where none did") {
    for (const RoutingShape& shape : kShapes) {
        const RoutingLog log = randomLog(shape, 37, 5, true);
        REQUIRE(log.hasPlaces());
        const std::string blob = thisVersion(log);
        std::optional<RoutingLog> read;
        must(decodeRoutingChunk(blob, read));
        checkSame(log, *read);
        const std::string without = thisVersion(randomLog(shape, 37, 5));
        CHECK((static_cast<unsigned char>(blob[16]) & 64u) != 0);
        CHECK((static_cast<unsigned char>(without[16]) & 64u) == 0);
    }
    // An answer that began beside the card and went on on it.
    RoutingLog log(sampleShape());
    for (int t = 0; t < 3; ++t) {
        auto layers = sampleLayers(t);
        if (t > 0) layers[1].on_card = 0b101;
        log.onToken({t, t, Phase::kDecode, layers});
    }
    std::optional<RoutingLog> read;
    must(decodeRoutingChunk(thisVersion(log), read));
    CHECK(read->at(0, 1).on_card == 0);
    CHECK(read->at(2, 1).on_card == 0b101);
    // A place without an expert is damage.
    auto layers = sampleLayers(0);
    layers[0].on_card = static_cast<std::uint16_t>(1u << layers[0].count);
    RoutingChunk chunk(sampleShape());
    chunk.add({0, 0, Phase::kDecode, layers});
    read.reset();
    CHECK_FALSE(decodeRoutingChunk(chunk.blob(), read).ok());
}

TEST_CASE("selection scores are kept where choices went by them, and only there is a chunk of version 3") {
    for (RoutingShape shape : kShapes) {
        CHECK(thisVersion(randomLog(shape, 37, 6))[0] == 2);
        shape.has_selections = true;
        for (const bool on_card : {false, true}) {
            const RoutingLog log = randomLog(shape, 37, 6, on_card);
            CHECK(log.at(3, 0).selections != log.at(3, 0).probabilities);
            const std::string blob = thisVersion(log);
            CHECK(blob[0] == 3);
            std::optional<RoutingLog> read;
            must(decodeRoutingChunk(blob, read));
            CHECK(read->shape() == shape);
            checkSame(log, *read);
            // A search looks at gates, which lie where they lay.
            Bytes bytes(blob);
            const auto found = must(ChunkReader::find(bytes, shape.first_moe_layer, 1, 16, -1));
            std::size_t expected = 0;
            for (std::size_t t = 0; t < log.size(); ++t) {
                for (const std::int32_t e : log.experts(t, 0)) expected += e == 1;
            }
            CHECK(found.size() == expected);
        }
    }
}

TEST_CASE("groups of experts are kept, and only there is a chunk of version 4") {
    for (const bool selections : {false, true}) {
        RoutingShape shape = kShapes[0];
        shape.has_selections = selections;
        const RoutingLog without = randomLog(shape, 21, 8);
        shape.groups = 8;
        shape.groups_used = 3;
        const RoutingLog log = randomLog(shape, 21, 9);
        const std::string blob = thisVersion(log);
        CHECK(blob[0] == 4);
        std::optional<RoutingLog> read;
        must(decodeRoutingChunk(blob, read));
        CHECK(read->shape() == shape);
        checkSame(log, *read);
        Bytes bytes(blob);
        const auto found = must(ChunkReader::find(bytes, shape.first_moe_layer, 1, 16, -1));
        std::size_t expected = 0;
        for (std::size_t t = 0; t < log.size(); ++t) {
            for (const std::int32_t e : log.experts(t, 0)) expected += e == 1;
        }
        CHECK(found.size() == expected);
        // An answer that an earlier program began, and this one goes on with.
        std::optional<RoutingLog> begun;
        must(decodeRoutingChunk(thisVersion(without), begun));
        must(decodeRoutingChunk(blob, begun));
        CHECK(begun->size() == 42);
        // Another model, or damage.
        shape.groups = 4;
        std::optional<RoutingLog> other(std::in_place, shape);
        CHECK_FALSE(decodeRoutingChunk(blob, other).ok());
        for (const auto& [groups, used] : {std::pair{0, 1}, {1, 2}, {3, 1}, {8, 9}, {8, 0}, {128, 1}}) {
            std::string damaged = blob;
            damaged[17] = static_cast<char>(groups);
            damaged[18] = 0;
            damaged[19] = static_cast<char>(used);
            CAPTURE(groups);
            std::optional<RoutingLog> nothing;
            CHECK_FALSE(decodeRoutingChunk(damaged, nothing).ok());
        }
    }
}

TEST_CASE("what the records do not say is kept") {
    RoutingShape shape = kShapes[0];
    shape.has_gates = shape.has_norms = shape.has_phases = false;
    RoutingLog log(shape);
    log.onToken({5, 0, Phase::kPrefill, sampleLayers(1)});
    std::optional<RoutingLog> read;
    must(decodeRoutingChunk(thisVersion(log), read));
    CHECK(read->shape() == shape);
    checkSame(log, *read);
    std::optional<RoutingLog> says_more(std::in_place, kShapes[0]);
    CHECK_FALSE(decodeRoutingChunk(thisVersion(log), says_more).ok());
}

TEST_CASE("a search of a chunk finds what a search of its records finds") {
    for (const RoutingShape& shape : kShapes) {
        const RoutingLog log = randomLog(shape, 60, 2);
        for (const std::string& blob : {thisVersion(log), firstVersion(log)}) {
            Bytes bytes(blob);
            std::size_t found = 0;
            for (int layer = 0; layer < shape.first_moe_layer + shape.moe_layers + 2; ++layer) {
                for (int expert = 0; expert<shape.experts; expert += shape.experts> 64 ? 7 : 1) {
                    for (const auto& [ranks, above] : {std::pair{16, -1.0f}, {16, 0.5f}, {1, -1.0f}, {3, 0.25f}}) {
                        const auto matches = must(ChunkReader::find(bytes, layer, expert, ranks, above));
                        std::size_t next = 0;
                        const int index = layer - shape.first_moe_layer;
                        for (std::uint32_t t = 0; t < log.size() && index >= 0 && index < shape.moe_layers; ++t) {
                            const LayerRouting r = log.at(t, index);
                            std::vector<ChunkReader::Match> of_token;  // ids may repeat in these records
                            for (int i = 0; i < std::min(r.count, ranks); ++i) {
                                const auto slot = static_cast<std::size_t>(i);
                                if (r.experts[slot] == expert && r.gates[slot] > above) ++found;
                                if (r.experts[slot] == expert && r.gates[slot] > above) {
                                    of_token.push_back({t, i, r.gates[slot]});
                                }
                            }
                            for (std::size_t k = 0; k < of_token.size(); ++k, ++next) {
                                REQUIRE(next < matches.size());
                                CHECK(matches[next].token == t);
                                const auto same = std::find_if(of_token.begin(), of_token.end(), [&](const auto& m) {
                                    return m.rank == matches[next].rank && m.gate == matches[next].gate;
                                });
                                CHECK(same != of_token.end());
                            }
                        }
                        CHECK(next == matches.size());
                    }
                }
            }
            CHECK(found > 100);
            const auto tokens = must(ChunkReader::tokens(bytes));
            REQUIRE(tokens.size() == log.size());
            CHECK(tokens[59].position == 59);
        }
    }
}

TEST_CASE("damaged chunks are refused, whatever the bytes") {
    std::mt19937 random(3);
    const RoutingLog log = randomLog(kShapes[0], 12, 3);
    int refused = 0;
    RoutingShape with_selections = kShapes[0];
    with_selections.has_selections = true;
    RoutingShape with_groups = with_selections;
    with_groups.groups = 16;
    with_groups.groups_used = 4;
    for (const std::string& sound :
         {thisVersion(log), firstVersion(log), thisVersion(randomLog(kShapes[0], 12, 3, true)),
          thisVersion(randomLog(with_selections, 12, 3, true)), thisVersion(randomLog(with_groups, 12, 3, true))}) {
        const auto tryAll = [&](const std::string& bytes) {
            std::optional<RoutingLog> read;
            const Status status = decodeRoutingChunk(bytes, read);
            refused += !status.ok();
            if (!status.ok()) CHECK(status.message().find("damaged") != std::string::npos);
            Bytes source(bytes);
            (void)ChunkReader::find(source, 2, 40, 16, -1);
            (void)ChunkReader::tokens(source);
        };
        for (std::size_t size = 0; size < sound.size(); size += 3) tryAll(sound.substr(0, size));
        for (int i = 0; i < 3000; ++i) {
            std::string bytes = sound;
            for (auto n = random() % 3; n < 3; ++n) {
                bytes[random() % (i % 2 ? bytes.size() : 60)] = static_cast<char>(random());
            }
            tryAll(bytes);
        }
    }
    CHECK(refused > 2000);
    std::optional<RoutingLog> other(std::in_place, kShapes[1]);
    CHECK_FALSE(decodeRoutingChunk(thisVersion(log), other).ok());  // of another model
}

TEST_CASE("the tokens of an expert are found with their texts") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const std::int64_t first = ask(*history, "First");
    const std::int64_t older = answer(*history, first, {"It ", "chooses", " für", " jedes\n", "Wort."});
    const std::int64_t second = ask(*history, "Second");
    const std::int64_t newer = answer(*history, second, {"Seven"}, "other");

    // Expert 7: the best of token 1 (of seed 1), the last of token 3, and none of "Seven" (seed 0: 0, 10, ... 50).
    auto found = must(history->routingSearch(sampleQuery(7, 0.4f), 10));
    REQUIRE(found.hits.size() == 1);
    CHECK(found.total == 1);
    CHECK(found.complete);
    const RoutingHit& hit = found.hits[0];
    CHECK(hit.conversation == first);
    CHECK(hit.message == older);
    CHECK(hit.title == "First");
    CHECK(hit.model == "demo");
    CHECK(hit.token == 101);
    CHECK(hit.position == 11);
    CHECK(hit.written);
    CHECK(hit.gate == 0.5f);
    CHECK(hit.rank == 1);
    CHECK(hit.index == 1);
    CHECK(hit.snippet == "It chooses für jedes Wort.");
    CHECK(hit.snippet.substr(hit.begin, hit.end - hit.begin) == "chooses");

    // Expert 10 is the second of token 0 in both answers; the newest answer comes first.
    found = must(history->routingSearch(sampleQuery(10), 10));
    REQUIRE(found.hits.size() == 2);
    CHECK(found.hits[0].message == newer);
    CHECK(found.hits[1].message == older);
    CHECK(found.hits[0].rank == 2);
    // Above is above; ranks and models narrow; prompts add what was read (seeds 0 and 1).
    CHECK(must(history->routingSearch(sampleQuery(10, 0.25f), 10)).total == 0);
    CHECK(must(history->routingSearch(sampleQuery(10, 0.2f), 10)).total == 2);
    RoutingQuery query = sampleQuery(10);
    query.ranks = 1;
    CHECK(must(history->routingSearch(query, 10)).total == 0);
    query.ranks = 2;
    CHECK(must(history->routingSearch(query, 10)).total == 2);
    query.model = "other";
    CHECK(must(history->routingSearch(query, 10)).total == 1);
    query.prompts = true;
    found = must(history->routingSearch(query, 10));
    REQUIRE(found.hits.size() == 2);
    CHECK_FALSE(found.hits[0].written);
    CHECK_FALSE(found.hits[0].index);
    CHECK(found.hits[0].token == 7);
    // The limit cuts the list, not the count; layers and experts that a model lacks have nothing.
    found = must(history->routingSearch(sampleQuery(10), 1));
    CHECK(found.hits.size() == 1);
    CHECK(found.total == 2);
    for (const int layer : {-1, 0, 4, 1 << 30}) {
        query.layer = layer;
        CHECK(must(history->routingSearch(query, 10)).total == 0);
    }
    CHECK(must(history->routingSearch(sampleQuery(64), 10)).total == 0);
    CHECK(must(history->routingSearch(sampleQuery(-1), 10)).total == 0);

    // What is deleted is not found.
    must(history->deleteMessage(newer));
    CHECK(must(history->routingSearch(sampleQuery(10), 10)).total == 1);
    must(history->moveToTrash(first));
    CHECK(must(history->routingSearch(sampleQuery(10), 10)).total == 0);
}

TEST_CASE("long answers are found in all their chunks, and while they are written") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const std::int64_t conversation = ask(*history);
    auto writer = must(history->beginAnswer(answerTo(conversation, 1), sampleShape()));
    constexpr int kTokens = 3000;  // some chunks
    int expected = 0;
    for (int i = 0; i < kTokens; ++i) {
        appendSample(*writer, std::to_string(i) + " ", i);
        for (int r = 0; r < 6; ++r) expected += (7 * i + 10 * r) % 64 == 40;
    }
    must(writer->commit());
    const auto other = must(History::open(dir.path()));
    const auto found = must(other->routingSearch(sampleQuery(40), kTokens));
    CHECK(found.total == expected);
    REQUIRE(static_cast<int>(found.hits.size()) == expected);
    for (std::size_t i = 0; i < found.hits.size(); ++i) {
        const RoutingHit& hit = found.hits[i];
        REQUIRE(hit.index);
        CHECK(hit.snippet.substr(hit.begin, hit.end - hit.begin) == std::to_string(*hit.index) + " ");
        if (i > 0) CHECK(found.hits[i - 1].position <= hit.position);
    }
    int chunks = 0;
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((dir.path() + "/history.sqlite").c_str(), &db) == SQLITE_OK);
    sqlite3_exec(
        db, "SELECT count(*) FROM routing_chunks",
        [](void* n, int, char** values, char**) { return *static_cast<int*>(n) = std::atoi(values[0]), 0; }, &chunks,
        nullptr);
    sqlite3_close(db);
    CHECK(chunks > 2);
}

TEST_CASE("many answers are searched in parts, and come in one order") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    constexpr int kConversations = 3, kAnswers = 300;
    int expected = 0;
    for (int c = 0; c < kConversations; ++c) {
        ConversationContent content;
        content.conversation.title = std::to_string(c);
        for (int a = 0; a < kAnswers; ++a) {
            MessageContent m;
            m.message.id = a + 1;
            if (a > 0) m.message.parent = a;
            m.message.author = Author::kAssistant;
            m.message.text = std::to_string(a);
            m.tokens = {{5, 0, static_cast<std::uint32_t>(m.message.text.size()), 0}};
            m.routing.emplace(sampleShape());
            m.routing->onToken({5, 0, Phase::kDecode, sampleLayers(c + a)});
            content.messages.push_back(std::move(m));
            for (int r = 0; r < 6; ++r) expected += (7 * (c + a) + 10 * r) % 64 == 40;
        }
        must(history->import(content));
    }
    const auto found = must(history->routingSearch(sampleQuery(40), 10'000));
    CHECK(found.total == expected);
    REQUIRE(static_cast<int>(found.hits.size()) == expected);
    for (std::size_t i = 1; i < found.hits.size(); ++i) CHECK(found.hits[i - 1].message > found.hits[i].message);
    CHECK(found.hits.front().title == "2");
    CHECK(found.hits.back().title == "0");
    CHECK(found.hits.back().snippet.substr(0, found.hits.back().end) == found.hits.back().snippet);
    const auto some = must(history->routingSearch(sampleQuery(40), expected - 10));
    CHECK(static_cast<int>(some.hits.size()) == expected - 10);
    CHECK(some.total == expected);
    CHECK(some.hits.back().message == found.hits[found.hits.size() - 11].message);
    CHECK(must(history->routingSearch(sampleQuery(40), 0)).hits.empty());
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(must(history->routingSearch(sampleQuery(40), 10, stop.get_token())).complete);
}

TEST_CASE("routing of earlier programs is found, and damaged pieces are counted") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    const std::int64_t conversation = ask(*history);
    const std::int64_t old = answer(*history, conversation, {"It ", "chooses"});
    FirstVersionChunk chunk(sampleShape());
    for (int i = 0; i < 2; ++i) chunk.add({100 + i, 10 + i, Phase::kDecode, sampleLayers(i)});
    execute(dir, "UPDATE routing_chunks SET data = ?", chunk.take());
    auto found = must(history->routingSearch(sampleQuery(7), 10));
    REQUIRE(found.hits.size() == 1);
    CHECK(found.hits[0].snippet == "It chooses");
    CHECK(must(history->routing(old))->size() == 2);
    answer(*history, conversation, {"It ", "chooses"});
    execute(dir, "UPDATE routing_chunks SET data = ? WHERE message = 2", "no chunk");
    found = must(history->routingSearch(sampleQuery(7), 10));
    CHECK(found.hits.size() == 1);
    CHECK(found.unreadable == 1);
}

TEST_CASE("a search that is stopped says so") {
    const TemporaryDir dir;
    const auto history = must(History::open(dir.path()));
    answer(*history, ask(*history), {"It ", "chooses"});
    std::stop_source stop;
    stop.request_stop();
    const auto found = must(history->routingSearch(sampleQuery(7), 10, stop.get_token()));
    CHECK_FALSE(found.complete);
    CHECK(found.total == 0);
    CHECK(must(history->routingSearch(sampleQuery(7), 10)).complete);
}
