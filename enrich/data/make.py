#!/usr/bin/python3
"""make.py SOURCES: writes the derived tables of this folder from the open data they come from.

SOURCES is a folder that holds (README.md says what each is, and its licence)
    geonames/{countries,admin1}.tsv, cities.tsv.gz      natural_earth/physical.tsv
    factbook/{factbook.jsonl.gz,demonyms.tsv}           names/common-{fore,sur}names-by-country.csv
    lists/*/                                            gmb/gmb_train.jsonl.gz
The tables in own/ were written by hand and are read, never written. The same sources give
the same bytes.
"""
import collections
import csv
import gzip
import json
import os
import re
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
CITY_POPULATION = 50000      # or the seat of a country or first-order division
ALTERNATES = 4               # of a place, besides those that news was seen to use
SURNAMES, FORENAMES_US = 6000, 2500


def rows(path, delimiter='\t'):
    opener = gzip.open if path.endswith('.gz') else open
    with opener(path, 'rt', encoding='utf-8-sig', newline='') as file:
        quoting = csv.QUOTE_MINIMAL if delimiter == ',' else csv.QUOTE_NONE
        yield from csv.DictReader(file, delimiter=delimiter, quoting=quoting)


def own(name):
    return list(rows(os.path.join(HERE, 'own', name)))


def write(name, columns, table):
    with open(os.path.join(HERE, name), 'w', encoding='utf-8', newline='') as file:
        file.write('\t'.join(columns) + '\n')
        for row in table:
            file.write('\t'.join(str(row.get(column, '')) for column in columns) + '\n')
    print(f'{name}: {len(table)} rows')


def fold(text):
    text = unicodedata.normalize('NFKD', text).casefold()
    text = ''.join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"['’‘ʻʼ`ʿ.]", '', text)
    return re.sub(r'[^\w]+', ' ', text).strip()


def latin(text):
    return all(not c.isalpha() or 'LATIN' in unicodedata.name(c, '') for c in text)


# ------------------------------------------------------------------ ordinary words

def attested(sources):
    """Runs of up to three capitalised words in news: the spellings that it uses."""
    found = set()
    with gzip.open(f'{sources}/gmb/gmb_train.jsonl.gz', 'rt', encoding='utf-8') as file:
        for line in file:
            for run in re.findall(r"[A-Z][\w'’]+(?:[ -][A-Za-z][\w'’]+){0,5}", json.loads(line)['text']):
                parts = fold(run).split()
                found.update(' '.join(parts[i:j]) for i in range(len(parts))
                             for j in range(i + 1, min(i + 4, len(parts) + 1)))
    return found


def words(sources):
    """Words that wire copy writes small more often than with a capital inside a sentence."""
    low, high = collections.Counter(), collections.Counter()
    with gzip.open(f'{sources}/gmb/gmb_train.jsonl.gz', 'rt', encoding='utf-8') as file:
        for line in file:
            inside = False
            for token in re.findall(r"[A-Za-z]+(?:'[a-z]+)?|[^\sA-Za-z]", json.loads(line)['text']):
                if token[0].isalpha():
                    if token.islower():
                        low[token] += 1
                    elif inside:
                        high[token.lower()] += 1
                    inside = True
                elif token in '.!?:"':
                    inside = False
    kept = {w for w, n in low.items() if n > high[w] and len(w) > 1}
    return kept | {'a', 'i'}


# ------------------------------------------------------------------ places

# Codes of GeoNames for what is no independent country.
FEATURES = {'HK': 'PCLS', 'MO': 'PCLS', 'EH': 'TERR', 'AQ': 'CONT', 'GG': 'PCLD', 'JE': 'PCLD',
            'IM': 'PCLD', 'AX': 'PCLS', 'CK': 'PCLF', 'NU': 'PCLF'}
DEPENDENT = ('AI AS AW BL BM BV CC CX FK FO GF GI GL GP GS GU HM IO KY MF MP MQ MS NC NF PF PM '
             'PN PR RE SH SJ SX TC TF TK UM VG VI WF YT BQ CW').split()
GONE = {'AN', 'CS'}


