#!/usr/bin/env bash
# Builds the distribution app/target/openclaw from a checkout, and knows when it is out of date.
# Sourced by ./openclaw and ./build, after run.sh, with openclaw_root set to the checkout.
#
# app/target/openclaw/built carries the time at which the build that made lib/ *began*: a source saved while Maven was
# running is newer, so it is not missed. Maven removes the mark before it writes lib/ (app/pom.xml), so an interrupted
# build leaves none.

OPENCLAW_BUILD_SECONDS_MAX=3600
OPENCLAW_BUILD_LOG_LINES=25

openclaw_stale() { # true if a main source, resource or pom was changed, added or removed since the build
  local built=$openclaw_root/app/target/openclaw/built changed
  [ -e "$built" ] || return 0
  changed=$(find "$openclaw_root/pom.xml" "$openclaw_root/.mvn" "$openclaw_root"/*/pom.xml "$openclaw_root"/*/src/main \
    -newer "$built" -print 2>/dev/null || true)
  [ -n "$changed" ]
}

openclaw_need_maven() {
  command -v mvn >/dev/null && return
  openclaw_say "Maven is missing (Debian/Ubuntu: apt-get install maven; macOS: brew install maven)"
  return 1
}

openclaw_build_lock() { openclaw_lock "$openclaw_root/.openclaw/build.lock" "another build of this checkout"; }

openclaw_maven() { # becomes Maven: call in a subshell, with the build lock held
  cd "$openclaw_root" && exec mvn -B -Dstyle.color=never "$@" 9>&-
}

openclaw_build_begins() { : >"$openclaw_root/.openclaw/build-began"; }

openclaw_build_ended() { # marks lib/ if this build made it, and makes the distribution complete: launcher and tools
  local began=$openclaw_root/.openclaw/build-began distribution=$openclaw_root/app/target/openclaw
  [ -n "$(find "$distribution/lib" -name 'openclaw-app-*.jar' -newer "$began" 2>/dev/null || true)" ] || return 0
  mkdir -p "$distribution/tools"
  cp -p "$openclaw_root/openclaw" "$distribution/"
  cp -p "$openclaw_root"/tools/{find-jdk,run,build,start}.sh "$distribution/tools/"
  touch -r "$began" "$distribution/built"
}

openclaw_describe_build() { # $1 the Maven log: the module in work, how many there are, what was fetched
  sed -n -e 's/^\[INFO\] Building OpenClaw \([a-z-]*\) .*\(\[[0-9/]*\]\)$/\1 \2/p' "$1" | tail -n 1 | {
    read -r module || true
    fetched=$(grep -c '^\[INFO\] Downloaded' "$1" || true)
    [ "$fetched" = 0 ] || fetched_text=", $fetched files fetched"
    printf 'building %s%s' "${module:-(Maven starts)}" "${fetched_text:-}"
  }
}

openclaw_explain_build_failure() { # $1 the Maven log
  local errors
  errors=$(sed -n -e '/Help 1\|[Rr]e-run Maven\|For more information\|After correcting\|mvn <args>\|^\[ERROR\] *$/d' -e '/^\[ERROR\]/p' "$1" | head -n "$OPENCLAW_BUILD_LOG_LINES")
  [ -n "$errors" ] || errors=$(tail -n "$OPENCLAW_BUILD_LOG_LINES" "$1")
  openclaw_say "the build failed; from $1:"
  printf '%s\n' "$errors" | sed 's/^/  /' >&2
  if grep -qE 'UnknownHost|Could not transfer|Unknown host|Network is unreachable|Connection refused|offline mode' "$1"; then
    openclaw_say "Maven could not download a library. The first build needs a network (proxy: ~/.m2/settings.xml); later ones do not."
  fi
}

openclaw_build_if_stale() {
  local log=$openclaw_root/.openclaw/build.log began=$SECONDS
  openclaw_stale || return 0
  openclaw_need_maven || return 1
  openclaw_build_lock
  if openclaw_stale; then # else the one we waited for has built it
    openclaw_say "building from source (first use, or a source has changed); log: $log"
    openclaw_build_begins
    if ! openclaw_watch "$log" "$OPENCLAW_BUILD_SECONDS_MAX" openclaw_describe_build \
        openclaw_maven -pl app -am -Dmaven.test.skip=true package; then
      openclaw_explain_build_failure "$log"
      return 1
    fi
    openclaw_build_ended
    if [ ! -e "$openclaw_root/app/target/openclaw/built" ]; then
      openclaw_say "Maven ended well but made no $openclaw_root/app/target/openclaw/lib/openclaw-app-*.jar; see $log"
      return 1
    fi
    openclaw_say "built in $((SECONDS - began)) s"
  fi
  openclaw_unlock
}
