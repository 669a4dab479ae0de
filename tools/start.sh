#!/usr/bin/env bash
# Prepares the JVM's command line: flags, class path and AOT cache (JEP 483, 514), in an @argfile.
# Sourced by ./openclaw, after run.sh and find-jdk.sh.
#
# The AOT cache halves the time to the first answer, and has two hazards on JDK 25, both held by tools/test-launcher.sh:
# - A replaced jar is not detected: the JVM goes on running the classes in the cache, whatever the jar's size, time or
#   content, and exits 0. So the cache is named by the SHA-256 of the JDK's release file, the flags, the class path and
#   the digest of every jar's content, computed at every start; only the file of exactly that name is used.
# - A damaged cache is not survived: flipped bytes crash the JVM or run on by luck, and with -XX:+VerifySharedSpaces (30 ms)
#   a damaged heap region still ends the process. So the launcher compares the cache's CRC-32 and size (`cksum`) with
#   those noted when it was made, and makes it anew if they differ.
# Measured on 2 cores without SHA instructions: 8 MB of jars b2sum 24 ms, sha256sum 58 ms; a cache of 37 MB cksum 13 ms;
# everything before the JVM is executed 59 ms, and 14 ms more to look for a JDK if JAVA_HOME does not name one.

OPENCLAW_MAIN=io.openclaw.app.Main
OPENCLAW_TRAINING=(self-test) # a hidden subcommand: rates through real HTTP on ports of its own, then exits 0
OPENCLAW_TRAINING_SECONDS_MAX=120
OPENCLAW_CACHE_DAYS_MAX=7
OPENCLAW_FLAGS=(
  -Xms64m -Xmx512m
  -XX:+UseG1GC # said aloud: the cache holds heap objects, so it belongs to one collector
  -XX:+ExitOnOutOfMemoryError
  --enable-native-access=ALL-UNNAMED
  --sun-misc-unsafe-memory-access=allow
  -Xlog:disable -Xlog:all=warning:stderr # the JVM's own warnings would go to standard output
)

openclaw_digest_files() { # of the files' content, by the quickest digest at hand
  if command -v b2sum >/dev/null; then b2sum "$@"
  elif command -v sha256sum >/dev/null; then sha256sum "$@"
  else shasum -a 256 "$@"; fi
}

openclaw_sha256() { # of standard input: hexadecimal digits, a space and more
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}

