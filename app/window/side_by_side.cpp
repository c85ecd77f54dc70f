#include "app/window/side_by_side.h"

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLocale>
#include <QMenu>
#include <algorithm>

#include "app/window/after_painting.h"
#include "app/window/chat_controller.h"
#include "app/window/chat_notices.h"
#include "app/window/history_writer.h"
#include "app/window/load_words.h"
#include "app/window/model_loader.h"
#include "app/window/routing_desk.h"
#include "app/window/settings_keeper.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/columns.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/generation_presets.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// What can be done with a message where others answer the same question beside it.
constexpr MessageActions kActions = MessageAction::kCopy | MessageAction::kRegenerate | MessageAction::kContinue;

QString letterOf(int column) {
    return QString(QChar(u'A' + column));
}

qint64 lastAnswerOf(const TranscriptModel& transcript) {
    for (int row = transcript.count() - 1; row >= 0; --row) {
        if (transcript.at(row).role == TranscriptRole::kAnswer) return transcript.at(row).id;
    }
    return 0;
}

}  // namespace

SideBySide::SideBySide(const Parts& parts, QObject* parent) : QObject(parent), m_parts(parts) {
    connect(parts.chat, &ChatController::opened, this, &SideBySide::onOpened);
    connect(parts.chat, &ChatController::asked, this, &SideBySide::onAsked);
    connect(parts.chat, &ChatController::answeringChanged, this, &SideBySide::updateColumns);
    connect(parts.transcript, &TranscriptView::scrolled, this, [this] { link(m_parts.transcript); });
    connect(parts.transcript->model(), &QAbstractItemModel::modelReset, this, &SideBySide::updateColumns);
    const Columns* columns = parts.columns;
    connect(columns, &Columns::modelWanted, this, &SideBySide::chooseModel);
    connect(columns, &Columns::settingsWanted, this, &SideBySide::editSettings);
    connect(columns, &Columns::rulesWanted, this, &SideBySide::editRules);
    connect(columns, &Columns::compareWanted, this, &SideBySide::compare);
    connect(columns, &Columns::closeWanted, this, &SideBySide::close);
    connect(columns, &Columns::stopWanted, this,
            [this](int column) { (column == 0 ? m_parts.chat : laneOf(column)->chat)->stop(); });
}

SideBySide::~SideBySide() = default;

int SideBySide::columnOf(const Lane* lane) const {
    return static_cast<int>(std::find(m_lanes.begin(), m_lanes.end(), lane) - m_lanes.begin()) + 1;
}

bool SideBySide::answering() const {
    return std::any_of(m_lanes.begin(), m_lanes.end(), [](const Lane* lane) { return lane->chat->answering(); });
}

