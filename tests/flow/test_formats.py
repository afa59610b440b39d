#!/usr/bin/python3
"""Events in the formats of others, judged by what those formats say: their schemas where
those are at hand (a folder `shared` beside the sources, or $WIRETAG_SHARED), else their
rules written down here. And `wiretag query`, which shows what is stored."""
import glob
import io
import json
import os
import re
import sqlite3
import subprocess
import tarfile
import unittest

import jsonschema

import harness
from harness import PATIENCE, REPORTS, Flow, run

SHARED = os.environ.get('WIRETAG_SHARED') or os.path.join(harness.ROOT, '..', 'shared')
FIXTURES = os.path.join(SHARED, 'data', 'wire-fixtures')
NINJS = os.path.join(FIXTURES, 'ninjs')
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"
                 r"(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?")
INSTANT = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)')
ATTRIBUTE = re.compile(r'[a-z0-9]+')
T_LINE = re.compile(r'T\d+\t([A-Za-z0-9-]+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)')
OTHERS = (
    re.compile(r'N\d+\tReference T(\d+) GeoNames:\d+\t.*'), re.compile(r'A\d+\t\w+ T(\d+) \S+'),
    re.compile(r'R\d+\tSpeaker Arg1:T(\d+) Arg2:T(\d+)'), re.compile(r'\*\tEquiv((?: T\d+){2,})'),
    re.compile(r'#\d+\tAnnotatorNotes T(\d+)\t.+'))
# Feed records that are hard on formats.
HARD = [
    {'guid': 'a b"c\\d/é#x#y', 'text': 'TUNIS (WFD) - One,;#| two\tthree said "four # five | six".'},
    {'guid': 'http://x/[y]?z=%2', 'text': 'Line of Mr\nHaftar of Tripoli\u2028in Libya on\n\nMonday\u0085.',
     'keywords': ['a;b', '#c'], 'urgency': 1, 'slug': 'x<y>&z', 'headline': 'A\tB & <C> "D"'},
    {'guid': 'urn:astral', 'text': '🌊🌊 Berlin 🌊 said Angela Merkel 🌊 in São Paulo.', 'lang': 'de'},
    {'guid': 'urn:gone', 'version': 1, 'text': 'Paris - To be taken back.'},
    {'guid': 'urn:gone', 'version': 2, 'text': 'Paris - Not for use.', 'status': 'canceled'},
    {'guid': 'urn:kept back', 'text': 'London - In doubt.', 'status': 'withheld'},
    {'guid': 'urn:long', 'text': 'Rome. ' + 'Long words of Mario Rossi in Rome. ' * 3000},
    {'guid': 'urn:nowhere', 'text': 'nothing at all'},
]


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


