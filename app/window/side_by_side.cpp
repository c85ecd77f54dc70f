#include "app/window/side_by_side.h"

#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QRandomGenerator>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/remote/key_store.h"
#include "app/window/answer_words.h"
#include "app/window/chat_controller.h"
#include "app/window/load_words.h"
#include "app/window/model_loader.h"
#include "app/window/qt_text.h"
#include "app/window/routing_desk.h"
#include "app/window/server_paths.h"
#include "app/window/settings_keeper.h"
#include "engine/markdown/thinking.h"
#include "ui/chat/linked_scrolling.h"
#include "ui/chat/transcript_model.h"
#include "ui/chat/transcript_view.h"
#include "ui/chrome/column_bar.h"
#include "ui/settings/chat_settings_dialog.h"
#include "ui/settings/generation_presets.h"
#include "ui/settings/router_rules_dialog.h"
#include "ui/settings/rules_words.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

/// The id of an answer that was refused, in a column's transcript.
constexpr qint64 kRefused = -2;

}  // namespace

SideBySide::SideBySide(const Parts& parts, QObject* parent)
    : QObject(parent), m_parts(parts), m_scrolling(new LinkedScrolling(this)), m_chat_menu(new QMenu(parts.window)) {
    m_chat_menu->setAccessibleName(tr("This chat"));
    connect(m_chat_menu, &QMenu::aboutToShow, this, &SideBySide::fillChatMenu);
    parts.bar->setMenu(m_chat_menu);
    parts.bar->hide();
    connect(parts.bar, &ColumnBar::stopWanted, this, [this] { m_parts.chat->stopColumn(0); });
    m_scrolling->add(parts.view);
    parts.chat->setOthers([this](const AnswerRequest& request) { return requests(request); });
    connect(parts.chat, &ChatController::opened, this, &SideBySide::update);
    connect(parts.chat, &ChatController::answeringChanged, this, &SideBySide::update);
    connect(parts.transcript, &QAbstractItemModel::modelReset, this, &SideBySide::update);
    connect(parts.chat, &ChatController::answerProgress, this, [this](const AnswerBatch& batch) {
        if (!m_chat_answers || batch.tokens_per_second <= 0) return;
        m_chat_figures = tr("%1 tok/s").arg(QLocale().toString(batch.tokens_per_second, 'f', 1));
        m_parts.bar->setFigures(m_chat_figures);
    });
    EngineThread* engine = parts.engine;
    connect(engine, &EngineThread::answerBegun, this, [this](qint64, qint64 message) {
        if (!std::exchange(m_chat_asked, false)) return;
        m_chat_answer = message;
        m_chat_answers = true;
        update();
    });
    const auto chatEnded = [this] {
        m_chat_answers = false;
        m_chat_figures.clear();
        update();
    };
    connect(engine, &EngineThread::answerEnded, this, chatEnded);
    connect(engine, &EngineThread::answerRefused, this, chatEnded);
    connect(engine, &EngineThread::columnOpened, this, [this](int column, const ColumnModel& model) {
        if (Column* c = at(column)) {
            c->model = model;
            update();
        }
    });
    connect(engine, &EngineThread::columnFailed, this, &SideBySide::onFailed);
    connect(engine, &EngineThread::columnBegun, this, &SideBySide::onBegun);
    connect(engine, &EngineThread::columnReading, this, [this](int column, int done, int total) {
        Column* c = at(column);
        if (!c || !c->answers) return;
        c->figures = tr("reading %L1 of %L2").arg(done).arg(total);
        c->bar->setFigures(c->figures);
    });
    connect(engine, &EngineThread::columnBatch, this, &SideBySide::onBatch);
    connect(engine, &EngineThread::columnEnded, this, &SideBySide::onEnded);
    connect(engine, &EngineThread::columnRefused, this, &SideBySide::onRefused);
}

SideBySide::~SideBySide() = default;