SideBySide::Lane* SideBySide::makeLane() {
    for (const auto& lane : m_all) {
        if (std::find(m_lanes.begin(), m_lanes.end(), lane.get()) == m_lanes.end()) return lane.get();
    }
    auto lane = std::make_unique<Lane>();
    lane->engine = new EngineThread(m_parts.data_dir, this);
    lane->transcript = new TranscriptModel(this);
    lane->chat = new ChatController(m_parts.history, m_parts.writer, lane->engine, lane->transcript, this);
    lane->view = new TranscriptView(m_parts.themes, lane->transcript, m_parts.window);
    lane->view->hide();
    lane->view->setPace(m_parts.pace);
    lane->view->setOfferedActions(kActions);
    lane->chat->setAfterPainting(
        [this](std::function<void()> then) { afterPainting(m_parts.window, std::move(then)); });
    Lane* made = lane.get();
    connect(made->view, &TranscriptView::copyRequested, this,
            [this, made](qint64 id) { QGuiApplication::clipboard()->setText(made->chat->shownTextOf(id)); });
    connect(made->view, &TranscriptView::regenerateRequested, made->chat,
            [made](qint64 id) { made->chat->regenerate(id); });
    connect(made->view, &TranscriptView::continueRequested, made->chat, &ChatController::continueAnswer);
    connect(made->view, &TranscriptView::linkActivated, m_parts.transcript, &TranscriptView::linkActivated);
    made->view->setCodeLook(m_parts.transcript->wrapsCode(), m_parts.transcript->numbersCode());
    connect(m_parts.transcript, &TranscriptView::codeLookChanged, made->view, &TranscriptView::setCodeLook);
    connect(made->view, &TranscriptView::codeLookChanged, m_parts.transcript, &TranscriptView::setCodeLook);
    connect(made->view, &TranscriptView::saveCodeRequested, m_parts.transcript, &TranscriptView::saveCodeRequested);
    connect(made->view, &TranscriptView::scrolled, this, [this, made] { link(made->view); });
    connect(made->transcript, &QAbstractItemModel::modelReset, this, &SideBySide::updateColumns);
    connect(made->chat, &ChatController::answeringChanged, this, [this](bool starts) {
        updateColumns();
        if (!starts && !answering() && !m_parts.chat->answering()) keepBranch();
        emit answeringChanged();
    });
    connect(made->chat, &ChatController::conversationChanged, this, [this](qint64 conversation) {
        if (conversation == m_parts.chat->conversation()) m_parts.chat->refresh();
        emit conversationChanged(conversation);
    });
    connect(made->chat, &ChatController::failed, this,
            [this, made](qint64 conversation, const QString& sentence) { onFailed(made, conversation, sentence); });
    connect(made->chat, &ChatController::notStored, this,
            [this, made](qint64 conversation, qint64, const QString&, const Status& why) {
                onFailed(made, conversation, QString::fromStdString(why.message()));
            });
    connect(made->chat, &ChatController::contextQuestion, this,
            [this, made](qint64 conversation, const QString& sentence) {
                m_parts.notices->say(conversation, sentence, tr("Drop the oldest turns"),
                                     [made] { made->chat->retryDroppingOldest(); });
            });
    connect(made->engine, &EngineThread::loaded, this, [this, made](const LoadedModel& model) {
        made->model = model;
        updateCaptions();
    });
    connect(made->engine, &EngineThread::loadFailed, this,
            [this, made](const QString&, const QString& sentence) { onLoadFailed(made, sentence); });
    connect(made->engine, &EngineThread::loadDoubtful, this,
            [this, made](const QString&, const LoadPlan& plan) { onLoadFailed(made, memoryText(plan)); });
    m_all.push_back(std::move(lane));
    return made;
}

void SideBySide::add() {
    const LoadedModel& model = m_parts.models->model();
    if (m_parts.columns->count() == Columns::kMost) {
        return m_parts.notices->sayInPassing(tr("There are three columns already; close one first."), 8);
    }
    if (!model.model) {
        return m_parts.notices->sayInPassing(model.there() ? tr("Side by side needs a model of this machine.")
                                                           : tr("Load a model to answer side by side."),
                                             8);
    }
    if (m_parts.chat->current().deleted_ms || m_parts.chat->saving()) return;
    Lane* lane = makeLane();
    useModel(lane, {});
    lane->own = {m_parts.chat->settings(), m_parts.chat->rules()};
    lane->chat->setOwnSettings(lane->own);
    lane->chat->setOddsWanted(m_odds);
    if (const qint64 conversation = m_parts.chat->conversation()) {
        lane->chat->openBranch(conversation, m_parts.chat->leaf());
    } else {
        lane->chat->startNew();
    }
    m_lanes.push_back(lane);
    m_parts.columns->add(lane->view);
    m_parts.transcript->setOfferedActions(kActions);
    lane->view->setAccessibleName(tr("Column %1").arg(letterOf(columnOf(lane))));
    updateCaptions();
    updateColumns();
    emit changed();
}

