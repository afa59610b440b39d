#!/usr/bin/python3
"""test_tag.py PROGRAM      what `wiretag tag` does with its input, whatever the tags are"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ''


def tag(*options, data=b''):
    done = subprocess.run([PROGRAM, *options], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def events(out):
    return [json.loads(line) for line in out.splitlines()]


class Tag(unittest.TestCase):
    def test_reads_records_line_by_line(self):
        data = b'{"id":"a","text":"one"}\r\n\n{"id":"b","text":"two","odd":[1]}'
        code, out, err = tag(data=data)
        self.assertEqual((code, err), (0, ''))
        self.assertEqual([e['guid'] for e in events(out)], ['a', 'b'])
        self.assertEqual(events(out)[1]['extra'], {'odd': [1]})

    def test_names_a_bad_line_and_goes_on(self):
        with tempfile.NamedTemporaryFile(suffix='.ndjson') as file:
            file.write(b'{"text":"one"}\nnonsense\n{"x":1}\n{"text":"two"}\n')
            file.flush()
            code, out, err = tag(file.name)
        self.assertEqual(code, 1)
        self.assertEqual(len(events(out)), 2)
        self.assertIn(file.name + ':2: ', err)
        self.assertIn(file.name + ':3: "text"', err)

    def test_takes_a_text_file_as_one_report(self):
        code, out, _ = tag('--published', '2020-01-17',
                           data=b'Cranes sold\n\nThey were sold on Friday.\n')
        self.assertEqual((code, len(events(out))), (0, 1))
        self.assertEqual(events(out)[0]['dates'][0]['value'], '2020-01-17')

    def test_the_record_knows_its_day_better(self):
        _, out, _ = tag('-p', '2020-01-17', data=b'{"text":"On Friday.","published":"2021-01-01"}')
        self.assertEqual(events(out)[0]['published'], '2021-01-01')

    def test_can_be_told_the_format(self):
        code, out, _ = tag('--format', 'text', data=b'{"text":"no"}')
        self.assertEqual((code, events(out)[0]['text']), (0, '{"text":"no"}'))
        code, _, err = tag('--format', 'ndjson', data=b'plain')
        self.assertEqual(code, 1)
        self.assertIn('standard input:1: ', err)

    def test_says_what_cannot_be_read(self):
        code, _, err = tag('/nonexistent/file')
        self.assertEqual(code, 1)
        self.assertIn('/nonexistent/file: No such file', err)
        self.assertEqual(tag('--published', 'tomorrow')[0], 2)
        code, _, err = tag('--gazetteer', os.devnull)
        self.assertEqual(code, 1)
        self.assertIn('gazetteer', err)

    def test_gives_the_same_bytes_again(self):
        data = b'{"id":"a","text":"TUNIS - Haftar said \\"no\\" on Monday in Tripoli."}\n' * 3
        lines = tag(data=data)[1].splitlines()
        self.assertEqual(len(set(lines)), 1)
        self.assertEqual(tag(data=data)[1].splitlines(), lines)

    def test_takes_no_longer_for_wicked_text(self):
        for text in ('“a” Haftar ' * 20000, 'in 2011 ' * 30000, '"a" he said ' * 20000,
                     'Gen. A. B. ' * 20000, 'x\n' * 100000, '(' * 200000):
            began = time.monotonic()
            code, _, _ = tag('--format', 'text', data=text.encode())
            self.assertEqual(code, 0)
            self.assertLess(time.monotonic() - began, 8, text[:20])

    def test_draws_for_people(self):
        code, out, _ = tag('--pretty', '--color', 'never', '-p', '2020-01-17',
                           data=b'Cranes sold\n\nThey were sold on Friday.\n')
        self.assertEqual(code, 0)
        self.assertIn('[Friday|date]', out)
        self.assertNotIn('\033', out)
        self.assertIn('\033', tag('--pretty', '--color', 'always', data=b'On Friday.\n')[1])

    def test_says_how_long_stages_take(self):
        err = tag('--stages', data=b'{"text":"one"}')[2]
        for stage in ('segment', 'token', 'dates', 'quotes', 'write', 'all'):
            self.assertIn('\n%s ' % stage, '\n' + err)


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
