# The fake of WhatsApp's servers with its admin tool.
ARG CLIENT
FROM $CLIENT
RUN printf '#!/bin/sh\nexec python3 -m standin.gateway.standinctl "$@"\n' > /usr/local/bin/standinctl \
    && chmod +x /usr/local/bin/standinctl
EXPOSE 5222
CMD ["python3", "-m", "standin.gateway"]
