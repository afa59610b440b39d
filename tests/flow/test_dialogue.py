#!/usr/bin/python3
"""What ingest answers to feeders: on TCP, the Unix socket and ZeroMQ, to good and bad input."""
import json
import os
import socket
import unittest

import zmq

from harness import PATIENCE, Dialogue, Flow, short_report, wait_for


class TcpDialogue(Flow):
    def setUp(self):
        super().setUp()
        self.ingest = self.start_ingest()

    def dialogue(self, hello=b'HELLO wire/1 ack=1\n'):
        return Dialogue(self.tcp(), hello)

    def test_each_report_is_answered_in_order(self):
        with self.dialogue() as feeder:
            for number in range(300):
                feeder.say_record(**short_report(number), ref='r%d' % number)
            answers = feeder.finish()
        self.assertEqual([words[:2] for words in answers],
                         [['OK', 'r%d' % number] for number in range(300)])
        sequence = [int(words[2]) for words in answers]
        self.assertEqual(sequence, sorted(set(sequence)))
        self.assertEqual({words[3] for words in answers}, {'new'})

    def test_versions_are_told_apart(self):
        story = {'guid': 'story', 'text': 'first', 'version': 2}
        with self.dialogue() as feeder:
            verdicts = []
            for change in ({}, {}, {'version': 3, 'text': 'second'}, {'version': 1, 'text': 'zero'}):
                feeder.say_record(**dict(story, **change))
                verdicts.append(feeder.answer()[3])
        self.assertEqual(verdicts, ['new', 'dup', 'update', 'old'])

    def test_a_bad_record_is_refused_and_the_next_is_read(self):
        bad = [b'{"text":', b'{"headline":"no text"}', b'{"text":""}', b'{"text":7}',
               b'{"text":"x","status":"asleep"}', b'{"text":"x","urgency":99}', b'{}', b'[1]']
        with self.dialogue(b'HELLO wire/1 ack=1 format=ndjson\n') as feeder:
            for line in bad:
                feeder.say(line + b'\n')
                words = feeder.answer()
                self.assertEqual(words[:2], ['ERR', '400'], line)
                self.assertGreater(len(words[3]), 8, 'says why')
                feeder.say_record(text='Good after %r' % line)
                self.assertEqual(feeder.answer()[0], 'OK')
        self.assertIn('reason=', self.ingest.said())
        self.assertIn('127.0.0.1', self.ingest.said())

    def test_bad_utf8_is_mended_not_refused(self):
        with self.dialogue() as feeder:
            feeder.say(b'{"text":"broken \xff\xfe bytes","guid":"mended"}\n')
            self.assertEqual(feeder.answer()[0], 'OK')

    def test_ndjson_without_a_last_line_end_counts(self):
        with self.dialogue() as feeder:
            feeder.say(b'{"text":"one"}\n\n\r\n{"text":"two"}')
            self.assertEqual([words[0] for words in feeder.finish()], ['OK', 'OK'])

    def test_half_a_record_at_the_end_is_refused(self):
        with self.dialogue() as feeder:
            feeder.say(b'{"text":"one"}\n{"text":"tw')
            self.assertEqual([words[0] for words in feeder.finish()], ['OK', 'ERR'])

    def test_pieces_of_one_byte_make_the_same_report(self):
        with self.dialogue() as feeder:
            feeder.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in json.dumps(short_report(1)).encode() + b'\n':
                feeder.say(bytes([byte]))
            self.assertEqual(feeder.answer()[:2], ['OK', 'flow-000001'])

    def test_octet_counts_when_asked_for(self):
        with self.dialogue(b'HELLO wire/1 ack=1 frame=octet\n') as feeder:
            for text in (b'5 killed in Tripoli', b'two\nlines\nNNNN\nthree', b'{"text":"json"}'):
                feeder.say(b'%d %s' % (len(text), text))
                self.assertEqual(feeder.answer()[0], 'OK', text)
            feeder.say(b'what is this')
            words = feeder.answer()
            self.assertEqual(words[:3], ['ERR', '400', '-'])
            self.assertEqual(feeder.answer(), [], 'the connection closes')

    def test_half_an_octet_frame_is_not_a_report(self):
        with self.dialogue(b'HELLO wire/1 ack=1 frame=octet\n') as feeder:
            feeder.say(b'100 only this')
            self.assertEqual(feeder.finish()[0][0], 'ERR')

    def test_an_unknown_dialogue_is_refused(self):
        with self.dialogue(b'HELLO wire/9 ack=1\n') as feeder:
            words = feeder.answer()
            self.assertEqual(words[:3], ['ERR', '505', '-'])
            self.assertEqual(feeder.answer(), [])

    def test_a_hello_without_end_is_refused(self):
        with self.dialogue(b'HELLO wire/1 ' + b'x' * 100000) as feeder:
            words = feeder.answer()
            self.assertEqual(words[:2], ['ERR', '413'])

    def test_nobody_is_answered_who_did_not_ask(self):
        self.assertEqual(self.send(b'{"text":"one"}\n{"text":\n'), b'')
        self.assertEqual(self.send(b'5 killed in Tripoli\n'), b'')
        wait_for(lambda: self.status('ingest')['queued'] == 2, 20, 'two reports')
        self.assertEqual(self.status('ingest')['dead_letters'], 1)

    def test_the_unix_socket_speaks_the_same(self):
        with Dialogue(os.path.join(self.data, 'feed.sock')) as feeder:
            feeder.say_record(text='by the back door', ref='back')
            self.assertEqual(feeder.answer()[:2], ['OK', 'back'])
            feeder.say_record(text='by the back door', ref='again')
            self.assertEqual(feeder.answer()[3], 'dup')


