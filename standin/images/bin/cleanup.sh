#!/bin/sh
# Removes the oldest log archives and says so in the container's log and in a log file.
keep=30
archive=/var/log/whatsapp/archive
mkdir -p "$archive"
removed=0
for name in $(ls -1t "$archive" | sed -n 's/\.gz$//p' | sed 's/\.[0-9]*-[0-9]*-[0-9]*$//' | sort -u); do
    for old in $(ls -1t "$archive" | grep "^$name\.[0-9]" | tail -n "+$((keep + 1))"); do
        rm -f "$archive/$old" && removed=$((removed + 1))
    done
done
line="I $(date -u '+%Y-%m-%d %H:%M:%S') UTC cleanup] old archives removed: $removed"
echo "$line" >> /var/log/whatsapp/cleanup.log
echo "$line" > /proc/1/fd/1
