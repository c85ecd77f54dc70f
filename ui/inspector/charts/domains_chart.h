#pragma once
// Which experts of the chosen layer which kind of text uses (domain specialization, OLMoE, equation 7): a row a
// conversation, folder or tag, a column an expert; the share of the text's tokens that chose it, in even shares K / N.

#include <QHash>
#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

class DomainsChart : public Chart {
    Q_OBJECT

public:
    enum class Group { kSource, kDomain };

    DomainsChart(InspectorModel* model, ThemeStore* themes, QObject* parent = nullptr);
    /// A row a source, or a row for all sources of a folder or tag.
    void setGroup(Group group);

    QString title() const override;
    QString caption() const override;
    QString emptyText() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kExperts; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer; }

    struct Row {
        QString name;
        std::size_t tokens = 0;
        std::vector<double> shares;  ///< (N): of the tokens, those that chose the expert
    };
    const std::vector<Row>& rows() const { return m_rows; }

private:
    /// What is kept of a source that was read.
    struct Counted {
        int tokens = 0;
        RoutingShape shape;
        std::vector<std::vector<double>> counts;  // (MoE layers, N)
    };
    const Counted* counted(qint64 id);
    QRectF grid(const QRectF& body) const;
    double nameWidth() const;
    QString describe(int row, int expert) const;

    Group m_group = Group::kSource;
    QHash<qint64, Counted> m_counted;
    std::vector<Row> m_rows;
    int m_experts = 0, m_left_out = 0;
    double m_even = 0, m_top = 2;
    QString m_most_different;
};

}  // namespace moescope
