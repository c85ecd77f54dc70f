// Speed and memory of the heatmap: 100,000 tokens x 27 layers x 64 experts (k = 6) at 1600 x 900, along a scripted path
// of zooms and pans, for the CPU renderer and for Vulkan's first device. Not a test: it prints what it measures.
//
//   bench_heatmap [tokens]

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/heatmap/heatmap_data.h"
#include "ui/heatmap/cpu_renderer.h"
#include "ui/heatmap/vulkan/vulkan_renderer.h"

using namespace moescope;

namespace {

constexpr int kWidth = 1600, kHeight = 900, kFrames = 120;
constexpr RoutingShape kShape{1, 27, 64, 6, 2};

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double processorSeconds() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(use.ru_utime) + of(use.ru_stime);
}

double residentMB() {
    long pages = 0, resident = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
        std::fclose(file);
    }
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

/// From everything into a few cells and out again, panning on the way.
HeatmapRect pathRect(const HeatmapScene& scene, int frame) {
    const HeatmapRect all = wholeRect(scene);
    const double t = static_cast<double>(frame) / kFrames, depth = 0.5 - 0.5 * std::cos(2 * M_PI * t);
    HeatmapRect r;
    r.width = all.width * std::pow(60 / all.width, depth);
    r.height = all.height * std::pow(40 / all.height, depth);
    r.x = (all.width - r.width) * (0.5 + 0.45 * std::sin(7 * t));
    r.y = (all.height - r.height) * (0.5 + 0.45 * std::cos(5 * t));
    return r;
}

struct Times {
    double median, slowest;
};

Times times(std::vector<double> all) {
    std::sort(all.begin(), all.end());
    return {all[all.size() / 2], all.back()};
}

/// Appends to the scene's routing: it must be the one that the renderer reads, and not a copy.
void measure(HeatmapRenderer& renderer, HeatmapScene& scene, double before_mb) {
    std::printf("\n%s\n", renderer.name().c_str());
    scene.view = {};
    const double start = seconds();
    int pieces = 0;
    double longest = 0;
    for (bool complete = false; !complete; ++pieces) {
        const double piece = seconds();
        const auto image = renderer.render(scene, kWidth, kHeight);
        if (!image.ok()) {
            std::printf("  %s\n", image.status().message().c_str());
            return;
        }
        complete = image->complete;
        longest = std::max(longest, seconds() - piece);
    }
    std::printf("  read in: %.0f ms in %d frames, the slowest %.0f ms\n", 1e3 * (seconds() - start), pieces,
                1e3 * longest);
    for (const Aggregation aggregation : {Aggregation::kMax, Aggregation::kMean}) {
        scene.view.aggregation = aggregation;
        std::vector<double> path;
        const double processor = processorSeconds();
        for (int frame = 0; frame < kFrames; ++frame) {
            scene.view.rect = pathRect(scene, frame);
            const double began = seconds();
            if (!renderer.render(scene, kWidth, kHeight).ok()) return;
            path.push_back(seconds() - began);
        }
        const Times t = times(path);
        std::printf(
            "  zoom and pan, %s: %.1f frames/s (median of %d; %.1f ms), slowest frame %.1f ms, processor %.1f ms a "
            "frame\n",
            aggregation == Aggregation::kMax ? "maximum" : "mean", 1 / t.median, kFrames, 1e3 * t.median,
            1e3 * t.slowest, 1e3 * (processorSeconds() - processor) / kFrames);
    }
    // Panning with everything in view moves most data: no level is coarser.
    scene.view.aggregation = Aggregation::kMax;
    std::vector<double> whole;
    const double processor = processorSeconds();
    for (int frame = 0; frame < 30; ++frame) {
        scene.view.rect = wholeRect(scene);
        scene.view.rect.x = frame * 10;
        const double began = seconds();
        if (!renderer.render(scene, kWidth, kHeight).ok()) return;
        whole.push_back(seconds() - began);
    }
    std::printf("  everything in view: %.1f frames/s, processor %.1f ms a frame\n", 1 / times(whole).median,
                1e3 * (processorSeconds() - processor) / 30);
    std::printf("  memory: renderer %.0f MB, resident set grown by %.0f MB with the matrix\n",
                static_cast<double>(renderer.bytes()) / 1e6, residentMB() - before_mb);

    // 100 tokens a second, drawn 30 times a second in the inspector's size, for as much as three seconds of them.
    scene.view.rect = {static_cast<double>(scene.routing.tokens()) - 400, 0, 800, wholeRect(scene).height};
    std::vector<std::vector<LayerRouting>> arriving;
    Dice dice(9);
    for (int i = 0; i < 300; ++i) arriving.push_back(madeUpLayers(kShape, i, dice));
    double appending = 0, drawing = 0;
    for (int i = 0; i < 300; ++i) {
        const double began = processorSeconds();
        const int index = static_cast<int>(scene.routing.tokens());
        (void)scene.routing.append({i, index, Phase::kDecode, arriving[static_cast<std::size_t>(i)]});
        appending += processorSeconds() - began;
        if (i % 10 == 0 || i % 10 == 3 || i % 10 == 6) {
            const double drew = processorSeconds();
            const HeatmapScene snapshot = scene;
            if (!renderer.render(snapshot, 32, 32).ok()) return;
            drawing += processorSeconds() - drew;
        }
    }
    std::printf("  appending 100 tokens/s: %.2f %% of a core, reading them in 30 times a second %.2f %%\n",
                100 * appending / 3, 100 * drawing / 3);
}

}  // namespace

int main(int argc, char** argv) {
    const int tokens = argc > 1 ? std::max(1, std::atoi(argv[1])) : 100000;
    const double before = residentMB();
    HeatmapScene scene;
    const double start = seconds();
    scene.routing = madeUp(kShape, tokens, 1);
    std::printf("%d tokens x %d layers x %d experts, k = %d, %d x %d pixels\n", tokens, kShape.moe_layers,
                kShape.experts, kShape.experts_used, kWidth, kHeight);
    std::printf("matrix: %.0f MB, made up and appended in %.1f s\n", static_cast<double>(scene.routing.bytes()) / 1e6,
                seconds() - start);
    {
        CpuRenderer cpu;
        measure(cpu, scene, before);
    }
    malloc_trim(0);  // what the first renderer held goes back, or it would count as the second's
    auto vulkan = makeVulkanRenderer({.validation = false, .software = true});
    if (!vulkan.ok()) {
        std::printf("\nno Vulkan: %s\n", vulkan.status().message().c_str());
        return 0;
    }
    measure(**vulkan, scene, before);
    return 0;
}
