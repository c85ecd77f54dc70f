#pragma once
// The card of a model: what it is, what it takes, and what it cannot do. A dialog that shows words which others make.

#include <QDialog>
#include <QList>
#include <QString>

class QLabel;
class QVBoxLayout;

namespace moescope {

class ContextBars;
class ThemeStore;

/// What the card says.
struct ModelCard {
    struct Row {
        QString name, value;
        bool possible = true;  ///< otherwise it is greyed, and the value says why
    };
    struct Section {
        QString title;
        QList<Row> rows;
    };
    /// A context that could be chosen.
    struct Context {
        int tokens = 0;
        QString memory;    ///< of all together: "11.2 GB"
        double share = 0;  ///< of what is free
        bool chosen = false;
    };
    QString name, subtitle;
    QList<Section> sections;
    QList<Context> contexts;       ///< none: not known
    QString contexts_title, free;  ///< "12.4 GB are free"

    /// All of it, for the clipboard.
    QString text() const;
};

class ModelCardDialog : public QDialog {
    Q_OBJECT

public:
    /// `themes` is not owned.
    ModelCardDialog(ModelCard card, ThemeStore* themes, QWidget* parent = nullptr);
    const ModelCard& card() const { return m_card; }

private:
    void addSection(const ModelCard::Section& section);
    void addContexts();
    void applyTheme();

    ModelCard m_card;
    ThemeStore* m_themes;
    ContextBars* m_bars = nullptr;
    QList<QLabel*> m_names, m_greyed;  // of rows; of those that are not possible, both labels
    QVBoxLayout* m_column;             // of what scrolls
};

}  // namespace moescope
