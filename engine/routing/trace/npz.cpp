// Our .npz: a zip file of NumPy arrays, so that numpy.load() gives them by name. T tokens, L MoE layers:
//   experts (T, L, K) i4, gates, probabilities (T, L, K) f4, runners_up (T, L, 2) i4, runner_up_probabilities (T, L, 2)
//   f4, shared_norm, routed_norm (T, L) f4, on_card (T, L) i4 (bit i: the i-th expert ran on a card), tokens, positions
//   (T) i4, phases (T) u1: 0 prefill, 1 decode; and numbers: first_moe_layer, num_experts, top_k, shared_experts,
//   ordered (0 or 1).
// Slots that are not used hold -1 and 0. What is not known is left out. Only experts is needed.

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <map>
#include <memory>

#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/npy.h"

namespace moescope {
namespace {

/// Ids in all: 100,000 tokens of 27 layers with 6 experts are 16 million. A zip file of some kilobytes can say more
/// than any memory holds.
constexpr std::size_t kMostIds = std::size_t{1} << 26;
constexpr std::uint64_t kMostBytes = kMostIds * 8;  // of one array, unpacked

struct ZipErrorText {
    zip_error_t error;
    ZipErrorText() { zip_error_init(&error); }
    ~ZipErrorText() { zip_error_fini(&error); }
    std::string text() { return zip_error_strerror(&error); }
};

Status damaged(std::string_view why) {
    return invalid(fmt::format("The .npz file is damaged: {}.", why));
}

using ZipArchive = std::unique_ptr<zip_t, decltype([](zip_t* zip) { zip_discard(zip); })>;
using ZipEntry = std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

/// An array of a name without ".npy"; empty bytes if there is none.
Result<std::vector<std::byte>> unpack(zip_t* zip, const std::string& name) {
    std::vector<std::byte> bytes;
    zip_stat_t stat;
    if (zip_stat(zip, (name + ".npy").c_str(), 0, &stat) != 0) return bytes;
    const ZipEntry entry(zip_fopen_index(zip, stat.index, 0));
    if (!entry) return damaged(fmt::format("{} cannot be read: {}", name, zip_strerror(zip)));
    // Grows as bytes come: the size that the file states may be a lie.
    std::vector<std::byte> piece(1 << 18);
    while (true) {
        const zip_int64_t got = zip_fread(entry.get(), piece.data(), piece.size());
        if (got < 0) return damaged(fmt::format("{} cannot be unpacked", name));
        if (got == 0) return bytes;
        if (bytes.size() + static_cast<std::uint64_t>(got) > kMostBytes) {
            return outOfRange(fmt::format("The .npz file's {} unpacks to more than 512 MiB.", name));
        }
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + got);
    }
}

/// Reads arrays of an archive; the first error stays.
class Arrays {
public:
    explicit Arrays(zip_t* zip) : m_zip(zip) {}

    std::vector<std::int32_t> integers(const char* name, std::vector<std::size_t> shape) {
        return take<std::int32_t>(name, shape, [](const NpyArray& a) { return a.integers(); });
    }
    std::vector<float> floats(const char* name, std::vector<std::size_t> shape) {
        return take<float>(name, shape, [](const NpyArray& a) { return a.floats(); });
    }
    bool has(const char* name) const { return zip_name_locate(m_zip, fmt::format("{}.npy", name).c_str(), 0) >= 0; }
    int number(const char* name, int highest) {
        const auto values = integers(name, {});
        if (values.empty()) return 0;
        if (values[0] < 0 || values[0] > highest) {
            fail(invalid(fmt::format("The .npz file's {} is {}; expected 0 to {}.", name, values[0], highest)));
        }
        return values[0];
    }
    const Status& status() const { return m_status; }
    void fail(Status status) {
        if (m_status.ok()) m_status = std::move(status);
    }

private:
    template <class T, class F>
    std::vector<T> take(const char* name, const std::vector<std::size_t>& shape, F read) {
        if (!m_status.ok() || !has(name)) return {};
        const auto bytes = unpack(m_zip, name);
        if (!bytes.ok()) {
            fail(bytes.status());
            return {};
        }
        const auto array = parseNpy(*bytes);
        if (!array.ok()) {
            fail(invalid(fmt::format("{}: {}", name, array.status().message())));
            return {};
        }
        if (array->shape != shape) {
            fail(invalid(fmt::format("The .npz file's {} is ({}); expected ({}).", name, fmt::join(array->shape, ", "),
                                     fmt::join(shape, ", "))));
            return {};
        }
        auto values = read(*array);
        if (values.ok()) return std::move(*values);
        fail(invalid(fmt::format("{}: {}", name, values.status().message())));
        return {};
    }

