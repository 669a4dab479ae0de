package io.openclaw.limit;

import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.QuotaWindow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of one region: so many tokens per UTC day or month over all regions, never more,
 * whatever fails, and no message on a request's path.
 *
 * <p>A quota is a bounded counter with escrow: each region has a share of it, gives parts of what
 * it has not reserved to regions that run low, and spends only blocks that it has reserved on disk.
 * Source: Balegas et al., "Extending Eventually Consistent Cloud Databases for Enforcing Numeric
 * Invariants", SRDS 2015. What is new here: windows, blocks (a crash burns at most one), and
 * ledgers with names, so that a region that lost its disk does not spend its share twice.
 *
 * <p>Thread-safe; told the time. {@link #step} writes to disk: it needs a thread of its own.
 */
public class Quotas {
  /** Where lines are kept; a port. */
  public interface Store {
    /**
     * Appends lines, all or none; durable when this returns.
     *
     * @throws IOException where they are not, or nobody knows: what is appended later holds
     */
    void append(List<String> lines) throws IOException;
  }

  /** How long before a window begins its first block is reserved. */
  static final long AHEAD_MILLIS = 2_000;

  /** A block lasts about so long. */
  private static final double BLOCK_SECONDS = 2;

  /** A block is at least this part of a quota, and mostly at most that: what a crash may burn. */
  private static final long BLOCK_PART_MIN = 1000;

  private static final long BLOCK_PART_MAX = 100;

  /** A block holds so many requests, of a quota of at least twenty times as many. */
  private static final long BLOCK_REQUESTS_MIN = 20;

  /** How often gifts are considered. */
  static final long GIVE_NANOS = 100_000_000L;

  /** Gifts of one region at one time, of all quotas. */
  private static final int GIFTS_MAX = 1000;

  private final String region;
  private final List<String> regions;
  private final QuotaLedger ledger;
  private final Store store;
  private final QuotaTable table;
  private final ConcurrentMap<String, Quota> quotas = new ConcurrentHashMap<>();
  private final Queue<Quota> wanting = new ConcurrentLinkedQueue<>();
  private volatile Supplier<Set<String>> up;

  // Guarded by this object: what one step after another changes.
  private final Map<QuotaSpec.Per, QuotaWindow> current = new EnumMap<>(QuotaSpec.Per.class);
  private final Map<QuotaSpec.Per, QuotaWindow> prepared = new EnumMap<>(QuotaSpec.Per.class);
  private final Map<QuotaKey, QuotaBook> books = new LinkedHashMap<>();
  private final Set<QuotaBook> shareless = new LinkedHashSet<>();
  private final Set<QuotaBook> watched = new LinkedHashSet<>();
  private boolean begun;
  private boolean closed;
  private long giveNanos;

  /**
   * The quotas of one region.
   *
   * @param regions the configured regions, this one among them
   * @param ledger what is on disk
   */
  public Quotas(
      String region, List<String> regions, QuotaLedger ledger, Store store, long nowNanos) {
    this.region = region;
    this.regions = regions.stream().sorted().toList();
    this.ledger = ledger;
    this.store = store;
    table = new QuotaTable(ledger.name(), this.regions);
    giveNanos = nowNanos;
    up = () -> Set.copyOf(this.regions);
  }

  /** Who says which other regions are up: only those are given anything. Until then all are. */
  public void up(Supplier<Set<String>> regionsUp) {
    up = regionsUp;
  }

  /** What regions tell each other of quotas. */
  public QuotaTable facts() {
    return table;
  }

  /**
   * This region's side of a quota, made when it is first asked for, and changed where its numbers
   * have changed. Nothing can be spent of it before the next {@link #step}.
   *
   * @param largestCost the most tokens one request may cost
   */
  public Quota quota(QuotaSpec spec, long largestCost) {
    Quota quota = quotas.computeIfAbsent(spec.id(), id -> new Quota(this, spec, largestCost));
    quota.change(spec, largestCost);
    want(quota);
    return quota;
  }

  /**
   * Whether all other regions have noted this one's ledger: before that it has no share of its own.
   */
  public synchronized boolean isNoted() {
    return missingNotes().isEmpty();
  }

  private Set<String> missingNotes() {
    Set<String> missing = new TreeSet<>(regions);
    missing.remove(region);
    ledger.noted().keySet().forEach(by -> missing.remove(QuotaTable.regionOf(by)));
    return missing;
  }

  /** All quotas that were asked for. */
  public List<Quota> quotas() {
    return new ArrayList<>(quotas.values());
  }

  void want(Quota quota) {
    if (!quota.wanting.get() && quota.wanting.compareAndSet(false, true)) {
      wanting.add(quota);
    }
  }

  /** What one step writes, and then makes true. */
  private static final class Step {
    final List<String> lines = new ArrayList<>();
    final List<Runnable> then = new ArrayList<>();
    final Map<QuotaBook, QuotaLedger.Book> books = new LinkedHashMap<>();
    final Map<QuotaSpec.Per, QuotaWindow> windows = new EnumMap<>(QuotaSpec.Per.class);

    QuotaLedger.Book of(QuotaBook book) {
      QuotaLedger.Book next = books.get(book);
      return next == null ? book.durable() : next;
    }

    void put(QuotaBook book, QuotaLedger.Book next) {
      books.put(book, next);
    }
  }

  /**
   * Does what is due: notes other regions' ledgers, enters windows, reserves blocks, gives. To be
   * called every 20 ms or so, by one thread that may wait for a disk.
   *
   * @throws IOException where it could not be written: then none of it was done
   */
  public synchronized void step(long wallMillis, long nowNanos) throws IOException {
    if (closed) {
      return;
    }
    begin(wallMillis);
    Step step = new Step();
    note(step);
    for (QuotaSpec.Per per : QuotaSpec.Per.values()) {
      enter(step, per, wallMillis, nowNanos);
    }
    boolean givesNow = nowNanos - giveNanos >= GIVE_NANOS;
    if (givesNow) {
      takeShares(step);
    }
    for (int i = wanting.size(); i > 0; i--) {
      Quota quota = wanting.poll();
      if (quota != null) {
        quota.wanting.set(false);
        enter(step, quota, step.windows.get(quota.spec().per()), nowNanos);
        refill(step, quota, nowNanos);
      }
    }
    if (givesNow) {
      giveNanos = nowNanos;
      give(step, nowNanos);
    }
    commit(step);
  }

  private void begin(long wallMillis) throws IOException {
    if (begun) {
      return;
    }
    Step step = new Step();
    String change = ledger.regionsChange(regions, wallMillis);
    if (change != null) {
      step.lines.add(change);
    }
    commit(step);
    begun = true;
    table.note(ledger.name(), QuotaLedger.FIRST); // that it is there; others note how
    ledger.notes().forEach(table::note);
    ledger
        .books()
        .forEach((key, book) -> book.given().forEach((to, tokens) -> table.gave(key, to, tokens)));
  }

  /** Other regions' ledgers are noted for ever, the first of each region as such. */
  private void note(Step step) {
    Set<String> known = new TreeSet<>();
    ledger.notes().keySet().forEach(name -> known.add(QuotaTable.regionOf(name)));
    for (String name : firstFirst(table.ledgers())) {
      String of = QuotaTable.regionOf(name);
      if (of.equals(region) || ledger.notes().containsKey(name)) {
        continue;
      }
      boolean first = known.add(of) && !ledger.isRegrouped();
      int note = first ? QuotaLedger.FIRST : QuotaLedger.LATER;
      step.lines.add(QuotaLedger.noteLine(name, note));
      step.then.add(() -> table.note(name, note));
    }
    table
        .notes(ledger.name())
        .forEach(
            (by, note) -> {
              if (!by.equals(ledger.name()) && !ledger.noted().containsKey(by)) {
                step.lines.add(QuotaLedger.notedLine(by, note));
              }
            });
  }

  /**
   * Those that somebody noted as later ones last: the last that is noted of a region is its newest.
   */
  private List<String> firstFirst(List<String> names) {
    List<String> sorted = new ArrayList<>(names);
    sorted.sort(Comparator.comparing(name -> Collections.max(table.notes(name).values())));
    return sorted;
  }

  /** Windows are entered forwards only. */
  private void enter(Step step, QuotaSpec.Per per, long wallMillis, long nowNanos) {
    QuotaWindow newest = ledger.newest(per);
    QuotaWindow byClock = QuotaWindow.of(per, wallMillis);
    QuotaWindow now = newest != null && newest.index() > byClock.index() ? newest : byClock;
    step.windows.put(per, now);
    if (!now.equals(newest)) {
      step.lines.add(QuotaLedger.windowLine(now));
    }
    if (!now.equals(current.get(per))) {
      of(per).forEach(quota -> enter(step, quota, now, nowNanos));
      step.then.add(() -> entered(per, now));
    }
    QuotaWindow next = now.next();
    if (now.endMillis() - wallMillis <= AHEAD_MILLIS && !next.equals(prepared.get(per))) {
      of(per).forEach(quota -> prepare(step, quota, next, nowNanos));
      step.then.add(() -> prepared.put(per, next));
    }
  }

  private List<Quota> of(QuotaSpec.Per per) {
    return quotas.values().stream().filter(quota -> quota.spec().per() == per).toList();
  }

  private void entered(QuotaSpec.Per per, QuotaWindow window) {
    current.put(per, window);
    ledger.forgetOld();
    table.entered(window);
    books.keySet().removeIf(key -> isPast(key, window));
    shareless.removeIf(book -> isPast(book.key, window));
    watched.removeIf(book -> isPast(book.key, window));
  }

  private static boolean isPast(QuotaKey key, QuotaWindow entered) {
    return key.window().per() == entered.per() && key.window().index() < entered.index();
  }

  private void enter(Step step, Quota quota, @Nullable QuotaWindow window, long nowNanos) {
    QuotaBook before = quota.book;
    if (window == null || (before != null && before.window().equals(window))) {
      return;
    }
    QuotaBook book = prepare(step, quota, window, nowNanos);
    refill(step, book, nowNanos);
    step.then.add(
        () -> {
          quota.book = book;
          table.changed(book);
        });
  }

  /** The book of a window, with a block. */
  private QuotaBook prepare(Step step, Quota quota, QuotaWindow window, long nowNanos) {
    QuotaKey key = new QuotaKey(quota.spec().id(), window);
    QuotaBook known = books.get(key);
    if (known != null) {
      return known;
    }
    QuotaLedger.Book durable = ledger.book(key);
    QuotaBook book = new QuotaBook(quota, key, durable, nowNanos);
    books.put(key, book);
    quota.countBurned(durable.reserved() - durable.spent());
    shareless.add(book);
    takeShare(step, book);
    refill(step, book, nowNanos);
    return book;
  }

  private void takeShares(Step step) {
    shareless.removeIf(book -> step.of(book).share() > 0);
    for (QuotaBook book : List.copyOf(shareless)) {
      takeShare(step, book);
    }
  }

  private void takeShare(Step step, QuotaBook book) {
    QuotaLedger.Book now = step.of(book);
    long share = shareOf(book.quota.spec());
    if (now.share() == 0 && share > 0 && mayTakeShare(book.key)) {
      step.put(book, now.withShare(share));
      want(book.quota);
    }
  }

  /**
   * Whether this ledger's share of a window is certainly unspent. Every other region must have
   * noted this ledger, so that a later one of this region will not be its first; and where one of
   * them knew another ledger before, or other regions were configured, only windows that began
   * later.
   */
  boolean mayTakeShare(QuotaKey key) {
    boolean first =
        !ledger.isRegrouped()
            && ledger.noted().values().stream().allMatch(note -> note == QuotaLedger.FIRST);
    return missingNotes().isEmpty()
        && (first
            || (key.window().startMillis() > ledger.sinceMillis()
                && !table.hasOtherOf(region, key)));
  }

  /** An equal part; where that is no whole number, one more for the first in a rotation. */
  long shareOf(QuotaSpec spec) {
    long parts = regions.size();
    long place = Math.floorMod(regions.indexOf(region) - (long) spec.id().hashCode(), parts);
    return spec.tokens() / parts + (place < spec.tokens() % parts ? 1 : 0);
  }

  /** What this region may spend in all. */
  private long rights(QuotaBook book, QuotaLedger.Book now) {
    // Where the quota was changed, so was the share; not where it was taken among other regions.
    long share = now.share() == 0 ? 0 : shareOf(book.quota.spec());
    if (book.window().startMillis() <= ledger.sinceMillis() && ledger.isRegrouped()) {
      share = Math.min(share, now.share());
    }
    return share + table.received(book.key, ledger.name()) - now.givenAway();
  }

  private void refill(Step step, Quota quota, long nowNanos) {
    QuotaBook book = quota.book;
    if (book != null) {
      refill(step, book, nowNanos);
    }
  }

  private void refill(Step step, QuotaBook book, long nowNanos) {
    QuotaLedger.Book now = step.of(book);
    long free = rights(book, now) - now.reserved();
    long coming = now.reserved() - book.durable().reserved();
    long more = Math.min(free, blockOf(book, nowNanos) - book.available() - coming);
    if (more <= 0) {
      book.beyond(free);
    } else {
      step.put(book, now.withReserved(now.reserved() + more));
      book.refilled(nowNanos);
    }
  }

  /** What lasts for some seconds of the demand, within bounds. */
  private static long blockOf(QuotaBook book, long nowNanos) {
    long tokens = book.quota.spec().tokens();
    long demand = (long) Math.ceil(BLOCK_SECONDS * book.rate(nowNanos));
    long cost = book.quota.largestCost();
    long least = Math.max(2 * cost, Math.min(tokens / 20, BLOCK_REQUESTS_MIN * cost));
    long block = Math.clamp(demand, tokens / BLOCK_PART_MIN, Math.max(1, tokens / BLOCK_PART_MAX));
    return Math.max(block, least);
  }

  private void give(Step step, long nowNanos) {
    for (QuotaKey key : table.moved()) {
      Quota quota = quotas.get(key.quota());
      QuotaBook book = quota == null ? null : quota.book;
      if (book != null && book.key.equals(key)) {
        watched.add(book);
        want(book.quota); // it may have been given something
      }
    }
    int gifts = 0;
    Set<String> regionsUp = up.get();
    for (QuotaBook book : List.copyOf(watched)) {
      table.record(book);
      List<QuotaDemand.Party> parties = table.parties(book.key);
      if (!book.demand.measure(parties, nowNanos)) {
        watched.remove(book);
      } else if (gifts < GIFTS_MAX && give(step, book, parties, regionsUp)) {
        gifts++;
      }
    }
  }

  private boolean give(
      Step step, QuotaBook book, List<QuotaDemand.Party> parties, Set<String> regionsUp) {
    QuotaLedger.Book now = step.of(book);
    long rights = rights(book, now);
    boolean idle = book.demand.rate(ledger.name()) == 0;
    long block = idle ? book.available() : 0;
    QuotaDemand.Party self = new QuotaDemand.Party(ledger.name(), rights - book.spent(), 0);
    // What a ledger is given that nobody spends from any more is lost until the window ends.
    QuotaDemand.Gift gift =
        book.demand.gift(
            self,
            rights - now.reserved() + block,
            parties,
            to -> regionsUp.contains(QuotaTable.regionOf(to)) && ledger.isLastNoted(to));
    if (gift == null) {
      return false;
    }
    long tokens = gift.tokens();
    if (tokens > rights - now.reserved()) { // a region that nobody asks lets its block go too
      now = now.withReserved(now.reserved() - book.drain());
      tokens = Math.min(tokens, rights - now.reserved());
    }
    if (tokens > 0) {
      now = now.withGift(gift.receiver(), tokens);
    }
    step.put(book, now);
    return tokens > 0;
  }

  /** First on disk, then true. */
  private void commit(Step step) throws IOException {
    step.books.forEach(
        (book, next) ->
            step.lines.add(
                QuotaLedger.bookLine(
                    book.key, next.withSpent(Math.min(next.reserved(), book.spent())))));
    if (!step.lines.isEmpty()) {
      store.append(step.lines);
      step.lines.forEach(ledger::take);
    }
    step.books.forEach(
        (book, next) -> {
          book.apply(next);
          book.beyond(rights(book, next) - next.reserved());
          next.given().forEach((to, tokens) -> table.gave(book.key, to, tokens));
          table.changed(book);
        });
    step.then.forEach(Runnable::run);
  }

  /**
   * Gives the blocks back that were not spent, where a node stops in order: nothing is burned.
   * Later steps do nothing.
   */
  public synchronized void close() throws IOException {
    closed = true;
    Step step = new Step();
    for (QuotaBook book : books.values()) {
      long left = book.drain();
      QuotaLedger.Book now = book.durable();
      step.put(book, now.withReserved(now.reserved() - left));
    }
    commit(step);
  }

  /** The region, other than this one, with the most left of a quota. */
  @Nullable String mostLeft(QuotaBook book, long atLeast) {
    return table.parties(book.key).stream()
        .filter(party -> party.left() >= atLeast)
        .filter(party -> !QuotaTable.regionOf(party.ledger()).equals(region))
        .max(Comparator.comparingLong(QuotaDemand.Party::left))
        .map(party -> QuotaTable.regionOf(party.ledger()))
        .orElse(null);
  }
}
