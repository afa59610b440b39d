#!/usr/bin/python3
"""Dead letters: what cannot be read, what kills enrichers, what the sink will not have; and
wiretag dead, which shows them, tries them again and drops them."""
import json
import os
import socket
import struct
import subprocess
import time
import unittest

import zmq

from frames import (ENRICH, HELLO, NACK, RESULT, WELCOME, WORK, credit, frame,
                    frames_of, heartbeat, hello, welcome)
from harness import BIN, PATIENCE, Dialogue, Flow, run, short_report, wait_for

RETRY, POISON = 1, 2


class Letters(Flow):
    def dead(self, *arguments):
        """(exit code, standard output, standard error)"""
        return run('dead', '--data', self.data, *[str(a) for a in arguments])

    def letters(self):
        code, out, err = self.dead('list')
        self.assertEqual((code, err), (0, ''))
        return [json.loads(line) for line in out.splitlines()]

    def raw(self, number):
        return subprocess.run(
            [os.path.join(BIN, 'wiretag'), 'dead', 'show', '--data', self.data, str(number)],
            stdout=subprocess.PIPE, timeout=30 * PATIENCE, check=True).stdout

    def act(self, *arguments):
        """What retry or drop says of each letter: (exit code, {number: outcome})."""
        code, out, err = self.dead(*arguments, '--json')
        outcomes = [json.loads(line) for line in out.splitlines()]
        return code, {outcome['number']: outcome for outcome in outcomes}, err

    def assert_books(self, **expected):
        """As wiretag status has them; the law must hold whatever is expected."""
        code, out, err = run('status', '--data', self.data, '--json')
        books = json.loads(out)
        self.assertEqual(books['accepted'], books['committed'] + books['dead'] +
                         books['leased'] + books['queued'])
        self.assertEqual({key: books[key] for key in expected}, expected)
        self.assertTrue(self.status('ingest')['balanced'])
        self.assertEqual((code, err), (0, ''))

    def refuse(self, payload, hello_line=b'HELLO wire/1 ack=1\n'):
        """Feeds what will not be taken; the words of the answers."""
        with Dialogue(self.tcp(), hello_line) as feeder:
            feeder.say(payload)
            return feeder.finish()


