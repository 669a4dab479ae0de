package io.openclaw.limit;

import io.openclaw.domain.Fact;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Regions with one quota each of a day, on virtual time, with disks that crash and a network that
 * loses, delays, repeats and reorders; and somebody outside who counts what is admitted.
 */
final class QuotaFleet {
  static final long MILLI = 1_000_000L;
  private static final long TICK_NANOS = 20 * MILLI;

  /** What is built wrongly on purpose. */
  enum Planted {
    NOTHING,
    GIFT_TOLD_BEFORE_IT_IS_DURABLE,
    SPENT_BEFORE_IT_IS_RESERVED,
    NEW_LEDGER_TAKES_ITS_SHARE_AT_ONCE
  }

  /** A fact on its way. */
  private record Mail(int to, Fact fact, long atNanos) {}

  /** A region: what is running, its disk, and its wall clock. */
  private final class Region {
    final int index;
    final List<String> disk = new ArrayList<>();
    final List<String> unsynced = new ArrayList<>();
    long wallAheadMillis;
    long wallMaxMillis;
    @Nullable Quotas quotas;
    @Nullable Quota quota;

    Region(int index) {
      this.index = index;
    }

    String name() {
      return regions.get(index);
    }

    long wallMillis() {
      long wall = startMillis + nowNanos / MILLI + wallAheadMillis;
      wallMaxMillis = Math.max(wallMaxMillis, wall);
      return wall;
    }

    void append(List<String> lines) {
      for (String line : lines) {
        boolean late =
            switch (planted) {
              case GIFT_TOLD_BEFORE_IT_IS_DURABLE -> line.contains("=");
              case SPENT_BEFORE_IT_IS_RESERVED -> line.startsWith("book");
              case NEW_LEDGER_TAKES_ITS_SHARE_AT_ONCE, NOTHING -> false;
            };
        (late || !unsynced.isEmpty() ? unsynced : disk).add(line);
      }
    }

    /** A disk that lies has it after a while. */
    void sync() {
      disk.addAll(unsynced);
      unsynced.clear();
    }

    void start() {
      if (disk.isEmpty()) {
        disk.addAll(QuotaLedger.begin(name(), regions, wallMillis(), random));
      }
      QuotaLedger ledger = QuotaLedger.read(disk);
      Quotas made =
          planted == Planted.NEW_LEDGER_TAKES_ITS_SHARE_AT_ONCE
              ? new Quotas(name(), regions, ledger, this::append, nowNanos) {
                @Override
                boolean mayTakeShare(QuotaKey key) {
                  return true;
                }
              }
              : new Quotas(name(), regions, ledger, this::append, nowNanos);
      made.up(QuotaFleet.this::up);
      quotas = made;
      quota = made.quota(spec, largestCost);
    }

    void kill() {
      quotas = null;
      quota = null;
      unsynced.clear();
    }

    void loseDisk() {
      kill();
      disk.clear();
      // A ledger is not born before the newest window that the lost one may have entered.
      wallAheadMillis = Math.max(wallAheadMillis, wallMaxMillis - startMillis - nowNanos / MILLI);
    }
  }

  final List<String> regions;
  final QuotaSpec spec;
  private final long largestCost;
  private final Planted planted;
  private final Random random;
  private final long startMillis;
  private final List<Region> all = new ArrayList<>();
  private final List<Mail> network = new ArrayList<>();
  private final Map<Integer, Long> cut = new HashMap<>(); // until when a region hears nothing
  private final Map<String, Long> admitted = new TreeMap<>(); // by window
  private long nowNanos;
  private double lossRate;

  QuotaFleet(int size, long tokens, long largestCost, Planted planted, long seed) {
    regions = List.of("a", "b", "c", "d", "e").subList(0, size);
    spec = new QuotaSpec("tenant/t", LimitSpec.Level.TENANT, tokens, QuotaSpec.Per.DAY, false);
    this.largestCost = largestCost;
    this.planted = planted;
    random = new Random(seed);
    startMillis = QuotaWindow.parse("2026-11-21").endMillis() - 20_000; // a window ends in 20 s
    for (int i = 0; i < size; i++) {
      all.add(new Region(i));
      all.get(i).start();
    }
  }

  private Set<String> up() {
    return all.stream()
        .filter(region -> region.quotas != null && cut.getOrDefault(region.index, 0L) <= nowNanos)
        .map(Region::name)
        .collect(Collectors.toSet());
  }

