#pragma once
// "Layer 12, expert 40, gate above 0.3": a window that lists the tokens which an expert took, in every conversation.
// It searches while one types; Down goes to the list, Enter opens a token where it stands, Esc closes.

#include <QDialog>
#include <QTimer>

#include "ui/experts/expert_hits_model.h"

class QLabel;
class QListView;

namespace moescope {

class Choice;
class ExpertHitDelegate;
class NumberField;
class RealField;
class Switch;
class ThemeStore;

struct ExpertQuery {
    int layer = 0;  ///< as the model counts
    int expert = 0;
    double gate_above = 0;  ///< 0: any gate
    int ranks = 0;          ///< among the best so many; 0: any rank
    bool prompts = false;   ///< tokens that were read too
    bool operator==(const ExpertQuery&) const = default;
};

class ExpertSearch : public QDialog {
    Q_OBJECT

public:
    /// `themes` is not owned.
    explicit ExpertSearch(ThemeStore* themes, QWidget* parent = nullptr);

    ExpertQuery query() const;
    /// Puts it into the form and searches.
    void setQuery(const ExpertQuery& query);
    /// The layers and experts that can be asked for; what lies outside is changed.
    void setRange(int first_layer, int layers, int experts);

    /// The answer to a query; one that is not the form's anymore is dropped. `total` counts all that there are.
    void showHits(const ExpertQuery& query, const QList<ExpertHit>& hits, qint64 total, const QString& note);
    void showError(const QString& sentence);

    ExpertHitsModel* model() const { return m_model; }
    QListView* list() const { return m_list; }

signals:
    void searchRequested(const moescope::ExpertQuery& query);
    /// `index` -1: the message as a whole.
    void opened(qint64 conversation, qint64 message, int index);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void request();
    void openCurrent();
    void applyTheme();

    ThemeStore* m_themes;
    NumberField *m_layer, *m_expert;
    RealField* m_gate;
    Choice* m_rank;
    Switch* m_prompts;
    QLabel* m_verdict;
    QListView* m_list;
    ExpertHitsModel* m_model;
    ExpertHitDelegate* m_delegate;
    QTimer m_timer;
};

}  // namespace moescope
