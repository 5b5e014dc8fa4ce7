#!/usr/bin/env bash
# powercuts.sh [COUNT] - power cuts at random moments of install, update and settings writes on
# the emulated GX device, 20 of each kind. Ends with "N passed, N failed".
set -euo pipefail
GX_CUTS=${1:-20} exec "$(dirname "$0")/vm/gx.sh" --cuts armhf
