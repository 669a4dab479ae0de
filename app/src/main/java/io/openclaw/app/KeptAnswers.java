package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.edge.CircuitBreaker;
import io.openclaw.edge.RatingCache;
import io.openclaw.edge.ReplayBounds;
import io.openclaw.edge.Replays;
import io.openclaw.net.RedisRatings;
import io.openclaw.rating.DurableLog;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a node keeps of what it answered: ratings in a cache, in memory and perhaps in Redis, and
 * answers for idempotency keys, on disk. Wired together, with their metrics.
 */
final class KeptAnswers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final long HOUR_MILLIS = 3_600_000L;

  /** No longer than keys should be refused once a disk that failed is well again. */
  private static final long TICK_MILLIS = 1_000;

  private final RatingCache cache;
  private final @Nullable RedisRatings redis;
  private final @Nullable Replays replays;
  private final @Nullable ReplayFiles files;
  private final Vertx vertx;
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final long ticker;
  private volatile boolean failing;

  private KeptAnswers(
      RatingCache cache,
      @Nullable RedisRatings redis,
      @Nullable Replays replays,
      @Nullable ReplayFiles files,
      Vertx vertx) {
    this.cache = cache;
    this.redis = redis;
    this.replays = replays;
    this.files = files;
    this.vertx = vertx;
    this.ticker = vertx.setPeriodic(TICK_MILLIS, id -> tick());
  }

  /** The log of kept answers, which is replayed before it is open. */
  private static final class LaterLog implements DurableLog {
    private volatile @Nullable ReplayFiles files;

    private ReplayFiles files() {
      return Objects.requireNonNull(files);
    }

    @Override
    public CompletionStage<Void> append(byte[] record) {
      return files().append(record);
    }

    @Override
    public boolean accepts() {
      return files().accepts();
    }
  }

  /**
   * Opens both.
   *
   * @param folder of the answers for idempotency keys
   * @throws IOException where what was kept cannot be read
   */
  static KeptAnswers open(NodeConfig config, Path folder, Vertx vertx, Clock clock)
      throws IOException {
    String url = config.get(Setting.CACHE_REDIS_URL);
    RedisRatings redis =
        url.isEmpty()
            ? null
            : new RedisRatings(
                vertx,
                url,
                config.cacheSecrets().password().reveal(),
                config.cacheSecrets().signature().reveal(),
                config.number(Setting.CACHE_REDIS_MILLIS),
                clock,
                new SecureRandom());
    RatingCache cache = new RatingCache(config.number(Setting.CACHE_BYTES_MAX), redis, clock);
    int keysMax = config.number(Setting.IDEMPOTENCY_KEYS_MAX);
    if (keysMax == 0) {
      return new KeptAnswers(cache, redis, null, null, vertx);
    }
    long keepMillis = config.number(Setting.IDEMPOTENCY_HOURS) * HOUR_MILLIS;
    LaterLog log = new LaterLog();
    Replays replays =
        new Replays(
            new ReplayBounds(keysMax, config.number(Setting.IDEMPOTENCY_BYTES_MAX), keepMillis),
            log,
            clock);
    ReplayFiles files = ReplayFiles.open(folder, keepMillis, clock, replays::restore);
    log.files = files;
    return new KeptAnswers(cache, redis, replays, files, vertx);
  }

  RatingCache cache() {
    return cache;
  }

  @Nullable Replays replays() {
    return replays;
  }

  private void tick() {
    Replays kept = replays;
    ReplayFiles log = files;
    if (kept != null && log != null && ticking.compareAndSet(false, true)) {
      vertx
          .executeBlocking(
              () -> {
                kept.sweep();
                log.tick();
                return true;
              })
          .onComplete(
              ticked -> {
                if (ticked.failed() && !failing) {
                  LOG.log(Level.ERROR, "a new file of kept answers cannot be made", ticked.cause());
                }
                failing = ticked.failed();
                ticking.set(false);
              });
    }
  }

  void register(NodeMetrics metrics, LogStates logs, String region) {
    if (files != null) {
      logs.add("idempotency", files::accepts);
    }
    metrics.counter(
        "openclaw_cache_requests_total",
        "Ratings of models that may be kept, by where they came from: memory, Redis, or the model.",
        c -> {
          RatingCache.Counts counts = cache.counts();
          c.call((double) counts.hits(), region, "hit");
          c.call((double) counts.sharedHits(), region, "shared_hit");
          c.call((double) counts.misses(), region, "miss");
        },
        "region",
        "result");
    metrics.gauge(
        "openclaw_cache_entries",
        "Ratings kept in memory, about.",
        c -> c.call((double) cache.size(), region),
        "region");
    metrics.gauge(
        "openclaw_cache_size_bytes",
        "What the ratings kept in memory take, as estimated.",
        c -> c.call((double) cache.bytes(), region),
        "region");
    RedisRatings shared = redis;
    if (shared != null) {
      registerRedis(metrics, region, shared);
    }
    Replays kept = replays;
    if (kept != null) {
      registerReplays(metrics, region, kept);
    }
  }

  private static void registerRedis(NodeMetrics metrics, String region, RedisRatings redis) {
    metrics.counter(
        "openclaw_cache_redis_failures_total",
        "Commands to Redis that failed or took too long.",
        c -> c.call((double) redis.failures(), region),
        "region");
    metrics.counter(
        "openclaw_cache_redis_forged_total",
        "Entries in Redis that no node had written there, and that were not used.",
        c -> c.call((double) redis.forged(), region),
        "region");
    metrics.gauge(
        "openclaw_cache_redis_usable",
        "1 while Redis is asked.",
        c -> c.call(redis.state() == CircuitBreaker.State.CLOSED ? 1 : 0, region),
        "region");
  }

  private static void registerReplays(NodeMetrics metrics, String region, Replays replays) {
    metrics.gauge(
        "openclaw_idempotency_keys",
        "Idempotency keys whose answer is kept or under way.",
        c -> c.call(replays.counts().keys(), region),
        "region");
    metrics.gauge(
        "openclaw_idempotency_size_bytes",
        "Bytes of the answers kept for idempotency keys.",
        c -> c.call((double) replays.counts().bytes(), region),
        "region");
    metrics.counter(
        "openclaw_idempotency_requests_total",
        "Requests with a known idempotency key, or one that could not be kept, by what became of"
            + " them.",
        c -> {
          Replays.Counts counts = replays.counts();
          c.call((double) counts.replayed(), region, "replayed");
          c.call((double) counts.mismatched(), region, "mismatched");
          c.call((double) counts.refused(), region, "refused");
        },
        "region",
        "end");
  }

  @Override
  public void close() throws IOException {
    vertx.cancelTimer(ticker);
    if (files != null) {
      files.close();
    }
    if (redis != null) {
      redis.close();
    }
  }
}
