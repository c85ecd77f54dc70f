// moescope: the window.

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QFontDatabase>
#include <QTemporaryDir>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "app/window/crash_note.h"
#include "app/window/main_window.h"
#include "app/window/opening.h"
#include "app/window/translation.h"
#include "app/window/window_lock.h"
#include "engine/base/data_dir.h"
#include "engine/base/process.h"
#include "engine/base/resources.h"
#include "engine/base/version.h"
#include "ui/icons.h"

namespace {

/// Whether some display could be opened; Qt itself ends the program where there is none.
bool hasDisplay() {
    for (const char* name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"}) {
        const char* value = std::getenv(name);
        if (value && *value) return true;
    }
    return false;
}

QString demoModel() {
    const std::string found = moescope::findResource("moescope-demo.gguf");
    return found.empty() ? QString() : QFileInfo(QString::fromStdString(found)).canonicalFilePath();
}

/// The letters that a portable program brings along; of an installed one they are packages of the system.
void loadFonts() {
    const std::string folder = moescope::findResource("fonts");
    if (folder.empty()) return;
    for (const QFileInfo& font : QDir(QString::fromStdString(folder)).entryInfoList(QDir::Files)) {
        QFontDatabase::addApplicationFont(font.filePath());
    }
}

}  // namespace

static int run(int argc, char** argv) {
    CLI::App options("Moescope: chat with DeepSeek MoE models and see which experts do the work");
    std::string data_dir, model, file, asked;
    bool no_model = false;
    options.add_option("--data-dir", data_dir, "Folder for the history and the settings");
    options.add_option("FILE", file, "Model file (GGUF) to open, in the open window if there is one");
    options.add_option("--model", model, "Model file to load (GGUF)");
    options.add_option("--ask", asked, "Question to ask in a new chat, in the open window if there is one");
    options.add_flag("--no-model", no_model, "Start without a model");
    options.set_version_flag("--version", std::string("moescope ") + moescope::programVersion());
    CLI11_PARSE(options, argc, argv);

    if (!hasDisplay()) {
        std::fputs(
            "There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set); moescope-cli chat "
            "works without one.\n",
            stderr);
        return 3;
    }
    int qt_argc = 1;  // the options are ours
    QApplication app(qt_argc, argv);
    QApplication::setApplicationName(QStringLiteral("moescope"));
    QApplication::setApplicationDisplayName(QStringLiteral("Moescope"));
    QApplication::setDesktopFileName(QStringLiteral("moescope"));
    QApplication::setApplicationVersion(QString::fromLatin1(moescope::programVersion()));
    QApplication::setStyle(QStringLiteral("Fusion"));
    QApplication::setWindowIcon(moescope::programIcon());
    loadFonts();
    moescope::useLanguage({});

    const auto folder = moescope::prepareDataDir(data_dir);
    if (!folder.ok()) return moescope::refuseToStart(folder.status());
    const moescope::WindowLock lock(*folder);
    // By its whole path: the window that is open may have been started in another folder.
    const QString wanted = file.empty() ? QString() : QFileInfo(QString::fromStdString(file)).absoluteFilePath();
    switch (lock.state()) {
        case moescope::WindowLock::State::kFirst:
            break;
        case moescope::WindowLock::State::kHeld:
            if (const moescope::Status forward = lock.bringForward(wanted); !forward.ok()) {
                return moescope::refuseToStart(forward);
            }
            if (!asked.empty()) {
                const moescope::Status said = lock.askThere(QString::fromStdString(asked));
                if (!said.ok()) return moescope::refuseToStart(said);
            }
            std::puts("Moescope is already running; its window was brought to the front.");
            return 0;
        case moescope::WindowLock::State::kFailed:
            return moescope::refuseToStart(lock.problem());
    }
    // What an earlier run that crashed left, and a place for what this one leaves.
    auto crash = moescope::takeCrashNote(*folder);
    moescope::leaveCrashNotes(*folder);
    while (true) {
        auto opened = moescope::openForWindow(*folder);
        if (!opened.history) return 1;
        moescope::useLanguage(moescope::readSettings(*opened.history).language);
        moescope::WindowOptions window_options;
        window_options.data_dir = opened.data_dir;
        window_options.kept_nowhere = opened.temporary != nullptr;
        window_options.demo_model = demoModel();
        window_options.model = wanted.isEmpty() ? QString::fromStdString(model) : wanted;
        window_options.load_model = !no_model;
        window_options.crash = std::exchange(crash, std::nullopt);
        moescope::MainWindow window(std::move(opened.history), window_options);
        QObject::connect(&lock, &moescope::WindowLock::comeForward, &window, &moescope::MainWindow::comeForward);
        QObject::connect(&lock, &moescope::WindowLock::fileWanted, &window, &moescope::MainWindow::loadModel);
        QObject::connect(&lock, &moescope::WindowLock::asked, &window, &moescope::MainWindow::askInNewChat);
        window.show();
        moescope::nowDoing("waiting");
        if (!asked.empty()) window.askInNewChat(QString::fromStdString(std::exchange(asked, {})));
        if (const int code = QApplication::exec(); !window.startsAgain()) return code;
    }
}

int main(int argc, char** argv) {
    moescope::prepareProcess();
    try {
        return run(argc, argv);
    } catch (const std::exception& e) {  // no memory, or no threads
        std::fputs(("Moescope cannot start: " + std::string(e.what()) + "; close other programs.\n").c_str(), stderr);
        return 1;
    }
}
