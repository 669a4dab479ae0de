package io.openclaw.limit;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What every region says it has spent and denied of every limit: a G-Counter per limit, one count
 * per node's incarnation, merged by maximum.
 *
 * <p>They inform headers, pages and the division of shares; in {@code strict} mode they never
 * admit. A node is a new writer after every start, because its counts are not on disk; of each
 * region the newest {@link #INCARNATIONS_MAX} writers are kept, and since the newest of a union do
 * not depend on the order of merging, all nodes keep the same ones.
 */
public final class LimitFacts implements FactTable {
  /** Incarnations of one region that are remembered. */
  static final int INCARNATIONS_MAX = 4;

  /** Limits known, the other regions' among them. */
  static final int LIMITS_MAX = 1_000_000;

  private static final long NOTHING_NEW = -1;

  // A count's values, each of which only grows: what was spent and what of it was returned apart.
  private static final int SPENT = 0;
  private static final int DENIED = 1;
  private static final int RETURNED = 2;
  private static final int VALUES = 3;

  /** Hears what other regions have spent. */
  interface Elsewhere {
    /**
     * Another region has spent more of a limit.
     *
     * @param first whether it is the first that is heard of that node: it may be long ago
     */
    void spent(String limit, long cost, boolean first);
  }

  /** What regions together spent and denied, in tokens. */
  public record Totals(long spent, long denied) {}

  /** One writer's counts; guarded by its row. */
  private static final class Count {
    final long incarnation;
    final String writer;
    long spent;
    long denied;
    long returned;

    Count(long incarnation, String writer) {
      this.incarnation = incarnation;
      this.writer = writer;
    }

    /** Mostly nothing was returned, and then nothing is said of that. */
    long[] values() {
      return LimitFacts.values(spent, denied, returned);
    }
  }

  /** One limit's counts, by region, newest incarnation first. */
  static final class Row {
    final String limit;

    /** The balancer's, on the mesh's thread. */
    @Nullable Demand demand;

    private final List<List<Count>> regions = new ArrayList<>();

    Row(String limit, int regions) {
      this.limit = limit;
      for (int i = 0; i < regions; i++) {
        this.regions.add(new ArrayList<>(1));
      }
    }

    /** What one region was asked for: spent and denied, over its incarnations. */
    synchronized long asked(int region) {
      long sum = 0;
      for (Count count : regions.get(region)) {
        sum += count.spent - count.returned + count.denied;
      }
      return sum;
    }

    private synchronized boolean knows(int region, long incarnation) {
      return regions.get(region).stream().anyMatch(count -> count.incarnation == incarnation);
    }

    private synchronized Totals totals() {
      long spent = 0;
      long denied = 0;
      for (List<Count> counts : regions) {
        for (Count count : counts) {
          spent = saturated(spent, Math.max(0, count.spent - count.returned));
          denied = saturated(denied, count.denied);
        }
      }
      return new Totals(spent, denied);
    }

    /**
     * Takes the larger counts; how much more was spent than known before, -1 where all was known.
     */
    private synchronized long merge(int region, long incarnation, String writer, long[] values) {
      long spent = values[SPENT];
      long denied = values[DENIED];
      long returned = values[RETURNED];
      if (spent == 0 && denied == 0) {
        return NOTHING_NEW; // what nobody asked for is not told
      }
      List<Count> counts = regions.get(region);
      Count count = null;
      for (Count each : counts) {
        count = each.incarnation == incarnation ? each : count;
      }
      if (count == null) {
        count = new Count(incarnation, writer);
        counts.add(count);
        counts.sort(Comparator.comparingLong((Count c) -> c.incarnation).reversed());
        if (counts.size() > INCARNATIONS_MAX && counts.removeLast() == count) {
          return NOTHING_NEW;
        }
      }
      if (spent <= count.spent && denied <= count.denied && returned <= count.returned) {
        return NOTHING_NEW;
      }
      long more = Math.max(0, spent - count.spent);
      count.spent += more;
      count.denied = Math.max(denied, count.denied);
      count.returned = Math.max(returned, count.returned);
      return more;
    }

    private synchronized void all(String table, Consumer<Fact> sink) {
      for (List<Count> counts : regions) {
        for (Count count : counts) {
          sink.accept(new Fact.Count(table, limit, count.writer, count.values()));
        }
      }
    }
  }

  private final String writer;
  private final BlockMap map;
  private final int self;
  private final long incarnation;
  private final ConcurrentMap<String, Row> rows = new ConcurrentHashMap<>();
  private final Queue<Limit> changes = new ConcurrentLinkedQueue<>();
  private Consumer<Row> moved = row -> {};
  private Elsewhere spentElsewhere = (limit, cost, first) -> {};

  LimitFacts(String writer, BlockMap map) {
    this.writer = writer;
    this.map = map;
    self = map.region(regionOf(writer));
    incarnation = incarnationOf(writer);
  }

  /** Who hears, on the mesh's thread, of every limit that was asked for somewhere. */
  void onMoved(Consumer<Row> listener) {
    moved = listener;
  }

  /** Who hears, on the mesh's thread, how much more other regions have spent of a limit. */
  void onSpentElsewhere(Elsewhere listener) {
    spentElsewhere = listener;
  }

  /** Notes that a limit's own counts moved; cheap when it already is on the list. */
  void changed(Limit limit) {
    if (limit.told) {
      queue(limit);
    }
  }

  private void queue(Limit limit) {
    synchronized (limit) {
      if (limit.told) {
        limit.told = false;
        changes.add(limit);
      }
    }
  }

  /** The counts of one limit over all regions. */
  public Totals totals(Limit limit) {
    return record(limit).totals();
  }

  /** Takes in a limit's own counts. */
  private Row record(Limit limit) {
    Row row = row(limit.spec().id());
    row.merge(
        self,
        incarnation,
        writer,
        new long[] {limit.spentAtFirst(), limit.denied(), limit.returned()});
    return row;
  }

  private Row row(String limit) {
    Row row = rows.get(limit);
    return row == null ? rows.computeIfAbsent(limit, id -> new Row(id, map.size())) : row;
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
      limit.told = true; // before its counts are read
      moved.accept(record(limit));
      sink.accept(
          new Fact.Count(
              name(),
              limit.spec().id(),
              writer,
              values(limit.spentAtFirst(), limit.denied(), limit.returned())));
    }
  }

  @Override
  public void all(Consumer<Fact> sink) {
    rows.values().forEach(row -> row.all(name(), sink));
  }

  @Override
  public void merge(Fact fact) {
    if (!(fact instanceof Fact.Count count) || count.values().length > VALUES) {
      throw new IllegalArgumentException("not a count of limits: " + fact.key());
    }
    long[] values = Arrays.copyOf(count.values(), VALUES);
    if (values[SPENT] < 0 || values[DENIED] < 0 || values[RETURNED] < 0) {
      throw new IllegalArgumentException("a negative count of limits: " + fact.key());
    }
    long from = incarnationOf(count.writer());
    int region = map.region(regionOf(count.writer()));
    Row row = rows.get(count.key());
    if (row == null) {
      if (rows.size() >= LIMITS_MAX) {
        throw new IllegalArgumentException("more than " + LIMITS_MAX + " limits");
      }
      row = row(count.key());
    }
    String known = region == self && from == incarnation ? writer : count.writer();
    boolean first = !row.knows(region, from);
    long more = row.merge(region, from, known, values);
    if (region != self && more != NOTHING_NEW) { // a repetition is no demand
      moved.accept(row);
      if (more > 0) {
        spentElsewhere.spent(count.key(), more, first);
      }
    }
  }

  private static long[] values(long spent, long denied, long returned) {
    return returned == 0 ? new long[] {spent, denied} : new long[] {spent, denied, returned};
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
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