    zip_t* m_zip;
    Status m_status;
};

Result<Trace> readArrays(zip_t* zip, const TraceReadOptions& options) {
    const auto packed = unpack(zip, "experts");
    if (!packed.ok()) return packed.status();
    if (packed->empty()) return invalid("The .npz file has no array \"experts\"; it is no trace.");
    const auto cube = parseNpy(*packed);
    if (!cube.ok()) return invalid(fmt::format("experts: {}", cube.status().message()));
    if (cube->shape.size() != 3 || cube->shape[1] > kMaxTraceLayers || cube->shape[2] < 1 ||
        cube->shape[2] > kMaxActiveExperts || (cube->shape[0] > 0 && cube->shape[1] == 0)) {
        return invalid(fmt::format("The .npz file's experts is ({}); expected (tokens, 1 to {} layers, 1 to {}).",
                                   fmt::join(cube->shape, ", "), kMaxTraceLayers, kMaxActiveExperts));
    }
    if (cube->size() > kMostIds) {
        return outOfRange(
            fmt::format("The .npz file has {} ids of experts; expected at most {}.", cube->size(), kMostIds));
    }
    const auto experts = cube->integers();
    if (!experts.ok()) return experts.status();
    const std::size_t tokens = cube->shape[0], layers = cube->shape[1], k = cube->shape[2];

    Arrays in(zip);
    RoutingShape shape;
    shape.has_gates = in.has("gates");
    shape.has_probabilities = in.has("probabilities");
    shape.has_runners_up = in.has("runners_up") && in.has("runner_up_probabilities");
    shape.has_norms = in.has("shared_norm") && in.has("routed_norm");
    shape.has_tokens = in.has("tokens");
    shape.has_phases = in.has("phases");
    shape.has_order = !in.has("ordered") || in.number("ordered", 1) == 1;
    shape.moe_layers = static_cast<int>(layers);
    shape.first_moe_layer =
        options.first_layer >= 0 ? options.first_layer : in.number("first_moe_layer", kMaxTraceLayers);
    shape.experts = in.number("num_experts", kMaxTraceExperts);
    shape.experts_used = in.number("top_k", kMaxTraceExperts);
    shape.shared_experts = in.number("shared_experts", kMaxTraceExperts);
    if (shape.experts_used == 0) shape.experts_used = static_cast<int>(k);
    std::vector<std::int32_t> runners_up;
    std::vector<float> gates, probabilities, runner_up_probabilities, shared_norm, routed_norm;
    if (shape.has_gates) gates = in.floats("gates", {tokens, layers, k});
    if (shape.has_probabilities) probabilities = in.floats("probabilities", {tokens, layers, k});
    if (shape.has_runners_up) {
        runners_up = in.integers("runners_up", {tokens, layers, kRunnersUp});
        runner_up_probabilities = in.floats("runner_up_probabilities", {tokens, layers, kRunnersUp});
    }
    if (shape.has_norms) {
        shared_norm = in.floats("shared_norm", {tokens, layers});
        routed_norm = in.floats("routed_norm", {tokens, layers});
    }
    const auto on_card = in.integers("on_card", {tokens, layers});
    const auto ids = in.integers("tokens", {tokens}), positions = in.integers("positions", {tokens}),
               phases = in.integers("phases", {tokens});
    if (!in.status().ok()) return in.status();
    int largest_id = -1;
    for (const auto* list : {&*experts, &std::as_const(runners_up)}) {
        for (const std::int32_t e : *list) {
            if (e < -1) return invalid(fmt::format("The .npz file names the expert {}.", e));
            largest_id = std::max(largest_id, e);
        }
    }
    std::vector<std::string> notes;
    if (Status status = chooseExperts(shape, options, largest_id, notes); !status.ok()) return status;

    RoutingLog log(shape);
    std::vector<LayerRouting> row(layers);
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t l = 0; l < layers; ++l) {
            LayerRouting& r = row[l] = {};
            const std::size_t record = t * layers + l;
            for (std::size_t i = record * k; i < (record + 1) * k && (*experts)[i] >= 0; ++i) {
                const auto slot = static_cast<std::size_t>(r.count++);
                const std::int32_t e = (*experts)[i];
                if (std::find(r.experts.begin(), r.experts.begin() + slot, e) != r.experts.begin() + slot) {
                    return invalid(fmt::format("The expert {} is there twice for token {} in layer {}.", e, t,
                                               static_cast<std::size_t>(shape.first_moe_layer) + l));
                }
                r.experts[slot] = e;
                if (shape.has_gates) r.gates[slot] = gates[i];
                if (shape.has_probabilities) r.probabilities[slot] = probabilities[i];
            }
            for (std::size_t i = 0; shape.has_runners_up && i < kRunnersUp; ++i) {
                r.runners_up[i] = runners_up[record * kRunnersUp + i];
                r.runner_up_probabilities[i] = runner_up_probabilities[record * kRunnersUp + i];
            }
            if (shape.has_norms) {
                r.shared_norm = shared_norm[record];
                r.routed_norm = routed_norm[record];
            }
            if (!on_card.empty()) r.on_card = static_cast<std::uint16_t>(on_card[record]);
        }
        log.onToken({ids.empty() ? -1 : ids[t], positions.empty() ? static_cast<std::int32_t>(t) : positions[t],
                     !phases.empty() && phases[t] == 1 ? Phase::kDecode : Phase::kPrefill, row});
    }
    return Trace{TraceFormat::kNpz, std::move(log), std::move(notes)};
}

