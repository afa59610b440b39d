#!/usr/bin/python3
"""Options, variables and configuration files: mistakes are named and the right word offered."""
import os
import unittest

from harness import Flow, run

VERBS = ('ingest', 'enrich', 'sink', 'up', 'feed', 'tail', 'tag', 'status', 'health', 'doctor', 'dead')


class Settings(Flow):
    def config(self, text):
        path = os.path.join(self.data, 'wiretag.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def test_every_verb_explains_itself(self):
        for verb in VERBS:
            code, out, err = run(verb, '--help')
            self.assertEqual((code, err), (0, ''), verb)
            self.assertIn('wiretag %s' % verb, out)
            self.assertIn('--config', out)
            code, out, _ = run(verb, '--version')
            self.assertEqual(code, 0, verb)
            self.assertRegex(out, r'^wiretag \d+\.\d+\.\d+')

    def test_the_right_option_is_offered(self):
        for verb, wrong, right in (('ingest', '--lisen', '--listen'), ('sink', '--dta', '--data'),
                                   ('up', '--enricher', '--enrichers'), ('tag', '--formt', '--format'),
                                   ('feed', '--conect', '--connect')):
            code, out, err = run(verb, wrong, 'x')
            self.assertEqual(code, 2, (verb, wrong, err))
            self.assertIn(right, err)
            self.assertEqual(out, '')

    def test_the_right_verb_is_offered(self):
        code, _, err = run('ingset')
        self.assertEqual(code, 2)
        self.assertIn('ingest', err)

    def test_check_config_reads_and_does_nothing(self):
        path = self.config('# ours\nlog = debug\n[ingest]\nlisten = 127.0.0.1:0\nmax-report = 1MiB\n')
        code, _, err = run('ingest', '--config', path, '--check-config')
        self.assertEqual(code, 0, err)
        self.assertEqual(os.listdir(self.data), ['wiretag.conf'])

    def test_check_config_names_line_and_key(self):
        for text, words in (('[ingest]\nmax-reprot = 1MiB\n', (':2', 'max-reprot', 'max-report')),
                            ('[ingest]\nmax-report = big\n', (':2', 'max-report', '4MiB')),
                            ('[ingset]\nlog = debug\n', (':1', 'ingest')),
                            ('log = loud\n', (':1', 'log', 'debug')),
                            ('what is this\n', (':1',))):
            code, _, err = run('ingest', '--config', self.config(text), '--check-config')
            self.assertEqual(code, 2, text)
            for word in words:
                self.assertIn(word, err, text)

    def test_a_wrong_variable_is_named(self):
        code, _, err = run('ingest', '--check-config', environment={'WIRETAG_MAX_REPORT': 'huge'})
        self.assertEqual(code, 2)
        self.assertIn('WIRETAG_MAX_REPORT', err)

    def test_the_more_specific_setting_wins(self):
        path = self.config('max-journal = 9MiB\n[ingest]\nmax-journal = 1MiB\n')
        for more, environment, megabytes in (((), {}, 1), ((), {'WIRETAG_MAX_JOURNAL': '2MiB'}, 2),
                                             (('--max-journal', '3MiB'),
                                              {'WIRETAG_MAX_JOURNAL': '2MiB'}, 3)):
            ingest = self.start('ingest', '--config', path, '--listen', 'none', '--zmq', 'none',
                                *more, environment=environment)
            self.assertEqual(self.up(ingest, 'ingest')['journal_max_bytes'], megabytes << 20)
            self.assertEqual(ingest.stop(), 0)

    def test_one_owner_of_a_directory(self):
        first = self.start_ingest()
        second = self.start('ingest', '--listen', 'none', '--zmq', 'none')
        self.assertEqual(second.wait(), 1)
        self.assertIn(str(first.pid), second.said())


if __name__ == '__main__':
    unittest.main()
