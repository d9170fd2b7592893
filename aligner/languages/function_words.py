"""The function words of each language, by what they do at the end of a line.

To add a language, add one ``_words`` record to ``SYNTAX``. Only closed classes stand here: what a
grammar of the language lists, in lower case, apostrophes straight. A word that belongs to two
classes stands in the one whose mistake costs less.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """The function words of one language."""

    conjunctions: frozenset[str] = frozenset()
    """A clause begins with them, relative pronouns included."""
    prepositions: frozenset[str] = frozenset()
    """A phrase begins with them."""
    determiners: frozenset[str] = frozenset()
    """Articles and the like; they cling to what follows."""
    pronouns: frozenset[str] = frozenset()
    """Subjects and clitics; they cling to the verb that follows."""
    auxiliaries: frozenset[str] = frozenset()
    """They cling to the verb that follows, as negations do."""
    particles: frozenset[str] = frozenset()
    """They belong to the verb before them."""
    abbreviations: frozenset[str] = frozenset()
    """Their full stop ends no sentence, and they belong to what follows."""
    months: frozenset[str] = frozenset()
    elided: frozenset[str] = frozenset()
    """They are written with an apostrophe before the word that follows."""
    titles: frozenset[str] = frozenset()
    """They belong to the name that follows."""
    name_parts: frozenset[str] = frozenset()
    """Small words within names."""
    adjectives: frozenset[str] = frozenset()
    """The commonest; they belong to the noun that follows."""
    adjective_ends: tuple[str, ...] = ()
    """Most words that end so, and have at least three letters before, are adjectives."""
    nouns_small: bool = False
    """Whether only names are written with a capital."""

    @property
    def small(self) -> frozenset[str]:
        """All that a sentence may begin with and that is no name."""
        return (
            self.conjunctions
            | self.prepositions
            | self.determiners
            | self.pronouns
            | self.auxiliaries
        )


def _words(**classes: str) -> FunctionWords:
    ends = tuple(classes.pop("adjective_ends", "").split())
    small = not classes.pop("capital_nouns", "")
    lists = {name: frozenset(text.split()) for name, text in classes.items()}
    return FunctionWords(**lists, adjective_ends=ends, nouns_small=small)


ENGLISH = _words(
    conjunctions="and but or nor yet so because although though while whereas unless if "
    "whether that which who whom whose when where why how than once whenever wherever &",
    prepositions="about above across after against along amid among around as at before behind "
    "amongst below beneath beside besides between beyond by concerning despite during except for "
    "from in inside into like near of on onto outside over past per since through throughout to "
    "toward towards under until unlike upon via with within without",
    determiners="a an the my your his its our their some any no every each either neither "
    "another many several both such more most all other these those fewer less own half one's "
    "what only even just",
    pronouns="i he she we they i'm he's she's we're they're you're it's that's there's i've "
    "we've you've they've i'd he'd she'd we'd they'd you'd i'll he'll she'll we'll they'll "
    "you'll everybody everyone nobody somebody someone it'll you it this that there",
    auxiliaries="am is are was were be been being has have had having do does did will would "
    "shall should can could may might must cannot not never isn't aren't wasn't weren't hasn't "
    "haven't hadn't don't doesn't didn't won't wouldn't shouldn't can't couldn't mustn't very "
    "too quite really let's let please",
    particles="up out off down away back together apart along aside forward",
    abbreviations="mr. mrs. ms. dr. prof. gen. sen. rep. gov. lt. col. sgt. capt. rev. st. no. "
    "vs. adm. maj. pres. hon. fr. mt. ft.",
    months="january february march april may june july august september october november "
    "december jan. feb. mar. apr. jun. jul. aug. sept. sep. oct. nov. dec.",
    titles="president minister secretary senator general colonel captain professor doctor "
    "chancellor prime foreign defense vice king queen prince princess pope judge chief",
    name_parts="al el ad ul bin ibn abu ben von van der den del da di du de la le",
    adjectives="new old good bad great big small large little long short high low young early "
    "late own other last next first second third same different important right left public "
    "private political economic social human local national international foreign military "
    "federal major free full whole real sure true able open clear hard easy strong weak poor "
    "rich hot cold dark black white red blue green recent current former main key top best "
    "better worst few nuclear civil common single double simple special certain possible "
    "available similar various serious deep wide quick slow fast fair safe final late nice wrong "
    "happy sad dead alive heavy light soft loud quiet clean dirty fresh native ancient modern "
    "daily weekly monthly annual hundred thousand million billion two three four five six seven "
    "eight nine ten dozen",
    adjective_ends="able ible ical ial ional ful ous ive less ish istic ary ese est",
)

FRENCH = _words(
    elided="l' d' qu' j' m' t' s' n' c' lorsqu' puisqu' jusqu'",
    conjunctions="et ou mais donc or ni car que qu' lorsqu' puisqu' qui dont où quand lorsque "
    "puisque quoique comme si parce afin tandis pendant alors lequel laquelle lesquels "
    "lesquelles",
    prepositions="à de d' en dans par pour sur sous avec sans vers chez entre contre depuis "
    "dès jusqu' devant derrière avant après malgré parmi selon jusque jusqu'à jusqu'au aux au du "
    "des lors envers hormis outre via auprès grâce",
    determiners="le la les l' un une ce cet cette ces mon ma mes ton ta tes son sa ses notre "
    "nos votre vos leur leurs quelque quelques plusieurs chaque tout toute tous toutes aucun "
    "aucune certains certaines autre autres même mêmes deux trois quatre cinq quel quelle quels "
    "quelles très plus moins aussi trop peu",
    pronouns="je j' tu il elle on nous vous ils elles me m' te t' se s' y c' ça cela n' ne",
    auxiliaries="suis es est sommes êtes sont étais était étaient sera seront serait soit été "
    "être ai as a avons avez ont avait avaient aura auront aurait ait avoir eu peut peuvent "
    "pouvez peux pourrait doit doivent devez va vont vais faut pas n'est n'a n'ont ne",
    abbreviations="m. mm. mme. mlle. dr. pr. st. ste. av. env. no. art.",
    months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    titles="président présidente ministre monsieur madame docteur général premier première",
    adjectives="grand grande grands grandes petit petite petits petites bon bonne bons bonnes "
    "nouveau nouvel nouvelle nouveaux nouvelles beau belle vieux vieille jeune jeunes premier "
    "première premiers premières dernier dernière derniers dernières meilleur meilleure mauvais "
    "mauvaise gros grosse long longue haut haute vrai vraie",
)

SPANISH = _words(
    conjunctions="y e o u pero sino ni que porque aunque cuando donde como si mientras pues "
    "quien quienes cual cuales cuyo cuya",
    prepositions="a al ante bajo con contra de del desde durante en entre hacia hasta mediante "
    "para por según sin sobre tras",
    determiners="el la los las lo un una unos unas este esta estos estas ese esa esos esas "
    "aquel aquella mi mis tu tus su sus nuestro nuestra nuestros nuestras algún alguna algunos "
    "algunas ningún ninguna cada todo toda todos todas otro otra otros otras mucho mucha muchos "
    "muchas varios varias dos tres cuatro cinco muy más menos tan",
    pronouns="yo tú él ella ello nosotros vosotros ellos ellas usted ustedes me te se nos os "
    "le les",
    auxiliaries="soy es somos son era eran fue fueron será serán sería sea ser sido estoy está "
    "están estaba estaban estar he ha han había habían habrá haber hay puede pueden podría debe "
    "deben va van no",
    abbreviations="sr. sra. srta. dr. dra. ud. uds. gral. prof. núm. av.",
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    titles="presidente presidenta ministro ministra señor señora doctor doctora general don doña",
    adjectives="gran grande grandes buen buena buenos mal mala nuevo nueva nuevos nuevas "
    "primer primera primeros último última últimos últimas mejor peor mayor menor",
)

PORTUGUESE = _words(
    conjunctions="e ou mas nem que porque embora quando onde como se enquanto pois quem qual "
    "quais cujo cuja porém",
    prepositions="a à ao aos às ante após até com contra de do da dos das desde em no na nos "
    "nas entre para por pelo pela pelos pelas perante segundo sem sob sobre durante num numa dum "
    "duma",
    determiners="o os as um uma uns umas este esta estes estas esse essa esses essas aquele "
    "aquela meu minha seu sua seus suas nosso nossa nossos nossas algum alguma alguns algumas "
    "nenhum nenhuma cada todo toda todos todas outro outra outros outras muito muita muitos "
    "muitas vários várias dois duas três quatro cinco mais menos tão",
    pronouns="eu tu ele ela nós eles elas você vocês me te lhe lhes",
    auxiliaries="sou é somos são era eram foi foram será serão seria seja ser sido estou está "
    "estão estava estavam estar tem têm tinha tinham ter há havia haver pode podem poderia deve "
    "devem vai vão não",
    abbreviations="sr. sra. dr. dra. prof. gen. av.",
    months="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    titles="presidente ministro ministra senhor senhora doutor doutora general dom dona",
    adjectives="grande grandes bom boa bons boas mau má novo nova novos novas primeiro "
    "primeira último última últimos últimas melhor pior maior menor",
)

ITALIAN = _words(
    elided="l' un' d' c' dell' nell' all' dall' sull' quell' quest'",
    conjunctions="e ed o oppure ma né che perché sebbene quando dove come se mentre poiché chi "
    "cui quale quali dunque però",
    prepositions="a ad al allo alla ai agli alle con contro d' dell' nell' all' dall' sull' da "
    "dal dallo dalla dai dagli dalle di del dello della dei degli delle in nel nello nella nei "
    "negli nelle su sul sullo sulla sui sugli sulle per tra fra senza sotto sopra durante verso "
    "dopo prima",
    determiners="il lo la l' i gli le un un' quell' quest' uno una questo questa questi queste "
    "quel quello quella quei quelle mio mia suo sua suoi sue nostro nostra loro qualche alcuni "
    "alcune ogni tutto tutta tutti tutte altro altra altri altre molti molte due tre quattro "
    "cinque molto più meno",
    pronouns="io tu lui lei noi voi essi esse mi ti si ci vi",
    auxiliaries="sono è siamo siete era erano fu furono sarà saranno sarebbe sia essere stato "
    "stata ho ha abbiamo avete hanno aveva avevano avrà avere può possono potrebbe deve devono "
    "non",
    abbreviations="sig. sig.ra dott. prof. gen. on.",
    months="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
    "novembre dicembre",
    titles="presidente ministro ministra signor signora dottor dottoressa generale",
    adjectives="grande grandi buon buona buoni buone nuovo nuova nuovi nuove primo prima "
    "ultimo ultima ultimi ultime migliore peggiore maggiore minore",
)

GERMAN = _words(
    conjunctions="und oder aber denn sondern dass weil obwohl wenn als ob während nachdem "
    "bevor damit falls sobald indem wie wo wer was deren dessen sowie",
    prepositions="ab an am ans auf aufs aus außer bei beim bis durch für gegen gegenüber "
    "hinter im in ins mit nach neben ohne seit statt trotz über um unter vom von vor wegen zu "
    "zum zur zwischen",
    determiners="der die das den dem des ein eine einen einem einer eines kein keine keinen "
    "keinem keiner dieser diese dieses diesen diesem jeder jede jedes jeden jedem mein meine "
    "sein seine seinen seiner ihr ihre ihren ihrem ihrer unser unsere euer eure alle allen viele "
    "vielen mehrere einige einigen zwei drei vier fünf sehr mehr",
    pronouns="ich du er sie es wir man sich",
    auxiliaries="bin bist ist sind war waren wird werden wurde wurden würde würden worden hat "
    "haben hatte hatten kann können konnte könnte muss müssen musste soll sollen sollte will "
    "wollen wollte darf dürfen nicht",
    abbreviations="hr. fr. dr. prof. st. nr. bzw. ca. z.b. u.a. d.h. str. gen.",
    months="januar februar märz april mai juni juli august september oktober november dezember",
    titles="herr frau präsident präsidentin minister ministerin kanzler kanzlerin general doktor",
    capital_nouns="yes",
)

DUTCH = _words(
    conjunctions="en of maar want dus dat omdat hoewel wanneer als terwijl nadat voordat zodat "
    "tenzij indien die wie waar hoe",
    prepositions="aan achter bij binnen boven buiten door in met na naar naast om onder op "
    "over per sinds te tegen ten ter tijdens tot tussen uit van vanaf via volgens voor zonder "
    "rond",
    determiners="de het een deze dit mijn jouw uw zijn haar ons onze hun elk elke ieder iedere "
    "alle veel enkele sommige andere geen twee drie vier vijf zeer erg meer",
    pronouns="ik jij je hij zij ze wij we jullie u men zich",
    auxiliaries="ben bent is was waren word wordt worden werd werden heb hebt heeft hebben had "
    "hadden zal zullen zou zouden kan kunnen kon konden moet moeten mag mogen wil willen niet",
    abbreviations="dhr. mevr. dr. prof. st. nr. bijv. ca.",
    months="januari februari maart april mei juni juli augustus september oktober november "
    "december",
    titles="president minister premier koning koningin generaal meneer mevrouw",
)

SWEDISH = _words(
    conjunctions="och eller men att som för när där om medan eftersom fast innan därför hur "
    "vad vem",
    prepositions="av bakom bland efter enligt framför från före genom hos i inom kring med "
    "mellan mot omkring över på sedan till trots under ur utan utanför vid åt",
    determiners="en ett den det de denna detta dessa min mitt mina din ditt sin sitt sina vår "
    "vårt våra er deras hans hennes någon något några ingen inget inga varje alla många flera "
    "andra två tre fyra fem mycket mer",
    pronouns="jag du han hon vi ni man",
    auxiliaries="är var vara varit har hade ha blir blev bli kan kunde ska skulle vill ville "
    "måste får fick inte",
    abbreviations="t.ex. bl.a. dvs. d.v.s. kl. nr.",
    months="januari februari mars april maj juni juli augusti september oktober november december",
    titles="president minister kung drottning general herr fru",
)

POLISH = _words(
    conjunctions="i a oraz lub albo ale lecz że żeby aby by bo ponieważ gdy kiedy gdzie jak "
    "jeśli jeżeli chociaż choć więc zatem który która które którzy których którym którą którego "
    "której co kto",
    prepositions="bez dla do ku między na nad o od około po pod podczas poza przed przez przy "
    "przeciw spośród w we wobec według wokół wśród z za ze zgodnie dzięki",
    determiners="ten ta to te ci tego tej tych tym tę tą mój moja moje twój jego jej ich nasz "
    "nasza nasze wasz swój swoja swoje swoich każdy każda każde każdego wszystkie wszystkich "
    "wielu wiele kilka inny inna inne innych niektóre niektórych dwa dwie trzy cztery pięć "
    "bardzo bardziej",
    pronouns="ja ty on ona ono my wy oni one się",
    auxiliaries="jest są był była było byli były będzie będą być może mogą można musi muszą "
    "powinien powinna należy nie",
    abbreviations="dr. prof. gen. ul. np. tzw. m.in. itp. św. tys. mln. ok.",
    months="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    titles="prezydent premier minister pan pani generał profesor doktor",
)

RUSSIAN = _words(
    conjunctions="и а но или либо что чтобы потому так как когда где если хотя пока который "
    "которая которое которые которых которым которой которого кто чем",
    prepositions="без в во для до за из из-за к ко между на над о об обо от перед по под после "
    "при про против с со сквозь среди у через около вокруг",
    determiners="этот эта это эти этого этой этих тот та те того той тех мой моя моё мои твой "
    "его её их наш наша наше наши ваш свой своя своё свои своих каждый каждая каждое все всех "
    "весь вся всё многие другие другой два две три четыре пять очень более самый самая",
    pronouns="я ты он она оно мы вы они",
    auxiliaries="был была было были будет будут быть может могут должен должна должны можно "
    "нужно надо не ни",
    abbreviations="г. гг. др. ул. им. т.е. т.д. т.п. тыс. млн. млрд. руб. проф.",
    months="января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    titles="президент премьер министр господин госпожа генерал",
)

UKRAINIAN = _words(
    conjunctions="і й та а але або чи що щоб бо тому як коли де якщо хоча поки який яка яке "
    "які яких яким якої якого хто ніж",
    prepositions="без в у для до за з із зі зі к між на над о об від перед по під після при "
    "про проти серед через біля навколо",
    determiners="цей ця це ці цього цієї цих той те ті того тієї тих мій моя моє мої твій його "
    "її їх їхній наш наша наше наші ваш свій своя своє свої своїх кожен кожна кожне всі всіх "
    "весь вся все багато інші інший два дві три чотири п'ять дуже більш",
    pronouns="я ти він вона воно ми ви вони",
    auxiliaries="був була було були буде будуть бути може можуть повинен повинна повинні можна "
    "треба не ні",
    abbreviations="р. рр. др. вул. ім. т.д. тис. млн. млрд. грн. проф.",
    months="січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    titles="президент прем'єр міністр пан пані генерал",
)

ARABIC = _words(
    conjunctions="و أو ثم لكن ولكن أن إن لأن التي الذي الذين اللذين عندما حيث إذا لو كما بينما",
    prepositions="في من إلى على عن مع بين حتى منذ خلال بعد قبل تحت فوق عند لدى ضد حول دون وفي "
    "ومن وعلى",
    determiners="هذا هذه ذلك تلك هؤلاء كل بعض أي جميع غير",
    pronouns="أنا أنت هو هي نحن هم",
    auxiliaries="لا لم لن ما قد لقد كان كانت ليس ليست سوف يا",
)

INDONESIAN = _words(
    conjunctions="dan atau tetapi tapi serta bahwa karena sebab meskipun walaupun ketika saat "
    "jika kalau apabila agar supaya sehingga sementara sedangkan yang",
    prepositions="di ke dari pada dalam untuk bagi oleh dengan tanpa tentang terhadap antara "
    "sejak hingga sampai kepada menurut selama",
    determiners="para sang si seorang sebuah setiap semua beberapa banyak sangat lebih paling "
    "dua tiga empat lima",
    pronouns="saya aku kamu anda dia ia kami kita mereka",
    auxiliaries="tidak bukan belum jangan akan sudah telah sedang masih bisa dapat harus boleh",
    months="januari februari maret april mei juni juli agustus september oktober november desember",
    titles="presiden menteri jenderal bapak ibu",
)

TURKISH = _words(
    conjunctions="ve veya ya ama fakat ancak çünkü ki",
    determiners="bir bu şu o her bazı tüm bütün hiç çok daha en iki üç dört beş",
    months="ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    particles="da de ile için gibi kadar göre mi mı mu mü değil",
    titles="sayın",
)

SYNTAX: dict[str, FunctionWords] = {
    "en": ENGLISH,
    "fr": FRENCH,
    "es": SPANISH,
    "pt": PORTUGUESE,
    "it": ITALIAN,
    "de": GERMAN,
    "nl": DUTCH,
    "sv": SWEDISH,
    "pl": POLISH,
    "ru": RUSSIAN,
    "uk": UKRAINIAN,
    "ar": ARABIC,
    "id": INDONESIAN,
    "tr": TURKISH,
}
