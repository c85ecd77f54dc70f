#pragma once
// Memory against context: a bar for each context that could be chosen, and a line where what is free ends.

#include <QWidget>

#include "ui/models/model_card.h"
#include "ui/theme.h"

namespace moescope {

class ContextBars : public QWidget {
    Q_OBJECT

public:
    ContextBars(QList<ModelCard::Context> contexts, QString free, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString words(const ModelCard::Context& context) const;

    QList<ModelCard::Context> m_contexts;
    QString m_free;
    Theme m_theme;
};

}  // namespace moescope
