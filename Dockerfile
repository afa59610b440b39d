# wiretag in a container: `docker build -t wiretag .`, then
#
#   docker run --rm -p 127.0.0.1:7001:7001 -p 127.0.0.1:7003:7003 wiretag
#
# runs the whole pipeline; `docker run wiretag VERB` runs one of its programs, which is what
# docker-compose.yml does. Each of them is fit to be process 1: it handles SIGTERM itself and
# reaps what it starts.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY dev ./
RUN ./dev deps run
COPY . .
RUN cmake --preset release \
    && cmake --build --preset release --target programs \
    && cmake --install build/release --strip --prefix /opt/wiretag

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libzmq5 libjansson4 libpcre2-8-0 libutf8proc2 libsodium23 liblmdb0 libsqlite3-0 libexpat1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 wiretag \
    && useradd --system --uid 10001 --gid wiretag --no-create-home \
        --home-dir /var/lib/wiretag --shell /usr/sbin/nologin wiretag \
    && install -d -o wiretag -g wiretag -m 0700 /var/lib/wiretag
COPY --from=build /opt/wiretag /usr/local

USER wiretag
VOLUME /var/lib/wiretag
# Inside a container "all addresses" means those that -p publishes.
ENV WIRETAG_DATA=/var/lib/wiretag \
    WIRETAG_LISTEN=0.0.0.0:7001 \
    WIRETAG_ZMQ=tcp://0.0.0.0:7002 \
    WIRETAG_PUBLISH=tcp://0.0.0.0:7003
EXPOSE 7001 7002 7003 7004 7005
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 CMD ["wiretag", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["wiretag"]
CMD ["up"]
