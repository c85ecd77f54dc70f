#pragma once
// What the golden pictures are of: every chart of the inspector, with data that shows all it can paint and with data
// that is hard to paint.

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "tests/inspector/samples.h"
#include "ui/inspector/charts/balance_chart.h"
#include "ui/inspector/charts/coactivation_chart.h"
#include "ui/inspector/charts/compare_charts.h"
#include "ui/inspector/charts/depth_chart.h"
#include "ui/inspector/charts/domains_chart.h"
#include "ui/inspector/charts/experiment_chart.h"
#include "ui/inspector/charts/expert_pair_chart.h"
#include "ui/inspector/charts/layers_chart.h"
#include "ui/inspector/charts/lift_chart.h"
#include "ui/inspector/charts/load_bars_chart.h"
#include "ui/inspector/charts/position_chart.h"
#include "ui/inspector/charts/ratio_chart.h"
#include "ui/inspector/charts/router_chart.h"
#include "ui/inspector/charts/rows_chart.h"
#include "ui/inspector/charts/shared_layers_chart.h"
#include "ui/inspector/charts/shared_tokens_chart.h"
#include "ui/inspector/charts/token_chart.h"
#include "ui/inspector/charts/tokens_chart.h"
#include "ui/inspector/charts/vocabulary_chart.h"
#include "ui/theme.h"

