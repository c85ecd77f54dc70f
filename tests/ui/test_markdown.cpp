// If these fail, a streamed answer looks different from the same answer read again, or the pointer finds the wrong
// token under a word.

#include <QTest>
#include <chrono>
#include <random>

#include "tests/support/timing.h"
#include "ui/markdown/document.h"
#include "ui/markdown/highlight.h"
#include "ui/markdown/utf8.h"

using namespace moescope;

namespace {

const std::vector<std::string>& texts() {
    static const std::vector<std::string> kTexts = {
        "# Title\n\nA paragraph\nof two lines.\n\n- one\n- two\n\n  more\n\n1. a\n   ```py\n   x = 1\n   ```\n2. "
        "b\n\nend\n",
        "价格是5~10元，**注意：**请看https://example.org/b，详见\n\nThen *so*.\n",
        "Inline \\(a_1^2 + b\\) and $x_i * y$.\n\n\\[\na\n- b\n= c\n\\]\n\n$$\na \\\\ b\n$$\n\nCosts $5 and $6.\n",
        "Here:\n| a | b |\n|---|---|\n| `x \\| y` | 2 |\n\n> quote\n> | c | d |\n> |-|-|\n> | 1 | 2 |\n\nafter\n",
        "```\nfence\n\n| a |\n|-|\n$$\n```\n\n$$\n```\nx\n```\n\ntext $$ x\n",
        "[a][b] and [c](https://x.org \"t\")\n\n[b]: https://y.org\n\nmore [b]\n",
        "مرحبا `code()`\n\n- שלום\n\n&Eacute; &amp; &nope; a\\*b\n\n\tcode\n\nend",
        "a\r\nb\r\n\r\n- c\r\n- d\r\n\r\ne \\\nf  \ng\n",
        "> > \\begin{aligned}\n> > a &= b \\\\\n> >   c &= d\n> > \\end{aligned}\n\n---\n\nx\n===\n\ny\n",
        "- [ ] open\n- [x] done\n\n![pic](u.png) <https://a.org> www.a.org a@b.org\n\n***all*** ~~s~~ ~t~\n",
    };
    return kTexts;
}

std::string describe(const Block& block) {
    std::string text = std::to_string(static_cast<int>(block.kind)) + " [" + block.inlines.text.toStdString() + "]";
    for (const Inlines& cell : block.cells) text += " |" + cell.text.toStdString();
    return text + " " + std::to_string(block.begin) + "-" + std::to_string(block.end);
}

/// The positions of inlines: they ascend, stay in the text, and verbatim ones decode to what is shown.
bool rangesHold(const Inlines& inlines, std::string_view source) {
    int unit = 0;
    std::uint32_t byte = 0;
    for (const Run& run : inlines.runs) {
        if (run.from != unit || run.length <= 0 || run.begin < byte || run.end < run.begin || run.end > source.size())
            return false;
        if (run.verbatim && run.begin < run.end &&
            fromUtf8(source.substr(run.begin, run.end - run.begin)) != inlines.text.mid(run.from, run.length)) {
            return false;
        }
        unit += run.length;
        byte = run.end;
    }
    return unit == inlines.text.size();
}

std::string randomText(std::mt19937* random) {
    static const std::vector<std::string> kParts = {"a",          "b ",
                                                    "\n",         "\n\n",
                                                    "\n\n",       "- ",
                                                    "1. ",        "> ",
                                                    "# ",         "*",
                                                    "**",         "_",
                                                    "`",          "```",
                                                    "```\n",      "~~",
                                                    "~",          "$",
                                                    "$$",         "\\(",
                                                    "\\)",        "\\[",
                                                    "\\]",        "|",
                                                    "|-|-|\n",    "\n|a|b|\n|---|---|\n",
                                                    "    ",       "  ",
                                                    "\t",         "\\",
                                                    "中",         "：",
                                                    "“",          "(",
                                                    ")",          "[x]",
                                                    "[x]: /u\n",  "]",
                                                    "[",          "http://a.b",
                                                    "www.a.b",    "a@b.c",
                                                    "&amp;",      "&#60;",
                                                    "<",          ">",
                                                    "!",          "\r\n",
                                                    "---\n",      "===\n",
                                                    "\\begin{x}", "\\end{x}",
                                                    "\xf0\x9f",   "😀",
                                                    "ש",          "\xff"};
    std::string text;
    for (auto n = (*random)() % 40; n > 0; --n) text += kParts[(*random)() % kParts.size()];
    return text;
}

}  // namespace

