# Shared by the proofs; sourced by bash. Needs bash 4.4, awk, coreutils, and /proc (Linux).
#
#   . "$(dirname "$0")/lib.sh"; proof_begin
#   start_dev --config "$F"         -> ROUTER_URL REGION_NAMES REGION_URLS REGION_PIDS … KEY_CREDIT ADMIN_KEY
#   start_serve --config "$F"       -> SERVE_URL SERVE_PID KEY_CREDIT ADMIN_KEY
#   p99=$(json_get latency_ms.p99 <<<"$report")
#
# Everything started is stopped, and $PROOF_DIR removed, when the proof ends, however it ends.

PROOF_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PROOF_NAME=$(basename "$0")
PROOF_DIR=
PROOF_PIDS=() # each with the time it started at: numbers of processes are given again
PROOF_UNDO=() # functions called in the end, when the processes are gone
PROOF_READY_SECONDS_MAX=${PROOF_READY_SECONDS_MAX:-300} # the first start may build
PROOF_STOP_SECONDS_MAX=10
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C # numbers with a point, sorting by bytes

say() { printf '%s: %s\n' "$PROOF_NAME" "$*" >&2; }

fail() {
  say "FAILED: $*"
  exit 1
}

proof_begin() { # strict mode, a temporary folder in $PROOF_DIR, and cleaning up
  set -euo pipefail
  [ -r /proc/self/stat ] || fail "needs /proc (Linux)"
  PROOF_DIR=$(mktemp -d "${TMPDIR:-/tmp}/openclaw-proof.XXXXXX")
  chmod 755 "$PROOF_DIR"
  trap 'proof_end 2>/dev/null' EXIT # bash would only tell which processes it ended
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

proof_end() {
  local status=$? pid undo
  trap - EXIT INT TERM HUP
  set +e
  for pid in $(alive_pids); do stop_process "$pid"; done
  for ((i = 0; i < PROOF_STOP_SECONDS_MAX * 10; i++)); do
    [ -n "$(alive_pids)" ] || break
    sleep 0.1
  done
  for pid in $(alive_pids); do kill -KILL "$pid"; done
  wait
  for undo in "${PROOF_UNDO[@]}"; do "$undo"; done
  rm -rf "$PROOF_DIR"
  exit "$status"
}

stop_process() { # one that a proof has frozen could not end
  kill -CONT "$1" 2>/dev/null
  kill -TERM "$1" 2>/dev/null
}

any_alive() {
  local pid
  for pid in "$@"; do
    if kill -0 "$pid" 2>/dev/null; then return 0; fi
  done
  return 1
}

register_pid() { # $1… processes to be stopped in the end
  local pid
  for pid in "$@"; do PROOF_PIDS+=("$pid:$(started_at "$pid")"); done
}

started_at() { # $1 a process: when it started, in clock ticks since the system did; nothing where it is gone
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -ra fields <<<"${stat##*) }" # the name before may hold blanks; the state is field 3, the time 22
  [ "${fields[0]}" = Z ] || echo "${fields[19]}"
}

alive_pids() { # the registered processes that are still there
  local each
  for each in "${PROOF_PIDS[@]}"; do
    if [ -n "${each#*:}" ] && [ "$(started_at "${each%%:*}")" = "${each#*:}" ]; then echo "${each%%:*}"; fi
  done
}

need_package() { # $1 a command, $2… Debian packages that have it: the first that installs is taken
  local command=$1 package
  shift
  command -v "$command" >/dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    fail "needs $command; as root on Debian: apt-get install $1"
  fi
  say "installing $1 for $command"
  # The program is needed, not a service on port 80: see invoke-rc.d(8).
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e "$policy" ]; then
    made=$policy
    PROOF_UNDO+=(remove_policy)
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
  fi
  apt-get update -qq >"$PROOF_DIR/apt.log" 2>&1 || true
  for package in "$@"; do
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >>"$PROOF_DIR/apt.log" 2>&1 || true
    if command -v "$command" >/dev/null; then break; fi
  done
  [ -z "$made" ] || remove_policy
  command -v "$command" >/dev/null || { tail -n 5 "$PROOF_DIR/apt.log" >&2; fail "could not install $*"; }
}

