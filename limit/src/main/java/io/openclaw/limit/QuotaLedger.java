package io.openclaw.limit;

import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a region has on disk of its quotas, as lines of text that are only ever appended; the newest
 * line of a kind holds. A ledger has a name that no other has: a disk that was lost and begun anew
 * is another ledger of the same region.
 *
 * <p>Not thread-safe. The lines:
 *
 * <pre>
 * ledger us-east-1#1a2b…              its name: region # 16 hex digits
 * regions 1793491200000 eu us         the regions configured since that wall-clock time
 * note eu#9c8d… 1                     a ledger of another region is known here: the first (1) or not (2)
 * noted eu#9c8d… 1                    that ledger has noted this one so
 * window 2026-11-21                   the newest window entered
 * book tenant/bank 2026-11-21 share reserved spent eu#9c8d…=tokens-given …
 * </pre>
 */
public final class QuotaLedger {
  /** A note that a ledger is the first that is known of its region, or that it is not. */
  static final int FIRST = 1;

  static final int LATER = 2;

  /**
   * What is on disk of one quota in one window.
   *
   * @param share the part of the quota that is this ledger's own; 0 where it may not use it
   * @param reserved what may have been spent
   * @param spent what had been spent for sure when this was written
   * @param given what was given away, by the receiver's ledger
   */
  record Book(long share, long reserved, long spent, SortedMap<String, Long> given) {
    static final Book EMPTY = new Book(0, 0, 0, Collections.emptySortedMap());

    long givenAway() {
      long sum = 0;
      for (long tokens : given.values()) {
        sum += tokens;
      }
      return sum;
    }

    Book withShare(long tokens) {
      return new Book(tokens, reserved, spent, given);
    }

    Book withReserved(long tokens) {
      return new Book(share, tokens, spent, given);
    }

    Book withSpent(long tokens) {
      return new Book(share, reserved, tokens, given);
    }

    Book withGift(String receiver, long tokens) {
      TreeMap<String, Long> more = new TreeMap<>(given);
      more.merge(receiver, tokens, Long::sum);
      return new Book(share, reserved, spent, Collections.unmodifiableSortedMap(more));
    }
  }

  private final String name;
  private long sinceMillis;
  private boolean regrouped;
  private List<String> regions = List.of();
  private final Map<String, Integer> notes = new LinkedHashMap<>(); // in the order of noting
  private final Map<String, Integer> noted = new TreeMap<>();
  private final Map<QuotaSpec.Per, QuotaWindow> newest = new EnumMap<>(QuotaSpec.Per.class);
  private final Map<QuotaKey, Book> books = new HashMap<>();

  private QuotaLedger(String name) {
    this.name = name;
  }

  /** The first lines of a new ledger. */
  public static List<String> begin(
      String region, List<String> regions, long wallMillis, RandomGenerator random) {
    return List.of(
        "ledger " + region + "#" + HexFormat.of().toHexDigits(random.nextLong()),
        regionsLine(regions, wallMillis));
  }

  private static String regionsLine(List<String> regions, long wallMillis) {
    return "regions " + wallMillis + " " + String.join(" ", regions.stream().sorted().toList());
  }

  /**
   * The ledger of these lines.
   *
   * @throws IllegalArgumentException where they are none of a ledger
   */
  public static QuotaLedger read(List<String> lines) {
    String first = lines.isEmpty() ? "" : lines.getFirst();
    if (!first.matches("ledger [A-Za-z0-9.-]{1,63}#[0-9a-f]{16}")) {
      throw new IllegalArgumentException(
          "first line: " + first + " (expected: ledger region#16 hex digits)");
    }
    QuotaLedger ledger = new QuotaLedger(first.substring("ledger ".length()));
    lines.stream().skip(1).forEach(ledger::take);
    return ledger;
  }

