#include "ui/inspector/charts/expert_pair_chart.h"

#include <QHash>
#include <QLocale>
#include <algorithm>

#include "engine/base/sizes.h"
#include "ui/inspector/plot.h"

namespace moescope {
namespace {

constexpr std::size_t kMostWords = 10, kMostPartners = 4;

using Other = ExpertPairChart::Profile::Other;

void keepMost(std::vector<Other>& others, std::size_t most) {
    std::ranges::stable_sort(others, [](const Other& a, const Other& b) { return a.tokens > b.tokens; });
    std::erase_if(others, [](const Other& other) { return other.tokens == 0; });
    if (others.size() > most) others.resize(most);
}

std::vector<Other> partnersOf(const std::vector<double>& counts, int but_for) {
    std::vector<Other> others;
    for (int e = 0; e < static_cast<int>(counts.size()); ++e) {
        if (e != but_for) others.push_back({e, counts[asSize(e)]});
    }
    keepMost(others, kMostPartners);
    return others;
}

double shareOf(double part, double all) {
    return all > 0 ? part / all : 0;
}

}  // namespace

ExpertPairChart::ExpertPairChart(InspectorModel* model, ThemeStore* themes, QObject* parent)
    : Chart(model, themes, parent) {
    connect(model, &InspectorModel::otherExpertChanged, this, &Chart::changed);
}

bool ExpertPairChart::isChosen() const {
    const int expert = m_model->selection().chosen().expert;
    return m_model->source() && expert >= 0 && expert < m_model->source()->shape().experts;
}

Spot ExpertPairChart::firstSpot() const {
    const int layer = m_model->layer();
    if (isChosen()) return Spot::ofExpert(layer, m_model->selection().chosen().expert);
    const std::vector<int> most =
        topExperts(m_model->sums().ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, layer), 1);
    return most.empty() ? Spot() : Spot::ofExpert(layer, most.front());
}

Spot ExpertPairChart::second(const Profile& first) const {
    const RoutingShape& shape = m_model->source()->shape();
    const Spot other = m_model->otherExpert();
    const bool itself = other.layer == first.layer && other.expert == first.expert;
    if (other.layer >= 0 && other.layer < shape.moe_layers && other.expert >= 0 && other.expert < shape.experts &&
        !itself)
        return other;
    return Spot::ofExpert(first.layer,
                          first.partners.empty() ? (first.expert + 1) % shape.experts : first.partners.front().number);
}

ExpertPairChart::Profile ExpertPairChart::profileOf(int layer, int expert) const {
    const RoutingSource& source = *m_model->source();
    const RoutingView log = source.log();
    const RoutingShape& shape = log.shape();
    Profile profile;
    profile.layer = layer;
    profile.expert = expert;
    std::vector<double> beside(asSize(shape.experts), 0), next(asSize(shape.experts), 0);
    QHash<std::int32_t, Other> words;
    for (const RoutingView::Piece& piece : log.pieces(allTokens(log))) {
        for (std::size_t i = 0; i < piece.tokens.size(); ++i) {
            const std::size_t at = piece.tokens.begin + i;
            const ExpertIds chosen = piece.log->experts(at, layer);
            if (!chosen.contains(expert)) continue;
            ++profile.tokens;
            std::size_t slot = 0;
            for (; chosen[slot] != expert; ++slot) {
            }
            profile.first += slot == 0;
            if (shape.has_gates) profile.gates += static_cast<double>(piece.log->gates(at, layer)[slot]);
            for (const std::int32_t e : chosen) ++beside[asSize(e)];
            if (layer + 1 < shape.moe_layers) {
                for (const std::int32_t e : piece.log->experts(at, layer + 1)) ++next[asSize(e)];
            }
            const std::int32_t id = piece.log->token(at).token;
            if (id < 0) continue;
            Other& word = words[id];
            if (word.tokens++ == 0) word.number = static_cast<int>(piece.first + i);
        }
    }
    profile.relative =
        relativeLoad(m_model->sums().ofLayer(ExpertAmount::kCount, PhaseFilter::kBoth, layer))[asSize(expert)];
    for (const Other& word : words) profile.words.push_back(word);
    // By their places first, so that those of one number always come alike.
    std::ranges::sort(profile.words, {}, &Other::number);
    keepMost(profile.words, kMostWords);
    profile.partners = partnersOf(beside, expert);
    profile.next = partnersOf(next, -1);
    return profile;
}

