package io.openclaw.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The time and the memory that one decision takes, of this program's limiter and of others. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LimiterBenchmark {
  // JMH goes by the names in order, so those that are compared are measured one after the other.
  @Param({"admitted", "denied"})
  String path = "";

  @Param({"1", "100000"})
  int keys;

  @Param({"openclaw", "bucket4j", "bucket4j-nanos", "resilience4j", "guava"})
  String peer = "";

  @SuppressWarnings("NullAway.Init") // JMH calls makeBuckets first
  private Workload<?> workload;

  /** Makes the buckets. */
  @Setup
  public void makeBuckets() {
    workload = new Workload<>(Peer.named(peer), keys, path.equals("admitted"));
  }

  /** One decision. */
  @Benchmark
  public Object decide(KeySequence sequence) {
    return workload.decide(sequence);
  }
}
