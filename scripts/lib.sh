# Shared words of the scripts in this folder: where things are, how to talk, how to install,
# how to wait for a child. Sourced by bash, never run.
#
# Rules they all keep: nothing is read from standard input, every path is quoted (the tree may
# live under a path with a space), two clones may run at the same time on one machine, and a
# program that a script started is ended by that script, by its process id.
# shellcheck shell=bash

set -euo pipefail

if [ "${BASH_VERSINFO[0]}" -lt 4 ]; then
  echo "decorum: these scripts need bash 4 or newer, this is $BASH_VERSION" >&2
  exit 2
fi

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034 # read, as all that is set here, by the scripts that source this file
SCRIPTS=$ROOT/scripts

# Tools that are not part of the machine live here: one folder per clone unless told otherwise.
TOOLS=${DECORUM_TOOLS_DIR:-$ROOT/.tools}
case $TOOLS in
  /*) ;;
  *) TOOLS=$PWD/$TOOLS ;;
esac

# shellcheck disable=SC2034
VENV=$TOOLS/python
# shellcheck disable=SC2034
APPIUM_DIR=$TOOLS/appium
# shellcheck disable=SC2034
WEBDRIVERIO_DIR=$TOOLS/webdriverio

cd -- "$ROOT"

# A Rust installed by rustup is often not on the path of a shell that is not a login shell.
if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
  PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
  export PATH
fi

say() { printf '%s\n' "$*" >&2; }

die() {
  say "decorum: $*"
  exit 1
}

# results of the parts of the test suite: one file `PART.counts` each, "passed failed skipped".
# shellcheck disable=SC2034
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
# shellcheck disable=SC2034
RESULTS=$TARGET/test-results

# heading TEXT: a line that stands out in a long output.
heading() { printf '\n==> %s\n' "$*" >&2; }

# at_least HAVE WANT: is version HAVE the same as WANT or newer?
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# installing WHAT HOW_LONG COMMAND...: one line before, one after, the talk of the command only
# when it fails (it stays in a log either way). `set -e` is off inside COMMAND, as in any
# condition: a function given here chains its steps with `&&`.
installing() {
  local what=$1 how_long=$2 log started=$SECONDS
  shift 2
  log=$TOOLS/logs/$(printf '%s' "$what" | tr -c '[:alnum:].\n' '-').log
  mkdir -p -- "$TOOLS/logs"
  say "installing $what ($how_long) ..."
  if ! "$@" </dev/null >"$log" 2>&1; then
    tail -n 40 -- "$log" >&2
    die "could not install $what; the whole output is in $log"
  fi
  say "installed $what in $((SECONDS - started)) s"
}

# one_at_a_time NAME COMMAND...: holds a lock for all clones and users of this machine that
# would change the same thing (system packages, cargo's tools).
one_at_a_time() {
  local lock
  lock=${TMPDIR:-/tmp}/decorum-$1-$(id -u).lock
  shift
  (
    flock 9
    "$@" 9>&-
  ) 9>"$lock"
}

# in_tools COMMAND...: the same for one tools folder.
in_tools() {
  mkdir -p -- "$TOOLS"
  (
    flock 9
    "$@" 9>&-
  ) 9>"$TOOLS/.lock"
}

# fingerprint WORD-OR-FILE...: one line that changes when any of them does.
fingerprint() {
  local each
  for each in "$@"; do
    if [ -f "$each" ]; then cat -- "$each"; else printf '%s\n' "$each"; fi
  done | sha256sum | cut -d ' ' -f 1
}

# stamped FOLDER FINGERPRINT: was FOLDER finished with exactly this input?
stamped() { [ -f "$1/.stamp" ] && [ "$(cat -- "$1/.stamp")" = "$2" ]; }

# ensure_npm_folder WHAT HOW_LONG FOLDER SOURCE: FOLDER has what the package.json and its lock file in
# SOURCE name, and nothing else. To be called through in_tools.
ensure_npm_folder() {
  local what=$1 how_long=$2 folder=$3 source=$4 want
  want=$(fingerprint "$(node --version)" "$source/package.json" "$source/package-lock.json")
  stamped "$folder" "$want" && return
  installing "$what" "$how_long" build_npm_folder "$folder" "$source"
  printf '%s\n' "$want" >"$folder/.stamp"
}

# npm takes a path that leads through a link for another project.
build_npm_folder() {
  rm -rf -- "$1" &&
    mkdir -p -- "$1" &&
    cp -- "$2/package.json" "$2/package-lock.json" "$2/.npmrc" "$1/" &&
    npm --prefix "$(cd -- "$1" && pwd -P)" ci --ignore-scripts --no-progress
}

# seconds_of DURATION: 90, 90s, 5m and 2h all become seconds.
seconds_of() {
  local number=${1%[smh]}
  case $number in
    '' | *[!0-9]*) die "a duration looks like 60s, 5m or 2h, not '$1'" ;;
  esac
  number=$((10#$number))
  case $1 in
    *m) number=$((number * 60)) ;;
    *h) number=$((number * 3600)) ;;
  esac
  [ "$number" -gt 0 ] || die "a duration must be longer than nothing, '$1' is not"
  printf '%s\n' "$number"
}

CHILD=
# child COMMAND...: runs it in a process group of its own and answers with its exit code. An
# interrupt, a hangup or a kill of this script ends that whole group first, so nothing stays.
child() {
  local code=0
  trap 'stop_child 130' INT
  trap 'stop_child 143' TERM HUP
  set -m
  "$@" </dev/null &
  CHILD=$!
  set +m
  wait "$CHILD" || code=$?
  CHILD=
  trap - INT TERM HUP
  return "$code"
}

stop_child() {
  local code=$1 tenths=0
  trap '' INT TERM HUP
  if [ -n "$CHILD" ]; then
    kill -INT -- "-$CHILD" 2>/dev/null || true
    while kill -0 -- "-$CHILD" 2>/dev/null && [ "$tenths" -lt 100 ]; do
      sleep 0.1
      tenths=$((tenths + 1))
    done
    kill -KILL -- "-$CHILD" 2>/dev/null || true
  fi
  say "decorum: interrupted"
  exit "$code"
}

# cargo_tool NAME ARGUMENTS...: cargo-NAME, wherever it came from.
cargo_tool() {
  local name=$1
  shift
  if [ -x "$VENV/bin/cargo-$name" ]; then
    "$VENV/bin/cargo-$name" "$@"
  else
    cargo "$name" "$@"
  fi
}

# ensure_cargo_tool NAME VERSION: the prebuilt one among the Python packages; on a kind of machine
# that has none there, whatever cargo has, and at last one built from source.
ensure_cargo_tool() {
  "$SCRIPTS/ensure-python"
  cargo_tool "$1" --version >/dev/null 2>&1 || one_at_a_time cargo-tools build_cargo_tool "$@"
  cargo_tool "$1" --version >/dev/null 2>&1 || die "cargo-$1 was installed, but cargo does not find it"
}

build_cargo_tool() {
  cargo_tool "$1" --version >/dev/null 2>&1 ||
    installing "cargo-$1 $2" "several minutes, once" \
      cargo install "cargo-$1" --locked --version "$2"
}

# junit_counts FILE: "passed failed skipped" of a JUnit report, added up over its suites.
junit_counts() {
  tr '>' '\n' <"$1" | awk '
    function number(name) {
      return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0
    }
    /<testsuite / {
      tests += number("tests"); bad += number("failures") + number("errors")
      skipped += number("skipped") + number("disabled")
    }
    END { print tests - bad - skipped, bad + 0, skipped + 0 }'
}
