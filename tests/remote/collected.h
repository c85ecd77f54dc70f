#pragma once
// What an answerer said of an answer.

#include <functional>

#include "app/chat/answerer.h"
#include "engine/routing/routing_log.h"

namespace moescope {

class Collected : public AnswerObserver {
public:
    explicit Collected(const AnswererInfo& by) : log(by.shape) {}

    Result<std::int64_t> onBegin(const AnswerBegin& b) override {
        begin = b;
        return id;
    }
    void onPiece(const AnswerPiece& piece) override {
        text += piece.text;
        if (piece.token >= 0) tokens.push_back({piece.token, piece.begin, piece.end, piece.position});
        if (on_piece) on_piece();
    }
    void onPrefill(int, int) override {}
    void onToken(const TokenRouting& token) override { log.onToken(token); }

    std::int64_t id = 7;
    AnswerBegin begin;
    std::string text;
    std::vector<MessageToken> tokens;
    RoutingLog log;
    std::function<void()> on_piece;
};

inline AnswerRequest question(const std::string& text) {
    AnswerRequest request;
    request.conversation = 1;
    request.turns.emplace_back();
    request.turns.back().id = 1;
    request.turns.back().text = text;
    request.settings.temperature = 0;
    request.settings.max_tokens = 6;
    return request;
}

}  // namespace moescope
