package io.openclaw.limit;

import java.util.Arrays;
import java.util.List;

/**
 * Limits that must all agree on a request: one, which is its own nest, or several from the
 * outermost to the innermost. Immutable.
 */
public sealed interface Nest permits Limit, Nest.Several {
  /** How many limits, 0 or more. */
  int size();

  /** One of them, the outermost first. */
  Limit limit(int index);

  /** These limits, in this order. */
  static Nest of(List<Limit> limits) {
    return limits.size() == 1 ? limits.getFirst() : new Several(limits.toArray(new Limit[0]));
  }

  /** These limits, and another within them. */
  default Nest with(Limit innermost) {
    if (size() == 0) {
      return innermost;
    }
    Limit[] limits = new Limit[size() + 1];
    Arrays.setAll(limits, i -> i < size() ? limit(i) : innermost);
    return new Several(limits);
  }

  /** None, or more than one. */
  final class Several implements Nest {
    private final Limit[] limits;

    private Several(Limit[] limits) {
      this.limits = limits;
    }

    @Override
    public int size() {
      return limits.length;
    }

    @Override
    public Limit limit(int index) {
      return limits[index];
    }
  }
}
