#!/bin/sh
# Starts the service that this image is for.
set -e
component=$(python3 -c 'import json; print(json.load(open("/opt/whatsapp/etc/release.json"))["component"])')
media=/usr/local/wamedia
for directory in "$media" "$media/incoming" "$media/outgoing" "$media/shared"; do
    if ! mkdir -p "$directory" || ! chmod 755 "$directory"; then
        echo "media directory $directory is not writable"
    elif [ "$(stat -c %u "$directory")" != 0 ]; then
        echo "media directory $directory does not belong to root: chown -R root it"
    fi
done
if [ "$component" = web ]; then
    exec /opt/whatsapp/bin/web_setup.sh
fi
exec python3 -m standin.node
