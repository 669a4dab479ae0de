package io.openclaw.rating;

import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The scores of all items, counted in every region and merged without coordination: a table of
 * facts, of which this replica writes its own counts.
 *
 * <p>A score is a record in the {@link DurableLog} before it is acknowledged, counted or told to
 * anybody. The tries of one client request count once over all replicas ({@link AttemptBook}), as
 * long as no try arrives later than {@link #ATTEMPTS_MAX} others or {@link #CLAIMS_MAX} retries.
 *
 * <p>The replica's id belongs to its log: a replica that lost its log comes back under a new id.
 *
 * <p>Facts: a count has the key {@code <scope>/<scale>/<item>}, which begins with the tenant, and
 * the counts per step followed by the counts taken back; a claim has the key {@code attempt/<id>},
 * the try as version and the writer's id as value.
 *
 * <p>Thread-safe: event loops rate, the log's thread completes, the mesh's thread merges and
 * drains. Stages complete on the log's thread or, where it was faster, on the caller's.
 */
public final class ItemStore implements FactTable {
  /** The name of the table. */
  public static final String NAME = "items";

  /**
   * Items of one store, own and others'; beyond it a new item is refused here, but what other
   * replicas have accepted is still merged.
   */
  public static final int ITEMS_MAX = 1_000_000;

  /** Items of one tenant, so that none can take the places of all others. */
  public static final int TENANT_ITEMS_MAX = ITEMS_MAX / 4;

  /** Own attempts remembered. */
  public static final int ATTEMPTS_MAX = 65_536;

  /** Claims remembered, own and others'. */
  public static final int CLAIMS_MAX = 16_384;

  /** Of an attempt's id, in UTF-16 units. */
  public static final int ATTEMPT_ID_LENGTH_MAX = 256;

  /** Of a replica's id, in UTF-16 units. */
  public static final int WRITER_LENGTH_MAX = 256;

  /** Of a fact's key, in UTF-16 units. */
  public static final int KEY_LENGTH_MAX = 2_048;

  /** Steps of one scale. */
  public static final int STEPS_MAX = 101;

  private static final String CLAIM_PREFIX = "attempt/";

  private final String writer;
  private final DurableLog log;
  private final int itemsMax;
  private final int tenantItemsMax;
  private final AttemptBook book;
  private final ConcurrentHashMap<String, ItemCounts> items = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> itemsOfTenants = new ConcurrentHashMap<>();
  private final Set<String> changedItems = ConcurrentHashMap.newKeySet();

  /** Held shared from handing a record to the log until its completion is attached. */
  private final ReentrantReadWriteLock appending = new ReentrantReadWriteLock();

  /**
   * @param writer this replica's id, 1 to {@link #WRITER_LENGTH_MAX} characters, used by no other
   */
  public ItemStore(String writer, DurableLog log) {
    this(writer, log, ITEMS_MAX, TENANT_ITEMS_MAX, ATTEMPTS_MAX, CLAIMS_MAX);
  }

  ItemStore(
      String writer,
      DurableLog log,
      int itemsMax,
      int tenantItemsMax,
      int attemptsMax,
      int claimsMax) {
    if (writer.isEmpty() || writer.length() > WRITER_LENGTH_MAX) {
      throw new IllegalArgumentException(
          "writer: " + writer.length() + " characters (expected: 1 to " + WRITER_LENGTH_MAX + ")");
    }
    this.writer = writer;
    this.log = log;
    this.itemsMax = itemsMax;
    this.tenantItemsMax = tenantItemsMax;
    book = new AttemptBook(writer, attemptsMax, claimsMax);
  }

  /** How many items are known. */
  public int size() {
    return items.size();
  }

  /**
   * Counts a score once per attempt; completes with the item's state, this score in it, when that
   * is durable. Fails with {@link NotDurableException} or {@link CapacityException}, unwrapped.
   */
  CompletableFuture<ItemCounts> rate(String key, int steps, int step, Attempt attempt) {
    String id = attempt.id();
    if (id != null && (id.isEmpty() || id.length() > ATTEMPT_ID_LENGTH_MAX)) {
      throw new IllegalArgumentException(
          "attempt id: "
              + id.length()
              + " characters (expected: 1 to "
              + ATTEMPT_ID_LENGTH_MAX
              + ")");
    }
    CompletableFuture<ItemCounts> answer = new CompletableFuture<>();
    if (id == null) {
      count(key, steps, step, null, answer);
      return answer;
    }
    AttemptBook.Entry entry =
        new AttemptBook.Entry(id, Math.max(1, attempt.number()), key, steps, step);
    switch (book.arrive(entry, answer)) {
      case AttemptBook.Arrival.First(AttemptBook.Entry first) ->
          count(key, steps, step, first, answer);
      case AttemptBook.Arrival.Known() -> answer.complete(known(key, steps));
      case AttemptBook.Arrival.Pending(CompletableFuture<ItemCounts> durable) -> {
        var _ = durable.whenComplete((counts, failure) -> settle(answer, counts, failure));
      }
    }
    return answer;
  }

  private ItemCounts known(String key, int steps) {
    return items.getOrDefault(key, ItemCounts.empty(steps));
  }

  private void count(
      String key,
      int steps,
      int step,
      AttemptBook.@Nullable Entry entry,
      CompletableFuture<ItemCounts> answer) {
    Exception refusal = refusal(key, steps);
    if (refusal != null) {
      forget(key, entry);
      answer.completeExceptionally(refusal);
      return;
    }
    ItemRecord record =
        entry == null
            ? new ItemRecord.Scored(key, steps, step, null, 1)
            : new ItemRecord.Scored(key, steps, step, entry.id, entry.number);
    append(
        record,
        () -> {
          // The claim goes into the book after the count, so that no claim is told without it.
          change(key, steps, counts -> counts.plusScore(writer, step));
          if (entry != null && book.counted(entry)) {
            retract(entry);
          }
          answer.complete(known(key, steps));
        },
        failure -> {
          forget(key, entry);
          answer.completeExceptionally(failure);
        });
  }

  /** Why a score of this item cannot be taken; otherwise its place is taken. */
  private @Nullable Exception refusal(String key, int steps) {
    ItemCounts known = items.get(key);
    if (known == null && items.size() >= itemsMax) {
      return new CapacityException("items: " + items.size() + " (expected: < " + itemsMax + ")");
    }
    int ofTenant = itemsOfTenants.getOrDefault(tenant(key), 0);
    if (known == null && ofTenant >= tenantItemsMax) {
      return new CapacityException(
          "items of the tenant: " + ofTenant + " (expected: < " + tenantItemsMax + ")");
    }
    if (known != null && known.steps() != steps) {
      return new IllegalStateException(
          "steps of the scale: " + steps + " (expected: " + known.steps() + ", as merged)");
    }
    put(key, steps, counts -> counts);
    return null;
  }

  private static String tenant(String key) {
    int end = key.indexOf('/');
    return end < 0 ? key : key.substring(0, end);
  }

  /** Puts what becomes of an item's counts in their place; an item that is new counts. */
  private void put(String key, int steps, UnaryOperator<ItemCounts> change) {
    items.compute(
        key,
        (same, counts) -> {
          ItemCounts after = change.apply(counts == null ? ItemCounts.empty(steps) : counts);
          if (counts == null) {
            itemsOfTenants.merge(tenant(key), 1, Integer::sum);
          }
          return after;
        });
  }

  private void removeIfEmpty(String key) {
    items.computeIfPresent(
        key,
        (same, counts) -> {
          if (!counts.isEmpty()) {
            return counts;
          }
          itemsOfTenants.computeIfPresent(
              tenant(key), (tenant, count) -> count == 1 ? null : count - 1);
          return null;
        });
  }

  /** Undoes the entry and the place of a score that is not counted. */
  private void forget(String key, AttemptBook.@Nullable Entry entry) {
    removeIfEmpty(key);
    if (entry != null) {
      book.failed(entry);
    }
  }

  private void retract(AttemptBook.Entry entry) {
    append(
        new ItemRecord.Retracted(entry.key, entry.steps, entry.step, entry.id),
        () -> {
          change(entry.key, entry.steps, counts -> counts.plusRetraction(writer, entry.step));
          book.retracted(entry);
        },
        failure -> book.retractionFailed(entry));
  }

  private void append(ItemRecord record, Runnable durable, Consumer<Throwable> failed) {
    Lock shared = appending.readLock();
    shared.lock();
    try {
      var _ =
          log.append(record.encode())
              .whenComplete(
                  (done, failure) -> {
                    if (failure == null) {
                      durable.run();
                    } else {
                      failed.accept(unwrapped(failure));
                    }
                  });
    } finally {
      shared.unlock();
    }
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  static <T> void settle(
      CompletableFuture<T> answer, @Nullable T value, @Nullable Throwable failure) {
    if (failure != null) {
      answer.completeExceptionally(unwrapped(failure));
    } else if (value != null) {
      answer.complete(value);
    }
  }

  /** Applies a change of this replica's own counts that is durable, and marks it as news. */
  private void change(String key, int steps, UnaryOperator<ItemCounts> change) {
    put(key, steps, change);
    changedItems.add(key);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** {@inheritDoc} Also repeats retractions that the log refused. */
  @Override
  public void drainChanges(Consumer<Fact> sink) {
    for (AttemptBook.Entry entry : book.retractionsToRepeat()) {
      retract(entry);
    }
    // Claims are taken out first and told last: the counts they stand for go before them.
    Map<String, AttemptBook.Claim> claims = book.drainClaims();
    for (Iterator<String> changed = changedItems.iterator(); changed.hasNext(); ) {
      String key = changed.next();
      changed.remove(); // before reading, so that a later change marks it again
      ItemCounts counts = items.get(key);
      long[] own = counts == null ? null : counts.vector(writer);
      if (own != null) {
        sink.accept(new Fact.Count(NAME, key, writer, own));
      }
    }
    claims.forEach((id, claim) -> sink.accept(fact(id, claim)));
  }

  @Override
  public void all(Consumer<Fact> sink) {
    Map<String, AttemptBook.Claim> claims = book.claims();
    items.forEach(
        (key, counts) ->
            counts.forEachWriter(
                (teller, vector) -> sink.accept(new Fact.Count(NAME, key, teller, vector))));
    claims.forEach((id, claim) -> sink.accept(fact(id, claim)));
  }

  private static Fact fact(String id, AttemptBook.Claim claim) {
    return new Fact.Register(
        NAME, CLAIM_PREFIX + id, claim.version(), claim.writer().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void merge(Fact fact) {
    if (!fact.table().equals(NAME)) {
      throw new IllegalArgumentException("table: " + fact.table() + " (expected: " + NAME + ")");
    }
    requireLength("key", fact.key(), KEY_LENGTH_MAX);
    switch (fact) {
      case Fact.Count count -> mergeCount(count.key(), count.writer(), count.values());
      case Fact.Register register -> mergeClaim(register);
    }
  }

  private void mergeCount(String key, String teller, long[] values) {
    requireLength("writer", teller, WRITER_LENGTH_MAX);
    if (values.length < 2 || values.length > 2 * STEPS_MAX || values.length % 2 != 0) {
      throw new IllegalArgumentException(
          "values: "
              + values.length
              + " (expected: twice the steps, at most "
              + 2 * STEPS_MAX
              + ")");
    }
    put(key, values.length / 2, counts -> counts.merge(teller, values));
  }

  private void mergeClaim(Fact.Register register) {
    if (!register.key().startsWith(CLAIM_PREFIX) || register.version() < 1) {
      throw new IllegalArgumentException(
          "a register of version " + register.version() + " (expected: an attempt, > 0)");
    }
    String id = register.key().substring(CLAIM_PREFIX.length());
    requireLength("attempt id", id, ATTEMPT_ID_LENGTH_MAX);
    AttemptBook.Entry lost =
        book.claimed(id, new AttemptBook.Claim(register.version(), writer(register.value())));
    if (lost != null) {
      retract(lost);
    }
  }

  private static String writer(byte[] value) {
    try {
      String writer = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      requireLength("writer", writer, WRITER_LENGTH_MAX);
      return writer;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a claim's writer is not UTF-8", e);
    }
  }

  private static void requireLength(String what, String text, int max) {
    if (text.isEmpty() || text.length() > max) {
      throw new IllegalArgumentException(
          what + ": " + text.length() + " characters (expected: 1 to " + max + ")");
    }
  }

  /**
   * Takes in a record of this replica's own log at start-up, in the order of the log, before
   * anything is rated or merged.
   *
   * @throws IllegalArgumentException where it is no record of an item store
   */
  public void replay(byte[] record) {
    switch (ItemRecord.decode(record)) {
      case ItemRecord.Scored r -> {
        restore(r.key(), r.steps(), counts -> counts.plusScore(writer, r.step()));
        if (r.id() != null) {
          book.restore(
              new AttemptBook.Entry(r.id(), r.number(), r.key(), r.steps(), r.step()), false);
        }
      }
      case ItemRecord.Retracted r -> {
        restore(r.key(), r.steps(), counts -> counts.plusRetraction(writer, r.step()));
        book.restoreRetraction(r.id());
      }
      case ItemRecord.Counted r -> mergeCount(r.key(), writer, r.vector());
      case ItemRecord.Remembered r ->
          book.restore(
              new AttemptBook.Entry(r.id(), r.number(), r.key(), r.steps(), r.step()),
              r.retracted());
    }
  }

  private void restore(String key, int steps, UnaryOperator<ItemCounts> change) {
    ItemCounts known = known(key, steps);
    if (known.steps() != steps) {
      throw new IllegalArgumentException("steps: " + steps + " (expected: " + known.steps() + ")");
    }
    put(key, steps, change);
  }

  /**
   * Writes records that replay to this replica's own state: what its log comes to.
   *
   * <p>It holds exactly the scores whose stages have completed. So call it where each record handed
   * to the log either has completed or will be written after the snapshot: at start-up, or on the
   * log's own thread between two writes. Not from the continuation of a stage.
   *
   * @param records takes each record, at most {@link DurableLog#RECORD_BYTES_MAX} bytes
   */
  public void snapshot(Consumer<byte[]> records) {
    List<AttemptBook.Durable> remembered = rememberedAndCounted();
    items.forEach(
        (key, counts) -> {
          long[] own = counts.vector(writer);
          if (own != null) {
            records.accept(new ItemRecord.Counted(key, own).encode());
          }
        });
    for (AttemptBook.Durable each : remembered) {
      AttemptBook.Entry entry = each.entry();
      records.accept(
          new ItemRecord.Remembered(
                  entry.key, entry.steps, entry.step, entry.id, entry.number, each.retracted())
              .encode());
    }
  }

  /**
   * The durable attempts, when every record that the log has completed is counted. What is handed
   * to the log after it is not written before the snapshot ends, so callers need not wait for that.
   */
  private List<AttemptBook.Durable> rememberedAndCounted() {
    Lock exclusive = appending.writeLock();
    exclusive.lock();
    try {
      return book.durable();
    } finally {
      exclusive.unlock();
    }
  }
}
