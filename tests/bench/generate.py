#!/usr/bin/python3
"""generate.py COUNT [--seed N] [--bytes N]: COUNT distinct news-like reports as NDJSON.

Sentences come from templates filled with people, places, bodies and dates: about as dense in
names and dates as wire copy of the plainer sort, no two reports alike, always the same for
the same seed."""
import argparse
import datetime
import json
import random
import sys

GIVEN = ('Amina Boris Carla Dmitri Elif Farid Grace Hassan Ingrid José Kwame Lucía Mehmet Noor '
         'Olga Pierre Qasim Rosa Samuel Tomoko Ursula Viktor Wanjiru Xavier Yusuf Zoë').split()
SURNAME = ('Abara Bergström Castellanos Dikov Eriksen Fofana Gutiérrez Haddad Ivanchuk Jansen '
           'Kimathi Lindqvist Mbeki-Tanner Nakamura Okonjo Petrescu al-Qasimi Ramirez Şahin '
           'Tembo Usmanov Vasquez Whitfield Xiang Yilmaz Zeller Traoré Brennan Marchetti').split()
ROLE = ('President;Prime Minister;Foreign Minister;General;Colonel;Governor;Mayor;Judge;'
        'Senator;Dr.;Professor;spokesman;spokeswoman;analyst;union leader;police chief').split(';')
CITY = ('Tripoli Cairo Moscow Berlin Nairobi Lagos Jakarta Lima Bogotá Kabul Beirut Damascus '
        'Geneva Brussels Vienna Ankara Baghdad Karachi Delhi Beijing Tokyo Seoul Manila '
        'Santiago Caracas Havana Dakar Accra Khartoum Mogadishu Tunis Algiers Rabat Madrid '
        'Lisbon Paris Rome Athens Sofia Kyiv Minsk Riga Oslo Stockholm Helsinki Warsaw '
        'Prague Budapest Belgrade Zagreb Houston Chicago Toronto Sydney Auckland').split()
COUNTRY = ('Libya;Egypt;Russia;Germany;Kenya;Nigeria;Indonesia;Peru;Colombia;Afghanistan;Lebanon;'
           'Syria;Switzerland;Belgium;Austria;Turkey;Iraq;Pakistan;India;China;Japan;'
           'South Korea;the Philippines;Chile;Venezuela;Cuba;Senegal;Ghana;Sudan;Somalia;Tunisia;'
           'Algeria;Morocco;Spain;Portugal;France;Italy;Greece;Bulgaria;Ukraine').split(';')
DEMONYM = ('Libyan Egyptian Russian German Kenyan Nigerian Indonesian Peruvian Colombian Afghan '
           'Lebanese Syrian Swiss Belgian Austrian Turkish Iraqi Pakistani Indian Chinese '
           'Japanese Korean Chilean Cuban Spanish French Italian Greek Ukrainian').split()
BODY = ('United Nations;European Union;African Union;World Bank;International Monetary Fund;'
        'World Health Organization;NATO;OPEC;Red Cross;Supreme Court;Ministry of Defence;'
        'Central Bank;Electoral Commission;National Assembly;Reuters;Amnesty International;'
        'Greenpeace;World Trade Organization;UNICEF;Interpol').split(';')
WEEKDAY = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split()
MONTH = ('January February March April May June July August September October November '
         'December').split()
AGENCY = 'WFD MNA ATW Halcyon Borealis Northgate'.split()

