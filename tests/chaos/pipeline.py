"""pipeline.py: the real processes of a chaos run, and what is done to them.

Each has a slot: ingest, sink, enrich-1, ... Apart starts them itself and starts them again;
Up leaves that to `wiretag up` and only looks for its children. Whoever dies without having
been told to is a fault."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'flow'))
import harness  # noqa: E402 (for the processes, not for what is right)
from harness import PATIENCE, Process, runs, wait_for  # noqa: E402

DRAIN_S = 5


class Slot:
    def __init__(self, name):
        self.name = name
        self.process = None       # Apart
        self.pid = 0              # 0: not there
        self.killed_pid = 0       # Up: may still be seen for a moment
        self.started_at = 0.0
        self.asked_to_end = 0.0   # when; 0: it was not
        self.start_at = None      # Apart: when it is to be started again
        self.pause = 0.0          # Apart: between its end and that
        self.halted = False       # by SIGSTOP
        self.go_on_at = None
        self.doomed = False       # it will not go on but be killed
        self.crash = None         # Apart: WIRETAG_CRASH for its next life
        self.crashes = 0          # lives that ended there


class Pipeline:
    """What the driver asks for, and what both kinds have in common."""

    def __init__(self, data, faults, log, enrichers=3, options=None):
        self.data, self.faults, self.log = data, faults, log
        self.options = options or {}  # per verb
        self.names = ['ingest', 'sink'] + ['enrich-%d' % (i + 1) for i in range(enrichers)]
        self.slots = {name: Slot(name) for name in self.names}
        self.zmq = 'ipc://%s/reports.sock' % data
        self.events = 'ipc://%s/events.sock' % data
        self.broken = False  # nothing brings it up again
        self.young = 0       # Up: told to end, perhaps before they could listen

    # ---- harm ----

    def kill_parent(self):
        """Of `wiretag up`, where there is one."""
        return False

    def kill(self, name, pause=0.0):
        """kill -9, also of one that is halted or about to end. False: nobody was there."""
        slot = self.slots[name]
        if not slot.pid or not self.send(slot, signal.SIGKILL):
            return False
        slot.asked_to_end = slot.asked_to_end or time.monotonic()
        slot.pause, slot.halted = pause, False
        self.gone(slot, killed=True)
        return True

    def halt(self, name, seconds, doomed=False):
        """SIGSTOP; after a while it goes on, or dies with its hands full."""
        slot = self.slots[name]
        if not slot.pid or slot.halted or slot.asked_to_end or not self.send(slot, signal.SIGSTOP):
            return False
        slot.halted, slot.go_on_at = True, time.monotonic() + seconds
        slot.doomed = doomed
        return True

    def end(self, name, pause=0.0):
        """A polite request; it may take its time."""
        slot = self.slots[name]
        if not slot.pid or slot.asked_to_end:
            return False
        self.go_on(slot)
        slot.asked_to_end, slot.pause = time.monotonic(), pause
        return self.send(slot, signal.SIGTERM)

    def go_on(self, slot):
        if slot.halted:
            slot.halted = False
            self.send(slot, signal.SIGCONT)

    # ---- looking after them ----

    def tick(self):
        now = time.monotonic()
        for slot in self.slots.values():
            if slot.halted and now >= slot.go_on_at and slot.doomed:
                self.kill(slot.name)
            elif slot.halted and now >= slot.go_on_at:
                self.go_on(slot)
            self.look_at(slot, now)

    def too_late(self, slot, now):
        if slot.asked_to_end and now - slot.asked_to_end > (DRAIN_S + 10) * PATIENCE:
            self.faults.add('a process did not end on SIGTERM', slot.name)
            slot.asked_to_end = now

    def ended(self, slot, code):
        """One that has ended for good: was that in order?"""
        if not slot.asked_to_end:
            self.faults.add('a process ended by itself', '%s (pid %d) with %s' % (
                slot.name, slot.pid, code))
        elif code == -signal.SIGTERM and slot.asked_to_end - slot.started_at < 2 * PATIENCE:
            self.log('%s was told to end before it could listen' % slot.name)
        elif code != 0:
            self.faults.add('a polite stop that ended with another code than 0',
                            '%s (pid %d) with %s' % (slot.name, slot.pid, code))

    def calm(self):
        """No more harm: everybody goes on, and everybody who is gone comes back."""
        for slot in self.slots.values():
            self.go_on(slot)
            slot.start_at = slot.start_at and time.monotonic()
            slot.pause = 0

        def all_there():
            self.tick()
            if self.broken:
                raise AssertionError('the pipeline is broken')
            return all(slot.pid and not slot.asked_to_end for slot in self.slots.values())
        wait_for(all_there, 60, 'all processes to be there again')

    def status(self, name):
        try:
            return harness.ask(self.data, name)
        except (ValueError, OSError):
            return None  # it died while it answered

    def where_tcp(self):
        """(host, port), or None while nobody listens."""
        status = self.status('ingest')
        if not status:
            return None
        host, port = status['endpoints']['tcp'].replace('tcp://', '').rsplit(':', 1)
        return host, int(port)

    def where_unix(self):
        return os.path.join(self.data, 'feed.sock')

    def settings(self, verb):
        return [str(word) for word in self.options.get(verb, ())]


class Apart(Pipeline):
    """Processes started one by one."""

    def start(self):
        for slot in self.slots.values():
            self.start_slot(slot)

    def command(self, name):
        verb = name.split('-')[0]
        words = [os.path.join(harness.BIN, 'wiretag-' + verb), '--data', self.data,
                 '--drain', '%ds' % DRAIN_S] + self.settings(verb)
        if verb == 'ingest':
            words += ['--listen', '127.0.0.1:0', '--zmq', self.zmq]
        elif verb == 'sink':
            words += ['--publish', 'none']
        else:
            words += ['--name', name]
        return words

    def start_slot(self, slot):
        environment = {'WIRETAG_CRASH': slot.crash} if slot.crash else None
        slot.process = Process(slot.name, self.command(slot.name), self.data, environment)
        slot.pid, slot.started_at = slot.process.pid, time.monotonic()
        slot.asked_to_end, slot.start_at, slot.halted = 0.0, None, False

    def send(self, slot, number):
        slot.process.signal(number)
        return True

    def gone(self, slot, killed=False):
        code = slot.process.wait(30)
        slot.process.log.close()
        if slot.crash and not slot.asked_to_end and code == -signal.SIGKILL:
            self.log('%s crashed at %s' % (slot.name, slot.crash))
            slot.crash = None
            slot.crashes += 1
        elif not killed:
            self.ended(slot, code)
        slot.pid, slot.start_at = 0, time.monotonic() + slot.pause

    def look_at(self, slot, now):
        if slot.pid and not slot.process.alive():
            self.gone(slot)
        elif not slot.pid and slot.start_at is not None and now >= slot.start_at:
            self.start_slot(slot)
        self.too_late(slot, now)

    def stop(self):
        """In order, politely."""
        for names in (['ingest'], self.names[2:], ['sink']):
            for name in names:
                self.end(name)
            for name in names:
                if self.slots[name].pid:
                    self.gone(self.slots[name])

    def destroy(self):
        for slot in self.slots.values():
            if slot.process and slot.process.alive():
                slot.process.kill()


class Up(Pipeline):
    """`wiretag up` and its children."""
    parent = None
    orphans = ()

    def start(self):
        self.parent = Process('up', [
            os.path.join(harness.BIN, 'wiretag-up'), '--data', self.data, '--quiet',
            '--enrichers', str(len(self.names) - 2), '--listen', '127.0.0.1:0',
            '--zmq', self.zmq, '--publish', 'none', '--drain', '%ds' % DRAIN_S, '--log', 'info'],
            self.data, self.environment())
        self.tick()

    def kill_parent(self):
        """The children are told by the kernel to end; then all of it is started again."""
        if not self.parent:
            return False
        for slot in self.slots.values():
            self.go_on(slot)
            slot.pid, slot.asked_to_end = 0, 0.0
        self.orphans = list(self.children().values())
        self.parent.kill()
        self.parent = None
        return True

    def tick(self):
        if self.parent is None and not any(runs(pid) for pid in self.orphans):
            self.start()
        elif self.parent is not None:
            super().tick()

    def environment(self):
        """The options of the children, as variables."""
        words = [word for verb in self.options for word in self.settings(verb)]
        names = (name[2:].upper().replace('-', '_') for name in words[::2])
        return {'WIRETAG_' + name: value for name, value in zip(names, words[1::2])}

    def children(self):
        """{slot's name: pid}"""
        found = {}
        if not self.parent:
            return found
        try:
            with open('/proc/%d/task/%d/children' % (self.parent.pid, self.parent.pid),
                      encoding='ascii') as file:
                pids = [int(pid) for pid in file.read().split()]
        except OSError:
            return found
        for pid in pids:
            name = self.name_of(pid)
            if name:
                found[name] = pid
        return found

    @staticmethod
    def name_of(pid):
        """None: it is dead, or not yet what it will be."""
        try:
            with open('/proc/%d/cmdline' % pid, 'rb') as file:
                program = os.path.basename(file.read().split(b'\0')[0].decode())
            if program != 'wiretag-enrich':
                return program.replace('wiretag-', '') if program != 'wiretag-up' else None
            with open('/proc/%d/environ' % pid, 'rb') as file:
                return dict(pair.split(b'=', 1) for pair in file.read().split(b'\0')
                            if b'=' in pair)[b'WIRETAG_NAME'].decode()
        except (OSError, KeyError):
            return None

    def send(self, slot, number):
        if self.children().get(slot.name) != slot.pid:
            return False
        if number == signal.SIGTERM and time.monotonic() - slot.started_at < 2 * PATIENCE:
            self.young += 1
        os.kill(slot.pid, number)
        return True

    def gone(self, slot, killed=False):
        slot.killed_pid, slot.pid = slot.pid, 0  # look_at finds the next

    def look_at(self, slot, now):
        if not self.parent.alive():
            if not self.broken:
                self.faults.add('`wiretag up` ended by itself', self.parent.child.returncode)
            self.broken = True
            return
        pid = self.children().get(slot.name, 0)
        if pid not in (0, slot.pid, slot.killed_pid):
            if slot.pid and not slot.asked_to_end:
                self.faults.add('a process ended by itself', '%s (pid %d)' % (slot.name, slot.pid))
            slot.pid, slot.asked_to_end, slot.halted = pid, 0.0, False
            slot.started_at = time.monotonic()
        self.too_late(slot, now)

    def stop(self):
        code = self.parent.stop(3 * DRAIN_S + 15)
        if code != 0:
            self.faults.add('a polite stop that ended with another code than 0', 'up with %d' % code)
        for slot in self.slots.values():
            slot.pid = 0

    def destroy(self):
        children = list(self.orphans)
        if self.parent and self.parent.alive():
            children = self.children().values()
            self.parent.kill()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