/// Collects arrays and packs them.
class Writer {
public:
    template <class T>
    void add(const char* name, std::string_view descr, std::vector<std::size_t> shape, const std::vector<T>& values) {
        std::string& bytes = m_arrays[name] = npyHeader(descr, shape);
        bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    }
    void add(const char* name, int number) { add(name, "<i4", {}, std::vector<std::int32_t>{number}); }

    Status pack(const TraceSink& out) const {
        ZipErrorText error;
        zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error.error);
        if (!target) return outOfMemory(fmt::format("The arrays cannot be packed: {}.", error.text()));
        zip_source_keep(target);
        const std::unique_ptr<zip_source_t, decltype([](zip_source_t* s) { zip_source_free(s); })> kept(target);
        ZipArchive zip(zip_open_from_source(target, ZIP_TRUNCATE, &error.error));
        const auto failed = [&] {
            return ioError(fmt::format("The arrays cannot be packed: {}.", zip_strerror(zip.get())));
        };
        if (!zip) return ioError(fmt::format("The arrays cannot be packed: {}.", error.text()));
        for (const auto& [name, bytes] : m_arrays) {
            zip_source_t* source = zip_source_buffer(zip.get(), bytes.data(), bytes.size(), 0);
            const auto index = source ? zip_file_add(zip.get(), (name + ".npy").c_str(), source, 0) : -1;
            if (index < 0) {
                zip_source_free(source);
                return failed();
            }
            // The time of writing would make two exports of the same records differ.
            zip_file_set_mtime(zip.get(), static_cast<zip_uint64_t>(index), 0, 0);
            zip_set_file_compression(zip.get(), static_cast<zip_uint64_t>(index), ZIP_CM_DEFLATE, 1);
        }
        if (zip_close(zip.get()) != 0) return failed();
        (void)zip.release();  // closing has freed it
        if (zip_source_open(target) != 0) return ioError("The packed arrays cannot be read back.");
        std::vector<char> piece(1 << 18);
        zip_int64_t got = 0;
        while ((got = zip_source_read(target, piece.data(), piece.size())) > 0) {
            out({piece.data(), static_cast<std::size_t>(got)});
        }
        zip_source_close(target);
        return got < 0 ? ioError("The packed arrays cannot be read back.") : Status();
    }

