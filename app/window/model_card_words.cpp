#include "app/window/model_card_words.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QLocale>

#include "app/models/model_type.h"
#include "app/window/engine_thread.h"
#include "app/window/qt_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::ModelCard)
};

QString billions(std::uint64_t n) {
    const auto count = static_cast<double>(n);
    return n >= 1'000'000'000 ? Words::tr("%L1 B").arg(count / 1e9, 0, 'f', 1)
                              : Words::tr("%L1 M").arg(count / 1e6, 0, 'f', 1);
}

QString attention(const ModelFacts& facts) {
    const AttentionShape& a = facts.config.attention;
    switch (facts.attention) {
        case AttentionKind::kMultiHead:
            return Words::tr("MHA (multi-head): %1 heads of %2").arg(a.heads).arg(a.key_dim);
        case AttentionKind::kGroupedQuery:
            return Words::tr("GQA (grouped-query): %1 heads of %2, %3 key-value heads")
                .arg(a.heads)
                .arg(a.key_dim)
                .arg(a.kv_heads);
        case AttentionKind::kLatent:
            break;
    }
    return Words::tr("MLA (multi-head latent): %1 heads, latent width %2 + %3")
        .arg(a.heads)
        .arg(a.latent)
        .arg(a.rope_dim);
}

QString router(const ModelConfig& c) {
    QString text = c.gate_function == GateFunction::kSigmoid ? Words::tr("sigmoid") : Words::tr("softmax");
    if (c.selection_bias) text = Words::tr("%1, plus a bias for choosing experts").arg(text);
    return text;
}

QString types(const ModelFacts& facts) {
    constexpr double kShown = 0.01;
    QStringList list;
    for (const auto& [type, share] : facts.types) {
        if (share >= kShown || list.isEmpty()) {
            const std::string_view name = info(type).name;
            list << QStringLiteral("%1 %2 %")
                        .arg(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())))
                        .arg(100 * share, 0, 'f', 0);
        }
    }
    return list.join(QStringLiteral(", "));
}

ModelCard::Section whatItIs(const ModelFacts& facts) {
    const ModelConfig& c = facts.config;
    const ModelStatistics& s = facts.statistics;
    return {Words::tr("Model"),
            {{Words::tr("Architecture"), qt(c.architecture_name)},
             {Words::tr("Parameters"),
              Words::tr("%1 (%2 active per token)").arg(billions(s.parameters), billions(s.active_parameters))},
             {Words::tr("Layers"), Words::tr("%1 (%2 with experts)").arg(c.layers).arg(c.moeLayers())},
             {Words::tr("Attention"), attention(facts)},
             {Words::tr("KV cache"), Words::tr("%1 per token").arg(dataSize(facts.cache_bytes_per_token))},
             {Words::tr("Context"), Words::tr("%L1 tokens").arg(c.context_length)}}};
}

ModelCard::Section expertsOf(const ModelConfig& c) {
    ModelCard::Section section{
        Words::tr("Experts per layer"),
        {{Words::tr("Routed"), Words::tr("%1 (%2 active per token)").arg(c.experts).arg(c.experts_used)},
         {Words::tr("Shared"),
          c.shared_experts > 0 ? Words::tr("%1 (always active)").arg(c.shared_experts) : Words::tr("none")}}};
    if (c.expert_groups > 1) {
        section.rows << ModelCard::Row{Words::tr("Groups"),
                                       Words::tr("%1 groups of %2; a token's experts come from the best %3")
                                           .arg(c.expert_groups)
                                           .arg(c.experts / c.expert_groups)
                                           .arg(c.expert_groups_used)};
    }
    section.rows << ModelCard::Row{Words::tr("Router"), router(c)};
    return section;
}

ModelCard::Section fileOf(const ModelFacts& facts) {
    const QFileInfo file(qt(facts.path));
    ModelCard::Section section{
        Words::tr("File"),
        {{facts.files > 1 ? Words::tr("One of its files") : Words::tr("Name"), file.fileName()},
         {Words::tr("Folder"), file.path()},
         {Words::tr("Size"), facts.files > 1
                                 ? Words::tr("%1 in %2 files").arg(dataSize(facts.file_bytes)).arg(facts.files)
                                 : dataSize(facts.file_bytes)},
         {Words::tr("Types"), types(facts)},
         {Words::tr("Chat template"), qt(facts.template_words)}}};
    section.rows << ModelCard::Row{Words::tr("License"),
                                   facts.license.empty() ? Words::tr("not stated in the file") : qt(facts.license)};
    return section;
}

