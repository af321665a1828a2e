#!/bin/sh
# Written by Ansible: the client's own log cleanup in each container of a cluster that runs on this host, one after the other.
# Usage: log-cleanup.sh CLUSTER SECONDS, where SECONDS is the time that each container has. Ends with 1 if one failed.
# The result is written to log-cleanup.json beside this file, for status.yml and verify.yml.
set -u
umask 077
# Whatever engine a context of the user's leads to.
export DOCKER_HOST=unix:///var/run/docker.sock
cluster=$1
seconds=$2
directory=$(dirname "$0")
program=/opt/whatsapp/bin/cleanup.sh

# One run at a time. The lock is on the directory, and ends with this process.
exec 9< "$directory"
flock --nonblock 9 || exit 0

# What is ended here is only docker's client; the program stays in its container. So none is started beside it.
# The engine refuses a list of processes without their numbers.
clean() {
    if timeout --kill-after=10 60 docker top "$1" -eo pid,args 9<&- | grep --quiet --fixed-strings "$program"; then
        return 124
    fi
    timeout --kill-after=10 "$seconds" docker exec "$1" "$program" 9<&-
}

began=$(date --utc +%Y-%m-%dT%H:%M:%SZ)
worst=0
codes=
if containers=$(timeout --kill-after=10 60 docker ps --format '{{.Names}}' \
    --filter "label=org.wabiz.cluster=$cluster" --filter label=org.wabiz.node 9<&-); then
    problem=
    for container in $containers; do
        clean "$container"
        code=$?
        [ "$code" -eq 0 ] || worst=1
        codes="$codes${codes:+, }\"$container\": $code"
    done
else
    problem="docker ps ended with code $?"
    worst=1
fi

# Renamed, so that a reader never sees half of it.
printf '{"began": "%s", "codes": {%s}, "problem": "%s"}\n' "$began" "$codes" "$problem" > "$directory/log-cleanup.json.new" &&
    mv "$directory/log-cleanup.json.new" "$directory/log-cleanup.json" || worst=1
exit "$worst"
