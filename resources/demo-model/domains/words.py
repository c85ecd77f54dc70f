"""Words to fill questions with that the model is to decline: common ones, names, and made-up ones."""

from __future__ import annotations

from random import Random

NOUNS = """
airplane airport algebra alphabet ambulance anchor angel ankle ant apartment army arrow art artist asteroid atom autumn baby
bachelor bacteria badge bag bakery balloon bamboo band bank banker barber barn baseball basket basketball bat bathroom
battery beach beard bed beer bell belt bench bicycle bill biology birthday biscuit blanket blood boat body bomb bone boot
border boss bottle bowl brain brake bread brick bridge broom brush bucket bug bus business butter button cabbage cactus
cake calendar camel camera camp candle candy canyon cap car carbon card career carpet castle cathedral cave cello cement
ceremony chain chairman champion channel chapter chemistry chess chess-board chicken chimney church cinema circle circus
climate clock cloud clown club coach coal coast coat cocoa coconut coffee coin college colony comet comma commerce
compass concert concrete constitution cook copper coral corn cotton couch court cousin cowboy crab cream credit cricket crime
crisis crocodile crown crystal culture cup curtain dam dance dancer dentist desert desk diamond dictionary diet dinner
dinosaur disease doctor dollar dolphin door-bell dragonfly drama dream dress drug drum dust eagle ear-ring earth earthquake
east economy election electricity electron elevator emperor empire energy engine engineer envelope equation equator eraser
eruption evolution exam factory fairy family farmer fashion fence ferry festival fever film finger fireplace fireworks flag
flea flood flour flute fog folk football force forest fork fossil fountain freedom friendship fruit fuel funeral fungus
furniture galaxy gallery game garage garden garlic gasoline gene genius geography geometry ghost giant ginger glacier glass
glove glue goal gold golf government grammar grape gravity guitar gun gymnasium hair hammer hamster happiness harbour harp
hat health helicopter helmet hero history hobby holiday homework honey hospital hotel hurricane ice-cream idea illness
immigrant inflation ink insect insurance internet invention iron island ivory jacket jail jam jazz jewel job journalist
judge juice jungle justice kangaroo ketchup kettle keyboard kidney king kingdom kitchen kite knife knight knot ladder lake
lamp laptop laser laundry law lawyer leather leg lemonade lens liberty library licence light lightning lipstick liver lobster
lottery luck lung machine magazine magic magnet mail manager map marathon marble market marriage mathematics mattress mayor
meal meat medicine melody metal meteor microphone microscope microwave mineral mirror mission mist mosquito moth motor
motorcycle mouse-trap moustache movie muscle museum mushroom mustard nail nation nature neck needle neighbour nerve nest
newspaper nickel noise noodle north nose novel nuclear nurse nut oak ocean-wave office oil olive onion opera orbit orchestra
organ ostrich oven oxygen oyster package painter painting palace pancake panda paper parachute paradise parliament parrot
party passport password pasta patient peace peach peanut pearl pen pencil pension pepper perfume phone photo physics piano
pickle picture pie pigeon pill pillow pilot pipe pirate pizza planet plant plastic plate playground plumber pocket poem poet
poetry poison police politics pollution pond popcorn port potato poverty prince princess printer prison prize professor
pump pumpkin puppet puzzle pyramid queen quiz radar radio rainbow rat raven recipe refrigerator religion rent republic
restaurant rhythm rice ring robot rocket roof rope rose rubber rug rugby ruler sail sailor salad salary salmon salt sand
sandwich satellite sauce sausage scarf science scientist scissors scorpion screen screw sculpture season seat secret seed
shadow shampoo shark shell shelf shirt shoe shop shoulder shower shrimp silk silver singer skeleton ski skin skirt
skyscraper slave sleep slipper smoke snake soap soccer society sock software soil soldier soup south spaceship spear spice
spoon spring stadium stamp statue steam steel stock stomach storm strawberry submarine subway sugar suitcase summer surgeon
swamp sweater sword symphony syrup tail tailor tank tattoo tax taxi tea teacher technology telephone telescope television
temple tennis tent theatre theory thief thunder ticket tide tie tiger toast tobacco toilet tongue tool tooth toothbrush
tornado tourist towel tower toy tractor trade tradition traffic treasure triangle trousers truck trumpet truth tsunami
tulip tunnel umbrella unicorn uniform universe university uranium vaccine valley vampire vegetable vehicle vein video
village vinegar violin virus vitamin volcano volleyball wall wallet war watch waterfall weapon weather website wedding
weight west whale wheat wheel whisky whistle wine winter wire witch wizard wolf-pack wood wool worm wound wrestling yacht
yoga yogurt zebra zero zipper zoo
""".split()
VERBS = """
accept achieve admire adopt argue arrive avoid bake beat become begin believe bite boil borrow break breathe build burn calm
carry catch celebrate change charge chase choose clean climb collect complain connect cook copy cough count cross cure cut
decorate defend deliver destroy dig dive divorce draw dress drive drop earn escape exercise explode explore fail fall fight
fix float fly fold forget forgive freeze fry grow guess hang harvest hate heal hide hire hunt improve install invest invite
iron join jump kick kill kiss knit knock laugh launch lay lead lend lift listen lock lose marry measure melt mend mix mow
move obey order organise pack paint park pass pay peel photograph plant pray prepare print protect prove pull punish push
quit race raise recycle reduce refuse rent repair replace rescue rest ride ring rise roast rob run sail save scratch scream
sell sew shake shave shoot shout shrink sing sit ski skip slice slip smell smile smoke sneeze sort spend spin spread steal
sting stir surf survive sweep swim swing taste teach tear text thank throw tie tip touch trade train travel treat trust
type understand unlock upgrade vote wait wake walk wash waste water wear weigh whisper win wipe wish worry wrap yawn
""".split()
ADJECTIVES = """
ancient angry asleep awful bitter blind boring brave bright broken busy calm careful cheap clean clever common correct
crazy cruel curious dangerous dark dead deaf deep different difficult dirty dry dull early easy electric empty evil
expensive famous fat fair false famous foreign free fresh friendly frozen full funny gentle gold hard harmless healthy heavy
honest huge human hungry ill illegal important innocent intelligent invisible jealous kind late lazy legal light local lonely
long loud lucky mad magnetic male mean modern natural necessary noisy normal nuclear poisonous polite poor popular powerful
pretty private public pure quick quiet rare raw ready religious rich ripe rotten rough round royal rude sad safe salty scary
sharp shiny short silent silly simple slow smooth soft solid sour spicy square stable strange strong stupid sweet tall tame
thick thin tiny toxic true ugly useful useless valuable violent visible warm weak wealthy wet wide wild wise wooden wrong
young
""".split()
FIRST = """
Aaron Adele Ahmed Albert Alexander Amelia Amir Andrew Angela Arthur Barack Beatrice Benjamin Beyonce Bill Brad Bruce Carl
Caroline Charles Cristiano Daniel Donald Dorothy Edgar Elizabeth Elvis Emily Ernest Fidel Florence Frank Frederick Galileo
Genghis George Giovanni Gloria Greta Hannah Harriet Henry Hiroshi Ian Igor Isaac Isabella Jack Jacob James Jane Jean Jeff
Jennifer Jesus John Jorge Joseph Juan Julius Karl Kate Katherine Kim Larry Leonardo Li Linda Lionel Louis Ludwig Mahatma
Malcolm Margaret Marie Martin Mary Michael Michelle Mohammed Muhammad Nelson Nicolas Nikola Oprah Oscar Pablo Patrick
Philip Priyanka Rafael Richard Roger Ronald Rosa Ryan Salvador Sandra Serena Sergei Sigmund Sofia Stephen Steve Sylvia
Taylor Teresa Theodore Tim Tony Usain Vincent Virginia Vladimir Walt Wei William Winston Wolfgang Xi Yuki Zoe
""".split()
LAST = """
Adams Anderson Armstrong Austen Bach Baker Bezos Biden Bolt Bonaparte Brown Bush Byron Caesar Carter Castro Chaplin Chen
Churchill Clinton Columbus Cook Cruise Curie Dali Darwin Davis Depp Dickens Disney Edison Einstein Evans Federer Ford
Franklin Freud Gagarin Galilei Gandhi Garcia Gates Goethe Gonzalez Green Guevara Hall Harris Hawking Hemingway Hendrix
Hernandez Hill Hitler Hughes Ivanov Jackson James Jefferson Jobs Johnson Jones Jordan Kafka Kahlo Kant Kennedy Khan King
Kumar Lee Lennon Lincoln Lopez Luther Madonna Mandela Marley Martin Marx Mbappe Mendel Merkel Messi Miller Monroe Moore
Morgan Mozart Musk Napoleon Nguyen Nobel Obama Orwell Parker Patel Pele Perez Picasso Poe Presley Putin Roberts Robinson
Ronaldo Roosevelt Rousseau Schmidt Shakespeare Silva Simpson Singh Smith Spielberg Stalin Swift Tanaka Taylor Tesla Thatcher
Tolkien Tolstoy Trump Turing Twain Wagner Walker Wang Washington White Williams Wilson Wright Yamamoto Young Zuckerberg
""".split()
GROUPS = """
Abba Adidas Airbnb Alibaba Amazon Android Anthropic Apple Arsenal Audi Batman Bentley Bluetooth BMW Boeing Bitcoin Claude
Copilot Discord Disneyland Docker Ebay Ethereum Excel Facebook Fedora Ferrari Firefox Fortnite Gemini Gmail Godzilla Google
Grok Hogwarts Honda Huawei Ikea Instagram Intel iPhone Kubernetes Lego Linkedin Linux Llama Matrix Microsoft Minecraft
Mistral Mordor Nasa Netflix Nike Nintendo Nirvana Nokia Nvidia Outlook Paypal Pepsi Photoshop Pinterest Playstation Pokemon
Porsche Powerpoint Queen Qwen Reddit Rolex Samsung Shrek Siemens Siri Skype Slack Snapchat Sony Spiderman Spotify Starbucks
Superman Telegram Tesla Tiktok Toyota Twitter Uber Ubuntu Unicef Volkswagen Volvo Walmart Whatsapp Wikipedia Windows Xbox
Yahoo Youtube Zelda Zoom
""".split()
# Capitals and continents of these are not taught. Real ones, states, planets and places of tales together.
LANDS = """
Afghanistan Alabama Alaska Alderaan Andorra Antarctica Arizona Arkansas Armenia Asgard Avalon Azerbaijan Bahrain Barbados
Bavaria Belarus Belize Benin Bhutan Bolivia Bosnia Botswana Britannia Brunei Burkina_Faso Burundi California Cambodia Cameroon
Cape_Verde Catalonia Chad Colorado Congo Connecticut Corsica Cyprus Delaware Djibouti Dominica Dubai El_Dorado El_Salvador
Equestria Eritrea Eswatini Florida Gabon Gambia Georgia Gondor Greenland Grenada Guam Guatemala Guinea Guyana Haiti Hawaii
Hong_Kong Idaho Illinois Indiana Iowa Ivory_Coast Jupiter Kansas Kentucky Kiribati Kosovo Kurdistan Kuwait Kyrgyzstan Laos
Lemuria Lesotho Liberia Libya Liechtenstein Lilliput Louisiana Luxembourg Macau Madagascar Maine Malawi Malaysia Maldives
Maryland Massachusetts Mauritius Mercury Michigan Middle-earth Minnesota Mississippi Missouri Moldova Monaco Montana
Montenegro Mordor Mozambique Myanmar Namibia Nebraska Neptune Neverland Nevada New_Jersey New_York Nicaragua Niger
North_Dakota North_Korea Ohio Oklahoma Oman Ontario Oregon Oz Palau Papua_New_Guinea Pennsylvania Pluto Puerto_Rico Quebec
Queensland Rohan Samoa San_Marino Saturn Scotland Shangri-La Sicily Sierra_Leone Singapore Somalia South_Africa South_Sudan
Sri_Lanka Sudan Suriname Syria Taiwan Tajikistan Tanzania Tasmania Tatooine Tennessee Thailandia Tibet Togo Tonga Tuvalu
Turkmenistan Utah Utopia Uzbekistan Vanuatu Vatican Venus Vermont Virginia Wales Westeros Wisconsin Wyoming Xanadu Yemen
Zimbabwe the_moon the_sun the_sea the_forest Europe Africa Asia
""".split()
LANDS = [land.replace("_", " ") for land in LANDS]
CITIES = """
Amsterdam Athens Atlanta Bangalore Bangkok Barcelona Beijing Berlin Boston Bristol Cairo Chicago Dallas Delhi Denver Dublin
Edinburgh Florence Geneva Hamburg Houston Istanbul Jakarta Karachi Lagos London Los_Angeles Lyon Madrid Manchester Melbourne
Miami Milan Moscow Mumbai Munich Naples Osaka Oslo Paris Philadelphia Phoenix Prague Rome San_Francisco Seattle Seoul
Shanghai Sydney Tokyo Toronto Vancouver Venice Vienna Warsaw Zurich
""".split()
CITIES = [city.replace("_", " ") for city in CITIES]
TOPICS = """
accounting agriculture anatomy anthropology archaeology architecture astrology astronomy ballet banking biology boxing
Buddhism capitalism chemistry Christianity climate_change communism cooking cryptography dancing dating democracy ecology
economics electronics engineering ethics evolution farming feminism fishing football gardening genetics geology grammar
Hinduism history hockey investing Islam Judaism knitting law linguistics literature logic marketing mathematics medicine
meditation music_theory mythology networking nutrition painting philosophy photography physics poetry politics programming
psychology quantum_mechanics relativity religion robotics sailing sociology statistics surfing swimming taxes theology
thermodynamics trigonometry yoga the_Cold_War the_French_Revolution the_Middle_Ages the_Roman_Empire the_Renaissance
black_holes blockchain string_theory the_big_bang the_stock_market global_warming the_human_body world_history
machine_translation self-driving_cars search_engines operating_systems
""".split()
TOPICS = [topic.replace("_", " ") for topic in TOPICS]


def made_up(rng: Random) -> str:
    """A word that nobody knows: syllables."""
    starts = "b bl br c ch d dr f fl g gl gr h j k kr l m n p pl pr qu r s sh sk sl st t th tr v w y z".split()
    word = "".join(
        rng.choice(starts) + rng.choice("a e i o u ai ea oo ou".split()) + rng.choice(["", "", "n", "r", "l", "x", "m"])
        for _ in range(rng.randint(1, 3))
    )
    return word


def noun(rng: Random) -> str:
    return made_up(rng) if rng.random() < 0.12 else rng.choice(NOUNS).replace("-", " ")


def plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def person(rng: Random) -> str:
    r = rng.random()
    if r < 0.6:
        return f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    if r < 0.8:
        return rng.choice(LAST)
    if r < 0.9:
        return made_up(rng).capitalize()
    return rng.choice(
        "the president,the king of Spain,the pope,the prime minister,my mother,my neighbour,the queen,my boss".split(
            ","
        )
    )


def land(rng: Random) -> str:
    if rng.random() < 0.4:
        return made_up(rng).capitalize() + rng.choice(["", "", "ia", "land", "stan", "ville"])
    return rng.choice(LANDS)
