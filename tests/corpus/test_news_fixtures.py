#!/usr/bin/python3
"""test_news_fixtures.py PROGRAM   read the agencies' own XML with `wiretag read`

Files nobody here wrote: NITF, NewsML 1.2 and NewsML-G2 of several agencies, the listings of the
standard, and dpa's conversions with the JSON they were made of. What must come out is taken from
them by another parser. They lie beside this project, not in it; where they are missing the test is
skipped (exit 77). For each file a line is printed: items, reports, fields and times compared."""
import datetime
import glob
import html
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get('WIRETAG_SHARED') or os.path.join(HERE, '../../../shared')
FIXTURES = os.path.join(SHARED, 'data/wire-fixtures')
problems = []
counts = {}


def check(where, what, have, want):
    """A field that the sender gives must be there."""
    if want in (None, '', []):
        return
    counts[what in TIMES] += 1
    if have != want:
        problems.append('%s: %s is %r, not %r' % (where, what, have, want))


TIMES = ('published', 'sent', 'first_created', 'version_created', 'embargo_until')


def read(program, path):
    run = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode:
        problems.append('%s: exit %d, %s' % (path, run.returncode, run.stderr.decode()))
    return [json.loads(line) for line in run.stdout.splitlines()], run.stderr.decode()


def tree(path):
    """The root, local names only."""
    root = ET.parse(path).getroot()
    for node in root.iter():
        node.tag = node.tag.split('}')[-1] if isinstance(node.tag, str) else '!'
        node.attrib = {k.split('}')[-1]: v for k, v in node.attrib.items()}
    return root


def line(node):
    return ' '.join(''.join(node.itertext()).split()) if node is not None else None