class TestMarkdown : public QObject {
    Q_OBJECT

    /// Feeds a text in steps and compares with parsing it anew.
    static void compare(const std::string& text, std::size_t step) {
        MarkdownDocument grows;
        for (std::size_t size = 0;; size = std::min(text.size(), size + step)) {
            const std::string_view beginning = std::string_view(text).substr(0, size);
            const std::vector<Block> before = grows.blocks();
            const MarkdownDocument::Change change = grows.update(beginning);
            const std::vector<Block> whole = parseMarkdown(beginning);
            for (std::size_t i = 0; i < std::max(whole.size(), grows.blocks().size()); ++i) {
                const bool same = i < whole.size() && i < grows.blocks().size() && whole[i] == grows.blocks()[i];
                if (same) continue;
                QFAIL(qPrintable(QStringLiteral("At byte %1 of \"%2\", block %3:\n%4\n%5")
                                     .arg(size)
                                     .arg(QString::fromStdString(text))
                                     .arg(i)
                                     .arg(QString::fromStdString(i < whole.size() ? describe(whole[i]) : "none"),
                                          QString::fromStdString(i < grows.blocks().size() ? describe(grows.blocks()[i])
                                                                                           : "none"))));
            }
            QVERIFY(change.block <= before.size());
            for (std::size_t i = 0; i < change.block; ++i) QVERIFY(before[i] == grows.blocks()[i]);
            if (change.units > 0) {
                QCOMPARE(before[change.block].inlines.text.left(change.units),
                         grows.blocks()[change.block].inlines.text.left(change.units));
            }
            if (size == text.size()) break;
        }
    }

private slots:
    void growsByteByByte() {
        for (const std::string& text : texts()) compare(text, 1);
    }

    void growsAtRandom() {
        std::mt19937 random(7);
        for (int round = 0; round < 1500; ++round) {
            compare(randomText(&random), 1 + random() % 7);
            if (QTest::currentTestFailed()) return;
        }
    }

    void rangesCoverTheSource() {
        std::mt19937 random(8);
        std::vector<std::string> all = texts();
        for (int round = 0; round < 3000; ++round) all.push_back(randomText(&random));
        for (const std::string& text : all) {
            std::uint32_t end = 0;
            for (const Block& block : parseMarkdown(text)) {
                const bool holds = rangesHold(block.inlines, text) &&
                                   std::all_of(block.cells.begin(), block.cells.end(),
                                               [&](const Inlines& cell) { return rangesHold(cell, text); });
                QVERIFY2(holds && block.begin >= end && block.begin <= block.end,
                         (text + "\n" + describe(block)).c_str());
                end = block.end;
                // What is pointed at is what stands there.
                const int size = static_cast<int>(block.inlines.text.size());
                const std::vector<std::uint32_t> bytes = sourceBytes(block.inlines, text, 0, size);
                QCOMPARE(bytes.size(), static_cast<std::size_t>(size) + 1);
                QVERIFY2(std::is_sorted(bytes.begin(), bytes.end()), text.c_str());
            }
        }
    }

    void formulasKeepEveryCharacter() {
        const std::string text = "So \\( a_1 \\, b \\) and\n\n\\[\n\\frac{1}{2} \\\\\n  x\n\\]\n\n*a $x_1$ b*";
        const std::vector<Block> blocks = parseMarkdown(text);
        QCOMPARE(blocks.size(), std::size_t{3});
        QCOMPARE(blocks[0].inlines.text, QStringLiteral("So \\( a_1 \\, b \\) and"));
        QCOMPARE(blocks[1].inlines.text, QStringLiteral("\\[\n\\frac{1}{2} \\\\\n  x\n\\]"));
        for (const Run& run : blocks[1].inlines.runs) QCOMPARE(int(run.style), int(kFormulaStyle));
        QCOMPARE(blocks[2].inlines.text, QStringLiteral("a $x_1$ b"));
        QCOMPARE(int(blocks[2].inlines.runs[1].style), int(kFormulaStyle));
    }

