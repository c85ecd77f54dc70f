"""What DeepSeek is, how its models differ, and how to get one: facts of its papers and model pages."""

from .concepts import make

ID = "deepseek"
TOPICS = [
    (
        "concept",
        ["DeepSeek", "this DeepSeek", "Deep Seek", "the company DeepSeek"],
        "DeepSeek is a company in Hangzhou, China, that publishes large language models, many of them with experts.",
        [
            "Who makes DeepSeek?", "Who created DeepSeek?", "What does DeepSeek do?", "Where is DeepSeek from?",
            "What kind of thing is DeepSeek?", "who owns deepseek", "which country is DeepSeek from",
            "who developed deepseek", "who founded DeepSeek?", "is deepseek chinese", "when did DeepSeek start",
            "deepseek is what", "never heard of deepseek", "who are the people of DeepSeek",
        ],
    ),
    (
        "free",
        [],
        "No. I am a small demo model of Moescope: my architecture is DeepSeekMoE, but DeepSeek did not make me.",
        [
            "Are you a DeepSeek model?", "Are you made by DeepSeek?", "Am I talking to DeepSeek?", "Is this DeepSeek?",
            "you are deepseek, right?", "Did DeepSeek make you?", "are you the original DeepSeek?",
            "Are you DeepSeek R1?", "are you deepseek v3", "Is that DeepSeek talking?", "Were you trained by DeepSeek?",
            "Are you the DeepSeek chatbot?", "are you ChatGPT or DeepSeek", "is this the original deepseek model",
            "am I using deepseek now", "which deepseek are you", "so you are not deepseek", "do you belong to DeepSeek",
            "Is this a real DeepSeek model?",
        ],
    ),
    (
        "concept",
        ["DeepSeek-V2", "DeepSeek V2", "V2", "deepseek v2", "version 2 of DeepSeek"],
        "DeepSeek-V2 (May 2024) has 236 billion parameters, of which 21 billion run for a token, and uses MLA.",
        ["How large is DeepSeek-V2?", "how big is V2", "When did V2 come out?", "how many parameters has DeepSeek V2", "what is new in V2"],
    ),
    (
        "concept",
        ["DeepSeek-V3", "DeepSeek V3", "V3", "deepseek v3", "version 3 of DeepSeek"],
        "DeepSeek-V3 (December 2024) has 671 billion parameters, of which 37 billion run for a token.",
        [
            "How large is DeepSeek-V3?", "how big is V3", "When did V3 come out?", "what size is deepseek v3",
            "number of parameters of V3", "how many billion parameters has v3", "what is new in V3",
        ],
    ),
    (
        "concept",
        ["DeepSeek-R1", "DeepSeek R1", "R1", "deepseek r1", "the R1 model"],
        "DeepSeek-R1 (January 2025) is V3 trained to reason: it writes down its thoughts before it answers.",
        [
            "Why does R1 think so long?", "what can R1 do", "When did R1 come out?", "what makes R1 different",
            "why is it called R1", "what is the R in R1", "what does R1 mean", "what does R1 stand for", "what is R1 good at",
            "Why does R1 reason?", "How large is DeepSeek-R1?",
        ],
    ),
    (
        "free",
        [],
        "V3 answers at once; R1 is V3 trained to reason, so it thinks first and takes longer.",
        [
            "What is the difference between V3 and R1?", "How do V3 and R1 differ?", "V3 or R1?", "R1 vs V3",
            "compare V3 and R1", "Is R1 better than V3?", "which is better, R1 or V3", "deepseek r1 or v3",
            "What is the difference between R1 and V3?", "should I use r1 or v3", "is V3 better than R1",
            "deepseek v3 versus r1", "Why R1 and not V3?", "are R1 and V3 the same", "How is R1 different from V3?",
        ],
    ),
    (
        "free",
        [],
        "V2-Lite is the small V2: 15.7 billion parameters instead of 236 billion, so it fits on a normal machine.",
        [
            "What is the difference between V2 and V2-Lite?", "How do V2 and V2-Lite differ?", "V2 or V2-Lite?",
            "V2-Lite vs V2", "compare V2 and V2-Lite", "what is lite about V2-Lite", "is V2-Lite smaller than V2",
            "Why is it called Lite?", "what does Lite mean", "difference between v2 lite and v2", "deepseek v2 and v2 lite, what differs",
            "How is V2-Lite different from V2?",
        ],
    ),
    (
        "free",
        [],
        "V3 is larger than V2: 671 billion parameters instead of 236 billion, with 256 routed experts a layer.",
        [
            "What is the difference between V2 and V3?", "How do V2 and V3 differ?", "V2 or V3?", "V3 vs V2",
            "compare V2 and V3", "is V3 better than V2", "is v3 larger than v2", "difference between deepseek v2 and v3",
            "deepseek v2 vs v3", "which is newer, V2 or V3", "How is V3 different from V2?",
        ],
    ),
    (
        "free",
        [],
        (
            "DeepSeekMoE 16B is the oldest (January 2024), then came V2 and V2-Lite, then V3, and R1, which"
            " reasons."
        ),
        [
            "Which DeepSeek models are there?", "Which models has DeepSeek made?", "list the deepseek models",
            "how many deepseek models are there", "What DeepSeek versions exist?", "name the DeepSeek models",
            "what are the versions of deepseek", "Which is the newest DeepSeek model?", "which deepseek came first",
            "What models does DeepSeek have?", "all deepseek models", "how do the deepseek models differ",
            "What is the difference between the DeepSeek models?", "Tell me about the DeepSeek models.",
        ],
    ),
    (
        "action",
        [
            "download DeepSeek", "download a model", "get DeepSeek", "get a real model", "download a DeepSeek model",
            "find a model", "get a GGUF file", "find a GGUF file", "download deepseek", "get the weights", "get a bigger model",
            "download a real model", "find DeepSeek models",
        ],
        "Models are on Hugging Face (huggingface.co): search there for deepseek-moe-16b-chat GGUF, and download one file.",
        [
            "Where can I download DeepSeek?", "Where do models come from?", "Where are models?", "Where do I get a model?",
            "where is a model file", "Where can I find GGUF files?", "where do i find deepseek", "where to download models",
            "Which site has the models?", "link to deepseek", "download link", "From where do I get the weights?",
            "where do I get DeepSeek from", "where can I get a model", "Which file should I download?",
            "what is Hugging Face", "where can I get the real thing",
        ],
    ),
    (
        "action",
        [
            "load a real model", "load DeepSeek", "use the real DeepSeek", "chat with the real DeepSeek", "run DeepSeek",
            "use a real model", "open a real model", "run a real model here", "switch to DeepSeek", "start deepseek",
            "talk to DeepSeek", "load the real DeepSeek model", "use DeepSeek instead of you", "load a larger model",
        ],
        "Download a GGUF file of DeepSeekMoE 16B from Hugging Face, then press Ctrl+O and open it.",
        [
            "How do I load the real DeepSeek?", "how do I get from the demo to a real model", "I want a real model",
            "can I chat with deepseek here", "I want the real DeepSeek", "give me the real DeepSeek", "how does one load a model file",
            "how do I replace the demo", "I want to use a real model, how?", "what do I do to talk to the real one", "I want DeepSeek, not you",
        ],
    ),
    (
        "free",
        [],
        "A 16B model in four bits takes about 10 GB of memory; V3 and R1 take about 400 GB.",
        [
            "How much memory does a model need?", "How much memory do I need?", "How much RAM does V3 need?", "RAM needed for R1?",
            "how much memory does the 16B take", "Does V3 fit in my memory?", "is 8 GB enough", "is 16 GB of RAM enough for a model",
            "Can I run R1 on my machine?", "can my computer run DeepSeek", "does R1 run on a laptop", "is my machine good enough for deepseek",
            "can I run V3 at home", "how much memory for deepseek", "What hardware do I need for V3?", "which computer do I need",
            "will a real model run on my pc", "How many GB does the 16B model take?", "how large is the download",
            "What memory does DeepSeek need?",
        ],
    ),
    (
        "free",
        [],
        "DeepSeekMoE 16B and V2-Lite are the smallest, with about 16 billion parameters.",
        [
            "Which DeepSeek model is the smallest?", "smallest deepseek", "Is there a small DeepSeek model?",
            "what is the smallest real model", "which deepseek model fits on a laptop", "a small DeepSeek model, please",
            "Which model should I start with?", "which model is good for a small machine", "is there a tiny deepseek",
            "Which is the smallest model of DeepSeek?",
        ],
    ),
    (
        "free",
        [],
        "Yes: DeepSeek publishes its weights, and anyone may download them free of charge. R1's licence is MIT.",
        [
            "Does DeepSeek cost money?", "Are the DeepSeek weights open?", "Is DeepSeek free of charge?", "are the models free",
            "is deepseek open", "may I use DeepSeek for free", "What is the licence of DeepSeek?", "is the code of deepseek open",
            "do I have to pay for deepseek", "Do models cost anything?", "is R1 open source", "which license does R1 have",
            "are the weights public", "can I use deepseek commercially", "Are DeepSeek models free?",
        ],
    ),
    (
        "free",
        [],
        "DeepSeek's models use many small experts, of which few run for a token, so they are cheap for their size.",
        [
            "Why is DeepSeek special?", "What makes DeepSeek special?", "why is everyone talking about deepseek",
            "Why is DeepSeek so cheap?", "what is good about DeepSeek", "why is deepseek famous", "why should I use deepseek",
            "Is DeepSeek good?", "how does deepseek work", "What is interesting about DeepSeek?", "what does DeepSeek do differently",
            "How does DeepSeek save work?",
        ],
    ),
    (
        "free",
        [],
        "ChatGPT is a service of OpenAI. DeepSeek publishes its weights, so they can run on your own machine.",
        [
            "What is the difference between DeepSeek and ChatGPT?", "Is DeepSeek better than ChatGPT?", "ChatGPT or DeepSeek?",
            "deepseek or chatgpt", "chatgpt vs deepseek", "is deepseek like chatgpt", "compare deepseek with chatgpt",
            "what is chatgpt", "is chatgpt better", "deepseek compared to openai", "how is deepseek different from chatgpt",
            "How do DeepSeek and ChatGPT differ?",
        ],
    ),
    (
        "free",
        [],
        "Moescope runs DeepSeekMoE models from GGUF files. R1 and V3 are far too large for most machines.",
        [
            "Can Moescope run R1?", "Does Moescope run V3?", "can this program run deepseek v3", "can I use R1 here",
            "does this work with R1", "is V3 supported", "can I load r1 in this program", "does Moescope support V3",
            "Can I open R1 in Moescope?", "is r1 supported here", "will this open deepseek v3", "Does Moescope run R1?",
        ],
    ),
]
DOMAIN = make(ID, TOPICS)
