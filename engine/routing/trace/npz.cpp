// Our .npz: a zip file of NumPy arrays, so that numpy.load() gives them by name. T tokens, L MoE layers:
//   experts (T, L, K) i4, gates, probabilities (T, L, K) f4, runners_up (T, L, 2) i4, runner_up_probabilities (T, L, 2)
//   f4, shared_norm, routed_norm (T, L) f4, on_card (T, L) i4 (bit i: the i-th expert ran on a card), tokens, positions
//   (T) i4, phases (T) u1: 0 prefill, 1 decode; and numbers: first_moe_layer, num_experts, top_k, shared_experts,
//   ordered (0 or 1); groups, groups_used where experts are in groups.
// Slots that are not used hold -1 and 0. What is not known is left out. Only experts is needed; of others, a single
// array of any name is taken for it.

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <map>
#include <memory>

#include "engine/base/foreign_text.h"
#include "engine/routing/trace/choices.h"
#include "engine/routing/trace/columns.h"
#include "engine/routing/trace/formats.h"
#include "engine/routing/trace/masked.h"
#include "engine/routing/trace/npy.h"

namespace moescope {
namespace {

/// A zip file of some kilobytes can say more than any memory holds: what it unpacks to must be in proportion.
constexpr std::size_t kUnpackedFactor = 10, kUnpackedAlways = 100'000'000;

/// Memory that the arrays of a file and the log may still take.
class Budget {
public:
    explicit Budget(std::size_t packed) : m_packed(packed), m_left(kUnpackedFactor * packed + kUnpackedAlways) {}
    bool take(std::size_t bytes) {
        if (bytes > m_left) return false;
        m_left -= bytes;
        return true;
    }
    void give(std::size_t bytes) { m_left += bytes; }
    Status spent() const {
        return outOfRange(
            fmt::format("The .npz file of {} kB unpacks to more than {} MB, which is suspiciously large; it "
                        "is not read, to save memory.",
                        (m_packed + 999) / 1000, (kUnpackedFactor * m_packed + kUnpackedAlways) / 1'000'000));
    }

private:
    std::size_t m_packed, m_left;
};

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

/// An array of a name without ".npy", whose bytes are taken out of the budget; empty bytes if there is none.
Result<std::vector<std::byte>> unpack(zip_t* zip, const std::string& name, Budget& budget) {
    std::vector<std::byte> bytes;
    zip_stat_t stat;
    if (zip_stat(zip, (name + ".npy").c_str(), 0, &stat) != 0) return bytes;
    const ZipEntry entry(zip_fopen_index(zip, stat.index, 0));
    if (!entry) return damaged(fmt::format("{} cannot be read: {}", moescope::quoted(name), zip_strerror(zip)));
    // Grows as bytes come: the size that the file states may be a lie.
    std::vector<std::byte> piece(1 << 18);
    while (true) {
        const zip_int64_t got = zip_fread(entry.get(), piece.data(), piece.size());
        if (got < 0) return damaged(fmt::format("{} cannot be unpacked", moescope::quoted(name)));
        if (got == 0) return bytes;
        const auto size = static_cast<std::size_t>(got);
        if (bytes.size() + size > bytes.capacity()) {
            // The old bytes live until they are copied; a vector that doubles by itself would double unseen.
            const std::size_t before = bytes.capacity(), after = std::max(before + before / 2, piece.size());
            if (!budget.take(after)) return budget.spent();
            bytes.reserve(after);
            budget.give(before);
        }
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + got);
    }
}

/// Reads arrays of an archive; the first error stays.
class Arrays {
public:
    Arrays(zip_t* zip, Budget& budget) : m_zip(zip), m_budget(budget) {}

