"""Questions beyond this model, so that it says so; slot combinations and phrasings are held out."""

from __future__ import annotations

from random import Random

from .base import Domain, Item, held_out

ID = "unknown"
ANSWER = (
    "I do not know that. I am a small demo model: ask me about experts, Moescope, numbers, facts, words, code"
    " or a story."
)
SLOTS = {
    "nouns": (
        "birds,cars,people,computers,planets,stars,trees,fish,children,doctors,teachers,cats,dogs,houses,ships,"
        "planes,clouds,mountains,rivers,books,phones,robots,trains,shoes,apples,flowers,bees,horses,kings,stones"
    ).split(","),
    "verb": (
        "sleep,fly,sing,grow,work,fall,swim,talk,shine,move,break,burn,dream,dance,cry,laugh,run,jump,stop,"
        "smell,win,cost so much,get old,need water,make noise,live long"
    ).split(","),
    "adjective": (
        "big,small,old,heavy,fast,slow,good,dangerous,beautiful,expensive,happy,loud,rare,useful".split(",")
    ),
    "price": (
        "gold,bread,a house,a bicycle,oil,this phone,a new car,tickets,petrol,coffee,silver,a laptop".split(
            ","
        )
    ),
    "event": (
        "the World Cup,the election,the Olympics,the race,the match,the Nobel Prize,the lottery,the game"
        .split(",")
    ),
    "when": "tomorrow,next week,on Sunday,in July,tonight,this weekend,next month,on Friday".split(","),
    "who": (
        "Napoleon,Mozart,Einstein,Shakespeare,Cleopatra,my neighbour,the"
        " president,Newton,Picasso,Beethoven,Columbus,Marie Curie,the king,my boss,Goethe,Plato".split(",")
    ),
    "dish": "a pizza,lasagne,a soup,pancakes,a curry,sushi,a chocolate cake,dumplings,rice,noodles".split(
        ","
    ),
    "topic": (
        "the stock market,quantum"
        " physics,law,chemistry,medicine,taxes,football,politics,religion,history,fashion,"
        "economics,biology,philosophy,geology,the war".split(",")
    ),
    "thing": "a film,a restaurant,a hotel,a book to read,a good song,a game,a doctor,a present".split(","),
    "place": "Rome,Berlin,the airport,the station,the moon,London,my house,Tokyo".split(","),
}
ASK = [
    "What is the price of {price}?",
    "How much does {price} cost?",
    "What does {price} cost?",
    "Who won {event}?",
    "When is {event}?",
    "What will the weather be {when}?",
    "Will it rain {when}?",
    "What happens {when}?",
    "Who was {who}?",
    "When was {who} born?",
    "Where did {who} live?",
    "Tell me about {who}.",
    "How old is {who}?",
    "How do I cook {dish}?",
    "Give me a recipe for {dish}.",
    "What do you know about {topic}?",
    "Explain {topic}.",
    "What is new in {topic}?",
    "Recommend {thing}.",
    "Can you find {thing} for me?",
    "How far is it to {place}?",
    "How do I get to {place}?",
    "When does the next train to {place} leave?",
    "Write an essay about {topic}.",
    "Write a poem about {who}.",
    "What is the phone number of {who}?",
    "Book a flight to {place}.",
    "What did {who} say?",
    "Why is {topic} important?",
    "Who invented {price}?",
    "Give me advice on {topic}.",
    "What time is it in {place}?",
    "What is the news {when}?",
    "Is {topic} difficult?",
    "Summarise {topic}.",
    "Is {price} expensive?",
    "Is {price} cheap?",
    "Why is {price} so expensive?",
    "Where can I buy {price}?",
    "Who makes {price}?",
    "Who plays in {event}?",
    "Where is {event}?",
    "Who is the winner of {event}?",
    "How was {event}?",
    "Is it going to be sunny {when}?",
    "What is going on {when}?",
    "How will the weather be {when}?",
    "What should I do {when}?",
    "Why is {who} famous?",
    "Was {who} famous?",
    "How did {who} die?",
    "Is {who} dead?",
    "What do you think of {who}?",
    "Did you know {who}?",
    "What is {dish} made of?",
    "How long does {dish} take?",
    "What do I need for {dish}?",
    "Is {dish} healthy?",
    "Can you teach {topic}?",
    "Who teaches {topic}?",
    "I want to study {topic}.",
    "Where can I read about {topic}?",
    "Where is {thing}?",
    "Where do I find {thing} in {place}?",
    "I am looking for {thing}.",
    "Is there {thing} in {place}?",
    "What is there to see in {place}?",
    "How many people live in {place}?",
    "Why do {nouns} {verb}?",
    "How do {nouns} {verb}?",
    "When do {nouns} {verb}?",
    "Where do {nouns} {verb}?",
    "Do {nouns} {verb}?",
    "Can {nouns} {verb}?",
    "Should {nouns} {verb}?",
    "Why are {nouns} {adjective}?",
    "Are {nouns} {adjective}?",
    "Which {nouns} are {adjective}?",
    "Who likes {nouns}?",
    "What do {nouns} need?",
    "How many {nouns} are in {place}?",
    "What is the best of all {nouns}?",
    "Do you have {nouns}?",
]
ASK_HELD = [
    "Why can {nouns} {verb}?",
    "What if {nouns} {verb}?",
    "How {adjective} are {nouns}?",
    "How expensive is {price}?",
    "Who will win {event}?",
    "Is it going to rain {when}?",
    "What is {who} famous for?",
    "Teach me {topic}.",
    "How is {dish} made?",
    "Where can I find {thing}?",
    "When did {who} die?",
]


def draw(rng: Random, held: bool) -> str:
    while True:
        slots = {name: rng.choice(values) for name, values in SLOTS.items()}
        new = held and rng.random() < 0.3
        ask = rng.choice(ASK_HELD if new else ASK)
        used = [value for name, value in slots.items() if "{" + name + "}" in ask]
        if new or held_out(ask, *used) == held:
            return ask.format(**slots)


def sample(rng: Random) -> tuple[str, str]:
    return draw(rng, held=False), ANSWER


def heldout(rng: Random) -> list[Item]:
    return [Item(ID, draw(rng, held=True), "contains", ["do not know"]) for _ in range(46)]


DOMAIN = Domain(ID, sample, heldout)