class Unreadable(Letters):
    def setUp(self):
        super().setUp()
        self.ingest = self.start_ingest('--max-report', '4KiB')

    def only_letter(self):
        letters = self.letters()
        self.assertEqual(len(letters), 1, letters)
        return letters[0]

    def test_a_record_that_cannot_be_parsed(self):
        bad = b'{"guid":"x","text":"\xff\x00'
        answers = self.refuse(bad + b'\n', b'HELLO wire/1 ack=1 source=wfd\n')
        self.assertEqual(answers[0][:3], ['ERR', '400', '#1'])
        letter = self.only_letter()
        self.assertEqual(self.raw(letter['number']), bad)
        self.assertEqual((letter['kind'], letter['attempts'], letter['bytes'],
                          letter['bytes_in_all'], letter['feed'], letter['format']),
                         ('document', 0, len(bad), len(bad), 'wfd', None))
        self.assertEqual(letter['reason'], answers[0][3])
        self.assertTrue(letter['peer'].startswith('127.0.0.1:'), letter['peer'])
        self.assertLess(abs(time.time() - time.mktime(time.strptime(
            letter['when'][:19], '%Y-%m-%dT%H:%M:%S')) + time.timezone), 3600)
        self.assert_books(accepted=1, dead=1, queued=0)

    def test_framing_that_is_lost(self):
        answers = self.refuse(b'2 okwhat is this\x80', b'HELLO wire/1 ack=1 frame=octet\n')
        self.assertEqual([words[0] for words in answers], ['OK', 'ERR'])
        letter = self.only_letter()
        self.assertEqual(self.raw(letter['number']), b'what is this\x80')
        self.assertIn('LENGTH SP BYTES', letter['reason'])
        self.assert_books(accepted=2, dead=1, queued=1)

    def test_half_an_octet_frame(self):
        self.refuse(b'100 only this', b'HELLO wire/1 ack=1 frame=octet\n')
        letter = self.only_letter()
        self.assertEqual((self.raw(letter['number']), letter['bytes_in_all']),
                         (b'only this', None))

    def test_a_hello_that_is_none(self):
        # In one piece: what comes after the refusal is not read any more.
        self.refuse(b'', b'HELLO wire/1 act=1\n{"text":"lost"}\n')
        self.assertEqual(self.raw(self.only_letter()['number']), b'{"text":"lost"}\n')

    def test_what_is_too_long(self):
        long = b'{"text":"' + b'x' * 200000 + b'"}\n'
        self.assertEqual(self.refuse(long)[0][:2], ['ERR', '413'])
        letter = self.only_letter()
        kept = self.raw(letter['number'])
        self.assertTrue(long.startswith(kept))
        self.assertGreater(len(kept), 4096)
        self.assertLessEqual(len(kept), 65536)
        self.assertIsNone(letter['bytes_in_all'])
        code, outcomes, _ = self.act('retry', letter['number'])
        self.assertEqual((code, outcomes[letter['number']]['fate']), (3, 'partial'))

    def test_a_text_that_is_cut_off(self):
        with socket.create_connection(self.tcp()) as wire:
            wire.sendall(b'TUNIS - Half a')
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        wait_for(self.letters, 20, 'the letter')
        self.assertEqual(self.raw(1), b'TUNIS - Half a')
        self.assertIn('cut off', self.only_letter()['reason'])

    def test_a_text_that_ingest_does_not_wait_for(self):
        with socket.create_connection(self.tcp()) as wire:
            wire.sendall(b'OSLO - All of it.\nNNNN\nTUNIS - Half a')
            wait_for(lambda: self.status('ingest')['accepted'] == 1, 20, 'the first')
            self.assertEqual(self.ingest.stop(), 0)
        self.assertEqual(self.raw(self.only_letter()['number']), b'TUNIS - Half a')

    def test_who_falls_silent_in_the_middle(self):
        self.ingest.stop()
        self.start_ingest('--idle', '500ms')
        with Dialogue(self.tcp()) as feeder:
            feeder.say(b'{"text":"half')
            self.assertEqual([feeder.answer()[:2], feeder.answer()[:2], feeder.answer()],
                             [['ERR', '400'], ['ERR', '408'], []])
        self.assertEqual(self.raw(self.only_letter()['number']), b'{"text":"half')

    def test_who_asked_for_answers_sends_it_again(self):
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(text='whole')
            self.assertEqual(feeder.answer()[0], 'OK')
            feeder.say(b'{"text":"half')
            feeder.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        wait_for(lambda: 'INGEST-CUT' in self.ingest.said(), 20, 'the cut')
        self.assert_books(accepted=1, dead=0)
        self.assertEqual(self.letters(), [])

    def test_what_carries_no_report_is_no_letter(self):
        self.refuse(b'', b'HELLO wire/9 ack=1\n')
        self.refuse(b'', b'HELLO wire/1 act=1\n')
        self.refuse(b'  \n', b'HELLO wire/1 ack=1 frame=text\n')
        self.refuse(b'3  \n ', b'HELLO wire/1 ack=1 frame=octet\n')
        self.assertEqual(self.letters(), [])
        self.assert_books(accepted=0, dead=0)

    def test_zeromq_parts_that_make_no_message(self):
        self.ingest.stop()
        self.start_ingest('--zmq', 'tcp://127.0.0.1:*')
        context = zmq.Context()
        self.addCleanup(context.term)
        wire = context.socket(zmq.DEALER)
        self.addCleanup(wire.close, 0)
        wire.setsockopt(zmq.RCVTIMEO, int(20000 * PATIENCE))
        wire.connect(self.endpoint('ingest', 'zmq'))
        wire.send_multipart([b'ref', b'one', b'two'])
        self.assertTrue(wire.recv().startswith(b'ERR 400 #1 '))
        self.assertEqual(self.raw(self.only_letter()['number']), b'refonetwo')


