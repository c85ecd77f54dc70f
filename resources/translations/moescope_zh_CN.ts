<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>moescope::AboutPage</name>
    <message>
        <source>Moescope</source>
        <translation>Moescope</translation>
    </message>
    <message>
        <source>Moescope %1</source>
        <translation>Moescope %1</translation>
    </message>
    <message>
        <source>Chat with mixture-of-experts models and see which experts do the work.</source>
        <translation>与混合专家模型对话，看看是哪些专家在回答。</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>隐私</translation>
    </message>
    <message>
        <source>Built with</source>
        <translation>所用组件</translation>
    </message>
    <message>
        <source>Qt %1, SQLite, zstd, fmt. Inter and JetBrains Mono.</source>
        <translation>Qt %1、SQLite、zstd、fmt。字体：Inter 与 JetBrains Mono。</translation>
    </message>
    <message>
        <source>Your chats stay on this computer, except those with a server&apos;s model, which are sent to that server. Otherwise Moescope connects to the network only to download a model, when you press the button for it; the text above the button says which site is contacted, and for what.</source>
        <translation>您的对话保存在这台计算机上；只有与服务器上的模型进行的对话会发送到该服务器。除此之外，程序只有在您按下按钮下载模型时才会打开网络连接；按钮上方的文字说明会向谁请求什么。</translation>
    </message>
</context>
<context>
    <name>moescope::AgreementChart</name>
    <message>
        <source>%1 while the texts are the same</source>
        <translation>文本相同时 %1</translation>
    </message>
    <message>
        <source>%1 after</source>
        <translation>之后 %1</translation>
    </message>
    <message>
        <source>Agreement by layer</source>
        <translation>各层的一致性</translation>
    </message>
    <message numerus="yes">
        <source>same text, %Ln token(s)</source>
        <translation>
            <numerusform>文本相同，%Ln 个词元</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>after it, %Ln token(s)</source>
        <translation>
            <numerusform>之后，%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>router saturation; chance %1</source>
        <translation>路由饱和度；随机为 %1</translation>
    </message>
    <message>
        <source>layer %1: shared choices %2</source>
        <translation>第 %1 层：共同选择 %2</translation>
    </message>
</context>
<context>
    <name>moescope::AlikeView</name>
    <message>
        <source>Alike</source>
        <translation>相似</translation>
    </message>
</context>
<context>
    <name>moescope::Alternatives</name>
    <message>
        <source>end of text</source>
        <translation>文本结束</translation>
    </message>
    <message>
        <source>(nothing)</source>
        <translation>（空）</translation>
    </message>
    <message>
        <source>Token %1</source>
        <translation>词元 %1</translation>
    </message>
    <message>
        <source>Load the model that wrote this to see the words</source>
        <translation>加载写出此内容的模型即可看到文字</translation>
    </message>
    <message>
        <source>You can choose another one once the answer has ended</source>
        <translation>回答结束后可以选择另一个</translation>
    </message>
    <message>
        <source>Choose another one to branch the answer there</source>
        <translation>选择另一个，即可从那里分出新的回答</translation>
    </message>
</context>
<context>
    <name>moescope::AnswerWords</name>
    <message>
        <source>length limit</source>
        <translation>长度上限</translation>
    </message>
    <message>
        <source>context full</source>
        <translation>上下文已满</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>已编辑</translation>
    </message>
    <message>
        <source>rules: %1</source>
        <translation>规则：%1</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>connection lost</source>
        <translation>连接中断</translation>
    </message>
</context>
<context>
    <name>moescope::Ask</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
</context>
<context>
    <name>moescope::Attachment</name>
    <message>
        <source>the file is empty; choose another one.</source>
        <translation>文件是空的；请选择其他文件。</translation>
    </message>
    <message>
        <source>this is not a text file; attach a text file or a PDF.</source>
        <translation>这不是文本；请附加文本或 PDF。</translation>
    </message>
    <message>
        <source>the PDF is protected by a password; save a copy without one.</source>
        <translation>PDF 受密码保护；请保存一份没有密码的副本。</translation>
    </message>
    <message>
        <source>the PDF is encrypted in a way that cannot be read; print it to a new PDF.</source>
        <translation>PDF 的加密方式无法读取；请将它打印成新的 PDF。</translation>
    </message>
    <message>
        <source>the PDF is damaged; open it in another program and save it again.</source>
        <translation>PDF 已损坏；请用其他程序打开并重新保存。</translation>
    </message>
    <message>
        <source>the PDF has pictures but no text; run text recognition (OCR) on it first.</source>
        <translation>PDF 只有图片而没有文字；请先进行文字识别。</translation>
    </message>
    <message>
        <source>this build cannot read PDFs; attach the text as a file.</source>
        <translation>此版本不能读取 PDF；请附加文本。</translation>
    </message>
    <message>
        <source>this is a folder; attach its files.</source>
        <translation>这是文件夹；请附加其中的文件。</translation>
    </message>
    <message>
        <source>the file cannot be read; check that it exists and that you are allowed to read it.</source>
        <translation>文件无法读取；请检查它是否存在以及权限。</translation>
    </message>
    <message>
        <source>the context has no room left; start a new chat.</source>
        <translation>上下文已没有空间；请开始新的对话。</translation>
    </message>
</context>
<context>
    <name>moescope::AttachmentCard</name>
    <message>
        <source>Click to remove</source>
        <translation>点击移除</translation>
    </message>
    <message>
        <source>Press Enter to remove it</source>
        <translation>按回车键移除</translation>
    </message>
    <message>
        <source>counting…</source>
        <translation>正在计数……</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>Attached: %1, %2</source>
        <translation>已附加：%1，%2</translation>
    </message>
</context>
<context>
    <name>moescope::AttachmentRow</name>
    <message>
        <source>Attached files</source>
        <translation>附加的文件</translation>
    </message>
</context>
<context>
    <name>moescope::BalanceChart</name>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Jain</source>
        <translation>Jain</translation>
    </message>
    <message>
        <source>MaxVio</source>
        <translation>MaxVio</translation>
    </message>
    <message>
        <source>CV</source>
        <translation>CV</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>Jain&apos;s index: (sum of loads)² / (experts × sum of squares); 1 is balanced</source>
        <translation>Jain 指数：(负载之和)² / (专家数 × 平方和)；1 为均衡</translation>
    </message>
    <message>
        <source>MaxVio: the largest load over the mean, less 1; 0 is balanced</source>
        <translation>MaxVio：最大负载与均值之比减 1；0 为均衡</translation>
    </message>
    <message>
        <source>Coefficient of variation: standard deviation over the mean; 0 is balanced</source>
        <translation>变异系数：标准差与均值之比；0 为均衡</translation>
    </message>
    <message>
        <source>Entropy of the loads over its largest value; 1 is balanced</source>
        <translation>负载的熵与其最大值之比；1 为均衡</translation>
    </message>
    <message>
        <source>Experts that no token chose</source>
        <translation>没有词元选过的专家</translation>
    </message>
    <message>
        <source>Balance by layer</source>
        <translation>各层的均衡度</translation>
    </message>
    <message>
        <source>unused</source>
        <translation>未使用</translation>
    </message>
    <message numerus="yes">
        <source>of how often experts were chosen, %Ln token(s)</source>
        <translation>
            <numerusform>按专家被选次数，%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>1 is balanced for Jain and entropy, 0 for MaxVio and CV; unused: experts no token chose</source>
        <translation>Jain 和熵为 1 表示均衡，MaxVio 和 CV 为 0 表示均衡；未使用：没有词元选择的专家</translation>
    </message>
    <message>
        <source>layer %1: Jain %2, MaxVio %3, coefficient of variation %4, normalized entropy %5, unused experts %6</source>
        <translation>第 %1 层：Jain %2，MaxVio %3，变异系数 %4，归一化熵 %5，未使用的专家 %6</translation>
    </message>
</context>
<context>
    <name>moescope::BalanceView</name>
    <message>
        <source>Balance</source>
        <translation>均衡</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Jain, worst first</source>
        <translation>Jain，最差在前</translation>
    </message>
    <message>
        <source>MaxVio, worst first</source>
        <translation>MaxVio，最差在前</translation>
    </message>
    <message>
        <source>CV, worst first</source>
        <translation>CV，最差在前</translation>
    </message>
    <message>
        <source>entropy, worst first</source>
        <translation>熵，最差在前</translation>
    </message>
    <message>
        <source>Sort by</source>
        <translation>顺序</translation>
    </message>
    <message>
        <source>unused, most first</source>
        <translation>未使用，最多者在前</translation>
    </message>
</context>
<context>
    <name>moescope::Chart</name>
    <message>
        <source>Ask something, and its routing appears here.</source>
        <translation>提问后，路由会显示在这里。</translation>
    </message>
    <message>
        <source>Nothing yet.</source>
        <translation>还没有内容。</translation>
    </message>
    <message>
        <source>%1, token %2</source>
        <translation>%1，词元 %2</translation>
    </message>
    <message>
        <source>tokens %1 to %2</source>
        <translation>词元 %1 到 %2</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>专家 %1</translation>
    </message>
    <message>
        <source>Nothing is selected.</source>
        <translation>未选择任何内容。</translation>
    </message>
    <message>
        <source>No token is in this scope. Widen it above.</source>
        <translation>此范围内没有词元。请在上方放宽范围。</translation>
    </message>
    <message>
        <source>%1 (group %2)</source>
        <translation>%1（第 %2 组）</translation>
    </message>
</context>
<context>
    <name>moescope::ChatController</name>
    <message>
        <source>An answer is being written. Stop it first (Esc).</source>
        <translation>正在生成回答。请先停止（Esc）。</translation>
    </message>
    <message>
        <source>Your question is still being saved. Try again in a moment.</source>
        <translation>正在保存一个问题，请稍候。</translation>
    </message>
    <message>
        <source>This answer is complete; there is nothing to continue.</source>
        <translation>这个回答已经结束，没有可继续的内容。</translation>
    </message>
</context>
<context>
    <name>moescope::ChatSettingsDialog</name>
    <message>
        <source>Chat settings</source>
        <translation>对话设置</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>None. For example: Answer briefly, in plain English.</source>
        <translation>无。例如：请用简单的话简短回答。</translation>
    </message>
    <message>
        <source>What the model is told before the chat begins</source>
        <translation>对话开始前告诉模型的内容</translation>
    </message>
    <message>
        <source>How answers are generated</source>
        <translation>回答的生成方式</translation>
    </message>
    <message>
        <source>Reset to defaults</source>
        <translation>使用默认值</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Settings of this column</source>
        <translation>此栏的设置</translation>
    </message>
    <message>
        <source>As in the chat</source>
        <translation>与对话相同</translation>
    </message>
</context>
<context>
    <name>moescope::ChatsReader</name>
    <message numerus="yes">
        <source>The newest %Ln chat(s) were read; more would take too much memory.</source>
        <translation>
            <numerusform>已读取最新的 %Ln 个对话；更多会占用过多内存。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Choice</name>
    <message>
        <source>Choices</source>
        <translation>选项</translation>
    </message>
</context>
<context>
    <name>moescope::CoActivationChart</name>
    <message>
        <source>Strongest pairs</source>
        <translation>最强的配对</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>专家 %1</translation>
    </message>
    <message>
        <source>Co-activation, layer %1</source>
        <translation>共同激活，第 %1 层</translation>
    </message>
    <message>
        <source>Co-activation</source>
        <translation>共同激活</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>chance</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>% of the row expert&apos;s tokens; chance %1</source>
        <translation>占该行专家词元的百分比；随机为 %1</translation>
    </message>
    <message>
        <source>of the tokens that chose expert %1, %2 also chose expert %3 (chance %4)</source>
        <translation>选择专家 %1 的词元中，%2 也选择了专家 %3（随机为 %4）</translation>
    </message>
</context>
<context>
    <name>moescope::ColumnBar</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop this answer</source>
        <translation>停止这个回答</translation>
    </message>
    <message>
        <source>Stop this answer and leave the others (Esc stops all)</source>
        <translation>只停止这个回答，其他回答继续（Esc 全部停止）</translation>
    </message>
    <message>
        <source>Use this answer</source>
        <translation>采用此回答</translation>
    </message>
    <message>
        <source>The chat shows this answer, and the next question follows it</source>
        <translation>对话改为显示此回答，下一个问题接在它之后</translation>
    </message>
</context>
<context>
    <name>moescope::CommandModel</name>
    <message>
        <source>on</source>
        <translation>开</translation>
    </message>
    <message>
        <source>%1, on</source>
        <translation>%1，已开启</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>not available now</source>
        <translation>现在不可用</translation>
    </message>
</context>
<context>
    <name>moescope::CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>输入命令</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Up and Down choose, Enter runs, Esc closes</source>
        <translation>上下键选择，回车执行，Esc 关闭</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Up and Down choose · Enter runs · Esc closes</source>
        <translation>上下键选择 · 回车执行 · Esc 关闭</translation>
    </message>
    <message>
        <source>No matching commands</source>
        <translation>没有匹配的命令</translation>
    </message>
</context>
<context>
    <name>moescope::CompareChart</name>
    <message>
        <source>Nothing to compare yet.</source>
        <translation>还没有可比较的内容。</translation>
    </message>
</context>
<context>
    <name>moescope::CompareView</name>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>First side</source>
        <translation>第一方</translation>
    </message>
    <message>
        <source>Second side</source>
        <translation>第二方</translation>
    </message>
    <message>
        <source>choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>vs.</source>
        <translation>对比</translation>
    </message>
</context>
<context>
    <name>moescope::Comparison</name>
    <message>
        <source>Choose two answers, conversations or traces above to compare their routing.</source>
        <translation>请在上方选择两个回答、对话或记录，以比较它们的路由。</translation>
    </message>
    <message>
        <source>Both sides are the same; choose another on one of them.</source>
        <translation>两方相同；请为其中一方另选。</translation>
    </message>
    <message>
        <source>%1 has no routing that was recorded.</source>
        <translation>%1 没有记录到路由。</translation>
    </message>
    <message>
        <source>These come from different models: %1 layers of %2 experts, and %3 of %4. Compare answers of one model.</source>
        <translation>它们来自不同的模型：%1 层 × %2 个专家，以及 %3 层 × %4 个专家。请比较同一模型的回答。</translation>
    </message>
    <message>
        <source>A trace does not name its tokens, so only how often each expert was chosen is compared.</source>
        <translation>有一份路由记录没有注明词元，因此只比较每个专家被选中的频率。</translation>
    </message>
    <message>
        <source>The texts differ from the start, so only how often each expert was chosen is compared.</source>
        <translation>两段文本从一开始就不同，因此只比较每个专家被选中的频率。</translation>
    </message>
    <message numerus="yes">
        <source>The texts are the same for all %Ln token(s) that both have.</source>
        <translation>
            <numerusform>两者共有的 %Ln 个词元全部相同。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The texts are the same for %Ln token(s), then diverge: %1 vs. %2.</source>
        <translation>
            <numerusform>前 %Ln 个词元相同，随后分开：%1 与 %2。</numerusform>
        </translation>
    </message>
    <message>
        <source>All their experts are the same.</source>
        <translation>所选专家全部相同。</translation>
    </message>
    <message>
        <source>The experts first differ at token %1, %2, in layer %3.</source>
        <translation>专家首次出现不同：第 %1 个词元 %2，第 %3 层。</translation>
    </message>
</context>
<context>
    <name>moescope::Composer</name>
    <message>
        <source>An answer is being written. Stop it first (Esc).</source>
        <translation>正在生成回答。请先停止（Esc）。</translation>
    </message>
    <message>
        <source>Ask something…</source>
        <translation>问点什么……</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter starts a new line</source>
        <translation>回车发送，Shift+回车换行</translation>
    </message>
    <message>
        <source>Stop (Esc)</source>
        <translation>停止（Esc）</translation>
    </message>
    <message>
        <source>Send (Enter)</source>
        <translation>发送（回车）</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 tokens, but only %2 fit</source>
        <translation>%1 个词元，只剩 %2 个的空间</translation>
    </message>
    <message>
        <source>Settings ▾</source>
        <translation>设置 ▾</translation>
    </message>
    <message>
        <source>%1 · Esc cancels</source>
        <translation>%1 · 按 Esc 取消</translation>
    </message>
    <message>
        <source>Sending creates a new branch. The original is kept.</source>
        <translation>发送会新建一个分支，原来的会保留。</translation>
    </message>
    <message>
        <source>Cancel edit</source>
        <translation>取消编辑</translation>
    </message>
    <message>
        <source>This message is too long for the rest of the context. Shorten it, or start a new chat.</source>
        <translation>这条消息超出了上下文的剩余空间。</translation>
    </message>
    <message>
        <source>More ▾</source>
        <translation>更多 ▾</translation>
    </message>
</context>
<context>
    <name>moescope::ComposerEdit</name>
    <message>
        <source>Show the pasted text</source>
        <translation>显示粘贴的文本</translation>
    </message>
    <message>
        <source>Text menu</source>
        <translation>可对此文本进行的操作</translation>
    </message>
</context>
<context>
    <name>moescope::ContextBars</name>
    <message>
        <source>Memory by context</source>
        <translation>各上下文所需内存</translation>
    </message>
    <message>
        <source>%L1 tokens: %2</source>
        <translation>%L1 个词元：%2</translation>
    </message>
    <message>
        <source>%1, more than is free</source>
        <translation>%1，超过可用内存</translation>
    </message>
</context>
<context>
    <name>moescope::ContextRing</name>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>%1 of %2 tokens in use</source>
        <translation>已用 %1 / %2 个词元</translation>
    </message>
