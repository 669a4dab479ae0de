package io.openclaw.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A small rating service on a real port that does what the test says. */
final class BrokenService implements AutoCloseable {
  /** What it does with a request. */
  enum Way {
    WELL,
    SLOW,
    HANGING,
    HALF,
    HUGE,
    ENDLESS,
    NOT_JSON,
    NO_RATING,
    DEEP,
    STATUS_500,
    REDIRECT,
    HTML,
    CLOSED,
    NO_HTTP
  }

  private static final int SLOW_MILLIS = 30;

  private final ServerSocket server;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new ArrayList<>();
  private volatile Way way = Way.WELL;

  BrokenService(int port) throws IOException {
    server = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void way(Way next) {
    way = next;
  }

  /** The heads and bodies of the requests so far. */
  List<String> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      while (true) {
        String request = read(socket.getInputStream());
        if (request.isEmpty()) {
          return;
        }
        synchronized (requests) {
          requests.add(request);
        }
        if (!answer(socket.getOutputStream())) {
          return;
        }
      }
    } catch (IOException e) {
      // the client is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String read(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    int body = -1;
    while (body != 0) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      text.append((char) next);
      if (body > 0) {
        body--;
      } else if (text.toString().endsWith("\r\n\r\n")) {
        body = 0;
        for (String line : text.toString().lines().toList()) {
          if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length: ")) {
            body = Integer.parseInt(line.substring(16).strip());
          }
        }
      }
    }
    return text.toString();
  }

  private static String head(int status, String type, long length) {
    return "HTTP/1.1 "
        + status
        + " x\r\ncontent-type: "
        + type
        + "\r\ncontent-length: "
        + length
        + "\r\n\r\n";
  }

  private static String json(String body) {
    return head(200, "application/json; charset=utf-8", body.length()) + body;
  }

  /** Whether the connection goes on. */
  private boolean answer(OutputStream out) throws IOException, InterruptedException {
    Way now = way;
    String text =
        switch (now) {
          case WELL -> json("{\"rating\": 612.5, \"model\": \"theirs\"}");
          case SLOW -> {
            Thread.sleep(SLOW_MILLIS);
            yield json("{\"rating\": 613}");
          }
          case HANGING -> "";
          case HALF -> head(200, "application/json", 100) + "{\"rating\": 6";
          case HUGE -> json("{\"rating\": 1, \"x\": \"" + "x".repeat(100_000) + "\"}");
          case ENDLESS -> head(200, "application/json", Integer.MAX_VALUE);
          case NOT_JSON -> json("rating=612");
          case NO_RATING -> json("{\"rating\": \"612\"}");
          case DEEP -> json("{\"rating\": 1, \"x\": " + "[".repeat(99) + "]".repeat(99) + "}");
          case STATUS_500 -> head(500, "application/json", 13) + "{\"rating\": 1}";
          case REDIRECT ->
              "HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:"
                  + port()
                  + "/elsewhere\r\ncontent-length: 0\r\n\r\n";
          case HTML -> head(200, "text/html", 13) + "{\"rating\": 1}";
          case CLOSED -> "";
          case NO_HTTP -> "220 mail ready\r\n";
        };
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
    while (now == Way.ENDLESS && over.getCount() > 0) {
      out.write(" ".repeat(4096).getBytes(ISO_8859_1));
    }
    if (now == Way.HANGING || now == Way.HALF || now == Way.NO_HTTP) {
      over.await();
    }
    return now != Way.CLOSED;
  }

  @Override
  public void close() throws IOException {
    over.countDown();
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
