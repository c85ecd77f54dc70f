#pragma once
// The details of the token in hand: at one place beside every view, compact (the layer in hand) or with all layers.

#include "ui/inspector/inspector_view.h"

class QToolButton;

namespace moescope {

class TokenChart;

class DetailsPanel : public InspectorView {
    Q_OBJECT

public:
    DetailsPanel(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

    bool isCompact() const { return m_compact; }
    void setCompact(bool compact);
    /// What it is as high as when it is compact.
    int compactHeight() const;

signals:
    void compactChanged(bool compact);

protected:
    void applyTheme() override;

private:
    TokenChart* m_chart;
    QToolButton* m_toggle;
    bool m_compact = false;
};

}  // namespace moescope