</context>
<context>
    <name>moescope::ConversationListModel</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>The trash is empty</source>
        <translation>回收站是空的</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation>已置顶</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>更早</translation>
    </message>
    <message numerus="yes">
        <source>Folder %1, collapsed, %Ln chat(s)</source>
        <translation>
            <numerusform>文件夹 %1，已折叠，%Ln 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Folder %1, %Ln chat(s)</source>
        <translation>
            <numerusform>文件夹 %1，%Ln 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>没有匹配</translation>
    </message>
    <message numerus="yes">
        <source>The newest %Ln match(es)</source>
        <translation>
            <numerusform>最新的 %Ln 处匹配</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln match(es)</source>
        <translation>
            <numerusform>%Ln 处匹配</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::DataPage</name>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>History folder</source>
        <translation>历史记录的文件夹</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open the history folder</source>
        <translation>打开历史记录的文件夹</translation>
    </message>
    <message>
        <source>Where chats, backups and settings are stored</source>
        <translation>对话、备份和设置保存在</translation>
    </message>
    <message>
        <source>Backup and trash</source>
        <translation>安全</translation>
    </message>
    <message>
        <source>Back up now</source>
        <translation>立即备份</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>A copy of the whole history, in addition to the automatic ones</source>
        <translation>整个历史记录的一份副本，不影响定期备份</translation>
    </message>
    <message>
        <source>Empty trash</source>
        <translation>清空回收站</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Deleted chats are kept until you empty the trash</source>
        <translation>删除的对话会保留到清空回收站为止</translation>
    </message>
    <message>
        <source>The trash is empty</source>
        <translation>回收站是空的</translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s) in the trash</source>
        <translation>
            <numerusform>回收站中有 %Ln 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>This cannot be undone. Earlier backups may still contain these chats. Press again to delete.</source>
        <translation>此操作无法撤销；先前的备份可能仍含有这些文本。再按一次即可删除。</translation>
    </message>
    <message>
        <source>Delete permanently</source>
        <translation>永久删除</translation>
    </message>
</context>
<context>
    <name>moescope::DepthChart</name>
    <message>
        <source>gate entropy</source>
        <translation>门控熵</translation>
    </message>
    <message>
        <source>largest gate</source>
        <translation>最大门控值</translation>
    </message>
    <message>
        <source>margin</source>
        <translation>差距</translation>
    </message>
    <message>
        <source>repeated experts</source>
        <translation>重复的专家</translation>
    </message>
    <message>
        <source>Tokens × layers: %1</source>
        <translation>词元 × 层：%1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s), one of %1 read</source>
        <translation>
            <numerusform>%Ln 个词元，每 %1 个读取一个</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>This trace has no runners-up, so no margins. Choose another value above.</source>
        <translation>此路由记录没有落选者，因此没有差距。请在上方选择其他值。</translation>
    </message>
    <message>
        <source>This trace has no gates. Choose “repeated experts” above.</source>
        <translation>此路由记录没有门控值。请在上方选择“重复的专家”。</translation>
    </message>
    <message>
        <source>no token before</source>
        <translation>之前没有词元</translation>
    </message>
    <message>
        <source>no number</source>
        <translation>无数值</translation>
    </message>
    <message>
        <source>%1, layer %2: %3 %4</source>
        <translation>%1，第 %2 层：%3 %4</translation>
    </message>
    <message>
        <source>1: all gates alike</source>
        <translation>1：所有门控值相同</translation>
    </message>
    <message>
        <source>near 0: another was nearly chosen</source>
        <translation>接近 0：险些选中另一个专家</translation>
    </message>
    <message>
        <source>of its experts, chosen by the token before</source>
        <translation>其专家中，前一个词元也选中的</translation>
    </message>
    <message>
        <source>not recorded</source>
        <translation>无记录</translation>
    </message>
</context>
<context>
    <name>moescope::DepthView</name>
    <message>
        <source>Depth</source>
        <translation>深度</translation>
    </message>
    <message>
        <source>gate entropy</source>
        <translation>门控熵</translation>
    </message>
    <message>
        <source>largest gate</source>
        <translation>最大门控值</translation>
    </message>
    <message>
        <source>margin</source>
        <translation>差距</translation>
    </message>
    <message>
        <source>repeated experts</source>
        <translation>重复的专家</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
</context>
<context>
    <name>moescope::DetailsPanel</name>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Selected token</source>
        <translation>所选词元</translation>
    </message>
    <message>
        <source>All layers ▴</source>
        <translation>所有层 ▴</translation>
    </message>
    <message>
        <source>One layer ▾</source>
        <translation>一层 ▾</translation>
    </message>
    <message>
        <source>Show all layers of the token</source>
        <translation>显示该词元的所有层</translation>
    </message>
    <message>
        <source>Show one layer of the token</source>
        <translation>显示该词元的一层</translation>
    </message>
</context>
<context>
    <name>moescope::DifferenceChart</name>
    <message>
        <source>Difference, layers × experts</source>
        <translation>差异，层 × 专家</translation>
    </message>
    <message>
        <source>share of tokens that chose the expert</source>
        <translation>选择该专家的词元比例</translation>
    </message>
    <message>
        <source>amber: more in “%1”</source>
        <translation>琥珀色：在“%1”中更多</translation>
    </message>
    <message>
        <source>layer %1, expert %2: chosen by %3 of the tokens of “%4”, %5 of “%6”</source>
        <translation>第 %1 层，专家 %2：“%4”的词元中 %3 选择它，“%6”中 %5</translation>
    </message>
</context>
<context>
    <name>moescope::DivergenceChart</name>
    <message>
        <source>Divergence by layer</source>
        <translation>各层的差异度</translation>
    </message>
    <message>
        <source>Jensen–Shannon, 0 to 1 bit</source>
        <translation>Jensen–Shannon 散度，0 到 1 比特</translation>
    </message>
    <message>
        <source>layer %1: divergence %2 bits</source>
        <translation>第 %1 层：差异度 %2 比特</translation>
    </message>
</context>
<context>
    <name>moescope::DomainsChart</name>
    <message>
        <source>Experts and kinds of text, layer %1</source>
        <translation>专家与文本类别，第 %1 层</translation>
    </message>
    <message>
        <source>Experts and kinds of text</source>
        <translation>专家与文本类别</translation>
    </message>
    <message>
        <source>not read: %1 more</source>
        <translation>未读取：还有 %1 个</translation>
    </message>
    <message>
        <source>Start a second chat to compare how the two are routed.</source>
        <translation>有两个对话后，这里会显示它们的路由有多不同。</translation>
    </message>
    <message>
        <source>most different: %1 and %2, divergence %3 bits</source>
        <translation>差异最大：%1 与 %2，散度 %3 比特</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Sort chats into folders, and how differently they are routed appears here.</source>
        <translation>把对话放入文件夹，这里就会显示它们的路由有何不同。</translation>
    </message>
    <message>
        <source>uniform</source>
        <translation>均匀</translation>
    </message>
    <message>
        <source>≥%1× uniform</source>
        <translation>≥均匀的 %1 倍</translation>
    </message>
    <message>
        <source>%1: %2 of %3 tokens chose expert %4 (uniform: %5)</source>
        <translation>%1：%3 个词元中有 %2 个选择了专家 %4（均匀：%5）</translation>
    </message>
</context>
<context>
    <name>moescope::EmptyState</name>
    <message>
        <source>Routing inspector</source>
        <translation>路由检查器</translation>
    </message>
    <message>
        <source>The experts behind every word appear here.</source>
        <translation>每个词背后的专家会显示在这里。</translation>
    </message>
    <message>
        <source>No routing was recorded for this chat.</source>
        <translation>这个对话没有路由记录。</translation>
    </message>
    <message>
        <source>Load a model to see its routing.</source>
        <translation>加载模型即可查看其路由。</translation>
    </message>
    <message>
        <source>Ask something.</source>
        <translation>提一个问题。</translation>
    </message>
    <message>
        <source>Point at a word in the answer.</source>
        <translation>指向回答中的一个词。</translation>
    </message>
    <message>
        <source>See which experts produced it, layer by layer.</source>
        <translation>逐层查看是哪些专家生成了它。</translation>
    </message>
    <message>
        <source>It was imported, or answered without recording its routing.</source>
        <translation>它是导入的，或回答时没有记录路由。</translation>
    </message>
    <message>
        <source>Ask another question, or regenerate an answer.</source>
        <translation>继续提问，或重新生成一个回答。</translation>
    </message>
    <message>
        <source>New answers will appear here.</source>
        <translation>此后的回答会显示在这里。</translation>
    </message>
    <message>
        <source>Open a model, or use the demo model.</source>
        <translation>打开一个模型，或使用演示模型。</translation>
    </message>
    <message>
        <source>See which experts produced each word.</source>
        <translation>查看每个词由哪些专家生成。</translation>
    </message>
    <message>
        <source>Re-read this chat</source>
        <translation>重新读取此对话</translation>
    </message>
    <message>
        <source>Re-read it with the loaded model: one pass over its text.</source>
        <translation>用已加载的模型重新读取：对其文本计算一遍即可。</translation>
    </message>
    <message>
        <source>Then point at any word, as in an answer.</source>
        <translation>之后便可像在回答中一样指向任意词语。</translation>
    </message>
</context>
<context>
    <name>moescope::EngineThread</name>
    <message>
        <source>No model is loaded; choose one above.</source>
        <translation>尚未加载模型；请在上方选择一个。</translation>
    </message>
    <message>
        <source>There is not enough memory for a second context; close other programs, or load the model with a smaller context (settings).</source>
        <translation>内存不足，无法再建立一个上下文；请关闭其他程序，或在设置中以较小的上下文加载模型。</translation>
    </message>
    <message>
        <source>The model runs on a server; experiments need one on this machine.</source>
        <translation>模型在服务器上运行；实验需要本机上的模型。</translation>
    </message>
    <message>
        <source>The experiment was stopped.</source>
        <translation>实验已停止。</translation>
    </message>
    <message>
        <source>The model runs on a server; re-reading a chat needs one on this machine.</source>
        <translation>模型在服务器上运行；重新读取对话需要本机上的模型。</translation>
    </message>
    <message>
        <source>One more answer at a time needs a context of its own, which takes %1, and only %2 is free. Close other programs, or choose a smaller context in the settings.</source>
        <translation>同时再生成一个回答需要单独的上下文，占用 %1，但只有 %2 可用。请关闭其他程序，或在设置中选择较小的上下文。</translation>
    </message>
    <message>
        <source>Loading was stopped.</source>
        <translation>已停止加载。</translation>
    </message>
    <message>
        <source>This column has no model.</source>
        <translation>此栏没有模型。</translation>
    </message>
    <message>
        <source>There is no thread left for one more answer; close other programs.</source>
        <translation>没有可用的线程来再生成一个回答；请关闭其他程序。</translation>
    </message>
</context>
<context>
    <name>moescope::Estimate</name>
    <message>
        <source>The model needs about %1 (%2 for weights, %3 for the context, %4 for computation), but only %5 is free. Close other programs, choose a smaller context in the settings, or use a model with stronger quantization.</source>
        <translation>该模型约需 %1 内存（权重 %2，上下文 %3，计算 %4），而当前可用 %5。请关闭其他程序、在设置中选择更小的上下文，或换用量化程度更高的模型。</translation>
    </message>
</context>
<context>
    <name>moescope::Exchange</name>
    <message>
        <source>Web page (*.html)</source>
        <translation>网页 (*.html)</translation>
    </message>
    <message>
        <source>PDF (*.pdf)</source>
        <translation>PDF (*.pdf)</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>纯文本 (*.txt)</translation>
    </message>
    <message>
        <source>JSON with everything (*.json)</source>
        <translation>包含全部内容的 JSON (*.json)</translation>
    </message>
    <message>
        <source>JSON Lines (*.jsonl)</source>
        <translation>JSON Lines (*.jsonl)</translation>
    </message>
    <message>
        <source>Markdown (*.md)</source>
        <translation>Markdown (*.md)</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message numerus="yes">
        <source>Top experts of %Ln token(s), by share of the gates</source>
        <translation>
            <numerusform>%Ln 个词元中承担最多的专家，按门控占比</numerusform>
        </translation>
    </message>
    <message>
        <source>Chats of Moescope, ChatGPT or DeepSeek (*.json *.zip);;All files (*)</source>
        <translation>Moescope、ChatGPT 或 DeepSeek 的对话 (*.json *.zip);;所有文件 (*)</translation>
    </message>
    <message numerus="yes">
        <source>Imported %Ln chat(s).</source>
        <translation>
            <numerusform>已导入 %Ln 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s) got new messages.</source>
        <translation>
            <numerusform>%Ln 个对话有了新消息。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s) were here already.</source>
        <translation>
            <numerusform>%Ln 个对话早已存在。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::ExperimentPlot</name>
    <message>
        <source>%1, mean of %2 tokens</source>
        <translation>%1，%2 个词元的平均</translation>
    </message>
    <message>
        <source>What does the model lose without its best experts, or with fewer of them? “Run” computes how well it predicts the answers of this chat under each setting: figures 4 and 5 of the DeepSeekMoE paper. The chat stays as it is.</source>
        <translation>没有最好的专家，或减少专家数，模型会损失多少？“运行”会计算模型在各种设置下对此对话回答的预测效果：即 DeepSeekMoE 论文的图 4 和图 5。对话保持不变。</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>the model as it is</source>
        <translation>原样的模型</translation>
    </message>
    <message>
        <source>%1: %2 %3</source>
        <translation>%1：%2 %3</translation>
    </message>
</context>
<context>
    <name>moescope::ExperimentResults</name>
    <message>
        <source>bits per token</source>
        <translation>比特/词元</translation>
    </message>
    <message>
        <source>nats per token</source>
        <translation>奈特/词元</translation>
    </message>
</context>
<context>
    <name>moescope::ExperimentTable</name>
    <message>
        <source>%1; against the model as it is</source>
        <translation>%1；与原样的模型对比</translation>
    </message>
    <message numerus="yes">
        <source>%Ln value(s)</source>
        <translation>
            <numerusform>%Ln 个值</numerusform>
        </translation>
    </message>
    <message>
        <source>Values</source>
        <translation>数值</translation>
    </message>
</context>
<context>
    <name>moescope::ExperimentView</name>
    <message>
        <source>Experiments</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>best experts masked</source>
        <translation>屏蔽最好的专家</translation>
    </message>
    <message>
        <source>number of experts</source>
        <translation>专家数量</translation>
    </message>
    <message>
        <source>Loss against</source>
        <translation>损失对比</translation>
    </message>
    <message>
        <source>nats</source>
        <translation>奈特</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>比特</translation>
    </message>
    <message>
        <source>In</source>
        <translation>单位</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Progress of the experiment</source>
        <translation>实验进度</translation>
    </message>
    <message>
        <source>State of the experiment</source>
        <translation>实验状态</translation>
    </message>
    <message>
        <source>Loss of this chat&apos;s answers</source>
        <translation>此对话回答的损失</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Computing in a separate context; Esc stops it.</source>
        <translation>正在用独立的上下文计算；按 Esc 停止。</translation>
    </message>
    <message>
        <source>Text: %1</source>
        <translation>文本：%1</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertGrid</name>
    <message>
        <source>Layers and experts</source>
        <translation>层和专家</translation>
    </message>
    <message>
        <source>Layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>%1: masked</source>
        <translation>%1：已屏蔽</translation>
    </message>
    <message>
        <source>%1: forced</source>
        <translation>%1：已强制</translation>
    </message>
    <message>
        <source>%1: model default</source>
        <translation>%1：由模型决定</translation>
    </message>
    <message>
        <source>masked</source>
        <translation>已屏蔽</translation>
    </message>
    <message>
        <source>forced</source>
        <translation>已强制</translation>
    </message>
    <message>
        <source>model default; click to change</source>
        <translation>由模型决定；点击更改</translation>
    </message>
    <message>
        <source>%1 (group %2)</source>
        <translation>%1（第 %2 组）</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertHitDelegate</name>
    <message>
        <source>%1 · rank %2</source>
        <translation>%1 · 第 %2 名</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertHitsModel</name>
    <message>
        <source>%1, gate %2, rank %3, in %4: %5</source>
        <translation>%1，门控值 %2，第 %3 名，位于 %4：%5</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertNames</name>
    <message>
        <source>Name of expert %1 in layer %2</source>
        <translation>第 %2 层专家 %1 的名称</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertPairChart</name>
    <message>
        <source>layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>of the scope</source>
        <translation>占范围</translation>
    </message>
    <message>
        <source>load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>%1× uniform</source>
        <translation>均匀分布的 %1 倍</translation>
    </message>
    <message>
        <source>likeliest expert in</source>
        <translation>作为首选专家</translation>
    </message>
    <message>
        <source>mean gate</source>
        <translation>平均门控值</translation>
    </message>
    <message>
        <source>%1: %2 of the tokens of %3</source>
        <translation>%1：占 %3 词元的 %2</translation>
    </message>
    <message>
        <source>Its most frequent tokens</source>
        <translation>最常见的词元</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>专家 %1</translation>
    </message>
    <message>
        <source>expert %1 · %2</source>
        <translation>专家 %1 · %2</translation>
    </message>
    <message>
        <source>%1 of the tokens of %2 also chose expert %3 of layer %4</source>
        <translation>%2 的词元中有 %1 也选择了第 %4 层的专家 %3</translation>
    </message>
    <message>
        <source>Chosen with it</source>
        <translation>一同被选中</translation>
    </message>
    <message>
        <source>In the next layer</source>
        <translation>在下一层</translation>
    </message>
    <message>
        <source>Two experts</source>
        <translation>两个专家</translation>
    </message>
    <message numerus="yes">
        <source>both in %Ln token(s)</source>
        <translation>
            <numerusform>两者同在 %Ln 个词元中</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2 of either, %3× chance</source>
        <translation>%1，占任一者的 %2，为随机的 %3 倍</translation>
    </message>
    <message numerus="yes">
        <source>%1: %Ln token(s).</source>
        <translation>
            <numerusform>%1：%Ln 个词元。</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · the first is the layer&apos;s most used; click an expert, here or in another view, to choose it</source>
        <translation>%1 · 第一个是此层使用最多的；在此处或其他视图中点击专家即可选择</translation>
    </message>
    <message>
        <source>No expert of this layer was chosen in the scope. Choose another layer above.</source>
        <translation>范围内没有选中此层的任何专家。请在上方选择其他层。</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertSearch</name>
    <message>
        <source>Tokens of an expert</source>
        <translation>一个专家的词元</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Expert</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>any</source>
        <translation>任意</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>名次</translation>
    </message>
    <message>
        <source>Search results</source>
        <translation>找到的内容</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在搜索…</translation>
    </message>
    <message>
        <source>The first %L1 of %L2 tokens, newest answers first.</source>
        <translation>%L2 个词元中的前 %L1 个，最新的回答在前。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s), newest answers first.</source>
        <translation>
            <numerusform>%Ln 个词元，最新的回答在前。</numerusform>
        </translation>
    </message>
    <message>
        <source>Minimum gate</source>
        <translation>最小门控</translation>
    </message>
    <message>
        <source>rank 1</source>
        <translation>第 1 名</translation>
    </message>
    <message>
        <source>ranks 1–2</source>
        <translation>第 1–2 名</translation>
    </message>
    <message>
        <source>ranks 1–3</source>
        <translation>第 1–3 名</translation>
    </message>
    <message>
        <source>Include prompts</source>
        <translation>包括提示词</translation>
    </message>
    <message>
        <source>No recorded token was routed to this expert.</source>
        <translation>没有记录到路由给此专家的词元。</translation>
    </message>