class Flood(Letters):
    def test_a_flood_of_garbage_is_refused_and_not_all_kept(self):
        ingest = self.start_ingest('--max-dead', '64KiB')
        count = 200
        answers = self.refuse((b'{' + b'x' * 3000 + b'\n') * count)
        self.assertEqual([words[:2] for words in answers], [['ERR', '400']] * count)
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(text='still taken')
            self.assertEqual(feeder.answer()[0], 'OK')
        status, letters = self.status('ingest'), self.letters()
        self.assertEqual(status['not_kept'] + len(letters), count)
        self.assertTrue(8 <= len(letters) <= 16, len(letters))
        self.assert_books(accepted=len(letters) + 1, dead=len(letters), queued=1)
        wait_for(lambda: 'INGEST-NOT-KEPT' in ingest.said(), 20, 'it to be said')
        self.assertEqual(self.act('drop', 'all', '--yes')[0], 0)
        self.refuse(b'{once more\n')
        self.assertEqual(len(self.letters()), 1)
        self.assertEqual(ingest.said().count('INGEST-NOT-KEPT'), 1)


class Verbs(Letters):
    """Whether ingest runs or not, the same."""

    def setUp(self):
        super().setUp()
        self.ingest = self.start_ingest('--max-report', '4KiB')
        self.refuse(b'{one\n{two\n{three\n')
        self.refuse(b'%d %s' % (5000, b'TUNIS - A long story. ' + b'y' * 4978),
                    b'HELLO wire/1 ack=1 frame=octet\n')
        self.assertEqual([letter['number'] for letter in self.letters()], [1, 2, 3, 4])

    def try_all_verbs(self):
        code, outcomes, err = self.act('retry', 1, 4, 99)
        self.assertEqual(code, 3)
        self.assertIn('no dead letter 99', err)
        self.assertEqual((outcomes[1]['fate'], outcomes[1]['done']), ('refused', False))
        self.assertIn('not JSON', outcomes[1]['text'])
        self.assertEqual((outcomes[4]['fate'], outcomes[4]['index'], outcomes[4]['verdict']),
                         ('taken', 5, 'new'))
        self.assertEqual([letter['number'] for letter in self.letters()], [1, 2, 3])

        self.assertEqual(self.act('retry', 4)[0], 3)
        code, out, err = self.dead('drop', 2)
        self.assertEqual((code, out, err), (0, '2: dropped\n', ''))
        self.assertEqual(self.dead('drop', 2)[0], 3)
        self.assertEqual([letter['number'] for letter in self.letters()], [1, 3])

        self.assertEqual(self.dead('drop', 'all')[0], 2)
        code, outcomes, _ = self.act('retry', 'all')
        self.assertEqual((code, sorted(outcomes)), (3, [1, 3]))
        code, outcomes, _ = self.act('drop', 'all', '--yes')
        self.assertEqual((code, sorted(outcomes)), (0, [1, 3]))
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.act('retry', 'all')[:2], (0, {}))

    def test_while_ingest_runs(self):
        self.try_all_verbs()
        self.assert_books(accepted=5, dead=4, queued=1)

    def test_while_it_does_not(self):
        self.assertEqual(self.ingest.stop(), 0)
        self.try_all_verbs()
        self.start_ingest()
        self.assert_books(accepted=5, dead=4, queued=1)
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(text='the next has the next number')
            self.assertEqual(feeder.answer()[2], '6')

    @unittest.skipIf(PATIENCE > 1, 'a sanitizer takes terabytes of addresses itself')
    def test_with_few_addresses(self):
        self.ingest.stop()
        done = subprocess.run(
            ['sh', '-c', 'ulimit -v %d && exec "$@"' % (32 << 20), 'sh', BIN + '/wiretag',
             'dead', 'retry', '1', '--data', self.data], stdout=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stdout[:14]), (3, b'1: still dead:'))

    def test_the_reader_does_not_disturb(self):
        self.ingest.stop()
        code, out, _ = self.dead('list', '--json')
        self.assertEqual((code, len(out.splitlines())), (0, 4))
        code, out, _ = self.dead('show', 2, '--json')
        self.assertEqual((code, json.loads(out)['document']), (0, '{two'))
        code, out, err = self.dead('show', 7)
        self.assertEqual((code, out), (3, ''))
        self.assertIn('no dead letter 7', err)

    def test_wrong_words_are_named(self):
        for words in ((), ('lost',), ('list', '3'), ('show',), ('show', 'all'), ('retry',),
                      ('drop', '-1'), ('retry', '1', 'all'), ('drop', '1x')):
            code, out, err = self.dead(*words)
            self.assertEqual((code, out), (2, ''), words)
            self.assertTrue(err, words)
        code, _, err = run('dead', 'list', '--data', self.data + '/nowhere')
        self.assertEqual(code, 1)
        self.assertIn('nowhere', err)

    def test_the_control_socket_says_what_it_understands(self):
        for question in ('dead', 'dead resurrect 1', 'dead retry', 'dead retry x'):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asker:
                asker.settimeout(20 * PATIENCE)
                asker.connect(os.path.join(self.data, 'ingest.control'))
                asker.sendall(question.encode() + b'\n')
                self.assertIn('retry NUMBER', json.loads(asker.makefile().read())['error'])


