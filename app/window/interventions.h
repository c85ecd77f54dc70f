#pragma once
// What a user does with the routing beside looking: rules for a chat or one more answer, experiments over a chat's
// text, the search for an expert's tokens. Owns the dialogs. GUI thread.

#include <QObject>
#include <stop_token>

#include "app/window/engine_thread.h"
#include "ui/experts/expert_search.h"
#include "ui/inspector/inspector_model.h"

class QWidget;

namespace moescope {

class ChatController;
class ExperimentView;
class InspectorDock;
class RoutingDesk;
class ThemeStore;
class TranscriptModel;

class Interventions : public QObject {
    Q_OBJECT

public:
    struct Parts {
        std::string data_dir;
        ChatController* chat;
        EngineThread* engine;
        TranscriptModel* transcript;
        RoutingDesk* desk;
        InspectorDock* inspector;
        ThemeStore* themes;
        QWidget* window;
    };
    /// None is owned; all outlive this.
    explicit Interventions(const Parts& parts, QObject* parent = nullptr);
    ~Interventions() override;

    void setModel(const LoadedModel& model);
    /// Rules for the chat.
    void editRules();
    /// Rules for one more answer in the place of `message`; 0: of the last answer.
    void editRulesFor(qint64 message);
    /// "Rules: top 6, all experts".
    QString rulesText() const;
    /// With the layer and the expert that are chosen in the inspector.
    void searchExperts();
    /// An expert is masked, forced, or free again in the next answers of the chat; the rest of its rules stays.
    void setRule(int layer, int expert, ExpertRule rule);
    ExpertRule ruleOf(int layer, int expert) const;
    void showExperiments();
    bool experimentRuns() const { return m_experiment_runs; }
    /// Ends the search that runs; what the pool has of it must be waited for.
    void stopSearching() { m_search_stop.request_stop(); }

    ExpertSearch* expertSearch() const { return m_search; }

signals:
    /// A sentence: what was asked for cannot be done.
    void refused(const QString& sentence);
    void rulesChanged();
    /// A sentence: what holds from now on, or why it cannot.
    void said(const QString& sentence);
    void failed(const QString& sentence);
    void experimentRunning(bool running);
    /// A token of an answer, -1: the answer, is to be shown.
    void messageWanted(qint64 conversation, qint64 message, int index);

private:
    /// Whether rules are followed by whoever answers; if not, that has been said.
    bool mayRule();
    void search(const ExpertQuery& query);
    void runExperiment(const QString& figure);
    void connectEngine();
    void updateReason();
    void offerRules();

    Parts m_parts;
    LoadedModel m_model;
    ExpertSearch* m_search;
    ExperimentView* m_experiments;
    ExperimentFigure m_figure = ExperimentFigure::kMaskedTop;
    RoutingShape m_experiment_shape;
    bool m_experiment_runs = false;
    std::stop_source m_search_stop;
};

}  // namespace moescope