</context>
<context>
    <name>moescope::ExpertsView</name>
    <message>
        <source>Experts</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>Beside the chosen one</source>
        <translation>与所选专家并排</translation>
    </message>
    <message>
        <source>its strongest partner</source>
        <translation>最强的搭档</translation>
    </message>
    <message>
        <source>layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>专家 %1</translation>
    </message>
</context>
<context>
    <name>moescope::ExportChoiceDialog</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message numerus="yes">
        <source>Export %Ln chat(s)</source>
        <translation>
            <numerusform>导出 %Ln 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>Web page</source>
        <translation>网页</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>纯文本</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>System prompts</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>For the chat and each answer</source>
        <translation>对话及每个回答的设置</translation>
    </message>
    <message>
        <source>Routing</source>
        <translation>路由</translation>
    </message>
    <message>
        <source>The top experts, layer by layer</source>
        <translation>逐层列出贡献最大的专家</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Everything, with all branches; can be imported again</source>
        <translation>全部内容和所有分支；可以重新导入</translation>
    </message>
    <message>
        <source>The current branch</source>
        <translation>当前显示的分支</translation>
    </message>
    <message>
        <source>Also include</source>
        <translation>同时包括</translation>
    </message>
    <message>
        <source>The system prompt of each chat</source>
        <translation>每个对话的系统提示词</translation>
    </message>
    <message>
        <source>Statistics</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Tokens, tok/s, time to first token, reason it ended</source>
        <translation>词元数、词元/秒、首个词元用时、结束原因</translation>
    </message>
    <message>
        <source>One message per line, for scripts</source>
        <translation>每行一条消息，供脚本使用</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>What the model thought before it answered</source>
        <translation>模型回答前的思考内容</translation>
    </message>
</context>
<context>
    <name>moescope::FetchPage</name>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
    <message>
        <source>Models to download</source>
        <translation>可下载的模型</translation>
    </message>
    <message>
        <source>Or any repository with GGUF files: OWNER/NAME</source>
        <translation>或任何含 GGUF 文件的仓库：所有者/名称</translation>
    </message>
    <message>
        <source>Repository</source>
        <translation>仓库</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Discard the partial download</source>
        <translation>丢弃已下载的部分</translation>
    </message>
    <message>
        <source>Asking %1 for the files of %2…</source>
        <translation>正在向 %1 询问 %2 的文件……</translation>
    </message>
    <message>
        <source>%1 is downloaded, and its SHA-256 matches.</source>
        <translation>%1 已下载，其 SHA-256 正确。</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Show types and sizes</source>
        <translation>显示类型和大小</translation>
    </message>
    <message>
        <source>“Resume” downloads the rest from %1.</source>
        <translation>“继续”会向 %1 请求缺少的部分。</translation>
    </message>
    <message>
        <source>Nothing is sent until you press a button.</source>
        <translation>在您按下按钮之前不会发送任何内容。</translation>
    </message>
    <message>
        <source>The button asks %1 for the file list of %2, with your token from HF_TOKEN. Nothing is sent until then, and nothing else is.</source>
        <translation>此按钮会用 HF_TOKEN 中的令牌向 %1 请求 %2 的文件列表。在此之前不会发送任何内容，也不会发送其他内容。</translation>
    </message>
    <message>
        <source>The button asks %1 for the file list of %2. Nothing is sent until then, and nothing else is.</source>
        <translation>此按钮会向 %1 请求 %2 的文件列表。在此之前不会发送任何内容，也不会发送其他内容。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>“Download” gets it from %1, or from where %1 redirects, and saves it in %2.</source>
        <translation>“下载”会从 %1（或它转往的地址）下载到 %2。</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>moescope::Figure</name>
    <message>
        <source>A figure cannot be %1 mm wide; choose %2 to %3 mm.</source>
        <translation>无法生成宽 %1 毫米的图；宽度可为 %2 至 %3 毫米。</translation>
    </message>
    <message>
        <source>There is not enough memory for the figure; choose a smaller one.</source>
        <translation>内存不足以生成此图；请选择更小的尺寸。</translation>
    </message>
    <message>
        <source>%1: pictures are saved as .png, .svg or .pdf; use one of these extensions.</source>
        <translation>%1：图片格式为 .png、.svg 或 .pdf；请使用其中一种扩展名。</translation>
    </message>
    <message>
        <source>Save figure</source>
        <translation>保存图</translation>
    </message>
    <message>
        <source>Save “%1” as a figure</source>
        <translation>将“%1”保存为图</translation>
    </message>
    <message>
        <source>White</source>
        <translation>白色</translation>
    </message>
    <message>
        <source>Transparent</source>
        <translation>透明</translation>
    </message>
    <message>
        <source>As in the window</source>
        <translation>与窗口相同</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>背景</translation>
    </message>
    <message>
        <source> mm</source>
        <translation> 毫米</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽度</translation>
    </message>
    <message>
        <source>85 mm is one column in most papers</source>
        <translation>85 毫米是多数论文的一栏</translation>
    </message>
    <message>
        <source>Caption</source>
        <translation>图注</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>保存……</translation>
    </message>
    <message>
        <source>PDF (*.pdf);;SVG (*.svg);;PNG (*.png)</source>
        <translation>PDF (*.pdf);;SVG (*.svg);;PNG (*.png)</translation>
    </message>
    <message>
        <source>Saved %1.</source>
        <translation>已保存 %1。</translation>
    </message>
</context>
<context>
    <name>moescope::FindBar</name>
    <message>
        <source>Find in this chat</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Matches</source>
        <translation>匹配</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>上一处匹配</translation>
    </message>
    <message>
        <source>Previous match (Shift+Enter)</source>
        <translation>上一处匹配 (Shift+Enter)</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>下一处匹配</translation>
    </message>
    <message>
        <source>Next match (Enter)</source>
        <translation>下一处匹配 (Enter)</translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation>关闭查找</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭 (Esc)</translation>
    </message>
    <message>
        <source>No matches</source>
        <translation>没有匹配</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
</context>
<context>
    <name>moescope::FoldMark</name>
    <message>
        <source>Pasted text · %1</source>
        <translation>粘贴的文本 · %1</translation>
    </message>
    <message>
        <source>Pasted text · %1 · %2 lines</source>
        <translation>粘贴的文本 · %1 · %2 行</translation>
    </message>
</context>
<context>
    <name>moescope::FoundPage</name>
    <message>
        <source>Search again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Another folder…</source>
        <translation>其他文件夹……</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Models on this machine</source>
        <translation>这台计算机上的模型</translation>
    </message>
    <message>
        <source>Open the selected model</source>
        <translation>打开所选模型</translation>
    </message>
    <message>
        <source>Search for models again</source>
        <translation>重新查找模型</translation>
    </message>
    <message>
        <source>Search another folder</source>
        <translation>查找其他文件夹</translation>
    </message>
    <message>
        <source>Searching the folders of LM Studio, Hugging Face, Ollama and llama.cpp, and Downloads…</source>
        <translation>正在查找 LM Studio、Hugging Face、Ollama、llama.cpp 的文件夹和下载文件夹……</translation>
    </message>
    <message numerus="yes">
        <source>%Ln model(s) so far…</source>
        <translation>
            <numerusform>目前有 %Ln 个模型……</numerusform>
        </translation>
    </message>
    <message>
        <source>No models found. Choose another folder, or download a model.</source>
        <translation>没有找到模型。请选择其他文件夹，或下载一个模型。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln model(s). They are opened where they are; nothing is copied.</source>
        <translation>
            <numerusform>%Ln 个模型。它们在原处打开，不会复制任何内容。</numerusform>
        </translation>
    </message>
    <message>
        <source>Forget added folders</source>
        <translation>忘记已添加的文件夹</translation>
    </message>
    <message>
        <source>Forget the folders that you added</source>
        <translation>忘记您添加的文件夹</translation>
    </message>
</context>
<context>
    <name>moescope::GeneralPage</name>
    <message>
        <source>General</source>
        <translation>通用</translation>
    </message>
    <message>
        <source>System</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>Also Ctrl + and Ctrl - in the window</source>
        <translation>也可在窗口中按 Ctrl + 和 Ctrl -</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Full</source>
        <translation>完整</translation>
    </message>
    <message>
        <source>Reduced</source>
        <translation>减弱</translation>
    </message>
    <message>
        <source>Motion</source>
        <translation>动画</translation>
    </message>
    <message>
        <source>Reduced turns off animations</source>
        <translation>减弱时变化立即显示</translation>
    </message>
    <message>
        <source>Takes effect after restart</source>
        <translation>重新启动后生效</translation>
    </message>
</context>
<context>
    <name>moescope::GenerationPage</name>
    <message>
        <source>Generation</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>New chats</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Context size</source>
        <translation>上下文大小</translation>
    </message>
    <message>
        <source>Half precision</source>
        <translation>半精度</translation>
    </message>
    <message>
        <source>Full precision, twice the memory</source>
        <translation>全精度，内存加倍</translation>
    </message>
    <message>
        <source>8 bits, about half the memory</source>
        <translation>8 位，内存约减半</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>How the keys and values of the context are stored</source>
        <translation>上下文的键和值的存储方式</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Model default</source>
        <translation>模型默认</translation>
    </message>
    <message>
        <source>In tokens; 0 is the model default</source>
        <translation>以词元计；0 为模型默认值</translation>
    </message>
    <message>
        <source>0 is one per CPU core</source>
        <translation>0 表示每个 CPU 核心一个</translation>
    </message>
    <message>
        <source>Run on</source>
        <translation>运行于</translation>
    </message>
    <message>
        <source>The CPU runs whatever does not fit on the GPU</source>
        <translation>GPU 放不下的部分由 CPU 承担</translation>
    </message>
    <message>
        <source>GPU memory limit</source>
        <translation>GPU 内存上限</translation>
    </message>
    <message>
        <source>Upper limit; leave empty to use all free memory</source>
        <translation>上限；留空则使用全部空闲内存</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>GPU %1 (not found)</source>
        <translation>GPU %1（未找到）</translation>
    </message>
    <message>
        <source>Memory, CPU and GPU (applies the next time a model is loaded)</source>
        <translation>内存、CPU 和 GPU（下次加载模型时生效）</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>When free</source>
        <translation>不影响速度时</translation>
    </message>
    <message>
        <source>Not when the GPU chooses the tokens</source>
        <translation>GPU 选择词元时不保留</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>总是</translation>
    </message>
    <message>
        <source>Slower when the GPU chooses the tokens</source>
        <translation>GPU 选择词元时会变慢</translation>
    </message>
    <message>
        <source>Alternatives</source>
        <translation>备选</translation>
    </message>
    <message>
        <source>Keep what else the model might have said, token by token</source>
        <translation>逐个词元保留模型还可能说的内容</translation>
    </message>
</context>
<context>
    <name>moescope::GenerationPanel</name>
    <message>
        <source>Preset</source>
        <translation>预设</translation>
    </message>
    <message>
        <source>Temperature, slider</source>
        <translation>温度，滑块</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>Top-k</source>
        <translation>Top-k</translation>
    </message>
    <message>
        <source>Only this many of the likeliest tokens</source>
        <translation>只取最可能的这么多个词元</translation>
    </message>
    <message>
        <source>Top-p</source>
        <translation>Top-p</translation>
    </message>
    <message>
        <source>Only the likeliest tokens that together make up this share; 1 is off</source>
        <translation>只取累计达到此比例的最可能词元；1 为关闭</translation>
    </message>
    <message>
        <source>Min-p</source>
        <translation>Min-p</translation>
    </message>
    <message>
        <source>Only tokens at least this likely, relative to the likeliest</source>
        <translation>只取相对最可能词元至少达到此概率的词元</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>重复惩罚</translation>
    </message>
    <message>
        <source>Above 1, recent tokens become less likely</source>
        <translation>大于 1 时，最近出现过的词元更不易再出现</translation>
    </message>
    <message>
        <source>In tokens</source>
        <translation>以词元计</translation>
    </message>
    <message>
        <source>Drop the oldest turns</source>
        <translation>丢弃最早的轮次</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Ask</source>
        <translation>询问</translation>
    </message>
    <message>
        <source>When the context is full</source>
        <translation>上下文满时</translation>
    </message>
    <message>
        <source>The transcript marks where it was cut</source>
        <translation>对话记录会标出截断的位置</translation>
    </message>
    <message>
        <source>Random seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>The same seed, model and settings give the same answer</source>
        <translation>种子、模型和设置相同，回答就相同</translation>
    </message>
    <message>
        <source>Your own values.</source>
        <translation>自定义的值。</translation>
    </message>
    <message>
        <source>Higher is more varied; 0 always picks the most likely token</source>
        <translation>越高越多样；0 总是选最可能的词元</translation>
    </message>
    <message>
        <source>Maximum answer length</source>
        <translation>回答的最大长度</translation>
    </message>
    <message>
        <source>Different answer every time</source>
        <translation>每次回答都不同</translation>
    </message>
    <message>
        <source>The server does not support this setting.</source>
        <translation>回答的服务器不支持此项。</translation>
    </message>
</context>
<context>
    <name>moescope::GenerationSettings</name>
    <message>
        <source>Precise</source>
        <translation>精确</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>均衡</translation>
    </message>
    <message>
        <source>Creative</source>
        <translation>创意</translation>
    </message>
    <message>
        <source>Likely words only: facts, code, short answers.</source>
        <translation>只用可能性高的词：事实、代码、简短回答。</translation>
    </message>
    <message>
        <source>Some variety: good for most chats.</source>
        <translation>有一些变化：适合大多数对话。</translation>
    </message>
    <message>
        <source>Unlikely words too: stories and ideas.</source>
        <translation>也用不常见的词：故事和创意。</translation>
    </message>
</context>
<context>
    <name>moescope::HeaderBar</name>
    <message>
        <source>Title of the chat</source>
        <translation>对话标题</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Menu (F10)</source>
        <translation>菜单（F10）</translation>
    </message>
    <message>
        <source>Click to change the title</source>
        <translation>点击以修改标题</translation>
    </message>
    <message>
        <source>Loading %1 %</source>
        <translation>正在加载 %1 %</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Show the chat list</source>
        <translation>显示对话</translation>
    </message>
    <message>
        <source>Show the chat list (Ctrl+B)</source>
        <translation>显示对话 (Ctrl+B)</translation>
    </message>
    <message>
        <source>Show the routing inspector</source>
        <translation>显示路由检查器</translation>
    </message>
    <message>
        <source>Show the routing inspector (Ctrl+I)</source>
        <translation>显示路由检查器 (Ctrl+I)</translation>
    </message>
</context>
<context>
    <name>moescope::HeatmapWidget</name>
    <message>
        <source>tokens: %1</source>
        <translation>词元数：%1</translation>
    </message>
    <message>
        <source>Nothing to show yet.</source>
        <translation>还没有可显示的内容。</translation>
    </message>
    <message>
        <source>log scale</source>
        <translation>对数刻度</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>线性</translation>
    </message>
    <message>
        <source>maximum of %1 per pixel</source>
        <translation>每像素取 %1 个的最大值</translation>
    </message>
    <message>
        <source>mean of %1 per pixel</source>
        <translation>每像素取 %1 个的平均值</translation>
    </message>
    <message>
        <source>1 shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>no value</source>
        <translation>无值</translation>
    </message>
    <message>
        <source>Heatmap</source>
        <translation>热力图</translation>
    </message>
    <message>
        <source>token %1</source>
        <translation>词元 %1</translation>
    </message>
    <message>
        <source>“%1” (token %2)</source>
        <translation>“%1”（词元 %2）</translation>
    </message>
    <message>
        <source>%1: %2 %3</source>
        <translation>%1：%2 %3</translation>
    </message>
    <message>
        <source>%1: no value</source>
        <translation>%1：无值</translation>
    </message>
    <message>
        <source>%1, layer %2</source>
        <translation>%1，第 %2 层</translation>
    </message>
    <message>
        <source>%1, shared experts: %2 of the output</source>
        <translation>%1，共享专家：占输出的 %2</translation>
    </message>
    <message>
        <source>%1, expert %2</source>
        <translation>%1，专家 %2</translation>
    </message>
    <message>
        <source>, gate %1</source>
        <translation>，门控值 %1</translation>
    </message>
    <message>
        <source>, rank %1 of %2</source>
        <translation>，第 %1 名（共 %2）</translation>
    </message>
    <message>
        <source>, probability %1</source>
        <translation>，概率 %1</translation>
    </message>
    <message>
        <source>%1, runner-up, probability %2</source>
        <translation>%1，候补，概率 %2</translation>
    </message>
    <message>
        <source>%1, not chosen</source>
        <translation>%1，未选中</translation>
    </message>
    <message>
        <source>Nothing yet.</source>
        <translation>还没有内容。</translation>
    </message>
    <message>
        <source>%1 tokens by %2 experts in %3 layers</source>
        <translation>%1 个词元 × %2 个专家，%3 层</translation>
    </message>
    <message>
        <source>%1 rows by %2 columns of %3</source>
        <translation>%1 行 × %2 列，%3</translation>
    </message>
    <message>
        <source>, the trace has no gates</source>
        <translation>，此记录没有门控值</translation>
    </message>
    <message>
        <source>, the trace has no probabilities</source>
        <translation>，此记录没有概率</translation>
    </message>
    <message>
        <source>, chosen</source>
        <translation>，选中</translation>
    </message>
    <message>
        <source>%1 (group %2)</source>
        <translation>%1（第 %2 组）</translation>
    </message>
