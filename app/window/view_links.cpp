#include "app/window/view_links.h"

#include <QClipboard>
#include <QGuiApplication>
#include <utility>

#include "app/window/chat_controller.h"
#include "app/window/routing_desk.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/widgets/ask_dialog.h"

namespace moescope {

ViewLinks::ViewLinks(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    connect(&parts.inspector->model(), &InspectorModel::sourceChanged, this, &ViewLinks::show);
}

QString ViewLinks::text() const {
    const InspectorModel& model = m_parts.inspector->model();
    const SharedSource whole = model.whole();
    if (!whole) return {};
    ViewText view;
    view.view = m_parts.inspector->currentView()->name();
    view.source = m_parts.desk->sources().keyOf(whole->id());
    if (view.source.isEmpty()) return {};
    // A branch is that of its last answer, also after another one is shown.
    const qint64 last = m_parts.desk->lastAnswerOf(whole->id());
    if (last != 0) view.source += QStringLiteral(".%1").arg(last);
    const int first_layer = whole->shape().first_moe_layer;
    view.scope = model.scope();
    if (view.scope.layer >= 0) view.scope.layer += first_layer;
    const Spot chosen = model.selection().chosen();
    if (chosen.layer >= 0) view.layer = chosen.layer + first_layer;
    view.expert = chosen.expert;
    if (chosen.hasTokens() && chosen.source == whole->id()) {
        view.first = chosen.first + 1;
        view.last = chosen.last + 1;
    }
    if (const Spot other = model.otherExpert(); other.expert >= 0) {
        view.other_layer = other.layer + first_layer;
        view.other_expert = other.expert;
    }
    return view.text();
}

void ViewLinks::copy() {
    const QString line = text();
    if (line.isEmpty()) {
        return emit refused(m_parts.inspector->model().whole()
                                ? tr("The routing of a re-read chat is not kept, so no text can open it again.")
                                : tr("There is no routing yet; ask something first."));
    }
    QGuiApplication::clipboard()->setText(line);
    emit said(tr("View copied. “Open view…” shows it again."));
}

void ViewLinks::askAndOpen() {
    const QString copied = QGuiApplication::clipboard()->text();
    const auto line = askForText(m_parts.themes, m_parts.window, tr("Open view"), tr("Copied view (moescope:?view=…)"),
                                 ViewText::from(copied) ? copied.trimmed() : QString(), ViewText::kLongest);
    if (line) open(*line);
}

void ViewLinks::open(const QString& text) {
    const auto view = ViewText::from(text);
    if (!view) return emit refused(tr("This is not a copied view. “Copy view” makes one: moescope:?view=…"));
    const QString key = view->source.section(QLatin1Char('.'), 0, 0);
    RoutingSources& sources = m_parts.desk->sources();
    // Names of traces may have dots; numbers of branches are followed by that of their last answer.
    const bool branch = view->source.startsWith(QLatin1String("branch-"));
    const auto id = sources.idOf(branch ? key : view->source);
    if (!id) {
        return emit refused(view->source.startsWith(QLatin1String("trace-"))
                                ? tr("Open the trace %1 first; the view shows it.").arg(view->source.mid(6))
                                : tr("What this view shows is not in this history."));
    }
    const qint64 message = branch ? view->source.section(QLatin1Char('.'), 1, 1).toLongLong() : 0;
    const qint64 conversation = sources.conversationOf(*id);
    if (conversation != 0 && (conversation != m_parts.chat->conversation() || message != 0))
        emit chatWanted(conversation, message);
    m_parts.desk->flush();
    m_wanted = view;
    m_wanted_source = *id;
    InspectorModel& model = m_parts.inspector->model();
    if (model.whole() && model.whole()->id() == *id) return show();
    model.wantSource(*id);
    if (!m_wanted || m_parts.desk->reader().reading()) return;
    m_wanted.reset();
    emit refused(tr("No routing was recorded for what this view shows."));
}

void ViewLinks::show() {
    InspectorModel& model = m_parts.inspector->model();
    const SharedSource whole = model.whole();
    if (!m_wanted || !whole || whole->id() != m_wanted_source) return;
    const ViewText view = *std::exchange(m_wanted, std::nullopt);
    const RoutingShape& shape = whole->shape();
    const int first_layer = shape.first_moe_layer;
    // -1 stands for none. The text may be of another model, or anybody's.
    const auto fits = [&](int layer, int expert) {
        return (layer < 0 || (layer >= first_layer && layer - first_layer < shape.moe_layers)) &&
               expert < shape.experts;
    };
    if (!fits(view.layer, view.expert) || !fits(view.scope.layer, view.scope.expert) ||
        !fits(view.other_layer, view.other_expert) || view.last > whole->size()) {
        return emit refused(tr("What this view shows is not in this history."));
    }
    Scope scope = view.scope;
    if (scope.layer >= 0) scope.layer -= first_layer;
    model.setScope(scope);
    Spot chosen;
    if (view.layer >= 0) chosen.layer = view.layer - first_layer;
    chosen.expert = view.expert;
    if (view.first > 0) {
        chosen.source = whole->id();
        chosen.first = view.first - 1;
        chosen.last = view.last - 1;
    }
    model.selection().clear();
    model.selection().choose(chosen);
    model.setOtherExpert(view.other_layer >= 0 ? Spot::ofExpert(view.other_layer - first_layer, view.other_expert)
                                               : Spot());
    model.wantView(view.view.toLatin1().constData());
    m_parts.inspector->show();
}

}  // namespace moescope