  /** Takes in a line that is on disk. */
  void take(String line) {
    List<String> words = Arrays.asList(line.split(" ", -1));
    try {
      switch (words.getFirst()) {
        case "regions" -> {
          regrouped |= !regions.isEmpty();
          sinceMillis = Long.parseLong(words.get(1));
          regions = List.copyOf(words.subList(2, words.size()));
        }
        case "regrouped" -> regrouped = true;
        case "note" -> notes.putIfAbsent(words.get(1), Integer.parseInt(words.get(2)));
        case "noted" -> noted.put(words.get(1), Integer.parseInt(words.get(2)));
        case "window" -> {
          QuotaWindow window = QuotaWindow.parse(words.get(1));
          newest.merge(window.per(), window, (a, b) -> a.index() > b.index() ? a : b);
        }
        case "book" -> books.put(QuotaKey.of(words.get(1), words.get(2)), book(words));
        default -> throw new IllegalArgumentException("unknown");
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("line: " + line + " (expected: one of a ledger)", e);
    }
  }

  private static Book book(List<String> words) {
    TreeMap<String, Long> given = new TreeMap<>();
    for (String gift : words.subList(6, words.size())) {
      int equals = gift.indexOf('=');
      given.put(gift.substring(0, Math.max(0, equals)), Long.parseLong(gift.substring(equals + 1)));
    }
    return new Book(
        Long.parseLong(words.get(3)),
        Long.parseLong(words.get(4)),
        Long.parseLong(words.get(5)),
        Collections.unmodifiableSortedMap(given));
  }

  static String noteLine(String ledger, int note) {
    return "note " + ledger + " " + note;
  }

  static String notedLine(String by, long note) {
    return "noted " + by + " " + note;
  }

  static String windowLine(QuotaWindow window) {
    return "window " + window.name();
  }

  static String bookLine(QuotaKey key, Book book) {
    StringBuilder line = new StringBuilder(64);
    line.append("book ").append(key.quota()).append(' ').append(key.window().name());
    line.append(' ').append(book.share).append(' ').append(book.reserved);
    line.append(' ').append(book.spent);
    book.given.forEach((to, tokens) -> line.append(' ').append(to).append('=').append(tokens));
    return line.toString();
  }

  /**
   * Everything that still matters, in as few lines as there can be: of each quota the windows from
   * the one before the newest on.
   */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("ledger " + name);
    if (regrouped) {
      lines.add("regrouped");
    }
    lines.add(regionsLine(regions, sinceMillis));
    notes.forEach((ledger, note) -> lines.add(noteLine(ledger, note)));
    noted.forEach((by, note) -> lines.add(notedLine(by, note)));
    newest.values().forEach(window -> lines.add(windowLine(window)));
    books.forEach(
        (key, book) -> {
          if (!isOld(key.window())) {
            lines.add(bookLine(key, book));
          }
        });
    return lines;
  }

  /** Whether a window is older than the one before the newest. */
  boolean isOld(QuotaWindow window) {
    QuotaWindow latest = newest.get(window.per());
    return latest != null && window.index() < latest.index() - 1;
  }

  /** Lets old windows go. */
  void forgetOld() {
    books.keySet().removeIf(key -> isOld(key.window()));
  }

  /** The line to be written where other regions are configured than before; null where not. */
  @Nullable String regionsChange(List<String> configured, long wallMillis) {
    return regions.equals(configured.stream().sorted().toList())
        ? null
        : regionsLine(configured, wallMillis);
  }

  String name() {
    return name;
  }

  /** When it began, or when its regions were last changed. */
  long sinceMillis() {
    return sinceMillis;
  }

  /** Whether other regions were configured at some time. */
  boolean isRegrouped() {
    return regrouped;
  }

  Map<String, Integer> notes() {
    return notes;
  }

  /** Whether of all ledgers of its region that were noted here this is the last. */
  boolean isLastNoted(String ledger) {
    String last = "";
    for (String name : notes.keySet()) {
      last = QuotaTable.regionOf(name).equals(QuotaTable.regionOf(ledger)) ? name : last;
    }
    return last.equals(ledger);
  }

  /** Who has noted this ledger, and how. */
  Map<String, Integer> noted() {
    return noted;
  }

  @Nullable QuotaWindow newest(QuotaSpec.Per per) {
    return newest.get(per);
  }

  Map<QuotaKey, Book> books() {
    return books;
  }

  Book book(QuotaKey key) {
    return books.getOrDefault(key, Book.EMPTY);
  }
}
