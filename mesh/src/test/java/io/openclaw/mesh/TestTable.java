package io.openclaw.mesh;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A table of counts and registers, merged as {@link Fact} says. Thread-safe. */
public class TestTable implements FactTable {
  private final String name;
  private final TreeMap<String, Fact> facts = new TreeMap<>();
  private final Map<String, Fact> changed = new LinkedHashMap<>();

  public TestTable(String name) {
    this.name = name;
  }

  /** Adds to this writer's own count. */
  public final synchronized void count(String key, String writer, long... amounts) {
    String id = key + "/" + writer;
    long[] before =
        facts.get(id) instanceof Fact.Count known ? known.values() : new long[amounts.length];
    long[] sum = Arrays.copyOf(before, Math.max(before.length, amounts.length));
    for (int i = 0; i < amounts.length; i++) {
      sum[i] += amounts[i];
    }
    changed(id, new Fact.Count(name, key, writer, sum));
  }

  public final synchronized void register(String key, long version, byte[] value) {
    changed(key, new Fact.Register(name, key, version, value));
  }

  private void changed(String id, Fact fact) {
    facts.put(id, fact);
    changed.put(id, fact);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final synchronized void drainChanges(Consumer<Fact> sink) {
    List<Fact> drained = new ArrayList<>(changed.values());
    changed.clear();
    drained.forEach(sink);
  }

  @Override
  public synchronized void all(Consumer<Fact> sink) {
    List.copyOf(facts.values()).forEach(sink);
  }

  @Override
  public final synchronized void merge(Fact fact) {
    switch (fact) {
      case Fact.Count c -> {
        String id = c.key() + "/" + c.writer();
        facts.put(
            id,
            facts.get(id) instanceof Fact.Count known
                ? new Fact.Count(name, c.key(), c.writer(), merged(known.values(), c.values()))
                : c);
      }
      case Fact.Register r -> {
        boolean newer =
            !(facts.get(r.key()) instanceof Fact.Register known)
                || known.version() < r.version()
                || (known.version() == r.version()
                    && Arrays.compareUnsigned(known.value(), r.value()) < 0);
        if (newer) {
          facts.put(r.key(), r);
        }
      }
    }
  }

  /** Element by element, the larger one. */
  protected long[] merged(long[] a, long[] b) {
    long[] merged = Arrays.copyOf(a, Math.max(a.length, b.length));
    for (int i = 0; i < b.length; i++) {
      merged[i] = Math.max(merged[i], b[i]);
    }
    return merged;
  }

  /** Everything known, so that two tables can be compared. */
  public final synchronized Map<String, String> contents() {
    Map<String, String> contents = new TreeMap<>();
    facts.forEach(
        (id, fact) ->
            contents.put(
                id,
                switch (fact) {
                  case Fact.Count c -> Arrays.toString(c.values());
                  case Fact.Register r -> r.version() + ":" + HexFormat.of().formatHex(r.value());
                }));
    return contents;
  }
}
