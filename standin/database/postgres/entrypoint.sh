#!/bin/bash
# Start PostgreSQL as the official postgres image does.
set -euo pipefail
. /usr/local/lib/common.sh

check_environment() {
    if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
        fail "Database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD to a non-empty\
 value, or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one"
    fi
    [[ $POSTGRES_HOST_AUTH_METHOD != trust ]] || log WARNING "POSTGRES_HOST_AUTH_METHOD=trust: no password is asked"
}

# make_cluster OPTION...: the files of an empty cluster, and who may enter it from the network.
make_cluster() {
    local options=()
    # The variable holds shell words, quotes included.
    eval "options=($POSTGRES_INITDB_ARGS)"
    if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then options+=(--waldir="$POSTGRES_INITDB_WALDIR"); fi
    if [[ -n $POSTGRES_PASSWORD ]]; then
        initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${options[@]}"
    else
        initdb --username="$POSTGRES_USER" "${options[@]}"
    fi
    # As the server keeps passwords.
    : "${POSTGRES_HOST_AUTH_METHOD:=$(postgres -C password_encryption "$@")}"
    printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
}

# docker_process_sql [OPTION...]: run standard input as the superuser; init scripts may call it.
docker_process_sql() {
    PGHOST='' PGHOSTADDR='' PGPASSWORD=$POSTGRES_PASSWORD psql --set ON_ERROR_STOP=1 --no-password --no-psqlrc \
        --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

# make_database: POSTGRES_DB, where it is not there already.
make_database() {
    if [[ $POSTGRES_DB != postgres ]]; then
        docker_process_sql --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
    fi
}

# initialise COMMAND...: cluster, database and init files, with a server that no network reaches.
initialise() {
    local options
    check_environment
    make_cluster "${@:2}"
    printf -v options '%q ' "${@:2}" -c listen_addresses= -p "${PGPORT:-5432}"
    pg_ctl --pgdata="$PGDATA" --options="$options" --wait start
    make_database
    run_init_files
    pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
    log LOG "PostgreSQL init process complete; ready for start up."
}

if [[ ${1-} == -* ]]; then set -- postgres "$@"; fi
if [[ ${1-} != postgres ]]; then exec "$@"; fi
for argument in "${@:2}"; do
    case $argument in -'?' | --help | --describe-config | -V | --version) exec "$@" ;; esac
done

env_or_file POSTGRES_PASSWORD
env_or_file POSTGRES_USER postgres
env_or_file POSTGRES_DB "$POSTGRES_USER"
env_or_file POSTGRES_INITDB_ARGS
: "${POSTGRES_HOST_AUTH_METHOD:=}"
mkdir -p "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}
if ((EUID == 0)); then
    own postgres "$PGDATA"
    if [[ -n ${POSTGRES_INITDB_WALDIR-} ]]; then own postgres "$POSTGRES_INITDB_WALDIR"; fi
    own postgres /run/postgresql
    become postgres "$0" "$@"
fi
chmod 0700 "$PGDATA"
if [[ ! -s $PGDATA/PG_VERSION ]]; then initialise "$@"; fi
exec "$@"
