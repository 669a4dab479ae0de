package io.openclaw.bench;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A short load against a server of our own, so that the first recorded request does not wait for
 * the generator's classes to be loaded (about a second on a cold JVM). The URLs see none of it.
 */
final class Rehearsal {
  private static final int CONNECTIONS = 16;
  private static final int REQUESTS = 2_000;
  private static final long NANOS_MAX = 1_000_000_000;
  private static final long LISTEN_SECONDS_MAX = 5;
  private static final Buffer ANSWER =
      Buffer.buffer(
          "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok",
          StandardCharsets.US_ASCII.name());

  private static final AtomicBoolean DONE = new AtomicBoolean();

  private Rehearsal() {}

  /** Does so once in the life of this program. */
  static void once(Vertx vertx) throws IOException, InterruptedException {
    if (!DONE.getAndSet(true)) {
      run(vertx);
    }
  }

  private static void run(Vertx vertx) throws IOException, InterruptedException {
    NetServer server =
        vertx.createNetServer().connectHandler(socket -> socket.handler(b -> socket.write(ANSWER)));
    try {
      server.listen(0, "127.0.0.1").await(LISTEN_SECONDS_MAX, TimeUnit.SECONDS);
      LoadPlan plan =
          new LoadPlan(
              List.of(Target.of("http://127.0.0.1:" + server.actualPort() + "/")),
              new Pace.Closed(CONNECTIONS),
              NANOS_MAX,
              REQUESTS,
              0,
              NANOS_MAX,
              new RequestTemplate("POST", List.of(), List.of(new byte[512])),
              Statuses.SUCCESSFUL,
              true,
              null,
              false);
      new LoadRun(vertx, plan).begin(progress -> {}).await();
      server.close().await(LISTEN_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no port on the loopback interface within 5 s", e);
    }
  }
}
