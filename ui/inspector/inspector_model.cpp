#include "ui/inspector/inspector_model.h"

namespace moescope {

InspectorModel::InspectorModel(QObject* parent) : QObject(parent) {}

void InspectorModel::setSource(SharedSource whole) {
    if (whole == m_whole) return;
    m_selection.hover({});
    m_whole = std::move(whole);
    m_source = RoutingSource::part(m_whole, m_scope);
    m_sums = {};
    emit sourceChanged();
}

void InspectorModel::setScope(const Scope& scope) {
    if (scope == m_scope) return;
    m_scope = scope;
    emit scopeChanged();
    if (!m_whole) return;
    m_selection.hover({});
    m_source = RoutingSource::part(m_whole, m_scope);
    m_sums = {};
    emit sourceChanged();
}

void InspectorModel::sourceGrew() {
    if (!m_source) return;
    m_source->follow();
    emit grew();
}

QString InspectorModel::scopeText() const {
    if (!m_source) return {};
    QStringList words{m_whole->name()};
    if (const QString scope = scopeWords(m_scope, m_whole->shape().first_moe_layer, m_whole->thinks());
        !scope.isEmpty())
        words << scope;
    words << (m_source == m_whole ? tr("%Ln token(s)", nullptr, m_whole->size())
                                  : tr("%L1 of %Ln token(s)", nullptr, m_whole->size()).arg(m_source->size()));
    return words.join(QStringLiteral(" · "));
}

void InspectorModel::setExpertNames(const ExpertNames& names) {
    if (names == m_names) return;
    m_names = names;
    emit namesChanged();
}

void InspectorModel::setOtherExpert(const Spot& spot) {
    if (spot == m_other_expert) return;
    m_other_expert = spot;
    emit otherExpertChanged();
}

void InspectorModel::setRouter(const QString& model, RouterCosines cosines) {
    const bool same = model == m_router_model && !cosines == !m_router;
    m_router_model = model;
    m_router = std::move(cosines);
    if (!same) emit routerChanged();
}

void InspectorModel::setChoices(const QList<SourceOffer>& choices) {
    if (choices == m_choices) return;
    m_choices = choices;
    emit choicesChanged();
}

const ExpertSums& InspectorModel::sums() {
    if (m_source) m_sums.update(*m_source);
    return m_sums;
}

int InspectorModel::layer() const {
    const int chosen = m_selection.chosen().layer;
    return m_source && chosen >= 0 && chosen < m_source->shape().moe_layers ? chosen : 0;
}

void InspectorModel::setOffers(const QList<SourceOffer>& offers) {
    if (offers == m_offers) return;
    m_offers = offers;
    emit offersChanged();
}

SharedSource InspectorModel::load(qint64 id) const {
    if (m_source && m_source->id() == id) return m_source;
    return m_loader ? RoutingSource::part(m_loader(id), m_scope) : nullptr;
}

void InspectorModel::compare(qint64 a, qint64 b) {
    if (a == m_compared_a && b == m_compared_b) return;
    m_compared_a = a;
    m_compared_b = b;
    emit comparisonChanged();
}

}  // namespace moescope