</context>
<context>
    <name>moescope::HistoryList</name>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln 条消息</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::InspectorDock</name>
    <message>
        <source>Routing</source>
        <translation>路由</translation>
    </message>
    <message>
        <source>Routing inspector</source>
        <translation>路由检查器</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Routing views</source>
        <translation>路由的视图</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>检查器</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Dock</source>
        <translation>停靠</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Maximize</source>
        <translation>最大化</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Routing – Moescope</source>
        <translation>路由 – Moescope</translation>
    </message>
    <message>
        <source>Float beside the window</source>
        <translation>浮动到窗口旁</translation>
    </message>
    <message>
        <source>Groups of views</source>
        <translation>视图分组</translation>
    </message>
    <message>
        <source>View and details</source>
        <translation>视图和详情</translation>
    </message>
    <message>
        <source>More: save, copy view, float, maximize</source>
        <translation>更多：保存、复制视图、浮动、最大化</translation>
    </message>
    <message>
        <source>Save, copy view, float, maximize</source>
        <translation>保存、复制视图、浮动、最大化</translation>
    </message>
    <message>
        <source>Copy view</source>
        <translation>复制视图</translation>
    </message>
    <message>
        <source>Open view…</source>
        <translation>打开视图…</translation>
    </message>
</context>
<context>
    <name>moescope::InspectorModel</name>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%L1 of %Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元中的 %L1 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::InspectorView</name>
    <message>
        <source>What is missing</source>
        <translation>缺少什么</translation>
    </message>
    <message>
        <source>Options of %1</source>
        <translation>%1的选项</translation>
    </message>
</context>
<context>
    <name>moescope::Interventions</name>
    <message>
        <source>Rules: %1</source>
        <translation>规则：%1</translation>
    </message>
    <message>
        <source>token %1</source>
        <translation>词元 %1</translation>
    </message>
    <message>
        <source> (in the prompt, position %1)</source>
        <translation>（读取，位置 %1）</translation>
    </message>
    <message>
        <source>Some routing is damaged and was not searched.</source>
        <translation>部分路由已损坏，未被搜索。</translation>
    </message>
    <message>
        <source>Load a model to run an experiment.</source>
        <translation>请先加载模型再运行实验。</translation>
    </message>
    <message>
        <source>Ask something first; the experiment uses the chat&apos;s answers.</source>
        <translation>请先提问：回答就是所用的文本。</translation>
    </message>
    <message>
        <source>An answer is being written.</source>
        <translation>正在生成回答。</translation>
    </message>
    <message>
        <source>Loss with the best experts masked</source>
        <translation>屏蔽最好专家时的损失</translation>
    </message>
    <message>
        <source>best experts masked for each token, of %1</source>
        <translation>每个词元屏蔽的最好专家数，共 %1 个</translation>
    </message>
    <message>
        <source>Loss with different numbers of experts</source>
        <translation>不同专家数量时的损失</translation>
    </message>
    <message>
        <source>routed experts per token; the model has %1</source>
        <translation>每个词元的路由专家数；模型为 %1</translation>
    </message>
    <message>
        <source>shared experts off, k = %1</source>
        <translation>关闭共享专家，k = %1</translation>
    </message>
    <message>
        <source>none masked</source>
        <translation>不屏蔽</translation>
    </message>
    <message>
        <source>best %1 of %2 masked</source>
        <translation>屏蔽最好的 %1 个，共 %2 个</translation>
    </message>
    <message>
        <source>k = %1</source>
        <translation>k = %1</translation>
    </message>
    <message>
        <source>Expert %1 of layer %2</source>
        <translation>第 %2 层的专家 %1</translation>
    </message>
    <message>
        <source>%1 will be masked in the next answers of this chat.</source>
        <translation>此对话接下来的回答中会屏蔽%1。</translation>
    </message>
    <message>
        <source>%1 will always be chosen in the next answers of this chat.</source>
        <translation>此对话接下来的回答中总会选择%1。</translation>
    </message>
    <message>
        <source>%1 will follow the model default in the next answers.</source>
        <translation>接下来的回答中%1由模型决定。</translation>
    </message>
    <message>
        <source>The model runs on a server, so its router cannot be changed from here.</source>
        <translation>这是服务器上的模型，不能从这里改变它的路由。</translation>
    </message>
    <message>
        <source>Experiments need a model on this machine, not on a server.</source>
        <translation>实验需要这台计算机上的模型，而不是服务器上的。</translation>
    </message>
</context>
<context>
    <name>moescope::LayersChart</name>
    <message>
        <source>Layers × experts, prompt</source>
        <translation>层 × 专家，提示</translation>
    </message>
    <message>
        <source>Layers × experts, answer</source>
        <translation>层 × 专家，回答</translation>
    </message>
    <message>
        <source>Layers × experts</source>
        <translation>层 × 专家</translation>
    </message>
    <message>
        <source>No token of a prompt was computed here: it was in the cache already.</source>
        <translation>此处没有计算提示的词元：它们已在缓存中。</translation>
    </message>
    <message>
        <source>No token of the answer yet.</source>
        <translation>还没有回答的词元。</translation>
    </message>
    <message>
        <source>shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>layer %1: the shared experts contribute %2 of the output (by norm)</source>
        <translation>第 %1 层：共享专家占输出的 %2（按两者范数）</translation>
    </message>
    <message>
        <source>experts of %1</source>
        <translation>%1 的专家</translation>
    </message>
    <message numerus="yes">
        <source>times chosen, %Ln token(s), log scale</source>
        <translation>
            <numerusform>被选次数，%Ln 个词元，对数刻度</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>gate mass, %Ln token(s), log scale</source>
        <translation>
            <numerusform>门控量，%Ln 个词元，对数刻度</numerusform>
        </translation>
    </message>
    <message>
        <source>expert →</source>
        <translation>专家 →</translation>
    </message>
    <message>
        <source>uniform</source>
        <translation>均匀</translation>
    </message>
    <message>
        <source>≥%1× uniform</source>
        <translation>≥均匀的 %1 倍</translation>
    </message>
    <message>
        <source>layer %1, expert %2: %3 times a uniform share</source>
        <translation>第 %1 层，专家 %2：均匀份额的 %3 倍</translation>
    </message>
    <message>
        <source>%1 · %2 groups of %3</source>
        <translation>%1 · %2 组，每组 %3 个</translation>
    </message>
</context>
<context>
    <name>moescope::LayersView</name>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>times chosen</source>
        <translation>被选次数</translation>
    </message>
    <message>
        <source>gate mass</source>
        <translation>门控量</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>数量</translation>
    </message>
    <message>
        <source>together</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>apart</source>
        <translation>分开</translation>
    </message>
    <message>
        <source>Prompt and answer</source>
        <translation>提示和回答</translation>
    </message>
</context>
<context>
    <name>moescope::LiftChart</name>
    <message>
        <source>Paths from layer %1 to layer %2</source>
        <translation>从第 %1 层到第 %2 层的路径</translation>
    </message>
    <message>
        <source>Paths between layers</source>
        <translation>层间路径</translation>
    </message>
    <message numerus="yes">
        <source>lift: observed over independent, %Ln token(s)</source>
        <translation>
            <numerusform>提升度：观测值与独立假设之比，%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>A model with one MoE layer has no paths between layers.</source>
        <translation>只有一个 MoE 层的模型没有层间路径。</translation>
    </message>
    <message>
        <source>expert of layer %1 →</source>
        <translation>第 %1 层的专家 →</translation>
    </message>
    <message>
        <source>chance</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>No path was taken by %1 tokens more often than chance.</source>
        <translation>没有被至少 %1 个词元走过且高于随机的路径。</translation>
    </message>
    <message>
        <source>Paths that stand out most</source>
        <translation>最突出的路径</translation>
    </message>
    <message numerus="yes">
        <source>%1× chance · %Ln token(s)</source>
        <translation>
            <numerusform>随机的 %1 倍 · %Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>layer %1, expert %2, then layer %3, expert %4</source>
        <translation>第 %1 层专家 %2，然后第 %3 层专家 %4</translation>
    </message>
    <message>
        <source>%1: one of them was never chosen</source>
        <translation>%1：其中一个从未被选中</translation>
    </message>
    <message numerus="yes">
        <source>%1: %Ln token(s), %2 times as often as by chance</source>
        <translation>
            <numerusform>%1：%Ln 个词元，是随机的 %2 倍</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::LiveView</name>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
</context>
<context>
    <name>moescope::LoadBarsChart</name>
    <message>
        <source>Load of layer %1</source>
        <translation>第 %1 层的负载</translation>
    </message>
    <message>
        <source>Load of a layer</source>
        <translation>一层的负载</translation>
    </message>
    <message>
        <source>times chosen</source>
        <translation>被选次数</translation>
    </message>
    <message>
        <source>gate mass</source>
        <translation>门控量</translation>
    </message>
    <message>
        <source>layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>%1: never chosen</source>
        <translation>%1：从未被选</translation>
    </message>
    <message>
        <source>%1, in uniform shares; unused: %2 of %3</source>
        <translation>%1，以均匀份额计；未使用：%3 个中的 %2 个</translation>
    </message>
    <message>
        <source>%1, in uniform shares</source>
        <translation>%1，以均匀份额计</translation>
    </message>
    <message>
        <source>1×</source>
        <translation>1×</translation>
    </message>
    <message>
        <source>%1: %2 times a uniform share</source>
        <translation>%1：均匀份额的 %2 倍</translation>
    </message>
</context>
<context>
    <name>moescope::MainWindow</name>
    <message>
        <source>The history could not be opened; nothing from this session will be saved.</source>
        <translation>无法打开历史记录：本次会话的内容都不会保留。</translation>
    </message>
    <message>
        <source>reading the prompt: %1 of %2 tokens</source>
        <translation>正在读取提示：%1 / %2 个词元</translation>
    </message>
    <message>
        <source>Deleted.</source>
        <translation>已删除。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Drop the oldest turns</source>
        <translation>丢弃最早的轮次</translation>
    </message>
    <message>
        <source>Copied the address %1.</source>
        <translation>已复制地址 %1。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s) moved to the trash.</source>
        <translation>
            <numerusform>已将 %Ln 个对话移到回收站。</numerusform>
        </translation>
    </message>
    <message>
        <source>This chat used %1.</source>
        <translation>此对话使用的模型是 %1。</translation>
    </message>
    <message>
        <source>Load that model</source>
        <translation>加载该模型</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>%1 – Moescope</source>
        <translation>%1 – Moescope</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>%1 MoE layers, %2 + %3 experts, top %4</source>
        <translation>%1 个 MoE 层，%2 + %3 个专家，取前 %4</translation>
    </message>
    <message>
        <source>no model</source>
        <translation>无模型</translation>
    </message>
    <message>
        <source>Temperature %1</source>
        <translation>温度 %1</translation>
    </message>
    <message>
        <source>System prompt: on</source>
        <translation>系统提示词：已设置</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示词</translation>
    </message>
    <message>
        <source>Tint: off</source>
        <translation>着色：关</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>帮助</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Edit the last question</source>
        <translation>编辑上一个问题</translation>
    </message>
    <message>
        <source>Regenerate the last answer</source>
        <translation>重新生成上一个回答</translation>
    </message>
    <message>
        <source>Continue the last answer</source>
        <translation>继续上一个回答</translation>
    </message>
    <message>
        <source>Copy the last answer</source>
        <translation>复制上一个回答</translation>
    </message>
    <message>
        <source>Rename the chat</source>
        <translation>重命名对话</translation>
    </message>
    <message>
        <source>Chat settings…</source>
        <translation>对话设置…</translation>
    </message>
    <message>
        <source>Export this chat…</source>
        <translation>导出此对话…</translation>
    </message>
    <message>
        <source>Export all chats…</source>
        <translation>导出全部对话…</translation>
    </message>
    <message>
        <source>Import chats…</source>
        <translation>导入对话…</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <source>Choose the model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>Unload the model</source>
        <translation>卸载模型</translation>
    </message>
    <message>
        <source>Sidebar</source>
        <translation>侧边栏</translation>
    </message>
    <message>
        <source>Routing inspector</source>
        <translation>路由检查器</translation>
    </message>
    <message>
        <source>Tint the tokens…</source>
        <translation>为词元着色…</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>放大文字</translation>
    </message>
    <message>
        <source>Larger text (other key)</source>
        <translation>放大文字（另一快捷键）</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>缩小文字</translation>
    </message>
    <message>
        <source>Normal text size</source>
        <translation>正常文字大小</translation>
    </message>
    <message>
        <source>Next chat</source>
        <translation>下一个对话</translation>
    </message>
    <message>
        <source>Previous chat</source>
        <translation>上一个对话</translation>
    </message>
    <message>
        <source>Commands…</source>
        <translation>命令…</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>写作</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>回车</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Shift+Enter</source>
        <translation>Shift+回车</translation>
    </message>
    <message>
        <source>Ctrl+Up</source>
        <translation>Ctrl+上</translation>
    </message>
    <message>
        <source>Transcript</source>
        <translation>对话记录</translation>
    </message>
    <message>
        <source>Move between messages</source>
        <translation>在消息之间移动</translation>
    </message>
    <message>
        <source>Ctrl+Up, Ctrl+Down</source>
        <translation>Ctrl+上，Ctrl+下</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>打开模型</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>模型 (*.gguf);;所有文件 (*)</translation>
    </message>
    <message>
        <source>There is nothing to export yet.</source>
        <translation>还没有可导出的内容。</translation>
    </message>
    <message>
        <source>chats</source>
        <comment>name of a file</comment>
        <translation>对话</translation>
    </message>
    <message>
        <source>Exporting to %1…</source>
        <translation>正在导出到 %1…</translation>
    </message>
    <message>
        <source>Exported to %1.</source>
        <translation>已导出到 %1。</translation>
    </message>
    <message>
        <source>Importing…</source>
        <translation>正在导入…</translation>
    </message>
    <message>
        <source>There is already a backup from today.</source>
        <translation>今天已有备份。</translation>
    </message>
    <message>
        <source>Backup written: %1</source>
        <translation>已写入备份：%1</translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>回收站已清空。</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>loading %1: about %2 of %3 free; Esc stops</source>
        <translation>正在加载 %1：约需 %2，可用 %3；按 Esc 停止</translation>
    </message>
    <message>
        <source>Memory: %1; estimated before loading: %2.</source>
        <translation>内存：%1；加载前预计：%2。</translation>
    </message>
    <message>
        <source>Router rules…</source>
        <translation>路由规则…</translation>
    </message>
    <message>
        <source>Regenerate with other rules…</source>
        <translation>用其他规则重新生成…</translation>
    </message>
    <message>
        <source>Tokens of an expert…</source>
        <translation>一个专家的词元…</translation>
    </message>
    <message>
        <source>Experiments</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>Router rules</source>
        <translation>路由规则</translation>
    </message>
    <message>
        <source>Another program is writing to the history. This window will close as soon as your changes are saved.</source>
        <translation>另一个程序正在写入历史记录。保存完成后窗口会关闭。</translation>
    </message>
    <message>
        <source>Keep it open</source>
        <translation>保持打开</translation>
    </message>
    <message>
        <source>%1 tok/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>This chat is in the trash. Restore it to continue.</source>
        <translation>此对话在回收站中。恢复后即可继续。</translation>
    </message>
    <message>
        <source>demo, 13 M parameters</source>
        <translation>演示，1300 万参数</translation>
    </message>
    <message>
        <source>The demo model: 13 M parameters. It knows greetings, a little about experts, small sums, capitals, words in other languages, short stories and snippets of code, and answers in English.</source>
        <translation>演示模型：1300 万参数。它懂得问候、一点专家知识、简单加法、首都、其他语言的单词、短故事和代码片段，并用英语回答。</translation>
    </message>
    <message>
        <source>Style: %1</source>
        <translation>风格：%1</translation>
    </message>
    <message>
        <source>Find in this chat…</source>
        <translation>在此对话中查找…</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Stop generating</source>
        <translation>停止生成</translation>
    </message>
    <message>
        <source>Focus the message box</source>
        <translation>转到消息框</translation>
    </message>
    <message>
        <source>Rename the chat in the header</source>
        <translation>在标题栏重命名对话</translation>
    </message>
    <message>
        <source>Move the chat to the trash</source>
        <translation>将对话移到回收站</translation>
    </message>
    <message>
        <source>Open trace…</source>
        <translation>打开路由记录…</translation>
    </message>
    <message>
        <source>Open trace folder…</source>
        <translation>打开路由记录文件夹…</translation>
    </message>
    <message>
        <source>Export trace…</source>
        <translation>导出路由记录…</translation>
    </message>
    <message>
        <source>Toggle theme</source>
        <translation>切换主题</translation>
    </message>
    <message>
        <source>The language changes the next time you start Moescope.</source>
        <translation>重新启动 Moescope 后语言才会改变。</translation>
    </message>
    <message>
        <source>Writing a backup…</source>
        <translation>正在写入备份…</translation>
    </message>
    <message>
        <source>Emptying the trash…</source>
        <translation>正在清空回收站…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Importing… %1 %</source>
        <translation>正在导入… %1 %</translation>
    </message>
    <message>
        <source>Another program is writing to the history. What you write is kept and will be saved as soon as it is done.</source>
        <translation>另一个程序正在写入历史记录。您写的内容会保留，待其完成后立即保存。</translation>
    </message>
    <message>
        <source>reading %1; Esc stops</source>
        <translation>正在读取 %1；按 Esc 停止</translation>
    </message>
    <message>
        <source>Looking for GPUs…</source>
        <translation>正在查找 GPU…</translation>
    </message>
    <message>
        <source>Find or download a model…</source>
        <translation>查找或下载模型……</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Copy diagnostics</source>
        <translation>复制诊断信息</translation>
    </message>
    <message>
        <source>Copied versions, CPU, GPUs, model sizes and settings, without chat texts or file names. Paste this into your report.</source>
        <translation>已复制：版本、CPU、GPU、模型的大小和您的设置。不含对话文字，也不含文件名。请粘贴到您的报告中。</translation>
    </message>
    <message>
        <source>Thinking: on</source>
        <translation>思考：开</translation>
    </message>
    <message>
        <source>Thinking: off</source>
        <translation>思考：关</translation>
    </message>
    <message>
        <source>Go to a question…</source>
        <translation>转到问题……</translation>
    </message>
    <message>
        <source>Previous question</source>
        <translation>上一个问题</translation>
    </message>
    <message>
        <source>Next question</source>
        <translation>下一个问题</translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation>附加文件……</translation>
    </message>
    <message>
        <source>Think before answering</source>
        <translation>回答前先思考</translation>
    </message>
    <message>
        <source>Alternatives of a token</source>
        <translation>词元的备选</translation>
    </message>
    <message>
        <source>No alternatives were kept for these tokens.</source>
        <translation>这里的词元没有保留备选。</translation>
    </message>
    <message>
        <source>Questions in this chat</source>
        <translation>此对话的问题</translation>
    </message>
    <message>
        <source>%1. %2</source>
        <translation>%1. %2</translation>
    </message>
    <message>
        <source>This model&apos;s chat template cannot turn thinking on or off.</source>
        <translation>此模型的对话模板不能选择是否思考。</translation>
    </message>
    <message>
        <source>Text files and PDFs (*.txt *.md *.csv *.log *.json *.py *.cpp *.h *.pdf);;All files (*)</source>
        <translation>文本和 PDF (*.txt *.md *.csv *.log *.json *.py *.cpp *.h *.pdf);;所有文件 (*)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>附加文件</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>附加……</translation>
    </message>
    <message>
        <source>on %1</source>
        <translation>在 %1 上</translation>
    </message>
    <message>
        <source>contacting %1; Esc stops</source>
        <translation>正在询问 %1；按 Esc 停止</translation>
    </message>
    <message>
        <source>chats are sent to %1</source>
        <translation>对话会发送到 %1</translation>
    </message>
    <message>
        <source>it does not say which experts ran</source>
        <translation>它不会说明运行了哪些专家</translation>
    </message>
    <message>
        <source>%1 MoE layers, %2 experts, top %3, by ids only</source>
        <translation>%1 个 MoE 层，%2 个专家，前 %3，仅有编号</translation>
    </message>
    <message>
        <source>The router of a server cannot be changed.</source>
        <translation>不能改变服务器的路由。</translation>
    </message>
    <message>
        <source>Moescope crashed last time. Everything that was saved is here; a report helps fix it.</source>
        <translation>Moescope 上次崩溃了。已保存的内容都在；提交报告有助于修复。</translation>
    </message>
    <message>
        <source>About this model…</source>
        <translation>关于此模型……</translation>
    </message>
    <message>
        <source>The system prompt of this chat is now “%1”.</source>
        <translation>此对话的系统提示现为“%1”。</translation>
    </message>
    <message>
        <source>Save the code</source>
        <translation>保存代码</translation>
    </message>
    <message>
        <source>Saved %1.</source>
        <translation>已保存 %1。</translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation>没有加载模型。</translation>
    </message>
    <message>
        <source>Restart</source>
        <translation>重新启动</translation>
    </message>
    <message>
        <source>Export trace of the scope…</source>
        <translation>导出范围的路由记录…</translation>
    </message>
    <message>
        <source>Re-read this chat for its routing</source>
        <translation>重新读取此对话以获得路由</translation>
    </message>
    <message>
        <source>Copy view</source>
        <translation>复制视图</translation>
    </message>
    <message>
        <source>Open view…</source>
        <translation>打开视图…</translation>
    </message>
    <message>
        <source>re-reading the chat: %L1 of %L2 tokens</source>
        <translation>正在重新读取对话：%L1 / %L2 个词元</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>Add a column</source>
        <translation>增加一栏</translation>
    </message>
    <message>
        <source>Next column</source>
        <translation>下一栏</translation>
    </message>
    <message>
        <source>This chat</source>
        <translation>此对话</translation>
    </message>
