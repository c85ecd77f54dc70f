// If this fails, switching between light and dark leaves parts of the inspector in the colours of before, unreadable.

#include "tests/inspector/bench.h"
#include "ui/inspector/views/tokens_view.h"

using namespace moescope;
using samples::Sample;

class TestThemes : public QObject {
    Q_OBJECT

private:
    struct Stage {
        Sample a{1, 60, 10}, b{2, 40};
        InspectorBench bench;

        explicit Stage(ThemeStore::Mode mode) {
            bench.themes.setMode(mode);
            bench.model().setOffers({{1, QStringLiteral("One"), {}}, {2, QStringLiteral("Two"), {}}});
            bench.model().setLoader([this](qint64 wanted) { return wanted == 1 ? a.source : b.source; });
            bench.model().setSource(a.source);
            bench.model().compare(1, 2);
        }
        QImage picture(ViewKind kind) {
            InspectorView& view = bench.show(kind);
            // The heatmap is drawn by a thread of its own.
            if (auto* tokens = qobject_cast<TokensView*>(&view)) {
                [[maybe_unused]] const bool ready = QTest::qWaitFor([tokens] { return tokens->upToDate(); }, 60'000);
                bench.settle();
            }
            // Where the keyboard is depends on which window came first, not on the theme.
            if (QWidget* focused = bench.dock.focusWidget()) focused->clearFocus();
            return bench.dock.grab().toImage();
        }
    };

private Q_SLOTS:
    void aSwitchedThemeLooksLikeAFreshOne_data() { addViewRows(); }
    void aSwitchedThemeLooksLikeAFreshOne() {
        QFETCH(ViewKind, kind);
        using Mode = ThemeStore::Mode;
        for (const auto& [from, to] : {std::pair(Mode::kDark, Mode::kLight), std::pair(Mode::kLight, Mode::kDark)}) {
            Stage fresh(to), switched(from);
            QVERIFY(!switched.picture(kind).isNull());
            switched.bench.themes.setMode(to);
            const QImage expected = fresh.picture(kind), found = switched.picture(kind);
            QCOMPARE(found.size(), expected.size());
            int different = 0;
            QPoint first;
            for (int y = 0; y < found.height(); ++y) {
                for (int x = 0; x < found.width(); ++x) {
                    if (found.pixel(x, y) == expected.pixel(x, y)) continue;
                    if (different++ == 0) first = {x, y};
                }
            }
            QVERIFY2(
                different == 0,
                qPrintable(
                    QStringLiteral("%1 pixels differ, first at %2, %3").arg(different).arg(first.x()).arg(first.y())));
        }
    }
};

QTEST_MAIN(TestThemes)
#include "test_themes.moc"
