package io.openclaw.edge;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Fact;
import io.openclaw.domain.FactTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tries that a router makes of one client's request, so that its tokens are spent once, where
 * regions hear of each other.
 *
 * <p>A region that admits a try after the first says so. A region that admitted an earlier try of
 * the same request, and has not answered it, gives its tokens back and answers it no more; one that
 * has yet to read it, as after a freeze, refuses it and spends nothing. What was answered stays
 * spent: else whoever numbers its own requests would rate two for the tokens of one. Where nothing
 * was rated the tokens go back here, whatever the others say.
 *
 * <p>Remembers {@link #SPENT_MAX} admitted tries, where a newer one may take an older one's place,
 * and {@link #CLAIMS_MAX} later ones, each for {@link #KEPT_NANOS}, twice a router's deadline; what
 * is forgotten stays spent. Thread-safe; the request's path takes no lock.
 */
public final class Tries implements FactTable {
  static final int SPENT_MAX = 1 << 16;
  static final int CLAIMS_MAX = 1 << 14;
  static final long KEPT_NANOS = 20_000_000_000L;

  private static final int ID_LENGTH_MAX = 200;
  private static final int NUMBER_MAX = 1_000;
  private static final byte[] NOTHING = {};

  /** A try that was admitted. */
  static final class Spent {
    private static final int OPEN = 0;
    private static final int ANSWERED = 1;
    private static final int TAKEN_BACK = 2;

    private final String id;
    private final int number;
    private final long atNanos;
    private final Runnable giveBack;
    private final AtomicInteger state = new AtomicInteger(OPEN);

    Spent(String id, int number, long atNanos, Runnable giveBack) {
      this.id = id;
      this.number = number;
      this.atNanos = atNanos;
      this.giveBack = giveBack;
    }

    /** Whether it may be answered; its tokens stay spent then. */
    boolean answer() {
      return state.compareAndSet(OPEN, ANSWERED);
    }

    /** Whether its tokens went back now; they do once. */
    boolean takeBack() {
      boolean unanswered = state.compareAndSet(OPEN, TAKEN_BACK);
      if (unanswered) {
        giveBack.run();
      }
      return unanswered;
    }
  }

  /** The highest try of a request that is known. */
  private record Claim(int number, long atNanos) {}

  private final Clock clock;
  private final AtomicReferenceArray<@Nullable Spent> spent = new AtomicReferenceArray<>(SPENT_MAX);
  private final Map<String, Claim> claims = new LinkedHashMap<>();
  private final Set<String> untold = new HashSet<>();
  private volatile boolean hasClaims;
  private final LongAdder takenBack = new LongAdder();

  public Tries(Clock clock) {
    this.clock = clock;
  }

  /** Whether a later try of the request was admitted somewhere. */
  boolean isLate(String id, int number) {
    if (!hasClaims) {
      return false;
    }
    synchronized (this) {
      Claim claim = claims.get(id);
      return claim != null && claim.number() > number;
    }
  }

  /**
   * A try was admitted.
   *
   * @param giveBack gives its tokens back
   */
  Spent admitted(String id, int number, Runnable giveBack) {
    long now = clock.nanoTime();
    Spent made = new Spent(id, number, now, giveBack);
    Spent before = spent.getAndSet(slot(id), made);
    if (number > 1) {
      if (before != null && before.id.equals(id) && before.number < number) {
        takeBack(before);
      }
      synchronized (this) {
        if (claim(id, number, now)) {
          untold.add(id);
        }
      }
    } else if (isLate(id, number)) { // heard between the question and the answer
      takeBack(made);
    }
    return made;
  }

  private void takeBack(Spent earlier) {
    if (earlier.takeBack()) {
      takenBack.increment();
    }
  }

  /** Tries whose tokens were given back. */
  public long takenBack() {
    return takenBack.sum();
  }

  private static int slot(String id) {
    int hash = id.hashCode();
    return (hash ^ hash >>> 16) & (SPENT_MAX - 1);
  }

  /** Whether it is the highest. */
  private boolean claim(String id, int number, long now) {
    Claim known = claims.get(id);
    if (known != null && known.number() >= number) {
      return false;
    }
    claims.remove(id); // so that it is the newest
    claims.put(id, new Claim(number, now));
    forget(now);
    hasClaims = true;
    return true;
  }

  private void forget(long now) {
    Iterator<Map.Entry<String, Claim>> oldest = claims.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<String, Claim> next = oldest.next();
      boolean isOld = now - next.getValue().atNanos() >= KEPT_NANOS;
      if (!isOld && claims.size() <= CLAIMS_MAX) {
        break;
      }
      untold.remove(next.getKey()); // a node without a mesh tells nobody
      oldest.remove();
    }
    hasClaims = !claims.isEmpty();
  }

  @Override
  public String name() {
    return "tries";
  }

  /** Claims that other regions are yet to be told of. */
  synchronized int untold() {
    return untold.size();
  }

  @Override
  public synchronized void drainChanges(Consumer<Fact> sink) {
    for (String id : untold) {
      Claim claim = claims.get(id);
      if (claim != null) {
        sink.accept(fact(id, claim));
      }
    }
    untold.clear();
  }

  @Override
  public void all(Consumer<Fact> sink) {
    List<Fact> facts = new ArrayList<>();
    synchronized (this) {
      forget(clock.nanoTime());
      claims.forEach((id, claim) -> facts.add(fact(id, claim)));
    }
    facts.forEach(sink);
  }

  private Fact fact(String id, Claim claim) {
    return new Fact.Register(name(), id, claim.number(), NOTHING);
  }

  @Override
  public void merge(Fact fact) {
    if (!(fact instanceof Fact.Register register)
        || fact.key().isEmpty()
        || fact.key().length() > ID_LENGTH_MAX
        || register.version() < 2
        || register.version() > NUMBER_MAX) {
      throw new IllegalArgumentException("not a try: " + fact.key());
    }
    int number = (int) register.version();
    long now = clock.nanoTime();
    synchronized (this) {
      if (!claim(fact.key(), number, now)) {
        return;
      }
    }
    Spent own = spent.get(slot(fact.key()));
    if (own != null
        && own.id.equals(fact.key())
        && own.number < number
        && now - own.atNanos < KEPT_NANOS) {
      takeBack(own);
    }
  }
}
