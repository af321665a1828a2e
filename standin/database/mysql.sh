# What the entry points of MySQL and MariaDB share; sourced by bash after common.sh.
# The caller has: bootstrap_user, who may enter through the socket before the accounts are made; make_system_tables COMMAND...;
# more_accounts, which writes SQL; tzinfo_options, an array.

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
    more_accounts
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
    local entries=("$datadir"/*) server enter=(--no-defaults --socket="$socket" --user="$bootstrap_user")
    check_environment
    ((${#entries[@]} == 0)) || fail "the data directory $datadir has files in it"
    if [[ -z $MYSQL_ROOT_PASSWORD && -n $MYSQL_RANDOM_ROOT_PASSWORD ]]; then
        MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64)
        log Note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
    fi
    log Note "Initializing database files"
    make_system_tables "$@"
    log Note "Starting temporary server"
    "$@" --skip-networking --default-time-zone=SYSTEM --socket="$socket" &
    server=$!
    until mysqladmin "${enter[@]}" ping &>/dev/null; do
        kill -0 "$server" 2>/dev/null || fail "the temporary server did not start"
        sleep 0.1
    done
    if [[ -z ${MYSQL_INITDB_SKIP_TZINFO-} ]]; then
        mysql_tzinfo_to_sql "${tzinfo_options[@]}" /usr/share/zoneinfo 2>/dev/null | mysql "${enter[@]}" mysql
    fi
    accounts | mysql "${enter[@]}"
    run_init_files
    if [[ -n ${MYSQL_ONETIME_PASSWORD-} ]]; then
        docker_process_sql --database=mysql <<<"ALTER USER root@$(text "$MYSQL_ROOT_HOST") PASSWORD EXPIRE;"
    fi
    log Note "Stopping temporary server"
    kill "$server"
    wait "$server"
    log Note "MySQL init process done. Ready for start up."
}

# environment: every variable of the image, from a file where that is named.
environment() {
    local variable
    env_or_file MYSQL_ROOT_HOST %
    for variable in MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD \
        MYSQL_RANDOM_ROOT_PASSWORD; do
        env_or_file "$variable"
    done
}

# prepare COMMAND...: directories and their owner; as root, everything is done again as mysql.
prepare() {
    mkdir -p "$datadir" "${socket%/*}"
    if ((EUID == 0)); then
        own mysql "$datadir"
        own mysql "${socket%/*}"
        become mysql "$0" "$@"
    fi
}

# only_asks ARGUMENT...: whether the server is only asked for its version, its options and the like.
only_asks() {
    local argument
    for argument in "$@"; do
        case $argument in -'?' | --help | --print-defaults | -V | --version) return 0 ;; esac
    done
    return 1
}
