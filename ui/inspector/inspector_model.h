#pragma once
// What the inspector shows: the source in hand, the selection, and the sources that Compare and Specialists may load.
// The window feeds it; the views read it. GUI thread.

#include <QList>
#include <QObject>
#include <functional>

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

    /// Null while there is nothing to show.
    const SharedSource& source() const { return m_source; }
    void setSource(SharedSource source);
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
    SharedSource load(qint64 id) const;
    /// Shows two sources in Compare; 0 leaves one open.
    void compare(qint64 a, qint64 b);
    qint64 comparedA() const { return m_compared_a; }
    qint64 comparedB() const { return m_compared_b; }

signals:
    void sourceChanged();
    void grew();
    void offersChanged();
    void comparisonChanged();

private:
    RoutingSelection m_selection;
    LivePace m_pace;
    SharedSource m_source;
    ExpertSums m_sums;
    QList<SourceOffer> m_offers;
    Loader m_loader;
    qint64 m_compared_a = 0, m_compared_b = 0;
};

}  // namespace moescope
