package io.openclaw.rating;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Which attempts this replica has counted, and which replica may keep the count of an attempt that
 * several have: what makes a router's retries count once.
 *
 * <p>The rule: a replica that counted try 2 or later claims the attempt. Of all claims the one with
 * the highest try wins, among equals the larger writer (unsigned bytes): a register that grows, so
 * all replicas come to the same winner. Whoever counted and is not the winner takes its count back;
 * a first try makes no claim and so yields to any. The winner of all claims ever made never hears
 * of a higher one and keeps its count: exactly one stands.
 *
 * <p>Thread-safe; never calls out while it holds its lock.
 */
final class AttemptBook {
  private final String writer;
  private final int attemptsMax;
  private final int claimsMax;
  private final Map<String, Entry> attempts = new LinkedHashMap<>(); // oldest first
  private final Map<String, Claim> claims = new LinkedHashMap<>(); // oldest first
  private final Set<String> changedClaims = new HashSet<>();
  private List<Entry> failedRetractions = new ArrayList<>();

  AttemptBook(String writer, int attemptsMax, int claimsMax) {
    this.writer = writer;
    this.attemptsMax = attemptsMax;
    this.claimsMax = claimsMax;
  }

  /** How far an attempt's score has come. */
  enum State {
    /** Handed to the log. */
    PENDING,
    /** Durable and counted. */
    COUNTED,
    /** Counted; the record that takes it back is handed to the log. */
    RETRACTING,
    /** Counted and taken back, both durable. */
    RETRACTED
  }

  /** An attempt whose score this replica recorded; its state is guarded by the book. */
  static final class Entry {
    final String id;
    final int number;
    final String key;
    final int steps;
    final int step;
    private State state = State.PENDING;
    private @Nullable CompletableFuture<ItemCounts> pending;

    Entry(String id, int number, String key, int steps, int step) {
      this.id = id;
      this.number = number;
      this.key = key;
      this.steps = steps;
      this.step = step;
    }
  }

  /** An attempt whose score is durable, and whether it was taken back. */
  record Durable(Entry entry, boolean retracted) {}

  /** Who may keep the count of an attempt. */
  record Claim(long version, String writer) {
    boolean beats(Claim other) {
      return version != other.version
          ? version > other.version
          : Arrays.compareUnsigned(bytes(writer), bytes(other.writer)) > 0;
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** What to do with an attempt that arrived. */
  sealed interface Arrival {
    /** It is the first of its id: count it. */
    record First(Entry entry) implements Arrival {}

    /** Its score is on its way to the log: wait for that. */
    record Pending(CompletableFuture<ItemCounts> durable) implements Arrival {}

    /** Its score is counted, here or elsewhere. */
    record Known() implements Arrival {}
  }

  /** Enters an attempt; {@code durable} will tell duplicates of it how the first one fared. */
  synchronized Arrival arrive(Entry entry, CompletableFuture<ItemCounts> durable) {
    Entry known = attempts.get(entry.id);
    if (known != null) {
      return known.pending == null ? new Arrival.Known() : new Arrival.Pending(known.pending);
    }
    if (claims.containsKey(entry.id)) {
      return new Arrival.Known();
    }
    entry.pending = durable;
    attempts.put(entry.id, entry);
    dropOldAttempts();
    return new Arrival.First(entry);
  }

  /** The score is durable and counted; true where it must be taken back at once. */
  synchronized boolean counted(Entry entry) {
    entry.pending = null;
    entry.state = State.COUNTED;
    if (entry.number >= 2 && strongest(entry.id, new Claim(entry.number, writer))) {
      changedClaims.add(entry.id);
    }
    return beginRetraction(entry);
  }

  /** The score did not become durable: as if it had never arrived. */
  synchronized void failed(Entry entry) {
    attempts.remove(entry.id, entry);
    entry.pending = null;
  }

  /** Takes in a claim; the entry, if any, whose score must now be taken back. */
  synchronized @Nullable Entry claimed(String id, Claim claim) {
    strongest(id, claim);
    Entry entry = attempts.get(id);
    return entry != null && beginRetraction(entry) ? entry : null;
  }

  synchronized void retracted(Entry entry) {
    entry.state = State.RETRACTED;
  }

  /** The record did not become durable: the score still counts, and the next call tries again. */
  synchronized void retractionFailed(Entry entry) {
    entry.state = State.COUNTED;
    failedRetractions.add(entry);
  }

  /** Entries to take back again after a failure, each handed out once. */
  synchronized List<Entry> retractionsToRepeat() {
    if (failedRetractions.isEmpty()) {
      return List.of();
    }
    List<Entry> due = new ArrayList<>();
    for (Entry entry : failedRetractions) {
      if (entry.state == State.COUNTED) {
        entry.state = State.RETRACTING;
        due.add(entry);
      }
    }
    failedRetractions = new ArrayList<>();
    return due;
  }

  /** This replica's claims made since the last call that still win. */
  synchronized Map<String, Claim> drainClaims() {
    Map<String, Claim> drained = new LinkedHashMap<>();
    for (String id : changedClaims) {
      Claim claim = claims.get(id);
      if (claim != null && claim.writer.equals(writer)) {
        drained.put(id, claim);
      }
    }
    changedClaims.clear();
    return drained;
  }

  synchronized Map<String, Claim> claims() {
    return new LinkedHashMap<>(claims);
  }

  /** Puts back an attempt that the log remembers; its score is counted already. */
  synchronized void restore(Entry entry, boolean retracted) {
    entry.state = retracted ? State.RETRACTED : State.COUNTED;
    attempts.remove(entry.id); // so that it becomes the newest
    attempts.put(entry.id, entry);
    dropOldAttempts();
    if (entry.number >= 2 && !retracted) {
      strongest(entry.id, new Claim(entry.number, writer));
    }
  }

  /** The log remembers that an attempt was taken back. */
  synchronized void restoreRetraction(String id) {
    Entry entry = attempts.get(id);
    if (entry != null) {
      entry.state = State.RETRACTED;
    }
  }

  /** Every attempt whose score is durable, oldest first, and whether it was taken back. */
  synchronized List<Durable> durable() {
    List<Durable> durable = new ArrayList<>(attempts.size());
    for (Entry entry : attempts.values()) {
      if (entry.state != State.PENDING) {
        durable.add(new Durable(entry, entry.state == State.RETRACTED));
      }
    }
    return durable;
  }

  private boolean beginRetraction(Entry entry) {
    Claim winner = claims.get(entry.id);
    if (entry.state != State.COUNTED || winner == null || winner.writer.equals(writer)) {
      return false;
    }
    entry.state = State.RETRACTING;
    return true;
  }

  /** Keeps the claim if it wins over the one known. */
  private boolean strongest(String id, Claim claim) {
    Claim known = claims.get(id);
    if (known != null && !claim.beats(known)) {
      return false;
    }
    claims.remove(id);
    claims.put(id, claim);
    if (claims.size() > claimsMax) {
      Iterator<String> oldest = claims.keySet().iterator();
      changedClaims.remove(oldest.next());
      oldest.remove();
    }
    return true;
  }

  /** What the log has not answered yet is never dropped. */
  private void dropOldAttempts() {
    Iterator<Entry> oldest = attempts.values().iterator();
    while (attempts.size() > attemptsMax && oldest.hasNext()) {
      State state = oldest.next().state;
      if (state == State.COUNTED || state == State.RETRACTED) {
        oldest.remove();
      }
    }
  }
}
