#!/usr/bin/python3
"""Does check_event.py let good events pass and name what is wrong with bad ones?"""
import copy
import json
import unittest

import check_event

GOOD = {
    'schema': 'wiretag/1', 'id': 'f00-1.1', 'guid': 'tag:wfd,2020-01-14:wfd-0142',
    'guid_from': 'given', 'part': {'n': 1, 'of': 1, 'start': 0, 'end': 62},
    'version': 2, 'action': 'update', 'status': 'usable', 'take': None,
    'relates': [{'rel': 'replaces', 'ref': 'wfd 0141', 'guid': None}],
    'times': {'first_created': None, 'version_created': '2020-01-14T10:15:00Z', 'sent': None},
    'embargo_until': None, 'expires': None,
    'received': '2020-01-14T10:15:02.113Z', 'published': '2020-01-14',
    'published_from': 'given',
    'source': {'feed': None, 'agency': 'WFD', 'format': 'text', 'peer': '127.0.0.1:4242',
               'charset': 'utf-8', 'service': 'tst', 'number': '0142', 'reference': 'wfd 0142',
               'url': None},
    'urgency': 5, 'priority': None, 'subhead': None, 'ednote': None, 'lang': None, 'slug': None, 'keywords': [], 'category': [],
    'headline': 'Talks 🤝 go on', 'byline': None,
    'dateline': {'start': 15, 'end': 20, 'place': 'TUNIS', 'geonameid': 2464470,
                 'date': None, 'agency': None},
    'text': 'Talks 🤝 go on\n\nTUNIS - Haftar said "no" in Tripoli on Thursday.\n',
    'furniture': [{'start': 0, 'end': 5, 'kind': 'teaser'}],
    'entities': [
        {'id': 'e1', 'type': 'person', 'name': 'Haftar', 'role': None, 'score': 0.9,
         'salience': 0.5, 'why': 'title', 'mentions': [{'start': 23, 'end': 29, 'text': 'Haftar'}]},
        {'id': 'e2', 'type': 'location', 'name': 'Tripoli', 'role': None, 'score': 1,
         'salience': 0, 'why': None, 'mentions': [{'start': 43, 'end': 50, 'text': 'Tripoli'}]}],
    'places': [{'entity': 'e2', 'geonameid': 2210247, 'name': 'Tripoli', 'lat': 32.88743,
                'lon': 13.18733, 'country': 'LY', 'admin1': None, 'feature': 'PPLC',
                'role': 'literal', 'score': 0.94, 'why': 'population',
                'runner_up': {'geonameid': 266826, 'country': 'LB', 'score': 0.05}}],
    'focus': {'country': 'LY', 'geonameid': 2210247},
    'dates': [{'start': 54, 'end': 62, 'text': 'Thursday', 'type': 'DATE',
               'value': '2020-01-16', 'mod': None, 'from': '2020-01-16', 'to': '2020-01-16',
               'anchor': 'published', 'why': 'weekday-past'}],
    'quotes': [{'start': 35, 'end': 39, 'speaker': 'e1'}],
    'tagger': {'version': '0.1.0', 'model': None, 'gazetteer': '2026'}, 'warnings': []}
GOOD['part']['end'] = len(GOOD['text'])


def changed(path, value):
    event = copy.deepcopy(GOOD)
    at = event
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return event


