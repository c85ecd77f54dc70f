<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>moescope::AgreementChart</name>
    <message numerus="yes">
        <source>same text, %Ln token(s)</source>
        <translation>
            <numerusform>same text, %Ln token</numerusform>
            <numerusform>same text, %Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>after it, %Ln token(s)</source>
        <translation>
            <numerusform>after it, %Ln token</numerusform>
            <numerusform>after it, %Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::AttachmentCard</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::BalanceChart</name>
    <message numerus="yes">
        <source>of how often experts were chosen, %Ln token(s)</source>
        <translation>
            <numerusform>of how often experts were chosen, %Ln token</numerusform>
            <numerusform>of how often experts were chosen, %Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ChatsReader</name>
    <message numerus="yes">
        <source>The newest %Ln chat(s) were read; more would take too much memory.</source>
        <translation>
            <numerusform>The newest %Ln chat were read; more would take too much memory.</numerusform>
            <numerusform>The newest %Ln chats were read; more would take too much memory.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::CoActivationChart</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Comparison</name>
    <message numerus="yes">
        <source>The texts are the same for all %Ln token(s) that both have.</source>
        <translation>
            <numerusform>The texts are the same for the one token that both have.</numerusform>
            <numerusform>The texts are the same for all %Ln tokens that both have.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The texts are the same for %Ln token(s), then diverge: %1 vs. %2.</source>
        <translation>
            <numerusform>The texts are the same for one token, then diverge: %1 vs. %2.</numerusform>
            <numerusform>The texts are the same for %Ln tokens, then diverge: %1 vs. %2.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Composer</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ConversationListModel</name>
    <message numerus="yes">
        <source>Folder %1, %Ln chat(s)</source>
        <translation>
            <numerusform>Folder %1, %Ln chat</numerusform>
            <numerusform>Folder %1, %Ln chats</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The newest %Ln match(es)</source>
        <translation>
            <numerusform>The newest match</numerusform>
            <numerusform>The newest %Ln matches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln match(es)</source>
        <translation>
            <numerusform>%Ln match</numerusform>
            <numerusform>%Ln matches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Folder %1, collapsed, %Ln chat(s)</source>
        <translation>
            <numerusform>Folder %1, collapsed, %Ln chat</numerusform>
            <numerusform>Folder %1, collapsed, %Ln chats</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::DataPage</name>
    <message numerus="yes">
        <source>%Ln chat(s) in the trash</source>
        <translation>
            <numerusform>%Ln chat in the trash</numerusform>
            <numerusform>%Ln chats in the trash</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::DepthChart</name>
    <message numerus="yes">
        <source>%Ln token(s), one of %1 read</source>
        <translation>
            <numerusform>%Ln token, one of %1 read</numerusform>
            <numerusform>%Ln tokens, one of %1 read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Exchange</name>
    <message numerus="yes">
        <source>Imported %Ln chat(s).</source>
        <translation>
            <numerusform>Imported one chat.</numerusform>
            <numerusform>Imported %Ln chats.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s) got new messages.</source>
        <translation>
            <numerusform>One chat got new messages.</numerusform>
            <numerusform>%Ln chats got new messages.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s) were here already.</source>
        <translation>
            <numerusform>One chat was here already.</numerusform>
            <numerusform>%Ln chats were here already.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Top experts of %Ln token(s), by share of the gates</source>
        <translation>
            <numerusform>Top experts of %Ln token, by share of the gates</numerusform>
            <numerusform>Top experts of %Ln tokens, by share of the gates</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ExperimentTable</name>
    <message numerus="yes">
        <source>%Ln value(s)</source>
        <translation>
            <numerusform>%Ln value</numerusform>
            <numerusform>%Ln values</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ExpertPairChart</name>
    <message numerus="yes">
        <source>both in %Ln token(s)</source>
        <translation>
            <numerusform>both in %Ln token</numerusform>
            <numerusform>both in %Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %Ln token(s).</source>
        <translation>
            <numerusform>%1: %Ln token.</numerusform>
            <numerusform>%1: %Ln tokens.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ExpertSearch</name>
    <message numerus="yes">
        <source>%Ln token(s), newest answers first.</source>
        <translation>
            <numerusform>%Ln token.</numerusform>
            <numerusform>%Ln tokens, newest answers first.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ExportChoiceDialog</name>
    <message numerus="yes">
        <source>Export %Ln chat(s)</source>
        <translation>
            <numerusform>Export one chat</numerusform>
            <numerusform>Export %Ln chats</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::FoundPage</name>
    <message numerus="yes">
        <source>%Ln model(s) so far…</source>
        <translation>
            <numerusform>%Ln model so far…</numerusform>
            <numerusform>%Ln models so far…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln model(s). They are opened where they are; nothing is copied.</source>
        <translation>
            <numerusform>%Ln model. It is opened where it is; nothing is copied.</numerusform>
            <numerusform>%Ln models. They are opened where they are; nothing is copied.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::HistoryList</name>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln message</numerusform>
            <numerusform>%Ln messages</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::InspectorModel</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%L1 of %Ln token(s)</source>
        <translation>
            <numerusform>%L1 of %Ln token</numerusform>
            <numerusform>%L1 of %Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::LayersChart</name>
    <message numerus="yes">
        <source>times chosen, %Ln token(s), log scale</source>
        <translation>
            <numerusform>times chosen, %Ln token, log scale</numerusform>
            <numerusform>times chosen, %Ln tokens, log scale</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>gate mass, %Ln token(s), log scale</source>
        <translation>
            <numerusform>gate mass, %Ln token, log scale</numerusform>
            <numerusform>gate mass, %Ln tokens, log scale</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::LiftChart</name>
    <message numerus="yes">
        <source>lift: observed over independent, %Ln token(s)</source>
        <translation>
            <numerusform>lift: observed over independent, %Ln token</numerusform>
            <numerusform>lift: observed over independent, %Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1× chance · %Ln token(s)</source>
        <translation>
            <numerusform>%1× chance · %Ln token</numerusform>
            <numerusform>%1× chance · %Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1: %Ln token(s), %2 times as often as by chance</source>
        <translation>
            <numerusform>%1: %Ln token, %2 times as often as by chance</numerusform>
            <numerusform>%1: %Ln tokens, %2 times as often as by chance</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::MainWindow</name>
    <message numerus="yes">
        <source>%Ln chat(s) moved to the trash.</source>
        <translation>
            <numerusform>The chat is in the trash.</numerusform>
            <numerusform>%Ln chats are in the trash.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::MessageRow</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Opening</name>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln message</numerusform>
            <numerusform>%Ln messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln answer(s) interrupted when the program ended; the text written so far was kept.</source>
        <translation>
            <numerusform>One answer was interrupted when the program ended; the text written so far was kept.</numerusform>
            <numerusform>%Ln answers were interrupted when the program ended; the text written so far was kept.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s)</source>
        <translation>
            <numerusform>%Ln chat</numerusform>
            <numerusform>%Ln chats</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::PositionChart</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Rereading</name>
    <message numerus="yes">
        <source>%1 read %Ln token(s) of this chat. Their routing is shown now, and not saved.</source>
        <translation>
            <numerusform>%1 read %Ln token of this chat. Their routing is shown now, and not saved.</numerusform>
            <numerusform>%1 read %Ln tokens of this chat. Their routing is shown now, and not saved.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 read the first %Ln token(s) of this chat; %2 more do not fit its context. Their routing is shown now, and not saved.</source>
        <translation>
            <numerusform>%1 read the first %Ln token of this chat; %2 more do not fit its context. Their routing is shown now, and not saved.</numerusform>
            <numerusform>%1 read the first %Ln tokens of this chat; %2 more do not fit its context. Their routing is shown now, and not saved.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ScopeBar</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%L1 of %Ln token(s)</source>
        <translation>
            <numerusform>%L1 of %Ln token</numerusform>
            <numerusform>%L1 of %Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::SharedLayersChart</name>
    <message numerus="yes">
        <source>mean norms over %Ln token(s); ticks: selected token</source>
        <translation>
            <numerusform>mean norms over %Ln token; ticks: selected token</numerusform>
            <numerusform>mean norms over %Ln tokens; ticks: selected token</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Sidebar</name>
    <message numerus="yes">
        <source>Delete %Ln chat(s) permanently?</source>
        <translation>
            <numerusform>Delete this chat permanently?</numerusform>
            <numerusform>Delete %Ln chats permanently?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::TraceFiles</name>
    <message numerus="yes">
        <source>%1: %Ln token(s).</source>
        <translation>
            <numerusform>%1: %Ln token.</numerusform>
            <numerusform>%1: %Ln tokens.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Saved %1: %Ln token(s) of the scope.</source>
        <translation>
            <numerusform>Saved %1: %Ln token of the scope.</numerusform>
            <numerusform>Saved %1: %Ln tokens of the scope.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::TranscriptModel</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln token</numerusform>
            <numerusform>%Ln tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::WindowLock</name>
    <message numerus="yes">
        <source>The question is too long for --ask (%Ln byte(s)); paste it into the window.</source>
        <translation>
            <numerusform>The question is too long for --ask (%Ln byte); paste it into the window.</numerusform>
            <numerusform>The question is too long for --ask (%Ln bytes); paste it into the window.</numerusform>
        </translation>
    </message>
</context>
</TS>
