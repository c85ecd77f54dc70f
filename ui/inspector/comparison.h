#pragma once
// Two sources side by side: which token of one stands against which of the other, where their texts part, and where
// their routing does.
//
// Tokens are put against each other only where that says something: where both have the same text from the same
// position of the context on up to an answer (two answers to one question, two branches), or where both answers begin
// alike. Other pairs (two questions, two corpora, traces that do not name their tokens) are compared by how often each
// expert was chosen.

#include <QObject>
#include <vector>

#include "ui/inspector/inspector_model.h"

namespace moescope {

class Comparison : public QObject {
    Q_OBJECT

public:
    explicit Comparison(QObject* parent = nullptr) : QObject(parent) { update(); }

    /// Either may be null.
    void setSources(SharedSource a, SharedSource b);
    /// Works out what follows again, after a source grew.
    void update();

    const SharedSource& a() const { return m_a; }
    const SharedSource& b() const { return m_b; }
    /// Both are there, with layers and experts of the same number; otherwise a sentence says why not.
    bool possible() const { return m_sentence.isEmpty(); }
    const QString& sentence() const { return m_sentence; }

    /// Whether tokens are put against each other; else there are no pairs.
    bool aligned() const { return m_pairs > 0; }
    /// Pairs of tokens; of pair i: tokens beginA() + i and beginB() + i.
    int pairs() const { return m_pairs; }
    int beginA() const { return m_begin_a; }
    int beginB() const { return m_begin_b; }
    TokenRange rangeA(int first, int count) const;
    TokenRange rangeB(int first, int count) const;
    /// How many pairs have the same token, from the first on: at least one if there are any.
    int samePairs() const { return m_same; }
    /// The first pair that chose other experts, and its first such layer; -1: none.
    int firstRouting() const { return m_first_routing; }
    int firstRoutingLayer() const { return m_first_routing_layer; }

    /// Router saturation of a layer (metrics.h) over pairs [first, first + count).
    double agreementOf(int layer, int first, int count) const;
    /// Of one pair and layer; of one pair, mean over layers.
    double agreementOfPair(int pair, int layer) const { return agreementOf(layer, pair, 1); }
    double agreementOfPair(int pair) const;
    /// K / N, what choices at random agree on.
    double chance() const;
    /// How differently a layer's choices are spread over its experts: Jensen-Shannon divergence in bits, 0 to 1.
    double divergenceOf(int layer) const;
    /// Where the texts and the routing part, in words.
    QString summary() const;

signals:
    void changed();

private:
    void align();
    /// Of texts that part: whether they do so before any answer that they have in common.
    bool differentQuestions() const;

    SharedSource m_a, m_b;
    QString m_sentence;
    int m_pairs = 0, m_begin_a = 0, m_begin_b = 0, m_same = 0;
    int m_first_routing = -1, m_first_routing_layer = -1;
};

}  // namespace moescope
