#!/usr/bin/env bash
# Sets JAVA_HOME to a JDK 25 or newer, or explains how to get one. Sourced by ./openclaw and ./build.
#
# Order: OPENCLAW_JAVA_HOME, JAVA_HOME, the java on PATH, then the usual places of Linux and macOS.

openclaw_jdk_version() { # prints the feature version of the JDK in $1, or nothing
  [ -x "$1/bin/javac" ] || return 0
  [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

openclaw_find_jdk() {
  local candidate version on_path
  on_path=$(command -v javac 2>/dev/null || true)
  [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path" 2>/dev/null || echo "$on_path")")")
  for candidate in "${OPENCLAW_JAVA_HOME:-}" "${JAVA_HOME:-}" "$on_path" \
      /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/25* "$HOME"/.jdks/*25* \
      /Library/Java/JavaVirtualMachines/*25*/Contents/Home /opt/homebrew/opt/openjdk@25/libexec/openjdk.jdk/Contents/Home; do
    [ -n "$candidate" ] && [ -d "$candidate" ] || continue
    version=$(openclaw_jdk_version "$candidate")
    if [ -n "$version" ] && [ "$version" -ge 25 ]; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  cat >&2 <<'HELP'
openclaw: no JDK 25 found (looked at OPENCLAW_JAVA_HOME, JAVA_HOME, PATH and the usual places).
  Debian/Ubuntu   install temurin-25-jdk (Adoptium's package repository) or openjdk-25-jdk
  macOS           brew install openjdk@25
  any system      unpack a JDK 25 from https://adoptium.net and set JAVA_HOME to its folder
HELP
  return 1
}
