#pragma once
// What the inspector shows: the source in hand, the selection, and the sources that Compare and Specialists may load.
// The window feeds it; the views read it. GUI thread.

#include <QHash>
#include <QList>
#include <QObject>
#include <functional>

#include "engine/routing/expert_rule.h"
#include "ui/inspector/expert_sums.h"
#include "ui/live_pace.h"
#include "ui/selection.h"

namespace moescope {

/// A source that can be loaded: an answer, a conversation, an imported trace.
struct SourceOffer {
    qint64 id = 0;   ///< RoutingSource::id()
    QString name;    ///< "Answer 2", or a conversation's title
    QString domain;  ///< a folder or tag under which several count as one kind of text; "" for none
    bool operator==(const SourceOffer&) const = default;
};

class InspectorModel : public QObject {
    Q_OBJECT

public:
    /// Null where it cannot be loaded.
    using Loader = std::function<SharedSource(qint64 id)>;

    explicit InspectorModel(QObject* parent = nullptr);

    RoutingSelection& selection() { return m_selection; }
    const RoutingSelection& selection() const { return m_selection; }

    /// What charts show: the tokens in the scope. Null while there is nothing to show.
    const SharedSource& source() const { return m_source; }
    /// All of the source in hand, in which the selection counts tokens; null likewise.
    const SharedSource& whole() const { return m_whole; }
    void setSource(SharedSource whole);
    const Scope& scope() const { return m_scope; }
    /// The selection stays: what it names may be out of the scope.
    void setScope(const Scope& scope);
    /// Where the numbers come from, in words for pictures and data: "A story · answer · digits · 12 of 331 tokens".
    QString scopeText() const;
    /// What the source's routing was made by, for figures: model, quantization, rules, program; "" if it is not known.
    const QString& origin() const { return m_origin; }
    void setOrigin(const QString& origin) { m_origin = origin; }
    /// To be called after tokens were added to the source's log or to its texts; at most 30 times a second is enough.
    void sourceGrew();

    /// How often the views paint a source that grows; the transcript beside them keeps to it too.
    LivePace& pace() { return m_pace; }

    /// The sums of the source, up to date.
    const ExpertSums& sums();
    /// The chosen MoE layer if the source has it, else its first; 0 without one.
    int layer() const;

    const QList<SourceOffer>& offers() const { return m_offers; }
    void setOffers(const QList<SourceOffer>& offers);
    void setLoader(Loader loader) { m_loader = std::move(loader); }
    /// With the scope's tokens.
    SharedSource load(qint64 id) const;
    /// Sources to choose from in the scope bar, in groups by their domain.
    const QList<SourceOffer>& choices() const { return m_choices; }
    void setChoices(const QList<SourceOffer>& choices);
    /// Asks the window for another source.
    void wantSource(qint64 id) { emit sourceWanted(id); }
    /// What people call an expert; "" for none.
    QString expertName(int layer, int expert) const { return m_names.value({layer, expert}); }
    using ExpertNames = QHash<std::pair<int, int>, QString>;
    void setExpertNames(const ExpertNames& names);

    /// What the chat's router rules say of an expert, for the next answer.
    /// As long as there is none, no rules can be made here: a trace's experts are nobody's.
    using RuleOf = std::function<ExpertRule(int layer, int expert)>;
    void setRuleOf(RuleOf rule_of) { m_rule_of = std::move(rule_of); }
    const RuleOf& ruleOf() const { return m_rule_of; }
    void wantRule(int layer, int expert, ExpertRule rule) { emit ruleWanted(layer, expert, rule); }
    void wantTokensOf(int layer, int expert) { emit tokensOfExpertWanted(layer, expert); }
    void wantName(int layer, int expert) { emit nameWanted(layer, expert); }
    void wantNoName(int layer, int expert) { emit noNameWanted(layer, expert); }

    /// The expert that the chosen one is put beside; -1: its strongest partner.
    Spot otherExpert() const { return m_other_expert; }
    void setOtherExpert(const Spot& spot);

    /// Cosines of the rows of a layer's router, (N, N) by expert; empty where they cannot be read.
    using RouterCosines = std::function<std::vector<double>(int layer)>;
    /// Of the model that the source is of, if it is loaded: its name, and where to read; null if it is not.
    void setRouter(const QString& model, RouterCosines cosines);
    const QString& routerModel() const { return m_router_model; }
    const RouterCosines& routerCosines() const { return m_router; }
    /// A view is to be shown, by its name in files.
    void wantView(const char* name) { emit viewWanted(QString::fromLatin1(name)); }

    /// Shows two sources in Compare; 0 leaves one open.
    void compare(qint64 a, qint64 b);
    qint64 comparedA() const { return m_compared_a; }
    qint64 comparedB() const { return m_compared_b; }

signals:
    /// Another source, or another scope.
    void sourceChanged();
    void scopeChanged();
    void choicesChanged();
    void sourceWanted(qint64 id);
    void namesChanged();
    void ruleWanted(int layer, int expert, moescope::ExpertRule rule);
    void tokensOfExpertWanted(int layer, int expert);
    void nameWanted(int layer, int expert);
    void noNameWanted(int layer, int expert);
    void viewWanted(const QString& name);
    void otherExpertChanged();
    void routerChanged();
    void grew();
    void offersChanged();
    void comparisonChanged();

private:
    RoutingSelection m_selection;
    LivePace m_pace;
    SharedSource m_whole, m_source;
    Scope m_scope;
    QString m_origin;
    ExpertSums m_sums;
    QList<SourceOffer> m_offers, m_choices;
    Loader m_loader;
    ExpertNames m_names;
    RuleOf m_rule_of;
    Spot m_other_expert;
    QString m_router_model;
    RouterCosines m_router;
    qint64 m_compared_a = 0, m_compared_b = 0;
};

}  // namespace moescope
