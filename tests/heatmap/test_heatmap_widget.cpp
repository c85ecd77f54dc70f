// The heatmap widget: what the pointer, the wheel and each key do, what it says, and what it draws.

#include <QAccessible>
#include <QApplication>
#include <QPainter>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include "tests/heatmap/heatmap_data.h"
#include "ui/heatmap/colour_table.h"
#include "ui/heatmap/heatmap_widget.h"
#include "ui/heatmap/vulkan/vulkan_renderer.h"
#include "ui/theme.h"

using namespace moescope;

Q_DECLARE_METATYPE(moescope::HeatmapCell)
Q_DECLARE_METATYPE(moescope::HeatmapTokens)

namespace {

constexpr RoutingShape kShape{1, 6, 16, 3, 2};

bool near(double a, double b, double by = 1e-6) {
    return std::abs(a - b) <= by;
}

}  // namespace

class TestHeatmapWidget : public QObject {
    Q_OBJECT

private:
    /// A heatmap of 200 tokens, shown, with its picture ready.
    struct Bench {
        ThemeStore themes;
        QWidget window;
        HeatmapWidget* map;
        RoutingMatrix routing = madeUp(kShape, 200, 5);

        explicit Bench(int layer = -1) {
            themes.setMode(ThemeStore::Mode::kDark);
            window.resize(640, 420);
            map = new HeatmapWidget(&themes, &window);
            map->resize(640, 400);
            map->setTokenText([](int token) { return QStringLiteral("word%1").arg(token); });
            map->setRouting(routing);
            HeatmapView view = map->view();
            view.layer = layer;
            map->setView(view);
            window.show();
            window.activateWindow();
            map->setFocus();
            ready();
        }
        void ready() {
            map->update();
            QTRY_VERIFY_WITH_TIMEOUT((QCoreApplication::processEvents(), map->upToDate()), 20000);
        }
        HeatmapCell cell(int token, int layer, int expert) const { return cellOf(map->scene(), token, layer, expert); }
        QPoint middle(const HeatmapCell& c) const { return map->rectOf(c).center().toPoint(); }
        HeatmapRect rect() const {
            const HeatmapRect& r = map->view().rect;
            return r.width > 0 ? r : wholeRect(map->scene());
        }
        void wheel(QPointF at, QPoint pixels, QPoint angle, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
            QWheelEvent event(at, map->mapToGlobal(at), pixels, angle, Qt::NoButton, modifiers, Qt::NoScrollPhase,
                              false);
            QApplication::sendEvent(map, &event);
        }
    };

private slots:
    void initTestCase() {
        qRegisterMetaType<HeatmapCell>();
        qRegisterMetaType<HeatmapTokens>();
    }

    void picture() {
        Bench b(2);
        const QImage shot = b.map->grab().toImage();
        const HeatmapScene& scene = b.map->scene();
        int cells = 0;
        for (int token = 3; token < 190; token += 11) {
            for (int expert = 0; expert < kShape.experts; ++expert) {
                const HeatmapCell c = b.cell(token, 2, expert);
                const Argb wanted = colour(scene.view.map, colourPosition(colourKey(scene), cellValue(scene, c)));
                const QRgb seen = shot.pixel(b.middle(c));
                QVERIFY2(std::abs(qRed(seen) - qRed(wanted)) <= 1 && std::abs(qBlue(seen) - qBlue(wanted)) <= 1,
                         qPrintable(QStringLiteral("token %1, expert %2").arg(token).arg(expert)));
                ++cells;
            }
        }
        QVERIFY(cells > 200);
        QCOMPARE(shot.pixel(1, 1), b.themes.theme().panel.rgb());
    }

    void hoverAndClick() {
        Bench b;
        QSignalSpy hovers(b.map, qOverload<const HeatmapCell&>(&HeatmapWidget::hovered));
        QSignalSpy selections(b.map, &HeatmapWidget::selected);
        const int expert = b.routing.at(50, 3).experts[1];
        const HeatmapCell wanted = b.cell(50, 3, expert);
        QTest::mouseMove(b.map, b.middle(wanted));
        QCOMPARE(hovers.count(), 1);
        QCOMPARE(hovers[0][0].value<HeatmapCell>(), wanted);
        const QString words = b.map->describe(wanted);
        QVERIFY2(words.startsWith("“word50” (token 50), layer 4, expert " + QString::number(expert)),
                 qPrintable(words));
        QVERIFY2(words.contains("rank 2 of 3") && words.contains("gate 0.") && words.contains("probability 0."),
                 qPrintable(words));
        QTest::mouseClick(b.map, Qt::LeftButton, {}, b.middle(wanted));
        QCOMPARE(selections.count(), 1);
        QCOMPARE(selections[0][0].value<HeatmapCell>(), wanted);
        QCOMPARE(b.map->accessibleDescription(), words);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(b.map, &leave);
        QVERIFY(!hovers.last()[0].value<HeatmapCell>().valid());
    }

