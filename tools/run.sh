#!/usr/bin/env bash
# A lock between processes, and a command run behind one line of progress. Sourced by ./openclaw and ./build.

openclaw_say() { printf 'openclaw: %s\n' "$*" >&2; }

openclaw_lock() { # $1 lock file, $2 what is waited for; held until openclaw_unlock or the end of the process
  local holder
  mkdir -p "$(dirname "$1")"
  if command -v flock >/dev/null; then
    exec 9>"$1" # children get 9>&-, or a daemon of theirs would keep the lock
    flock -n 9 || {
      openclaw_say "waiting for $2"
      flock 9
    }
    return
  fi
  openclaw_lock_folder=$1.d
  local said=
  until mkdir "$openclaw_lock_folder" 2>/dev/null; do
    [ -n "$said" ] || openclaw_say "waiting for $2"
    said=yes
    holder=$(cat "$openclaw_lock_folder/pid" 2>/dev/null || true)
    # A holder that died without a word: whoever moves its folder away first lets all try again.
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      mv "$openclaw_lock_folder" "$openclaw_lock_folder.$$" 2>/dev/null && rm -rf "$openclaw_lock_folder.$$"
    fi
    sleep 0.2
  done
  echo $$ >"$openclaw_lock_folder/pid"
  trap openclaw_unlock EXIT
}

openclaw_unlock() {
  if [ -n "${openclaw_lock_folder:-}" ]; then
    rm -rf "$openclaw_lock_folder"
    openclaw_lock_folder=
    trap - EXIT
  else
    exec 9>&-
  fi
}

openclaw_stop_child() { # $1 exit code; Ctrl-C does not reach a background job, so it is passed on
  kill -TERM "$openclaw_child" 2>/dev/null || true
  exit "$1"
}

# Runs a command with all its output in a log. On a terminal one line says what it is doing and for how long; in a
# pipe nothing is shown. $1 log, $2 seconds at most, $3 a function that describes the log so far, then the command.
openclaw_watch() {
  local log=$1 seconds_max=$2 describe=$3 began=$SECONDS code=0
  shift 3
  "$@" >"$log" 2>&1 </dev/null 9>&- &
  openclaw_child=$!
  trap 'openclaw_stop_child 130' INT
  trap 'openclaw_stop_child 143' TERM HUP
  while kill -0 "$openclaw_child" 2>/dev/null; do
    [ ! -t 2 ] || printf '\r\033[Kopenclaw: %s, %d s' "$("$describe" "$log")" $((SECONDS - began)) >&2
    if [ $((SECONDS - began)) -ge "$seconds_max" ]; then
      echo "stopped after $seconds_max s" >>"$log"
      kill -KILL "$openclaw_child" 2>/dev/null || true
    fi
    sleep 0.2
  done
  wait "$openclaw_child" 2>/dev/null || code=$?
  trap - INT TERM HUP
  [ ! -t 2 ] || printf '\r\033[K' >&2
  return "$code"
}
