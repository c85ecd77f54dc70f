#pragma once
// Whether a model fits, before it is loaded.

#include <QString>

#include "engine/engine.h"
#include "ui/settings/app_settings.h"

namespace moescope {

struct Estimate {
    QString error;  ///< the file cannot be used, in one sentence
    ModelOptions model;
    SessionOptions session;
    std::uint64_t weights = 0, cache = 0, workspace = 0;  ///< bytes that will be taken
    std::uint64_t available = 0;                          ///< bytes that the system and a card could give now
    std::uint64_t needed() const { return weights + cache + workspace; }
    bool fits() const { return needed() <= available; }
    /// "The model needs about 11.2 GB (10.8 weights, ...) and 6.1 GB are free; ..."
    QString sentence() const;
};

/// Reads the file's head only; takes milliseconds.
Estimate estimateMemory(const QString& path, const AppSettings& settings);

/// Bytes of memory that programs could get now (MemAvailable of /proc/meminfo).
std::uint64_t availableMemory();

}  // namespace moescope