</context>
<context>
    <name>moescope::MessageRow</name>
    <message>
        <source>earlier turns are no longer in the model&apos;s context</source>
        <translation>更早的轮次已不在模型的上下文中</translation>
    </message>
    <message>
        <source>%1 / %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation>第 %1 个版本，共 %2 个</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Edit message</source>
        <translation>编辑消息</translation>
    </message>
    <message>
        <source>Regenerate answer</source>
        <translation>重新生成回答</translation>
    </message>
    <message>
        <source>Continue answer</source>
        <translation>继续回答</translation>
    </message>
    <message>
        <source>Delete message</source>
        <translation>删除消息</translation>
    </message>
    <message>
        <source>reading the prompt, Esc stops</source>
        <translation>正在读取提示，按 Esc 停止</translation>
    </message>
    <message>
        <source>answering, Esc stops</source>
        <translation>正在回答，按 Esc 停止</translation>
    </message>
    <message>
        <source>being saved…</source>
        <translation>正在保存…</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>思考中……</translation>
    </message>
    <message>
        <source>Thought</source>
        <translation>思考</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>Thinking… %1</source>
        <translation>思考中…… %1</translation>
    </message>
    <message>
        <source>Thought · %1</source>
        <translation>思考 · %1</translation>
    </message>
    <message>
        <source>Thought for %1 s · %2</source>
        <translation>思考了 %1 秒 · %2</translation>
    </message>
    <message>
        <source>Copy the code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Save the code…</source>
        <translation>保存代码……</translation>
    </message>
    <message>
        <source>Wrap long lines of code</source>
        <translation>代码长行换行</translation>
    </message>
    <message>
        <source>Number the lines of code</source>
        <translation>显示代码行号</translation>
    </message>
    <message>
        <source>Regenerate with other rules…</source>
        <translation>用其他规则重新生成……</translation>
    </message>
</context>
<context>
    <name>moescope::ModelCard</name>
    <message>
        <source>%L1 B</source>
        <translation>%L1 B</translation>
    </message>
    <message>
        <source>%L1 M</source>
        <translation>%L1 M</translation>
    </message>
    <message>
        <source>MHA (multi-head): %1 heads of %2</source>
        <translation>MHA（多头）：%1 个头，每头 %2</translation>
    </message>
    <message>
        <source>GQA (grouped-query): %1 heads of %2, %3 key-value heads</source>
        <translation>GQA（分组查询）：%1 个头，每头 %2，%3 个键值头</translation>
    </message>
    <message>
        <source>MLA (multi-head latent): %1 heads, latent width %2 + %3</source>
        <translation>MLA（多头潜在）：%1 个头，潜在宽度 %2 + %3</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>sigmoid</translation>
    </message>
    <message>
        <source>softmax</source>
        <translation>softmax</translation>
    </message>
    <message>
        <source>%1, plus a bias for choosing experts</source>
        <translation>%1，选择专家时加偏置</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Architecture</source>
        <translation>架构</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>%1 (%2 active per token)</source>
        <translation>%1（每个词元激活 %2）</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>%1 (%2 with experts)</source>
        <translation>%1（其中 %2 层有专家）</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力</translation>
    </message>
    <message>
        <source>KV cache</source>
        <translation>KV 缓存</translation>
    </message>
    <message>
        <source>%1 per token</source>
        <translation>每个词元 %1</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>上下文</translation>
    </message>
    <message>
        <source>%L1 tokens</source>
        <translation>%L1 个词元</translation>
    </message>
    <message>
        <source>Experts per layer</source>
        <translation>每层专家</translation>
    </message>
    <message>
        <source>Routed</source>
        <translation>路由专家</translation>
    </message>
    <message>
        <source>Shared</source>
        <translation>共享专家</translation>
    </message>
    <message>
        <source>%1 (always active)</source>
        <translation>%1（始终激活）</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>组</translation>
    </message>
    <message>
        <source>%1 groups of %2; a token&apos;s experts come from the best %3</source>
        <translation>%1 组，每组 %2 个；词元的专家来自最好的 %3 组</translation>
    </message>
    <message>
        <source>Router</source>
        <translation>路由器</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>One of its files</source>
        <translation>其中一个文件</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>%1 in %2 files</source>
        <translation>%1，共 %2 个文件</translation>
    </message>
    <message>
        <source>Types</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>License</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>not stated in the file</source>
        <translation>文件中未说明</translation>
    </message>
    <message>
        <source>Not available</source>
        <translation>不可用</translation>
    </message>
    <message>
        <source>Full context</source>
        <translation>完整上下文</translation>
    </message>
    <message>
        <source>%L1 of %L2 tokens; %3</source>
        <translation>%L2 个词元中的 %L1 个；%3</translation>
    </message>
    <message>
        <source>more would not fit in memory</source>
        <translation>更多则内存不足</translation>
    </message>
    <message>
        <source>as chosen in the settings</source>
        <translation>按设置中的选择</translation>
    </message>
    <message>
        <source>Thinking on/off</source>
        <translation>思考开关</translation>
    </message>
    <message>
        <source>its chat template has no such option</source>
        <translation>其对话模板没有此选项</translation>
    </message>
    <message>
        <source>Its own chat template</source>
        <translation>自带的对话模板</translation>
    </message>
    <message>
        <source>the file has none</source>
        <translation>文件中没有</translation>
    </message>
    <message>
        <source>Turning shared experts off</source>
        <translation>关闭共享专家</translation>
    </message>
    <message>
        <source>it has none</source>
        <translation>它没有</translation>
    </message>
    <message>
        <source>Q8_0 KV cache</source>
        <translation>Q8_0 KV 缓存</translation>
    </message>
    <message>
        <source>it needs heads of a multiple of 32 values</source>
        <translation>需要每头的值数为 32 的倍数</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Routing</source>
        <translation>路由</translation>
    </message>
    <message>
        <source>the server does not report experts</source>
        <translation>服务器不报告专家</translation>
    </message>
    <message>
        <source>Gates</source>
        <translation>门控值</translation>
    </message>
    <message>
        <source>the server reports experts only</source>
        <translation>服务器只报告专家</translation>
    </message>
    <message>
        <source>Router rules</source>
        <translation>路由规则</translation>
    </message>
    <message>
        <source>a server&apos;s router cannot be changed</source>
        <translation>服务器的路由器不能更改</translation>
    </message>
    <message>
        <source>Experiments</source>
        <translation>实验</translation>
    </message>
    <message>
        <source>they need a model on this machine</source>
        <translation>需要这台计算机上的模型</translation>
    </message>
    <message>
        <source>All sampling options</source>
        <translation>全部采样选项</translation>
    </message>
    <message>
        <source>some servers lack top-k, min-p and the repetition penalty</source>
        <translation>有些服务器没有 top-k、min-p 和重复惩罚</translation>
    </message>
    <message>
        <source>Chats are sent to %1.</source>
        <translation>对话会发送到 %1。</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>Layers with experts</source>
        <translation>有专家的层</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Memory by context</source>
        <translation>各上下文所需内存</translation>
    </message>
    <message>
        <source>free: %1</source>
        <translation>可用：%1</translation>
    </message>
</context>
<context>
    <name>moescope::ModelCardDialog</name>
    <message>
        <source>About this model</source>
        <translation>关于此模型</translation>
    </message>
    <message>
        <source>What there is to know about the model</source>
        <translation>关于此模型的信息</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy what the card says</source>
        <translation>复制卡片内容</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>moescope::ModelDesk</name>
    <message>
        <source>%1 s left</source>
        <translation>剩余 %1 秒</translation>
    </message>
    <message>
        <source>%1 min left</source>
        <translation>剩余 %1 分钟</translation>
    </message>
    <message>
        <source>%1 h %2 min left</source>
        <translation>剩余 %1 小时 %2 分钟</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Checking what is already here: %1</source>
        <translation>正在检查已有的部分：%1</translation>
    </message>
    <message>
        <source>%1 Trying again in %2 s.</source>
        <translation>%1 将在 %2 秒后重试。</translation>
    </message>
    <message>
        <source>%1, %2/s, %3</source>
        <translation>%1，%2/秒，%3</translation>
    </message>
    <message>
        <source>needs %1, fits</source>
        <translation>需要 %1，可容纳</translation>
    </message>
    <message>
        <source>needs %1, more than is free</source>
        <translation>需要 %1，超过可用内存</translation>
    </message>
    <message>
        <source>cannot run: %1</source>
        <translation>无法运行：%1</translation>
    </message>
    <message>
        <source>%1 B parameters, %2 B active</source>
        <comment>billions</comment>
        <translation>%1 B 参数，%2 B 激活</translation>
    </message>
    <message>
        <source>license: %1</source>
        <translation>许可证：%1</translation>
    </message>
    <message>
        <source>Choose a folder with models</source>
        <translation>含有模型的文件夹</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>%1 of %2 downloaded</source>
        <translation>已有 %1 / %2</translation>
    </message>
    <message>
        <source>recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>cannot run here</source>
        <translation>无法在此运行</translation>
    </message>
    <message>
        <source>does not fit</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>Looking for files…</source>
        <translation>正在查看已有的部分……</translation>
    </message>
    <message>
        <source>%1 was downloaded.</source>
        <translation>%1 已下载。</translation>
    </message>
    <message>
        <source>Paused. The partial download is kept, even if you close the program.</source>
        <translation>已暂停。已下载的部分会保留，关闭程序后也在。</translation>
    </message>
    <message>
        <source>Discard the partial download</source>
        <translation>丢弃已下载的部分</translation>
    </message>
    <message>
        <source>The part of %1 downloaded so far will be deleted.</source>
        <translation>%1 已下载的部分会被删除。</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
</context>
<context>
    <name>moescope::ModelLoader</name>
    <message>
        <source>%1 no longer exists.</source>
        <translation>%1 已经不在了。</translation>
    </message>
    <message>
        <source>Find it…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Not enough memory</source>
        <translation>内存不足</translation>
    </message>
    <message>
        <source>Load anyway</source>
        <translation>仍然加载</translation>
    </message>
    <message>
        <source>%1 Computing on the CPU.</source>
        <translation>%1 改用 CPU 计算。</translation>
    </message>
    <message>
        <source>Loading was stopped.</source>
        <translation>已停止加载。</translation>
    </message>
    <message>
        <source>The context is limited to %L1 tokens; there is not enough memory for the model&apos;s full %L2.</source>
        <translation>上下文为 %L1 个词元：内存不足以容纳模型自身的 %L2 个。</translation>
    </message>
    <message>
        <source>%1 is no longer among the servers in the settings.</source>
        <translation>设置中的服务器列表里已没有 %1。</translation>
    </message>
</context>
<context>
    <name>moescope::ModelMenu</name>
    <message>
        <source>Choose the model</source>
        <translation>选择模型</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>已经不在了</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>folder and size</comment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>Demo model · built in, 13 M parameters</source>
        <translation>演示模型 · 内置，1300 万参数</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <source>Unload</source>
        <translation>卸载</translation>
    </message>
    <message>
        <source>Find or download a model…</source>
        <translation>查找或下载模型……</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>chats are sent to %1</source>
        <translation>对话会发送到 %1</translation>
    </message>
    <message>
        <source>Servers…</source>
        <translation>服务器……</translation>
    </message>
    <message>
        <source>About this model…</source>
        <translation>关于此模型……</translation>
    </message>
</context>
<context>
    <name>moescope::ModelsDialog</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>On this machine</source>
        <translation>在这台计算机上</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
</context>
<context>
    <name>moescope::ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Recent models</source>
        <translation>最近的模型</translation>
    </message>
    <message>
        <source>Press Delete to forget the selected model; its file is kept</source>
        <translation>按 Delete 忘记所选模型；文件保留</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>忘记</translation>
    </message>
    <message>
        <source>Forget all</source>
        <translation>全部忘记</translation>
    </message>
    <message>
        <source>Forget the selected model</source>
        <translation>忘记所选模型</translation>
    </message>
    <message>
        <source>Forget all recent models</source>
        <translation>忘记所有最近的模型</translation>
    </message>
    <message>
        <source>Forgetting a model does not delete its file</source>
        <translation>忘记不会删除文件</translation>
    </message>
    <message>
        <source>Models (*.gguf);;All files (*)</source>
        <translation>模型 (*.gguf);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Model loaded at startup</source>
        <translation>启动时加载的模型</translation>
    </message>
    <message>
        <source>Choose the model loaded at startup</source>
        <translation>选择启动时加载的模型</translation>
    </message>
    <message>
        <source>Loaded at startup</source>
        <translation>启动时加载</translation>
    </message>
    <message>
        <source>Load at startup</source>
        <translation>启动时加载</translation>
    </message>
    <message>
        <source>Fast starts</source>
        <translation>快速启动</translation>
    </message>
    <message>
        <source>Keep packed copies</source>
        <translation>保留打包副本</translation>
    </message>
    <message>
        <source>Models then start instantly on the CPU; each copy is about as large as the model file</source>
        <translation>这样模型在 CPU 上可立即启动；副本大小与模型文件相近</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove the packed copies</source>
        <translation>移除打包副本</translation>
    </message>
    <message>
        <source>On this disk</source>
        <translation>在此磁盘上</translation>
    </message>
    <message>
        <source>Packed copies take %1</source>
        <translation>打包副本占用 %1</translation>
    </message>
    <message>
        <source>There are no packed copies</source>
        <translation>没有打包副本</translation>
    </message>
</context>
<context>
    <name>moescope::NoticeBar</name>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>可以做的事</translation>
    </message>
    <message>
        <source>Close the notice</source>
        <translation>关闭通知</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
</context>
<context>
    <name>moescope::Opening</name>
    <message>
        <source>The history cannot be opened.</source>
        <translation>无法打开历史记录。</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Chat without saving</source>
        <translation>不保留内容，直接对话</translation>
    </message>
    <message>
        <source>The history was damaged. Recovered: %1 and %2. The damaged file was kept as %3.</source>
        <translation>历史记录已损坏。已恢复 %1、%2。损坏的文件保留为 %3。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln chat(s)</source>
        <translation>
            <numerusform>%Ln 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln message(s)</source>
        <translation>
            <numerusform>%Ln 条消息</numerusform>
        </translation>
    </message>
    <message>
        <source>Your history was upgraded to the current format; a copy of the old file is %1.</source>
        <translation>历史记录已升级到最新格式；旧文件的副本是 %1。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln answer(s) interrupted when the program ended; the text written so far was kept.</source>
        <translation>
            <numerusform>程序结束时有 %Ln 个回答被中断；已有的内容都保留着。</numerusform>
        </translation>
    </message>
    <message>
        <source>Moescope cannot start.</source>
        <translation>Moescope 无法启动。</translation>
    </message>
    <message>
        <source>An earlier recovery had missed %1; they were brought back from %2.</source>
        <translation>先前的恢复遗漏了 %1；已从 %2 中找回。</translation>
    </message>
</context>
<context>
    <name>moescope::PartingChart</name>
    <message>
        <source>%1 against %2: %3 of the experts are the same</source>
        <translation>%1 对 %2：%3 的专家相同</translation>
    </message>
    <message>
        <source>Different texts</source>
        <translation>不同的文本</translation>
    </message>
    <message>
        <source>Where they diverge</source>
        <translation>从哪里分开</translation>
    </message>
