#pragma once
// Two experts side by side: how often each is chosen, with what gates, for which tokens, and beside which others. The
// first is the chosen one or, before one is chosen, the most used of the layer; the second the model's otherExpert()
// or, where that says nothing, the first one's strongest partner.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class ExpertPairChart : public Chart {
    Q_OBJECT

public:
    ExpertPairChart(InspectorModel* model, ThemeStore* themes, QObject* parent = nullptr);

    /// What is known of one of both, over the tokens of the scope.
    struct Profile {
        int layer = -1, expert = -1;
        double tokens = 0;    ///< that chose it
        double first = 0;     ///< of these, as the likeliest
        double gates = 0;     ///< their sum
        double relative = 0;  ///< times a uniform share
        struct Other {
            int number = 0;  ///< of a token of the source, or of an expert
            double tokens = 0;
        };
        std::vector<Other> words;     ///< the most frequent tokens, each by one of its places in the source
        std::vector<Other> partners;  ///< in its layer
        std::vector<Other> next;      ///< in the next MoE layer
    };
    const Profile& first() const { return m_first; }
    const Profile& second() const { return m_second; }
    /// Tokens that chose both.
    double both() const { return m_both; }

    QString title() const override;
    QString caption() const override;
    QString words() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kLayers; }
    Axis down() const override { return Axis::kExperts; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer | RoutingSelection::kExpert; }

private:
    struct Cell {
        QString text, number;
        Spot spot;
        QString tip;
        double share = -1;  // of the bar; none below 0
        bool in_both = false;
    };
    enum class Kind { kHead, kSection, kFigure, kEntry };
    struct Line {
        Kind kind;
        Cell a, b;
    };
    /// Whether the first is one that the user chose.
    bool isChosen() const;
    /// Without an expert where the layer has no record.
    Spot firstSpot() const;
    Spot second(const Profile& first) const;
    Profile profileOf(int layer, int expert) const;
    double countBoth() const;
    QString nameOf(const Profile& profile) const;
    QString summary() const;
    void addLines();
    double top(int line) const;
    double lineHeight(Kind kind) const;
    QRectF half(const QRectF& body, int line, bool second) const;
    const Cell* cellAt(const QPointF& at, const QRectF& body) const;

    Profile m_first, m_second;
    double m_both = 0, m_tokens = 0;
    std::vector<Line> m_lines;
};

}  // namespace moescope
