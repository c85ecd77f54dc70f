#include "ui/settings/rules_words.h"

#include <QCoreApplication>
#include <QLocale>
#include <set>

namespace moescope {
namespace {

QString translated(const char* text, int n = -1) {
    return QCoreApplication::translate("moescope::RulesWords", text, nullptr, n);
}

/// The text for all layers, then those that differ: "3 5, layer 12: 40".
template <class Value>
QString byLayer(const RouterRules& rules, Value value) {
    QStringList parts;
    const QString all = value(rules.all);
    if (!all.isEmpty()) parts << all;
    for (const auto& [layer, own] : rules.layers) {
        const QString text = value(own);
        if (text == all) continue;
        parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "layer %1: %2"))
                     .arg(layer)
                     .arg(text.isEmpty() ? translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "model default"))
                                         : text);
    }
    return parts.join(QStringLiteral(", "));
}

QString listed(const std::vector<std::int32_t>& ids) {
    QStringList parts;
    for (const std::int32_t id : ids) parts << QString::number(id);
    return parts.join(QLatin1Char(' '));
}

/// Experts that are masked or forced somewhere.
int different(const RouterRules& rules, std::vector<std::int32_t> LayerRules::*ids) {
    std::set<std::pair<int, std::int32_t>> found;
    for (const std::int32_t e : rules.all.*ids) found.insert({-1, e});
    for (const auto& [layer, own] : rules.layers) {
        if (own.*ids == rules.all.*ids) continue;
        for (const std::int32_t e : own.*ids) found.insert({layer, e});
    }
    return static_cast<int>(found.size());
}

}  // namespace

QString rulesSummary(const RouterRules& rules, const RoutingShape& shape) {
    bool several = false;
    for (const auto& [layer, own] : rules.layers) several |= own.experts_used != rules.all.experts_used;
    const int k = rules.all.experts_used.value_or(shape.experts_used);
    QStringList parts;
    if (several) {
        parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "top by layer"));
    } else if (k > 0) {
        parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "top %1")).arg(k);
    }
    const qsizetype before = parts.size();
    const int masked = different(rules, &LayerRules::masked), forced = different(rules, &LayerRules::forced);
    if (masked > 0) parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "%1 masked")).arg(masked);
    if (forced > 0) parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "%1 forced")).arg(forced);
    bool best_masked = rules.all.masked_top > 0;
    for (const auto& [layer, own] : rules.layers) best_masked |= own.masked_top > 0;
    if (best_masked) parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "best masked"));
    if (!rules.shared_experts) parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "shared off"));
    if (parts.size() == before) parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "all experts"));
    if (rules.renormalise || rules.scale) {
        parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "other gates"));
    }
    return parts.join(QStringLiteral(", "));
}

QString rulesWords(const RouterRules& rules) {
    QStringList parts;
    const auto add = [&](const char* form, const QString& text) {
        if (!text.isEmpty()) parts << translated(form).arg(text);
    };
    add(QT_TRANSLATE_NOOP("moescope::RulesWords", "top %1"), byLayer(rules, [](const LayerRules& r) {
            return r.experts_used ? QString::number(*r.experts_used) : QString();
        }));
    add(QT_TRANSLATE_NOOP("moescope::RulesWords", "without %1"),
        byLayer(rules, [](const LayerRules& r) { return listed(r.masked); }));
    add(QT_TRANSLATE_NOOP("moescope::RulesWords", "always %1"),
        byLayer(rules, [](const LayerRules& r) { return listed(r.forced); }));
    add(QT_TRANSLATE_NOOP("moescope::RulesWords", "without the best %1 of each token"),
        byLayer(rules,
                [](const LayerRules& r) { return r.masked_top > 0 ? QString::number(r.masked_top) : QString(); }));
    if (!rules.shared_experts) parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "shared experts off"));
    if (rules.renormalise) {
        parts << (*rules.renormalise
                      ? translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "gates sum to 1"))
                      : translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "gates are the probabilities")));
    }
    if (rules.scale) {
        parts << translated(QT_TRANSLATE_NOOP("moescope::RulesWords", "routed sum times %1"))
                     .arg(QLocale().toString(static_cast<double>(*rules.scale), 'g', 4));
    }
    return parts.join(QStringLiteral("; "));
}

}  // namespace moescope