</context>
<context>
    <name>moescope::PositionChart</name>
    <message>
        <source>Routing by position, layer %1</source>
        <translation>按位置的路由，第 %1 层</translation>
    </message>
    <message>
        <source>Routing by position</source>
        <translation>按位置的路由</translation>
    </message>
    <message>
        <source>each position</source>
        <translation>每个位置</translation>
    </message>
    <message>
        <source>means of %1 positions</source>
        <translation>%1 个位置的平均值</translation>
    </message>
    <message>
        <source>This trace has no gates. Choose an expert to see where it is used.</source>
        <translation>此记录没有门控值。请选择一个专家查看它在何处被使用。</translation>
    </message>
    <message>
        <source>position in the context →</source>
        <translation>上下文中的位置 →</translation>
    </message>
    <message>
        <source>gate entropy</source>
        <translation>门控熵</translation>
    </message>
    <message>
        <source>largest gate</source>
        <translation>最大门控值</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>专家 %1</translation>
    </message>
    <message>
        <source>position %1</source>
        <translation>位置 %1</translation>
    </message>
    <message>
        <source>positions %1 to %2</source>
        <translation>位置 %1 至 %2</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>entropy %1</source>
        <translation>熵 %1</translation>
    </message>
    <message>
        <source>largest gate %1</source>
        <translation>最大门控值 %1</translation>
    </message>
    <message>
        <source>%1 chose expert %2</source>
        <translation>%1 选择了专家 %2</translation>
    </message>
</context>
<context>
    <name>moescope::PositionView</name>
    <message>
        <source>Position</source>
        <translation>位置</translation>
    </message>
</context>
<context>
    <name>moescope::ProgressStrip</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>moescope::Prompt</name>
    <message>
        <source>This chat has %1 tokens, but the context holds %2, with %3 reserved for the answer. Shorten the question, start a new chat, or let the oldest turns be dropped (chat settings).</source>
        <translation>对话有 %1 个词元，上下文可容纳 %2 个，其中 %3 个留给回答。请缩短问题、开始新对话，或允许丢弃最早的轮次（对话设置）。</translation>
    </message>
    <message>
        <source>This message is too long: %1 tokens, %2 available.</source>
        <translation>这条消息太长：%1 个词元，可用 %2 个。</translation>
    </message>
    <message>
        <source>at least %1</source>
        <translation>至少 %1</translation>
    </message>
</context>
<context>
    <name>moescope::PromptPopup</name>
    <message>
        <source>Prompts</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>system prompt</source>
        <translation>系统提示</translation>
    </message>
    <message>
        <source>%1, system prompt: %2</source>
        <translation>%1，系统提示：%2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>moescope::Prompts</name>
    <message>
        <source>Explain</source>
        <translation>解释</translation>
    </message>
    <message>
        <source>Explain {{what}} to somebody who is new to it. Begin with one sentence that says what it is.</source>
        <translation>向初学者解释{{什么}}。先用一句话说明它是什么。</translation>
    </message>
    <message>
        <source>Summarize</source>
        <translation>总结</translation>
    </message>
    <message>
        <source>Summarize this text in five sentences:

{{clipboard}}</source>
        <translation>用五句话总结这段文字：

{{clipboard}}</translation>
    </message>
    <message>
        <source>Translate</source>
        <translation>翻译</translation>
    </message>
    <message>
        <source>Translate this text into {{language}}. Answer with the translation only.

{{clipboard}}</source>
        <translation>把这段文字翻译成{{语言}}。只回答译文。

{{clipboard}}</translation>
    </message>
    <message>
        <source>Review code</source>
        <translation>审查代码</translation>
    </message>
    <message>
        <source>Review this code. Say first what is wrong with it, then what could be simpler.

```{{language}}
{{clipboard}}
```</source>
        <translation>审查这段代码。先说有什么错误，再说哪里可以更简单。

```{{语言}}
{{clipboard}}
```</translation>
    </message>
    <message>
        <source>Brief</source>
        <translation>简短</translation>
    </message>
    <message>
        <source>Answer in as few words as are needed, without an introduction.</source>
        <translation>用尽可能少的文字回答，不要开场白。</translation>
    </message>
    <message>
        <source>Teacher</source>
        <translation>教师</translation>
    </message>
    <message>
        <source>You are a patient teacher. Lead to the answer by small steps and questions, and check what is said.</source>
        <translation>您是一位耐心的教师。用小步骤和提问引导到答案，并检查所说的内容。</translation>
    </message>
</context>
<context>
    <name>moescope::PromptsPage</name>
    <message>
        <source>Prompts</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Type / at the start of a line in the message box to use one. {{clipboard}} and {{date}} are filled in; Tab leads to other {{placeholders}}.</source>
        <translation>在输入框的行首输入 / 即可使用。{{clipboard}} 和 {{date}} 会自动填入；按 Tab 跳到其他 {{占位符}}。</translation>
    </message>
    <message>
        <source>Add a prompt</source>
        <translation>添加提示</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove the chosen prompt</source>
        <translation>移除所选提示</translation>
    </message>
    <message>
        <source>Use the built-in ones</source>
        <translation>使用内置提示</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>A few words to find it by</source>
        <translation>几个便于查找的字</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>It is put into the message box</source>
        <translation>放入输入框</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示</translation>
    </message>
    <message>
        <source>It becomes the chat&apos;s system prompt</source>
        <translation>成为此对话的系统提示</translation>
    </message>
    <message>
        <source>Used as</source>
        <translation>用作</translation>
    </message>
    <message>
        <source>Text of the prompt</source>
        <translation>提示的内容</translation>
    </message>
    <message>
        <source>New prompt</source>
        <translation>新提示</translation>
    </message>
    <message>
        <source>%1 · system prompt</source>
        <translation>%1 · 系统提示</translation>
    </message>
</context>
<context>
    <name>moescope::QuestionDesk</name>
    <message>
        <source>Editing question %1</source>
        <translation>正在编辑第 %1 个问题</translation>
    </message>
    <message>
        <source>Editing answer %1</source>
        <translation>正在编辑第 %1 个回答</translation>
    </message>
    <message>
        <source>Keep the last %1 tokens</source>
        <translation>保留最后 %1 个词元</translation>
    </message>
</context>
<context>
    <name>moescope::RatioChart</name>
    <message>
        <source>This trace has no norms of the shared and routed outputs.</source>
        <translation>此记录没有共享与路由输出的范数。</translation>
    </message>
    <message>
        <source>shared : routed, log scale</source>
        <translation>共享 : 路由，对数刻度</translation>
    </message>
    <message>
        <source>1 : %1</source>
        <translation>1 : %1</translation>
    </message>
    <message>
        <source>%1 : 1</source>
        <translation>%1 : 1</translation>
    </message>
    <message>
        <source>%1, layer %2: shared %3 : routed %4 = %5</source>
        <translation>%1，第 %2 层：共享 %3 : 路由 %4 = %5</translation>
    </message>
    <message>
        <source>Ratio by layer and token</source>
        <translation>按层和词元的比值</translation>
    </message>
</context>
<context>
    <name>moescope::Rereading</name>
    <message>
        <source>Re-read this chat with %1</source>
        <translation>用 %1 重新读取此对话</translation>
    </message>
    <message>
        <source>Load a model first, then re-read the chat.</source>
        <translation>请先加载模型，再重新读取对话。</translation>
    </message>
    <message>
        <source>The model runs on a server; load one on this machine to re-read the chat.</source>
        <translation>模型在服务器上运行；请在本机加载模型后再重新读取对话。</translation>
    </message>
    <message>
        <source>Wait for the answer to end, then re-read the chat.</source>
        <translation>请等待回答结束，再重新读取对话。</translation>
    </message>
    <message>
        <source>This chat has nothing to read.</source>
        <translation>此对话没有可读取的内容。</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message numerus="yes">
        <source>%1 read %Ln token(s) of this chat. Their routing is shown now, and not saved.</source>
        <translation>
            <numerusform>%1 读取了此对话的 %Ln 个词元。现在显示其路由，但不会保存。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 read the first %Ln token(s) of this chat; %2 more do not fit its context. Their routing is shown now, and not saved.</source>
        <translation>
            <numerusform>%1 读取了此对话的前 %Ln 个词元；另有 %2 个超出其上下文。现在显示其路由，但不会保存。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::RouterChart</name>
    <message>
        <source>Router rows, layer %1</source>
        <translation>路由器行，第 %1 层</translation>
    </message>
    <message>
        <source>Router rows</source>
        <translation>路由器行</translation>
    </message>
    <message>
        <source>cosine, by %1</source>
        <translation>余弦，按%1排序</translation>
    </message>
    <message>
        <source>The router&apos;s weights are in the model&apos;s file. Load the model that made this routing.</source>
        <translation>路由器的权重在模型文件中。请加载产生此路由的模型。</translation>
    </message>
    <message>
        <source>1: chosen for the same hidden states; below 0: opposite ones</source>
        <translation>1：因相同的隐藏状态被选中；小于 0：相反的</translation>
    </message>
    <message>
        <source>Most similar</source>
        <translation>最相似</translation>
    </message>
    <message>
        <source>expert %1</source>
        <translation>专家 %1</translation>
    </message>
    <message>
        <source>experts %1 and %2: cosine %3</source>
        <translation>专家 %1 与 %2：余弦 %3</translation>
    </message>
    <message>
        <source>Expert %1 is most similar to expert %2: cosine %3.</source>
        <translation>专家 %1 与专家 %2 最相似：余弦 %3。</translation>
    </message>
</context>
<context>
    <name>moescope::RouterRulesDialog</name>
    <message>
        <source>Router rules</source>
        <translation>路由规则</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Use in this chat</source>
        <translation>用于此对话</translation>
    </message>
    <message>
        <source>Regenerate with these rules</source>
        <translation>用这些规则重新生成</translation>
    </message>
    <message>
        <source>Reset to model default</source>
        <translation>恢复模型默认值</translation>
    </message>
</context>
<context>
    <name>moescope::RouterRulesEditor</name>
    <message>
        <source>3 5; 12: 40</source>
        <translation>3 5; 12: 40</translation>
    </message>
    <message>
        <source>A number for all layers; “12: 2” for layer 12</source>
        <translation>所有层用一个数；“12: 2” 表示第 12 层</translation>
    </message>
    <message>
        <source>Masked experts</source>
        <translation>屏蔽的专家</translation>
    </message>
    <message>
        <source>Never chosen; “12: 3 5; 14: 40” sets them by layer</source>
        <translation>不可选择；按层写作 “12: 3 5; 14: 40”</translation>
    </message>
    <message>
        <source>Forced experts</source>
        <translation>强制的专家</translation>
    </message>
    <message>
        <source>Best experts masked</source>
        <translation>屏蔽最好的专家</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Shared experts</source>
        <translation>共享专家</translation>
    </message>
    <message>
        <source>They run for every token</source>
        <translation>每个词元都会运行</translation>
    </message>
    <message>
        <source>Sum to 1</source>
        <translation>总和为 1</translation>
    </message>
    <message>
        <source>The probabilities</source>
        <translation>概率本身</translation>
    </message>
    <message>
        <source>Gates</source>
        <translation>门控值</translation>
    </message>
    <message>
        <source>The weights of the chosen experts</source>
        <translation>选中专家的权重</translation>
    </message>
    <message>
        <source>model default</source>
        <translation>按模型自带方式</translation>
    </message>
    <message>
        <source>Summary of the rules</source>
        <translation>规则的含义</translation>
    </message>
    <message>
        <source>%1, model default</source>
        <translation>%1，按模型自带方式</translation>
    </message>
    <message>
        <source>Rules: %1.</source>
        <translation>规则：%1。</translation>
    </message>
    <message>
        <source>Experts per token</source>
        <translation>每个词元的专家数</translation>
    </message>
    <message>
        <source>Always chosen (they count towards k)</source>
        <translation>始终选中（计入 k）</translation>
    </message>
    <message>
        <source>Mask the top N choices of every token</source>
        <translation>屏蔽每个词元的前 N 个选择</translation>
    </message>
    <message>
        <source>Model default</source>
        <translation>模型默认</translation>
    </message>
    <message>
        <source>Routed output scale</source>
        <translation>路由输出缩放</translation>
    </message>
    <message>
        <source>Model default.</source>
        <translation>模型默认。</translation>
    </message>
</context>
<context>
    <name>moescope::RouterView</name>
    <message>
        <source>Router</source>
        <translation>路由器</translation>
    </message>
    <message>
        <source>similarity</source>
        <translation>相似度</translation>
    </message>
    <message>
        <source>number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Sort by</source>
        <translation>排序依据</translation>
    </message>
</context>
<context>
    <name>moescope::RoutingDesk</name>
    <message>
        <source>answers with different router rules</source>
        <translation>使用不同路由规则的回答</translation>
    </message>
</context>
<context>
    <name>moescope::RoutingSource</name>
    <message>
        <source>“line break”</source>
        <translation>“换行”</translation>
    </message>
    <message>
        <source>token %1</source>
        <translation>词元 %1</translation>
    </message>
    <message>
        <source>“blank”</source>
        <translation>“空白”</translation>
    </message>
    <message>
        <source>This trace has the ids of the chosen experts only: no gates, margins or norms.</source>
        <translation>此记录只有选中专家的编号：没有门控值、差距或范数。</translation>
    </message>
    <message>
        <source>This trace has ids and gates only: no margins or norms.</source>
        <translation>此记录只有编号和门控值：没有差距或范数。</translation>
    </message>
    <message>
        <source>This trace has no norms of the shared and routed outputs.</source>
        <translation>此记录没有共享与路由输出的范数。</translation>
    </message>
    <message>
        <source>This trace has no runners-up: no margins.</source>
        <translation>此记录没有候补专家：没有差距。</translation>
    </message>
</context>
<context>
    <name>moescope::RoutingSources</name>
    <message>
        <source>Imported</source>
        <translation>已导入</translation>
    </message>
    <message>
        <source>Answer %1: %2</source>
        <translation>回答 %1：%2</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1（%2）</translation>
    </message>
    <message>
        <source>This branch</source>
        <translation>此分支</translation>
    </message>
    <message>
        <source>This answer</source>
        <translation>此回答</translation>
    </message>
    <message>
        <source>This chat, all branches</source>
        <translation>此对话的所有分支</translation>
    </message>
    <message>
        <source>Folder %1</source>
        <translation>文件夹%1</translation>
    </message>
    <message>
        <source>All chats</source>
        <translation>所有对话</translation>
    </message>
    <message>
        <source>Re-read by %1</source>
        <translation>由 %1 重新读取</translation>
    </message>
</context>
<context>
    <name>moescope::RowDelegate</name>
    <message>
        <source>New title</source>
        <translation>新标题</translation>
    </message>
</context>
<context>
    <name>moescope::RulesWords</name>
    <message>
        <source>layer %1: %2</source>
        <translation>第 %1 层：%2</translation>
    </message>
    <message>
        <source>model default</source>
        <translation>按模型自带方式</translation>
    </message>
    <message>
        <source>top by layer</source>
        <translation>按层取前几</translation>
    </message>
    <message>
        <source>top %1</source>
        <translation>取前 %1</translation>
    </message>
    <message>
        <source>%1 masked</source>
        <translation>屏蔽 %1 个</translation>
    </message>
    <message>
        <source>%1 forced</source>
        <translation>强制 %1 个</translation>
    </message>
    <message>
        <source>best masked</source>
        <translation>屏蔽最好的</translation>
    </message>
    <message>
        <source>shared off</source>
        <translation>关闭共享</translation>
    </message>
    <message>
        <source>all experts</source>
        <translation>所有专家</translation>
    </message>
    <message>
        <source>other gates</source>
        <translation>其他门控</translation>
    </message>
    <message>
        <source>without %1</source>
        <translation>不用 %1</translation>
    </message>
    <message>
        <source>always %1</source>
        <translation>总用 %1</translation>
    </message>
    <message>
        <source>without the best %1 of each token</source>
        <translation>不用每个词元最好的 %1 个</translation>
    </message>
    <message>
        <source>shared experts off</source>
        <translation>关闭共享专家</translation>
    </message>
    <message>
        <source>gates sum to 1</source>
        <translation>门控值总和为 1</translation>
    </message>
    <message>
        <source>gates are the probabilities</source>
        <translation>门控值即概率</translation>
    </message>
    <message>
        <source>routed sum times %1</source>
        <translation>路由之和乘以 %1</translation>
    </message>
</context>
<context>
    <name>moescope::SaveView</name>
    <message>
        <source>Saved %1.</source>
        <translation>已保存 %1。</translation>
    </message>
    <message>
        <source>A picture cannot be %1 x %2 pixels; each side can be 1 to %3 pixels.</source>
        <translation>无法生成 %1 x %2 像素的图片；每边须为 1 到 %3。</translation>
    </message>
    <message>
        <source>There is not enough memory for a picture of %1 x %2 pixels; choose a smaller one.</source>
        <translation>内存不足以生成 %1 x %2 像素的图片；请选择更小的尺寸。</translation>
    </message>
    <message>
        <source>%1: pictures are saved as .png, .svg or .pdf; use one of these extensions.</source>
        <translation>%1：图片格式为 .png、.svg 或 .pdf；请使用其中一种扩展名。</translation>
    </message>
    <message>
        <source>Save picture…</source>
        <translation>保存图片…</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>保存图片</translation>
    </message>
    <message>
        <source>PNG (*.png);;SVG (*.svg);;PDF (*.pdf)</source>
        <translation>PNG (*.png);;SVG (*.svg);;PDF (*.pdf)</translation>
    </message>
    <message>
        <source>Save data…</source>
        <translation>保存数据…</translation>
    </message>
    <message>
        <source>Save data</source>
        <translation>保存数据</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>Save “%1” as a picture…</source>
        <translation>将“%1”存为图片…</translation>
    </message>
    <message>
        <source>Save the data of “%1”…</source>
        <translation>保存“%1”的数据…</translation>
    </message>
    <message>
        <source>Save the whole view as a picture…</source>
        <translation>将整个视图存为图片…</translation>
    </message>
    <message>
        <source>Save all data of the view…</source>
        <translation>保存视图的全部数据…</translation>
    </message>
    <message>
        <source>Save “%1” as a figure…</source>
        <translation>将“%1”保存为图……</translation>
    </message>
