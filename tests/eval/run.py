#!/usr/bin/python3
"""run.py [--raise] [--set NAME]...: how well does the tagger tag, and no worse than before?

Needs the annotated data, a folder `shared` beside the sources (or $WIRETAG_SHARED), and says
"skipped" (exit 77) without it. Each set is tagged by `wiretag tag`, scored by the data's own
score.py and held against floors.json: a score below its floor fails. The tagger is
deterministic, so there is no tolerance. After an improvement --raise lifts the floors to the
scores reached; it never lowers one. To lower a floor, edit floors.json and say why in the
commit.

The sets are development sets: rules may be tried on them. Names must not be trained on the
tenth of newswire_gold used here (in_tenth below); half of dates_places is left out, to be
looked at seldom. pages.txt is our own, and no rule was made for it."""
import argparse
import glob
import gzip
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile

import pages

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLOORS = os.path.join(HERE, 'floors.json')
SHARED = os.environ.get('WIRETAG_SHARED') or os.path.join(ROOT, '..', 'shared')
SKIPPED = 77

ENTITIES = ['entities.exact.f1', 'entities.overlap_typed.f1']
PLACES = ['places.recognition_overlap.f1', 'places.end_to_end@km.f1']
DATES = ['dates.strict.f1', 'dates.relaxed.f1', 'dates.value.f1']
ALL = ENTITIES + ['identity.b3_f1'] + PLACES + ['places.id_accuracy'] + DATES + [
    'dates.interval.f1', 'furniture.chars.f1', 'furniture.chars_same_kind.f1', 'dateline.detection.f1',
    'dateline.place_and_date_accuracy', 'quotes.overlap.f1', 'headline.accuracy']


def hashed(document, parts):
    return int(hashlib.sha256(document['id'].encode()).hexdigest(), 16) % parts


def in_tenth(document):
    return hashed(document, 10) == 0


def in_half(document):
    return hashed(document, 2) == 0


# name: files, which documents, score.py's options, what is watched
SETS = {
    'gold-dev': ('gold/dev.jsonl', None, [], ALL),
    'gold-wires': ('gold/dev_wires.jsonl', None, [], ALL),
    'newswire': ('data/newswire_gold/*.jsonl.gz', in_tenth, [], ENTITIES + [
        'entities.per_type.%s.f1' % kind for kind in
        ('person', 'organization', 'location', 'group')]),
    'gmb-dev': ('data/gmb/gmb_dev.jsonl.gz', None, ['--map', 'core'], ENTITIES),
    'dates-places': ('data/dates_places/*.jsonl.gz', in_half, [],
                     PLACES + ['places.id_accuracy'] + DATES),
    'geovirus': ('data/geovirus/*.jsonl.gz', None, [], PLACES),
    'meantime': ('data/meantime/*.jsonl.gz', None, [], DATES),
    'pages': (os.path.join(HERE, 'pages.txt'), None, [], [
        'furniture.chars.f1', 'furniture.chars_same_kind.f1', 'dateline.detection.f1',
        'dateline.place_and_date_accuracy', 'headline.accuracy']),
}


def documents(pattern, wanted):
    paths = sorted(glob.glob(os.path.join(SHARED, pattern)))
    if not paths:
        sys.exit('eval: nothing matches %s in %s' % (pattern, SHARED))
    for path in paths:
        if path.endswith('.txt'):
            yield from pages.documents(path)
            continue
        with (gzip.open if path.endswith('.gz') else open)(path, 'rt', encoding='utf-8') as file:
            for line in file:
                document = json.loads(line)
                if not wanted or wanted(document):
                    yield document


def feed_record(document):
    """What a tagger may know: the text and its date, not its annotation."""
    record = {'guid': document['id'], 'text': document['text']}
    published = document.get('published') or document.get('dateline_date')
    return dict(record, published=published) if published else record


def write_lines(path, objects):
    with open(path, 'w', encoding='utf-8') as file:
        for item in objects:
            file.write(json.dumps(item, ensure_ascii=False) + '\n')


def score(name, folder):
    pattern, wanted, options, _ = SETS[name]
    gold, fed, tagged = (os.path.join(folder, name + end) for end in ('.gold', '.in', '.out'))
    chosen = list(documents(pattern, wanted))
    write_lines(gold, chosen)
    write_lines(fed, map(feed_record, chosen))
    program = os.path.join(os.environ.get('WIRETAG_BIN', 'build/release/bin'), 'wiretag')
    with open(tagged, 'wb') as out:
        subprocess.run([program, 'tag', '--format', 'ndjson', fed], stdout=out, check=True)
    judge = [sys.executable, os.path.join(SHARED, 'tools', 'score.py'), gold, tagged, '--json']
    return json.loads(subprocess.run(judge + options, stdout=subprocess.PIPE, check=True).stdout)


def metric(result, path):
    for step in path.split('.'):
        result = result.get(step) if isinstance(result, dict) else None
    return result


def compare(name, result, floors, lift):
    """One line for each watched score; how many are below their floors."""
    below = 0
    print('%s: %d documents%s' % (name, result['documents'],
                                  ', %d WITHOUT AN EVENT' % result['missing_in_system']
                                  if result['missing_in_system'] else ''))
    for path in SETS[name][3]:
        value, floor = metric(result, path), floors.get(path)
        if value is None:
            print('  %-34s      -' % path)
            continue
        value = math.floor(value * 10000) / 10000
        verdict = ''
        if floor is None or (value > floor and lift):
            verdict = 'new' if floor is None else 'raised' if lift else ''
            if lift:
                floors[path] = value
        elif value > floor:
            verdict = 'better'
        elif value < floor:
            verdict = 'BELOW ITS FLOOR'
            below += 1
        print('  %-34s %6.2f  %s  %s' % (path, 100 * value,
                                         'floor %6.2f' % (100 * floor) if floor is not None
                                         else ' ' * 12, verdict))
    return below + (result['missing_in_system'] > 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--raise', dest='lift', action='store_true',
                        help='lift the floors to the scores reached')
    parser.add_argument('--set', action='append', choices=sorted(SETS), help='only this one')
    options = parser.parse_args()
    if not os.path.exists(os.path.join(SHARED, 'tools', 'score.py')):
        print('skipped: no annotated data in %s (or name the folder in WIRETAG_SHARED)'
              % os.path.normpath(SHARED))
        return SKIPPED
    floors = {}
    if os.path.exists(FLOORS):
        with open(FLOORS, encoding='utf-8') as file:
            floors = json.load(file)
    below = 0
    with tempfile.TemporaryDirectory(prefix='wiretag-eval-') as folder:
        for name in options.set or SETS:
            below += compare(name, score(name, folder), floors.setdefault(name, {}), options.lift)
    if options.lift:
        with open(FLOORS, 'w', encoding='utf-8') as file:
            json.dump(floors, file, indent=1)
            file.write('\n')
    if below:
        print('%d below the floors of tests/eval/floors.json. Mend the tagger, or lower a floor '
              'there and say why.' % below)
        return 1
    print('No score is below its floor.' if options.lift else
          'No score is below its floor. After an improvement: tests/eval/run.py --raise')
    return 0


if __name__ == '__main__':
    sys.exit(main())
