#include "app/window/model_name.h"

#include <QFileInfo>
#include <QRegularExpression>

namespace moescope {

QString quantisationOf(const QString& path) {
    static const QRegularExpression known(
        QStringLiteral("(?:^|[-._ ])(I?Q[1-8](?:_[0-9A-Z]+)*|BF16|F16|F32|FP8|MXFP4)(?:[-._ ]|$)"),
        QRegularExpression::CaseInsensitiveOption);
    QString found;
    // The last one: "…-f16-to-Q4_K_M.gguf".
    for (auto at = known.globalMatch(QFileInfo(path).completeBaseName()); at.hasNext();) found = at.next().captured(1);
    return found.toUpper();
}

}  // namespace moescope
