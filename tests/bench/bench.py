#!/usr/bin/python3
"""bench.py [--quick] [--backlog N] [--parse] [--json]: how fast and how big is the pipeline here?

Feeds generated 3 KB reports (generate.py) to `wiretag tag` alone, to the whole pipeline with 1
and 2 enrichers, to ingest alone (drain takes its work), to the sink alone (pour gives it
results) and to an ingest by feeders that wait for their OKs (press), and prints one table. Machines differ and are shared: beside what the clock says stands
the processor time a report costs, and that against a yardstick measured right before and after,
SHA-256 in MB per second of processor time. "per yardstick" (reports per MB) is what to compare
between two versions or two machines.

WIRETAG_BIN is the folder of the programs (build/release/bin)."""
import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import zmq

import generate
import wires

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get('WIRETAG_BIN', os.path.join(ROOT, 'build/release/bin')))
TOOLS = os.path.join(os.path.dirname(BIN), 'bench')
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")


# ---- measuring ----

def yardstick(seconds=0.3):
    """MB of SHA-256 per second of processor time, now."""
    block, done, begun = b'\x55' * (1 << 20), 0, time.process_time()
    while time.process_time() - begun < seconds:
        hashlib.sha256(block).digest()
        done += 1
    return done * 1.048576 / (time.process_time() - begun)


def memory_of(pid):
    """MB: the peak of what was resident, and now its proportional share, and what is no page of
    a file (of the journal, the gazetteer), which the kernel could take back."""
    sums = {'VmHWM': 0, 'Pss': 0, 'Anonymous': 0}
    for name in ('status', 'smaps_rollup'):
        with open('/proc/%d/%s' % (pid, name), encoding='utf-8') as file:
            for line in file:
                key = line.split(':')[0]
                if key in sums:
                    sums[key] += int(line.split()[1]) / 1024
    return {'peak_rss': sums['VmHWM'], 'pss': sums['Pss'], 'own': sums['Anonymous']}


def cpu_of(pid):
    """Seconds of processor time the process has used, all its threads."""
    total = 0
    for thread in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/schedstat' % (pid, thread), encoding='ascii') as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Stopwatch:
    """A stretch of work between two looks at the yardstick."""

    def __enter__(self):
        self.before = yardstick()
        self.begun = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.begun
        self.yardstick = (self.before + yardstick()) / 2


def result_of(corpus, watch, cpu, **more):
    """cpu: seconds by process."""
    total = sum(cpu.values())
    return dict(more, reports_per_second=corpus.count / watch.seconds,
                cpu_us_per_report={verb: seconds / corpus.count * 1e6
                                   for verb, seconds in cpu.items()},
                per_yardstick=corpus.count / total / watch.yardstick, yardstick=watch.yardstick)


class Corpus:
    def __init__(self, folder, count):
        self.path, self.count = os.path.join(folder, 'reports.ndjson'), count
        self.bytes = self.tokens = 0
        with open(self.path, 'w', encoding='utf-8') as file:
            for report in generate.reports(count):
                file.write(json.dumps(report, ensure_ascii=False) + '\n')
                self.bytes += len(report['text'].encode())
                self.tokens += len(WORD.findall(report['text']))


# ---- processes ----

def wiretag(verb, *arguments):
    return [os.path.join(BIN, 'wiretag-' + verb)] + [str(a) for a in arguments]


def ask(folder, name):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asker:
        asker.settimeout(10)
        try:
            asker.connect(os.path.join(folder, name + '.control'))
            asker.sendall(b'status\n')
            answer = asker.makefile('rb').readline()
        except OSError:
            return None
    return json.loads(answer) if answer.strip() else None