class Limits(Flow):
    def test_a_big_report_is_refused_and_the_next_is_read(self):
        ingest = self.start_ingest('--max-report', '64KiB')
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(text='x' * 100000, ref='big')
            words = feeder.answer()
            self.assertEqual(words[:2], ['ERR', '413'])
            feeder.say_record(text='small', ref='small')
            self.assertEqual(feeder.answer()[:2], ['OK', 'small'])
        with Dialogue(self.tcp(), b'HELLO wire/1 ack=1 frame=octet\n') as feeder:
            feeder.say(b'100000 ' + b'y' * 100000 + b'2 ok')
            self.assertEqual(feeder.answer()[:2], ['ERR', '413'])
        self.assertIn('127.0.0.1', ingest.said())

    def test_the_idle_are_sent_away(self):
        self.start_ingest('--idle', '500ms')
        with Dialogue(self.tcp()) as feeder:
            feeder.say_record(text='then silence')
            self.assertEqual(feeder.answer()[0], 'OK')
            self.assertEqual(feeder.answer()[:2], ['ERR', '408'])
            self.assertEqual(feeder.answer(), [])

    def test_too_many_connections_are_told(self):
        self.start_ingest('--max-connections', '2')
        with Dialogue(self.tcp()) as one, Dialogue(self.tcp()) as two:
            for feeder in (one, two):
                feeder.say_record(text='in')
                self.assertEqual(feeder.answer()[0], 'OK')
            with socket.create_connection(self.tcp(), timeout=20 * PATIENCE) as third:
                self.assertIn(b'ERR 429', third.makefile('rb').readline())
        def free():
            with Dialogue(self.tcp()) as later:
                try:
                    later.say_record(text='in after all')
                    return later.answer()[0] == 'OK'
                except OSError:
                    return False
        wait_for(free, 20, 'room for one more')


class ZeroMqFeeder(Flow):
    def setUp(self):
        super().setUp()
        self.start_ingest('--zmq', 'tcp://127.0.0.1:*')
        self.context = zmq.Context()
        self.addCleanup(self.context.term)

    def connect(self, kind):
        wire = self.context.socket(kind)
        wire.setsockopt(zmq.RCVTIMEO, int(20000 * PATIENCE))
        wire.connect(self.endpoint('ingest', 'zmq'))
        self.addCleanup(wire.close, 0)
        return wire

    def test_a_dealer_sends_many_and_hears_of_each(self):
        wire = self.connect(zmq.DEALER)
        for number in range(200):
            wire.send(json.dumps(dict(short_report(number), ref='z%d' % number)).encode())
        answers = [wire.recv_multipart()[-1].decode().rstrip('\n').split(' ', 3) for _ in range(200)]
        self.assertEqual([words[:2] for words in answers],
                         [['OK', 'z%d' % number] for number in range(200)])

    def test_req_asks_and_gets(self):
        wire = self.connect(zmq.REQ)
        wire.send(b'{"text":"by REQ","ref":"q"}')
        self.assertTrue(wire.recv_multipart()[-1].startswith(b'OK q '))
        wire.send(b'{"text":')
        self.assertTrue(wire.recv_multipart()[-1].startswith(b'ERR 400 '))
        wire.send(b'Plain text\n\nOSLO - By REQ.')
        self.assertTrue(wire.recv_multipart()[-1].startswith(b'OK '))


if __name__ == '__main__':
    unittest.main()
