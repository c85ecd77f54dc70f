#pragma once
// What the inspector shows, as a short text that shows it again: on the same history, or beside the same trace.
//
//   moescope:?view=depth&source=branch-12&only=digits&layer=5&tokens=38&expert=14
//
// What is as it is at first is left out, so that the text stays short.

#include <QString>
#include <optional>

#include "ui/inspector/scope.h"

namespace moescope {

struct ViewText {
    QString view;          ///< its name in files: "depth"
    QString source;        ///< as the window names it: "branch-12", "all", "trace-law.csv"
    Scope scope;           ///< its layer as the model counts
    int layer = -1;        ///< as the model counts
    int expert = -1;       ///< chosen in that layer
    int first = -1;        ///< chosen tokens of the source, counted from 1
    int last = -1;         ///< both belong to it
    int other_layer = -1;  ///< of the expert beside the chosen one, as the model counts
    int other_expert = -1;

    static constexpr int kLongest = 4000;  ///< letters of a text that is read
    QString text() const;
    /// Nothing for a text that is none, or says what no view can show. Blanks around it do not matter.
    static std::optional<ViewText> from(const QString& text);
    bool operator==(const ViewText&) const = default;
};

}  // namespace moescope