def utc(text):
    """As records have times; None for what is no whole time."""
    text = (text or '').strip().replace('Z', '+0000')
    text = re.sub(r'([+-]\d\d):(\d\d)$', r'\1\2', text)
    for form in ('%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%dT%H:%M:%S.%f%z', '%Y%m%dT%H%M%S%z'):
        try:
            moment = datetime.datetime.strptime(text, form).astimezone(datetime.timezone.utc)
        except ValueError:
            continue
        millis = '.%03d' % (moment.microsecond // 1000) if moment.microsecond else ''
        return moment.strftime('%Y-%m-%dT%H:%M:%S') + millis + 'Z'
    return None


def listed(record, key):
    value = record.get(key) or []
    return value if isinstance(value, list) else [value]


def squeezed(text):
    """Without blanks, controls and invisible characters."""
    return re.sub(r'[\s\x7F-\x9F\u00AD\u200B\u2060\uFEFF]+', '', text)


def check_words(where, record, nodes):
    """Each paragraph must be in the text, whatever its blanks."""
    have = squeezed(record['text'])
    for node in nodes:
        if squeezed(''.join(node.itertext())) not in have:
            problems.append('%s: the text lacks %r' % (where, line(node)[:200]))


def check_item(where, record, item):
    """A newsItem of NewsML-G2."""
    meta, content = item.find('itemMeta'), item.find('contentMeta')
    meta = meta if meta is not None else ET.Element('itemMeta')
    content = content if content is not None else ET.Element('contentMeta')
    check(where, 'guid', record.get('guid'), item.get('guid'))
    check(where, 'version', record.get('version'), int(item.get('version', 0)) or None)
    for field, name in (('version_created', 'versionCreated'), ('first_created', 'firstCreated'),
                        ('embargo_until', 'embargoed'), ('published', 'versionCreated')):
        check(where, field, record.get(field), utc(meta.findtext(name)))
    status = meta.find('pubStatus')
    check(where, 'status', record.get('status'),
          status.get('qcode').split(':')[1] if status is not None else None)
    check(where, 'urgency', record.get('urgency'), int(content.findtext('urgency') or 0) or None)
    check(where, 'headline', record.get('headline'), line(content.find('headline')))
    check(where, 'byline', record.get('byline'), line(content.find('by')))
    check(where, 'slug', record.get('slug'), line(content.find('slugline')))
    check(where, 'keywords', listed(record, 'keywords'), list(dict.fromkeys(
        line(k) for k in content.findall('keyword'))))
    dateline = line(content.find('dateline'))
    check(where, 'dateline', record.get('dateline'), dateline and dateline.rstrip(' -'))
    language = content.find('language')
    check(where, 'lang', record.get('lang'),
          language.get('tag') if language is not None else item.get('lang'))
    topics = [s.get('qcode') for s in content.findall('subject')
              if s.get('qcode', '').startswith('medtop:')]
    check(where, 'topics', [t for t in topics if t in listed(record, 'category')], topics)
    signal = meta.find('signal')
    if signal is not None and signal.get('qcode').startswith('sig:'):
        check(where, 'action', record.get('action'), signal.get('qcode')[4:])
    for note in meta.findall('edNote'):
        if not any(role in note.get('role', '') for role in ('notepad', 'contact', 'closing')):
            check(where, 'ednote', line(note) in record.get('ednote', ''), True)
    check_words(where, record, [p for body in item.iter('inlineXML') for p in body.iter('p')
                                if p.get('class') != 'byline' and not under(item, p, 'abstract')])


def under(root, node, name):
    return any(node is inner for outer in root.iter(name) for inner in outer.iter())


def g2(program, path):
    root, (records, said) = tree(path), read(program, path)
    items = list(root.iter('newsItem')) if root.tag != 'newsItem' else [root]
    for item in items:
        found = [r for r in records if r.get('guid') == item.get('guid')]
        if found:
            check_item(os.path.basename(path), found[0], item)
            check(os.path.basename(path), 'sent', found[0].get('sent'),
                  utc(root.findtext('header/sent')))
        elif 'newsItem %s without text' % item.get('guid') not in said:
            problems.append('%s: nothing of newsItem %s' % (path, item.get('guid')))
    for other in root.iter():
        if re.match('(package|concept|knowledge|catalog|planning)Item$', other.tag):
            counts['passed'] += 1
            check(path, 'note', ('%s %s' % (other.tag, other.get('guid', '')) in said), True)
    return len(items), records


def dpa_source(path, record):
    """The JSON that one of dpa's files was made of."""
    with open(path, encoding='utf-8') as file:
        source = json.load(file)
    where = os.path.basename(path)
    for field, key in (('guid', 'urn'), ('version', 'version'), ('urgency', 'urgency'),
                       ('headline', 'headline'), ('byline', 'byline'), ('status', 'pubstatus'),
                       ('subhead', 'subhead'), ('lang', 'language')):
        check(where, field, record.get(field), source.get(key))
    check(where, 'dateline', record.get('dateline'), (source.get('dateline') or '').rstrip(' -'))
    check(where, 'version_created', record.get('version_created'), utc(source['version_created']))
    check(where, 'embargo_until', record.get('embargo_until'), utc(source.get('embargoed')))
    article = html.unescape(re.sub(r'<[^>]*>', '', source.get('article_html') or ''))
    if squeezed(article) not in squeezed(record['text']):
        problems.append('%s: the text is not that of the article' % where)


def newsml12(program, path):
    root, (records, _) = tree(path), read(program, path)
    items = list(root.iter('NewsItem'))
    where = os.path.basename(path)
    check(where, 'reports', len(records), len(items))
    for item, record in zip(items, records):
        public = item.findtext('.//PublicIdentifier')
        check(where, 'guid', record.get('guid'), public[:public.rindex(':')])
        check(where, 'version', record.get('version'), int(item.findtext('.//RevisionId')))
        for field, name in (('first_created', 'FirstCreated'),
                            ('version_created', 'ThisRevisionCreated'),
                            ('published', 'ThisRevisionCreated')):
            check(where, field, record.get(field), utc(item.findtext('.//' + name)))
        check(where, 'sent', record.get('sent'), utc(root.findtext('.//DateAndTime')))
        check(where, 'headline', record.get('headline'), line(item.find('.//HeadLine')))
        dateline = line(item.find('.//DateLine'))
        check(where, 'dateline', record.get('dateline'), dateline and dateline.rstrip(' -'))
        check(where, 'status', record.get('status'),
              item.find('.//Status').get('FormalName').lower())
        slug = item.findtext('.//NameLabel') or item.findtext('.//SlugLine')
        check(where, 'slug', record.get('slug'), slug)
        codes = [n.get('FormalName') for c in item.iter('SubjectCode') for n in c]
        check(where, 'topics', listed(record, 'category'), ['subj:' + c for c in codes])
        check(where, 'lang', record.get('lang'), item.find('.//Language').get('FormalName'))
        bodies = [c for c in item.iter('NewsComponent') if c.find('Role') is not None
                  and c.find('Role').get('FormalName') == 'Body'] or [item]
        check_words(where, record, [p for b in bodies for p in b.iter('p')])
    return len(items), records


def nitf(program, path):
    root, (records, _) = tree(path), read(program, path)
    where, record = os.path.basename(path), records[0]
    docdata = root.find('head/docdata')
    check(where, 'guid', docdata.find('doc-id').get('id-string').startswith(record['guid']), True)
    check(where, 'version', record.get('version'), int(docdata.find('du-key').get('version')))
    check(where, 'urgency', record.get('urgency'), int(docdata.find('urgency').get('ed-urg')))
    check(where, 'published', record.get('published'), docdata.find('date.issue').get('norm'))
    check(where, 'headline', record.get('headline'), line(root.find('.//hl1')))
    check(where, 'byline', record.get('byline'), line(root.find('.//byline')))
    check(where, 'dateline', record.get('dateline'), line(root.find('.//dateline')))
    check(where, 'slug', record.get('slug'), docdata.find('du-key').get('key'))
    check(where, 'keywords', listed(record, 'keywords'),
          [k.get('key') for k in docdata.iter('keyword')])
    check(where, 'topics', listed(record, 'category'),
          ['subj:' + s.get('tobject.subject.refnum') for s in root.iter('tobject.subject')])
    check_words(where, record, list(root.find('body/body.content').iter('p')))
    check_words(where, record, list(root.iter('media-caption')))
    return 1, records


def row(name, items, records):
    print('%-58s %2d items, %2d reports, %3d fields, %2d times compared, %d others noted'
          % (name, items, len(records), counts[False], counts[True], counts['passed']))


def each(program, pattern, how):
    for path in sorted(glob.glob(os.path.join(FIXTURES, pattern))):
        counts.update({False: 0, True: 0, 'passed': 0})
        items, records = how(program, path)
        if 'dpa-digitalwires' in path:
            dpa_source(path.replace('/output/', '/input/').replace('.xml', '.json'), records[0])
        row(os.path.relpath(path, FIXTURES)[-58:], items, records)


def main():
    if not os.path.isdir(os.path.join(FIXTURES, 'newsml-g2')):
        print('skipped: no fixtures at', FIXTURES)
        return 77
    each(sys.argv[1], 'nitf/*.xml', nitf)
    each(sys.argv[1], 'newsml12/*.xml', newsml12)
    each(sys.argv[1], 'newsml-g2/*.xml', g2)
    each(sys.argv[1], 'newsml-g2/*/*.xml', g2)
    each(sys.argv[1], 'newsml-g2/*/output/*.xml', g2)
    print('\n'.join(problems))
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