void SideBySide::drop(int column) {
    Lane* lane = laneOf(column);
    m_lanes.erase(m_lanes.begin() + (column - 1));
    lane->engine->unloadNow();
    lane->model = {};
    m_parts.columns->take(column)->setParent(m_parts.window);
    if (m_lanes.empty()) m_parts.transcript->setOfferedActions(MessageActions(~0));
    keepBranch();
    updateCaptions();
    updateColumns();
    emit changed();
}

void SideBySide::close(int column) {
    if (column > 0) return drop(column);
    const auto leaf = laneOf(1)->chat->leaf();
    if (m_parts.chat->answering()) m_parts.chat->stop();
    drop(1);
    if (!leaf) return;
    m_parts.chat->refresh();
    m_parts.chat->showMessage(*leaf);
}

void SideBySide::closeAll() {
    while (isOpen()) drop(m_parts.columns->count() - 1);
}

void SideBySide::stop() {
    for (const Lane* lane : m_lanes) lane->chat->stop();
}

void SideBySide::setOddsWanted(OddsWanted wanted) {
    m_odds = wanted;
    for (const Lane* lane : m_lanes) lane->chat->setOddsWanted(wanted);
}

void SideBySide::onOpened(qint64 conversation) {
    if (isOpen() && conversation != laneOf(1)->chat->conversation()) closeAll();
}

void SideBySide::onAsked(qint64 conversation, qint64 question) {
    const auto asked = m_parts.history->message(question);
    if (!asked.ok()) return;
    for (Lane* lane : m_lanes) {
        if (lane->chat->conversation() == 0 || lane->chat->leaf() == asked->parent) {
            lane->chat->openBranch(conversation, question);  // what was said so far is what the first column has
            lane->chat->regenerate(question);
        } else {
            lane->chat->send(QString::fromStdString(asked->text));
        }
        lane->view->scrollToEnd();
    }
}

void SideBySide::onFailed(const Lane* lane, qint64 conversation, const QString& sentence) {
    m_parts.notices->say(conversation, tr("Column %1: %2").arg(letterOf(columnOf(lane)), sentence));
}

void SideBySide::useModel(Lane* lane, const QString& path) {
    lane->engine->unloadNow();
    lane->model = {};
    lane->path = path;
    if (path.isEmpty()) {
        lane->engine->share(m_parts.models->model());
    } else {
        lane->engine->load({path, loadChoices(m_parts.settings->values), false});
    }
}

void SideBySide::chooseModel(int column) {
    Lane* lane = laneOf(column);
    const LoadedModel& of_chat = m_parts.models->model();
    QMenu menu(m_parts.window);
    menu.setAccessibleName(tr("Model of the column"));
    const auto offer = [&](const QString& name, const QString& path) {
        QAction* action = menu.addAction(plainCaption(oneLine(name, 60)));
        action->setCheckable(true);
        action->setChecked(path == lane->path);
        connect(action, &QAction::triggered, this, [this, lane, path] {
            useModel(lane, path);
            updateCaptions();
        });
    };
    offer(tr("%1 (the chat's)").arg(of_chat.name), {});
    const AppSettings& settings = m_parts.settings->values;
    for (const QString& path : settings.recent_models) {
        if (path == of_chat.path || !QFileInfo::exists(path)) continue;
        offer(settings.model_names.value(path, QFileInfo(path).completeBaseName()), path);
    }
    menu.exec(m_parts.columns->modelCorner(column));
}

void SideBySide::onLoadFailed(Lane* lane, const QString& sentence) {
    const int column = columnOf(lane);
    if (column > static_cast<int>(m_lanes.size())) return;
    if (!sentence.isEmpty()) m_parts.notices->sayInPassing(sentence, 0);
    if (lane->path.isEmpty()) return drop(column);
    useModel(lane, {});
    updateCaptions();
}

