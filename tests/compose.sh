#!/bin/sh
# compose.sh: docker-compose.yml for real. Builds the image, runs ingest, sink and three
# enrichers, feeds 10,000 reports, kills one enricher's container and restarts the sink
# meanwhile, and wants every event exactly once in the sink's file. Then kills the sink and
# the ingest (SIGKILL) with work in hand while some more are fed, stops and starts all of
# them, and wants the same again.
#
#   tests/compose.sh             with the engine that runs; else, as root, with one of its own
#   tests/compose.sh --install   installs Debian's docker.io and docker-compose first
#   tests/compose.sh --keep      leaves its own engine's files in build/docker: faster next time
#
# Says "skipped" and exits 77 where no engine can run. Removes whatever it made or started.
# WIRETAG_ROOTFS: a tar file of a Debian 12 root to use as the base image where no registry
# can be reached (without it debootstrap makes one).
set -eu
cd "$(dirname "$0")/.."

reports=${WIRETAG_REPORTS:-10000}
project=wiretag-test-$$
base=debian:bookworm-slim
keep='' dockerd_pid='' had_bridge='' forward=''
work=$(mktemp -d)
export COMPOSE_PROJECT_NAME=$project WIRETAG_TAG=$project DOCKER_BUILDKIT=0
export WIRETAG_FEED_PORT=0 WIRETAG_ZMQ_PORT=0 WIRETAG_EVENTS_PORT=0

say() { printf '%s\n' "$*"; }
skip() {
    say "skipped: $*"
    exit 77
}
fail() {
    say "FAILED: $*" >&2
    exit 1
}

compose() {
    if command -v docker-compose >/dev/null 2>&1; then
        docker-compose "$@"
    else
        docker compose "$@"
    fi
}

# ---- the engine ----

# Takes away what an engine of our own left in the network set-up of this machine.
clean_network() {
    [ -z "$had_bridge" ] || return 0
    ip link delete docker0 2>/dev/null || :
    if command -v iptables-save >/dev/null 2>&1; then
        iptables-save 2>/dev/null | grep -vE 'DOCKER|docker0|-o br-|-i br-' |
            iptables-restore 2>/dev/null || :
        [ -z "$forward" ] || iptables -P FORWARD "$forward"
    fi
}

stop_engine() {
    [ -n "$dockerd_pid" ] || return 0
    kill "$dockerd_pid" 2>/dev/null || :
    wait "$dockerd_pid" 2>/dev/null || :
    clean_network
    [ -n "$keep" ] || rm -rf "$engine"
}

finish() {
    status=$?
    trap - EXIT INT TERM
    if [ -f "$work/up" ]; then
        [ $status = 0 ] || compose logs --no-color --tail=40 >&2 2>&1 || :
        compose down -v --remove-orphans -t 5 >/dev/null 2>&1 || :
        docker image rm "wiretag:$project" >/dev/null 2>&1 || :
    fi
    stop_engine
    rm -rf "$work"
    exit $status
}

start_engine() {
    [ "$(id -u)" = 0 ] || skip "no engine answers and only root can start one"
    command -v dockerd >/dev/null 2>&1 || skip "no engine answers and there is no dockerd (--install gets it)"
    # Debian's client and daemon belong together; others in PATH may be too new for it.
    PATH=/usr/bin:/usr/sbin:$PATH
    engine=$work/docker
    [ -z "$keep" ] || engine=$PWD/build/docker
    mkdir -p "$engine"
    ip link show docker0 >/dev/null 2>&1 && had_bridge=yes
    forward=$(iptables -S FORWARD 2>/dev/null | sed -n 's/^-P FORWARD //p')
    export DOCKER_HOST="unix://$engine/docker.sock"
    dockerd --data-root "$engine/root" --exec-root "$work/exec" -H "$DOCKER_HOST" \
        --pidfile "$work/dockerd.pid" >"$work/dockerd.log" 2>&1 &
    dockerd_pid=$!
    for _ in $(seq 100); do
        docker info >/dev/null 2>&1 && return
        kill -0 "$dockerd_pid" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 5 "$work/dockerd.log"
    skip "dockerd does not start on this machine"
}

