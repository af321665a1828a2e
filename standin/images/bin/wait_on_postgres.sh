#!/bin/sh
# Waits until the database server's port answers, then becomes the command that follows.
until nc -z -w 2 "${WA_DB_HOSTNAME:?}" "${WA_DB_PORT:-5432}"; do
    echo "waiting for the database at $WA_DB_HOSTNAME:${WA_DB_PORT:-5432}"
    sleep 2
done
exec "$@"