namespace moescope::golden {

enum class Data {
    kNormal,
    kChosen,  ///< the same, with a token, a layer and an expert chosen
    kNan,     ///< gates, probabilities, norms and losses that are not numbers, and an infinite one
    kMany,    ///< more tokens than pixels
    kOne,     ///< one token
    kEmpty,
    kPlaces,  ///< as kChosen, with names and tokens that read like the places of our sentences
};

constexpr char kPlacesText[] = "%2%3%4%5%6";

constexpr qint64 kFirst = 1, kSecond = 2;

inline RoutingShape shape() {
    RoutingShape shape = samples::smallShape();
    shape.moe_layers = 4;
    shape.experts = 16;
    shape.experts_used = 3;
    return samples::withDetail(shape, samples::Detail::kAll);
}

/// Uneven loads, norms that wander, a few words that come again. From token `parts` on, other words and experts.
inline SharedSource source(qint64 id, const QString& name, int tokens, bool nan, int parts = 1 << 30) {
    const auto log = std::make_shared<RoutingLog>(shape());
    std::uint32_t state = 7;
    const auto random = [&state] { return ((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0; };
    static const char* const kWords[] = {"the", " fox", " ran", ",", "\n", " over", " a", " hill", " quickly", "."};
    std::vector<QString> texts;
    for (int t = 0; t < tokens; ++t) {
        if (t == parts) state = 99;
        std::vector<LayerRouting> layers(static_cast<std::size_t>(shape().moe_layers));
        for (std::size_t l = 0; l < layers.size(); ++l) {
            LayerRouting& r = layers[l];
            std::vector<std::pair<double, int>> scores;
            for (int e = 0; e < shape().experts - 1; ++e)  // the last one is never chosen
                scores.push_back({random() + ((e * 5 + static_cast<int>(l) * 3) % 7 == 0 ? 0.5 : 0), e});
            std::ranges::sort(scores, std::greater<>());
            r.count = shape().experts_used;
            for (std::size_t i = 0; i < 5; ++i) {
                const auto p = static_cast<float>(0.25 * scores[i].first / static_cast<double>(i + 1));
                (i < 3 ? r.experts[i] : r.runners_up[i - 3]) = scores[i].second;
                (i < 3 ? r.probabilities[i] : r.runner_up_probabilities[i - 3]) = p;
                if (i < 3) r.gates[i] = p;
            }
            const double wave = 1 + 0.5 * std::sin(t * 0.2 + static_cast<double>(l));
            r.shared_norm = static_cast<float>(2 * wave + random());
            r.routed_norm = static_cast<float>(0.4 + 0.3 * static_cast<double>(l) + random());
            if (nan && t % 9 == 4 && l % 2 == 1) {
                const float none = std::numeric_limits<float>::quiet_NaN();
                r.gates[0] = r.probabilities[0] = r.runner_up_probabilities[0] = none;
                r.shared_norm = r.routed_norm = none;
            }
            if (nan && t == 30 && l == 2) r.shared_norm = std::numeric_limits<float>::infinity();
        }
        const int word = static_cast<int>(random() * 10);
        log->onToken({word, t, t < 12 && tokens > 1 ? Phase::kPrefill : Phase::kDecode, layers});
        texts.push_back(QString::fromLatin1(kWords[word]));
    }
    auto result = std::make_shared<RoutingSource>(id, name, log);
    result->setTexts(std::move(texts));
    return result;
}

/// Some groups of experts that are alike, by numbers that are mixed.
inline std::vector<double> routerCosines(int layer) {
    const int experts = shape().experts;
    std::vector<double> cosines;
    for (int a = 0; a < experts; ++a) {
        for (int b = 0; b < experts; ++b) {
            const bool near = a % (3 + layer) == b % (3 + layer);
            cosines.push_back(a == b ? 1 : (near ? 0.5 : -0.1) + 0.03 * ((a * b) % 5));
        }
    }
    return cosines;
}

/// What charts read, for one kind of data.
class Stage {
public:
    Stage(Data data, bool dark) {
        m_themes.setMode(dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight);
        m_results.title = QStringLiteral("Loss with the best experts masked");
        m_results.axis = QStringLiteral("experts masked for each token, of 16");
        m_results.to = 7;
        if (data == Data::kEmpty) return;
        const int tokens = data == Data::kOne ? 1 : data == Data::kMany ? 1500 : 60;
        const bool places = data == Data::kPlaces;
        const QString named = QString::fromLatin1(kPlacesText);
        m_first = source(kFirst, places ? named : QStringLiteral("A fox"), tokens, data == Data::kNan);
        m_second = source(kSecond, places ? named : QStringLiteral("A fox, experts 3 and 7 masked"), tokens,
                          data == Data::kNan, 25);
        if (places) {
            m_first->setTexts(std::vector<QString>(static_cast<std::size_t>(tokens), named));
            m_second->setTexts(std::vector<QString>(static_cast<std::size_t>(tokens), named));
            InspectorModel::ExpertNames names;
            for (int layer = 0; layer < shape().moe_layers; ++layer)
                for (int expert = 0; expert < shape().experts; ++expert) names[{layer, expert}] = named;
            m_model.setExpertNames(names);
        }
        m_model.setOffers({{kFirst, m_first->name(), QStringLiteral("tales")},
                           {kSecond, m_second->name(), QStringLiteral("masked")}});
        m_model.setLoader([this](qint64 id) { return id == kFirst ? m_first : m_second; });
        m_model.setSource(m_first);
        m_comparison.setSources(m_first, m_second);
        m_model.setRouter(QStringLiteral("A model"), [](int layer) { return routerCosines(layer); });
        if (data == Data::kChosen || data == Data::kNan || places) m_model.selection().choose({kFirst, 22, 22, 1, 5});
        if (data == Data::kOne) m_model.selection().choose({kFirst, 0, 0, 0, 0});
        const int points = data == Data::kOne ? 1 : 8;
        for (int i = 0; i < points; ++i) {
            const bool hole = data == Data::kNan && i == 3;
            m_results.points.push_back({places ? named : QStringLiteral("best %1 of 16 masked").arg(i),
                                        QString::number(i), i * 1.0, hole ? std::nan("") : 2.1 + 0.05 * i * i, 48,
                                        i == 0, false});
        }
        m_results.points.push_back(
            {QStringLiteral("shared experts off"), {}, 0, data == Data::kNan ? std::nan("") : 4.8, 48, false, true});
    }

    InspectorModel* model() { return &m_model; }
    ThemeStore* themes() { return &m_themes; }
    Comparison* comparison() { return &m_comparison; }
    const ExperimentResults* results() const { return &m_results; }
    const Theme& theme() const { return m_themes.theme(); }

private:
    ThemeStore m_themes;
    InspectorModel m_model;
    Comparison m_comparison;
    ExperimentResults m_results;
    SharedSource m_first, m_second;
};

struct Subject {
    const char* name;
    std::function<std::unique_ptr<Chart>(Stage&)> make;
    /// Tokens along an axis: it is to be seen with more of them than pixels too.
    bool many = false;
};

template <class T>
std::unique_ptr<Chart> plain(Stage& s) {
    return std::make_unique<T>(s.model(), s.themes());
}
template <class T, ExpertAmount amount>
std::unique_ptr<Chart> by(Stage& s) {
    auto chart = std::make_unique<T>(s.model(), s.themes());
    chart->setMetric(amount);
    return chart;
}
template <DepthChart::Value value>
std::unique_ptr<Chart> depthOf(Stage& s) {
    auto chart = std::make_unique<DepthChart>(s.model(), s.themes());
    chart->setValue(value);
    return chart;
}
template <class T>
std::unique_ptr<Chart> comparing(Stage& s) {
    return std::make_unique<T>(s.model(), s.themes(), s.comparison());
}
template <class T>
std::unique_ptr<Chart> ofExperiment(Stage& s) {
    return std::make_unique<T>(s.results(), s.model(), s.themes());
}

inline std::vector<Subject> subjects() {
    return {
        {"agreement", comparing<AgreementChart>},
        {"balance", plain<BalanceChart>},
        {"coactivation", plain<CoActivationChart>},
        {"depth_entropy", depthOf<DepthChart::Value::kEntropy>, true},
        {"depth_margin", depthOf<DepthChart::Value::kMargin>},
        {"depth_repetition", depthOf<DepthChart::Value::kRepetition>},
        {"difference", comparing<DifferenceChart>},
        {"divergence", comparing<DivergenceChart>},
        {"domains", plain<DomainsChart>},
        {"experiment_plot", ofExperiment<ExperimentPlot>},
        {"experiment_table", ofExperiment<ExperimentTable>},
        {"expert_pair", plain<ExpertPairChart>},
        {"layers_count", by<LayersChart, ExpertAmount::kCount>},
        {"layers_mass", by<LayersChart, ExpertAmount::kGateMass>},
        {"lift", plain<LiftChart>},
        {"load_bars_count", by<LoadBarsChart, ExpertAmount::kCount>},
        {"load_bars_mass", by<LoadBarsChart, ExpertAmount::kGateMass>},
        {"parting", comparing<PartingChart>},
        {"position", plain<PositionChart>},
        {"ratio", plain<RatioChart>, true},
        {"router", plain<RouterChart>},
        {"shared_layers", plain<SharedLayersChart>},
        {"shared_tokens", [](Stage& s) { return std::make_unique<SharedTokensChart>(s.model(), s.themes(), true); },
         true},
        {"similar", plain<SimilarChart>},
        {"token", plain<TokenChart>},
        {"token_agreement", comparing<TokenAgreementChart>, true},
        {"tokens", plain<TokensChart>, true},
        {"unused", plain<UnusedChart>},
        {"vocabulary", plain<VocabularyChart>},
    };
}

}  // namespace moescope::golden
