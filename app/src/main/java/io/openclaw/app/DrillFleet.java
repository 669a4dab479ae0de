package io.openclaw.app;

import com.sun.net.httpserver.HttpServer;
import io.openclaw.bench.Relay;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fleet to be drilled: three regions ({@code openclaw dev}), a relay before each, and a front
 * door before the relays. The faults are done to the first region. For one thread.
 */
final class DrillFleet implements AutoCloseable {
  static final String ROUTER = "router";
  static final String REGION = "region";
  static final Relay.Line FAR = new Relay.Line(200_000_000L, 0, 0, 0);

  private static final int READY_SECONDS_MAX = 120;
  private static final int STOP_SECONDS_MAX = 20;
  private static final int POLL_MILLIS = 5;
  private static final int REHEARSALS = 200;

  /** A router that listens has not yet asked the regions how they are. */
  private static final int HANDOVER_MILLIS = 500;

  private static final int PORTS = 34;
  private static final Pattern BACK = Pattern.compile("region (\\S+) is back \\(pid (\\d+)\\)");

  private record Region(String name, URI url, URI admin, long pid) {}

  private final Path folder;
  private final @Nullable String peer;
  private final List<Process> children = new CopyOnWriteArrayList<>();
  private final List<Region> regions = new ArrayList<>();
  private final List<Relay> relays = new ArrayList<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpServer bad;

  /** Sends signals without the time that it takes to start a process. */
  private final Process signals;

  private final Thread stop = new Thread(this::stopAll, "stop");
  private final int port;
  private volatile boolean stopped;
  private @Nullable Process front;
  private @Nullable ScheduledExecutorService flapping;
  private String key = "";
  private String limitedKey = "";
  private String adminKey = "";

  /**
   * @param folder for data, logs and records
   * @param peer the command of another front door, which finds its configuration in its last
   *     argument; null for the router
   */
  private DrillFleet(Path folder, @Nullable String peer) throws IOException {
    this.folder = folder;
    this.peer = peer;
    this.port = freePort();
    this.signals =
        new ProcessBuilder(
                "sh",
                "-c",
                "while read -r name pid; do kill -\"$name\" \"$pid\" && echo ok || echo failed; done")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    this.bad = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    bad.createContext(
        "/",
        exchange -> {
          int status = exchange.getRequestURI().getPath().equals("/readyz") ? 200 : 503;
          exchange.getRequestBody().readAllBytes();
          byte[] body = "{}".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    bad.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    bad.start();
  }

  /** Starts one and waits until the front door finds every region up; ends with this process. */
  static DrillFleet start(Path folder, @Nullable String peer)
      throws IOException, InterruptedException {
    DrillFleet fleet = new DrillFleet(folder, peer);
    Runtime.getRuntime().addShutdownHook(fleet.stop);
    try {
      fleet.startRegions();
      fleet.startRelays();
      fleet.front = fleet.startFront();
      fleet.awaitUp();
      return fleet;
    } catch (IOException | InterruptedException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The first of {@value #PORTS} free ports in a row. */
  private static int freeBase() throws IOException {
    for (int base = 21_000; base < 60_000; base += 40) {
      try {
        for (int each = base; each < base + PORTS; each++) {
          new ServerSocket(each, 1, InetAddress.getLoopbackAddress()).close();
        }
        return base;
      } catch (IOException e) {
        // one is taken: the next ones
      }
    }
    throw new IOException("no " + PORTS + " free ports in a row");
  }

  private void startRegions() throws IOException {
    Path limited = folder.resolve("limited.yaml");
    Files.writeString(
        limited,
        """
        tenants:
          bounded: {models: [credit-g], limit: {rate: 50, burst: 50}}
        """);
    Process dev =
        run(
            "dev",
            "--output",
            "json",
            "--restart-after",
            "2",
            "--port-base",
            Integer.toString(freeBase()),
            "--data",
            folder.resolve("data").toString(),
            "--config",
            limited.toString());
    Json.Obj ready = readyLine(dev);
    for (Json each : ((Json.Arr) member(ready, "regions")).elements()) {
      Json.Obj region = (Json.Obj) each;
      regions.add(
          new Region(
              AdminNode.text(region, "name"),
              URI.create(AdminNode.text(region, "url")),
              URI.create(AdminNode.text(region, "admin")),
              (long) ((Json.Num) member(region, "pid")).value()));
    }
    Json.Obj keys = (Json.Obj) member(ready, "keys");
    key = AdminNode.text(keys, "credit");
    limitedKey = AdminNode.text(keys, "bounded");
    adminKey = AdminNode.text(ready, "adminKey");
  }

  private static Json member(Json.Obj object, String name) throws IOException {
    Json found = object.get(name);
    if (found == null) {
      throw new IOException("openclaw dev did not say its " + name);
    }
    return found;
  }

  private Json.Obj readyLine(Process dev) throws IOException {
    BufferedReader out = dev.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    try {
      if (line != null
          && JsonReader.read(line.getBytes(StandardCharsets.UTF_8)) instanceof Json.Obj ready) {
        return ready;
      }
    } catch (JsonSyntaxException e) {
      // said below
    }
    throw new IOException("openclaw dev did not start: see " + folder.resolve("dev.log"));
  }

  private void startRelays() throws IOException {
    for (Region region : regions) {
      Relay.Link link =
          new Relay.Link(
              ROUTER,
              REGION,
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              new InetSocketAddress(InetAddress.getLoopbackAddress(), region.url().getPort()),
              null);
      relays.add(Relay.open(List.of(link), Relay.PLAIN, 1));
    }
  }

  private Process startFront() throws IOException {
    if (peer != null) {
      return startPeer(peer);
    }
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "router",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--reuse-port",
                "--steering",
                "weighted"));
    for (int i = 0; i < regions.size(); i++) {
      String name = regions.get(i).name();
      arguments.addAll(List.of("--weight", name + "=1", "--region", name + "=" + address(i)));
    }
    return run(arguments.toArray(new String[0]));
  }

  private String address(int region) {
    return "http://127.0.0.1:" + relays.get(region).port(0);
  }

  /** HAProxy, as quick as it can be made: checks each 50 ms, retries at once elsewhere. */
  private Process startPeer(String command) throws IOException {
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < regions.size(); i++) {
      servers.append("  server ").append(regions.get(i).name()).append(" 127.0.0.1:");
      servers.append(relays.get(i).port(0)).append(" check\n");
    }
    Path file = folder.resolve("haproxy.cfg");
    Files.writeString(
        file,
        """
        global
          nbthread 2
        defaults
          mode http
          timeout connect 100ms
          timeout client 60s
          timeout server 250ms
          retries 3
          retry-on conn-failure empty-response response-timeout 502 503
          option redispatch 1
          option http-keep-alive
        frontend front
          bind 127.0.0.1:%d
          default_backend regions
        backend regions
          balance roundrobin
          option httpchk GET /readyz
          default-server inter 50ms fastinter 20ms downinter 100ms fall 2 rise 3 observe layer7 error-limit 3 on-error mark-down
        %s"""
            .formatted(port, servers));
    List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
    words.add(file.toString());
    Process started =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("peer.log").toFile()))
            .start();
    return child(started);
  }

