#!/usr/bin/env bash
# Sets JAVA_HOME to a JDK 25 or newer, or explains how to get one. Sourced by ./openclaw and ./build.
#
# Order: OPENCLAW_JAVA_HOME, JAVA_HOME, the java on PATH, then the usual places of Linux and macOS
# (OPENCLAW_JDK_PLACES: one folder of JDKs to look in instead of those).
# The version is read from the JDK's own release file: asking `java -version` would cost 40 ms at every start.

OPENCLAW_JDK_VERSION_MIN=25

openclaw_take_jdk() { # $1 a folder, $2 the program it must have; true, with JAVA_HOME set, if it is a JDK new enough
  local line version=
  [ -n "$1" ] && [ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      JAVA_VERSION=\"*) version=${line#JAVA_VERSION=\"} version=${version%%[!0-9]*} ;;
    esac
  done <"$1/release"
  [ -n "$version" ] && [ "$version" -ge "$OPENCLAW_JDK_VERSION_MIN" ] || return
  export JAVA_HOME=$1
}

openclaw_find_jdk() { # $1: `javac` (the default) or, where nothing is compiled, `java`
  local program=${1:-javac} candidate on_path places
  for candidate in "${OPENCLAW_JAVA_HOME:-}" "${JAVA_HOME:-}"; do
    openclaw_take_jdk "$candidate" "$program" && return
  done
  on_path=$(command -v "$program" 2>/dev/null || true)
  [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")")
  if [ -n "${OPENCLAW_JDK_PLACES+set}" ]; then
    places=("$OPENCLAW_JDK_PLACES"/*)
  else
    places=(/usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-/root}"/.sdkman/candidates/java/25*
      "${HOME:-/root}"/.jdks/*25* /Library/Java/JavaVirtualMachines/*25*/Contents/Home
      /opt/homebrew/opt/openjdk@25/libexec/openjdk.jdk/Contents/Home)
  fi
  for candidate in "$on_path" "${places[@]}"; do
    openclaw_take_jdk "$candidate" "$program" && return
  done
  cat >&2 <<'HELP'
openclaw: no JDK 25 found (looked at OPENCLAW_JAVA_HOME, JAVA_HOME, PATH and the usual places).
  Debian/Ubuntu   install temurin-25-jdk (Adoptium's package repository) or openjdk-25-jdk
  macOS           brew install openjdk@25
  any system      unpack a JDK 25 from https://adoptium.net and set JAVA_HOME to its folder
HELP
  return 1
}