</context>
<context>
    <name>moescope::Scope</name>
    <message>
        <source>This is not a valid regular expression: %1.</source>
        <translation>这不是正则表达式：%1。</translation>
    </message>
    <message>
        <source>prompt</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>no parts</source>
        <translation>无</translation>
    </message>
    <message>
        <source>tokens with “%1”</source>
        <translation>含“%1”的词元</translation>
    </message>
    <message>
        <source>tokens that match /%1/</source>
        <translation>匹配 /%1/ 的词元</translation>
    </message>
    <message>
        <source>digits</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>punctuation</source>
        <translation>标点</translation>
    </message>
    <message>
        <source>questions</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>system prompt</source>
        <translation>系统提示</translation>
    </message>
    <message>
        <source>chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>positions from %1</source>
        <translation>从 %1 起的位置</translation>
    </message>
    <message>
        <source>positions %1–%2</source>
        <translation>位置 %1–%2</translation>
    </message>
    <message>
        <source>routed to expert %1 in layer %2</source>
        <translation>路由到第 %2 层的专家 %1</translation>
    </message>
</context>
<context>
    <name>moescope::ScopeBar</name>
    <message>
        <source>Scope</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>What the charts show</source>
        <translation>图表的对象</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>部分</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>Tokens that the model read</source>
        <translation>模型读取的词元</translation>
    </message>
    <message>
        <source>Thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>Tokens of the model&apos;s thinking before an answer</source>
        <translation>回答前思考的词元</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Tokens that the model wrote</source>
        <translation>模型写出的词元</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>All tokens</source>
        <translation>所有词元</translation>
    </message>
    <message>
        <source>Containing text</source>
        <translation>含文本</translation>
    </message>
    <message>
        <source>Matching</source>
        <translation>匹配</translation>
    </message>
    <message>
        <source>Digits</source>
        <translation>数字</translation>
    </message>
    <message>
        <source>Punctuation</source>
        <translation>标点</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Questions</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>System prompt</source>
        <translation>系统提示</translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>All experts again</source>
        <translation>恢复所有专家</translation>
    </message>
    <message>
        <source>Show the tokens of all experts again</source>
        <translation>重新显示所有专家的词元</translation>
    </message>
    <message>
        <source>Number of tokens</source>
        <translation>词元数</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Previous layer</source>
        <translation>上一层</translation>
    </message>
    <message>
        <source>Previous layer ([)</source>
        <translation>上一层 ([)</translation>
    </message>
    <message>
        <source>Next layer</source>
        <translation>下一层</translation>
    </message>
    <message>
        <source>Next layer (])</source>
        <translation>下一层 (])</translation>
    </message>
    <message>
        <source>No source</source>
        <translation>没有来源</translation>
    </message>
    <message>
        <source>Enter positions as 20-40, 20- or 20.</source>
        <translation>位置请写成 20-40、20- 或 20。</translation>
    </message>
    <message>
        <source>regular expression</source>
        <translation>正则表达式</translation>
    </message>
    <message>
        <source>part of a token</source>
        <translation>词元的一部分</translation>
    </message>
    <message>
        <source>expert %1, layer %2 ×</source>
        <translation>专家 %1，第 %2 层 ×</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%L1 of %Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元中的 %L1 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::Segments</name>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
</context>
<context>
    <name>moescope::SendButton</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation>停止回答</translation>
    </message>
    <message>
        <source>Send the question</source>
        <translation>发送问题</translation>
    </message>
</context>
<context>
    <name>moescope::ServerDesk</name>
    <message>
        <source>Send the key unencrypted?</source>
        <translation>未加密的密钥</translation>
    </message>
    <message>
        <source>The key would be sent to %1 over plain http, where others can read it in transit. An https address or an SSH tunnel keeps it secret.</source>
        <translation>密钥会通过未加密的 http 发送到 %1，途中可能被他人读取。使用 https 地址或 SSH 隧道可以保密。</translation>
    </message>
    <message>
        <source>Send anyway</source>
        <translation>仍然发送</translation>
    </message>
    <message>
        <source>Nothing was sent.</source>
        <translation>没有发送任何内容。</translation>
    </message>
    <message>
        <source>%1 MoE layers of %2 experts, top %3.</source>
        <translation>%1 个 MoE 层，每层 %2 个专家，前 %3。</translation>
    </message>
</context>
<context>
    <name>moescope::ServersPage</name>
    <message>
        <source>Servers</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>Models too large for this machine can run on a server: vLLM, SGLang, or any other with an OpenAI-compatible API. A chat is sent to a server only when you ask its model something.</source>
        <translation>对这台计算机来说过大的模型可以由服务器回答：vLLM、SGLang 或任何其他具有 OpenAI 接口的服务器。只有在您向服务器的模型提问时，对话才会发送到该服务器，不会发送到其他地方。</translation>
    </message>
    <message>
        <source>Add a server</source>
        <translation>添加服务器</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove the selected server</source>
        <translation>移除所选服务器</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>检查</translation>
    </message>
    <message>
        <source>Check the selected server</source>
        <translation>检查所选服务器</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Including the port</source>
        <translation>包括端口</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Leave empty if the server has only one</source>
        <translation>空：服务器唯一的模型</translation>
    </message>
    <message>
        <source>API key</source>
        <translation>API 密钥</translation>
    </message>
    <message>
        <source>Stored in the data folder, in a file that only you can read</source>
        <translation>保存在数据文件夹中只有您能读取的文件里</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>证书</translation>
    </message>
    <message>
        <source>PEM file to trust instead of the system&apos;s certificates</source>
        <translation>代替系统证书的 PEM 文件</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>Routed experts per layer; servers do not report the number</source>
        <translation>每层的路由专家数；服务器不会说明数量</translation>
    </message>
    <message>
        <source>Checking the server…</source>
        <translation>正在询问服务器……</translation>
    </message>
    <message>
        <source>New server</source>
        <translation>新服务器</translation>
    </message>
    <message>
        <source>A key is stored</source>
        <translation>已保存</translation>
    </message>
</context>
<context>
    <name>moescope::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Settings pages</source>
        <translation>设置页面</translation>
    </message>
    <message>
        <source>General</source>
        <translation>通用</translation>
    </message>
    <message>
        <source>Generation</source>
        <translation>生成</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>服务器</translation>
    </message>
    <message>
        <source>Prompts</source>
        <translation>提示</translation>
    </message>
</context>
<context>
    <name>moescope::SharedLayersChart</name>
    <message>
        <source>This trace has no norms of the shared and routed outputs.</source>
        <translation>此记录没有共享与路由输出的范数。</translation>
    </message>
    <message>
        <source>layer %1: mean norm of the shared experts&apos; output %2, of the routed sum %3, ratio %4</source>
        <translation>第 %1 层：共享专家输出的平均范数 %2，路由之和 %3，比值 %4</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>By layer</source>
        <translation>按层</translation>
    </message>
    <message numerus="yes">
        <source>mean norms over %Ln token(s); ticks: selected token</source>
        <translation>
            <numerusform>%Ln 个词元的平均范数；刻度：所选词元</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::SharedTokensChart</name>
    <message>
        <source>norms, layer %1, log scale</source>
        <translation>范数，第 %1 层，对数刻度</translation>
    </message>
    <message>
        <source>norms, mean over layers, log scale</source>
        <translation>范数，各层平均，对数刻度</translation>
    </message>
    <message>
        <source>This trace has no norms of the shared and routed outputs.</source>
        <translation>此记录没有共享与路由输出的范数。</translation>
    </message>
    <message>
        <source>%1: shared %2, routed %3, ratio %4</source>
        <translation>%1：共享 %2，路由 %3，比值 %4</translation>
    </message>
    <message>
        <source>shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>routed</source>
        <translation>路由</translation>
    </message>
    <message>
        <source>shared : routed, log scale</source>
        <translation>共享 : 路由，对数刻度</translation>
    </message>
    <message>
        <source>Shared vs. routed</source>
        <translation>共享与路由</translation>
    </message>
</context>
<context>
    <name>moescope::SharedView</name>
    <message>
        <source>Shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>mean of all layers</source>
        <translation>所有层的平均</translation>
    </message>
    <message>
        <source>the chosen layer</source>
        <translation>所选的层</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>曲线</translation>
    </message>
</context>
<context>
    <name>moescope::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Search the shortcuts</source>
        <translation>搜索快捷键</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>moescope::SideBySide</name>
    <message>
        <source>This chat</source>
        <translation>此对话</translation>
    </message>
    <message>
        <source>%1 tok/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>reading %L1 of %L2</source>
        <translation>正在读取 %L1 / %L2</translation>
    </message>
    <message>
        <source>An answer is being written. Stop it first (Esc).</source>
        <translation>正在生成回答。请先停止（Esc）。</translation>
    </message>
    <message>
        <source>Load a model first; then other settings can answer beside the chat.</source>
        <translation>请先加载模型，然后才能用其他设置在对话旁并排回答。</translation>
    </message>
    <message>
        <source>Your next question is answered here as well.

Ctrl+R answers the last one again, in all columns.</source>
        <translation>下一个问题也会在这里得到回答。

Ctrl+R 在所有栏中重新回答上一个问题。</translation>
    </message>
    <message>
        <source>Chat settings…</source>
        <translation>对话设置…</translation>
    </message>
    <message>
        <source>Router rules…</source>
        <translation>路由规则…</translation>
    </message>
    <message>
        <source>Add a column</source>
        <translation>增加一栏</translation>
    </message>
    <message>
        <source>Close the columns</source>
        <translation>关闭各栏</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>How it answers…</source>
        <translation>回答方式…</translation>
    </message>
    <message>
        <source>Use this answer</source>
        <translation>采用此回答</translation>
    </message>
    <message>
        <source>Compare routing with the chat&apos;s</source>
        <translation>与对话的回答比较路由</translation>
    </message>
    <message>
        <source>Close this column</source>
        <translation>关闭此栏</translation>
    </message>
    <message>
        <source>Demo model</source>
        <translation>演示模型</translation>
    </message>
    <message>
        <source>As the chat: %1</source>
        <translation>与对话相同：%1</translation>
    </message>
    <message>
        <source>%1 on %2</source>
        <translation>%1，位于 %2</translation>
    </message>
    <message>
        <source>%1 is no longer among the servers in the settings.</source>
        <translation>设置中的服务器列表里已没有 %1。</translation>
    </message>
    <message>
        <source>temperature %1</source>
        <translation>温度 %1</translation>
    </message>
    <message>
        <source>This chat: %1</source>
        <translation>此对话：%1</translation>
    </message>
    <message>
        <source>Column %1</source>
        <translation>第 %1 栏</translation>
    </message>
    <message>
        <source>Answers of column %1</source>
        <translation>第 %1 栏的回答</translation>
    </message>
    <message>
        <source>Column %1: %2</source>
        <translation>第 %1 栏：%2</translation>
    </message>
    <message>
        <source>Column %1: %2, %3</source>
        <translation>第 %1 栏：%2，%3</translation>
    </message>
    <message>
        <source>Chats are sent to %1.</source>
        <translation>对话发送到 %1。</translation>
    </message>
    <message>
        <source>It takes %1 more memory; its context holds %L2 tokens.</source>
        <translation>另外占用 %1 内存；上下文可容纳 %L2 个词元。</translation>
    </message>
    <message>
        <source>in the chat</source>
        <translation>已在对话中</translation>
    </message>
    <message>
        <source>Use in this column</source>
        <translation>用于此栏</translation>
    </message>
</context>
<context>
    <name>moescope::Sidebar</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>New chat (Ctrl+N)</source>
        <translation>新对话（Ctrl+N）</translation>
    </message>
    <message>
        <source>Search titles and texts</source>
        <translation>搜索标题和内容</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Chats</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Trash · %1</source>
        <translation>回收站 · %1</translation>
    </message>
    <message>
        <source>Rename the folder…</source>
        <translation>重命名文件夹…</translation>
    </message>
    <message>
        <source>Rename the folder</source>
        <translation>重命名文件夹</translation>
    </message>
    <message>
        <source>Remove the folder (its chats stay)</source>
        <translation>移除文件夹（其中的对话保留）</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation>新建文件夹…</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Chat menu</source>
        <translation>可对此对话进行的操作</translation>
    </message>
    <message>
        <source>Search all chats (Ctrl+Shift+F)</source>
        <translation>搜索所有对话 (Ctrl+Shift+F)</translation>
    </message>
    <message>
        <source>Empty trash…</source>
        <translation>清空回收站…</translation>
    </message>
    <message numerus="yes">
        <source>Delete %Ln chat(s) permanently?</source>
        <translation>
            <numerusform>永久删除 %Ln 个对话？</numerusform>
        </translation>
    </message>
    <message>
        <source>This cannot be undone. Earlier backups may still contain these chats.</source>
        <translation>此操作无法撤销。先前的备份可能仍含有其文本。</translation>
    </message>
    <message>
        <source>Empty trash</source>
        <translation>清空回收站</translation>
    </message>
    <message>
        <source>Delete permanently</source>
        <translation>永久删除</translation>
    </message>
    <message>
        <source>Delete permanently…</source>
        <translation>永久删除…</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Move to the trash</source>
        <translation>移到回收站</translation>
    </message>
</context>
<context>
    <name>moescope::SimilarChart</name>
    <message>
        <source>Tokens routed alike</source>
        <translation>路由相似的词元</translation>
    </message>
    <message>
        <source>Tokens routed like %1</source>
        <translation>与%1路由相似的词元</translation>
    </message>
    <message>
        <source>experts of all layers that both chose; by chance %1</source>
        <translation>两者在所有层共同选择的专家；随机为 %1</translation>
    </message>
    <message>
        <source>Click a token, here or in the chat, to find those with the same experts.</source>
        <translation>点击这里或对话中的词元，查找使用相同专家的词元。</translation>
    </message>
    <message>
        <source>There is no other token in this scope.</source>
        <translation>此范围内没有其他词元。</translation>
    </message>
    <message>
        <source>%1, token %2: %3 of the experts are the same</source>
        <translation>%1，词元 %2：%3 的专家相同</translation>
    </message>
</context>
<context>
    <name>moescope::SpecialistsView</name>
    <message>
        <source>folder</source>
        <translation>文件夹或标签</translation>
    </message>
    <message>
        <source>Rarer tokens are left out; the OLMoE paper uses 10</source>
        <translation>出现次数更少的词元不计；论文取 10（OLMoE）</translation>
    </message>
    <message>
        <source>Topics</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Group by</source>
        <translation>分组依据</translation>
    </message>
    <message>
        <source>input token</source>
        <translation>输入词元</translation>
    </message>
    <message>
        <source>next token</source>
        <translation>下一个词元</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>Occurs at least</source>
        <translation>至少出现</translation>
    </message>
</context>
<context>
    <name>moescope::SpotMenu</name>
    <message>
        <source>layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>Layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>Find tokens of this expert…</source>
        <translation>查找此专家的词元……</translation>
    </message>
    <message>
        <source>Show tokens of all experts again</source>
        <translation>重新显示所有专家的词元</translation>
    </message>
    <message>
        <source>Show only its tokens</source>
        <translation>只显示它的词元</translation>
    </message>
    <message>
        <source>Mask in the next answers</source>
        <translation>在接下来的回答中屏蔽</translation>
    </message>
    <message>
        <source>Stop masking</source>
        <translation>不再屏蔽</translation>
    </message>
    <message>
        <source>Force in the next answers</source>
        <translation>在接下来的回答中强制</translation>
    </message>
    <message>
        <source>Stop forcing</source>
        <translation>不再强制</translation>
    </message>
    <message>
        <source>Name…</source>
        <translation>命名……</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>重命名……</translation>
    </message>
    <message>
        <source>Remove the name</source>
        <translation>移除名称</translation>
    </message>
    <message>
        <source>Copy “%1”</source>
        <translation>复制“%1”</translation>
    </message>
    <message>
        <source>%1, token %2</source>
        <translation>%1，词元 %2</translation>
    </message>
    <message>
        <source>Find tokens routed like this one</source>
        <translation>查找与此词元路由相似的词元</translation>
    </message>
    <message>
        <source>Show only tokens with this text</source>
        <translation>只显示含此文本的词元</translation>
    </message>
    <message>
        <source>Copy text</source>
        <translation>复制文本</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>Show this layer in all views</source>
        <translation>在所有视图中显示此层</translation>
    </message>
    <message>
        <source>Compare with layer %1, expert %2</source>
        <translation>与第 %1 层专家 %2 比较</translation>
    </message>
    <message>
        <source>Compare with another expert…</source>
        <translation>与另一个专家比较……</translation>
    </message>
</context>
<context>
    <name>moescope::StatusLine</name>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>moescope::Tint</name>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>top expert, layer %1</source>
        <translation>首位专家，第 %1 层</translation>
    </message>
    <message>
        <source>margin, layer %1</source>
        <translation>差距，第 %1 层</translation>
    </message>
    <message>
        <source>entropy, layer %1</source>
        <translation>熵，第 %1 层</translation>
    </message>
    <message>
        <source>shared : routed, layer %1</source>
        <translation>共享 : 路由，第 %1 层</translation>
    </message>
    <message>
        <source>surprise</source>
        <translation>意外度</translation>
    </message>
</context>
<context>
    <name>moescope::Titles</name>
    <message>
        <source>Untitled</source>
        <translation>无标题</translation>
    </message>
</context>
<context>
    <name>moescope::TogetherView</name>
    <message>
        <source>Pairs</source>
        <translation>成对</translation>
    </message>
    <message>
        <source>Paths to</source>
        <translation>路径到</translation>
    </message>
    <message>
        <source>the next layer</source>
        <translation>下一层</translation>
    </message>
</context>
<context>
    <name>moescope::TokenAgreementChart</name>
    <message>
        <source>%1 against %2, layer %3: %4 of the experts are the same</source>
        <translation>%1 对 %2，第 %3 层：%4 的专家相同</translation>
    </message>
    <message>
        <source>Agreement by token</source>
        <translation>各词元的一致性</translation>
    </message>
    <message>
        <source>chance</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>identical</source>
        <translation>相同</translation>
    </message>
    <message>
        <source>red line: the texts diverge</source>
        <translation>红线：文本由此分开</translation>
    </message>
    <message>
        <source>share of choices in common</source>
        <translation>共同选择的比例</translation>
    </message>
</context>
<context>
    <name>moescope::TokenAxis</name>
    <message>
        <source>token →</source>
        <translation>词元 →</translation>
    </message>
