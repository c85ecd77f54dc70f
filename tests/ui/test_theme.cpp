// If these fail, somebody with weak eyes cannot read a text or see a mark: pairs of colours that the window paints on
// one another, with the ratios of contrast of WCAG 2.1 AA (4.5 for letters, 3 for marks and areas with a meaning).

#include <QTest>
#include <vector>

#include "ui/theme.h"

using namespace moescope;

namespace {

using Colour = QColor Theme::*;

struct Named {
    const char* name;
    Colour colour;
};

struct Pairs {
    std::vector<Named> front, ground;
    double least;  // the ratio
};

constexpr double kLetters = 4.5, kMarks = 3.0;

const std::vector<Named>& grounds() {
    static const std::vector<Named> kGrounds = {{"background", &Theme::background},
                                                {"side", &Theme::side},
                                                {"panel", &Theme::panel},
                                                {"bubble", &Theme::bubble},
                                                {"hover", &Theme::hover}};
    return kGrounds;
}

std::vector<Pairs> pairs() {
    const std::vector<Named> code = {{"code_background", &Theme::code_background}};
    return {
        // Letters of the window. What is under the pointer or chosen keeps its small print.
        {{{"text", &Theme::text},
          {"dim", &Theme::dim},
          {"faint", &Theme::faint},
          {"amber_text", &Theme::amber_text},
          {"blue", &Theme::blue},
          {"danger", &Theme::danger}},
         grounds(),
         kLetters},
        // The button to send, and switches.
        {{{"on_amber", &Theme::on_amber}}, {{"amber", &Theme::amber}}, kLetters},
        // Code, and lines that a difference adds and removes; its language and buttons above it.
        {{{"text", &Theme::text},
          {"faint", &Theme::faint},
          {"code_keyword", &Theme::code_keyword},
          {"code_string", &Theme::code_string},
          {"code_number", &Theme::code_number},
          {"code_comment", &Theme::code_comment},
          {"ok", &Theme::ok},
          {"danger", &Theme::danger}},
         code,
         kLetters},
        // Bars, lights and lines of pictures; the ring around what has the keyboard.
        {{{"amber", &Theme::amber}, {"blue", &Theme::blue}, {"ok", &Theme::ok}, {"focus", &Theme::focus}},
         grounds(),
         kMarks},
    };
}

QColor over(const QColor& veil, const QColor& ground) {
    const auto mix = [&](double top, double below) { return top * veil.alphaF() + below * (1 - veil.alphaF()); };
    return QColor::fromRgbF(static_cast<float>(mix(veil.redF(), ground.redF())),
                            static_cast<float>(mix(veil.greenF(), ground.greenF())),
                            static_cast<float>(mix(veil.blueF(), ground.blueF())));
}

}  // namespace

class TestTheme : public QObject {
    Q_OBJECT

    static void addThemes() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }

    static Theme theme() {
        QFETCH(bool, dark);
        return dark ? Theme::makeDark() : Theme::makeLight();
    }

private slots:
    /// Examples of WCAG's own definition: the largest and the least ratio, and the grey that is just enough on white.
    void ratiosAreThoseOfWcag() {
        QVERIFY(std::abs(contrastRatio(Qt::black, Qt::white) - 21) < 1e-6);
        QVERIFY(std::abs(contrastRatio(Qt::white, Qt::black) - 21) < 1e-6);
        QVERIFY(std::abs(contrastRatio(Qt::red, Qt::red) - 1) < 1e-9);
        QVERIFY(contrastRatio(QColor("#767676"), Qt::white) >= 4.5);
        QVERIFY(contrastRatio(QColor("#777777"), Qt::white) < 4.5);
    }

    void everyPairCanBeSeen_data() { addThemes(); }
    void everyPairCanBeSeen() {
        const Theme t = theme();
        QStringList weak;
        for (const Pairs& group : pairs()) {
            for (const Named& front : group.front) {
                for (const Named& ground : group.ground) {
                    const double ratio = contrastRatio(t.*front.colour, t.*ground.colour);
                    if (ratio >= group.least) continue;
                    weak << QStringLiteral("%1 on %2: %3, not %4")
                                .arg(QLatin1String(front.name), QLatin1String(ground.name))
                                .arg(ratio, 0, 'f', 2)
                                .arg(group.least);
                }
            }
        }
        QVERIFY2(weak.isEmpty(), qPrintable(weak.join(QStringLiteral("; "))));
    }

    void selectedTextCanBeRead_data() { addThemes(); }
    void selectedTextCanBeRead() {
        const Theme t = theme();
        for (const Named& ground : grounds()) {
            const double ratio = contrastRatio(t.text, over(t.selection, t.*ground.colour));
            QVERIFY2(ratio >= kLetters, ground.name);
        }
    }

    /// The colours are opaque, but for the selection's: contrast is not defined otherwise.
    void coloursAreOpaque_data() { addThemes(); }
    void coloursAreOpaque() {
        const Theme t = theme();
        for (const Pairs& group : pairs()) {
            for (const std::vector<Named>* side : {&group.front, &group.ground}) {
                for (const Named& named : *side) {
                    QVERIFY2((t.*named.colour).isValid() && (t.*named.colour).alpha() == 255, named.name);
                }
            }
        }
        QVERIFY(t.selection.alpha() < 255);
    }

    void modesChooseTheTheme() {
        ThemeStore store;
        store.setMode(ThemeStore::Mode::kDark);
        QVERIFY(store.theme().dark);
        store.setMode(ThemeStore::Mode::kLight);
        QVERIFY(!store.theme().dark);
        store.setMode(ThemeStore::Mode::kSystem);
        for (const bool dark : {true, false}) {
            store.setSystemDark(dark);
            QCOMPARE(store.theme().dark, dark);
        }
    }

    void zoomKeepsToItsRange() {
        ThemeStore store;
        int changes = 0;
        connect(&store, &ThemeStore::changed, this, [&] { ++changes; });
        store.setZoom(100);
        QCOMPARE(store.zoom(), 3.0);
        store.setZoom(0.01);
        QCOMPARE(store.zoom(), 0.6);
        store.zoomBy(1);
        QCOMPARE(store.zoom(), 0.7);
        store.setZoom(0.7);
        QCOMPARE(changes, 3);
        QCOMPARE(store.theme().px(100), 70);
    }
};

QTEST_MAIN(TestTheme)
#include "test_theme.moc"
