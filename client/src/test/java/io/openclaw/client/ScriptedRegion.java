package io.openclaw.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A region that does what a script says with every rating: HTTP/1.1 over a socket of its own, so
 * that it can also send half an answer, hang, or die. Health checks are answered by {@link #ready}.
 */
final class ScriptedRegion implements AutoCloseable {
  /** A request as it arrived, whole; names of fields in lower case. */
  record Asked(String method, String path, Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** Answers, or does something else with the connection. */
  interface Script {
    void play(Asked asked, Reply reply) throws IOException, InterruptedException;
  }

  /** One connection, where an answer is expected. */
  record Reply(ScriptedRegion region, Socket socket) {
    void send(int status, String body, String... fields) throws IOException {
      write(status, body.getBytes(UTF_8).length, body, fields);
    }

    void rating() throws IOException {
      send(200, rated(region.name, 700));
    }

    void problem(int status, String... fields) throws IOException {
      send(status, problemDocument(status), fields);
    }

    /** The head and the first half of a body, then nothing more. */
    void half(String body) throws IOException {
      write(200, body.length(), body.substring(0, body.length() / 2));
      drop();
    }

    /** The head of an answer of 500 bytes, and its first bytes. */
    void begin(String bytes) throws IOException {
      write(200, 500, bytes);
    }

    void drop() throws IOException {
      socket.close();
    }

    /** Waits until the client leaves or the test ends. */
    void hang() throws IOException {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      region.left.incrementAndGet();
      throw new IOException("the client left");
    }

    private void write(int status, int length, String body, String... fields) throws IOException {
      StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " -\r\n");
      for (String field : fields) {
        text.append(field).append("\r\n");
      }
      text.append("Content-Length: ").append(length).append("\r\n\r\n").append(body);
      OutputStream out = socket.getOutputStream();
      out.write(text.toString().getBytes(UTF_8));
      out.flush();
    }
  }

  final String name;
  final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
  final AtomicInteger left = new AtomicInteger();
  volatile boolean ready = true;

  /** What it says of itself when it is ready. */
  volatile String load = "0.000";

  volatile String hears = "2/2";
  volatile boolean frozen;
  private volatile Script script;
  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  ScriptedRegion(String name) throws IOException {
    this(name, 0, (question, reply) -> reply.rating());
  }

  ScriptedRegion(String name, Script script) throws IOException {
    this(name, 0, script);
  }

  ScriptedRegion(String name, int port, Script script) throws IOException {
    this.name = name;
    this.script = script;
    this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  static String rated(String region, int rating) {
    return "{\"rating\":"
        + rating
        + ",\"decision\":\"approve\",\"threshold\":650,\"model\":\"credit-g\",\"version\":\"v1\","
        + "\"variant\":\"stable\",\"reasons\":[{\"code\":\"R01\",\"text\":\"Duration\","
        + "\"points\":12.5}],\"region\":\""
        + region
        + "\",\"request_id\":\"r-1\"}";
  }

  static String problemDocument(int status) {
    return "{\"type\":\"urn:openclaw:problem:scripted\",\"title\":\"Scripted\",\"status\":"
        + status
        + ",\"detail\":\"as the test says\",\"request_id\":\"r-2\",\"level\":\"tenant\"}";
  }

  /** Builds a client, and waits until it has found all its regions. */
  static OpenClawClient found(ClientBuilder builder) {
    OpenClawClient client = builder.build();
    await(() -> client.regions().stream().allMatch(each -> each.state().equals("up")));
    return client;
  }

  /** Waits for something that must come. */
  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within 10 s");
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  void script(Script next) {
    script = next;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  int port() {
    return server.getLocalPort();
  }

  List<Asked> ratings() {
    return asked.stream().filter(each -> each.path.startsWith("/v1/rate")).toList();
  }

  /** Nothing is listening any more, and every connection is reset. */
  void kill() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      reset(socket);
    }
  }

  private static void reset(Socket socket) throws IOException {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (SocketException closed) {
      assertThat(socket.isClosed()).isTrue();
    }
  }

  @Override
  public void close() throws IOException {
    kill();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (true) {
        Asked question = read(in);
        Reply reply = new Reply(this, socket);
        asked.add(question);
        while (frozen) {
          Thread.sleep(5);
        }
        if (question.path.equals("/readyz")) {
          readyz(reply);
        } else {
          script.play(question, reply);
        }
      }
    } catch (IOException | InterruptedException over) {
      sockets.remove(socket);
    }
  }

  private void readyz(Reply reply) throws IOException {
    if (ready) {
      reply.send(200, "{}", "x-openclaw-load: " + load, "X-OpenClaw-Hears: " + hears);
    } else {
      reply.send(503, "{\"detail\":\"starting\"}");
    }
  }

  private static Asked read(InputStream in) throws IOException {
    String[] first = line(in).split(" ", -1);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), UTF_8);
    return new Asked(first[0], first[1], headers, body);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the client left");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
