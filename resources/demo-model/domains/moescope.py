"""About Moescope itself: what the program does and how it is used."""

from .concepts import make

ID = "moescope"
TOPICS = [
    (
        "concept",
        ["Moescope", "this program", "this app"],
        (
            "Moescope is a desktop program to chat with DeepSeek MoE models and to see which experts run for"
            " each token."
        ),
        [
            "What does Moescope do?",
            "What can Moescope do?",
            "What is this program for?",
            "What can I do with Moescope?", "why was Moescope made", "who is Moescope for", "what is this", "What is this thing?", "what am I looking at", "what does this app do", "what is the purpose of this program",
        ],
    ),
    (
        "concept",
        ["the heatmap", "the Moescope heatmap", "the routing heatmap", "the heat map"],
        (
            "The heatmap shows tokens and experts: a bright cell means that this expert got a high gate for"
            " this token."
        ),
        [
            "What does the heatmap show?",
            "How do I read the heatmap?",
            "What do the colours of the heatmap mean?", "what do the colors mean", "What do the colours mean?", "what are the coloured squares", "what is the coloured picture", "what does yellow mean in the picture", "why is a cell blue", "what does the chart show", "what is the picture on the right", "how do I read the charts", "What does this chart mean?",
            "What does a bright cell mean?",
        ],
    ),
    (
        "action",
        [
            "export a chat",
            "save a chat to a file",
            "export my chat",
            "write a chat to a file",
            "export a conversation",
        ],
        "Use Export: a chat can be saved as Markdown, HTML, PDF, plain text, JSON or JSONL.",
        ["Which formats can I export?", "Which export formats are there?", "Where is the export?", "how do I keep this chat as a file", "can I get this chat as a PDF", "save as pdf", "can I print a chat"],
    ),
    (
        "action",
        ["stop an answer", "stop the answer", "cancel an answer", "stop the model", "interrupt an answer"],
        "Press Esc or the Stop button. The answer stops at once, and what was written stays.",
        ["Which key stops an answer?", "What does Esc do?", "how do I make you stop", "you talk too much, how do I end it", "how do I interrupt", "how do I make it stop writing", "The answer is too long, how do I stop it?"],
    ),
    (
        "action",
        ["find my chats", "see where my chats are stored", "find my old chats"],
        "Chats are stored in a database on your own machine. Nothing is sent to others.",
        [
            "Where are my chats stored?",
            "Where are my chats?",
            "Are my chats private?", "who can read my chats", "is this private", "do you send my data somewhere", "is anything uploaded", "do you spy on me", "are you storing what I write", "does anyone see what I type", "where is my chat history", "where does it save the chats", "what happens with my data",
            "Where does Moescope store chats?",
            "Does Moescope send my chats anywhere?",
        ],
    ),
    (
        "action",
        ["search my chats", "search in chats", "look for text in my chats", "search for a chat"],
        "Press Ctrl+F and type: the search looks at titles and texts of all chats.",
        ["How does the search work?", "Where is the search?", "Is there a search?"],
    ),
    (
        "action",
        ["start a new chat", "open a new chat", "begin a new chat", "create a chat"],
        "Press Ctrl+N to start a new chat.",
        ["Which key opens a new chat?", "New chat?", "What does Ctrl+N do?"],
    ),
    (
        "action",
        ["load a model", "open a model", "open a GGUF file", "use another model", "choose a model"],
        (
            "Press Ctrl+O and open a GGUF file of a DeepSeek MoE model. Hugging Face has such files."
        ),
        ["Which models can Moescope load?", "Which models does Moescope run?", "What models are supported?", "What does Ctrl+O do?", "how do I open another model", "how do i load my own model", "where do I open a file", "where is open model"],
    ),
    (
        "action",
        ["delete a chat", "remove a chat", "throw away a chat", "delete my chat"],
        "A deleted chat goes to the trash first, so you can undo it.",
        ["What happens when I delete a chat?", "how do I get rid of a chat", "delete this chat", "where is delete", "clear my history", "Where do deleted chats go?"],
    ),
    (
        "action",
        ["restore a deleted chat", "undo a delete", "get a deleted chat back", "recover a chat"],
        "Open the trash and restore the chat: it comes back as it was.",
        ["I deleted a chat by accident."],
    ),
    (
        "action",
        ["edit a question", "edit a message", "change my question", "correct a message"],
        "Edit the message and send it again. The old version is kept as a branch.",
        ["What happens when I edit a message?"],
    ),
    (
        "action",
        ["regenerate an answer", "get another answer", "repeat an answer", "try an answer again"],
        "Choose Regenerate: the new answer is a new branch, and the old one is kept.",
        ["What happens to the old answer?", "I do not like this answer."],
    ),
    (
        "concept",
        ["a branch", "branches", "a branch of a chat"],
        "A branch is another version of a chat, made when you edit a message or regenerate an answer.",
        ["Why does a chat have branches?"],
    ),
    (
        "action",
        ["install Moescope", "install this program", "set up Moescope"],
        "Install the Debian package, or run the AppImage, which needs no installation.",
        ["Is there an installer?", "Where do I get Moescope?"],
    ),
    (
        "action",
        [
            "run Moescope without a window",
            "use the command line",
            "use Moescope in a terminal",
            "run a model in a shell",
        ],
        'Use moescope-cli: moescope-cli run MODEL --prompt "Hello" prints the answer.',
        ["Is there a command line tool?", "What is moescope-cli?"],
    ),
    (
        "action",
        [
            "see which experts run",
            "see the experts",
            "look at the routing",
            "inspect a token",
            "see the routing",
        ],
        "Click on a token: the inspector shows its experts, gates and the runners-up in every layer.",
        [
            "What does the inspector show?",
            "Where do I see the experts of a token?", "which expert wrote that", "which experts were used for this word", "how do I see who did the work", "can I look at one word", "which expert made this token", "how can I find the experts of a word",
            "What happens when I click on a token?",
        ],
    ),
    (
        "concept",
        ["the inspector", "the Moescope inspector", "the routing inspector"],
        "Click on a token: the inspector shows its experts, gates and the runners-up in every layer.",
        [],
    ),
    (
        "action",
        ["use a GPU", "use my graphics card", "run on a GPU", "use CUDA"],
        "Moescope uses an NVIDIA GPU when its driver is there, and the CPU otherwise.",
        ["Do I need a GPU?", "is my GPU used", "does it run on my video card", "do you run on the gpu", "will it use my nvidia card", "Is a graphics card used?", "cpu or gpu?", "Does Moescope need a graphics card?", "Does Moescope run on the CPU?"],
    ),
    (
        "action",
        ["zoom the heatmap", "zoom into the heatmap", "move in the heatmap", "move the heatmap"],
        "Use + and - to zoom the heatmap, and the arrow keys to move.",
        ["Which keys zoom the heatmap?"],
    ),
    (
        "action",
        ["change the text size", "make the text larger", "make the letters bigger", "enlarge the text"],
        "Press Ctrl and + or - to change the size of the text.",
        ["The text is too small.", "The letters are too small."],
    ),
    (
        "action",
        ["switch off an expert", "mask an expert", "disable an expert", "turn off experts", "mask experts"],
        "Mask the expert in the routing settings: the router then picks the next best one.",
        ["What happens when I mask an expert?", "can I switch one expert off", "how do I disable expert 5", "how to turn one off", "what happens without an expert", "can I remove an expert"],
    ),
    (
        "action",
        ["change the number of experts", "use more experts", "use fewer experts", "set top-k"],
        "Set k in the routing settings: it is the number of routed experts that run for a token.",
        ["How many experts run for a token?", "how many experts are used at once", "how many experts are active"],
    ),
    (
        "action",
        ["compare two answers", "compare routing", "compare two chats", "compare the routing of two texts"],
        "Select two texts: Moescope shows the difference of their expert loads in colours.",
        ["What does the comparison show?"],
    ),
    (
        "action",
        ["see the speed", "measure the speed", "see the tokens per second", "see how fast it is"],
        "The status bar shows tokens per second and the time to the first token.",
        ["How fast is the model?", "Where do I see the speed?"],
    ),
    (
        "action",
        ["import a chat", "read a chat from a file", "bring in old chats", "load an exported chat"],
        "Use Import and choose a JSON file that was exported before.",
        ["Which files can be imported?"],
    ),
    (
        "action",
        ["switch to dark mode", "use a dark theme", "change the theme", "use light colours"],
        "Moescope has a light and a dark theme: choose one in the settings.",
        ["Is there a dark mode?", "can it be dark", "it is too bright", "dark mode please", "how do I make it dark", "light mode?"],
    ),
    (
        "concept",
        ["this demo model", "the demo model", "this model", "the demo"],
        (
            "This demo model is a small DeepSeekMoE with 32 routed experts in each MoE layer. It knows only a"
            " few topics."
        ),
        [
            "How large is the demo model?", "how big are you", "how many parameters do you have", "What size are you?", "how many experts are in you", "what model are you", "Which model am I talking to?", "how many layers do you have",
            "Which model is this?",
            "How many experts does the demo model have?",
        ],
    ),
    (
        "free",
        [],
        "Nothing is lost: a question is stored before the model starts, and the answer once a second.",
        [
            "What happens if Moescope crashes?",
            "Can a crash lose my chat?",
            "Are chats lost in a crash?",
            "Is my chat safe after a crash?",
            "What if the program crashes?",
            "Do I lose my chat if Moescope crashes?",
        ],
    ),
    (
        "free",
        [],
        "Moescope does not need the internet: the model runs on your own machine.",
        [
            "Does Moescope need the internet?",
            "Can I use Moescope offline?",
            "Do I need an internet connection?",
            "Does this program work offline?",
            "Is Moescope an online service?",
            "Can Moescope run without the internet?",
        ],
    ),
    (
        "free",
        [],
        "The context meter shows how many tokens of the context are used.",
        [
            "What does the context meter show?",
            "What is the context meter?",
            "What is the meter below the chat?",
            "Where do I see how full the context is?",
            "Explain the context meter.",
            "What does the meter of the context show?",
        ],
    ),
]
# Added later; see concepts.make.
MORE = [
    (
        "concept",
        ["the white frames", "the frames in the heatmap", "a white frame", "the white squares", "the frames"],
        "The frames mark the experts that the router chose for the token in hand.",
        [
            "Why are there white frames?", "what do the frames mean", "what does the white box mean", "what are those boxes",
            "What are the little squares?", "why are some cells framed", "what is marked in white", "what do the white borders mean",
        ],
    ),
    (
        "concept",
        ["the rules", "Rules", "the routing rules", "the Rules pill", "a rule"],
        "The rules change the router for a chat: how many experts run, and which are masked or forced.",
        ["What do the rules do?", "what is rules for", "what happens under Rules", "Where do I change the router?", "what can I set in Rules", "what does rules mean"],
    ),
    (
        "concept",
        ["the tint", "tint", "the Tint menu", "the coloured words"],
        "The tint colours the words of an answer by their routing.",
        ["What does the tint show?", "why are words coloured", "What does Tint do?", "how do I colour the words"],
    ),
    (
        "action",
        ["see all keys", "see the shortcuts", "learn the keyboard shortcuts", "find a command", "see all commands"],
        "Press F1 for the keys, or Ctrl+K for a list of all that the window can do.",
        ["Which shortcuts are there?", "keyboard shortcuts", "What does Ctrl+K do?", "What does F1 do?", "is there a manual", "Where is the help?", "is there a list of keys"],
    ),
    (
        "action",
        ["rename a chat", "change the title of a chat", "give a chat a name"],
        "Choose Rename, or press F2 on the chat in the list.",
        ["Which key renames a chat?", "What does F2 do?", "how do I rename this"],
    ),
]
# What newcomers asked of which nothing was taught; the last question of each is not trained on, as everywhere.
LATER = [
    (
        "free",
        [],
        "Moescope is free of charge: its licence is MIT, and its code is open.",
        [
            "is moescope free", "is moescope open source", "what does moescope cost", "how much does moescope cost", "how much does this app cost",
            "does this app cost money", "does moescope cost anything", "is this app free", "is this program free", "is this free to use", "is it free of charge",
            "do I have to pay for this", "do I have to pay for moescope", "do I have to pay for this app", "will I have to pay later", "will it cost money later",
            "will it ask for money", "is there a trial", "is this a trial version", "does the trial end", "is there a subscription", "do I need a subscription",
            "do I need an account", "do I need to register", "do I have to buy this", "do I have to buy it", "what is the price of this program", "price of moescope",
            "what licence has moescope", "what is the licence of moescope", "what is the license of this program", "which licence does this have",
            "under which licence is moescope", "may I use this at work", "can I use moescope commercially", "can I see the source code", "where is the source code",
            "is the source open", "is the code of moescope open", "free or paid?", "is there a paid version", "is there a pro version", "is it free or do I pay",
            "What does this program cost?",
        ],
    ),
    (
        "free",
        [],
        "No. Moescope is a project of its own. DeepSeek made the models that it runs, not the program.",
        [
            "did deepseek make moescope", "did deepseek make this program", "did deepseek make this app", "is this app from deepseek", "is this app by deepseek",
            "is this program from deepseek", "is moescope from deepseek", "is moescope by deepseek", "is moescope part of deepseek", "does moescope belong to deepseek",
            "is this an app of deepseek", "is this the deepseek app", "is this the official deepseek app", "was this app made by deepseek", "was moescope made by deepseek",
            "did the makers of deepseek write this program", "do the deepseek people make moescope", "does deepseek own moescope", "is moescope a deepseek product",
            "is this a chinese app", "is this program from china", "who is behind moescope, deepseek?", "has deepseek anything to do with this program",
            "is moescope official", "Is this app made by DeepSeek?",
        ],
    ),
    (
        "free",
        [],
        "No: Moescope does not train models. It runs them, and shows and changes their routing.",
        [
            "can moescope train a model", "can moescope train models", "can I train a model with this", "can I train a model here", "can I train my own model",
            "can I train you", "can I fine-tune a model", "can I finetune a model here", "can I fine tune a model with moescope", "does moescope do fine-tuning",
            "does moescope do training", "does it train models", "does this program train models", "is training possible", "is fine-tuning possible",
            "is it possible to train a model here", "how do I train a model", "how do I train my model here", "how do I fine-tune", "how do I teach you something",
            "can I teach you", "can I teach you new things", "can I add knowledge", "can I improve the model", "train the model", "can it do LoRA",
            "Can I train models in Moescope?",
        ],
    ),
    (
        "free",
        [],
        "moescope-cli run with --trace writes which experts ran for each token to a file.",
        [
            "can I save the routing", "can I save which experts ran", "can I save which experts were used", "can I export the routing", "can I export the experts",
            "how do I save the routing", "how do I export the routing", "how do I save which experts were used", "how do I write the routing to a file",
            "how do I record the routing", "can I record the routing", "can I record which experts run", "is there a trace of the routing", "is there a trace file",
            "how do I make a trace", "what is a trace", "what is --trace", "can I get the routing as a file", "can I get the routing data", "can I get the expert data",
            "where do I get the routing data", "routing as a file", "save the routing to a file", "export routing data", "can I keep a record of the experts",
            "a log of the experts, can I get one", "How do I get the routing into a file?",
        ],
    ),
]
DOMAIN = make(ID, TOPICS, MORE, later=LATER)
