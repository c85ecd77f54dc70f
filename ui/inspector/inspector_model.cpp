#include "ui/inspector/inspector_model.h"

namespace moescope {

InspectorModel::InspectorModel(QObject* parent) : QObject(parent) {}

void InspectorModel::setSource(SharedSource source) {
    if (source == m_source) return;
    m_source = std::move(source);
    m_sums = {};
    m_selection.hover({});
    emit sourceChanged();
}

void InspectorModel::sourceGrew() {
    if (m_source) emit grew();
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
    return m_loader ? m_loader(id) : nullptr;
}

void InspectorModel::compare(qint64 a, qint64 b) {
    if (a == m_compared_a && b == m_compared_b) return;
    m_compared_a = a;
    m_compared_b = b;
    emit comparisonChanged();
}

}  // namespace moescope