SideBySide::Column* SideBySide::at(int column) {
    const auto place = static_cast<std::size_t>(column - 1);
    return column >= 1 && place < m_columns.size() ? m_columns[place].get() : nullptr;
}

int SideBySide::numberOf(const Column& column) const {
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        if (m_columns[i].get() == &column) return static_cast<int>(i) + 1;
    }
    return 0;
}

const ColumnModel& SideBySide::modelOf(int column) const {
    return m_columns[static_cast<std::size_t>(column - 1)]->model;
}

bool SideBySide::busy() {
    const bool answers = m_parts.chat->answering();
    if (answers) emit said(tr("An answer is being written. Stop it first (Esc)."));
    return answers;
}

void SideBySide::add() {
    if (busy() || static_cast<int>(m_columns.size()) >= kMost) return;
    if (!m_parts.models->hasModel()) {
        return emit said(tr("Load a model first; then other settings can answer beside the chat."));
    }
    m_columns.push_back(std::make_unique<Column>());
    Column& column = *m_columns.back();
    const int number = static_cast<int>(m_columns.size());
    column.settings = m_parts.chat->settings();
    column.rules = m_parts.chat->rules();
    column.model.shape = m_parts.models->model().shape;
    column.model.abilities = m_parts.models->model().abilities;
    buildColumn(column);
    openInEngine(number);
    m_parts.columns->setSizes(QList<int>(m_parts.columns->count(), m_parts.columns->width()));
    emit changed();
    update();
    column.bar->setFocus();
}

void SideBySide::openInEngine(int column) {
    auto job = jobOf(at(column)->path);
    if (!job.ok()) {
        // Later, as where the engine says so: whoever called may go through the columns.
        QMetaObject::invokeMethod(
            this, [this, column, why = qt(job.status().message())] { onFailed(column, why); }, Qt::QueuedConnection);
        return;
    }
    m_parts.engine->openColumn(column, std::move(*job));
}

void SideBySide::close() {
    if (!isOpen() || busy()) return;
    m_parts.engine->closeColumns(1);
    while (!m_columns.empty()) remove(static_cast<int>(m_columns.size()));
    emit changed();
    update();
}

/// From the window; the engine has been told.
void SideBySide::remove(int column) {
    const auto place = m_columns.begin() + (column - 1);
    QWidget* pane = (*place)->pages->parentWidget();
    const bool had_focus = pane->isAncestorOf(QApplication::focusWidget());
    (*place)->menu->deleteLater();
    (*place)->transcript->setParent(pane);  // goes after its view
    pane->hide();
    pane->setParent(m_parts.window);
    pane->deleteLater();
    m_columns.erase(place);
    if (had_focus) m_parts.view->setFocus();
}

