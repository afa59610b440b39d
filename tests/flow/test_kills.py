#!/usr/bin/python3
"""Stories that are taken back: a notice that cites an agency's number, as telex messages and
plain text have it, reaches the stored events and the subscribers under the story's own guid."""
import json
import sqlite3
import unittest

import zmq

from harness import PATIENCE, Dialogue, Flow


def telex(number, trailer, text, keywords='Nigeria/accidents/', priority=4):
    """An IPTC 7901 message; its trailer says when it was sent."""
    header = 'tst%04d %d i 38 wfd %04d' % (number, priority, number)
    return ('\x01%s\r\n\r\n%s\r\n\x02%s\r\n\x03%s\r\n\x7f\r\n\x04' % (
        header, keywords, text.replace('\n', '\r\n'), trailer)).encode()


STORY = ('Ferry sinks off Lagos\nBy A. Writer, wfd =\n\n   Lagos (wfd) - A ferry went down off Lagos '
         'on %s with 140 people on board, the port authority said.\n\nwfd aw ed')
KILL = ('KILL KILL KILL\nPlease kill item wfd %04d =\n\n   Please kill item wfd %04d, headlined '
        '"Ferry sinks off Lagos". The ferry reached port.\n\nwfd ed')


class Kills(Flow):
    def setUp(self):
        super().setUp()
        self.start_ingest('--feed', 'name=wfd,format=iptc7901')
        self.sink = self.start_sink('--publish', 'tcp://127.0.0.1:*')
        self.start_enrich()

    def tell(self, *messages, feed='wfd', frame='auto'):
        """The answers' verdicts."""
        hello = 'HELLO wire/1 ack=1 source=%s frame=%s\n' % (feed, frame)
        with Dialogue(self.tcp(), hello.encode()) as feeder:
            for message in messages:
                feeder.say(message)
            answers = feeder.finish()
        self.assertEqual([words[0] for words in answers], ['OK'] * len(answers), answers)
        return [words[3] for words in answers]

    def subscribe(self):
        socket = zmq.Context.instance().socket(zmq.SUB)
        self.addCleanup(socket.close, 0)
        socket.setsockopt(zmq.RCVTIMEO, int(20000 * PATIENCE))
        for topic in (b'', b'?'):
            socket.setsockopt(zmq.SUBSCRIBE, topic)
        socket.connect(self.endpoint('sink', 'events'))
        while b'sequence' not in socket.recv_multipart()[2][:80]:
            pass  # the subscription is live
        return socket

    def next_event(self, socket):
        while True:
            event = json.loads(socket.recv_multipart()[2])
            if 'guid' in event:
                return event

    def stories(self):
        with sqlite3.connect('file:%s/events.db?mode=ro' % self.data, uri=True) as db:
            return [guid for guid, in db.execute('SELECT guid FROM stories ORDER BY offset')]

    def test_a_notice_kills_the_story_of_the_day_before(self):
        subscriber = self.subscribe()
        guid = 'tag:wfd,2020-01-19:wfd-0141'

        verdicts = self.tell(telex(141, '192350 GMT Jan 20', STORY % 'Sunday'),
                             telex(142, '192355 GMT Jan 20', STORY % 'Saturday'))
        self.assertEqual(verdicts, ['new', 'new'])
        self.wait_events(2)
        self.assertEqual(self.stories(), [guid, guid.replace('141', '142')])
        verdicts = self.tell(telex(3, '200015 GMT Jan 20', KILL % (141, 141), priority=1))
        self.assertEqual(verdicts, ['update'])

        events = self.wait_events(3)
        self.assert_sound(events)
        seen = [self.next_event(subscriber) for _ in events]
        self.assertEqual(self.stories(), [guid.replace('141', '142')])
        for event in (events[-1], seen[-1]):
            self.assertEqual((event['guid'], event['guid_from'], event['action'], event['status']),
                             (guid, 'agency-ref', 'kill', 'canceled'))
            self.assertEqual([(r['rel'], r['ref'], r['guid']) for r in event['relates']],
                             [('kills', 'wfd 0141', guid)])

    def test_what_was_killed_stays_so(self):
        self.tell(telex(141, '191000 GMT Jan 20', STORY % 'Sunday'),
                  telex(150, '191100 GMT Jan 20', KILL % (141, 141), priority=1))
        self.assertEqual(self.tell(telex(141, '191200 GMT Jan 20', STORY % 'Monday')), ['old'])
        self.wait_events(2)
        self.assertEqual(self.stories(), [])

    def test_a_notice_about_nothing_known_is_an_event_with_a_warning(self):
        self.assertEqual(self.tell(telex(3, '200015 GMT Jan 20', KILL % (141, 141))), ['new'])
        event = self.wait_events(1)[0]
        self.assertEqual((event['guid'], event['status']),
                         ('tag:wfd,2020-01-20:wfd-0141', 'canceled'))
        self.assertTrue(any('not known' in warning for warning in event['warnings']),
                        event['warnings'])
        self.assertEqual(self.stories(), [])

    def test_records_say_which_and_when(self):
        def record(**more):
            return (json.dumps(dict({'guid': 'urn:x:1', 'text': 'Ferry sinks'}, **more))
                    + '\n').encode()
        verdicts = self.tell(
            record(version=2), record(version=1), record(version=2, action='kill'),
            record(version=3), record(version=3, status='usable'),
            feed='records', frame='ndjson')
        self.assertEqual(verdicts, ['new', 'old', 'update', 'old', 'update'])
        self.wait_events(3)
        self.assertEqual(self.stories(), ['urn:x:1'])


if __name__ == '__main__':
    unittest.main()