ModelCard::Section whatItCannot(const LoadedModel& model) {
    const ModelFacts& facts = *model.facts;
    const ModelConfig& c = facts.config;
    ModelCard::Section section{Words::tr("Not available"), {}};
    const auto add = [&](const QString& what, const QString& why) { section.rows << ModelCard::Row{what, why, false}; };
    if (model.context < c.context_length) {
        const bool room =
            model.context == facts.plan.session.context && facts.plan.session.context < facts.plan.own_context;
        add(Words::tr("Full context"),
            Words::tr("%L1 of %L2 tokens; %3")
                .arg(model.context)
                .arg(c.context_length)
                .arg(room ? Words::tr("more would not fit in memory") : Words::tr("as chosen in the settings")));
    }
    if (!facts.thinking_choice) {
        add(Words::tr("Thinking on/off"), Words::tr("its chat template has no such option"));
    }
    if (!facts.own_template) {
        add(Words::tr("Its own chat template"),
            facts.template_note.empty() ? Words::tr("the file has none") : qt(facts.template_note));
    }
    if (c.shared_experts == 0) {
        add(Words::tr("Turning shared experts off"), Words::tr("it has none"));
    }
    if (facts.attention != AttentionKind::kLatent &&
        (c.attention.key_dim % 32 != 0 || c.attention.value_dim % 32 != 0)) {
        add(Words::tr("Q8_0 KV cache"), Words::tr("it needs heads of a multiple of 32 values"));
    }
    const Status& card = model.model->cardStatus();
    if (!card.ok()) add(Words::tr("GPU"), qt(card.message()));
    return section;
}

/// What a server's model cannot do because it is not here.
ModelCard::Section whatAServerCannot(const AnswererAbilities& can) {
    ModelCard::Section section{Words::tr("Not available"), {}};
    const auto add = [&](bool does, const QString& what, const QString& why) {
        if (!does) section.rows << ModelCard::Row{what, why, false};
    };
    add(can.routing != RoutingDetail::kNone, Words::tr("Routing"), Words::tr("the server does not report experts"));
    add(can.routing != RoutingDetail::kIdsOnly, Words::tr("Gates"), Words::tr("the server reports experts only"));
    add(can.rules, Words::tr("Router rules"), Words::tr("a server's router cannot be changed"));
    add(can.experiments, Words::tr("Experiments"), Words::tr("they need a model on this machine"));
    add(can.all_sampling, Words::tr("All sampling options"),
        Words::tr("some servers lack top-k, min-p and the repetition penalty"));
    return section;
}

ModelCard ofServer(const LoadedModel& model) {
    ModelCard card;
    card.name = model.name;
    card.subtitle = Words::tr("Chats are sent to %1.").arg(model.server);
    ModelCard::Section section{Words::tr("Model"), {}};
    if (model.context > 0)
        section.rows << ModelCard::Row{Words::tr("Context"), Words::tr("%L1 tokens").arg(model.context)};
    if (model.shape.experts > 0) {
        section.rows << ModelCard::Row{
            Words::tr("Experts"),
            Words::tr("%1 (%2 active per token)").arg(model.shape.experts).arg(model.shape.experts_used)};
        section.rows << ModelCard::Row{Words::tr("Layers with experts"), QString::number(model.shape.moe_layers)};
    }
    if (!model.note.isEmpty()) section.rows << ModelCard::Row{Words::tr("Note"), model.note};
    if (!section.rows.isEmpty()) card.sections << section;
    card.sections << whatAServerCannot(model.abilities);
    return card;
}

}  // namespace

ModelCard modelCard(const LoadedModel& model) {
    if (!model.facts) return ofServer(model);
    const ModelFacts& facts = *model.facts;
    ModelCard card;
    card.name = model.name;
    QStringList kind{qt(typeInName(model.path.toStdString())), model.backend, dataSize(model.memory_bytes)};
    kind.removeAll(QString());
    card.subtitle = kind.join(QStringLiteral(" · "));
    card.sections = {whatItIs(facts), expertsOf(facts.config), fileOf(facts)};
    if (const ModelCard::Section cannot = whatItCannot(model); !cannot.rows.isEmpty()) card.sections << cannot;
    card.contexts_title = Words::tr("Memory by context");
    card.free = Words::tr("free: %1").arg(dataSize(facts.plan.available));
    const auto free = static_cast<double>(std::max<std::uint64_t>(1, facts.plan.available));
    for (const ContextMemory& context : facts.contexts) {
        card.contexts << ModelCard::Context{context.tokens, dataSize(context.bytes),
                                            static_cast<double>(context.bytes) / free, context.tokens == model.context};
    }
    return card;
}

}  // namespace moescope
