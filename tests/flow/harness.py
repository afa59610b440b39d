"""harness.py: real wiretag processes in a folder of their own, for the flow tests.

A test gets a fresh data directory below the system's temporary folder, starts what it needs
on ports the system picks, asks the processes themselves where they listen (control sockets)
and waits for conditions, never for time. Whatever it started is killed at its end, by pid;
should the test itself be killed, the kernel kills the rest (PR_SET_PDEATHSIG).

WIRETAG_BIN is the folder of the programs. WIRETAG_TEST_SCALE multiplies numbers of reports,
WIRETAG_TEST_PATIENCE deadlines."""
import atexit
import ctypes
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import check_event

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
REPORTS = os.path.join(ROOT, 'tests', 'reports')
BIN = os.path.abspath(os.environ.get('WIRETAG_BIN', os.path.join(ROOT, 'build/release/bin')))
SCALE = float(os.environ.get('WIRETAG_TEST_SCALE', '1'))
PATIENCE = float(os.environ.get('WIRETAG_TEST_PATIENCE', '1'))
SANITIZER_WORDS = re.compile(r'(AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|Assertion .* failed)')

libc = ctypes.CDLL(None, use_errno=True)
# So that what runs at exit also runs when the time is over.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def scaled(count, least=1):
    return max(least, int(count * SCALE))


def wait_for(condition, seconds, what):
    """The condition's first true value; fails when it has none in time."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError('waited %g s in vain for %s'
                                 % (seconds * PATIENCE, what() if callable(what) else what))
        time.sleep(0.02)


class Process:
    """One child, its words in a file."""

    def __init__(self, name, arguments, folder, environment=None, own_group=False, stdin=None):
        self.name = name
        self.log_path = os.path.join(folder, name + '.log')
        self.log = open(self.log_path, 'ab')
        self.child = subprocess.Popen(
            arguments, stdin=stdin or subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=dict(os.environ, **(environment or {})), start_new_session=own_group,
            preexec_fn=self.die_with_parent)
        self.pid = self.child.pid

    @staticmethod
    def die_with_parent():
        libc.prctl(1, signal.SIGKILL)

    def signal(self, number):
        if self.child.poll() is None:
            self.child.send_signal(number)

    def alive(self):
        return self.child.poll() is None

    def wait(self, seconds=20):
        """Its exit code (negative: the signal that ended it)."""
        try:
            return self.child.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError('%s (pid %d) did not end within %g s'
                                 % (self.name, self.pid, seconds * PATIENCE)) from None

    def stop(self, seconds=20):
        """Ends it politely; returns its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.child.wait()

    def said(self):
        self.log.flush()
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()


def run(*arguments, stdin=None, seconds=60, environment=None):
    """A program to its end: (exit code, standard output, standard error) as text."""
    done = subprocess.run([os.path.join(BIN, 'wiretag')] + list(arguments), input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=seconds * PATIENCE, check=False,
                          env=dict(os.environ, **(environment or {})))
    return (done.returncode, done.stdout.decode('utf-8', 'replace'),
            done.stderr.decode('utf-8', 'replace'))


