# docker build -t sluice .
# docker run --rm -v sluice-data:/data -e SLUICE_META_TOKEN -e SLUICE_SECRET_KEY sluice sync meta --account act_…

FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends \
        libpq-dev libsqlite3-dev libsimdjson-dev libxlsxwriter-dev libcurl4-openssl-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# Dependencies change less often than sources: their layer is kept.
COPY Package.swift Package.resolved* ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product sluice --static-swift-stdlib \
    && cp "$(swift build -c release --show-bin-path)/sluice" /build/sluice \
    && strip /build/sluice

FROM debian:12-slim
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends \
        ca-certificates libcurl4 libpq5 libsimdjson14 libsqlite3-0 libstdc++6 libxlsxwriter4 tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 900 sluice \
    && useradd --system --gid sluice --uid 900 --home-dir /data --shell /usr/sbin/nologin sluice \
    && install -d -o sluice -g sluice -m 750 /data
COPY --from=build /build/sluice /usr/local/bin/sluice
# By number: a cluster that lets nothing run as root cannot tell who a name is.
USER 900:900
WORKDIR /data
# Database and backups: `serve --backups /data/backups` writes those of PostgreSQL here, too.
VOLUME /data
ENV SLUICE_DATABASE=/data/sluice.sqlite
# SIGTERM lets running chunks write how far they came; give them `docker stop --time 40`.
STOPSIGNAL SIGTERM
# The web page of `serve --listen 0.0.0.0:8080`, and the probes of `worker --listen 0.0.0.0:9464`.
EXPOSE 8080 9464
ENTRYPOINT ["sluice"]
CMD ["--help"]
