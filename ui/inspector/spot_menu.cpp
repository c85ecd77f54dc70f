#include "ui/inspector/spot_menu.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QKeySequence>
#include <QMenu>

#include "ui/inspector/inspector_model.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::SpotMenu)
};

/// What the entries below are of.
void addHeading(QMenu& menu, const QString& text) {
    if (!menu.isEmpty()) menu.addSeparator();
    menu.addAction(plainCaption(text))->setEnabled(false);
}

void addOfExpert(QMenu& menu, InspectorModel& model, int layer, int expert) {
    const int number = model.whole()->shape().first_moe_layer + layer;
    const QString name = model.expertName(layer, expert), id = Words::tr("layer %1, expert %2").arg(number).arg(expert);
    const QString heading = Words::tr("Layer %1, expert %2").arg(number).arg(expert);
    addHeading(menu, name.isEmpty() ? heading : Words::tr("%1: %2").arg(heading, name));
    // The key is only named: as the action's own it would be there twice, and then does nothing.
    const QString key = QKeySequence(Qt::CTRL | Qt::Key_J).toString(QKeySequence::NativeText);
    menu.addAction(Words::tr("Find tokens of this expert…") + QLatin1Char('\t') + key, &model,
                   [&model, layer, expert] { model.wantTokensOf(layer, expert); });
    const bool only = model.scope().layer == layer && model.scope().expert == expert;
    menu.addAction(only ? Words::tr("Show tokens of all experts again") : Words::tr("Show only its tokens"), &model,
                   [&model, layer, expert, only] {
                       Scope scope = model.scope();
                       scope.layer = only ? -1 : layer;
                       scope.expert = only ? -1 : expert;
                       model.setScope(scope);
                   });
    const Spot chosen = model.selection().chosen();
    const bool another = chosen.expert >= 0 && chosen.layer >= 0 && (chosen.layer != layer || chosen.expert != expert);
    const QString compare = another ? Words::tr("Compare with layer %1, expert %2")
                                          .arg(model.whole()->shape().first_moe_layer + chosen.layer)
                                          .arg(chosen.expert)
                                    : Words::tr("Compare with another expert…");
    menu.addAction(compare, &model, [&model, layer, expert, another] {
        if (!another) model.selection().choose(Spot::ofExpert(layer, expert));
        model.setOtherExpert(another ? Spot::ofExpert(layer, expert) : Spot());
        model.wantView("experts");
    });
    if (model.ruleOf()) {
        using Rule = ExpertRule;
        const Rule rule = model.ruleOf()(layer, expert);
        const auto add = [&](Rule wanted, const QString& text, const QString& undo) {
            menu.addAction(rule == wanted ? undo : text, &model, [&model, layer, expert, rule, wanted] {
                model.wantRule(layer, expert, rule == wanted ? Rule::kFree : wanted);
            });
        };
        add(Rule::kMasked, Words::tr("Mask in the next answers"), Words::tr("Stop masking"));
        add(Rule::kForced, Words::tr("Force in the next answers"), Words::tr("Stop forcing"));
        menu.addAction(name.isEmpty() ? Words::tr("Name…") : Words::tr("Rename…"), &model,
                       [&model, layer, expert] { model.wantName(layer, expert); });
        if (!name.isEmpty()) {
            menu.addAction(Words::tr("Remove the name"), &model,
                           [&model, layer, expert] { model.wantNoName(layer, expert); });
        }
    }
    menu.addAction(Words::tr("Copy “%1”").arg(id), &model, [id] { QGuiApplication::clipboard()->setText(id); });
}

void addOfToken(QMenu& menu, InspectorModel& model, int token) {
    const SharedSource whole = model.whole();
    addHeading(menu, Words::tr("%1, token %2").arg(whole->quoted(token), QString::number(token + 1)));
    menu.addAction(Words::tr("Find tokens routed like this one"), &model, [&model, whole, token] {
        model.selection().choose(Spot::ofToken(whole->id(), token));
        model.wantView("alike");
    });
    const QString text = whole->text(token);
    if (text.trimmed().isEmpty()) return;
    menu.addAction(Words::tr("Show only tokens with this text"), &model, [&model, text] {
        Scope scope = model.scope();
        scope.only = Scope::Only::kText;
        scope.text = text.trimmed();
        model.setScope(scope);
    });
    menu.addAction(Words::tr("Copy text"), &model, [text] { QGuiApplication::clipboard()->setText(text); });
}

}  // namespace

void addSpotActions(QMenu& menu, InspectorModel& model, const Spot& spot) {
    const SharedSource whole = model.whole();
    if (!whole || whole->empty()) return;
    const RoutingShape& shape = whole->shape();
    const bool layer = spot.layer >= 0 && spot.layer < shape.moe_layers;
    if (layer && spot.expert >= 0 && spot.expert < shape.experts) {
        addOfExpert(menu, model, spot.layer, spot.expert);
    } else if (layer) {
        addHeading(menu, Words::tr("Layer %1").arg(shape.first_moe_layer + spot.layer));
        menu.addAction(Words::tr("Show this layer in all views"), &model,
                       [&model, at = spot.layer] { model.selection().choose(Spot::ofExpert(at, -1)); });
    }
    if (spot.hasTokens() && spot.source == whole->id() && spot.first == spot.last && spot.last < whole->size())
        addOfToken(menu, model, spot.last);
}

}  // namespace moescope
