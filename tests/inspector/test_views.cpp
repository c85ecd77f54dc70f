// The inspector's views: what they select, show and save.

#include <QTest>

#include "tests/inspector/samples.h"
#include "ui/inspector/inspector_dock.h"
#include "ui/inspector/inspector_view.h"
#include "ui/theme.h"

using namespace moescope;
using samples::Sample;

class TestViews : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opens() {
        ThemeStore themes;
        InspectorDock dock(&themes);
        dock.show();
        QCOMPARE(dock.currentView()->id(), QStringLiteral("live"));
    }
};

QTEST_MAIN(TestViews)
#include "test_views.moc"
