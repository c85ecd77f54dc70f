<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
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
        <source>The newest %Ln place(s)</source>
        <translation>
            <numerusform>The newest place</numerusform>
            <numerusform>The newest %Ln places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln place(s)</source>
        <translation>
            <numerusform>%Ln place</numerusform>
            <numerusform>%Ln places</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::DataPage</name>
    <message numerus="yes">
        <source>%Ln conversation(s) in the trash</source>
        <translation>
            <numerusform>%Ln conversation is in the trash</numerusform>
            <numerusform>%Ln conversations are in the trash</numerusform>
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
    <name>moescope::MainWindow</name>
    <message numerus="yes">
        <source>%Ln chat(s) moved to the trash.</source>
        <translation>
            <numerusform>The chat is in the trash.</numerusform>
            <numerusform>%Ln chats are in the trash.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Imported %Ln chat(s).</source>
        <translation>
            <numerusform>Imported one chat.</numerusform>
            <numerusform>Imported %Ln chats.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Opening</name>
    <message numerus="yes">
        <source>%Ln conversation(s)</source>
        <translation>
            <numerusform>one conversation</numerusform>
            <numerusform>%Ln conversations</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln message</numerusform>
            <numerusform>%Ln messages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln answer(s) interrupted when the program ended; what there was is kept.</source>
        <translation>
            <numerusform>One answer was interrupted when the program ended; what there was is kept.</numerusform>
            <numerusform>%Ln answers were interrupted when the program ended; what there was is kept.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Sidebar</name>
    <message numerus="yes">
        <source>Delete %Ln chat(s) for ever? This cannot be undone.</source>
        <translation>
            <numerusform>Delete this chat for ever? This cannot be undone.</numerusform>
            <numerusform>Delete %Ln chats for ever? This cannot be undone.</numerusform>
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
</TS>
