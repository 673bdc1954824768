#!/usr/bin/env bash
# Prints the critical alerts of a PeerVault network, one a line, until it is ended: alerts.sh [URL]
#
# It needs websocat and jq. When the connection is lost it comes back, with exponential backoff and jitter. On SIGTERM
# and Ctrl-C it says goodbye to the server.
set -uo pipefail

url=${1:-${PEERVAULT_WS_URL:-ws://localhost:8083/ws}}
first_ms=${ALERTS_RETRY_FIRST_MS:-500}
most_ms=${ALERTS_RETRY_MOST_MS:-30000}
ceiling_ms=$first_ms

# One reader for all connections. What is no JSON, or no critical alert, it passes over.
exec 3> >(exec jq --unbuffered --raw-input --raw-output '
  fromjson? | objects | select(.topic == "alerts") | .type as $type
  | .data | objects | select(.level == "critical") | "\($type): \(.message)"')

# Closing websocat's input has it send a close frame.
goodbye() {
  exec 3>&-
  [[ -n ${SERVER_PID-} ]] && exec {SERVER[1]}>&- && wait "$SERVER_PID"
  exit 0
}
trap goodbye TERM INT

while true; do
  coproc SERVER { exec websocat --text --exit-on-eof --ping-interval 20 --ping-timeout 60 "$url" >&3; }
  pid=$SERVER_PID
  echo '{"type":"subscribe","topic":"alerts"}' >&"${SERVER[1]}" 2>/dev/null
  if wait "$pid"; then
    ceiling_ms=$first_ms # it was connected
  fi
  pause_ms=$((ceiling_ms / 2 + RANDOM % (ceiling_ms / 2 + 1)))
  ceiling_ms=$((ceiling_ms * 2 < most_ms ? ceiling_ms * 2 : most_ms))
  echo "not connected; trying again in $pause_ms ms" >&2
  sleep "$((pause_ms / 1000)).$(printf %03d $((pause_ms % 1000)))" &
  wait $!
done
