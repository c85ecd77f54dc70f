#include "app/window/answer_routings.h"

#include <iterator>
#include <utility>

#include "storage/history.h"

namespace moescope {

std::shared_ptr<const RoutingLog> AnswerRoutings::of(qint64 message) {
    if (const auto found = m_known.constFind(message); found != m_known.constEnd()) return found->log;
    auto stored = m_history->routing(message);
    if (!stored.ok() || !*stored) return nullptr;
    auto log = std::make_shared<RoutingLog>(std::move(**stored));
    m_known[message].log = log;
    return log;
}

void AnswerRoutings::append(qint64 message, const RoutingLog& records) {
    auto& log = m_known[message].log;
    if (!log) log = std::make_shared<RoutingLog>(records.shape());
    log->append(records);
}

void AnswerRoutings::forgetAllBut(qint64 message) {
    for (auto it = m_known.begin(); it != m_known.end();) {
        it = it.key() == message ? std::next(it) : m_known.erase(it);
    }
}

AnswerRoutings::Place AnswerRoutings::placeOf(qint64 message, int position) {
    auto log = of(message);
    if (!log) return {};
    Known& known = m_known[message];
    for (; known.indexed < log->size(); ++known.indexed) {
        known.index[log->token(known.indexed).position] = known.indexed;
    }
    const auto found = known.index.constFind(position);
    if (found == known.index.constEnd()) return {};
    return {std::move(log), *found};
}

std::vector<LayerRouting> AnswerRoutings::at(qint64 message, int position) {
    const Place place = placeOf(message, position);
    return place.log ? place.log->layers(place.index) : std::vector<LayerRouting>();
}

std::optional<LayerRouting> AnswerRoutings::at(qint64 message, int position, int layer) {
    const Place place = placeOf(message, position);
    if (!place.log || layer < 0 || layer >= place.log->shape().moe_layers) return std::nullopt;
    return place.log->at(place.index, layer);
}

}  // namespace moescope
