# Caddy without root: it listens above 1024 (compose maps 80 and 443), so its file capability is taken away.
FROM caddy:2.10-alpine
RUN setcap -r /usr/bin/caddy && adduser -D -H -u 10002 proxy && chown -R proxy:proxy /data /config
COPY docker/Caddyfile /etc/caddy/Caddyfile
USER 10002
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 \
    CMD ["wget", "-q", "-O", "-", "http://127.0.0.1:8081/"]