SENTENCES = [
    '{role} {person} said on {weekday} that {country} would not accept the terms offered in {city}.',
    'The {body} put the number of displaced people at {n}, up from {m} in {month}.',
    '"{quote}," {surname} told reporters in {city} after talks with {role} {person2}.',
    'Fighting between {demonym} troops and armed groups near {city} entered its {ordinal} day.',
    'Prices rose {small} percent in the year to {month}, the {body} said, more than twice the rate of {year}.',
    'On {month} {day}, {person2} flew from {city} to {city2} to meet officials of the {body}.',
    'Officials in {city2} declined to comment, and calls to the {demonym} embassy were not returned.',
    'The agreement, signed on {day} {month} {year}, has never been put before parliament in {city}.',
    'It was the worst accident there since {year}, when {m} people died in a fire outside {city2}.',
    'Trucks were still queuing at the border between {country} and {country2} yesterday morning.',
    'A court in {city} is expected to rule next {weekday} on an appeal by the former {role2}, {person}.',
    'Exports of copper and grain through the port fell by {small} percent over the past {small2} months.',
    'Residents said the water had reached the second floor by noon and that nobody had come.',
    'Nothing in the report, which runs to {m} pages, explains where the rest of the money went.',
    'The company said it would hire {m} engineers and close two older plants by the end of next year.',
    '{person}, who grew up in {city2}, won the vote by {small} points and takes office in {month}.',
    'Schools and offices will stay shut until {weekday}, the governor said, and buses will not run at night.',
    'Between {year} and {year2} the {body} spent ${n} on roads that are now under water.',
    'Earlier this week {surname2} had called the plan "{quote2}" and asked for more time.',
    'The next round of talks is due to begin in {city} in two weeks, diplomats said.',
]
QUOTES = ('we will not leave before this is settled;there is no plan and there never was one;'
          'people here have waited long enough;that is not what was signed;it is a beginning, '
          'no more than that;nobody asked us what we thought;the figures speak for themselves').split(';')
QUOTES2 = 'premature;a gift to speculators;neither fair nor legal;a small miracle'.split(';')
ORDINAL = 'second third fourth fifth sixth seventh eighth ninth tenth'.split()
TOPIC = ('ceasefire grain flood election strike budget pipeline border vaccine harbour railway '
         'earthquake').split()


SYLLABLES = ('ba ber cor da del fen gar hul in jo kar lem mor nan os pel quin ras sol tar ul ven '
             'wen yar zim').split()


def surname(rng):
    """One in two is made up, so that not every name is in a cache already."""
    if rng.random() < 0.5:
        return rng.choice(SURNAME)
    return ''.join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()


def fill(rng, sentence):
    person = [rng.choice(GIVEN), surname(rng)]
    person2 = [rng.choice(GIVEN), surname(rng)]
    return sentence.format(
        person=' '.join(person), surname=person[1], person2=' '.join(person2),
        surname2=person2[1], role=rng.choice(ROLE), role2=rng.choice(ROLE).lower(),
        city=rng.choice(CITY), city2=rng.choice(CITY), country=rng.choice(COUNTRY),
        country2=rng.choice(COUNTRY), demonym=rng.choice(DEMONYM), body=rng.choice(BODY),
        weekday=rng.choice(WEEKDAY), month=rng.choice(MONTH), day=rng.randint(1, 28),
        year=rng.randint(1950, 2023), year2=rng.randint(1990, 2024), small=rng.randint(2, 48),
        small2=rng.randint(3, 20), n='{:,}'.format(rng.randint(10000, 9000000)),
        m=rng.randint(12, 990), ordinal=rng.choice(ORDINAL), quote=rng.choice(QUOTES),
        quote2=rng.choice(QUOTES2))


def report(rng, number, size):
    city, topic = rng.choice(CITY), rng.choice(TOPIC)
    day = datetime.date(2020, 1, 1) + datetime.timedelta(rng.randrange(1500))
    headline = '%s %s talks stall as %s presses %s' % (
        rng.choice(DEMONYM), topic, rng.choice(SURNAME), rng.choice(COUNTRY))
    head = '%s\n\n%s, %s %d (%s) - ' % (headline, city.upper(), MONTH[day.month - 1][:3],
                                        day.day, rng.choice(AGENCY))
    paragraphs, room, order = [], size - len(head) - 40, []
    while room > 0:
        if len(order) < 3:
            order = rng.sample(SENTENCES, len(SENTENCES))
        paragraph = ' '.join(fill(rng, order.pop()) for _ in range(rng.randint(1, 3)))
        paragraphs.append(paragraph)
        room -= len(paragraph.encode()) + 2
    text = head + '\n\n'.join(paragraphs) + '\n\nReport number %d ends.\n' % number
    return {'guid': 'bench-%07d' % number, 'version': 1, 'published': day.isoformat(),
            'slug': topic, 'urgency': rng.randint(1, 8), 'source': 'bench', 'text': text}


def reports(count, seed=1, size=3000):
    rng = random.Random(seed)
    for number in range(1, count + 1):
        yield report(rng, number, size)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('count', type=int)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--bytes', type=int, default=3000)
    options = parser.parse_args()
    for item in reports(options.count, options.seed, options.bytes):
        sys.stdout.write(json.dumps(item, ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main()
