# What every stand-in image shares: Python and the libraries that do the work.
FROM debian:12-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates curl netcat-openbsd procps \
        python3 python3-aiohttp python3-cryptography python3-jwt python3-prometheus-client \
        python3-psycopg2 python3-pymysql python3-sqlalchemy \
    && apt-get clean && rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man
