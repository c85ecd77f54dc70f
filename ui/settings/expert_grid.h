#pragma once
// Router rules as a grid to click: a row for each MoE layer, a column for each expert. A click makes a free expert
// masked, a masked one forced, a forced one free; arrows move, Space does as a click.

#include <QWidget>

#include "engine/routing/expert_rule.h"
#include "ui/widgets/controls.h"

namespace moescope {

class ExpertGrid : public QWidget, public Themed {
    Q_OBJECT

public:
    explicit ExpertGrid(QWidget* parent = nullptr);

    /// A shape without experts has no cells.
    void setShape(const RoutingShape& shape);
    void setRules(const RouterRules& rules);
    void setTheme(const Theme& theme) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    /// Layers counted from 0 at the first MoE layer; for tests.
    QRect cellRect(int layer, int expert) const;

signals:
    /// `layer`: its number in the model.
    void wanted(int layer, int expert, moescope::ExpertRule rule);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    struct Cell {
        int layer = -1, expert = -1;
        bool operator==(const Cell&) const = default;
    };
    QRect grid() const;
    int rowHeight() const;
    Cell cellAt(const QPoint& at) const;
    void goOn(const Cell& cell);
    QString words(const Cell& cell) const;
    void describe();

    RoutingShape m_shape;
    RouterRules m_rules;
    Theme m_theme;
    Cell m_cursor{0, 0}, m_hovered;
};

}  // namespace moescope
