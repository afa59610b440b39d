#!/usr/bin/python3
"""Reports in by every door, events out: complete, sound, the same as without the pipeline."""
import glob
import json
import os
import shutil
import signal
import unittest

import check_event
from harness import REPORTS, Flow, Process, run, short_report, wait_for, write_reports

HERE = os.path.dirname(os.path.abspath(__file__))


def report_files():
    return sorted(glob.glob(REPORTS + '/*.txt')) + sorted(glob.glob(REPORTS + '/*.ndjson'))


def tagged(*arguments, stdin=None):
    code, out, err = run('tag', *arguments, stdin=stdin)
    if code:
        raise AssertionError('wiretag tag ended with %d: %s' % (code, err))
    return out


def comparable(event):
    """An event without what only the way it came decides."""
    return dict(event, id=None, received=None, source=dict(event['source'], peer=None, feed=None))


def write_dated(path):
    """All reports as feed records with a date: nothing depends on the day of the test."""
    count = 0
    with open(path, 'w', encoding='utf-8') as out:
        for name in report_files():
            with open(name, 'rb') as file:
                raw = file.read()
            try:
                text = raw.decode('utf-8')
            except UnicodeDecodeError:
                text = raw.decode('cp1252')
            records = [json.loads(line) for line in text.splitlines()] if name.endswith(
                '.ndjson') else [{'guid': os.path.basename(name), 'text': text}]
            for record in records:
                out.write(json.dumps(dict({'published': '2023-03-14'}, **record)) + '\n')
                count += 1
    return count


class EndToEnd(Flow):
    def setUp(self):
        super().setUp()
        self.start_all(enrichers=2)

    def feed(self, *arguments, **keywords):
        return run('feed', '--data', self.data, *arguments, **keywords)

    def test_reports_come_out_tagged_and_sound(self):
        code, out, err = self.feed(REPORTS)
        self.assertEqual(code, 0, err)
        with open(REPORTS + '/feed-records.ndjson', encoding='utf-8') as file:
            wanted = len(glob.glob(REPORTS + '/*.txt')) + len(file.readlines())
        self.assertIn('sent %d ' % wanted, out + err)
        self.wait_committed(wanted)
        events = self.wait_events(wanted)
        self.assert_sound(events)
        self.assertGreaterEqual(len({event['guid'] for event in events}), wanted - 1)
        status = self.status('ingest')
        self.assertEqual(status['accepted'], wanted)
        self.assertEqual(status['accepted'], status['committed'] + status['dead']
                         + status['leased'] + status['queued'])
        self.assertEqual(status['dead'], 0)

    def test_events_are_those_of_wiretag_tag(self):
        path = os.path.join(self.data, 'dated.ndjson')
        count = write_dated(path)
        alone = tagged(path)
        self.assertEqual(alone, tagged(path), 'not deterministic')
        code, _, err = self.feed(path)
        self.assertEqual(code, 0, err)
        self.wait_committed(count)
        piped = {(event['guid'], event['version'], event['part']['n']): event
                 for event in self.events()}
        self.assertEqual(len(alone.splitlines()), len(piped))
        for line in alone.splitlines():
            event = check_event.parse(line)
            other = piped[event['guid'], event['version'], event['part']['n']]
            self.assertEqual(comparable(event), comparable(other))

    def test_plain_text_over_tcp_needs_no_words(self):
        with open(os.path.join(REPORTS, 'conflict-sirte-ceasefire.txt'), 'rb') as file:
            answer = self.send(file.read())
        self.assertEqual(answer, b'', 'nobody asked for an answer')
        event, = self.wait_events(1)
        self.assertEqual(event['source']['format'], 'text')
        self.assertIn('Libya', json.dumps(event['entities']))
        self.assertIn('LY', {place['country'] for place in event['places']})
        self.assertEqual(event['dateline']['place'], 'SIRTE')

    def test_netcat_is_a_feeder(self):
        host, port = self.tcp()
        netcat = shutil.which('nc') or self.skipTest('no nc here')
        path = os.path.join(REPORTS, 'disaster-cyclone-beira.txt')
        with open(path, 'rb') as file:
            process = Process('nc', [netcat, '-N', host, str(port)], self.data, stdin=file)
            self.processes.append(process)
            self.assertEqual(process.wait(), 0)
        event, = self.wait_events(1)
        self.assertIn('MZ', {place['country'] for place in event['places']})

    def test_line_nnnn_parts_plain_texts(self):
        self.send(b'First story here.\n\nOSLO - It rained.\nNNNN\nSecond story.\n\n'
                  b'LIMA - It did not. NNNN is in the line.\nNNNN\nThird without an end.')
        events = self.wait_events(3)
        self.assertEqual(sorted(event['text'].split()[0] for event in events),
                         ['First', 'Second', 'Third'])
        self.assertTrue(any('NNNN is in the line' in event['text'] for event in events))

    def test_windows_1252_and_marks_become_utf8(self):
        for name in ('cp1252-liege-bakers', 'bom-baltic-grid', 'crlf-ferry',
                     'urgent-control-characters', 'emoji-grain-dispute'):
            with open('%s/%s.txt' % (REPORTS, name), 'rb') as file:
                self.send(file.read())
        events = self.wait_events(5)
        self.assert_sound(events)
        texts = ' '.join(event['text'] for event in events)
        for piece in ('“It’s a couque', 'François Delvaux-Piérard', '€1.49', '👩‍👩‍👧‍👦',
                      'Kaarel Tõnisson'):
            self.assertIn(piece, texts)
        for piece in ('\r', '\ufeff', '\x07', '\ufffd'):
            self.assertNotIn(piece, texts)

    def test_a_subscriber_of_thirty_lines_prints_events(self):
        subscriber = Process('subscriber', ['/usr/bin/python3', '-u',
                                            os.path.join(HERE, 'subscriber.py'),
                                            self.endpoint('sink', 'events'), '3'], self.data)
        self.processes.append(subscriber)
        wait_for(lambda: self.status('sink')['subscribers'] > 0, 20, 'the subscription')
        for name in ('court-hague-ruling', 'wrapup-energy-summit', 'election-senegal-count'):
            with open('%s/%s.txt' % (REPORTS, name), 'rb') as file:
                self.send(file.read())
        self.assertEqual(subscriber.wait(), 0)
        lines = [json.loads(line) for line in subscriber.said().splitlines()]
        self.assertEqual(len(lines), 3)
        self.assertIn('Dakar', str(lines) + str([line['places'] for line in lines]))

    def test_tail_to_a_pipe_is_ndjson(self):
        tail = self.start('tail')
        wait_for(lambda: self.status('sink')['subscribers'] > 0, 20, 'the subscription')
        self.send(json.dumps(short_report(7)).encode() + b'\n')
        wait_for(lambda: '\n' in tail.said(), 20, 'an event on the tail')
        event = check_event.parse(tail.said().splitlines()[0])
        self.assertEqual(event['guid'], 'flow-000007')
        self.assert_sound([event])
        tail.signal(signal.SIGINT)
        self.assertIn(tail.wait(), (0, 130, -signal.SIGINT))

    def test_feed_sends_stdin_and_counts_dups(self):
        path = os.path.join(self.data, 'some.ndjson')
        write_reports(path, range(200))
        with open(path, 'rb') as file:
            code, out, err = self.feed('-', stdin=file.read())
        self.assertEqual(code, 0, err)
        self.assertIn('sent 200 ok 200 dup 0 err 0', out + err)
        code, out, err = self.feed(path)
        self.assertEqual(code, 0, err)
        self.assertIn('dup 200', out + err)
        self.wait_committed(200)
        self.assert_once_each(self.events(), ['flow-%06d' % n for n in range(200)])

    def test_feed_fails_when_a_report_is_refused(self):
        code, out, err = self.feed('-', stdin=b'{"text":"good one"}\n{"text":3}\n{"no":"text"}\n')
        self.assertNotEqual(code, 0)
        self.assertIn('err 2', out + err)


