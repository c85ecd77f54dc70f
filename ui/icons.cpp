#include "ui/icons.h"

#include <QColor>
#include <QFile>
#include <QHash>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

// Outside of the namespace, as Q_INIT_RESOURCE wants it. The icons are in a static library.
static void initIcons() {
    Q_INIT_RESOURCE(icons);
}

namespace moescope {
namespace {

QPixmap render(const QByteArray& svg, int pixels) {
    QPixmap pixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer(svg).render(&painter);
    return pixmap;
}

QByteArray source(const QString& name) {
    initIcons();
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

}  // namespace

QIcon lineIcon(const QString& name, const QColor& colour, int pixels) {
    const QByteArray svg = source(name).replace("currentColor", colour.name().toLatin1());
    QIcon icon;
    for (const int scale : {1, 2, 3}) {
        QPixmap pixmap = render(svg, pixels * scale);
        pixmap.setDevicePixelRatio(scale);
        icon.addPixmap(pixmap);
    }
    return icon;
}

void paintIcon(QPainter* painter, const QRect& rect, const QString& name, const QColor& colour, int pixels) {
    static QHash<QString, QIcon> icons;
    QIcon& icon = icons[QStringLiteral("%1 %2 %3").arg(name, colour.name()).arg(pixels)];
    if (icon.isNull()) icon = lineIcon(name, colour, pixels);
    QRect area(0, 0, pixels, pixels);
    area.moveCenter(rect.center());
    const double opacity = painter->opacity();
    painter->setOpacity(opacity * colour.alphaF());
    icon.paint(painter, area);
    painter->setOpacity(opacity);
}

QIcon programIcon() {
    QIcon icon;
    for (const int pixels : {16, 24, 32, 48, 64, 128, 256}) {
        icon.addPixmap(render(source(QStringLiteral("moescope")), pixels));
    }
    return icon;
}

}  // namespace moescope
