#!/usr/bin/python3
"""chaos.py: kills, halts and restarts the processes at random under load, then checks that
nothing was lost, nothing came twice and the books balance.

    chaos.py --seconds 60 --seed 1

The plan of what is done when follows from the seed alone; --plan shows it. What the machine
makes of it differs from run to run. Exit code 0: all is well; 1: it is not, and the folder
with logs and journals is kept."""
import argparse
import collections
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'flow'))
from run import Run  # noqa: E402

TICK_S = 0.01
KINDS = {  # how often, in relation to each other
    'kill': 50,    # kill -9 of one
    'kills': 12,   # of several at once
    'halt': 12,    # SIGSTOP, later SIGCONT
    'doom': 10,    # SIGSTOP, soon kill -9: it dies with its hands full
    'end': 16,     # SIGTERM
    'cut': 8,      # a feeder's connection
    'parent': 0,   # kill -9 of `wiretag up`; 4 where there is one
}
Deed = collections.namedtuple('Deed', 'at kind names seconds')


def pause_of(rng):
    """Before the one who died is started again."""
    return 0.0 if rng.random() < 0.6 else rng.uniform(0, 2.5)


def targets_of(rng, kind, names):
    if kind == 'cut':
        return [rng.randrange(5)]
    if kind == 'parent':
        return ['up']
    if kind == 'kills':
        return rng.sample(names, rng.randrange(min(2, len(names)), len(names) + 1))
    # ingest, sink and the enrichers together get a third each
    verb = rng.choice(sorted({name.split('-')[0] for name in names}))
    return [rng.choice([name for name in names if name.startswith(verb)])]


def plan(seed, seconds, names, up=False, pace=1.0, without=()):
    """What is done when: from these alone."""
    rng = random.Random('plan/%s' % seed)
    often = dict(KINDS, parent=4 if up else 0)
    kinds = [kind for kind in KINDS if kind not in without]
    names = [name for name in names if name not in without]
    at, deeds = 0.5, []
    while True:
        at += rng.choice([0.05, rng.expovariate(1 / 1.3)]) * pace + 0.1
        kind = rng.choices(kinds, [often[kind] for kind in kinds])[0]
        targets = targets_of(rng, kind, names)
        lengths = {'halt': rng.uniform(0.1, 8), 'doom': rng.uniform(0.05, 1)}
        length = lengths.get(kind) or pause_of(rng)
        if at >= seconds:
            return deeds
        deeds.append(Deed(at, kind, targets, length))


class Chaos:
    def __init__(self, run):
        self.run, self.pipeline = run, run.pipeline
        self.done = collections.Counter()

    def do(self, deed):
        for name in deed.names:
            if deed.kind == 'cut':
                self.run.feeders[name].cut_wanted = done = True
            elif deed.kind in ('halt', 'doom'):
                done = self.pipeline.halt(name, deed.seconds, deed.kind == 'doom')
            elif deed.kind == 'parent':
                done = self.pipeline.kill_parent()
            elif deed.kind == 'end':
                done = self.pipeline.end(name, deed.seconds)
            else:
                done = self.pipeline.kill(name, deed.seconds)
            what = 'kill' if deed.kind in ('kills', 'doom', 'parent') else deed.kind
            self.run.log('%s %s %.2f%s' % (deed.kind, name, deed.seconds, '' if done else ' (not there)'))
            if done and deed.kind == 'cut':
                self.done['cut'] += 1
            elif done:
                self.done[what, name.split('-')[0]] += 1

    def harm(self, deeds, seconds):
        began = time.monotonic()
        deeds = collections.deque(deeds)
        while time.monotonic() - began < seconds and not self.run.faults:
            while deeds and time.monotonic() - began >= deeds[0].at:
                self.do(deeds.popleft())
            self.pipeline.tick()
            time.sleep(TICK_S)

    def line(self):
        parts = []
        for kind, words in (('kill', 'killed'), ('halt', 'halted'), ('end', 'ended politely')):
            counts = ['%s %d' % (verb, self.done[kind, verb])
                      for verb in ('ingest', 'sink', 'enrich', 'up') if (kind, verb) in self.done]
            parts.append('%s: %s' % (words, ', '.join(counts) or 'none'))
        return '; '.join(parts + ['connections cut: %d' % self.done['cut']])


def options_of(seed):
    """Settings that make rare things frequent, others for each seed."""
    rng = random.Random('options/%s' % seed)
    options = {'ingest': ['--lease', '10s'], 'enrich': ['--window', rng.choice([4, 64, 256])],
               'sink': ['--credit', rng.choice([8, 128, 1024])]}
    if rng.random() < 0.5:
        options['sink'] += ['--rotate-size', rng.choice(['300KiB', '5MiB'])]
    if rng.random() < 0.3:
        options['ingest'] += ['--max-journal', '8MiB']
    return options


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--seed', default='1')
    parser.add_argument('--enrichers', type=int, default=3)
    parser.add_argument('--rate', type=float, default=400, help='reports per second of all feeders')
    parser.add_argument('--pace', type=float, default=1.0, help='2: half as much harm')
    parser.add_argument('--up', action='store_true', help='under `wiretag up`')
    parser.add_argument('--without', default='', metavar='LIST', help='kinds of harm or processes '
                        'to leave out, such as halt,sink')
    parser.add_argument('--keep', action='store_true', help='the folder, also when all is well')
    parser.add_argument('--plan', action='store_true', help='only show what would be done')
    return parser.parse_args()


def main():
    args = arguments()
    rate = args.rate * float(os.environ.get('WIRETAG_TEST_SCALE', '1'))
    run = Run(args.seed, rate, args.up, args.enrichers, options_of(args.seed))
    deeds = plan(args.seed, args.seconds, run.pipeline.names, args.up, args.pace,
                 args.without.split(','))
    if args.plan:
        print('\n'.join(str(deed) for deed in deeds))
        run.tidy()
        return 0
    chaos = Chaos(run)
    run.start()
    chaos.harm(deeds, args.seconds)
    good = run.finish()
    print('chaos: seed %s: %s after %.0f s: %s; %s' % (
        args.seed, 'all is well' if good else 'FAILED', time.monotonic() - run.began,
        chaos.line(), run.line()))
    run.tidy(args.keep)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