double ExpertPairChart::countBoth() const {
    const RoutingView log = m_model->source()->log();
    double both = 0;
    for (const RoutingView::Piece& piece : log.pieces(allTokens(log))) {
        for (std::size_t at = piece.tokens.begin; at < piece.tokens.end; ++at) {
            both += piece.log->experts(at, m_first.layer).contains(m_first.expert) &&
                    piece.log->experts(at, m_second.layer).contains(m_second.expert);
        }
    }
    return both;
}

QString ExpertPairChart::nameOf(const Profile& profile) const {
    const QString name = m_model->expertName(profile.layer, profile.expert);
    const QString where = tr("layer %1, expert %2").arg(layerNumber(profile.layer)).arg(profile.expert);
    return name.isEmpty() ? where : QStringLiteral("%1 · %2").arg(where, name);
}

void ExpertPairChart::refresh() {
    m_first = m_second = {};
    m_both = m_tokens = 0;
    m_lines.clear();
    const Spot spot = hasData() ? firstSpot() : Spot();
    if (spot.expert < 0) return;
    m_tokens = m_model->source()->size();
    m_first = profileOf(spot.layer, spot.expert);
    const Spot other = second(m_first);
    m_second = profileOf(other.layer, other.expert);
    m_both = countBoth();
    addLines();
}

void ExpertPairChart::addLines() {
    const RoutingSource& source = *m_model->source();
    Line heads{Kind::kHead, {}, {}};
    heads.a.text = nameOf(m_first);
    heads.b.text = nameOf(m_second);
    heads.b.spot = Spot::ofExpert(m_second.layer, m_second.expert);
    m_lines.push_back(heads);
    const auto figure = [this](const QString& name, auto text) {
        Line line{Kind::kFigure, {}, {}};
        line.a.text = line.b.text = name;
        line.a.number = text(m_first);
        line.b.number = text(m_second);
        m_lines.push_back(line);
    };
    figure(tr("tokens"), [](const Profile& of) { return QLocale().toString(of.tokens, 'f', 0); });
    figure(tr("of the scope"), [this](const Profile& of) { return percent(shareOf(of.tokens, m_tokens)); });
    figure(tr("load"), [](const Profile& of) { return tr("%1× uniform").arg(fixedText(of.relative, 2)); });
    if (source.shape().has_order)
        figure(tr("likeliest expert in"), [](const Profile& of) { return percent(shareOf(of.first, of.tokens)); });
    if (source.shape().has_gates)
        figure(tr("mean gate"), [](const Profile& of) {
            return of.tokens > 0 ? fixedText(of.gates / of.tokens, 3) : QStringLiteral("–");
        });
    const auto list = [this](const QString& name, const std::vector<Other>& a, const std::vector<Other>& b,
                             const auto& cell_of, const auto& same) {
        if (a.empty() && b.empty()) return;
        Line section{Kind::kSection, {}, {}};
        section.a.text = section.b.text = name;
        m_lines.push_back(section);
        for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
            Line line{Kind::kEntry, {}, {}};
            const auto in = [&](const std::vector<Other>& others, const Other& one) {
                return std::ranges::any_of(others, [&](const Other& other) { return same(one, other); });
            };
            if (i < a.size()) line.a = cell_of(m_first, a[i], in(b, a[i]));
            if (i < b.size()) line.b = cell_of(m_second, b[i], in(a, b[i]));
            m_lines.push_back(line);
        }
    };
    const auto word = [&](const Profile& of, const Other& other, bool in_both) {
        Cell cell;
        cell.text = source.quoted(other.number);
        cell.number = QLocale().toString(other.tokens, 'f', 0);
        cell.spot = Spot::ofToken(source.id(), other.number);
        cell.share = shareOf(other.tokens, of.tokens);
        cell.in_both = in_both;
        cell.tip = tr("%1: %2 of the tokens of %3").arg(cell.text, percent(cell.share), nameOf(of));
        return cell;
    };
    const RoutingView log = source.log();
    list(tr("Its most frequent tokens"), m_first.words, m_second.words, word, [&](const Other& a, const Other& b) {
        return log.token(asSize(a.number)).token == log.token(asSize(b.number)).token;
    });
    const auto expert = [this](int by) {
        return [this, by](const Profile& of, const Other& other, bool in_both) {
            Cell cell;
            const int layer = of.layer + by;
            const QString name = m_model->expertName(layer, other.number);
            cell.text =
                name.isEmpty() ? tr("expert %1").arg(other.number) : tr("expert %1 · %2").arg(other.number).arg(name);
            cell.spot = Spot::ofExpert(layer, other.number);
            cell.share = shareOf(other.tokens, of.tokens);
            cell.number = percent(cell.share);
            cell.in_both = in_both;
            cell.tip =
                tr("%1 of the tokens of %2 also chose expert %3 of layer %4")
                    .arg(cell.number, nameOf(of), QString::number(other.number), QString::number(layerNumber(layer)));
            return cell;
        };
    };
    const bool one_layer = m_first.layer == m_second.layer;
    const auto same = [one_layer](const Other& a, const Other& b) { return one_layer && a.number == b.number; };
    list(tr("Chosen with it"), m_first.partners, m_second.partners, expert(0), same);
    list(tr("In the next layer"), m_first.next, m_second.next, expert(1), same);
}

