#pragma once
// The tab of the paper's experiments over a chat's text. The window computes: it hears runRequested() and
// stopRequested() and answers with begin(), add() and end().

#include "ui/inspector/charts/experiment_chart.h"
#include "ui/inspector/inspector_view.h"

class QProgressBar;

namespace moescope {

class FormButton;
class SmallChoice;

class ExperimentView : public InspectorView {
    Q_OBJECT

public:
    ExperimentView(InspectorModel* model, ThemeStore* themes, QWidget* parent = nullptr);

    /// Why nothing can be run now, "" if it can: a model has to be loaded, a chat to have an answer.
    void setReason(const QString& reason);
    /// An experiment begins; `results` have no points yet.
    void begin(const ExperimentResults& results);
    void setProgress(double fraction);
    void add(const ExperimentResult& result);
    /// It ended; `sentence` says why if it did not end by itself.
    void end(const QString& sentence);

    bool running() const { return m_running; }
    const ExperimentResults& results() const { return m_results; }
    ExperimentPlot& plot() { return *m_plot; }

signals:
    /// `figure`: "mask" or "active".
    void runRequested(const QString& figure);
    void stopRequested();

protected:
    void applyTheme() override;

private:
    void update();

    ExperimentResults m_results;
    ExperimentPlot* m_plot;
    ExperimentTable* m_table;
    SmallChoice *m_figure, *m_unit;
    FormButton* m_run;
    QProgressBar* m_progress;
    QLabel* m_note;
    QString m_reason, m_sentence;
    bool m_running = false;
};

}  // namespace moescope
