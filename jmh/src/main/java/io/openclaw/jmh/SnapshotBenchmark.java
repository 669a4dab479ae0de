package io.openclaw.jmh;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.Clock;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.Scope;
import io.openclaw.domain.Tenant;
import io.openclaw.edge.Answered;
import io.openclaw.edge.Directory;
import io.openclaw.edge.Edge;
import io.openclaw.edge.RatingCache;
import io.openclaw.edge.Tries;
import io.openclaw.limit.ConcurrencyLimit;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.QuotaLedger;
import io.openclaw.limit.Quotas;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.ScorecardModel;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A request's look into what is served, 10,000 tenants, by how the directory is held: in a final
 * field, which never changes; as a node does, in a volatile one that a release replaces; and behind
 * a lock, the planted mistake.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SnapshotBenchmark {
  private static final int TENANTS = 10_000;
  private static final String REGION = "here";

  /** How the directory is held. */
  @Param({"final", "volatile", "locked"})
  public String held = "final";

  private Supplier<Directory> directory = () -> Objects.requireNonNull(null);
  private @Nullable Edge edge;
  private String authorization = "";

  private static final class Final implements Supplier<Directory> {
    private final Directory directory;

    Final(Directory directory) {
      this.directory = directory;
    }

    @Override
    public Directory get() {
      return directory;
    }
  }

  /** As {@code Node} holds it. */
  private static final class Volatile implements Supplier<Directory> {
    private volatile @Nullable Directory directory;

    Volatile(Directory directory) {
      this.directory = directory;
    }

    @Override
    public Directory get() {
      return Objects.requireNonNull(directory);
    }
  }

  private static final class Locked implements Supplier<Directory> {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Directory directory;

    Locked(Directory directory) {
      this.directory = directory;
    }

    @Override
    public Directory get() {
      lock.readLock().lock();
      try {
        return directory;
      } finally {
        lock.readLock().unlock();
      }
    }
  }

  /** Makes the directory. */
  @Setup
  public void prepare() throws ModelException {
    long now = System.nanoTime();
    KeyText key = KeyText.generate(new Random(1));
    authorization = "Bearer " + key.reveal();
    Limiter limiter = Limiter.alone(REGION, REGION + "#1", true, now);
    Quotas quotas =
        new Quotas(
            REGION,
            List.of(REGION),
            QuotaLedger.read(QuotaLedger.begin(REGION, List.of(REGION), 0, new Random(2))),
            lines -> {},
            now);
    Directory made =
        Directory.of(
            tenants(),
            Map.of(),
            Map.of(),
            Directory.SharedLimits.NONE,
            List.of(
                new ApiKey(
                    key.id(),
                    key.sha256Hex(),
                    tenant(TENANTS / 2),
                    EnumSet.of(Scope.RATE, Scope.READ),
                    ApiKey.NEVER,
                    false,
                    null,
                    "")),
            new Directory.Limits(limiter, quotas),
            now);
    directory =
        switch (held) {
          case "final" -> new Final(made);
          case "volatile" -> new Volatile(made);
          case "locked" -> new Locked(made);
          default -> throw new IllegalArgumentException(held);
        };
    edge =
        new Edge(
            REGION,
            SystemTime.INSTANCE,
            limiter,
            limit -> Map.of(),
            directory,
            new ConcurrencyLimit(2, 2, now),
            new RatingCache(0, null, SystemTime.INSTANCE),
            null,
            new Tries(SystemTime.INSTANCE));
  }

  private static Map<Tenant, List<RatingModel>> tenants() throws ModelException {
    RatingModel model =
        ScorecardModel.load(
            "card",
            "v1",
            ("{\"kind\":\"scorecard\",\"initialScore\":1,\"characteristics\":[{\"name\":\"a\",\"field\":"
                    + "\"a\",\"attributes\":[{\"when\":{\"otherwise\":true},\"points\":1}]}]}")
                .getBytes(StandardCharsets.UTF_8));
    Map<Tenant, List<RatingModel>> tenants = new LinkedHashMap<>();
    for (int i = 0; i < TENANTS; i++) {
      tenants.put(new Tenant(tenant(i), List.of("card"), null, 1, null), List.of(model));
    }
    return tenants;
  }

  private static String tenant(int number) {
    return "tenant-" + number;
  }

  private enum SystemTime implements Clock {
    INSTANCE;

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public long wallMillis() {
      return System.currentTimeMillis();
    }
  }

  /** The read alone: the reference, and one look into what it refers to. */
  @Benchmark
  public boolean read() {
    return directory.get().knowsTenant("tenant-5000");
  }

  /** A whole introspection, of which identifying the key is the most. */
  @Benchmark
  public Answered identify() {
    return Objects.requireNonNull(edge).models(authorization, null);
  }
}
