package io.openclaw.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What this region may have borrowed of limits in mode {@code bounded}, on disk before it is used
 * and repaid before anything else is spent: so that a restart forgets no debt.
 *
 * <p>A debt is noted whole, as the limit's overdraft, when the limit runs dry, and taken off when
 * it is repaid. {@link #wanted} may be called by any thread; the rest by one at a time.
 */
public final class Debts {
  /** Where the notes are kept; a port. */
  public interface Store {
    /**
     * Replaces all notes; durable when this returns.
     *
     * @param tokens the most that may be owed, by the limit's id
     */
    void save(Map<String, Long> tokens) throws java.io.IOException;
  }

  private final Store store;
  private final Map<String, Long> noted;
  private final ConcurrentMap<String, Limit> wanted = new ConcurrentHashMap<>();
  private final Map<String, Limit> open = new TreeMap<>();
  private final ConcurrentMap<String, Limit> owing = new ConcurrentHashMap<>();

  /**
   * The debts of a region that starts.
   *
   * @param noted what its former life may have owed
   */
  public Debts(Store store, Map<String, Long> noted) {
    this.store = store;
    this.noted = new TreeMap<>(noted);
  }

  /** A limit of a region that starts: it owes what its former life may have. */
  void begins(Limit limit) {
    Long tokens = noted.get(limit.spec().id());
    if (tokens != null) {
      limit.owe(tokens);
      owing.put(limit.spec().id(), limit);
    }
  }

  void wanted(Limit limit) {
    wanted.putIfAbsent(limit.spec().id(), limit);
  }

  /** Whether {@link #settle} has something to do. */
  public boolean isDue() {
    return !wanted.isEmpty() || !open.isEmpty() || !owing.isEmpty();
  }

  /**
   * Notes the debts that are wanted and then allows them; takes off those that are repaid.
   *
   * @throws java.io.IOException where they could not be written: nothing more may be borrowed
   */
  public void settle(long nowNanos) throws java.io.IOException {
    Map<String, Long> next = new TreeMap<>(noted);
    owing.values().removeIf(limit -> isRepaid(limit, next, nowNanos));
    open.values().removeIf(limit -> isOver(limit, next, nowNanos));
    List<Limit> begun = new ArrayList<>(wanted.values());
    wanted.values().removeAll(begun);
    begun.removeIf(limit -> owing.containsKey(limit.spec().id())); // that is repaid first
    for (Limit limit : begun) {
      next.merge(limit.spec().id(), limit.spec().overdraft(), Math::max);
    }
    if (!next.equals(noted)) {
      store.save(next);
      noted.clear();
      noted.putAll(next);
    }
    for (Limit limit : begun) {
      limit.overdraft(limit.spec().overdraft());
      open.put(limit.spec().id(), limit);
    }
  }

  /** Whether a former life's debt is repaid; then its note goes. */
  private static boolean isRepaid(Limit limit, Map<String, Long> notes, long nowNanos) {
    boolean repaid = limit.debt(nowNanos) == 0;
    if (repaid) {
      notes.remove(limit.spec().id());
    }
    return repaid;
  }

  /**
   * Whether a debt is over. First nothing more may be borrowed; only the next time, when every
   * thread has seen that, is it believed that nothing is owed.
   */
  private boolean isOver(Limit limit, Map<String, Long> notes, long nowNanos) {
    if (limit.debt(nowNanos) > 0 || wanted.containsKey(limit.spec().id())) {
      return false;
    }
    boolean over = limit.overdraft() == 0;
    limit.overdraft(0);
    if (over) {
      notes.remove(limit.spec().id());
    }
    return over;
  }
}