void SideBySide::editSettings(int column) {
    if (column == 0) return emit chatSettingsWanted();
    Lane* lane = laneOf(column);
    ChatSettingsDialog dialog(m_parts.themes, m_parts.window, ChatSettingsDialog::For::kColumn);
    dialog.setSettings(lane->own);
    connect(&dialog, &ChatSettingsDialog::changed, this,
            [this, lane](const QString&, const GenerationSettings& settings) {
                static_cast<GenerationSettings&>(lane->own) = settings;
                lane->chat->setOwnSettings(lane->own);
                updateCaptions();
            });
    dialog.exec();
}

void SideBySide::editRules(int column) {
    if (column == 0) return emit chatRulesWanted();
    Lane* lane = laneOf(column);
    if (!lane->model.model) return;  // it is being loaded
    RouterRulesDialog dialog(m_parts.themes, lane->model.shape, false, m_parts.window);
    dialog.setRules(lane->own.rules);
    connect(&dialog, &RouterRulesDialog::applied, this, [this, lane](const RouterRules& rules) {
        lane->own.rules = rules;
        lane->chat->setOwnSettings(lane->own);
        updateCaptions();
    });
    dialog.exec();
}

qint64 SideBySide::lastAnswer(int column) const {
    return lastAnswerOf(column == 0 ? *m_parts.transcript->model() : *laneOf(column)->transcript);
}

void SideBySide::compare(int column) {
    m_parts.routing->compare(lastAnswer(0), lastAnswer(column));
}

/// Columns have the same questions in the same rows.
void SideBySide::link(TranscriptView* leader) {
    if (m_linking || !isOpen()) return;
    m_linking = true;
    std::vector<TranscriptView*> views{m_parts.transcript};
    for (const Lane* lane : m_lanes) views.push_back(lane->view);
    for (TranscriptView* view : views) {
        if (view == leader) continue;
        leader->isFollowing() ? view->scrollToEnd() : view->scrollToPlace(leader->place());
    }
    m_linking = false;
}

void SideBySide::updateCaptions() {
    if (!isOpen()) return;
    for (int column = 0; column < m_parts.columns->count(); ++column) {
        const ChatController& chat = column == 0 ? *m_parts.chat : *laneOf(column)->chat;
        const LoadedModel& model = column == 0 ? m_parts.models->model() : laneOf(column)->model;
        const GenerationSettings settings = chat.settings();
        const QString preset = activePreset(settings);
        m_parts.columns->setCaptions(column, model.model ? oneLine(model.name, 40) : tr("Loading…"),
                                     preset.isEmpty()
                                         ? tr("Temperature %1").arg(QLocale().toString(settings.temperature))
                                         : tr("Style: %1").arg(presetTitle(preset).toLower()),
                                     tr("Rules: %1").arg(rulesSummary(chat.rules(), model.shape)));
    }
}

void SideBySide::keepBranch() {
    if (m_first.conversation == 0) return;
    if (m_first.conversation == m_parts.chat->conversation()) return m_parts.chat->keepBranch();
    m_parts.writer->write(
        [first = m_first](History& history) { return history.setLeaf(first.conversation, first.leaf); });
}

void SideBySide::updateColumns() {
    if (!isOpen()) return;
    const qint64 conversation = m_parts.chat->conversation();
    if (conversation == laneOf(1)->chat->conversation()) m_first = {conversation, m_parts.chat->leaf()};
    const bool busy = m_parts.chat->answering() || answering();
    for (int column = 0; column < m_parts.columns->count(); ++column) {
        const ChatController& chat = column == 0 ? *m_parts.chat : *laneOf(column)->chat;
        const TranscriptModel& transcript = column == 0 ? *m_parts.transcript->model() : *laneOf(column)->transcript;
        m_parts.columns->setAnswering(column, chat.answering());
        m_parts.columns->setComparable(
            column, !busy && lastAnswer(0) != 0 && lastAnswer(column) != 0 && lastAnswer(0) != lastAnswer(column));
        m_parts.columns->setHint(
            column, transcript.count() > 0 ? QString() : tr("Ask something: each column answers in its way."));
    }
}

}  // namespace moescope