class CheckEvent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = check_event.schema_validator()

    def faults(self, event):
        checker = check_event.Checker.__new__(check_event.Checker)
        checker.validator, checker.sample, checker.seen, checker.count = self.validator, 1, {}, 0
        return checker.check(event)

    def refused(self, path, value):
        self.assertTrue(self.faults(changed(path, value)), 'passed with %s = %r' % (path, value))

    def test_good_event_passes(self):
        self.assertEqual(self.faults(GOOD), [])

    def test_same_id_twice_is_refused(self):
        checker = check_event.Checker()
        self.assertEqual(checker.check(GOOD), [])
        self.assertIn('was that of event 1', checker.check(GOOD)[0])

    def test_unknown_and_missing_keys_are_refused(self):
        self.refused(['colour'], 'red')
        self.refused(['places', 0, 'colour'], 'red')
        event = copy.deepcopy(GOOD)
        del event['entities'][0]['role']
        self.assertTrue(self.faults(event))
        with self.assertRaises(ValueError):
            check_event.parse('{"a":1,"a":2}')

    def test_shifted_spans_are_refused(self):
        self.refused(['entities', 0, 'mentions', 0, 'start'], 22)
        self.refused(['dates', 0, 'end'], 63)
        self.refused(['dates', 0, 'end'], 99)
        self.refused(['quotes', 0, 'end'], 35)
        self.refused(['dateline', 'start'], 16)
        self.refused(['furniture', 0, 'start'], -1)
        self.refused(['part', 'end'], 7)

    def test_utf16_offsets_are_refused(self):
        event = json.loads(json.dumps(GOOD))
        for entity in event['entities']:
            for mention in entity['mentions']:
                mention['start'] += 1
                mention['end'] += 1
        self.assertTrue(self.faults(event))

    def test_overlaps_are_refused(self):
        self.refused(['entities', 1, 'mentions'], [{'start': 23, 'end': 29, 'text': 'Haftar'}])
        self.refused(['furniture'], [{'start': 3, 'end': 9, 'kind': 'repeat'},
                                     {'start': 0, 'end': 4, 'kind': 'teaser'}])

    def test_dangling_references_are_refused(self):
        self.refused(['places', 0, 'entity'], 'e3')
        self.refused(['quotes', 0, 'speaker'], 'e3')

    def test_impossible_values_are_refused(self):
        for path, value in ((['published'], 'Tuesday'), (['published'], '2020-13-01'),
                            (['received'], '2020-01-14'), (['urgency'], 0),
                            (['urgency'], 10), (['version'], 0), (['headline'], ''),
                            (['text'], 'a\x07b'), (['places', 0, 'lat'], 91),
                            (['places', 0, 'geonameid'], 0), (['places', 0, 'country'], 'Libya'),
                            (['entities', 0, 'score'], 1.01), (['entities', 0, 'type'], 'PER'),
                            (['entities', 0, 'mentions'], []), (['dates', 0, 'from'], '2020-01-17'),
                            (['dates', 0, 'to'], '2020-02-30'), (['dates', 0, 'mod'], 'LATE'),
                            (['tagger', 'version'], None), (['extra'], [])):
            self.refused(path, value)

    def test_timex_values_fit_their_type(self):
        good = {'DATE': '2020 199 20XX 2020-01 2020-W03 2020-W02-WE 2019-SP 2018-Q3 2020-H1 '
                        'XXXX-05-12 PRESENT_REF BC0044',
                'TIME': '2020-01-14T20:40 2020-01-14T20:40Z 2020-01-13TNI 2019-12-31T24:00 T09',
                'DURATION': 'P9M PT24H P10Y PXM PTXH P1DT12H P0.5Y P3DE P2CE P2WE',
                'SET': 'XXXX-WXX-5 P1D P4Y XXXX-05'}
        bad = {'DATE': '2020-01-14T20:40 P1D 2020-13 2020-1 20200114 2020-W3 tomorrow',
               'TIME': '2020-01-14 20:40 2020-01-14T2040 P1D',
               'DURATION': '9M P PT P9 2020 PXX', 'SET': 'P weekly'}
        for words, wanted in ((good, False), (bad, True)):
            for kind, values in words.items():
                for value in values.split():
                    event = changed(['dates', 0, 'type'], kind)
                    event['dates'][0]['value'] = value
                    self.assertEqual(bool(self.faults(event)), wanted, '%s %s' % (kind, value))


if __name__ == '__main__':
    unittest.main()