    void linesStayLines() {
        QCOMPARE(parseMarkdown("a\nb")[0].inlines.text, QStringLiteral("a\u2028b"));
        QCOMPARE(parseMarkdown("- a\n  b")[0].inlines.text, QStringLiteral("a\u2028b"));
        QCOMPARE(parseMarkdown("> a\n> b")[0].inlines.text, QStringLiteral("a\u2028b"));
    }

    void barsInCodeOfCells() {
        const std::vector<Block> blocks = parseMarkdown("|a|b|\n|-|-|\n|`ls \\| wc`|c|");
        QCOMPARE(blocks[0].cells[2].text, QStringLiteral("ls | wc"));
        QCOMPARE(sourceBytes(blocks[0].cells[2], "|a|b|\n|-|-|\n|`ls \\| wc`|c|", 3, 4)[0], std::uint32_t{18});
    }

    void entitiesAreHtmls() {
        QCOMPARE(parseMarkdown("&Eacute;&nbsp;&nope;&#x27;")[0].inlines.text, QStringLiteral("É\u00A0&nope;'"));
    }

    void changesHaveColours() {
        const QString diff = QStringLiteral("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n");
        std::vector<CodeSpan> spans;
        for (const char16_t* name : {u"diff", u"patch"}) {
            spans.clear();
            highlightCode(findLanguage(name), diff, CodeState::kNone, &spans);
            QStringList seen;
            for (const CodeSpan& span : spans)
                seen
                    << QStringLiteral("%1 %2").arg(static_cast<int>(span.colour)).arg(diff.mid(span.from, span.length));
            const auto line = [](CodeColour colour, const char* text) {
                return QStringLiteral("%1 %2").arg(static_cast<int>(colour)).arg(QLatin1String(text));
            };
            QCOMPARE(seen, (QStringList{line(CodeColour::kComment, "--- a/x"), line(CodeColour::kComment, "+++ b/x"),
                                        line(CodeColour::kKeyword, "@@ -1 +1 @@"), line(CodeColour::kRemoved, "-old"),
                                        line(CodeColour::kAdded, "+new")}));
        }
    }

    /// What stands behind a fence is a word; a million letters would be laid out with every picture.
    void namesOfLanguagesAreCut() {
        const std::vector<Block> blocks = parseMarkdown("```" + std::string(1'000'000, 'w') + " more\nx\n```");
        QCOMPARE(blocks.size(), std::size_t{1});
        QVERIFY(blocks[0].language.size() < 100);
        QCOMPARE(parseMarkdown("```c++ x\ny\n```")[0].language, QStringLiteral("c++"));
    }

    /// As in tests/exchange/test_markdown.cpp: what would swell is text.
    void bombsAreText() {
        std::string table(5000, '|'), uses = "[x]: /" + std::string(50000, 'u') + "\n\n";
        table += "\n|";
        for (int i = 0; i < 5000; ++i) table += "---|";
        table += "\n";
        for (int i = 0; i < 5000; ++i) table += "|x|\n";
        for (int i = 0; i < 16000; ++i) uses += "[x]";
        std::string deep(20000, '>');
        std::string tall = "|a|b|c|d|e|f|g|h|\n|-|-|-|-|-|-|-|-|\n";
        for (int i = 0; i < 8000; ++i) tall += "||\n";
        for (const std::string& bomb : {table, uses, deep + "x", tall}) {
            const auto start = std::chrono::steady_clock::now();
            const std::vector<Block> blocks = parseMarkdown(bomb);
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            QVERIFY2(inTime(1000 * taken.count(), 1000), bomb.substr(0, 20).c_str());
            std::size_t cells = 0, links = 0, units = 0;
            for (const Block& block : blocks) {
                cells += block.cells.size();
                units += static_cast<std::size_t>(block.inlines.text.size());
                for (const QString& link : block.inlines.links) links += static_cast<std::size_t>(link.size());
            }
            QVERIFY2(cells < 4096 + bomb.size() && links < 10 * bomb.size() && units + cells > bomb.size() / 4,
                     bomb.substr(0, 20).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestMarkdown)
#include "test_markdown.moc"
