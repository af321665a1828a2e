#!/bin/sh
# Starts the service that this image is for.
set -e
component=$(python3 -c 'import json; print(json.load(open("/opt/whatsapp/etc/release.json"))["component"])')
mkdir -p /usr/local/wamedia/incoming /usr/local/wamedia/outgoing /usr/local/wamedia/shared
chmod 755 /usr/local/wamedia /usr/local/wamedia/incoming /usr/local/wamedia/outgoing /usr/local/wamedia/shared \
    || echo "media directory is not writable"
if [ "$component" = web ]; then
    exec /opt/whatsapp/bin/web_setup.sh
fi
exec python3 -m standin.node
