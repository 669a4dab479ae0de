#!/usr/bin/env bash
# Tests ./openclaw with a tiny program in its place: stale code, damaged caches, odd paths, parallel starts, clean output.
# Needs a JDK 25; takes one to two minutes. Beside each checker stands the bug that it must catch.
set -uo pipefail
checkout=$(cd "$(dirname "$0")/.." && pwd -P)
. "$checkout/tools/find-jdk.sh"
openclaw_find_jdk || exit 1
unset ${!OPENCLAW_@}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
passed=0 failed=0

pass() { passed=$((passed + 1)) && echo "ok      $1"; }
fail() { failed=$((failed + 1)) && echo "FAILED  $1: $2"; }
expect() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got '$2' (expected: '$3')"; fi; } # $1 what, $2 got, $3 expected
expect_in() { case $2 in *"$3"*) pass "$1" ;; *) fail "$1" "'$3' is not in '$2'" ;; esac; }   # $1 what, $2 text, $3 part

write_sources() { # $1 folder, $2 the word that the program prints
  mkdir -p "$1/io/openclaw/app"
  cat >"$1/io/openclaw/app/Main.java" <<JAVA
package io.openclaw.app;
public class Main {
  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("pid")) System.out.println(ProcessHandle.current().pid());
    else if (args.length > 0 && args[0].equals("home")) System.out.println(System.getProperty("openclaw.home"));
    else if (args.length > 0 && args[0].equals("heap")) System.out.println(Runtime.getRuntime().maxMemory() >> 20);
    else System.out.println(Word.word() + " " + String.join(",", args));
    if (Word.TRAINS.equals("no") && args.length > 0 && args[0].equals("self-test")) System.exit(3);
  }
}
JAVA
  cat >"$1/io/openclaw/app/Word.java" <<JAVA
package io.openclaw.app;
class Word { static final String TRAINS = "${3:-yes}"; static String word() { return "$2"; } }
JAVA
}

