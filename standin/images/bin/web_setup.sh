#!/bin/sh
# The webapp's start step.
exec python3 -m standin.web