private:
    std::map<std::string, std::string> m_arrays;
};

}  // namespace

Result<Trace> parseNpzTrace(TraceBytes bytes, const TraceReadOptions& options) {
    ZipErrorText error;
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error.error);
    if (!source) return outOfMemory(fmt::format("The .npz file cannot be read: {}.", error.text()));
    const ZipArchive zip(zip_open_from_source(source, ZIP_RDONLY, &error.error));
    if (!zip) {
        zip_source_free(source);
        return damaged(error.text());
    }
    return readArrays(zip.get(), options);
}

Status writeNpzTrace(const RoutingLog& log, const TraceSink& out) {
    const RoutingShape& shape = log.shape();
    const std::size_t tokens = log.size(), layers = static_cast<std::size_t>(shape.moe_layers), k = largestCount(log);
    std::vector<std::int32_t> experts, runners_up, on_card, ids, positions;
    std::vector<float> gates, probabilities, runner_up_probabilities, shared_norm, routed_norm;
    std::vector<std::uint8_t> phases;
    for (std::size_t t = 0; t < tokens; ++t) {
        ids.push_back(log.token(t).token);
        positions.push_back(log.token(t).position);
        phases.push_back(static_cast<std::uint8_t>(log.token(t).phase));
        for (int l = 0; l < shape.moe_layers; ++l) {
            const LayerRouting r = log.at(t, l);
            experts.insert(experts.end(), r.experts.begin(), r.experts.begin() + k);
            if (shape.has_gates) gates.insert(gates.end(), r.gates.begin(), r.gates.begin() + k);
            if (shape.has_probabilities) {
                probabilities.insert(probabilities.end(), r.probabilities.begin(), r.probabilities.begin() + k);
            }
            if (shape.has_runners_up) {
                runners_up.insert(runners_up.end(), r.runners_up.begin(), r.runners_up.end());
                runner_up_probabilities.insert(runner_up_probabilities.end(), r.runner_up_probabilities.begin(),
                                               r.runner_up_probabilities.end());
            }
            on_card.push_back(r.on_card);
            if (shape.has_norms) {
                shared_norm.push_back(r.shared_norm);
                routed_norm.push_back(r.routed_norm);
            }
        }
    }
    Writer writer;
    writer.add("experts", "<i4", {tokens, layers, k}, experts);
    if (shape.has_gates) writer.add("gates", "<f4", {tokens, layers, k}, gates);
    if (shape.has_probabilities) writer.add("probabilities", "<f4", {tokens, layers, k}, probabilities);
    if (shape.has_runners_up) {
        writer.add("runners_up", "<i4", {tokens, layers, kRunnersUp}, runners_up);
        writer.add("runner_up_probabilities", "<f4", {tokens, layers, kRunnersUp}, runner_up_probabilities);
    }
    if (shape.has_norms) {
        writer.add("shared_norm", "<f4", {tokens, layers}, shared_norm);
        writer.add("routed_norm", "<f4", {tokens, layers}, routed_norm);
    }
    if (log.hasPlaces()) writer.add("on_card", "<i4", {tokens, layers}, on_card);
    if (shape.has_tokens) writer.add("tokens", "<i4", {tokens}, ids);
    writer.add("positions", "<i4", {tokens}, positions);
    if (shape.has_phases) writer.add("phases", "|u1", {tokens}, phases);
    writer.add("first_moe_layer", shape.first_moe_layer);
    writer.add("num_experts", shape.experts);
    writer.add("top_k", shape.experts_used);
    writer.add("shared_experts", shape.shared_experts);
    writer.add("ordered", shape.has_order);
    return writer.pack(out);
}

}  // namespace moescope