  private Process child(Process started) {
    children.add(started);
    if (stopped) {
      started.destroy();
    }
    return started;
  }

  /** Runs this program with other arguments. */
  Process run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(DevRegion.java());
    command.addAll(List.of(arguments));
    Process started =
        new ProcessBuilder(command)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(folder.resolve(arguments[0] + ".log").toFile()))
            .start();
    return child(started);
  }

  /** Waits until the front door finds every region up, and answers. */
  void awaitUp() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS_MAX);
    while (!isUp()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "not every region is up after " + READY_SECONDS_MAX + " s: see the logs in " + folder);
      }
      Thread.sleep(20L * POLL_MILLIS);
    }
  }

  private boolean isUp() throws InterruptedException {
    if (peer == null) {
      String page = get(url() + "/readyz", 1_000);
      return page.split("\"state\":\"up\"", -1).length == regions.size() + 1;
    }
    for (int i = 0; i < regions.size(); i++) {
      if (get(address(i) + "/readyz", 1_000).isEmpty()) {
        return false;
      }
    }
    return !get(url() + "/livez", 1_000).isEmpty();
  }

  /** A page where it is answered with 200; else nothing. */
  private String get(String url, int millis) throws InterruptedException {
    HttpResponse<String> answer = ask(url, millis);
    return answer != null && answer.statusCode() == 200 ? answer.body() : "";
  }

  private @Nullable HttpResponse<String> ask(String url, int millis) throws InterruptedException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMillis(millis)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * How long after {@code fromNanos} the router held the first region for anything but up; -1 where
   * it never did within the time.
   */
  long detectedMillis(long fromNanos, int millisMax) throws InterruptedException {
    String up = "\"name\":\"" + regions.getFirst().name() + "\",\"state\":\"up\"";
    while (peer == null && System.nanoTime() - fromNanos < millisMax * 1_000_000L) {
      // With all regions down the router is not ready, and its page says why.
      HttpResponse<String> answer = ask(url() + "/readyz", 200);
      if (answer != null && !answer.body().contains(up)) {
        return (System.nanoTime() - fromNanos) / 1_000_000;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return -1;
  }

  /** A counter of the router, over all its labels; -1 where there is no router of ours. */
  long counted(String name) throws InterruptedException {
    if (peer != null) {
      return -1;
    }
    return Math.round(
        get(url() + "/metrics", 2_000)
            .lines()
            .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .sum());
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  Path folder() {
    return folder;
  }

  /** The key of a tenant whose limit is far away. */
  String key() {
    return key;
  }

  /** The key of a tenant of 50 requests/s, and a burst of 50. */
  String limitedKey() {
    return limitedKey;
  }

  Relay relay() {
    return relays.getFirst();
  }

  List<Relay> relays() {
    return relays;
  }

  InetSocketAddress badAddress() {
    return bad.getAddress();
  }

  /** Does what costs more the first time, and hurts nobody, so that no fault begins late by it. */
  void rehearse() throws IOException, InterruptedException {
    for (int i = 0; i < REHEARSALS; i++) {
      signal("0");
      get("http://127.0.0.1:" + bad.getAddress().getPort() + "/readyz", 1_000);
      detectedMillis(System.nanoTime(), 1);
    }
  }

  /** Sends a signal to the first region's process. */
  void signal(String name) throws IOException {
    signal(name, pid());
  }

  private void signal(String name, long pid) throws IOException {
    BufferedWriter asked = signals.outputWriter(StandardCharsets.US_ASCII);
    asked.write(name + " " + pid + "\n");
    asked.flush();
    if (!"ok".equals(signals.inputReader(StandardCharsets.US_ASCII).readLine())) {
      throw new IOException("kill -" + name + " " + pid + " failed");
    }
  }

  /** The first region's process now: it may have been started again. */
  private long pid() throws IOException {
    Region first = regions.getFirst();
    long pid = first.pid();
    for (String line : Files.readAllLines(folder.resolve("dev.log"))) {
      Matcher back = BACK.matcher(line);
      if (back.find() && back.group(1).equals(first.name())) {
        pid = Long.parseLong(back.group(2));
      }
    }
    return pid;
  }

  /** Drains the first region, or takes it back. */
  void drain(boolean drained) throws IOException {
    Json.Obj order =
        RegionCommand.wish(
            regions.getFirst().name(), drained, "a drill", "openclaw drill", 0, false);
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(regions.get(1).admin() + RegionCommand.REGIONS))
                  .header("authorization", "Bearer " + adminKey)
                  .header("content-type", "application/json")
                  .timeout(Duration.ofSeconds(10))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(JsonWriter.write(order)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(
            "the order was answered " + answer.statusCode() + ": " + answer.body());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Begins to cut the first region off for 300 ms of each second, or ends it. */
  void flap(boolean on) {
    ScheduledExecutorService before = flapping;
    if (before != null) {
      before.shutdownNow();
      flapping = null;
    }
    if (on) {
      ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
      flapping = timer;
      var _ = timer.scheduleAtFixedRate(() -> relay().cut(ROUTER, REGION), 0, 1, TimeUnit.SECONDS);
      var _ = timer.scheduleAtFixedRate(relay()::heal, 300, 1_000, TimeUnit.MILLISECONDS);
    }
  }

  /** Starts another router on the port, waits until it is ready, and stops the one before. */
  void replaceRouter() throws IOException {
    Process old = front;
    Process next = startFront();
    front = next;
    if (peer == null && next.inputReader(StandardCharsets.UTF_8).readLine() == null) {
      throw new IOException("the other router did not start: see " + folder.resolve("router.log"));
    }
    try {
      Thread.sleep(HANDOVER_MILLIS);
      if (old != null) {
        signal("TERM", old.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // this process ends: the hook has seen to it
    }
  }

  private synchronized void stopAll() {
    if (stopped) {
      return;
    }
    stopped = true;
    flap(false);
    bad.stop(0);
    relays.forEach(Relay::close);
    try {
      signal("CONT", pid()); // one that is frozen could not end
    } catch (IOException | UncheckedIOException | java.util.NoSuchElementException e) {
      // it is gone already
    }
    signals.destroy();
    children.forEach(Process::destroy);
    for (Process child : children) {
      try {
        if (!child.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
          child.destroyForcibly();
        }
      } catch (InterruptedException e) {
        child.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    http.close();
  }
}
