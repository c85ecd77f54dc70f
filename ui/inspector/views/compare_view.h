#pragma once
// Two answers, branches, conversations or traces against each other.

#include <QTimer>

#include "ui/inspector/comparison.h"
#include "ui/inspector/inspector_view.h"

namespace moescope {

class SmallChoice;

class CompareView : public InspectorView {
    Q_OBJECT

public:
    CompareView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

    const Comparison& comparison() const { return *m_comparison; }
    /// Loads both sides if that waits to be done; for pictures and tests.
    void loadNow();

    void paintView(QPainter& p, const QSize& size, ChartWidget* only = nullptr) override;
    QString csv(ChartWidget* only = nullptr) override;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void fillChoices();
    void changed();

    Comparison* m_comparison;
    SmallChoice *m_a, *m_b;
    QTimer m_timer;
    bool m_stale = true;
    double m_cost_ms = 0;
};

}  // namespace moescope