def countries(sources):
    named = {r['country']: r['alternates'].split('|') for r in own('country_names.tsv')}
    long_names = {}
    with gzip.open(f'{sources}/factbook/factbook.jsonl.gz', 'rt', encoding='utf-8') as file:
        for line in file:
            entry = json.loads(line)
            name = (entry.get('long_name') or '').strip()
            if entry.get('iso2') and re.fullmatch(r"[\w' ,-]+", name) and len(name) < 50:
                long_names.setdefault(entry['iso2'], name)
    out = []
    for row in rows(f'{sources}/geonames/countries.tsv'):
        code = row['iso2']
        if code in GONE:
            continue
        names = named.get(code, []) + [row['name']]
        if names[0] != long_names.get(code, 'none') and long_names.get(code, 'none') != 'none':
            names.append(long_names[code])
        name = names[0]
        feature = FEATURES.get(code, 'PCLD' if code in DEPENDENT else 'PCLI')
        out.append({'name': name, 'class': 'country', 'geonameid': row['geonameid'],
                    'lat': row['lat'], 'lon': row['lon'], 'feature': feature, 'country': code,
                    'population': row['population'], 'alternates': join(name, names[1:])})
    return out


def join(name, names, limit=99):
    seen, out = {fold(name)}, []
    for other in names:
        key = fold(other)
        if key and key not in seen:
            seen.add(key)
            out.append(other.strip())
    return '|'.join(out[:limit])


GENERIC = re.compile(r'\b(province|provincia|region|region of|governorate|gouvernorat|district|county|'
                     r'prefecture|oblast|state|estado|departement|department|departamento|wilaya|'
                     r'munizip|gouvernement|provinz|municipality|distrikt|kraj|voivodeship|of|de|di|'
                     r'al|republic|krai|kray|autonomous|okrug|city|council)\b', re.I)


def admin1(sources, ordinary, forenames):
    out = []
    for row in rows(f'{sources}/geonames/admin1.tsv'):
        name = row['name']
        bare = re.sub(r"^(Departamento de|Provincia de|Région de la|Région de|Estado de|Wilaya de|"
                      r"Muhafazat|State of|Province of|Federal District of) ", '', name)
        bare = re.sub(r' (Province|Governorate|District|Oblast|Region|State|County|Department|'
                      r'Prefecture|Voivodeship|Krai|Municipality|Parish)$', '', bare)
        alternates = [a for a in row['alternates'].split('|')
                      if a and not GENERIC.search(a) and good_alternate(a, ordinary, forenames)]
        if fold(bare) in ordinary:
            bare = name  # "Central", "Northern": only with what they are
        if fold(bare) in ordinary:
            continue
        out.append({'name': bare, 'class': 'admin1', 'geonameid': row['geonameid'],
                    'lat': row['lat'], 'lon': row['lon'], 'feature': 'ADM1', 'country': row['country'],
                    'admin1': row['admin1'], 'alternates': join(bare, [name] + alternates, 6)})
    return out


def good_alternate(name, ordinary, forenames):
    key = fold(name)
    return (len(key) >= 4 and latin(name) and name[0].isupper() and not re.search(r'[\d()/,]', name)
            and not name.isupper() and key not in ordinary and key not in forenames
            and len(key.split()) <= 4)


def cities(sources, ordinary, forenames, seen, english, near):
    out, taken = [], set()
    table = list(rows(f'{sources}/geonames/cities.tsv.gz'))
    primary = collections.Counter(fold(r['name']) for r in table if int(r['population'] or 0) >= 20000)
    for row in table:
        population = int(row['population'] or 0)
        seat = row['fcode'] in ('PPLC', 'PPLA')
        if not (population >= CITY_POPULATION or seat) or row['fcode'] == 'PPLX':
            continue
        alternates = [a for a in row['alternates'].split('|') if a]
        name = row['name']
        keys = {fold(a) for a in alternates + [name, row['ascii']]}
        square = (row['country'], round(float(row['lat'])), round(float(row['lon'])))
        for spelled in english.get(row['geonameid'], []) + near.get(square, []):
            if fold(spelled) in keys:
                name = spelled
                break
        kept = [a for a in alternates if good_alternate(a, ordinary, forenames)
                and (not primary[fold(a)] or population >= 100000 or seat)]
        # Spellings near the name first, then the short ones.
        kept.sort(key=lambda a: (fold(a) not in seen, fold(a)[:2] != fold(name)[:2], len(a), a))
        limit = sum(fold(a) in seen for a in kept) + 2
        limit += ALTERNATES if population >= 200000 or seat else 1
        out.append({'name': name, 'class': 'city', 'geonameid': row['geonameid'], 'lat': row['lat'],
                    'lon': row['lon'], 'feature': row['fcode'], 'country': row['country'],
                    'admin1': row['admin1'], 'population': population,
                    'alternates': join(name, [row['name'], row['ascii']] + kept, limit)})
        taken.add(row['geonameid'])
    return out


