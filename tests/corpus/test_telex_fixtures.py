#!/usr/bin/python3
"""test_telex_fixtures.py PROGRAM   read the agencies' own files with `wiretag read`

Files nobody here wrote: dpa's conversions into IPTC 7901 with the JSON they were made of, which
says what must come out, and two recordings of ANPA 1312 lines. They lie beside this project, not in
it; where they are missing the test is skipped (exit 77). For each file a line is printed: messages,
and how many header fields and times were read."""
import datetime
import html
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get('WIRETAG_SHARED') or os.path.join(HERE, '../../../shared')
FIXTURES = os.path.join(SHARED, 'data/wire-fixtures')
DPA = os.path.join(FIXTURES, 'iptc7901/dpa-digitalwires')
problems = []


def check(where, what, have, want):
    if have != want:
        problems.append('%s: %s is %r, not %r' % (where, what, have, want))


def read(program, path, *options):
    run = subprocess.run([program, '--quiet', *options, path], capture_output=True)
    if run.returncode:
        problems.append('%s: exit %d, %s' % (path, run.returncode, run.stderr.decode()))
    return [json.loads(line) for line in run.stdout.splitlines()]


def report(name, records, fields):
    have = sum(record.get(field) not in (None, '') for record in records for field in fields)
    times = sum('sent' in record for record in records)
    print('%-20s %2d messages, %3d of %3d header fields, %2d times'
          % (name, len(records), have, len(records) * len(fields), times))
    check(name, 'header fields', have, len(records) * len(fields))
    check(name, 'times', times, len(records))


def words(text):
    return re.findall(r'\w+', text)


def named(source, kind):
    return [c['name'] for c in source['categories'] if c['type'] == kind]


def check_dpa(name, record, source):
    check(name, 'headline', record['headline'], source['headline'].strip())
    check(name, 'urgency', record['urgency'], source['urgency'])
    check(name, 'category', record['category'], 'iptc7901:' + named(source, 'dnltype:desk')[0])
    check(name, 'service', record['service'] in named(source, 'dnltype:wire'), True)
    sent = datetime.datetime.fromisoformat(source['version_created']).astimezone(
        datetime.timezone.utc)
    check(name, 'sent', record['sent'][:16], sent.strftime('%Y-%m-%dT%H:%M'))
    known = [k for kind in ('dnltype:dpasubject', 'dnltype:geosubject', 'dnltype:keyword')
             for k in named(source, kind)]
    for keyword in record['keywords']:
        check(name, 'keyword %r known' % keyword, keyword in known, True)
    if source['byline']:
        check(name, 'byline', words(source['byline'])[1:3], words(record['byline'])[:2])
    if source['signal'] == 'sig:correction':
        check(name, 'action', record['action'], 'correction')
    article = html.unescape(re.sub('<[^>]*>', ' ', source['article_html']))
    text = words(record['text'])
    missing = [w for w in words(article) if w not in text]
    check(name, 'words of the article that are missing', missing, [])
    for note in source['ednotes']:
        if note['role'].endswith('closingline'):
            check(name, 'ends with its sign-off', record['text'].endswith(note['ednote']), True)


def dpa(program):
    for output in sorted(os.listdir(DPA + '/output')):
        name = output[:-len('.iptc')]
        with open('%s/input/%s.json' % (DPA, name)) as source:
            source = json.load(source)
        records = read(program, '%s/output/%s' % (DPA, output), '--feed',
                       'name=dpa,timezone=Europe/Berlin', '--received', '2024-10-07T12:00:00Z')
        report(output, records, ('service', 'priority', 'urgency', 'category', 'words', 'source',
                                 'keywords', 'slug', 'headline', 'text', 'charset'))
        if records:
            check_dpa(name, records[0], source)


ANPA = ('service', 'number', 'reference', 'selector', 'priority', 'urgency', 'category', 'keyword',
        'slug', 'words', 'guid', 'text', 'charset')


def stories(records):
    return [record for record in records if 'service' in record]


def ap(program):
    records = stories(read(program, FIXTURES + '/anpa1312/pozar/testfile.ap', '--received',
                           '1994-04-28T19:00:00Z'))
    report('testfile.ap', records, ANPA)
    check('ap', 'numbers', [r['reference'] for r in records],
          ['v0220', 'v0315', 'v3514', 'd0421'])
    check('ap', 'times', [r['sent'] for r in records],
          ['1994-04-28T18:20:00Z', '1994-04-28T18:20:00Z', '1994-04-28T18:21:00Z', '1994-04-28'])
    check('ap', 'embargo', records[3].get('embargo_until', '')[:10], '1994-04-30')
    check('ap', 'headline', records[3]['headline'], 'Clinton Drops Support for Gaming Tax Plan')
    check('ap', 'byline', records[3]['byline'], 'The Associated Press')
    check('ap', 'tabular', [r.get('tabular') for r in records], [None, None, True, None])
    check('ap', 'table rows', records[2]['text'].count('\n') > 90, True)


def bay_city(program):
    records = stories(read(program, FIXTURES + '/anpa1312/pozar/testfile.baycity', '--received',
                           '1995-04-22T08:00:00Z'))
    report('testfile.baycity', records, ANPA + ('headline',))
    check('bay city', 'messages', len(records), 17)
    check('bay city', 'days', {r['sent'][:10] for r in records} <= {'1995-04-21', '1995-04-22'}, True)
    check('bay city', 'agency', {r['source'] for r in records}, {'BCN'})
    whole = '\n'.join(r['text'] for r in records)
    for name in ('KATHERINE O\'HANLAN', 'anti-Semitic', 'wooded park trail to display'):
        check('bay city', 'has ' + name, name in whole, True)
    check('bay city', 'marks left', '``' in whole, False)


def main(program):
    if not os.path.isdir(FIXTURES):
        print('skipped: no fixtures beside the project')
        return 77
    dpa(program)
    ap(program)
    bay_city(program)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