class Played(Letters):
    """Processes that the test plays itself."""

    def setUp(self):
        super().setUp()
        self.context = zmq.Context()
        self.addCleanup(self.context.term)

    def wire(self, kind):
        wire = self.context.socket(kind)
        wire.setsockopt(zmq.RCVTIMEO, int(20000 * PATIENCE))
        self.addCleanup(wire.close, 0)
        return wire

    def heard(self, wire, wanted):
        """The first frame of a wanted kind; the part before it is its route, if any."""
        while True:
            *route, message = wire.recv_multipart()
            for found in frames_of(message):
                if found[0] == wanted:
                    return route, found

    def die_of_work(self):
        """An enricher takes a report, says that it has begun, and is no more."""
        wire = self.wire(zmq.DEALER)
        wire.connect(self.endpoint('ingest', 'work'))
        wire.send(hello(ENRICH, self.uuid))
        self.heard(wire, WELCOME)
        wire.send(credit(1))
        _, (_, attempt, _, index, _) = self.heard(wire, WORK)
        wire.send(heartbeat(started=index))
        return wire, attempt, index

    def test_a_report_that_kills_enrichers_is_given_up_and_lives_again(self):
        self.start_ingest()
        self.uuid = os.urandom(16)
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(**short_report(1))
            self.assertEqual(feeder.answer()[:3], ['OK', 'flow-000001', '1'])
        for attempt in range(1, 6):
            self.assert_books(accepted=1, dead=0, queued=1, leased=0)
            wire, handed, index = self.die_of_work()
            self.assertEqual((handed, index), (attempt, 1))
            self.assert_books(accepted=1, dead=0, queued=0, leased=1)
            # The same process says HELLO on a new connection: the old one has died.
            again = self.wire(zmq.DEALER)
            again.connect(self.endpoint('ingest', 'work'))
            again.send(hello(ENRICH, self.uuid))
            self.heard(again, WELCOME)
            again.close(0)
            wire.close(0)
            wait_for(lambda: self.status('ingest')['leased'] == 0, 20, 'the lease to end')
        self.assert_books(accepted=1, dead=1, queued=0, leased=0)
        letter, = self.letters()
        self.assertEqual((letter['number'], letter['kind'], letter['attempts'], letter['guid']),
                         (1, 'report', 5, 'flow-000001'))
        self.assertIn('died', letter['reason'])
        self.assertEqual(self.raw(1).decode(), short_report(1)['text'])
        code, out, _ = self.dead('show', 1, '--json')
        self.assertEqual((code, json.loads(out)), (0, dict(short_report(1), charset='utf-8')))

        self.start_sink()
        self.start_enrich()
        code, outcomes, _ = self.act('retry', 1)
        self.assertEqual((code, outcomes[1]['fate']), (0, 'queued'))
        event, = self.wait_events(1)
        self.assertEqual(event['guid'], 'flow-000001')
        self.wait_committed(1)
        self.assert_books(accepted=1, committed=1, dead=0)
        self.assertEqual(self.letters(), [])

    def refusing_sink(self, class_, patience):
        """A sink that answers every RESULT with NACK, until the condition holds."""
        port = self.wire(zmq.ROUTER)
        number = port.bind_to_random_port('tcp://127.0.0.1')
        enricher = self.start('enrich', '--sink', 'tcp://127.0.0.1:%d' % number)
        poller, results, deadline = zmq.Poller(), 0, time.monotonic() + 30 * PATIENCE
        poller.register(port, zmq.POLLIN)
        while not patience(results):
            self.assertLess(time.monotonic(), deadline, self.status('ingest'))
            if not poller.poll(50):
                continue
            route, message = port.recv_multipart()
            for kind, _, uuid, index, _ in frames_of(message):
                if kind == HELLO:
                    port.send_multipart([route, welcome(os.urandom(16)) + credit(64)])
                elif kind == RESULT:
                    results += 1
                    port.send_multipart([route, frame(NACK, b'not to my taste', class_, uuid,
                                                      index) + credit(1)])
        enricher.kill()
        return results

    def test_what_the_sink_will_not_have_is_given_up(self):
        ingest = self.start_ingest()
        self.send(b'{"guid":"bad","text":"Not for this sink."}\n')
        results = self.refusing_sink(POISON, lambda _: self.status('ingest')['dead'] == 1)
        self.assertEqual(results, 5)
        letter, = self.letters()
        self.assertEqual((letter['guid'], letter['attempts']), ('bad', 5))
        self.assertIn('not to my taste', letter['reason'])
        self.assert_books(accepted=1, dead=1)

        ingest.stop()
        code, outcomes, _ = self.act('retry', 'all')
        self.assertEqual((code, outcomes[1]['fate']), (0, 'queued'))
        self.start_all()
        self.assertEqual(self.wait_events(1)[0]['guid'], 'bad')
        self.wait_committed(1)
        self.assert_books(accepted=1, committed=1, dead=0)

    def test_what_the_sink_will_have_later_costs_no_attempt(self):
        self.start_ingest()
        self.send(b'{"guid":"later","text":"Not now."}\n')
        self.refusing_sink(RETRY, lambda results: results >= 4)
        self.assert_books(accepted=1, dead=0)
        self.assertEqual(self.letters(), [])