def runs(pid):
    """Is it there, and not only waiting to be buried?"""
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii', errors='replace') as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def ask(folder, name, question='status'):
    """What a process says of itself; None when it does not answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asker:
        asker.settimeout(5 * PATIENCE)
        try:
            asker.connect(os.path.join(folder, name + '.control'))
            asker.sendall(question.encode() + b'\n')
            answer = asker.makefile('rb').readline()
        except (FileNotFoundError, ConnectionError, socket.timeout):
            return None
    return json.loads(answer) if answer.strip() else None


class Flow(unittest.TestCase):
    """A test case with a data directory and processes that belong to it."""

    def setUp(self):
        self.data = tempfile.mkdtemp(prefix='wtflow-')
        atexit.register(shutil.rmtree, self.data, ignore_errors=True)
        self.addCleanup(self.clean_up)  # unlike tearDown, also when setUp fails
        self.processes = []
        self.names = {}

    def clean_up(self):
        for process in reversed(self.processes):
            if process.alive():
                process.kill()
            process.log.close()
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            self.show_logs()
        try:
            self.watch_for_sanitizers()
        finally:
            shutil.rmtree(self.data, ignore_errors=True)

    def watch_for_sanitizers(self):
        for path in glob.glob(self.data + '/*.log'):
            with open(path, encoding='utf-8', errors='replace') as file:
                found = [line for line in file if SANITIZER_WORDS.search(line)]
            self.assertFalse(found, 'in %s' % os.path.basename(path))

    def show_logs(self):
        for path in sorted(glob.glob(self.data + '/*.log')):
            with open(path, encoding='utf-8', errors='replace') as file:
                print('---- %s\n%s' % (os.path.basename(path), file.read()[-3000:]))

    # ---- processes ----

    def start(self, verb, *arguments, **keywords):
        count = self.names[verb] = self.names.get(verb, 0) + 1
        process = Process('%s-%d' % (verb, count),
                          [os.path.join(BIN, 'wiretag'), verb, '--data', self.data]
                          + [str(a) for a in arguments], self.data, **keywords)
        self.processes.append(process)
        return process

    def status(self, name):
        return ask(self.data, name)

    def up(self, process, name):
        """Waits until the process answers for `name`; returns its status."""
        def answered():
            if not process.alive():
                raise AssertionError('%s ended with %s:\n%s' % (
                    process.name, process.child.returncode, process.said()[-2000:]))
            status = self.status(name)
            return status if status and status['pid'] == process.pid else None
        return wait_for(answered, 20, '%s to answer' % process.name)

    def start_ingest(self, *arguments):
        if '--zmq' not in arguments:
            arguments += ('--zmq', 'none')
        process = self.start('ingest', '--listen', '127.0.0.1:0', *arguments)
        self.up(process, 'ingest')
        return process

    def start_sink(self, *arguments):
        process = self.start('sink', '--publish', 'none', *arguments)
        self.up(process, 'sink')
        return process

    def start_enrich(self, *arguments):
        process = self.start('enrich', *arguments)
        self.up(process, 'enrich-%d' % process.pid)
        return process

    def start_all(self, enrichers=1, ingest=(), sink=()):
        """The pipeline; returns (ingest, sink, [enrichers])."""
        return (self.start_ingest(*ingest), self.start_sink(*sink),
                [self.start_enrich() for _ in range(enrichers)])

    def endpoint(self, process, name):
        return self.status(process)['endpoints'][name]

    def tcp(self):
        """(host, port) where ingest takes reports."""
        host, port = self.endpoint('ingest', 'tcp').rsplit(':', 1)
        return host.replace('tcp://', ''), int(port)

    # ---- reports in, events out ----

    def committed(self):
        status = self.status('ingest')
        return status['committed'] if status else 0

    def wait_committed(self, count, seconds=60):
        wait_for(lambda: self.committed() >= count, seconds,
                 lambda: '%d commits, the status being %s' % (count, self.status('ingest')))

    def event_lines(self):
        """The bytes of every event the sink has written, in order of the files' names."""
        for path in sorted(glob.glob(self.data + '/events*.ndjson')):
            with open(path, 'rb') as file:
                yield from file

    def events(self):
        return [check_event.parse(line) for line in self.event_lines()]

    def wait_events(self, count, seconds=60):
        """At least `count` events; all there are."""
        wait_for(lambda: sum(1 for _ in self.event_lines()) >= count, seconds,
                 lambda: '%d events, of which %d are there'
                 % (count, sum(1 for _ in self.event_lines())))
        return self.events()

    def assert_sound(self, events, sample=1):
        """Every event is what EVENT.md promises."""
        checker = check_event.Checker(sample)
        for event in events:
            faults = checker.check(event)
            self.assertFalse(faults, 'event %s (%s)' % (event.get('id'), event.get('headline')))

    def assert_once_each(self, events, guids):
        """Each report has come out, and only once."""
        seen = {}
        for event in events:
            if event['part']['n'] == 1:
                seen[event['guid']] = seen.get(event['guid'], 0) + 1
        missing = [guid for guid in guids if guid not in seen]
        double = [guid for guid, count in seen.items() if count > 1]
        foreign = set(seen) - set(guids)
        self.assertFalse(missing or double or foreign,
                         '%d missing %s, %d double %s, %d foreign %s' % (
                             len(missing), missing[:5], len(double), double[:5],
                             len(foreign), sorted(foreign)[:5]))

    def send(self, payload, half_close=True, seconds=20):
        """Like nc -N: sends, closes its half, returns what came back until the end."""
        with socket.create_connection(self.tcp(), timeout=seconds * PATIENCE) as wire:
            wire.sendall(payload)
            if half_close:
                wire.shutdown(socket.SHUT_WR)
            return wire.makefile('rb').read()


class Dialogue:
    """A feeder that speaks HELLO wire/1 and gets an answer for each report."""

    def __init__(self, where, hello=b'HELLO wire/1 ack=1\n', seconds=20):
        if isinstance(where, tuple):
            self.wire = socket.create_connection(where, timeout=seconds * PATIENCE)
        else:
            self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.wire.settimeout(seconds * PATIENCE)
            self.wire.connect(where)
        self.back = self.wire.makefile('rb')
        self.wire.sendall(hello)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.back.close()
        self.wire.close()

    def say(self, data):
        self.wire.sendall(data)

    def say_record(self, **record):
        self.say((json.dumps(record, ensure_ascii=False) + '\n').encode())

    def answer(self):
        """The next line as words: ['OK', ref, seq, verdict] or ['ERR', code, ref, text];
        [] at the end."""
        line = self.back.readline().decode()
        words = line.rstrip('\n').split(' ', 3)
        return words if line else []

    def finish(self):
        """Says that nothing more comes; the answers still due."""
        self.wire.shutdown(socket.SHUT_WR)
        return [line.decode().rstrip('\n').split(' ', 3) for line in self.back]


CITIES = 'Tripoli Cairo Moscow Berlin Nairobi Lagos Lima Kabul Geneva Vienna'.split()


def short_report(number):
    """Distinct, small, with a place and a date to find."""
    return {'guid': 'flow-%06d' % number, 'published': '2020-01-14',
            'text': 'Item %d\n\n%s, Jan 14 (WFD) - Report number %d of the flow test was sent '
                    'from %s on Tuesday, officials said.\n' % (
                        number, CITIES[number % 10].upper(), number, CITIES[number // 10 % 10])}


def write_reports(path, numbers):
    with open(path, 'w', encoding='utf-8') as file:
        for number in numbers:
            file.write(json.dumps(short_report(number)) + '\n')