void SideBySide::buildColumn(Column& column) {
    auto* pane = new QWidget;
    auto* rows = new QVBoxLayout(pane);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    column.bar = new ColumnBar(m_parts.themes);
    column.menu = new QMenu(m_parts.window);
    column.bar->setMenu(column.menu);
    column.transcript = new TranscriptModel(this);
    column.view = new TranscriptView(m_parts.themes, column.transcript);
    column.view->setOfferedActions(MessageAction::kCopy);
    column.view->setCodeLook(m_parts.view->wrapsCode(), m_parts.view->numbersCode());
    auto* empty =
        new QLabel(tr("Your next question is answered here as well.\n\nCtrl+R answers the last one again, in "
                      "all columns."));
    empty->setTextFormat(Qt::PlainText);
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    empty->setMargin(24);
    empty->setObjectName(QStringLiteral("column_empty"));
    column.empty = empty;
    column.pages = new QStackedWidget;
    column.pages->addWidget(column.empty);
    column.pages->addWidget(column.view);
    rows->addWidget(column.bar);
    rows->addWidget(column.pages, 1);
    m_parts.columns->addWidget(pane);
    m_parts.columns->setStretchFactor(m_parts.columns->count() - 1, 1);
    m_scrolling->add(column.view);
    Column* c = &column;
    connect(column.menu, &QMenu::aboutToShow, this, [this, c] { fillMenu(numberOf(*c)); });
    connect(column.bar, &ColumnBar::stopWanted, this, [this, c] { m_parts.chat->stopColumn(numberOf(*c)); });
    connect(column.bar, &ColumnBar::keepWanted, this, [this, c] { keep(numberOf(*c)); });
    connect(column.view, &TranscriptView::copyRequested, this, [c](qint64 id) {
        const TranscriptMessage* m = c->transcript->find(id);
        if (!m) return;
        const bool answer = m->role == TranscriptRole::kAnswer;
        QApplication::clipboard()->setText(qt(answer ? std::string(markdown::answerOf(m->text)) : m->text));
    });
    connect(column.view, &TranscriptView::linkActivated, this, &SideBySide::linkActivated);
    connect(column.view, &TranscriptView::codeLookChanged, this, &SideBySide::codeLookChanged);
    connect(column.view, &TranscriptView::saveCodeRequested, this, &SideBySide::saveCodeWanted);
    connect(m_parts.view, &TranscriptView::codeLookChanged, column.view, &TranscriptView::setCodeLook);
}

void SideBySide::fillChatMenu() {
    const bool free = !m_parts.chat->answering();
    m_chat_menu->clear();
    m_chat_menu->addAction(tr("Chat settings…"), this, &SideBySide::chatSettingsWanted);
    m_chat_menu->addAction(tr("Router rules…"), this, &SideBySide::chatRulesWanted);
    m_chat_menu->addSeparator();
    m_chat_menu->addAction(tr("Add a column"), this, &SideBySide::add)
        ->setEnabled(free && static_cast<int>(m_columns.size()) < kMost);
    m_chat_menu->addAction(tr("Close the columns"), this, &SideBySide::close)->setEnabled(free);
}