need_engine() {
    command -v docker >/dev/null 2>&1 || skip "there is no docker (--install gets it)"
    compose version >/dev/null 2>&1 || skip "there is no docker compose (--install gets it)"
    docker info >/dev/null 2>&1 || start_engine
}

# Where no registry answers, a base image from Debian's own archive.
need_base() {
    docker image inspect $base >/dev/null 2>&1 && return
    if [ -z "$dockerd_pid" ] && docker pull -q $base >/dev/null 2>&1; then
        return
    fi
    if [ -z "${WIRETAG_ROOTFS:-}" ]; then
        command -v debootstrap >/dev/null 2>&1 || skip "no base image: neither a registry nor debootstrap"
        say "making the base image"
        debootstrap --variant=minbase bookworm "$work/root" >"$work/debootstrap.log" 2>&1 ||
            skip "no base image: debootstrap failed"
        tar -C "$work/root" -cf "$work/root.tar" .
        rm -rf "$work/root"
    fi
    docker import "${WIRETAG_ROOTFS:-$work/root.tar}" $base >/dev/null
}

# ---- the test ----

records() { # FROM TO
    awk -v from="$1" -v to="$2" 'BEGIN {
        for (i = from; i <= to; i++)
            printf "{\"guid\":\"compose-%d\",\"published\":\"2020-01-14\",\"text\":\"TUNIS - " \
                "Minister Heiko Maas arrived in Tripoli on Monday for talks on shipment %d. " \
                "Officials in Cairo and Berlin said they would follow them closely.\"}\n", i, i
    }'
}

feed() { # FROM TO
    records "$1" "$2" | compose exec -T ingest wiretag feed - >"$work/feed.$1" 2>&1 ||
        fail "feeding: $(cat "$work/feed.$1")"
}

# wait_until SECONDS WHAT COMMAND...
wait_until() {
    patience=$1 what=$2
    shift 2
    until "$@"; do
        patience=$((patience - 1))
        [ $patience -gt 0 ] || fail "$what did not happen in time"
        sleep 1
    done
}

healthy() { # SERVICE COUNT
    found=0
    for id in $(compose ps -q "$1"); do
        [ "$(docker inspect -f '{{.State.Health.Status}}' "$id")" != healthy ] || found=$((found + 1))
    done
    [ $found -ge "$2" ]
}

events() { compose exec -T sink sh -c 'cat /var/lib/wiretag/events*.ndjson' </dev/null; }
guids() { events | grep -o '"guid":"compose-[0-9]*"'; }
all_out() { [ "$(guids | sort -u | wc -l)" -ge "$reports" ]; }

ask() { compose exec -T ingest wiretag status --json </dev/null | grep -o "\"$1\":[0-9]*" | head -n 1; }
in_the_middle() { [ "$(ask leased)" != '"leased":0' ] && [ "$(ask queued)" != '"queued":0' ]; }

# The sink stands still, so that reports pile up before it; then one of the enrichers that
# hold some is killed, and the sink goes and comes back while the second half arrives.
disturb() {
    docker pause "$(compose ps -q sink)" >/dev/null
    feed 1 $((reports / 2)) &
    first=$!
    wait_until 60 'enrichers having work' in_the_middle
    docker kill "$(compose ps -q enrich | head -n 1)" >/dev/null
    say "killed one enricher; waiting: $(ask leased), $(ask queued)"
    docker unpause "$(compose ps -q sink)" >/dev/null
    feed $((reports / 2 + 1)) "$reports" &
    second=$!
    compose restart -t 10 sink >/dev/null 2>&1
    say "restarted the sink; waiting: $(ask leased), $(ask queued)"
    wait $first && wait $second || exit
}