class Crash(Letters):
    """Ingest is killed while it takes a document in again."""

    def crash_at(self, point):
        self.start_ingest('--max-report', '100').stop()
        ingest = self.start('ingest', '--listen', '127.0.0.1:0', '--zmq', 'none',
                            environment={'WIRETAG_CRASH': point})
        self.up(ingest, 'ingest')
        code, _, err = self.dead('retry', 'all')
        self.assertEqual((code, ingest.wait()), (1, -9), err)
        self.assertIn('does not answer', err)

    def test_it_is_taken_in_once_whenever_that_is(self):
        with open(os.path.join(BIN, 'wiretag-ingest'), 'rb') as program:
            if b'WIRETAG_CRASH\0' not in program.read():
                self.skipTest('this build knows no crash points')
        points = ('ingest-before-sync', 'ingest-after-write', 'ingest-after-sync')
        for count, point in enumerate(points, 1):
            ingest = self.start_ingest('--max-report', '100')
            self.refuse(b'150 ' + b'TUNIS - %d ' % count + b'x' * 140,
                        b'HELLO wire/1 ack=1 frame=octet\n')
            self.assertEqual(len(self.letters()), 1, point)
            ingest.stop()
            self.crash_at(point)
            self.assertEqual(len(self.letters()), 1, point)
            ingest = self.start_ingest('--max-report', '100')
            code, outcomes, _ = self.act('retry', 'all')
            verdict = list(outcomes.values())[0]['verdict']
            self.assertEqual((code, verdict),
                             (0, 'dup' if point == 'ingest-after-sync' else 'new'), point)
            self.assertEqual(self.letters(), [])
            self.assert_books(accepted=2 * count, dead=count, queued=count)
            ingest.stop()


class Kill(Letters):
    def test_a_story_is_taken_back_whatever_the_version(self):
        self.start_all()
        story = {'guid': 'story', 'version': 5, 'text': 'TUNIS - It was so.'}
        kill = {'guid': 'story', 'version': 2, 'action': 'kill', 'text': 'Kill the story.'}
        with Dialogue(self.tcp()) as feeder:
            verdicts = []
            for record in (story, kill, kill, dict(story, version=4)):
                feeder.say_record(**record)
                verdicts.append(feeder.answer()[3])
        self.assertEqual(verdicts, ['new', 'update', 'dup', 'old'])
        events = sorted(self.wait_events(2), key=lambda event: -event['version'])
        self.assertEqual([(event['version'], event['status']) for event in events],
                         [(5, 'usable'), (2, 'canceled')])
        self.wait_committed(2)
        self.assert_books(accepted=2, committed=2, duplicates=1)


if __name__ == '__main__':
    unittest.main()