openclaw_quoted() { # each argument as a line of a java @argfile
  local argument
  for argument in "$@"; do
    argument=${argument//\\/\\\\}
    printf '"%s"\n' "${argument//\"/\\\"}"
  done
}

openclaw_set_class_path() { # $1 lib folder; sets `jars` and `class_path`, in one order wherever it runs
  local LC_ALL=C
  jars=("$1"/*.jar)
  if [ ! -e "${jars[0]}" ]; then
    openclaw_say "no jars in $1"
    return 1
  fi
  case $1 in *:*) openclaw_say "a folder on a class path cannot have a colon in its name: $1" && return 1 ;; esac
  class_path=$(IFS=: && printf %s "${jars[*]}")
}

openclaw_set_state_folder() { # $1 the distribution; sets `state`: its aot/ if that can be written, else the user's cache folder
  for state in "$1/aot" "${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/openclaw"; do
    if { [ -d "$state" ] || mkdir -p -m 700 "$state" 2>/dev/null; } && [ -O "$state" ] && [ -w "$state" ]; then
      return
    fi
  done
  state=$(mktemp -d "${TMPDIR:-/tmp}/openclaw.XXXXXX")
}

openclaw_cache_usable() { # $1 the cache: there, and byte for byte as it was made
  [ -s "$1" ] && [ -r "$1.cksum" ] && [ "$(cksum <"$1")" = "$(<"$1.cksum")" ]
}

openclaw_describe_training() { printf 'preparing the start-up cache (once, about 5 s)'; }

openclaw_train() { # $1 the cache to write; the user's configuration is kept out of the training run
  local command=("$JAVA_HOME/bin/java" "-XX:AOTCacheOutput=$1" "${flags[@]}" -cp "$class_path" "$OPENCLAW_MAIN" "${OPENCLAW_TRAINING[@]}")
  local name
  for name in ${!OPENCLAW_@}; do unset "$name"; done
  exec "${command[@]}"
}

openclaw_make_cache() { # $1 the cache; false if there is none, which is said once
  local cache=$1 part=$1.$$.part log=${1%.aot}.log failed=${1%.aot}.failed began=$SECONDS
  [ ! -e "$failed" ] || return 1
  openclaw_lock "${cache%/*}/lock" "another start that prepares the start-up cache"
  if ! openclaw_cache_usable "$cache" && [ ! -e "$failed" ]; then # else the one we waited for has done it
    [ -t 2 ] || openclaw_say "$(openclaw_describe_training)"
    if openclaw_watch "$log" "$OPENCLAW_TRAINING_SECONDS_MAX" openclaw_describe_training openclaw_train "$part" && [ -s "$part" ]; then
      cksum <"$part" >"$cache.cksum"
      mv -f "$part" "$cache"
      openclaw_say "start-up cache ready in $((SECONDS - began)) s"
      openclaw_delete_stale "$cache"
    else
      : >"$failed"
      rm -f "$part" "$part.config"
      openclaw_say "no start-up cache: its training run failed (log: $log); starting without, which is slower. To try again, delete $failed"
    fi
  fi
  openclaw_unlock
  [ ! -e "$failed" ]
}

# Deletes the caches of other jars, and whatever has not been made anew for a week. Argfiles of other jars stay that
# long: a running `openclaw dev` starts its nodes with the one that it was started with.
openclaw_delete_stale() { # $1 the cache to keep
  local other of_jars
  for other in "${1%/*}"/*.aot; do
    of_jars=
    [ "$other" != "$1" ] || continue
    read -r _ _ of_jars 2>/dev/null <"${other%.aot}.args" || true
    [ "$of_jars" = "$jars_digest" ] || rm -f "$other" "$other.cksum"
  done
  find "${1%/*}" -type f -mtime +"$OPENCLAW_CACHE_DAYS_MAX" ! -name "$(basename "${1%.aot}").*" ! -name lock -exec rm -f {} + 2>/dev/null || true
}

openclaw_write_argfile() { # $1 the file, then the arguments; left alone if it says so already
  local file=$1 text
  shift
  text=$(printf '# jars %s\n' "$jars_digest" && openclaw_quoted "$@")
  [ -r "$file" ] && [ "$(<"$file")" = "$text" ] && return
  printf '%s\n' "$text" >"$file.$$"
  mv -f "$file.$$" "$file"
}

# $1 the distribution (with lib/), $2 the home told to the program; sets and exports OPENCLAW_JVM_ARGFILE.
openclaw_prepare_start() {
  local jars class_path flags state release key jars_digest
  openclaw_set_class_path "$1/lib" || return 1
  flags=("${OPENCLAW_FLAGS[@]}" "-Dopenclaw.home=$2")
  if [ -n "${OPENCLAW_JAVA_OPTS:-}" ]; then
    local split
    IFS=' ' read -r -a split <<<"$OPENCLAW_JAVA_OPTS"
    case " $OPENCLAW_JAVA_OPTS" in *" -XX:+Use"*GC*) flags=("${flags[@]/-XX:+UseG1GC/-XX:-UseG1GC}") ;; esac
    flags+=("${split[@]}") # last, so that they win
  fi
  openclaw_set_state_folder "$1"
  read -r -d '' release <"$JAVA_HOME/release" || true # to its end
  jars_digest=$(openclaw_digest_files "${jars[@]}" | openclaw_sha256) || return 1
  jars_digest=${jars_digest%% *}
  key=$(printf '%s\n' "$release" "${flags[@]}" "$class_path" "$jars_digest" | openclaw_sha256) || return 1
  key=${key%% *}
  if [ "${OPENCLAW_AOT:-on}" != off ] && { openclaw_cache_usable "$state/$key.aot" || openclaw_make_cache "$state/$key.aot"; }; then
    flags+=("-XX:AOTCache=$state/$key.aot")
    OPENCLAW_JVM_ARGFILE=$state/$key.args
  else
    OPENCLAW_JVM_ARGFILE=$state/$key.plain.args
  fi
  openclaw_write_argfile "$OPENCLAW_JVM_ARGFILE" "${flags[@]}" -cp "$class_path"
  export OPENCLAW_JVM_ARGFILE
}
