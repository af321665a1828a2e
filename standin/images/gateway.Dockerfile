# The fake of WhatsApp's servers with its admin tool.
ARG CLIENT
FROM $CLIENT
EXPOSE 5222
CMD ["python3", "-m", "standin.gateway"]
