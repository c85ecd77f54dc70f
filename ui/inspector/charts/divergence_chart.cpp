#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

QString bits(double divergence) {
    return QString::number(divergence, 'f', 3);
}

}  // namespace

QString DivergenceChart::caption() const {
    return m_comparison->possible() ? tr("Jensen–Shannon, 0 to 1 bit") : QString();
}

void DivergenceChart::refresh() {
    m_divergence.clear();
    for (int l = 0; l < layers(); ++l) m_divergence.push_back(m_comparison->divergenceOf(l));
}

std::vector<LayerBarsChart::Bar> DivergenceChart::bars(int row) const {
    return {{m_divergence[static_cast<std::size_t>(row)], theme().blue}};
}

QString DivergenceChart::figures(int row) const {
    return bits(m_divergence[static_cast<std::size_t>(row)]);
}

QString DivergenceChart::describe(int row) const {
    return tr("layer %1: divergence %2 bits").arg(numberOf(row)).arg(figures(row));
}

QString DivergenceChart::csv() const {
    if (m_divergence.empty()) return {};
    QString text = QStringLiteral("layer,divergence_bits\n");
    for (std::size_t l = 0; l < m_divergence.size(); ++l)
        text += QStringLiteral("%1,%2\n").arg(numberOf(static_cast<int>(l))).arg(m_divergence[l], 0, 'g', 9);
    return text;
}

}  // namespace moescope
