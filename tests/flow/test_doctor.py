#!/usr/bin/python3
"""wiretag doctor: finds what is wrong with a directory, and what works there."""
import json
import os
import signal
import unittest

from harness import Flow, run, wait_for


class Doctor(Flow):
    def ask(self, data=None):
        """(exit code, its JSON)"""
        code, out, err = run('doctor', '--json', '--data', data or self.data)
        self.assertEqual(err, '')
        return code, json.loads(out)

    @staticmethod
    def found(answer, check, words=''):
        """The grades of what was noted by that check and says these words."""
        return [finding['grade'] for finding in answer['checks']
                if finding['check'] == check and words in finding['text']]

    def test_a_good_directory_is_good(self):
        code, answer = self.ask()
        self.assertEqual(code, 0, answer)
        self.assertEqual(answer['problems'], 0)
        self.assertEqual(self.found(answer, 'directory'), ['ok'])
        self.assertEqual(self.found(answer, 'libraries', 'libzmq'), ['ok'])
        self.assertEqual(self.found(answer, 'processes'), ['ok', 'ok'])
        self.assertEqual(os.listdir(self.data), [])
        if answer['file_system'] != 'tmpfs':
            self.assertGreaterEqual(answer['one']['p99_us'], answer['one']['median_us'])
            self.assertGreaterEqual(answer['acks_per_second_in_groups'], answer['acks_per_second'])

    def test_the_page_is_for_eyes(self):
        code, out, err = run('doctor', '--data', self.data)
        self.assertEqual((code, err), (0, ''))
        for words in (self.data, 'file system', 'acknowledgements a second', '0 problems'):
            if words != 'acknowledgements a second' or 'tmpfs' not in out:
                self.assertIn(words, out)

    def test_a_directory_that_is_not_there(self):
        code, answer = self.ask(self.data + '/none')
        self.assertEqual(code, 1)
        self.assertEqual(self.found(answer, 'directory'), ['problem'])
        self.assertFalse(os.path.exists(self.data + '/none'))

    def test_a_directory_open_to_others(self):
        for mode, grade, expected in ((0o777, 'problem', 1), (0o755, 'warning', 0)):
            os.chmod(self.data, mode)
            code, answer = self.ask()
            self.assertEqual((code, self.found(answer, 'directory')), (expected, [grade]))

    def test_a_path_too_long_for_sockets(self):
        path = os.path.join(self.data, 'x' * 100)
        os.mkdir(path, 0o700)
        code, answer = self.ask(path)
        self.assertEqual((code, self.found(answer, 'sockets')), (1, ['problem']))

    def test_memory_is_no_disk(self):
        if not os.path.isdir('/dev/shm') or not os.access('/dev/shm', os.W_OK):
            self.skipTest('no /dev/shm here')
        _, answer = self.ask('/dev/shm')
        if answer['file_system'] == 'tmpfs':
            self.assertEqual(self.found(answer, 'file system', 'lies in memory'), ['warning'])
            self.assertNotIn('one', answer)

    def test_a_process_that_hangs_is_named(self):
        ingest = self.start_ingest()
        _, answer = self.ask()
        self.assertEqual(self.found(answer, 'processes', 'pid %d, healthy' % ingest.pid), ['ok'])
        ingest.signal(signal.SIGSTOP)
        wait_for(lambda: self.stopped(ingest.pid), 5, 'it to stand still')
        code, answer = self.ask()
        self.assertEqual((code, self.found(answer, 'processes', 'pid %d holds' % ingest.pid)),
                         (1, ['problem']))
        ingest.kill()
        code, answer = self.ask()
        self.assertEqual((code, self.found(answer, 'processes', 'ingest')), (0, ['ok']))

    @staticmethod
    def stopped(pid):
        with open('/proc/%d/stat' % pid, encoding='ascii', errors='replace') as file:
            return file.read().rsplit(')', 1)[1].split()[0] == 'T'


if __name__ == '__main__':
    unittest.main()
