#!/bin/bash
# The part of Bitrise's command line that steps use on themselves.
if [ "${1-}" = envman ]; then
  shift
  exec envman "$@"
fi
echo "bitrise: inside a build only 'bitrise envman …' is available." >&2
exit 1