  Random random() {
    return random;
  }

  void lossRate(double rate) {
    lossRate = rate;
  }

  /** One tick of everything; requests as the caller says. */
  void tick() throws IOException {
    nowNanos += TICK_NANOS;
    deliver();
    for (Region region : all) {
      Quotas quotas = region.quotas;
      if (quotas != null) {
        quotas.step(region.wallMillis(), nowNanos);
        if (random.nextInt(4) == 0) {
          region.sync();
        }
        quotas.facts().drainChanges(fact -> tell(region.index, fact));
        if (random.nextInt(50) == 0) {
          quotas.facts().all(fact -> tell(region.index, fact));
        }
      }
    }
  }

  private void tell(int from, Fact fact) {
    for (int to = 0; to < all.size(); to++) {
      if (to == from || random.nextDouble() < lossRate) {
        continue;
      }
      long delay = random.nextInt(20) == 0 ? random.nextInt(3000) : random.nextInt(100);
      network.add(new Mail(to, fact, nowNanos + delay * MILLI));
      if (random.nextInt(10) == 0) {
        network.add(new Mail(to, fact, nowNanos + random.nextInt(5000) * MILLI));
      }
    }
  }

  private void deliver() {
    List<Mail> due = new ArrayList<>(network.stream().filter(m -> m.atNanos <= nowNanos).toList());
    network.removeIf(m -> m.atNanos <= nowNanos);
    java.util.Collections.shuffle(due, random);
    for (Mail mail : due) {
      Quotas quotas = all.get(mail.to).quotas;
      if (quotas != null && cut.getOrDefault(mail.to, 0L) <= nowNanos) {
        quotas.facts().merge(mail.fact);
      }
    }
  }

  /** One request; whether it was admitted. */
  boolean request(int region, long cost) {
    Quota quota = all.get(region).quota;
    if (quota == null || quota.window() == null) {
      return false;
    }
    String window = java.util.Objects.requireNonNull(quota.window()).name();
    if (quota.take(cost) == null) {
      return false;
    }
    admitted.merge(window, cost, Long::sum);
    return true;
  }

  /** Something goes wrong, or heals. */
  void fault() {
    Region region = all.get(random.nextInt(all.size()));
    switch (random.nextInt(8)) {
      case 0, 1 -> region.kill();
      case 2 -> {
        if (region.quotas == null) {
          region.start();
        }
      }
      case 3 -> {
        if (canLoseDisk()) {
          region.loseDisk();
        }
      }
      case 4 -> cut.put(region.index, nowNanos + random.nextInt(5000) * MILLI);
      case 5 -> region.wallAheadMillis += random.nextInt(20_000) - 10_000;
      case 6 -> lossRate = random.nextDouble() < 0.5 ? 0 : 0.7;
      default -> all.stream().filter(r -> r.quotas == null).forEach(Region::start);
    }
  }

  /** One at a time: all others must have noted every region's ledger. */
  private boolean canLoseDisk() {
    for (Region region : all) {
      if (region.disk.isEmpty()) {
        return false;
      }
      String note = region.disk.getFirst().replaceFirst("ledger", "note") + " ";
      for (Region other : all) {
        if (other != region && other.disk.stream().noneMatch(line -> line.startsWith(note))) {
          return false;
        }
      }
    }
    return true;
  }

  /** Everything works again. */
  void heal() {
    lossRate = 0;
    cut.clear();
    all.stream().filter(region -> region.quotas == null).forEach(Region::start);
  }

  void kill(int region) {
    all.get(region).kill();
  }

  void loseDisk(int region) {
    all.get(region).loseDisk();
  }

  void start(int region) {
    all.get(region).start();
  }

  void cutFor(int region, long millis) {
    cut.put(region, nowNanos + millis * MILLI);
  }

  void setClock(int region, long aheadMillis) {
    all.get(region).wallAheadMillis = aheadMillis;
  }

  Quotas quotas(int region) {
    return java.util.Objects.requireNonNull(all.get(region).quotas);
  }

  Quota quota(int region) {
    return java.util.Objects.requireNonNull(all.get(region).quota);
  }

  List<String> disk(int region) {
    return all.get(region).disk;
  }

  /** What was admitted, by window. */
  Map<String, Long> admitted() {
    return admitted;
  }

  /** The most that was admitted in one window. */
  long mostAdmitted() {
    return admitted.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }
}
