#!/bin/bash
# Start MySQL as the official mysql image does.
set -euo pipefail
. /usr/local/lib/common.sh
. /usr/local/lib/mysql.sh

# root has no password until the accounts are made.
bootstrap_user=root
tzinfo_options=()
make_system_tables() { "$@" --initialize-insecure --default-time-zone=SYSTEM; }
more_accounts() { :; }

if [[ ${1-} == -* ]]; then set -- mysqld "$@"; fi
if [[ ${1-} != mysqld ]]; then exec "$@"; fi
if only_asks "${@:2}"; then exec "$@"; fi
environment
read_settings "$@"
prepare "$@"
if [[ ! -d $datadir/mysql ]]; then initialise "$@"; fi
exec "$@"