    void selectionFromOutsideIsSilentAndSeen() {
        Bench b(2);
        QSignalSpy selections(b.map, &HeatmapWidget::selected);
        const QImage before = b.map->grab().toImage();
        b.map->setSelection(100, 2, 5);
        const QImage after = b.map->grab().toImage();
        QCOMPARE(selections.count(), 0);
        const QRect at = b.map->rectOf(b.cell(100, 2, 5)).toAlignedRect().adjusted(-2, -2, 2, 2);
        QVERIFY(before.copy(at) != after.copy(at));
        b.map->setSelection(-1, -1, -1);
        QCOMPARE(b.map->grab().toImage(), before);
    }

    void shiftDragSelectsTokens() {
        Bench b;
        QSignalSpy spans(b.map, &HeatmapWidget::tokensSelected);
        const QPoint from = b.middle(b.cell(40, 1, 3)), to = b.middle(b.cell(70, 2, 3));
        QTest::mousePress(b.map, Qt::LeftButton, Qt::ShiftModifier, from);
        QMouseEvent move(QEvent::MouseMove, to, b.map->mapToGlobal(to), Qt::NoButton, Qt::LeftButton,
                         Qt::ShiftModifier);
        QApplication::sendEvent(b.map, &move);
        QTest::mouseRelease(b.map, Qt::LeftButton, Qt::ShiftModifier, to);
        QCOMPARE(spans.last()[0].value<HeatmapTokens>(), (HeatmapTokens{40, 71}));
    }

