#!/usr/bin/python3
"""Wire copy of every framing into a real ingest: recognised, complete, and by whose door."""
import glob
import os
import socket
import unittest

from harness import ROOT, Dialogue, Flow, run, wait_for

# Files nobody here wrote; they lie beside this project, not in it.
FIXTURES = os.path.join(os.environ.get('WIRETAG_SHARED') or os.path.join(ROOT, '../shared'),
                        'data/wire-fixtures')


def soh(number, text, end=b'\x03141015 GMT Jan 20\r\n\x7f\x04'):
    return (b'\x01tst%04d 4 i 38   wfd %04d\r\n\r\nLibya/talks/\r\n\x02%s =\r\n\r\n'
            b'   Moscow (wfd) - %s, officials said on Tuesday.\r\n%s'
            % (number, number, text, text, end))


def zczc(number, text, end=b'NNNN\r\n'):
    return (b'ZCZC WFD%03d\r\n$I\r\n^%s\r\n   MOSCOW, Jan 14 WFD - %s, officials said.\r\n%s'
            % (number, text, text, end))


def rss(*titles):
    return ('<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Desk</title>%s</channel></rss>\n'
            % ''.join('<item><guid>urn:%s</guid><title>%s</title><description>%s, officials said.'
                      '</description></item>' % (title.replace(' ', '-'), title, title)
                      for title in titles)).encode()


class Framings(Flow):
    def accepted(self, count):
        wait_for(lambda: self.status('ingest')['accepted'] >= count, 20,
                 lambda: '%d reports, the status being %s' % (count, self.status('ingest')))
        self.assertEqual(self.status('ingest')['accepted'], count)

    def test_each_is_recognised_on_one_connection(self):
        self.start_ingest()
        self.send(b'\x00\x00\x16' + soh(1, b'Talks one') + b'\x16\x16\x07' + soh(2, b'Talks two')
                  + b'\r\n  ' + zczc(1, b'Talks three') + zczc(2, b'Talks four', b'')
                  + zczc(3, b'Talks five') + rss('Talks six') + rss('Talks seven')
                  + b'{"text":"Talks eight"}\n{\n  "text":\n  "Talks nine"\n}\n' + soh(3, b'Talks ten'))
        self.accepted(10)
        status = self.status('ingest')
        self.assertEqual((status['refused'], status['dead'], status['passed_over']), (0, 0, 0))

    def test_answers_come_with_each_end(self):
        self.start_ingest()
        with Dialogue(self.tcp()) as feeder:
            for number, message in enumerate([
                    soh(1, b'A'), zczc(1, b'B'), rss('C'), b'{"text":"D"}\n', soh(2, b'E')]):
                feeder.say(message)
                self.assertEqual(feeder.answer()[2:], [str(number + 1), 'new'], message)
            feeder.say(soh(3, b'F', b'') + soh(4, b'G'))
            self.assertEqual([feeder.answer()[3] for _ in range(2)], ['new', 'new'])
        with Dialogue(self.tcp(), b'HELLO wire/1 ack=1 frame=xml\n') as feeder:
            feeder.say(rss('H', 'I'))
            self.assertEqual(feeder.answer()[2:], ['9', 'new'])
        self.assertIn(b'ERR 400 - HELLO does not know format=morse',
                      self.send(b'HELLO wire/1 ack=1 format=morse\n'))

    def test_the_rest_of_a_message_is_passed_over_and_counted(self):
        ingest = self.start_ingest()
        self.send(b'WIND AND RAIN\r\nLATER\x03AP-WF-11-13 1509GMT<\r\n\x0c\x04\x16\x16' + soh(1, b'Talks one'))
        self.send(b'of a story.</p></body></nitf>\n' + rss('Talks two'))
        self.send(b'of a story.\r\n' + zczc(1, b'Talks three'))
        self.accepted(3)
        self.assertEqual(self.status('ingest')['passed_over'], 3)
        self.assertEqual(self.status('ingest')['dead'], 0)
        self.assertEqual(ingest.said().count('INGEST-PASSED'), 3)

    def test_what_is_missing_is_said_in_the_event(self):
        self.start_all()
        self.send(soh(1, b'Talks one', b'') + soh(2, b'Talks two', b'\x04') + soh(3, b'Talks three'))
        self.send(soh(4, b'Talks four', b''))
        events = self.wait_events(4)
        self.assert_sound(events)
        warnings = {word: [w for event in events if word in event['text']
                           for w in event['warnings']] for word in ('one', 'two', 'three', 'four')}
        for word, warning in (('one', 'no-eot'), ('two', 'no-etx'), ('four', 'truncated')):
            self.assertEqual([warning in w for w in warnings[word]], [True], warnings)
        self.assertEqual(warnings['three'], [])

    def test_a_file_of_messages_is_fed_one_by_one(self):
        self.start_ingest()
        path = os.path.join(self.data, 'spool.bin')
        with open(path, 'wb') as file:
            file.write(b'rest\x04' + soh(1, b'Talks one') + soh(2, b'Talks two') + soh(1, b'Talks one'))
        xml = os.path.join(self.data, 'two.xml')
        with open(xml, 'wb') as file:
            file.write(rss('Talks three') + rss())
        code, out, err = run('feed', '--data', self.data, path, xml)
        self.assertEqual((code, out), (0, 'sent 5 ok 4 dup 1 err 0\n'))
        self.assertIn('4 bytes belong to no message', err)
        self.assertIn('in 1 of them there was nothing to tag', err)
        self.accepted(3)
        self.assertEqual(self.status('ingest')['none'], 1)

    def test_read_and_tag_are_a_pipeline(self):
        code, records, err = run('read', '-', stdin=rss('Talks in Moscow') + b'{"text":"Talks"}\n')
        self.assertEqual((code, err), (0, ''))
        code, events, err = run('tag', stdin=records.encode())
        self.assertEqual((code, err, len(events.splitlines())), (0, '', 2))
        self.assertIn('"urn:Talks-in-Moscow"', events)


