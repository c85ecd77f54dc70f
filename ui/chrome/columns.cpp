#include "ui/chrome/columns.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/theme.h"
#include "ui/widgets/pill_button.h"
#include "ui/widgets/plain_text.h"

namespace moescope {

/// A body under its strip.
class Column : public QWidget {
public:
    Column(ThemeStore* themes, QWidget* content)
        : body(content),
          strip(new QWidget(this)),
          letter(new QLabel),
          model(new PillButton(QStringLiteral("model"), QString())),
          settings(new PillButton(QStringLiteral("settings"), QString())),
          rules(new PillButton(QStringLiteral("rules"), QString())),
          compare(new PillButton(QStringLiteral("compare"), Columns::tr("Compare"))),
          stop(new PillButton(QStringLiteral("stop"), Columns::tr("Stop"))),
          close(new QToolButton),
          hint(new QLabel(this)),
          m_themes(themes) {
        for (QLabel* label : {letter, hint}) label->setTextFormat(Qt::PlainText);
        auto* row = new QHBoxLayout(strip);
        row->addWidget(letter);
        row->addWidget(model, 2);
        row->addWidget(settings, 2);
        row->addWidget(rules, 3);
        row->addStretch(1);
        row->addWidget(compare);
        row->addWidget(stop);
        row->addWidget(close);
        auto* all = new QVBoxLayout(this);
        all->setContentsMargins(0, 0, 0, 0);
        all->setSpacing(0);
        all->addWidget(strip);
        all->addWidget(body, 1);
        for (PillButton* pill : {model, settings, rules, compare, stop}) {
            pill->setFocusPolicy(Qt::TabFocus);
            pill->setObjectName(QStringLiteral("column_") + pill->id());
        }
        close->setObjectName(QStringLiteral("column_close"));
        close->setFocusPolicy(Qt::TabFocus);
        close->setText(QStringLiteral("×"));
        hint->setAlignment(Qt::AlignCenter);
        hint->setWordWrap(true);
        hint->setAttribute(Qt::WA_TransparentForMouseEvents);
        hint->hide();
        stop->hide();
        strip->hide();
        body->show();
        connect(m_themes, &ThemeStore::changed, this, &Column::applyTheme);
        applyTheme();
    }

    QWidget* const body;
    QWidget* const strip;
    QLabel* const letter;
    PillButton *const model, *const settings, *const rules, *const compare, *const stop;
    QToolButton* const close;
    QLabel* const hint;

protected:
    void paintEvent(QPaintEvent*) override {
        const Theme& t = m_themes->theme();
        QPainter p(this);
        p.fillRect(rect(), t.background);
        if (strip->isHidden()) return;
        p.fillRect(strip->geometry(), t.panel);
        p.fillRect(0, strip->height() - 1, width(), 1, t.line);
    }
    void resizeEvent(QResizeEvent*) override {
        const int side = m_themes->theme().space(6);
        hint->setGeometry(rect().adjusted(side, strip->height(), -side, 0));
    }

private:
    void applyTheme() {
        const Theme& t = m_themes->theme();
        strip->layout()->setContentsMargins(t.space(4), t.space(1.5), t.space(2), t.space(1.5));
        strip->layout()->setSpacing(t.space(1.5));
        letter->setFont(t.sans(Theme::kSmall, QFont::DemiBold));
        letter->setStyleSheet(QStringLiteral("color: %1;").arg(t.text.name()));
        hint->setFont(t.sans(Theme::kReading));
        hint->setStyleSheet(QStringLiteral("color: %1;").arg(t.dim.name()));
        for (PillButton* pill : {model, settings, rules, compare, stop}) pill->setTheme(t);
        close->setFont(t.sans(Theme::kTitle));
        close->setStyleSheet(
            QStringLiteral("QToolButton { color: %1; border: none; border-radius: 4px; padding: 2px "
                           "7px; } QToolButton:hover, QToolButton:focus { background: %2; color: %3; }")
                .arg(t.dim.name(), t.hover.name(), t.text.name()));
        update();
    }

    ThemeStore* m_themes;
};

Columns::Columns(ThemeStore* themes, QWidget* first, QWidget* parent)
    : QWidget(parent), m_themes(themes), m_row(new QHBoxLayout(this)) {
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(1);
    connect(themes, &ThemeStore::changed, this, QOverload<>::of(&QWidget::update));
    add(first);
}

void Columns::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), m_themes->theme().line);  // what is seen between columns
}

void Columns::add(QWidget* body) {
    auto* column = new Column(m_themes, body);
    m_columns.append(column);
    m_row->addWidget(column, 1);
    const auto tells = [&](QAbstractButton* button, auto signal) {
        connect(button, &QAbstractButton::clicked, this,
                [this, column, signal] { emit(this->*signal)(static_cast<int>(m_columns.indexOf(column))); });
    };
    tells(column->model, &Columns::modelWanted);
    tells(column->settings, &Columns::settingsWanted);
    tells(column->rules, &Columns::rulesWanted);
    tells(column->compare, &Columns::compareWanted);
    tells(column->stop, &Columns::stopWanted);
    tells(column->close, &Columns::closeWanted);
    name();
}

QWidget* Columns::body(int column) const {
    return m_columns[column]->body;
}

QWidget* Columns::take(int column) {
    Column* taken = m_columns.takeAt(column);
    QWidget* body = taken->body;
    body->hide();
    body->setParent(nullptr);
    m_row->removeWidget(taken);
    taken->hide();
    taken->deleteLater();
    name();
    return body;
}

void Columns::name() {
    const bool several = m_columns.size() > 1;
    for (int i = 0; i < m_columns.size(); ++i) {
        Column& c = *m_columns[i];
        const QString letter(QChar(u'A' + i));
        c.letter->setText(letter);
        c.strip->setVisible(several);
        c.hint->setVisible(several && !c.hint->text().isEmpty());
        c.model->setVisible(i > 0);
        c.compare->setVisible(i > 0);
        c.compare->setToolTip(plainToolTip(tr("Compare the routing of the last answers of A and %1").arg(letter)));
        c.stop->setAccessibleName(tr("Stop column %1").arg(letter));
        c.stop->setToolTip(tr("Stop this column's answer"));
        c.close->setAccessibleName(tr("Close column %1").arg(letter));
        c.close->setToolTip(tr("Close this column; its answers stay in the chat as alternatives"));
    }
    updateGeometry();
}

QPoint Columns::modelCorner(int column) const {
    const PillButton* pill = m_columns[column]->model;
    return pill->mapToGlobal(QPoint(0, pill->height()));
}

void Columns::setCaptions(int column, const QString& model, const QString& settings, const QString& rules) {
    m_columns[column]->model->setCaption(model);
    m_columns[column]->settings->setCaption(settings);
    m_columns[column]->rules->setCaption(rules);
}

void Columns::setAnswering(int column, bool answering) {
    m_columns[column]->stop->setVisible(answering);
}

void Columns::setComparable(int column, bool comparable) {
    m_columns[column]->compare->setEnabled(comparable);
}

void Columns::setHint(int column, const QString& hint) {
    m_columns[column]->hint->setText(hint);
    m_columns[column]->hint->setVisible(m_columns.size() > 1 && !hint.isEmpty());
    m_columns[column]->hint->raise();
}

QSize Columns::minimumSizeHint() const {
    // Several make the window no wider: what has no room is cut.
    const QSize hint = QWidget::minimumSizeHint();
    return m_columns.size() == 1 ? hint : QSize(m_themes->theme().px(260), hint.height());
}

}  // namespace moescope