# Another enricher than the one that was killed feeds, so that the ingest may die.
feed_from_afar() { # FROM TO
    records "$1" "$2" |
        compose exec -T --index=2 enrich wiretag feed --to ingest:7001 --timeout 120s - \
            >"$work/feed.$1" 2>&1 || fail "feeding: $(cat "$work/feed.$1")"
}

# As an engine that is killed itself, or a machine that loses power, would do it.
kill_and_start() { # SERVICE
    id=$(compose ps -q "$1")
    docker kill -s KILL "$id" >/dev/null
    docker start "$id" >/dev/null
}

# While the sink stands still reports pile up at the ingest; then one of the two is killed.
strike() {
    sink=$(compose ps -q sink)
    feed_from_afar $((reports + 1)) $((reports + reports / 2)) &
    feeder=$!
    docker pause "$sink" >/dev/null
    wait_until 60 'enrichers having work' in_the_middle
    docker unpause "$sink" >/dev/null
    kill_and_start sink
    say "killed the sink with work in hand"
    wait_until 60 'the sink being healthy again' healthy sink 1
    docker pause "$(compose ps -q sink)" >/dev/null
    # The feeder may be through by now; what is not committed is still there.
    kill_and_start ingest
    say "killed the ingest"
    docker unpause "$(compose ps -q sink)" >/dev/null
    wait $feeder || exit
    reports=$((reports + reports / 2))
}

# In order: the ingest first, then the enrichers, then the sink.
stop_and_start() {
    compose stop -t 30 >/dev/null 2>&1 || fail 'the services do not stop'
    for id in $(compose ps -q -a ingest sink); do
        code=$(docker inspect -f '{{.State.ExitCode}}' "$id")
        [ "$code" -eq 0 ] || fail "$(docker inspect -f '{{.Name}}' "$id") ended with $code"
    done
    compose up -d --no-recreate --scale enrich=3 >/dev/null 2>&1 || fail 'the services do not start again'
    wait_until 90 'all being healthy again' healthy enrich 2
}

check_once() {
    total=$(guids | wc -l) distinct=$(guids | sort -u | wc -l)
    say "$total events of $distinct reports"
    [ "$distinct" -eq "$reports" ] || fail "$((reports - distinct)) reports did not come out"
    [ "$total" -eq "$reports" ] || fail "$((total - reports)) events came out twice"
    events | grep -q '"name":"Tripoli"' || fail 'the events are not tagged'
}

check_ports() {
    compose port ingest 7001 | grep -q '^127\.0\.0\.1:' || fail 'ingest is open to the network'
    compose port sink 7003 | grep -q '^127\.0\.0\.1:' || fail 'the sink is open to the network'
}

for option in "$@"; do
    case $option in
        --install)
            apt-get -q update
            DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends \
                docker.io docker-compose iptables iproute2 debootstrap
            ;;
        --keep) keep=yes ;;
        *) fail "unknown option $option; see the top of $0" ;;
    esac
done

trap finish EXIT
trap 'exit 130' INT TERM
need_engine
need_base
say "building the image"
compose build >"$work/build.log" 2>&1 || {
    tail -n 40 "$work/build.log"
    fail 'the image does not build'
}
touch "$work/up"
compose up -d --scale enrich=3 >/dev/null 2>&1 || fail 'the services do not start'
wait_until 90 'all healthy' healthy enrich 3
wait_until 10 'ingest and sink being healthy' healthy sink 1
check_ports
say "ingest, sink and three enrichers are healthy; feeding $reports reports"
disturb
wait_until 120 'every report coming out' all_out
check_once
strike
wait_until 120 'every report coming out after the kills' all_out
check_once
stop_and_start
say "stopped all and started them again"
feed $((reports + 1)) $((reports + 100))
reports=$((reports + 100))
wait_until 60 'what was fed after the restart coming out' all_out
check_once
wait_until 60 'the sink being healthy again' healthy sink 1
wait_until 60 'the enrichers being healthy again' healthy enrich 2
say "PASSED"
