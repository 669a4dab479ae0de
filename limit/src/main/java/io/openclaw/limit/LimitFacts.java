package io.openclaw.limit;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.GCounter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * What every region says it has spent and denied of every limit: G-Counters, one count per node's
 * incarnation.
 *
 * <p>They inform headers, pages and later the division of shares; in {@code strict} mode they never
 * admit. A node is a new writer after every start, because its counts are not on disk; of each
 * region the newest {@link #INCARNATIONS_MAX} writers are kept, and since the newest of a union do
 * not depend on the order of merging, all nodes keep the same ones.
 */
public final class LimitFacts implements FactTable {
  /** Incarnations of one region that are remembered. */
  static final int INCARNATIONS_MAX = 4;

  /** Limits known, the other regions' among them. */
  static final int LIMITS_MAX = 1_000_000;

  private static final int SPENT = 0;
  private static final int DENIED = 1;

  /** What all regions together spent and denied, in tokens. */
  public record Totals(GCounter spent, GCounter denied) {}

  private final String writer;
  private final ConcurrentMap<String, Totals> totals = new ConcurrentHashMap<>();
  private final Queue<Limit> changes = new ConcurrentLinkedQueue<>();

  LimitFacts(String writer) {
    this.writer = writer;
  }

  /** Notes that a limit's own counts moved; cheap when it already is on the list. */
  void changed(Limit limit) {
    if (!limit.changed.get() && limit.changed.compareAndSet(false, true)) {
      changes.add(limit);
    }
  }

  /** The counts of one limit over all regions. */
  public Totals totals(Limit limit) {
    return with(limit.spec().id(), writer, limit.spent(), limit.denied());
  }

  @Override
  public String name() {
    return "limits";
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    // At most as many as are there now: a busy limit comes back at once.
    for (int i = changes.size(); i > 0; i--) {
      Limit limit = changes.poll();
      if (limit == null) {
        return;
      }
      limit.changed.set(false);
      long spent = limit.spent();
      long denied = limit.denied();
      with(limit.spec().id(), writer, spent, denied);
      sink.accept(new Fact.Count(name(), limit.spec().id(), writer, new long[] {spent, denied}));
    }
  }

  @Override
  public void all(Consumer<Fact> sink) {
    totals.forEach(
        (id, known) -> {
          var writers = new java.util.TreeSet<>(known.spent().counts().keySet());
          writers.addAll(known.denied().counts().keySet());
          for (String each : writers) {
            sink.accept(
                new Fact.Count(
                    name(),
                    id,
                    each,
                    new long[] {known.spent().of(each), known.denied().of(each)}));
          }
        });
  }

  @Override
  public void merge(Fact fact) {
    if (!(fact instanceof Fact.Count count) || count.values().length > 2) {
      throw new IllegalArgumentException("not a count of limits: " + fact.key());
    }
    long[] values = Arrays.copyOf(count.values(), 2);
    if (values[SPENT] < 0 || values[DENIED] < 0) {
      throw new IllegalArgumentException("a negative count of limits: " + fact.key());
    }
    incarnationOf(count.writer());
    if (totals.size() >= LIMITS_MAX && !totals.containsKey(count.key())) {
      throw new IllegalArgumentException("more than " + LIMITS_MAX + " limits");
    }
    with(count.key(), count.writer(), values[SPENT], values[DENIED]);
  }

  private Totals with(String id, String from, long spent, long denied) {
    return totals.merge(
        id,
        new Totals(newest(GCounter.delta(from, spent)), newest(GCounter.delta(from, denied))),
        (a, b) -> new Totals(newest(a.spent.merge(b.spent)), newest(a.denied.merge(b.denied))));
  }

  private static GCounter newest(GCounter counter) {
    if (counter.counts().size() <= INCARNATIONS_MAX) {
      return counter;
    }
    TreeMap<String, Long> kept = new TreeMap<>();
    counter.counts().keySet().stream()
        .map(LimitFacts::regionOf)
        .distinct()
        .forEach(
            region ->
                counter.counts().entrySet().stream()
                    .filter(e -> regionOf(e.getKey()).equals(region))
                    .sorted(Comparator.comparingLong(e -> -incarnationOf(e.getKey())))
                    .limit(INCARNATIONS_MAX)
                    .forEach(e -> kept.put(e.getKey(), e.getValue())));
    return kept.size() == counter.counts().size() ? counter : new GCounter(kept);
  }

  private static String regionOf(String writer) {
    return writer.substring(0, Math.max(0, writer.lastIndexOf('#')));
  }

  private static long incarnationOf(String writer) {
    try {
      return Long.parseLong(writer, writer.lastIndexOf('#') + 1, writer.length(), 10);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "writer: " + writer + " (expected: region#incarnation)", e);
    }
  }
}
