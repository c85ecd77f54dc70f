#include "ui/chat/transcript_print.h"

#include <QPagedPaintDevice>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/chat/message_layout.h"

namespace moescope {

namespace {

constexpr double kPoints = 10.0 / Theme::kReading;  // of a pixel of the transcript

class Printer {
public:
    Printer(QPagedPaintDevice* device, const std::function<bool()>& goOn)
        : m_device(device), m_go_on(goOn), m_style(Theme::makeLight()) {
        m_style.keep_letters = true;
        const QRectF page = device->pageLayout().paintRect(QPageLayout::Point);
        m_width = static_cast<int>(page.width() / kPoints);
        m_height = static_cast<int>(page.height() / kPoints);
    }

    bool print(const std::vector<PrintItem>& items) {
        if (!m_painter.begin(m_device)) return false;
        const double scale = m_device->logicalDpiX() / 72.0 * kPoints;
        m_painter.scale(scale, scale);
        for (std::size_t i = 0; i < items.size() && !m_ended; ++i) {
            const PrintItem& item = items[i];
            if (item.kind == PrintItem::kMessage) {
                printMessage(item.message);
            } else {
                printWords(item);
            }
        }
        return m_painter.end() && !m_ended;
    }

private:
    bool newPage() {
        m_y = 0;
        m_ended = m_ended || (m_go_on && !m_go_on()) || !m_device->newPage();
        return !m_ended;
    }

    void printWords(const PrintItem& item) {
        const Theme& theme = m_style.theme;
        const bool title = item.kind == PrintItem::kTitle;
        if (title && m_y > 0 && !newPage()) return;
        TextPart::Setup setup;
        setup.font = title                              ? m_style.headingFont(1)
                     : item.kind == PrintItem::kSpeaker ? theme.sans(Theme::kSmall, QFont::DemiBold)
                                                        : m_style.small;
        setup.colour = title ? theme.text : item.kind == PrintItem::kSpeaker ? theme.amber_text : theme.dim;
        setup.line = title ? m_style.headingLine(1) : m_style.small_line;
        setup.width = m_width;
        setup.right_to_left = item.words.isRightToLeft();
        Inlines inlines;
        inlines.text = item.words;
        const TextPart part(setup, m_style, inlines, {}, 0, static_cast<int>(inlines.text.size()));
        const int before = m_y == 0 || title                  ? 0
                           : item.kind == PrintItem::kSpeaker ? m_style.reply_gap
                                                              : m_style.tight_gap;
        // A speaker is not left alone at the end of a page.
        const int needed = part.height() + (item.kind == PrintItem::kFacts ? 0 : 3 * m_style.body_line);
        if (m_y > 0 && m_y + before + needed > m_height) {
            if (!newPage()) return;
        } else {
            m_y += before;
        }
        part.draw(&m_painter, QPointF(0, m_y), {}, m_style);
        m_y += part.height() + (item.kind == PrintItem::kSpeaker ? m_style.tight_gap : 0);
    }

    void printMessage(const TranscriptMessage& message) {
        const MessageContext context{m_style, message, {}, false, m_width};
        MessageLayout layout(message.role);
        layout.prepare(context);
        MessageLook look;
        look.printed = true;
        if (m_y > 0) m_y += message.role == TranscriptRole::kUser ? m_style.turn_gap : m_style.tight_gap;
        // A short one stays whole.
        const int third = m_height / 3;
        layout.layOut(context, 0, third);
        const MessageLayout::PageBreak all = layout.pageBreak(0, third, false);
        if (all.last && m_y + all.cut > m_height && !newPage()) return;
        for (int from = 0; !m_ended;) {
            const int limit = from + m_height - m_y;
            layout.layOut(context, from, limit);
            const MessageLayout::PageBreak end = layout.pageBreak(from, limit, m_y == 0);
            if (end.cut > from) {
                m_painter.save();
                m_painter.setClipRect(QRect(-1, m_y - (from == 0 ? 1 : 0), m_width + 2, end.cut - from + 1));
                layout.draw(&m_painter, QPoint(0, m_y - from), QRect(0, from, m_width, end.cut - from), context, look);
                m_painter.restore();
            }
            layout.release(end.cut, limit);
            m_y += end.cut - from;
            from = end.next;
            if (end.last || !newPage()) break;
        }
    }

    QPagedPaintDevice* m_device;
    const std::function<bool()>& m_go_on;
    TranscriptStyle m_style;
    QPainter m_painter;
    int m_width = 0, m_height = 0;  // of a page, in pixels of the transcript
    int m_y = 0;                    // where the page is free
    bool m_ended = false;
};

}  // namespace

bool printTranscript(QPagedPaintDevice* device, const std::vector<PrintItem>& items,
                     const std::function<bool()>& goOn) {
    return Printer(device, goOn).print(items);
}

}  // namespace moescope
