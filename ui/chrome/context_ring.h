#pragma once
// How full the context is, as a ring with figures beside it.

#include <QWidget>

namespace moescope {

class ThemeStore;

class ContextRing : public QWidget {
    Q_OBJECT

public:
    explicit ContextRing(ThemeStore* themes, QWidget* parent = nullptr);
    /// Tokens in use and in all; total 0: no model, nothing is shown.
    void setUse(int used, int total);
    /// Without the figures; who points at it still reads them.
    void setCompact(bool compact);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString label() const;
    ThemeStore* m_themes;
    int m_used = 0, m_total = 0;
    bool m_compact = false;
};

}  // namespace moescope
