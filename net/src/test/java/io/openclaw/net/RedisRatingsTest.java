package io.openclaw.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.domain.Reason;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.KeptRating;
import io.openclaw.edge.RatingKey;
import io.openclaw.edge.TestKeys;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real {@code redis-server}; skipped where there is none. */
@Timeout(60)
class RedisRatingsTest {
  private static final String SERVER = "/usr/bin/redis-server";
  private static final String SECRET = "sixteen-characters-and-more";
  private static final long NOW = 1_800_000_000_000L;
  private static final KeptRating KEPT =
      new KeptRating(
          new Rating(
              new Decimal(7235, 1),
              List.of(new Reason("R01", "why \"not\"", new Decimal(114, 0))),
              null,
              new Json.Obj(Map.of("probability", new Json.Num(0.1 + 0.2)))),
          NOW);

  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return NOW;
        }
      };

  @TempDir Path folder = Path.of("");
  private final Vertx vertx = Vertx.vertx();
  private @Nullable Process server;
  private int port;

  @BeforeEach
  void begin() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
  }

  @AfterEach
  void end() throws Exception {
    if (server != null) {
      signal("CONT");
      server.destroyForcibly().waitFor();
    }
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private void startServer() throws Exception {
    assumeTrue(new File(SERVER).canExecute(), SERVER + " is not installed (Debian: redis-server)");
    server =
        new ProcessBuilder(
                SERVER,
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--requirepass",
                "hush",
                "--dir",
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("redis.log").toFile())
            .start();
    for (int i = 0; i < 500; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        assertThat(socket.isConnected()).isTrue();
        return;
      } catch (IOException e) {
        Thread.sleep(20);
      }
    }
    throw new AssertionError("redis-server did not start");
  }

  private void signal(String name) throws Exception {
    long pid = Objects.requireNonNull(server).pid();
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  private RedisRatings ratings(String secret, long timeoutMillis) {
    return new RedisRatings(
        vertx, "redis://127.0.0.1:" + port, "hush", secret, timeoutMillis, CLOCK, new Random(1));
  }

  private static Optional<KeptRating> find(RedisRatings ratings, RatingKey key) {
    return ratings.find(key).toCompletableFuture().join();
  }

  private static Optional<KeptRating> findWithin(RedisRatings ratings, RatingKey key, int millis)
      throws InterruptedException {
    Optional<KeptRating> found = find(ratings, key);
    for (int i = 0; i < millis / 10 && found.isEmpty(); i++) {
      Thread.sleep(10);
      found = find(ratings, key);
    }
    return found;
  }

  private Response raw(Request request) {
    Redis redis = Redis.createClient(vertx, "redis://:hush@127.0.0.1:" + port);
    try {
      return redis.send(request).toCompletionStage().toCompletableFuture().join();
    } finally {
      redis.close();
    }
  }

  @Test
  void what_one_node_keeps_another_finds_until_it_is_too_old() throws Exception {
    startServer();
    RedisRatings one = ratings(SECRET, 1_000);
    RedisRatings other = ratings(SECRET, 1_000);
    RatingKey key = TestKeys.key("bank", 1);
    assertThat(find(other, key)).isEmpty();
    one.keep(key, KEPT, 60);
    assertThat(findWithin(other, key, 5_000)).contains(KEPT);
    assertThat(find(other, TestKeys.key("bank", 2))).isEmpty();
    String name = raw(Request.cmd(Command.KEYS).arg("*")).get(0).toString();
    assertThat(name).startsWith("openclaw:rating:1:bank:").endsWith(":" + key.text());
    assertThat(raw(Request.cmd(Command.TTL).arg(name)).toInteger()).isBetween(50, 60);
    assertThat(one.failures() + other.failures()).isZero();
  }

  @Test
  void an_entry_that_no_node_wrote_there_is_not_used() throws Exception {
    startServer();
    RedisRatings ratings = ratings(SECRET, 1_000);
    RatingKey bank = TestKeys.key("bank", 1);
    RatingKey rival = TestKeys.key("rival", 1);
    ratings.keep(bank, KEPT, 60);
    assertThat(findWithin(ratings, bank, 5_000)).contains(KEPT);
    String name = raw(Request.cmd(Command.KEYS).arg("*")).get(0).toString();
    byte[] entry = raw(Request.cmd(Command.GET).arg(name)).toBytes();
    String moved = name.replace(":bank:", ":rival:").replace(bank.text(), rival.text());
    raw(Request.cmd(Command.SET).arg(moved).arg(Buffer.buffer(entry)));
    assertThat(find(ratings, rival)).as("another tenant's entry").isEmpty();
    assertThat(ratings.forged()).isEqualTo(1);
    for (int i = 0; i < entry.length; i++) {
      byte[] bent = entry.clone();
      bent[i] ^= 1;
      assertThat(new RatingBytes(SECRET).read(name, bent)).as("byte %s", i).isEmpty();
    }
    assertThat(new RatingBytes(SECRET).read(name, "junk".getBytes(UTF_8))).isEmpty();
    assertThat(find(ratings("another-secret-of-some-length", 1_000), bank)).isEmpty();
  }

  @Test
  void a_frozen_redis_costs_a_few_timeouts_and_then_nothing_and_is_used_again_when_it_thaws()
      throws Exception {
    startServer();
    RedisRatings ratings = ratings(SECRET, 50);
    RatingKey key = TestKeys.key("bank", 1);
    ratings.keep(key, KEPT, 60);
    assertThat(findWithin(ratings, key, 5_000)).contains(KEPT);
    signal("STOP");
    int asked = 0;
    while (ratings.state() == CircuitBreaker.State.CLOSED) {
      assertThat(find(ratings, key)).isEmpty();
      assertThat(++asked).isLessThanOrEqualTo(25);
    }
    long failures = ratings.failures();
    for (int i = 0; i < 1_000; i++) {
      assertThat(find(ratings, key)).isEmpty();
    }
    assertThat(ratings.failures() - failures).as("questions while open").isLessThanOrEqualTo(5);
    signal("CONT");
    assertThat(findWithin(ratings, key, 40_000)).contains(KEPT);
  }

  @Test
  void without_a_redis_nothing_is_found_and_nothing_fails() {
    RedisRatings ratings = ratings(SECRET, 50);
    for (int i = 0; i < 50; i++) {
      assertThat(find(ratings, TestKeys.key("bank", i))).isEmpty();
      ratings.keep(TestKeys.key("bank", i), KEPT, 60);
    }
    assertThat(ratings.state()).isEqualTo(CircuitBreaker.State.OPEN);
    ratings.close();
    assertThat(find(ratings, TestKeys.key("bank", 1))).isEmpty();
  }

  @Test
  void a_restarted_redis_is_connected_to_again() throws Exception {
    startServer();
    RedisRatings ratings = ratings(SECRET, 200);
    RatingKey key = TestKeys.key("bank", 1);
    ratings.keep(key, KEPT, 60);
    assertThat(findWithin(ratings, key, 5_000)).contains(KEPT);
    Objects.requireNonNull(server).destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    assertThat(find(ratings, key)).isEmpty();
    startServer();
    Optional<KeptRating> found = Optional.empty();
    for (int i = 0; i < 4_000 && found.isEmpty(); i++) {
      ratings.keep(key, KEPT, 60);
      found = find(ratings, key);
      Thread.sleep(10);
    }
    assertThat(found).contains(KEPT);
  }
}
