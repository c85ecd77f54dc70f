// What the views read: texts and places of tokens, sums, comparisons, tints.

#include <QTest>

#include "tests/inspector/samples.h"
#include "ui/inspector/comparison.h"
#include "ui/inspector/expert_sums.h"
#include "ui/inspector/tint.h"

using namespace moescope;
using samples::Detail;
using samples::Sample;

class TestSource : public QObject {
    Q_OBJECT

private:
    struct TokenIs {
        int id = 0;
        bool prompt = false;
    };
    template <class Token>
    static SharedSource source(int tokens, Token token, const RoutingShape& shape = samples::smallShape()) {
        auto log = std::make_shared<RoutingLog>(shape);
        for (int t = 0; t < tokens; ++t) {
            std::vector<LayerRouting> layers;
            for (int l = 0; l < 3; ++l) layers.push_back(samples::record(log->shape(), t, l));
            const TokenIs is = token(t);
            log->onToken({is.id, t, is.prompt ? Phase::kPrefill : Phase::kDecode, layers});
        }
        return std::make_shared<RoutingSource>(2, QString(), log);
    }

private Q_SLOTS:
    void knowsTextsAndPlaces() {
        Sample s(7, 10, 4);
        QCOMPARE(s.source->size(), 10);
        QCOMPARE(s.source->text(4), QStringLiteral("w0 "));
        QCOMPARE(s.source->quoted(4), QStringLiteral("“w0”"));
        QCOMPARE(s.source->placeOf(4).message, 7);
        QCOMPARE(s.source->placeOf(4).index, 0);
        QCOMPARE(s.source->find(7, 5), 9);
        QCOMPARE(s.source->find(7, 6), -1);
        QCOMPARE(s.source->find(8, 0), -1);
        // A token of the prompt stands in no message; its text comes from the vocabulary.
        QCOMPARE(s.source->placeOf(0).message, 0);
        QCOMPARE(s.source->text(0), QString());
        QCOMPARE(s.source->quoted(0), QStringLiteral("token 1"));
        s.source->setVocabulary([](std::int32_t id) { return QStringLiteral("<%1>").arg(id); });
        QCOMPARE(s.source->text(1), QStringLiteral("<101>"));
        QCOMPARE(s.source->text(4), QStringLiteral("w0 "));
        QCOMPARE(s.source->text(-1), QString());
        QCOMPARE(s.source->text(10), QString());
    }

    void findsTokensOfTwoAnswersAtTheSamePositions() {
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        samples::append(*log, 6);
        RoutingSource source(1, QStringLiteral("branch"), log);
        // Both answers begin at position 0 of a context of their own; here the log has positions 0 to 5.
        const std::vector<TranscriptToken> first{{0, 1, 0}, {1, 2, 1}}, second{{0, 1, 3}, {1, 2, 4}};
        source.place(10, "ab", first, {0, 3});
        source.place(20, "cd", second, {3, 6});
        QCOMPARE(source.find(10, 1), 1);
        QCOMPARE(source.find(20, 0), 3);
        QCOMPARE(source.text(4), QStringLiteral("d"));
        QCOMPARE(source.placeOf(4).message, 20);
        QCOMPARE(source.placeOf(2).message, 0);
    }

    void toleratesRangesOutsideTheText() {
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        samples::append(*log, 2);
        RoutingSource source(1, {}, log);
        const std::vector<TranscriptToken> tokens{{5, 2, 0}, {1, 900, 1}};
        source.place(1, "xyz", tokens, {0, 99});
        QCOMPARE(source.text(0), QString());
        QCOMPARE(source.text(1), QStringLiteral("yz"));
    }

    void partsPhases() {
        Sample s(1, 7, 3);
        const auto prompt = s.source->ranges(PhaseFilter::kPrompt), answer = s.source->ranges(PhaseFilter::kAnswer);
        QCOMPARE(prompt.size(), std::size_t(1));
        QCOMPARE(prompt[0].end, std::size_t(3));
        QCOMPARE(answer[0].begin, std::size_t(3));
        QCOMPARE(answer[0].end, std::size_t(7));
        QCOMPARE(s.source->ranges(PhaseFilter::kAnswer, 5)[0].begin, std::size_t(5));
        QVERIFY(s.source->ranges(PhaseFilter::kPrompt, 5).empty());
        QVERIFY(s.source->ranges(PhaseFilter::kBoth, 7).empty());
    }

