#pragma once
// A dock that is shown, with a source of known routing, for tests.

#include <QTest>
#include <algorithm>
#include <vector>

#include "tests/inspector/samples.h"
#include "ui/inspector/details_panel.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"
#include "ui/theme.h"

namespace moescope {

/// A row of test data for each view of the inspector, but for some.
inline void addViewRows(const std::vector<ViewKind>& but_for = {}) {
    QTest::addColumn<ViewKind>("kind");
    for (const ViewInfo& info : inspectorViews()) {
        if (std::ranges::find(but_for, info.kind) == but_for.end()) QTest::newRow(info.name) << info.kind;
    }
}

struct InspectorBench {
    ThemeStore themes;
    InspectorDock dock{&themes};

    InspectorBench() {
        themes.setMode(ThemeStore::Mode::kDark);
        // As with the model loaded: rows of its router, some of which are alike.
        model().setRouter(QStringLiteral("A model"), [this](int layer) {
            const int experts = model().source()->shape().experts;
            std::vector<double> cosines;
            for (int i = 0; i < experts * experts; ++i)
                cosines.push_back(i % (experts + 1) == 0 ? 1 : 0.01 * ((i / experts * (i % experts) + layer) % 41));
            return cosines;
        });
        dock.resize(560, 1400);
        dock.show();
        QCoreApplication::processEvents();
    }

    InspectorModel& model() { return dock.model(); }
    RoutingSelection& selection() { return dock.model().selection(); }

    /// Shows a view and waits until its charts are fresh.
    InspectorView& show(ViewKind kind) {
        dock.showView(kind);
        settle();
        return kind == ViewKind::kDetails ? *dock.details() : *dock.currentView();
    }

    /// Of the view that is shown, and of the details beside it.
    std::vector<ChartWidget*> shownCharts() const {
        std::vector<ChartWidget*> all = dock.currentView()->charts();
        all.insert(all.end(), dock.details()->charts().begin(), dock.details()->charts().end());
        return all;
    }

    /// Two rounds: the second for what the first laid out anew.
    void settle() {
        for (int round = 0; round < 2; ++round) {
            QCoreApplication::processEvents();
            for (ChartWidget* chart : shownCharts()) chart->refreshNow();
            QTest::qWait(5);
        }
    }

    template <class T>
    T* chart(ChartWidget** widget = nullptr) {
        for (ChartWidget* w : shownCharts()) {
            if (auto* found = qobject_cast<T*>(&w->chart()); found && w->isVisible()) {
                if (widget) *widget = w;
                return found;
            }
        }
        return nullptr;
    }

    static QRectF body(const ChartWidget& widget) { return widget.chart().bodyOf(widget.rect()); }

    /// Points on a grid over the chart where something can be selected.
    static std::vector<QPoint> places(const ChartWidget& widget) {
        std::vector<QPoint> result;
        for (int y = 1; y < widget.height(); y += 7) {
            for (int x = 1; x < widget.width(); x += 7) {
                if (!widget.chart().spotAt(QPointF(x, y), body(widget)).empty()) result.emplace_back(x, y);
            }
        }
        return result;
    }
};

}  // namespace moescope
