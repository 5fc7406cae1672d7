#!/usr/bin/env bash
# The same in a shell: asks before, acts, reports after. What acts is up to you:
#
#   examples/sidecar.sh ACCOUNT ACTION USER COMMAND...
#   examples/sidecar.sh studio.nord follow ines.keramik ./tap-follow.sh ines.keramik
#
# The command acts on the phone. Its last line of output is what the app showed, if anything; it
# ends with 0 if it saw the act done. DECORUM_URL and DECORUM_TOKEN say where and as whom to ask.
# Exit codes: 0 done, 3 refused, 1 did not work, 6 a person is needed.
set -euo pipefail

url=${DECORUM_URL:-http://127.0.0.1:7400}
account=$1 action=$2 user=$3
shift 3

# ask METHOD PATH BODY: the answer, and the status behind it on a line of its own.
ask() {
  curl --silent --show-error --max-time 40 --request "$1" --header 'Content-Type: application/json' \
    ${DECORUM_TOKEN:+--header "Authorization: Bearer $DECORUM_TOKEN"} \
    --data "$3" --write-out '\n%{http_code}\n' "$url$2"
}

# field NAME: of the JSON object on standard input.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1]) or "")' "$1"; }

# json NAME VALUE...: as an object of texts.
json() {
  python3 -c 'import json, sys; a = sys.argv[1:]; print(json.dumps(dict(zip(a[::2], a[1::2]))))' "$@"
}

answer=$(ask POST /api/claims "$(json account_id "$account" target_username "$user" action "$action")")
status=${answer##*$'\n'} answer=${answer%$'\n'*}
if [ "$status" != 201 ]; then
  printf '%s: %s\n' "$user" "$(field detail <<<"$answer")" >&2
  exit 3
fi
claim=$(field claim_id <<<"$answer")

code=0
said=$("$@") || code=$?
said=${said##*$'\n'}
if [ "$code" -eq 0 ]; then
  told=$(json status success)
elif [ -n "$said" ]; then
  told=$(json text "$said" where dialog)
else
  told=$(json status failed error_class app)
fi
answer=$(ask POST "/api/claims/$claim/outcome" "$told")
answer=${answer%$'\n'*}
printf '%s: %s\n' "$user" "$(field status <<<"$answer")"
case $(field next <<<"$answer") in
  stop) exit 6 ;;
  *) exit "$((code != 0))" ;;
esac
