package io.openclaw.limit;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the regions tell each other of quotas; everything only grows and is merged by maximum.
 *
 * <p>Three kinds of facts, each told by one ledger: what it has spent, been denied and has as its
 * share of a quota in a window ({@code tenant/bank@2026-11-21}); what it has given to another
 * ledger ({@code tenant/bank@2026-11-21>eu#9c8d…}), which is a right and therefore on its disk
 * first; and that it has noted a ledger of another region ({@code ledger>eu#9c8d…}), on its disk
 * too.
 *
 * <p>Thread-safe.
 */
public final class QuotaTable implements FactTable {
  /** Quotas in windows that are remembered. */
  static final int WINDOWS_MAX = 1_000_000;

  /** Ledgers of one region that are remembered in one window, and in all. */
  static final int LEDGERS_MAX = 64;

  private static final String NOTE = "ledger";
  private static final int SPENT = 0;
  private static final int DENIED = 1;
  private static final int SHARE = 2;
  private static final int VALUES = 3;

  /** The name of a fact: its key and who tells it. */
  private record Name(String key, String writer) {}

  /** One quota in one window: counts by ledger, and gifts by receiver and giver. */
  private static final class Window {
    final Map<String, long[]> counts = new TreeMap<>();
    final Map<String, Map<String, Long>> gifts = new TreeMap<>();
  }

  private final String self;
  private final List<String> regions;
  private final Queue<QuotaBook> changes = new ConcurrentLinkedQueue<>();

  // All below guarded by this object.
  private final Map<QuotaKey, Window> windows = new HashMap<>();
  private final Map<String, Map<String, Long>> notes =
      new TreeMap<>(); // by ledger, by who noted it
  private final Set<Name> untold = new LinkedHashSet<>();
  private Set<QuotaKey> moved = new HashSet<>();
  private final Map<QuotaSpec.Per, QuotaWindow> newest = new HashMap<>();

  /**
   * An empty table.
   *
   * @param self this region's ledger
   */
  QuotaTable(String self, List<String> regions) {
    this.self = self;
    this.regions = List.copyOf(regions);
  }

  @Override
  public String name() {
    return "quotas";
  }

  /** What all regions have spent of a quota in a window, as far as this one has heard. */
  synchronized long spent(QuotaKey key) {
    Window window = windows.get(key);
    long sum = 0;
    if (window != null) {
      for (long[] counts : window.counts.values()) {
        sum += counts[SPENT];
      }
    }
    return sum;
  }

  /** What others have given to a ledger. */
  synchronized long received(QuotaKey key, String ledger) {
    Window window = windows.get(key);
    return window == null ? 0 : sum(window.gifts.getOrDefault(ledger, Map.of()));
  }

  /** The ledgers that were heard of a quota in a window. */
  synchronized List<QuotaDemand.Party> parties(QuotaKey key) {
    Window window = windows.get(key);
    List<QuotaDemand.Party> parties = new ArrayList<>();
    if (window == null) {
      return parties;
    }
    window.counts.forEach(
        (ledger, counts) -> {
          long given = 0;
          for (Map<String, Long> gifts : window.gifts.values()) {
            given += gifts.getOrDefault(ledger, 0L);
          }
          long received = sum(window.gifts.getOrDefault(ledger, Map.of()));
          long left = counts[SHARE] + received - given - counts[SPENT];
          long asked = saturated(counts[SPENT], counts[DENIED]);
          parties.add(new QuotaDemand.Party(ledger, left, asked));
        });
    return parties;
  }

  /** Whether another ledger of one's own region was heard of in a window. */
  synchronized boolean hasOtherOf(String region, QuotaKey key) {
    Window window = windows.get(key);
    return window != null
        && window.counts.keySet().stream()
            .anyMatch(ledger -> !ledger.equals(self) && regionOf(ledger).equals(region));
  }

  /** Who has noted a ledger, and how. */
  synchronized Map<String, Long> notes(String ledger) {
    return Map.copyOf(notes.getOrDefault(ledger, Map.of()));
  }

  /** The ledgers that were heard of, of all regions. */
  synchronized List<String> ledgers() {
    return List.copyOf(notes.keySet());
  }

  /** The quotas that were asked for somewhere since the last call. */
  synchronized Set<QuotaKey> moved() {
    Set<QuotaKey> all = moved;
    moved = new HashSet<>();
    return all;
  }

  /** Lets go what is older than the window before this one. */
  synchronized void entered(QuotaWindow window) {
    newest.put(window.per(), window);
    windows.keySet().removeIf(this::isOld);
  }

  private boolean isOld(QuotaKey key) {
    QuotaWindow latest = newest.get(key.window().per());
    return latest != null && key.window().index() < latest.index() - 1;
  }

  /** This region has noted a ledger, on its disk. */
  synchronized void note(String ledger, int note) {
    notes.computeIfAbsent(ledger, name -> new TreeMap<>()).merge(self, (long) note, Math::max);
    untold.add(new Name(NOTE + ">" + ledger, self));
  }

  /** This region has given so much in all, on its disk. */
  synchronized void gave(QuotaKey key, String receiver, long tokens) {
    Window window = windows.computeIfAbsent(key, k -> new Window());
    Map<String, Long> gifts = window.gifts.computeIfAbsent(receiver, name -> new TreeMap<>());
    if (gifts.getOrDefault(self, 0L) < tokens) {
      gifts.put(self, tokens);
      untold.add(new Name(key.text() + ">" + receiver, self));
    }
  }

  /** Notes that a book's own counts moved; cheap when it already is on the list. */
  void changed(QuotaBook book) {
    if (book.told) {
      synchronized (book) {
        if (book.told) {
          book.told = false;
          changes.add(book);
        }
      }
    }
  }

  /** Takes in a book's own counts. */
  void record(QuotaBook book) {
    long[] counts = new long[VALUES];
    counts[SPENT] = book.spent();
    counts[DENIED] = book.denied();
    counts[SHARE] = book.durable().share();
    count(book.key, self, counts);
  }

  private synchronized boolean count(QuotaKey key, String ledger, long[] counts) {
    Window window = windows.computeIfAbsent(key, k -> new Window());
    long[] known = window.counts.computeIfAbsent(ledger, name -> new long[VALUES]);
    boolean more = false;
    boolean asked = counts[SPENT] > known[SPENT] || counts[DENIED] > known[DENIED];
    for (int i = 0; i < VALUES; i++) {
      more |= counts[i] > known[i];
      known[i] = Math.max(counts[i], known[i]);
    }
    if (asked) {
      moved.add(key);
    }
    if (more && ledger.equals(self)) {
      untold.add(new Name(key.text(), self));
    }
    return more;
  }

  @Override
  public void drainChanges(Consumer<Fact> sink) {
    for (int i = changes.size(); i > 0; i--) {
      QuotaBook book = changes.poll();
      if (book == null) {
        break;
      }
      book.told = true; // before its counts are read
      record(book);
    }
    List<Fact> facts = new ArrayList<>();
    synchronized (this) {
      for (Name name : untold) {
        Fact fact = newest(name);
        if (fact != null) {
          facts.add(fact);
        }
      }
      untold.clear();
    }
    facts.forEach(sink);
  }

  private @Nullable Fact newest(Name name) {
    int arrow = name.key.indexOf('>');
    String receiver = name.key.substring(arrow + 1);
    if (name.key.startsWith(NOTE + ">")) {
      return fact(name.key, name.writer, notes.get(receiver));
    }
    QuotaKey key = QuotaKey.parse(arrow < 0 ? name.key : name.key.substring(0, arrow));
    Window window = windows.get(key);
    if (window == null) {
      return null; // it has become old
    }
    return arrow < 0
        ? new Fact.Count(
            name(), name.key, name.writer, window.counts.getOrDefault(self, new long[0]).clone())
        : fact(name.key, name.writer, window.gifts.get(receiver));
  }

  private @Nullable Fact fact(String key, String writer, @Nullable Map<String, Long> values) {
    Long value = values == null ? null : values.get(writer);
    return value == null ? null : new Fact.Count(name(), key, writer, new long[] {value});
  }

  @Override
  public void all(Consumer<Fact> sink) {
    List<Fact> facts = new ArrayList<>();
    synchronized (this) {
      notes.forEach(
          (ledger, by) ->
              by.forEach((who, note) -> facts.add(single(NOTE + ">" + ledger, who, note))));
      windows.forEach(
          (key, window) -> {
            String text = key.text();
            window.counts.forEach(
                (ledger, counts) ->
                    facts.add(new Fact.Count(name(), text, ledger, counts.clone())));
            window.gifts.forEach(
                (receiver, by) ->
                    by.forEach(
                        (giver, tokens) ->
                            facts.add(single(text + ">" + receiver, giver, tokens))));
          });
    }
    facts.forEach(sink);
  }

  private Fact single(String key, String writer, long value) {
    return new Fact.Count(name(), key, writer, new long[] {value});
  }

  @Override
  public void merge(Fact fact) {
    if (!(fact instanceof Fact.Count count)) {
      throw new IllegalArgumentException("not a count of quotas: " + fact.key());
    }
    int arrow = fact.key().indexOf('>');
    String about = arrow < 0 ? fact.key() : fact.key().substring(0, arrow);
    String ledger = fact.key().substring(arrow + 1);
    known(count.writer());
    if (arrow < 0) {
      mergeCounts(count);
      return;
    }
    known(ledger);
    if (count.values().length != 1 || count.values()[0] < 1) {
      throw new IllegalArgumentException("not one number above zero: " + fact.key());
    }
    long value = count.values()[0];
    if (about.equals(NOTE)) {
      mergeNote(ledger, count.writer(), value);
    } else {
      mergeGift(QuotaKey.parse(about), ledger, count.writer(), value);
    }
  }

  private void mergeCounts(Fact.Count fact) {
    long[] values = fact.values();
    if (values.length != VALUES
        || isNoAmount(values[SPENT])
        || isNoAmount(values[SHARE])
        || values[DENIED] < 0) {
      throw new IllegalArgumentException("not counts of a quota: " + fact.key());
    }
    QuotaKey key = QuotaKey.parse(fact.key());
    if (accepts(key)) {
      count(key, fact.writer(), values);
    }
  }

  private synchronized void mergeNote(String ledger, String by, long note) {
    if (note > QuotaLedger.LATER) {
      throw new IllegalArgumentException("note: " + note + " (expected: 1 or 2)");
    }
    if (!notes.containsKey(ledger) && notes.size() >= 1L * LEDGERS_MAX * regions.size()) {
      throw new IllegalArgumentException("more than " + LEDGERS_MAX + " ledgers of a region");
    }
    notes.computeIfAbsent(ledger, name -> new TreeMap<>()).merge(by, note, Math::max);
  }

  private synchronized void mergeGift(QuotaKey key, String receiver, String giver, long tokens) {
    if (isNoAmount(tokens)) {
      throw new IllegalArgumentException("gift: " + tokens);
    }
    if (accepts(key)) {
      windows
          .computeIfAbsent(key, k -> new Window())
          .gifts
          .computeIfAbsent(receiver, name -> new TreeMap<>())
          .merge(giver, tokens, Math::max);
      moved.add(key); // the receiver may reserve more
    }
  }

  private static boolean isNoAmount(long tokens) {
    return tokens < 0 || tokens > QuotaSpec.TOKENS_MAX;
  }

  private synchronized boolean accepts(QuotaKey key) {
    if (isOld(key)) {
      return false;
    }
    if (!windows.containsKey(key) && windows.size() >= WINDOWS_MAX) {
      throw new IllegalArgumentException("more than " + WINDOWS_MAX + " quotas");
    }
    return true;
  }

  private void known(String ledger) {
    if (!ledger.matches("[A-Za-z0-9.-]{1,63}#[0-9a-f]{16}")
        || !regions.contains(regionOf(ledger))) {
      throw new IllegalArgumentException(
          "ledger: " + ledger + " (expected: a configured region#16 hex digits)");
    }
  }

  static String regionOf(String ledger) {
    return ledger.substring(0, Math.max(0, ledger.lastIndexOf('#')));
  }

  private static long sum(Map<String, Long> values) {
    long sum = 0;
    for (long value : values.values()) {
      sum += value;
    }
    return sum;
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
