#pragma once
// The model: whether one is loaded or being loaded, whether it will fit, and what there is to say about that. GUI
// thread; the engine loads on its own.

#include <QObject>
#include <optional>

#include "app/remote/key_store.h"
#include "app/window/engine_thread.h"
#include "ui/chrome/notice_bar.h"

namespace moescope {

class ThemeStore;
struct AppSettings;
struct ServerEntry;

class ModelLoader : public QObject {
    Q_OBJECT

public:
    struct Loading {
        QString path;
        double fraction = 0;  ///< of 1
    };

    /// None is owned; all outlive this. `window` is what it asks over.
    ModelLoader(EngineThread* engine, std::string keys, NoticeBar* notice, ThemeStore* themes, QWidget* window);

    /// Loads a model, or asks the server whose model it is; asks first if memory may not suffice, and shows what is
    /// wrong with the file. Keys of servers are in the file `keys`.
    void load(const QString& path, const AppSettings& settings);
    void unload() { m_engine->unload(); }

    /// The last one that was loaded, while another one is being loaded; its `model` is null if there is none.
    const LoadedModel& model() const { return m_model; }
    bool hasModel() const { return m_model.there(); }
    bool isDemo() const;
    /// Set while a model is being loaded.
    const std::optional<Loading>& loading() const { return m_loading; }
    /// Bytes, as planned for the last load: what it takes, and what was free. 0 until its file has been read.
    std::uint64_t neededBytes() const { return m_needed; }
    std::uint64_t availableBytes() const { return m_available; }

signals:
    /// Loading has begun, gone on, or ended.
    void progressed();
    /// Another model is there, or none.
    void modelChanged();
    /// The file is gone; the user would like to say where it is.
    void findWanted();

private:
    void start(const LoadJob& job);
    void startServer(const ServerEntry& server, const QString& path);
    void onDoubtful(const QString& path, const LoadPlan& plan);
    void onLoaded(const LoadedModel& model);
    void onFailed(const QString& sentence);
    void onUnloaded();
    void fail(const QString& sentence, const QString& label = {}, std::function<void()> action = {});

    EngineThread* m_engine;
    KeyStore m_keys;
    NoticeBar* m_notice;
    ThemeStore* m_themes;
    QWidget* m_window;
    LoadedModel m_model;
    LoadJob m_job;  // that was asked for last
    std::optional<Loading> m_loading;
    std::uint64_t m_needed = 0, m_available = 0;
    NoticeBar::Id m_failure = 0;  // the notice of the load before, which the next one takes away
};

}  // namespace moescope
