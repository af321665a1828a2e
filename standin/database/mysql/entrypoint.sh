#!/bin/bash
# Start MariaDB as the official mysql image starts MySQL.
set -euo pipefail
. /usr/local/lib/common.sh

mysql_only=$'\n'$(</usr/local/lib/mysql-only-options)$'\n'

# translate OPTION: put what MariaDB understands into REPLY; status 1 for what only MySQL knows.
# OPTION is one argument or one line of a configuration file.
translate() {
    local name=${1%%=*}
    name=${name#--}
    name=${name#loose[-_]}
    name=${name//[[:space:]]/}
    name=${name//_/-}
    if [[ $mysql_only == *$'\n'"${name,,}"$'\n'* ]]; then
        # Said once: root only learns the directories from this, then everything is done again as mysql.
        ((EUID == 0)) || log Note "dropped, MariaDB does not know it: $name"
        return 1
    fi
    REPLY=${1//utf8mb4_0900_ai_ci/utf8mb4_unicode_520_ci}
    REPLY=${REPLY//utf8mb4_0900_as_cs/utf8mb4_uca1400_as_cs}
    REPLY=${REPLY//utf8mb4_0900_bin/utf8mb4_bin}
}

# translate_arguments ARGUMENT...: the same for a command line, into the array `arguments`.
translate_arguments() {
    arguments=()
    while (($#)); do
        if translate "$1"; then
            arguments+=("$REPLY")
        elif [[ $1 != *=* && ${2-} == [^-]* ]]; then
            shift # the dropped option's value
        fi
        shift
    done
}

# translate_configuration: /etc/mysql/conf.d into the directory that my.cnf includes.
translate_configuration() {
    local file copy line
    mkdir -p /run/mysqld/conf.d
    rm -f /run/mysqld/conf.d/*
    for file in /etc/mysql/conf.d/*.cnf; do
        [[ -r $file ]] || continue # as the server does
        copy=/run/mysqld/conf.d/${file##*/}
        while IFS= read -r line || [[ -n $line ]]; do
            if translate "$line"; then printf '%s\n' "$REPLY"; fi
        done <"$file" >"$copy"
        # The server judges a file by its mode (it ignores a world-writable one).
        chmod --reference="$file" "$copy"
    done
}

# read_settings COMMAND...: let the server check its options, and learn its directory and socket.
read_settings() {
    local settings
    if ! settings=$("$@" --verbose --help 2>&1); then
        grep -F ERROR <<<"$settings" >&2 || true
        fail "mysqld failed while attempting to check its configuration"
    fi
    # The table of values follows a rule of dashes.
    datadir=$(awk '/^---/ { values = 1 } values && $1 == "datadir" { print $2 }' <<<"$settings")
    socket=$(awk '/^---/ { values = 1 } values && $1 == "socket" { print $2 }' <<<"$settings")
}

# text VALUE, name VALUE, pattern VALUE: quoted for SQL as a string, an identifier, a database in a GRANT.
text() { local value=${1//\\/\\\\}; printf "'%s'" "${value//\'/\\\'}"; }
name() { printf '`%s`' "${1//\`/\`\`}"; }
pattern() { local value=${1//_/\\_}; name "${value//%/\\%}"; }

check_environment() {
    if [[ -z $MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD$MYSQL_RANDOM_ROOT_PASSWORD ]]; then
        fail "Database is uninitialized and password option is not specified: set one of MYSQL_ROOT_PASSWORD,\
 MYSQL_ALLOW_EMPTY_PASSWORD and MYSQL_RANDOM_ROOT_PASSWORD"
    fi
    [[ $MYSQL_USER != root ]] || fail "MYSQL_USER=\"root\": the root user is set up by MYSQL_ROOT_PASSWORD and its kin"
    if [[ -n $MYSQL_USER && -z $MYSQL_PASSWORD ]]; then
        log Warn "MYSQL_USER specified, but missing MYSQL_PASSWORD; MYSQL_USER will not be created"
    elif [[ -z $MYSQL_USER && -n $MYSQL_PASSWORD ]]; then
        log Warn "MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored"
    fi
}

# accounts: the SQL that makes the users and the database which the environment asks for.
accounts() {
    local root
    root=$(text "$MYSQL_ROOT_PASSWORD")
    echo "SET SESSION sql_mode = '', SESSION sql_log_bin = 0;"
    echo "ALTER USER root@localhost IDENTIFIED BY $root;"
    echo "DROP USER mysql@localhost; DELETE FROM mysql.proxies_priv WHERE User = 'mysql';"
    if [[ $MYSQL_ROOT_HOST != localhost ]]; then
        echo "CREATE USER root@$(text "$MYSQL_ROOT_HOST") IDENTIFIED BY $root;"
        echo "GRANT ALL ON *.* TO root@$(text "$MYSQL_ROOT_HOST") WITH GRANT OPTION;"
    fi
    if [[ -n $MYSQL_DATABASE ]]; then echo "CREATE DATABASE IF NOT EXISTS $(name "$MYSQL_DATABASE");"; fi
    if [[ -n $MYSQL_USER && -n $MYSQL_PASSWORD ]]; then
        echo "CREATE USER $(text "$MYSQL_USER")@'%' IDENTIFIED BY $(text "$MYSQL_PASSWORD");"
        if [[ -n $MYSQL_DATABASE ]]; then
            echo "GRANT ALL ON $(pattern "$MYSQL_DATABASE").* TO $(text "$MYSQL_USER")@'%';"
        fi
    fi
}

# docker_process_sql [OPTION...]: run standard input as root; init scripts may call it.
docker_process_sql() {
    MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --protocol=socket --socket="$socket" --user=root --comments \
        ${MYSQL_DATABASE:+--database="$MYSQL_DATABASE"} "$@"
}

# initialise COMMAND...: system tables, accounts and init files, with a server that no network reaches.
initialise() {
    local entries=("$datadir"/*) server
    check_environment
    ((${#entries[@]} == 0)) || fail "the data directory $datadir has files in it"
    if [[ -z $MYSQL_ROOT_PASSWORD && -n $MYSQL_RANDOM_ROOT_PASSWORD ]]; then
        MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
        log Note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
    fi
    log Note "Initializing database files"
    # Our own system user may enter through the socket, until the accounts are made.
    mariadb-install-db --datadir="$datadir" --auth-root-authentication-method=socket --auth-root-socket-user=mysql \
        --skip-test-db "${@:2}" >/dev/null
    log Note "Starting temporary server"
    "$@" --skip-networking --default-time-zone=SYSTEM --socket="$socket" &
    server=$!
    until mysqladmin --no-defaults --socket="$socket" --user=mysql ping &>/dev/null; do
        kill -0 "$server" 2>/dev/null || fail "the temporary server did not start"
        sleep 0.1
    done
    if [[ -z ${MYSQL_INITDB_SKIP_TZINFO-} ]]; then
        mysql_tzinfo_to_sql --skip-write-binlog /usr/share/zoneinfo 2>/dev/null |
            mysql --no-defaults --socket="$socket" --user=mysql mysql
    fi
    accounts | mysql --no-defaults --socket="$socket" --user=mysql
    run_init_files
    if [[ -n ${MYSQL_ONETIME_PASSWORD-} ]]; then
        docker_process_sql --database=mysql <<<"ALTER USER root@$(text "$MYSQL_ROOT_HOST") PASSWORD EXPIRE;"
    fi
    log Note "Stopping temporary server"
    kill "$server"
    wait "$server"
    log Note "MySQL init process done. Ready for start up."
}

if [[ ${1-} == -* ]]; then set -- mysqld "$@"; fi
if [[ ${1-} != mysqld && ${1-} != mariadbd ]]; then exec "$@"; fi
for argument in "${@:2}"; do
    case $argument in -'?' | --help | --print-defaults | -V | --version) exec "$@" ;; esac
done

env_or_file MYSQL_ROOT_HOST %
for variable in MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD \
    MYSQL_RANDOM_ROOT_PASSWORD; do
    env_or_file "$variable"
done
translate_arguments "$@"
translate_configuration
read_settings "${arguments[@]}"
mkdir -p "$datadir" "${socket%/*}"
if ((EUID == 0)); then
    own mysql "$datadir"
    own mysql "${socket%/*}"
    become mysql "$0" "$@"
fi
if [[ ! -d $datadir/mysql ]]; then initialise "${arguments[@]}"; fi
exec "${arguments[@]}"
