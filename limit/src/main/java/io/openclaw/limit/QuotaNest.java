package io.openclaw.limit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Quotas that must all agree on a request, from the outermost to the innermost; may be none.
 * Immutable.
 */
public final class QuotaNest {
  /** None: everything is admitted. */
  public static final QuotaNest NONE = new QuotaNest(new Quota[0]);

  private static final Taken NOTHING = new Taken(NONE, new @Nullable QuotaBook[0], 0);

  private final Quota[] quotas;

  private QuotaNest(Quota[] quotas) {
    this.quotas = quotas;
  }

  /** These quotas, in this order. */
  public static QuotaNest of(List<Quota> quotas) {
    return quotas.isEmpty() ? NONE : new QuotaNest(quotas.toArray(new Quota[0]));
  }

  /** These quotas, and another within them. */
  public QuotaNest with(Quota innermost) {
    Quota[] more = java.util.Arrays.copyOf(quotas, quotas.length + 1);
    more[quotas.length] = innermost;
    return new QuotaNest(more);
  }

  public int size() {
    return quotas.length;
  }

  public Quota quota(int index) {
    return quotas[index];
  }

  /** What became of a request's wish to spend. */
  public sealed interface Outcome permits Taken, Denied {}

  /** Every quota agreed, and its tokens are spent. */
  public static final class Taken implements Outcome {
    private final QuotaNest nest;
    private final @Nullable QuotaBook[] books; // null where a dry run would deny
    private final long cost;

    private Taken(QuotaNest nest, @Nullable QuotaBook[] books, long cost) {
      this.nest = nest;
      this.books = books;
      this.cost = cost;
    }

    /** Gives all back, to the windows they were taken from: nothing was done for the request. */
    public void giveBack() {
      for (int i = 0; i < books.length; i++) {
        QuotaBook book = books[i];
        if (book != null) {
          nest.quotas[i].giveBack(book, cost);
        }
      }
    }
  }

  /**
   * One quota said no, and nothing was spent of any.
   *
   * @param by the quota that said no
   * @param cost what it was asked for
   */
  public record Denied(Quota by, long cost) implements Outcome {}

  /** Spends {@code cost} tokens of every quota, or of none. */
  public Outcome take(long cost) {
    if (quotas.length == 0) {
      return NOTHING;
    }
    @Nullable QuotaBook[] books = new @Nullable QuotaBook[quotas.length];
    for (int i = 0; i < quotas.length; i++) {
      books[i] = quotas[i].take(cost);
      if (books[i] == null && !quotas[i].spec().dryRun()) {
        new Taken(this, books, cost).giveBack();
        return new Denied(quotas[i], cost);
      }
    }
    return new Taken(this, books, cost);
  }
}
