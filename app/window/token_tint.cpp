#include "app/window/token_tint.h"

#include <QActionGroup>
#include <QMenu>

#include "app/window/chat_controller.h"
#include "ui/chat/transcript_view.h"
#include "ui/inspector/inspector_model.h"

namespace moescope {
namespace {

const std::pair<TintMetric, QLatin1String> kNames[] = {{TintMetric::kTopExpert, QLatin1String("top expert")},
                                                       {TintMetric::kMargin, QLatin1String("margin")},
                                                       {TintMetric::kEntropy, QLatin1String("entropy")},
                                                       {TintMetric::kSurprise, QLatin1String("surprise")},
                                                       {TintMetric::kSharedRatio, QLatin1String("shared ratio")}};

}  // namespace

QString nameOfTint(TintMetric metric) {
    for (const auto& [at, name] : kNames) {
        if (at == metric) return name;
    }
    return {};
}

TintMetric tintFromName(const QString& name) {
    for (const auto& [at, known] : kNames) {
        if (known == name) return at;
    }
    return TintMetric::kNone;
}

TokenTint::TokenTint(ChatController* chat, TranscriptView* view, InspectorModel* inspector, ThemeStore* themes,
                     QObject* parent)
    : QObject(parent), m_chat(chat), m_view(view), m_inspector(inspector), m_themes(themes) {
    connect(&inspector->selection(), &RoutingSelection::changed, this, [this](RoutingSelection::Parts parts) {
        if (m_metric == TintMetric::kNone || !(parts & RoutingSelection::kLayer)) return;
        m_view->retint();
        emit changed();
    });
    connect(inspector, &InspectorModel::sourceChanged, this, &TokenTint::changed);
}

void TokenTint::setMetric(TintMetric metric) {
    m_metric = metric;
    m_view->setTint(metric == TintMetric::kNone ? TranscriptView::Tint() : [this](qint64 message, int token) {
        return colourOf(message, token);
    });
    emit changed();
}

QColor TokenTint::colourOf(qint64 message, int token) const {
    if (m_metric == TintMetric::kSurprise) {
        const auto odds = m_chat->oddsOf(message, token);
        return odds ? surpriseTint(static_cast<double>(odds->probability), m_themes->theme()) : QColor();
    }
    const auto record = m_chat->tokenRouting(message, token, m_inspector->layer());
    const auto log = record ? m_chat->routing(message) : nullptr;
    if (log) return tintOf(m_metric, log->shape(), *record, m_themes->theme());
    // A question's tokens have their records in the answer's.
    const SharedSource whole = m_inspector->whole();
    const int at = whole ? whole->find(message, token) : -1;
    if (at < 0) return {};
    return tintOf(m_metric, whole->shape(), whole->log().at(static_cast<std::size_t>(at), m_inspector->layer()),
                  m_themes->theme());
}

int TokenTint::layerNumber(int layer) const {
    return layer + (m_inspector->source() ? m_inspector->source()->shape().first_moe_layer : 0);
}

QString TokenTint::chipText() const {
    return tr("Tint: %1").arg(tintName(m_metric, layerNumber(m_inspector->layer())));
}

void TokenTint::fill(QMenu* menu) {
    const auto choice = [](QMenu* in, QActionGroup* group, const QString& text, bool checked) {
        QAction* action = in->addAction(text);
        action->setCheckable(true);
        action->setActionGroup(group);
        action->setChecked(checked);
        return action;
    };
    auto* metrics = new QActionGroup(menu);
    for (const auto& [metric, text] : {std::pair(TintMetric::kNone, tr("Off")),
                                       {TintMetric::kTopExpert, tr("Top expert")},
                                       {TintMetric::kMargin, tr("Margin: how close the next expert came")},
                                       {TintMetric::kEntropy, tr("Entropy: how evenly the gates are spread")},
                                       {TintMetric::kSurprise, tr("Surprise: how unexpected the token was")},
                                       {TintMetric::kSharedRatio, tr("Shared vs. routed")}}) {
        connect(choice(menu, metrics, text, m_metric == metric), &QAction::triggered, this,
                [this, chosen = metric] { setMetric(chosen); });
    }
    const SharedSource source = m_inspector->source();
    if (!source) return;
    menu->addSeparator();
    QMenu* layers = menu->addMenu(tr("Layer"));
    layers->setAccessibleName(tr("Layer"));
    auto* numbers = new QActionGroup(menu);
    for (int l = 0; l < source->shape().moe_layers; ++l) {
        connect(choice(layers, numbers, tr("Layer %1").arg(layerNumber(l)), l == m_inspector->layer()),
                &QAction::triggered, this, [this, l] { m_inspector->selection().choose(Spot::ofExpert(l, -1)); });
    }
}

}  // namespace moescope