    std::vector<std::int32_t> integers(const char* name, const std::vector<std::size_t>& shape) {
        return take<std::int32_t>(
            name, [&](const NpyArray& a) { return a.shape == shape; }, text(shape),
            [](const NpyArray& a) { return a.integers(); });
    }
    std::vector<float> floats(const char* name, const std::vector<std::size_t>& shape) {
        return take<float>(
            name, [&](const NpyArray& a) { return a.shape == shape; }, text(shape),
            [](const NpyArray& a) { return a.floats(); });
    }
    bool has(const char* name) const { return zip_name_locate(m_zip, fmt::format("{}.npy", name).c_str(), 0) >= 0; }
    /// A single number, with or without a dimension; 0 if there is none.
    int number(const char* name, int highest) {
        const auto values = take<std::int32_t>(
            name, [](const NpyArray& a) { return a.size() == 1 && a.shape.size() <= 1; }, "one number",
            [](const NpyArray& a) { return a.integers(); });
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
    static std::string text(const std::vector<std::size_t>& shape) {
        return fmt::format("({})", fmt::join(shape, ", "));
    }
    template <class T, class Fits, class Read>
    std::vector<T> take(const char* name, Fits fits, const std::string& expected, Read read) {
        if (!m_status.ok() || !has(name)) return {};
        const auto bytes = unpack(m_zip, name, m_budget);
        if (!bytes.ok()) {
            fail(bytes.status());
            return {};
        }
        const auto array = parseNpy(*bytes);
        if (!array.ok()) {
            fail(invalid(fmt::format("{}: {}", name, array.status().message())));
            return {};
        }
        if (!fits(*array)) {
            fail(invalid(fmt::format("The .npz file's {} is ({}); expected {}.", name, fmt::join(array->shape, ", "),
                                     expected)));
            return {};
        }
        if (!m_budget.take(array->size() * sizeof(T))) {
            fail(m_budget.spent());
            return {};
        }
        auto values = read(*array);
        m_budget.give(bytes->capacity());
        if (values.ok()) return std::move(*values);
        fail(invalid(fmt::format("{}: {}", name, values.status().message())));
        return {};
    }

    zip_t* m_zip;
    Budget& m_budget;
    Status m_status;
};

/// The name, without ".npy", of the array that holds ids: ours, or the only one; "" if neither is there.
std::string nameOfIds(zip_t* zip) {
    if (zip_name_locate(zip, "experts.npy", 0) >= 0) return "experts";
    if (zip_get_num_entries(zip, 0) != 1) return {};
    const char* name = zip_get_name(zip, 0, 0);
    const std::string_view only = name ? name : "";
    return only.ends_with(".npy") ? std::string(only.substr(0, only.size() - 4)) : std::string();
}

/// What a log of so many records takes, about.
std::size_t logBytes(const RoutingShape& shape, std::size_t tokens, std::size_t k) {
    const std::size_t record = 8 + 2 * (k + 2) +
                               4 * k * (shape.has_gates + shape.has_probabilities + shape.has_selections) +
                               8 * (shape.has_runners_up + shape.has_norms + shape.has_selections);
    return tokens * (40 + static_cast<std::size_t>(shape.moe_layers) * record);
}

Result<Trace> readArrays(zip_t* zip, std::size_t packed_bytes, const TraceReadOptions& options) {
    Budget budget(packed_bytes);
    const std::string name = nameOfIds(zip);
    if (name.empty()) {
        return invalid(
            "The .npz file has no array \"experts\" (tokens, layers, k), and more than one "
            "other; it is not a trace.");
    }
    RoutingShape shape;
    std::vector<std::string> notes;
    std::optional<IdCube> cube;
    {
        const auto packed = unpack(zip, name, budget);
        if (!packed.ok()) return packed.status();
        const auto array = parseNpy(*packed);
        if (!array.ok()) return invalid(fmt::format("{}: {}", moescope::quoted(name), array.status().message()));
        if (!budget.take(array->size() * sizeof(std::int32_t))) return budget.spent();
        auto ids = cubeOf(*array);
        if (!ids.ok()) return ids.status();
        cube = std::move(*ids);
        budget.give(packed->capacity());
    }
    const std::size_t tokens = cube->tokens, layers = cube->layers, k = cube->k;
    if (layers > kMaxTraceLayers || k < 1 || k > kMaxActiveExperts || (tokens > 0 && layers == 0)) {
        return invalid(
            fmt::format("The .npz file's {} is of {} tokens, {} layers and {} experts; expected 1 to {} "
                        "layers, 1 to {} experts.",
                        moescope::quoted(name), tokens, layers, k, kMaxTraceLayers, kMaxActiveExperts));
    }
    if (name != "experts") {
        shape = idsOnly();
        shape.moe_layers = static_cast<int>(layers);
        if (!budget.take(logBytes(shape, tokens, k))) return budget.spent();
        notes.push_back(fmt::format("The array {} was taken for the ids of experts.", moescope::quoted(name)));
        auto log = logOfIds(*cube, options, notes);
        if (!log.ok()) return log.status();
        return Trace{TraceFormat::kNpz, std::move(*log), std::move(notes)};
    }
    const std::vector<std::int32_t>& experts = cube->ids;

    Arrays in(zip, budget);
    shape.has_gates = in.has("gates");
    shape.has_probabilities = in.has("probabilities");
    shape.has_runners_up = in.has("runners_up") && in.has("runner_up_probabilities");
    shape.has_norms = in.has("shared_norm") && in.has("routed_norm");
    shape.has_selections = in.has("selections") && (!shape.has_runners_up || in.has("runner_up_selections"));
    shape.has_tokens = in.has("tokens");
    shape.has_phases = in.has("phases");
    shape.has_order = !in.has("ordered") || in.number("ordered", 1) == 1;
    shape.moe_layers = static_cast<int>(layers);
    shape.experts = in.number("num_experts", kMaxTraceExperts);
    shape.experts_used = in.number("top_k", kMaxTraceExperts);
    shape.shared_experts = in.number("shared_experts", kMaxTraceExperts);
    if (shape.experts_used == 0) shape.experts_used = static_cast<int>(k);
    if (!budget.take(logBytes(shape, tokens, k))) return budget.spent();
    std::vector<std::int32_t> runners_up;
    std::vector<float> gates, probabilities, runner_up_probabilities, shared_norm, routed_norm;
    std::vector<float> selections, runner_up_selections;
    if (shape.has_gates) gates = in.floats("gates", {tokens, layers, k});
    if (shape.has_probabilities) probabilities = in.floats("probabilities", {tokens, layers, k});
    if (shape.has_runners_up) {
        runners_up = in.integers("runners_up", {tokens, layers, kRunnersUp});
        runner_up_probabilities = in.floats("runner_up_probabilities", {tokens, layers, kRunnersUp});
    }
    if (shape.has_selections) {
        selections = in.floats("selections", {tokens, layers, k});
        if (shape.has_runners_up) {
            runner_up_selections = in.floats("runner_up_selections", {tokens, layers, kRunnersUp});
        }
    }
    if (shape.has_norms) {
        shared_norm = in.floats("shared_norm", {tokens, layers});
        routed_norm = in.floats("routed_norm", {tokens, layers});
    }
    const auto on_card = in.integers("on_card", {tokens, layers});
    const TokenColumns columns{in.integers("tokens", {tokens}), in.integers("positions", {tokens}),
                               in.integers("phases", {tokens})};
    const auto slots = [&](std::size_t t, std::size_t l) {
        return std::span(experts).subspan((t * layers + l) * k, k);
    };
    const std::size_t dense = in.has("first_moe_layer") ? 0 : denseLayers(tokens, layers, slots);
    shape.first_moe_layer = options.first_layer >= 0 ? options.first_layer
                            : dense > 0              ? static_cast<int>(dense)
                                                     : in.number("first_moe_layer", kMaxTraceLayers);
    shape.moe_layers -= static_cast<int>(dense);
    const int groups = in.number("groups", kMaxTraceExperts), groups_used = in.number("groups_used", kMaxTraceExperts);
    if (!in.status().ok()) return in.status();
    if (Status status = columns.check(); !status.ok()) return status;
    if (Status status = checkLayers(shape); !status.ok()) return status;
    sayDense(dense, layers, notes);
    const auto largest_id = largestId(experts, k), largest_runner_up = largestId(runners_up, 1);
    if (!largest_id.ok()) return largest_id.status();
    if (!largest_runner_up.ok()) return largest_runner_up.status();
    for (const std::int32_t bits : on_card) {
        if (bits < 0 || bits > 0xffff) {
            return invalid(fmt::format("The .npz file's on_card is {}; expected 0 to 65535.", bits));
        }
    }
    if (Status status = chooseExperts(shape, options, std::max(*largest_id, *largest_runner_up), notes); !status.ok())
        return status;
    if (Status status = setGroups(shape, groups, groups_used); !status.ok()) return status;

    RoutingLog log(shape);
    MaskCount masks;
    std::vector<LayerRouting> row(layers - dense);
    for (std::size_t t = 0; t < tokens; ++t) {
        std::size_t masked = 0;
        for (std::size_t l = dense; l < layers; ++l) {
            const std::size_t record = t * layers + l;
            const auto part = [](const auto& values, std::size_t at, std::size_t count) {
                return values.empty() ? std::span(values) : std::span(values).subspan(at * count, count);
            };
            RecordView view{slots(t, l), part(runners_up, record, kRunnersUp), part(gates, record, k),
                            part(probabilities, record, k), part(runner_up_probabilities, record, kRunnersUp)};
            if (shape.has_norms) {
                view.shared_norm = shared_norm[record];
                view.routed_norm = routed_norm[record];
            }
            view.selections = part(selections, record, k);
            view.runner_up_selections = part(runner_up_selections, record, kRunnersUp);
            if (!on_card.empty()) view.on_card = static_cast<std::uint16_t>(on_card[record]);
            const RecordKind kind = takeRecord(view, row[l - dense]);
            if (kind == RecordKind::kTwice) {
                return namedTwice(t, shape.first_moe_layer + static_cast<int>(l - dense));
            }
            masked += kind == RecordKind::kMasked;
        }
        masks.add(masked, row.size());
        log.onToken(columns.at(t, row));
    }
    masks.say(notes);
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
    return readArrays(zip.get(), bytes.size(), options);
}

Status writeNpzTrace(const RoutingLog& log, const TraceSink& out) {
    const RoutingShape& shape = log.shape();
    const std::size_t tokens = log.size(), layers = static_cast<std::size_t>(shape.moe_layers), k = largestCount(log);
    std::vector<std::int32_t> experts, runners_up, on_card, ids, positions;
    std::vector<float> gates, probabilities, runner_up_probabilities, shared_norm, routed_norm;
    std::vector<float> selections, runner_up_selections;
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
            if (shape.has_selections) {
                selections.insert(selections.end(), r.selections.begin(), r.selections.begin() + k);
                runner_up_selections.insert(runner_up_selections.end(), r.runner_up_selections.begin(),
                                            r.runner_up_selections.end());
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
    if (shape.has_selections) {
        writer.add("selections", "<f4", {tokens, layers, k}, selections);
        if (shape.has_runners_up) {
            writer.add("runner_up_selections", "<f4", {tokens, layers, kRunnersUp}, runner_up_selections);
        }
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
    if (shape.hasGroups()) {
        writer.add("groups", shape.groups);
        writer.add("groups_used", shape.groups_used);
    }
    return writer.pack(out);
}

}  // namespace moescope