class WatchedDirectory(Flow):
    def setUp(self):
        super().setUp()
        self.inbox = os.path.join(self.data, 'inbox')
        os.mkdir(self.inbox)
        self.start_all(ingest=('--watch', self.inbox))

    def drop(self, name, content):
        """The way programs should: written beside, then moved in."""
        beside = os.path.join(self.data, name)
        with open(beside, 'wb') as file:
            file.write(content)
        os.rename(beside, os.path.join(self.inbox, name))

    def moved(self, folder, name):
        path = os.path.join(self.inbox, folder, name)
        wait_for(lambda: os.path.exists(path), 20, 'inbox/%s/%s' % (folder, name))
        self.assertFalse(os.path.exists(os.path.join(self.inbox, name)))
        return path

    def test_good_files_go_to_done(self):
        with open(os.path.join(REPORTS, 'crime-brief.txt'), 'rb') as file:
            self.drop('brief.txt', file.read())
        self.drop('two.ndjson', b'{"guid":"w1","text":"one"}\n{"guid":"w2","text":"two"}\n')
        self.moved('done', 'brief.txt')
        self.moved('done', 'two.ndjson')
        events = self.wait_events(3)
        self.assertEqual(len(events), 3)
        self.assert_sound(events)

    def test_bad_files_go_to_failed_with_the_reason(self):
        self.drop('broken.ndjson', b'{"guid":"w3","text":"fine"}\n{"text":\n')
        self.moved('failed', 'broken.ndjson')
        reason = self.moved('failed', 'broken.ndjson.reason')
        with open(reason, encoding='utf-8') as file:
            said = file.read()
        self.assertIn('2', said, 'names the line')
        self.assertTrue(said.endswith('\n'))

    def test_files_from_before_the_start_are_taken(self):
        self.wait_committed(0)
        second = os.path.join(self.data, 'second')
        os.makedirs(second + '/inbox')
        with open(second + '/inbox/early.txt', 'w', encoding='utf-8') as file:
            file.write('Early bird\n\nROME - It sang.\n')
        first, self.data = self.data, second
        try:
            self.start_ingest('--watch', second + '/inbox')
            wait_for(lambda: os.path.exists(second + '/inbox/done/early.txt'), 20, 'the early file')
        finally:
            self.data = first


if __name__ == '__main__':
    unittest.main()