def wait_for(condition, what, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    sys.exit('bench: waited %d s in vain for %s' % (seconds, what))


class Stage:
    """A data directory with processes in it, all ended with it."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix='wtbench-')
        self.name = name
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for _, process in self.processes:
            if process.poll() is None:
                process.terminate()
        for _, process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if kind:
            with open(self.folder + '/log', encoding='utf-8', errors='replace') as file:
                sys.stderr.write(file.read()[-3000:])
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, verb, *arguments, command=None, **keywords):
        with open(self.folder + '/log', 'ab') as log:
            process = subprocess.Popen(command or wiretag(verb, '--data', self.folder, *arguments),
                                       stderr=log, **keywords)
        self.processes.append((verb, process))
        return process

    def started(self, verb, *arguments):
        """Starts it; returns it and the seconds until it answered for itself."""
        begun = time.perf_counter()
        process = self.start(verb, *arguments, stdout=subprocess.DEVNULL)
        name = verb if verb != 'enrich' else 'enrich-%d' % process.pid
        wait_for(lambda: (ask(self.folder, name) or {}).get('pid') == process.pid,
                 '%s to answer' % verb, 20)
        return process, time.perf_counter() - begun

    def number(self, key):
        return (ask(self.folder, 'ingest') or {}).get(key, 0)


# ---- what is measured ----

def bench_tag(corpus, runs):
    """`wiretag tag`, pinned to one core: the tagger and nothing else."""
    cores = sorted(os.sched_getaffinity(0))
    results = []
    for _ in range(runs):
        with Stopwatch() as watch:
            process = subprocess.Popen(
                ['taskset', '-c', str(cores[-1])] + wiretag('tag', '--format', 'ndjson', corpus.path),
                stdout=subprocess.DEVNULL)
            _, process.returncode, usage = os.wait4(process.pid, 0)
        if process.returncode:
            sys.exit('bench: wiretag tag failed')
        results.append(result_of(corpus, watch, {'tag': usage.ru_utime + usage.ru_stime},
                                 peak_rss_mb=usage.ru_maxrss / 1024))
    results.sort(key=lambda result: result['reports_per_second'])
    median = results[len(results) // 2]
    return dict(median, spread=[results[0]['reports_per_second'], results[-1]['reports_per_second']],
                tokens_per_second=median['reports_per_second'] * corpus.tokens / corpus.count,
                mb_per_second=median['reports_per_second'] * corpus.bytes / corpus.count / 1e6)


def bench_parse(count):
    """MB/s of framing, and of framing and reading, of the same reports in each format."""
    cores, results = sorted(os.sched_getaffinity(0)), {}
    with tempfile.TemporaryDirectory(prefix='wtbench-') as folder:
        for name in wires.FORMATS:
            path = os.path.join(folder, name)
            with open(path, 'wb') as file:
                wires.write(name, count, file)
            done = subprocess.run(['taskset', '-c', str(cores[-1]), os.path.join(TOOLS, 'parse'), path],
                                  stdout=subprocess.PIPE, check=True)
            results[name] = json.loads(done.stdout)
    return results


def bench_stages(corpus):
    """Microseconds per report and stage, as `wiretag tag --stages` counts them."""
    done = subprocess.run(wiretag('tag', '--stages', '--format', 'ndjson', corpus.path),
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    stages = {}
    for line in done.stderr.decode().splitlines():
        found = re.match(r'\s*(\w[\w ]*?)\s+([\d.]+)\s*(?:us|µs)?\b', line)
        if found:
            stages[found.group(1)] = float(found.group(2))
    return stages


def bench_pipeline(corpus, enrichers):
    """Feeder to committed, all processes on all cores."""
    with Stage('pipeline') as stage:
        starts = {'ingest': stage.started('ingest', '--listen', '127.0.0.1:0', '--zmq', 'none')[1],
                  'sink': stage.started('sink', '--publish', 'none')[1]}
        for _ in range(enrichers):
            starts['enrich'] = stage.started('enrich')[1]
        with Stopwatch() as watch:
            feeder = stage.start('feed', '--quiet', corpus.path, stdout=subprocess.DEVNULL)
            wait_for(lambda: stage.number('committed') >= corpus.count, 'the commits')
        feeder.wait()
        cpu, memory = {}, {}
        for verb, process in stage.processes:
            if verb != 'feed':
                cpu[verb] = cpu.get(verb, 0) + cpu_of(process.pid)
                memory[verb] = memory_of(process.pid)
        return result_of(corpus, watch, cpu, memory_mb=memory,
                         start_ms={verb: seconds * 1000 for verb, seconds in starts.items()})


def bench_ingest(corpus):
    """feed -> ingest -> drain, from the first byte fed to the last commit."""
    with Stage('ingest') as stage:
        ingest, _ = stage.started('ingest', '--listen', '127.0.0.1:0', '--zmq', 'none')
        work = ask(stage.folder, 'ingest')['endpoints']['work']
        drain = stage.start('drain', command=[os.path.join(TOOLS, 'drain'), work,
                                              str(corpus.count)], stdout=subprocess.PIPE)
        wait_for(lambda: stage.number('workers') and stage.number('sinks'), 'drain', 20)
        with Stopwatch() as watch:
            feeder = stage.start('feed', '--quiet', corpus.path, stdout=subprocess.DEVNULL)
            drain.communicate(timeout=120)
        if feeder.wait() or drain.returncode:
            sys.exit('bench: feed or drain failed')
        return result_of(corpus, watch, {'ingest': cpu_of(ingest.pid)})


def bench_sink(corpus):
    """pour -> sink, until all is committed."""
    with Stage('sink') as stage:
        events = os.path.join(stage.folder, 'poured')
        sample = min(corpus.count, 500)
        with open(corpus.path, encoding='utf-8') as file:
            some = ''.join(line for _, line in zip(range(sample), file))
        tagged = subprocess.run(wiretag('tag', '--format', 'ndjson'), input=some.encode(),
                                stdout=subprocess.PIPE, check=True).stdout
        with open(events, 'wb') as file:
            file.write(re.sub(rb'"id":"[^"]*"', b'"id":"xXXXXXXXXXXXXXXX"', tagged))
        pour = stage.start('pour', command=[os.path.join(TOOLS, 'pour'), events, str(corpus.count)],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        endpoint = pour.stdout.readline().decode().strip()
        sink, _ = stage.started('sink', '--publish', 'none', '--ingest', endpoint)
        with Stopwatch() as watch:
            pour.stdin.write(ask(stage.folder, 'sink')['endpoints']['results'].encode() + b'\n')
            pour.stdin.flush()
            poured = json.loads(pour.communicate(timeout=120)[0])
        watch.seconds = poured['seconds']
        return result_of(corpus, watch, {'sink': cpu_of(sink.pid)},
                         mb_per_second=poured['bytes'] / poured['seconds'] / 1e6)


def press(stage, corpus, count, feeders, window):
    """Durable OKs a second from so many connections with so many reports under way each."""
    port = ask(stage.folder, 'ingest')['endpoints']['tcp'].rsplit(':', 1)[1]
    part = os.path.join(stage.folder, 'part')
    with open(corpus.path, encoding='utf-8') as file, open(part, 'w', encoding='utf-8') as out:
        out.writelines(line for _, line in zip(range(count), file))
    done = subprocess.run([os.path.join(TOOLS, 'press'), port, part, str(feeders), str(window)],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def bench_durable(corpus):
    """Feeders that wait for their OKs: an ingest with nobody behind it, afresh each time."""
    results = {}
    for feeders, window, count in ((1, 1, 2000), (1, 64, corpus.count), (8, 64, corpus.count)):
        with Stage('durable') as stage:
            stage.started('ingest', '--listen', '127.0.0.1:0', '--zmq', 'none',
                          '--max-journal', '8GiB')
            result = press(stage, corpus, min(count, corpus.count), feeders, window)
        if result['not_ok']:
            sys.exit('bench: %d reports were not taken' % result['not_ok'])
        results['%d x %d' % (feeders, window)] = result
    return results


def bench_latency(corpus, count=300):
    """Milliseconds from send to OK and to the event at a subscriber, one report at a time."""
    subscriber = zmq.Context.instance().socket(zmq.SUB)
    subscriber.rcvtimeo, subscriber.linger = 20000, 0
    to_ok, to_event = [], []
    with Stage('latency') as stage:
        stage.started('ingest', '--listen', '127.0.0.1:0', '--zmq', 'none')
        stage.started('sink', '--publish', 'none')
        stage.started('enrich')
        subscriber.connect('ipc://%s/events.sock' % stage.folder)
        subscriber.subscribe(b'')
        wait_for(lambda: (ask(stage.folder, 'sink') or {}).get('subscribers'), 'the subscription')
        wait_for(lambda: stage.number('workers') and stage.number('sinks'), 'the links')
        host, port = ask(stage.folder, 'ingest')['endpoints']['tcp'].rsplit(':', 1)
        with socket.create_connection((host, int(port)), 20) as wire, \
                open(corpus.path, 'rb') as lines:
            wire.sendall(b'HELLO wire/1 ack=1\n')
            answers = wire.makefile('rb')
            for _, line in zip(range(count), lines):
                begun = time.perf_counter()
                wire.sendall(line)
                answers.readline()
                to_ok.append((time.perf_counter() - begun) * 1e3)
                subscriber.recv_multipart()
                to_event.append((time.perf_counter() - begun) * 1e3)
    subscriber.close()
    return {name: {'p50_ms': sorted(times)[len(times) // 2], 'p99_ms': sorted(times)[len(times) * 99 // 100]}
            for name, times in (('to_ok', to_ok), ('to_subscriber', to_event))}


def bench_backlog(count):
    """Ingest with so many queued reports: its size, a start over them, and their way out."""
    text = ' '.join(report['text'] for report in generate.reports(20))
    with Stage('backlog') as stage:
        arguments = ('--listen', '127.0.0.1:0', '--zmq', 'none', '--max-journal', '64GiB')
        path = os.path.join(stage.folder, 'backlog.ndjson')
        with open(path, 'w', encoding='utf-8') as file:
            for number in range(count):
                at = number * 37 % (len(text) - 800)
                file.write(json.dumps({'guid': 'backlog-%d' % number, 'text': '%d %s' % (
                    number, text[at:at + 700])}) + '\n')
        process, _ = stage.started('ingest', *arguments)
        begun = time.perf_counter()
        if stage.start('feed', '--quiet', '-n', '2000', path, stdout=subprocess.DEVNULL).wait():
            sys.exit('bench: feed failed')
        result = {'fed_per_second': count / (time.perf_counter() - begun),
                  'full_mb': memory_of(process.pid)}
        starts = []
        for _ in range(5):
            process.kill()
            process.wait()
            process, seconds = stage.started('ingest', *arguments)
            starts.append(seconds)
        if stage.number('queued') != count:
            sys.exit('bench: %d of %d reports are queued' % (stage.number('queued'), count))
        work = ask(stage.folder, 'ingest')['endpoints']['work']
        begun = time.perf_counter()
        subprocess.run([os.path.join(TOOLS, 'drain'), work, str(count)], check=True,
                       stdout=subprocess.DEVNULL)
        wait_for(lambda: stage.number('committed') == count, 'the commits')
        return dict(result, reports=count, start_seconds=sorted(starts)[2],
                    drained_per_second=count / (time.perf_counter() - begun),
                    drained_mb=memory_of(process.pid), file_mb=stage.number('journal_file_bytes') / 1e6)


# ---- the table ----

def row(name, result, note=''):
    costs = result['cpu_us_per_report']
    print('%-24s %10.0f %13.1f %15.2f   %s' % (
        name, result['reports_per_second'], sum(costs.values()), result['per_yardstick'],
        note or ', '.join('%s %.1f us' % item for item in costs.items())))


def show(all_):
    print('%d reports of %.0f bytes and %.0f tokens; yardstick: SHA-256 at %.0f MB per CPU second\n' % (
        all_['corpus']['reports'], all_['corpus']['bytes_per_report'],
        all_['corpus']['tokens_per_report'], all_['tag']['yardstick']))
    print('%-24s %10s %13s %15s' % ('', 'reports/s', 'CPU us/report', 'per yardstick'))
    tag = all_['tag']
    row('tag, one core', tag, '%.2f M tokens/s, %.1f MB/s, runs %.0f-%.0f/s, peak %.0f MB' % (
        tag['tokens_per_second'] / 1e6, tag['mb_per_second'], *tag['spread'], tag['peak_rss_mb']))
    row('end to end, 1 enricher', all_['pipeline_1'])
    row('end to end, 2 enrichers', all_['pipeline_2'])
    row('ingest alone', all_['ingest'])
    row('sink alone', all_['sink'], '%.0f MB/s of events' % all_['sink']['mb_per_second'])
    print('\nfeeders x window    durable OKs/s   send to OK, ms: p50      p99')
    for name, result in all_['durable'].items():
        print('  %-16s %14.0f %23.2f %8.2f' % (name, result['oks_per_second'], result['p50_ms'],
                                               result['p99_ms']))
    print('\nlatency, one at a time      p50 ms   p99 ms')
    for name, result in all_['latency'].items():
        print('  %-22s %9.2f %8.2f' % ('send ' + name.replace('_', ' '), result['p50_ms'],
                                       result['p99_ms']))
    print('\nstage of the tagger        us/report')
    for name, microseconds in all_['stages'].items():
        print('  %-24s %8.1f' % (name, microseconds))
    print('\nprocess                    peak RSS MB   Pss MB       own MB   ready after ms')
    result = all_['pipeline_2']
    for verb, size in result['memory_mb'].items():
        print('  %-24s %11.1f %8.1f %12.1f %16.0f' % (verb, size['peak_rss'], size['pss'], size['own'],
                                                      result['start_ms'][verb]))


def show_parse(parse):
    print('\nformat        documents   framing MB/s   framing + reading MB/s   refused')
    for name, result in parse.items():
        print('  %-12s %8d %14.0f %24.0f %9d' % (
            name, result['documents'], result['framing_mb_per_second'],
            result['reading_mb_per_second'], result['refused']))


def show_backlog(backlog):
    print('\n%d reports queued: fed at %.0f/s, a start over them takes %.3f s (median of 5 after\n'
          'kill -9), drained at %.0f/s; its own memory full %.0f MB, drained %.0f MB; file %.0f MB' % (
              backlog['reports'], backlog['fed_per_second'], backlog['start_seconds'],
              backlog['drained_per_second'], backlog['full_mb']['own'],
              backlog['drained_mb']['own'], backlog['file_mb']))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--reports', type=int, default=10000, help='how many (10000)')
    parser.add_argument('--runs', type=int, default=5, help='of `wiretag tag`; the median counts (5)')
    parser.add_argument('--quick', action='store_true', help='1000 reports, one run')
    parser.add_argument('--backlog', type=int, default=0,
                        help='also a start of ingest over so many queued reports (0: not)')
    parser.add_argument('--parse', action='store_true', help='only how fast the formats are read')
    parser.add_argument('--json', action='store_true', help='one JSON object')
    options = parser.parse_args()
    if options.quick:
        options.reports, options.runs = 1000, 1
    parse = bench_parse(min(options.reports, 2000))
    if options.parse:
        if options.json:
            print(json.dumps(parse, indent=1))
        else:
            show_parse(parse)
        return
    with tempfile.TemporaryDirectory(prefix='wtbench-') as folder:
        corpus = Corpus(folder, options.reports)
        result = {'parse': parse,
                  'corpus': {'reports': corpus.count, 'bytes_per_report': corpus.bytes / corpus.count,
                             'tokens_per_report': corpus.tokens / corpus.count},
                  'tag': bench_tag(corpus, options.runs), 'stages': bench_stages(corpus),
                  'pipeline_1': bench_pipeline(corpus, 1), 'pipeline_2': bench_pipeline(corpus, 2),
                  'ingest': bench_ingest(corpus), 'sink': bench_sink(corpus),
                  'durable': bench_durable(corpus), 'latency': bench_latency(corpus)}
    if options.backlog:
        result['backlog'] = bench_backlog(options.backlog)
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        show(result)
        show_parse(result['parse'])
        if options.backlog:
            show_backlog(result['backlog'])


if __name__ == '__main__':
    main()
