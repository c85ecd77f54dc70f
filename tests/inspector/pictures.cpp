// Pictures of every view of the inspector, dark and light, of answers of the demo model.
// Usage: inspector_pictures FOLDER

#include <QApplication>
#include <QDir>
#include <QTest>
#include <cstdio>

#include "engine/engine.h"
#include "engine/generate.h"
#include "tests/inspector/samples.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"
#include "ui/inspector/save_view.h"
#include "ui/inspector/views/tokens_view.h"
#include "ui/theme.h"

using namespace moescope;

namespace {

/// Asks the model and keeps the routing, as the window does.
SharedSource ask(const std::shared_ptr<Model>& model, qint64 id, const QString& name, const std::string& question,
                 const RouterRules& rules = {}) {
    auto session = Session::create(model, {});
    if (!session.ok() || !(*session)->setRouterRules(rules).ok()) return nullptr;
    auto log = std::make_shared<RoutingLog>(model->config().routingShape());
    const std::vector<std::int32_t> prompt =
        model->chatTemplate().render(model->tokenizer(), {{Role::kUser, question}}, true).ids();
    GenerationOptions options;
    options.sampling.temperature = 0;
    options.max_tokens = 200;
    options.sink = log.get();
    std::string text;
    std::vector<TranscriptToken> tokens;
    options.on_piece = [&](const GeneratedPiece& piece) {
        const auto begin = static_cast<std::uint32_t>(text.size());
        text += piece.text;
        if (piece.token < 0) return;
        tokens.push_back(
            {begin, static_cast<std::uint32_t>(text.size()), static_cast<std::int32_t>(prompt.size() + tokens.size())});
    };
    if (!generate(**session, prompt, options).ok()) return nullptr;
    auto source = std::make_shared<RoutingSource>(id, name, log);
    source->place(id, text, tokens, allTokens(*log));
    source->setVocabulary(
        [model](std::int32_t token) { return QString::fromStdString(model->tokenizer().name(token)); });
    return source;
}

/// As large as the 16B model: 27 layers of 64 experts, with loads as uneven as real ones.
SharedSource large() {
    RoutingShape shape;
    shape.first_moe_layer = 1;
    shape.moe_layers = 27;
    shape.experts = 64;
    shape.experts_used = 6;
    shape.shared_experts = 2;
    auto log = std::make_shared<RoutingLog>(shape);
    std::uint32_t state = 1;
    const auto random = [&state] {
        return static_cast<double>((state = state * 1664525u + 1013904223u) >> 8) / 16777216.0;
    };
    for (int t = 0; t < 180; ++t) {
        std::vector<LayerRouting> layers(27);
        for (auto& r : layers) {
            std::vector<std::pair<double, int>> scores;
            const auto l = static_cast<int>(&r - layers.data());
            for (int e = 0; e < 64; ++e)
                scores.push_back(
                    {random() * (1 + 0.8 * ((e * 7 + l * 13) % 11 == 0)) * (1 + 0.3 * ((e + t / 30) % 5 == 0)), e});
            std::sort(scores.rbegin(), scores.rend());
            r.count = 6;
            for (std::size_t i = 0; i < 6; ++i) {
                r.experts[i] = scores[i].second;
                r.gates[i] = r.probabilities[i] =
                    static_cast<float>(0.22 * scores[i].first * scores[i].first / (1 + static_cast<double>(i)));
            }
            for (std::size_t i = 0; i < 2; ++i) {
                r.runners_up[i] = scores[6 + i].second;
                r.runner_up_probabilities[i] = r.gates[5] * static_cast<float>(0.9 - 0.1 * static_cast<double>(i));
            }
            r.shared_norm = static_cast<float>(1 + l * 0.05 + random() * 0.4);
            r.routed_norm = static_cast<float>(0.7 + l * 0.03 + random() * 0.6);
        }
        log->onToken({t, t, t < 40 ? Phase::kPrefill : Phase::kDecode, layers});
    }
    return std::make_shared<RoutingSource>(99, QStringLiteral("A large model"), log);
}

}  // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    if (argc < 2) return 2;
    const QDir folder(QString::fromLocal8Bit(argv[1]));
    folder.mkpath(QStringLiteral("."));
    auto model = Model::load(MOESCOPE_DEMO_MODEL, {});
    if (!model.ok()) {
        std::fputs(model.status().message().c_str(), stderr);
        return 1;
    }
    RouterRules masked;
    masked.all.masked = {3, 7};
    const std::vector<SharedSource> sources = {
        ask(*model, 1, QStringLiteral("A story"), "Write a short story about a fox."),
        ask(*model, 2, QStringLiteral("A sum"), "What is 7 plus 8?"),
        ask(*model, 3, QStringLiteral("A translation"), "How do you say house in German?"),
        ask(*model, 4, QStringLiteral("The story, experts 3 and 7 masked"), "Write a short story about a fox.", masked),
        large(),
    };
    for (const bool dark : {true, false}) {
        ThemeStore themes;
        themes.setMode(dark ? ThemeStore::Mode::kDark : ThemeStore::Mode::kLight);
        const QString theme = dark ? QStringLiteral("dark") : QStringLiteral("light");
        InspectorDock dock(&themes);
        InspectorModel& inspector = dock.model();
        QList<SourceOffer> offers;
        for (const SharedSource& s : sources) offers.append({s->id(), s->name(), {}});
        inspector.setOffers(offers);
        inspector.setLoader([&](qint64 id) {
            for (const SharedSource& s : sources) {
                if (s->id() == id) return s;
            }
            return SharedSource();
        });
        inspector.compare(1, 4);
        dock.resize(520, 900);
        dock.show();
        const auto shoot = [&](const QString& what) {
            for (InspectorView* view : dock.views()) {
                dock.showView(view->kind());
                if (const auto* tokens = qobject_cast<TokensView*>(view)) {
                    if (!QTest::qWaitFor([&] { return tokens->upToDate(); })) return;
                }
                QTest::qWait(100);
                dock.grab().save(folder.filePath(QStringLiteral("%1-%2-%3.png").arg(view->name(), what, theme)));
            }
        };
        for (const SharedSource& source : {sources[0], sources[4]}) {
            inspector.setSource(source);
            inspector.selection().choose({source->id(), 60, 60, 1, 5});
            shoot(source == sources[0] ? QStringLiteral("demo") : QStringLiteral("large"));
            if (!dark || argc < 3) continue;
            for (InspectorView* view : dock.views()) {
                for (const char* suffix : {".svg", ".pdf", ".png"}) {
                    const QString path =
                        folder.filePath(QStringLiteral("saved-%1%2").arg(view->name(), QLatin1String(suffix)));
                    if (const Status saved = savePicture(*view, path, {1200, 1400}); !saved.ok())
                        std::fprintf(stderr, "%s\n", saved.message().c_str());
                }
            }
        }
        dock.resize(1600, 1000);
        shoot(QStringLiteral("wide"));
    }
    return 0;
}
