#include "app/window/interventions.h"

#include <QThreadPool>
#include <algorithm>
#include <vector>

#include "app/window/chat_controller.h"
#include "app/window/routing_desk.h"
#include "app/window/titles.h"
#include "engine/model/router_rows.h"
#include "ui/chat/transcript_model.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/views/experiment_view.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/settings/rules_words.h"

namespace moescope {

Interventions::Interventions(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_parts(parts),
      m_search(new ExpertSearch(parts.themes, parts.window)),
      m_experiments(parts.inspector->view<ExperimentView>()) {
    connect(m_search, &ExpertSearch::searchRequested, this, &Interventions::search);
    connect(m_search, &ExpertSearch::opened, this, &Interventions::messageWanted);
    connect(parts.chat, &ChatController::comparisonWanted, parts.desk, &RoutingDesk::compare);
    connect(parts.transcript, &QAbstractItemModel::modelReset, this, &Interventions::updateReason);
    connect(parts.chat, &ChatController::answeringChanged, this, &Interventions::updateReason);
    connect(m_experiments, &ExperimentView::runRequested, this, &Interventions::runExperiment);
    connect(m_experiments, &ExperimentView::stopRequested, parts.engine, &EngineThread::stop);
    InspectorModel& inspector = parts.inspector->model();
    connect(&inspector, &InspectorModel::tokensOfExpertWanted, this, [this](int layer, int expert) {
        m_parts.inspector->model().selection().choose(Spot::ofExpert(layer, expert));
        searchExperts();
    });
    connect(&inspector, &InspectorModel::ruleWanted, this, &Interventions::setRule);
    connect(&inspector, &InspectorModel::sourceChanged, this, &Interventions::offerRules);
    connectEngine();
    updateReason();
}

Interventions::~Interventions() {
    m_search_stop.request_stop();
}

void Interventions::setModel(const LoadedModel& model) {
    m_model = model;
    const RoutingShape& s = model.shape;
    m_search->setRange(s.first_moe_layer, s.moe_layers, s.experts);
    updateReason();
    offerRules();
    emit rulesChanged();
}

void Interventions::offerRules() {
    // Experts of a trace, or of another model, cannot be masked here.
    InspectorModel& inspector = m_parts.inspector->model();
    const SharedSource whole = inspector.whole();
    const bool its = m_model.model && whole && whole->shape().moe_layers == m_model.shape.moe_layers &&
                     whole->shape().experts == m_model.shape.experts;
    inspector.setRuleOf(its ? InspectorModel::RuleOf([this](int layer, int expert) { return ruleOf(layer, expert); })
                            : InspectorModel::RuleOf());
    // What its router's weights say, it says of any routing of these experts: the chart names the model.
    inspector.setRouter(
        m_model.name, !its ? InspectorModel::RouterCosines()
                           : [model = m_model.model, first = m_model.shape.first_moe_layer](int layer) {
                                 return routerCosines(model->matrices(), static_cast<std::size_t>(first + layer));
                             });
}

ExpertRule Interventions::ruleOf(int layer, int expert) const {
    return expertRule(m_parts.chat->rules(), m_model.shape.first_moe_layer + layer, expert);
}

void Interventions::setRule(int layer, int expert, ExpertRule rule) {
    RouterRules rules = m_parts.chat->rules();
    const int number = m_model.shape.first_moe_layer + layer;
    setExpertRule(rules, number, expert, rule);
    if (const Status fits = validate(rules, m_model.shape); !fits.ok())
        return emit failed(QString::fromStdString(fits.message()));
    m_parts.chat->setRules(rules);
    emit rulesChanged();
    const QString where = tr("Expert %1 of layer %2").arg(expert).arg(number);
    emit said(rule == ExpertRule::kMasked ? tr("%1 will be masked in the next answers of this chat.").arg(where)
              : rule == ExpertRule::kForced
                  ? tr("%1 will always be chosen in the next answers of this chat.").arg(where)
                  : tr("%1 will follow the model default in the next answers.").arg(where));
}

QString Interventions::rulesText() const {
    return tr("Rules: %1").arg(rulesSummary(m_parts.chat->rules(), m_model.shape));
}

bool Interventions::mayRule() {
    const bool may = !m_model.there() || m_model.abilities.rules;
    if (!may) emit refused(tr("The model runs on a server, so its router cannot be changed from here."));
    return may;
}

void Interventions::editRules() {
    if (!mayRule()) return;
    RouterRulesDialog dialog(m_parts.themes, m_model.shape, false, m_parts.window);
    dialog.setRules(m_parts.chat->rules());
    connect(&dialog, &RouterRulesDialog::applied, this, [this](const RouterRules& rules) {
        m_parts.chat->setRules(rules);
        emit rulesChanged();
    });
    dialog.exec();
}

void Interventions::editRulesFor(qint64 message) {
    if (!mayRule()) return;
    for (int row = m_parts.transcript->count() - 1; row >= 0 && message == 0; --row) {
        if (m_parts.transcript->at(row).role == TranscriptRole::kAnswer) message = m_parts.transcript->at(row).id;
    }
    if (message == 0) return editRules();
    RouterRulesDialog dialog(m_parts.themes, m_model.shape, true, m_parts.window);
    // One changes what the answer was made with.
    dialog.setRules(m_parts.chat->rulesOf(message));
    connect(&dialog, &RouterRulesDialog::applied, this, [this](const RouterRules& rules) {
        m_parts.chat->setRules(rules);
        emit rulesChanged();
    });
    connect(&dialog, &RouterRulesDialog::regenerateRequested, this,
            [this, message](const RouterRules& rules) { m_parts.chat->regenerate(message, rules); });
    dialog.exec();
}

void Interventions::searchExperts() {
    const Spot chosen = m_parts.inspector->model().selection().chosen();
    m_search->show();
    m_search->raise();
    m_search->activateWindow();
    if (chosen.layer < 0 && chosen.expert < 0) return;
    ExpertQuery query = m_search->query();
    if (chosen.layer >= 0) query.layer = m_model.shape.first_moe_layer + chosen.layer;
    if (chosen.expert >= 0) query.expert = chosen.expert;
    m_search->setQuery(query);
}

void Interventions::search(const ExpertQuery& query) {
    constexpr int kShown = 500;
    m_search_stop.request_stop();
    m_search_stop = {};
    RoutingQuery wanted;
    wanted.layer = query.layer;
    wanted.expert = query.expert;
    wanted.gate_above = query.gate_above > 0 ? static_cast<float>(query.gate_above) : -1;
    wanted.ranks = query.ranks;
    wanted.prompts = query.prompts;
    QThreadPool::globalInstance()->start(
        [this, query, wanted, dir = m_parts.data_dir, stop = m_search_stop.get_token()] {
            auto history = History::open(dir);
            auto result = history.ok() ? (*history)->routingSearch(wanted, kShown, stop)
                                       : Result<RoutingSearchResult>(history.status());
            if (stop.stop_requested()) return;  // nobody waits for it any more
            QMetaObject::invokeMethod(this, [this, query, result = std::move(result)] {
                if (!result.ok()) return m_search->showError(QString::fromStdString(result.status().message()));
                QList<ExpertHit> hits;
                for (const RoutingHit& hit : result->hits) {
                    ExpertHit shown;
                    shown.conversation = hit.conversation;
                    shown.message = hit.message;
                    shown.title = shownTitle(QString::fromStdString(hit.title));
                    shown.gate = static_cast<double>(hit.gate);
                    shown.rank = hit.rank;
                    shown.position = hit.position;
                    if (hit.index) {
                        shown.index = static_cast<int>(*hit.index);
                        shown.before = QString::fromUtf8(hit.snippet.data(), hit.begin);
                        shown.token = QString::fromUtf8(hit.snippet.data() + hit.begin, hit.end - hit.begin);
                        shown.after = QString::fromStdString(hit.snippet.substr(hit.end));
                    } else {
                        shown.token = m_parts.desk->sources().tokenText(hit.model, hit.token);
                        if (shown.token.isEmpty()) shown.token = tr("token %1").arg(hit.token);
                        shown.after = tr(" (in the prompt, position %1)").arg(hit.position);
                    }
                    hits.append(shown);
                }
                const QString note =
                    result->unreadable > 0 ? tr("Some routing is damaged and was not searched.") : QString();
                m_search->showHits(query, hits, result->total, note);
            });
        });
}

void Interventions::showExperiments() {
    m_parts.inspector->show();
    m_parts.inspector->showView(ViewKind::kExperiments);
}

void Interventions::updateReason() {
    bool answered = false;
    for (int row = 0; row < m_parts.transcript->count(); ++row) {
        answered |= m_parts.transcript->at(row).role == TranscriptRole::kAnswer;
    }
    m_experiments->setReason(!m_model.there() ? tr("Load a model to run an experiment.")
                             : !m_model.model ? tr("Experiments need a model on this machine, not on a server.")
                             : !answered      ? tr("Ask something first; the experiment uses the chat's answers.")
                             : m_parts.chat->answering() ? tr("An answer is being written.")
                                                         : QString());
}

void Interventions::runExperiment(const QString& figure) {
    if (m_experiment_runs) return;
    m_figure = figure == QLatin1String("mask") ? ExperimentFigure::kMaskedTop : ExperimentFigure::kActiveExperts;
    ExperimentJob job;
    job.figure = m_figure;
    const std::string& prompt = m_parts.chat->current().system_prompt;
    if (!prompt.empty()) job.messages.push_back({Role::kSystem, prompt});
    for (int row = 0; row < m_parts.transcript->count(); ++row) {
        const TranscriptMessage& m = m_parts.transcript->at(row);
        job.messages.push_back({m.role == TranscriptRole::kUser ? Role::kUser : Role::kAssistant, m.text});
    }
    m_experiment_runs = true;
    emit experimentRunning(true);
    m_parts.engine->experiment(std::move(job));
}

void Interventions::connectEngine() {
    EngineThread* engine = m_parts.engine;
    connect(engine, &EngineThread::experimentBegun, this, [this](const RoutingShape& shape) {
        m_experiment_shape = shape;
        const auto settings = experimentSettings(m_figure, shape);
        ExperimentResults results;
        results.source = QString::fromStdString(m_parts.chat->current().title);
        results.from = settings.front().x;
        results.to = results.from;
        for (const ExperimentSetting& s : settings) results.to = std::max(results.to, s.x);
        if (m_figure == ExperimentFigure::kMaskedTop) {
            results.title = tr("Loss with the best experts masked");
            results.axis = tr("best experts masked for each token, of %1").arg(shape.experts);
        } else {
            results.title = tr("Loss with different numbers of experts");
            results.axis = tr("routed experts per token; the model has %1").arg(shape.experts_used);
        }
        m_experiments->begin(results);
    });
    connect(engine, &EngineThread::experimentProgress, m_experiments, &ExperimentView::setProgress);
    connect(engine, &EngineThread::experimentPoint, this, [this](const ExperimentPoint& point) {
        const ExperimentSetting& s = point.setting;
        ExperimentResult result;
        const int masked = s.rules.all.masked_top;
        const int k = s.rules.all.experts_used.value_or(m_experiment_shape.experts_used);
        if (s.reference) {
            result.label = tr("shared experts off, k = %1").arg(k);
        } else if (m_figure == ExperimentFigure::kMaskedTop) {
            result.label = masked == 0 ? tr("none masked")
                                       : tr("best %1 of %2 masked").arg(masked).arg(m_experiment_shape.experts);
            result.tick = QString::number(masked);
        } else {
            result.label = tr("k = %1").arg(k);
            result.tick = QString::number(k);
        }
        result.x = s.x;
        result.nats = point.loss.mean();
        result.tokens = static_cast<qint64>(point.loss.tokens);
        result.own = s.own;
        result.reference = s.reference;
        m_experiments->add(result);
    });
    connect(engine, &EngineThread::experimentEnded, this, [this](const QString& sentence) {
        m_experiment_runs = false;
        m_experiments->end(sentence);
        emit experimentRunning(false);
    });
}

}  // namespace moescope
