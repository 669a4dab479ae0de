package io.openclaw.limit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.LimitSpec;
import java.util.Objects;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * Small concurrent runs of a bucket's operations in every order of their steps (Lincheck's model
 * checker): each result must be one that some order of whole operations has.
 */
class LinearizableTest {
  private static final int BURST = 3;

  /** What one thread after the other would see, when one token is taken already. */
  public static class InOrder {
    private long tokens = BURST - 1;
    private boolean returned;

    /** Takes a token; what is left, -1 where there was none. */
    public long take() {
      return tokens == 0 ? -1 : --tokens;
    }

    /** Puts it back; once it is, there is no room for it again. */
    public void giveBack() {
      tokens += returned ? 0 : 1;
      returned = true;
    }

    /** What is left. */
    public long tokens() {
      return tokens;
    }
  }

  /** The limiter's own, at one instant. */
  public static class Bucket {
    private final Limit limit =
        Limiter.alone("a", "a#1", true, 0)
            .limit(new LimitSpec("tenant/t", LimitSpec.Level.TENANT, 1000, BURST), 1, 0);

    private final TokenBucket first = Objects.requireNonNull(limit.take(1, 0));

    /** Takes a token; what is left, -1 where there was none. */
    @Operation
    public long take() {
      TokenBucket after = limit.take(1, 0);
      return after == null ? -1 : after.tokens();
    }

    /** Puts the first one back, as far as there is room. */
    @Operation
    public void giveBack() {
      limit.giveBack(first, 1, 0);
    }

    /** What is left. */
    @Operation
    public long tokens() {
      return limit.tokens(0);
    }
  }

  /** The planted bug: a bucket that is read and then set. */
  public static class LostUpdate {
    private volatile TokenBucket bucket =
        TokenBucket.starting((BURST - 1) * Accrual.NANO, 0, Rights.nothing(1));

    /** Takes a token; what is left, -1 where there was none. */
    @Operation
    public long take() {
      TokenBucket before = bucket;
      if (before.tokens() == 0) {
        return -1;
      }
      TokenBucket after = before.spend(1);
      bucket = after;
      return after.tokens();
    }

    /** What is left. */
    @Operation
    public long tokens() {
      return bucket.tokens();
    }
  }

  private static ModelCheckingOptions orders() {
    return new ModelCheckingOptions()
        .iterations(10)
        .invocationsPerIteration(500)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(3)
        .actorsAfter(1)
        .sequentialSpecification(InOrder.class);
  }

  @Test
  void a_bucket_behaves_as_if_one_thread_came_after_the_other() {
    orders().check(Bucket.class);
  }

  @Test
  void an_update_that_is_lost_is_found() {
    assertThatThrownBy(() -> orders().check(LostUpdate.class))
        .isInstanceOf(LincheckAssertionError.class);
  }
}