void SideBySide::fillMenu(int column) {
    Column& c = *at(column);
    const bool free = !m_parts.chat->answering();
    c.menu->clear();
    qDeleteAll(c.menu->findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
    QMenu* models = c.menu->addMenu(tr("Model"));
    fillModels(models, column);
    models->setEnabled(free);
    c.menu->addAction(tr("How it answers…"), this, [this, column] { editSettings(column); });
    c.menu->addAction(tr("Router rules…"), this, [this, column] { editRules(column); })
        ->setEnabled(c.model.abilities.rules);
    c.menu->addSeparator();
    const bool here = c.message != 0 && c.conversation == m_parts.chat->conversation();
    c.menu->addAction(tr("Use this answer"), this, [this, column] { keep(column); })
        ->setEnabled(here && free && m_parts.transcript->rowOf(c.message) < 0);
    c.menu->addAction(tr("Compare routing with the chat's"), this, [this, column] { compare(column); })
        ->setEnabled(here && free && m_chat_answer != 0);
    c.menu->addSeparator();
    c.menu->addAction(tr("Add a column"), this, &SideBySide::add)
        ->setEnabled(free && static_cast<int>(m_columns.size()) < kMost);
    c.menu
        ->addAction(tr("Close this column"), this,
                    [this, column] {
                        if (busy()) return;
                        m_parts.engine->closeColumns(column);
                        remove(column);
                        for (int after = column; after <= static_cast<int>(m_columns.size()); ++after)
                            openInEngine(after);
                        emit changed();
                        update();
                    })
        ->setEnabled(free);
}

QString SideBySide::nameOf(const QString& path) const {
    if (isServerPath(path)) return serverModelName(path);
    if (path == m_parts.demo_model) return tr("Demo model");
    return m_parts.settings->values.model_names.value(path, QFileInfo(path).completeBaseName());
}

void SideBySide::fillModels(QMenu* menu, int column) {
    const AppSettings& settings = m_parts.settings->values;
    const QString loaded = m_parts.models->model().path, chosen = at(column)->path;
    auto* group = new QActionGroup(menu);
    const auto add = [&](const QString& path, const QString& text) {
        QAction* action = menu->addAction(plainCaption(text));
        action->setCheckable(true);
        action->setActionGroup(group);
        action->setChecked(path == chosen);
        connect(action, &QAction::triggered, this, [this, column, path] { setModelPath(column, path); });
    };
    add({}, tr("As the chat: %1").arg(oneLine(m_parts.models->model().name)));
    QStringList files = settings.recent_models;
    if (!m_parts.demo_model.isEmpty() && !files.contains(m_parts.demo_model)) files.prepend(m_parts.demo_model);
    for (const QString& path : std::as_const(files)) {
        if (path != loaded && QFileInfo::exists(path)) add(path, oneLine(nameOf(path)));
    }
    for (const ServerEntry& server : settings.servers) {
        const QString path = pathOf(server);
        if (path != loaded) add(path, tr("%1 on %2").arg(oneLine(nameOf(path)), hostOfPath(path)));
    }
}

Result<ColumnJob> SideBySide::jobOf(const QString& path) const {
    ColumnJob job;
    if (path.isEmpty()) return job;
    const AppSettings& settings = m_parts.settings->values;
    if (!isServerPath(path)) {
        job.file = LoadJob{path, loadChoices(settings), false};
        return job;
    }
    const auto server = serverOf(settings, path);
    if (!server) return notFound(tr("%1 is no longer among the servers in the settings.").arg(path).toStdString());
    const ServerAddress address = addressOf(*server);
    const auto key = KeyStore(m_parts.keys).key(address.url);
    if (!key.ok()) return key.status();
    job.server = ServerJob{path, {address.url, *key, address.ca_file}, server->model.toStdString(), server->experts};
    return job;
}

void SideBySide::setModelPath(int column, const QString& path) {
    Column* c = at(column);
    if (!c || c->path == path || busy()) return;
    c->path = path;
    c->rules = {};  // experts of another model are others
    openInEngine(column);
    update();
}

void SideBySide::onModelChanged() {
    if (!m_parts.models->hasModel()) return;
    const QString loaded = m_parts.models->model().path;
    for (int column = 1; column <= static_cast<int>(m_columns.size()); ++column) {
        Column& c = *at(column);
        if (c.path == loaded) c.path.clear();
        if (c.path.isEmpty() && c.model.shape != m_parts.models->model().shape) {
            c.rules = {};
            c.model.shape = m_parts.models->model().shape;
        }
        openInEngine(column);
    }
    update();
}

void SideBySide::onFailed(int column, const QString& sentence) {
    Column* c = at(column);
    if (!c) return;
    emit failed(sentence);
    if (!c->path.isEmpty() && m_parts.models->hasModel()) {
        c->path.clear();
        openInEngine(column);
    } else {
        m_parts.engine->closeColumns(column);
        while (static_cast<int>(m_columns.size()) >= column) remove(static_cast<int>(m_columns.size()));
        emit changed();
    }
    update();
}

QString SideBySide::describe(const GenerationSettings& settings, const RouterRules& rules,
                             const RoutingShape& shape) const {
    const QString preset = activePreset(settings);
    QString text = preset.isEmpty() ? tr("temperature %1").arg(QLocale().toString(settings.temperature))
                                    : presetTitle(preset).toLower();
    if (rules != RouterRules()) text += QStringLiteral(" · ") + rulesSummary(rules, shape);
    return text;
}

void SideBySide::update() {
    m_parts.bar->setVisible(isOpen());
    if (!isOpen()) return;
    const ChatController& chat = *m_parts.chat;
    const QString of_chat =
        tr("This chat: %1").arg(describe(chat.settings(), chat.rules(), m_parts.models->model().shape));
    m_parts.bar->setTitle(of_chat, of_chat);
    m_parts.bar->setAnswering(m_chat_answers);
    m_parts.bar->setFigures(m_chat_figures);
    for (const auto& column : m_columns) {
        Column& c = *column;
        // A column that is closed gives its number to the next.
        const QString number = tr("Column %1").arg(numberOf(c) + 1);
        c.bar->setName(number);
        c.menu->setAccessibleName(number);
        c.view->setAccessibleName(tr("Answers of column %1").arg(numberOf(c) + 1));
        QString title = describe(c.settings, c.rules, c.model.shape);
        const QString name = !c.path.isEmpty() ? nameOf(c.path) : QString();
        title = name.isEmpty() ? tr("Column %1: %2").arg(numberOf(c) + 1).arg(title)
                               : tr("Column %1: %2, %3").arg(numberOf(c) + 1).arg(oneLine(name), title);
        QString tip = title;
        if (!c.model.server.isEmpty()) tip += QLatin1Char('\n') + tr("Chats are sent to %1.").arg(c.model.server);
        if (c.model.memory_bytes > 0) {
            tip += QLatin1Char('\n') + tr("It takes %1 more memory; its context holds %L2 tokens.")
                                           .arg(dataSize(c.model.memory_bytes))
                                           .arg(c.model.context);
        }
        c.bar->setTitle(title, tip);
        const bool here = c.conversation != 0 && c.conversation == chat.conversation();
        const bool shown_in_chat = c.message != 0 && m_parts.transcript->rowOf(c.message) >= 0;
        c.bar->setAnswering(c.answers);
        c.bar->setFigures(c.answers ? c.figures : here && shown_in_chat ? tr("in the chat") : QString());
        c.bar->offerKeep(here && c.message != 0 && !shown_in_chat && !chat.answering());
        c.pages->setCurrentWidget(here ? static_cast<QWidget*>(c.view) : c.empty);
    }
}

void SideBySide::focusNext() {
    if (!isOpen()) return;
    const QWidget* focus = QApplication::focusWidget();
    int next = 0;  // 0: the chat's
    if (m_parts.bar->parentWidget()->isAncestorOf(focus)) next = 1;
    for (const auto& column : m_columns) {
        if (column->pages->parentWidget()->isAncestorOf(focus)) next = numberOf(*column) + 1;
    }
    Column* column = at(next);
    (column ? column->bar : m_parts.bar)->setFocus(Qt::TabFocusReason);
}

void SideBySide::editSettings(int column) {
    Column& c = *at(column);
    ChatSettingsDialog dialog(m_parts.themes, m_parts.window, ChatSettingsDialog::Part::kGeneration);
    dialog.setDefaults(m_parts.chat->settings());
    dialog.setFollowed(c.model.abilities.all_sampling);
    dialog.setSettings(c.settings);
    connect(&dialog, &ChatSettingsDialog::changed, this,
            [this, column](const QString&, const GenerationSettings& settings) { setSettings(column, settings); });
    dialog.exec();
}

void SideBySide::editRules(int column) {
    Column& c = *at(column);
    RouterRulesDialog dialog(m_parts.themes, c.model.shape, false, m_parts.window);
    dialog.setApplyText(tr("Use in this column"));
    dialog.setRules(c.rules);
    connect(&dialog, &RouterRulesDialog::applied, this,
            [this, column](const RouterRules& rules) { setRules(column, rules); });
    dialog.exec();
}

void SideBySide::setSettings(int column, const GenerationSettings& settings) {
    if (Column* c = at(column)) c->settings = settings;
    update();
}

void SideBySide::setRules(int column, const RouterRules& rules) {
    if (Column* c = at(column)) c->rules = rules;
    update();
}

void SideBySide::keep(int column) {
    const Column* c = at(column);
    if (!c || c->message == 0 || m_parts.chat->answering()) return;
    m_parts.chat->showMessage(c->message);
    update();
}

void SideBySide::compare(int column) {
    const Column* c = at(column);
    if (c && c->message != 0 && m_chat_answer != 0) m_parts.routing->compare(m_chat_answer, c->message);
}

std::vector<AnswerRequest> SideBySide::requests(const AnswerRequest& request) {
    std::vector<AnswerRequest> others;
    m_chat_answer = 0;
    m_chat_figures.clear();
    m_chat_asked = m_chat_answers = isOpen();
    for (const auto& column : m_columns) {
        Column& c = *column;
        AnswerRequest other = request;
        other.beside = true;
        GenerationSettings settings = c.settings;
        if (settings.random_seed) settings.seed = QRandomGenerator::global()->generate64();
        other.settings = AnswerSettings{settings, c.rules};
        c.asked = other.settings.toJson();
        c.conversation = request.conversation;
        c.message = 0;
        c.answers = true;
        c.figures.clear();
        // The branch up to the question, as the chat shows it.
        std::vector<TranscriptMessage> messages;
        const int last = m_parts.transcript->rowOf(request.turns.back().id);
        for (int row = 0; row <= last; ++row) {
            TranscriptMessage m = m_parts.transcript->at(row);
            m.siblings = 1;
            m.sibling = 0;
            m.may_continue = false;
            messages.push_back(std::move(m));
        }
        c.transcript->setMessages(std::move(messages));
        c.view->scrollToEnd();
        others.push_back(std::move(other));
    }
    update();
    return others;
}

void SideBySide::onBegun(int column, qint64 conversation, qint64 message) {
    Column* c = at(column);
    if (!c || c->conversation != conversation) return;
    c->message = message;
    c->answers = true;
    c->transcript->removeFrom(kRefused);  // it was asked again, with the oldest turns dropped
    TranscriptMessage answer;
    answer.id = message;
    answer.role = TranscriptRole::kAnswer;
    answer.state = TranscriptState::kStreaming;
    answer.figures.finish = endText(FinishReason::kUnfinished, c->asked);
    c->transcript->append(std::move(answer));
    update();
}

void SideBySide::onBatch(int column, const AnswerBatch& batch) {
    Column* c = at(column);
    if (!c || c->message != batch.message) return;
    std::vector<TranscriptToken> tokens;
    for (const MessageToken& token : batch.tokens) tokens.push_back({token.begin, token.end, token.position});
    c->transcript->appendText(batch.message, batch.text, tokens);
    c->transcript->setFigures(
        batch.message, {batch.answer_tokens, batch.tokens_per_second, batch.first_token_seconds, batch.thinking_tokens,
                        batch.thinking_tokens_per_second, endText(FinishReason::kUnfinished, c->asked)});
    if (batch.tokens_per_second <= 0) return;
    c->figures = tr("%1 tok/s").arg(QLocale().toString(batch.tokens_per_second, 'f', 1));
    c->bar->setFigures(c->figures);
}

void SideBySide::onEnded(int column, const AnswerEnded& end) {
    Column* c = at(column);
    if (!c || c->message != end.message) return;
    c->answers = false;
    const AnswerFigures figures{end.answer_tokens,   end.tokens_per_second,          end.first_token_seconds,
                                end.thinking_tokens, end.thinking_tokens_per_second, endText(end.finish, c->asked)};
    c->transcript->finish(end.message, stateOf(end.finish), figures, end.error);
    update();
}

void SideBySide::onRefused(int column, const QString& sentence) {
    Column* c = at(column);
    if (!c) return;
    c->answers = false;
    TranscriptMessage refused;
    refused.id = kRefused;
    refused.role = TranscriptRole::kAnswer;
    refused.state = TranscriptState::kError;
    refused.error = shownSentence(sentence);
    c->transcript->append(std::move(refused));
    update();
}

}  // namespace moescope
