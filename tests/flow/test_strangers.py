#!/usr/bin/python3
"""Whoever speaks nonsense to the ROUTERs is refused by name, and nobody else notices."""
import os
import unittest

import zmq

from frames import (BYE, COMMIT, CREDIT, ENRICH, HEAD, HEARTBEAT, HELLO, REFUSE, REFUSE_MALFORMED,
                    REFUSE_ROLE, REFUSE_STRANGER, REFUSE_VERSION, RESULT, RESUME, SINK, WELCOME,
                    frame, hello, sized)
from harness import PATIENCE, Flow, wait_for


class Strangers(Flow):
    def setUp(self):
        super().setUp()
        self.ingest, self.sink, _ = self.start_all(enrichers=1)
        self.context = zmq.Context()
        self.addCleanup(self.context.term)
        self.sent = 0

    def connect(self, process, name):
        wire = self.context.socket(zmq.DEALER)
        wire.setsockopt(zmq.RCVTIMEO, int(10000 * PATIENCE))
        wire.connect(self.endpoint(process, name))
        self.addCleanup(wire.close, 0)
        return wire

    def doors(self):
        yield self.connect('ingest', 'work')
        yield self.connect('sink', 'results')

    def answer(self, wire):
        """(kind, number, first 16 octets of the body) of the first frame that is no routine."""
        while True:
            message = wire.recv()
            _, _, kind, _, _, number, _, _ = HEAD.unpack(message[:HEAD.size])
            if kind not in (HEARTBEAT, CREDIT):
                return kind, number, message[HEAD.size:HEAD.size + 16]

    def assert_all_well(self):
        """Reports still come through, and the processes have not been restarted."""
        self.sent += 1
        self.send(('{"guid":"well-%d","text":"All is well, number %d."}\n'
                   % (self.sent, self.sent)).encode())
        wait_for(lambda: any(event['guid'] == 'well-%d' % self.sent for event in self.events()),
                 20, 'report %d to come out' % self.sent)
        self.assertTrue(self.ingest.alive() and self.sink.alive())

    def test_hello_is_welcomed(self):
        for wire in self.doors():
            wire.send(hello(ENRICH))
            self.assertEqual(self.answer(wire)[0], WELCOME)
            wire.send(frame(BYE))
        self.assert_all_well()

    def test_another_version_is_refused_by_name(self):
        for wire in self.doors():
            wire.send(hello(ENRICH, version=9))
            self.assertEqual(self.answer(wire)[:2], (REFUSE, REFUSE_VERSION))
        self.assert_all_well()

    def test_a_role_that_has_no_business_here_is_refused(self):
        for wire, roles in zip(self.doors(), ((0, 7, 200), (SINK, 0, 200))):
            for role in roles:
                wire.send(hello(role))
                self.assertEqual(self.answer(wire)[:2], (REFUSE, REFUSE_ROLE), role)
        self.assert_all_well()

    def test_who_does_not_say_hello_is_a_stranger(self):
        for wire in self.doors():
            for kind in (CREDIT, RESULT, COMMIT, HEARTBEAT):
                wire.send(frame(kind, bytes(64)))
                self.assertEqual(self.answer(wire)[:2], (REFUSE, REFUSE_STRANGER))
        self.assert_all_well()

    def test_garbage_is_refused(self):
        garbage = [b'x', b'WT', os.urandom(40), os.urandom(5000), b'GET / HTTP/1.1\r\n\r\n',
                   frame(HELLO, b'', magic=b'TW'), frame(HELLO, b'short'), frame(0), frame(99),
                   frame(HELLO, bytes(37), crc=1), hello(ENRICH)[:-1], hello(ENRICH) + b'tail',
                   HEAD.pack(b'WT', 2, HELLO, 0xFFFFFFFF, 0, 0, bytes(16), 0)]
        for wire in self.doors():
            for item in garbage:
                wire.send(item)
                kind, number, _ = self.answer(wire)
                if item.startswith(hello(ENRICH)[:8]) and kind == WELCOME:
                    kind, number, _ = self.answer(wire)
                self.assertEqual((kind, number), (REFUSE, REFUSE_MALFORMED), item[:60])
            wire.send_multipart([b'many', b'parts'])
            self.assertEqual(self.answer(wire)[0], REFUSE)
        self.assert_all_well()

    def test_an_enricher_cannot_commit(self):
        self.assert_all_well()
        wait_for(lambda: self.status('ingest')['committed'] == 1, 20, 'the first commit')
        wire = self.connect('ingest', 'work')
        wire.send(hello(ENRICH))
        kind, _, journal = self.answer(wire)
        self.assertEqual(kind, WELCOME)
        for kind in (COMMIT, RESUME):
            wire.send(frame(kind, uuid=journal, index=1 << 62))
        self.assert_all_well()
        wait_for(lambda: self.status('ingest')['committed'] == 2, 20, 'the second, and no other')

    def test_results_that_cannot_be_read_are_not_written(self):
        wire = self.connect('sink', 'results')
        wire.send(hello(ENRICH))
        self.assertEqual(self.answer(wire)[0], WELCOME)
        for body in (b'\xff\xff\xff\xffxx', sized(b'{"id":"x"}')[:-2], b''):
            wire.send(frame(RESULT, body, uuid=os.urandom(16), index=1))
        self.assert_all_well()
        self.assertEqual([event['guid'] for event in self.events()], ['well-1'])

    def test_a_rush_of_strangers_is_survived(self):
        wires = [self.connect('ingest', 'work') for _ in range(50)]
        for wire in wires:
            wire.send(hello(ENRICH))
        for wire in wires:
            self.assertIn(self.answer(wire)[0], (WELCOME, REFUSE))
        self.assert_all_well()


if __name__ == '__main__':
    unittest.main()
