#pragma once
// One of a few in a list that opens, as low and narrow as the inspector's controls are.

#include "ui/widgets/controls.h"

namespace moescope {

class SmallChoice : public Choice {
    Q_OBJECT

public:
    explicit SmallChoice(QWidget* parent = nullptr);
    void setTheme(const Theme& theme) override;
    QSize sizeHint() const override;
    /// Replaces the items and keeps the chosen one if it is still there; emits nothing unless the choice changes.
    void setChoices(const QList<std::pair<QString, QString>>& choices);

private:
    Theme m_theme;
};

}  // namespace moescope