def natural_earth_places(sources):
    """The names English maps use, by GeoNames id and by country and degree."""
    english, near = {}, {}
    for row in rows(f'{sources}/natural_earth/populated_places.tsv.gz'):
        spelled = [n for n in (row['name_en'], row['name']) if n]
        english[row['geonamesid'].split('.')[0]] = spelled
        near.setdefault((row['iso_a2'], round(float(row['latitude'])),
                         round(float(row['longitude']))), []).extend(spelled)
    return english, near


SHORT = {'Mts.': 'Mountains', 'Mt.': 'Mount', 'Ra.': 'Range', 'Is.': 'Islands', 'I.': 'Island',
         'Pen.': 'Peninsula', 'S.': '', 'Cord.': 'Cordillera', 'L.': 'Lake'}


def regions(sources, ordinary):
    mine = {fold(n) for r in own('regions.tsv') for n in [r['name']] + r['alternates'].split('|')}
    out, seen = [], set(mine)
    for row in rows(f'{sources}/natural_earth/physical.tsv'):
        if float(row['scalerank'] or 9) > (4 if row['layer'] == 'river' else 5):
            continue
        name = ' '.join(SHORT.get(w, w) for w in row['name'].split())
        if name.isupper():
            name = name.title()
        if row['layer'] == 'river' and 'River' not in name:
            continue
        if row['featurecla'] == 'Continent' or len(fold(name)) < 5 or fold(name) in seen \
                or fold(name) in ordinary or '(' in name or row['featurecla'] == 'pole':
            continue
        seen.add(fold(name))
        out.append({'name': name, 'class': 'region', 'lat': row['lat'], 'lon': row['lon'],
                    'feature': row['featurecla'].lower(), 'alternates': join(name, [row['alternates']])})
    return out


# ------------------------------------------------------------------ groups, people

def demonyms(sources, ordinary):
    mine = {fold(n) for r in own('groups.tsv') for n in [r['name']] + r['alternates'].split('|')}
    by_country = collections.OrderedDict()
    for row in rows(f'{sources}/factbook/demonyms.tsv'):
        if fold(row['form']) in mine or not row['form'][0].isupper() or '(' in row['form']:
            continue
        forms = by_country.setdefault(row['iso2'], [])
        if row['form'] not in forms:
            forms.append(row['form'])
    out = []
    for code, forms in by_country.items():
        # One entry for each people: "Antiguan, Antiguans" and "Barbudan, Barbudans".
        heads = []
        for form in forms:
            head = next((h for h in heads if fold(form).rstrip('s') == fold(h[0]).rstrip('s')), None)
            head.append(form) if head else heads.append([form])
        for head in heads:
            head.sort(key=len)
            plural = ([head[0] + 's'] if len(head) == 1 and head[0][-1] in 'ni'
                      and not head[0].endswith(('men', 'ein')) else [])
            out.append({'name': head[0], 'class': 'group', 'country': code,
                        'alternates': join(head[0], head[1:] + plural)})
    return out


def names(sources, ordinary, places):
    fore, sur = {}, {}
    for row in rows(f'{sources}/names/common-forenames-by-country.csv', ','):
        name = row['Romanized Name'] or row['Localized Name']
        fore.setdefault(fold(name), name)
    for row in rows(f'{sources}/names/common-surnames-by-country.csv', ','):
        name = row['Romanized Name'] or row['Localized Name']
        sur.setdefault(fold(name), name)
    census = list(rows(f'{sources}/lists/names_us_census1990/names.tsv.gz'))
    census.sort(key=lambda r: -float(r['id'].split(':')[1]))
    counts = collections.Counter()
    for row in census:
        kind = 'sur' if row['subtype'] == 'surname' else 'fore'
        table, limit = (sur, SURNAMES) if kind == 'sur' else (fore, FORENAMES_US)
        if counts[kind] < limit:
            counts[kind] += 1
            table.setdefault(fold(row['name']), row['name'])
    def keep(table):
        return {k: v for k, v in table.items() if len(k) > 1 and latin(v) and ' ' not in k
                and re.fullmatch(r"[^\W\d_][\w'’.-]*", v) and v[0].isupper()}
    return keep(fore), keep(sur)


# ------------------------------------------------------------------ organisations