QString ExpertPairChart::title() const {
    return tr("Two experts");
}

QString ExpertPairChart::summary() const {
    if (m_lines.empty()) return {};
    const double either = m_first.tokens + m_second.tokens - m_both;
    const double expected = m_tokens > 0 ? m_first.tokens * m_second.tokens / m_tokens : 0;
    const QString both = tr("both in %Ln token(s)", nullptr, static_cast<int>(m_both));
    return expected > 0 ? tr("%1, %2 of either, %3× chance")
                              .arg(both, percent(shareOf(m_both, either)), numberText(m_both / expected))
                        : both;
}

QString ExpertPairChart::caption() const {
    if (m_lines.empty() || isChosen()) return summary();
    return tr("%1 · the first is the layer's most used; click an expert, here or in another view, to choose it")
        .arg(summary());
}

QString ExpertPairChart::words() const {
    if (m_lines.empty()) return Chart::words();
    return tr("%1: %Ln token(s).", nullptr, static_cast<int>(m_first.tokens)).arg(nameOf(m_first)) + QLatin1Char(' ') +
           tr("%1: %Ln token(s).", nullptr, static_cast<int>(m_second.tokens)).arg(nameOf(m_second)) +
           QLatin1Char(' ') + summary();
}

QString ExpertPairChart::emptyText() const {
    if (const QString nothing = Chart::emptyText(); !nothing.isEmpty()) return nothing;
    return firstSpot().expert < 0 ? tr("No expert of this layer was chosen in the scope. Choose another layer above.")
                                  : QString();
}

double ExpertPairChart::lineHeight(Kind kind) const {
    const Theme& t = theme();
    return kind == Kind::kHead ? t.px(26) : kind == Kind::kSection ? t.px(28) : t.px(20);
}

double ExpertPairChart::top(int line) const {
    double y = 0;
    for (int i = 0; i < line; ++i) y += lineHeight(m_lines[asSize(i)].kind);
    return y;
}

double ExpertPairChart::height(double) const {
    return top(static_cast<int>(m_lines.size())) + theme().space(2);
}

QRectF ExpertPairChart::half(const QRectF& body, int line, bool second) const {
    const double gap = theme().space(6), width = std::min((body.width() - gap) / 2, theme().px(460) * 1.0);
    return {body.left() + (second ? width + gap : 0), body.top() + top(line), width,
            lineHeight(m_lines[asSize(line)].kind)};
}

