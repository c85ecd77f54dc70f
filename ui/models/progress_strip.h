#pragma once
// How far something is, as a strip that fills.

#include <QWidget>

#include "ui/theme.h"
#include "ui/widgets/controls.h"

namespace moescope {

class ProgressStrip : public QWidget, public Themed {
    Q_OBJECT

public:
    explicit ProgressStrip(QWidget* parent = nullptr);
    void setFraction(double fraction);  ///< of 1
    void setTheme(const Theme& theme) override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme m_theme;
    double m_fraction = 0;
};

}  // namespace moescope
