#!/usr/bin/python3
"""wires.py FORMAT COUNT [--seed N] [--bytes N]: the reports of generate.py as the wires send them.

FORMAT is one of text, ndjson, ninjs, iptc7901, anpa, zczc, nitf, newsml-g2, newsml-1.2, rss and
atom; several documents stand one behind the other, as in a connection."""
import argparse
import json
import sys
import textwrap
from html import escape

import generate


class Copy:
    """One report in the pieces its senders have it in."""

    def __init__(self, number, record):
        self.number, self.record = number, record
        self.headline, body = record['text'].split('\n\n', 1)
        self.paragraphs = body.strip().split('\n\n')
        self.date, self.slug = record['published'], record['slug']
        self.day, self.month, self.year = self.date[8:], self.date[5:7], self.date[2:4]

    def wrapped(self, indent, width=64):
        return '\r\n'.join(line for paragraph in self.paragraphs for line in
                           textwrap.wrap(paragraph, width, initial_indent=indent)) + '\r\n'

    def html(self):
        return ''.join('<p>%s</p>\n' % escape(paragraph) for paragraph in self.paragraphs)


def text(copy):
    return copy.record['text'] + 'NNNN\n'


def ndjson(copy):
    return json.dumps(copy.record, ensure_ascii=False) + '\n'


def ninjs(copy):
    return json.dumps({
        'uri': 'urn:bench:%d' % copy.number, 'standard': {'name': 'ninjs', 'version': '2.1'},
        'version': '1', 'type': 'text', 'versioncreated': copy.date + 'T10:15:00Z',
        'pubstatus': 'usable', 'urgency': copy.record['urgency'], 'language': 'en',
        'slugline': copy.slug, 'headlines': [{'value': copy.headline}],
        'bodies': [{'contenttype': 'text/html', 'value': copy.html()}],
        'subjects': [{'name': copy.slug, 'uri': 'http://cv.example/%s' % copy.slug}]},
        ensure_ascii=False) + '\n'


def iptc7901(copy):
    return ('\x01wfd%04d 4 i %d ccccb   wfd %04d\r\n\r\n%s/talks/\r\n\x02%s =\r\n\r\n%s'
            '\x03%s1015 GMT %s %s\r\n\x7f\r\n\x7f\x04' % (
                copy.number % 10000, len(copy.record['text'].split()), copy.number % 10000,
                copy.slug, copy.headline, copy.wrapped('   '), copy.day,
                generate.MONTH[int(copy.month) - 1][:3], copy.year))


def anpa(copy):
    return ('\x16\x16\x01a%04d\x1fbench\r\nr i \x13\x11 BC-%s %s-%s %04d\r\n\x02'
            '^BC-%s,%d<\r\n^%s<\r\n%s\x03AP-WF-%s-%s-%s 1015GMT<\r\n\r\n\x0c\r\n\x04' % (
                copy.number % 10000, copy.slug, copy.month, copy.day,
                len(copy.record['text'].split()), copy.slug, len(copy.record['text'].split()),
                copy.headline, copy.wrapped('\t   '), copy.month, copy.day, copy.year))


def zczc(copy):
    return 'ZCZC WFD%03d\r\n$I\r\n:%s\r\n^%s\r\n%sNNNN\r\n' % (
        copy.number % 1000, copy.slug.upper(), copy.headline, copy.wrapped('   '))


def nitf(copy):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<nitf><head><title>%s</title><docdata>'
            '<doc-id id-string="bench-%d" regsrc="WFD"/><urgency ed-urg="4"/><date.issue norm='
            '"%sT101500Z"/><du-key version="1"/><key-list><keyword key="%s"/></key-list></docdata>'
            '</head><body><body.head><hedline><hl1>%s</hl1></hedline></body.head><body.content>'
            '<block>%s</block></body.content></body></nitf>\n' % (
                escape(copy.headline), copy.number, copy.date.replace('-', ''), copy.slug,
                escape(copy.headline), copy.html()))


def newsml_g2(copy):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<newsItem xmlns="http://iptc.org/std/nar/2006-'
            '10-01/" guid="urn:bench:%d" version="1" standard="NewsML-G2" standardversion="2.28" '
            'conformance="power" xml:lang="en"><itemMeta><itemClass qcode="ninat:text"/><provider '
            'literal="WFD"/><versionCreated>%sT10:15:00Z</versionCreated><pubStatus qcode="stat:'
            'usable"/></itemMeta><contentMeta><urgency>4</urgency><slugline>%s</slugline><headline>'
            '%s</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">'
            '<html xmlns="http://www.w3.org/1999/xhtml"><body>%s</body></html></inlineXML>'
            '</contentSet></newsItem>\n' % (copy.number, copy.date, copy.slug,
                                            escape(copy.headline), copy.html()))


def newsml_12(copy):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<NewsML Version="1.2"><NewsEnvelope>'
            '<DateAndTime>%sT101500Z</DateAndTime></NewsEnvelope><NewsItem><Identification>'
            '<NewsIdentifier><ProviderId>wfd.example</ProviderId><DateId>%s</DateId><NewsItemId>%d'
            '</NewsItemId><RevisionId PreviousRevision="0" Update="N">1</RevisionId>'
            '<PublicIdentifier>urn:newsml:wfd.example:%s:%d:1</PublicIdentifier></NewsIdentifier>'
            '</Identification><NewsManagement><Status FormalName="Usable"/><Urgency FormalName="4"/>'
            '</NewsManagement><NewsComponent><NewsLines><HeadLine>%s</HeadLine></NewsLines>'
            '<ContentItem><DataContent>%s</DataContent></ContentItem></NewsComponent></NewsItem>'
            '</NewsML>\n' % (copy.date.replace('-', ''), copy.date.replace('-', ''), copy.number,
                             copy.date.replace('-', ''), copy.number, escape(copy.headline),
                             copy.html()))


def rss(copy):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Bench'
            '</title><link>http://wfd.example/</link><item><guid isPermaLink="false">bench-%d</guid>'
            '<title>%s</title><category>%s</category><pubDate>%d %s 20%s 10:15:00 GMT</pubDate>'
            '<description>%s</description></item></channel></rss>\n' % (
                copy.number, escape(copy.headline), copy.slug, int(copy.day),
                generate.MONTH[int(copy.month) - 1][:3], copy.year, escape(copy.html())))


def atom(copy):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            '<title>Bench</title><id>urn:bench</id><updated>%sT10:15:00Z</updated><entry><id>urn:'
            'bench:%d</id><title>%s</title><updated>%sT10:15:00Z</updated><content type="xhtml"><div '
            'xmlns="http://www.w3.org/1999/xhtml">%s</div></content></entry></feed>\n' % (
                copy.date, copy.number, escape(copy.headline), copy.date, copy.html()))


FORMATS = {'text': text, 'ndjson': ndjson, 'ninjs': ninjs, 'iptc7901': iptc7901, 'anpa': anpa,
           'zczc': zczc, 'nitf': nitf, 'newsml-g2': newsml_g2, 'newsml-1.2': newsml_12,
           'rss': rss, 'atom': atom}


def write(name, count, file, seed=1, size=3000):
    for number, record in enumerate(generate.reports(count, seed, size), 1):
        file.write(FORMATS[name](Copy(number, record)).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('format', choices=FORMATS)
    parser.add_argument('count', type=int)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--bytes', type=int, default=3000)
    options = parser.parse_args()
    write(options.format, options.count, sys.stdout.buffer, options.seed, options.bytes)


if __name__ == '__main__':
    main()
