"""What a mixture of experts is, in the words of the DeepSeekMoE and DeepSeek-V2 papers."""

from .concepts import make

ID = "moe"
TOPICS = [
    (
        "concept",
        ["a mixture of experts", "mixture of experts", "MoE", "an MoE model", "a MoE"],
        (
            "A mixture of experts replaces one large feed-forward network by many small ones, the experts, of"
            " which a router picks a few for each token."
        ),
        ["How does a mixture of experts work?", "what is the idea of a mixture of experts", "explain MoE to a child", "explain moe simply", "mixture of experts in simple words", "how does MoE work", "why mixture of experts", "why use experts", "what is so good about MoE", "is MoE better", "how does a mixture of experts save time", "why is MoE fast", "are MoE models faster", "what is the point of many experts", "What does MoE stand for?"],
    ),
    (
        "concept",
        ["an expert", "experts", "an expert in MoE"],
        "An expert is a small feed-forward network inside a layer. Only a few experts run for each token.",
        ["What do experts do?", "What does an expert do?", "why are not all experts used", "why only a few experts", "do all experts run", "are all experts used for a token", "why use so few experts", "how do experts help"],
    ),
    (
        "concept",
        ["a router", "the router", "routing", "a routing network"],
        "The router scores all experts for a token with a softmax and sends the token to the best ones.",
        [
            "What does the router do?",
            "How are experts chosen?", "who decides which expert runs", "how is the expert picked", "how does a router choose", "how does the router pick experts", "what decides the expert", "how does the router know",
            "Who picks the experts?",
            "How does routing work?",
        ],
    ),
    (
        "concept",
        ["a gate", "the gate", "a gate value", "a gate score", "gating"],
        (
            "A gate is the weight of a chosen expert: the router's probability, by which its output is"
            " multiplied."
        ),
        ["What does a gate do?", "How are the outputs of experts weighted?"],
    ),
    (
        "concept",
        ["a shared expert", "shared experts", "the shared experts"],
        (
            "A shared expert runs for every token. It holds common knowledge, so that routed experts can"
            " specialise."
        ),
        ["What does a shared expert do?", "what is the use of shared experts", "why share an expert", "shared vs routed experts", "Why are there shared experts?", "Which experts always run?"],
    ),
    (
        "concept",
        ["a routed expert", "routed experts", "the routed experts"],
        "A routed expert runs only for the tokens that the router sends to it.",
        ["What does a routed expert do?", "When does a routed expert run?"],
    ),
    (
        "concept",
        ["fine-grained experts", "fine-grained expert segmentation", "expert segmentation"],
        (
            "Fine-grained experts are many small experts instead of few large ones, so that knowledge is"
            " split more finely."
        ),
        ["Why are experts fine-grained?", "Why are the experts so small?"],
    ),
    (
        "concept",
        ["top-k", "top-k routing", "top-k selection"],
        "Top-k means that only the k experts with the highest scores run for a token.",
        ["What does the k in top-k mean?", "What is k?", "How many experts does top-k choose?"],
    ),
    (
        "concept",
        ["load balance", "load balancing", "balanced load"],
        (
            "Load balance means that all experts get about the same number of tokens, so that none is idle or"
            " too busy."
        ),
        ["Why is load balance important?", "Why must the load be balanced?"],
    ),
    (
        "concept",
        ["the balance loss", "a balance loss", "the auxiliary loss", "an auxiliary loss"],
        (
            "The balance loss is a small term in training that grows when some experts get more tokens than"
            " others."
        ),
        ["What is the balance loss for?", "What does the auxiliary loss do?"],
    ),
    (
        "concept",
        ["routing collapse", "router collapse", "expert collapse"],
        "Routing collapse is when the router always picks the same few experts and the others never learn.",
        ["When does routing collapse happen?"],
    ),
    (
        "concept",
        ["relative load", "relative expert load", "the load of an expert", "expert load"],
        (
            "Relative load compares how often an expert runs with the average: 1 is balanced, 2 is twice as"
            " often."
        ),
        ["What does a relative load of 1 mean?"],
    ),
    (
        "concept",
        ["MLA", "multi-head latent attention", "latent attention"],
        (
            "Multi-head latent attention, or MLA, stores keys and values as one small latent vector, which"
            " shrinks the KV cache."
        ),
        ["What does MLA stand for?", "Why does DeepSeek-V2 use MLA?"],
    ),
    (
        "concept",
        ["the KV cache", "a KV cache", "KV cache"],
        "The KV cache keeps the keys and values of earlier tokens, so that they need not be computed again.",
        ["Why is there a KV cache?", "What is the KV cache for?", "What does the KV cache store?"],
    ),
    (
        "concept",
        ["attention", "self-attention", "the attention layer"],
        "Attention lets each token look at earlier tokens and gather what it needs from them.",
        ["What does attention do?", "How does attention work?"],
    ),
    (
        "concept",
        ["a token", "tokens"],
        (
            "A token is a piece of text, such as a word or a part of a word, that the model reads or writes"
            " at once."
        ),
        ["Is a token a word?", "what do you mean by token", "whats a token", "what is a token exactly", "are tokens words", "token meaning", "How long is a token?"],
    ),
    (
        "concept",
        ["a tokenizer", "the tokenizer", "tokenization"],
        "A tokenizer splits text into tokens and turns tokens back into text.",
        ["What does a tokenizer do?"],
    ),
    (
        "concept",
        ["the vocabulary", "a vocabulary"],
        "The vocabulary is the list of all tokens that a model knows.",
        ["How large is the vocabulary of a model?"],
    ),
    (
        "concept",
        ["prefill", "the prefill phase", "prompt processing"],
        "Prefill is the phase in which the model reads all tokens of the prompt at once.",
        ["What happens during prefill?", "When does prefill happen?"],
    ),
    (
        "concept",
        ["decode", "the decode phase", "decoding"],
        "Decode is the phase in which the model writes its answer, one token at a time.",
        ["What happens during decode?", "When does decode happen?"],
    ),
    (
        "concept",
        ["the context length", "the context window", "context length"],
        "The context length is the number of tokens that a model can look at together.",
        ["What happens when the context is full?"],
    ),
    (
        "concept",
        ["temperature", "the temperature", "sampling temperature"],
        "Temperature sets how random the answer is: 0 always takes the most likely token.",
        ["What does temperature do?", "What does a temperature of 0 mean?"],
    ),
    (
        "concept",
        ["sampling", "token sampling", "a sampler"],
        "Sampling picks the next token at random, by the probabilities that the model gives.",
        ["How does sampling work?"],
    ),
    (
        "concept",
        ["softmax", "the softmax", "a softmax"],
        "Softmax turns scores into probabilities that sum to 1.",
        ["What does softmax do?", "explain softmax simply", "softmax meaning", "Why does the router use softmax?"],
    ),
    (
        "concept",
        ["logits", "the logits", "a logit"],
        "Logits are the raw scores that a model gives to all tokens, before softmax.",
        ["Where do logits come from?"],
    ),
    (
        "concept",
        ["quantisation", "quantization", "a quantised model"],
        "Quantisation stores weights with fewer bits, so that a model takes less memory and runs faster.",
        ["Why are models quantised?", "What does Q8_0 mean?"],
    ),
    (
        "concept",
        ["GGUF", "a GGUF file", "the GGUF format"],
        "GGUF is a file format that holds a model's weights, its settings and its tokenizer in one file.",
        ["What is in a GGUF file?"],
    ),
    (
        "concept",
        ["DeepSeekMoE", "the DeepSeekMoE architecture"],
        "DeepSeekMoE is an architecture with many fine-grained routed experts and a few shared experts.",
        ["How does DeepSeekMoE work?", "What is new in DeepSeekMoE?"],
    ),
    (
        "concept",
        ["DeepSeek-V2-Lite", "V2-Lite"],
        (
            "DeepSeek-V2-Lite has 15.7 billion parameters, of which 2.4 billion are active for a token, and"
            " uses MLA."
        ),
        ["How large is DeepSeek-V2-Lite?"],
    ),
    (
        "concept",
        ["DeepSeekMoE 16B", "the 16B model"],
        (
            "DeepSeekMoE 16B has 64 routed experts in each MoE layer, 2 shared ones, and runs 6 routed"
            " experts a token."
        ),
        ["How many experts does DeepSeekMoE 16B have?", "How many experts does the 16B model have?"],
    ),
    (
        "concept",
        ["active parameters", "activated parameters", "the active parameters"],
        "Active parameters are those that a token really uses. In an MoE model they are a small part of all.",
        ["Why are active parameters fewer than all parameters?"],
    ),
    (
        "concept",
        ["a parameter", "parameters", "a weight of a model"],
        "A parameter is a number inside the model that was learnt in training.",
        ["How many parameters does a model have?"],
    ),
    (
        "concept",
        ["expert specialisation", "specialisation", "expert specialization"],
        "Expert specialisation means that an expert runs mostly for certain topics or words.",
        ["Do experts specialise?", "does an expert know one subject", "is there an expert for maths", "do experts have topics", "is there an expert for each topic", "does every expert know something else", "are experts for different topics", "which expert does numbers", "What do experts specialise in?"],
    ),
    (
        "concept",
        ["a dense layer", "dense layers", "the dense layer"],
        (
            "A dense layer has one feed-forward network that runs for every token. In DeepSeek models the"
            " first layer is dense."
        ),
        ["Which layer is dense?"],
    ),
    (
        "concept",
        ["a dense model", "dense models"],
        "A dense model uses all of its parameters for every token; an MoE model uses only a few experts.",
        ["What is the difference between a dense model and MoE?"],
    ),
    (
        "concept",
        ["a layer", "layers", "a transformer layer"],
        "A layer is one step of the model: attention, and then a feed-forward network or experts.",
        ["What is in a layer?"],
    ),
    (
        "concept",
        ["co-activation", "expert co-activation"],
        "Co-activation tells how often two experts are chosen for the same token.",
        ["When are two experts co-activated?"],
    ),
    (
        "concept",
        ["RoPE", "rotary position embedding", "rotary embedding"],
        (
            "RoPE rotates queries and keys by an angle that depends on the position, so that attention knows"
            " the order."
        ),
        ["Why does a model need RoPE?", "What does RoPE do?"],
    ),
    (
        "concept",
        ["SwiGLU", "the SwiGLU function"],
        (
            "SwiGLU is a feed-forward network with a gate: SiLU of one product times another product, then a"
            " third product."
        ),
        ["How does SwiGLU work?"],
    ),
    (
        "concept",
        ["RMSNorm", "RMS norm"],
        "RMSNorm divides a vector by its root mean square, which keeps training stable.",
        ["What does RMSNorm do?"],
    ),
    (
        "concept",
        ["the gate margin", "a gate margin", "a near miss"],
        (
            "The gate margin is the distance between the last chosen expert's probability and the first one"
            " that was not chosen."
        ),
        ["What does a small gate margin mean?"],
    ),
    (
        "concept",
        ["a language model", "an LLM", "language models"],
        "A language model predicts the next token of a text, again and again.",
        ["How does a language model work?"],
    ),
]
DOMAIN = make(ID, TOPICS)
