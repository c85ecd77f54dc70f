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
            "What can I do with Moescope?",
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
            "What do the colours of the heatmap mean?",
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
        ["Which formats can I export?", "Which export formats are there?", "Where is the export?"],
    ),
    (
        "action",
        ["stop an answer", "stop the answer", "cancel an answer", "stop the model", "interrupt an answer"],
        "Press Esc or the Stop button. The answer stops at once, and what was written stays.",
        ["Which key stops an answer?", "What does Esc do?", "The answer is too long, how do I stop it?"],
    ),
    (
        "action",
        ["find my chats", "see where my chats are stored", "find my old chats"],
        "Chats are stored in a database on your own machine. Nothing is sent to others.",
        [
            "Where are my chats stored?",
            "Where are my chats?",
            "Are my chats private?",
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
            "Open a GGUF file of a DeepSeek MoE model. Moescope shows progress while it loads, and you can"
            " stop it."
        ),
        ["Which models can Moescope load?", "Which models does Moescope run?", "What models are supported?"],
    ),
    (
        "action",
        ["delete a chat", "remove a chat", "throw away a chat", "delete my chat"],
        "A deleted chat goes to the trash first, so you can undo it.",
        ["What happens when I delete a chat?", "Where do deleted chats go?"],
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
            "Where do I see the experts of a token?",
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
        ["Do I need a GPU?", "Does Moescope need a graphics card?", "Does Moescope run on the CPU?"],
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
        ["What happens when I mask an expert?"],
    ),
    (
        "action",
        ["change the number of experts", "use more experts", "use fewer experts", "set top-k"],
        "Set k in the routing settings: it is the number of routed experts that run for a token.",
        ["How many experts run for a token?"],
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
        ["Is there a dark mode?"],
    ),
    (
        "concept",
        ["this demo model", "the demo model", "this model", "the demo"],
        (
            "This demo model is a small DeepSeekMoE with 32 routed experts in each MoE layer. It knows only a"
            " few topics."
        ),
        [
            "How large is the demo model?",
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
DOMAIN = make(ID, TOPICS)