@unittest.skipUnless(os.path.isdir(FIXTURES), 'there are no fixtures')
class Fixtures(Flow):
    """Messages in them, and bytes of others that were cut off."""
    FILES = {'anpa1312/pozar/testfile.ap': 4, 'anpa1312/pozar/testfile.baycity': 17,
             'iptc7901/dpa-digitalwires/output/*.iptc': 6}

    def files(self):
        for pattern, count in self.FILES.items():
            paths = sorted(glob.glob(os.path.join(FIXTURES, pattern)))
            self.assertTrue(paths, pattern)
            yield paths, count

    def taken(self):
        status = self.status('ingest')
        return sum(status[key] for key in ('accepted', 'duplicates', 'old')), status

    def test_every_message_is_framed(self):
        self.start_ingest()
        total = 0
        for paths, count in self.files():
            with socket.create_connection(self.tcp(), 20) as wire:
                for path in paths:
                    with open(path, 'rb') as file:
                        for piece in iter(lambda: file.read(1013), b''):
                            wire.sendall(piece)
            total += count
            wait_for(lambda: self.taken()[0] >= total, 20, lambda: '%d: %s' % (total, self.taken()))
        taken, status = self.taken()
        self.assertEqual((taken, status['refused'], status['dead']), (total, 0, 0))
        self.assertEqual(status['passed_over'], 1)  # testfile.ap begins inside a message

    def test_so_it_is_in_files(self):
        for paths, count in self.files():
            code, out, err = run('read', *paths)
            self.assertEqual((code, len(out.splitlines())), (0, count), err)
            self.assertEqual('belong to no message' in err, paths[0].endswith('.ap'), err)
            self.assertEqual('truncated' in err, paths[0].endswith('.ap'), err)


class Doors(Flow):
    def door(self, number):
        """Where the n-th source behind --listen and --socket listens."""
        return self.status('ingest')['listening'][2 + number]

    def test_what_comes_in_at_a_door_belongs_to_its_feed(self):
        folder, path = os.path.join(self.data, 'in'), os.path.join(self.data, 'agency.sock')
        self.start_all(ingest=('--feed', 'name=wire,listen=127.0.0.1:0',
                               '--feed', 'name=local,socket=' + path + ',format=text',
                               '--feed', 'name=drop,watch=' + folder,
                               '--feed', 'name=named,format=text,agency=WFD'))
        host, port = self.door(0).rsplit(':', 1)
        with socket.create_connection((host, int(port)), 20) as wire:
            wire.sendall(b'HELLO wire/1 source=impostor\nFrom the wire\nNNNN\n')
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect(path)
            wire.sendall(b'{"text":"From the socket"}\nNNNN\n')
        with open(os.path.join(folder, 'story.txt'), 'w', encoding='ascii') as file:
            file.write('From the folder\n')
        self.send(b'HELLO wire/1 source=named\n{"text":"From the name"}\nNNNN\n')
        self.send(b'From nowhere\n')
        events = self.wait_events(5)
        self.assert_sound(events)
        feeds = {event['source']['feed']: event['text'] for event in events}
        self.assertIn('From the wire', feeds['wire'])
        self.assertIn('{"text":"From the socket"}', feeds['local'])
        self.assertIn('From the folder', feeds['drop'])
        self.assertIn('{"text":"From the name"}', feeds['named'])
        self.assertIn('From nowhere', feeds[None])

    def test_a_slip_of_the_pen_is_found_at_the_start(self):
        for words, said in (('name=a,format=ndjsn', 'did you mean ndjson?'),
                            ('name=a,date-order=dym', 'did you mean dmy?'),
                            ('name=a,charset=utf9', 'charset=utf9 is not known'),
                            ('name=a,timezone=Europe/Nowhere', 'Europe/Nowhere'),
                            ('name=a,marks=aep', 'marks=aep'),
                            ('name=a,listne=:1', '"listne" is none of its keys'),
                            ('name=two words', 'without blanks'),
                            ('format=text', 'name= is missing'),
                            ('name=a and name=a', 'two of the name a')):
            feeds = [word for text in words.split(' and ') for word in ('--feed', text)]
            code, _, err = run('ingest', '--data', self.data, *feeds)
            self.assertEqual(code, 2, err)
            self.assertIn(said, err)

    def test_a_letter_is_read_again_as_its_feed_says(self):
        ingest = self.start_ingest('--feed', 'name=desk,format=ndjson')
        self.send(b'HELLO wire/1 source=desk\nplain text\n')
        wait_for(lambda: self.status('ingest')['dead_letters'] == 1, 20, 'the letter')
        self.assertEqual(ingest.stop(), 0)
        code, out, _ = run('dead', '--data', self.data, 'retry', 'all', '--feed', 'name=desk,format=ndjson')
        self.assertEqual(code, 3, out)
        self.assertIn('still dead', out)


if __name__ == '__main__':
    unittest.main()
