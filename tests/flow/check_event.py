#!/usr/bin/python3
"""check_event.py [--sample N] [FILE...]: are these events what EVENT.md promises?

Each line is checked against proto/event.schema.json, and for what a schema cannot say: spans
lie inside the text, in order, and show the text they claim; places and speakers name entities
that exist; ids are unique. --sample N applies the schema (slow) to every Nth line only, the
rest to all. Reads standard input without FILE; exit 1 and one line per fault."""
import datetime
import json
import os
import re
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      '..', '..', 'proto', 'event.schema.json')
CONTROLS = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]')


def schema_validator():
    with open(SCHEMA, encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def unique_keys(pairs):
    """For json.loads: an object that says the same key twice is refused."""
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError('key given twice among %s' % [key for key, _ in pairs])
    return out


def parse(line):
    return json.loads(line, object_pairs_hook=unique_keys)


class Checker:
    def __init__(self, sample=1):
        self.validator = schema_validator()
        self.sample = sample
        self.seen = {}
        self.count = 0

    def check(self, event):
        """The faults of one event, as a list of sentences."""
        self.count += 1
        if (self.count - 1) % self.sample == 0:
            faults = ['/%s: %s' % ('/'.join(map(str, e.absolute_path)), e.message[:200])
                      for e in self.validator.iter_errors(event)]
            if faults:
                return faults
        return self.check_identity(event) + list(self.check_meaning(event))

    def check_identity(self, event):
        first = self.seen.setdefault(event['id'], self.count)
        if first == self.count:
            return []
        return ['id %s was that of event %d already' % (event['id'], first)]

    def check_meaning(self, event):
        text = event['text']
        for field in ('text', 'headline', 'byline', 'slug', 'guid'):
            if CONTROLS.search(event[field] or ''):
                yield '%s holds a control character' % field
        yield from part_faults(event)
        yield from entity_faults(event, text)
        yield from row_faults('furniture', event['furniture'], text)
        yield from row_faults('dates', event['dates'], text)
        yield from row_faults('quotes', event['quotes'], text)
        for date in event['dates']:
            yield from interval_faults(date)
        known = {entity['id'] for entity in event['entities']}
        for quote in event['quotes']:
            if quote['speaker'] is not None and quote['speaker'] not in known:
                yield 'a quote is spoken by %s, whom nobody knows' % quote['speaker']
        yield from place_faults(event, known)
        yield from dateline_faults(event['dateline'], text)


def part_faults(event):
    part = event['part']
    if part['n'] > part['of']:
        yield 'part %(n)d of %(of)d' % part
    if part['end'] - part['start'] != len(event['text']):
        yield 'part %d-%d, but the text has %d code points' % (
            part['start'], part['end'], len(event['text']))


def span_faults(what, span, text):
    start, end = span['start'], span['end']
    if not start < end <= len(text):
        yield '%s: span %d-%d in a text of %d' % (what, start, end, len(text))
    elif 'text' in span and span['text'] != text[start:end]:
        yield '%s: %r, but %d-%d reads %r' % (what, span['text'], start, end, text[start:end])


def row_faults(what, spans, text):
    """Spans of one kind stand in the order of the text and do not overlap."""
    before = 0
    for i, span in enumerate(spans):
        yield from span_faults('%s/%d' % (what, i), span, text)
        if span['start'] < before:
            yield '%s/%d begins at %d, before the end of the one before it' % (
                what, i, span['start'])
        before = span['end']


def entity_faults(event, text):
    ids = [entity['id'] for entity in event['entities']]
    if len(set(ids)) != len(ids):
        yield 'an entity id is used twice'
    everything = []
    for entity in event['entities']:
        yield from row_faults(entity['id'], entity['mentions'], text)
        everything += entity['mentions']
    everything.sort(key=lambda mention: mention['start'])
    yield from row_faults('all mentions', everything, text)


def place_faults(event, known):
    rows = [place['entity'] for place in event['places']]
    if len(set(rows)) != len(rows):
        yield 'two places for one entity'
    for row in rows:
        if row not in known:
            yield 'a place belongs to %s, which does not exist' % row


def interval_faults(date):
    days = []
    for key in ('from', 'to'):
        if date[key] is not None:
            try:
                days.append(datetime.date.fromisoformat(date[key]))
            except ValueError:
                yield '%s of %r is no day: %s' % (key, date['text'], date[key])
    if len(days) == 2 and days[0] > days[1]:
        yield '%r goes from %s to %s' % (date['text'], date['from'], date['to'])


def dateline_faults(dateline, text):
    if dateline is None:
        return
    yield from span_faults('dateline', dateline, text)
    inside = text[dateline['start']:dateline['end']]
    for key in ('place', 'agency'):
        if dateline[key] and dateline[key] not in inside:
            yield 'dateline: %s %r is not in %r' % (key, dateline[key], inside)


def main(arguments):
    sample = 1
    if arguments[:1] == ['--sample']:
        sample = int(arguments[1])
        arguments = arguments[2:]
    checker = Checker(sample)
    bad = 0
    for name in arguments or ['-']:
        with (sys.stdin if name == '-' else open(name, encoding='utf-8')) as file:
            for number, line in enumerate(file, 1):
                try:
                    faults = checker.check(parse(line))
                except ValueError as error:
                    faults = ['not JSON: %s' % error]
                for fault in faults:
                    print('%s:%d: %s' % (name, number, fault))
                bad += bool(faults)
    print('%d events, %d of them faulty' % (checker.count, bad))
    return 1 if bad or not checker.count else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