make_jar() { # $1 jar, $2 word; same size and time whatever the word: stored, not compressed
  local work="$temp/work.$$.$RANDOM"
  write_sources "$work/src" "$2" "${3:-yes}"
  "$JAVA_HOME/bin/javac" -d "$work/classes" "$work"/src/io/openclaw/app/*.java
  "$JAVA_HOME/bin/jar" --create --no-compress --file "$1" --date=2026-01-01T00:00:00Z -C "$work/classes" .
  touch -t 202601010000 "$1"
  rm -rf "$work"
}

make_distribution() { # $1 folder, $2 word
  mkdir -p "$1/lib" "$1/tools"
  cp -p "$checkout/openclaw" "$1/"
  cp -p "$checkout"/tools/{find-jdk,run,build,start}.sh "$1/tools/"
  make_jar "$1/lib/openclaw-app-0.jar" "$2" "${3:-yes}"
}

make_checkout() { # $1 folder: sources, poms and a fake Maven that compiles them slowly and counts its runs
  mkdir -p "$1/app/src/main/java" "$1/.mvn" "$1/tools" "$1/bin"
  cp -p "$checkout/openclaw" "$1/"
  cp -p "$checkout"/tools/{find-jdk,run,build,start}.sh "$1/tools/"
  : >"$1/pom.xml" && : >"$1/app/pom.xml"
  write_sources "$1/app/src/main/java" "$2"
  cat >"$1/bin/mvn" <<'MVN'
#!/usr/bin/env bash
set -e
echo run >>runs
echo "noise of Maven"
[ ! -e broken ] || { echo "[ERROR] broken on purpose"; exit 1; }
rm -rf app/target/openclaw/lib app/target/openclaw/built
mkdir -p app/target/openclaw/lib
"$JAVA_HOME/bin/javac" -d app/target/classes app/src/main/java/io/openclaw/app/*.java
sleep 1
"$JAVA_HOME/bin/jar" --create --file app/target/openclaw/lib/openclaw-app-0.jar -C app/target/classes .
MVN
  chmod +x "$1/bin/mvn"
}

count_files() { find "$1" -name "$2" | wc -l | tr -d ' '; }
classes_from_cache() { # $1 argfile: says if the program's classes came out of the AOT cache
  "$JAVA_HOME/bin/java" "@$1" -Xlog:class+load:file="$temp/load.log" io.openclaw.app.Main >/dev/null 2>&1
  if grep 'io.openclaw.app.Word' "$temp/load.log" | grep -q 'shared objects file'; then echo yes; else echo no; fi
}

test_replaced_jar_never_runs_old_code() {
  local d="$temp/replaced" args old before
  make_distribution "$d" AAAA
  expect "first start prints A" "$("$d/openclaw" x 2>"$temp/err")" "AAAA x"
  expect_in "first start says that it prepares the cache" "$(cat "$temp/err")" "preparing the start-up cache"
  expect "one cache was made" "$(count_files "$d/aot" '*.aot')" 1
  args=$(ls "$d"/aot/*.args) old=$(ls "$d"/aot/*.aot)
  expect "the classes come from the cache" "$(classes_from_cache "$args")" yes
  expect "second start is silent on standard error" "$("$d/openclaw" x 2>&1)" "AAAA x"
  before=$(ls -ln "$d/lib")
  make_jar "$d/lib/openclaw-app-0.jar" BBBB
  expect "the new jar has the size and time of the old" "$(ls -ln "$d/lib")" "$before"
  case $("$JAVA_HOME/bin/java" "@$args" io.openclaw.app.Main x 2>/dev/null) in
    "AAAA x") pass "planted bug: the JVM with the old cache runs the old code (the hazard is real)" ;;
    *) echo "note    this JDK detects a replaced jar by itself" ;;
  esac
  # The same launcher naming the cache by name, size and time, as build tools do: it must be caught running old code.
  cp -pR "$d" "$d.planted"
  sed -i.bak "s|$d/|$d.planted/|g" "$d.planted"/aot/*.args
  (cd "$d.planted" && rm -rf aot && make_jar lib/openclaw-app-0.jar AAAA &&
    sed -i.bak 's/^openclaw_digest_files() {.*/openclaw_digest_files() { ls -ln "$@"; return/' tools/start.sh &&
    ./openclaw x && make_jar lib/openclaw-app-0.jar BBBB) >/dev/null 2>&1
  expect "planted bug: a cache named by size and time runs old code" "$("$d.planted/openclaw" x 2>/dev/null)" "AAAA x"
  expect "the replaced jar prints B" "$("$d/openclaw" x 2>"$temp/err")" "BBBB x"
  expect_in "and a new cache is made" "$(cat "$temp/err")" "start-up cache ready"
  expect "the old cache is gone" "$([ -e "$old" ] && echo there || echo gone)" gone
  expect "the new classes come from the new cache" "$(classes_from_cache "$(grep -l "$(basename "$d"/aot/*.aot)" "$d"/aot/*.args)")" yes
  expect "changed JVM flags, another collector too, hold" "$(($(OPENCLAW_JAVA_OPTS='-Xmx128m -XX:+UseSerialGC' "$d/openclaw" heap 2>/dev/null) / 32))" 3
  expect "and get a cache of their own" "$(count_files "$d/aot" '*.aot')" 2
  expect "OPENCLAW_AOT=off starts without" "$(OPENCLAW_AOT=off "$d/openclaw" x 2>&1) $(grep -l AOTCache "$d"/aot/*.plain.args | wc -l | tr -d ' ')" "BBBB x 0"
}

flip() { # $1 file, $2 offset, $3 how many bytes to invert
  "$JAVA_HOME/bin/java" "$temp/Flip.java" "$1" "$2" "$3"
}

test_damaged_cache_is_replaced() {
  local d="$temp/damaged" cache size where
  cat >"$temp/Flip.java" <<'JAVA'
void main(String[] args) throws Exception {
  try (var file = new java.io.RandomAccessFile(args[0], "rw")) {
    var bytes = new byte[Integer.parseInt(args[2])];
    file.seek(Long.parseLong(args[1]));
    file.readFully(bytes);
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) ~bytes[i];
    file.seek(Long.parseLong(args[1]));
    file.write(bytes);
  }
}
JAVA
  make_distribution "$d" AAAA
  "$d/openclaw" >/dev/null 2>&1
  cache=$(ls "$d"/aot/*.aot) size=$(wc -c <"$cache")
  cp "$cache" "$temp/good"
  for where in $((size / 2)) $((size * 19 / 20)); do # classes; archived heap objects
    cp "$temp/good" "$cache" && flip "$cache" "$where" 65536
    { (cd "$temp" && ulimit -c 0 && "$JAVA_HOME/bin/java" "@${cache%.aot}.args" io.openclaw.app.Main x) >"$temp/out"; } 2>/dev/null
    case "$? $(head -c 100 "$temp/out")" in
      "0 AAAA x") echo "note    this JVM survives 64 KiB of flipped bytes at $where" ;;
      *) pass "planted bug: unchecked, the JVM fails on flipped bytes at $where" ;;
    esac
  done
  cp "$temp/good" "$cache" && flip "$cache" $((size / 2)) 1
  expect "a flipped byte: right output" "$("$d/openclaw" x 2>"$temp/err")" "AAAA x"
  expect_in "a flipped byte: new cache" "$(cat "$temp/err")" "start-up cache ready"
  head -c $((size / 2)) "$temp/good" >"$cache"
  expect "truncated: right output" "$("$d/openclaw" x 2>/dev/null)" "AAAA x"
  rm "$cache.cksum"
  expect "checksum lost: right output" "$("$d/openclaw" x 2>/dev/null)" "AAAA x"
  expect "then started from the cache again" "$(classes_from_cache "${cache%.aot}.args")" yes
}

test_failing_training_is_said_once() {
  local d="$temp/untrained"
  make_distribution "$d" AAAA no
  expect "training fails: the command runs" "$("$d/openclaw" x 2>"$temp/err")" "AAAA x"
  expect_in "training fails: said" "$(cat "$temp/err")" "training run failed"
  expect "training fails: said once" "$("$d/openclaw" x 2>&1)" "AAAA x"
}

test_no_jdk_gives_help() {
  local d="$temp/nojdk" code path_without
  make_distribution "$d" AAAA
  mkdir -p "$temp/empty" "$temp/old/bin"
  printf '#!/bin/sh\n' >"$temp/old/bin/java" && chmod +x "$temp/old/bin/java"
  printf 'JAVA_VERSION="17.0.15"\n' >"$temp/old/release"
  path_without="$temp/old/bin:$(dirname "$(command -v bash)"):/bin"
  case $path_without in *"$JAVA_HOME"*) return ;; esac
  JAVA_HOME="$temp/old" OPENCLAW_JDK_PLACES="$temp/empty" PATH=$path_without "$d/openclaw" x >"$temp/out" 2>"$temp/err"
  code=$?
  expect "no JDK: exit code" "$code" 1
  expect_in "no JDK: says how to get one" "$(cat "$temp/err")" "adoptium.net"
  expect "no JDK: nothing on standard output" "$(cat "$temp/out")" ""
}

test_paths_and_processes() {
  local d="$temp/a b\"c \$d\\e" pid
  make_distribution "$d" AAAA
  ln -s "$d/openclaw" "$temp/link one"
  mkdir -p "$temp/bin" && ln -s "../link one" "$temp/bin/openclaw"
  expect "odd folder name, arguments kept apart" "$(cd "$d" && ./openclaw 'p q' '@r' 2>/dev/null)" "AAAA p q,@r"
  expect "odd folder name: the cache is used" "$(classes_from_cache "$(ls "$d"/aot/*.args)")" yes
  expect "through two symlinks, from elsewhere" "$(cd / && "$temp/bin/openclaw" x 2>&1)" "AAAA x"
  expect "through PATH" "$(cd / && PATH="$temp/bin:$PATH" openclaw x 2>&1)" "AAAA x"
  expect "openclaw.home is the folder" "$("$d/openclaw" home)" "$d"
  "$d/openclaw" pid >"$temp/out" 2>&1 &
  pid=$!
  wait "$pid"
  expect "the launcher's pid is the JVM's" "$(cat "$temp/out")" "$pid"
  chmod a-w "$d" && rm -rf "$d/aot" && : >"$d/aot"
  expect "where nothing can be written, the user's cache folder" "$(XDG_CACHE_HOME="$temp/cache" "$d/openclaw" x 2>/dev/null) $(count_files "$temp/cache" '*.aot')" "AAAA x 1"
  chmod u+w "$d"
}

test_checkout_builds_once_and_when_stale() {
  local d="$temp/check out" path first second
  make_checkout "$d" AAAA
  path="$d/bin:$PATH"
  (PATH=$path "$d/openclaw" x >"$temp/out1" 2>"$temp/err1") &
  first=$!
  (PATH=$path "$d/openclaw" y >"$temp/out2" 2>"$temp/err2") &
  second=$!
  wait "$first" && wait "$second"
  expect "parallel first starts: both answer, and nothing else is on standard output" "$(cat "$temp/out1" "$temp/out2")" "AAAA x
AAAA y"
  expect "parallel first starts: built once" "$(wc -l <"$d/runs" | tr -d ' ')" 1
  expect "parallel first starts: one cache" "$(cat "$temp/err1" "$temp/err2" | grep -c 'start-up cache ready')" 1
  expect_in "parallel first starts: says what it does" "$(cat "$temp/err1" "$temp/err2")" "building from source"
  expect "not stale: not built" "$(PATH=$path "$d/openclaw" x 2>&1) $(wc -l <"$d/runs" | tr -d ' ')" "AAAA x 1"
  export OPENCLAW_AOT=off # from here on only the builds count
  sleep 0.1 && write_sources "$d/app/src/main/java" BBBB
  expect "OPENCLAW_BUILD=off: starts what was built" "$(OPENCLAW_BUILD=off PATH=$path "$d/openclaw" x 2>&1)" "AAAA x"
  expect "changed source: built anew" "$(PATH=$path "$d/openclaw" x 2>/dev/null) $(wc -l <"$d/runs" | tr -d ' ')" "BBBB x 2"
  sleep 0.1 && : >"$d/app/src/main/java/Gone.java" && PATH=$path "$d/openclaw" x >/dev/null 2>&1
  rm "$d/app/src/main/java/Gone.java"
  expect "deleted source: built anew" "$(PATH=$path "$d/openclaw" x 2>/dev/null) $(wc -l <"$d/runs" | tr -d ' ')" "BBBB x 4"
  (sleep 0.6 && write_sources "$d/app/src/main/java" CCCC) &
  first=$!
  touch "$d/app/pom.xml" && PATH=$path "$d/openclaw" x >/dev/null 2>&1
  wait "$first"
  expect "source saved during the build: built anew" "$(PATH=$path "$d/openclaw" x 2>/dev/null)" "CCCC x"
  : >"$d/broken" && touch "$d/app/pom.xml"
  PATH=$path "$d/openclaw" x >"$temp/out" 2>"$temp/err"
  expect "failed build: exit code and no output" "$? $(cat "$temp/out")" "1 "
  expect_in "failed build: the errors of the log" "$(cat "$temp/err")" "[ERROR] broken on purpose"
  expect_in "failed build: the log is named" "$(cat "$temp/err")" "/.openclaw/build.log"
  rm "$d/broken" "$d/bin/mvn"
  expect_in "no Maven: says so" "$(PATH="$(dirname "$(command -v bash)"):/bin" OPENCLAW_JAVA_HOME=$JAVA_HOME "$d/openclaw" x 2>&1)" "$(command -v /usr/bin/mvn >/dev/null && echo "the build failed" || echo "Maven is missing")"
  unset OPENCLAW_AOT
}

began=$SECONDS
test_replaced_jar_never_runs_old_code
test_damaged_cache_is_replaced
test_failing_training_is_said_once
test_no_jdk_gives_help
test_paths_and_processes
test_checkout_builds_once_and_when_stale
echo "launcher tests: $((SECONDS - began)) s"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
