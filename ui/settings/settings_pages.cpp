#include "ui/settings/settings_pages.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <cmath>

#include "ui/settings/generation_panel.h"
#include "ui/settings/path_delegate.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/form_style.h"
#include "ui/widgets/plain_text.h"

namespace moescope {
namespace {

QString idOf(KvType type) {
    const std::string_view name = kvTypeName(type);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

QString idOf(const DeviceChoice& choice) {
    return QString::fromStdString(deviceChoiceName(choice));
}

}  // namespace

GeneralPage::GeneralPage(QWidget* parent) : FormPage(parent) {
    column()->addTitle(tr("General"));
    m_theme = new Segments(this);
    m_theme->addSegment(QStringLiteral("system"), tr("System"));
    m_theme->addSegment(QStringLiteral("light"), tr("Light"));
    m_theme->addSegment(QStringLiteral("dark"), tr("Dark"));
    column()->addRow(tr("Theme"), QString(), m_theme);
    m_text_size = new NumberField(60, 300, this);
    m_text_size->setSingleStep(10);
    m_text_size->setSuffix(QStringLiteral(" %"));
    column()->addRow(tr("Text size"), tr("Also Ctrl + and Ctrl - in the window"), m_text_size);
    m_language = new Choice(this);
    m_language->addChoice(QString(), tr("System"));
    m_language->addChoice(QStringLiteral("en"), QStringLiteral("English"));
    m_language->addChoice(QStringLiteral("zh_CN"), QStringLiteral("简体中文"));
    column()->addRow(tr("Language"), tr("Takes effect after restart"), m_language);
    m_motion = new Segments(this);
    m_motion->addSegment(QStringLiteral("system"), tr("System"));
    m_motion->addSegment(QStringLiteral("full"), tr("Full"));
    m_motion->addSegment(QStringLiteral("reduced"), tr("Reduced"));
    column()->addRow(tr("Motion"), tr("Reduced turns off animations"), m_motion);
    m_renderer = makeLabel(QString(), kRoleNote, this);
    m_renderer->setObjectName(QStringLiteral("renderer"));
    m_renderer->hide();
    column()->addWide(m_renderer);
    column()->addStretch();
}

void GeneralPage::setRenderer(const QString& sentence) {
    m_renderer->setText(sentence);
    m_renderer->setVisible(!sentence.isEmpty());
}

void GeneralPage::read(const AppSettings& settings) {
    const QJsonObject json = settings.toJson();
    m_theme->choose(json[QLatin1String("theme")].toString());
    m_motion->choose(json[QLatin1String("motion")].toString());
    m_text_size->setValue(static_cast<int>(std::lround(settings.text_size * 100)));
    m_language->choose(settings.language);
}

void GeneralPage::write(AppSettings& settings) const {
    QJsonObject json;
    json[QLatin1String("theme")] = m_theme->chosen();
    json[QLatin1String("motion")] = m_motion->chosen();
    const AppSettings known = AppSettings::fromJson(json);
    settings.theme = known.theme;
    settings.motion = known.motion;
    settings.text_size = m_text_size->value() / 100.0;
    settings.language = m_language->chosen();
}

void GeneralPage::setFormTheme(const Theme& theme) {
    setTheme(theme);
    m_text_size->setFixedWidth(theme.px(88));
}

GenerationPage::GenerationPage(QWidget* parent) : FormPage(parent) {
    column()->addTitle(tr("Generation"));
    column()->addSection(tr("New chats"));
    m_panel = new GenerationPanel(column(), this);
    m_alternatives = new Segments(this);
    m_alternatives->setObjectName(QStringLiteral("alternatives"));
    m_alternatives->addSegment(QStringLiteral("never"), tr("Never"));
    m_alternatives->addSegment(QStringLiteral("free"), tr("When free"), tr("Not when the GPU chooses the tokens"));
    m_alternatives->addSegment(QStringLiteral("always"), tr("Always"), tr("Slower when the GPU chooses the tokens"));
    column()->addRow(tr("Alternatives"), tr("Keep what else the model might have said, token by token"),
                     m_alternatives);
    column()->addSection(tr("Memory, CPU and GPU (applies the next time a model is loaded)"));
    m_context = new NumberField(0, 1 << 20, this);
    m_context->setSingleStep(1024);
    m_context->setSpecialValueText(tr("Model default"));
    column()->addRow(tr("Context size"), tr("In tokens; 0 is the model default"), m_context);
    m_kv_cache = new Segments(this);
    const auto add = [this](KvType type, const QString& tip) { m_kv_cache->addSegment(idOf(type), idOf(type), tip); };
    add(KvType::kF16, tr("Half precision"));
    add(KvType::kF32, tr("Full precision, twice the memory"));
    add(KvType::kQ8_0, tr("8 bits, about half the memory"));
    column()->addRow(tr("KV cache"), tr("How the keys and values of the context are stored"), m_kv_cache);
    m_threads = new NumberField(0, 1024, this);
    m_threads->setSpecialValueText(tr("All"));
    column()->addRow(tr("Threads"), tr("0 is one per CPU core"), m_threads);
    m_compute = new Choice(this);
    column()->addRow(tr("Run on"), tr("The CPU runs whatever does not fit on the GPU"), m_compute);
    m_gpu_memory = new RealField(0, 1024, 0.5, this);
    m_gpu_memory->setSuffix(QStringLiteral(" GB"));
    m_gpu_memory->setSpecialValueText(tr("Automatic"));
    column()->addRow(tr("GPU memory limit"), tr("Upper limit; leave empty to use all free memory"), m_gpu_memory);
    connect(m_compute, &QComboBox::currentIndexChanged, this, [this] {
        m_gpu_memory->setEnabled(m_compute->chosen() != idOf({BackendChoice::kCpu, -1}));
    });
    m_gpus_note = makeLabel(QString(), kRoleNote, this);
    m_gpus_note->setWordWrap(true);
    column()->addWide(m_gpus_note);
    column()->addStretch();
    setGpus({}, QString());
}

void GenerationPage::setGpus(const QList<std::pair<int, QString>>& gpus, const QString& note) {
    const auto chosen = parseDeviceChoice(m_compute->chosen().toStdString()).value_or(DeviceChoice());
    m_compute->clear();
    m_compute->addChoice(idOf(DeviceChoice()), tr("Automatic"));
    m_compute->addChoice(idOf({BackendChoice::kCpu, -1}), tr("CPU"));
    for (const auto& [device, name] : gpus) m_compute->addChoice(idOf({BackendChoice::kCuda, device}), name);
    chooseCompute(chosen);
    m_gpus_note->setText(note);
    m_gpus_note->setVisible(!note.isEmpty());
}

void GenerationPage::chooseCompute(const DeviceChoice& choice) {
    // A GPU that is missing now stays chosen; it may come back.
    const QString id = idOf(choice);
    if (choice.device >= 0 && m_compute->findData(id) < 0) {
        m_compute->addChoice(id, tr("GPU %1 (not found)").arg(choice.device));
    }
    m_compute->choose(id);
}

void GenerationPage::read(const AppSettings& settings) {
    m_panel->setSettings(settings.generation);
    m_alternatives->choose(settings.toJson()[QLatin1String("alternatives")].toString());
    m_context->setValue(settings.context_size);
    m_kv_cache->choose(idOf(settings.kv_cache));
    m_threads->setValue(settings.threads);
    chooseCompute(settings.compute);
    m_gpu_memory->setValue(settings.gpu_memory_gb);
}

void GenerationPage::write(AppSettings& settings) const {
    settings.generation = m_panel->settings();
    settings.alternatives =
        AppSettings::fromJson({{QStringLiteral("alternatives"), m_alternatives->chosen()}}).alternatives;
    settings.context_size = m_context->value();
    settings.kv_cache = parseKvType(m_kv_cache->chosen().toStdString()).value_or(settings.kv_cache);
    settings.threads = m_threads->value();
    settings.compute = parseDeviceChoice(m_compute->chosen().toStdString()).value_or(settings.compute);
    settings.gpu_memory_gb = m_gpu_memory->value();
}

void GenerationPage::setFormTheme(const Theme& theme) {
    setTheme(theme);
    m_panel->setTheme(theme);
    m_context->setFixedWidth(theme.px(120));
    m_threads->setFixedWidth(theme.px(88));
    m_gpu_memory->setFixedWidth(theme.px(120));
}

ModelsPage::ModelsPage(QWidget* parent) : FormPage(parent) {
    column()->addTitle(tr("Models"));
    m_path = new QLineEdit(this);
    m_path->setObjectName(QStringLiteral("model_path"));
    m_path->setPlaceholderText(tr("None"));
    m_path->setAccessibleName(tr("Model loaded at startup"));
    auto* browse = new FormButton(FormButton::Kind::kPlain, tr("Choose…"), this);
    browse->setAccessibleName(tr("Choose the model loaded at startup"));
    column()->addWide(makeLabel(tr("Loaded at startup"), kRoleSection, this));
    column()->addWide(sideBySide({m_path, browse}, this));
    column()->addSection(tr("Recent models"));
    m_recent = new QListWidget(this);
    m_recent->setObjectName(QStringLiteral("recent_models"));
    m_recent->setProperty("framed", true);
    m_recent->setAccessibleName(tr("Recent models"));
    m_recent->setAccessibleDescription(tr("Press Delete to forget the selected model; its file is kept"));
    m_recent->setItemDelegate(m_delegate = new PathDelegate(m_recent));
    m_recent->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_recent->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);  // what is below it is seen first
    m_recent->installEventFilter(this);
    column()->addWide(m_recent, 1);
    m_use = new FormButton(FormButton::Kind::kPlain, tr("Load at startup"), this);
    m_forget = new FormButton(FormButton::Kind::kPlain, tr("Forget"), this);
    m_forget_all = new FormButton(FormButton::Kind::kPlain, tr("Forget all"), this);
    m_forget->setAccessibleName(tr("Forget the selected model"));
    m_forget_all->setAccessibleName(tr("Forget all recent models"));
    column()->addRow(QString(), tr("Forgetting a model does not delete its file"),
                     sideBySide({m_use, m_forget, m_forget_all}, this));
    column()->addSection(tr("Fast starts"));
    m_keep_packed = new Switch(this);
    column()->addRow(tr("Keep packed copies"),
                     tr("Models then start instantly on the CPU; each copy is about as large as the model file"),
                     m_keep_packed);
    m_clear_packed = new FormButton(FormButton::Kind::kPlain, tr("Remove"), this);
    m_clear_packed->setAccessibleName(tr("Remove the packed copies"));
    m_packed_note = column()->addRow(tr("On this disk"), QStringLiteral(" "), m_clear_packed);
    setPackedBytes(0);
    connect(m_clear_packed, &QPushButton::clicked, this, &ModelsPage::clearPackedRequested);
    connect(browse, &QPushButton::clicked, this, &ModelsPage::choose);
    connect(m_use, &QPushButton::clicked, this, [this] {
        if (const QListWidgetItem* item = m_recent->currentItem()) m_path->setText(item->data(Qt::UserRole).toString());
    });
    connect(m_forget, &QPushButton::clicked, this, &ModelsPage::forgetCurrent);
    connect(m_forget_all, &QPushButton::clicked, this, [this] {
        m_recent->clear();
        updateButtons();
    });
    connect(m_recent, &QListWidget::currentRowChanged, this, &ModelsPage::updateButtons);
}

void ModelsPage::setPackedBytes(qint64 bytes) {
    m_packed_note->setText(
        bytes > 0
            ? tr("Packed copies take %1").arg(QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat))
            : tr("There are no packed copies"));
    m_clear_packed->setEnabled(bytes > 0);
}

