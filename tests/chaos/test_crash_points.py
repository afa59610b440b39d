#!/usr/bin/python3
"""Every crash point of the source (proto/run/crash.h): a process is killed exactly there,
under load, the first time it passes, the second and the twentieth; then the oracle of the
chaos runs looks at what is left. A point that is never passed is a failure.

    test_crash_points.py [--list] [POINT...]

Needs a build that knows WIRETAG_CRASH (presets dev, asan, tsan); otherwise exit code 77."""
import glob
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'flow'))
import harness  # noqa: E402
from harness import PATIENCE, SCALE  # noqa: E402
from run import Run  # noqa: E402

PASSES = (1, 2, 20)
REACH_S = 20    # for the process to come to the point
AFTER_S = 0.5   # under load, when all is over
RATE = 300
WANTED = '''ingest-before-sync ingest-after-write ingest-after-sync ingest-after-ok
ingest-after-commit ingest-after-delete enrich-before-result enrich-after-result
sink-before-sync sink-in-sync sink-after-sync sink-after-commit sink-after-publish
sink-in-release sink-after-release
output-after-write output-after-flush output-after-cursor output-in-rotation'''.split()
VICTIMS = {'ingest': 'ingest', 'enrich': 'enrich-1', 'sink': 'sink', 'output': 'sink'}


def points_in_source():
    found = set()
    for folder in ('proto', 'ingest', 'enrich', 'sink'):
        for path in glob.glob(os.path.join(harness.ROOT, folder, '**', '*.c'), recursive=True):
            with open(path, encoding='utf-8') as file:
                found.update(re.findall(r'crash_point\(\s*"([^"]*)"', file.read()))
    return found


def build_knows_them():
    for verb in ('ingest', 'enrich', 'sink'):
        with open(os.path.join(harness.BIN, 'wiretag-' + verb), 'rb') as file:
            if b'WIRETAG_CRASH\0' in file.read():
                return True
    return False


def crash_at(run, victim, point, nth):
    """One life of the victim, which is to end at the point."""
    slot, seen = run.pipeline.slots[victim], run.pipeline.slots[victim].crashes
    slot.crash = '%s:%d' % (point, nth)
    run.pipeline.kill(victim)
    deadline = time.monotonic() + REACH_S * PATIENCE
    while slot.crashes == seen and not run.faults:
        run.pipeline.tick()
        if time.monotonic() > deadline:
            run.faults.add('a crash point that is never reached', slot.crash)
            slot.crash = None
        time.sleep(0.01)


def crash_everywhere(point):
    """All passes of one point in one pipeline. True: all is well."""
    victim = VICTIMS[point.split('-')[0]]
    options = {'ingest': ['--lease', '10s'],
               'sink': ['--rotate-size', '64KiB'] if 'rotation' in point else []}
    run = Run(point, RATE * max(SCALE, 0.3), enrichers=2, options=options)
    run.start()
    for nth in PASSES:
        crash_at(run, victim, point, nth)
    until = time.monotonic() + AFTER_S
    while time.monotonic() < until and not run.faults:
        run.pipeline.tick()
        time.sleep(0.01)
    good = run.finish()
    print('%-22s %s after %4.1f s: %s' % (point, 'survived %d times' % len(PASSES) if good else
                                          'FAILED', time.monotonic() - run.began, run.line()),
          flush=True)
    run.tidy()
    return good


def main():
    points = points_in_source()
    if sys.argv[1:] == ['--list']:
        print('\n'.join(sorted(points)))
        return 0
    if not build_knows_them():
        print('skipped: this build has no crash points (presets dev, asan and tsan have)')
        return 77
    bad = ['%s: no such crash point in the source' % point for point in WANTED
           if point not in points]
    bad += ['%s: whose crash point is it? its name begins with none of %s' % (
        point, ', '.join(VICTIMS)) for point in points if point.split('-')[0] not in VICTIMS]
    if bad:
        print('\n'.join(bad))
    chosen = sys.argv[1:] or sorted(p for p in points if p.split('-')[0] in VICTIMS)
    bad += [point for point in chosen if not crash_everywhere(point)]
    print('%d crash points, %d passes each: %s' % (
        len(chosen), len(PASSES), '%d faults' % len(bad) if bad else 'all survived'))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
