# The root file system that the web and coreapp images of every version share.
ARG RUNTIME
FROM $RUNTIME
ENV PYTHONPATH=/opt/whatsapp/lib PYTHONUNBUFFERED=1
COPY images/bin/ /opt/whatsapp/bin/
COPY . /opt/whatsapp/lib/standin/
RUN rm -r /opt/whatsapp/lib/standin/images \
    && printf '#!/bin/sh\nexec python3 -m standin.gateway.standinctl "$@"\n' > /usr/local/bin/standinctl \
    && chmod +x /usr/local/bin/standinctl \
    && python3 -m compileall -q /opt/whatsapp/lib \
    && mkdir -p /opt/whatsapp/etc /usr/local/waent/logs /usr/local/waent/data /usr/local/wamedia /opt/certs \
        /var/lib/whatsapp /var/log/whatsapp/archive /var/log/lighttpd