void ExpertPairChart::paint(QPainter& p, const QRectF& body) const {
    const Theme& t = theme();
    const QFont names = t.sans(Theme::kSmall), bold = t.sans(Theme::kSmall, QFont::DemiBold),
                small = t.sans(Theme::kTiny), digits = t.mono(Theme::kTiny);
    const auto drawCell = [&](Kind kind, const Cell& cell, const QRectF& rect, const QColor& colour) {
        if (cell.text.isEmpty()) return;
        const int flags = Qt::AlignVCenter | Qt::AlignLeft;
        if (kind == Kind::kHead) {
            p.fillRect(QRectF(rect.left(), rect.center().y() - t.px(5), t.px(3), t.px(10)), colour);
            drawElided(p, rect.adjusted(t.space(2), 0, 0, 0), flags, cell.text, bold, t.text);
            return;
        }
        if (kind == Kind::kSection)
            return drawElided(p, rect.adjusted(0, t.space(2), 0, 0), flags, cell.text, small, t.faint);
        const double number = QFontMetricsF(digits).horizontalAdvance(cell.number) + t.space(2);
        const QColor ink = cell.in_both || kind == Kind::kFigure ? t.text : t.dim;
        drawText(p, rect, Qt::AlignVCenter | Qt::AlignRight, cell.number, digits, ink);
        const bool barred = kind == Kind::kEntry && rect.width() > t.px(220);
        const double name = barred ? rect.width() * 0.55 : rect.width() - number;
        drawElided(p, QRectF(rect.left(), rect.top(), std::min(name, rect.width() - number), rect.height()), flags,
                   cell.text, names, kind == Kind::kFigure ? t.dim : ink);
        const double lane = rect.width() - name - std::max(number, t.px(56) * 1.0);
        if (cell.share < 0 || lane < t.px(32)) return;
        const QRectF bar(rect.left() + name, rect.center().y() - t.px(2), lane, t.px(4));
        drawBar(p, bar, t.line);
        drawBar(p, QRectF(bar.topLeft(), QSizeF(bar.width() * std::min(cell.share, 1.0), bar.height())), colour);
    };
    for (int i = 0; i < static_cast<int>(m_lines.size()); ++i) {
        const Line& line = m_lines[asSize(i)];
        drawCell(line.kind, line.a, half(body, i, false), t.blue);
        drawCell(line.kind, line.b, half(body, i, true), t.amber);
    }
}

const ExpertPairChart::Cell* ExpertPairChart::cellAt(const QPointF& at, const QRectF& body) const {
    for (int i = 0; i < static_cast<int>(m_lines.size()); ++i) {
        if (half(body, i, false).contains(at)) return &m_lines[asSize(i)].a;
        if (half(body, i, true).contains(at)) return &m_lines[asSize(i)].b;
    }
    return nullptr;
}

Spot ExpertPairChart::spotAt(const QPointF& at, const QRectF& body) const {
    const Cell* cell = cellAt(at, body);
    return cell ? cell->spot : Spot();
}

QString ExpertPairChart::tipAt(const QPointF& at, const QRectF& body) const {
    const Cell* cell = cellAt(at, body);
    return cell ? cell->tip : QString();
}

QString ExpertPairChart::csv() const {
    if (m_lines.empty()) return {};
    const RoutingSource& source = *m_model->source();
    QString text = QStringLiteral("layer,expert,what,name,tokens\n");
    const auto add = [&](const Profile& of, const char* what, const QString& name, double tokens) {
        text += QStringLiteral("%1,%2,%3,%4,%5\n")
                    .arg(QString::number(layerNumber(of.layer)), QString::number(of.expert), QLatin1String(what),
                         csvField(name), QString::number(tokens, 'f', 0));
    };
    for (const Profile* of : {&m_first, &m_second}) {
        add(*of, "all", {}, of->tokens);
        for (const Profile::Other& word : of->words) add(*of, "token", source.text(word.number), word.tokens);
        for (const Profile::Other& e : of->partners) add(*of, "partner", QString::number(e.number), e.tokens);
        for (const Profile::Other& e : of->next) add(*of, "next", QString::number(e.number), e.tokens);
    }
    return text;
}

}  // namespace moescope
