// If this fails, people who see fewer colors cannot tell apart what the inspector shows by color.
// `test_inspector_colours --seen-as protan|deutan|tritan IN.png OUT.png` writes a picture as they see it.

#include <QApplication>
#include <QImage>
#include <QTest>
#include <cstdio>
#include <cstring>

#include "tests/inspector/colour_vision.h"
#include "ui/heatmap/colour_map.h"
#include "ui/inspector/plot.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

/// Marks of a few pixels beside each other. Text of the same size needs more, which test_theme checks.
constexpr double kTellApart = 0.1;

QByteArray worded(const char* what, vision::Kind kind, double distance) {
    return QByteArray(what) + " for " + vision::nameOf(kind) + ": " + QByteArray::number(distance, 'f', 3);
}

}  // namespace

class TestColours : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The simulation leaves grays as they are, and takes red and green together where it must.
    void simulationIsRight() {
        using vision::Kind;
        for (const Kind kind : vision::kKinds) {
            for (const int v : {0, 60, 128, 200, 255})
                QVERIFY(vision::distance(vision::seenAs(qRgb(v, v, v), kind), qRgb(v, v, v)) < 0.02);
        }
        const QRgb red = qRgb(200, 60, 40), green = qRgb(130, 120, 40);
        const double seen = vision::distance(red, green);
        QVERIFY(vision::distance(vision::seenAs(red, Kind::kDeutan), vision::seenAs(green, Kind::kDeutan)) < seen / 2);
        QVERIFY(std::abs(vision::distance(qRgb(0, 0, 0), qRgb(255, 255, 255)) - 1) < 1e-6);
    }

    void pairsOfThePalette() {
        for (const bool dark : {true, false}) {
            const Theme t = dark ? Theme::makeDark() : Theme::makeLight();
            struct Pair {
                const char* what;
                QColor a, b;
            };
            const Pair pairs[] = {
                {"shared and routed", t.amber, t.blue},
                {"chosen (amber) and hovered", t.amber, dark ? QColor(255, 255, 255, 200) : QColor(0, 0, 0, 160)},
                {"bar and its lane (blue)", t.blue, t.line},
                {"bar and its lane (amber)", t.amber, t.line},
                {"curve and curve", t.amber, t.dim},
                {"routed and ground", t.blue, t.panel},
                {"shared and ground", t.amber, t.panel},
                {"trouble and ground", t.danger, t.panel},
                {"trouble and routed", t.danger, t.blue},
                {"more and less", QColor(differenceColour(1, t)), QColor(differenceColour(-1, t))},
                {"more and the same", QColor(differenceColour(1, t)), QColor(differenceColour(0, t))},
                {"less and the same", QColor(differenceColour(-1, t)), QColor(differenceColour(0, t))},
                {"a frame on the darkest cell", t.blue, QColor(cividis(0))},
            };
            for (const Pair& pair : pairs) {
                for (const vision::Kind kind : vision::kKinds) {
                    const double apart =
                        vision::distance(vision::seenAs(pair.a.rgb(), kind), vision::seenAs(pair.b.rgb(), kind));
                    QVERIFY2(apart >= kTellApart, worded(pair.what, kind, apart));
                }
            }
        }
    }

    /// More is brighter, for everybody, all along the scale.
    void heatmapsRise() {
        for (const vision::Kind kind : vision::kKinds) {
            double before = -1;
            for (int i = 0; i <= 16; ++i) {
                const double light = vision::okLab(vision::seenAs(cividis(i / 16.0), kind))[0];
                QVERIFY2(light > before + 0.01, worded("cividis", kind, light - before));
                before = light;
            }
        }
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    if (argc == 5 && std::strcmp(argv[1], "--seen-as") == 0) {
        for (const vision::Kind kind : vision::kKinds) {
            if (std::strcmp(argv[2], vision::nameOf(kind)) != 0) continue;
            QImage image = QImage(QString::fromLocal8Bit(argv[3])).convertToFormat(QImage::Format_RGB32);
            for (int y = 0; y < image.height(); ++y) {
                auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
                for (int x = 0; x < image.width(); ++x) line[x] = vision::seenAs(line[x], kind);
            }
            return image.save(QString::fromLocal8Bit(argv[4])) ? 0 : 1;
        }
        std::fprintf(stderr, "Usage: test_inspector_colours --seen-as protan|deutan|tritan IN.png OUT.png\n");
        return 2;
    }
    TestColours test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_colours.moc"