class Formats(Flow):
    def setUp(self):
        super().setUp()
        _, sink, _ = self.start_all()
        path = os.path.join(self.data, 'hard.ndjson')
        with open(path, 'w', encoding='utf-8') as out:
            for record in HARD:
                out.write(json.dumps(record) + '\n')
        code, _, err = run('feed', '--data', self.data, REPORTS, path)
        self.assertEqual(code, 0, err)
        self.feed_fixtures()
        harness.wait_for(self.is_at_rest, 60, lambda: 'the last commits: %s' % self.status('ingest'))
        self.stored = self.wait_events(self.status('sink')['events'])
        self.sink = sink

    def feed_fixtures(self):
        """Files of agencies in all formats, where they are at hand; some cannot be read."""
        files = [path for kind in ('iptc7901', 'anpa1312', 'newsml-g2', 'newsml12', 'nitf', 'ninjs')
                 for path in glob.glob(os.path.join(FIXTURES, kind, '**'), recursive=True)
                 if os.path.isfile(path) and 'schema' not in path and not path.endswith('.md')]
        if files:
            run('feed', '--data', self.data, *sorted(files))
        else:
            print('skipped: no files of agencies beside the sources')

    def is_at_rest(self):
        status = self.status('ingest')
        return status['accepted'] == status['committed'] + status['dead']

    def query(self, *arguments, code=0):
        answer, out, err = run('query', '--data', self.data, *arguments)
        self.assertEqual((answer, err), (code, ''), arguments)
        return out

    def test_all(self):
        for kind in ('ninjs', 'geojson', 'cloudevents', 'brat', 'gkg'):
            with self.subTest(kind):
                getattr(self, 'check_' + kind)()
        with self.subTest('query'):
            self.check_query()
        with self.subTest('tail'):
            self.check_tail()
        self.assertEqual(self.sink.stop(), 0)
        with self.subTest('query without a sink'):
            self.assertEqual(len(self.query().splitlines()), len(self.stored))

    # ---- formats ----

    def check_ninjs(self):
        items = lines_of(self.query('--as', 'ninjs'))
        self.assertEqual(len(items), len(self.stored))
        for item, event in zip(items, self.stored):
            self.assertEqual(item['pubStatus'], event['status'])
            self.assertEqual(item.get('bodies', [{'value': ''}])[0]['value'], event['text'])
            self.assertEqual(item['version'], str(event['version']))
            self.assertIn({'role': 'event', 'value': event['id']}, item['altIds'])
            located = [place for place in item.get('places', ()) if 'geoJSON' in place]
            wanted = [entity for entity in event['entities'] if entity['type'] in (
                'location', 'facility') and any(
                    place['entity'] == entity['id'] for place in event['places'])]
            self.assertEqual([place['name'] for place in located],
                             [entity['name'] for entity in wanted])
        if not os.path.isdir(NINJS):
            print('skipped: no ninjs schema beside the sources')
            return
        with open(os.path.join(NINJS, 'schema', 'ninjs-schema_3.1.json'), encoding='utf-8') as file:
            schema = json.load(file)
        with open(os.path.join(NINJS, 'test_suite', 'GeoJSON-schema.json'), encoding='utf-8') as file:
            geo = json.load(file)
        formats = jsonschema.FormatChecker(())
        formats.checks('uri')(lambda text: bool(URI.fullmatch(text)))
        formats.checks('date-time')(lambda text: bool(INSTANT.fullmatch(text)))
        checker = jsonschema.Draft202012Validator(schema, format_checker=formats, resolver=(
            jsonschema.RefResolver.from_schema(schema, store={
                'https://geojson.org/schema/GeoJSON.json': geo})))
        for item in items:
            faults = ['%s: %s' % ('/'.join(map(str, fault.path)), fault.message[:200])
                      for fault in checker.iter_errors(item)]
            self.assertFalse(faults, item['uri'])

    def check_geojson(self):
        features = lines_of(self.query('--as', 'geojson'))
        by_event = {}
        for feature in features:
            self.assertEqual(set(feature), {'type', 'id', 'geometry', 'properties'})
            self.assertEqual(feature['type'], 'Feature')
            by_event.setdefault(feature['properties']['event'], []).append(feature)
            self.assertTrue(all(not isinstance(value, (dict, list))
                                for value in feature['properties'].values()))
        self.assertEqual(len({feature['id'] for feature in features}), len(features))
        self.assertEqual(list(by_event), [event['id'] for event in self.stored])
        for event in self.stored:
            places = [[place['lon'], place['lat']] for place in event['places']]
            found = [feature['geometry'] for feature in by_event[event['id']]]
            if not places:
                self.assertEqual(found, [None])
                continue
            self.assertCountEqual([geometry['coordinates'] for geometry in found], places)
            for feature in by_event[event['id']]:
                self.assertIn(feature['properties']['snippet'].split()[0], event['text'])

    def check_cloudevents(self):
        envelopes = lines_of(self.query('--as', 'cloudevents'))
        self.assertEqual(len({(one['source'], one['id']) for one in envelopes}), len(envelopes))
        self.assertEqual([one['sequence'] for one in envelopes],
                         sorted(one['sequence'] for one in envelopes))
        types = {'usable': 'tagged', 'canceled': 'canceled', 'withheld': 'withheld'}
        for one, event in zip(envelopes, self.stored):
            self.assertEqual(one['specversion'], '1.0')
            self.assertTrue(all(ATTRIBUTE.fullmatch(name) for name in one))
            self.assertTrue(INSTANT.fullmatch(one['time']))
            self.assertEqual(one['type'], 'wiretag.report.' + types[event['status']])
            self.assertEqual((one['id'], one['subject']), (event['id'], event['guid']))
            if len(json.dumps(event, ensure_ascii=False).encode()) > 60000:
                self.assertTrue(one['textomitted'])
                self.assertEqual(one['data'], {key: value for key, value in event.items()
                                               if key != 'text'})
            else:
                self.assertEqual(one['data'], event)
        self.assertTrue(any('textomitted' in one for one in envelopes))

    def check_brat(self):
        folder = os.path.join(self.data, 'brat')
        self.query('--as', 'brat', '--out', folder)
        names = {name for name in os.listdir(folder) if name.endswith('.ann')}
        self.assertEqual(names, {event['id'] + '.ann' for event in self.stored})
        self.assertIn('annotation.conf', os.listdir(folder))
        done = subprocess.run([os.path.join(harness.BIN, 'wiretag-query'), '--data', self.data,
                               '--as', 'brat'], stdout=subprocess.PIPE, check=True,
                              timeout=60 * PATIENCE)
        archive = {}
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            for member in tar.getmembers():
                archive[member.name] = tar.extractfile(member).read()
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), 'rb') as file:
                self.assertEqual(archive.pop(name), file.read(), name)
        self.assertFalse(archive)
        for event in self.stored:
            self.check_standoff(event, os.path.join(folder, event['id']))

    def check_standoff(self, event, path):
        with open(path + '.txt', encoding='utf-8', newline='') as file:
            text = file.read()
        self.assertEqual(text, event['text'])
        with open(path + '.ann', encoding='utf-8', newline='') as file:
            lines = file.read().splitlines()  # as brat does it, by all of Unicode's line ends
        spans = 0
        for line in lines:
            match = T_LINE.fullmatch(line)
            if match:
                pieces = [tuple(map(int, piece.split())) for piece in match.group(2).split(';')]
                self.assertEqual(' '.join(text[start:end] for start, end in pieces), match.group(3))
                spans += 1
                continue
            match = next((kind.fullmatch(line) for kind in OTHERS if kind.fullmatch(line)), None)
            self.assertTrue(match, line)
            for number in re.findall(r'\d+', ' '.join(match.groups())):
                self.assertTrue(1 <= int(number) <= spans, line)
        self.assertGreaterEqual(spans, sum(len(entity['mentions']) for entity in event['entities']))

    def check_gkg(self):
        rows = self.query('--as', 'gkg').split('\n')
        self.assertEqual(rows.pop(), '')
        self.assertEqual(len(rows), len(self.stored))
        for row, event in zip(rows, self.stored):
            columns = row.split('\t')
            self.assertEqual(len(columns), 27)
            self.assertRegex(columns[0], r'^\d{14}-\d+$')
            self.assertRegex(columns[1], r'^\d{14}$')
            for column, fields in ((9, 7), (10, 9)):
                for block in filter(None, columns[column].split(';')):
                    self.assertEqual(block.count('#') + 1, fields, block)
            for column in (12, 14, 23):
                for block in filter(None, columns[column].split(';')):
                    name, offset = block.split(',')
                    self.assertTrue(name and 0 <= int(offset) < len(event['text']), block)
            for block in filter(None, columns[16].split(';')):
                self.assertRegex(block, r'^[123]#\d+#\d+#\d{4}#\d+$')
            mentions = sum(len(entity['mentions']) for entity in event['entities'])
            self.assertEqual(len(list(filter(None, columns[23].split(';')))), mentions)
            self.assertEqual(len(list(filter(None, columns[22].split('#')))), len(event['quotes']))

    # ---- query and tail ----

    def check_query(self):
        self.assertEqual(lines_of(self.query()), self.stored)
        self.assertEqual(lines_of(self.query('--newest')), self.stored[::-1])
        self.assertEqual(lines_of(self.query('--since', '5', '--limit', '3')), self.stored[4:7])
        self.assertEqual(lines_of(self.query('--since', '1h')), self.stored)
        self.assertEqual(lines_of(self.query('--since', '2020-01-14T10:00:00Z')), self.stored)
        self.assertEqual(self.query('--since', '2999-01-01', code=3), '')
        gone = lines_of(self.query('--guid', 'urn:gone'))
        self.assertEqual([event['status'] for event in gone], ['usable', 'canceled'])
        self.assertEqual(self.query('--guid', 'urn:gone', '--stories', code=3), '')
        with sqlite3.connect('file:%s/events.db?mode=ro' % self.data, uri=True) as database:
            wanted = [json.loads(row[0]) for row in database.execute(
                'SELECT json FROM stories ORDER BY offset')]
        self.assertEqual(lines_of(self.query('--stories')), wanted)
        text = self.query('--format', 'text', '--color', 'always', '--guid', 'urn:gone')
        self.assertIn('\033[1;31mcanceled', text)
        for wrong in (['Tripoli'], ['--since', 'yesterday'], ['--as', 'csv'],
                      ['--as', 'gkg', '--format', 'text']):
            code, out, err = run('query', '--data', self.data, *wrong)
            self.assertEqual((code, out), (2, ''), wrong)
            self.assertTrue(err)
        code, _, err = run('query', '--data', self.data + '/nothing')
        self.assertEqual(code, 1)
        self.assertIn('missing', err)

    def check_tail(self):
        with open(self.data + '/tail', 'wb') as out:
            tail = subprocess.Popen([os.path.join(harness.BIN, 'wiretag'), 'tail', '--data', self.data,
                                     '--as', 'cloudevents', '-n', '1'], stdout=out)
        harness.wait_for(lambda: self.status('sink')['subscribers'] == 1, 20, 'the subscription')
        self.send(b'{"guid":"urn:live","text":"Cairo - Live."}\n')
        self.assertEqual(tail.wait(20 * PATIENCE), 0)
        with open(self.data + '/tail', encoding='utf-8') as file:
            (envelope,) = lines_of(file.read())
        self.assertEqual(envelope['subject'], 'urn:live')
        self.assertEqual(int(envelope['sequence']), len(self.stored) + 1)
        self.stored = self.wait_events(len(self.stored) + 1)


if __name__ == '__main__':
    unittest.main()