    void dragPans() {
        Bench b;
        HeatmapView view = b.map->view();
        view.rect = {50, 10, 60, 40};
        b.map->setView(view);
        QSignalSpy changes(b.map, &HeatmapWidget::viewChanged), selections(b.map, &HeatmapWidget::selected);
        const QRectF plot = b.map->plotRect();
        const QPoint from = plot.center().toPoint(), to = from - QPoint(static_cast<int>(plot.width() / 6), 0);
        QTest::mousePress(b.map, Qt::LeftButton, {}, from);
        QMouseEvent move(QEvent::MouseMove, to, b.map->mapToGlobal(to), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(b.map, &move);
        QTest::mouseRelease(b.map, Qt::LeftButton, {}, to);
        QVERIFY(changes.count() > 0);
        QCOMPARE(selections.count(), 0);
        QVERIFY2(near(b.rect().x, 60, 0.2), qPrintable(QString::number(b.rect().x)));
        QVERIFY(near(b.rect().width, 60));
    }

    void wheelZoomsAroundThePointer() {
        Bench b;
        const QRectF plot = b.map->plotRect();
        const QPointF at(plot.left() + plot.width() / 4, plot.center().y());
        const HeatmapRect before = b.rect();
        const double token = before.x + before.width / 4;
        b.wheel(at, {}, {0, 240});
        const HeatmapRect after = b.rect();
        QVERIFY(near(after.width, before.width / 1.44, 1e-3));
        QVERIFY(near(after.height, before.height));
        QVERIFY(near(after.x + after.width / 4, token, 1e-3));
        b.wheel(at, {}, {0, 240}, Qt::ControlModifier);
        QVERIFY(b.rect().height < before.height);
        const double x = b.rect().x;
        b.wheel(at, {}, {0, -120}, Qt::ShiftModifier);
        QVERIFY(b.rect().x > x);
        // A touchpad pans both ways.
        const HeatmapRect panned = b.rect();
        b.wheel(at, {-30, -20}, {-30, -20});
        QVERIFY(b.rect().x > panned.x && b.rect().y > panned.y);
        QVERIFY(near(b.rect().width, panned.width));
        // Out to everything, and no further.
        for (int i = 0; i < 20; ++i) b.wheel(at, {}, {0, -240}, Qt::ControlModifier);
        QCOMPARE(b.map->view().rect.width, 0.0);
        for (int i = 0; i < 60; ++i) b.wheel(at, {}, {0, 240}, Qt::ControlModifier);
        QVERIFY(b.rect().width >= 4 - 1e-6);
    }

    void pinchZooms() {
        Bench b;
        const QPointF at = b.map->plotRect().center();
        const double width = b.rect().width;
        QNativeGestureEvent pinch(Qt::ZoomNativeGesture, QPointingDevice::primaryPointingDevice(), 2, at, at,
                                  b.map->mapToGlobal(at), 0.5, {});
        QApplication::sendEvent(b.map, &pinch);
        QVERIFY(near(b.rect().width, width / 1.5, 1e-3));
    }

    void arrowsReachEveryCell() {
        Bench b;
        QTest::keyClick(b.map, Qt::Key_Right);
        QVERIFY(b.map->currentCell().valid());
        QTest::keyClick(b.map, Qt::Key_Home);
        QCOMPARE(b.map->currentCell().token, 0);
        QTest::keyClick(b.map, Qt::Key_End);
        QCOMPARE(b.map->currentCell().token, 199);
        QTest::keyClick(b.map, Qt::Key_Left);
        QCOMPARE(b.map->currentCell().token, 198);
        for (int i = 0; i < 200; ++i) QTest::keyClick(b.map, Qt::Key_Up);
        QCOMPARE(b.map->currentCell(), b.cell(198, 0, 0));
        // Down through all experts and the lane of each layer.
        int lanes = 0;
        for (int row = 1; row < 6 * 17; ++row) {
            QTest::keyClick(b.map, Qt::Key_Down);
            const HeatmapCell& c = b.map->currentCell();
            QCOMPARE(c.layer, row / 17);
            QCOMPARE(c.lane, row % 17 == 16);
            if (!c.lane) QCOMPARE(c.expert, row % 17);
            lanes += c.lane;
        }
        QCOMPARE(lanes, 6);
        QVERIFY(b.map->accessibleDescription().contains("shared experts"));
    }

    void keysOfLayersZoomAndPan() {
        Bench b;
        QTest::mouseClick(b.map, Qt::LeftButton, {}, b.middle(b.cell(100, 2, 7)));
        QTest::keyClick(b.map, Qt::Key_PageDown);
        QCOMPARE(b.map->currentCell(), b.cell(100, 3, 7));
        QTest::keyClick(b.map, Qt::Key_PageUp);
        QTest::keyClick(b.map, Qt::Key_PageUp);
        QCOMPARE(b.map->currentCell(), b.cell(100, 1, 7));
        QTest::keyClick(b.map, Qt::Key_Plus);
        QTest::keyClick(b.map, Qt::Key_Plus);
        const HeatmapRect zoomed = b.rect();
        QVERIFY(near(zoomed.width, 200 / 2.25, 0.01));
        QTest::keyClick(b.map, Qt::Key_D);
        QVERIFY(b.rect().x > zoomed.x);
        QTest::keyClick(b.map, Qt::Key_A);
        QVERIFY(near(b.rect().x, zoomed.x, 1e-6));
        QTest::keyClick(b.map, Qt::Key_Right, Qt::ControlModifier);
        QVERIFY(b.rect().x > zoomed.x);
        QTest::keyClick(b.map, Qt::Key_Minus);
        QVERIFY(b.rect().width > zoomed.width);
        HeatmapView view = b.map->view();
        view.rect = {0, 20, 200, 30};
        b.map->setView(view);
        QTest::keyClick(b.map, Qt::Key_W);
        QVERIFY(b.rect().y < 20);
        QTest::keyClick(b.map, Qt::Key_S);
        QVERIFY(near(b.rect().y, 20));
        QTest::keyClick(b.map, Qt::Key_0);
        QCOMPARE(b.map->view().rect.width, 0.0);
    }

    void keysSelect() {
        Bench b;
        QSignalSpy selections(b.map, &HeatmapWidget::selected), spans(b.map, &HeatmapWidget::tokensSelected);
        QTest::mouseClick(b.map, Qt::LeftButton, {}, b.middle(b.cell(100, 2, 7)));
        QTest::keyClick(b.map, Qt::Key_Right);
        QTest::keyClick(b.map, Qt::Key_Return);
        QCOMPARE(selections.last()[0].value<HeatmapCell>(), b.cell(101, 2, 7));
        QTest::keyClick(b.map, Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(b.map, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(spans.last()[0].value<HeatmapTokens>(), (HeatmapTokens{101, 104}));
        QTest::keyClick(b.map, Qt::Key_Escape);
        QCOMPARE(spans.last()[0].value<HeatmapTokens>(), HeatmapTokens());
        QVERIFY(!selections.last()[0].value<HeatmapCell>().valid());
        QVERIFY(!b.map->currentCell().valid());
    }

    void oneLayerPagesThroughLayers() {
        Bench b(2);
        QSignalSpy changes(b.map, &HeatmapWidget::viewChanged);
        QTest::keyClick(b.map, Qt::Key_PageDown);
        QCOMPARE(b.map->view().layer, 3);
        for (int i = 0; i < 9; ++i) QTest::keyClick(b.map, Qt::Key_PageDown);
        QCOMPARE(b.map->view().layer, 5);
        QCOMPARE(changes.count(), 3);
    }

    void followsNewTokens() {
        Bench b;
        HeatmapView view = b.map->view();
        view.rect = {150, 0, 50, wholeRect(b.map->scene()).height};
        b.map->setView(view);
        appendMadeUp(b.routing, 30, 1);
        b.map->setRouting(b.routing);
        QVERIFY(near(b.rect().x, 180));
        // Looking elsewhere: the view stays.
        view.rect.x = 20;
        b.map->setView(view);
        appendMadeUp(b.routing, 30, 1);
        b.map->setRouting(b.routing);
        QVERIFY(near(b.rect().x, 20));
        b.map->showToken(250);
        QVERIFY(b.rect().x <= 250 && b.rect().x + b.rect().width >= 251);
    }

    void matrices() {
        Bench b;
        b.map->setMatrix(layersByExperts(b.routing, LoadMetric::kRelativeLoad));
        b.ready();
        const HeatmapCell c = b.cell(-1, 3, 9);
        QVERIFY(c.valid());
        QCOMPARE(c.layer, 3);
        QTest::mouseMove(b.map, b.middle(c));
        QCOMPARE(b.map->hoveredCell(), c);
        QVERIFY2(b.map->describe(c).startsWith("layer 4, expert 9: relative load "), qPrintable(b.map->describe(c)));
        // Into the lane at the right, and back.
        QTest::mouseClick(b.map, Qt::LeftButton, {}, b.middle(c));
        QTest::keyClick(b.map, Qt::Key_End);
        QVERIFY(b.map->currentCell().lane);
        QVERIFY(b.map->accessibleDescription().startsWith("layer 4: shared 0."));
        QTest::keyClick(b.map, Qt::Key_Left);
        QCOMPARE(b.map->currentCell().expert, 15);
    }

    void tracesOfIdsOnly() {
        RoutingShape shape = kShape;
        shape.has_gates = shape.has_probabilities = shape.has_norms = shape.has_order = false;
        ThemeStore themes;
        HeatmapWidget map(&themes);
        map.setRouting(madeUp(shape, 20, 1));
        const RoutingMatrix& routing = map.scene().routing;
        const int expert = routing.at(3, 1).experts[0];
        QCOMPARE(map.describe(cellOf(map.scene(), 3, 1, expert)),
                 QStringLiteral("token 3, layer 2, expert %1, chosen").arg(expert));
        QCOMPARE(rowLayout(map.scene()).lane, 0);
    }

    void nothingToShow() {
        ThemeStore themes;
        HeatmapWidget map(&themes);
        map.resize(300, 200);
        map.show();
        QTRY_VERIFY(map.upToDate());
        for (const int key : {Qt::Key_Left, Qt::Key_Home, Qt::Key_PageDown, Qt::Key_Plus, Qt::Key_0, Qt::Key_Return}) {
            QTest::keyClick(&map, static_cast<Qt::Key>(key));
        }
        QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(150, 100));
        map.setMatrix(nullptr);
        map.grab();
        QCOMPARE(map.accessibleDescription(), QStringLiteral("Nothing yet."));
        QVERIFY(!map.currentCell().valid());
    }

    void paintsAtAnySize() {
        Bench b;
        QImage large(1600, 1000, QImage::Format_RGB32);
        large.fill(Qt::red);
        QPainter painter(&large);
        b.map->paintInto(painter, QSizeF(800, 500), 2);
        painter.end();
        QCOMPARE(large.pixel(0, 0), b.themes.theme().panel.rgb());
        QSet<QRgb> colours_seen;
        for (int x = 100; x < 700; x += 7) {
            for (int y = 60; y < 400; y += 3) colours_seen.insert(large.pixel(x, y));
        }
        QVERIFY(colours_seen.size() > 50);
        QCOMPARE(large.pixel(1000, 700), QColor(Qt::red).rgb());
    }

    /// Runs with Vulkan's validation where it is installed (see CMakeLists.txt).
    void tenThousandOperations() {
        Bench b;
        Dice dice(3);
        QStringList sentences;
        connect(b.map, &HeatmapWidget::rendererChanged, this,
                [&](const QString&, const QString& sentence) { sentences << sentence; });
        const auto operation = [&] {
            HeatmapView view = b.map->view();
            const QRectF plot = b.map->plotRect();
            const QPointF at(plot.left() + plot.width() * dice.unit(), plot.top() + plot.height() * dice.unit());
            switch (dice.below(16)) {
                case 0:
                    appendMadeUp(b.routing, 1 + dice.below(40), dice.next());
                    return b.map->setRouting(b.routing);
                case 1:
                    return b.map->resize(60 + dice.below(500), 60 + dice.below(400));
                case 2:
                    view.metric = static_cast<CellMetric>(dice.below(kCellMetrics));
                    return b.map->setView(view);
                case 3:
                    view.map = static_cast<ColourMap>(dice.below(kColourMaps));
                    view.scale = dice.below(2) ? Scale::kLog : Scale::kLinear;
                    return b.map->setView(view);
                case 4:
                    view.layer = dice.below(7) - 1;
                    view.lanes = dice.below(2);
                    return b.map->setView(view);
                case 5:
                    view.aggregation = dice.below(2) ? Aggregation::kMean : Aggregation::kMax;
                    return b.map->setView(view);
                case 6:
                    return b.map->setSelection(dice.below(300), dice.below(7), dice.below(17));
                case 7:
                    return QTest::mouseClick(b.map, Qt::LeftButton, {}, at.toPoint());
                case 8:
                    return b.map->zoomBy(0.5 + dice.unit());
                case 9:
                    return b.map->showAll();
                case 10:
                    if (dice.below(8) == 0) b.routing = madeUp(kShape, dice.below(3000), dice.next());
                    return b.map->setRouting(b.routing);
                case 11:
                    return b.map->setMatrix(
                        layersByExperts(b.routing, dice.below(2) ? LoadMetric::kGateMass : LoadMetric::kRelativeLoad));
                case 12:
                    return b.map->setMatrix(madeUpMatrix(1 + dice.below(20), 1 + dice.below(40), true, dice.below(2)));
                case 13:
                    return b.wheel(at, {dice.below(99) - 49, dice.below(99) - 49}, {1, 1});
                case 14: {
                    static constexpr Qt::Key kKeys[] = {Qt::Key_Left, Qt::Key_Right,  Qt::Key_Up,     Qt::Key_Down,
                                                        Qt::Key_Home, Qt::Key_End,    Qt::Key_PageUp, Qt::Key_PageDown,
                                                        Qt::Key_W,    Qt::Key_A,      Qt::Key_S,      Qt::Key_D,
                                                        Qt::Key_Plus, Qt::Key_Escape, Qt::Key_Return, Qt::Key_0};
                    return QTest::keyClick(b.map, kKeys[dice.below(16)],
                                           dice.below(2) ? Qt::ShiftModifier : Qt::NoModifier);
                }
                default:
                    return b.wheel(at, {}, {0, dice.below(2) ? 120 : -120},
                                   dice.below(2) ? Qt::ControlModifier : Qt::NoModifier);
            }
        };
        for (int i = 0; i < 10000; ++i) {
            operation();
            QCoreApplication::processEvents();
            if (i % 50 == 0) b.ready();
        }
        b.ready();
        QVERIFY2(sentences.isEmpty(), qPrintable(sentences.join(' ')));
        QCOMPARE(vulkanValidationMessages(), 0);
        qInfo("drawn by %s", qPrintable(b.map->rendererName()));
    }
};

QTEST_MAIN(TestHeatmapWidget)
#include "test_heatmap_widget.moc"
