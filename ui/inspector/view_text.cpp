#include "ui/inspector/view_text.h"

#include <QStringList>
#include <QUrl>
#include <QUrlQuery>
#include <tuple>

namespace moescope {
namespace {

const QString kStart = QStringLiteral("moescope:?");

/// "5.14": layer and expert.
QString pairText(int layer, int expert) {
    return QStringLiteral("%1.%2").arg(layer).arg(expert);
}

bool readNumber(const QString& text, int least, int& number) {
    bool good = false;
    number = text.toInt(&good);
    return good && number >= least;
}

bool readPair(const QString& text, int& layer, int& expert) {
    const QStringList parts = text.split(QLatin1Char('.'));
    return parts.size() == 2 && readNumber(parts[0], 0, layer) && readNumber(parts[1], 0, expert);
}

bool readParts(const QString& text, Scope& scope) {
    scope.prompt = scope.thinking = scope.answer = false;
    for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        if (part == QLatin1String("prompt")) {
            scope.prompt = true;
        } else if (part == QLatin1String("thinking")) {
            scope.thinking = true;
        } else if (part == QLatin1String("answer")) {
            scope.answer = true;
        } else {
            return false;
        }
    }
    return true;
}

/// One "name=value".
bool read(const QString& name, const QString& value, ViewText& to) {
    Scope& scope = to.scope;
    if (name == QLatin1String("view")) return !(to.view = value).isEmpty();
    if (name == QLatin1String("source")) return !(to.source = value).isEmpty();
    if (name == QLatin1String("parts")) return readParts(value, scope);
    if (name == QLatin1String("only")) {
        const auto only = onlyFromName(value);
        scope.only = only.value_or(Scope::Only::kAll);
        return only.has_value();
    }
    if (name == QLatin1String("text")) return !(scope.text = value).isEmpty();
    if (name == QLatin1String("positions")) {
        const auto positions = positionsFromText(value);
        if (positions) std::tie(scope.from, scope.to) = *positions;
        return positions.has_value();
    }
    if (name == QLatin1String("routed-to")) return readPair(value, scope.layer, scope.expert);
    if (name == QLatin1String("layer")) return readNumber(value, 0, to.layer);
    if (name == QLatin1String("expert")) return readNumber(value, 0, to.expert);
    if (name == QLatin1String("beside")) return readPair(value, to.other_layer, to.other_expert);
    if (name == QLatin1String("tokens")) {
        const QStringList ends = value.split(QLatin1Char('-'));
        if (ends.size() > 2 || !readNumber(ends.first(), 1, to.first)) return false;
        return readNumber(ends.last(), to.first, to.last);
    }
    return true;  // of a later program: the rest is shown
}

}  // namespace

QString ViewText::text() const {
    QUrlQuery query;
    const auto add = [&query](const char* name, const QString& value) {
        // Percent signs and what parts entries are written so that they come back.
        query.addQueryItem(QLatin1String(name), QString::fromLatin1(QUrl::toPercentEncoding(value, ",:")));
    };
    add("view", view);
    add("source", source);
    if (!scope.prompt || !scope.thinking || !scope.answer) {
        QStringList parts;
        if (scope.prompt) parts << QStringLiteral("prompt");
        if (scope.thinking) parts << QStringLiteral("thinking");
        if (scope.answer) parts << QStringLiteral("answer");
        add("parts", parts.isEmpty() ? QStringLiteral(",") : parts.join(QLatin1Char(',')));
    }
    if (scope.only != Scope::Only::kAll) add("only", nameOf(scope.only));
    if (!scope.text.isEmpty()) add("text", scope.text);
    if (scope.from > 0 || scope.to >= 0) {
        add("positions", scope.to < 0 ? QStringLiteral("%1-").arg(scope.from)
                                      : QStringLiteral("%1-%2").arg(scope.from).arg(scope.to));
    }
    if (scope.layer >= 0 && scope.expert >= 0) add("routed-to", pairText(scope.layer, scope.expert));
    if (layer >= 0) add("layer", QString::number(layer));
    if (expert >= 0) add("expert", QString::number(expert));
    if (other_expert >= 0) add("beside", pairText(other_layer, other_expert));
    if (first >= 0)
        add("tokens", first == last ? QString::number(first) : QStringLiteral("%1-%2").arg(first).arg(last));
    return kStart + query.toString(QUrl::FullyEncoded);
}

std::optional<ViewText> ViewText::from(const QString& text) {
    const QString line = text.trimmed();
    if (line.size() > kLongest || !line.startsWith(kStart)) return {};
    ViewText result;
    const QUrlQuery query(line.mid(kStart.size()));
    for (const auto& [name, value] : query.queryItems(QUrl::FullyDecoded)) {
        if (!read(name, value, result)) return {};
    }
    if (result.view.isEmpty() || result.source.isEmpty()) return {};
    return result;
}

}  // namespace moescope
