"""Every language with a record: what is written, and ways in which it may be said."""

import pytest
from readings import spoken_ways

from aligner import languages
from aligner.languages.record_file import FOLDER

TABLE: dict[str, list[tuple[str, list[str]]]] = {
    "de": [
        ("250.000 Menschen", ["zweihundertfunfzigtausend menschen"]),
        ("1,3 Mio. Euro", ["eins komma drei millionen euro"]),
        ("20,15 €", ["zwanzig komma eins funf euro", "zwanzig komma funfzehn euro"]),
        ("im Jahr 1998", ["im jahr neunzehnhundertachtundneunzig"]),
        ("15. September", ["funfzehnter september", "funfzehnten september"]),
        ("der 3. Platz", ["der dritte platz", "der dritter platz"]),
        ("15.30 Uhr", ["funfzehn uhr dreissig"]),
        ("5 %", ["funf prozent"]),
        ("z.B. Dr. Müller", ["zum beispiel doktor muller"]),
        ("90 km/h", ["neunzig kilometer pro stunde", "neunzig stundenkilometer"]),
        ("Ludwig XIV.", ["ludwig der vierzehnte", "ludwig vierzehnte"]),
        ("10–15", ["zehn bis funfzehn"]),
        ("am 11.09.2015", ["am elften september zweitausendfunfzehn"]),
        ("am 3.10.", ["am dritten oktober", "am dritten zehnten"]),
        ("20 Mio. Euro", ["zwanzig millionen euro"]),
        ("2,5 Mrd.", ["zwei komma funf milliarden", "zweieinhalb milliarden"]),
        ("1,5 Mio.", ["eins komma funf millionen", "anderthalb millionen"]),
        ("3,5", ["drei komma funf", "dreieinhalb"]),
        ("1.000", ["eintausend", "tausend"]),
    ],
    "fr": [
        ("250 000 personnes", ["deux cent cinquante mille personnes"]),
        ("20,15 €", ["vingt virgule quinze euros"]),
        ("1,3 milliard d’euros", ["un virgule trois milliard d euros"]),
        ("15h30", ["quinze heures trente"]),
        ("le 1er mai", ["le premier mai"]),
        ("au XVIIIe siècle", ["au dix huitieme siecle"]),
        ("la Ve République", ["la cinquieme republique"]),
        ("Marine Le Pen", ["marine le pen"]),
        ("dit Ce jour", ["dit ce jour"]),
        ("2,5 millions", ["deux virgule cinq millions", "deux et demi millions"]),
        ("l’homme qu’il", ["l homme qu il"]),
        ("M. Dupont et Mme Roy", ["monsieur dupont et madame roy"]),
        ("5 %", ["cinq pour cent"]),
        ("n° 5", ["numero cinq"]),
        ("en 1998", ["en mille neuf cent quatre vingt dix huit"]),
    ],
    "es": [
        ("250.000 personas", ["doscientos cincuenta mil personas"]),
        ("250,000 personas", ["doscientos cincuenta mil personas"]),
        ("20,15", ["veinte coma quince", "veinte coma uno cinco"]),
        ("15 de septiembre", ["quince de septiembre"]),
        ("el 5%", ["el cinco por ciento"]),
        ("Felipe VI", ["felipe sexto", "felipe seis"]),
        ("siglo XX", ["siglo veinte"]),
        ("EE. UU.", ["ee uu", "estados unidos"]),
        ("Sra. García", ["senora garcia"]),
        ("3.er puesto", ["3er puesto"]),
        ("3º puesto", ["tercero puesto", "tercera puesto"]),
    ],
    "it": [
        ("250.000 persone", ["duecentocinquantamila persone"]),
        ("20,15", ["venti virgola quindici"]),
        ("l’uomo dell’anno", ["l uomo dell anno"]),
        ("il 5%", ["il cinque per cento"]),
        ("XX secolo", ["xx secolo"]),
        ("il XX secolo", ["il ventesimo secolo", "il venti secolo"]),
        ("dott. Rossi", ["dottor rossi"]),
        ("1,3 miliardi di euro", ["uno virgola tre miliardi di euro"]),
        ("€ 5", ["cinque euro"]),
    ],
    "pt": [
        ("250.000 pessoas", ["duzentos e cinquenta mil pessoas"]),
        ("20,15", ["vinte virgula quinze"]),
        ("R$ 5 milhões", ["cinco milhoes reais", "cinco milhoes de reais"]),
        ("em 2015", ["em dois mil e quinze"]),
        ("5%", ["cinco por cento"]),
        ("15h30", ["quinze horas e trinta", "quinze e trinta"]),
        ("Dra. Silva", ["doutora silva"]),
        ("16 anos", ["dezasseis anos", "dezesseis anos"]),
    ],
    "nl": [
        ("250.000 mensen", ["tweehonderdvijftigduizend mensen"]),
        ("20,15", ["twintig komma vijftien"]),
        ("in 1998", ["in negentienhonderdachtennegentig", "in negentien honderd achtennegentig"]),
        ("15.30 uur", ["vijftien uur dertig"]),
        ("het 3e jaar", ["het derde jaar"]),
        ("5%", ["vijf procent"]),
        ("€ 1,3 mln", ["een komma drie miljoen euro"]),
        ("mevr. De Vries", ["mevrouw de vries"]),
    ],
    "ru": [
        ("250 000 человек", ["двести пятьдесят тысяч человек"]),
        ("в 2015 году", ["в две тысячи пятнадцатом году", "в две тысячи пятнадцать году"]),
        ("15 сентября", ["пятнадцатое сентября", "пятнадцатого сентября"]),
        ("5%", ["пять процентов"]),
        ("1,3 млрд долларов", ["один запятая три миллиарда долларов"]),
        ("11.09.2015", ["одиннадцатого сентября две тысячи пятнадцать"]),
        ("ещё", ["еще"]),
        ("США", ["сша", "соединенные штаты"]),
        ("№ 5", ["номер пять"]),
        ("в XX веке", ["в двадцатом веке"]),
        ("20 млн", ["двадцать миллионов"]),
        ("20 млн. рублей", ["двадцать миллионов рублей", "двадцати миллионов рублей"]),
        ("3,5", ["три целых пять десятых", "три с половиной", "три запятая пять"]),
        ("2,1 %", ["две целых одна десятая процента"]),
        ("1,5 тыс.", ["полтора тысячи", "полторы тысячи", "одна целая пять десятых тысячи"]),
    ],
    "uk": [
        ("250 000 людей", ["двісті пятдесят тисяч людей"]),
        ("у 2015 році", ["у дві тисячі пятнадцятого році", "у дві тисячі пятнадцятому році"]),
        ("5%", ["пять відсотків"]),
        ("п’ять", ["пять"]),
        ("п\u02bcять", ["пять"]),
        ("15 вересня", ["пятнадцятого вересня"]),
        ("20 грн", ["двадцять гривень"]),
    ],
    "pl": [
        ("250 000 osób", ["dwiescie piecdziesiat tysiecy osob"]),
        ("15 września", ["pietnascie wrzesnia", "pietnastego wrzesnia"]),
        ("w 2015 r.", ["w dwa tysiace pietnastego roku", "w dwa tysiace pietnascie roku"]),
        ("5%", ["piec procent"]),
        ("św. Jan", ["swiety jan", "swietego jan"]),
        ("1,3 mld zł", ["jeden przecinek trzy miliarda zlotych"]),
        ("Łódź", ["lodz"]),
    ],
    "cs": [
        ("250 000 lidí", ["dve ste padesat tisic lidi"]),
        ("2,5 mil. dolarů", ["dve cele pet desetin milionu dolaru", "dva a pul milionu dolaru"]),
        ("20 mil.", ["dvacet milionu"]),
        ("1,3 mld. Kč", ["jedna cela tri miliardy korun"]),
        ("3,5 %", ["tri cele pet procenta", "tri a pul procenta"]),
        ("1.000 korun", ["tisic korun"]),
        ("15. září", ["patnacteho zari", "patnacty zari"]),
        ("v 15.30 hod.", ["v patnact hodin tricet", "v patnact tricet hod"]),
        ("č. 5", ["cislo pet"]),
        ("MUDr. Novák", ["doktor novak"]),
    ],
    "fi": [
        ("1.000", ["tuhat", "tuhannen"]),
        ("3,5 milj. euroa", ["kolme pilkku viisi miljoonaa euroa"]),
        ("2,5 milj.", ["kaksi ja puoli miljoonaa"]),
        ("1,5 mrd.", ["puolitoista miljardia"]),
        ("15. syyskuuta", ["viidestoista syyskuuta", "viidentenatoista syyskuuta"]),
        ("klo 15.30", ["kello viisitoista kolmekymmenta"]),
        ("20 %", ["kaksikymmenta prosenttia", "kahdenkymmenen prosentin"]),
        ("15:ssä maassa", ["viidessatoista maassa"]),
        ("mm. Oulu", ["muun muassa oulu"]),
    ],
    "tr": [
        ("250.000 kişi", ["iki yuz elli bin kisi"]),
        ("%20", ["yuzde yirmi"]),
        ("% 3,5", ["yuzde uc virgul bes", "yuzde uc bucuk"]),
        ("2015’te", ["iki bin on beste"]),
        ("3,5 milyon TL", ["uc bucuk milyon lira", "uc virgul bes milyon lira"]),
        ("15 Eylül", ["on bes eylul"]),
        ("3. sırada", ["ucuncu sirada"]),
        ("Dr. Kaya", ["doktor kaya"]),
    ],
    "sw": [
        ("watu 250,000", ["watu elfu mia mbili na hamsini"]),
        ("$20", ["dola ishirini", "dola za marekani ishirini"]),
        ("milioni 2.5", ["milioni mbili nukta tano", "milioni mbili na nusu"]),
        ("20%", ["asilimia ishirini"]),
        ("asilimia 3.5", ["asilimia tatu nukta tano"]),
        ("Dkt. Juma", ["daktari juma"]),
    ],
    "vi": [
        ("250.000 người", ["hai tram nam muoi nghin nguoi"]),
        ("3,5%", ["ba phay nam phan tram"]),
        ("2,5 tỷ đồng", ["hai phay nam ty đong"]),
        ("TP. HCM", ["thanh pho ho chi minh", "tp hcm"]),
        ("15h30", ["muoi lam gio ba muoi"]),
    ],
    "hi": [
        ("2,50,000 लोग", ["दो लाख पचास हजार लोग"]),
        ("3.5%", ["तीन दशमलव पांच प्रतिशत", "साढे तीन फीसदी"]),
        ("2.5 लाख", ["ढाई लाख", "दो दशमलव पांच लाख"]),
        ("₹20 करोड़", ["बीस करोड रुपये"]),
        ("१५ अगस्त", ["पन्द्रह अगस्त"]),
        ("डॉ. शर्मा", ["डॉक्टर शर्मा"]),
        ("फ़रवरी", ["फरवरी"]),
    ],
    "fa": [
        ("۲۵۰٬۰۰۰ نفر", ["دويست و پنجاه هزار نفر"]),
        ("۳٫۵ درصد", ["سه مميز پنج درصد", "سه و نيم درصد"]),
        ("2.5 میلیون دلار", ["دو مميز پنج ميليون دلار", "دو و نيم ميليون دلار"]),
        ("۱۵ مه", ["پانزده مه", "پانزدهم مه"]),
        ("می‌رود", ["ميرود"]),
    ],
    "ar": [
        ("٢٥٠", ["ميتان وخمسون"]),
        ("15%", ["خمسه عشر في الميه", "خمسه عشر بالميه"]),
        ("أُخرى", ["اخري"]),
        ("عام 2015", ["عام الفان وخمسه عشر"]),
    ],
    "ja": [
        ("2015年", ["二 千 十 五 年"]),
        ("15%", ["十 五 パ ー セ ン ト"]),
        ("２５万人", ["二 十 五 万 人"]),
    ],
    "zh": [
        ("2015年", ["二 零 一 五 年", "二 千 零 一 十 五 年"]),
        ("二〇一五年", ["二 零 一 五 年"]),
        ("我們討論這個問題", ["我 们 讨 论 这 个 问 题"]),
        ("15%", ["百 分 之 十 五"]),
        ("250,000人", ["二 十 五 万 人"]),
        ("25万美元", ["二 十 五 万 美 元"]),
        ("$15", ["十 五 美 元"]),
        ("2000人", ["两 千 人", "二 千 人"]),
        ("105", ["一 百 零 五", "一 零 五"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "written", "ways"),
    [(code, written, ways) for code, rows in TABLE.items() for written, ways in rows],
)
def test_readings_of_written_forms(code: str, written: str, ways: list[str]) -> None:
    known = spoken_ways(code, written)
    assert set(ways) <= known, sorted(known)[:20]


def test_every_record_has_a_table() -> None:
    assert set(TABLE) | {"en"} == set(languages.LANGUAGES)


@pytest.mark.parametrize("code", sorted(languages.LANGUAGES))
def test_every_record_has_its_word_lists(code: str) -> None:
    language = languages.get(code)
    assert language.code == code
    assert language.protected
    assert language.function_words
    plain = language.say(["12"])
    assert [a.text for a in plain] != ["12"]
    assert {a.text for a in plain} <= language.protected


def test_every_data_file_belongs_to_a_language() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(languages.LANGUAGES)


@pytest.mark.parametrize("name", ["Le", "Ce"])
def test_a_french_article_is_no_roman_numeral(name: str) -> None:
    assert spoken_ways("fr", f"Marine {name} Pen") == {f"marine {name.lower()} pen"}
