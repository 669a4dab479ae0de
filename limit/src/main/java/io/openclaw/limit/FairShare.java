package io.openclaw.limit;

import java.util.Arrays;

/**
 * Who should hold how many blocks of a limit: weighted max-min fairness over what regions are asked
 * for, with the fewest moves from what they hold.
 *
 * <p>Max-min: nobody gets more than it wants while another gets less than it wants and less than
 * the first. Source: Bertsekas and Gallager, "Data Networks", section 6.5.2.
 */
final class FairShare {
  private FairShare() {}

  /**
   * The targets; they sum to what is held.
   *
   * @param held the blocks each region holds now
   * @param wanted the blocks each could use
   */
  static int[] targets(int[] held, int[] wanted) {
    int capacity = Arrays.stream(held).sum();
    long want = Arrays.stream(wanted).asLongStream().sum();
    int[] target = new int[held.length];
    if (want <= capacity) {
      // Everybody gets what it wants; the rest stays where it is as far as that goes.
      int spare = capacity - (int) want;
      for (int i = 0; i < held.length; i++) {
        int kept = Math.min(spare, Math.max(0, held[i] - wanted[i]));
        target[i] = wanted[i] + kept;
        spare -= kept;
      }
      return target;
    }
    int left = capacity;
    boolean[] done = new boolean[held.length];
    int open = held.length;
    while (open > 0) {
      int level = left / open;
      boolean settled = false;
      for (int i = 0; i < held.length; i++) {
        if (!done[i] && wanted[i] <= level) {
          target[i] = wanted[i];
          left -= wanted[i];
          done[i] = true;
          open--;
          settled = true;
        }
      }
      if (!settled) {
        level(held, target, done, left, open);
        return target;
      }
    }
    return target;
  }

  /** Equal parts for all that want more; the odd blocks to those that hold the most already. */
  private static void level(int[] held, int[] target, boolean[] done, int left, int open) {
    int level = left / open;
    int odd = left % open;
    for (int i = 0; i < held.length; i++) {
      if (!done[i]) {
        target[i] = level;
      }
    }
    for (; odd > 0; odd--) {
      int most = -1;
      for (int i = 0; i < held.length; i++) {
        if (!done[i] && (most < 0 || held[i] > held[most])) {
          most = i;
        }
      }
      target[most]++;
      done[most] = true;
    }
  }
}
