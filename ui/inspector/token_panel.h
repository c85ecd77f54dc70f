#pragma once
// One token: in each MoE layer the experts that were chosen, with bars of their gates, the margin to the next one, and
// how much the shared and the routed experts contributed.

#include <QWidget>
#include <vector>

#include "engine/routing/record.h"

namespace moescope {

class ThemeStore;

class TokenPanel : public QWidget {
    Q_OBJECT

public:
    explicit TokenPanel(ThemeStore* themes, QWidget* parent = nullptr);
    /// `name` and `where` say which token ("“stable_sort”", "token 149"); nullptr clears. Copies the records.
    void setToken(const QString& name, const QString& where, const RoutingShape& shape, const LayerRouting* layers);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ThemeStore* m_themes;
    QString m_name, m_where;
    RoutingShape m_shape;
    std::vector<LayerRouting> m_layers;
};

}  // namespace moescope
