#!/bin/bash
# Start MariaDB as the official mysql image starts MySQL.
set -euo pipefail
. /usr/local/lib/common.sh
. /usr/local/lib/mysql.sh

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

# Our own system user may enter through the socket, until the accounts are made.
bootstrap_user=mysql
tzinfo_options=(--skip-write-binlog)
make_system_tables() {
    mariadb-install-db --datadir="$datadir" --auth-root-authentication-method=socket --auth-root-socket-user=mysql \
        --skip-test-db "${@:2}" >/dev/null
}
more_accounts() { echo "DROP USER mysql@localhost; DELETE FROM mysql.proxies_priv WHERE User = 'mysql';"; }

if [[ ${1-} == -* ]]; then set -- mysqld "$@"; fi
if [[ ${1-} != mysqld && ${1-} != mariadbd ]]; then exec "$@"; fi
if only_asks "${@:2}"; then exec "$@"; fi
environment
translate_arguments "$@"
translate_configuration
read_settings "${arguments[@]}"
prepare "$@"
if [[ ! -d $datadir/mysql ]]; then initialise "${arguments[@]}"; fi
exec "${arguments[@]}"