def organizations(sources, ordinary, forenames, surnames, placenames):
    mine = {fold(n) for r in own('organizations.tsv') for n in [r['name']] + r['alternates'].split('|')}
    seen, out = set(mine), []

    groups = {fold(n) for table in ('own/groups.tsv', 'demonyms.tsv')
              for r in rows(os.path.join(HERE, table)) for n in [r['name']] + r['alternates'].split('|')}

    def distinctive(name, word_count=1):
        key = fold(name)
        if len(key) < 4 or key in groups or not latin(name) or not name[0].isalpha() or key in placenames:
            return False
        parts = key.split()
        if len(parts) > 8 or '(' in name or '|' in name or '"' in name or '/' in name:
            return False
        if not any(c.isupper() for c in name):
            return False
        if len(parts) == 1:
            return word_count == 1 and key not in ordinary and key not in forenames and key not in surnames
        return not all(p in ordinary or p in forenames or p in surnames for p in parts)

    def add(row, feature, aliases=True, single=True):
        name = re.sub('^The ', '', row['name'].strip())
        key = fold(name)
        if key in seen or not distinctive(name, 1 if single else 2):
            return
        seen.add(key)
        others = []
        for alias in row['aliases'].split('|') if aliases else []:
            alias_key = fold(alias)
            if alias and alias_key not in seen and distinctive(alias, 1 if single else 2):
                seen.add(alias_key)
                others.append(alias)
        out.append({'name': name, 'class': 'organization', 'feature': feature,
                    'country': row['country'], 'alternates': join(name, others, 6)})

    lists = f'{sources}/lists'
    for row in rows(f'{lists}/media_fundus/publishers.tsv'):
        row['name'] = re.sub(r' \(.*\)$', '', row['name'])
        add(row, 'media')
    for row in rows(f'{lists}/media_plenary/outlets.tsv'):
        add(row, 'media', single=False)
    for row in rows(f'{lists}/misc_corpora/organizations_etc.tsv.gz'):
        if row['type'] == 'organization' and row['subtype'] != 'political party':
            add(row, {'newspaper': 'media', 'company': 'company', 'armed group': 'armed group',
                      'government agency': 'agency'}.get(row['subtype'], 'club'))
    for row in rows(f'{lists}/security_misp/armed_groups_canada.tsv'):
        add(row, 'armed group', aliases=False)
    for row in rows(f'{lists}/security_misp/intelligence_agencies.tsv'):
        add(row, 'agency', aliases=False)
    for row in rows(f'{lists}/parties_partyfacts/parties.tsv.gz'):
        row['aliases'] = '|'.join(a for a in row['aliases'].split('|') if a.isupper() and len(a) >= 4)
        add(row, 'party')
    for row in rows(f'{lists}/companies_us_listings/companies.tsv.gz'):
        if 'S&P' in row['subtype'] or row['country']:
            add(row, 'company')
    for row in rows(f'{lists}/football_openfootball/clubs.tsv.gz'):
        row['aliases'] = '|'.join(a for a in row['aliases'].split('|') if ' ' in a)  # no bare towns
        add(row, 'club')
    return out


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sources = sys.argv[1]
    ordinary = words(sources)
    fore, sur = names(sources, ordinary, set())
    table = countries(sources)
    placenames = {fold(r['name']) for r in table}
    place_columns = ['name', 'class', 'geonameid', 'lat', 'lon', 'feature', 'country', 'admin1',
                     'population', 'alternates']
    write('countries.tsv', place_columns, table)
    divisions = admin1(sources, ordinary, fore)
    towns = cities(sources, ordinary, fore, attested(sources), *natural_earth_places(sources))
    write('admin1.tsv', place_columns, divisions)
    write('cities.tsv', place_columns, towns)
    physical = regions(sources, ordinary)
    write('regions.tsv', ['name', 'class', 'lat', 'lon', 'feature', 'alternates'], physical)
    for group in (divisions, towns, physical):
        for row in group:
            placenames.update(fold(n) for n in [row['name']] + row['alternates'].split('|'))
    write('demonyms.tsv', ['name', 'class', 'country', 'alternates'], demonyms(sources, ordinary))
    write('organizations.tsv', ['name', 'class', 'feature', 'country', 'alternates'],
          organizations(sources, ordinary, fore, sur, placenames))
    write('forenames.tsv', ['name', 'class'],
          [{'name': fore[k], 'class': 'forename'} for k in sorted(fore)])
    write('surnames.tsv', ['name', 'class'],
          [{'name': sur[k], 'class': 'surname'} for k in sorted(sur)])
    write('words.tsv', ['name', 'class'], [{'name': w, 'class': 'word'} for w in sorted(ordinary)])


if __name__ == '__main__':
    main()