remove_policy() { rm -f /usr/sbin/policy-rc.d; }

# json_get a.b <<<"$line": the scalar at the first "b" after the first "a" of a document on one line. Enough for our own
# documents, whose order is fixed and whose names and URLs need no escapes; not a JSON reader.
json_get() {
  local path=$1 line key
  IFS= read -r line || true
  while [[ $path == *.* ]]; do
    key=${path%%.*}
    path=${path#*.}
    [[ $line == *"\"$key\""* ]] || return 1
    line=${line#*"\"$key\""}
  done
  local pattern="\"$path\"[[:space:]]*:[[:space:]]*(\"([^\"]*)\"|([^][,{}\"[:space:]]+))"
  [[ $line =~ $pattern ]] || return 1
  printf '%s\n' "${BASH_REMATCH[2]:-${BASH_REMATCH[3]}}"
}

json_objects() { # $1 the name of an array of flat objects: one object per line
  local line
  IFS= read -r line || true
  [[ $line == *"\"$1\""* ]] || return 1
  line=${line#*"\"$1\""}
  line=${line#*[}
  line=${line%%]*}
  while [[ $line == *\}* ]]; do
    printf '%s}\n' "${line%%\}*}"
    line=${line#*\}}
    line=${line#*,}
  done
}

wait_for_ready_line() { # $1 standard output, $2 process, $3 standard error: prints the first line that is a JSON object
  local line deadline=$((SECONDS + PROOF_READY_SECONDS_MAX))
  while ((SECONDS < deadline)); do
    line=$(sed -n '/^{.*}$/{p;q;}' "$1" 2>/dev/null) || true
    if [ -n "$line" ]; then
      printf '%s\n' "$line"
      return
    fi
    if ! kill -0 "$2" 2>/dev/null; then break; fi
    sleep 0.05
  done
  tail -n 20 "$3" >&2
  fail "no ready line"
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port_base() { # $1 how many ports in a row: prints the first
  local attempt base port
  for ((attempt = 0; attempt < 100; attempt++)); do
    base=$((20000 + RANDOM % 12000))
    for ((port = base; port < base + $1; port++)); do
      port_is_free "$port" || continue 2
    done
    echo "$base"
    return
  done
  fail "no $1 free ports in a row"
}

start_serve() { # more arguments of `openclaw serve`; sets SERVE_URL SERVE_METRICS SERVE_ADMIN SERVE_PID KEY_* ADMIN_KEY
  local base line
  base=$(free_port_base 3)
  "$PROOF_ROOT/openclaw" serve --output json --data "$PROOF_DIR/data" --port "$base" --metrics-port $((base + 1)) \
    --admin-port $((base + 2)) "$@" >"$PROOF_DIR/serve.out" 2>"$PROOF_DIR/serve.err" </dev/null &
  SERVE_PID=$!
  register_pid "$SERVE_PID"
  line=$(wait_for_ready_line "$PROOF_DIR/serve.out" "$SERVE_PID" "$PROOF_DIR/serve.err")
  SERVE_URL=$(json_get url <<<"$line")
  SERVE_METRICS=$(json_get metrics <<<"$line")
  SERVE_ADMIN=$(json_get admin <<<"$line")
  SERVE_PID=$(json_get pid <<<"$line")
  register_pid "$SERVE_PID"
  set_keys "$line"
}

start_dev() { # more arguments of `openclaw dev`; sets ROUTER_URL REGION_* DEV_PID KEY_* ADMIN_KEY
  local base line region
  base=$(free_port_base 40)
  "$PROOF_ROOT/openclaw" dev --output json --port-base "$base" --data "$PROOF_DIR/data" "$@" \
    >"$PROOF_DIR/dev.out" 2>"$PROOF_DIR/dev.err" </dev/null &
  DEV_PID=$!
  register_pid "$DEV_PID"
  line=$(wait_for_ready_line "$PROOF_DIR/dev.out" "$DEV_PID" "$PROOF_DIR/dev.err")
  ROUTER_URL=$(json_get router <<<"$line")
  REGION_NAMES=() REGION_URLS=() REGION_METRICS=() REGION_ADMINS=() REGION_PIDS=()
  while IFS= read -r region; do
    REGION_NAMES+=("$(json_get name <<<"$region")")
    REGION_URLS+=("$(json_get url <<<"$region")")
    REGION_METRICS+=("$(json_get metrics <<<"$region")")
    REGION_ADMINS+=("$(json_get admin <<<"$region")")
    REGION_PIDS+=("$(json_get pid <<<"$region")")
  done < <(json_objects regions <<<"$line")
  register_pid "${REGION_PIDS[@]}"
  set_keys "$line"
}

set_keys() { # from a ready line, kept in READY_LINE; a tenant that is not there leaves its key empty
  READY_LINE=$1
  KEY_CREDIT=$(json_get keys.credit <<<"$1") || KEY_CREDIT=
  KEY_ITEMS=$(json_get keys.items <<<"$1") || KEY_ITEMS=
  KEY_DEFAULT=$(json_get keys.default <<<"$1") || KEY_DEFAULT=
  ADMIN_KEY=$(json_get adminKey <<<"$1") || ADMIN_KEY=
}

key_file() { # $1 a key: prints a file with it that only we can read, for `openclaw bench --key-file`
  local file
  file=$(mktemp "$PROOF_DIR/key.XXXXXX")
  printf '%s\n' "$1" >"$file"
  printf '%s\n' "$file"
}

credit_applications() { # the 1,000 applications of credit-g.csv as JSON, one per line, without the class that is asked for
  awk -F, '
    NR == 1 { for (i = 1; i < NF; i++) name[i] = $i; next }
    {
      line = "{"
      for (i = 1; i < NF; i++) {
        value = $i
        gsub(/^\047|\047$/, "", value)
        if (value !~ /^[0-9]+$/) value = "\"" value "\""
        line = line (i > 1 ? "," : "") "\"" name[i] "\":" value
      }
      print line "}"
    }' "$PROOF_ROOT/examples/credit-g/credit-g.csv"
}

cpu_ticks() { # $1… processes: user and system time together, in clock ticks (getconf CLK_TCK)
  local pid sum=0 stat fields
  for pid in "$@"; do
    stat=$(<"/proc/$pid/stat") || fail "process $pid is gone"
    read -ra fields <<<"${stat##*) }" # the name before may hold blanks; utime and stime are fields 14 and 15
    sum=$((sum + fields[11] + fields[12]))
  done
  echo "$sum"
}

children_of() { # $1 a process: its children, one per line
  local stat fields file
  for file in /proc/[0-9]*/stat; do
    stat=$(cat "$file" 2>/dev/null) || continue
    read -ra fields <<<"${stat##*) }"
    if [ "${fields[1]}" = "$1" ]; then basename "${file%/stat}"; fi
  done
}

rss_mib() { # $1 a process: resident memory
  awk '$1 == "VmRSS:" { printf "%.0f\n", $2 / 1024 }' "/proc/$1/status"
}

median() { # of the numbers on standard input, one per line
  sort -g | awk '{ v[NR] = $1 } END { if (NR == 0) exit 1; print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

calculate() { awk "BEGIN { printf \"${2:-%.2f}\\n\", $1 }"; } # $1 an expression, $2 a format

# Times and CPU depend on what else the machine does: with PROOF_TIMES=reported, as in CI, they are printed and not judged.
times_are_judged() { [ "${PROOF_TIMES:-judged}" = judged ]; }

holds() { awk "BEGIN { exit !($1) }"; } # $1 a comparison of decimal numbers
