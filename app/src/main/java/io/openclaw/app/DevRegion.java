package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One region of {@code openclaw dev}: a node as a process of its own, with its folder, its ports
 * and its log.
 *
 * <p>Thread-safe.
 */
final class DevRegion {
  private static final long STOP_SECONDS_MAX = 5;
  private static final int LOG_LINES_SHOWN = 5;

  private final String name;
  private final Path folder;
  private final DevPorts ports;
  private final List<String> arguments;
  private final Map<String, String> environment;
  private @Nullable Process process;
  private boolean stopped;

  /**
   * @param arguments of {@code openclaw serve}
   * @param environment secrets, added to this process's environment
   */
  DevRegion(
      String name,
      Path folder,
      DevPorts ports,
      List<String> arguments,
      Map<String, String> environment) {
    this.name = name;
    this.folder = folder;
    this.ports = ports;
    this.arguments = arguments;
    this.environment = environment;
  }

  String name() {
    return name;
  }

  DevPorts ports() {
    return ports;
  }

  Path log() {
    return folder.resolve("node.log");
  }

  synchronized long pid() {
    return process == null ? 0 : process.pid();
  }

  /**
   * Starts the process; the future completes when it says that it is ready, and fails where it ends
   * before.
   */
  synchronized CompletableFuture<DevRegion> start() throws IOException {
    if (stopped) {
      return CompletableFuture.failedFuture(new IOException("stopped"));
    }
    List<String> command = new ArrayList<>(java());
    command.addAll(List.of("serve", "--output", "json", "--stop-with-stdin"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeIf(variable -> Setting.ALL.stream().anyMatch(s -> s.variable().equals(variable)));
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
    Process started = builder.start();
    process = started;
    CompletableFuture<DevRegion> ready = new CompletableFuture<>();
    Thread.ofVirtual().name("dev-" + name).start(() -> readLine(started, ready));
    return ready;
  }

  private void readLine(Process started, CompletableFuture<DevRegion> ready) {
    try (BufferedReader out = started.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      if (line != null
          && JsonReader.read(line.getBytes(StandardCharsets.UTF_8)) instanceof Json.Obj) {
        ready.complete(this);
        while (out.readLine() != null) {
          // a node says nothing more on standard output
        }
        return;
      }
      ready.completeExceptionally(
          new IOException(
              "region " + name + " did not start:" + System.lineSeparator() + lastLog()));
    } catch (IOException | JsonSyntaxException e) {
      ready.completeExceptionally(
          new IOException("region " + name + " did not start: " + e.getMessage(), e));
    }
  }

  private String lastLog() throws IOException {
    List<String> lines = Files.readAllLines(log());
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
  }

  /** The command that runs this program again: as the launcher started it, or as it runs now. */
  static List<String> java() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String argfile = System.getenv("OPENCLAW_JVM_ARGFILE");
    if (argfile != null && new File(argfile).isFile()) {
      return List.of(java, "@" + argfile, Main.class.getName());
    }
    return List.of(
        java,
        "-Xmx512m",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"),
        Main.class.getName());
  }

  /** Completes when the running process ends; with its exit code. */
  synchronized CompletableFuture<Integer> onExit() {
    Process running = java.util.Objects.requireNonNull(process);
    return running.onExit().thenApply(Process::exitValue);
  }

  synchronized boolean isStopped() {
    return stopped;
  }

  /** Asks the process to stop; {@link #awaitEnd} waits. */
  synchronized void stop() {
    stopped = true;
    if (process != null) {
      process.destroy();
    }
  }

  void awaitEnd() {
    Process running;
    synchronized (this) {
      running = process;
    }
    if (running == null) {
      return;
    }
    try {
      if (!running.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("name", new Json.Str(name));
    members.put("url", new Json.Str(ports.url()));
    members.put("metrics", new Json.Str(ports.metricsUrl()));
    members.put("admin", new Json.Str(ports.adminUrl()));
    members.put("pid", new Json.Num(pid()));
    return new Json.Obj(members);
  }
}