    void saysWhatIsMissing() {
        QVERIFY(Sample(1, 3).source->missing().isEmpty());
        QVERIFY(Sample(1, 3, 0, Detail::kIdsOnly).source->missing().contains(QStringLiteral("ids")));
    }

    /// Sums that grew token by token are those of all tokens at once.
    void sumsGrow() {
        Sample s(1, 0);
        ExpertSums grown;
        for (int step : {1, 2, 5, 17, 40}) {
            samples::append(*s.log, step, 20);
            s.runs->append(s.log, {s.runs->size(), s.log->size()});
            grown.update(*s.source);
        }
        for (int l = 0; l < 3; ++l) {
            const std::vector<double> counts = expertCounts(*s.log, l, allTokens(*s.log));
            const std::vector<double> mass = gateMass(*s.log, l, allTokens(*s.log));
            QCOMPARE(grown.ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, l), counts);
            const auto sums = grown.ofLayer(ExpertAmount::kGateMass, PhaseFilter::kBoth, l);
            for (std::size_t e = 0; e < sums.size(); ++e) QVERIFY(std::abs(sums[e] - mass[e] * 65) < 1e-9);
            QCOMPARE(grown.ofLayer(ExpertAmount::kCount, PhaseFilter::kPrompt, l), expertCounts(*s.log, l, {0, 20}));
            QVERIFY(std::abs(grown.sharedNorm(PhaseFilter::kAnswer, l) - (2.0 + 0.1 * l)) < 1e-6);
            QVERIFY(std::abs(grown.routedNorm(PhaseFilter::kBoth, l) - 1.0) < 1e-9);
        }
        QCOMPARE(grown.tokens(PhaseFilter::kPrompt), std::size_t(20));
        QCOMPARE(grown.tokens(PhaseFilter::kBoth), std::size_t(65));
        QVERIFY(grown.ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, 3) == std::vector<double>(8, 0));
    }

    void comparesTheSameText() {
        Sample a(1, 12, 2), b(2, 9, 2);
        Comparison c;
        QVERIFY(!c.possible());
        c.setSources(a.source, b.source);
        QVERIFY(c.possible());
        QCOMPARE(c.pairs(), 9);
        QCOMPARE(c.samePairs(), 9);
        QCOMPARE(c.firstRouting(), -1);
        QCOMPARE(c.agreementOf(0, 0, 9), 1.0);
        QVERIFY(c.summary().contains(QStringLiteral("All their experts are the same")));
        c.setSources(a.source, a.source);
        QVERIFY(!c.possible());
    }

    void findsWhereTextsAndRoutingPart() {
        Sample a(1, 8);
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        for (int t = 0; t < 8; ++t) {
            std::vector<LayerRouting> layers;
            for (int l = 0; l < 3; ++l) layers.push_back(samples::record(log->shape(), t, l));
            if (t == 3) layers[2].experts = samples::record(log->shape(), t + 4, 2).experts;
            log->onToken({t < 5 ? 100 + t % 5 : 999, t, Phase::kDecode, layers});
        }
        auto b = std::make_shared<RoutingSource>(2, QStringLiteral("b"), log);
        Comparison c;
        c.setSources(a.source, b);
        QCOMPARE(c.pairs(), 8);
        QCOMPARE(c.samePairs(), 5);
        QCOMPARE(c.firstRouting(), 3);
        QCOMPARE(c.firstRoutingLayer(), 2);
        QCOMPARE(c.agreementOfPair(3, 2), 0.0);
        QCOMPARE(c.agreementOfPair(3), 2.0 / 3);
        QCOMPARE(c.agreementOf(2, 0, 5), 0.8);
        QCOMPARE(c.chance(), 0.25);
        QVERIFY2(c.summary().contains(QStringLiteral("for 5 token")), qPrintable(c.summary()));
    }

    /// The second log lacks the prompt, which was in the cache: tokens meet by position.
    void alignsByPosition() {
        Sample a(1, 10, 4);
        auto log = std::make_shared<RoutingLog>(samples::smallShape());
        for (int t = 4; t < 9; ++t) {
            std::vector<LayerRouting> layers;
            for (int l = 0; l < 3; ++l) layers.push_back(samples::record(log->shape(), t, l));
            log->onToken({100 + t % 5, t, Phase::kDecode, layers});
        }
        Comparison c;
        c.setSources(a.source, std::make_shared<RoutingSource>(2, QString(), log));
        QCOMPARE(c.beginA(), 4);
        QCOMPARE(c.beginB(), 0);
        QCOMPARE(c.samePairs(), 5);
        QCOMPARE(c.firstRouting(), -1);
    }

    /// Other questions before them, but answers with the same beginning.
    void putsAnswersAgainstEachOther() {
        Sample a(1, 6, 2);
        const SharedSource b = source(6, [](int t) { return TokenIs{t < 3 || t == 5 ? 500 + t : 99 + t, t < 3}; });
        Comparison c;
        c.setSources(a.source, b);
        QCOMPARE(c.beginA(), 2);
        QCOMPARE(c.beginB(), 3);
        QCOMPARE(c.pairs(), 3);
        QCOMPARE(c.samePairs(), 2);  // 102, 103, then 104 against 505
        QVERIFY(c.aligned());
    }

    /// A law text beside an unrelated chat is not the same text, whatever stands at equal places.
    void differentTextsAreNotPutAgainstEachOther() {
        Sample a(1, 12, 8);
        const auto different = [&](const SharedSource& b) {
            Comparison c;
            c.setSources(a.source, b);
            QVERIFY(c.possible());
            QVERIFY(!c.aligned());
            QCOMPARE(c.pairs(), 0);
            QCOMPARE(c.samePairs(), 0);
            QVERIFY2(!c.summary().contains(QStringLiteral("the same")), qPrintable(c.summary()));
            QVERIFY(c.divergenceOf(0) >= 0 && c.divergenceOf(0) <= 1);
        };
        different(source(12, [](int t) { return TokenIs{500 + t, t < 8}; }));
        // The chat template's first tokens are all that they have in common.
        different(source(12, [](int t) { return TokenIs{t < 3 ? 100 + t : 500 + t, t < 8}; }));
        RoutingShape nameless = samples::smallShape();
        nameless.has_tokens = false;
        different(source(
            12,
            [](int t) {
                return TokenIs{0, t < 8};
            },
            nameless));
    }

    void refusesOtherModels() {
        RoutingShape other = samples::smallShape();
        other.experts = 16;
        Sample a(1, 3), b(2, 3, 0, Detail::kAll, other);
        Comparison c;
        c.setSources(a.source, b.source);
        QVERIFY(!c.possible());
        QVERIFY(c.sentence().contains(QStringLiteral("different models")));
        Sample empty(3, 0);
        c.setSources(a.source, empty.source);
        QVERIFY(!c.possible());
    }

    void tintsTokens() {
        Sample s(1, 20), ids(2, 20, 0, Detail::kIdsOnly);
        const Theme theme = Theme::makeDark();
        const QColor first = tintOf(TintMetric::kTopExpert, s.log->shape(), s.log->at(0, 0), theme);
        QVERIFY(first.isValid());
        // Token 8 has the experts of token 0 again, token 1 others.
        QCOMPARE(tintOf(TintMetric::kTopExpert, s.log->shape(), s.log->at(8, 0), theme), first);
        QVERIFY(tintOf(TintMetric::kTopExpert, s.log->shape(), s.log->at(1, 0), theme) != first);
        // The shared experts weigh twice as much: amber.
        const QColor ratio = tintOf(TintMetric::kSharedRatio, s.log->shape(), s.log->at(0, 0), theme);
        QCOMPARE(ratio.rgb(), theme.amber.rgb());
        QVERIFY(ratio.alphaF() > 0.1f && ratio.alphaF() < 0.3f);
        QVERIFY(tintOf(TintMetric::kMargin, s.log->shape(), s.log->at(0, 0), theme).isValid());
        QVERIFY(tintOf(TintMetric::kEntropy, s.log->shape(), s.log->at(0, 0), theme).alphaF() > 0.2f);
        for (const TintMetric metric : {TintMetric::kMargin, TintMetric::kEntropy, TintMetric::kSharedRatio}) {
            QVERIFY(!tintOf(metric, ids.log->shape(), ids.log->at(0, 0), theme).isValid());
        }
        QVERIFY(!tintOf(TintMetric::kNone, s.log->shape(), s.log->at(0, 0), theme).isValid());
        QVERIFY(!tintOf(TintMetric::kTopExpert, s.log->shape(), LayerRouting(), theme).isValid());
    }
};

QTEST_MAIN(TestSource)
#include "test_source.moc"
