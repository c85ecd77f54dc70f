#include "app/window/window_state.h"

#include <QCoreApplication>

namespace moescope {
namespace {

/// Gives the strings of this file a context.
class Words {
    Q_DECLARE_TR_FUNCTIONS(moescope::WindowState)
};

}  // namespace

bool canStop(const WindowState& state) {
    return state.loading || state.answering || state.experiment || state.rereading;
}

QString reasonNotToAsk(const WindowState& state) {
    if (state.loading) return Words::tr("The model is being loaded…");
    if (!state.has_model) return Words::tr("Choose a model above to ask something");
    if (state.answering && state.elsewhere) return Words::tr("Another chat is being answered");
    if (state.rereading) return Words::tr("The chat is being re-read, Esc stops it");
    return state.experiment ? Words::tr("An experiment is running, Esc stops it") : QString();
}

QString savedWords(const WindowState& state) {
    if (state.saving) return Words::tr("saving the question…");
    if (!state.stored) return {};
    return state.answering ? Words::tr("saving") : Words::tr("saved");
}

StatusLine::Light lightOf(const WindowState& state) {
    if (state.loading) return StatusLine::Light::kWorking;
    if (!state.has_model) return StatusLine::Light::kOff;
    return state.answering || state.rereading ? StatusLine::Light::kWorking : StatusLine::Light::kReady;
}

Welcome::Model welcomeOf(const WindowState& state) {
    if (state.loading) return Welcome::Model::kLoading;
    if (!state.has_model) return Welcome::Model::kNone;
    return state.demo ? Welcome::Model::kDemo : Welcome::Model::kOther;
}

EmptyState::Reason emptyReasonOf(const WindowState& state) {
    // An answer that is being written brings its routing soon.
    if (state.messages && !state.answering) return EmptyState::Reason::kNotRecorded;
    return state.has_model || state.loading ? EmptyState::Reason::kNothingYet : EmptyState::Reason::kNoModel;
}

}  // namespace moescope
