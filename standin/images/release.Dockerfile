# One version of one component: a label and a file on top of the shared root file system.
ARG CLIENT
FROM $CLIENT
ARG EXPIRES_ON
LABEL EXPIRES_ON=$EXPIRES_ON
COPY release.json /opt/whatsapp/etc/release.json
# As in the vendor's images since 2.43, the command has to be given in full.
CMD ["launch_within_docker.sh"]
