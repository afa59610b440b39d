#!/usr/bin/python3
"""A feed that is fetched again and again: what is new in it is taken, the rest is known."""
import unittest

from harness import Dialogue, Flow

HEAD = ('<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>WFD</title>'
        '<id>tag:wfd.example,2020:all</id><updated>2020-01-14T%02d:00:00Z</updated>')
ENTRY = ('<entry><id>tag:wfd.example,2020:%d</id><title>Ferry %d</title>'
         '<updated>2020-01-14T%02d:30:00Z</updated><content type="html">&lt;p&gt;OSTEND, Jan 14 '
         '(WFD) - Ferry %d sailed at %d.&lt;/p&gt;</content></entry>')
DELETED = '<at:deleted-entry ref="tag:wfd.example,2020:%d" when="2020-01-14T12:00:00Z"/>'


def entry(number, hour):
    return ENTRY % (number, number, hour, number, hour)


class Fetched(Flow):
    def fetch(self, hour, *entries):
        """The feed at that hour is sent; the verdict."""
        with Dialogue(self.tcp()) as wire:
            wire.say((HEAD % hour + ''.join(entries) + '</feed>\n').encode())
            answers = wire.finish()
        self.assertEqual(len(answers), 1, answers)
        self.assertEqual(answers[0][0], 'OK', answers)
        return answers[0][-1]

    def test_only_what_is_new_is_taken(self):
        ingest = self.start_all()[0]
        self.assertEqual(self.fetch(8, entry(1, 7), entry(2, 7)), 'new')
        self.assertEqual(self.fetch(9, entry(2, 7), entry(1, 7)), 'dup')
        self.assertEqual(self.fetch(10, entry(1, 9), entry(2, 7)), 'update')
        self.assertEqual(self.fetch(11, entry(3, 10), entry(1, 9), entry(2, 7)), 'new')
        self.assertEqual(self.fetch(11, entry(1, 6)), 'old')
        self.assertEqual(self.fetch(12), 'none')
        self.assertEqual(self.fetch(12, DELETED % 2, entry(1, 9)), 'update')
        self.assertEqual(self.fetch(13, DELETED % 2, entry(1, 9)), 'dup')
        self.assertEqual(self.fetch(13, entry(2, 8)), 'old')
        self.assertEqual(self.fetch(14, entry(2, 13)), 'update')

        self.assertEqual(ingest.said().count('INGEST-NOTE'), 1)
        events = self.wait_events(6)
        self.assert_sound(events)
        killed = [event for event in events if event['status'] == 'canceled']
        self.assertEqual([event['guid'] for event in killed], ['tag:wfd.example,2020:2'])
        self.assertEqual(killed[0]['text'], '')
        self.assertEqual(events[-1]['guid'], 'tag:wfd.example,2020:2')
        self.assertEqual(events[-1]['status'], 'usable')
        updated = [event for event in events if event['guid'].endswith(':1')]
        self.assertEqual([event['times']['version_created'] for event in updated],
                         ['2020-01-14T07:30:00Z', '2020-01-14T09:30:00Z'])


if __name__ == '__main__':
    unittest.main()
