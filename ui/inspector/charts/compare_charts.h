#pragma once
// The pictures of Compare: where two texts part, which experts one uses more than the other, and how far their routing
// agrees by layer and by token, or, for different texts, how far the use of the experts diverges.

#include <vector>

#include "ui/inspector/chart.h"
#include "ui/inspector/charts/token_axis.h"
#include "ui/inspector/comparison.h"

namespace moescope {

/// What they have in common: the comparison is not owned.
class CompareChart : public Chart {
    Q_OBJECT

public:
    CompareChart(InspectorModel* model, ThemeStore* themes, Comparison* comparison, QObject* parent = nullptr);
    QString emptyText() const override;
    SharedSource tokens() const override { return m_comparison->a(); }
    SharedSource shownSource(qint64 id) const override {
        for (const SharedSource& side : {m_comparison->a(), m_comparison->b()}) {
            if (side && side->id() == id) return side;
        }
        return Chart::shownSource(id);
    }
    bool growsWithSource() const override { return false; }  // the comparison says when it is up to date

protected:
    int layers() const { return m_comparison->possible() ? m_comparison->a()->shape().moe_layers : 0; }
    int numberOf(int layer) const { return layer + m_comparison->a()->shape().first_moe_layer; }

    Comparison* m_comparison;
};

/// Where the texts part, and the tokens around it side by side; an underline shows how far each token's routing agrees.
class PartingChart : public CompareChart {
    Q_OBJECT

public:
    using CompareChart::CompareChart;
    QString title() const override {
        return m_comparison->possible() && !m_comparison->aligned() ? tr("Different texts") : tr("Where they diverge");
    }
    QString words() const override { return m_comparison->summary(); }
    QString emptyText() const override { return m_comparison->possible() ? QString() : m_comparison->sentence(); }
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    QString csv() const override;

private:
    struct Word {
        int pair;
        bool of_a;
        QString text;
        QRectF rect;
    };
    /// Both texts around the parting, laid out in two columns; returns the height.
    double layout(double width, std::vector<Word>& words) const;
    const Word* wordAt(const QPointF& at, const std::vector<Word>& words) const;
};

/// A row for each layer: its number, one or two bars from 0 to 1, and their figures.
class LayerBarsChart : public CompareChart {
    Q_OBJECT

public:
    using CompareChart::CompareChart;
    QString words() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis down() const override { return Axis::kLayers; }

protected:
    struct Bar {
        double share;
        QColor colour;
    };
    virtual int rows() const = 0;
    virtual std::vector<Bar> bars(int row) const = 0;
    virtual QString figures(int row) const = 0;
    virtual QString describe(int row) const = 0;
    /// What the figures take at the right, and what is left free above the rows and below them, in pixels.
    virtual double figuresWidth() const = 0;
    virtual double above() const { return 0; }
    virtual double below() const { return 0; }
    /// Where the bars are: all rows, from 0 to 1.
    QRectF barsArea(const QRectF& body) const;
};

/// Router saturation by layer: while the texts are the same, and after.
class AgreementChart : public LayerBarsChart {
    Q_OBJECT

public:
    using LayerBarsChart::LayerBarsChart;
    QString title() const override { return tr("Agreement by layer"); }
    QString caption() const override;
    void paint(QPainter& p, const QRectF& body) const override;
    QString csv() const override;
    void refresh() override;

protected:
    int rows() const override { return static_cast<int>(m_same.size()); }
    std::vector<Bar> bars(int row) const override;
    QString figures(int row) const override;
    QString describe(int row) const override;
    double figuresWidth() const override { return theme().px(96); }
    double above() const override { return theme().space(5); }
    double below() const override { return theme().space(1); }

private:
    bool hasSame() const { return m_comparison->samePairs() > 0; }
    bool hasAfter() const { return m_comparison->pairs() > m_comparison->samePairs(); }

    std::vector<double> m_same, m_after;  // (MoE layers)
};

/// The same by token and layer.
class TokenAgreementChart : public CompareChart {
    Q_OBJECT

public:
    using CompareChart::CompareChart;
    QString title() const override { return tr("Agreement by token"); }
    QString caption() const override { return tr("share of choices in common"); }
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kTokens; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

private:
    QRectF grid(const QRectF& body) const;
    TokenAxis axis(const QRectF& body) const;
    std::vector<float> m_agreement;  // (pairs, MoE layers)
};

/// How differently the choices of each layer are spread over its experts.
class DivergenceChart : public LayerBarsChart {
    Q_OBJECT

public:
    using LayerBarsChart::LayerBarsChart;
    QString title() const override { return tr("Divergence by layer"); }
    QString caption() const override;
    QString csv() const override;
    void refresh() override;

protected:
    int rows() const override { return static_cast<int>(m_divergence.size()); }
    std::vector<Bar> bars(int row) const override;
    QString figures(int row) const override;
    QString describe(int row) const override;
    double figuresWidth() const override { return theme().px(56); }

private:
    std::vector<double> m_divergence;  // (MoE layers)
};

/// Layers x experts: of the tokens of each, the share that chose the expert; the second less the first.
class DifferenceChart : public CompareChart {
    Q_OBJECT

public:
    using CompareChart::CompareChart;
    QString title() const override { return tr("Difference, layers × experts"); }
    QString caption() const override;
    double height(double width) const override;
    void paint(QPainter& p, const QRectF& body) const override;
    Spot spotAt(const QPointF& at, const QRectF& body) const override;
    QString tipAt(const QPointF& at, const QRectF& body) const override;
    Axis across() const override { return Axis::kExperts; }
    Axis down() const override { return Axis::kLayers; }
    QString csv() const override;
    void refresh() override;

    double differenceAt(int layer, int expert) const;

private:
    QRectF grid(const QRectF& body) const;
    QString describe(int layer, int expert) const;
    std::vector<std::vector<double>> m_a, m_b;  // (MoE layers, N)
    double m_most = 0;
};

}  // namespace moescope
