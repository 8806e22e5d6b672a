#!/bin/sh
# Writes the captures and expected.json of the golden cases anew (all, or those named). Review with git diff.
#   tests/golden/renew.sh [NAME...]        BINARY=path: another binary than build/release/wiresage
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec python3 "$here/run.py" --renew --binary "${BINARY:-$here/../../build/release/wiresage}" "$@"
