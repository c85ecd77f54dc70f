// Numbers are typed with a point and with a comma, in every language, and never become another number.

#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QTest>

#include "ui/settings/router_rules_editor.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/number_text.h"

using namespace moescope;

namespace {

const char* const kLocales[] = {"C", "en_US", "de_DE", "fr_FR", "ar_EG", "zh_CN", "de_CH", "hi_IN"};

void type(QAbstractSpinBox& field, const QString& text) {
    field.setFocus();
    field.selectAll();
    QTest::keyClicks(&field, text);
    QTest::keyClick(&field, Qt::Key_Return);
}

void paste(QAbstractSpinBox& field, const QString& text) {
    QGuiApplication::clipboard()->setText(text);
    field.setFocus();
    field.selectAll();
    field.findChild<QLineEdit*>()->paste();
    QTest::keyClick(&field, Qt::Key_Return);
}

}  // namespace

class TestNumberFields : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void reals_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value");  // NaN: none
        const double none = qQNaN();
        QTest::newRow("point") << "0.85" << 0.85;
        QTest::newRow("comma") << "0,85" << 0.85;
        QTest::newRow("Arabic") << QStringLiteral("\u0660\u066b\u0668\u0665") << 0.85;
        QTest::newRow("no whole part") << ".5" << 0.5;
        QTest::newRow("no fraction") << "2," << 2.0;
        QTest::newRow("blanks") << " 1.5 " << 1.5;
        QTest::newRow("minus") << QStringLiteral("\u22121,5") << -1.5;
        QTest::newRow("English groups") << "1,234.5" << 1234.5;
        QTest::newRow("German groups") << "1.234,5" << 1234.5;
        QTest::newRow("French groups") << QStringLiteral("1\u202f234,5") << 1234.5;
        QTest::newRow("Swiss groups") << QStringLiteral("1\u2019234.5") << 1234.5;
        QTest::newRow("two groups") << "1,234,567" << 1234567.0;
        QTest::newRow("broken groups") << "12,34.5" << none;
        QTest::newRow("two points") << "1.2.3" << none;
        QTest::newRow("mixed") << "1.234,567.8" << none;
        QTest::newRow("letters") << "1e3" << none;
        QTest::newRow("nothing") << "" << none;
        QTest::newRow("point alone") << "." << none;
        QTest::newRow("minus inside") << "1-2" << none;
    }
    void reals() {
        QFETCH(QString, text);
        QFETCH(double, value);
        const auto read = realFromText(text);
        QCOMPARE(read.has_value(), !qIsNaN(value));
        if (read) QCOMPARE(*read, value);
    }

    void wholes() {
        QCOMPARE(wholeFromText(QStringLiteral("4096")), std::optional<qint64>(4096));
        for (const char* text : {"4,096", "4.096", "4 096", "4'096", "\xd9\xa4\xd9\xac\xd9\xa0\xd9\xa9\xd9\xa6"}) {
            QCOMPARE(wholeFromText(QString::fromUtf8(text)), std::optional<qint64>(4096));
        }
        for (const char* text : {"0.85", "1,5", "4,0960", "40,96", "1,000.000", "", "-", "1234567890123456789"}) {
            QVERIFY2(!wholeFromText(QString::fromUtf8(text)), text);
        }
    }

    void bothSeparatorsInEveryLanguage() {
        for (const char* name : kLocales) {
            QLocale::setDefault(QLocale(QString::fromLatin1(name)));
            RealField temperature(0, 5, 0.05), share(0, 1, 0.01), penalty(0.5, 2, 0.05);
            for (const auto& [field, text, value] :
                 {std::tuple<RealField*, const char*, double>{&temperature, "0.85", 0.85},
                  {&temperature, "0,85", 0.85},
                  {&temperature, "0.7", 0.7},
                  {&temperature, "0,9", 0.9},
                  {&temperature, "5", 5},
                  {&share, "0.1", 0.1},
                  {&share, "0,1", 0.1},
                  {&share, ".25", 0.25},
                  {&penalty, "1.1", 1.1},
                  {&penalty, "1,1", 1.1}}) {
                for (const bool typed : {true, false}) {
                    field->setValue(field->minimum());
                    field->show();
                    typed ? type(*field, QString::fromLatin1(text)) : paste(*field, QString::fromLatin1(text));
                    QVERIFY2(qAbs(field->value() - value) < 1e-9,
                             qPrintable(QStringLiteral("%1 %2 -> %3")
                                            .arg(QLatin1String(name), QLatin1String(text))
                                            .arg(field->value())));
                    // What it shows is what it has.
                    QCOMPARE(realFromText(field->text()), std::optional<double>(value));
                }
            }
        }
    }

    void whatIsNoNumberChangesNothing() {
        for (const char* name : kLocales) {
            QLocale::setDefault(QLocale(QString::fromLatin1(name)));
            RealField real(0, 5, 0.05);
            NumberField whole(0, 100000);
            real.show();
            whole.show();
            for (const char* text : {"0.8.5", "1,2,3", "7.", "17", "abc", "--1"}) {
                real.setValue(0.7);
                paste(real, QString::fromLatin1(text));
                QCOMPARE(real.value(), 0.7);
            }
            for (const char* text : {"0.85", "1,5", "4,0960", "12.34", "9999999"}) {
                whole.setValue(40);
                type(whole, QString::fromLatin1(text));
                // As far as it could be typed it is no number: the one before is there again.
                if (QLatin1String(text) != QLatin1String("9999999")) QCOMPARE(whole.value(), 40);
                whole.setValue(40);
                paste(whole, QString::fromLatin1(text));
                QCOMPARE(whole.value(), 40);
            }
            for (const char* text : {"4,096", "4.096", "4 096", "4096"}) {
                whole.setValue(40);
                paste(whole, QString::fromLatin1(text));
                QCOMPARE(whole.value(), 4096);
            }
        }
    }

    void wordsAndUnitsStay() {
        for (const char* name : kLocales) {
            QLocale::setDefault(QLocale(QString::fromLatin1(name)));
            RealField memory(0, 1024, 0.5);
            memory.setSuffix(QStringLiteral(" GB"));
            memory.setSpecialValueText(QStringLiteral("Automatic"));
            memory.show();
            QCOMPARE(memory.text(), QStringLiteral("Automatic"));
            type(memory, QStringLiteral("7.5"));
            QCOMPARE(memory.value(), 7.5);
            QVERIFY(memory.text().endsWith(QStringLiteral(" GB")));
            paste(memory, QStringLiteral("12,5 GB"));
            QCOMPARE(memory.value(), 12.5);
            memory.selectAll();
            QTest::keyClick(&memory, Qt::Key_Delete);
            QTest::keyClick(&memory, Qt::Key_Return);
            QCOMPARE(memory.value(), 0.0);
            QCOMPARE(memory.text(), QStringLiteral("Automatic"));
            QTest::keyClick(&memory, Qt::Key_Up);
            QCOMPARE(memory.value(), 0.5);
        }
    }

    void theRulesScaleToo() {
        for (const char* name : kLocales) {
            QLocale::setDefault(QLocale(QString::fromLatin1(name)));
            RouterRulesEditor editor;
            auto* scale = editor.findChild<QLineEdit*>(QStringLiteral("scale"));
            QVERIFY(scale);
            for (const char* text : {"1.5", "1,5"}) {
                scale->clear();
                QTest::keyClicks(scale, QString::fromLatin1(text));
                const auto rules = editor.rules();
                QVERIFY(rules.ok());
                QCOMPARE(rules->scale, std::optional<float>(1.5f));
            }
            // What it writes it reads.
            const auto rules = editor.rules();
            editor.setRules(*rules);
            QVERIFY(editor.rules().ok());
            QCOMPARE(editor.rules()->scale, std::optional<float>(1.5f));
        }
    }
};

QTEST_MAIN(TestNumberFields)
#include "test_number_fields.moc"