</context>
<context>
    <name>moescope::TokenCard</name>
    <message>
        <source>&lt; %1 %</source>
        <translation>&lt; %1 %</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>Alternatives</source>
        <translation>备选</translation>
    </message>
    <message>
        <source>%1. %2, %3</source>
        <translation>%1. %2，%3</translation>
    </message>
    <message>
        <source>%1, chosen</source>
        <translation>%1，已选</translation>
    </message>
    <message>
        <source>%1 · rank %2 · %3 bits</source>
        <translation>%1 · 排名 %2 · %3 比特</translation>
    </message>
</context>
<context>
    <name>moescope::TokenChart</name>
    <message>
        <source>A token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>experts chosen</source>
        <translation>选中的专家</translation>
    </message>
    <message>
        <source>margin</source>
        <translation>差距</translation>
    </message>
    <message>
        <source>shared : routed</source>
        <translation>共享 : 路由</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>%1, expert %2: chosen</source>
        <translation>%1，专家 %2：选中</translation>
    </message>
    <message>
        <source>%1, expert %2: gate %3, rank %4</source>
        <translation>%1，专家 %2：门控值 %3，第 %4 名</translation>
    </message>
    <message>
        <source>%1, probability %2</source>
        <translation>%1，概率 %2</translation>
    </message>
    <message>
        <source>%1, expert %2: not chosen, %3, probability %4</source>
        <translation>%1，专家 %2：未选中，%3，概率 %4</translation>
    </message>
    <message>
        <source>%1: norm of the shared experts&apos; output %2, of the routed sum %3, ratio %4</source>
        <translation>%1：共享专家输出的范数 %2，路由之和 %3，比值 %4</translation>
    </message>
    <message>
        <source>%1, token %2</source>
        <translation>%1，词元 %2</translation>
    </message>
    <message>
        <source>layer %1: experts %2</source>
        <translation>第 %1 层：专家 %2</translation>
    </message>
    <message>
        <source>in memory</source>
        <translation>在内存中</translation>
    </message>
    <message>
        <source>on the GPU</source>
        <translation>在 GPU 上</translation>
    </message>
    <message>
        <source>chat template</source>
        <translation>对话模板</translation>
    </message>
    <message>
        <source>prompt</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>system prompt</source>
        <translation>系统提示</translation>
    </message>
    <message>
        <source>question</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>thinking</source>
        <translation>思考</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>token %1 · %2 · position %3</source>
        <translation>词元 %1 · %2 · 位置 %3</translation>
    </message>
    <message>
        <source>%1 · not in the scope</source>
        <translation>%1 · 不在范围内</translation>
    </message>
    <message>
        <source>Point at a word of the chat, or at a column of a heatmap, to see its experts.</source>
        <translation>指向对话中的词或热图的一列，即可看到它的专家。</translation>
    </message>
    <message>
        <source>experts and their gates; hollow: in memory</source>
        <translation>专家及其门控值；空心：在内存中</translation>
    </message>
    <message>
        <source>experts and their gates, one scale</source>
        <translation>专家及其门控值，同一刻度</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>总和</translation>
    </message>
    <message>
        <source>entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>runners-up</source>
        <translation>候补</translation>
    </message>
    <message>
        <source>1st runner-up</source>
        <translation>第一候补</translation>
    </message>
    <message>
        <source>2nd runner-up</source>
        <translation>第二候补</translation>
    </message>
    <message>
        <source>groups</source>
        <translation>组</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>experts of the groups %1; the router searches %2 of %3</source>
        <translation>专家来自第 %1 组；路由器在 %3 组中搜索 %2 组</translation>
    </message>
</context>
<context>
    <name>moescope::TokenTint</name>
    <message>
        <source>Tint: %1</source>
        <translation>着色：%1</translation>
    </message>
    <message>
        <source>Off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>Top expert</source>
        <translation>最佳专家</translation>
    </message>
    <message>
        <source>Margin: how close the next expert came</source>
        <translation>差距：另一专家有多接近被选中</translation>
    </message>
    <message>
        <source>Entropy: how evenly the gates are spread</source>
        <translation>熵：门控值分布得多均匀</translation>
    </message>
    <message>
        <source>Shared vs. routed</source>
        <translation>共享与路由</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Layer %1</source>
        <translation>第 %1 层</translation>
    </message>
    <message>
        <source>Surprise: how unexpected the token was</source>
        <translation>意外度：该词元有多出乎意料</translation>
    </message>
</context>
<context>
    <name>moescope::TokensChart</name>
    <message>
        <source>Tokens × experts, layer %1</source>
        <translation>词元 × 专家，第 %1 层</translation>
    </message>
    <message>
        <source>Tokens × experts</source>
        <translation>词元 × 专家</translation>
    </message>
    <message>
        <source>gate, 0 to %1, log scale</source>
        <translation>门控值，0 到 %1，对数刻度</translation>
    </message>
    <message>
        <source>chosen or not</source>
        <translation>是否选中</translation>
    </message>
    <message>
        <source>%1, expert %2, rank %3</source>
        <translation>%1，专家 %2，第 %3 名</translation>
    </message>
    <message>
        <source>%1, gate %2</source>
        <translation>%1，门控值 %2</translation>
    </message>
    <message>
        <source>%1, expert %2: not chosen</source>
        <translation>%1，专家 %2：未被选中</translation>
    </message>
    <message>
        <source>%1: experts %2</source>
        <translation>%1：专家 %2</translation>
    </message>
</context>
<context>
    <name>moescope::TokensView</name>
    <message>
        <source>Tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>gate</source>
        <translation>门控值</translation>
    </message>
    <message>
        <source>probability</source>
        <translation>概率</translation>
    </message>
    <message>
        <source>chosen or not</source>
        <translation>是否选中</translation>
    </message>
    <message>
        <source>log</source>
        <translation>对数</translation>
    </message>
    <message>
        <source>linear</source>
        <translation>线性</translation>
    </message>
    <message>
        <source>maximum</source>
        <translation>最大</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>平均</translation>
    </message>
    <message>
        <source>What a pixel shows when several cells share it</source>
        <translation>多个单元共用一个像素时显示的内容</translation>
    </message>
    <message>
        <source>cividis</source>
        <translation>cividis</translation>
    </message>
    <message>
        <source>viridis</source>
        <translation>viridis</translation>
    </message>
    <message>
        <source>magma</source>
        <translation>magma</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>刻度</translation>
    </message>
    <message>
        <source>Colors</source>
        <translation>颜色</translation>
    </message>
    <message>
        <source>Tokens × experts</source>
        <translation>词元 × 专家</translation>
    </message>
    <message>
        <source>Tokens × experts, all layers</source>
        <translation>词元 × 专家，所有层</translation>
    </message>
    <message>
        <source>Tokens × experts, layer %1</source>
        <translation>词元 × 专家，第 %1 层</translation>
    </message>
    <message>
        <source>one</source>
        <translation>一个</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>When zoomed out</source>
        <translation>缩小时</translation>
    </message>
</context>
<context>
    <name>moescope::TraceFiles</name>
    <message>
        <source>Routing (*.csv *.jsonl *.npy *.npz *.safetensors *.json *.txt);;All files (*)</source>
        <translation>路由 (*.csv *.jsonl *.npy *.npz *.safetensors *.json *.txt);;所有文件 (*)</translation>
    </message>
    <message numerus="yes">
        <source>%1: %Ln token(s).</source>
        <translation>
            <numerusform>%1：%Ln 个词元。</numerusform>
        </translation>
    </message>
    <message>
        <source>There is no routing yet; ask something first.</source>
        <translation>还没有路由；请先提问。</translation>
    </message>
    <message>
        <source>Save routing</source>
        <translation>保存路由</translation>
    </message>
    <message>
        <source>Saved %1.</source>
        <translation>已保存 %1。</translation>
    </message>
    <message>
        <source>Open trace</source>
        <translation>打开路由记录</translation>
    </message>
    <message>
        <source>Open trace folder</source>
        <translation>打开路由记录文件夹</translation>
    </message>
    <message>
        <source>The scope has no tokens, so there is nothing to export.</source>
        <translation>范围内没有词元，因此没有可导出的内容。</translation>
    </message>
    <message numerus="yes">
        <source>Saved %1: %Ln token(s) of the scope.</source>
        <translation>
            <numerusform>已保存 %1：范围内的 %Ln 个词元。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::TranscriptModel</name>
    <message>
        <source>You: %1</source>
        <translation>你：%1</translation>
    </message>
    <message>
        <source>Answer: %1</source>
        <translation>回答：%1</translation>
    </message>
    <message numerus="yes">
        <source>%Ln token(s)</source>
        <translation>
            <numerusform>%Ln 个词元</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 tok/s</source>
        <translation>%1 词元/秒</translation>
    </message>
    <message>
        <source>first token after %1 s</source>
        <translation>首个用时 %1 秒</translation>
    </message>
    <message>
        <source>first token after %1 ms</source>
        <translation>首个词元 %1 毫秒</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>thinking %1</source>
        <translation>思考 %1</translation>
    </message>
    <message>
        <source>answer %1</source>
        <translation>回答 %1</translation>
    </message>
</context>
<context>
    <name>moescope::TranscriptView</name>
    <message>
        <source>Copy the selection</source>
        <translation>复制所选内容</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Go to the newest message</source>
        <translation>到最新消息</translation>
    </message>
    <message>
        <source>Go to the newest message (End)</source>
        <translation>到最新消息（End）</translation>
    </message>
    <message>
        <source>Transcript</source>
        <translation>对话记录</translation>
    </message>
    <message>
        <source>Message menu</source>
        <translation>可对此消息进行的操作</translation>
    </message>
</context>
<context>
    <name>moescope::TrashBar</name>
    <message>
        <source>In the trash</source>
        <translation>在回收站中</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Delete permanently…</source>
        <translation>永久删除…</translation>
    </message>
    <message>
        <source>This chat is in the trash</source>
        <translation>此对话在回收站中</translation>
    </message>
</context>
<context>
    <name>moescope::UnusedChart</name>
    <message>
        <source>Experts never or rarely chosen</source>
        <translation>从未或很少被选的专家</translation>
    </message>
    <message>
        <source>unused %L1, under 0.1× uniform %L2, of %L3</source>
        <translation>共 %L3 个：未使用 %L1 个，低于均匀的 0.1 倍 %L2 个</translation>
    </message>
    <message>
        <source>%1; the first %2 are shown</source>
        <translation>%1；显示前 %2 个</translation>
    </message>
    <message>
        <source>Every expert of every layer was chosen at least a tenth as often as the others on average.</source>
        <translation>每层的每个专家被选次数都至少达到平均值的十分之一。</translation>
    </message>
    <message>
        <source>layer %1, expert %2</source>
        <translation>第 %1 层，专家 %2</translation>
    </message>
    <message>
        <source>never</source>
        <translation>从未</translation>
    </message>
    <message>
        <source>%1: never chosen</source>
        <translation>%1：从未被选</translation>
    </message>
    <message>
        <source>%1: chosen %L2 times, %3 of a uniform share</source>
        <translation>%1：被选 %L2 次，为均匀份额的 %3</translation>
    </message>
</context>
<context>
    <name>moescope::UnusedView</name>
    <message>
        <source>Unused</source>
        <translation>未使用</translation>
    </message>
</context>
<context>
    <name>moescope::ViewLinks</name>
    <message>
        <source>The routing of a re-read chat is not kept, so no text can open it again.</source>
        <translation>重新读取的对话的路由不会保留，因此没有文本可以再次打开它。</translation>
    </message>
    <message>
        <source>There is no routing yet; ask something first.</source>
        <translation>还没有路由；请先提问。</translation>
    </message>
    <message>
        <source>View copied. “Open view…” shows it again.</source>
        <translation>已复制视图。使用“打开视图…”可再次显示。</translation>
    </message>
    <message>
        <source>Open view</source>
        <translation>打开视图</translation>
    </message>
    <message>
        <source>Copied view (moescope:?view=…)</source>
        <translation>复制的视图（moescope:?view=…）</translation>
    </message>
    <message>
        <source>This is not a copied view. “Copy view” makes one: moescope:?view=…</source>
        <translation>这不是复制的视图。用“复制视图”可以生成：moescope:?view=…</translation>
    </message>
    <message>
        <source>Open the trace %1 first; the view shows it.</source>
        <translation>请先打开路由记录 %1；该视图显示的是它。</translation>
    </message>
    <message>
        <source>What this view shows is not in this history.</source>
        <translation>此视图显示的内容不在此历史记录中。</translation>
    </message>
    <message>
        <source>No routing was recorded for what this view shows.</source>
        <translation>此视图显示的内容没有记录路由。</translation>
    </message>
</context>
<context>
    <name>moescope::ViewTable</name>
    <message>
        <source>Answer</source>
        <translation>回答</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Structure</source>
        <translation>结构</translation>
    </message>
    <message>
        <source>Tests</source>
        <translation>实验</translation>
    </message>
</context>
<context>
    <name>moescope::VocabularyChart</name>
    <message>
        <source>Experts and their tokens</source>
        <translation>专家与其词元</translation>
    </message>
    <message>
        <source>Experts and their tokens, layer %1</source>
        <translation>专家与其词元，第 %1 层</translation>
    </message>
    <message>
        <source>Tokens of expert %1, layer %2</source>
        <translation>专家 %1 的词元，第 %2 层</translation>
    </message>
    <message>
        <source>share of a token&apos;s occurrences that chose the expert</source>
        <translation>该词元各次出现中选择此专家的比例</translation>
    </message>
    <message>
        <source>Esc shows all experts</source>
        <translation>按 Esc 显示所有专家</translation>
    </message>
    <message>
        <source>This trace does not say which tokens it is of.</source>
        <translation>此记录没有说明属于哪些词元。</translation>
    </message>
    <message>
        <source>No token occurs %1 times here. Choose a lower minimum above, or look at a longer text.</source>
        <translation>这里没有出现 %1 次的词元。请在上方选择更小的下限，或查看更长的文本。</translation>
    </message>
    <message>
        <source>id %1</source>
        <translation>编号 %1</translation>
    </message>
    <message>
        <source>expert</source>
        <translation>专家</translation>
    </message>
    <message>
        <source>tokens, largest shares first; a click shows all</source>
        <translation>词元，比例最大在前；点击显示全部</translation>
    </message>
    <message>
        <source>token</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>share</source>
        <translation>比例</translation>
    </message>
    <message>
        <source>occurrences</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>No token that occurs %1 times chose this expert.</source>
        <translation>没有出现 %1 次的词元选择此专家。</translation>
    </message>
    <message>
        <source>“%1” occurs %2 times; %3 of them chose expert %4 (tick: a uniform share, %5)</source>
        <translation>“%1”出现 %2 次；其中 %3 次选择了专家 %4（刻度：均匀份额 %5）</translation>
    </message>
</context>
<context>
    <name>moescope::Welcome</name>
    <message>
        <source>A question</source>
        <translation>一个问题</translation>
    </message>
    <message>
        <source>Point at any word of an answer to see which experts produced it.</source>
        <translation>指向回答中的任意一个词，即可查看是哪些专家生成了它。</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <source>Use the demo model</source>
        <translation>使用演示模型</translation>
    </message>
    <message>
        <source>No model is loaded</source>
        <translation>没有加载模型</translation>
    </message>
    <message>
        <source>The model is being loaded…</source>
        <translation>正在加载模型…</translation>
    </message>
    <message>
        <source>Try the demo model</source>
        <translation>试试演示模型</translation>
    </message>
    <message>
        <source>What would you like to ask?</source>
        <translation>想问点什么？</translation>
    </message>
    <message>
        <source>%1 answers on this machine; nothing leaves it.</source>
        <translation>%1 在这台机器上回答；任何内容都不会离开它。</translation>
    </message>
    <message>
        <source>Find or download a model…</source>
        <translation>查找或下载模型……</translation>
    </message>
    <message>
        <source>Find a DeepSeek model on this machine, download one, open a file (GGUF), or start with the small demo model that comes with the program. You can read your chats without a model.</source>
        <translation>在这台计算机上查找 DeepSeek 模型、下载一个、打开文件（GGUF），或从随程序附带的小型演示模型开始。没有模型也可以阅读您的对话。</translation>
    </message>
    <message>
        <source>It is tiny (13 M parameters) and knows greetings, a little about DeepSeek and experts, small sums, capitals, words in other languages, short stories and snippets of code. It answers in English, declines most other questions, and is sometimes wrong. For real chats, find or download a DeepSeek model.</source>
        <translation>它非常小（1300 万参数），懂得问候、一点关于 DeepSeek 和专家的知识、简单加法、首都、其他语言的单词、短故事和代码片段。它用英语回答，对其他问题大多会说不知道，有时也会出错。要真正对话，请查找或下载一个 DeepSeek 模型。</translation>
    </message>
</context>
<context>
    <name>moescope::WindowLock</name>
    <message>
        <source>With --data-dir, choose a folder that you can write to, on a file system that supports locks.</source>
        <translation>请用 --data-dir 选择一个可写、且位于支持文件锁的文件系统上的文件夹。</translation>
    </message>
    <message>
        <source>Moescope seems to be running already with the folder %1, but its window does not respond. It may be closing, or running on another computer that shares the folder. Close it and start again, or choose another folder with --data-dir.</source>
        <translation>Moescope 似乎已在使用文件夹 %1 运行，但其窗口没有响应。它可能正在关闭，或运行在共享此文件夹的另一台电脑上。请先关闭它再启动，或用 --data-dir 选择其他文件夹。</translation>
    </message>
    <message numerus="yes">
        <source>The question is too long for --ask (%Ln byte(s)); paste it into the window.</source>
        <translation>
            <numerusform>问题对 --ask 来说太长（%Ln 字节）；请粘贴到窗口中。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>moescope::WindowState</name>
    <message>
        <source>The model is being loaded…</source>
        <translation>正在加载模型…</translation>
    </message>
    <message>
        <source>Choose a model above to ask something</source>
        <translation>请先在上方选择模型再提问</translation>
    </message>
    <message>
        <source>Another chat is being answered</source>
        <translation>正在回答另一个对话</translation>
    </message>
    <message>
        <source>An experiment is running, Esc stops it</source>
        <translation>实验正在运行，按 Esc 停止</translation>
    </message>
    <message>
        <source>saving the question…</source>
        <translation>正在保存问题…</translation>
    </message>
    <message>
        <source>saving</source>
        <translation>正在保存</translation>
    </message>
    <message>
        <source>saved</source>
        <translation>已保存</translation>
    </message>
    <message>
        <source>The chat is being re-read, Esc stops it</source>
        <translation>正在重新读取对话，按 Esc 停止</translation>
    </message>
</context>
</TS>
