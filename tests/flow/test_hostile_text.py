#!/usr/bin/python3
"""Damaged, mixed and absurd text through `wiretag tag`: every event is still sound.

Reports are cut, joined, doubled, shouted and sprinkled with what the world's keyboards offer,
always the same way; another number in WIRETAG_TEST_SEED tries another."""
import glob
import json
import os
import random
import unittest

import check_event
from harness import REPORTS, SANITIZER_WORDS, Flow, run, scaled

SEED = int(os.environ.get('WIRETAG_TEST_SEED', '1'))
SPRINKLE = ['\u0301', '\u200d', '\u202e', '\ufeff', '\u2028', '\u00a0', '\u00ad', '👩‍👩‍👧‍👦', '🇱🇾', '\U0010ffff',
            'ﬁ', 'ß', 'İ', 'ı', 'Ⅻ', '①', '(', ')', '((', '"', '“', '”', "'", '’', '«', '»', '--', '—',
            '…', '....', '\t', '\n', '\n\n\n', '\r', '\r\n', '\x00', '\x07', '\x1b[31m', '\x85', '\x7f',
            'By ', 'More:\n', 'TUNIS - ', '(WFD) — ', 'Jan 16', '31/02/2020', '0', '99999999999999999999',
            'next Tuesday', 'General ', "O'", 'al-', 'St. ', 'U.N.', 'A', 'Mc', '5/6/7', '12:61', 'a' * 3000,
            'Á' * 3000, ' ' * 500, '-' * 300, '"' * 50, 'Said He. ' * 40, 'A. B. C. D. E. F. G. ']


def mangle(rng, texts):
    text = rng.choice(texts)
    for _ in range(rng.randint(1, 12)):
        at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        how = rng.randrange(8)
        if how == 0:
            text = text[:at] + rng.choice(SPRINKLE) + text[at:]
        elif how == 1:
            text = text[:at] + text[to:]
        elif how == 2:
            text = text[:to] + text[at:to][:2000] + text[to:]
        elif how == 3:
            text = text[:at] + text[at:to].upper() + text[to:]
        elif how == 4:
            other = rng.choice(texts)
            text = text[:at] + other[rng.randrange(len(other)):][:1500] + text[to:]
        elif how == 5:
            lines = text.split('\n')
            rng.shuffle(lines)
            text = '\n'.join(lines)
        elif how == 6:
            text = text.replace(rng.choice('aeinrst .,-"\n'), rng.choice(SPRINKLE)[:3], rng.randint(1, 30))
        else:
            text = text[:at] + ''.join(chr(rng.choice((rng.randrange(32, 0x250), rng.randrange(0x370, 0x3000),
                                                       rng.randrange(0x1f300, 0x1fa00))))
                                       for _ in range(rng.randint(1, 30))) + text[at:]
    return text or '.'


class HostileText(Flow):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(SEED)
        self.texts = []
        for path in sorted(glob.glob(REPORTS + '/*.txt')):
            with open(path, encoding='utf-8', errors='replace') as file:
                self.texts.append(file.read())

    def tagged(self, *arguments, stdin=None):
        code, out, err = run('tag', *arguments, stdin=stdin, seconds=120)
        self.assertFalse(SANITIZER_WORDS.search(err), err[-3000:])
        self.assertIn(code, (0, 1), 'ended with %d: %s' % (code, err[-1000:]))
        return [check_event.parse(line) for line in out.splitlines()], err

    def test_mangled_records(self):
        count = scaled(1500, 200)
        records = [json.dumps({'guid': 'h%d' % n, 'published': '2020-02-%02d' % self.rng.randint(1, 29),
                               'text': mangle(self.rng, self.texts)}) for n in range(count)]
        events, err = self.tagged('--format', 'ndjson', stdin='\n'.join(records).encode())
        refused = err.count('"text" is missing or empty')
        self.assertEqual(len({event['guid'] for event in events}), count - refused, err[-2000:])
        self.assert_sound(events)

    def test_mangled_bytes(self):
        for number in range(scaled(60, 10)):
            raw = bytearray(mangle(self.rng, self.texts).encode('utf-8', 'surrogatepass'))
            for _ in range(self.rng.randint(1, 20)):
                raw[self.rng.randrange(len(raw))] = self.rng.randrange(256)
            events, _ = self.tagged('--format', 'text', '--published', '2020-02-29', stdin=bytes(raw))
            self.assert_sound(events)
            self.assertTrue(events or not raw.strip(), 'text %d gave nothing' % number)

    def test_nothing_is_remembered_from_one_report_to_the_next(self):
        records = [json.dumps({'guid': 'm%d' % n, 'published': '2020-01-14',
                               'text': mangle(self.rng, self.texts)}) for n in range(scaled(200))]
        there, _ = self.tagged('--format', 'ndjson', stdin='\n'.join(records).encode())
        back, _ = self.tagged('--format', 'ndjson', stdin='\n'.join(records[::-1]).encode())
        by_id = {event['id']: event for event in back}
        self.assertEqual(len(there), len(by_id))
        for event in there:
            self.assertEqual(event, by_id[event['id']])

    def test_sizes_at_the_edges(self):
        for text in ('.', 'A', '\n\n.', 'é', '👍', '"', '-', 'By', 'A' * 200000, 'Word ' * 100000,
                     '"' * 20000, '(' * 20000, '\n'.join(['Line'] * 20000), 'Jan ' * 20000,
                     'General ' * 20000, 'said said ' * 10000, '1/' * 20000, 'Tripoli, ' * 20000,
                     'Khalifa Haftar and ' * 5000, '— ' * 20000, 'a\u0301' * 50000):
            record = json.dumps({'guid': text[:10], 'published': '2020-01-14', 'text': text}).encode()
            events, err = self.tagged('--format', 'ndjson', stdin=record)
            self.assertEqual(len({event['guid'] for event in events}), 1, (text[:20], err))
            self.assert_sound(events)

    def test_records_of_every_shape(self):
        shapes = ['{}', '[]', '1', '"x"', 'null', '', '{"text":null}', '{"text":"x","keywords":"y"}',
                  '{"text":"x","version":-1}', '{"text":"x","version":1e99}', '{"text":"\\ud800"}',
                  '{"text":"x","published":"yesterday"}', '{"text":"x","published":"2020-02-30"}',
                  '{"text":"x","urgency":"3"}', '{"text":"x","guid":{"a":1}}', '{"text":"x","lang":"no such!"}',
                  '{"text":"x","action":"explode"}', '{"text":"x","headline":"a\\u0000b\\u0007c"}',
                  '{"text":"x","extra":{"deep":[[[[[[[[1]]]]]]]]}}', '{"text":"x","text":"y"}',
                  '{"text":"x","dateline":"NOWHERE -","byline":"By","slug":"' + 's' * 5000 + '"}',
                  '{"text":"x","keywords":[' + ','.join('"k%d"' % n for n in range(200)) + ']}',
                  '[' * 5000, '{"a":' * 5000, '{"text":"x","status":"canceled","version":18446744073709551615}',
                  '{"text":"x","headline":"\\ud83d\\ude00 smile","source":"\\u2028"}', '{"text":"x"}}']
        events, err = self.tagged('--format', 'ndjson', stdin='\n'.join(shapes).encode())
        self.assertGreater(len(events), 8, err)
        self.assertGreater(len(err.splitlines()), 8, 'each refusal is told')
        for event in events:
            faults = check_event.Checker().check(event)
            self.assertFalse(faults, json.dumps(event)[:600])


if __name__ == '__main__':
    unittest.main()
