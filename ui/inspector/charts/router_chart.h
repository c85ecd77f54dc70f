#pragma once
// How alike the experts of the chosen layer are to its router: cosines of the rows of its matrix, which say for which
// states each expert is chosen. Experts that are alike can be put beside each other, and the most alike pairs are
// listed.

#include <vector>

#include "ui/inspector/chart.h"

namespace moescope {

/// The numbers 0 to N - 1 so that alike ones are neighbors: the leaves of a tree that joins, again and again, the two
/// groups with the largest mean cosine. `cosines`: (N, N).
std::vector<int> clusteredOrder(const std::vector<double>& cosines, int experts);

class RouterChart : public Chart {
    Q_OBJECT

public:
    RouterChart(InspectorModel* model, ThemeStore* themes, QObject* parent = nullptr);

    void setClustered(bool clustered);
    /// Experts from top to bottom, and from left to right.
    const std::vector<int>& order() const { return m_order; }

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
    bool growsWithSource() const override { return false; }
    RoutingSelection::Parts refreshOn() const override { return RoutingSelection::kLayer; }

    /// Where the cell of two experts is; for tests.
    QRectF cell(const QRectF& body, int a, int b) const;

private:
    struct Pair {
        int a, b;
        double cosine;
    };
    QRectF grid(const QRectF& body) const;
    double side(double width) const;
    double cosine(int a, int b) const;
    /// The experts of a place; -1 outside.
    std::pair<int, int> expertsAt(const QPointF& at, const QRectF& body) const;
    QString describe(int a, int b) const;

    bool m_clustered = true;
    int m_experts = 0;
    std::vector<double> m_cosines;      // (N, N)
    std::vector<int> m_order, m_place;  // expert at a place, place of an expert
    std::vector<Pair> m_most;
    double m_range = 1;  // the scale's end
};

}  // namespace moescope
