#!/usr/bin/env bash
# Tests alerts.sh. `pvws test scenario.yaml -- ./test.sh` says where the server is, and where it is steered.
set -euo pipefail
cd "$(dirname "$0")"

ctl() { pvws ctl "$@" >/dev/null; }

# Fails unless the next line that alerts.sh prints is this one.
expect() {
  local line=nothing
  read -r -t 20 line <&"$said" || true
  if [[ $line != "$1" ]]; then
    echo "expected '$1', found '$line'" >&2
    exit 1
  fi
  echo "ok: $1"
}

exec {said}< <(ALERTS_RETRY_FIRST_MS=50 exec ./alerts.sh)
script=$!
trap 'kill "$script" 2>/dev/null || true' EXIT

# When it has subscribed twice it is back from the outage that the scenario has in store for it.
ctl wait --type subscribe --count 2 --timeout 20s
ctl pause

# What is broken, or not critical, is passed over.
pvws ctl emit alerts storage_alert --data '{"level": "warning", "message": "three quarters"}' >/dev/null
pvws ctl emit alerts network_alert --data '{"level": "critical", "message": "split in two"}' >/dev/null
expect "network_alert: split in two"

# The network's own alarm, more than a minute later and at once.
alarm=$(pvws ctl --json until "type == 'storage_alert' and data.level == 'critical'" --within 5m)
expect "storage_alert: $(jq --raw-output '.matched.text | fromjson | .data.message' <<<"$alarm")"
