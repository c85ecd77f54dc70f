// One folding for what is searched and what is asked: every letter that stands in a text is found as it stands, in the
// other case, composed or taken apart, and shown where it stands. Phrases, accents, and the index of older files.

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "storage/database.h"
#include "storage/folding.h"
#include "storage/schema.h"
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

/// A history of one chat, whose messages are the given texts.
struct Shelf {
    TemporaryDir dir;
    std::unique_ptr<History> history = must(History::open(dir.path()));
    std::int64_t chat = must(history->createConversation({}));

    explicit Shelf(const std::vector<std::string>& texts = {}) {
        for (const auto& text : texts) add(text);
    }
    std::int64_t add(const std::string& text) { return must(history->addMessage(question(chat, text))); }
    std::vector<SearchHit> hits(std::string_view query) { return must(history->search(query, 100, {}, 60'000)).hits; }
    /// What the first hit marks; "-" if there is none.
    std::string marked(std::string_view query) {
        const auto found = hits(query);
        if (found.empty()) return "-";
        std::string out;
        for (const HitRange& r : found[0].ranges) {
            out += (out.empty() ? "" : "|") + found[0].snippet.substr(r.begin, r.end - r.begin);
        }
        return out;
    }
};

std::string letter(UChar32 c) {
    char bytes[U8_MAX_LENGTH];
    int n = 0;
    U8_APPEND_UNSAFE(bytes, n, c);
    return {bytes, static_cast<std::size_t>(n)};
}

}  // namespace

TEST_CASE("a folded text is the same for all spellings of a word") {
    const auto drop = [](std::string_view text) { return folded(text, Accents::kDropped); };
    const auto keep = [](std::string_view text) { return folded(text, Accents::kKept); };
    CHECK(keep("ΚΌΣΜΟΣ") == keep("κόσμος"));
    CHECK(keep("STRASSE") == keep("Straße"));
    CHECK(keep("ＡＢＣ") == "abc");
    CHECK(keep("µ") == "μ");
    CHECK(keep("ſo ﬁn") == "so fin");
    CHECK(keep("İIıi") == "iiii");
    CHECK(keep("i\u0307stanbul") == "istanbul");
    CHECK(keep("cafe\u0301") == "café");
    CHECK(keep("soft\u00adhyphen") == "softhyphen");
    CHECK(drop("Ở Hà Nội") == "o ha noi");
    CHECK(drop("naïve Łódź Øre Đà ё й") == "naive lodz ore da е и");
    CHECK(drop("한국어 がぎ हिन्दी") == "한국어 がぎ हिन्दी");
    CHECK(drop("שָׁלוֹם كِتَاب") == "שלום كتاب");
    CHECK(drop("a\xff\xc3") == "a\uFFFD\uFFFD");
    CHECK(drop("") == "");
    const FoldedText places = foldedWithPlaces("a ß\t\n e\u0301!", Accents::kDropped);
    CHECK(places.text == "a ss e!");
    CHECK(places.begins == std::vector<std::uint32_t>{0, 1, 2, 2, 4, 7, 10});
    CHECK(places.ends == std::vector<std::uint32_t>{1, 2, 4, 4, 7, 10, 11});
    CHECK(searchTerms("Sort THIS\nnow") == "sort this\nnow\n\n");
    CHECK(searchTerms("Naïve é x") == "naive e x\n\nnaïve é\n\n");
}

TEST_CASE("many marks on one letter are folded in time") {
    std::string text = "a";
    for (int i = 0; i < 200'000; ++i) text += i % 2 ? "\u0301" : "\u0316";
    CHECK(folded(text, Accents::kDropped) == "a");
    CHECK(folded(text, Accents::kKept).size() > 100'000);
}

TEST_CASE("words are found as they stand, in capitals, small, and without their accents") {
    for (const auto& [text, queries] : std::vector<std::pair<std::string, std::vector<std::string>>>{
             {"The delay is 5 µs and 3 µm wide.", {"µs", "µm", "μs", "ΜS", "µ", "5 µs"}},
             {"Ở Hà Nội trời mưa", {"Ở", "ở", "Ở Hà", "ở h", "o ha noi", "TRỜI", "troi mua", "o"}},
             {"Ắnh nói tiếng Việt", {"ẮN", "ắn", "nói ẮN", "TIẾNG ói", "viet", "an"}},
             {"κόσμος λόγος", {"ος", "ος λόγος", "ΛΌΓΟΣ", "λόγοσ", "λογος", "ΚΟΣΜΟΣ", "ς", "σ", "Σ"}},
             {"Straße nach Ägypten",
              {"strasse", "STRASSE", "straße", "STRAẞE", "ß", "ss", "ägypten", "Ägypten", "agypten"}},
             {"Привет Я тут", {"привет", "ПРИВЕТ", "я", "Я т"}},
             {"今天天气很好", {"天气", "天", "今天天气", "好"}},
             {"İstanbul", {"istanbul", "ISTANBUL", "İSTANBUL", "ıstanbul", "İ", "st"}},
             {"ＡＢＣ fullwidth", {"ａｂ", "abc", "ABC", "ＡＢＣ", "Ａ"}},
             {"ԱԲ Armenian Այբ", {"ԱԲ", "աբ", "այբ", "ԱՅԲ"}},
             {"აბ Georgian ᲐᲑ", {"აბ", "ᲐᲑ", "აბ georgian"}},
             {"ZŸ end", {"ZŸ", "zÿ", "zy", "ZY E"}},
             {"ſo long s", {"ſo", "so", "SO", "ſ"}},
             {"K kelvin", {"k", "K", "K k"}},
             {"cafe\u0301 apart", {"café", "cafe", "CAFÉ", "cafe\u0301", "fé"}},
             {"café whole", {"cafe\u0301", "cafe", "é"}},
             {"ﬁnd ofﬁce", {"find", "office", "ﬁ", "i"}},
             {"한국어 글", {"한국", "글", "국어"}},
             {"Ἀθῆναι", {"αθηναι", "ἈΘΗ͂ΝΑΙ", "ἀθῆναι"}},
         }) {
        Shelf shelf({"first", text, "last"});
        for (const auto& query : queries) {
            INFO(text, ": ", query);
            const auto found = shelf.hits(query);
            REQUIRE(std::ranges::count(found, text, &SearchHit::snippet) == 1);
            const auto hit = std::ranges::find(found, text, &SearchHit::snippet);
            REQUIRE_FALSE(hit->ranges.empty());
            for (const HitRange& r : hit->ranges) {
                CHECK(r.begin < r.end);
                CHECK(r.end <= hit->snippet.size());
                const std::string part = folded(hit->snippet.substr(r.begin, r.end - r.begin), Accents::kDropped);
                CHECK(part.find_first_of(folded(query, Accents::kDropped)) != std::string::npos);
            }
        }
    }
}

TEST_CASE("what was found is marked in the original") {
    CHECK(Shelf({"die Straße"}).marked("strass") == "Straß");
    CHECK(Shelf({"die Straße"}).marked("s") == "S|ß");
    CHECK(Shelf({"cafe\u0301!"}).marked("cafe") == "cafe\u0301");
    CHECK(Shelf({"ΛΌΓΟΣ λόγος"}).marked("λόγος") == "ΛΌΓΟΣ|λόγος");
    CHECK(Shelf({"one two\nthree two three"}).marked("\"two three\"") == "two three|two three");
    const std::string far = std::string(3000, 'x') + " ŁÓDŹ " + std::string(3000, 'y');
    CHECK(Shelf({far}).marked("łódź") == "ŁÓDŹ");
    const std::string farther = std::string(40'000, 'x') + " ŁÓDŹ " + std::string(40'000, 'y');
    CHECK(Shelf({farther}).marked("lodz") == "ŁÓDŹ");
    CHECK(Shelf({farther}).hits("lodz")[0].snippet.size() < 300);
}

TEST_CASE("accents count where they are typed") {
    Shelf shelf({"naïve approach", "naive approach", "résumé", "resume", "резюме мой", "мои"});
    CHECK(shelf.hits("naive").size() == 2);
    CHECK(shelf.hits("naïve").size() == 1);
    CHECK(shelf.hits("NAÏVE").size() == 1);
    CHECK(shelf.hits("resume").size() == 2);
    CHECK(shelf.hits("résumé").size() == 1);
    CHECK(shelf.hits("resumé").empty());
    CHECK(shelf.hits("ï").size() == 1);
    CHECK(shelf.hits("мои").size() == 2);
    CHECK(shelf.hits("мой").size() == 1);
    CHECK(shelf.hits("approach ï").size() == 1);
}

TEST_CASE("what is in quotation marks is one phrase") {
    Shelf shelf({"He said \"exact phrase here\" once", "phrase here is not exact", "an exact\n  phrase", "5\" disk",
                 "\"alone"});
    CHECK(shelf.hits("\"exact phrase\"").size() == 2);
    CHECK(shelf.hits("“EXACT phrase”").size() == 2);
    CHECK(shelf.hits("exact phrase").size() == 3);
    CHECK(shelf.hits("\"phrase here\" exact").size() == 2);
    CHECK(shelf.hits("\"here is\"").size() == 1);
    CHECK(shelf.hits("\"is no\"").size() == 1);
    CHECK(shelf.hits("\"exact here\"").empty());
    // A mark without its partner, or with nothing in between, is looked for as it is.
    CHECK(shelf.hits("5\"").size() == 1);
    CHECK(shelf.hits("\"alone").size() == 1);
    CHECK(shelf.hits("\"").size() == 3);
    CHECK(shelf.hits("\"\"").empty());
    CHECK(shelf.hits("\u3000exact\u3000phrase\u3000").size() == 3);
}

TEST_CASE("titles are folded as texts are") {
    Shelf shelf;
    must(shelf.history->setTitle(shelf.chat, "Ä Éa TÎTRE Яб Ở H", false));
    for (const char* query :
         {"éa", "яб", "ở h", "ea", "titre", "Titre", "tître", "o h", "ЯБ", "ä", "a", "\"ea titre\""}) {
        INFO(query);
        const auto found = shelf.hits(query);
        REQUIRE(found.size() == 1);
        CHECK_FALSE(found[0].message);
        CHECK_FALSE(found[0].ranges.empty());
    }
    CHECK(shelf.hits("títre").empty());
    must(shelf.history->setTitle(shelf.chat, "Ωmega", false));
    CHECK(shelf.hits("titre").empty());
    CHECK(shelf.hits("ωmega").size() == 1);
    must(shelf.history->checkIntegrity());
}

TEST_CASE("every letter that has cases or forms is found by itself and by its other forms") {
    Shelf shelf;
    std::vector<std::pair<UChar32, std::int64_t>> letters;
    for (UChar32 c = 0x80; c < 0x20000; ++c) {
        if (u_isalpha(c) &&
            (u_hasBinaryProperty(c, UCHAR_CHANGES_WHEN_NFKC_CASEFOLDED) || u_islower(c) || u_isupper(c)) &&
            (c < 0x1d400 || c > 0x1d7ff) && c % 3 == 0) {
            letters.emplace_back(c, shelf.add("text " + letter(c) + letter(c) + "x end"));
        }
    }
    REQUIRE(letters.size() > 500);
    const auto found = [&](const std::string& query, std::int64_t message) {
        const auto result = must(shelf.history->search(query, 10'000, {}, 60'000));
        return std::ranges::any_of(result.hits, [&](const SearchHit& hit) { return hit.message == message; });
    };
    for (const auto& [c, message] : letters) {
        const std::string one = letter(c);
        INFO(one, " U+", static_cast<int>(c));
        for (const std::string& form : {one, letter(u_tolower(c)), letter(u_toupper(c))}) {
            if (folded(form, Accents::kKept) != folded(one, Accents::kKept)) continue;
            CHECK(found(form + form, message));
            CHECK(found(form + form + "X", message));
        }
    }
}

TEST_CASE("the index of an older file is made anew, all of it or what differs") {
    for (const int others : {0, 20}) {
        const TemporaryDir dir;
        const std::string path = dir.path() + "/history.sqlite";
        {
            const auto db = openConnection(path);
            migrate(*db, 1);
            db->exec("INSERT INTO conversations (id, title, created_ms, updated_ms) VALUES (1, 'Ωmega TÎTRE', 1, 1)");
            SQLite::Statement add(*db,
                                  "INSERT INTO messages (conversation, author, text, created_ms) VALUES (1, 0, ?, 1)");
            std::vector<std::string> texts = {"κόσμος ΛΌΓΟΣ", "naïve", "plain old\nASCII", "今天天气",
                                              std::string("nul \0 É", 8)};
            for (int i = 0; i < others; ++i) texts.push_back("filler " + std::to_string(i));
            for (const auto& text : texts) {
                add.bind(1, text);
                add.exec();
                add.reset();
            }
        }
        const auto history = must(History::open(dir.path()));
        CHECK(history->report().migrated_from == 1);
        for (const char* query :
             {"λόγος", "ος", "λογος", "naive", "naïve", "PLAIN", "old ascii", "天气", "titre", "ωμεγα tit", "ωmega"}) {
            INFO(query, " ", others);
            CHECK(must(history->search(query, 10)).hits.size() == (std::string_view(query) == "ωμεγα tit" ? 0 : 1));
        }
        // The index agrees with the texts in every term, and goes on to do so.
        const auto check = [&] {
            const auto db = openConnection(path);
            for (const char* index : {"message_search", "title_search"}) {
                db->exec(std::string("INSERT INTO ") + index + " (" + index + ", rank) VALUES ('integrity-check', 1)");
            }
        };
        check();
        must(history->addMessage(question(1, "ÜBER neu")));
        must(history->setTitle(1, "Ünder", false));
        CHECK(must(history->search("uber", 10)).hits.size() == 1);
        CHECK(must(history->search("ünder", 10)).hits.size() == 1);
        check();
        must(history->moveToTrash(1));
        must(history->purge(1));
        check();
    }
}