void ModelsPage::read(const AppSettings& settings) {
    m_keep_packed->setChecked(settings.keep_packed);
    m_path->setText(settings.model_path);
    m_recent->clear();
    for (const QString& path : settings.recent_models) {
        const QFileInfo file(path);
        auto* item = new QListWidgetItem(oneLine(file.fileName()), m_recent);
        item->setData(Qt::AccessibleDescriptionRole, file.path());
        item->setData(Qt::UserRole, path);
        item->setToolTip(plainToolTip(path));
    }
    updateButtons();
}

void ModelsPage::write(AppSettings& settings) const {
    settings.keep_packed = m_keep_packed->isChecked();
    settings.model_path = m_path->text().trimmed();
    settings.recent_models.clear();
    for (int i = 0; i < m_recent->count(); ++i) {
        settings.recent_models.append(m_recent->item(i)->data(Qt::UserRole).toString());
    }
}

void ModelsPage::setFormTheme(const Theme& theme) {
    setTheme(theme);
    m_delegate->setTheme(theme);
    m_recent->setMinimumHeight(theme.px(88));
    m_recent->doItemsLayout();
}

void ModelsPage::choose() {
    const QString start = m_path->text().isEmpty() ? QDir::homePath() : QFileInfo(m_path->text()).path();
    const QString path = QFileDialog::getOpenFileName(window(), tr("Model loaded at startup"), start,
                                                      tr("Models (*.gguf);;All files (*)"));
    if (!path.isEmpty()) m_path->setText(path);
}

void ModelsPage::forgetCurrent() {
    delete m_recent->takeItem(m_recent->currentRow());
    updateButtons();
}

void ModelsPage::updateButtons() {
    const bool chosen = m_recent->currentItem() != nullptr;
    m_use->setEnabled(chosen);
    m_forget->setEnabled(chosen);
    m_forget_all->setEnabled(m_recent->count() > 0);
}

bool ModelsPage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_recent && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Delete) && m_recent->currentItem() != nullptr) {
        forgetCurrent();
        return true;
    }
    return FormPage::eventFilter(watched, event);
}

}  // namespace moescope
