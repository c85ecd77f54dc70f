#pragma once
// Tokens along the x axis: each its own column while there is room, several a pixel after that; the numbers below and
// the marks of the selection.

#include <QCoreApplication>
#include <QPainter>

#include "ui/inspector/inspector_model.h"
#include "ui/theme.h"

namespace moescope {

/// What is to be marked along the axis.
struct TokenMarks {
    Spot chosen, hovered;
};

class TokenAxis {
    Q_DECLARE_TR_FUNCTIONS(moescope::TokenAxis)

public:
    /// Columns are at most `widest` pixels wide.
    TokenAxis(double left, double width, int tokens, double widest);

    int tokens() const { return m_tokens; }
    double columnWidth() const { return m_column; }
    double right() const { return m_left + m_column * m_tokens; }
    double xOf(double token) const { return m_left + m_column * token; }
    double middleOf(int token) const { return xOf(token + 0.5); }
    /// -1 outside.
    int tokenAt(double x) const;
    /// Each paints once a pixel column: its number, and the tokens [begin, end) that fall on it.
    int bins() const { return m_bins; }
    int binBegin(int bin) const;
    int binOf(int token) const;

    /// The numbers of tokens, or where the columns are wide enough, what stands in them; then the axis's name.
    void paintNumbers(QPainter& p, const Theme& theme, double top, const RoutingSource* words = nullptr) const;
    /// The range or token in the selection, if it is of this source.
    void paintSelection(QPainter& p, const Theme& theme, const TokenMarks& marks, const RoutingSource& source,
                        double top, double bottom) const;

private:
    double m_left, m_column;
    int m_tokens, m_bins;
};

}  // namespace moescope
