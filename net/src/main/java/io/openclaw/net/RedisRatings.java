package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.KeptRating;
import io.openclaw.edge.RatingKey;
import io.openclaw.edge.SharedRatings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Ratings shared through Redis, over one connection, as {@code GET} and {@code SET … EX}. Whatever
 * Redis does, a request waits for it no longer than the timeout; after several failures in a row
 * nobody asks it until it answers again ({@link CircuitBreaker}). Thread-safe; never blocks.
 */
public final class RedisRatings implements SharedRatings {
  private static final System.Logger LOG = System.getLogger("io.openclaw.net");

  /** Before every name; the number is the form of the entries. */
  private static final String PREFIX = "openclaw:rating:1:";

  /** Commands under way; one more fails at once. */
  private static final int WAITING_MAX = 10_000;

  private final Redis redis;
  private final RatingBytes entries;
  private final long timeoutMillis;
  private final Clock clock;
  private final CircuitBreaker breaker;
  private final AtomicReference<@Nullable Future<RedisConnection>> connection =
      new AtomicReference<>();
  private final LongAdder failures = new LongAdder();
  private final LongAdder forged = new LongAdder();
  private volatile boolean closed;

  /**
   * One that connects at once, and anew when it is asked.
   *
   * @param url {@code redis://host:port} or {@code rediss://host:port}
   * @param password what Redis asks for; empty for nothing
   * @param secret what entries are signed with
   * @param timeoutMillis how long a request waits at most
   */
  public RedisRatings(
      Vertx vertx,
      String url,
      String password,
      String secret,
      long timeoutMillis,
      Clock clock,
      RandomGenerator random) {
    RedisOptions options =
        new RedisOptions().setConnectionString(url).setMaxWaitingHandlers(WAITING_MAX);
    options.getNetClientOptions().setTcpNoDelay(true).setConnectTimeout(1_000);
    if (!password.isEmpty()) {
      options.setPassword(password);
    }
    this.redis = Redis.createClient(vertx, options);
    this.entries = new RatingBytes(secret);
    this.timeoutMillis = timeoutMillis;
    this.clock = clock;
    this.breaker = new CircuitBreaker(random);
    connect();
  }

  private static String name(RatingKey key) {
    return PREFIX + key.tenant() + ":" + key.digest() + ":" + key.text();
  }

  @Override
  public CompletionStage<Optional<KeptRating>> find(RatingKey key) {
    long permit = closed ? CircuitBreaker.DENIED : breaker.tryAcquire(clock.nanoTime());
    if (permit == CircuitBreaker.DENIED) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    String name = name(key);
    return send(permit, Request.cmd(Command.GET).arg(name))
        .map(answer -> found(name, answer))
        .otherwise(Optional.empty())
        .toCompletionStage();
  }

  private Optional<KeptRating> found(String name, @Nullable Response answer) {
    byte @Nullable [] entry = answer == null ? null : answer.toBytes();
    if (entry == null) {
      return Optional.empty();
    }
    Optional<KeptRating> kept = entries.read(name, entry);
    if (kept.isEmpty()) {
      forged.increment();
    }
    return kept;
  }

  @Override
  public void keep(RatingKey key, KeptRating kept, int maxAgeSeconds) {
    // Half open, the one question at a time is a request's.
    if (closed || breaker.state(clock.nanoTime()) != CircuitBreaker.State.CLOSED) {
      return;
    }
    String name = name(key);
    Optional<byte[]> entry = entries.write(name, kept);
    long permit = breaker.tryAcquire(clock.nanoTime());
    if (entry.isPresent() && permit != CircuitBreaker.DENIED) {
      var _ =
          send(
              permit,
              Request.cmd(Command.SET)
                  .arg(name)
                  .arg(Buffer.buffer(entry.get()))
                  .arg("EX")
                  .arg(maxAgeSeconds));
    }
  }

  private Future<@Nullable Response> send(long permit, Request request) {
    Future<RedisConnection> through = connection();
    return through
        .compose(open -> open.send(request))
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .onComplete(
            done -> {
              if (done.succeeded()) {
                breaker.answered(permit);
              } else {
                failed(permit, through, done.cause());
              }
            });
  }

  private Future<RedisConnection> connection() {
    Future<RedisConnection> now = connection.get();
    if (now != null) {
      return now;
    }
    synchronized (connection) {
      now = connection.get();
      if (now == null) {
        now = connect();
      }
      return now;
    }
  }

  private Future<RedisConnection> connect() {
    Future<RedisConnection> fresh = redis.connect();
    connection.set(fresh);
    fresh
        .onFailure(broken -> drop(fresh))
        .onSuccess(
            open -> {
              open.exceptionHandler(broken -> drop(fresh));
              open.endHandler(ended -> drop(fresh));
            });
    return fresh;
  }

  /** Where the breaker opens, the connection is not worth keeping: answers would come in heaps. */
  private void failed(long permit, Future<RedisConnection> through, Throwable why) {
    failures.increment();
    CircuitBreaker.State before = breaker.state(clock.nanoTime());
    breaker.failed(permit, clock.nanoTime());
    boolean opened =
        before == CircuitBreaker.State.CLOSED
            && breaker.state(clock.nanoTime()) == CircuitBreaker.State.OPEN;
    if (opened) {
      LOG.log(
          Level.WARNING,
          () -> "Redis is not asked for a while, ratings are not shared: " + why.getMessage());
    }
    if (breaker.state(clock.nanoTime()) != CircuitBreaker.State.CLOSED || through.failed()) {
      drop(through);
    }
  }

  private void drop(Future<RedisConnection> old) {
    if (connection.compareAndSet(old, null)) {
      old.onSuccess(RedisConnection::close);
    }
  }

  /** Whether it is asked. */
  public CircuitBreaker.State state() {
    return breaker.state(clock.nanoTime());
  }

  /** Commands that failed or took too long. */
  public long failures() {
    return failures.sum();
  }

  /** Entries that were not what a node had written there. */
  public long forged() {
    return forged.sum();
  }

  /** Lets the connection go. */
  public void close() {
    closed = true;
    Future<RedisConnection> now = connection.get();
    if (now != null) {
      drop(now);
    }
    redis.close();
  }
}
